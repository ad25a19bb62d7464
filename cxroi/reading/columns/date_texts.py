"""How dates are written: SQL that reads a text, and is NULL wherever it is not written so."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...engine.quoting import text

_TIMES = (" %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
YMD, DMY, MDY = "year-month-day", "day/month/year", "month/day/year"
_ORDERS = {YMD: "%Y/%m/%d", DMY: "%d/%m/%Y", MDY: "%m/%d/%Y"}
_YEAR_FIRST = r"^\d{4}[/.-]\d{1,2}[/.-]\d{1,2}(?: |$)"
_YEAR_LAST = r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?: |$)"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d*)?)?"
_ISO = rf"\d{{4}}[/-]\d{{1,2}}[/-]\d{{1,2}}(?:(?:T| +){_CLOCK})?"
AM_PM = r"(?i)\d *[ap]\.? ?m\.?(?:\W|$)"
# What follows a time of day: -0400, -04, -04:00, GMT-4:00 is none; Z, UTC, GMT.
_OFFSET = r"[+-](?:0\d|1[0-4])(?::?[0-5]\d)?"
_PLAIN = r".{4}[-/ ].{0,6}[0-9:.]*"
_OFTEN = rf"\d{{4}}-\d{{2}}-\d{{2}}[T ][0-9:.]{{5,}} ?(?:Z|{_OFFSET})"
_ZONE = rf" *(?:(?i:UTC|GMT)? *({_OFFSET})|(?i:Z|UTC|GMT))(?:\[[\w/+-]+\])?$"
_TIMED = rf"^(\S+(?:T| +){_CLOCK}(?: *[AaPp][Mm])?){_ZONE}"
_ANY = rf"^(.*\d(?: *[AaPp][Mm])?){_ZONE}"


def by_clock(instant: str, zone: str = "UTC") -> str:
    """Return the clocks of a zone at an instant: the one place where a zone is left."""
    return f"({instant} AT TIME ZONE {text(zone)})"


def plain(x: str, known: bool = False) -> str:
    """Read ``2026-01-30 00:49:38``; what stands behind it DuckDB would read over.

    Parameters
    ----------
    known
        Whether every text is known to be written so.
    """
    moment = f"try_cast({x} AS TIMESTAMP)"
    is_plain = f"regexp_full_match({x}, {text(_PLAIN)})"
    return moment if known else f"CASE WHEN {is_plain} THEN {moment} END"


def with_offset(x: str, known: bool = False) -> str:
    """Read ``2026-01-30 00:49:38 -0400`` and the like as an instant, in one cheap step."""
    moment = f"try_cast(left({x}, 11) || replace(substr({x}, 12), ' ', '') AS TIMESTAMPTZ)"
    is_often = f"regexp_full_match({x}, {text(_OFTEN)})"
    return moment if known else f"CASE WHEN {is_often} THEN {moment} END"


def _instant(x: str, order: str) -> str:
    stem, offset = (f"regexp_extract({x}, {text(_TIMED)}, {part})" for part in (1, 2))
    if order == YMD:
        moment = f"try_cast(replace({stem}, '  ', ' ') || {offset} AS TIMESTAMPTZ)"
        iso = f"regexp_full_match({stem}, {text(_ISO)})"
        return f"CASE WHEN {iso} THEN {moment} ELSE {_clocked(stem, offset, order)} END"
    return _clocked(stem, offset, order)


def _clocked(stem: str, offset: str, order: str) -> str:
    forms = ", ".join(text(f"{_ORDERS[order]}{time} %z") for time in _TIMES)
    moment = f"{_even(stem)} || ' ' || coalesce(nullif({offset}, ''), '+00')"
    return f"CASE WHEN {stem} <> '' THEN try_strptime({moment}, [{forms}]) END"


def _even(x: str) -> str:
    """Write a date with slashes, and AM and PM alike."""
    slashed = rf"regexp_replace({x}, '^(\d+)[.-](\d+)[.-]', '\1/\2/')"
    return rf"regexp_replace({slashed}, '(?i) *([ap])\.? ?m\.?$', ' \1m')"


def readings(x: str) -> dict[tuple[str, bool], str]:
    """Return SQL that reads a trimmed text, by order of day and month and whether with an offset.

    Those with an offset are instants, the others clock times. A year has four digits.
    """
    read = {}
    for order, day in _ORDERS.items():
        forms = ", ".join(text(day + time) for time in ("", *_TIMES))
        shape = _YEAR_FIRST if order == YMD else _YEAR_LAST
        clock = f"try_strptime({_even(x)}, [{forms}])"
        clock = f"CASE WHEN regexp_matches({x}, {text(shape)}) THEN {clock} END"
        if order == YMD:
            iso = f"CASE WHEN regexp_full_match({x}, {text(_ISO)}) THEN try_cast({x} AS TIMESTAMP)"
            clock = f"{iso} ELSE {clock} END"
        read[order, False] = clock
        timed = f"regexp_matches({x}, {text(_TIMED)})"
        read[order, True] = f"CASE WHEN {timed} THEN {_instant(x, order)} END"
    return read


def of_clocks(readings: Mapping[tuple[str, bool], str], zone: str) -> dict[tuple[str, bool], str]:
    """Return readings whose instants hold the times without an offset too, by a zone's clocks."""
    read: dict[tuple[str, bool], str] = {}
    for (order, aware), sql in readings.items():
        here = f"({readings[order, False]} AT TIME ZONE {text(zone)})"
        read[order, aware] = f"coalesce({sql}, {here})" if aware else "NULL::TIMESTAMP"
    return read


def padded(x: str) -> str:
    """Write the GMT+1 of Google's forms as GMT+01."""
    return rf"regexp_replace({x}, '(?i)\b(UTC|GMT)( *[+-])(\d(?::\d\d)?)$', '\1\20\3')"


def unfit(form: str) -> str:
    """Say what a pattern lacks of a moment: AM or PM of hours up to 12, or the day."""
    parts = set(re.findall(r"%-?([A-Za-z])", form.replace("%%", "")))
    if "I" in parts and "p" not in parts:
        return "reads hours up to 12 (%I) without AM or PM (%p)"
    of_week = parts & set("UWV") and parts & set("aAwu")
    return "" if of_week or parts & set("djcxD") else "reads no day"


def declared(x: str, form: str) -> tuple[str, bool]:
    """Return SQL that reads a text by a pattern of strptime, and whether that is an instant."""
    if not re.search("%[zZ]", form):
        return f"try_strptime({x}, {text(form)})", False
    stem, offset = (f"regexp_extract({padded(x)}, {text(_ANY)}, {part})" for part in (1, 2))
    moment = f"{stem} || coalesce(nullif({offset}, ''), '+00')"
    pattern = text(re.sub(" *%[zZ]", "%z", form))
    return f"CASE WHEN {stem} <> '' THEN try_strptime({moment}, {pattern}) END", True


def in_a_year(sql: str) -> str:
    """Whether a date is of the years 1 to 9999; drivers of databases hand out others for infinity.

    That of PostgreSQL hands out dates before Christ for either infinity.
    """
    return f"({sql} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999')"


def serial(number: str) -> str:
    """Days since 1899-12-30, the zero of Excel's serial dates from March 1900 on."""
    days = f"CASE WHEN {number} BETWEEN 1 AND 2958466 THEN {number} END"
    return f"(TIMESTAMP '1899-12-30' + to_seconds(round(({days}) * 86400)))"


def epoch(number: str) -> str:
    """Return the instant so many seconds since 1970; milli-, micro- or nanoseconds by their size.

    Seconds are below 1e11, the year 5138, and each further unit is a thousand times that.
    """
    size, sizes = f"abs({number})", ((1e11, 1e6), (1e14, 1e3), (1e17, 1.0), (1e20, 1e-3))
    cases = " ".join(f"WHEN {size} < {most!r} THEN {number} * {by!r}" for most, by in sizes)
    return f"to_timestamp(round(CASE {cases} END) / 1e6)"
