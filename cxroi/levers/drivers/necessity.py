"""Must-haves: inputs without enough of which no high score is ever seen.

Necessary condition analysis (Dul, Organizational Research Methods 19 (2016), 10-52). Where an
input is necessary, the corner of little input and high score is empty. CE-FDH is the ceiling of
steps over all answers, CR-FDH the straight line through its corners; the effect size d is the empty
share of the area between the smallest and largest values. Whether so much is empty by chance is
told by shuffling the scores (Dul, van der Laan and Kuik, Organizational Research Methods 23 (2020),
385-395).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ...arrays import Floats, Integers

# Below it an effect is called small (Dul 2016, page 30).
LEAST_EFFECT = 0.1
SHUFFLES = 1000
# Answers that are shuffled; of more, so many drawn.
MOST_SHUFFLED = 5000
_AT_ONCE, _BINS = 250, 10


@dataclass(frozen=True, eq=False)
class Ceiling:
    """The ceiling of a score over an input, both with more being better.

    Attributes
    ----------
    corners, heights
        The input at which the steps of the ceiling rise, and how high.
    intercept, slope
        Of the line through the corners; None of a single one.
    effect, line_effect
        Empty share of the area, above the steps (CE-FDH) and above the line (CR-FDH).
    """

    corners: Floats
    heights: Floats
    intercept: float | None
    slope: float | None
    effect: float
    line_effect: float

    def needed(self, score: float) -> float:
        """Return the least input with which a score so high was ever seen.

        The smallest input of all where no more was needed; NaN where no score was so high.
        """
        enough = np.flatnonzero(self.heights >= score)
        return float(self.corners[enough[0]]) if len(enough) else float("nan")


def ceiling(values: Floats, score: Floats) -> Ceiling:
    """Return the ceiling of the score over an input.

    Parameters
    ----------
    values, score
        Of answers for which both are known; more is better.

    Examples
    --------
    >>> ceiling(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0])).effect
    0.75
    """
    places, tops = _tops(values, score)
    running = np.maximum.accumulate(tops)
    rises = np.flatnonzero(np.diff(running, prepend=-np.inf) > 0)
    corners, heights = places[rises], running[rises]
    low, high = float(score.min()), float(score.max())
    scope = (places[-1] - places[0]) * (high - low)
    if not scope > 0:
        return Ceiling(corners, heights, None, None, 0.0, 0.0)
    effect = float(np.diff(places) @ (high - running[:-1]) / scope)
    if len(corners) < 2:
        return Ceiling(corners, heights, None, None, effect, 0.0)
    slope, intercept = np.polyfit(corners, heights, 1)
    ends = float(places[0]), float(places[-1]), low, high
    line = float(_above(float(intercept), float(slope), ends) / scope)
    return Ceiling(corners, heights, float(intercept), float(slope), effect, line)


def chance_p_values(
    columns: Sequence[Floats],
    score: Floats,
    cluster: Integers,
    *,
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> list[tuple[float, float]]:
    """Return how often as much is left empty by chance, and by more being better alone, by input.

    Where more is merely better, little input and a high score seldom meet either. So scores are
    shuffled once as they are, and once as what they differ by from the mean of answers with about
    as much of the input, which keeps that relation.

    One answer a cluster, of at most `MOST_SHUFFLED` clusters, drawn by chance, is shuffled, for
    answers of one customer are not exchangeable with those of others.

    Parameters
    ----------
    columns
        Inputs, more being better; NaN where unknown.

    Returns
    -------
    list
        Pairs of p values, the true order counted among the shuffled.
    """
    rng = np.random.default_rng(seed)
    rows = _one_each(cluster, rng)
    found = []
    for values in columns:
        known = rows[np.isfinite(values[rows])][:MOST_SHUFFLED]
        order = known[np.argsort(values[known], kind="stable")]
        x, y = values[order], score[order]
        true = _empty(x, y[None])[0]
        if true > 0:
            as_often = _as_often(x, y, true, shuffles, rng)
            found.append((as_often[0], as_often[1]))
        else:
            found.append((1.0, 1.0))  # no shuffle leaves less
    return found


def _as_often(
    x: Floats, y: Floats, true: float, shuffles: int, rng: np.random.Generator
) -> list[float]:
    level = _level(x, y)
    low, high, whole = y.min(), y.max(), bool(np.all(y == np.round(y)))
    counts = np.ones(2)
    for at in range(0, shuffles, _AT_ONCE):
        some = min(_AT_ONCE, shuffles - at)
        plain = rng.permuted(np.broadcast_to(y, (some, len(y))), axis=1)
        kept = level + rng.permuted(np.broadcast_to(y - level, (some, len(y))), axis=1)
        kept = np.clip(np.round(kept) if whole else kept, low, high)
        counts += [np.sum(_empty(x, one, high) >= true - 1e-12) for one in (plain, kept)]
    return [float(count) / (1 + shuffles) for count in counts]


def _level(x: Floats, y: Floats) -> Floats:
    """Return the mean score of answers with so much of an input: a line, bent in each tenth."""
    away = x - x.mean()
    square = float(away @ away)
    line = y.mean() + away * (float(away @ y) / square if square > 0 else 0.0)
    edges = np.unique(np.quantile(x, np.linspace(0, 1, _BINS + 1)[1:-1]))
    part = np.searchsorted(edges, x, side="left")
    counts = np.bincount(part)
    bent = np.bincount(part, y - line) / np.where(counts, counts, 1)
    return np.asarray(line + bent[part])


def _tops(values: Floats, score: Floats) -> tuple[Floats, Floats]:
    """Return the different values of an input and the highest score at each."""
    order = np.argsort(values, kind="stable")
    x, y = values[order], score[order]
    starts = np.flatnonzero(np.diff(x, prepend=-np.inf) > 0)
    return x[starts], np.maximum.reduceat(y, starts)


def _above(intercept: float, slope: float, ends: tuple[float, float, float, float]) -> float:
    """Return the area above a line within a rectangle: exact, for it is made of straight pieces."""
    left, right, low, high = ends
    bends = [left, right]
    if slope:
        bends += [x for y in (low, high) if left < (x := (y - intercept) / slope) < right]
    at = np.sort(np.array(bends))
    free = np.clip(high - (intercept + slope * at), 0.0, high - low)
    return float(np.diff(at) @ (free[1:] + free[:-1]) / 2)


def _one_each(cluster: Integers, rng: np.random.Generator) -> Integers:
    """Return one row of each cluster, in an order by chance."""
    mixed = rng.permutation(len(cluster))
    return np.asarray(
        mixed[np.unique(cluster[mixed], return_index=True)[1]][
            rng.permutation(int(cluster.max()) + 1)
        ]
    )


def _empty(values: Floats, scores: Floats, high: float | None = None) -> Floats:
    """Return the empty area above the steps, of shuffles by answers sorted by `values`.

    Parameters
    ----------
    high
        The highest score that there is; that of each shuffle by default.
    """
    last = np.append(np.flatnonzero(np.diff(values) > 0), len(values) - 1)
    running = np.maximum.accumulate(scores, axis=1)[:, last]
    top = running[:, -1:] if high is None else high
    return np.asarray((top - running[:, :-1]) @ np.diff(values[last]))
