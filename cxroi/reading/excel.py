"""Excel: a sheet becomes a table of texts, dates written as ISO 8601."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb

from ..errors import DataError, nearest
from ..study import Source
from .sql import ident

_EXACT = 2**53


def load(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> str:
    """Load a sheet into DuckDB and return the name of the table, quoted.

    Raises
    ------
    DataError
        The reader is not installed, the file or sheet cannot be read, a column is named twice.
    """
    import pandas as pd

    rows = _rows(source, path)
    where = f"{path.name} ([tables.{source.name}])"
    if not rows or not any(_text(cell, ".") for cell in rows[0]):
        raise DataError(f"{where} has no header", "the first row of the sheet names the columns")
    names = [str(_text(cell, ".") or "").strip() for cell in rows[0]]
    names = [name or f"column {i + 1}" for i, name in enumerate(names)]
    folded = [name.casefold() for name in names]
    twice = sorted({name for name in names if folded.count(name.casefold()) > 1})
    if twice:
        raise DataError(
            f"{where} names {len(twice)} columns twice: {', '.join(map(repr, twice[:5]))}",
            "every column has a name of its own",
        )
    cells = [[_text(cell, source.decimal) for cell in row] for row in rows[1:]]
    full = [row for row in cells if any(cell is not None for cell in row)]
    frame = pd.DataFrame(full, columns=names, dtype="str")
    table = ident(f"sheet {source.name}")
    connection.register("sheet to load", frame)
    connection.execute(f"CREATE TABLE {table} AS SELECT * FROM {ident('sheet to load')}")
    connection.unregister("sheet to load")
    return table


def _rows(source: Source, path: Path) -> list[list[Any]]:
    where = f"{path.name} ([tables.{source.name}])"
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise DataError(
            f"{where} is an Excel file, and its reader is not installed",
            fix="pip install 'cxroi[excel]'",
        ) from None
    try:
        book = CalamineWorkbook.from_path(str(path))
    except CalamineError:
        raise DataError(f"{where} is not an Excel file that can be read") from None
    sheet = source.sheet or book.sheet_names[0]
    if sheet not in book.sheet_names:
        raise DataError(f"{where} has no sheet {sheet!r}", fix=nearest(sheet, book.sheet_names))
    rows: list[list[Any]] = book.get_sheet_by_name(sheet).to_python()
    return rows


def _text(cell: Any, decimal: str) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < _EXACT
        return str(int(cell)) if whole else repr(cell).replace(".", decimal)
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)
