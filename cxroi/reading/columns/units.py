"""Typing at the boundary: amounts in cents, taken as whole units of their currency."""

from __future__ import annotations

from dataclasses import replace

from .currencies import minor
from .numbers import Typed


def in_units(typed: Typed, column: str, amount_in: str, currency: str) -> Typed:
    """Return a column of cents as one of whole units, which the ledger tells of."""
    if amount_in != "cents" or (parts := minor(currency)) == 1:
        return typed
    told = (typed.held, f"{column}: cents, divided by {parts:,} to {currency}")
    return replace(typed, sql=f"({typed.sql}) / {parts}.0", repaired=(*typed.repaired, told))
