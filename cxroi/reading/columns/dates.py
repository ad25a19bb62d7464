"""Typing at the boundary: dates and times of one clock, and no guess between day and month."""

from __future__ import annotations

import duckdb

from ...engine.quoting import text, trimmed
from ...errors import DataError
from ..staging import Cell
from .numbers import LIMIT, Typed, blank, share
from .probe import Probe

_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%g", " %I:%M %p", " %I:%M:%S %p")
_ORDERS = {"day/month/year": "%d/%m/%Y", "month/day/year": "%m/%d/%Y"}
_SLASHED = r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?:[ T,]|$)"
_SERIAL = r"\d{5}(?:\.\d+)?"
# What a cell that is no date of its column may look like -> pattern.
_YMD, _DMY = "year-month-day", "day/month/year or month/day/year"
_LOOKS = {
    "serial numbers of Excel": r"^[2-7]\d{4}(?:\.\d+)?$",
    "dates with a year of two digits": r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?:[ T,]|$)",
    "dates with the name of a month": (
        r"^(?:\d{1,2}[ .-]*\pL{3,9}|\pL{3,9}[ .]*\d{1,2})[ .,-]*\d{2,4}\b"
    ),
    _DMY: _SLASHED,
    _YMD: r"^\d{4}[/.-]\d{1,2}[/.-]\d{1,2}(?:[ T,]|$)",
    "dates without separators": r"^(?:19|20)\d{6}$",
    "seconds since 1970": r"^1\d{9}(?:\d{3})?$",
}
_FIX = 'Declare how the column is written: date_format = "%d/%m/%Y"'


def date(probe: Probe, cell: Cell, name: str, needed: bool) -> Typed:
    """Type a column of dates as TIMESTAMP without a zone.

    Instants in a zone that is known, that of a frame, are read off the clocks of that zone, so
    that midnight stays midnight; all other instants, and times with a UTC offset, in UTC.

    Raises
    ------
    DataError
        Formats are mixed, day and month cannot be told apart, times with and without a UTC
        offset stand together, dates are serial numbers of Excel, or more than 1 % of the cells
        are no dates.
    """
    typed = _by_type(probe, cell, name, needed)
    return typed or _text(probe, cell, name, needed)


def _faults(
    probe: Probe, sql: str, cell: Cell, name: str, needed: bool, bad: int, own: str
) -> tuple[tuple[str, str], ...]:
    """Return the rows to set aside; refuse where odd cells are dates of a format not its own."""
    x = cell.sql
    missing = f"{sql} IS NULL AND {blank(x)}" if bad else f"{sql} IS NULL"
    faults = [(missing, f"no {name}")] if needed else []
    if bad:
        odd = f"{sql} IS NULL AND NOT {blank(x)}"
        _refuse_formats(probe, cell, odd, own)
        faults.append((odd, f"{name} is not a date ({probe.first_rows(odd)})"))
    return tuple(faults)


def _refuse_formats(probe: Probe, cell: Cell, odd: str, own: str) -> None:
    looks = {
        what: f"({odd} AND regexp_matches({trimmed(cell.sql)}, {text(pattern)}))"
        for what, pattern in _LOOKS.items()
        if what != own
    }
    counts = probe.ask(*(f"count_if({sql})" for sql in looks.values()))
    found = {what: n for what, n in zip(looks, counts, strict=True) if n}
    if found:
        kinds = ", ".join(f"{n:,} cells look like {what}" for what, n in found.items())
        either = " OR ".join(looks[what] for what in found)
        raise DataError(
            f"{cell} mixes date formats: {kinds}, first in {probe.first_rows(either)}",
            "a column has one format",
            "Write all dates alike; date_format declares how",
        )


def _by_type(probe: Probe, cell: Cell, name: str, needed: bool) -> Typed | None:
    x, kind = cell.sql, cell.type
    if kind == "VARCHAR":
        return None
    zone = cell.zone
    if kind.startswith(("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")):
        zone = zone or "UTC"
    if zone:
        sql = f"({x}::TIMESTAMPTZ AT TIME ZONE {text(zone)})"
    elif kind == "TIMESTAMP":
        sql = x
    elif kind == "DATE" or kind.startswith("TIMESTAMP"):
        sql = f"{x}::TIMESTAMP"
    elif cell.source.date_format == "excel" and not kind.startswith(("TIME", "BOOL", "INTERVAL")):
        sql = _from_serial(f"{x}::DOUBLE")
    else:
        raise DataError(
            f"{cell} is of type {kind}, not of dates",
            fix='Add date_format = "excel" where they are serial numbers of Excel',
        )
    faults = ((f"{sql} IS NULL", f"no {name}"),) if needed else ()
    held = probe.ask(f"count({x})")[0] if zone else 0
    repaired = ((held, f"{cell.column}: times with a zone read in {zone}"),)
    return Typed(name, sql, faults, repaired, kind="TIMESTAMP", zone=zone)


def _from_serial(number: str) -> str:
    """Days since 1899-12-30, the zero of Excel's serial dates from March 1900 on."""
    return f"(TIMESTAMP '1899-12-30' + to_seconds(round({number} * 86400)))"


def _text(probe: Probe, cell: Cell, name: str, needed: bool) -> Typed:
    x = cell.sql
    fast = f"try_cast({x} AS TIMESTAMP)"
    held, read, aware = probe.ask(
        f"count({x})", f"count({fast})", f"count_if({_aware(x)} AND {fast} IS NOT NULL)"
    )
    if held == read and cell.source.date_format != "excel":
        return _iso(probe, cell, name, needed, held, aware)
    iso = f"try_cast({trimmed(x)} AS TIMESTAMP)"
    blanks, read, aware = probe.ask(
        f"count_if({x} IS NOT NULL AND {blank(x)})",
        f"count({iso})",
        f"count_if({_aware(trimmed(x))} AND {iso} IS NOT NULL)",
    )
    held -= blanks
    if cell.source.date_format:
        return _declared(probe, cell, name, needed, held)
    bad = held - read
    if read and bad <= LIMIT * held:
        slashed = probe.ask(f"count_if(regexp_matches({trimmed(x)}, '{_SLASHED}'))")[0]
        if not slashed:
            return _iso(probe, cell, name, needed, held, aware, bad)
    return _unknown(probe, cell, name, needed, held, read)


def _aware(x: str) -> str:
    return f"regexp_matches(substr({x}, 12), '[A-Za-z+-]')"


def _iso(
    probe: Probe, cell: Cell, name: str, needed: bool, held: int, aware: int, bad: int = 0
) -> Typed:
    x = trimmed(cell.sql) if bad else cell.sql
    if aware and aware < held - bad:
        raise DataError(
            f"{cell} has {aware:,} times with a UTC offset and {held - bad - aware:,} without",
            "all of them have an offset, or none",
            "Write one kind; which hour the others mean is not known",
        )
    sql = f"try_cast({x} AS TIMESTAMP)"
    if aware:
        sql = f"(try_cast({x} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')"
    repaired = ((aware, f"{cell.column}: UTC offset applied"),)
    faults = _faults(probe, sql, cell, name, needed, bad, _YMD)
    return Typed(name, sql, faults, repaired, kind="TIMESTAMP", zone="UTC" if aware else "")


def _declared(probe: Probe, cell: Cell, name: str, needed: bool, held: int) -> Typed:
    x, form = trimmed(cell.sql), cell.source.date_format
    if form == "excel":
        number = f"try_cast(replace({x}, ',', '.') AS DOUBLE)"
        sql = f"coalesce({_from_serial(number)}, try_cast({x} AS TIMESTAMP))"
    else:
        sql = f"try_strptime({x}, {text(form)})"
        if "%z" in form or "%Z" in form:
            sql = f"({sql}::TIMESTAMPTZ AT TIME ZONE 'UTC')"
    try:
        read = probe.ask(f"count({sql})")[0]
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        raise DataError(
            f"[tables.{cell.source.name}] date_format is {form!r}",
            "it is 'excel' or a pattern of strptime, such as %d/%m/%Y %H:%M",
        ) from None
    bad = held - read
    if bad > LIMIT * held:
        raise DataError(
            f"{cell} is not written as date_format {form!r} says ({share(bad, held)}), first in "
            + probe.first_rows(f"{sql} IS NULL AND NOT {blank(cell.sql)}"),
            "all its cells are",
        )
    own = _YMD if form.startswith(("%Y", "excel")) else _DMY
    faults = _faults(probe, sql, cell, name, needed, bad, own)
    zone = "UTC" if form != "excel" and ("%z" in form or "%Z" in form) else ""
    return Typed(name, sql, faults, kind="TIMESTAMP", zone=zone)


def _unknown(probe: Probe, cell: Cell, name: str, needed: bool, held: int, iso: int) -> Typed:
    x = trimmed(cell.sql)
    _refuse_serials(probe, cell, x, held)
    even = f"regexp_replace({x}, '^(\\d+)[.-](\\d+)[.-]', '\\1/\\2/')"
    readings = {
        order: f"try_strptime({even}, [{', '.join(text(day + time) for time in _TIMES)}])"
        for order, day in _ORDERS.items()
    }
    either = f"({' OR '.join(f'{sql} IS NOT NULL' for sql in readings.values())})"
    counts = dict(
        zip(readings, probe.ask(*(f"count({sql})" for sql in readings.values())), strict=True)
    )
    total = probe.ask(f"count_if({either})")[0]
    if iso and total:
        less = either if total <= iso else f"try_cast({x} AS TIMESTAMP) IS NOT NULL"
        raise DataError(
            f"{cell} mixes date formats: {iso:,} cells are year-month-day, {total:,} are not, "
            f"first in {probe.first_rows(less)}",
            "a column has one format",
        )
    full = [order for order, n in counts.items() if n == total and total]
    if total and not full:
        worst = min(counts, key=lambda order: counts[order])
        raise DataError(
            f"{cell} mixes day/month and month/day, first in "
            + probe.first_rows(f"{either} AND {readings[worst]} IS NULL"),
            "a column has one format",
        )
    if len(full) > 1:
        raise DataError(f"{cell} reads as day/month and as month/day in every row", fix=_FIX)
    bad = held - total
    if not full or bad > LIMIT * held:
        unread = f"NOT {blank(cell.sql)} AND NOT {either}"
        if iso:
            unread += f" AND try_cast({x} AS TIMESTAMP) IS NULL"
            bad = held - iso
        raise DataError(
            f"{cell} holds cells that are no dates ({share(bad, held)}), first in "
            + probe.first_rows(unread),
            "a date is written 2026-09-30, or as date_format declares",
            _FIX,
        )
    sql = readings[full[0]]
    repaired = ((total, f"{cell.column}: read as {full[0]}, the only order that fits every row"),)
    faults = _faults(probe, sql, cell, name, needed, bad, _DMY)
    return Typed(name, sql, faults, repaired, kind="TIMESTAMP")


def _refuse_serials(probe: Probe, cell: Cell, x: str, held: int) -> None:
    serial = f"regexp_full_match({x}, {text(_SERIAL)}) AND try_cast({x} AS DOUBLE) < 80000"
    serials = probe.ask(f"count_if({serial})")[0]
    if serials > LIMIT * held:
        raise DataError(
            f"{cell} holds serial numbers of Excel instead of dates ({share(serials, held)})",
            "a date is written 2026-09-30",
            'Add date_format = "excel", or format the column as a date and save again',
        )


def whole_days(begin: Typed, end: Typed, name: str) -> Typed:
    """Return the calendar days from one date to another."""
    sql = f"date_diff('day', ({begin.sql})::DATE, ({end.sql})::DATE)::DOUBLE"
    return Typed(name, sql, repaired=(*begin.repaired, *end.repaired))
