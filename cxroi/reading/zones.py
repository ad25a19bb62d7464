"""Zones: on which clocks all times of a study are read, so that its days are local days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import duckdb

from ..engine.quoting import text
from ..errors import DataError
from ..study.declared import Study
from .columns.clocks import Clock, written
from .columns.dates import whole_days
from .columns.numbers import Typed
from .columns.offsets import DAY

_EVENTS = ("clean_responses", "clean_orders", "clean_contacts", "clean_returns")
_SEVERAL, _MINUTE = 20, 60_000_000  # times that are alike by no accident; microseconds
SUMMER = 60  # minutes by which the offsets of one place may differ: daylight saving
_DECLARE = 'Declare where the business is under [study], such as timezone = "Europe/Berlin"'


@dataclass(frozen=True)
class Times:
    """A column of dates that was read: what it is called, its clock, and where its values are."""

    column: str
    clock: Clock | None
    relation: str
    sql: str

    def any(self, connection: duckdb.DuckDBPyConnection, condition: str) -> bool:
        """Whether a value fulfils a condition, ``{}`` in it; the first that does ends the scan."""
        statement = f"SELECT 1 FROM {self.relation} WHERE {condition.format(self.sql)} LIMIT 1"
        return bool(connection.execute(statement).fetchall())


def common_zone(study: Study, columns: Iterable[Typed]) -> str:
    """Return the zone in which times are read; empty where each is read off its own clock.

    The declared one. Otherwise each clock is its own where all offsets of all tables lie within
    an hour of each other, as those of one place do: two moments of different offsets then may be
    up to an hour out of order, at the change to or from daylight saving. UTC where they lie
    farther apart, where some are in UTC beside others, or where not all can be told.
    """
    if study.timezone:
        return study.timezone
    clocks = _clocks(columns)
    offsets = {offset for clock in clocks for offset in clock.offsets}
    if not any(offsets) or not all(clock.offsets for clock in clocks):
        return "UTC"
    near = max(offsets) - min(offsets) <= SUMMER
    return "" if near and not any(clock.universal for clock in clocks) else "UTC"


def in_zone(typed: Typed, zone: str, declared: bool) -> Typed:
    """Return a column with its times as the clocks of a zone show them.

    Days that were written as times, at midnight of their own clock, stay those days, and the
    times of a frame stay on its clocks unless a zone is declared.
    """
    if typed.ends:
        begin, end = (in_zone(one, zone, declared) for one in typed.ends)
        both = whole_days(begin, end, typed.name)
        return replace(both, warnings=(*begin.warnings, *end.warnings))
    clock = typed.clock
    if clock is None:
        return typed
    name, what = clock.cell.column, "zone" if clock.cell.type != "VARCHAR" else "UTC offset"
    if declared and not clock.days:
        sql, how = f"({clock.instant} AT TIME ZONE {text(zone)})", f"read in {zone}"
    elif declared or not zone or clock.cell.zone:
        sql, how = clock.own, "read as its own clock shows them"
        how = f"read in {clock.zone}" if clock.cell.type != "VARCHAR" else how
    else:
        sql, how = typed.sql, "read in UTC"
    kept = f"Every time of {clock} is midnight: days, which are not moved to timezone {zone!r}."
    return replace(
        typed,
        sql=sql,
        repaired=(*typed.repaired, (clock.held, f"{name}: times with a {what} {how}")),
        warnings=((1, kept),) if declared and clock.days and clock.zone != zone else (),
    )


def check_zones(
    connection: duckdb.DuckDBPyConnection, study: Study, zone: str, times: Iterable[Times]
) -> Iterator[DataError | str]:
    """Yield what must not stand together where no zone is declared, and what is to be known.

    Yields
    ------
    DataError
        Times of day without a zone beside times with one, frames of different zones, or days
        beside times whose local days are not known.
    str
        A sentence: quarters are cut in UTC, or days are taken for days in UTC.
    """
    listed = tuple(times)
    clocks = [one.clock for one in listed if one.clock]
    if study.timezone or not clocks:
        return
    yield from _midnights(connection, listed)
    without = [one for one in listed if not one.clock and one.any(connection, "{} IS NOT NULL")]
    naive = [one for one in without if one.any(connection, f"epoch_us({{}}) % {DAY} <> 0")]
    others = [clock for clock in clocks if zone and clock.cell.zone and clock.zone != zone]
    if naive or (others and len({clock.zone for clock in clocks}) > 1):
        yield _unlike(clocks, naive)
        return
    if zone != "UTC" or others or all(clock.days for clock in clocks):
        return
    days = [one.column for one in without] + [str(c) for c in clocks if c.days]
    apart = [clock for clock in clocks if not clock.offsets or any(clock.offsets)]
    moments = ", ".join(str(clock) for clock in clocks if not clock.days)
    if apart and days:
        yield DataError(
            f"days are in {', '.join(days)}; times with {_span(clocks)} in {moments}",
            "of times beside days the local day is known",
            _DECLARE,
        )
    elif apart:
        yield f"Times come with {_span(clocks)}: quarters and days are cut in UTC. {_DECLARE}."
    elif days:
        yield (
            f"Times are in UTC in {moments}: the days in {', '.join(days)} are taken for days in "
            f"UTC too. {_DECLARE} if they are local days."
        )


def whole_months(connection: duckdb.DuckDBPyConnection, times: Iterable[Times]) -> Iterator[str]:
    """Say of which events every date is the first of a month, which windows of days cannot use."""
    for one in times:
        away = "{0} <> date_trunc('month', {0})"  # the first that is ends the scan
        if one.relation not in _EVENTS or one.any(connection, away):
            continue
        [(held, months)] = connection.execute(
            f"SELECT count({one.sql}), count(DISTINCT {one.sql}) FROM {one.relation}"
        ).fetchall()
        if held >= _SEVERAL and months > 1:
            yield (
                f"Every date of {one.column} is the first of a month: where it stands for the "
                "whole month, the days before and after an answer hold too much or too little. "
                "Export the days."
            )


def _midnights(connection: duckdb.DuckDBPyConnection, times: Iterable[Times]) -> Iterator[str]:
    """Say of which columns in UTC every time is one of a day, as midnight of a place is."""
    for one in times:
        if not one.clock or not one.clock.universal or one.clock.days:
            continue
        if one.any(connection, f"epoch_us({{}}) % {15 * _MINUTE} <> 0"):
            continue
        [(held, low, high)] = connection.execute(
            f"SELECT count({one.sql}), min(epoch_us({one.sql}) % {DAY}), "
            f"max(epoch_us({one.sql}) % {DAY}) FROM {one.relation}"
        ).fetchall()
        if held >= _SEVERAL and high - low in (0, 60 * _MINUTE):
            minutes = sorted({low // _MINUTE, high // _MINUTE})
            at = " or ".join(f"{n // 60:02}:{n % 60:02}" for n in minutes)
            yield (
                f"Every time of {one.clock} is {at}, as midnight of another place is: its days may "
                f"be the ones before or after. {_DECLARE}."
            )


def _clocks(columns: Iterable[Typed]) -> list[Clock]:
    dates = [one for column in columns for one in (column.ends or (column,))]
    return [date.clock for date in dates if date.clock]


def _span(clocks: Iterable[Clock]) -> str:
    """Say between which offsets times were written."""
    found = sorted({offset for clock in clocks for offset in clock.offsets})
    if not found or not all(clock.offsets for clock in clocks):
        return "offsets that cannot all be told"
    return f"offsets from {written(found[0])} to {written(found[-1])}"


def _unlike(clocks: list[Clock], naive: list[Times]) -> DataError:
    one = next((clock.cell.zone for clock in clocks if clock.cell.zone not in ("", "UTC")), "UTC")
    return DataError(
        f"times with a zone or a UTC offset are in {', '.join(map(str, clocks))}"
        + (f"; without one in {', '.join(time.column for time in naive)}" if naive else ""),
        "all times are of one zone, or all without: which hour the others mean is not known",
        f"{_DECLARE}, of whose clocks times without a zone then are. "
        f"In pandas .dt.tz_convert({one!r}) converts times with a zone, "
        f".dt.tz_localize({one!r}) gives one to times without, .dt.tz_localize(None) takes it "
        "away; files are exported in UTC, or all in the same local time without an offset",
    )
