"""Shares of comments, and how they change from wave to wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..journeys.sums import Sums, share
from ..moments.influence import normal_interval, normal_p_value, std_error
from ..results.estimate import CONF_LEVEL, Estimate

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers

FEWEST_WAVES = 3
A_WAVE = 100  # comments of which a share is shown


def share_of(
    flags: Flags, weights: Floats, units: Integers, name: str, unit: str, what: str, term: str = ""
) -> Estimate:
    """Return a share with Wilson's interval for as many comments as the customers are worth."""
    codes = np.unique(units, return_inverse=True)[1]
    x, y = np.bincount(codes, weights * flags), np.bincount(codes, weights)
    sums = Sums(
        len(y), len(flags), x.sum(), y.sum(), float(x @ x), float(x @ y), float(y @ y)
    )  # fmt: skip
    return share(sums, name, unit, what, term)


def by_wave(
    flags: Flags,
    weights: Floats,
    units: Integers,
    waves: Sequence[str],
    order: Sequence[str],
    name: str,
) -> tuple[Estimate, ...]:
    """Return the share in each wave, in order; those of under 100 comments are left out."""
    named = np.asarray(waves)
    made = []
    for wave in order:
        here = named == wave
        if here.sum() >= A_WAVE:
            one = share_of(
                flags[here], weights[here], units[here], f"{name}.{wave}", "share of comments",
                "comments of the theme over comments of the wave", wave,
            )  # fmt: skip
            made.append(one)
    return tuple(made)


def trend(
    flags: Flags,
    weights: Floats,
    units: Integers,
    waves: Sequence[str],
    order: Sequence[str],
    blank: Estimate,
) -> Estimate:
    """Return by how much the share changes from one wave to the next, by least squares."""
    if len(order) < FEWEST_WAVES:
        why = f"Not told: {len(order)} waves, of which a trend needs {FEWEST_WAVES}."
        return replace(blank, note=why)
    at = np.array([order.index(wave) for wave in waves], dtype=float)
    total = weights.sum()
    apart = at - weights @ at / total
    spread = weights @ apart**2
    slope = float(weights @ (apart * flags) / spread)
    level = float(weights @ flags / total)
    moved = weights * apart * (flags - level - slope * apart) / spread
    codes = np.unique(units, return_inverse=True)[1]
    error = std_error(moved, codes)
    low, high = normal_interval(slope, error, CONF_LEVEL)
    return replace(
        blank,
        estimate=slope,
        conf_low=low,
        conf_high=high,
        std_error=error,
        method="slope of the share over the waves, least squares, normal interval, errors by "
        "customer, or account where declared",
        contrast="a wave later - a wave earlier",
        statistic=slope / error if error > 0 else None,
        p_value=normal_p_value(slope, error),
    )
