"""Lines that say the money of an order twice: net and gross, or single lines and their total."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ..engine.quoting import one_row
from ..errors import DataError
from .columns.shares import percent
from .staging import Cell

NEARLY, ENOUGH = 0.95, 10  # share and least count of orders that show a habit
LOOKED_AT = 1_000_000  # rows, in which a habit of an export shows
_MOST_LINES = 40  # of an order; a guest account or a wholesaler has more
_LARGEST = 1.3  # gross by net: no tax on sales is above 27 %
_RATES = 3  # of one table: standard, reduced, further reduced
_DIFFERENT = 5  # totals; a shop of a few prices meets any ratio
_CENT, _ROUNDED = 0.011, 0.0006  # what is lost by rounding: of an amount, and of a ratio's share


def refuse_counted_twice(connection: duckdb.DuckDBPyConnection, cell: Cell, of: str) -> None:
    """Refuse amounts that would add up to twice what orders are worth.

    Nearly all orders of several lines have a line that is the sum of the others (net, tax and
    gross; lines and their total), or lines that stand in one of few ratios to one another (net
    and gross).

    Parameters
    ----------
    cell
        The column of amounts.
    of
        Columns of ``clean_orders`` that lines of one order share.

    Raises
    ------
    DataError
        As above; with the ratios that were found.
    """
    positive = "FILTER (amount > 0)"
    connection.execute(
        f"CREATE TEMP TABLE order_amounts AS SELECT list(amount) {positive} AS held, "
        f"max(amount) AS most, sum(amount) AS net, sum(amount) {positive} AS gross "
        f"FROM (SELECT * FROM clean_orders LIMIT {LOOKED_AT}) GROUP BY {of} "
        f"HAVING count(*) {positive} BETWEEN 2 AND {_MOST_LINES}"
    )
    ratios = [
        ratio
        for (ratio,) in connection.execute(
            "SELECT round(most / one, 3) AS ratio FROM (SELECT most, unnest(held) AS one "
            f"FROM order_amounts) WHERE ratio > 1 AND ratio <= {_LARGEST} GROUP BY ratio "
            f"ORDER BY count(*) DESC, ratio LIMIT {_RATES}"
        ).fetchall()
    ]
    several, twice, summed, different = one_row(
        connection,
        "SELECT count(*), count(*) FILTER (summed OR paired), count(*) FILTER (summed), "
        "count(DISTINCT most) FILTER ((summed OR paired) AND most > list_min(held)) "
        f"FROM (SELECT *, {_summed()} AS summed, {_paired(ratios)} AS paired FROM order_amounts)",
    )
    connection.execute("DROP TABLE order_amounts")
    if several >= ENOUGH and twice >= NEARLY * several and different >= _DIFFERENT:
        raise _twice(cell, several, twice, summed, ratios)


def some_rows(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Return the SQL of up to about a million rows of a table, evenly spread, by its column row."""
    [rows] = one_row(connection, f"SELECT count(*) FROM {table}")
    return f"(SELECT * FROM {table} WHERE row % {rows // LOOKED_AT + 1} = 0)"


def _summed() -> str:
    """Return the SQL of whether a line is the sum of the others, refunds counted or not."""
    return " OR ".join(f"abs(2 * most - {total}) <= {_CENT}" for total in ("net", "gross"))


def _paired(ratios: Sequence[float]) -> str:
    """Return the SQL of whether half of the lines have another that is one of the ratios higher."""
    near = " OR ".join(
        f"abs(other - {ratio} * one) <= {_CENT} + {_ROUNDED} * other" for ratio in ratios
    )
    partner = f"len(list_filter(held, lambda other: {near or 'false'})) > 0"
    return f"2 * len(list_filter(held, lambda one: {partner})) >= len(held)"


def _twice(cell: Cell, several: int, twice: int, summed: int, ratios: Sequence[float]) -> DataError:
    how = []
    if summed:
        how.append(f"one line is the sum of the others ({summed:,} orders)")
    if twice > summed:
        times = " or ".join(f"{ratio:g}" for ratio in ratios)
        how.append(f"lines are {times} times another ({twice - summed:,} orders)")
    return DataError(
        f"{cell} seems to say the money of an order twice in {twice:,} of {several:,} orders of "
        f"several lines ({percent(twice, several)}): {', or '.join(how)}",
        "lines of an order add up to what was paid; net and gross, or lines and their total, add "
        "up to about twice that",
        "Keep one kind of rows with keep or drop, by the column that tells them apart, or add "
        'lines = "each" to [tables.orders] if every line was paid',
    )
