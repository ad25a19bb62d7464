"""What cells that are no dates of their column look like, and what to do about each."""

from __future__ import annotations

from ...engine.quoting import text, trimmed
from ...errors import DataError
from ..filters import shown
from ..staging import Cell
from .date_texts import AM_PM
from .probe import Probe
from .shares import LIMIT, share

_DMY = "day/month/year or month/day/year"
_NONE = "no date at all (infinity, 0000-00-00)"
_ALIKE = "Write all dates alike; date_format declares how"
_ZONED = r":\d{2}(?:\.\d+)? *[(\[]?\pL[\pL/_]*[)\]]?$"
_ZONE = r":\d{2}(?:\.\d+)? *[(\[]?(\p{Lu}{1,5}|\pL+/[\pL/_]+)[)\]]?$"
# What it looks like -> pattern, what to do where a whole column does.
_LOOKS = {
    "serial numbers of Excel": (
        r"^[2-7]\d{4}(?:[.,]\d+)?$",
        'Add date_format = "excel"; or format the column as a date and save again, as is needed '
        "where the workbook counts days from 1904, or dates would be four years too early",
    ),
    "seconds since 1970, or milli-, micro- or nanoseconds": (
        r"^(?:[6-9]\d{8}|[1-4]\d{9})(?:\d{3}){0,3}(?:[.,]\d+)?$",
        'Add date_format = "epoch"',
    ),
    "numbers of which a spreadsheet kept the first digits (1.77E+09)": (
        r"^\d(?:[.,]\d+)?[eE]\+?\d{1,2}$",
        "Give the column a format with all digits in the spreadsheet, and save again",
    ),
    "dates without separators": (
        r"^(?:19|20)\d{6}$",
        'Declare how the column is written: date_format = "%Y%m%d"',
    ),
    "dates with a year of two digits": (
        r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?:[ T,]|$)",
        'Declare how the column is written: date_format = "%d/%m/%y" where it is 30/01/26',
    ),
    "dates with the name of a month": (
        r"^(?:\d{1,2}[ .-]*\pL{3,9}|\pL{3,9}[ .]*\d{1,2})[ .,-]*\d{2,4}\b",
        'Declare how the column is written: date_format = "%d %b %Y" where it is 30 Jan 2026',
    ),
    "times with AM or PM": (
        AM_PM,
        'Declare how the column is written: date_format = "%Y-%m-%d %I:%M %p"',
    ),
    _NONE: (
        r"(?i)^(?:[+-]?infinity|0000-00-00.*)$",
        'If they stand for a blank, declare that: missing = ["infinity", "0000-00-00"], as the '
        "cells are written",
    ),
    _DMY: (r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?:[ T,]|$)", ""),
    "year-month-day": (r"^\d{4}[/.-]\d{1,2}[/.-]\d{1,2}(?:[ T,]|$)", ""),
}
_FIX = 'Declare how the column is written, such as date_format = "%d/%m/%Y"'


def refuse_zones(probe: Probe, cell: Cell, odd: str, held: int) -> None:
    """Refuse times that name their zone: an abbreviation has several meanings.

    Parameters
    ----------
    odd
        SQL of whether a cell could not be read.
    held
        Cells that are not blank.
    """
    x = trimmed(cell.sql)
    zoned = f"({odd} AND regexp_matches({x}, {text(_ZONED)}) AND NOT {_looks(x, AM_PM)})"
    zone = f"regexp_extract({x}, {text(_ZONE)}, 1)"
    rows, names = probe.ask("count(*)", f"histogram({zone}) FILTER ({zone} <> '')", where=zoned)
    if rows:
        most = sorted((names or {}).items(), key=lambda item: (-item[1], item[0]))[:6]
        named = ", ".join(f"{name} ({n:,} rows)" for name, n in most)
        raise DataError(
            f"{cell} names the zone of a time in words ({share(rows, held)})"
            + (f": {named}" if named else "")
            + f", first in {probe.first_rows(zoned)}",
            "a zone is a UTC offset such as -0400, or UTC, GMT or Z; abbreviations such as BST "
            "have several meanings",
            "Export the times in UTC, or with the offset as a number; a word that is no zone "
            'stands in date_format, such as "%d.%m.%Y %H:%M Uhr"',
        )


def refuse_odd(
    probe: Probe, cell: Cell, odd: str, counts: tuple[int, int], own: str, form: str = ""
) -> None:
    """Refuse a column whose odd cells are dates written otherwise, or more than 1 % of it.

    Parameters
    ----------
    counts
        Odd cells, and cells that are not blank.
    own
        SQL of a text that is written as the column is.
    form
        How it is declared to be written.
    """
    (bad, held), x = counts, trimmed(cell.sql)
    refuse_zones(probe, cell, odd, held)
    looks = {
        what: f"({_looks(x, pattern)} AND NOT {_looks(own, pattern)})"
        for what, (pattern, _) in _LOOKS.items()
    }
    rows = probe.ask(*(f"count(*) FILTER ({sql})" for sql in looks.values()), where=odd)
    found = dict(zip(looks, rows, strict=True))
    found = {what: n for what, n in found.items() if n}
    if bad > LIMIT * held:
        most = max(found, key=lambda what: found[what]) if found else ""
        _refuse_unread(probe, cell, odd, counts, most, form)
    if found:
        kinds = ", ".join(
            f"{n:,} cell{' looks' if n == 1 else 's look'} like {what}" for what, n in found.items()
        )
        either = " OR ".join(looks[what] for what in found)
        raise DataError(
            f"{cell} mixes date formats: {kinds}, first in " + probe.first_rows(either),
            "a column has one format",
            _LOOKS[_NONE][1] if list(found) == [_NONE] else _ALIKE,
        )


def _looks(x: str, pattern: str) -> str:
    return f"regexp_matches({x}, {text(pattern)})"


def _refuse_unread(
    probe: Probe, cell: Cell, odd: str, counts: tuple[int, int], most: str, form: str
) -> None:
    """Refuse a column of which more than 1 % cannot be read; ``most`` is what it looks like."""
    bad, held = counts
    rows = f"({share(bad, held)}), first in {probe.first_rows(odd)}"
    fix = _LOOKS[most][1] if most else ""
    if form:
        like = f"; they look like {most}" if most else ""
        alone = f'date_format = {{column = "{form}"}} names the columns that are written so'
        raise DataError(
            f"{cell} is not written as date_format {form!r} says {rows}{like}",
            "all cells of all columns of dates are",
            f"{fix}; {alone}" if fix else f"Mend those cells; {alone}",
        )
    expected = "a date is written 2026-09-30, or as date_format declares"
    if fix:
        raise DataError(f"{cell} holds {most} instead of dates {rows}", expected, fix)
    words = _words(probe, cell, odd)
    named = "".join(f", {word!r} ({n:,} rows)" for word, n in words)
    declared = ", ".join(f'"{word}"' for word, _ in words) or '"word", ...'
    raise DataError(
        f"{cell} holds cells that are no dates {rows}{named}",
        expected,
        f"{_FIX}, or what stands for a blank: missing = [{declared}]",
    )


def _words(probe: Probe, cell: Cell, odd: str) -> list[tuple[str, int]]:
    """Return the commonest short words among odd cells, without a digit, and their counts."""
    word = trimmed(cell.sql)
    rows = probe.connection.execute(
        f"SELECT {word} AS word, count(*) AS n FROM {probe.stage.relation} "
        f"WHERE fate = 0 AND {odd} GROUP BY word "
        f"HAVING {shown('word', 'n')} AND regexp_full_match(word, '\\pL+|[-–—.?*/]+') "
        "ORDER BY n DESC, word LIMIT 5"
    ).fetchall()
    return [(str(word), int(n)) for word, n in rows]
