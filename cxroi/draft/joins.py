"""Joins: which column of each table says who, by how many of its values occur in the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from ..engine.quoting import one_row
from .facts import Facts
from .roles import Guess
from .samples import Sample
from .words import NOT_WHO, WHO, plain, rank

LEAST = 0.02  # share of the customers who answered that another table holds at least


@dataclass(frozen=True)
class Found:
    """How many of the different values of one column occur in another."""

    shared: int
    values: int

    @property
    def share(self) -> float:
        """Their share."""
        return self.shared / max(self.values, 1)


def join(
    connection: duckdb.DuckDBPyConnection, guesses: Sequence[Guess], base: Guess
) -> list[Guess]:
    """Return the guesses with the column that says who, that of the base table first.

    Parameters
    ----------
    base
        The table of those who answered.
    """
    others = [guess for guess in guesses if guess is not base and guess.role]
    best, links = "", dict[int, tuple[str, Found]]()
    highest = -1.0
    for column in _who(base):
        tried = {i: _best(connection, base, column, other) for i, other in enumerate(others)}
        value = sum(link[1].share for link in tried.values()) - 0.01 * _place(base, column)
        if value > highest:
            best, links, highest = column, tried, value
    joined = [_with(base, best, _of_base(base, best, bool(others)))]
    for i, other in enumerate(others):
        column, found = links.get(i, ("", Found(0, 0)))
        if found.share < LEAST:
            joined.append(_with(other, "", _unjoined(other, base)))
            continue
        told = (
            f"holds {found.shared:,} of the {found.values:,} customers who answered "
            f"({100 * found.share:.0f} %)"
        )
        joined.append(_with(other, column, told))
    return joined


def _with(guess: Guess, column: str, ground: str) -> Guess:
    return replace(
        guess,
        columns={"customer": column, **guess.columns},
        grounds={"customer": ground, **guess.grounds},
    )


def _of_base(base: Guess, column: str, others: bool) -> str:
    if not column:
        near = [c.name for c in base.sample.columns.values() if c.distinct > 0.5 * c.held][:4]
        return "who answered; perhaps " + " or ".join(near) if near else "who answered"
    known = base.sample.columns[column]
    return f"{known.distinct:,} customers in {known.held:,} rows" + (
        "; it joins best with the other tables" if others else ""
    )


def _unjoined(other: Guess, base: Guess) -> str:
    near = _who(other)[:3]
    said = f"no column holds customers of {base.sample.where}"
    return said + (f"; perhaps {' or '.join(near)}" if near else "")


def _who(guess: Guess) -> list[str]:
    """Return the columns that could say who, the likeliest first."""
    known = guess.sample.export.columns.get("customer", ()) if guess.sample.export else ()
    named = [guess.sample.resolve((name,)) for name in known]
    able = [
        column
        for column in guess.sample.columns.values()
        if column.kind in ("text", "number")
        and column.distinct > 1
        and (column.mails or rank(column.name, WHO, whole=True) >= 0)
        and not NOT_WHO.search(plain(column.name))
    ]
    able.sort(key=_likelihood)
    return list(dict.fromkeys([*filter(None, named), *(column.name for column in able)]))


def _likelihood(column: Facts) -> int:
    place = rank(column.name, WHO, whole=True)
    return place if place >= 0 else 1


def _place(guess: Guess, column: str) -> int:
    return _who(guess).index(column)


def _best(
    connection: duckdb.DuckDBPyConnection, base: Guess, column: str, other: Guess
) -> tuple[str, Found]:
    """Return the column of another table that holds most values of a column, and how many."""
    links = {
        name: overlap(connection, base.sample, column, other.sample, name) for name in _who(other)
    }
    if not links:
        return "", Found(0, 0)
    name = max(links, key=lambda one: links[one].shared)
    return name, links[name]


def overlap(
    connection: duckdb.DuckDBPyConnection,
    left: Sample,
    column: str,
    right: Sample,
    other: str,
) -> Found:
    """Count the different values of one column, and those that occur in another."""
    a, b = _key(left.columns[column].sql), _key(right.columns[other].sql)
    shared, values = one_row(
        connection,
        f"SELECT count(b.k), count(*) FROM (SELECT DISTINCT {a} AS k FROM {left.relation} "
        f"WHERE {a} <> '') AS a LEFT JOIN (SELECT DISTINCT {b} AS k FROM {right.relation}) AS b "
        "ON a.k = b.k",
    )
    return Found(shared, values)


def _key(sql: str) -> str:
    return f"regexp_replace(lower(trim({sql})), '\\.0$', '')"


def looked_up(
    connection: duckdb.DuckDBPyConnection, guess: Guess, lookups: Mapping[str, Sample]
) -> list[str]:
    """Return ``table.column`` of lookup tables that a table could reach by a column of one name."""
    found = []
    for name, lookup in lookups.items():
        for column, known in lookup.columns.items():
            if known.unique and column in guess.sample.columns:
                link = overlap(connection, guess.sample, column, lookup, column)
                if link.share >= 0.5:
                    found.append(f"{name}.{column}")
    return found
