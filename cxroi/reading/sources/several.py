"""Several files of one kind as one table: a pattern or a folder of exports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from ...engine.quoting import ident
from ...errors import DataError, raise_all
from ...study.declared import Source
from ..ledger import SourceFile
from . import loading
from .loading import count, names_of, unreadable, with_header_rows
from .opening import DUCKDB, open_source
from .paths import paths_of
from .plain_text import suffix_of
from .scan import Scan, SourceColumn

_ROW = ident("row of all files")


def open_table(
    connection: duckdb.DuckDBPyConnection, source: Source, folder: Path, scratch: Path
) -> Scan:
    """Open one declared table, of one file or of several; see `open_source`.

    Raises
    ------
    DataError
        A file cannot be opened; files of one table are of several kinds or differ in columns.
    """
    if not source.files:
        return open_source(connection, source, folder, scratch)
    paths = paths_of(source)
    kinds = sorted({suffix_of(path) for path in paths})
    if len(kinds) > 1:
        raise DataError(
            f"[tables.{source.name}] files finds {len(paths)} files of {len(kinds)} kinds: "
            f"{', '.join(kind or 'none' for kind in kinds)}",
            "the files of one table are of one kind",
            f'Write a pattern that ends in one of them: files = "...*{kinds[0]}"',
        )
    if kinds[0] in DUCKDB:
        raise DataError(
            f"[tables.{source.name}] files finds {len(paths)} databases",
            "several files are text, JSON, Parquet or spreadsheets",
            "Name one database with path, whose view may join several tables",
        )
    parts = [
        open_source(connection, replace(source, path=path, files=""), folder, scratch)
        for path in paths
    ]
    raise_all(problem for part in parts[1:] for problem in _differences(parts[0], part))
    if len(parts) == 1:
        return parts[0]
    whole = " UNION ALL ".join(
        _rows_of(part, parts[0], part.headers if part is not parts[0] else 0) for part in parts
    )
    where = f"{len(parts)} files, {parts[0].where} to {parts[-1].where}"
    spoiled = {name: said for part in parts for name, said in part.spoiled.items()}
    scan = replace(parts[0], where=where, row="", whole=f"({whole})", spoiled=spoiled)
    return replace(scan, parts=tuple(parts))


def load_table(connection: duckdb.DuckDBPyConnection, scan: Scan, wanted: list[str]) -> Scan:
    """Read the wanted columns of an open table, of one file or of several.

    Raises
    ------
    DataError
        As `loading.load`; a column is of another type in another file, a file is there twice.
    """
    if not scan.parts:
        return loading.load(connection, scan, wanted)
    kept = {name: scan.columns[name] for name in names_of(scan, wanted)}
    parts = [
        part if part.headers or part.delimiter else with_header_rows(connection, part)
        for part in scan.parts
    ]
    headers, note = parts[0].headers, parts[0].header_note
    raise_all(problem for part in parts for problem in _unlike(parts[0], part, kept))
    join = _in_place if scan.in_place else _copied
    relation, row, rows = join(connection, scan, kept, headers)
    files = tuple(
        SourceFile(scan.name, part.where, part.sha256, number)
        for part, number in zip(scan.parts, rows, strict=True)
    )
    _refuse_copies(files)
    if not sum(rows):
        raise DataError(f"{scan.where} ([tables.{scan.name}]) have headers and no rows")
    known = replace(scan, headers=headers, header_note=note, files=files)
    return replace(known, relation=relation, row=row, columns=kept)


def _in_place(
    connection: duckdb.DuckDBPyConnection,
    scan: Scan,
    kept: Mapping[str, SourceColumn],
    headers: int,
) -> tuple[str, str, list[int]]:
    """Return the relation of all files where they lie, its row number, the rows of each."""
    selects: list[str] = []
    numbers: list[int] = []
    begin = headers
    for part in scan.parts:
        rows = count(connection, replace(part, headers=headers))
        chosen = [f"{part.columns[name].sql} AS {column.sql}" for name, column in kept.items()]
        number = f"{part.row} + {begin - headers} AS {_ROW}"
        # Of the first file alone the further header rows stay, as in a table of one file.
        below = f"WHERE {part.row} >= {headers}" if selects and headers else ""
        selects.append(f"SELECT {', '.join([*chosen, number])} FROM {part.relation} {below}")
        numbers.append(rows)
        begin += rows
    return f"({' UNION ALL '.join(selects)})", _ROW, numbers


def _copied(
    connection: duckdb.DuckDBPyConnection,
    scan: Scan,
    kept: Mapping[str, SourceColumn],
    headers: int,
) -> tuple[str, str, list[int]]:
    """Return a table of the rows of all files, its row number, the rows of each."""
    table = ident(f"raw {scan.name}")
    numbers: list[int] = []
    named = ", ".join(column.sql for column in kept.values()) or "1 AS nothing"
    for part in scan.parts:
        chosen = ", ".join(part.columns[name].sql for name in kept) or "1"
        further = f" OFFSET {headers}" if numbers else ""
        try:
            if not numbers:
                connection.execute(
                    f"CREATE TABLE {table} AS SELECT {named} FROM {part.relation} LIMIT 0"
                )
            (row,) = connection.execute(
                f"INSERT INTO {table} SELECT {chosen} FROM {part.relation}{further}"
            ).fetchall()
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise unreadable(part, error) from None
        numbers.append(int(row[0]) - (0 if numbers else headers))
    return table, "rowid", numbers


def _rows_of(part: Scan, first: Scan, headers: int) -> str:
    """Return the SELECT of the rows of a file, its columns in the order of the first file."""
    columns = ", ".join(
        f"{part.columns[name].sql} AS {column.sql}" for name, column in first.columns.items()
    )
    return f"(SELECT {columns} FROM {part.whole} OFFSET {headers})"


def _differences(first: Scan, part: Scan) -> Iterator[DataError]:
    """Yield the columns that one of two files has and the other lacks, at most five."""
    for has, lacks in ((first, part), (part, first)):
        names = [name for name in has.columns if name not in lacks.columns]
        if names:
            shown = ", ".join(map(repr, names[:5])) + (" ..." if len(names) > 5 else "")
            columns = "column" if len(names) == 1 else f"{len(names)} columns"
            yield DataError(
                f"{lacks.where} ([tables.{part.name}]) lacks the {columns} {shown} of {has.where}",
                "the files of one table have the same columns, in any order",
                "Export them alike, or name the files that are alike by a narrower pattern",
            )


def _unlike(first: Scan, part: Scan, kept: Mapping[str, SourceColumn]) -> Iterator[DataError]:
    """Yield the columns that are of another type in another file, and other header rows."""
    where = f"({first.where} and {part.where} of [tables.{part.name}])"
    if part.header_note != first.header_note:
        note = first.header_note or part.header_note
        yield DataError(
            f"a {note} is in one file and not in the other {where}",
            "the files of one table are exported alike",
        )
    for name, column in kept.items():
        other = part.columns[name].type
        if other != column.type:
            yield DataError(
                f"column {name!r} is {column.type} in one file and {other} in another {where}",
                "a column is of one type in all files of a table",
                "Export them alike",
            )


def _refuse_copies(files: Sequence[SourceFile]) -> None:
    seen: dict[str, SourceFile] = {}
    for file in files:
        if file.rows and file.sha256 in seen:
            raise DataError(
                f"{seen[file.sha256].where} and {file.where} ([tables.{file.table}]) are the same "
                "file, byte for byte",
                "every row is read once",
                "Remove one of them, or name the files by a narrower pattern",
            )
        seen[file.sha256] = file
