"""Wide statements: what several ask of an engine at the same time, in one statement.

Asks of the same rows, grouped alike, become one query over the columns of all; the queries of
different rows are put one below the other. So the engine is asked once, and rows that several
ask about are read once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from ..files.progress import step

if TYPE_CHECKING:
    from ..engine.answers import Records
    from .columns import Column, Relation

T = TypeVar("T")

# Aggregates of one query, and queries of one statement: engines compile each, and beyond so many
# in ever more time.
WIDEST, LONGEST = 300, 24
_NAME = re.compile(r"(?<![\w'\"])([a-z]\w*)(?![\w('\"])")


@dataclass(frozen=True, eq=False)
class Ask:
    """What is asked of rows in an engine.

    Attributes
    ----------
    outer
        Aggregates over the names in `inner`.
    inner
        Columns by the name under which the aggregates use them.
    by
        Columns of the relation to group by; they come first in each row.
    unit
        The columns are summed over each value of it before they are aggregated.
    sql
        A whole query, where it is no such aggregate.
    """

    rows: Relation
    outer: tuple[str, ...] = ()
    inner: Mapping[str, Column] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    unit: Column | None = None
    sql: str = ""

    @cached_property
    def text(self) -> str:
        """The query by itself, under which its answer is remembered."""
        return self.sql or self.written([*self.by, *self.outer])

    def written(self, outer: Sequence[str]) -> str:
        """Write the query with other expressions in front."""
        if self.unit is not None:
            parts = [f"sum({name}) AS {name}" for name in self.inner]
            summed = self.rows.text(parts, {**self.inner, "unit": self.unit})
            return f"SELECT {', '.join(outer)} FROM ({summed} GROUP BY unit) AS u"
        grouped = f" GROUP BY {', '.join(self.by)}" if self.by else ""
        return self.rows.text(outer, self.inner, self.by) + grouped

    @property
    def numbers(self) -> bool:
        """Whether the answer is all numbers, so that it may stand below others."""
        return not self.sql and self.by in ((), ("cell",))

    @property
    def united_with(self) -> tuple[object, ...]:
        """What asks have in common that become one query."""
        rows, looked = self.rows, any(column.lookups for column in self.inner.values())
        numbered = rows.numbered or "cell" in self.by or looked
        # Each count of different values makes some engines read the rows once more.
        alone = self.outer if any("DISTINCT" in one for one in self.outer) else ()
        unit = self.unit.sql if self.unit else ""
        return rows.relation, rows.where, self.by, unit, numbered, alone


@dataclass(frozen=True, eq=False)
class _Query:
    """One query for several asks of the same rows, and where the answer of each is in it."""

    whole: Ask
    asks: Sequence[Ask]
    places: Sequence[Sequence[int]]

    def remember(self, found: Records) -> None:
        """Hand each ask its part of the answer."""
        before = len(self.whole.by)
        for ask, place in zip(self.asks, self.places, strict=True):
            part = [(*row[:before], *map(row[before:].__getitem__, place)) for row in found]
            ask.rows.remember(ask.text, part)


def answer_all(asks: Sequence[Ask]) -> list[Records]:
    """Answer asks with as few statements as they allow; remember each by its own text."""
    wanted: dict[tuple[int, str], Ask] = {}
    for ask in asks:
        if not ask.rows.remembers(ask.text):
            wanted.setdefault((id(ask.rows.known), ask.text), ask)
    others = [ask for ask in wanted.values() if not ask.numbers]
    with step(
        "Summing over the panel",
        max((sum(getattr(ask.rows, "sizes", ())) for ask in asks), default=0),
    ):
        for ask in others:
            ask.rows.remember(ask.text, ask.rows.engine.fetch(ask.text))
        queries = list(_queries([ask for ask in wanted.values() if ask.numbers]))
        for statement in _cut(queries, LONGEST, lambda _: 1):
            _send(statement)
    return [ask.rows.remembered(ask.text) for ask in asks]


def _queries(asks: Sequence[Ask]) -> Iterator[_Query]:
    same: dict[object, list[Ask]] = {}
    for ask in asks:
        same.setdefault((id(ask.rows.engine), ask.united_with), []).append(ask)
    for group in same.values():
        for part in _cut(group, WIDEST, lambda ask: len(ask.outer)):
            yield _unite(part)


def _cut(items: Sequence[T], most: int, size: Callable[[T], int]) -> Iterator[list[T]]:
    """Cut items into runs of at most so much together."""
    run: list[T] = []
    for item in items:
        if run and sum(map(size, run)) + size(item) > most:
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _unite(asks: Sequence[Ask]) -> _Query:
    """Write asks of the same rows as one, equal columns and aggregates once."""
    first, inner = asks[0], {}  # type: Ask, dict[str, Column]
    names: dict[tuple[str, bool], str] = {}
    outer: dict[str, int] = {}
    places = []
    for ask in asks:
        renamed = {}
        for name, column in ask.inner.items():
            own = names.setdefault((column.sql, column.flag), f"u{len(names)}")
            inner.setdefault(own, column)
            renamed[name] = own
        texts = [_renamed(one, renamed) for one in ask.outer]
        places.append([outer.setdefault(text, len(outer)) for text in texts])
    return _Query(Ask(first.rows, tuple(outer), inner, first.by, first.unit), asks, places)


def _renamed(aggregate: str, names: Mapping[str, str]) -> str:
    return _NAME.sub(lambda found: names.get(found[1], found[1]), aggregate)


def _send(queries: Sequence[_Query]) -> None:
    """Send queries one below the other, each row with the number of its query."""
    first = queries[0].whole
    if len(queries) == 1:
        queries[0].remember(first.rows.engine.fetch(first.text))
        return
    width = max(len(query.whole.outer) for query in queries)
    parts = []
    for number, query in enumerate(queries):
        whole = query.whole
        outer = [f"CAST({one} AS DOUBLE)" for one in whole.outer]
        outer += ["CAST(NULL AS DOUBLE)"] * (width - len(outer))
        named = [f"{one} AS a{n}" for n, one in enumerate(outer)]
        cell = "CAST(cell AS INTEGER)" if whole.by else "CAST(NULL AS INTEGER)"
        parts.append(whole.written([f"{number} AS part", f"{cell} AS in_cell", *named]))
    found: list[Records] = [[] for _ in queries]
    for part, cell, *row in first.rows.engine.fetch(" UNION ALL ".join(parts)):
        whole = queries[int(part)].whole
        found[int(part)].append((*((cell,) if whole.by else ()), *row[: len(whole.outer)]))
    for query, answer in zip(queries, found, strict=True):
        query.remember(answer)
