"""Rows that are no events of their own: states or parts of one event, several measures, totals."""

from __future__ import annotations

import json

import duckdb

from ..engine.quoting import one_row, trimmed
from .columns.blanks import blank
from .columns.probe import Probe
from .columns.shares import share
from .counted_twice import LOOKED_AT
from .headers import says_running
from .staging import Stage
from .status_columns import Warned, told, toml_key

_OF_ONE = 0.99  # share of numbers that are of one customer alone, as those of events are
_ENOUGH, _STEPS, _NEARLY = 10, 40, 0.95  # customers, and steps, that show a running total
_ROWS = 200_000  # in which a running total shows
_SHOWN, _LONGEST = 6, 40  # values that are named, and their characters
_WHAT = {
    "orders": "an order",
    "contacts": "a contact",
    "returns": "a return",
    "referrals": "a referral",
}


def warn_of_numbers(stage: Stage, probe: Probe) -> Warned:
    """Yield warnings of rows that share an undeclared number, and count as events of their own."""
    if stage.role not in _WHAT:
        return
    customer = stage.cells[stage.source.columns["customer"]].sql
    for name in told(stage, "number"):
        x = trimmed(f"{stage.cells[name].sql}::VARCHAR")
        held, numbers, pairs = one_row(
            probe.connection,
            "SELECT count(*), count(DISTINCT hash(x)), count(DISTINCT hash(x, customer)) FROM "
            f"(SELECT {x} AS x, {customer} AS customer FROM {stage.relation} WHERE fate = 0 "
            f"LIMIT {LOOKED_AT}) WHERE NOT {blank('x')}",
        )
        if held > pairs and numbers >= _OF_ONE * pairs and numbers > 1:
            one, fix = _WHAT[stage.role], "leave all rows of it but one out"
            if stage.role == "orders":
                fix = f"add id = {json.dumps(name, ensure_ascii=False)} to [tables.orders]"
            yield (
                "warning",
                int(held - pairs),
                f"{share(held - pairs, held)} of {stage.role} have a number in "
                f"{stage.cells[name]} that an earlier row of the same customer has, and count as "
                f"{one} of their own: if they are parts or states of one, {fix}",
            )


def warn_of_several(stage: Stage, probe: Probe) -> Warned:
    """Yield warnings of a column by which rows are about several things, all of which count."""
    for name in told(stage, "several"):
        cell = stage.cells[name]
        x = trimmed(f"{cell.sql}::VARCHAR")
        found = probe.connection.execute(
            f"SELECT {x} AS said, count(*) AS n FROM {stage.relation} WHERE fate = 0 AND "
            f"NOT {blank(x)} GROUP BY said ORDER BY n DESC, said LIMIT {_SHOWN}"
        ).fetchall()
        if len(found) > 1:
            said = [(word if len(word) <= _LONGEST else "a long text", n) for word, n in found]
            listed = ", ".join(f"{word!r} ({n:,})" for word, n in said)
            keep = f"keep = {{{toml_key(name)} = [...]}}"
            yield (
                "warning",
                sum(n for _, n in found[1:]),
                f"{cell} says {listed}, and rows of all of them count as {stage.role}: where one "
                f"is meant, add {keep} to [tables.{stage.role}]",
            )


def warn_of_running_totals(connection: duckdb.DuckDBPyConnection, stage: Stage) -> Warned:
    """Yield a warning of amounts that are totals up to the row, by their name or their cells."""
    cell = stage.cells[stage.source.columns["amount"]]
    steps, up, down, people = _steps(connection)
    way = "rise" if up >= _NEARLY * steps else "fall" if down >= _NEARLY * steps else ""
    if people < _ENOUGH or steps < _STEPS:
        way = ""
    if not way and not says_running(cell.column):
        return
    found = (
        "sounds like a total up to each row"
        if not way
        else (
            f"holds amounts that {way} from row to row of a customer in {max(up, down):,} of "
            f"{steps:,} steps"
        )
    )
    yield (
        "warning",
        int(steps),
        f"{cell} {found}, and every row is added up: spend is the sum of what each order cost. "
        "If it is a running total or a balance, declare the column of the order's own amount",
    )


def _steps(connection: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    """Count steps in time from row to row: all, upward, downward; and customers of three rows."""
    later = "OVER (PARTITION BY customer ORDER BY ordered_at, row)"
    counts = one_row(
        connection,
        "SELECT count(*), count(*) FILTER (amount > earlier), count(*) FILTER (amount < earlier), "
        "count(DISTINCT customer) FILTER (place > 2) FROM "
        f"(SELECT customer, amount, lag(amount) {later} AS earlier, row_number() {later} AS place, "
        f"ordered_at > lag(ordered_at) {later} AS apart "
        f"FROM (SELECT * FROM clean_orders LIMIT {_ROWS})) "
        "WHERE apart",
    )
    return tuple(map(int, counts))
