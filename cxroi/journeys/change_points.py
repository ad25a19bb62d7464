"""Change points of a series of counts: where its level changed, if it did.

Binary segmentation (Scott and Knott, Biometrics 30 (1974), 507-512) on the Poisson likelihood.
How large the best split of a series without a change is comes from the same series shuffled, so
that counts may vary more than Poisson's; of the whole series the first split is called wrongly in
`ALPHA` of series without a change, and each part is then given half of the level of the whole.
Libraries know the segmentation (ruptures), but neither counts nor the level of a test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..arrays import Floats

ALPHA = 0.05
DRAWS = 999
SHORTEST = 4  # periods on each side of a change


@dataclass(frozen=True)
class ChangePoint:
    """A change of level.

    Attributes
    ----------
    place
        Position of the first period at the new level.
    p_value
        Share of shuffled series whose best split is as good.
    """

    place: int
    p_value: float


def change_points(
    counts: Sequence[float],
    exposure: Sequence[float] | None = None,
    *,
    seed: int = 0,
    alpha: float = ALPHA,
    draws: int = DRAWS,
) -> tuple[ChangePoint, ...]:
    """Find where the level of counts changed.

    Periods are taken as independent of each other: where high ones follow high ones by
    themselves, as in seasons, changes are called too often.

    Parameters
    ----------
    counts
        Of each period, in order.
    exposure
        What they are counted of, such as customers; constant by default.

    Returns
    -------
    tuple of ChangePoint
        In order; empty where nothing is found, or fewer than eight periods are there.

    Examples
    --------
    >>> [one.place for one in change_points([5, 4, 6, 5, 5, 6, 4, 15, 14, 16, 15, 15, 13, 16])]
    [7]
    """
    y = np.asarray(counts, dtype=float)
    of = np.ones_like(y) if exposure is None else np.asarray(exposure, dtype=float)
    rng = np.random.default_rng(seed)
    return tuple(sorted(_split(y, of, 0, alpha, draws, rng), key=lambda one: one.place))


def _split(
    y: Floats, of: Floats, start: int, alpha: float, draws: int, rng: np.random.Generator
) -> list[ChangePoint]:
    if len(y) < 2 * SHORTEST or y.sum() == 0:
        return []
    gains = _gains(y[None, :], of)[0]
    best = int(gains.argmax())
    at_chance = _gains(_shuffled(y, of, draws, rng), of).max(axis=1)
    p_value = (1 + int((at_chance >= gains[best] - 1e-9).sum())) / (1 + draws)
    if p_value > alpha:
        return []
    place = best + SHORTEST
    return [
        ChangePoint(start + place, p_value),
        *_split(y[:place], of[:place], start, alpha / 2, draws, rng),
        *_split(y[place:], of[place:], start + place, alpha / 2, draws, rng),
    ]


def _gains(y: Floats, of: Floats) -> Floats:
    """Return the gain in log likelihood of each split, series by places."""
    from scipy.special import xlogy

    first, before = np.cumsum(y, axis=1), np.cumsum(of)
    inside = slice(SHORTEST - 1, y.shape[1] - SHORTEST)
    total, whole = first[:, -1:], before[-1]
    a, of_a = first[:, inside], before[inside]
    b, of_b = total - a, whole - of_a
    return np.asarray(xlogy(a, a / of_a) + xlogy(b, b / of_b) - xlogy(total, total / whole))


def _shuffled(y: Floats, of: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Return the series with its residuals shuffled: of constant exposure, the counts themselves.

    Their variance is that of Poisson's and a part that grows with the square of the mean.
    """
    mean = y.sum() / of.sum() * of
    more = max(float(((y - mean) ** 2 - mean).sum() / (mean**2).sum()), 0.0)
    spread = np.sqrt(mean + more * mean**2)
    residuals = np.broadcast_to((y - mean) / spread, (draws, len(y)))
    return np.asarray(np.clip(mean + rng.permuted(residuals, axis=1) * spread, 0.0, None))
