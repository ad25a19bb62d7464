"""Samples: each file or frame opened by the package's own readers, its first rows as texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from ..engine.quoting import ident, one_row, texts
from ..errors import CxroiError, DataError, attempt
from ..reading.exports.catalogue import recognise
from ..reading.exports.export import Export
from ..reading.sources.frames import forget_frame, load_frame, open_frame
from ..reading.sources.loading import unreadable, with_header_rows
from ..reading.sources.opening import open_source
from ..reading.sources.scan import Scan
from ..reading.sources.several import open_table
from ..study.declared import Source
from .facts import Facts, facts
from .places import as_written, pattern_of, places

ROWS = 1_000_000  # rows up to which a file is held; one of more is read each time
_APART = 0.3  # share of different values from which a column tells rows apart
LOOKED_AT = 10_000  # rows in whose cells a column is looked at


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
        Keys of a study file that say where it is and how it is written, such as ``sheet`` and
        ``encoding`` -> value and ground.
    relation
        Table of texts in DuckDB, or a view of a file of many rows, columns c0, c1 ...
    marks
        Column that the export is filtered by -> the values among those filtered that it holds.
    columns
        Column -> what its cells look like.
    export
        Whose export it is, where that is known.
    repeated
        Rows that repeat another word for word, where a column tells rows apart.
    """

    name: str
    where: str
    path: Path | None
    frame: Any
    place: Mapping[str, tuple[Any, str]]
    relation: str
    rows: int
    columns: Mapping[str, Facts]
    export: Export | None
    marks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    repeated: int = 0

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
    return [partial(_of_place, connection, path, scratch, place) for place in places(path)]


def _of_place(
    connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path, place: Mapping[str, Any]
) -> Sample:
    name = place.get("sheet") or place.get("table") or path.name.partition(".")[0]
    source = Source(name, {}, path=path, **place)
    written = as_written(source, path, scratch)
    source = replace(source, **{key: value for key, (value, _) in written.items()})
    scan = open_source(connection, source, path.parent, scratch)
    if not scan.headers and not scan.delimiter:  # those of a CSV file are known
        scan = with_header_rows(connection, scan)
    where = f"{path.name}, {name}" if place else path.name
    held = {key: (value, "") for key, value in place.items()} | written
    return _sample(connection, scan, where, path, None, held)


def of_files(
    connection: duckdb.DuckDBPyConnection, samples: Sequence[Sample], scratch: Path
) -> Sample | None:
    """Return one sample of several files with the same columns; None where they are no table.

    They lie in one folder, and a pattern finds them and no others.
    """
    first = samples[0]
    paths = [sample.path for sample in samples if sample.path]
    pattern = pattern_of(paths) if len(paths) > 1 else ""
    if not pattern:
        return None
    written = {key: value for key, (value, _) in first.place.items()}
    source = Source(pattern, {}, files=pattern, folder=paths[0].parent, **written)
    scan = attempt(lambda: open_table(connection, source, paths[0].parent, scratch))
    if isinstance(scan, CxroiError):
        return None
    every = replace(scan, name=first.name, relation=scan.whole)
    place = {**first.place, "files": (pattern, f"{len(paths)} files with the same columns")}
    one = _sample(connection, every, scan.where, first.path, None, place)
    repeated = _repeated(connection, one.relation, one.rows, first.columns.values())
    across = repeated - sum(sample.repeated for sample in samples)
    if not across:
        return one
    said = f"{across:,} rows are in several of the files, word for word: the same thing twice?"
    return replace(one, place={**place, "duplicates": ("drop", said)}, repeated=0)


def of_frame(connection: duckdb.DuckDBPyConnection, name: str, frame: Any) -> Sample:
    """Return a sample of a frame.

    Raises
    ------
    DataError
        It cannot be read, or has no rows.
    """
    scan, opened = open_frame(Source(name, {}), frame)
    named = [column for column in scan.columns if column.strip() and column not in scan.twice]
    scan = load_frame(connection, scan, opened, named)
    sample = _sample(connection, scan, f"frame {name!r}", None, frame, {})
    forget_frame(connection, scan)
    return sample


def _sample(
    connection: duckdb.DuckDBPyConnection,
    scan: Scan,
    where: str,
    path: Path | None,
    frame: Any,
    place: Mapping[str, tuple[Any, str]],
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
        name: replace(facts(name, f"c{i}", [row[i] for row in found]), zone=column.zone)
        for i, (name, column) in enumerate(scan.columns.items())
        if name not in scan.twice
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
        repeated=_repeated(connection, relation, rows, columns.values()),
    )


def _repeated(
    connection: duckdb.DuckDBPyConnection, relation: str, rows: int, columns: Iterable[Facts]
) -> int:
    if rows > ROWS or not any(column.distinct > _APART * column.held for column in columns):
        return 0
    whole = f"SELECT count(*) FROM (SELECT DISTINCT * FROM {relation})"
    return rows - int(one_row(connection, whole)[0])


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
                mark = f"coalesce(trim({column.sql}), '')"
                rows = connection.execute(
                    f"SELECT DISTINCT {mark} FROM {relation} WHERE {mark} IN {texts(values)}"
                ).fetchall()
                held = {row[0] for row in rows}
                marks[name] = tuple(value for value in values if value in held)
    return marks
