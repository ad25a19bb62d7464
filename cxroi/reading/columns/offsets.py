"""Offsets: which UTC offsets the times of a column are written with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...engine.quoting import text, texts
from ..staging import Cell
from .clocks import UNIVERSAL, Clock, minutes
from .numbers import Typed
from .probe import Probe

# After a time of day, as `date_texts` reads them.
_WRITTEN = (
    r"(?i):\d\d(?:[.,]\d*)?\s*(?:[ap]\.?m\.?)?\s*"
    r"((?:UTC|GMT)? *[+-]\d{1,2}(?::?\d\d){0,2}|Z|UTC|GMT)(?:\[[\w/+-]+\])?\s*$"
)
DAY = 86_400_000_000  # microseconds


def with_clock(probe: Probe, cell: Cell, typed: Typed) -> Typed:
    """Add to a column of times which clock they were written by; nothing where none is named."""
    if not typed.zone:
        return typed
    if cell.type != "VARCHAR":
        clock = _of_type(probe, cell, typed.sql)
    else:
        clock = _of_texts(probe, cell, typed)
    if not clock.held:
        return typed
    if cell.source.missing:  # dates that are declared to be none are none by any clock
        instant, own = (
            f"CASE WHEN {typed.sql} IS NOT NULL THEN {sql} END"
            for sql in (clock.instant, clock.own)
        )
        clock = replace(clock, instant=instant, own=own)
    days = not probe.any(f"epoch_us({clock.own}) % {DAY} <> 0")
    return replace(typed, clock=replace(clock, days=days))


def _of_type(probe: Probe, cell: Cell, sql: str) -> Clock:
    """Take the zone of a frame for its clock; instants without one are in UTC."""
    known = cell.type.startswith(("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")) or cell.zone
    instant = f"{cell.sql}::TIMESTAMPTZ" if known else f"({sql} AT TIME ZONE 'UTC')"
    if cell.zone in UNIVERSAL or not cell.zone:
        [held] = probe.ask(f"count({sql})")
        return Clock(cell, instant, sql, (0,), universal=True, days=False, held=held)
    away = f"date_diff('minute', {instant} AT TIME ZONE 'UTC', {sql})"
    held, found = probe.ask(f"count({sql})", f"list(DISTINCT {away}) FILTER ({sql} IS NOT NULL)")
    return Clock(cell, instant, sql, tuple(sorted(found or ())), False, days=False, held=held)


def _of_texts(probe: Probe, cell: Cell, typed: Typed) -> Clock:
    """Take the offsets of texts, which are read in UTC, as they are written."""
    kind, sql = _written(cell.sql), typed.sql
    known = f"count({sql})" if typed.read is None else str(typed.read)
    held, found = probe.ask(known, f"list(DISTINCT {kind})")
    offsets = {one: minutes(one) for one in sorted(filter(None, found or ()))}
    told = "" not in (found or ()) or not probe.any(f"{kind} = '' AND {sql} IS NOT NULL")
    return Clock(
        cell,
        f"({sql} AT TIME ZONE 'UTC')",
        f"({sql} + to_minutes({_shift(kind, offsets)}))" if told and any(offsets.values()) else sql,
        tuple(sorted(set(offsets.values()))) if told else (),
        universal=bool({"Z", "UTC", "GMT"} & set(offsets)),
        days=False,
        held=held,
    )


def _written(x: str) -> str:
    """Return the SQL of the offset of a text: the commonest form apart, as it is quicker found."""
    common = f"substr({x}, length({x}) - 5, 1) IN ('+', '-') AND substr({x}, length({x}) - 2, 1)"
    rare = f"nullif(upper(regexp_extract({x}, {text(_WRITTEN)}, 1)), '')"
    number = f"CASE WHEN try_cast({x} AS DOUBLE) IS NULL THEN '' ELSE 'Z' END"  # seconds since 1970
    return f"CASE WHEN {common} = ':' THEN right({x}, 6) ELSE coalesce({rare}, {number}) END"


def _shift(kind: str, offsets: Mapping[str, int]) -> str:
    """Return the SQL of the minutes from UTC, given every offset that occurs."""
    *others, last = sorted(set(offsets.values()))
    whens = [
        f"WHEN {kind} IN {texts(name for name, away in offsets.items() if away == one)} THEN {one}"
        for one in others
    ]
    return f"CASE {' '.join(whens)} ELSE {last} END" if whens else str(last)
