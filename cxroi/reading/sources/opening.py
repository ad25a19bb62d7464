"""Sources: opens CSV, Parquet, Excel, DuckDB files and databases as tables of DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from ...engine.quoting import dotted, ident, one_row, text
from ...errors import DataError, nearest
from ...study.declared import Source
from ..fingerprints import file_sha256
from . import csv as csv_files
from .parquet import column_names

READABLE = (".csv", ".tsv", ".txt", ".csv.gz", ".parquet", ".xlsx", ".xls", ".duckdb", ".db")
_EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
_DUCKDB = (".duckdb", ".db", ".ddb")


@dataclass(frozen=True)
class SourceColumn:
    """A column of a source: its SQL identifier, its DuckDB type, and its zone where that is known.

    The zone is that of a frame's times, such as ``Europe/Berlin``.
    """

    sql: str
    type: str
    zone: str = ""


@dataclass(frozen=True)
class Scan:
    """A source that is open, of which no row has been read yet.

    Attributes
    ----------
    columns
        Name in the source -> column of `relation`.
    row
        SQL of the row number, where reading it costs nothing; else empty.
    headers
        Rows below the header that are headers too (Qualtrics, SurveyMonkey).
    header_note
        What a reader is told of those rows.
    in_place
        Whether it is best read where it lies: a Parquet file or a table of a DuckDB file.
    note
        What to know where a column is missing: which sheet was read.
    whole
        SQL of the source with all its columns and no others.
    """

    name: str
    where: str
    relation: str
    columns: Mapping[str, SourceColumn]
    row: str = ""
    sha256: str = ""
    headers: int = 0
    header_note: str = ""
    in_place: bool = False
    path: Path | None = None
    note: str = ""
    whole: str = ""

    def column(self, name: str) -> SourceColumn:
        """Return the column of that name.

        Raises
        ------
        DataError
            There is none; the nearest name is offered.
        """
        found = csv_files.match(name, list(self.columns), self.name, self.note)
        return self.columns[found]


def open_source(connection: duckdb.DuckDBPyConnection, source: Source, folder: Path) -> Scan:
    """Open one declared table.

    Parameters
    ----------
    folder
        Folder of the study file, to which a relative SQLite path in a URI refers.

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

        return _described(connection, source, fetch(connection, source, folder), "")
    path, suffix = source.path, _suffix(source.path)
    if not path.is_file():
        raise _missing(path, source.name, folder)
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} ([tables.{source.name}]) is empty")
    if suffix in csv_files.SUFFIXES:
        return _csv(source, path)
    if suffix == ".parquet":
        return _parquet(connection, source, path)
    if suffix in _EXCEL:
        from .excel import load

        sheet = load(connection, source, path)
        scan = _described(connection, source, sheet.table, file_sha256(path))
        return replace(scan, headers=sheet.headers, header_note=sheet.header_note, note=sheet.note)
    if suffix in _DUCKDB:
        return _duckdb(connection, source, path)
    raise DataError(
        f"{path.name} ([tables.{source.name}]) is of a kind that is never opened",
        f"a table is one of {', '.join(READABLE)}",
        "Save it as CSV or Parquet",
    )


def load(connection: duckdb.DuckDBPyConnection, scan: Scan, wanted: list[str]) -> Scan:
    """Read the wanted columns of a source whose rows have no number of their own yet.

    Returns
    -------
    Scan
        Of a table, with row numbers; the same scan where it is one already.

    Raises
    ------
    DataError
        A row of a CSV file is ragged or its quotes are broken; there are no rows.
    """
    if not scan.row:
        scan = _materialised(connection, scan, wanted)
    if not count(connection, scan):
        raise DataError(f"{scan.where} ([tables.{scan.name}]) has a header and no rows")
    return scan


def count(connection: duckdb.DuckDBPyConnection, scan: Scan) -> int:
    """Return the number of rows, further header rows left out."""
    row = one_row(connection, f"SELECT count(*) FROM {scan.relation}")
    return max(int(row[0]) - scan.headers, 0) if row else 0


def _suffix(path: Path) -> str:
    inner = Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else ""
    return inner if inner in csv_files.SUFFIXES else path.suffix.lower()


def _missing(path: Path, name: str, folder: Path) -> DataError:
    """Name a file as the study file does: from the folder that it is in."""
    named = path.relative_to(folder) if path.is_relative_to(folder) else path
    found = f"[tables.{name}] path: there is no file {str(named)!r}"
    if not path.parent.is_dir():
        return DataError(found, fix=f"There is no folder {str(named.parent)!r} either")
    names = [p.name for p in path.parent.iterdir()]
    return DataError(found, fix=nearest(path.name, [n for n in names if n.endswith(READABLE)]))


def _csv(source: Source, path: Path) -> Scan:
    header = csv_files.read_header(path, source.name, source.delimiter)
    columns = {
        name or f"column {i + 1}": SourceColumn(f"c{i}", "VARCHAR")
        for i, name in enumerate(header.names)
    }
    relation, columns = _questions(csv_files.scan_sql(path, header), header, columns)
    return Scan(
        name=source.name,
        where=path.name,
        relation=relation,
        columns=columns,
        sha256=file_sha256(path),
        headers=header.rows,
        header_note=header.note,
        path=path,
        whole=csv_files.scan_sql(path, header),
    )


def _questions(
    relation: str, header: csv_files.Header, columns: dict[str, SourceColumn]
) -> tuple[str, dict[str, SourceColumn]]:
    """Join the columns of a question, one a choice, into one; each is there by itself as well."""
    joined = []
    for number, (question, places) in enumerate(header.questions.items()):
        cells = ", ".join(f"c{place}" for place, _ in places)
        joined.append(f"nullif(concat_ws('; ', {cells}), '') AS q{number}")
        columns = {n: c for n, c in columns.items() if c.sql not in {f"c{p}" for p, _ in places}}
        columns[question] = SourceColumn(f"q{number}", "VARCHAR")
        columns |= {f"{question}: {x}": SourceColumn(f"c{p}", "VARCHAR") for p, x in places}
    return (f"(SELECT *, {', '.join(joined)} FROM {relation})" if joined else relation), columns


def _parquet(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> Scan:
    relation = f"read_parquet({text(str(path))}, file_row_number = true)"
    try:
        where = f"{path.name} ([tables.{source.name}])"
        csv_files.refuse_twice(column_names(connection, path), where, folded=True)
        columns = columns_of(connection, relation)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        raise DataError(
            f"{path.name} ([tables.{source.name}]) is not a Parquet file that can be read"
        ) from None
    columns.pop("file_row_number", None)
    whole = f"read_parquet({text(str(path))})"
    row, digest = "file_row_number", file_sha256(path)
    return Scan(source.name, path.name, relation, columns, row, digest, in_place=True, whole=whole)


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
    csv_files.refuse_twice(list(columns), where)
    row, digest = "rowid" if tables[name] else "", file_sha256(path)
    return Scan(
        source.name, path.name, relation, columns, row, digest, in_place=bool(row), whole=relation
    )


def _described(
    connection: duckdb.DuckDBPyConnection, source: Source, relation: str, digest: str
) -> Scan:
    where = source.path.name if source.path else f"database {source.database}"
    columns = columns_of(connection, relation)
    return Scan(source.name, where, relation, columns, row="rowid", sha256=digest, whole=relation)


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, SourceColumn]:
    """Return the columns of a relation by name."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return {str(row[0]): SourceColumn(ident(str(row[0])), str(row[1])) for row in rows}


def _materialised(connection: duckdb.DuckDBPyConnection, scan: Scan, wanted: list[str]) -> Scan:
    names = {csv_files.match(name, list(scan.columns), scan.name) for name in wanted}
    kept = {name: column for name, column in scan.columns.items() if name in names}
    table = ident(f"raw {scan.name}")
    selected = ", ".join(column.sql for column in kept.values()) or "1 AS nothing"
    try:
        connection.execute(f"CREATE TABLE {table} AS SELECT {selected} FROM {scan.relation}")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        if scan.path is None:
            raise DataError(f"{scan.where} ([tables.{scan.name}]) cannot be read") from None
        raise csv_files.explain(error, scan.path, scan.name) from None
    return replace(scan, relation=table, columns=kept, row="rowid")
