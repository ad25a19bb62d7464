"""Typing at the boundary: amounts in cents or thousands, taken as units of their currency."""

from __future__ import annotations

from dataclasses import replace

from ...errors import DataError
from ...study.money_units import LARGE
from ..staging import Cell
from .currencies import minor
from .numbers import Typed
from .probe import Probe
from .shares import share

_MANY = 0.5  # share of cells with a fraction, which cents do not have


def in_units(typed: Typed, column: str, amount_in: str, currency: str) -> Typed:
    """Return a column of cents, thousands ... as one of units, which the ledger tells of."""
    if amount_in in LARGE:
        told = (
            typed.held,
            f"{column}: {amount_in} of {currency}, each {LARGE[amount_in]:,.0f}",
        )
        sql = f"({typed.sql}) * {LARGE[amount_in]!r}"
        return replace(typed, sql=sql, repaired=(*typed.repaired, told))
    if amount_in != "cents" or (parts := minor(currency)) == 1:
        return typed
    told = (typed.held, f"{column}: cents, divided by {parts:,} to {currency}")
    return replace(typed, sql=f"({typed.sql}) / {parts}.0", repaired=(*typed.repaired, told))


def refuse_fractions(probe: Probe, cell: Cell, typed: Typed, amount_in: str) -> Typed:
    """Return a column of amounts, refused where it is declared to be cents and holds fractions.

    Raises
    ------
    DataError
        Most cells are no whole numbers.
    """
    if amount_in != "cents":
        return typed
    [parted] = probe.ask(f"count(*) FILTER ({typed.sql} <> floor({typed.sql}))")
    if parted > _MANY * typed.held:
        raise DataError(
            f"{cell} holds amounts with a fraction ({share(parted, typed.held)})",
            'amount_in = "cents" says that they are cents, which are whole',
            "Drop amount_in, if they are whole units of the currency",
        )
    return typed
