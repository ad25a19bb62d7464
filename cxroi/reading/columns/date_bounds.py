"""Bounds of dates: those before the first or after the last are marks of something else."""

from __future__ import annotations

import datetime as dt

from ...errors import DataError
from ..staging import Cell
from .date_texts import in_a_year
from .shares import share

EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2100, 12, 31)


def far(sql: str) -> str:
    """Return the condition that a date is before the first or after the last."""
    return f"({sql} < DATE '{EARLIEST}' OR {sql} >= DATE '{LATEST}' + INTERVAL 1 DAY)"


def commonest(sql: str) -> str:
    """Return the aggregate that names the commonest date, as `missing` takes it.

    Of the few that are too far: over all rows it would take longer than reading them.
    """
    known = f"CASE WHEN {in_a_year(sql)} THEN {sql} ELSE TIMESTAMP 'infinity' END"
    return f"replace(mode({known})::VARCHAR, ' 00:00:00', '')"


def too_far(cell: Cell, odd: int, held: int, most: str) -> DataError:
    """Return the refusal of dates that are too far, the commonest of which is told."""
    form = cell.source.format_of(cell.column)
    fix = f'If such a date says that there is none, declare it for the table: missing = ["{most}"]'
    if "%Y" in form and most.startswith("00"):
        fix = f'Years of two digits are %y: date_format = "{form.replace("%Y", "%y")}"'
    return DataError(
        f"{cell} holds dates before {EARLIEST.year} or after {LATEST.year} ({share(odd, held)})",
        f"dates lie from {EARLIEST} to {LATEST}; a date that is not known is blank",
        fix,
    )
