"""Lines above the header: titles and Excel's ``sep=``; where the columns of the study begin."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ...errors import DataError
from ...study.declared import Source
from .long_rows import LONGEST
from .plain_text import open_bytes

_FIRST = 50  # lines in which a header is looked for
_MARKS = ",;\t|"
_SEP = re.compile(r'"?sep=([^\w\s"]|\t)\1*"?[,;\t]*')


def lines_above(content: Path, path: Path, source: Source) -> tuple[int, str]:
    """Return how many lines stand above the header of a CSV file, and its delimiter if known.

    A first line ``sep=;``, by which Excel is told the delimiter, is obeyed where the study
    declares none.

    Raises
    ------
    DataError
        The columns that the study names are in another line.
    """
    with open_bytes(content) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        start = io.StringIO(text.read(LONGEST), newline="")
        lines = [line.rstrip("\r\n") for line in islice(start, _FIRST)]
    excel = _SEP.fullmatch(lines[0]) if lines else None
    above = source.skip_rows or int(excel is not None)
    delimiter = source.delimiter or (excel.group(1) if excel else "")
    cells = [_cells([line], delimiter or _MARKS) for line in lines]
    long = _length(lines[above:], delimiter or _MARKS)
    if long > 1:  # a name runs over several lines
        header = _cells(lines[above : above + long], delimiter or _MARKS)
        cells[above : above + long] = [header, *[set[str]()] * (long - 1)]
    refuse_elsewhere(cells, above, f"{path.name} ([tables.{source.name}])", source, "line")
    return above, delimiter


def _cells(lines: Sequence[str], marks: str) -> set[str]:
    """Return the cells of a row, whichever of some marks parts them."""
    found: set[str] = set()
    for mark in marks:
        with suppress(csv.Error):
            for row in csv.reader((f"{line}\n" for line in lines), delimiter=mark):
                found |= {cell.strip() for cell in row}
    return found


def _length(lines: Sequence[str], marks: str) -> int:
    """Return the number of lines of the first row: where its quotes close, by any of the marks."""
    longest = 1
    for mark in marks:
        reader = csv.reader((f"{line}\n" for line in lines), delimiter=mark, strict=True)
        with suppress(csv.Error):  # as where a quote of a title is never closed
            next(reader, None)
            longest = max(longest, reader.line_num)
    return longest


def refuse_elsewhere(
    rows: Sequence[Collection[str]], header: int, where: str, source: Source, called: str
) -> None:
    """Refuse a header that is not where the columns of the study are, naming that place.

    Parameters
    ----------
    rows
        The cells of the first rows.
    header
        Index of the row that is read as the header.
    called
        What a row is called: ``line`` or ``row``.
    """
    named = set(named_columns(source))
    matches = [len(named.intersection(row)) for row in rows]
    best = max(range(len(rows)), key=matches.__getitem__, default=header)
    held = matches[header] if header < len(rows) else 0
    if best == header or matches[best] <= held or matches[best] < min(2, len(named)):
        return
    raise DataError(
        f"{where} has the columns that the study names in {called} {best + 1}, and {called} "
        f"{header + 1} is read as its header",
        fix=f"Write skip_rows = {best} in [tables.{source.name}]"
        if best
        else f"Leave skip_rows out of [tables.{source.name}]",
    )


def named_columns(source: Source) -> Iterable[str]:
    """Yield the columns that the study names in a table, those of its lookups too."""
    yield from (*source.columns.values(), *source.attributes, *source.keep, *source.drop)
    for ends in source.derive.values():
        yield from ends.values()


def refuse_delimiter(names: Sequence[str], delimiter: str, where: str, source: Source) -> None:
    """Refuse a header of which another delimiter makes more of the columns that the study names.

    Raises
    ------
    DataError
        It is named, to be declared.
    """
    named = {name.strip() for name in named_columns(source)}
    line = delimiter.join(names)

    def made(mark: str) -> int:
        return len(named.intersection(cell.strip(" \"'") for cell in line.split(mark)))

    marks = sorted({mark for mark in line if not (mark.isalnum() or mark in " _\"'")})
    best = max(marks, key=made, default=delimiter)
    if made(best) > max(made(delimiter), 1):
        raise DataError(
            f"the header of {where} is parted by {delimiter!r} into {len(names)} "
            f"column{'' if len(names) == 1 else 's'}, and by {best!r} into those that the study "
            "names",
            fix=f'Write delimiter = "{best}" in [tables.{source.name}]',
        )
