"""Drafting: from files or frames to a study file of guesses."""

from __future__ import annotations

import tomllib
from collections.abc import Hashable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from ..errors import CxroiError, ParameterError, attempt, raise_all
from ..files.locked import own_folder
from ..reading.sources.connection import connect
from ..study.declared import Study
from ..study.loading import load_study, undecided
from ..study.table_schema import TABLES
from . import sections as parts
from .flat import numbered
from .joins import join
from .places import same_kind
from .roles import Guess, as_role, dated_by_lookup, guesses, table_of
from .samples import Sample, of_file, of_files, of_frame
from .text import decisions, write
from .words import plain

_EVENTS = ("orders", "subscriptions", "contacts", "returns")


@dataclass(frozen=True, repr=False)
class Draft:
    """A study file of guesses.

    Attributes
    ----------
    text
        The study file (TOML); every guess has its ground beside it.
    undecided
        What only a person can say, one sentence a line marked ``# decide:``.
    frames
        Table of the study -> the frame it was guessed from, for `read_tables`.
    """

    text: str
    undecided: tuple[str, ...]
    frames: Mapping[str, Any]

    def __repr__(self) -> str:
        return self.text

    def study(self) -> Study:
        """Return the study that the text declares.

        Raises
        ------
        StudyError, Problems
            Lines marked ``# decide:`` are still open.
        """
        raise_all(undecided(self.text, "the draft"))
        return load_study(tomllib.loads(self.text))


def draft_study(
    tables: Mapping[str, Any] | Iterable[str | Path], *, name: str = "", folder: Path | None = None
) -> Draft:
    """Look into files or frames and draft a study file.

    Headers and the first rows tell whose export a file is, which table of a study it could be,
    what its columns mean, on which columns the tables join, the scale and the windows. What they
    cannot tell is marked ``# decide:``.

    Parameters
    ----------
    tables
        Name -> frame, as of `read_tables`; or paths of files, of any kind that a study file takes.
    name
        Of the study; left out: the first file's.
    folder
        Of the study file, to which paths are relative; left out: the working folder.

    Raises
    ------
    ParameterError
        There is nothing to look into.
    DataError
        A file or frame cannot be opened.

    Examples
    --------
    >>> draft = cx.draft_study({"survey": survey, "orders": orders})  # doctest: +SKIP
    >>> tables = cx.read_tables(draft.study(), frames=draft.frames)  # doctest: +SKIP
    """
    given = _named(tables)
    paths = [Path(one) for one in given.values() if isinstance(one, str | Path)]
    with (
        TemporaryDirectory(dir=own_folder()) as scratch,
        closing(connect(files=paths)) as connection,
    ):
        samples, refused = _samples(connection, given, Path(scratch))
        if not samples:
            raise ParameterError("there is nothing to look into", "one file or frame, or more")
        return _draft(connection, samples, refused, name, folder or Path())


def _named(tables: Mapping[str, Any] | Iterable[str | Path]) -> Mapping[str, Any]:
    return tables if isinstance(tables, Mapping) else {str(path): path for path in tables}


def _samples(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, Any],
    scratch: Path,
) -> tuple[list[Sample], list[CxroiError]]:
    """Return what was opened, and why some sheets of a file were not, where others were."""
    samples: list[Sample] = []
    sheets: list[CxroiError] = []
    problems: list[CxroiError] = []
    for name, frame in tables.items():
        if isinstance(frame, str | Path):
            found = [attempt(step) for step in of_file(connection, Path(frame), scratch)]
        else:
            found = [attempt(partial(of_frame, connection, str(name), frame))]
        opened = [one for one in found if isinstance(one, Sample)]
        refused = [one for one in found if isinstance(one, CxroiError)]
        (sheets if opened else problems).extend(refused)
        samples += opened
    raise_all(problems)
    return _together(connection, samples, scratch), sheets


def _together(
    connection: duckdb.DuckDBPyConnection, samples: Iterable[Sample], scratch: Path
) -> list[Sample]:
    """Return the samples, files of one folder with the same columns as one."""
    alike: dict[Hashable, list[Sample]] = {}
    for sample in samples:
        several = sample.path is None or not same_kind(sample.place)
        roles = tuple(guess.role for guess in guesses(sample))
        written = repr(sample.place)
        key = id(sample) if several else (frozenset(sample.columns), roles, written)
        alike.setdefault(key, []).append(sample)
    found: list[Sample] = []
    for group in alike.values():
        one = of_files(connection, group, scratch)
        found += [one] if one else group
    return found


def _draft(
    connection: duckdb.DuckDBPyConnection,
    samples: list[Sample],
    refused: list[CxroiError],
    name: str,
    folder: Path,
) -> Draft:
    chosen, spare = _one_a_role([guess for sample in samples for guess in guesses(sample)])
    chosen += _lines_of_orders(chosen, spare)
    events = any(guess.role in _EVENTS for guess in chosen)
    base = _answered(chosen, samples) if events else _flat(chosen, samples)
    if events:
        others = [guess for guess in chosen if guess.role != base.role]
        tables = join(connection, base, others, _lookups(chosen, spare))
        tables = [dated_by_lookup(guess, _lookups(chosen, spare)) for guess in tables]
        tables = _customers_once(tables)
        body = parts.dated(connection, tables, folder)
        steps = {table_of(step) for guess in tables for step in guess.via}
        lookups = {n: s for n, s in _lookups(chosen, spare).items() if n in steps}
        body += [parts.lookup(name, sample, folder) for name, sample in lookups.items()]
    else:
        tables, lookups = [numbered(guess) for guess in join(connection, base, [], {})], {}
        body = parts.flat(tables[0], folder)
    keys = [key for s in body for line in s.lines for key in (line.key, line.value)]
    called = name or _called(samples[0])
    sections = [parts.head(tables, called, connection, keys), *body]
    used = [*(guess.sample for guess in tables), *lookups.values()]
    spare = [guess for guess in (*chosen, *spare) if guess.sample not in used]
    sections += [parts.scenario(tables), *parts.unused(spare, refused)]
    frames = {g.role: g.sample.frame for g in tables if g.sample.frame is not None}
    frames |= {n: s.frame for n, s in lookups.items() if s.frame is not None}
    return Draft(write(sections, parts.OPENING), tuple(decisions(sections)), frames)


def _lookups(chosen: list[Guess], spare: list[Guess]) -> dict[str, Sample]:
    """Return the files that are no table of events, by the name that a step of `via` gives them."""
    free = [g for g in (*chosen, *spare) if g.role in ("", "customers")]
    return {_table(guess.sample): guess.sample for guess in free}


def _table(sample: Sample) -> str:
    """Return what a study calls a table that is only looked up."""
    name = plain(sample.name) or "lookup"
    return f"{name}_looked_up" if name in TABLES else name


def _customers_once(tables: list[Guess]) -> list[Guess]:
    """Return the tables, customers looked up and read as one or the other.

    A file with each customer once is the table of customers, in which others may look theirs up;
    another is looked up alone.
    """
    customers = next((guess for guess in tables if guess.role == "customers"), None)
    name = _table(customers.sample) if customers else ""
    if customers is None or not any(table_of(s) == name for g in tables for s in g.via):
        return tables
    who = customers.facts("customer")
    if who is None or not who.unique or customers.via:
        return [guess for guess in tables if guess is not customers]
    return [
        replace(g, via=tuple(s.replace(f"{name}.", "customers.", 1) for s in g.via)) for g in tables
    ]


def _called(sample: Sample) -> str:
    folder = sample.path.resolve().parent.name if sample.path else ""
    return folder or sample.name


def _one_a_role(found: list[Guess]) -> tuple[list[Guess], list[Guess]]:
    """Return one guess for each table of a study, and the others."""
    chosen: dict[str, Guess] = {}
    spare = []
    for guess in found:
        if guess.role and guess.role not in chosen:
            chosen[guess.role] = guess
        else:
            spare.append(guess)
    return list(chosen.values()), spare


def _lines_of_orders(chosen: list[Guess], spare: list[Guess]) -> list[Guess]:
    """Return the file that could hold amounts of orders, whose dates another file has."""
    if any(guess.role == "orders" for guess in chosen):
        return []
    made = [as_role(g.sample, "orders") for g in spare if not g.role and not g.sample.export]
    return [guess for guess in made if guess.columns["amount"] and "id" in guess.columns][:1]


def _answered(chosen: list[Guess], samples: list[Sample]) -> Guess:
    """Return the table of answers, or of the file that comes nearest to one."""
    for guess in chosen:
        if guess.role == "responses":
            return guess
    used = [guess.sample for guess in chosen if guess.role in _EVENTS]
    left = [sample for sample in samples if sample not in used] or samples
    made = [as_role(sample, "responses") for sample in left]
    return max(
        made, key=lambda guess: (bool(guess.columns["score"]), bool(guess.columns["answered_at"]))
    )


def _flat(chosen: list[Guess], samples: list[Sample]) -> Guess:
    """Return the file with a score as the one table of a flat study, or the first file."""
    order = [guess.sample for guess in chosen if guess.role in ("responses", "customers")]
    made = [parts.with_score(Guess(sample, "customers")) for sample in [*order, *samples]]
    return next((guess for guess in made if guess.columns["score"]), made[0])
