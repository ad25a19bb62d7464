"""Row places: where a row is that a refusal names, by file and by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from .plain_text import open_bytes
from .scan import Scan

_FAR = 2_000_000  # rows that are counted again to tell a line


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
    """Return the lines of a CSV file in which rows begin; none where that takes too long."""
    if not rows or not scan.delimiter or scan.content is None or rows[-1] > _FAR:
        return []
    wanted, found = {row + scan.headers for row in rows}, []
    with open_bytes(scan.content) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        reader, row, begin = csv.reader(text, delimiter=scan.delimiter), 0, 1
        try:
            for cells in reader:
                if row in wanted and cells:
                    found.append(f"{begin + scan.above:,}")
                row += bool(cells)
                begin = reader.line_num + 1
                if row > max(wanted):
                    break
        except csv.Error:
            return []
    return found if len(found) == len(rows) else []
