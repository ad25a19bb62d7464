"""Sources: opens CSV, JSON, Parquet, Excel, DuckDB files and databases as tables of DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from ...engine.quoting import dotted, file_read, ident, path_text
from ...errors import DataError, nearest
from ...study.declared import Source
from ..fingerprints import file_sha256
from . import csv as csv_files
from .above_header import lines_above, refuse_delimiter
from .connection import memory_of
from .parquet import column_names
from .plain_text import JSON, readable, suffix_of, without_lines
from .questions import by_question, joined
from .scan import Scan, SourceColumn, by_name, columns_of
from .views import refuse_reading_files

READABLE = (
    *(".csv", ".tsv", ".txt", ".csv.gz", ".csv.zst", ".csv.bz2", ".csv.zip", ".json", ".jsonl"),
    *(".parquet", ".xlsx", ".xls", ".ods", ".duckdb", ".db"),
)
EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
DUCKDB = (".duckdb", ".db", ".ddb")


def open_source(
    connection: duckdb.DuckDBPyConnection, source: Source, folder: Path, scratch: Path
) -> Scan:
    """Open one declared table that is one file, or is in a database.

    Parameters
    ----------
    folder
        Folder of the study file, to which a relative SQLite path in a URI refers.
    scratch
        A private folder for texts that are unpacked or brought to UTF-8, needed until the table
        is loaded.

    Raises
    ------
    DataError
        The file is missing, empty, of an unknown kind, or cannot be read; the study does not
        say where the table is.
    """
    if source.path is None and not source.database:
        raise DataError(
            f"[tables.{source.name}] has neither path nor database, and no frame stands for it",
            "one of them says where the table is",
            f'Add path = "...", or pass read_tables(study, frames={{"{source.name}": frame}})',
        )
    if source.path is None:
        from .databases import fetch

        relation, names = fetch(connection, source, folder)
        columns = by_name(names, list(columns_of(connection, relation).values()))
        where = f"database {source.database}"
        return _held(source, where, relation, names, columns)
    try:
        return _open_file(connection, source, source.path, folder, scratch)
    except OSError as error:
        raise DataError(
            f"{source.path.name[:100]} ([tables.{source.name}]) cannot be read"
            f" ({error.strerror or type(error).__name__})"
        ) from None


def _open_file(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    path: Path,
    folder: Path,
    scratch: Path,
) -> Scan:
    suffix = suffix_of(path)
    if not path.is_file():
        raise _missing(path, source.name, folder)
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} ([tables.{source.name}]) is empty")
    _refuse_useless(source, path, suffix)
    if suffix in csv_files.SUFFIXES:
        return _csv(source, path, scratch)
    if suffix in JSON:
        return _json(source, path, scratch, memory_of(connection))
    if suffix == ".parquet":
        return _parquet(connection, source, path)
    if suffix in EXCEL:
        return _excel(connection, source, path)
    if suffix in DUCKDB:
        return _duckdb(connection, source, path)
    raise DataError(
        f"{path.name} ([tables.{source.name}]) is of a kind that is never opened",
        f"a table is one of {', '.join(READABLE)}",
        "Save it as CSV or Parquet",
    )


def _refuse_useless(source: Source, path: Path, suffix: str) -> None:
    """Refuse a declaration of how a file is read that a file of this kind does not follow."""
    text = suffix in csv_files.SUFFIXES
    useless = {
        "encoding": source.encoding and not (text or suffix in JSON),
        "skip_rows": source.skip_rows and not (text or suffix in EXCEL),
    }
    for key, declared in useless.items():
        if declared:
            raise DataError(
                f"[tables.{source.name}] has {key}, which means nothing for {path.name}",
                fix=f"Leave {key} out",
            )


def _missing(path: Path, name: str, folder: Path) -> DataError:
    """Name a file as the study file does: from the folder that it is in."""
    named = path.relative_to(folder) if path.is_relative_to(folder) else path
    if path.is_dir():
        return DataError(
            f"[tables.{name}] path: {str(named)!r} is a folder",
            "a path is that of one file",
            f'files = "{named}" reads all its files as one table',
        )
    found = f"[tables.{name}] path: there is no file {str(named)!r}"
    if not path.parent.is_dir():
        return DataError(found, fix=f"There is no folder {str(named.parent)!r} either")
    names = [p.name for p in path.parent.iterdir()]
    return DataError(found, fix=nearest(path.name, [n for n in names if n.endswith(READABLE)]))


def _csv(source: Source, path: Path, scratch: Path) -> Scan:
    content = readable(source, path, scratch)
    above, delimiter = lines_above(content, path, source)
    if above:
        content = without_lines(content, above, scratch)
    header = csv_files.read_header(content, path, source.name, delimiter)
    where = f"{path.name} ([tables.{source.name}])"
    refuse_delimiter(header.names, header.delimiter, where, source)
    names = [name or f"column {i + 1}" for i, name in enumerate(header.names)]
    columns = by_name(names, [SourceColumn(f"c{i}", "VARCHAR") for i in range(len(names))])
    relation = joined(csv_files.scan_sql(content, header), header.questions)
    return Scan(
        name=source.name,
        where=path.name,
        relation=relation,
        columns=by_question(columns, header.questions),
        sha256=file_sha256(path),
        headers=header.rows,
        header_note=header.note,
        content=content,
        above=above,
        delimiter=header.delimiter,
        whole=relation,
        twice=csv_files.named_twice(names),
    )


def _json(source: Source, path: Path, scratch: Path, memory: float) -> Scan:
    from .json_objects import as_csv

    content = readable(source, path, scratch)
    table = as_csv(content, path, source, scratch, memory)
    header = csv_files.Header(tuple(table.names), ",")
    columns = [SourceColumn(f"c{i}", table.kinds[name]) for i, name in enumerate(table.names)]
    relation = csv_files.scan_sql(table.path, header)
    return Scan(
        name=source.name,
        where=path.name,
        relation=relation,
        columns=by_name(table.names, columns),
        sha256=file_sha256(path),
        content=table.path,
        whole=relation,
        twice=csv_files.named_twice(table.names),
    )


def _parquet(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> Scan:
    whole = f"read_parquet({file_read(path)}, hive_partitioning = false)"  # a=b is no column
    relation = f"{whole[:-1]}, file_row_number = true)"
    try:
        names = column_names(connection, path)
        columns = by_name(names, list(columns_of(connection, whole).values()))
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        raise DataError(
            f"{path.name} ([tables.{source.name}]) is not a Parquet file that can be read"
        ) from None
    if "file_row_number" in map(str.lower, names):
        raise DataError(
            f"{path.name} ([tables.{source.name}]) has a column 'file_row_number'",
            "that name is of the number that a row has in its file",
            "Rename the column",
        )
    row, digest = "file_row_number", file_sha256(path)
    twice = csv_files.named_twice(names, folded=True)
    scan = Scan(source.name, path.name, relation, columns, row, digest, in_place=True, whole=whole)
    return replace(scan, twice=twice)


def _duckdb(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> Scan:
    where = f"{path.name} ([tables.{source.name}])"
    with path.open("rb") as stream:
        if stream.read(15) == b"SQLite format 3":
            raise DataError(
                f"{where} is a SQLite database",
                fix='Declare database = "NAME" and set the environment variable NAME to '
                "sqlite:///path",
            )
    if not source.table:
        raise DataError(f"{where} is a database", fix='Add table = "name of its table"')
    if "?" in str(path):
        raise DataError(
            f"the path of {where} holds a question mark",
            "DuckDB reads what follows one as an option",
            "Rename the file or its folder",
        )
    alias = ident(f"file {source.name}")
    try:
        connection.execute(f"ATTACH {path_text(path)} AS {alias} (READ_ONLY)")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        raise DataError(
            f"{where} is not a DuckDB database that can be opened",
            "it is written by a version of DuckDB that this one reads, and by no one else now",
        ) from None
    held = connection.execute(
        "SELECT schema_name || '.' || table_name, true FROM duckdb_tables() "
        "WHERE database_name = $1 UNION ALL SELECT schema_name || '.' || view_name, false "
        "FROM duckdb_views() WHERE database_name = $1 AND NOT internal",
        [f"file {source.name}"],
    ).fetchall()
    tables = {str(name): bool(is_table) for name, is_table in held}
    name = source.table if source.table in tables else f"main.{source.table}"
    if name not in tables:
        names = [known.removeprefix("main.") for known in tables]
        raise DataError(f"{where} has no table {source.table!r}", fix=nearest(source.table, names))
    relation = f"{alias}.{dotted(name)}"
    if not tables[name]:
        refuse_reading_files(path, alias, relation, where)
    columns = columns_of(connection, relation)
    row, digest = "rowid" if tables[name] else "", file_sha256(path)
    scan = Scan(
        source.name, path.name, relation, columns, row, digest, in_place=bool(row), whole=relation
    )
    return replace(scan, twice=csv_files.named_twice(list(columns)))


def _excel(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> Scan:
    from .excel import load

    sheet = load(connection, source, path)
    held = list(columns_of(connection, sheet.table).values())[: len(sheet.names)]
    columns = by_question(by_name(sheet.names, held), sheet.questions)
    scan = _held(source, path.name, sheet.table, sheet.names, columns)
    return replace(
        scan,
        sha256=file_sha256(path),
        headers=sheet.headers,
        header_note=sheet.header_note,
        note=sheet.note,
        spoiled=sheet.spoiled,
    )


def _held(
    source: Source,
    where: str,
    relation: str,
    names: Sequence[str],
    columns: Mapping[str, SourceColumn],
) -> Scan:
    """Open a table that was made from columns of these names, two of which may be the same."""
    twice = csv_files.named_twice(names, folded=True)
    return Scan(source.name, where, relation, columns, row="rowid", whole=relation, twice=twice)
