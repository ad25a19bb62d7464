"""A flat study: one file with the score and the outcomes in it, one row a customer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .facts import Facts
from .roles import Guess
from .text import UNDECIDED, Line, Section
from .words import AFTER, BEFORE, OUTCOMES, WAVE, plain


def outcome_sections(guess: Guess) -> list[Section]:
    """Return a section for each column that could be an outcome; one to decide if there is none."""
    sections = list(_outcomes(guess))
    if sections:
        return sections
    lines = (
        Line("column", UNDECIDED, "what customers did after they answered", decide=True),
        Line("kind", UNDECIDED, "amount, count, yes_no or rate", decide=True),
    )
    return [Section("outcomes.columns.spend", lines, ("No column looks like an outcome.",))]


def _outcomes(guess: Guess) -> Iterator[Section]:
    taken = set(guess.columns.values())
    columns = [c for c in guess.sample.columns.values() if c.name not in taken]
    before = {_stem(c): c.name for c in columns if BEFORE.search(plain(c.name))}
    named: set[str] = set()
    for column in columns:
        outcome, kind = _outcome(column)
        if not outcome or BEFORE.search(plain(column.name)):
            continue
        name = outcome if outcome not in named else plain(column.name)
        named.add(name)
        lines = [
            Line("column", column.name, "by its name; what followed the answer?"),
            Line("kind", kind, _ground(column)),
        ]
        if _stem(column) in before:
            lines.append(Line("baseline", before[_stem(column)], "the same before the answer"))
        yield Section(f"outcomes.columns.{name}", tuple(lines))


def _outcome(column: Facts) -> tuple[str, str]:
    for name, (kind, pattern) in OUTCOMES.items():
        if re.search(pattern, plain(column.name)) and _holds(column, kind):
            return name, kind
    return "", ""


def _holds(column: Facts, kind: str) -> bool:
    if kind == "yes_no":
        return column.distinct == 2
    numbers = column.kind == "number" and column.low >= 0 and column.distinct > 2
    return numbers and (kind == "amount" or column.whole)


def _ground(column: Facts) -> str:
    if column.distinct == 2:
        return "it holds " + " and ".join(sorted(column.counts))
    return f"numbers from {column.low:g} to {column.high:g}"


def _stem(column: Facts) -> str:
    return AFTER.sub("", BEFORE.sub("", plain(column.name)))


def wave_of(guess: Guess) -> str:
    """Return the column that tells several answers of a customer apart, if there are several."""
    who = guess.facts("customer")
    if who is None or who.unique:
        return ""
    for column in guess.sample.columns.values():
        if WAVE.fullmatch(plain(column.name)) and 1 < column.distinct <= 40:
            return column.name
    return ""
