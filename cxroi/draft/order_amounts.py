"""Amounts of orders: the price of one or of all, an order's total on each line, cents."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from ..engine.quoting import one_row
from ..study.money_units import unit_of
from .facts import Facts
from .roles import Guess
from .samples import Sample
from .text import UNDECIDED, Line
from .words import AMOUNT, QUANTITY, plain, rank

_OF_ONE = re.compile(r"unit|stueck|einzel|each|per_item")
_TOTAL = re.compile(r"total|summe|gesamt|order_?value|bestellwert|payment_?value")
_SEVERAL, _ALIKE = 10, 0.95  # orders of several lines, share with the same amount on each


def amount_lines(connection: duckdb.DuckDBPyConnection, guess: Guess) -> Iterator[Line]:
    """Yield what a study says of the amounts of orders besides their column."""
    amount = guess.facts("amount")
    if guess.role != "orders" or amount is None:
        return
    export, sample = guess.sample.export, guess.sample
    if export and export.cents:
        yield Line("amount_in", "cents", f"as {export.name.partition(',')[0]} writes them")
    elif unit := unit_of(amount.name):
        yield Line("amount_in", unit, "by its name")
    counts = [c.name for c in sample.columns.values() if QUANTITY.fullmatch(plain(c.name))]
    if counts and _OF_ONE.search(plain(amount.name)):
        yield Line("quantity", counts[0], f"{amount.name} is the price of one, by its name")
    elif counts and rank(amount.name, AMOUNT) == 1:
        ground = f'"{counts[0]}" if {amount.name} is the price of one; else delete this line'
        yield Line("quantity", UNDECIDED, ground, decide=True)
    number = guess.facts("id")
    several, alike = _lines(connection, guess.sample, number, amount) if number else (0, 0)
    if several >= _SEVERAL and alike >= _ALIKE * several:
        told = f"{alike:,} of {several:,} orders hold one amount on all lines: "
        total = bool(_TOTAL.search(plain(amount.name)))
        ground = told + ("the order's total?" if total else '"total" of the order, or "each"?')
        yield Line("lines", "total" if total else UNDECIDED, ground, decide=True)


def _lines(
    connection: duckdb.DuckDBPyConnection, sample: Sample, number: Facts, amount: Facts
) -> tuple[int, int]:
    """Count orders of several lines, and those of them with the same amount on each."""
    rows = sample.relation
    if "duplicates" in sample.place:
        rows = f"(SELECT DISTINCT * FROM {rows})"
    cells = f"SELECT {number.sql} AS id, trim({amount.sql}) AS amount FROM {rows}"
    several, alike = one_row(
        connection,
        "SELECT count(*), count(*) FILTER (amounts = 1) FROM ("
        f"SELECT count(DISTINCT amount) AS amounts FROM ({cells}) "
        "WHERE id <> '' AND amount <> '' GROUP BY id HAVING count(*) > 1)",
    )
    return int(several), int(alike)
