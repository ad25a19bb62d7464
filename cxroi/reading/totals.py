"""Rows of totals: an amount that is the sum of all others, or of those above, in its column."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import duckdb

from ..engine.quoting import ident, one_row, text
from ..errors import DataError
from ..study.declared import Study
from .columns.ids import TOTALS
from .sources.row_places import data_rows
from .staging import Cell, Stage
from .status_columns import toml_key

_FEWEST = 5  # other rows above zero, of which one is the sum by no accident
_SHOWN = 5  # rows and ids that a refusal names
_LOOKED_AT = 1_000_000  # rows, in which a habit of an export shows
_GAP = r"[\s:._–-]+"
_NEAR = 1e-5  # of the sum, as it is written with fewer digits than what it sums up


def refuse_totals(
    connection: duckdb.DuckDBPyConnection, study: Study, stage: Stage
) -> Iterator[DataError]:
    """Yield the columns of amounts and counts that hold the sum of all their other rows.

    Rows that are set aside for another column count among the others, as they do in the file.
    A row whose id names a total, such as `North total`, is held against the rows above it.
    """
    kept = f"FROM {ident(f'typed {stage.role}')} WHERE (fate = 0 OR fate > {len(stage.reasons)})"
    for name, column in _summed(study, stage).items():
        x = ident(name)
        if subtotal := _subtotals(connection, stage, x, stage.cells[column]):
            yield subtotal
            return
        total, most = one_row(connection, f"SELECT sum({x}), max({x}) {kept}")
        if not most or most <= 0 or abs(total - 2 * most) > _NEAR * most:
            continue
        held = f"{x} = {most!r}::DOUBLE"
        n, above, row = one_row(
            connection,
            f"SELECT count(*) FILTER ({held}), count(*) FILTER ({x} > 0), "
            f"min(row) FILTER ({held} AND fate = 0) {kept}",
        )
        if n == 1 and above > _FEWEST and row is not None:
            customer = toml_key(stage.source.columns.get("customer", column))
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


def _subtotals(
    connection: duckdb.DuckDBPyConnection, stage: Stage, x: str, cell: Cell
) -> DataError | None:
    """Return the refusal of rows that are called a total and are the sum of those above them."""
    key = "id" if stage.role == "orders" else "customer"
    if key not in stage.source.columns:
        return None
    words = "|".join(map(re.escape, TOTALS))
    named = text(f"^(?:{words})(?:{_GAP}|$)|{_GAP}(?:{words})[:.]?$")
    looked = (
        f"SELECT row, {x} AS x, fate, {key} AS named, coalesce(regexp_matches(lower({key}), "
        f"{named}), false) AS total FROM {ident(f'typed {stage.role}')} "
        f"WHERE fate = 0 OR fate > {len(stage.reasons)} LIMIT {_LOOKED_AT}"
    )
    if not one_row(connection, f"SELECT count(*) FILTER (total) FROM ({looked})")[0]:
        return None
    found = connection.execute(
        "SELECT min(row) FILTER (total) + 1, min(named) FILTER (total) "
        "FROM (SELECT *, count(*) FILTER (total) OVER (ORDER BY row DESC) AS block "
        f"FROM ({looked})) GROUP BY block HAVING count(*) FILTER (x <> 0 AND NOT total) > 1 "
        "AND min(fate) FILTER (total) = 0 AND abs(sum(x) FILTER (NOT total) - min(x) "
        f"FILTER (total)) <= {_NEAR} * abs(min(x) FILTER (total)) ORDER BY 1"
    ).fetchall()
    if not found:
        return None
    ids = json.dumps(list(dict.fromkeys(name for _, name in found))[:_SHOWN], ensure_ascii=False)
    return DataError(
        f"{cell} holds in {data_rows(stage.scan, [row for row, _ in found[:_SHOWN]])} "
        f"({len(found):,} in all) the sum of the rows above, as subtotals do",
        "every row is of one customer" if key == "customer" else "every row is an order or a line",
        f"Delete those rows, or leave them out: drop = {{{toml_key(stage.source.columns[key])} = "
        f"{ids}}}",
    )
