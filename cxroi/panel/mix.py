"""Of whom the analysed answers are: each control's levels, or its mean and spread."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import TYPE_CHECKING

from ..moments import influence
from ..results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    from .panel import Panel

MOST_LEVELS = 30
FEW = "(few)"


def control_mix(panel: Panel) -> dict[str, Mapping[str, float]]:
    """Return what the rows of a panel are of, by control.

    Returns
    -------
    dict
        Of a number ``n``, ``mean`` and ``sd`` of those known; of a category its rows by level,
        levels of few rows pooled under ``(few)``. A category of more than `MOST_LEVELS` levels
        is left out.
    """
    study, rows = panel.study, panel.rows
    found: dict[str, Mapping[str, float]] = {}
    for name in study.controls:
        column = f"attr_{name}"
        if name not in study.categorical and rows.is_number(column):
            found[name] = _spread(panel, column)
        elif len(levels := rows.levels(column)) <= MOST_LEVELS:
            found[name] = _pooled(levels)
    return found


def _spread(panel: Panel, column: str) -> Mapping[str, float]:
    values, missing = panel.rows.number(column)
    known = panel.rows.one if missing is None else 1.0 - 1.0 * missing
    count, total, squares = influence.sums(known, known * values, known * values * values)
    if not count:
        return {"n": 0.0}
    mean = float(total / count)
    return {"n": float(count), "mean": mean, "sd": sqrt(max(float(squares / count) - mean**2, 0.0))}


def _pooled(levels: Mapping[str, int]) -> Mapping[str, float]:
    kept = {level: float(n) for level, n in levels.items() if n >= MINIMUM_GROUP}
    few = float(sum(n for n in levels.values() if n < MINIMUM_GROUP))
    return kept | ({FEW: few} if few else {})
