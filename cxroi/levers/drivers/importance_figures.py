"""Importance as estimates: each with its interval, and what it may claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...results.estimate import CONF_LEVEL, Estimate
from .importance import MOST_EXACT, ORDERS, Importance, importance, lmg_beside
from .resamples import BLOCKS, DRAWS, interval_less_bias, interval_of

if TYPE_CHECKING:
    from ...arrays import Floats
    from .driver_columns import DriverColumns

# Of more inputs than can be gone through, orders that are drawn for each resample.
ORDERS_DRAWN = 64
SHARE = "share of variance"
_FIGURES = ("lmg", "johnson", "first", "last")


@dataclass(frozen=True, eq=False)
class PValues:
    """p values of no relation.

    Attributes
    ----------
    first, beyond
        By input and group: alone, and beyond all other inputs.
    any, last
        By input, after Holm over inputs: of either, and of the second.
    all
        Of all inputs together.
    """

    first: Mapping[str, float]
    beyond: Mapping[str, float]
    any: Mapping[str, float]
    last: Mapping[str, float]
    all: float


def parts_of(columns: DriverColumns) -> dict[str, list[int]]:
    """Return the columns of each input, then of each group as ``group.<group>``."""
    parts = {one.driver.name: list(one.columns) for one in columns.inputs}
    for one in columns.inputs:
        if one.driver.group:
            parts.setdefault(f"group.{one.driver.group}", []).extend(one.columns)
    return parts


def importance_figures(
    columns: DriverColumns, sampled: Floats, tests: PValues, how: str, seed: int
) -> tuple[dict[str, dict[str, Estimate]], Estimate]:
    """Return the figures of every input and group, by name, and R squared of all inputs.

    Parameters
    ----------
    sampled
        Covariances of the columns and the score: of the data, then of resamples.
    how
        What is to be said of how they were computed.
    """
    parts = parts_of(columns)
    inputs = [name for name in parts if not name.startswith("group.")]
    found = in_resamples(sampled, [parts[name] for name in inputs], seed)
    made = _named_figures(inputs, found, tests, len(columns.score), how)
    grouped = [name for name in parts if name.startswith("group.")]
    if grouped:
        free = [one.driver.name for one in columns.inputs if not one.driver.group]
        units = in_resamples(sampled, [parts[name] for name in (*grouped, *free)], seed)
        of_groups = _named_figures(grouped, units, tests, len(columns.score), how)
        made |= of_groups
    value = float(found.r_squared[0])
    low, high, error = interval_less_bias(value, found.r_squared[1:])
    low = max(low, 0.0) if tests.all < 1 - CONF_LEVEL else 0.0
    method = f"R squared of least squares; {how}; normal interval, less its bias"
    n = len(columns.score)
    total = Estimate("drivers.r_squared", value, low, high, error, SHARE, n, method)
    return made, total


def in_resamples(sampled: Floats, parts: Sequence[Sequence[int]], seed: int) -> Importance:
    """Return the importance in the data, first, and in the resamples."""
    if len(parts) <= MOST_EXACT:
        return importance(sampled, parts)
    drawn = importance(sampled, parts, ORDERS_DRAWN, seed)
    exact = importance(sampled[:1], parts, ORDERS, seed).lmg
    return replace(drawn, lmg=_about(exact, drawn.lmg))


def lmg_in_resamples(
    sampled: Floats, parts: Sequence[Sequence[int]], held: Sequence[int], seed: int
) -> Floats:
    """Return LMG beside columns held equal, in the data, first, and in the resamples."""
    if len(parts) <= MOST_EXACT:
        return lmg_beside(sampled, parts, held)
    drawn = lmg_beside(sampled, parts, held, ORDERS_DRAWN, seed)
    return _about(lmg_beside(sampled[:1], parts, held, ORDERS, seed), drawn)


def _about(exact: Floats, drawn: Floats) -> Floats:
    """Move what few orders give, the data first, to lie about what many orders give."""
    return np.maximum(drawn + exact - drawn[:1], 0.0)


def _named_figures(
    names: Sequence[str], found: Importance, tests: PValues, n: int, how: str
) -> dict[str, dict[str, Estimate]]:
    methods = {
        "lmg": f"LMG (Shapley's value of R squared); {how}",
        "lmg_share": f"LMG as a share of R squared; {how}",
        "johnson": f"Johnson's relative weights; {how}",
        "first": f"R squared of the input alone; {how}",
        "last": f"R squared beyond all other inputs; {how}",
    }
    total = found.lmg.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, found.lmg / np.where(total > 0, total, 1.0), 0.0)
    by_figure = {figure: getattr(found, figure) for figure in _FIGURES} | {"lmg_share": shares}
    made: dict[str, dict[str, Estimate]] = {}
    for place, name in enumerate(names):
        p = {"first": tests.first[name], "last": tests.beyond[name]}
        either = min(1.0, 2 * min(p.values()))
        made[name] = {
            figure: _estimate(
                f"driver.{name}.{figure}",
                by_figure[figure][:, place],
                p.get(figure, either),
                n,
                method,
            )
            for figure, method in methods.items()
        }
    return made


def _estimate(name: str, values: Floats, p: float, n: int, method: str) -> Estimate:
    """Return a share with its interval, which begins at 0 where no relation is shown."""
    value, low, high, error = with_interval(values)
    shown = p < 1 - CONF_LEVEL
    note = "" if shown else "No relation is shown, so the interval begins at 0."
    unit = "share of what is explained" if name.endswith("lmg_share") else SHARE
    ends = (low if shown else 0.0, high, error)
    return Estimate(name, value, *ends, unit, n, method, note, p_value=p)


def with_interval(values: Floats) -> tuple[float, float, float, float]:
    """Return the first value, and the interval and standard error that the others give it."""
    value = max(float(values[0]), 0.0)
    low, high, error = interval_of(value, values[1:])
    return value, max(low, 0.0), high, error


def how_computed(columns: DriverColumns, unit: str) -> str:
    """Say how importance is computed; `unit` is what a cluster is, in the plural."""
    exact = len(columns.inputs) <= MOST_EXACT
    over = "exact" if exact else f"{ORDERS:,} orders drawn ({ORDERS_DRAWN} a resample)"
    blocks = f" in {BLOCKS:,} blocks" if columns.clusters > BLOCKS else ""
    return (
        f"{over}; interval: percentiles of {DRAWS} resamples of {columns.clusters:,} {unit}{blocks}"
    )
