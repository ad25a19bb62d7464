"""A level before and after a date, ranked among the same at every other date.

Were the date of an event picked by chance, its step would be among the largest 5 % of all dates
in 5 % of cases, however the series goes up and down by itself: randomisation inference with the
date as what is random (Fisher, The Design of Experiments (1935)). The dates around the event
share a part of its step, and are not left out: without them too much would be called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..arrays import Floats

FEWEST_DATES = 40  # from which a p value is told


@dataclass(frozen=True)
class Placebos:
    """The steps at all dates that are not near another event.

    Attributes
    ----------
    dates
        How many.
    low, high
        Limits within which 95 % of the steps further than `days` from the event lie; None where
        there are none.
    p_value
        Share of dates whose step stands out as far as that of the event; None where dates are
        too few, or the step of the event is not known.
    """

    dates: int
    low: float | None
    high: float | None
    p_value: float | None


def placebos(
    x: Floats, y: Floats, event: int, others: Sequence[int], days: int, fewest: float = 0.0
) -> Placebos:
    """Rank the step of x / y at a day among those at all days.

    A step stands out by how many of its errors it is from the median step: few answers scatter.

    Parameters
    ----------
    x, y
        Sums of each day; a level is the ratio of their sums over `days` days.
    event
        Number of the day from which on counts as after.
    others
        Days of other events; dates nearer to them than `days` are no placebos.
    fewest
        Sum of y that a date needs on each side.
    """
    steps, errors = _steps(x, y, days, fewest)
    every = np.arange(len(x))
    near = np.min([np.abs(every - one) for one in others], axis=0) if others else days
    usable = np.isfinite(steps) & (errors > 0) & ((near >= days) | (every == event))
    away = steps[usable & (np.abs(every - event) >= days)]
    low, high = np.quantile(away, [0.025, 0.975]).tolist() if len(away) else (None, None)
    count = int(usable.sum())
    if count < FEWEST_DATES or not (0 <= event < len(x) and usable[event]):
        return Placebos(count, low, high, None)
    scaled = steps[usable] / errors[usable]
    size = np.abs(scaled - np.median(scaled))
    own = size[int(usable[:event].sum())]
    return Placebos(count, low, high, float((size >= own - 1e-12).mean()))


def _steps(x: Floats, y: Floats, days: int, fewest: float) -> tuple[Floats, Floats]:
    """Return the step at each day, and its error but for the spread; NaN at the ends."""
    sums = [np.concatenate([[0.0], np.cumsum(one)]) for one in (x, y)]
    steps, errors = np.full(len(x), np.nan), np.full(len(x), np.nan)
    at = np.arange(days, min(len(x) - days + 1, len(x)))
    (xa, xb), (ya, yb) = ((one[at] - one[at - days], one[at + days] - one[at]) for one in sums)
    some = np.minimum(ya, yb) >= max(fewest, 1e-12)
    at, xa, xb, ya, yb = (one[some] for one in (at, xa, xb, ya, yb))
    steps[at], errors[at] = xb / yb - xa / ya, np.sqrt(1 / ya + 1 / yb)
    return steps, errors
