"""Rows in memory: what statistics ask of them, of a data frame."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self, TypeVar, cast

import numpy as np

from .array_design import ArrayDesign
from .plan import cached_property
from .rows import MISSING, ordered, worded

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Flags, Floats, Integers, Vector

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class FrameRows:
    """Rows of a data frame; see `rows.Rows`.

    Attributes
    ----------
    whole, places
        The rows of which these are some, and the position of each among them.
    """

    frame: pd.DataFrame
    whole: Self | None = field(default=None, repr=False)
    places: Integers | None = field(default=None, repr=False)

    @property
    def names(self) -> Sequence[str]:
        """Its columns."""
        return list(self.frame.columns)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.frame)

    @property
    def place(self) -> str:
        """Say where a model of the rows is fitted."""
        return "fitted to rows in memory"

    def is_number(self, column: str) -> bool:
        """Whether a column holds numbers."""
        return self.frame[column].dtype.kind in "fiu"

    def values(self, name: str) -> Floats:
        """Return a column of numbers; a missing one is NaN."""
        return self.frame[name].to_numpy(dtype=float)

    def number(self, column: str) -> tuple[Floats, Floats | None]:
        """Return a quantity, zero where it is missing, and where that is; None if nowhere."""
        values = self.values(column)
        missing = ~np.isfinite(values)
        if not missing.any():
            return values, None
        return np.where(missing, 0.0, values), missing.astype(float)

    def flags(self, name: str) -> Flags:
        """Return a yes/no that every row has."""
        return self.frame[name].to_numpy(dtype=bool)

    def is_known(self, name: str) -> Flags:
        """Return where a column is not missing."""
        return np.asarray(self.frame[name].notna(), dtype=bool)

    def from_day_on(self, name: str, first: dt.date | None, days: int) -> Flags:
        """Return where a time less so many days is not before a day; nowhere if that is None."""
        begins = self.frame[name] - dt.timedelta(days=days)
        start = np.datetime64("NaT") if first is None else np.datetime64(first)
        return np.asarray(begins.to_numpy(dtype="datetime64[us]") >= start, dtype=bool)

    def category(self, name: str) -> Integers:
        """Return the level of each row as a code from zero on."""
        column = self.frame[name].astype(object)
        codes = column.where(column.notna(), MISSING).map(str).factorize()[0]
        return np.asarray(codes, dtype=np.int64)

    def levels(self, column: str) -> Mapping[str, int]:
        """Return how often each value of a category occurs, most frequent first."""
        codes, labels = self._coded(column)
        return ordered(labels, np.bincount(codes, minlength=len(labels)))

    def member(self, column: str, levels: Collection[str]) -> Floats:
        """Return 1 where a category holds one of some values, else 0."""
        codes, labels = self._coded(column)
        chosen = np.array([label in levels for label in labels], dtype=float)
        return np.asarray(chosen[codes])

    def matrix(self, columns: Sequence[Vector], names: Sequence[str]) -> ArrayDesign:
        """Return columns side by side."""
        empty = np.empty((self.count, 0))
        matrix = np.column_stack(columns) if columns else empty
        return ArrayDesign(tuple(names), matrix)

    def interaction(self, level: Vector, quantity: Vector) -> Vector:
        """Return a quantity times an indicator of a level."""
        return level * quantity

    def together(self, makes: Sequence[Callable[[], T]], what: str = "") -> list[T]:
        """Make several results of these rows."""
        return [make() for make in makes]

    @property
    def one(self) -> Floats:
        """One for every row."""
        return np.ones(self.count)

    @cached_property
    def groups(self) -> Integers:
        """Position of each row's group among the labels of the scale."""
        return np.asarray(self.frame["group"].cat.codes, dtype=np.int64)

    @cached_property
    def clusters(self) -> Integers:
        """The independent unit of each row, coded from zero."""
        if self.whole is None:
            return np.asarray(self.frame["cluster"].factorize()[0], dtype=np.int64)
        return np.unique(self.whole.clusters[self.places], return_inverse=True)[1]

    @property
    def weights(self) -> Floats:
        """Survey weight of each row."""
        return self.values("weight")

    def only(self, condition: Vector) -> Self:
        """Return the rows that meet a condition."""
        at = np.flatnonzero(condition)
        whole = self if self.whole is None else self.whole
        places = at if self.places is None else self.places[at]
        return replace(self, frame=self.frame.iloc[at], whole=whole, places=places)

    def own(self, values: Vector) -> Floats:
        """Return the values of these rows among those of all rows of the panel."""
        own = cast("Floats", values)
        return own if self.places is None else own[self.places]

    def spread(self, values: Vector, some: Self) -> Floats:
        """Return values of some of the rows among all of them, zero on the others."""
        full = np.zeros(self.count)
        full[slice(None) if some.places is None else some.places] = values
        return full

    def _coded(self, column: str) -> tuple[Integers, list[str]]:
        """Return the code of each row and the label of each code."""
        position, found = self.frame[column].factorize(use_na_sentinel=True)
        labels = [*map(worded, found), MISSING]  # a missing one is at -1
        return np.where(position < 0, len(found), position), labels
