"""Rows that stay in their engine, and columns of them that are written like arrays.

A `Column` is an expression over rows, in SQL. Arithmetic on it makes another expression; only a
sum, a count or a quantile sends work to the engine and brings back a number. What is written for
arrays of numpy (see `influence`) so holds for columns of any size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..engine.literals import literal, looked, numbering

if TYPE_CHECKING:
    from ..arrays import Floats
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


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a panel where they are.

    Attributes
    ----------
    relation
        What stands after FROM.
    cells
        Combinations of discrete columns that occur: what each column is in each of them, by
        name: ``grp`` (position of the group) and the categories.
    numbered
        Whether the relation has the number of the cell of each row, in a column ``cell``; else it
        is found from the discrete columns at each pass.
    types
        What the columns of the relation hold: ``number`` or ``category``, by name.
    sizes
        How many rows of the relation each cell has, where that is known.
    where
        Condition that the rows meet; empty for all.
    draft
        A relation with a few of the rows, on which an iteration may begin; empty for none.
    weight
        The column that holds survey weights.
    """

    engine: Engine
    relation: str
    cells: Mapping[str, tuple[Any, ...]]
    types: Mapping[str, str] = field(default_factory=dict)
    numbered: bool = True
    sizes: tuple[int, ...] = ()
    where: str = ""
    draft: str = ""
    weight: str = "weight"
    known: MutableMapping[str, list[tuple[Any, ...]]] = field(default_factory=dict, repr=False)

    def column(self, sql: str) -> Column:
        """Return a column of numbers by its SQL."""
        return Column(self, sql)

    def flag(self, sql: str) -> Column:
        """Return a condition by its SQL."""
        return Column(self, sql, flag=True)

    def of_cells(self, values: Floats) -> Column:
        """Return a column that holds one value a cell."""
        values = np.ascontiguousarray(values, dtype=float)
        name = "of_" + hashlib.sha1(values.tobytes(), usedforsecurity=False).hexdigest()[:12]
        return Column(self, name, lookups={name: values})

    @property
    def count(self) -> int:
        """How many rows there are."""
        if self.sizes and not self.where:
            return sum(self.sizes)
        return int(self.fetch(["count(*)"])[0][0])

    @property
    def cell_count(self) -> int:
        """How many combinations of discrete columns occur."""
        return len(next(iter(self.cells.values())))

    def only(self, condition: Column) -> Rows:
        """Return the rows that meet a condition as well."""
        if condition.lookups:
            raise ValueError("a condition on rows names columns of the relation alone")
        where = f"{self.where} AND {condition.sql}" if self.where else condition.sql
        return replace(self, where=where)

    def drafted(self) -> Rows | None:
        """Return a few of the rows, where the relation has a draft."""
        return (
            replace(self, relation=self.draft, numbered=True, sizes=(), draft="")
            if self.draft
            else None
        )

    def fetch(
        self,
        outer: Sequence[str],
        inner: Mapping[str, Column] | None = None,
        by: Sequence[str] = (),
    ) -> list[tuple[Any, ...]]:
        """Return aggregates, remembered by their text.

        Parameters
        ----------
        outer
            Aggregates over the names in `inner`.
        inner
            Columns by the name under which the aggregates use them.
        by
            Columns of the relation to group by; they come first in each row.
        """
        grouped = f" GROUP BY {', '.join(by)}" if by else ""
        return self.ask(self.text([*by, *outer], inner or {}, by) + grouped)

    def text(
        self, outer: Sequence[str], inner: Mapping[str, Column], by: Sequence[str] = ()
    ) -> str:
        """Return a query for expressions over columns, up to its GROUP BY."""
        lookups = {n: v for c in inner.values() for n, v in c.lookups.items()}
        chosen = ", ".join([*by, *(f"{c.number} AS {n}" for n, c in inner.items())]) or "1 AS one"
        source = self._source(lookups, "cell" in by)
        where = f" WHERE {self.where}" if self.where else ""
        return f"SELECT {', '.join(outer)} FROM (SELECT {chosen} FROM {source}{where}) AS s"

    def _source(self, lookups: Mapping[str, Floats], numbered: bool) -> str:
        """Return the relation, with what hangs on the cell of each row where that is used."""
        if self.numbered:
            return f"{self.relation} AS r" + (f" JOIN {looked(lookups)}" if lookups else "")
        if not lookups and not numbered:
            return f"{self.relation} AS r"
        return f"{self.relation} AS r JOIN {numbering(self.cells, lookups)}"

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small result, remembered by its text."""
        key = hashlib.sha256(sql.encode()).hexdigest()
        if key not in self.known:
            self.known[key] = self.engine.fetch(sql)
        return self.known[key]

    def sums(self, columns: Iterable[Column]) -> Floats:
        """Return the sum of each column, all taken in one pass."""
        columns = list(columns)
        if any((c.rows.relation, c.rows.where) != (self.relation, self.where) for c in columns):
            raise ValueError("columns of different rows are not summed in one pass")
        inner = {f"v{n}": column for n, column in enumerate(columns)}
        if not inner:
            return np.zeros(0)
        [row] = self.fetch([f"sum({name})" for name in inner], inner)
        return np.array([0.0 if value is None else float(value) for value in row])

    def extremes(self, column: Column) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        [(low, high)] = self.fetch(["min(v)", "max(v)"], {"v": column})
        return float(low), float(high)


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
    """

    __slots__ = ("flag", "lookups", "rows", "sql")

    def __init__(
        self,
        rows: Rows,
        sql: str,
        *,
        flag: bool = False,
        lookups: Mapping[str, Floats] | None = None,
    ) -> None:
        self.rows, self.sql, self.flag = rows, sql, flag
        self.lookups: Mapping[str, Floats] = lookups or {}

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

    def over(self, rows: Rows) -> Column:
        """Return the same values among more rows, zero on those that are not its own."""
        if self.rows.where in ("", rows.where):
            return Column(rows, self.sql, flag=self.flag, lookups=self.lookups)
        sql = f"(CASE WHEN {self.rows.where} THEN {self.number} ELSE 0e0 END)"
        return Column(rows, sql, lookups=self.lookups)

    def _with(self, sql: str, others: Iterable[Any], *, flag: bool = False) -> Column:
        lookups = dict(self.lookups)
        for other in others:
            if isinstance(other, Column):
                if other.rows.where != self.rows.where or other.rows.relation != self.rows.relation:
                    raise ValueError("columns of different rows do not go together")
                lookups |= other.lookups
        return Column(self.rows, sql, flag=flag, lookups=lookups)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        name = ufunc.__name__
        if method != "__call__" or options:
            return NotImplemented
        if name == "matmul":
            left, right = inputs
            if not isinstance(right, Column):  # a design
                return right.project([left])[0]
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

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        if function is not np.where or options:
            return NotImplemented
        condition, yes, no = args
        own = next(value for value in args if isinstance(value, Column))
        sql = f"(CASE WHEN {_condition(condition)} THEN {_number(yes)} ELSE {_number(no)} END)"
        return own._with(sql, args)


def _number(value: Any) -> str:
    return value.number if isinstance(value, Column) else literal(value)


def _condition(value: Any) -> str:
    if isinstance(value, Column):
        return value.sql if value.flag else f"({value.sql} <> 0)"
    return "true" if value else "false"
