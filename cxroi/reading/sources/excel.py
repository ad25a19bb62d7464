"""Excel: a sheet becomes a table of texts, dates written as ISO 8601."""

from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ...engine.quoting import ident
from ...errors import DataError, nearest
from ...study.declared import Source
from .connection import memory_of
from .csv import is_qualtrics, refuse_twice

_EXACT = 2**53


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read.

    Attributes
    ----------
    table
        Name of the table in DuckDB, quoted.
    headers
        Rows below the header that are headers too (Qualtrics).
    note
        Which sheet was read, and which others there are.
    """

    table: str
    headers: int
    note: str


def load(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> Sheet:
    """Load a sheet into DuckDB.

    Raises
    ------
    DataError
        The reader is not installed, the file or sheet cannot be read, a column is named twice.
    """
    import pandas as pd

    where = f"{path.name} ([tables.{source.name}])"
    _refuse_too_large(path, where, memory_of(connection))
    rows, note = _rows(source, path)
    if not rows or not any(cell_text(cell, ".") for cell in rows[0]):
        raise DataError(f"{where} has no header", "the first row of the sheet names the columns")
    names = [str(cell_text(cell, ".") or "").strip() for cell in rows[0]]
    names = [name or f"column {i + 1}" for i, name in enumerate(names)]
    refuse_twice(names, where, folded=True)
    cells = [[cell_text(cell, source.decimal) for cell in row] for row in rows[1:]]
    full = [row for row in cells if any(cell is not None for cell in row)]
    frame = pd.DataFrame(full, columns=names, dtype="str")
    table = ident(f"sheet {source.name}")
    connection.register("sheet to load", frame)
    connection.execute(f"CREATE TABLE {table} AS SELECT * FROM {ident('sheet to load')}")
    connection.unregister("sheet to load")
    return Sheet(table, 2 if len(rows) > 2 and is_qualtrics(rows[2]) else 0, note)


def _refuse_too_large(path: Path, where: str, memory: float) -> None:
    """Refuse a file that unpacks to more than memory holds: sheets are read as a whole."""
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except zipfile.BadZipFile:  # of an older kind, or none at all
        return
    if size > memory:
        raise DataError(
            f"{where} unpacks to {size / 1e6:,.0f} MB, and {memory / 1e6:,.0f} MB of memory may be "
            "used",
            "a sheet is read as a whole",
            "Save it as CSV or Parquet, or raise memory_limit of [study]",
        )


def _rows(source: Source, path: Path) -> tuple[list[list[Any]], str]:
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
    others = [name for name in book.sheet_names if name != sheet]
    note = f"Read was the sheet {sheet!r}"
    if others:
        note += f"; sheet = ... names another: {', '.join(map(repr, others[:10]))}"
    return rows, note


def cell_text(cell: Any, decimal: str) -> str | None:
    """Return a cell as a file of texts would hold it; None where it is blank."""
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
