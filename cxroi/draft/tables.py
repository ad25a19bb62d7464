"""Tables: the sections of the tables, by what was guessed of each."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..reading.exports.export import Export
from .facts import Facts
from .roles import Guess
from .samples import Sample
from .text import UNDECIDED, Line, Section
from .words import AFTER, LATER, OUTCOMES, PERSONAL, SCORES, WHO, plain, rank

_LEVELS = 20  # different values of an attribute that is no number
_CODES = 12  # whole numbers so few are codes
_ATTRIBUTES = 8


def table_section(
    guess: Guess, folder: Path, amounts: Iterable[Line] = (), others: Iterable[str] = ()
) -> Section:
    """Return the section of a guessed table.

    Parameters
    ----------
    folder
        That of the study file, to which paths are relative.
    amounts
        What is said of amounts of orders besides their column.
    others
        Columns that other sections name, such as outcomes.
    """
    lines = [*place(guess.sample, folder), *_formats(guess, others)]
    if guess.via:
        lines.append(Line("via", list(guess.via), "looked up: it has no column of customers"))
    for key, column in guess.columns.items():
        ground = guess.grounds.get(key, "")
        lines.append(Line(key, column or UNDECIDED, ground, decide=not column or "?" in ground))
    lines += [*amounts, *_filters(guess)]
    if guess.role in ("customers", "responses"):
        lines += _attributes(guess)
    return Section(f"tables.{guess.role}", tuple(lines), tuple(_notes(guess)))


def place(sample: Sample, folder: Path) -> Iterator[Line]:
    """Yield where a table is and how it is written."""
    keys = dict(sample.place)
    if "files" in keys and sample.path is not None:
        pattern, ground = keys.pop("files")
        parent = glob.escape(_relative(sample.path.parent, folder))
        yield Line("files", pattern if parent == "." else f"{parent}/{pattern}", ground)
    elif sample.path is not None:
        yield Line("path", _relative(sample.path, folder))
    for key, (value, ground) in keys.items():
        yield Line(key, value, ground, decide=key == "duplicates")
    if sample.repeated:
        rows = (
            "1 row repeats another"
            if sample.repeated == 1
            else f"{sample.repeated:,} rows repeat others"
        )
        said = f"{rows} word for word: the same thing twice?"
        yield Line("duplicates", "drop", said, decide=True, off=True)


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive of Windows
        return path.resolve().as_posix()


def _notes(guess: Guess) -> Iterator[str]:
    sample = guess.sample
    vendor = f" {sample.export.name}." if sample.export else ""
    yield f"{sample.where}: {sample.rows:,} rows.{vendor}"
    if sample.export:
        yield from sample.export.notes


def _formats(guess: Guess, others: Iterable[str]) -> Iterator[Line]:
    used = [column for key in guess.columns if (column := guess.facts(key))]
    further = attributes(guess) if guess.role in ("customers", "responses") else []
    columns = guess.sample.columns
    used += [columns[name] for name in (*others, *further) if name in columns]
    if any(column.decimal for column in used):
        yield Line("decimal", ",", "numbers are written with a decimal comma")
    missing = list(dict.fromkeys(word for column in used for word in column.missing))
    if missing:
        yield Line("missing", missing, "no dates or numbers; do they stand for a blank?")
    dates = {column.name: column for column in used if column.kind == "date"}
    formats = {name: column.date_format for name, column in dates.items()}
    if not any(formats.values()):
        return
    one = len(set(formats.values())) == 1
    either = any(column.order == "either" for column in dates.values())
    grounds = [_written(column) for column in dates.values() if column.date_format]
    told = {n: UNDECIDED if dates[n].order == "either" else f for n, f in formats.items() if f}
    value = next(iter(told.values())) if one else told
    yield Line("date_format", value, "; ".join(dict.fromkeys(grounds)), either)


def _written(column: Facts) -> str:
    """Say how the dates of a column are written, or what there is to decide."""
    written = column.date_format
    if column.order == "either":
        other = written.replace("%d", "%M").replace("%m", "%d").replace("%M", "%m", 1)
        return f"{written} or {other}: no day is above 12"
    if column.order == "epoch":
        return "seconds since 1970, or parts of them"
    return "how dates are written" + (": day.month.year" if "%d.%m" in written else "")


def _filters(guess: Guess) -> Iterator[Line]:
    """Yield ``keep`` and ``drop``: as the vendor marks rows, one kind of survey, one currency."""
    export = None if guess.role in getattr(guess.sample.export, "also", ()) else guess.sample.export
    one = {name: [next(iter(held))] for name, held in _mixed(guess, export).items()}
    for word in ("keep", "drop"):
        columns = {guess.sample.resolve((name,)) for name in getattr(export, word, ())}
        held = {c: list(marks) for c, marks in guess.sample.marks.items() if c in columns and marks}
        ground = f"as {export.name.partition(',')[0]} marks them" if export else ""
        if one and word == "keep":
            held |= one
            ground = f"{' and '.join(one)}: the commonest alone; is it the one?"
        if held:
            yield Line(word, held, ground, decide=bool(one) and word == "keep")


def _mixed(guess: Guess, export: Export | None) -> dict[str, Mapping[str, int]]:
    """Return columns of which one value is kept, with those that they hold."""
    names = [guess.sample.resolve((name,)) for name in (export.one_of if export else ())]
    columns = [guess.sample.columns[name] for name in names if name]
    columns += [held for held in [guess.facts("currency")] if held]
    return {column.name: column.counts for column in columns if column.distinct > 1}


def attributes(guess: Guess) -> list[str]:
    """Return columns that may be controls: few levels or numbers, known before, no person's."""
    used = set(guess.columns.values())
    found = [
        column.name
        for column in guess.sample.columns.values()
        if column.name not in used and _able(column)
    ]
    return found[:_ATTRIBUTES] if guess.role == "customers" or not guess.sample.export else []


def _able(column: Facts) -> bool:
    word = plain(column.name)
    if column.distinct < 2 or rank(column.name, WHO, whole=True) >= 0 or word.endswith("id"):
        return False
    if any(pattern.search(word) for pattern in (PERSONAL, LATER, AFTER)) or _measured(column):
        return False
    few = column.distinct <= min(_LEVELS, column.held / 5)
    return (column.kind == "text" and few) or (column.kind == "number" and not column.unique)


def _measured(column: Facts) -> bool:
    """Whether it is what a study measures: an outcome, or another score."""
    outcomes = tuple(pattern for _, pattern in OUTCOMES.values())
    return rank(column.name, (*SCORES, *outcomes)) >= 0


def codes(guess: Guess) -> list[str]:
    """Return those of the attributes that seem codes: whole numbers, few of them."""
    named = [guess.sample.columns[name] for name in attributes(guess)]
    return [c.name for c in named if c.kind == "number" and c.whole and c.distinct <= _CODES]


def _attributes(guess: Guess) -> Iterator[Line]:
    named = attributes(guess)
    if named:
        yield Line("attributes", named, "known before the answer? leave out what came later")
