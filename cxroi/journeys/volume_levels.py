"""Levels of weekly counts between changes, each change, and what it costs a year."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..moments.influence import normal_interval
from ..results.estimate import CONF_LEVEL, Estimate
from .change_points import ChangePoint

if TYPE_CHECKING:
    from ..arrays import Floats
    from ..reading.tables import Tables

WEEKS_A_YEAR = 365.25 / 7
CHOSEN = (
    "The date is the one that parts the weeks best, so that the step looks a little larger than it "
    "is."
)


def levels_between(
    weekly: Floats,
    of: Floats,
    found: tuple[ChangePoint, ...],
    monday: dt.date,
    outcome: str,
    unit: str,
) -> tuple[tuple[Estimate, ...], tuple[Estimate, ...]]:
    """Return the level of each stretch between changes, and each change.

    Parameters
    ----------
    weekly, of
        Counts of each week, and what they are counted of.
    monday
        Day on which the first week begins.
    """
    bounds = [0, *(one.place for one in found), len(weekly)]
    parts = [slice(a, b) for a, b in pairwise(bounds)]
    means = [float(weekly[part].sum() / of[part].sum()) for part in parts]
    wide = _dispersion(weekly, of, parts, means)
    errors = [
        float(np.sqrt(wide * level / of[part].sum()))
        for level, part in zip(means, parts, strict=True)
    ]
    starts = [monday + dt.timedelta(weeks=part.start) for part in parts]
    how = f"weeks vary {wide:.3g} times as much as chance alone would have it (Poisson)"
    made = (
        of_weeks(m, e, f"volume.{outcome}.level.{day}", unit, p.stop - p.start, how, f"from {day}")
        for m, e, day, p in zip(means, errors, starts, parts, strict=True)
    )
    levels = tuple(replace(one, conf_low=max(one.conf_low or 0.0, 0.0)) for one in made)
    method = f"new level less the one before; {how}; p value: best split of shuffled weeks"
    changes = [
        of_weeks(
            means[k] - means[k - 1],
            float(np.hypot(errors[k], errors[k - 1])),
            f"volume.{outcome}.change.{starts[k]}",
            unit,
            parts[k].stop - parts[k - 1].start,
            method,
            f"change on {starts[k]}",
        )
        for k in range(1, len(parts))
    ]
    p_values = [one.p_value for one in found]
    return levels, tuple(
        replace(one, contrast="after - before", p_value=p_value, note=CHOSEN)
        for one, p_value in zip(changes, p_values, strict=True)
    )


def _dispersion(weekly: Floats, of: Floats, parts: list[slice], means: list[float]) -> float:
    """Return Pearson's chi square over its degrees of freedom, one at least."""
    squares = 0.0
    for part, level in zip(parts, means, strict=True):
        expected = level * of[part]
        if level > 0:
            squares += float(((weekly[part] - expected) ** 2 / expected).sum())
    return max(squares / max(len(weekly) - len(parts), 1), 1.0)


def of_weeks(
    value: float,
    error: float,
    name: str,
    unit: str,
    n: int,
    how: str,
    term: str,
    dof: float | None = None,
) -> Estimate:
    """Return a figure of whole weeks; with degrees of freedom its interval is Student's."""
    low, high = normal_interval(value, error, CONF_LEVEL, dof)
    interval = "normal interval" if dof is None else f"Student's t, {dof:g} degrees of freedom"
    method = f"mean of whole weeks, {interval}; {how}"
    return Estimate(name, value, low, high, error, unit, n, method, term=term)


def costs(
    tables: Tables, outcome: str, changes: tuple[Estimate, ...], of: float
) -> tuple[Estimate, ...]:
    """Return what each change costs a year at the likely cost of the scenario.

    Parameters
    ----------
    of
        What a level is counted of, in the last week.
    """
    scenario = tables.study.scenario
    keys = {"contacts": "cost_per_contact", "returns": "cost_per_return"}
    if scenario is None or outcome not in keys:
        return ()
    each = getattr(scenario, keys[outcome]).likely
    if each == 0:
        return ()
    factor = each * WEEKS_A_YEAR * of
    currency = tables.study.currency

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * factor

    return tuple(
        replace(
            one,
            name=f"{one.name}.cost",
            estimate=scaled(one.estimate),
            conf_low=scaled(one.conf_low),
            conf_high=scaled(one.conf_high),
            std_error=scaled(one.std_error),
            unit=f"{currency} a year",
            method=f"{one.method}; times {currency} {each:g} each and {WEEKS_A_YEAR:.4g} weeks",
            term=f"cost of the {one.term}",
        )
        for one in changes
    )
