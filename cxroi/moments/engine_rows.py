"""Rows that stay in their engine: what statistics ask of them, in SQL."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar, cast

import numpy as np

from ..engine.literals import constant, looked, numbering
from ..engine.quoting import ident, text
from ..files.progress import ended
from .column_design import CellProduct, ColumnDesign
from .column_operations import COLUMNS
from .columns import Column
from .plan import answered, cached_property, together
from .rows import MISSING, ordered, worded
from .wide_statements import Ask

if TYPE_CHECKING:
    from ..arrays import Floats, Vector
    from ..engine.answers import Records
    from ..engine.engines import Engine

T = TypeVar("T")

_PART = re.compile(r"\bpart_[0-9a-f]{12}\b")


@dataclass(frozen=True, eq=False)
class EngineRows:
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
    subsample
        A relation with a few of the rows, on which an iteration may begin; empty for none.
    weight
        The column that holds survey weights.
    """

    engine: Engine
    relation: str
    cells: Mapping[str, tuple[object, ...]]
    types: Mapping[str, str] = field(default_factory=dict)
    numbered: bool = True
    sizes: tuple[int, ...] = ()
    where: str = ""
    subsample: str = ""
    weight: str = "weight"
    known: MutableMapping[str, Records] = field(default_factory=dict, repr=False)

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

    def only(self, condition: Vector) -> Self:
        """Return the rows that meet a condition as well."""
        condition = cast("Column", condition)
        if condition.lookups or condition.parts:
            raise ValueError("a condition on rows names columns of the relation alone")
        where = f"{self.where} AND {condition.sql}" if self.where else condition.sql
        return replace(self, where=where)

    def joined(self, found: str, key: Column, on: str, names: Sequence[str]) -> Self:
        """Return the rows with more columns of numbers, found by the value of a key.

        Parameters
        ----------
        found
            A query with the columns of `names`, one row a value of its column `on`.
        """
        own = ", ".join(f"p.{ident(name)}" for name in self.types)
        keyed = f"SELECT {own}, {key.sql} AS key FROM {self.relation} AS p"
        chosen = ", ".join([own, *(f"h.{name}" for name in names)])
        relation = f"(SELECT {chosen} FROM ({keyed}) AS p JOIN ({found}) AS h ON p.key = h.{on})"
        types = {**self.types, **dict.fromkeys(names, "number")}
        return replace(self, relation=relation, types=types)

    def subsampled(self) -> Self | None:
        """Return a few of the rows, where the relation has a subsample."""
        return (
            replace(self, relation=self.subsample, numbered=True, sizes=(), subsample="")
            if self.subsample
            else None
        )

    def fetch(
        self,
        outer: Sequence[str],
        inner: Mapping[str, Column] | None = None,
        by: Sequence[str] = (),
        unit: Column | None = None,
    ) -> Records:
        """Return aggregates, remembered by their text.

        Parameters
        ----------
        outer
            Aggregates over the names in `inner`.
        inner
            Columns by the name under which the aggregates use them.
        by
            Columns of the relation to group by; they come first in each row.
        unit
            The columns are summed over each value of it before they are aggregated.
        """
        return answered(Ask(self, tuple(outer), inner or {}, tuple(by), unit))

    def text(
        self, outer: Sequence[str], inner: Mapping[str, Column], by: Sequence[str] = ()
    ) -> str:
        """Return a query for expressions over columns, up to its GROUP BY."""
        lookups = {n: v for c in inner.values() for n, v in c.lookups.items()}
        chosen = ", ".join([*by, *(f"{c.number} AS {n}" for n, c in inner.items())]) or "1 AS one"
        parts = {n: sql for c in inner.values() for n, sql in c.parts.items()}
        low = _without(parts, lookups)
        where = f" WHERE {self.where}" if self.where else ""
        source, joined = f"{self.relation} AS r", self._joined(lookups, "cell" in by)
        for layer in _layers({n: sql for n, sql in parts.items() if n in low}):
            source, where = _on(source + where, layer), ""
        source, where = source + joined, where
        for layer in _layers(parts, low):
            source, where = _on(source + where, layer), ""
        return f"SELECT {', '.join(outer)} FROM (SELECT {chosen} FROM {source}{where}) AS s"

    def _joined(self, lookups: Mapping[str, Floats], numbered: bool) -> str:
        """Return what gives the rows that which hangs on their cell, where it is used."""
        if self.numbered:
            return f" JOIN {looked(lookups)}" if lookups else ""
        return f" JOIN {numbering(self.cells, lookups)}" if lookups or numbered else ""

    def ask(self, sql: str) -> Records:
        """Return the rows of a small result, remembered by its text."""
        return answered(Ask(self, sql=sql))

    def remembers(self, text: str) -> bool:
        """Whether the answer to a query is known."""
        return _key(text) in self.known

    def remembered(self, text: str) -> Records:
        """Return the known answer to a query."""
        return self.known[_key(text)]

    def remember(self, text: str, answer: Records) -> None:
        """Keep the answer to a query."""
        self.known[_key(text)] = answer

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

    def values(self, name: str) -> Column:
        """Return numbers that every row has."""
        return self.column(f"CAST({ident(name)} AS DOUBLE)")

    def flags(self, name: str) -> Column:
        """Return a yes/no that every row has."""
        return self.flag(ident(name))

    def is_known(self, name: str) -> Column:
        """Return where a column is not missing."""
        return self.flag(f"({ident(name)} IS NOT NULL)")

    def from_day_on(self, name: str, first: dt.date | None, days: int) -> Column:
        """Return where a time less so many days is not before a day; nowhere if that is None."""
        begins = f"{ident(name)} - INTERVAL {days} DAY >= TIMESTAMP '{first}'"
        return self.flag("false" if first is None else begins)

    def category(self, name: str) -> Column:
        """Return the level of each row, a missing one under its name."""
        return self.column(f"coalesce(CAST({ident(name)} AS VARCHAR), {constant(MISSING)})")

    def together(self, makes: Sequence[Callable[[], T]], what: str = "") -> list[T]:
        """Make several results of these rows; what they ask is asked together."""
        with ended(len(makes), what) as tick:
            return together([partial(_ticked, make, tick) for make in makes])

    @property
    def one(self) -> Column:
        """One for every row."""
        return self.column("1e0")

    @property
    def groups(self) -> Column:
        """Position of each row's group among the labels of the scale."""
        return self.column("grp")

    @cached_property
    def clusters(self) -> Column | None:
        """The independent unit of each row; None where each is its own."""
        unit = self.column("cluster")
        return unit if COLUMNS.distinct(unit) < self.count else None

    @property
    def weights(self) -> Column:
        """Survey weight of each row."""
        return self.column(self.weight)

    def own(self, values: Vector) -> Column:
        """Return the values of these rows among those of all rows of the panel."""
        return cast("Column", values).on(self)

    def spread(self, values: Vector, some: Self) -> Column:
        """Return values of some of the rows among all of them, zero on the others."""
        return cast("Column", values).over(self)

    @property
    def place(self) -> str:
        """Say where a model of the rows is fitted."""
        return f"fitted from sums in {self.engine.name}"

    @property
    def names(self) -> Sequence[str]:
        """Its columns."""
        return list(self.types)

    def is_number(self, column: str) -> bool:
        """Whether a column holds numbers."""
        return self.types[column] == "number"

    def levels(self, column: str) -> Mapping[str, int]:
        """Return how often each value of a category occurs, most frequent first."""
        if column in self.cells:
            counts = self._per_cell
            return ordered([worded(value) for value in self.cells[column]], counts)
        found = self.fetch(["count(*)"], by=[ident(column)])
        return ordered([worded(value) for value, _ in found], [n for _, n in found])

    def member(self, column: str, levels: Collection[str]) -> Vector:
        """Return 1 where a category holds one of some values, else 0; one number a cell."""
        if column in self.cells:
            return np.array([worded(v) in levels for v in self.cells[column]], dtype=float)
        name = ident(column)
        raw = [value for value, _ in self.fetch(["count(*)"], by=[name])]
        chosen = [value for value in raw if value is not None and worded(value) in levels]
        parts = [f"{name} IN ({', '.join(map(_sql, chosen))})"] if chosen else []
        parts += [f"{name} IS NULL"] if MISSING in levels and None in raw else []
        return self.flag(f"coalesce({' OR '.join(parts) or 'false'}, false)")

    def number(self, column: str) -> tuple[Vector, Vector | None]:
        """Return a quantity, zero where it is missing, and where that is; None if nowhere."""
        name = ident(column)
        missing = self.flag(f"({name} IS NULL)")
        if missing.sum() == 0:
            return self.column(f"CAST({name} AS DOUBLE)"), None
        return self.column(f"coalesce(CAST({name} AS DOUBLE), 0e0)"), missing

    def matrix(self, columns: Sequence[Vector], names: Sequence[str]) -> ColumnDesign:
        """Return the columns side by side."""
        return ColumnDesign.of(self, columns, names, self.cell_count)

    def interaction(self, level: Vector, quantity: Vector) -> Vector:
        """Return a quantity times a number a cell, or times a flag."""
        if isinstance(level, Column):
            return cast("Vector", level * quantity)
        product = CellProduct(np.asarray(level, dtype=float), cast("Column", quantity))
        return cast("Vector", product)

    @cached_property
    def _per_cell(self) -> Floats:
        counts = np.zeros(self.cell_count)
        for cell, n in self.fetch(["count(*)"], by=["cell"]):
            counts[int(cell)] = n
        return counts


def _on(source: str, layer: Mapping[str, str]) -> str:
    """Put a layer of parts on a source; each is made once a row.

    The join with one row keeps an engine from writing the parts out again wherever they are
    named, which makes long statements longer by orders of magnitude.
    """
    made = ", ".join(f"{sql} AS {name}" for name, sql in layer.items())
    apart = f"apart_{next(iter(layer))[5:]}"
    return f"((SELECT *, {made} FROM {source}) CROSS JOIN (VALUES (0)) AS o({apart})) AS r"


def _without(parts: Mapping[str, str], lookups: Mapping[str, Floats]) -> set[str]:
    """Return the parts that name nothing that hangs on a cell, themselves or by other parts."""
    found: set[str] = set()
    for name, sql in parts.items():
        named = set(_PART.findall(sql))
        if named <= found and "cell" not in sql and not any(one in sql for one in lookups):
            found.add(name)
    return found


def _layers(parts: Mapping[str, str], made: Collection[str] = ()) -> list[dict[str, str]]:
    """Sort parts into layers, each of which names only parts of those before it.

    Parameters
    ----------
    made
        Parts that are there already.
    """
    depth: dict[str, int] = {}
    wanted = {name: sql for name, sql in parts.items() if name not in made}
    for name, sql in wanted.items():
        below = (depth[other] for other in _PART.findall(sql) if other not in made)
        depth[name] = 1 + max(below, default=-1)
    layers: list[dict[str, str]] = [{} for _ in range(max(depth.values(), default=-1) + 1)]
    for name, sql in wanted.items():
        layers[depth[name]][name] = sql
    return layers


def _ticked(make: Callable[[], T], tick: Callable[[], object]) -> T:
    try:
        return make()
    finally:
        tick()


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sql(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else text(str(value))
