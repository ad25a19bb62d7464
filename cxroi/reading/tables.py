"""Tables: reads and types the declared tables at the boundary; keeps the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from ..engine.engines import Engine, open_engine, within_memory
from ..errors import CxroiError, DataError, ParameterError, StudyError, nearest, raise_all
from ..files.locked import own_folder
from ..files.progress import watched
from ..study.declared import Study
from ..study.parts import of_the_roi
from ..study.table_schema import ROLES
from .cleaning import Clean, clean
from .columns.ids import Id, read_id
from .columns.matching import reconcile
from .columns.numbers import Typed
from .ledger import Ledger, SourceFile
from .links import check_links
from .misread_times import misread_times
from .order_lines import repeated
from .sources.connection import connect
from .sources.loading import count
from .sources.paths import paths_of
from .sources.row_numbers import NUMBERED, is_numbered
from .sources.scan import Scan
from .staging import Stage, stage
from .table_loading import attempted, each, forget, loaded
from .typing_columns import type_columns
from .wave_scales import other_scales
from .zones import check_zones, common_zone, in_zone, whole_months


@dataclass(frozen=True)
class Tables:
    """The declared tables, typed, one row per valid row of their source.

    Attributes
    ----------
    connection
        DuckDB in this process, in which `relation` names tables and views.
    ledger
        What happened to every row so far; rows that got through are entered as used by the
        panel.
    sources
        Provenance of every table, lookups included.
    date_only
        (role, column) whose every value is at midnight: dates without a time of day.
    engine
        Where the clean tables are, and every later step runs.
    chosen
        By role: what stands for the clean table where the study is about a part of it.
    """

    study: Study
    connection: duckdb.DuckDBPyConnection
    ledger: Ledger
    sources: tuple[SourceFile, ...]
    date_only: frozenset[tuple[str, str]]
    engine: Engine
    chosen: Mapping[str, str] = field(default_factory=dict)

    def own_session(self) -> Tables:
        """Return the same tables, with temporary tables of their own beside them."""
        return replace(self, engine=self.engine.own_session())

    def relation(self, role: str) -> str:
        """Return the name of the clean table of a role, such as ``orders``.

        Raises
        ------
        StudyError
            The study declares no such table.
        """
        if role not in self.study.sources or role not in ROLES:
            raise StudyError(f"the study has no table for {role!r}")
        return self.chosen.get(role, f"clean_{role}")


@within_memory()
def read_tables(
    study: Study,
    *,
    frames: Mapping[str, Any] | None = None,
    memory_limit: str = "",
    engine: str = "",
    every: bool = False,
) -> Tables:
    """Read and type the tables of a study.

    Parameters
    ----------
    frames
        Table of the study -> a frame that stands for its file: a pandas, Polars (lazy or not) or
        Arrow frame, a DuckDB relation, or anything else with ``__arrow_c_stream__``. It passes
        through the same checks as a file. The columns that the study names are kept at once, so
        that a later change of the frame changes nothing. An index is not read. Times with a zone
        are read as the clocks of that zone show them; a DuckDB relation knows instants without a
        zone, which are read in UTC, as those of a Parquet file are. ``cxroi report`` runs in
        processes of its own and needs files: write a frame to Parquet for it.
    memory_limit
        For DuckDB, such as ``4GB``; beyond it data is spilled to a private temporary folder.
        That of the study file when empty, and else DuckDB's own, 80 % of the memory.
    engine
        Where every step after reading runs: ``duckdb``, or Spark at ``local[*]`` or
        ``spark://host:port``. That of the study file when empty.
    every
        Read tables, columns and scores too that the ROI does not need, but metrics do.

    Raises
    ------
    ParameterError
        `frames` names a table that the study does not declare, or nothing answers at `engine`.
    DataError, Problems
        A table cannot be read or holds what the analysis must not use. What is found in all
        tables is raised together.
    OutOfMemoryError
        The tables do not fit in the memory that DuckDB may use.

    Examples
    --------
    >>> tables = read_tables(study, frames={"orders": orders})  # doctest: +SKIP
    """
    frames = dict(frames or {})
    raise_all([*_alike(study), *_unknown(study, frames)])
    study = study if every else of_the_roi(study)
    frames = {name: frame for name, frame in frames.items() if name in study.sources}
    connection = _connect(study, frames, memory_limit)
    with TemporaryDirectory(dir=own_folder()) as scratch:
        ledger, sources, date_only = _read(connection, study, frames, Path(scratch))
    rows = sum(source.rows for source in sources)
    with watched(connection.query_progress, "Linking the tables", rows):
        ledger = check_links(connection, study, ledger)
    opened_engine = open_engine(engine or study.engine, connection, study.engine_folder)
    roles = [role for role in study.sources if role in ROLES]
    with watched(connection.query_progress, "Handing the tables over", rows):
        opened_engine.adopt(connection, [f"clean_{role}" for role in roles])
    return Tables(study, connection, ledger, sources, date_only, opened_engine)


def _connect(
    study: Study, frames: Mapping[str, Any], memory_limit: str
) -> duckdb.DuckDBPyConnection:
    """Return a connection that reaches the files of the study."""
    files: list[Path] = []
    for name, source in study.sources.items():
        if name not in frames:
            with suppress(DataError):  # told where they are opened
                files += paths_of(source)
    folders = [study.engine_folder] if study.engine_folder else []
    return connect(memory_limit or study.memory_limit, files, folders)


def _read(
    connection: duckdb.DuckDBPyConnection, study: Study, frames: Mapping[str, Any], scratch: Path
) -> tuple[Ledger, tuple[SourceFile, ...], frozenset[tuple[str, str]]]:
    """Make the clean tables; the problems of all tables are raised together."""
    problems: list[CxroiError] = []
    scans, opened, roles = loaded(connection, study, frames, scratch, problems)
    rows = {name: count(connection, scan) for name, scan in scans.items()}
    ledger = _begin(study, scans, rows)
    duplicates: list[tuple[str, int]] = []

    def stage_one(role: str) -> Stage:
        with watched(connection.query_progress, f"Preparing {role}", rows[role]):
            return stage(connection, study, role, scans, duplicates)

    stages = each(problems, roles, stage_one)
    cleaned = _clean_all(connection, study, stages, rows, problems)
    for lookup, merged in dict(duplicates).items():
        ledger = ledger.add(lookup, "repaired", merged, "rows repeated word for word, merged")
    for role, result in cleaned.items():
        for action, number, reason in result.entries:
            ledger = ledger.add(role, action, number, reason)
    for role in ("orders", "contacts", "returns"):
        if role in stages:
            with watched(connection.query_progress, f"Repeats in {role}", rows[role]):
                entries = repeated(connection, role, scans[role], stages[role])
            for action, number, reason in entries:
                ledger = ledger.add(role, action, number, reason)
    forget(connection, scans, stages, opened)
    sources = tuple(
        file
        for name, scan in scans.items()
        for file in scan.files or (SourceFile(name, scan.where, scan.sha256, rows[name]),)
    )
    bare = {(role, column) for role, result in cleaned.items() for column in result.date_only}
    return ledger, sources, frozenset(bare)


def _alike(study: Study) -> Iterator[StudyError]:
    """Refuse attributes, or outcomes, whose names differ in large and small letters alone."""
    attributes = [
        name
        for role in ("customers", "responses")
        if role in study.sources
        for name in (*study.sources[role].attributes, *study.sources[role].derive)
    ]
    kinds = {"attributes": attributes, "outcomes": [o.name for o in study.outcomes]}
    for kind, names in kinds.items():
        seen: dict[str, str] = {}
        for name in names:
            other = seen.setdefault(name.casefold(), name)
            if other != name:
                yield StudyError(
                    f"the {kind} {other!r} and {name!r} differ in large and small letters alone",
                    "every name is another whatever its letters",
                    "Rename one of the columns" if kind == "attributes" else "Rename one",
                )


def _unknown(study: Study, frames: Mapping[str, Any]) -> Iterator[ParameterError]:
    for name in frames:
        if name not in study.sources:
            yield ParameterError(
                f"frames has {name!r}, a table that the study does not declare",
                fix=nearest(str(name), study.sources),
            )


def _begin(study: Study, scans: Mapping[str, Scan], rows: Mapping[str, int]) -> Ledger:
    ledger = Ledger()
    for name, scan in scans.items():
        if name in ROLES:
            ledger = ledger.add(name, "read", rows[name], f"rows of {scan.where}")
        rows_of_headers = scan.headers * max(len(scan.parts), 1)
        ledger = ledger.add(name, "repaired", rows_of_headers, scan.header_note)
        if is_numbered(scan, study):
            ledger = ledger.add(name, "warning", rows[name], NUMBERED)
    return ledger


def _clean_all(
    connection: duckdb.DuckDBPyConnection,
    study: Study,
    stages: Mapping[str, Stage],
    rows: Mapping[str, int],
    problems: list[CxroiError],
) -> dict[str, Clean]:
    """Type all columns, and raise what is wrong with them after the problems found before."""
    ids: dict[str, Id] = {}
    for role, staged in stages.items():
        if "customer" not in staged.source.columns:
            continue
        with watched(connection.query_progress, f"Customers of {role}", rows[role]):
            one = attempted(problems, read_id, connection, staged)
        if one is not None:
            ids[role] = one
    base = "responses" if study.dated else "customers"
    with watched(connection.query_progress, "Matching customers", max(rows.values(), default=0)):
        ids, found = reconcile(connection, ids, base)
    problems += found
    typed: dict[str, list[Typed]] = {}
    staged_as = {role: ids[role].stage if role in ids else stages[role] for role in stages}
    for role, staged in staged_as.items():
        if "customer" in staged.source.columns and role not in ids:
            continue
        with watched(connection.query_progress, f"Columns of {role}", rows[role]):
            one = ids.get(role)
            if columns := attempted(problems, type_columns, connection, study, staged, one):
                typed[role] = columns
    zone = common_zone(study, chain.from_iterable(typed.values()))
    cleaned: dict[str, Clean] = {}
    for role, columns in typed.items():
        read = [in_zone(column, zone, bool(study.timezone)) for column in columns]
        with watched(connection.query_progress, f"Cleaning {role}", rows[role]):
            result = clean(connection, study, staged_as[role], read)
        problems += result.problems
        cleaned[role] = replace(result, problems=())
    times = tuple(chain.from_iterable(result.times for result in cleaned.values()))
    with watched(
        connection.query_progress, "Looking at days and times", max(rows.values(), default=0)
    ):
        told_of = (*whole_months(connection, times), *misread_times(connection, times))
        told_of += tuple(other_scales(connection, study, cleaned))
    for said in (*check_zones(connection, study, zone, times), *told_of):
        if isinstance(said, str):
            told = (*cleaned[base].entries, ("warning", 1, said))
            cleaned[base] = replace(cleaned[base], entries=told)
        else:
            problems.append(said)
    raise_all(problems)
    return cleaned
