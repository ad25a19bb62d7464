"""Cells of a workbook that its reader gives as blanks: errors, formulas without a value, merged."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_C, _F, _V = (rb"(?:\w+:)?" + name for name in (b"c", b"f", b"v"))
_ERROR = re.compile(
    rb"<"
    + _C
    + rb"\b([^>]*\bt=[\"']e[\"'][^>]*)>\s*(?:<"
    + _F
    + rb"\b[^>]*?(?:/>|>[^<]*</"
    + _F
    + rb">))?"
    rb"\s*<" + _V + rb">([^<]+)</" + _V + rb">"
)
_NO_VALUE = re.compile(
    rb"<" + _C + rb"\b([^>]*)>\s*<" + _F + rb"\b[^>]*?(?:/>|>[^<]*</" + _F + rb">)\s*"
    rb"(?:<" + _V + rb"\s*/>|<" + _V + rb">\s*</" + _V + rb">)?\s*</" + _C + rb">"
)
_TEXT = re.compile(rb"\bt=[\"']str[\"']")  # a formula whose value is a text, which may be empty
_PLACE = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")


def odd_cells(path: Path, sheet: str) -> tuple[dict[tuple[int, int], str], set[tuple[int, int]]]:
    """Return the errors of a sheet, such as ``#DIV/0!``, and the formulas without a value.

    Each by row and column, counted from 0. A formula has no value where a program wrote it and no
    spreadsheet has worked it out since. Other kinds of workbook than ``.xlsx`` tell neither.
    """
    content = _sheet(path, sheet)
    errors = {
        place: found[2].decode()
        for found in (_ERROR.finditer(content) if re.search(rb"t=[\"']e[\"']", content) else ())
        for place in _places(found[1])
    }
    formulas = _NO_VALUE.finditer(content)
    empty = {p for found in formulas if not _TEXT.search(found[1]) for p in _places(found[1])}
    return errors, empty


def spoiled(
    names: list[str], rows: range, empty: Iterable[tuple[int, int]], merged: Iterable[int]
) -> Mapping[str, tuple[str, str]]:
    """Return the columns whose blanks are none -> what they hold, and what to do about it.

    Parameters
    ----------
    rows
        Rows below the header, counted from 0.
    empty
        Formulas without a value, by row and place of the column.
    merged
        Places of the columns with cells that are merged over several rows.
    """
    found: dict[str, tuple[str, str]] = {}
    for column in merged:
        found[names[column]] = (
            "holds cells that are merged over several rows, and the file fills the first alone",
            "Unmerge them and fill in each row what it is to hold",
        )
    held = [(row, column) for row, column in empty if row in rows and column < len(names)]
    for column in {column for _, column in held}:
        at = sorted(row for row, place in held if place == column)
        found[names[column]] = (
            f"holds formulas whose value is not in the file ({len(at):,} rows, first in row "
            f"{at[0] + 1} of the sheet)",
            "Open the file in Excel or LibreOffice and save it, which works them out",
        )
    return found


def _places(attributes: bytes) -> Iterator[tuple[int, int]]:
    place = _PLACE.search(attributes)
    if place:
        column = 0
        for letter in place[1]:
            column = column * 26 + letter - ord("A") + 1
        yield int(place[2]) - 1, column - 1


def _sheet(path: Path, sheet: str) -> bytes:
    """Return the XML of a sheet; nothing where the file has none."""
    try:
        with zipfile.ZipFile(path) as book:
            sheets = _elements(book.read("xl/workbook.xml"), "sheet")
            known = next((e["id"] for e in sheets if e.get("name") == sheet), "")
            links = _elements(book.read("xl/_rels/workbook.xml.rels"), "Relationship")
            target = next((e["Target"] for e in links if e.get("Id") == known), "")
            return book.read(target[1:] if target.startswith("/") else f"xl/{target}")
    except (zipfile.BadZipFile, KeyError):
        return b""


def _elements(xml: bytes, name: str) -> Iterator[dict[str, str]]:
    """Yield the attributes of the elements of that name, prefixes left out."""
    for found in re.finditer(rf"<(?:\w+:)?{name}\s([^>]*)>", xml.decode("utf-8", "replace")):
        pairs = re.findall(r"([\w.]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", found[1])
        yield {key: html.unescape(double or single) for key, double, single in pairs}
