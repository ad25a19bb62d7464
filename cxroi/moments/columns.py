"""Columns of rows that stay in their engine, written like arrays.

A `Column` is an expression over rows, in SQL. Arithmetic on it makes another expression; only a
sum, a count or a quantile sends work to the engine and brings back a number. What is written for
arrays of numpy (see `influence`) so holds for columns of any size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..engine.literals import literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..arrays import Floats
    from ..engine.answers import Records
    from ..engine.engines import Engine

_TWO = {
    "add": "({} + {})",
    "subtract": "({} - {})",
    "multiply": "({} * {})",
    "divide": "({} / {})",
    "minimum": "least({}, {})",
    "maximum": "greatest({}, {})",
    "power": "power({}, {})",
}
_ONE = {
    "negative": "(- {})",
    "exp": "exp({})",
    "log": "ln({})",
    "sqrt": "sqrt({})",
    "arcsinh": "asinh({})",
    "absolute": "abs({})",
    "expit": "(1e0 / (1e0 + exp(- {})))",
}
_COMPARED = {
    "equal": "({} = {})",
    "not_equal": "({} <> {})",
    "less": "({} < {})",
    "less_equal": "({} <= {})",
    "greater": "({} > {})",
    "greater_equal": "({} >= {})",
}
_JOINED = {
    "logical_and": "({} AND {})",
    "bitwise_and": "({} AND {})",
    "logical_or": "({} OR {})",
    "bitwise_or": "({} OR {})",
    "logical_not": "(NOT {})",
    "invert": "(NOT {})",
}


class Relation(Protocol):
    """The rows in an engine that columns are expressions over."""

    @property
    def relation(self) -> str:
        """What stands after FROM."""
        ...

    @property
    def engine(self) -> Engine:
        """Where the relation is."""
        ...

    @property
    def numbered(self) -> bool:
        """Whether the relation has the number of the cell of each row."""
        ...

    @property
    def known(self) -> MutableMapping[str, Records]:
        """Answers of the engine so far."""
        ...

    @property
    def where(self) -> str:
        """Condition that the rows meet; empty for all."""
        ...

    @property
    def count(self) -> int:
        """How many rows there are."""
        ...

    @property
    def cells(self) -> Mapping[str, tuple[object, ...]]:
        """Combinations of discrete columns that occur."""
        ...

    def column(self, sql: str) -> Column:
        """Return a column of numbers by its SQL."""
        ...

    def of_cells(self, values: Floats) -> Column:
        """Return a column that holds one value a cell."""
        ...

    def subsampled(self) -> Relation | None:
        """Return a few of the rows, where the relation has a subsample."""
        ...

    def only(self, condition: Column) -> Relation:
        """Return the rows that meet a condition as well."""
        ...

    def joined(self, found: str, key: Column, on: str, names: Sequence[str]) -> Relation:
        """Return the rows with more columns of numbers, found by the value of a key."""
        ...

    def sums(self, columns: Iterable[Column]) -> Floats:
        """Return the sum of each column, all taken in one pass."""
        ...

    def extremes(self, column: Column) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        ...

    def text(
        self, outer: Sequence[str], inner: Mapping[str, Column], by: Sequence[str] = ()
    ) -> str:
        """Return a query for expressions over columns, up to its GROUP BY."""
        ...

    def fetch(
        self,
        outer: Sequence[str],
        inner: Mapping[str, Column] | None = None,
        by: Sequence[str] = (),
        unit: Column | None = None,
    ) -> Records:
        """Return aggregates, remembered by their text."""
        ...

    def remembers(self, text: str) -> bool:
        """Whether the answer to a query is known."""
        ...

    def remembered(self, text: str) -> Records:
        """Return the known answer to a query."""
        ...

    def remember(self, text: str, answer: Records) -> None:
        """Keep the answer to a query."""
        ...

    def ask(self, sql: str) -> Records:
        """Return the rows of a small result, remembered by its text."""
        ...


class Column(NDArrayOperatorsMixin):
    """An expression over rows; arithmetic and the usual functions of numpy make another one.

    Parameters
    ----------
    rows
        Where its values are.
    sql
        The expression; never NULL on `rows`.
    flag
        Whether it is a condition.
    lookups
        Values by cell that the expression names.
    parts
        Expressions that it names, each after those that it names itself.
    """

    __slots__ = ("flag", "lookups", "parts", "rows", "sql")

    if TYPE_CHECKING:  # numpy takes it by `__array_ufunc__` and `__array_function__` alone

        def __array__(self) -> NDArray[Any]: ...

    def __init__(
        self,
        rows: Relation,
        sql: str,
        *,
        flag: bool = False,
        lookups: Mapping[str, Floats] | None = None,
        parts: Mapping[str, str] | None = None,
    ) -> None:
        self.rows, self.sql, self.flag = rows, sql, flag
        self.lookups: Mapping[str, Floats] = lookups or {}
        self.parts: Mapping[str, str] = parts or {}

    def __repr__(self) -> str:
        return f"Column({self.sql})"

    def __len__(self) -> int:
        return self.rows.count

    @property
    def number(self) -> str:
        """The expression as a number: a condition is 1 where it holds, else 0."""
        return f"(CASE WHEN {self.sql} THEN 1e0 ELSE 0e0 END)" if self.flag else self.sql

    def sum(self) -> float:
        """Return the sum over the rows."""
        return float(self.rows.sums([self])[0])

    def mean(self) -> float:
        """Return the mean over the rows."""
        return self.sum() / len(self)

    def std(self) -> float:
        """Return the standard deviation, with divisor n."""
        centred = self - self.mean()
        # What the mean was rounded by is left in the centred values.
        off, square = self.rows.sums([centred, centred * centred]) / len(self)
        return float(np.sqrt(square - off * off))

    def min(self) -> float:
        """Return the smallest value."""
        return self.rows.extremes(self)[0]

    def max(self) -> float:
        """Return the largest value."""
        return self.rows.extremes(self)[1]

    def on(self, rows: Relation) -> Column:
        """Return the same expression over other rows of the panel."""
        return Column(rows, self.sql, flag=self.flag, lookups=self.lookups, parts=self.parts)

    def named(self) -> Column:
        """Return the same values as a part: made once a row, however often they are used."""
        if self.sql in self.parts:
            return self
        digest = hashlib.sha1(self.number.encode(), usedforsecurity=False).hexdigest()
        name = f"part_{digest[:12]}"
        parts = {**self.parts, name: self.number}
        return Column(self.rows, name, lookups=self.lookups, parts=parts)

    def over(self, rows: Relation) -> Column:
        """Return the same values among more rows, zero on those that are not its own."""
        if self.rows.where in ("", rows.where):
            return self.on(rows)
        sql = f"(CASE WHEN {self.rows.where} THEN {self.number} ELSE 0e0 END)"
        return Column(rows, sql, lookups=self.lookups, parts=self.parts)

    def _with(self, sql: str, others: Iterable[object], *, flag: bool = False) -> Column:
        lookups, parts = dict(self.lookups), dict(self.parts)
        for other in others:
            if isinstance(other, Column):
                if other.rows.where != self.rows.where or other.rows.relation != self.rows.relation:
                    raise ValueError("columns of different rows do not go together")
                lookups |= other.lookups
                parts |= other.parts
        return Column(self.rows, sql, flag=flag, lookups=lookups, parts=parts)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: object) -> Any:
        name = ufunc.__name__
        if method != "__call__" or options:
            return NotImplemented
        if name == "matmul":
            left, right = inputs
            return (left * right).sum()
        own = next(value for value in inputs if isinstance(value, Column))
        form = (_TWO | _ONE).get(name)
        if form:
            return own._with(form.format(*map(_number, inputs)), inputs)
        if name in _COMPARED:
            return own._with(_COMPARED[name].format(*map(_number, inputs)), inputs, flag=True)
        if name in _JOINED:
            return own._with(_JOINED[name].format(*map(_condition, inputs)), inputs, flag=True)
        return NotImplemented

    def __array_function__(
        self,
        function: object,
        types: object,
        args: Sequence[Column | float],
        options: Mapping[str, object],
    ) -> Any:
        if function is not np.where or options:
            return NotImplemented
        condition, yes, no = args
        own = next(value for value in args if isinstance(value, Column))
        sql = f"(CASE WHEN {_condition(condition)} THEN {_number(yes)} ELSE {_number(no)} END)"
        return own._with(sql, args)


def _number(value: Column | float) -> str:
    return value.number if isinstance(value, Column) else literal(value)


def _condition(value: object) -> str:
    if isinstance(value, Column):
        return value.sql if value.flag else f"({value.sql} <> 0)"
    return "true" if value else "false"
