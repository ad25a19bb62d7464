"""Operations on vectors that are arrays in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .level_ranks import LevelRanks

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers

BATCH = 64  # resamples held at a time


class ArrayOperations:
    """What is asked of arrays; see `operations.Operations`."""

    def named(self, values: Floats) -> Floats:
        """Return the same values."""
        return values

    def sums(self, vectors: Sequence[Floats]) -> Floats:
        """Return the sum of each vector."""
        return np.array([vector.sum() for vector in vectors], dtype=float)

    def among(self, values: Floats, members: Flags) -> Floats:
        """Return the values of some of the rows alone."""
        return values[members]

    def known(self, values: Floats) -> Flags:
        """Return where a number is not missing."""
        return np.isfinite(values)

    def where_known(self, values: Floats, known: Flags) -> Floats:
        """Return numbers that are missing where a condition does not hold."""
        return np.where(known, values, np.nan)

    def extremes(self, values: Floats) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return float(values.min()), float(values.max())

    def quantile(self, values: Floats, weights: Floats | None, share: float) -> float:
        """Return a quantile: between neighbours if unweighted, the value reached if weighted."""
        if weights is None:
            return float(np.quantile(values, share))
        return float(np.quantile(values, [share], weights=weights, method="inverted_cdf")[0])

    def quantiles(self, values: Floats, shares: Sequence[float]) -> Floats:
        """Return quantiles between neighbours."""
        return np.asarray(np.quantile(values, shares))

    def median(self, values: Floats, weights: Floats) -> float:
        """Smallest value that half of the weight does not exceed; midway where met exactly."""
        order = np.argsort(values, kind="stable")
        share = np.cumsum(weights[order]) / weights.sum()
        first = int(np.searchsorted(share, 0.5 - 1e-12))
        met = abs(share[first] - 0.5) < 1e-12 and first + 1 < len(order)
        return float(values[order][[first, first + met]].mean())

    def rank_products(self, values: Floats, others: Floats) -> tuple[int, float, float, float]:
        """Return n and the sums of squares and products of centred ranks in two vectors."""
        x, y = _centred_ranks(values), _centred_ranks(others)
        return len(x), float(x @ x), float(x @ y), float(y @ y)

    def level_ranks(self, levels: Integers, values: Floats, parts: Integers) -> LevelRanks:
        """Sum the ranks of a vector by level of a category and by part of the rows."""
        ranks, own = _centred_ranks(values), np.zeros(len(values))
        for part in np.unique(parts):
            own[parts == part] = _centred_ranks(values[parts == part])
        width = int(parts.max(initial=0)) + 1
        cells, place = np.unique(levels * width + parts, return_inverse=True)
        weights = np.ones(len(values)), ranks, own, own * own
        sums = (np.bincount(place, each, minlength=len(cells)).astype(float) for each in weights)
        return LevelRanks(cells // width, cells % width, *sums)

    def distinct(self, values: Floats) -> int:
        """Return how many different values there are."""
        return len(np.unique(values))

    def unit_products(
        self, vectors: Sequence[Floats], clusters: Integers | None
    ) -> tuple[int, int, Floats]:
        """Return units, units that carry influence, and the products of the units' sums."""
        table = _per_unit(vectors, clusters)
        return len(table), int(np.any(table != 0, axis=1).sum()), np.asarray(table.T @ table)

    def resample(
        self,
        vectors: Sequence[Floats],
        clusters: Integers | None,
        replicates: int,
        rng: np.random.Generator,
    ) -> Floats:
        """Return, replicates by vectors, how far each sum moves in resamples of the units."""
        summed = _per_unit(vectors, clusters)
        units = len(summed)
        moved = []
        for first in range(0, replicates, BATCH):
            taken = np.empty((min(BATCH, replicates - first), units))
            for row in taken:
                row[:] = np.bincount(rng.integers(0, units, units, dtype=np.int32), minlength=units)
            moved.append((taken - 1) @ summed)
        return np.vstack(moved)


ARRAYS = ArrayOperations()


def _per_unit(vectors: Sequence[Floats], clusters: Integers | None) -> Floats:
    """Return units by vectors: the sum of each unit's rows."""
    units = len(vectors[0]) if clusters is None else int(clusters.max(initial=-1)) + 1
    if clusters is None or units == len(vectors[0]):
        return np.column_stack(vectors)
    return np.column_stack(
        [np.bincount(clusters, weights=vector, minlength=units) for vector in vectors]
    )


def _centred_ranks(values: Floats) -> Floats:
    from scipy.stats import rankdata

    return np.asarray(rankdata(values) - (len(values) + 1) / 2)
