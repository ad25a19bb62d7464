"""Design: the columns of a model side by side, in memory or in an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Vector


class Design(Protocol):
    """Columns of a model in the order of the coefficients, and the sums a fit needs of them."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        ...

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        ...

    @property
    def one(self) -> Vector:
        """One for every row."""
        ...

    @property
    def zero_one(self) -> Flags:
        """Which columns hold nothing but 0 and 1."""
        ...

    @property
    def columns(self) -> Sequence[Vector]:
        """Every column."""
        ...

    def __matmul__(self, params: Floats) -> Vector:
        """Return the linear predictor."""
        ...

    def among(self, members: Vector) -> Self:
        """Return the design of some of the rows alone."""
        ...

    def spread(self, values: Vector, members: Vector) -> Vector:
        """Return values of some of the rows among all rows, zero on the others."""
        ...

    def subsample(self, *vectors: Vector) -> tuple[Self, tuple[Vector, ...]] | None:
        """Return the design and vectors of a few of many rows; None where all are few."""
        ...

    def behind_groups(self, groups: Vector, positions: Sequence[int], names: Sequence[str]) -> Self:
        """Return the design behind an intercept and a dummy for each of some groups.

        Parameters
        ----------
        groups
            Position of each row's group among the labels of the scale.
        positions
            Those that get a dummy.
        names
            Of all columns.
        """
        ...

    def beside(self, columns: Sequence[Vector], names: Sequence[str]) -> Self:
        """Return the design with columns of quantities added at its end."""
        ...

    def without_intercept(self) -> Self:
        """Return the design without its first column."""
        ...

    def set(self, values: Mapping[int, float]) -> Self:
        """Return the design with some dummies the same for all rows."""
        ...

    def moments(
        self, second: Sequence[Vector], first: Sequence[Vector]
    ) -> tuple[list[Floats], list[Floats]]:
        """Return weighted cross-products and weighted sums of the columns, in one pass.

        Parameters
        ----------
        second
            Weights of cross-products, each giving columns by columns.
        first
            Weights of sums, each giving one number a column.
        """
        ...

    def leverage(self, root: Floats) -> Vector:
        """Return x'RR'x of each row x; R as `full_precision.inverse_root` has it."""
        ...

    def least_squares(self, values: Vector, weights: Vector) -> Floats | None:
        """Return coefficients to full precision; None where they come from sums."""
        ...


def project(design: Design, weights: Vector) -> Floats:
    """Return the weighted sum of every column."""
    return design.moments((), (weights,))[1][0]


def gram(design: Design, weights: Vector) -> Floats:
    """Return the weighted cross-products of the columns."""
    return design.moments((weights,), ())[0][0]


def survey(design: Design, values: Sequence[Vector]) -> tuple[Floats, Floats, list[Floats]]:
    """Return cross-products, sums of the columns, and of their products with each of values."""
    [products], [counted, *summed] = design.moments((design.one,), (design.one, *values))
    return products, counted, summed
