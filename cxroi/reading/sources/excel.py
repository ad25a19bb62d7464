"""Excel: a sheet becomes a table of texts; a column of nothing but dates is one of dates."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ...engine.quoting import ident
from ...errors import DataError, nearest
from ...study.declared import Source
from ..exports.header_rows import header_rows
from ..exports.surveymonkey import questions
from .above_header import refuse_elsewhere
from .connection import memory_of
from .questions import Questions, joined
from .true_kind import refuse_other_kind
from .workbook_cells import odd_cells, spoiled

_EXACT = 2**53
_NAMELESS = re.compile(r"column \d+")


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read.

    Attributes
    ----------
    table
        Name of the table in DuckDB, quoted.
    names
        Names of its columns, two of which may be the same.
    headers
        Rows below the header that are headers too (Qualtrics, SurveyMonkey).
    header_note
        What a reader is told of those rows.
    questions
        Of SurveyMonkey: question -> its columns, a place and a choice each.
    note
        Which sheet was read, and which others there are.
    spoiled
        Columns that the study must not name -> what they hold, and what to do about it.
    """

    table: str
    names: list[str]
    headers: int
    header_note: str
    questions: Questions
    note: str
    spoiled: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Rows:
    """The rows of a sheet from its top; which cells of them are no blanks though they seem so.

    `others` is the book, and the names of its other sheets that are not hidden.
    """

    name: str
    cells: list[list[Any]]
    note: str
    others: tuple[Any, list[str]]
    formulas: set[tuple[int, int]]
    merged: list[tuple[int, int]]


def load(connection: duckdb.DuckDBPyConnection, source: Source, path: Path) -> Sheet:
    """Load a sheet into DuckDB.

    Raises
    ------
    DataError
        The reader is not installed, the file or sheet cannot be read, the columns of the study
        are in another row.
    """
    import pandas as pd

    where = f"{path.name} ([tables.{source.name}])"
    _refuse_too_large(path, where, memory_of(connection))
    sheet = rows_of(source, path)
    rows = sheet.cells
    empty = next((i for i, row in enumerate(rows) if row), 0)
    first = [{str(cell_text(cell, ".") or "").strip() for cell in row} for row in rows[:50]]
    refuse_elsewhere(first, source.skip_rows or empty, where, source, "row")
    above = source.skip_rows or empty
    rows = rows[above:]
    if not rows or not any(cell_text(cell, ".") for cell in rows[0]):
        raise DataError(f"{where} has no header", "the first row of the sheet names the columns")
    names = [str(cell_text(cell, ".") or "").strip() for cell in rows[0]]
    names = [name or f"column {i + 1}" for i, name in enumerate(names)]
    full = [row for row in rows[1:] if any(cell_text(cell, ".") is not None for cell in row)]
    cells = [[cell_text(cell, source.decimal) for cell in row] for row in full]
    second, third = [*cells, [], []][:2]
    headers, header_note = header_rows(names, second, third)
    choices = questions(names, second) if headers == 1 else {}
    frame = pd.DataFrame(cells, columns=[f"c{i}" for i in range(len(names))], dtype="str")
    dates = [f"c{i}::{kind} AS c{i}" for i, kind in _dates(full)]
    chosen = f"* REPLACE ({', '.join(dates)})" if dates else "*"
    table = ident(f"sheet {source.name} {path}")
    connection.register("sheet to load", frame)
    held = joined(ident("sheet to load"), choices)
    connection.execute(f"CREATE TABLE {table} AS SELECT {chosen} FROM {held}")
    connection.unregister("sheet to load")
    if not source.sheet:
        _refuse_alike(sheet, names, above, where, source)
    merged = sorted({column for last, column in sheet.merged if last > above})
    below = range(above + 1, above + len(rows))
    odd = spoiled(names, below, sheet.formulas, merged)
    return Sheet(table, names, headers, header_note, choices, sheet.note, odd)


def _dates(rows: list[list[Any]]) -> Iterator[tuple[int, str]]:
    """Yield the columns whose cells all are dates, so that no declared format concerns them."""
    for i, column in enumerate(zip(*rows, strict=True)):
        held = [cell for cell in column if cell is not None and cell != ""]
        if held and all(isinstance(cell, dt.date) for cell in held):
            bare = not any(isinstance(cell, dt.datetime) for cell in held)
            yield i, "DATE" if bare else "TIMESTAMP"


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


def rows_of(source: Source, path: Path) -> Rows:
    """Return the rows of a sheet from the first on, and which sheet it is.

    Raises
    ------
    DataError
        The reader is not installed, the file or sheet cannot be read.
    """
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
        with path.open("rb") as stream:
            start = stream.read(4096)
        refuse_other_kind(start, path, source.name)
        raise DataError(
            f"{where} is not an Excel file that can be read",
            "",
            "" if b"\0" in start else "It seems to be text: let its name end in .csv",
        ) from None
    sheet = source.sheet or book.sheet_names[0]
    if sheet not in book.sheet_names:
        raise DataError(f"{where} has no sheet {sheet!r}", fix=nearest(sheet, book.sheet_names))
    held = book.get_sheet_by_name(sheet)
    rows: list[list[Any]] = held.to_python()
    above, left = held.start or (0, 0)  # empty rows and columns, which calamine leaves out
    rows = [[] for _ in range(above)] + rows
    errors, formulas = odd_cells(path, sheet)
    for (row, column), error in errors.items():
        if row < len(rows) and 0 <= column - left < len(rows[row]):
            rows[row][column - left] = error
    others = [name for name in book.sheet_names if name != sheet]
    note = f"Read was the sheet {sheet!r}"
    if others:
        note += f"; sheet = ... names another: {', '.join(map(repr, others[:10]))}"
    formulas = {(row, column - left) for row, column in formulas if column >= left}
    shown = {m.name for m in book.sheets_metadata if str(m.visible).endswith(".Visible")}
    seen = [name for name in others if name in shown]
    merged = list(_merged(held, left, rows))
    return Rows(sheet, rows, note, (book, seen), formulas, merged)


def _refuse_alike(sheet: Rows, names: list[str], above: int, where: str, source: Source) -> None:
    """Refuse a book of which other sheets have the same header, where the study names none."""
    book, others = sheet.others
    alike = []
    for name in others:
        held = book.get_sheet_by_name(name)
        top = held.start[0] if held.start else 0
        rows = held.to_python(nrows=above + 2)
        if len(rows) > above - top + 1 and above >= top:
            header = {str(cell_text(cell, ".") or "").strip() for cell in rows[above - top]} - {""}
            alike += [name] if header == {n for n in names if not _NAMELESS.fullmatch(n)} else []
    if alike:
        raise DataError(
            f"{where} has {len(alike) + 1} sheets with the same columns: "
            + ", ".join(map(repr, [sheet.name, *alike][:10])),
            "a table is one sheet where the study says which, or several files",
            f'Write sheet = "{sheet.name}" in [tables.{source.name}] to read that one alone; to '
            'read all of them save each as CSV and name them by files = "..."',
        )


def _merged(held: Any, left: int, rows: list[list[Any]]) -> Iterator[tuple[int, int]]:
    """Yield the last row and the column of cells merged over several rows that hold something."""
    for (top, first), (last, _) in getattr(held, "merged_cell_ranges", None) or ():
        within = last > top and top < len(rows) and 0 <= first - left < len(rows[top])
        if within and rows[top][first - left] not in (None, ""):
            yield last, first - left


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
