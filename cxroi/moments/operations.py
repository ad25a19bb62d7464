"""What is asked of vectors as a whole, wherever their rows are: in memory or in an engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

from .array_operations import ARRAYS
from .column_operations import COLUMNS
from .columns import Column

if TYPE_CHECKING:
    import numpy as np

    from ..arrays import Floats, Vector
    from .level_ranks import LevelRanks


class Operations(Protocol):
    """Sums, order statistics and resamples of vectors of the same rows.

    `clusters` is the independent unit of each row, coded from zero if an array; None where each
    row is its own.
    """

    def named(self, values: Vector) -> Vector:
        """Return the same values, in an engine as a part that is made once a row."""
        ...

    def sums(self, vectors: Sequence[Vector]) -> Floats:
        """Return the sum of each vector."""
        ...

    def among(self, values: Vector, members: Vector) -> Vector:
        """Return the values of some of the rows alone."""
        ...

    def known(self, values: Vector) -> Vector:
        """Return where a number is not missing (NaN, or NULL in an engine)."""
        ...

    def where_known(self, values: Vector, known: Vector) -> Vector:
        """Return numbers that are missing where a condition does not hold."""
        ...

    def extremes(self, values: Vector) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        ...

    def quantile(self, values: Vector, weights: Vector | None, share: float) -> float:
        """Return a quantile: between neighbours if unweighted, the value reached if weighted."""
        ...

    def quantiles(self, values: Vector, shares: Sequence[float]) -> Floats:
        """Return quantiles between neighbours; in an engine those of a few of many rows."""
        ...

    def median(self, values: Vector, weights: Vector) -> float:
        """Smallest value that half of the weight does not exceed; midway where met exactly."""
        ...

    def rank_products(self, values: Vector, others: Vector) -> tuple[int, float, float, float]:
        """Return n and the sums of squares and products of centred ranks in two vectors."""
        ...

    def level_ranks(self, levels: Vector, values: Vector, parts: Vector) -> LevelRanks:
        """Sum the ranks of a vector by level of a category and by part of the rows."""
        ...

    def distinct(self, values: Vector) -> int:
        """Return how many different values there are."""
        ...

    def unit_products(
        self, vectors: Sequence[Vector], clusters: Vector | None
    ) -> tuple[int, int, Floats]:
        """Return units, units that carry influence, and the products of the units' sums."""
        ...

    def resample(
        self,
        vectors: Sequence[Vector],
        clusters: Vector | None,
        replicates: int,
        rng: np.random.Generator,
    ) -> Floats:
        """Return, replicates by vectors, how far each sum moves in resamples of the units."""
        ...


def named(values: Vector) -> Vector:
    """Return the same values, in an engine as a part that is made once a row."""
    return operations_of(values).named(values)


def operations_of(vector: Vector) -> Operations:
    """Return the operations on the rows of a vector."""
    return cast("Operations", COLUMNS if isinstance(vector, Column) else ARRAYS)
