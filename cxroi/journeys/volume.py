"""How many contacts there are, when that changed, and what it costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..engine.quoting import ident, text
from ..errors import ScarceDataError
from ..moments.influence import normal_p_value
from ..results.display import TidyMixin
from ..results.estimate import Estimate
from ..results.thresholds import MINIMUM_GROUP
from .change_points import ALPHA, SHORTEST, ChangePoint, change_points
from .company_events import company_events, daily, has_events, ranked, room
from .needs import enough, has, need
from .placebo_dates import placebos
from .score_changes import OUTCOMES
from .sums import tidy_with_units
from .volume_levels import costs, levels_between, of_weeks

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats
    from ..reading.tables import Tables

WEEK = 7
WEEKS_AROUND, FEWEST_AROUND = 8, 3
FEWEST_WEEKS = 2 * SHORTEST
FILLING = 13  # weeks in which a record may fill up


@dataclass(frozen=True, repr=False)
class Volume(TidyMixin):
    """Contacts by week.

    Attributes
    ----------
    weeks
        Monday of each whole week, how many contacts, and of how many customers where that is
        known.
    levels
        Mean of each stretch between changes, a week; from the last change of the first 13 weeks.
    changes
        New level less the one before, at each change that was found after the first 13 weeks; the
        p value is that of the change.
    costs
        The same in money a year, at the cost of a contact of the scenario; empty without one.
    around
        After less before each dated event of the company, a week.
    notes
        What a reader must know besides.
    """

    weeks: pd.DataFrame
    levels: tuple[Estimate, ...]
    changes: tuple[Estimate, ...]
    costs: tuple[Estimate, ...]
    around: tuple[Estimate, ...]
    notes: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Return one row a level, change, cost and event, with its unit."""
        every = (*self.levels, *self.changes, *self.costs, *self.around)
        return tidy_with_units(every)


def contact_volume(
    tables: Tables,
    *,
    outcome: str = "contacts",
    only: tuple[str, str] | None = None,
    alpha: float = ALPHA,
) -> Volume:
    """Find when the number of contacts a week changed, and what that costs.

    Where the study says since when each customer is one (``acquired_at``), changes are those of
    contacts per 1,000 customers; else growth of the company shows as a change of volume.

    Parameters
    ----------
    outcome
        ``contacts``, ``tickets``, ``calls`` or ``returns``.
    only
        A column of their table and its value, such as ``("reason", "billing")``.
    alpha
        Level of the test of change points.

    Raises
    ------
    ModelError
        Their table is not declared, or fewer than eight whole weeks or 30 rows are there.
    """
    tables = tables.own_session()
    what = OUTCOMES[outcome][3]
    name = f"{outcome}.{only[1]}" if only else outcome
    begin, counts = _counts(tables, outcome, only)
    enough(int(counts.sum()), f"{what} about {only[1]}" if only else what)
    first = (-begin.weekday()) % WEEK
    number = (len(counts) - first) // WEEK
    enough_weeks(number)
    whole = slice(first, first + number * WEEK)
    customers = _customers(tables, begin, len(counts))
    of_days = np.ones(len(counts)) if customers is None else customers / 1000.0
    weekly = counts[whole].reshape(number, WEEK).sum(axis=1)
    of = of_days[whole].reshape(number, WEEK).mean(axis=1)
    monday = begin + dt.timedelta(days=first)
    found = change_points(weekly, of, seed=tables.study.seed, alpha=alpha)
    unit = f"{what} a week" + (" per 1,000 customers" if customers is not None else "")
    levels, changes = levels_between(weekly, of, found, monday, name, unit)
    early = sum(one.place < FILLING for one in found)
    levels, changes = levels[early:], changes[early:]
    return Volume(
        _table(weekly, customers, whole, number, monday, what),
        levels,
        changes,
        costs(tables, outcome, changes, float(of[-1])),
        _around(tables, name, begin, counts, of_days, unit),
        (*_notes(weekly, of, found, customers is not None), *_early(early)),
    )


@dataclass(frozen=True, repr=False)
class Volumes(TidyMixin):
    """Contacts by week, apart by reason, channel or another column.

    Attributes
    ----------
    by
        The column.
    parts
        By value, the most frequent first.
    """

    by: str
    parts: Mapping[str, Volume]

    def tidy(self) -> pd.DataFrame:
        """Return the rows of each part, its value in the first column."""
        import pandas as pd

        tables = [one.tidy().assign(**{self.by: value}) for value, one in self.parts.items()]
        table = pd.concat(tables, ignore_index=True)
        return table[[self.by, *table.columns.drop(self.by)]]


def volume_by(
    tables: Tables, by: str = "reason", *, outcome: str = "contacts", most: int = 8
) -> Volumes:
    """Find the same for each of the most frequent reasons, at a level for all of them together.

    Parameters
    ----------
    by
        A column of their table, such as ``reason`` or ``channel``.
    most
        How many values; those with fewer than 30 rows are left out.

    Raises
    ------
    ModelError
        The column is not declared, or no value has 30 rows.
    """
    role, moment, *_ = OUTCOMES[outcome]
    relation = need(tables, role, moment, by)
    values = tables.engine.fetch(f"""
        SELECT CAST({ident(by)} AS VARCHAR) AS part, count(*) AS n FROM {relation}
        WHERE {ident(by)} IS NOT NULL GROUP BY 1 HAVING count(*) >= {MINIMUM_GROUP}
        ORDER BY n DESC, part LIMIT {most}""")
    enough(sum(count for _, count in values), f"{outcome} with a {by}")
    level = ALPHA / len(values)
    parts = {
        str(value): contact_volume(tables, outcome=outcome, only=(by, str(value)), alpha=level)
        for value, _ in values
    }
    return Volumes(by, parts)


def _counts(tables: Tables, outcome: str, only: tuple[str, str] | None) -> tuple[dt.date, Floats]:
    """Return the first day that the table knows, and what is counted on each day."""
    role, moment, *_ = OUTCOMES[outcome]
    relation = need(tables, role, moment, *([only[0]] if only else []))
    flag = "1"
    if only:
        flag = f"CASE WHEN CAST({ident(only[0])} AS VARCHAR) = {text(only[1])} THEN 1 ELSE 0 END"
    known = f"SELECT {moment} AS moment, {flag} AS flag FROM {relation}"
    if tables.study.complete_from:
        known += f" WHERE {moment} >= TIMESTAMP '{tables.study.complete_from}'"
    begin, counts, _ = daily(tables.engine, known, "flag")
    return begin, counts


def enough_weeks(number: int) -> None:
    """Refuse where there are fewer whole weeks than a change can be looked for in.

    Raises
    ------
    ScarceDataError
        So it is.
    """
    if number < FEWEST_WEEKS:
        raise ScarceDataError(
            f"{max(number, 0)} whole weeks",
            f"changes are looked for in {FEWEST_WEEKS} or more",
            "Wait, or read more of the past",
        )


def _customers(tables: Tables, begin: dt.date, days: int) -> Floats | None:
    """Return how many customers there were on each day, if that is known and never none."""
    if not has(tables, "customers", "acquired_at"):
        return None
    found = tables.engine.fetch(f"""
        SELECT CAST(acquired_at AS DATE) AS day, CAST(count(*) AS DOUBLE)
        FROM {tables.relation("customers")} WHERE acquired_at IS NOT NULL GROUP BY 1""")
    new = np.zeros(days)
    for day, count in found:
        place = max((day - begin).days, 0)
        if place < days:
            new[place] += count
    there = np.cumsum(new)
    return there if there[0] > 0 else None


def _early(number: int) -> list[str]:
    """Say that changes near the begin are left out: a record that fills up looks like them."""
    if not number:
        return []
    return [
        f"Changes in the first {FILLING} weeks, in which a record may only be filling up, are not "
        f"reported, nor the levels before them: {number}."
    ]


def _notes(weekly: Floats, of: Floats, found: tuple[ChangePoint, ...], known: bool) -> list[str]:
    notes = ["Customers are all who were won by then, those who have left among them."]
    if not known:
        notes = ["How many customers there were each week is not known: growth shows as a change."]
    bounds = [0, *(one.place for one in found), len(weekly)]
    left = np.concatenate(
        [weekly[a:b] / of[a:b] - weekly[a:b].sum() / of[a:b].sum() for a, b in pairwise(bounds)]
    )
    squares = float((left**2).sum())
    alike = float((left[1:] * left[:-1]).sum()) / squares if squares else 0.0
    if alike > 2 / np.sqrt(len(left)):
        notes.append(
            "High weeks follow high weeks by themselves, as in seasons: changes may be called "
            "too often."
        )
    return notes


def _table(
    weekly: Floats, customers: Floats | None, whole: slice, number: int, monday: dt.date, what: str
) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame(
        {"week": [monday + dt.timedelta(weeks=k) for k in range(number)], what: weekly.astype(int)}
    )
    if customers is not None:
        table["customers"] = customers[whole].reshape(number, WEEK).mean(axis=1)
    return table


def _around(
    tables: Tables, outcome: str, begin: dt.date, counts: Floats, of: Floats, unit: str
) -> tuple[Estimate, ...]:
    """Return the step of the weekly level around each company event, where weeks are whole."""
    if not has_events(tables):
        return ()
    events, steps = company_events(tables), []
    for day, event in events:
        at, weeks = (day - begin).days, room(day, events, WEEKS_AROUND * WEEK) // WEEK
        days = weeks * WEEK
        if weeks < FEWEST_AROUND or at < days or at + days > len(counts):
            continue
        sides = [slice(at - days, at), slice(at, at + days)]
        levels = [
            (counts[s].reshape(-1, WEEK).sum(axis=1) / of[s].reshape(-1, WEEK).mean(axis=1))
            for s in sides
        ]
        value = float(levels[1].mean() - levels[0].mean())
        error = float(np.sqrt(sum(level.var(ddof=1) / weeks for level in levels)))
        name = f"volume.{outcome}.around.{event}.{day}"
        how = f"{weeks} weeks from the event on less {weeks} before"
        dof = 2 * weeks - 2
        one = of_weeks(value, error, name, unit, 2 * weeks, how, f"{event} ({day})", dof)
        rest = [(other - begin).days for other, _ in events if other != day]
        p_value = normal_p_value(value, error, dof)
        tested = replace(one, contrast="after - before", p_value=p_value)
        steps.append(ranked(tested, placebos(counts, of, at, rest, days)))
    return tuple(steps)
