"""Sources: opens CSV, JSON, Parquet, Excel, DuckDB files and databases as tables of DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from ...engine.quoting import dotted, ident, text
from ...errors import DataError, nearest
from ...study.declared import Source
from ..fingerprints import file_sha256
from . import csv as csv_files
from .above_header import lines_above
from .parquet import column_names
from .plain_text import readable, suffix_of, without_lines
from .scan import Scan, SourceColumn, by_name, columns_of

READABLE = (
    *(".csv", ".tsv", ".txt", ".csv.gz", ".csv.zst", ".csv.bz2", ".csv.zip", ".json", ".jsonl"),
    *(".parquet", ".xlsx", ".xls", ".ods", ".duckdb", ".db"),
)
_JSON = (".json", ".jsonl", ".ndjson")
_EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
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
        return _described(connection, source, relation, "", names)
    path, suffix = source.path, suffix_of(source.path)
    if not path.is_file():
        raise _missing(path, source.name, folder)
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} ([tables.{source.name}]) is empty")
    _refuse_useless(source, path, suffix)
    if suffix in csv_files.SUFFIXES:
        return _csv(source, path, scratch)
    if suffix in _JSON:
        return _json(source, path, scratch)
    if suffix == ".parquet":
        return _parquet(connection, source, path)
    if suffix in _EXCEL:
        from .excel import load

        sheet = load(connection, source, path)
        scan = _described(connection, source, sheet.table, file_sha256(path), sheet.names)
        return replace(scan, note=sheet.note, spoiled=sheet.spoiled)
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
        "encoding": source.encoding and not (text or suffix in _JSON),
        "skip_rows": source.skip_rows and not (text or suffix in _EXCEL),
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
    names = [name or f"column {i + 1}" for i, name in enumerate(header.names)]
    return Scan(
        name=source.name,
        where=path.name,
        relation=csv_files.scan_sql(content, header),
        columns=by_name(names, [SourceColumn(f"c{i}", "VARCHAR") for i in range(len(names))]),
        sha256=file_sha256(path),
        headers=2 if header.qualtrics else 0,
        content=content,
        above=above,
        delimiter=header.delimiter,
        whole=csv_files.scan_sql(content, header),
        twice=csv_files.named_twice(names),
    )


def _json(source: Source, path: Path, scratch: Path) -> Scan:
    from .json_objects import as_csv

    content = readable(source, path, scratch)
    table = as_csv(content, path, source, scratch)
    header = csv_files.Header(tuple(table.names), ",", qualtrics=False)
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
    plain = f"{text(str(path))}, hive_partitioning = false"  # a folder a=b overrides no column
    relation = f"read_parquet({plain}, file_row_number = true)"
    try:
        whole = f"read_parquet({plain})"
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
    alias = ident(f"file {source.name}")
    try:
        connection.execute(f"ATTACH {text(str(path))} AS {alias} (READ_ONLY)")
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
    columns = columns_of(connection, relation)
    row, digest = "rowid" if tables[name] else "", file_sha256(path)
    scan = Scan(
        source.name, path.name, relation, columns, row, digest, in_place=bool(row), whole=relation
    )
    return replace(scan, twice=csv_files.named_twice(list(columns)))


def _described(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    relation: str,
    digest: str,
    names: Sequence[str],
) -> Scan:
    """Open a table that was made from columns of these names, two of which may be the same."""
    where = source.path.name if source.path else f"database {source.database}"
    columns = by_name(names, list(columns_of(connection, relation).values()))
    scan = Scan(source.name, where, relation, columns, row="rowid", sha256=digest, whole=relation)
    return replace(scan, twice=csv_files.named_twice(names, folded=True))
