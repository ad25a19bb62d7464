"""First looks: columns whose first cells tell of money, whatever they are called."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import duckdb

from ..engine.quoting import ident, texts, trimmed
from ..errors import DataError
from ..study.declared import Source
from .columns.blanks import blank
from .columns.currencies import LIKE_WORDS, WRITTEN
from .sources.frame_kinds import frame_of
from .sources.scan import Scan, SourceColumn, columns_of
from .status_columns import says
from .status_words import SAID_ANYWHERE, SIDES

_ROWS = 1_000
_NEARLY = 0.95  # of the cells that are not blank
_CODES = 20  # different cells of a column of codes, which comments are not
_FIRST = "the first rows of a frame"
# Beginnings of frames: pandas and Polars; DuckDB; Arrow. Of a stream nothing is read before all is.
_BEGINNINGS = (("head", (_ROWS,)), ("limit", (_ROWS,)), ("slice", (0, _ROWS)))


def first_looks(
    connection: duckdb.DuckDBPyConnection, source: Source, scan: Scan, frame: Any = None
) -> dict[str, str]:
    """Return what texts look like, by their first cells: ``currency``, ``sides`` or ``kind``.

    Parameters
    ----------
    frame
        What stands for the table in place of a file.
    """
    if frame is not None:
        return _of_frame(connection, source, frame)
    first = scan.parts[0] if scan.parts else scan
    with suppress(duckdb.Error):  # told where the table is read
        return _looks(connection, first.whole, first.columns, first.headers) if first.whole else {}
    return {}


def _of_frame(connection: duckdb.DuckDBPyConnection, source: Source, frame: Any) -> dict[str, str]:
    for method, size in _BEGINNINGS:
        if not hasattr(frame, method):
            continue
        with suppress(duckdb.Error, DataError):  # told where the frame is read
            start = frame_of(source, getattr(frame, method)(*size), _FIRST)
            connection.register(_FIRST, start.pick(start.names))
            try:
                return _looks(connection, ident(_FIRST), columns_of(connection, ident(_FIRST)), 0)
            finally:
                connection.unregister(_FIRST)
        break
    return {}


def _looks(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Mapping[str, SourceColumn],
    headers: int,
) -> dict[str, str]:
    kinds = ("VARCHAR", "ENUM")
    named = {n: c.sql for n, c in columns.items() if c.sql and c.type.startswith(kinds)}
    if not named:
        return {}
    # The cells of all columns are one below the other: to plan the conditions takes longer than
    # to look, and so it is done once a table.
    known = f"NOT {blank('x')}"
    written = f"x IN {texts(sorted(WRITTEN))}"
    both = texts(word.upper() for side in SIDES for word in side)
    texts_of = ", ".join(f"upper({trimmed(f'{sql}::VARCHAR')})" for sql in named.values())
    rows = connection.execute(
        f"SELECT place, count(*) FILTER ({known}), count(*) FILTER ({known} AND {written}), "
        f"count(*) FILTER ({known} AND x IN {both}), "
        f"list(DISTINCT x) FILTER ({written}), count(*) FILTER ({says('x', SAID_ANYWHERE)}), "
        f"count(DISTINCT x) FROM (SELECT unnest(range({len(named)})) AS place, "
        f"unnest([{texts_of}]) AS x FROM (SELECT {', '.join(named.values())} FROM {relation} "
        f"LIMIT {_ROWS} OFFSET {headers})) GROUP BY place ORDER BY place"
    ).fetchall()
    names, found = list(named), {}
    for place, held, codes, sides, which, undone, different in rows:
        if held and codes >= _NEARLY * held and set(which) - LIKE_WORDS:
            found[names[place]] = "currency"
        elif held and sides == held:
            found[names[place]] = "sides"
        elif undone and different <= _CODES:
            found[names[place]] = "kind"
    return found
