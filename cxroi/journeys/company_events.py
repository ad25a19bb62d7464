"""A score before and after each dated event of the company, and at dates without one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..results.display import TidyMixin
from ..results.estimate import Estimate
from .contrasts import difference
from .needs import has, need
from .placebo_dates import Placebos, placebos
from .scores import answers
from .sums import sums_of, tidy_with_units

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats
    from ..engine.engines import Engine
    from ..reading.tables import Tables
    from ..study.scores import DeclaredScore

FEWEST = 30  # answers on each side of an event
DAYS = 45


@dataclass(frozen=True, repr=False)
class AroundEvents(TidyMixin):
    """A figure around dated events.

    Attributes
    ----------
    steps
        After less before, one an event, in order of the dates; the p value is the larger of that
        of the answers and of the rank among all dates.
    placebos
        What other dates show, in the order of `steps`.
    notes
        Events of which nothing can be said, and why.
    """

    steps: tuple[Estimate, ...]
    placebos: tuple[Placebos, ...]
    notes: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Return one row an event, and the limits of 95 % of the other dates."""
        table = tidy_with_units(self.steps)
        table["placebo_low"] = [one.low for one in self.placebos]
        table["placebo_high"] = [one.high for one in self.placebos]
        return table


def company_events(tables: Tables) -> tuple[tuple[dt.date, str], ...]:
    """Return each day of dated events of the company, in order, with their names.

    Raises
    ------
    ModelError
        The study declares none.
    """
    relation = need(tables, "company_events", "happened_at", "event")
    found = tables.engine.fetch(f"""
        SELECT DISTINCT CAST(happened_at AS DATE) AS day, CAST(event AS VARCHAR) AS event
        FROM {relation} WHERE happened_at IS NOT NULL ORDER BY day, event""")
    days: dict[dt.date, list[str]] = {}
    for day, event in found:
        days.setdefault(day, []).append(event or "event")
    return tuple((day, " and ".join(names)) for day, names in days.items())


def around_events(tables: Tables, score: DeclaredScore, *, days: int = DAYS) -> AroundEvents:
    """Return the change of a score around each company event, against other dates.

    The mean of the answers in so many `days` from the event on, less that in as many before; fewer
    where another event lies within them. Its
    interval is that of the answers; whether the event stands out is its rank among all dates,
    which rise and fall by themselves too. An association with the date: whatever else happened
    then is in it.

    Raises
    ------
    ModelError
        Company events or answers are not declared with dates.
    """
    tables = tables.own_session()
    asked, events = answers(tables, score), company_events(tables)
    begin, x, y = daily(tables.engine, asked, "w * value", "w")
    steps, others, notes = [], [], []
    for day, event in events:
        label, width = f"{event} ({day})", room(day, events, days)
        rows = f"""
            SELECT CASE WHEN moment < TIMESTAMP '{day}' THEN 'before' ELSE 'after' END AS part,
                   customer AS unit, w * value AS x, w AS y FROM ({asked}) AS a
            WHERE moment >= TIMESTAMP '{day}' - INTERVAL {width} DAY
              AND moment < TIMESTAMP '{day}' + INTERVAL {width} DAY"""
        found = sums_of(tables, rows)
        if len(found) < 2 or min(one.rows for one in found.values()) < FEWEST:
            notes.append(f"{label}: fewer than {FEWEST} answers in {width} days before or after.")
            continue
        rest = [(other - begin).days for other, _ in events if other != day]
        seen = placebos(x, y, (day - begin).days, rest, width, FEWEST)
        one = difference(
            tables,
            rows,
            found,
            ("before", "after"),
            name=f"{score.name}.around.{event}.{day}",
            unit=score.scale.score_unit,
            what=f"mean in the {width} days from the event on less that in the {width} before",
        )
        steps.append(ranked(replace(one, term=label, contrast="after - before"), seen))
        others.append(seen)
    return AroundEvents(tuple(steps), tuple(others), tuple(notes))


def room(day: dt.date, events: Sequence[tuple[dt.date, str]], days: int) -> int:
    """Return the days around an event in which no other lies, `days` at most."""
    return min([days, *(abs((other - day).days) for other, _ in events if other != day)])


def ranked(step: Estimate, seen: Placebos) -> Estimate:
    """Return a step with its p value, and what to know of it.

    It stands out where chance in the rows alone does not explain it, nor the ups and downs that
    other dates have too: the larger of both p values counts.
    """
    if seen.p_value is None:
        note = "Too few other dates to rank it among: ups and downs are not ruled out."
        return replace(step, note=note)
    method = f"{step.method}; p value: the larger of this and of its rank among {seen.dates} dates"
    p_value = max(seen.p_value, step.p_value or 0.0)
    return replace(step, method=method, p_value=p_value, statistic=None)


def daily(
    engine: Engine, rows: str, value: str, weight: str = "1"
) -> tuple[dt.date, Floats, Floats]:
    """Return the first day, and the sums of a value and of weights on each day.

    Parameters
    ----------
    rows
        SQL of rows with ``moment``.
    """
    found = engine.fetch(f"""
        SELECT CAST(date_trunc('day', moment) AS DATE) AS day, CAST(sum({value}) AS DOUBLE),
               CAST(sum({weight}) AS DOUBLE)
        FROM ({rows}) AS r WHERE moment IS NOT NULL GROUP BY 1 ORDER BY 1""")
    if not found:
        return dt.date.min, np.zeros(0), np.zeros(0)
    begin = found[0][0]
    x, y = (np.zeros((found[-1][0] - begin).days + 1) for _ in range(2))
    for day, total, count in found:
        x[(day - begin).days], y[(day - begin).days] = total, count
    return begin, x, y


def has_events(tables: Tables) -> bool:
    """Return whether the study declares dated events of the company."""
    return has(tables, "company_events", "happened_at", "event")
