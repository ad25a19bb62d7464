"""The period that metrics are of: a wave, or all that the tables cover."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.quoting import text
from ..errors import DataError
from ..study.table_schema import TABLES

if TYPE_CHECKING:
    from ..reading.tables import Tables

DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Period:
    """From the first moment, included, to the last, excluded.

    Attributes
    ----------
    until, whole
        Until when the tables are complete, and whether they are all the time.
    name
        The wave; empty for all that the tables cover.
    own_wave
        Whether it is a name of the study's own, and not a time of the calendar.
    """

    name: str
    start: dt.datetime
    end: dt.datetime
    until: dt.datetime
    own_wave: bool = False
    whole: bool = True

    @property
    def days(self) -> float:
        """Its length."""
        return (self.end - self.start) / dt.timedelta(days=1)

    def holds(self, at: str) -> str:
        """Return the SQL that says whether a time lies in it, or is not known."""
        return f"({at} IS NULL OR ({at} >= {moment(self.start)} AND {at} < {moment(self.end)}))"


def moment(value: dt.datetime) -> str:
    """Return a time as SQL."""
    return f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S}'"


def period_of(tables: Tables, quarter: str = "") -> Period:
    """Return the period of a wave; of all that the tables cover without one.

    Without `complete_from` that begins with the first row of any table.

    Raises
    ------
    DataError
        No answer is of that wave, or no table has a date.
    """
    study = tables.study
    first, last = _covered(tables)
    start = _midnight(study.complete_from) if study.complete_from else first
    until = _midnight(study.complete_until + dt.timedelta(days=1)) if study.complete_until else last
    if until <= start:
        raise DataError("no table has a date inside complete_from and complete_until")
    if not quarter:
        return Period("", start, until, until)
    begin, end = (_of_answers if study.own_waves else _of_calendar)(tables, quarter)
    whole = study.own_waves or (start <= begin and end <= until)
    return Period(quarter, begin, end, until, study.own_waves, whole)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)


def _of_calendar(tables: Tables, quarter: str) -> tuple[dt.datetime, dt.datetime]:
    study = tables.study
    numbers = [int(n) for n in re.findall(r"\d+", quarter)]
    months = numbers[0] * 12 + (numbers[1] - 1) * (1 if study.waves == "month" else 3)
    length = 1 if study.waves == "month" else 3
    if study.fiscal_year_starts != 1:
        months -= 13 - study.fiscal_year_starts
    begin, end = (dt.datetime(m // 12, m % 12 + 1, 1) for m in (months, months + length))
    return begin, end


def _of_answers(tables: Tables, wave: str) -> tuple[dt.datetime, dt.datetime]:
    role = "responses" if tables.study.dated else "customers"
    dated = "answered_at" in tables.study.sources[role].columns
    at = "answered_at" if dated else "NULL::TIMESTAMP"
    [(rows, first, last)] = tables.engine.fetch(
        f"SELECT count(*), min({at}), max({at}) FROM {tables.relation(role)} "
        f"WHERE wave = {text(wave)}"
    )
    if not rows:
        raise DataError(f"no answer is of the wave {wave!r}")
    if first is None:
        return _covered(tables)
    return first, last + dt.timedelta(seconds=1)


def _covered(tables: Tables) -> tuple[dt.datetime, dt.datetime]:
    """Return the first moment of any row that must have a date, and one after the last."""
    seen = []
    for role, source in tables.study.sources.items():
        for key, known in TABLES[role].keys.items() if role in TABLES else ():
            if known.cells == "time" and key in source.columns and not known.blank:
                seen.append(f"SELECT min({key}) AS a, max({key}) AS b FROM {tables.relation(role)}")
    if not seen:
        return dt.datetime(1970, 1, 1), dt.datetime(2100, 1, 1)
    [(first, last)] = tables.engine.fetch(
        f"SELECT min(a), max(b) FROM ({' UNION ALL '.join(seen)}) AS t"
    )
    return first, last + dt.timedelta(seconds=1)


def waves_of(tables: Tables) -> tuple[str, ...]:
    """Return the waves in which anybody answered, in the order of their mean dates.

    Of their names where there are no dates: those of a study's own need not sort as time does.
    """
    from ..reading.waves import wave_of

    study = tables.study
    role = "responses" if study.dated else "customers"
    if not study.own_waves and "answered_at" not in study.sources[role].columns:
        return ()
    wave = wave_of(study, role, "answered_at")
    dated = "answered_at" in study.sources[role].columns
    days = "date_diff('day', TIMESTAMP '2000-01-01', answered_at)" if dated else "0"
    rows = tables.engine.fetch(
        f"SELECT wave FROM (SELECT {wave} AS wave, {days} AS days FROM {tables.relation(role)}) "
        "AS t WHERE wave IS NOT NULL GROUP BY wave ORDER BY avg(days), wave"
    )
    return tuple(str(row[0]) for row in rows)
