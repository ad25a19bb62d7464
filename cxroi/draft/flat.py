"""A flat study: one file with the score and the outcomes in it, one row a customer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..study.money_units import unit_of
from ..study.outcomes import says_percent
from ..study.table_schema import ROW_NUMBER
from .facts import Facts
from .roles import Guess, pick
from .text import UNDECIDED, Line, Section
from .words import AFTER, BEFORE, OUTCOMES, WAVE, plain

_WAVES = 40  # more of them are no waves


def outcome_sections(guess: Guess) -> list[Section]:
    """Return a section for each column that could be an outcome; one to decide if there is none."""
    sections = list(_outcomes(guess))
    if sections:
        return sections
    taken = set(guess.columns.values())
    near = [
        c.name
        for c in guess.sample.columns.values()
        if c.name not in taken and 2 <= c.distinct <= 4 and c.kind in ("text", "number")
    ]
    what = "what customers did after they answered"
    what += f", such as yes or no in {' or '.join(near[:8])}" if near else ""
    lines = (
        Line("column", UNDECIDED, what, decide=True),
        Line("kind", UNDECIDED, "amount, count, yes_no or rate", decide=True),
    )
    note = "No column looks like an outcome; spend, retained, contacts and returns enter the ROI."
    return [Section("outcomes.columns.outcome", lines, (note,))]


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
            Line("column", column.name, *_when(column)),
            Line("kind", kind, _ground(column)),
        ]
        if kind == "amount" and (unit := unit_of(column.name)):
            lines.append(Line("amount_in", unit, "by its name"))
        if kind == "rate":
            high, doubt = column.high > 1, says_percent(column.name) and column.high <= 1
            why = "does 0.8 stand for 0.8 %, as its name says?" if doubt else "whether 12 is 12 %"
            lines.append(Line("percent", high, why, doubt))
            lines += [Line("better", "lower")] if outcome == "churned" else []
        if _stem(column) in before:
            lines.append(Line("baseline", before[_stem(column)], "the same before the answer"))
        yield Section(f"outcomes.columns.{name}", tuple(lines))


def _when(column: Facts) -> tuple[str, bool]:
    """Say why it is an outcome; whether a person must say that it came after the answer."""
    if AFTER.search(plain(column.name)):
        return "by its name", False
    return "did this come after the answer, all of it? Else it is no outcome", True


def _outcome(column: Facts) -> tuple[str, str]:
    for name, (kind, pattern) in OUTCOMES.items():
        if re.search(pattern, plain(column.name)):
            if _holds(column, kind):
                return name, kind
            if kind == "yes_no" and _of_share(column):
                return name, "rate"
    return "", ""


def _of_share(column: Facts) -> bool:
    return (
        column.kind == "number" and column.low >= 0 and column.high <= 100 and column.distinct > 2
    )


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
    return AFTER.sub("", BEFORE.sub("", plain(column.name))).strip("_")


def numbered(guess: Guess) -> Guess:
    """Return the guess with its row numbers as ids, where no column says who."""
    if guess.columns["customer"]:
        return guess
    ground = f"{guess.grounds['customer']}; or every row a customer of its own?"
    return replace(
        guess,
        columns={**guess.columns, "customer": ROW_NUMBER},
        grounds={**guess.grounds, "customer": ground},
    )


def more_columns(guess: Guess) -> dict[str, tuple[str, str]]:
    """Return what a flat file has besides customer and score: key -> column and ground."""
    found = {}
    weight = pick(guess.sample, "weight")
    if weight:
        found["weight"] = weight
    who = guess.facts("customer")
    if who is None or who.unique:
        return found
    for column in guess.sample.columns.values():
        if WAVE.fullmatch(plain(column.name)) and 1 < column.distinct <= _WAVES:
            return {**found, "wave": (column.name, "a customer has several rows")}
    day = pick(guess.sample, "answered_at")
    return {**found, "answered_at": day} if day else found
