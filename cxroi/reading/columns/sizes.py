"""Sizes: numbers that cannot be below 0, such as seconds, minutes and how often something was."""

from __future__ import annotations

from dataclasses import replace

from ...errors import DataError
from ..staging import Cell
from .numbers import Typed, number
from .probe import Probe
from .shares import LIMIT, share


def size(probe: Probe, cell: Cell, name: str) -> Typed:
    """Type numbers of 0 or more; a few below it are taken as blank, and the ledger says so.

    Raises
    ------
    DataError
        More than 1 % of them are below 0.
    """
    typed = number(probe, cell, name, needed=False)
    below, held = probe.ask(f"count(*) FILTER ({typed.sql} < 0)", f"count({typed.sql})")
    if not below:
        return typed
    if below > LIMIT * held:
        raise DataError(
            f"{cell} holds numbers below 0 ({share(below, held)})",
            f"{name} is 0 or more",
            "If such a number means blank, declare it in missing = [...] of its table",
        )
    said = (below, f"{cell.column}: below 0, taken as blank")
    sql = f"CASE WHEN {typed.sql} >= 0 THEN {typed.sql} END"
    return replace(typed, sql=sql, repaired=(*typed.repaired, said), read=held - below)
