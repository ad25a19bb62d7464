"""Rows of totals that no word tells: an amount that is the sum of all others in its column."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from ..engine.quoting import ident, one_row
from ..errors import DataError
from ..study.declared import Study
from .sources.row_places import data_rows
from .staging import Stage
from .status_columns import toml_key

_FEWEST = 5  # other rows above zero, of which one is the sum by no accident
_NEAR = 1e-5  # of the sum, as it is written with fewer digits than what it sums up


def refuse_totals(
    connection: duckdb.DuckDBPyConnection, study: Study, stage: Stage
) -> Iterator[DataError]:
    """Yield the columns of amounts and counts that hold the sum of all their other rows.

    Rows that are set aside for another column count among the others, as they do in the file.
    """
    kept = f"FROM {ident(f'typed {stage.role}')} WHERE (fate = 0 OR fate > {len(stage.reasons)})"
    for name, column in _summed(study, stage).items():
        x = ident(name)
        total, most = one_row(connection, f"SELECT sum({x}), max({x}) {kept}")
        if not most or most <= 0 or abs(total - 2 * most) > _NEAR * most:
            continue
        held = f"{x} = {most!r}::DOUBLE"
        n, above, row = one_row(
            connection,
            f"SELECT count_if({held}), count_if({x} > 0), "
            f"min(row) FILTER ({held} AND fate = 0) {kept}",
        )
        if n == 1 and above > _FEWEST and row is not None:
            customer = toml_key(stage.source.columns["customer"])
            yield DataError(
                f"{stage.cells[column]} holds in {data_rows(stage.scan, [row + 1])} the sum of all "
                "its other rows, as a row of totals does",
                "every row is of one customer",
                f"Delete that row, or leave it out by its id: drop = {{{customer} = [...]}}",
            )
            return


def _summed(study: Study, stage: Stage) -> dict[str, str]:
    """Return the columns that add up: name when typed -> name in the source."""
    if stage.role == "orders":
        return {"amount": stage.source.columns["amount"]}
    if stage.role != "customers":
        return {}
    return {
        f"{outcome.name}_{side}": column
        for outcome in study.outcomes
        for side, column in (("after", outcome.column), ("before", outcome.baseline))
        if outcome.kind in ("amount", "count") and column
    }
