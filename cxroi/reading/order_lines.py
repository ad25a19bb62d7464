"""Order lines: lines of one order joined, refunds and repeated exports told of."""

from __future__ import annotations

import duckdb

from ..engine.quoting import ident, one_row
from .columns.numbers import Typed
from .sources.scan import Scan
from .staging import Stage

Entry = tuple[str, int, str]
# What tells two events apart.
_EVENT = {
    "orders": ("customer", "ordered_at", "amount"),
    "contacts": ("customer", "opened_at"),
    "returns": ("customer", "returned_at"),
}
_JOINED = "further lines of an order, added up into its first"


def join_lines(
    connection: duckdb.DuckDBPyConnection, stage: Stage, columns: list[Typed]
) -> list[Entry]:
    """Add up the lines of one order and day; orders without a number stand alone."""
    entries: list[Entry] = []
    if "id" in stage.source.columns:
        entries = _joined(connection, columns)
    refunds = one_row(connection, "SELECT count_if(amount < 0) FROM clean_orders")[0]
    if refunds:
        orders = "order has a negative amount" if refunds == 1 else "orders have negative amounts"
        reason = f"{refunds:,} {orders} (refunds): netted against spend"
        entries.append(("warning", int(refunds), reason))
    return entries


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


def _joined(connection: duckdb.DuckDBPyConnection, columns: list[Typed]) -> list[Entry]:
    row = one_row(
        connection,
        "SELECT count(id), count(DISTINCT hash(id)) FILTER (id IS NOT NULL) FROM clean_orders",
    )
    if row[0] == row[1]:
        return []
    before = one_row(connection, "SELECT count(*) FROM clean_orders")[0]
    others = [c.name for c in columns if c.name not in ("customer", "id", "amount", "ordered_at")]
    rest = "".join(f", first({ident(name)} ORDER BY row) AS {ident(name)}" for name in others)
    connection.execute(
        f"CREATE TABLE joined_orders AS SELECT min(row) AS row, customer, any_value(id) AS id, "
        f"sum(amount) AS amount, min(ordered_at) AS ordered_at{rest} FROM clean_orders "
        "GROUP BY customer, coalesce(id, 'row ' || row), ordered_at::DATE"
    )
    connection.execute("CREATE OR REPLACE VIEW clean_orders AS SELECT * FROM joined_orders")
    after, apart = one_row(
        connection,
        "SELECT count(*), count(id) - count(DISTINCT hash(customer, id)) FILTER (id IS NOT NULL) "
        "FROM joined_orders",
    )
    entries = [("set aside", int(before - after), _JOINED)] if before > after else []
    if apart:
        reason = (
            f"{apart:,} further rows of an order are of another day than its first: "
            "counted as orders of their own"
        )
        entries.append(("warning", int(apart), reason))
    return entries
