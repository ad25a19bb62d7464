"""Loading: the rows of an open source, numbered, in the columns that the study names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from ...engine.quoting import ident, one_row
from ...errors import DataError
from ..exports.header_rows import TELLING, header_rows
from . import csv as csv_files
from .scan import Scan


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
    names = names_of(scan, wanted)
    if not scan.row:
        scan = _materialised(connection, scan, [*names, *telling(scan, names)])
    if not scan.headers and not scan.delimiter:  # those of a CSV file are known
        scan = with_header_rows(connection, scan)
    if not count(connection, scan):
        raise DataError(f"{scan.where} ([tables.{scan.name}]) has a header and no rows")
    return scan


def count(connection: duckdb.DuckDBPyConnection, scan: Scan) -> int:
    """Return the number of rows, further header rows left out."""
    row = one_row(connection, f"SELECT count(*) FROM {scan.relation}")
    return max(int(row[0]) - scan.headers, 0) if row else 0


def telling(scan: Scan, names: Sequence[str]) -> list[str]:
    """Return other columns than these by which header rows of an export are known."""
    return [name for name in TELLING if name in scan.columns and name not in names]


def with_header_rows(connection: duckdb.DuckDBPyConnection, scan: Scan) -> Scan:
    """Return a scan that knows how many rows below the names of its columns are headers too."""
    columns = {name: column.sql for name, column in scan.columns.items() if column.sql}
    cells = ", ".join(f"{sql}::VARCHAR" for sql in columns.values())
    if not cells:
        return scan
    rows = connection.execute(f"SELECT {cells} FROM {scan.relation} LIMIT 2").fetchall()
    second, third = [*rows, (), ()][:2]
    headers, note = header_rows(list(columns), second, third)
    return replace(scan, headers=headers, header_note=note)


def names_of(scan: Scan, wanted: Sequence[str]) -> list[str]:
    """Return the names of the wanted columns that are in the source, in its order."""
    names = {csv_files.match(name, list(scan.columns), scan.name) for name in wanted}
    return [name for name, column in scan.columns.items() if name in names and column.sql]


def _materialised(connection: duckdb.DuckDBPyConnection, scan: Scan, names: list[str]) -> Scan:
    kept = {name: scan.columns[name] for name in names}
    table = ident(f"raw {scan.name}")
    selected = ", ".join(column.sql for column in kept.values()) or "1 AS nothing"
    try:
        connection.execute(f"CREATE TABLE {table} AS SELECT {selected} FROM {scan.relation}")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise unreadable(scan, error) from None
    return replace(scan, relation=table, columns=kept, row="rowid")


def unreadable(scan: Scan, error: duckdb.Error) -> DataError:
    """Return the refusal of a table whose rows DuckDB cannot read."""
    name = f"{scan.where} ([tables.{scan.name}])"
    if scan.content is None:
        return DataError(f"{name} cannot be read")
    return csv_files.explain(error, name, scan.content, scan.delimiter, scan.above)
