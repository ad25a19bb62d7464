"""Subscriptions that end before they begin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

import duckdb

from ..engine.quoting import ident, one_row
from ..errors import DataError
from .columns.date_bounds import EARLIEST
from .columns.numbers import Typed
from .columns.shares import LIMIT, percent, share
from .staging import Stage

_MANY, _ENOUGH = 0.05, 10  # share and count of those of no length, of which a reader is told
_OF_PERIODS = re.compile(
    r"period_?end|renew|next_?(?:billing|payment|charge|invoice)|billed_?until|"
    r"paid_?(?:through|until|to)|bezahlt_?bis|trial_?end|perioden?_?ende|"
    r"nächste_?(?:zahlung|rechnung)"
)
_REVERSED = "ends on a day before it begins"


def ends_after_start(columns: list[Typed]) -> list[Typed]:
    """Return the columns of subscriptions, those that end before they begin set aside.

    Days are compared: where a date has no time of day, a subscription may begin and end on one.
    """
    named = {column.name: column.sql for column in columns}
    if not {"started_at", "cancelled_at"} <= set(named):
        return columns
    ended = f"({named['cancelled_at']})::DATE"
    fault = f"{ended} >= DATE '{EARLIEST}' AND {ended} < ({named['started_at']})::DATE"
    return [
        replace(column, faults=(*column.faults, (fault, _REVERSED)))
        if column.name == "cancelled_at"
        else column
        for column in columns
    ]


def refuse_reversed(
    connection: duckdb.DuckDBPyConnection, stage: Stage, entries: Iterable[tuple[str, int, str]]
) -> Iterator[DataError]:
    """Refuse more than 1 % of subscriptions that end before they begin."""
    reversed_ = sum(rows for _, rows, reason in entries if reason == _REVERSED)
    if not reversed_:
        return
    typed = ident(f"typed {stage.role}")
    condition = "fate > 0 AND cancelled_at::DATE < started_at::DATE"
    rows = connection.execute(
        f"SELECT row + 1, (SELECT count(*) FROM {typed}) FROM {typed} WHERE {condition} "
        "ORDER BY row LIMIT 5"
    ).fetchall()
    if reversed_ <= LIMIT * rows[0][1]:
        return
    begin, end = (
        stage.cells[stage.source.columns[k]].column for k in ("started_at", "cancelled_at")
    )
    first = ", ".join(f"{row:,}" for row, _ in rows)
    yield DataError(
        f"[tables.{stage.role}] holds subscriptions whose {end!r} is before their {begin!r} "
        f"({share(reversed_, rows[0][1])}), first in data rows {first}",
        "a subscription ends on the day it begins or later",
        "Are the two columns, or day and month in them, the wrong way round? Mend the file, or "
        "leave those rows out with drop",
    )


def warn_of_no_length(
    connection: duckdb.DuckDBPyConnection, stage: Stage
) -> Iterator[tuple[str, int, str]]:
    """Yield a warning of many subscriptions that end on the very day they begin."""
    rows, same = one_row(
        connection,
        "SELECT count(*), count(*) FILTER (cancelled_at::DATE = started_at::DATE) "
        f"FROM clean_{stage.role}",
    )
    if same >= _ENOUGH and same > _MANY * rows:
        reason = (
            f"{same:,} of {rows:,} subscriptions ({percent(same, rows)}) end on the day they "
            "begin, and nobody holds them: if that day stands for no end, blank it"
        )
        yield "warning", int(same), reason


def warn_of_period_ends(
    connection: duckdb.DuckDBPyConnection, stage: Stage, until: date | None
) -> Iterator[tuple[str, int, str]]:
    """Yield a warning where ends seem to be those of paid periods, which active ones have too."""
    cell = stage.cells[stage.source.columns["cancelled_at"]]
    still = f"cancelled_at IS NULL OR cancelled_at::DATE > DATE '{until}'" if until else "true"
    rows, open_ = one_row(
        connection, f"SELECT count(*), count(*) FILTER ({still}) FROM clean_{stage.role}"
    )
    by_name = _OF_PERIODS.search(re.sub(r"[\W_]+", "_", cell.column).casefold())
    if by_name or (until and rows >= _ENOUGH and not open_):
        found = (
            "sounds like the end of a period that is paid"
            if by_name
            else (f"ends every one of {rows:,} subscriptions by complete_until, and none goes on")
        )
        reason = (
            f"{cell} {found}: a subscription that renews, or is active at the extract, would count "
            "as lost on that day. Declare the day on which it was cancelled, blank where it was not"
        )
        yield "warning", int(rows), reason
