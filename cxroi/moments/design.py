"""Sums taken where the data is: cross-products of designs, sums of influence over units.

Whatever the number of rows, an engine is asked for small sums only. Discrete columns of a design
(groups and categories) take few values together, so the sums are taken for each of their
combinations (cells), of the other columns alone; every cross-product of the design follows from
them exactly. Columns are centred and scaled before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.literals import literal
from .columns import Column, Rows

if TYPE_CHECKING:
    from ..arrays import Flags, Floats


@dataclass(frozen=True, eq=False)
class Design:
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

    rows: Rows
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

    def on(self, rows: Rows) -> Design:
        """Return the design of other rows of the same panel."""
        moved = tuple(Column(rows, c.sql, flag=c.flag, lookups=c.lookups) for c in self.continuous)
        return replace(self, rows=rows, continuous=moved)

    def after(self, columns: Sequence[Floats], names: Sequence[str]) -> Design:
        """Return the design with discrete columns put before it."""
        count = len(columns)
        moved = tuple(place + count for place in self.places)
        return replace(
            self,
            names=tuple(names),
            discrete=np.column_stack([*columns, self.discrete]),
            places=(*range(count), *moved),
        )

    def set(self, position: int, value: float) -> Design:
        """Return the design with one discrete column the same for all rows."""
        discrete = self.discrete.copy()
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

    def survey(self, *values: Column) -> tuple[Floats, Floats, list[Floats]]:
        """Return cross-products, sums of the columns, and of their products with each of values."""
        one = self.rows.column("1e0")
        [gram], [counted, *summed] = self.moments((one,), (one, *values))
        return gram, counted, summed

    def project(self, weights: Sequence[Column]) -> list[Floats]:
        """Return, for each column of weights, the weighted sum of every column."""
        return self.moments((), weights)[1]

    def gram(self, weights: Column) -> Floats:
        """Return the weighted cross-products of the columns."""
        return self.moments((weights,), ())[0][0]

    def moments(
        self, second: Sequence[Column], first: Sequence[Column]
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
        inner |= {f"h{n}": column for n, column in enumerate(second)}
        inner |= {f"s{n}": column for n, column in enumerate(first)}
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

    def _placed(self, ordered: Any) -> Any:
        placed = np.empty_like(ordered)
        placed[list(self.places)] = ordered
        return placed


def unit_sums(columns: Sequence[Column], clusters: Column | None) -> tuple[int, int, Floats]:
    """Return how many units there are and carry influence, and the products of their sums.

    Parameters
    ----------
    clusters
        The independent unit of each row; None where each row is its own.

    Returns
    -------
    tuple
        Units, units of which a sum is not zero, and columns by columns the sum over units of
        the products of the columns' sums.
    """
    rows, names = columns[0].rows, [f"v{n}" for n in range(len(columns))]
    inner = dict(zip(names, columns, strict=True))
    pairs = [(a, b) for i, a in enumerate(names) for b in names[: i + 1]]
    moved = " OR ".join(f"{name} <> 0" for name in names)
    outer = [
        "count(*)",
        f"sum(CASE WHEN {moved} THEN 1 ELSE 0 END)",
        *(f"sum({a} * {b})" for a, b in pairs),
    ]
    if clusters is None:
        [(units, active, *products)] = rows.fetch(outer, inner)
    else:
        [(units, active, *products)] = _by_unit(rows, outer, inner, clusters)
    matrix = np.zeros((len(names), len(names)))
    matrix[np.tril_indices(len(names))] = [0.0 if p is None else float(p) for p in products]
    return int(units), int(active or 0), matrix + np.tril(matrix, -1).T


def _by_unit(
    rows: Rows, outer: Iterable[str], inner: dict[str, Column], clusters: Column
) -> list[tuple[Any, ...]]:
    """Return aggregates of the sums of columns over each unit."""
    summed = rows.text([f"sum({name}) AS {name}" for name in inner], {**inner, "unit": clusters})
    return rows.ask(f"SELECT {', '.join(outer)} FROM ({summed} GROUP BY unit) AS u")


def largest_units(
    columns: Sequence[Column], clusters: Column | None, scale: Floats, count: int
) -> Floats:
    """Return units by columns the sums of the units that carry most.

    Parameters
    ----------
    scale
        What each column is multiplied by before the largest of them decides.
    count
        How many units.
    """
    rows, names = columns[0].rows, [f"v{n}" for n in range(len(columns))]
    inner = dict(zip(names, columns, strict=True))
    if clusters is None:
        summed = rows.text(names, inner)
    else:
        parts = [f"sum({name}) AS {name}" for name in names]
        summed = rows.text(parts, {**inner, "unit": clusters}) + " GROUP BY unit"
    sizes = [f"abs({n}) * {literal(float(s))}" for n, s in zip(names, scale, strict=True)]
    size = f"greatest({', '.join(sizes)})" if len(sizes) > 1 else sizes[0]
    order = f"ORDER BY {size} DESC, {', '.join(names)} LIMIT {count}"
    return np.array(
        rows.ask(f"SELECT {', '.join(names)} FROM ({summed}) AS u {order}"), dtype=float
    )


def design_columns(design: Design) -> list[Column]:
    """Return every column of a design in the order of the coefficients."""
    discrete = [design.rows.of_cells(values) for values in design.discrete.T]
    found = zip(design.places, [*discrete, *design.continuous], strict=True)
    return [column for _, column in sorted(found, key=lambda pair: pair[0])]
