"""A score before and after each dated event of the company, and at dates without one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from .contrasts import difference
from .needs import has, need
from .placebo_dates import Placebos, placebos
from .scores import answers
from .sums import sums_of

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
        table = tidy_table(self.steps)
        table["placebo_low"] = [one.low for one in self.placebos]
        table["placebo_high"] = [one.high for one in self.placebos]
        return table


def company_events(tables: Tables) -> tuple[tuple[dt.date, str], ...]:
    """Return the day and name of each dated event of the company, in order.

    Raises
    ------
    ModelError
        The study declares none.
    """
    relation = need(tables, "company_events", "happened_at", "event")
    found = tables.engine.fetch(f"""
        SELECT DISTINCT CAST(happened_at AS DATE) AS day, CAST(event AS VARCHAR) AS event
        FROM {relation} WHERE happened_at IS NOT NULL ORDER BY day, event""")
    return tuple((day, event or "event") for day, event in found)


def around_events(tables: Tables, score: DeclaredScore, *, days: int = DAYS) -> AroundEvents:
    """Return the change of a score around each company event, against other dates.

    The mean of the answers in so many `days` from the event on, less that in as many before. Its
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
        label = f"{event} ({day})"
        at = (day - begin).days
        rows = f"""
            SELECT CASE WHEN moment < TIMESTAMP '{day}' THEN 'before' ELSE 'after' END AS part,
                   customer AS unit, w * value AS x, w AS y FROM ({asked}) AS a
            WHERE moment >= TIMESTAMP '{day}' - INTERVAL {days} DAY
              AND moment < TIMESTAMP '{day}' + INTERVAL {days} DAY"""
        found = sums_of(tables, rows)
        if len(found) < 2 or min(one.rows for one in found.values()) < FEWEST:
            notes.append(f"{label}: fewer than {FEWEST} answers in {days} days before or after.")
            continue
        rest = [(other - begin).days for other, _ in events if other != day]
        seen = placebos(x, y, at, rest, days, FEWEST)
        what = f"mean in the {days} days from the event on less that in the {days} before"
        name = f"{score.name}.around.{event}.{day}"
        one = difference(
            tables,
            rows,
            found,
            ("before", "after"),
            name=name,
            unit=score.scale.score_unit,
            what=what,
        )
        near = [name for other, name in events if other != day and abs((other - day).days) < days]
        steps.append(ranked(replace(one, term=label, contrast="after - before"), seen, near))
        others.append(seen)
    return AroundEvents(tuple(steps), tuple(others), tuple(notes))


def ranked(step: Estimate, seen: Placebos, near: list[str]) -> Estimate:
    """Return a step with its p value, and what to know of it.

    It stands out where chance in the rows alone does not explain it, nor the ups and downs that
    other dates have too: the larger of both p values counts.
    """
    notes = []
    method = step.method
    if seen.p_value is None:
        notes.append("Too few other dates to rank it among: ups and downs are not ruled out.")
    else:
        method += f"; p value: the larger of this and of its rank among {seen.dates} dates"
        p_value = max(seen.p_value, step.p_value or 0.0)
        step = replace(step, p_value=p_value, statistic=None)
    if near:
        notes.append(f"Within its days lies also: {', '.join(near)}.")
    return replace(step, method=method, note=" ".join(notes))


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
