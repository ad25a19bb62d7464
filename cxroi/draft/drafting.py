"""Drafting: from files or frames to a study file of guesses."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ..errors import ParameterError
from ..reading.sources.connection import connect
from ..study.declared import Study
from ..study.loading import load_study
from . import sections as parts
from .joins import join
from .roles import Guess, as_role, guesses
from .samples import Sample, of_file, of_frame
from .text import decisions, write

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
    connection = connect()
    try:
        samples = list(_samples(connection, tables))
        if not samples:
            raise ParameterError("there is nothing to look into", "one file or frame, or more")
        return _draft(connection, samples, name, folder or Path())
    finally:
        connection.close()


def _samples(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Any] | Iterable[str | Path]
) -> Iterable[Sample]:
    if isinstance(tables, Mapping):
        for name, frame in tables.items():
            if isinstance(frame, str | Path):
                yield from of_file(connection, Path(frame))
            else:
                yield of_frame(connection, str(name), frame)
    else:
        for path in tables:
            yield from of_file(connection, Path(path))


def _draft(
    connection: duckdb.DuckDBPyConnection, samples: list[Sample], name: str, folder: Path
) -> Draft:
    chosen, spare = _one_a_role([guess for sample in samples for guess in guesses(sample)])
    events = any(guess.role in _EVENTS for guess in chosen)
    base = _answered(chosen, samples) if events else _flat(chosen, samples)
    if events:
        others = [guess for guess in chosen if guess.role != base.role]
        tables = join(connection, [base, *others], base)
        body = parts.dated(connection, tables, folder)
    else:
        tables = join(connection, [base], base)
        spare += [guess for guess in chosen if guess.sample is not base.sample]
        body = parts.flat(tables[0], folder)
    sections = [parts.head(tables, name or _called(samples[0]), connection), *body]
    used = [guess.sample for guess in tables]
    spare = [guess for guess in spare if guess.sample not in used]
    sections += [parts.scenario(tables), *parts.unused(spare)]
    frames = {g.role: g.sample.frame for g in tables if g.sample.frame is not None}
    return Draft(write(sections, parts.OPENING), tuple(decisions(sections)), frames)


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
