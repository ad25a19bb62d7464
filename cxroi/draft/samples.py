"""Samples: each file or frame opened by the package's own readers, its first rows as texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from ..engine.quoting import ident, one_row, texts
from ..errors import DataError
from ..reading.exports.catalogue import recognise
from ..reading.exports.export import Export
from ..reading.sources.frames import forget_frame, load_frame, open_frame
from ..reading.sources.loading import unreadable, with_header_rows
from ..reading.sources.opening import open_source
from ..reading.sources.scan import Scan
from ..study.declared import Source
from .facts import Facts, facts

ROWS = 1_000_000  # rows up to which a file is held; one of more is read each time
LOOKED_AT = 10_000  # rows in whose cells a column is looked at
_EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
_DUCKDB = (".duckdb", ".db", ".ddb")


@dataclass(frozen=True)
class Sample:
    """A file, sheet, table or frame, of which a study file could be made.

    Attributes
    ----------
    name
        Of the file without its suffix, of its sheet or table, or of the frame.
    where
        The same as a reader is told of it.
    place
        Keys of a study file that say where it is, such as ``sheet``.
    relation
        Table of texts in DuckDB, or a view of a file of many rows, columns c0, c1 ...
    marks
        Column that the export is filtered by -> the values among those filtered that it holds.
    columns
        Column -> what its cells look like.
    export
        Whose export it is, where that is known.
    """

    name: str
    where: str
    path: Path | None
    frame: Any
    place: Mapping[str, str]
    relation: str
    rows: int
    columns: Mapping[str, Facts]
    export: Export | None
    marks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def resolve(self, names: tuple[str, ...]) -> str:
        """Return the first of some names that is a column, letters large or small; else empty."""
        folded = {column.strip().casefold(): column for column in self.columns}
        return next((folded[n.casefold()] for n in names if n.casefold() in folded), "")


def of_file(
    connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path
) -> list[Callable[[], Sample]]:
    """Return what makes a sample of a file, or of each sheet or table that it holds.

    Each raises a `DataError` where it cannot be opened. In `scratch` are texts that are unpacked,
    as long as the samples are used.
    """
    return [partial(_of_place, connection, path, scratch, place) for place in _places(path)]


def _of_place(
    connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path, place: Mapping[str, Any]
) -> Sample:
    name = place.get("sheet") or place.get("table") or path.name.partition(".")[0]
    scan = open_source(connection, Source(name, {}, path=path, **place), path.parent, scratch)
    if not scan.headers and not scan.delimiter:  # those of a CSV file are known
        scan = with_header_rows(connection, scan)
    return _sample(
        connection, scan, f"{path.name}, {name}" if place else path.name, path, None, place
    )


def of_frame(connection: duckdb.DuckDBPyConnection, name: str, frame: Any) -> Sample:
    """Return a sample of a frame.

    Raises
    ------
    DataError
        It cannot be read, or has no rows.
    """
    scan, opened = open_frame(Source(name, {}), frame)
    named = [column for column in scan.columns if column.strip()]
    scan = load_frame(connection, scan, opened, named)
    sample = _sample(connection, scan, f"frame {name!r}", None, frame, {})
    forget_frame(connection, scan)
    return sample


def _places(path: Path) -> list[dict[str, Any]]:
    suffix = path.suffix.lower()
    if suffix in _EXCEL and path.is_file():
        from python_calamine import CalamineError, CalamineWorkbook

        try:
            sheets = CalamineWorkbook.from_path(str(path)).sheet_names
        except CalamineError:
            return [{}]  # the reader says what is wrong with it
        return [{"sheet": sheet} for sheet in sheets] if len(sheets) > 1 else [{}]
    if suffix in _DUCKDB and path.is_file():
        try:
            with duckdb.connect(str(path), read_only=True) as held:
                tables = held.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        except duckdb.Error:
            return [{}]
        return [{"table": str(name)} for (name,) in tables]
    return [{}]


def _sample(
    connection: duckdb.DuckDBPyConnection,
    scan: Scan,
    where: str,
    path: Path | None,
    frame: Any,
    place: Mapping[str, str],
) -> Sample:
    try:
        relation, rows = _texts(connection, scan)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise unreadable(scan, error) from None
    if not rows:
        raise DataError(f"{where} has a header and no rows")
    found = connection.execute(f"SELECT * FROM {relation} LIMIT {LOOKED_AT}").fetchall()
    columns = {
        name: facts(name, f"c{i}", [row[i] for row in found]) for i, name in enumerate(scan.columns)
    }
    export = recognise(columns)
    return Sample(
        name=scan.name,
        where=where,
        path=path,
        frame=frame,
        place=place,
        relation=relation,
        rows=rows,
        columns=columns,
        export=export,
        marks=_marks(connection, relation, columns, export) if export else {},
    )


def _texts(connection: duckdb.DuckDBPyConnection, scan: Scan) -> tuple[str, int]:
    """Return a relation of all cells as texts, and its rows; a table unless they are many."""
    (number,) = one_row(connection, "SELECT count(*) FROM duckdb_tables()")
    relation = ident(f"draft {number} of {scan.name}")
    cells = ", ".join(f"{c.sql}::VARCHAR AS c{i}" for i, c in enumerate(scan.columns.values()))
    every = f"SELECT {cells} FROM {scan.relation}"
    connection.execute(
        f"CREATE TEMP TABLE {relation} AS {every} LIMIT {ROWS + 1} OFFSET {scan.headers}"
    )
    rows = int(one_row(connection, f"SELECT count(*) FROM {relation}")[0])
    if rows <= ROWS:
        return relation, rows
    connection.execute(f"DROP TABLE {relation}")
    below = f" OFFSET {scan.headers}" if scan.headers else ""
    connection.execute(f"CREATE TEMP VIEW {relation} AS {every}{below}")
    last = f"count(c{len(scan.columns) - 1})"  # of a CSV file, so that every line is read
    return relation, int(one_row(connection, f"SELECT count(*), {last} FROM {relation}")[0])


def _marks(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Mapping[str, Facts],
    export: Export,
) -> dict[str, tuple[str, ...]]:
    marks = {}
    for name, column in columns.items():
        for filtered, values in (*export.keep.items(), *export.drop.items()):
            if name.strip().casefold() == filtered.casefold():
                rows = connection.execute(
                    f"SELECT DISTINCT trim({column.sql}) AS mark FROM {relation} "
                    f"WHERE trim({column.sql}) IN {texts(values)}"
                ).fetchall()
                held = {row[0] for row in rows}
                marks[name] = tuple(value for value in values if value in held)
    return marks
