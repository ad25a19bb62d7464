"""Order lines: what an order is worth, its lines joined, and whether it is a purchase at all.

A row that is not above zero is no purchase: a refund, a line for nothing, an order whose lines of
the day net to nothing. With order numbers a refund also undoes the order whose number it has, from
the moment at which all that is booked under that number by then nets to zero or less. So a window
knows of refunds up to its end and of none after it: what is refunded after the answer was a
purchase before it. Without numbers every row stands for itself. Spend is netted in either case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from ..engine.quoting import ident, one_row
from ..errors import DataError
from .columns.numbers import Typed
from .columns.probe import Probe
from .columns.shares import LIMIT, percent, share
from .columns.units import in_units
from .counted_twice import ENOUGH, LOOKED_AT, NEARLY, refuse_counted_twice
from .sources.scan import Scan
from .staging import Cell, Stage

Entry = tuple[str, int, str]
# What tells two events apart.
_EVENT = {
    "orders": ("customer", "ordered_at", "amount"),
    "contacts": ("customer", "opened_at"),
    "returns": ("customer", "returned_at"),
}
_JOINED = "further lines of an order, added up into its first"
_ONCE = "further lines of an order, whose total is on each and counts once"
_REPEATS = 0.1  # share of orders without a number that repeat another, to be asked about
_WORTH = "round(amount, 6)"  # what is left of sums of cents is no amount


def priced(probe: Probe, stage: Stage, columns: Sequence[Typed], currency: str) -> list[Typed]:
    """Take prices times quantities, and cents as whole units.

    Raises
    ------
    DataError
        Rows in which both price and quantity are below zero.
    """
    held = {column.name: column for column in columns}
    amount, quantity = held["amount"], held.get("quantity")
    if quantity:
        [twice] = probe.ask(f"count(*) FILTER ({amount.sql} < 0 AND {quantity.sql} < 0)")
        if twice:
            raise DataError(
                f"{stage.cells[stage.source.columns['amount']]} and its quantity are both below "
                f"zero ({share(twice, amount.held)})",
                "of goods returned one of them is, or their product is a purchase",
                "Drop those rows, or declare the column of the line's own total as amount and no "
                "quantity",
            )
        sql = f"({amount.sql}) * ({quantity.sql})"
        # A blank quantity, which sets the row aside, blanks the amount too.
        amount = replace(amount, sql=sql, read=None, faults=(*amount.faults, *quantity.faults))
        amount = replace(amount, repaired=(*amount.repaired, *quantity.repaired))
    amount = in_units(amount, stage.source.columns["amount"], stage.source.amount_in, currency)
    return [
        amount if column.name == "amount" else column
        for column in columns
        if column.name != "quantity"
    ]


def join_lines(
    connection: duckdb.DuckDBPyConnection, stage: Stage, columns: list[Typed]
) -> list[Entry]:
    """Add up the lines of one order and day; orders without a number stand alone.

    Leaves in ``clean_orders`` a column ``undone_at``: the moment from which on a row is no
    purchase, which is its own where it never was one; null where it stays one.

    Raises
    ------
    DataError
        Nearly all orders of several lines hold the same amount on each, or say what they are
        worth twice, and nobody says what that is; or lines declared to hold the total of their
        order differ.
    """
    numbered = "id" in stage.source.columns
    if not numbered and not stage.source.lines:
        _refuse_repeats(connection, _amount(stage))
    entries = _joined(connection, stage, columns) if numbered else []
    return entries + _purchases(connection, numbered)


def repeated(
    connection: duckdb.DuckDBPyConnection, role: str, scan: Scan, stage: Stage
) -> list[Entry]:
    """Tell of rows of an event table that repeat another word for word, unread columns too."""
    dropped = stage.source.duplicates == "drop"
    if dropped or not scan.whole or not stage.stored or stage.kind == "TABLE":
        return []
    keys = [column for key, column in stage.source.columns.items() if key in _EVENT[role]]
    lines = ", ".join(scan.column(name).sql for name in keys)
    alike = one_row(
        connection, f"SELECT count(*) - count(DISTINCT hash({lines})) FROM {scan.relation}"
    )[0]
    if not alike:
        return []
    lost = one_row(
        connection,
        f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT *, count(*) AS n FROM {scan.whole} "
        "GROUP BY ALL)",
    )[0]
    what = "order lines" if role == "orders" else f"rows of {role}"
    one = "order line" if role == "orders" else f"row of {role}"
    repeats = f"{one} repeats another" if lost == 1 else f"{what} repeat another"
    reason = (
        f"{int(lost):,} {repeats} word for word: exported twice? duplicates = 'drop' in "
        f"[tables.{role}] sets such rows aside"
    )
    return [("warning", int(lost), reason)] if lost else []


def _joined(
    connection: duckdb.DuckDBPyConnection, stage: Stage, columns: list[Typed]
) -> list[Entry]:
    before, held, numbers = one_row(
        connection,
        "SELECT count(*), count(id), count(DISTINCT hash(id)) FILTER (id IS NOT NULL) "
        "FROM clean_orders",
    )
    if held == numbers:
        return []
    _refuse_totals(connection, stage)
    once = stage.source.lines == "total"
    _join(connection, columns, once)
    after, apart = one_row(
        connection,
        "SELECT count(*), "
        "count(*) FILTER (bought) - count(DISTINCT hash(customer, id)) FILTER (bought) "
        f"FROM (SELECT *, {_WORTH} > 0 AND id IS NOT NULL AS bought FROM joined_orders)",
    )
    entries = [("set aside", int(before - after), _ONCE if once else _JOINED)]
    if apart:
        reason = (
            f"{apart:,} further rows of an order are of another day than its first: "
            "counted as orders of their own"
        )
        entries.append(("warning", int(apart), reason))
    return entries


def _join(connection: duckdb.DuckDBPyConnection, columns: list[Typed], once: bool) -> None:
    """Join the lines of an order and day; or, where each holds its total, of any day.

    Refunds are of their own day in either case.
    """
    others = [c.name for c in columns if c.name not in ("customer", "id", "amount", "ordered_at")]
    rest = "".join(f", first({ident(name)} ORDER BY row) AS {ident(name)}" for name in others)
    total = "amount < 0, CASE WHEN amount < 0 THEN ordered_at::DATE END"
    connection.execute(
        "CREATE TABLE joined_orders AS SELECT min(row) AS row, customer, any_value(id) AS id, "
        f"sum({'DISTINCT ' if once else ''}amount) AS amount, min(ordered_at) AS ordered_at{rest} "
        "FROM clean_orders GROUP BY customer, "
        f"coalesce(id, 'row ' || row), {total if once else 'ordered_at::DATE'}"
    )
    connection.execute("CREATE OR REPLACE VIEW clean_orders AS SELECT * FROM joined_orders")


def _same_amounts(connection: duckdb.DuckDBPyConnection, of: str) -> tuple[int, ...]:
    """Count orders of several lines, those with the same amount on each, repeats and lines.

    Only lines above zero count, and of a large table only the first: those of an order lie
    together.

    Parameters
    ----------
    of
        Columns that lines of one order share.
    """
    counts = one_row(
        connection,
        "SELECT count(*) FILTER (lines > 1), count(*) FILTER (lines > 1 AND least = most), "
        "coalesce(sum(lines - 1) FILTER (least = most), 0), coalesce(sum(lines), 0) "
        "FROM (SELECT count(*) AS lines, min(amount) AS least, max(amount) AS most "
        f"FROM (SELECT * FROM clean_orders WHERE amount > 0 LIMIT {LOOKED_AT}) GROUP BY {of})",
    )
    return tuple(map(int, counts))


def _amount(stage: Stage) -> Cell:
    return stage.cells[stage.source.columns["amount"]]


def _refuse_totals(connection: duckdb.DuckDBPyConnection, stage: Stage) -> None:
    """Refuse amounts that are the total of their order on each of its lines, unless declared."""
    cell, lines, of = _amount(stage), stage.source.lines, "customer, coalesce(id, 'row ' || row)"
    if lines == "each":
        return
    several, alike, _, _ = _same_amounts(connection, of)
    found = f"{alike:,} of {several:,} orders of several lines"
    if not lines and several >= ENOUGH and alike >= NEARLY * several:
        raise DataError(
            f"{cell} holds the same amount on every line in {found} ({percent(alike, several)})",
            "it is declared whether that is the total of the order, or what each line costs",
            'Add lines = "total" to [tables.orders] to count it once an order, lines = "each" to '
            "add the lines up; or were the rows exported twice?",
        )
    if not lines and several >= ENOUGH:
        refuse_counted_twice(connection, cell, of)
    if lines == "total" and several - alike > LIMIT * several:
        raise DataError(
            f"{cell} holds the same amount on every line in no more than {found} "
            f"({percent(alike, several)})",
            'lines = "total" says that each line holds the total of its order',
            'Declare lines = "each", or a column that holds the total',
        )


def _refuse_repeats(connection: duckdb.DuckDBPyConnection, cell: Cell) -> None:
    """Refuse orders without a number of which many repeat another in customer, time and amount."""
    several, alike, repeats, rows = _same_amounts(connection, "customer, ordered_at")
    if several >= ENOUGH:
        refuse_counted_twice(connection, cell, "customer, ordered_at")
    if several < ENOUGH or alike < NEARLY * several or repeats < _REPEATS * rows:
        return
    raise DataError(
        f"{repeats:,} of {rows:,} rows of [tables.orders] ({percent(repeats, rows)}) repeat "
        "another in customer, time and amount, and no order has a number",
        "it is declared whether they are lines of one order that all hold its total",
        'Add id = "..." with the number of the order and lines = "total", or lines = "each" if '
        "each row is a purchase of its own; an export that holds rows twice is made anew",
    )


def _purchases(connection: duckdb.DuckDBPyConnection, numbered: bool) -> list[Entry]:
    """Mark in ``clean_orders`` what is no purchase, and tell of it."""
    below, nothing, orders = one_row(
        connection,
        # Row groups without such rows are known from their statistics.
        f"SELECT count(*) FILTER ({_WORTH} < 0), count(*) FILTER ({_WORTH} = 0), "
        "(SELECT count(*) FROM clean_orders) "
        "FROM clean_orders WHERE amount < 1",
    )
    _refuse_reversed(below, orders)
    undone, later, joined = "NULL::TIMESTAMP", 0, ""
    if below or nothing:
        undone = f"CASE WHEN {_WORTH} <= 0 THEN ordered_at END"
    if below and numbered:
        later = _undone(connection)
        undone = f"coalesce({undone}, undone_at)"
        joined = "LEFT JOIN undone_orders USING (row)"
    connection.execute("ALTER VIEW clean_orders RENAME TO booked_orders")
    connection.execute(
        "CREATE VIEW clean_orders AS "
        f"SELECT booked_orders.*, {undone} AS undone_at FROM booked_orders {joined}"
    )
    one = "order has a negative amount" if below == 1 else "orders have negative amounts"
    no = "order comes" if nothing == 1 else "orders come"
    back = "order was refunded" if later == 1 else "orders were refunded"
    told = (
        (below, f"{below:,} {one} (refunds): netted against spend, no purchase"),
        (nothing, f"{nothing:,} {no} to nothing: no purchase"),
        (later, f"{later:,} {back} in full: no purchase from then on"),
    )
    return [("warning", int(rows), reason) for rows, reason in told if rows]


def _refuse_reversed(below: int, orders: int) -> None:
    """Refuse orders most of which are below zero, as a ledger books sales."""
    if orders > ENOUGH and below > orders / 2:
        raise DataError(
            f"{below:,} of {orders:,} orders ({percent(below, orders)}) are below zero",
            "what customers pay is above zero; below it are refunds",
            "If the export books sales below zero, as ledgers do, turn its signs; or declare the "
            "column that holds what was paid",
        )


def _undone(connection: duckdb.DuckDBPyConnection) -> int:
    """Find when orders that have refunds under their number net to nothing; return how many do."""
    booked = "PARTITION BY customer, id ORDER BY ordered_at, amount DESC, row"
    connection.execute(
        f"""
        CREATE TABLE undone_orders AS
        WITH numbers AS (
            SELECT DISTINCT customer, id FROM clean_orders WHERE {_WORTH} < 0 AND id IS NOT NULL
        ), netted AS (
            SELECT row, customer, id, ordered_at, amount,
                   round(sum(amount) OVER ({booked} ROWS UNBOUNDED PRECEDING), 6) AS net
            FROM clean_orders JOIN numbers USING (customer, id)
        ), followed AS (
            SELECT row, amount, min(CASE WHEN net <= 0 THEN ordered_at END) OVER (
                {booked} ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS undone_at
            FROM netted
        )
        SELECT row, undone_at FROM followed WHERE {_WORTH} > 0 AND undone_at IS NOT NULL"""
    )
    return int(one_row(connection, "SELECT count(*) FROM undone_orders")[0])
