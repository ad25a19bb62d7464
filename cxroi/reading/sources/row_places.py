"""Row places: where a row is that a refusal names, by file and by line."""

from __future__ import annotations

from collections.abc import Sequence

from .csv import lines_of
from .scan import Scan


def data_rows(scan: Scan, rows: Sequence[int]) -> str:
    """Return ``data rows 3, 17 in lines 4, 18``, of several files that of each.

    Parameters
    ----------
    rows
        Numbers of rows, from 1 below the header, in rising order.
    """
    said = "data rows " if len(rows) > 1 else "data row "
    if scan.files:
        return said + ", ".join(_in_its_file(scan, row) for row in rows)
    lines = _lines(scan, rows)
    at = f" in line{'s' if len(lines) > 1 else ''} {', '.join(lines)}" if lines else ""
    return said + ", ".join(f"{row:,}" for row in rows) + at


def _in_its_file(scan: Scan, row: int) -> str:
    for part, file in zip(scan.parts, scan.files, strict=True):
        if row <= file.rows:
            lines = _lines(part, [row])
            return f"{row:,} of {file.where}" + (f" in line {lines[0]}" if lines else "")
        row -= file.rows
    return f"{row:,}"


def _lines(scan: Scan, rows: Sequence[int]) -> list[str]:
    """Return the lines of a CSV file in which rows begin."""
    if not scan.delimiter or scan.content is None:
        return []
    records = [row + scan.headers + 1 for row in rows]
    found = lines_of(scan.content, scan.delimiter, records, blank=len(scan.columns) == 1)
    return [f"{line + scan.above:,}" for line in found]
