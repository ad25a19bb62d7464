"""Clocks: by which clock the times of a column were written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..staging import Cell

# What a zone is called that is no place's clock.
UNIVERSAL = frozenset(
    {"UTC", "Etc/UTC", "UCT", "Etc/UCT", "GMT", "Etc/GMT", "Zulu", "Etc/Zulu", "Universal"}
    | {"Etc/Universal", "Greenwich", "Etc/Greenwich", "GMT+00:00"}
)
_OFFSET = re.compile(r"([+-])(\d{1,2}?)(?::?(\d\d))?(?::?(\d\d))?")


@dataclass(frozen=True)
class Clock:
    """By which clock the times of a column were written.

    Attributes
    ----------
    instant
        SQL of the moment, a TIMESTAMPTZ.
    own
        SQL of what its own clock shows, a TIMESTAMP; what a clock in UTC shows where it is not
        known.
    offsets
        Minutes from UTC that occur, in order; empty where those of some cells cannot be told.
    universal
        Whether some are written in UTC (``Z``), which is no place's clock.
    days
        Whether its own clock shows midnight in every cell: days, written as times.
    held
        Cells that are not blank.
    """

    cell: Cell
    instant: str
    own: str
    offsets: tuple[int, ...]
    universal: bool
    days: bool
    held: int

    @property
    def zone(self) -> str:
        """The name of its zone, ``UTC``, or the offsets that occur, such as ``-05:00``."""
        if self.cell.zone:
            return self.cell.zone
        if not any(self.offsets):
            return "UTC"
        return " to ".join(map(written, dict.fromkeys((self.offsets[0], self.offsets[-1]))))

    def __str__(self) -> str:
        return f"{self.cell} ({self.zone})"


def minutes(offset: str) -> int:
    """Return the minutes from UTC of an offset as it is written.

    Examples
    --------
    >>> [minutes(offset) for offset in ("Z", "-05:00", "+0530", "GMT+2", "-00:00")]
    [0, -300, 330, 120, 0]
    """
    found = _OFFSET.fullmatch(offset.removeprefix("UTC").removeprefix("GMT").strip())
    if not found:
        return 0
    hours, rest = int(found[2]), int(found[3] or 0)
    return (-1 if found[1] == "-" else 1) * (60 * hours + rest)


def written(offset: int) -> str:
    """Return minutes from UTC as they are written.

    Examples
    --------
    >>> written(-210), written(0)
    ('-03:30', '+00:00')
    """
    hours, rest = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{rest:02}"
