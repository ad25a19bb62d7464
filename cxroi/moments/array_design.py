"""A design in memory: an array with named columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from .full_precision import solve_least_squares

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers, Vector


@dataclass(frozen=True, eq=False)
class ArrayDesign:
    """Columns of a model as an array; see `design.Design`.

    Attributes
    ----------
    matrix
        Rows by columns.
    """

    names: tuple[str, ...]
    matrix: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.matrix), len(self.names)

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def one(self) -> Floats:
        """One for every row."""
        return np.ones(len(self.matrix))

    @property
    def zero_one(self) -> Flags:
        """Which columns hold nothing but 0 and 1."""
        return np.asarray(np.all((self.matrix == 0) | (self.matrix == 1), axis=0))

    @property
    def columns(self) -> Sequence[Floats]:
        """Every column."""
        return list(self.matrix.T)

    def __matmul__(self, params: Floats) -> Floats:
        """Return the linear predictor."""
        return np.asarray(self.matrix @ params)

    def among(self, members: Vector) -> ArrayDesign:
        """Return the design of some of the rows alone."""
        return ArrayDesign(self.names, self.matrix[cast("Flags", members)])

    def spread(self, values: Vector, members: Vector) -> Floats:
        """Return values of some of the rows among all rows, zero on the others."""
        full = np.zeros(len(self.matrix))
        full[cast("Flags", members)] = values
        return full

    def subsample(self, *vectors: Vector) -> None:
        """Return None: rows in memory are few enough."""

    def behind_groups(
        self, groups: Vector, positions: Sequence[int], names: Sequence[str]
    ) -> ArrayDesign:
        """Return the design behind an intercept and a dummy for each of some groups."""
        own = cast("Integers", groups)
        dummies = [(own == position).astype(float) for position in positions]
        return ArrayDesign(tuple(names), np.column_stack([self.one, *dummies, self.matrix]))

    def beside(self, columns: Sequence[Vector], names: Sequence[str]) -> ArrayDesign:
        """Return the design with columns added at its end."""
        return ArrayDesign((*self.names, *names), np.column_stack([self.matrix, *columns]))

    def without_intercept(self) -> ArrayDesign:
        """Return the design without its first column."""
        return ArrayDesign(self.names[1:], self.matrix[:, 1:])

    def set(self, values: Mapping[int, float]) -> ArrayDesign:
        """Return the design with some dummies the same for all rows."""
        matrix = self.matrix.copy()
        matrix[:, list(values)] = list(values.values())
        return ArrayDesign(self.names, matrix)

    def moments(
        self, second: Sequence[Vector], first: Sequence[Vector]
    ) -> tuple[list[Floats], list[Floats]]:
        """Return weighted cross-products and weighted sums of the columns."""
        products = [
            self.matrix.T @ (self.matrix * weights[:, None])
            for weights in cast("Sequence[Floats]", second)
        ]
        return products, [weights @ self.matrix for weights in first]

    def leverage(self, root: Floats) -> Floats:
        """Return x'RR'x of each row x; R as `full_precision.inverse_root` has it."""
        return np.asarray(((self.matrix @ root) ** 2).sum(axis=1))

    def least_squares(self, values: Vector, weights: Vector) -> Floats:
        """Return coefficients to full precision."""
        return solve_least_squares(self.matrix, cast("Floats", values), cast("Floats", weights))[0]
