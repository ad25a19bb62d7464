"""Excel: a sheet becomes a table of texts, dates written as ISO 8601."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from ...engine.quoting import ident
from ...errors import DataError, nearest
from ...study.declared import Source
from ..exports.header_rows import header_rows
from ..exports.surveymonkey import questions
from .csv import refuse_twice

if TYPE_CHECKING:
    import pandas as pd

_EXACT = 2**53


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read.

    Attributes
    ----------
    table
        Name of the table in DuckDB, quoted.
    headers
        Rows below the header that are headers too (Qualtrics, SurveyMonkey).
    header_note
        What a reader is told of those rows.
    note
        Which sheet was read, and which others there are.
    """

    table: str
    headers: int
    header_note: str
    note: str


def load(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> Sheet:
    """Load a sheet into DuckDB.

    Raises
    ------
    DataError
        The reader is not installed, the file or sheet cannot be read, a column is named twice.
    """
    import pandas as pd

    rows, note = _rows(source, path)
    where = f"{path.name} ([tables.{source.name}])"
    if not rows or not any(cell_text(cell, ".") for cell in rows[0]):
        raise DataError(f"{where} has no header", "the first row of the sheet names the columns")
    names = [str(cell_text(cell, ".") or "").strip() for cell in rows[0]]
    names = [name or f"column {i + 1}" for i, name in enumerate(names)]
    refuse_twice(names, where, folded=True)
    cells = [[cell_text(cell, source.decimal) for cell in row] for row in rows[1:]]
    full = [row for row in cells if any(cell is not None for cell in row)]
    second, third = [*full, [], []][:2]
    headers, header_note = header_rows(names, second, third)
    frame = pd.DataFrame(full, columns=names, dtype="str")
    if headers == 1:
        frame = _joined(frame, questions(names, second))
    table = ident(f"sheet {source.name}")
    connection.register("sheet to load", frame)
    connection.execute(f"CREATE TABLE {table} AS SELECT * FROM {ident('sheet to load')}")
    connection.unregister("sheet to load")
    return Sheet(table, headers, header_note, note)


def _joined(frame: pd.DataFrame, choices: dict[str, list[tuple[int, str]]]) -> pd.DataFrame:
    """Join the columns of a question, one a choice, into one; each is there by itself as well."""
    names = list(frame.columns)
    for question, places in choices.items():
        for place, choice in places:
            names[place] = f"{question}: {choice}"
    joined = {
        question: frame.iloc[:, [place for place, _ in places]].apply(
            lambda row: "; ".join(row.dropna()) or None, axis=1
        )
        for question, places in choices.items()
    }
    return frame.set_axis(names, axis=1).assign(**joined)


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
