"""Zones: on whose clocks the times of a study are, as far as their offsets tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .facts import Facts
from .roles import Guess
from .text import UNDECIDED, Line
from .words import DATES

SUMMER = 60  # minutes by which the offsets of one place differ
# Offsets in winter and summer, in minutes -> a place that has both.
_PLACES = {
    (-480, -420): "America/Los_Angeles",
    (-420, -360): "America/Denver",
    (-360, -300): "America/Chicago",
    (-300, -240): "America/New_York",
    (0, 60): "Europe/London",
    (60, 120): "Europe/Berlin",
    (120, 180): "Europe/Helsinki",
    (600, 660): "Australia/Sydney",
}


def timezone(tables: Sequence[Guess]) -> Iterator[Line]:
    """Yield the line ``timezone`` where the times of the tables need one, or a hint of it."""
    times = [
        column
        for guess in tables
        for key in guess.columns
        if key in DATES and (column := guess.facts(key)) and column.kind == "date"
    ]
    aware = [column for column in times if column.offsets or column.zone]
    offsets = sorted({offset for column in aware for offset in column.offsets})
    bare = [column.name for column in times if column.timed and column not in aware]
    days = [column.name for column in times if not column.timed]
    near = bool(offsets) and offsets[-1] - offsets[0] <= SUMMER and 0 not in offsets
    if not aware or (near and not bare):
        return
    zone = _place(aware, [offset for offset in offsets if offset])
    with_offset = f"{aware[0].name} has times with an offset"
    if bare:
        said = f"{with_offset}, {bare[0]} without: on whose clocks, such as Europe/Berlin or UTC?"
        yield Line("timezone", zone or UNDECIDED, said, decide=True)
    elif days or offsets != [0]:
        said = f"{with_offset}: days are those in UTC unless you say where the business is"
        needed = bool(days) and offsets != [0]
        shown = zone or (UNDECIDED if needed else "Europe/Berlin")
        yield Line("timezone", shown, said, decide=True, off=not needed and not zone)


def _place(aware: Sequence[Facts], offsets: Sequence[int]) -> str:
    named = {column.zone for column in aware if column.zone}
    if len(named) == 1:
        return named.pop()
    return next((place for both, place in _PLACES.items() if [*both] == [*offsets]), "")
