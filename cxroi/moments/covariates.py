"""Attributes and baselines of a sample as vectors: of a data frame, or of rows in an engine.

Both kinds of source answer the same questions, from which `design_matrix` lays out columns.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..engine.quoting import ident, text
from .columns import Column, Rows
from .design import Design
from .order_statistics import quantile

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats, Vector

MISSING = "(missing)"


class Source(Protocol):
    """Where attributes and baselines of a sample come from."""

    @property
    def names(self) -> Sequence[str]:
        """Its columns."""
        ...

    @property
    def count(self) -> int:
        """How many rows there are."""
        ...

    def is_number(self, column: str) -> bool:
        """Whether a column holds numbers."""
        ...

    def levels(self, column: str) -> Mapping[str, int]:
        """Return how often each value of a category occurs, most frequent first."""
        ...

    def member(self, column: str, levels: Collection[str]) -> Vector:
        """Return 1 where a category holds one of some values, else 0."""
        ...

    def number(self, column: str) -> tuple[Vector, Vector | None]:
        """Return a quantity, zero where it is missing, and where that is; None if nowhere."""
        ...

    def median(self, values: Vector) -> float:
        """Return the median of those values that are above zero; NaN where none is."""
        ...

    def matrix(self, columns: Sequence[Vector], names: Sequence[str]) -> Any:
        """Return the columns side by side."""
        ...

    def centred_gram(self, matrix: Any) -> Floats:
        """Return cross-products of columns less their means."""
        ...


@dataclass(frozen=True, eq=False)
class FrameSource:
    """Attributes and baselines in a data frame."""

    frame: pd.DataFrame

    @property
    def names(self) -> Sequence[str]:
        """Its columns."""
        return list(self.frame.columns)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.frame)

    def is_number(self, column: str) -> bool:
        """Whether a column holds numbers."""
        return self.frame[column].dtype.kind in "fiu"

    def levels(self, column: str) -> Mapping[str, int]:
        """Return how often each value of a category occurs, most frequent first."""
        codes, labels = self._coded(column)
        return _ordered(labels, np.bincount(codes, minlength=len(labels)))

    def member(self, column: str, levels: Collection[str]) -> Vector:
        """Return 1 where a category holds one of some values, else 0."""
        codes, labels = self._coded(column)
        chosen = np.array([label in levels for label in labels], dtype=float)
        return chosen[codes]

    def number(self, column: str) -> tuple[Vector, Vector | None]:
        """Return a quantity, zero where it is missing, and where that is; None if nowhere."""
        values = self.frame[column].to_numpy(dtype=float)
        missing = ~np.isfinite(values)
        if not missing.any():
            return values, None
        return np.where(missing, 0.0, values), missing.astype(float)

    def median(self, values: Vector) -> float:
        """Return the median of those values that are above zero; NaN where none is."""
        above = values[values > 0]
        return float(np.median(above)) if len(above) else float("nan")

    def matrix(self, columns: Sequence[Vector], names: Sequence[str]) -> Any:
        """Return the columns side by side."""
        return np.column_stack(columns) if columns else np.empty((self.count, 0))

    def centred_gram(self, matrix: Any) -> Floats:
        """Return cross-products of columns less their means."""
        return centred_gram(matrix)

    def _coded(self, column: str) -> tuple[np.ndarray[Any, Any], list[str]]:
        """Return the code of each row and the label of each code."""
        position, found = self.frame[column].factorize(use_na_sentinel=True)
        labels = [*map(worded, found), MISSING]  # a missing one is at -1
        return np.where(position < 0, len(found), position), labels


@dataclass(frozen=True, eq=False)
class RowsSource:
    """Attributes and baselines of rows that stay in their engine."""

    rows: Rows

    @property
    def names(self) -> Sequence[str]:
        """Its columns."""
        return list(self.rows.types)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self.rows.count

    def is_number(self, column: str) -> bool:
        """Whether a column holds numbers."""
        return self.rows.types[column] == "number"

    def levels(self, column: str) -> Mapping[str, int]:
        """Return how often each value of a category occurs, most frequent first."""
        if column in self.rows.cells:
            counts = self._per_cell
            return _ordered([worded(value) for value in self.rows.cells[column]], counts)
        found = self.rows.fetch(["count(*)"], by=[ident(column)])
        return _ordered([worded(value) for value, _ in found], [n for _, n in found])

    def member(self, column: str, levels: Collection[str]) -> Vector:
        """Return 1 where a category holds one of some values, else 0; one number a cell."""
        if column in self.rows.cells:
            return np.array([worded(v) in levels for v in self.rows.cells[column]], dtype=float)
        name = ident(column)
        raw = [value for value, _ in self.rows.fetch(["count(*)"], by=[name])]
        chosen = [value for value in raw if value is not None and worded(value) in levels]
        parts = [f"{name} IN ({', '.join(map(_sql, chosen))})"] if chosen else []
        parts += [f"{name} IS NULL"] if MISSING in levels and None in raw else []
        return self.rows.flag(f"coalesce({' OR '.join(parts) or 'false'}, false)")

    def number(self, column: str) -> tuple[Vector, Vector | None]:
        """Return a quantity, zero where it is missing, and where that is; None if nowhere."""
        name = ident(column)
        missing = self.rows.flag(f"({name} IS NULL)")
        if missing.sum() == 0:
            return self.rows.column(f"CAST({name} AS DOUBLE)"), None
        return self.rows.column(f"coalesce(CAST({name} AS DOUBLE), 0e0)"), missing

    def median(self, values: Vector) -> float:
        """Return the median of those values that are above zero; NaN where none is."""
        above = self.rows.only(values > 0)
        return quantile(above.column(values.sql), None, 0.5) if above.count else float("nan")

    def matrix(self, columns: Sequence[Vector], names: Sequence[str]) -> Design:
        """Return the columns side by side."""
        known = [n for n, column in enumerate(columns) if not isinstance(column, Column)]
        rest = [n for n, column in enumerate(columns) if isinstance(column, Column)]
        discrete = [columns[n] for n in known]
        empty = np.empty((self.rows.cell_count, 0))
        return Design(
            rows=self.rows,
            names=tuple(names),
            discrete=np.column_stack(discrete) if discrete else empty,
            continuous=tuple(columns[n] for n in rest),
            places=(*known, *rest),
        )

    def centred_gram(self, matrix: Any) -> Floats:
        """Return cross-products of columns less their means."""
        one = self.rows.column("1e0")
        [gram], [total] = matrix.moments((one,), (one,))
        return np.asarray(gram - np.outer(total, total) / self.count)

    @cached_property
    def _per_cell(self) -> Floats:
        counts = np.zeros(self.rows.cell_count)
        for cell, n in self.rows.fetch(["count(*)"], by=["cell"]):
            counts[int(cell)] = n
        return counts


def centred_gram(matrix: Floats) -> Floats:
    """Return cross-products of columns less their means."""
    centred = matrix - matrix.mean(axis=0) if matrix.shape[1] else matrix
    return np.asarray(centred.T @ centred)


def worded(value: object) -> str:
    """Write a value of a category."""
    if value is None:
        return MISSING
    if not isinstance(value, float):
        return str(value)
    return str(int(value)) if value.is_integer() else repr(float(value))


def _ordered(labels: Sequence[str], counts: Any) -> Mapping[str, int]:
    """Return labels with their counts, most frequent first, of equal ones by name."""
    found: dict[str, int] = {}
    for label, count in zip(labels, counts, strict=True):
        if count:
            found[label] = found.get(label, 0) + int(count)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _sql(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else text(str(value))
