"""Places: the sheets and tables of a file, its encoding, the lines above its header."""

from __future__ import annotations

import csv
import glob
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from ..errors import attempt
from ..reading.sources.csv import SUFFIXES
from ..reading.sources.excel import cell_text, rows_of
from ..reading.sources.long_rows import LONGEST
from ..reading.sources.opening import DUCKDB, EXCEL
from ..reading.sources.paths import paths_of
from ..reading.sources.plain_text import JSON, EncodingError, open_bytes, readable, suffix_of
from ..study.declared import Source

_FIRST = 50  # lines in which a header is looked for
_TOLD = 2  # letters that names of files of one table have in common
_MARKS = ",;\t|"


def places(path: Path) -> list[dict[str, Any]]:
    """Return what a study says of where each table of a file is: its sheets, or its tables."""
    suffix = suffix_of(path)
    if suffix in EXCEL and path.is_file():
        from python_calamine import CalamineError, CalamineWorkbook

        try:
            sheets = CalamineWorkbook.from_path(str(path)).sheet_names
        except CalamineError:
            return [{}]  # the reader says what is wrong with it
        return [{"sheet": sheet} for sheet in sheets] if len(sheets) > 1 else [{}]
    if suffix in DUCKDB and path.is_file():
        try:
            with duckdb.connect(str(path), read_only=True) as held:
                tables = held.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        except duckdb.Error:
            return [{}]
        return [{"table": str(name)} for (name,) in tables]
    return [{}]


def as_written(source: Source, path: Path, scratch: Path) -> dict[str, tuple[Any, str]]:
    """Return keys by which a file can be read as it is written: value and ground of each."""
    suffix = suffix_of(path)
    if suffix not in (*SUFFIXES, *JSON, *EXCEL) or not path.is_file() or not path.stat().st_size:
        return {}
    found: dict[str, tuple[Any, str]] = {}
    if suffix in EXCEL:
        above = _titles([[cell_text(c, ".") or "" for c in r] for r in rows_of(source, path).cells])
    else:
        content = attempt(lambda: readable(source, path, scratch))
        if isinstance(content, EncodingError):
            said = "it is not UTF-8; are letters with accents right, such as ä, é, ø?"
            found["encoding"] = (content.encoding, said)
            known = Source(source.name, {}, path=path, encoding=content.encoding)
            content = attempt(lambda: readable(known, path, scratch))
        text = isinstance(content, Path) and suffix in SUFFIXES
        above = _lines_above(content) if text and isinstance(content, Path) else 0
    if above:
        found["skip_rows"] = (above, "a title stands above the header")
    return found


def _lines_above(content: Path) -> int:
    """Return how many lines of a CSV file stand above its header."""
    with open_bytes(content) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        lines = list(islice(io.StringIO(text.read(LONGEST), newline=""), _FIRST))
    if not lines or lines[0].lower().startswith(("sep=", '"sep=')):  # which the reader obeys
        return 0
    best: tuple[int, list[list[str]], list[int]] = (0, [], [0])
    for mark in _MARKS:
        reader = csv.reader(lines, delimiter=mark)
        rows, begins = [], [0]
        for row in reader:
            rows.append(row)
            begins.append(reader.line_num)
        best = max(best, (_width(rows), rows, begins), key=lambda one: one[0])
    return best[2][_titles(best[1])]


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Return the commonest number of cells of a row."""
    return max(Counter(len(row) for row in rows if row).items(), key=lambda one: one[1])[0]


def _titles(rows: Sequence[Sequence[str]]) -> int:
    """Return how many rows stand above the header: the first row with a text in each column.

    None stand above a first row that has as many cells as the others, half of them filled, as
    that of SurveyMonkey.
    """
    rows = rows[:_FIRST]
    if not any(rows):
        return 0
    first = next(number for number, row in enumerate(rows) if any(row))
    width = max(_width(rows), 2)
    if len(rows[first]) == width and 2 * sum(map(bool, rows[first])) >= width:
        return 0
    full = (n for n, row in enumerate(rows) if len(row) == width and all(c.strip() for c in row))
    return next((n for n in full if not any(c.strip()[0].isdigit() for c in rows[n])), 0)


def pattern_of(paths: Sequence[Path]) -> str:
    """Return the pattern that finds these files of a folder and no others; empty if there is none.

    Examples
    --------
    >>> pattern_of([Path("nowhere/survey.csv"), Path("nowhere/orders.csv")])
    ''
    """
    names = [path.name for path in paths]
    begin = _common(names)
    end = _common([name[len(begin) :][::-1] for name in names])[::-1]
    told = len(begin) + len(end.partition(".")[0])
    if len({path.parent for path in paths}) > 1 or told < _TOLD:
        return ""
    pattern = f"{glob.escape(begin)}*{glob.escape(end)}"
    found = attempt(lambda: paths_of(Source("", {}, files=pattern, folder=paths[0].parent)))
    return pattern if found == sorted(paths) else ""


def _common(texts: Sequence[str]) -> str:
    """Return what all texts begin with."""
    same = 0
    for letters in zip(*texts, strict=False):
        if len(set(letters)) > 1:
            break
        same += 1
    return texts[0][:same]


def same_kind(place: Mapping[str, Any]) -> bool:
    """Whether files that are read so can be read as one table: no sheet or table of many."""
    return not {"sheet", "table"} & set(place)
