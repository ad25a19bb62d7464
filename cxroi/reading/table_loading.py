"""Loading: all declared tables opened, looked into and read, what is wrong with any kept apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from ..errors import CxroiError, Problems
from ..files.progress import UNKNOWN, watched
from ..study.declared import Source, Study
from .first_looks import first_looks
from .sources.frame_kinds import Frame
from .sources.frames import forget_frame, load_frame, open_frame
from .sources.paths import paths_of
from .sources.row_numbers import with_row_numbers
from .sources.scan import Scan
from .sources.several import load_table, open_table
from .staging import Stage, wanted_by_table
from .undeclared import holds_amounts

T = TypeVar("T")
LARGE_BYTES = 20_000_000  # of a CSV file: about a million rows


def loaded(
    connection: duckdb.DuckDBPyConnection,
    study: Study,
    frames: Mapping[str, Any],
    scratch: Path,
    problems: list[CxroiError],
) -> tuple[dict[str, Scan], dict[str, Frame], list[str]]:
    """Return the tables that can be loaded, the frames among them, and the roles to go on with."""
    folder, opened = study.path.parent, dict[str, Frame]()

    def open_one(name: str) -> Scan:
        source = study.sources[name]
        if name in frames:
            scan, opened[name] = open_frame(source, frames[name])
        else:
            scan = open_table(connection, source, folder, scratch)
        if holds_amounts(study, name):
            looks = first_looks(connection, source, scan, frames.get(name))
            scan = replace(scan, looks=looks)
        return with_row_numbers(scan, study)

    def load_one(name: str) -> Scan:
        if name in opened:
            scan = load_frame(connection, scans[name], opened[name], wanted[name])
        else:
            with watched(connection.query_progress, f"Reading {name}", _many(study.sources[name])):
                scan = load_table(connection, scans[name], wanted[name])
        return with_row_numbers(scan, study)

    scans = each(problems, study.sources, open_one)
    wanted, sound = wanted_by_table(study, scans, problems)
    held = each(problems, scans, load_one)
    ready = [role for role in sound if {role, *study.sources[role].lookups} <= held.keys()]
    return held, opened, ready


def _many(source: Source) -> int:
    """Return how many rows the files of a table may have, before any is counted."""
    return UNKNOWN if sum(path.stat().st_size for path in paths_of(source)) > LARGE_BYTES else 0


def forget(
    connection: duckdb.DuckDBPyConnection,
    scans: Mapping[str, Scan],
    stages: Mapping[str, Stage],
    frames: Iterable[str],
) -> None:
    """Drop the texts from which typed tables were made, to give back their memory."""
    for name in frames:
        forget_frame(connection, scans[name])
    for staged in stages.values():
        if staged.stored:
            connection.execute(f"DROP {staged.kind} {staged.relation}")
    for scan in scans.values():
        # Of several spreadsheets each is a table of its own as well.
        for one in (scan, *(part for part in scan.parts if part.row)):
            if not one.in_place:
                connection.execute(f"DROP TABLE {one.relation}")


def each(
    problems: list[CxroiError], names: Iterable[str], step: Callable[[str], T]
) -> dict[str, T]:
    """Take a step for every table; those that fail are left out, and their problems added."""
    done: dict[str, T] = {}
    for name in names:
        result = attempted(problems, step, name)
        if result is not None:
            done[name] = result
    return done


def attempted(problems: list[CxroiError], step: Callable[..., T], *args: Any) -> T | None:
    """Take a step; where it fails, add its problems and return None."""
    try:
        return step(*args)
    except Problems as several:
        problems.extend(several.problems)
    except CxroiError as problem:
        problems.append(problem)
    return None
