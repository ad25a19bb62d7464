"""Joins: which column of each table says who, by how many of its values occur in the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from ..engine.quoting import one_row
from .facts import Facts
from .roles import Guess
from .samples import Sample
from .words import NOT_WHO, WHO, plain, rank

LEAST = 0.02  # share of the customers who answered that another table holds at least
_FEW = 0.2  # share under which a person should say whether they join
_UNNAMED = 10  # rank of a column that only its values make the one that says who
_MANY = 0.02  # share of different values from which these could be customers
_NOTHING = 1e3  # what a column in which nothing joins is worth less
_LIKELIER = 0.4  # what a likelier name is worth, as a share: whole numbers overlap by chance
_FAR = 2  # rank that a way by another table is behind
_OWN_ID = re.compile(r"id|uuid|pk|nr|no|number|nummer")  # what a table calls its own rows
_LOOKED_UP = 0.5  # share of a key's values that a table to look up holds at least


@dataclass(frozen=True)
class Way:
    """A way from a table to the customers: a column of its own, or of tables looked up.

    Attributes
    ----------
    via
        Steps, as a study file writes them.
    values
        SQL of the different customers, as ``k``.
    rank
        The lower, the likelier by its name.
    """

    via: tuple[str, ...]
    column: str
    values: str
    rank: int


@dataclass(frozen=True)
class Found:
    """How many of the customers who answered another table holds."""

    shared: int
    values: int

    @property
    def share(self) -> float:
        """Their share."""
        return self.shared / max(self.values, 1)


Links = dict[int, tuple[Way, Found]]


def join(
    connection: duckdb.DuckDBPyConnection,
    base: Guess,
    others: Sequence[Guess],
    lookups: Mapping[str, Sample],
) -> list[Guess]:
    """Return the guesses with the column that says who, that of the base table first.

    Parameters
    ----------
    base
        The table of those who answered.
    lookups
        Name -> file that may be looked up where a table has no column of customers.
    """
    chosen, links = _chosen(connection, base, others, {})
    plain_ones = [way.rank < _UNNAMED and one.share >= LEAST for way, one in links.values()]
    if lookups and not (len(links) == len(others) and all(plain_ones)):
        chosen, links = _chosen(connection, base, others, lookups)
    linked = any(found.share >= LEAST for _, found in links.values())
    if chosen and chosen.rank >= _UNNAMED and not linked:
        chosen = None
    joined = [_with(base, chosen, _of_base(connection, base, chosen, linked))]
    for i, other in enumerate(others):
        link = links.get(i)
        if link is None or link[1].share < LEAST:
            joined.append(_with(other, None, _unjoined(other, base)))
            continue
        way, found = link
        told = f"holds {found.shared:,} of the {found.values:,} customers who answered "
        told += f"({100 * found.share:.0f} %)"
        few = ": so few? Is it the right column" if found.share < _FEW else ""
        few = few or (": by its values alone; is it who?" if way.rank >= _UNNAMED else "")
        joined.append(_with(other, way, told + few))
    return joined


def _chosen(
    connection: duckdb.DuckDBPyConnection,
    base: Guess,
    others: Sequence[Guess],
    lookups: Mapping[str, Sample],
) -> tuple[Way | None, Links]:
    """Return the way to the customers of the base table that joins best, and what it joins."""
    ways = {i: _ways(connection, other, lookups) for i, other in enumerate(others)}
    best: tuple[float, Way | None, Links] = (-1e9, None, {})
    for way in _ways(connection, base, lookups):
        tried = {i: _best(connection, way, ways[i]) for i in ways if ways[i]}
        shares = [link[1].share for link in tried.values()]
        value = sum(shares) / max(len(shares), 1) - _LIKELIER * way.rank
        if max(shares, default=0.0) < LEAST:
            value -= _NOTHING
        best = max(best, (value, way, tried), key=lambda one: one[0])
    return best[1:]


def _with(guess: Guess, way: Way | None, ground: str) -> Guess:
    return replace(
        guess,
        columns={"customer": way.column if way else "", **guess.columns},
        grounds={"customer": ground, **guess.grounds},
        via=way.via if way else (),
    )


def _of_base(
    connection: duckdb.DuckDBPyConnection, base: Guess, way: Way | None, linked: bool
) -> str:
    if way is None:
        near = [c.name for c in base.sample.columns.values() if c.distinct > 0.5 * c.held][:4]
        return "who answered; perhaps " + " or ".join(near) if near else "who answered"
    people = one_row(connection, f"SELECT count(*) FROM ({way.values})")[0]
    said = f"{people:,} customers in {base.sample.rows:,} rows"
    return said + ("; it joins best with the other tables" if linked else "")


def _unjoined(other: Guess, base: Guess) -> str:
    near = [column.name for column in _who(other.sample)][:3]
    said = f"no column holds customers of {base.sample.where}"
    return said + (f"; perhaps {' or '.join(near)}" if near else "")


def _ways(
    connection: duckdb.DuckDBPyConnection, guess: Guess, lookups: Mapping[str, Sample]
) -> list[Way]:
    """Return the ways from a table to its customers; by tables looked up where it has none."""
    sample = guess.sample
    own = [_own(sample, column, place) for place, column in enumerate(_who(sample))]
    unnamed = [_own(sample, c, _UNNAMED) for c in sample.columns.values() if _tells_apart(c)]
    looked_up = list(_looked_up(connection, sample, lookups, (), sample.relation))
    return [*own, *looked_up] or unnamed


def _own(sample: Sample, column: Facts, place: int) -> Way:
    number = column.kind == "number" and _likelihood(column) == 2
    values = f"SELECT DISTINCT {_key(column)} AS k FROM {sample.relation}"
    return Way((), column.name, values, place + 2 * number)


def _tells_apart(column: Facts) -> bool:
    """Whether a column that is not named so could say who, if it joins."""
    many = column.distinct > max(_MANY * column.held, 1) and column.kind in ("text", "number")
    whole = column.kind == "text" or column.whole
    return many and whole and not NOT_WHO.search(plain(column.name))


def _looked_up(
    connection: duckdb.DuckDBPyConnection,
    sample: Sample,
    lookups: Mapping[str, Sample],
    via: tuple[str, ...],
    relation: str,
) -> Iterator[Way]:
    """Yield the ways by a column that another file has under the same name, each value once."""
    for name, lookup in lookups.items():
        for left, right in _keys(connection, sample, lookup, name):
            if lookup is sample or len(via) > 1:
                continue
            steps = (*via, step_of(left.name, name, right.name))
            joined = (
                f"(SELECT r.* FROM {relation} AS l JOIN {lookup.relation} AS r "
                f"ON l.{left.sql} = r.{right.sql})"
            )
            for place, who in enumerate(_who(lookup)):
                # an id that comes once is perhaps the order's own, not the customer's
                rank = place + _FAR + (5 if who.unique else 0)
                values = f"SELECT DISTINCT {_key(who)} AS k FROM {joined}"
                yield Way(steps, who.name, values, rank)
            yield from _looked_up(connection, lookup, lookups, steps, joined)


def step_of(left: str, table: str, right: str) -> str:
    """Return a step of ``via``."""
    return f"{table}.{right}" if left == right else f"{left} = {table}.{right}"


def _keys(
    connection: duckdb.DuckDBPyConnection, sample: Sample, lookup: Sample, name: str
) -> Iterator[tuple[Facts, Facts]]:
    """Yield columns of both files of which the second has each value once, and the most."""
    if lookup is sample:
        return
    unique = [column for column in lookup.columns.values() if column.unique]
    for right in unique:
        for left in sample.columns.values():
            if not _may_join(left, right, sample, name):
                continue
            values = f"SELECT DISTINCT {_key(left)} AS k FROM {sample.relation}"
            keys = f"SELECT {_key(right)} AS k FROM {lookup.relation}"
            if _overlap(connection, values, keys).share >= _LOOKED_UP:
                yield left, right


def _may_join(left: Facts, right: Facts, sample: Sample, name: str) -> bool:
    """Whether two columns could be one key: by one name, or by names of whoever is looked up."""
    word, key = plain(left.name), plain(right.name)
    if left.name == right.name:
        return not (_OWN_ID.fullmatch(word) and left.unique)
    if _OWN_ID.fullmatch(word) or not (_OWN_ID.fullmatch(key) or rank(key, WHO, whole=True) >= 0):
        return False
    return left in _who(sample) or (word.endswith("_id") and word[:-3] in name)


def _who(sample: Sample) -> list[Facts]:
    """Return the columns that could say who, the likeliest first."""
    known = sample.export.columns.get("customer", ()) if sample.export else ()
    named = [sample.columns[found] for name in known if (found := sample.resolve((name,)))]
    able = [
        column
        for column in sample.columns.values()
        if column.kind in ("text", "number")
        and column.distinct > 1
        and (column.mails or rank(column.name, WHO, whole=True) >= 0)
        and not NOT_WHO.search(plain(column.name))
        and column not in named
    ]
    able.sort(key=_likelihood)
    return [*named, *able]


def _likelihood(column: Facts) -> int:
    place = rank(column.name, WHO, whole=True)
    return place if place >= 0 else 1


def _best(
    connection: duckdb.DuckDBPyConnection, base: Way, ways: Sequence[Way]
) -> tuple[Way, Found]:
    """Return the way to most of the customers of the base table, and how many they are."""
    found = [(way, _overlap(connection, base.values, way.values)) for way in ways]
    return max(found, key=_worth)


def _worth(link: tuple[Way, Found]) -> float:
    way, found = link
    worth = found.share - _LIKELIER * way.rank
    return worth if found.share >= LEAST else worth - _NOTHING


def _overlap(connection: duckdb.DuckDBPyConnection, left: str, right: str) -> Found:
    """Count the different values of one column, and those that occur in another."""
    shared, values = one_row(
        connection,
        f"SELECT count(b.k), count(*) FROM ({left}) AS a "
        f"LEFT JOIN (SELECT DISTINCT k FROM ({right})) AS b ON a.k = b.k WHERE a.k <> ''",
    )
    return Found(shared, values)


def _key(column: Facts) -> str:
    return f"regexp_replace(lower(trim({column.sql})), '\\.0$', '')"
