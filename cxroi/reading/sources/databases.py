"""Databases: a table or query of SQLite or PostgreSQL, fetched as Arrow through ADBC."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import duckdb

from ...engine.quoting import dotted, ident
from ...errors import DataError, nearest
from ...study.declared import Source
from .queries import one_select, refuse_volatile

_DRIVERS = {
    "sqlite": "adbc_driver_sqlite",
    "postgresql": "adbc_driver_postgresql",
    "postgres": "adbc_driver_postgresql",
}
_BATCH = 65_536
# What a driver says -> what is told: its own words may hold the URI or a row.
_REASONS = (
    ("password", "the server refused user or password"),
    ("no password", "the server refused user or password"),
    ("could not translate host", "its host is not known"),
    ("refused", "no server answers there"),
    ("timeout", "no server answers there"),
    ("failed to open", "there is no such file"),
    ("no such table", "it has no such table"),
    ("no such column", "the query names a column that is not there"),
    ("syntax error", "the query is not valid SQL"),
    ("type mismatch", "a column mixes numbers and texts; cast it in a query"),
    ("permission denied", "the user may not read it"),
    ("does not exist", "it has no such database, table or column"),
)


@dataclass(frozen=True)
class _Asked:
    """What a database is asked for, and the functions that the statement calls."""

    name: str
    statement: str
    sqlite: bool
    functions: tuple[str, ...]


def fetch(
    connection: duckdb.DuckDBPyConnection, source: Source, folder: Path
) -> tuple[str, list[str]]:
    """Fetch the declared table or query into DuckDB.

    Returns
    -------
    tuple
        The name of the table, quoted, and the names of its columns, two of which may be the same.

    Raises
    ------
    DataError
        The environment variable is missing, the driver is not installed, the database cannot
        be reached or the query fails. The URI is never part of the message.
    """
    where = f"[tables.{source.name}]"
    uri = os.environ.get(source.database, "")
    if not uri:
        raise DataError(
            f"{where} database names the environment variable {source.database!r}, which is "
            "not set",
            "it holds the URI of the database, sqlite:///... or postgresql://...",
            f"Set it before the run: export {source.database}=...",
        )
    kind = uri.partition(":")[0].lower()
    if kind not in _DRIVERS:
        raise DataError(
            f"{where}: the URI in {source.database} is of an unknown kind",
            "it begins with sqlite:/// or postgresql://",
            nearest(kind, _DRIVERS) if kind.isalpha() and kind != uri else "",
        )
    driver = _driver(kind, where)
    asked = _asked(source, kind == "sqlite", where)
    try:
        return _copy(connection, driver, _target(kind, uri, folder), asked)
    except duckdb.OutOfMemoryException:
        raise
    except (driver.Error, duckdb.Error, OSError) as error:
        known = (reason for words, reason in _REASONS if words in str(error).lower())
        reason = next(known, "the driver reports an error of the kind " + type(error).__name__)
        raise DataError(
            f"{where}: the database of {source.database} cannot be read: {reason}",
            fix="Check the variable, and the table or query of the study file",
        ) from None


def _asked(source: Source, sqlite: bool, where: str) -> _Asked:
    if not source.query:
        return _Asked(source.name, f"SELECT * FROM {dotted(source.table)}", sqlite, ())
    calls = one_select(source.query, "sqlite" if sqlite else "postgres", where)
    return _Asked(source.name, source.query.strip().rstrip("; \n\t"), sqlite, calls)


def _driver(kind: str, where: str) -> ModuleType:
    try:
        importlib.import_module("pyarrow")
        return importlib.import_module(f"{_DRIVERS[kind]}.dbapi")
    except ImportError:
        raise DataError(
            f"{where} is in a database, and the driver for {kind} is not installed",
            fix="pip install 'cxroi[database]'",
        ) from None


def _target(kind: str, uri: str, folder: Path) -> str:
    if kind != "sqlite":
        return uri
    path = folder / uri.partition(":")[2].removeprefix("//").removeprefix("/")
    if uri.startswith("sqlite:////"):
        path = Path(uri[len("sqlite:///") :])
    return f"file:{quote(str(path))}?mode=ro"


def _copy(
    connection: duckdb.DuckDBPyConnection,
    driver: ModuleType,
    target: str,
    asked: _Asked,
) -> tuple[str, list[str]]:
    table, batches = ident(f"fetched {asked.name}"), "batches to load"
    with driver.connect(target) as database, database.cursor() as cursor:
        if asked.sqlite:
            # Columns of SQLite have no type: have it found from many rows instead of 1,024.
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(_BATCH)})
        else:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute("SET standard_conforming_strings = on")  # as the query was parsed
            refuse_volatile(cursor, asked.functions, f"[tables.{asked.name}]")
        cursor.execute(asked.statement)
        reader = cursor.fetch_record_batch()
        names = list(reader.schema.names)
        connection.register(batches, reader)
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM {ident(batches)}")
        connection.unregister(batches)
    return table, names
