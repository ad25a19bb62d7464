"""Roles: which table of a study a file could be, and which of its columns mean what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..study.table_schema import REQUIRED
from .facts import Facts
from .samples import Sample
from .words import (
    AMOUNT,
    ANY_DATE,
    COMMENT,
    CURRENCY,
    DATES,
    FILES,
    NOT_AMOUNT,
    NOT_SCORE,
    ORDER_ID,
    SCORES,
    WEIGHT,
    WHO,
    plain,
    rank,
)

_FEW = 12  # different words that the answers of a score may be


@dataclass(frozen=True)
class Guess:
    """A table of the study that is guessed.

    Attributes
    ----------
    role
        Name of the table; empty for a file that is only looked up or not used.
    columns
        Key of the table -> column; empty where a person must decide.
    grounds
        Key -> why, as a comment says it.
    via
        Steps to look columns up.
    elsewhere
        Key -> the file that its column is looked up in.
    """

    sample: Sample
    role: str
    columns: Mapping[str, str] = field(default_factory=dict)
    grounds: Mapping[str, str] = field(default_factory=dict)
    via: tuple[str, ...] = ()
    elsewhere: Mapping[str, Sample] = field(default_factory=dict)

    def holds(self, key: str) -> Sample:
        """Return the file that the column of a key is in."""
        return self.elsewhere.get(key, self.sample)

    def facts(self, key: str) -> Facts | None:
        """Return what the column of a key looks like; None where it is not known."""
        return self.holds(key).columns.get(self.columns.get(key, ""))


def guesses(sample: Sample) -> Iterator[Guess]:
    """Yield the tables that a file could be: one, or several of an export that holds several."""
    export = sample.export
    role = export.role if export else _role(sample)
    if not role:
        yield Guess(sample, "")
        return
    yield as_role(sample, role, export.columns if export else {}, export.name if export else "")
    for other, columns in (export.also if export else {}).items():
        yield as_role(sample, other, columns, export.name if export else "")
    if role == "customers" and pick(sample, "cancelled_at", strict=True):
        yield as_role(sample, "subscriptions")


def as_role(
    sample: Sample,
    role: str,
    known: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    vendor: str = "",
) -> Guess:
    """Return a file as a table of a study, its columns known by its vendor or guessed."""
    columns: dict[str, str] = {}
    grounds: dict[str, str] = {}
    for key in _keys(role, sample):
        named = sample.resolve(known.get(key, ()))
        picked = pick(sample, key, taken=columns.values())
        if named:
            columns[key], grounds[key] = named, f"as {vendor.partition(',')[0]} exports it"
        elif picked:
            columns[key], grounds[key] = picked
        elif key in REQUIRED[role]:
            columns[key], grounds[key] = "", nearest(sample, key)
        if key == "amount" and columns[key]:
            grounds[key] += _doubts(sample)
    return Guess(sample, role, columns, grounds)


def _keys(role: str, sample: Sample) -> list[str]:
    """Return the keys of a table that are looked for; who it is of, is told by what joins."""
    optional = {"responses": ["comment", "weight"], "orders": ["id", "currency"]}
    optional["invitations"] = ["invited_at"]
    needed = [key for key in REQUIRED[role] if key != "customer"]
    return [*needed, *optional.get(role, [])]


def _role(sample: Sample) -> str:
    word, dates = plain(sample.name), bool(_dates(sample))
    named = [role for role, pattern in FILES.items() if re.search(pattern, word)][:1]
    ended = pick(sample, "cancelled_at", strict="subscriptions" not in named)
    can = {
        "responses": dates and bool(_score(sample)),
        "subscriptions": dates and bool(ended),
        "orders": dates and bool(_amount(sample)),
        "customers": _of_customers(sample),
        **dict.fromkeys(("returns", "contacts", "invitations"), dates),
    }
    for role in named:
        if can[role]:
            return role
    for role in ("responses", "customers", "subscriptions", "orders"):
        if can[role]:
            return role
    for role, key in (("invitations", "invited_at"), ("returns", "returned_at")):
        if pick(sample, key, strict=True):
            return role
    return "contacts" if pick(sample, "opened_at", strict=True) and not named else ""


def _of_customers(sample: Sample) -> bool:
    return any(
        column.unique and rank(column.name, WHO, whole=True) in (0, 1)
        for column in sample.columns.values()
    )


def _dates(sample: Sample) -> list[Facts]:
    return [column for column in sample.columns.values() if column.kind == "date"]


def pick(
    sample: Sample, key: str, taken: Iterable[str] = (), strict: bool = False
) -> tuple[str, str] | None:
    """Return the column that a key may mean, and why; by its own name alone where `strict`."""
    if key == "score":
        return _score(sample)
    if key == "amount":
        return _amount(sample)
    if key in DATES:
        return _date(sample, key, set(taken), strict)
    pattern = {"id": ORDER_ID, "currency": CURRENCY, "comment": COMMENT, "weight": WEIGHT}[key]
    test = pattern.search if key == "comment" else pattern.fullmatch
    named = [c for c in sample.columns.values() if c.held and test(plain(c.name))]
    if key == "comment":
        named.sort(key=lambda column: -column.distinct)
    return (named[0].name, "by its name") if named else None


def _date(sample: Sample, key: str, taken: set[str], strict: bool) -> tuple[str, str] | None:
    dates = [column for column in _dates(sample) if column.name not in taken]
    able = dates
    if key == "cancelled_at":  # perhaps nobody has left yet
        able = [*dates, *(c for c in sample.columns.values() if c.kind == "blank")]
    named = [(place, c.name) for c in able if (place := rank(c.name, DATES[key])) >= 0]
    if strict:  # the best ground alone
        named = [one for one in named if one[0] == 0]
    if named:
        return min(named, key=lambda one: one[0])[1], "dates, by its name"
    if strict or not dates:
        return None
    if len(dates) == 1:
        return dates[0].name, "the only column of dates"
    general = [column for column in dates if re.search(ANY_DATE, plain(column.name))]
    return (general or dates)[0].name, f"the first of {len(dates)} columns of dates"


def table_of(step: str) -> str:
    """Return the table that a step of ``via`` looks up."""
    return step.rpartition("=")[2].strip().partition(".")[0]


def dated_by_lookup(guess: Guess, lookups: Mapping[str, Sample]) -> Guess:
    """Return the guess with the date of a file that it looks up, where its own is a worse one."""
    for key, column in guess.columns.items():
        if key not in DATES or rank(column, DATES[key]) == 0:
            continue
        for step in guess.via:
            lookup = lookups[table_of(step)]
            found = pick(lookup, key, strict=True)
            if found:
                return replace(
                    guess,
                    columns={**guess.columns, key: found[0]},
                    grounds={**guess.grounds, key: f"looked up: {found[1]}"},
                    elsewhere={key: lookup},
                )
    return guess


def _amount(sample: Sample) -> tuple[str, str] | None:
    found = [
        (place, column.whole, column.name)
        for column in sample.columns.values()
        if column.kind == "number"
        and (place := rank(column.name, AMOUNT)) >= 0
        and not NOT_AMOUNT.search(plain(column.name))
    ]
    return (min(found)[2], "numbers, by its name") if found else None


def _doubts(sample: Sample) -> str:
    """Ask about what was paid back, where the amount is before it."""
    export = sample.export
    paid_back = sample.resolve(export.refunded) if export else ""
    if paid_back and sample.columns[paid_back].high > 0:
        return f"; before what {paid_back} holds: is that taken off?"
    return ""


def _score(sample: Sample) -> tuple[str, str] | None:
    """Return the column of a score, and why: by its name, or as the only one that could be."""
    able = [column for column in sample.columns.values() if could_be_score(column)]
    named = [
        (place, number, column)
        for number, column in enumerate(able)
        if (place := rank(column.name, SCORES)) >= 0
    ]
    if named:
        named.sort(key=lambda one: one[:2])
        column, rest = named[0][2], [one[2].name for one in named[1:4]]
        others = f"; or {', '.join(rest)}" if rest else ""
        return column.name, f"by its name; answers {_answers(column)}{others}"
    if sample.export and len(able) == 1:
        return able[0].name, f"the only column of answers {_answers(able[0])}"
    return None


def could_be_score(column: Facts) -> bool:
    """Whether the cells of a column could be answers of a scale."""
    word = plain(column.name)
    if NOT_SCORE.search(word) or rank(column.name, WHO, whole=True) >= 0 or column.distinct < 2:
        return False
    if column.kind == "text":
        return column.distinct <= _FEW and rank(column.name, SCORES) >= 0 and not column.mails
    inside = sum(n for cell, n in column.counts.items() if _within(cell, column))
    counted = sum(column.counts.values())
    small = column.kind == "number" and inside >= 0.9 * counted and column.distinct > 2
    hundred = column.kind == "number" and column.low >= 0 and 10 < column.high <= 100
    two = column.kind == "number" and (column.low, column.high, column.distinct) == (0, 1, 2)
    return small or ((hundred or two) and rank(column.name, SCORES) >= 0)


def _within(cell: str, column: Facts) -> bool:
    from .facts import label

    number = label(cell.replace(",", "."))
    return number is not None and 0 <= number <= 10


def _answers(column: Facts) -> str:
    if column.kind == "text":
        return "such as " + ", ".join(map(repr, list(column.counts)[:3]))
    return f"from {column.low:g} to {column.high:g}"


def nearest(sample: Sample, key: str) -> str:
    """Say which columns come nearest to a key that none is the column of."""
    columns = sample.columns.values()
    if key == "score":
        near = [column.name for column in columns if could_be_score(column)]
    else:
        kind = "number" if key == "amount" else "date"
        near = [column.name for column in columns if column.kind == kind]
    return "perhaps " + " or ".join(near[:4]) if near else "no column looks like it"
