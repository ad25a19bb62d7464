"""Rows of which something ended, or was answered, before it began."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from ..engine.quoting import one_row
from .columns.shares import share
from .staging import Stage

# Of each table when a thing began, and what can only come after.
_AFTER = {
    "carts": ("created_at", ("bought_at",)),
    "tasks": ("started_at", ("completed_at",)),
    "tickets": ("opened_at", ("first_response_at", "resolved_at")),
    "prospects": ("first_seen_at", ("became_customer_at",)),
    "invitations": ("event_at", ("invited_at",)),
    "rating_invitations": ("event_at", ("invited_at",)),
}


def warn_of_reversed(
    connection: duckdb.DuckDBPyConnection, stage: Stage
) -> Iterator[tuple[str, int, str]]:
    """Yield a warning for each column of times that lie before what they can only follow.

    A midnight may be a day without its time, and is compared as a day.
    """
    began, followers = _AFTER.get(stage.role, ("", ()))
    columns = stage.source.columns
    for after in followers if began in columns else ():
        if after not in columns:
            continue
        day = f"date_trunc('day', {began})"
        bare = f"{after} = date_trunc('day', {after}) AND {after} >= {day}"
        both, wrong = one_row(
            connection,
            f"SELECT count(*), count(*) FILTER ({after} < {began} AND NOT ({bare})) "
            f"FROM clean_{stage.role} WHERE {began} IS NOT NULL AND {after} IS NOT NULL",
        )
        if wrong:
            cells = (stage.cells[columns[name]] for name in (after, began))
            later, earlier = (cell.column for cell in cells)
            yield (
                "warning",
                int(wrong),
                f"{share(wrong, both)} of {stage.role} have a time in {later!r} before that in "
                f"{earlier!r}: are the columns exchanged, or times of two clocks? They count as "
                "they are",
            )
