"""Typing at the boundary: dates and times of one clock, and no guess between day and month."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from ...engine.quoting import text, trimmed
from ...errors import DataError
from ..staging import Cell
from . import date_texts as texts
from .blanks import blank, blank_words, taken_as_blank
from .date_refusals import refuse_odd, refuse_zones
from .date_texts import DMY, MDY, YMD, by_clock
from .numbers import Typed, without
from .offsets import with_clock
from .probe import Probe

_NO_DATES = ("TIME", "BOOL", "INTERVAL", "BLOB", "UUID", "BIT")
_FIX = 'Declare how the column is written: date_format = "%d/%m/%Y"'
_EXAMPLES = {YMD: "2026-01-30", DMY: "30/01/2026", MDY: "01/30/2026"}
_DECLARED = {"excel": "46052", "epoch": "1769734178"}


def date(probe: Probe, cell: Cell, name: str, needed: bool) -> Typed:
    """Type a column of dates as TIMESTAMP without a zone.

    Instants in a zone that is known, that of a frame, are read off the clocks of that zone, so
    that midnight stays midnight; all other instants, and times with a UTC offset, in UTC, until
    `zones` has looked at the clocks of all columns. A declared ``date_format`` decides, whatever
    else would fit.

    Raises
    ------
    DataError
        Formats are mixed, day and month cannot be told apart, times with and without a UTC
        offset stand together and no timezone is declared, a zone is named in words, dates are
        numbers and none are declared, or more than 1 % of the cells are no dates.
    """
    bare, said = without(probe, cell, cell.source.missing)
    typed = _by_type(probe, bare, name) or _text(probe, bare, name)
    typed = with_clock(probe, cell, _without_ends(probe, cell, typed))
    missing = f"{typed.sql} IS NULL"
    if typed.faults:
        missing += f" AND NOT ({typed.faults[0][0]})"
    faults = ((missing, f"no {name}"), *typed.faults) if needed else typed.faults
    return replace(typed, faults=faults, repaired=(*said, *typed.repaired))


def _by_type(probe: Probe, cell: Cell, name: str) -> Typed | None:
    """Type a column whose source says that it holds dates; None where texts are to be read."""
    x, kind, zone = cell.sql, cell.type, cell.zone
    if kind == "VARCHAR":
        return None
    if kind.startswith(("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")):
        zone = zone or "UTC"
    if zone:
        sql = by_clock(f"{x}::TIMESTAMPTZ", zone)
    elif kind == "TIMESTAMP":
        sql = x
    elif kind == "DATE" or kind.startswith("TIMESTAMP"):
        # A date beyond what a TIMESTAMP holds, as infinity comes from PostgreSQL, stays one.
        beyond = f"CASE WHEN {x} IS NOT NULL THEN TIMESTAMP 'infinity' END"
        sql = f"coalesce(try_cast({x} AS TIMESTAMP), {beyond})"
    elif kind.startswith(_NO_DATES):
        raise DataError(f"{cell} is of type {kind}, not of dates")
    else:
        return _text(probe, _as_text(cell), name)
    if not zone:
        return Typed(name, sql, kind="TIMESTAMP")
    held = probe.ask(f"count({x})")[0]
    return Typed(name, sql, kind="TIMESTAMP", held=held, read=held, zone=zone)


def _as_text(cell: Cell) -> Cell:
    """Return a column of numbers as texts, whole ones without a point; anything else as texts."""
    x = sql = f"{cell.sql}::VARCHAR"
    if cell.type in ("DOUBLE", "FLOAT"):
        whole = f"CASE WHEN {cell.sql} = floor({cell.sql}) THEN try_cast({cell.sql} AS BIGINT) END"
        sql = f"coalesce({whole}::VARCHAR, nullif({x}, 'nan'))"
    elif cell.type.startswith("DECIMAL"):
        sql = f"regexp_replace({x}, '\\.0+$', '')"
    return replace(cell, sql=sql, type="VARCHAR")


def _without_ends(probe: Probe, cell: Cell, typed: Typed) -> Typed:
    """Blank the dates that are declared as missing, such as 9999-12-31 or infinity for no end."""
    codes = [str(code).strip().casefold() for code in cell.source.missing]
    if not codes:
        return typed
    dates = ", ".join(f"try_cast({text(code)} AS TIMESTAMP)" for code in codes)
    endless = f" OR NOT {texts.in_a_year(typed.sql)}" if "infinity" in codes else ""
    held = f"coalesce({typed.sql} IN ({dates}){endless}, false)"
    count = probe.ask(f"count(*) FILTER ({held})")[0]
    entry = (count, f"{cell.column}: a date declared as missing, taken as blank")
    return replace(
        typed,
        sql=f"CASE WHEN NOT {held} THEN {typed.sql} END",
        repaired=(*typed.repaired, entry),
        held=max(typed.held - count, 0),
        read=None if typed.read is None else typed.read - count,
    )


def _text(probe: Probe, cell: Cell, name: str) -> Typed:
    x = cell.sql
    if cell.source.format_of(cell.column):
        return _declared(probe, cell, name)
    held, read = probe.ask(f"count({x})", f"count({texts.plain(x)})")
    if held == read:
        return Typed(name, texts.plain(x, True), kind="TIMESTAMP", held=held, read=held)
    if probe.ask(f"count({texts.with_offset(x)})")[0] == held:
        sql = by_clock(texts.with_offset(x, True))
        return _read(cell, name, sql, (held, held), aware=True)
    return _undeclared(probe, cell, name)


def _read(
    cell: Cell,
    name: str,
    sql: str,
    counts: tuple[int, int],
    aware: bool,
    words: dict[str, int] | None = None,
) -> Typed:
    """Type a column by the SQL that reads it, cells held and read; the others are set aside."""
    held, read = counts
    zone = "UTC" if aware else ""
    said = taken_as_blank(cell, words)
    return Typed(name, sql, (), said, "TIMESTAMP", held, read=read, zone=zone)


def _odd_ones(probe: Probe, cell: Cell, typed: Typed, own: str, form: str = "") -> Typed:
    """Set cells that are no dates aside; refuse where they are dates of another format."""
    bad = typed.held - (typed.read or 0)
    if not bad:
        return typed
    odd = f"({typed.sql} IS NULL AND NOT {blank(cell.sql)})"
    refuse_odd(probe, cell, odd, (bad, typed.held), own, form)
    fault = (odd, f"{typed.name} is not a date ({probe.first_rows(odd)})")
    return replace(typed, faults=(fault,))


def _declared(probe: Probe, cell: Cell, name: str) -> Typed:
    x, form = trimmed(cell.sql), cell.source.format_of(cell.column)
    # 1.77E+09 is a number of which a spreadsheet has kept the first digits.
    number = f"CASE WHEN NOT contains(lower({x}), 'e') THEN replace({x}, ',', '.') END"
    number = f"try_cast({number} AS DOUBLE)"
    aware, own = False, text(_DECLARED.get(form, ""))
    if form == "excel":
        sql = f"coalesce({texts.serial(number)}, {texts.plain(x)})"
    elif form == "epoch":
        sql, aware = texts.epoch(number), True
    else:
        sql, aware = texts.declared(x, form)
        own = f"strftime(TIMESTAMP '2026-01-30 14:05:06', {text(form)})"
    try:
        held, read, words = probe.ask(
            f"count(*) FILTER (NOT {blank(cell.sql)})", f"count({sql})", blank_words(cell.sql)
        )
    except duckdb.InvalidInputException:
        raise DataError(
            f"[tables.{cell.source.name}] date_format is {form!r}",
            "it is 'excel', 'epoch' or a pattern of strptime, such as %d/%m/%Y %H:%M",
        ) from None
    _refuse_unfit(cell, form)
    typed = _read(cell, name, by_clock(sql) if aware else sql, (held, read), aware, words)
    return _odd_ones(probe, cell, typed, own, form)


def _refuse_unfit(cell: Cell, form: str) -> None:
    """Refuse patterns that read half of the moments wrong; a flat study's waves need no day."""
    lacks = "" if form in _DECLARED else texts.unfit(form)
    if lacks and not (lacks.endswith("day") and cell.source.name == "customers"):
        raise DataError(
            f"[tables.{cell.source.name}] date_format is {form!r}: it {lacks}",
            "of each date the day is known, and of each time whether it is before noon",
            "Declare the whole of how the column is written, such as %d/%m/%Y %I:%M %p",
        )


def _undeclared(probe: Probe, cell: Cell, name: str) -> Typed:
    """Find the one order, with or without an offset, in which the cells are written."""
    x = texts.padded(trimmed(cell.sql))
    sql = texts.readings(x)
    offset = " OR ".join(f"{one} IS NOT NULL" for (_, aware), one in sql.items() if aware)
    if cell.source.timezone and probe.any(offset):
        sql = texts.of_clocks(sql, cell.source.timezone)
    read = {key: f"({one} IS NOT NULL)" for key, one in sql.items()}
    either = {aware: f"({read[DMY, aware]} OR {read[MDY, aware]})" for aware in (False, True)}
    groups = [read[YMD, False], read[YMD, True], either[False], either[True]]
    held, words, *rest = probe.ask(
        f"count(*) FILTER (NOT {blank(cell.sql)})",
        blank_words(cell.sql),
        *(f"count(*) FILTER ({condition})" for condition in (*groups[2:], *read.values())),
    )
    n = dict(zip(read, rest[2:], strict=True))
    counts = [n[YMD, False], n[YMD, True], *rest[:2]]
    total = sum(counts)
    any_read = f"({' OR '.join(groups)})"
    refuse_zones(probe, cell, f"(NOT {blank(cell.sql)} AND NOT {any_read})", held)
    _refuse_mixture(probe, cell, groups, counts)
    _refuse_am_pm(probe, cell, x, any_read)
    full = [key for key, count in n.items() if count == total and total]
    if total and not full:
        aware = bool(counts[3])
        worst = min((DMY, MDY), key=lambda order: n[order, aware])
        raise DataError(
            f"{cell} mixes day/month and month/day, first in "
            + probe.first_rows(f"{either[aware]} AND NOT {read[worst, aware]}"),
            "a column has one format",
        )
    if len(full) > 1:
        raise DataError(f"{cell} reads as day/month and as month/day in every row", fix=_FIX)
    order, aware = full[0] if full else (YMD, False)
    chosen = by_clock(sql[order, aware]) if aware else sql[order, aware]
    typed = _read(cell, name, chosen, (held, total), aware, words)
    if order != YMD:
        only = f"{cell.column}: read as {order}, the only order that fits every row"
        typed = replace(typed, repaired=(*typed.repaired, (total, only)))
    return _odd_ones(probe, cell, typed, text(_EXAMPLES[order]))


def _refuse_mixture(probe: Probe, cell: Cell, groups: list[str], counts: list[int]) -> None:
    """Refuse cells of two kinds: the year first or last, with an offset or without."""
    found = [i for i, count in enumerate(counts) if count]
    if len(found) < 2:
        return
    fewest = min(found, key=lambda i: counts[i])
    first = f"first in {probe.first_rows(groups[fewest])}"
    if found in ([0, 1], [2, 3]):
        naive, aware = (counts[i] for i in found)
        raise DataError(
            f"{cell} has {aware:,} times with a UTC offset and {naive:,} without, {first}",
            "all of them have an offset, or none",
            "Write one kind, or declare timezone under [study]: times without are of its clocks",
        )
    year, other = counts[0] + counts[1], counts[2] + counts[3]
    raise DataError(
        f"{cell} mixes date formats: {year:,} cells are year-month-day, {other:,} are not, {first}",
        "a column has one format",
        "Write all dates alike. Where a spreadsheet made dates of those up to the 12th alone, day "
        "and month are swapped in them: export again, and import the column as text",
    )


def _refuse_am_pm(probe: Probe, cell: Cell, x: str, read: str) -> None:
    """Refuse AM or PM beside times without, or in few of the cells; bare days may be midnights."""
    marked = f"({read} AND regexp_matches({x}, {text(texts.AM_PM)}))"
    other = f"({read} AND NOT regexp_matches({x}, {text(texts.AM_PM)}))"
    timed = f"count(*) FILTER ({other} AND contains({x}, ':'))"
    with_mark, without_mark, clocks = probe.ask(
        f"count(*) FILTER ({marked})", f"count(*) FILTER ({other})", timed
    )
    if with_mark and (clocks or with_mark < without_mark):
        fewer = marked if with_mark < without_mark else other
        n = min(with_mark, without_mark)
        raise DataError(
            f"{cell} mixes date formats: {n:,} cell{' is' if n == 1 else 's are'} not in the "
            f"format of the others, {'with' if fewer == marked else 'without'} AM or PM, first in "
            + probe.first_rows(fewer),
            "a column has one format",
            "Write all times alike",
        )


def whole_days(begin: Typed, end: Typed, name: str) -> Typed:
    """Return the calendar days from one date to another; cells that are no dates are blank."""
    sql = f"date_diff('day', ({begin.sql})::DATE, ({end.sql})::DATE)::DOUBLE"
    lost = tuple(
        (one.held - (one.read or 0), f"{one.name}: not a date, taken as missing")
        for one in (begin, end)
        if one.faults
    )
    return Typed(name, sql, repaired=(*begin.repaired, *end.repaired, *lost), ends=(begin, end))
