"""First looks: columns whose first cells tell of money, whatever they are called."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb

from ..engine.quoting import ident, trimmed
from ..errors import DataError
from ..study.declared import Source
from .columns.blanks import blank
from .columns.currencies import LIKE_WORDS, WRITTEN
from .sources.frame_kinds import frame_of
from .sources.scan import Scan, SourceColumn, columns_of
from .status_columns import is_said
from .status_words import SAID_ANYWHERE, SIDES

_ROWS = 1_000
_NEARLY = 0.95  # of the cells that are not blank
_CODES = 20  # different cells of a column of codes, which comments are not
_MOST = len(WRITTEN) + _ROWS // 10  # more different cells than any column that is looked for has
_BOTH = {word.upper() for side in SIDES for word in side}
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
    # The cells of all columns are one below the other, and held against words here: to plan the
    # words as conditions takes far longer than to look.
    texts_of = ", ".join(f"upper({trimmed(f'{sql}::VARCHAR')})" for sql in named.values())
    rows = connection.execute(
        f"SELECT place, x, replace(lower(x), ' ', '_'), n::BIGINT FROM (SELECT place, x, "
        "count(*) AS n, count(*) OVER (PARTITION BY place) AS different FROM "
        f"(SELECT unnest(range({len(named)})) AS place, unnest([{texts_of}]) AS x FROM "
        f"(SELECT {', '.join(named.values())} FROM {relation} LIMIT {_ROWS} OFFSET {headers})) "
        f"WHERE NOT {blank('x')} GROUP BY place, x) WHERE different <= {_MOST} ORDER BY place"
    ).fetchall()
    names = list(named)
    looks = {names[at]: _look(list(cells)) for at, cells in groupby(rows, itemgetter(0))}
    return {name: look for name, look in looks.items() if look}


def _look(cells: list[tuple[int, str, str, int]]) -> str:
    """Return what a column looks like by its different cells, as they are and in small letters."""
    held = sum(n for *_, n in cells)
    codes = {x: n for _, x, _, n in cells if x in WRITTEN}
    if sum(codes.values()) >= _NEARLY * held and set(codes) - LIKE_WORDS:
        return "currency"
    if all(x in _BOTH for _, x, *_ in cells):
        return "sides"
    few = len(cells) <= _CODES
    return "kind" if few and any(is_said(word, SAID_ANYWHERE) for *_, word, _ in cells) else ""
