"""How much of the score's variance goes with each input: LMG, Johnson's weights, first and last.

LMG is the gain in R squared by an input, averaged over all orders in which inputs may enter:
Shapley's value of R squared (Lindeman, Merenda and Gold, Introduction to Bivariate and Multivariate
Analysis (1980); Groemping, Journal of Statistical Software 17 (2006)). Johnson's relative weights:
Multivariate Behavioral Research 35 (2000), 1-19. First is R squared of the input alone, last what
it adds to all others.

Everything is computed from covariance matrices, many at once: those of resamples too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb

import numpy as np

from ...arrays import Floats, Integers

# Parts whose subsets are all gone through; of more, orders are drawn.
MOST_EXACT = 14
ORDERS = 1000
# A column keeps less of its variance beside others only by rounding: it repeats them.
REPEATS = 1e-9
# Numbers that the subsets of some samples may take in memory at once.
_AT_ONCE = 4_000_000

Parts = Sequence[Sequence[int]]


@dataclass(frozen=True, eq=False)
class Importance:
    """Shares of the variance of the last column, samples by parts.

    Attributes
    ----------
    lmg, johnson, first, last
        Samples by parts; rows of the first two sum to R squared.
    r_squared
        Of all parts together, by sample.
    """

    lmg: Floats
    johnson: Floats
    first: Floats
    last: Floats
    r_squared: Floats


def importance(
    covariances: Floats, parts: Parts, orders: int = ORDERS, seed: int = 0
) -> Importance:
    """Return the importance of parts for the last column.

    Parameters
    ----------
    covariances
        Samples by columns by columns: cross-products of centred columns, in any scale; the score
        is the last.
    parts
        Positions of the columns of each part, which enter and leave together. Columns that repeat
        others share their importance with them.
    orders
        How many orders of entering are drawn, each with its reverse, of over `MOST_EXACT` parts.

    Examples
    --------
    >>> two = np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.3], [0.6, 0.3, 1.0]]])
    >>> importance(two, [[0], [1]]).lmg.round(2).tolist()
    [[0.36, 0.09]]
    """
    left, places = _left_over(_scaled(covariances), parts, ())
    if len(parts) <= MOST_EXACT:
        lmg, first, last = _exact(left, places)
    else:
        lmg = _sampled(left, places, orders, seed)
        first, last = _alone(left, places), _beyond(left, places)
    return Importance(lmg, _johnson(left, places), first, last, lmg.sum(axis=1))


def lmg_beside(
    covariances: Floats, parts: Parts, held: Sequence[int], orders: int = ORDERS, seed: int = 0
) -> Floats:
    """Return LMG alone, samples by parts, of what parts add to columns that are held equal.

    Parameters
    ----------
    covariances, parts, orders
        As for `importance`.
    held
        Columns that are held equal throughout. Shares are of the whole variance of the score.
    """
    left, places = _left_over(_scaled(covariances), parts, held)
    if len(parts) <= MOST_EXACT:
        return _exact(left, places)[0]
    return _sampled(left, places, orders, seed)


def _scaled(covariances: Floats) -> Floats:
    """Return correlations; what does not vary has none."""
    deviations = np.sqrt(np.maximum(np.diagonal(covariances, axis1=1, axis2=2), 0.0))
    scale = np.where(deviations > 0, deviations, 1.0)
    return np.asarray(covariances / (scale[:, :, None] * scale[:, None, :]))


def _left_over(
    correlations: Floats, parts: Parts, held: Sequence[int]
) -> tuple[Floats, list[list[int]]]:
    """Return what is left beside the held columns, part after part, and where each part is."""
    order = [*held, *(c for part in parts for c in part), -1]
    left = _swept(correlations[:, order][:, :, order][:, None], len(held))[:, 0]
    there = np.diagonal(left, axis1=1, axis2=2) > REPEATS
    left = left * (there[:, :, None] & there[:, None, :])
    ends = np.cumsum([0, *map(len, parts)])
    places = [list(range(a, b)) for a, b in pairwise(ends)]
    return left, places


def _swept(state: Floats, count: int) -> Floats:
    """Return what is left of the other columns beside the first so many, which are taken out.

    Samples by subsets by columns by columns; columns have length one at the outset.
    """
    for _ in range(count):
        column = state[..., 1:, 0]
        pivot = state[..., 0, 0]
        share = np.where(pivot > REPEATS, 1.0 / np.where(pivot > REPEATS, pivot, 1.0), 0.0)
        outer = column[..., :, None] * (column * share[..., None])[..., None, :]
        state = state[..., 1:, 1:] - outer
    return state


def _exact(left: Floats, places: list[list[int]]) -> tuple[Floats, Floats, Floats]:
    # Wide parts first, while there are few subsets.
    ranks = sorted(range(len(places)), key=lambda part: -len(places[part]))
    order = [c for part in ranks for c in places[part]] + [left.shape[1] - 1]
    sizes = [len(places[part]) for part in ranks]
    left = left[:, order][:, :, order]
    step = max(1, _AT_ONCE >> (len(places) + 2))
    explained = np.concatenate(
        [_explained(left[at : at + step], sizes) for at in range(0, len(left), step)]
    )
    back = np.argsort(ranks)
    lmg = (explained @ _shapley_weights(len(places)))[:, back]
    bits = 1 << np.arange(len(places))
    first = explained[:, bits][:, back]
    last = (explained[:, -1:] - explained[:, len(explained[0]) - 1 - bits])[:, back]
    return lmg, first, last


def _explained(left: Floats, sizes: Sequence[int]) -> Floats:
    """Return what every subset of parts explains: samples by subsets, part k being bit k."""
    state = left[:, None]
    for size in sizes:
        without = state[..., size:, size:]
        state = np.concatenate([without, _swept(state, size)], axis=1)
    return np.asarray(left[:, -1:, -1] - state[..., 0, 0])


def _shapley_weights(count: int) -> Floats:
    """Return what each subset's R squared counts for each part: subsets by parts."""
    subsets = np.arange(1 << count)
    inside = (subsets[:, None] >> np.arange(count)) & 1
    size = inside.sum(axis=1)
    before = np.array([1.0 / (count * comb(count - 1, s)) for s in range(count)])
    joins, stays = before[np.maximum(size - 1, 0)], before[np.minimum(size, count - 1)]
    return np.asarray(np.where(inside == 1, joins[:, None], -stays[:, None]))


def _sampled(left: Floats, places: list[list[int]], orders: int, seed: int) -> Floats:
    """Return LMG by drawn orders: squares of the last row of Cholesky factors are the gains."""
    rng = np.random.default_rng(seed)
    width, parts = left.shape[1], len(places)
    eased = left + REPEATS * np.eye(width)  # a column that repeats others then gains nothing
    total = np.zeros((len(left), parts))
    for _ in range((orders + 1) // 2):
        order = rng.permutation(parts)
        for one in (order, order[::-1]):
            columns = np.array([c for part in one for c in places[part]] + [width - 1])
            total += _gains(eased, columns, one, [len(places[part]) for part in one])
    return total / (2 * ((orders + 1) // 2))


def _gains(left: Floats, columns: Integers, order: Integers, sizes: Sequence[int]) -> Floats:
    factor = np.linalg.cholesky(left[:, columns][:, :, columns])
    starts = np.cumsum([0, *sizes[:-1]])
    gained = np.add.reduceat(factor[:, -1, :-1] ** 2, starts, axis=1)
    return np.asarray(gained[:, np.argsort(order)])


def _alone(left: Floats, places: list[list[int]]) -> Floats:
    found = []
    for part in places:
        own = [*part, -1]
        rest = _swept(left[:, own][:, :, own][:, None], len(part))
        found.append(left[:, -1, -1] - rest[:, 0, 0, 0])
    return np.column_stack(found)


def _beyond(left: Floats, places: list[list[int]]) -> Floats:
    found = []
    for part in places:
        others = [c for other in places if other is not part for c in other]
        order = [*others, *part, -1]
        rest = _swept(left[:, order][:, :, order][:, None], len(others))
        found.append(rest[:, 0, -1, -1] - _swept(rest, len(part))[:, 0, 0, 0])
    return np.column_stack(found)


def _johnson(left: Floats, places: list[list[int]]) -> Floats:
    """Return relative weights, those of the columns of a part summed.

    Of a category they depend a little on which of its levels has no column.
    """
    values, vectors = np.linalg.eigh(left[:, :-1, :-1])
    roots = np.sqrt(np.maximum(values, 0.0))
    inverse = np.where(values > REPEATS, 1.0 / np.where(values > REPEATS, roots, 1.0), 0.0)
    turned = np.swapaxes(vectors, 1, 2)
    loads = (vectors * roots[:, None, :]) @ turned
    slopes = ((vectors * inverse[:, None, :]) @ turned @ left[:, :-1, -1:])[:, :, 0]
    weights = (loads**2 @ (slopes**2)[:, :, None])[:, :, 0]
    return np.column_stack([weights[:, part].sum(axis=1) for part in places])
