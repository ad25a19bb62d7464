"""Offsets: which UTC offsets the times of a column are written with."""

from __future__ import annotations

from dataclasses import replace

from ...engine.quoting import text
from ..staging import Cell
from .clocks import UNIVERSAL, Clock, minutes
from .numbers import Probe, Typed

# After a time of day: what DuckDB calls GMT+2 is two hours west, so such names are left unknown.
_WRITTEN = (
    r"(?i):\d\d(?:[.,]\d+)?\s*(?:[ap]\.?m\.?)?\s*([+-]\d{1,2}(?::?\d\d){0,2}|Z|UTC|GMT)"
    r"\s*(?:\(.*\)|\d{4})?\s*$"
)
DAY = 86_400_000_000  # microseconds


def with_clock(probe: Probe, cell: Cell, typed: Typed) -> Typed:
    """Add to a column of times which clock they were written by; nothing where none is named."""
    if not typed.zone:
        return typed
    if cell.type != "VARCHAR":
        clock = _of_type(probe, cell, typed.sql)
    else:
        clock = _of_texts(probe, cell, typed.sql)
    if not clock.held:
        return typed
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


def _of_texts(probe: Probe, cell: Cell, sql: str) -> Clock:
    """Take the offsets of texts, which `sql` reads in UTC, as they are written."""
    written = f"upper(regexp_extract({cell.sql}, {text(_WRITTEN)}, 1))"
    number = f"try_cast({cell.sql} AS DOUBLE) IS NOT NULL"  # seconds since 1970
    kind = f"CASE WHEN {number} THEN 'Z' ELSE {written} END"
    held, found = probe.ask(f"count({sql})", f"list(DISTINCT {kind}) FILTER ({sql} IS NOT NULL)")
    offsets = {one: minutes(one) for one in found or () if one}
    told = len(offsets) == len(found or ())
    own = sql
    if told and any(offsets.values()):
        whens = " ".join(f"WHEN {text(one)} THEN {away}" for one, away in offsets.items())
        same = len(set(offsets.values())) == 1
        shift = str(next(iter(offsets.values()))) if same else f"CASE {written} {whens} END"
        own = f"({sql} + to_minutes({shift}))"
    return Clock(
        cell,
        f"({sql} AT TIME ZONE 'UTC')",
        own,
        tuple(sorted(set(offsets.values()))) if told else (),
        universal=bool({"Z", "UTC", "GMT"} & set(offsets)),
        days=False,
        held=held,
    )
