"""A design whose rows stay in their engine: cross-products from sums by cell.

Whatever the number of rows, an engine is asked for small sums only. Discrete columns of a design
(groups and categories) take few values together, so the sums are taken for each of their
combinations (cells), of the other columns alone; every cross-product of the design follows from
them exactly. Columns are centred and scaled before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from .columns import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..arrays import Flags, Floats, Vector
    from .columns import Relation

S = TypeVar("S", bound=np.generic)


@dataclass(frozen=True, eq=False)
class ColumnDesign:
    """Columns of a model whose rows stay in the engine.

    Attributes
    ----------
    names
        All columns in the order of the coefficients.
    discrete
        Cells by columns that one cell holds one value of, the intercept among them.
    continuous
        The other columns.
    places
        Position among the coefficients of each discrete and then of each continuous column.
    """

    rows: Relation
    names: tuple[str, ...]
    discrete: Floats
    continuous: tuple[Column, ...]
    places: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows.count, len(self.names)

    def __len__(self) -> int:
        return self.rows.count

    @property
    def one(self) -> Column:
        """One for every row."""
        return self.rows.column("1e0")

    @property
    def columns(self) -> list[Column]:
        """Every column, in the order of the coefficients."""
        discrete = [self.rows.of_cells(values) for values in self.discrete.T]
        found = zip(self.places, [*discrete, *self.continuous], strict=True)
        return [column for _, column in sorted(found, key=lambda pair: pair[0])]

    def on(self, rows: Relation) -> ColumnDesign:
        """Return the design of other rows of the same panel."""
        return replace(
            self, rows=rows, continuous=tuple(column.on(rows) for column in self.continuous)
        )

    def among(self, members: Vector) -> ColumnDesign:
        """Return the design of some of the rows alone."""
        return self.on(self.rows.only(cast("Column", members)))

    def spread(self, values: Vector, members: Vector) -> Column:
        """Return values of some of the rows among all rows, zero on the others."""
        return cast("Column", values).over(self.rows)

    def subsample(self, *vectors: Vector) -> tuple[ColumnDesign, tuple[Vector, ...]] | None:
        """Return the design and vectors of a few of many rows; None where all are few."""
        some = self.rows.subsampled()
        if some is None:
            return None
        return self.on(some), tuple(cast("Column", vector).on(some) for vector in vectors)

    def behind_groups(
        self, groups: Vector, positions: Sequence[int], names: Sequence[str]
    ) -> ColumnDesign:
        """Return the design behind an intercept and a dummy for each of some groups."""
        own = np.asarray(self.rows.cells["grp"])
        dummies = [np.ones(len(own)), *((own == position).astype(float) for position in positions)]
        moved = tuple(place + len(dummies) for place in self.places)
        return replace(
            self,
            names=tuple(names),
            discrete=np.column_stack([*dummies, self.discrete]),
            places=(*range(len(dummies)), *moved),
        )

    def beside(self, columns: Sequence[Vector], names: Sequence[str]) -> ColumnDesign:
        """Return the design with columns of quantities added at its end."""
        end = len(self.names)
        return replace(
            self,
            names=(*self.names, *names),
            continuous=(*self.continuous, *cast("Sequence[Column]", columns)),
            places=(*self.places, *range(end, end + len(columns))),
        )

    def without_intercept(self) -> ColumnDesign:
        """Return the design without its first column, the first of the discrete ones."""
        return replace(
            self,
            names=self.names[1:],
            discrete=self.discrete[:, 1:],
            places=tuple(place - 1 for place in self.places[1:]),
        )

    def set(self, values: Mapping[int, float]) -> ColumnDesign:
        """Return the design with some dummies the same for all rows."""
        discrete = self.discrete.copy()
        for position, value in values.items():
            discrete[:, self.places.index(position)] = value
        return replace(self, discrete=discrete)

    def __matmul__(self, params: Floats) -> Column:
        """Return the linear predictor."""
        ordered = np.asarray(params, dtype=float)[list(self.places)]
        known = self.discrete.shape[1]
        total = self.rows.of_cells(self.discrete @ ordered[:known])
        for column, param in zip(self.continuous, ordered[known:], strict=True):
            if param != 0:
                total = total + column * float(param)
        return total

    @property
    def zero_one(self) -> Flags:
        """Which columns hold nothing but 0 and 1."""
        discrete = np.all((self.discrete == 0) | (self.discrete == 1), axis=0)
        ordered = np.array([*discrete, *(column.flag for column in self.continuous)])
        return np.asarray(self._placed(ordered))

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
        inner = {f"c{n}": column for n, column in enumerate(self.continuous)}
        inner |= {f"h{n}": column for n, column in enumerate(cast("Sequence[Column]", second))}
        inner |= {f"s{n}": column for n, column in enumerate(cast("Sequence[Column]", first))}
        names = [f"c{n}" for n in range(len(self.continuous))]
        pairs = [f"{a} * {b}" for i, a in enumerate(names) for b in names[: i + 1]]
        outer = [
            f"sum({' * '.join(filter(None, (f'h{n}', term)))})"
            for n in range(len(second))
            for term in ("", *names, *pairs)
        ]
        outer += [
            f"sum({' * '.join(filter(None, (f's{n}', term)))})"
            for n in range(len(first))
            for term in ("", *names)
        ]
        found = self.rows.fetch(outer, inner, by=["cell"])
        table = np.zeros((len(self.discrete), len(outer)))
        for cell, *sums in found:
            table[int(cell)] = [0.0 if value is None else float(value) for value in sums]
        wide, narrow = 1 + len(names) + len(pairs), 1 + len(names)
        products = [self._square(table[:, n * wide :][:, :wide]) for n in range(len(second))]
        begin = wide * len(second)
        return products, [
            self._line(table[:, begin + n * narrow :][:, :narrow]) for n in range(len(first))
        ]

    def least_squares(self, values: Vector, weights: Vector) -> None:
        """Return None: coefficients come from sums."""

    def _line(self, sums: Floats) -> Floats:
        ordered = np.concatenate([self.discrete.T @ sums[:, 0], sums[:, 1:].sum(axis=0)])
        return np.asarray(self._placed(ordered))

    def _square(self, sums: Floats) -> Floats:
        count = len(self.continuous)
        cross = self.discrete.T @ sums[:, 1 : 1 + count]
        inside = np.zeros((count, count))
        inside[np.tril_indices(count)] = sums[:, 1 + count :].sum(axis=0)
        inside += np.tril(inside, -1).T
        own = self.discrete.T @ (self.discrete * sums[:, :1])
        ordered = np.block([[own, cross], [cross.T, inside]])
        return np.asarray(self._placed(self._placed(ordered).T))

    def _placed(self, ordered: NDArray[S]) -> NDArray[S]:
        placed = np.empty_like(ordered)
        placed[list(self.places)] = ordered
        return placed
