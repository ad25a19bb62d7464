"""The period that metrics are of: a wave, or all that the tables cover."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.quoting import text
from ..errors import DataError
from ..reading.waves import wave_of
from ..study.table_schema import TABLES

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from ..study.declared import Study

DAYS_A_MONTH = 365.25 / 12
# Their first row says nothing of when the rest is known: customers of today began long ago, and
# events of the company, or surveys of the staff, are few.
STATES = ("subscriptions", "company_events", "staff_answers")
# What is looked for after an answer may come when no more answers do; not so replies.
ANSWERS = ("responses", "ratings")
INVITATIONS = ("invitations", "rating_invitations")
RENEWAL = dt.timedelta(days=30)  # a subscription that begins so soon continues another
YEAR = dt.timedelta(days=365)
Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Period:
    """From the first moment, included, to the last, excluded.

    Attributes
    ----------
    begin, until
        From when, and until when, the tables are complete.
    whole
        Whether they are all the time of the wave.
    name
        The wave; empty for all that the tables cover.
    own_wave
        Whether it is a name of the study's own, and not a time of the calendar.
    dated
        Whether it is known when it was; of a wave whose answers have no dates, start and end are
        those of all that the tables cover, and answers alone can be told to be of it.
    """

    name: str
    start: dt.datetime
    end: dt.datetime
    begin: dt.datetime
    until: dt.datetime
    own_wave: bool = False
    whole: bool = True
    dated: bool = True

    @property
    def days(self) -> float:
        """Its length."""
        return (self.end - self.start) / dt.timedelta(days=1)

    def holds(self, at: str) -> str:
        """Return the SQL that says whether a time lies in it, or is not known."""
        return f"({at} IS NULL OR ({at} >= {moment(self.start)} AND {at} < {moment(self.end)}))"

    def months(self) -> Iterator[Span]:
        """Yield the part of each calendar month that lies in it."""
        first = self.start
        while first < self.end:
            following = dt.datetime(first.year + first.month // 12, first.month % 12 + 1, 1)
            yield first, min(following, self.end)
            first = following

    def previous(self) -> tuple[Span, Span]:
        """Return an earlier and a later time of the same length, one right after the other.

        Of a wave the later is the wave. Of all data they are its last two years, or its halves
        where it is shorter. Both are empty where the earlier one is not covered.
        """
        if not self.name:
            length = min((self.end - self.start) / 2, YEAR)
            return self._pair(self.end - 2 * length, self.end - length, length)
        length = self.end - self.start
        return self._pair(self.start - length, self.start, length)

    def like(self) -> tuple[Span, Span]:
        """Return the same as `previous`, of a wave with that of a year before where covered."""
        if not self.name:
            return self.previous()
        length = self.end - self.start
        before = self._pair(_year_before(self.start), self.start, length)
        return before if before[0][0] < before[0][1] else self.previous()

    def _pair(
        self, before: dt.datetime, now: dt.datetime, length: dt.timedelta
    ) -> tuple[Span, Span]:
        if before < self.begin:
            return (self.start, self.start), (self.start, self.start)
        return (before, before + length), (now, now + length)


def _year_before(at: dt.datetime) -> dt.datetime:
    leap_day = (at.month, at.day) == (2, 29)
    return at.replace(year=at.year - 1, day=28 if leap_day else at.day)


def moment(value: dt.datetime) -> str:
    """Return a time as SQL."""
    return f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S}'"


def places(period: Period) -> dict[str, str]:
    """Return what stands for the places of a metric's SQL that are of its period.

    ``start``, ``end``, ``begin``, ``until``; ``days`` and ``months``, its length;
    ``months_of_ends``, that of the part in which it is known which ends of subscriptions are
    losses; ``calendar``, a relation of its months with ``month``, ``first``, ``next`` and
    ``length``, the days that it touches; ``calendar_months``, how many these are;
    ``before_start``, ``before_end``, ``now_start`` and ``now_end`` of `Period.previous`, and with
    ``like_`` before them of `Period.like`; ``like_months``, the length of each.
    """
    found = {
        "start": moment(period.start),
        "end": moment(period.end),
        "begin": moment(period.begin),
        "until": moment(period.until),
        "days": repr(period.days),
        "months": repr(period.days / DAYS_A_MONTH),
        "months_of_ends": repr(_months_of_ends(period) or 1.0),
    }
    for prefix, (before, now) in (("", period.previous()), ("like_", period.like())):
        for name, span in (("before", before), ("now", now)):
            found[f"{prefix}{name}_start"], found[f"{prefix}{name}_end"] = map(moment, span)
        if prefix:
            days = (now[1] - now[0]) / dt.timedelta(days=1)
            found["like_months"] = repr(days / DAYS_A_MONTH or 1.0)
    months = list(period.months())
    rows = ", ".join(
        f"({moment(a.replace(day=1, hour=0, minute=0, second=0, microsecond=0))}, {moment(a)}, "
        f"{moment(b)}, {((b - dt.timedelta(microseconds=1)).date() - a.date()).days + 1})"
        for a, b in months[:1200]
    )
    found["calendar"] = f'(SELECT * FROM (VALUES {rows}) AS c(month, first, "next", length))'
    found["calendar_months"] = repr(float(len(months)))
    return found


def _months_of_ends(period: Period) -> float:
    known = min(period.end, period.until - RENEWAL) - period.start
    return max(known / dt.timedelta(days=DAYS_A_MONTH), 0.0)


@dataclass(frozen=True)
class Coverage:
    """The first and the last time in each table of those that every row must have."""

    spans: Mapping[str, Span]

    def begin(self, study: Study, roles: Collection[str]) -> dt.datetime:
        """Return from when tables are complete: `complete_from`, or when all have a first row."""
        if study.complete_from:
            return _midnight(study.complete_from)
        flows = {role: span[0] for role, span in self.spans.items() if role not in STATES}
        asked = [first for role, first in flows.items() if role in roles]
        return max(asked) if asked else min(flows.values() or [s[0] for s in self.spans.values()])

    def until(self, study: Study, roles: Collection[str]) -> dt.datetime:
        """Return until when they are: `complete_until`, or a second after one has its last row.

        Of all that there are where `roles` have no times; what is planned says nothing of it.
        """
        if study.complete_until:
            return _midnight(study.complete_until + dt.timedelta(days=1))
        flows = {role: span[1] for role, span in self.spans.items() if role not in STATES}
        asked = {role: last for role, last in flows.items() if role in roles}
        if not set(INVITATIONS) & set(asked):
            asked = {role: asked[role] for role in asked if role not in ANSWERS} or asked
        ends = [min(asked.values())] if asked else flows.values()
        last = max(ends or [span[1] for span in self.spans.values()])
        return last + dt.timedelta(seconds=1)


def coverage_of(tables: Tables) -> Coverage:
    """Return what times the tables cover.

    Raises
    ------
    DataError
        No table that has times has a row.
    """
    seen = []
    for role, source in tables.study.sources.items():
        for key, known in TABLES[role].keys.items() if role in TABLES else ():
            if known.cells == "time" and key in source.columns and not known.blank:
                seen.append(
                    f"SELECT {text(role)} AS role, min({key}) AS a, max({key}) AS b "
                    f"FROM {tables.relation(role)}"
                )
    if not seen:
        return Coverage({"": (dt.datetime(1970, 1, 1), dt.datetime(2099, 12, 31))})
    rows = tables.engine.fetch(" UNION ALL ".join(seen))
    spans = {role: (first, last) for role, first, last in rows if first is not None}
    if not spans:
        raise DataError("no table that has times has a row")
    return Coverage(spans)


def period_of(
    tables: Tables, quarter: str = "", roles: Collection[str] = (), coverage: Coverage | None = None
) -> Period:
    """Return the period of a wave; of all that the tables cover without one.

    What lies outside of `complete_from` and `complete_until` is cut off.

    Parameters
    ----------
    roles
        The tables that are counted: where the study does not say from when it is complete, it is
        from when each of them has a row.
    coverage
        Of the tables, where it is known already.

    Raises
    ------
    DataError
        No answer is of that wave, or nothing lies between `complete_from` and `complete_until`.
    """
    study = tables.study
    covered = coverage or coverage_of(tables)
    begin, until = covered.begin(study, roles), covered.until(study, roles)
    if covered.until(study, ()) <= covered.begin(study, ()):
        raise DataError("no table has a date inside complete_from and complete_until")
    until = max(begin, until)  # equal, where one table ends before another begins
    if not quarter:
        return Period("", begin, until, begin, until)
    span = _of_answers(tables, quarter) if study.own_waves else _of_calendar(study, quarter)
    if span is None:
        return Period(quarter, begin, until, begin, until, own_wave=True, dated=False)
    start, end = max(span[0], begin), min(span[1], until)
    whole = study.own_waves or span == (start, end)
    return Period(quarter, start, max(start, end), begin, until, study.own_waves, whole)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)


def _of_calendar(study: Study, quarter: str) -> Span:
    numbers = [int(n) for n in re.findall(r"\d+", quarter)]
    months = numbers[0] * 12 + (numbers[1] - 1) * (1 if study.waves == "month" else 3)
    length = 1 if study.waves == "month" else 3
    if study.fiscal_year_starts != 1:
        months -= 13 - study.fiscal_year_starts
    begin, end = (dt.datetime(m // 12, m % 12 + 1, 1) for m in (months, months + length))
    return begin, end


def _of_answers(tables: Tables, wave: str) -> Span | None:
    """Return the times of the answers of a wave; None where they have none."""
    role = "responses" if tables.study.dated else "customers"
    dated = "answered_at" in tables.study.sources[role].columns
    at = "answered_at" if dated else "NULL::TIMESTAMP"
    [(rows, first, last)] = tables.engine.fetch(
        f"SELECT count(*), min({at}), max({at}) FROM {tables.relation(role)} "
        f"WHERE wave = {text(wave)}"
    )
    if not rows:
        raise DataError(f"no answer is of the wave {wave!r}")
    return None if first is None else (first, last + dt.timedelta(seconds=1))


def waves_of(tables: Tables, fewest: int = 1) -> tuple[str, ...]:
    """Return the waves in which so many customers answered, in the order of their mean dates.

    Of their names where there are no dates: those of a study's own need not sort as time does.
    """
    study = tables.study
    role = "responses" if study.dated else "customers"
    if not study.own_waves and "answered_at" not in study.sources[role].columns:
        return ()
    wave = wave_of(study, role, "answered_at")
    dated = "answered_at" in study.sources[role].columns
    days = "date_diff('day', TIMESTAMP '2000-01-01', answered_at)" if dated else "0"
    rows = tables.engine.fetch(
        f"SELECT wave FROM (SELECT customer, {wave} AS wave, {days} AS days FROM "
        f"{tables.relation(role)}) AS t WHERE wave IS NOT NULL GROUP BY wave "
        f"HAVING count(DISTINCT customer) >= {fewest} ORDER BY avg(days), wave"
    )
    return tuple(str(row[0]) for row in rows)
