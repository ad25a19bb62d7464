"""An input as columns of a model: a curve with marks where it may jump, or a category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ScarceDataError
from ...models.splines import SHARES, bends, knots_of
from ...results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    import pandas as pd

    from ...arrays import Flags, Floats

# Share of the answers at one single value from which on it is a state of its own.
ATOM = 0.05
MOST_ATOMS = 3
# Distinct values up to which a number is a scale of steps, and each step has its own mark.
STEPS = 6
MOST_KNOTS, ROWS_A_KNOT = 5, 150
# Values count as alike within this share of the middle 90 % of an input.
ALIKE = 0.05


@dataclass(frozen=True, eq=False)
class NumberCurve:
    """A quantity: a restricted cubic spline, marks at single values and behind limits.

    Attributes
    ----------
    middle, spread
        Mean and standard deviation, in its unit.
    knots
        In standard deviations from the mean.
    atoms
        Values that many answers share, such as no wait at all, in its unit.
    above, below
        Limits beyond which its curve may jump, in its unit.
    """

    middle: float
    spread: float
    knots: Floats
    atoms: tuple[float, ...]
    above: tuple[float, ...]
    below: tuple[float, ...]

    def columns(self, values: pd.Series) -> Floats:
        """Return the columns at these values, the straight line first."""
        own = values.to_numpy(dtype=float)
        straight = (own - self.middle) / self.spread
        curve = bends(straight, self.knots) if len(self.knots) >= 3 else []
        marks = [np.isclose(own, atom) for atom in self.atoms]
        marks += [_beyond(own, limit) for limit in self.above]
        marks += [_beyond(-own, -limit) for limit in self.below]
        return np.column_stack([straight, *curve, *(1.0 * mark for mark in marks)])


@dataclass(frozen=True, eq=False)
class CategoryCurve:
    """A category: a mark for each level but the most frequent."""

    levels: tuple[str, ...]

    def columns(self, values: pd.Series) -> Floats:
        """Return the columns at these values."""
        own = values.astype(str).to_numpy()
        return np.column_stack([1.0 * (own == level) for level in self.levels])


InputCurve = NumberCurve | CategoryCurve


def curve_of(
    values: pd.Series, name: str, above: Sequence[float] = (), below: Sequence[float] = ()
) -> InputCurve:
    """Return how an input enters a model.

    Parameters
    ----------
    values
        Of the answers that a model is fitted to, none missing.
    above, below
        Limits of levers: whom ``at_most`` or ``at_least`` would move is beyond them. A curve that
        is smooth there would see half of what a promise kept is worth.

    Raises
    ------
    ScarceDataError
        It is the same for everybody.
    """
    if values.nunique() < 2:
        raise ScarceDataError(
            f"input {name!r} is the same for all answers that have it",
            "what does not vary shows no effect",
        )
    if values.dtype.kind not in "fiub":
        return _category(values)
    own = values.to_numpy(dtype=float)
    middle, spread = float(own.mean()), float(own.std())
    distinct, counts = np.unique(own, return_counts=True)
    if len(distinct) <= STEPS:
        frequent = [float(v) for v, n in zip(distinct, counts, strict=True) if n >= MINIMUM_GROUP]
        return NumberCurve(middle, spread, np.empty(0), tuple(frequent[1:-1]), (), ())
    many = np.argsort(-counts)[:MOST_ATOMS]
    atoms = sorted(float(distinct[n]) for n in many if counts[n] >= ATOM * len(own))
    apart = own[~np.isin(own, atoms)] if atoms else own
    count = min(MOST_KNOTS, len(apart) // ROWS_A_KNOT)
    knots = np.empty(0)
    if count >= 3 and len(np.unique(apart)) > STEPS:
        knots = knots_of(np.quantile((apart - middle) / spread, SHARES), count)
    return NumberCurve(
        middle, spread, knots, tuple(atoms), *(_splits(own, one) for one in (above, below))
    )


def _category(values: pd.Series) -> CategoryCurve:
    counts = values.astype(str).value_counts()
    large = [str(level) for level, size in counts.items() if size >= MINIMUM_GROUP]
    return CategoryCurve(tuple(sorted(large, key=lambda level: -counts[level])[1:]) or (large[0],))


def _splits(values: Floats, limits: Sequence[float]) -> tuple[float, ...]:
    """Return the limits that have 30 answers to both sides."""
    sides = [(limit, int(_beyond(values, limit).sum())) for limit in dict.fromkeys(limits)]
    return tuple(x for x, n in sides if MINIMUM_GROUP <= n <= len(values) - MINIMUM_GROUP)


def _beyond(values: Floats, limit: float) -> Flags:
    return np.asarray((values > limit) & ~np.isclose(values, limit))


def similar(known: pd.Series, asked: pd.Series) -> Floats:
    """Return how many answers have an input like each value that is asked for.

    Parameters
    ----------
    known
        Values of the answers, none missing.
    asked
        Values that a lever would bring about.
    """
    if known.dtype.kind not in "fiub":
        counts = known.astype(str).value_counts()
        return np.asarray(asked.astype(str).map(counts).fillna(0), dtype=float)
    order = np.sort(known.to_numpy(dtype=float))
    low, high = np.quantile(order, [0.05, 0.95])
    near = max(ALIKE * float(high - low), 1e-9 * max(abs(low), abs(high), 1e-300))
    at = asked.to_numpy(dtype=float)
    ends = np.searchsorted(order, at + near, "right"), np.searchsorted(order, at - near, "left")
    return np.asarray(ends[0] - ends[1], dtype=float)
