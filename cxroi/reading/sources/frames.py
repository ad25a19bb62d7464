"""Frames: a pandas, Polars or Arrow frame or a DuckDB relation in place of a file.

A frame is read where it lies and passes through the same typing as a file. The columns that the
study names are kept as a table of DuckDB at once, so that a later change of the frame, or a
stream that can be read only once, changes no result.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from ...engine.quoting import ident, one_row, text
from ...errors import DataError
from ...study.declared import Source
from .csv import match, named_twice, refuse_twice
from .frame_kinds import Frame, frame_of
from .loading import count, telling, with_header_rows
from .scan import Scan, SourceColumn, columns_of

# Tables of which rows that repeat word for word are told of, unread columns included.
_WHOLE = ("orders", "contacts", "returns")


def open_frame(source: Source, frame: Any) -> tuple[Scan, Frame]:
    """Open a frame that stands for a declared table; no row is read yet.

    Raises
    ------
    DataError
        It is none that can be read, or its columns have no name of their own.
    """
    where = f"the frame for [tables.{source.name}]"
    opened = frame_of(source, frame, where)
    twice = named_twice(opened.names, folded=True)
    if not opened.again:  # all columns of a stream are read, of which DuckDB renames some
        refuse_twice(opened.names, f"the {opened.kind} for [tables.{source.name}]")
    columns = {name: SourceColumn(ident(name), "") for name in opened.names}
    return Scan(source.name, opened.kind, "", columns, note=opened.note, twice=twice), opened


def load_frame(
    connection: duckdb.DuckDBPyConnection, scan: Scan, frame: Frame, wanted: Sequence[str]
) -> Scan:
    """Keep the wanted columns of a frame as a table, with row numbers and a fingerprint.

    Raises
    ------
    DataError
        The frame has no rows, was read before, or holds columns that cannot be read.
    """
    where = f"the {frame.kind} for [tables.{scan.name}]"
    found = [match(name, list(scan.columns), scan.name) for name in wanted]
    names = list(dict.fromkeys(name for name in found if scan.columns[name].sql))
    table = ident(f"raw {scan.name}")
    whole = _keep(connection, scan, frame, [*names, *telling(scan, names)], where)
    _refuse_unknown_zones(connection, frame.zones, names, where)
    held = columns_of(connection, table)
    kept = {
        name: replace(held[name], zone=frame.zones.get(name, ""))
        for name in scan.columns
        if name in names
    }
    loaded = replace(
        scan,
        relation=table,
        columns=held,
        row="rowid",
        sha256=fingerprint(connection, table, kept),
        whole=whole,
    )
    loaded = replace(with_header_rows(connection, loaded), columns=kept)
    if not count(connection, loaded):
        fix = "" if frame.again else "A stream is read only once: make it anew"
        raise DataError(f"{where} has columns and no rows", fix=fix)
    return loaded


def forget_frame(connection: duckdb.DuckDBPyConnection, scan: Scan) -> None:
    """Let go of a frame that was registered for its unread columns."""
    if scan.whole:
        connection.unregister(f"frame {scan.name}")


def fingerprint(
    connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, SourceColumn]
) -> str:
    """Return a SHA-256 of the values of a table, row by row, and of its columns' names and zones.

    It is the same whatever the chunks, the index or the unread columns of the frame. Each row is
    written as text behind its number; the SHA-256 is of the names, the number of rows and the
    exclusive or of the MD5 sums of all rows, which one pass yields.
    """
    cells = [f"{column.sql}::VARCHAR" for column in columns.values()]
    line = "".join(f", coalesce(strlen({x}) || ':' || {x}, '-')" for x in cells)
    rows, mixed = one_row(
        connection, f"SELECT count(*), bit_xor(md5_number(concat(rowid, ' '{line}))) FROM {table}"
    )
    names = tuple((name, c.zone) if c.zone else name for name, c in columns.items())
    return hashlib.sha256(repr((names, rows, mixed)).encode()).hexdigest()


def _refuse_unknown_zones(
    connection: duckdb.DuckDBPyConnection, zones: Mapping[str, str], names: list[str], where: str
) -> None:
    for name in filter(zones.__contains__, names):
        zone = zones[name]
        try:
            connection.execute(f"SELECT TIMESTAMPTZ 'epoch' AT TIME ZONE {text(zone)}").fetchall()
        except duckdb.NotImplementedException:
            raise DataError(
                f"column {name!r} of {where} is in the zone {zone!r}",
                "a zone has a name such as 'Europe/Berlin', or is UTC",
                "Convert it, in pandas with .dt.tz_convert('Europe/Berlin')",
            ) from None


def _register_whole(connection: duckdb.DuckDBPyConnection, frame: Frame, name: str) -> bool:
    """Register all columns of a frame; whether all of them can be read."""
    try:
        connection.register(name, frame.pick(frame.names))
        columns_of(connection, ident(name))
    except (duckdb.Error, DataError):
        connection.unregister(name)
        return False
    return True


def _keep(
    connection: duckdb.DuckDBPyConnection,
    scan: Scan,
    frame: Frame,
    names: list[str],
    where: str,
) -> str:
    """Copy the named columns; return the relation with all of them, where it stays registered."""
    registered = f"frame {scan.name}"
    whole = frame.again and not scan.twice and scan.name in _WHOLE
    whole = whole and _register_whole(connection, frame, registered)
    try:
        if not whole:
            connection.register(registered, frame.pick(names))
        _copy(connection, ident(f"raw {scan.name}"), ident(registered), names)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise _unreadable(frame, where, names, error) from None
    finally:
        if not whole:
            connection.unregister(registered)
    return ident(registered) if whole else ""


def _copy(
    connection: duckdb.DuckDBPyConnection, table: str, relation: str, names: list[str]
) -> None:
    """Copy the columns in the order of the frame; categories and columns of nothing as texts."""
    types = {name: column.type for name, column in columns_of(connection, relation).items()}
    texts = [name for name in names if types[name].startswith("ENUM") or types[name] == '"NULL"']
    selected = [f"{ident(n)}::VARCHAR AS {ident(n)}" if n in texts else ident(n) for n in names]
    connection.execute(
        f"CREATE TABLE {table} AS SELECT {', '.join(selected) or '1 AS nothing'} FROM {relation}"
    )


def _reported(message: str) -> str:
    """Return what DuckDB says of a query that fails, without the values that it quotes.

    Of a failed cast that is its first line. Of other errors, whose words may be those of the
    data, it is their kind.
    """
    found = re.search(r"failed: (?:\w+: )?(\w[\w ]*Error)(.*)", message, re.DOTALL)
    kind, words = found.groups() if found else ("an error", "")
    if kind != "Conversion Error":
        return kind
    told = words.partition("\n\nLINE ")[0]
    told = re.sub(r"(['\"]).*\1", "'...'", told, flags=re.DOTALL)
    return kind + re.sub(r"value \S+", "value ...", told).partition("\n")[0]


def _unreadable(frame: Frame, where: str, names: Sequence[str], error: Exception) -> DataError:
    columns = ", ".join(map(repr, names))
    if "Resource In Use Error" in str(error):
        return DataError(
            f"{where} cannot be read: {columns}",
            "no other result of its connection is being fetched",
            "Fetch that result first, or make the relation anew",
        )
    if frame.kind == "DuckDB relation":
        return DataError(
            f"{where} cannot be read: DuckDB reports {_reported(str(error))}",
            "its query runs to its end",
            "Mend its query",
        )
    return DataError(
        f"{where} cannot be read: {columns}",
        "a column holds texts, numbers, true and false, or dates",
        "Cast the columns; of a stream, see that it does not break off",
    )
