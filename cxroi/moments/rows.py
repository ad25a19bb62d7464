"""Rows of a panel, in memory or in an engine: what statistics ask of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

import numpy as np

if TYPE_CHECKING:
    from ..arrays import Floats, Integers, Vector
    from .design import Design

T = TypeVar("T")

MISSING = "(missing)"


class Rows(Protocol):
    """Rows with named columns, from which vectors and designs are made."""

    @property
    def names(self) -> Sequence[str]:
        """Its columns."""
        ...

    @property
    def count(self) -> int:
        """How many rows there are."""
        ...

    @property
    def place(self) -> str:
        """Say where a model of the rows is fitted."""
        ...

    def is_number(self, column: str) -> bool:
        """Whether a column holds numbers."""
        ...

    def values(self, name: str) -> Vector:
        """Return a column of numbers; a missing one is NaN, in an engine NULL."""
        ...

    def number(self, column: str) -> tuple[Vector, Vector | None]:
        """Return a quantity, zero where it is missing, and where that is; None if nowhere."""
        ...

    def flags(self, name: str) -> Vector:
        """Return a yes/no that every row has."""
        ...

    def is_known(self, name: str) -> Vector:
        """Return where a column is not missing."""
        ...

    def from_day_on(self, name: str, first: dt.date | None, days: int) -> Vector:
        """Return where a time less so many days is not before a day; nowhere if that is None."""
        ...

    def category(self, name: str) -> Vector:
        """Return the level of each row, a missing one a level of its own."""
        ...

    def levels(self, column: str) -> Mapping[str, int]:
        """Return how often each value of a category occurs, most frequent first."""
        ...

    def member(self, column: str, levels: Collection[str]) -> Vector | Floats:
        """Return 1 where a category holds one of some values, else 0, as `matrix` takes it."""
        ...

    def matrix(self, columns: Sequence[Vector], names: Sequence[str]) -> Design:
        """Return columns side by side."""
        ...

    def interaction(self, level: Vector, quantity: Vector) -> Vector:
        """Return a quantity times what `member` returned, as `matrix` takes it."""
        ...

    def together(self, makes: Sequence[Callable[[], T]], what: str = "") -> list[T]:
        """Make several results of these rows; in an engine what they ask is asked together.

        Parameters
        ----------
        what
            What a bar says, where rows are many and somebody looks on; none when empty.
        """
        ...

    @property
    def one(self) -> Vector:
        """One for every row."""
        ...

    @property
    def groups(self) -> Vector:
        """Position of each row's group among the labels of the scale."""
        ...

    @property
    def clusters(self) -> Vector | None:
        """The independent unit of each row; None where each is known to be its own."""
        ...

    @property
    def weights(self) -> Vector:
        """Survey weight of each row."""
        ...

    def only(self, condition: Vector) -> Self:
        """Return the rows that meet a condition."""
        ...

    def own(self, values: Vector) -> Vector:
        """Return the values of these rows among those of all rows of the panel."""
        ...

    def spread(self, values: Vector, some: Self) -> Vector:
        """Return values of some of the rows among all of them, zero on the others."""
        ...


def worded(value: object) -> str:
    """Write a value of a category."""
    if value is None:
        return MISSING
    if not isinstance(value, float):
        return str(value)
    return str(int(value)) if value.is_integer() else repr(float(value))


def ordered(labels: Sequence[str], counts: Iterable[float] | Integers) -> Mapping[str, int]:
    """Return labels with their counts, most frequent first, of equal ones by name."""
    found: dict[str, int] = {}
    for label, count in zip(labels, counts, strict=True):
        if count:
            found[label] = found.get(label, 0) + int(count)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def centred_gram(design: Design) -> Floats:
    """Return cross-products of columns less their means."""
    [products], [total] = design.moments((design.one,), (design.one,))
    return np.asarray(products - np.outer(total, total) / design.shape[0])
