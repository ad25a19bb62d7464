"""Samples: each file or frame opened by the package's own readers, its first rows as texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from ..engine.quoting import ident, one_row
from ..errors import DataError
from ..reading.exports.catalogue import recognise
from ..reading.exports.export import Export
from ..reading.sources import csv as csv_files
from ..reading.sources.frames import forget_frame, load_frame, open_frame
from ..reading.sources.opening import Scan, open_source
from ..study.declared import Source
from .facts import Facts, facts

ROWS = 1_000_000  # rows in which keys and dates are looked for
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
        Table of texts in DuckDB: its first `ROWS` rows.
    whole
        Whether these are all rows.
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
    whole: bool
    columns: Mapping[str, Facts]
    export: Export | None

    def resolve(self, names: tuple[str, ...]) -> str:
        """Return the first of some names that is a column, letters large or small; else empty."""
        folded = {column.strip().casefold(): column for column in self.columns}
        return next((folded[n.casefold()] for n in names if n.casefold() in folded), "")


def of_file(connection: duckdb.DuckDBPyConnection, path: Path) -> list[Callable[[], Sample]]:
    """Return what makes a sample of a file, or of each sheet or table that it holds.

    Each raises a `DataError` where it cannot be opened.
    """
    return [partial(_of_place, connection, path, place) for place in _places(path)]


def _of_place(
    connection: duckdb.DuckDBPyConnection, path: Path, place: Mapping[str, Any]
) -> Sample:
    name = place.get("sheet") or place.get("table") or path.name.partition(".")[0]
    scan = open_source(connection, Source(name, {}, path=path, **place), path.parent)
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
    scan = load_frame(connection, scan, opened, list(scan.columns))
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
    (number,) = one_row(connection, "SELECT count(*) FROM duckdb_tables()")
    relation = ident(f"draft {number}")
    cells = ", ".join(f"{c.sql}::VARCHAR AS c{i}" for i, c in enumerate(scan.columns.values()))
    try:
        connection.execute(
            f"CREATE TEMP TABLE {relation} AS SELECT {cells} FROM {scan.relation} "
            f"LIMIT {ROWS + 1} OFFSET {scan.headers}"
        )
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        if scan.path is None:
            raise DataError(f"{where} cannot be read") from None
        raise csv_files.explain(error, scan.path, scan.name) from None
    found = connection.execute(f"SELECT * FROM {relation} LIMIT {LOOKED_AT}").fetchall()
    if not found:
        raise DataError(f"{where} has a header and no rows")
    held = int(one_row(connection, f"SELECT count(*) FROM {relation}")[0])
    columns = {
        name: facts(name, f"c{i}", [row[i] for row in found]) for i, name in enumerate(scan.columns)
    }
    return Sample(
        name=scan.name,
        where=where,
        path=path,
        frame=frame,
        place=place,
        relation=relation,
        rows=min(held, ROWS),
        whole=held <= ROWS,
        columns=columns,
        export=recognise(columns),
    )
