"""A design whose rows stay in their engine: cross-products from sums by cell.

Whatever the number of rows, an engine is asked for small sums only. Discrete columns of a design
(groups and categories) take few values together, so the sums are taken for each of their
combinations (cells), of the quantities alone. A column of the design is a number a cell, a
quantity, or the one times the other; every cross-product follows from the sums exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from .columns import Column

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Vector
    from .columns import Relation

NONE = -1  # the quantity of a column that is a number a cell


@dataclass(frozen=True, eq=False)
class CellProduct:
    """A quantity times a number a cell: an interaction with a category.

    Attributes
    ----------
    level
        A number for each cell.
    quantity
        The column that it multiplies.
    """

    level: Floats
    quantity: Column


@dataclass(frozen=True, eq=False)
class ColumnDesign:
    """Columns of a model whose rows stay in the engine.

    Attributes
    ----------
    names
        All columns in the order of the coefficients.
    factors
        Cells by columns: what the cell multiplies.
    quantities
        Columns of the rows that some columns of the design are made of.
    places
        Which of the quantities each column is made of; `NONE` for those of cells alone.
    """

    rows: Relation
    names: tuple[str, ...]
    factors: Floats
    quantities: tuple[Column, ...]
    places: tuple[int, ...]

    @classmethod
    def of(
        cls, rows: Relation, columns: Sequence[object], names: Sequence[str], cells: int
    ) -> ColumnDesign:
        """Return columns side by side.

        Parameters
        ----------
        columns
            Each an array of one number a cell, a `Column`, or a `CellProduct`.
        cells
            How many cells there are.
        """
        quantities: dict[str, Column] = {}
        factors, places = [], []
        for column in columns:
            level, quantity = _parts(column, cells)
            factors.append(level)
            if quantity is None:
                places.append(NONE)
                continue
            if quantity.number not in quantities:
                quantities[quantity.number] = quantity if quantity.flag else quantity.named()
            places.append(list(quantities).index(quantity.number))
        table = np.column_stack(factors) if factors else np.empty((cells, 0))
        return cls(rows, tuple(names), table, tuple(quantities.values()), tuple(places))

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
        return [self._column(n) for n in range(len(self.names))]

    def _column(self, number: int) -> Column:
        place, level = self.places[number], self.factors[:, number]
        if place == NONE:
            return self.rows.of_cells(level)
        same = np.all(level == 1)
        quantity = self.quantities[place]
        return quantity if same else quantity * self.rows.of_cells(level)

    def on(self, rows: Relation) -> ColumnDesign:
        """Return the design of other rows of the same panel."""
        moved = tuple(column.on(rows) for column in self.quantities)
        return replace(self, rows=rows, quantities=moved)

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
        return replace(
            self,
            names=tuple(names),
            factors=np.column_stack([*dummies, self.factors]),
            places=(*[NONE] * len(dummies), *self.places),
        )

    def beside(self, columns: Sequence[Vector], names: Sequence[str]) -> ColumnDesign:
        """Return the design with columns of quantities added at its end."""
        count, added = len(self.quantities), len(columns)
        return replace(
            self,
            names=(*self.names, *names),
            factors=np.column_stack([self.factors, np.ones((len(self.factors), added))]),
            quantities=(*self.quantities, *cast("Sequence[Column]", columns)),
            places=(*self.places, *range(count, count + added)),
        )

    def without_intercept(self) -> ColumnDesign:
        """Return the design without its first column."""
        return replace(
            self, names=self.names[1:], factors=self.factors[:, 1:], places=self.places[1:]
        )

    def set(self, values: Mapping[int, float]) -> ColumnDesign:
        """Return the design with some dummies the same for all rows."""
        factors = self.factors.copy()
        for position, value in values.items():
            factors[:, position] = value
        return replace(self, factors=factors)

    def __matmul__(self, params: Floats) -> Column:
        """Return the linear predictor."""
        params, place = np.asarray(params, dtype=float), np.array(self.places, dtype=int)
        total = self.rows.of_cells(self.factors[:, place == NONE] @ params[place == NONE])
        for number, column in enumerate(self.quantities):
            own = np.flatnonzero((place == number) & (params != 0))
            if len(own):
                slopes = self.factors[:, own] @ params[own]
                same = np.all(self.factors[:, own] == 1)
                slope = float(params[own].sum()) if same else self.rows.of_cells(slopes)
                total = total + column * slope
        return total.named()

    @property
    def zero_one(self) -> Flags:
        """Which columns hold nothing but 0 and 1."""
        levels = np.all((self.factors == 0) | (self.factors == 1), axis=0)
        flags = np.array([p == NONE or self.quantities[p].flag for p in self.places], dtype=bool)
        return np.asarray(levels & flags)

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
        inner = {f"c{n}": column for n, column in enumerate(self.quantities)}
        inner |= {f"h{n}": column for n, column in enumerate(cast("Sequence[Column]", second))}
        inner |= {f"s{n}": column for n, column in enumerate(cast("Sequence[Column]", first))}
        names = [f"c{n}" for n in range(len(self.quantities))]
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
        table = np.zeros((len(self.factors), len(outer)))
        for cell, *sums in found:
            table[int(cell)] = [0.0 if value is None else float(value) for value in sums]
        wide, narrow = 1 + len(names) + len(pairs), 1 + len(names)
        products = [self._square(table[:, n * wide :][:, :wide]) for n in range(len(second))]
        begin = wide * len(second)
        return products, [
            self._line(table[:, begin + n * narrow :][:, :narrow]) for n in range(len(first))
        ]

    def leverage(self, root: Floats) -> Column:
        """Return x'RR'x of each row x; R as `full_precision.inverse_root` has it."""
        squares = [(self @ column) ** 2 for column in root.T]
        return cast("Column", sum(squares[1:], start=squares[0]))

    def least_squares(self, values: Vector, weights: Vector) -> None:
        """Return None: coefficients come from sums."""

    def _line(self, sums: Floats) -> Floats:
        """Return sums of the columns; `sums` holds one and each quantity, by cell."""
        own = sums[:, np.array(self.places, dtype=int) + 1]
        return np.asarray((self.factors * own).sum(axis=0))

    def _square(self, sums: Floats) -> Floats:
        """Return cross-products; `sums` holds one, quantities and their products, by cell."""
        count = len(self.quantities)
        place = np.array(self.places, dtype=int) + 1
        at = np.zeros((1 + count, 1 + count), dtype=int)
        at[0, 1:] = at[1:, 0] = np.arange(1, 1 + count)
        rows, columns = np.tril_indices(count)
        at[rows + 1, columns + 1] = at[columns + 1, rows + 1] = 1 + count + np.arange(len(rows))
        found = np.zeros((len(place), len(place)))
        for a in np.unique(place):
            for b in np.unique(place):
                left, right = np.flatnonzero(place == a), np.flatnonzero(place == b)
                weighted = self.factors[:, right] * sums[:, at[a, b], None]
                found[np.ix_(left, right)] = self.factors[:, left].T @ weighted
        return found


def _parts(column: object, cells: int) -> tuple[Floats, Column | None]:
    """Return what a column of a design is made of: a number a cell, and a quantity."""
    if isinstance(column, CellProduct):
        return column.level, column.quantity
    if isinstance(column, Column):
        return np.ones(cells), column
    return np.asarray(column, dtype=float), None
