"""Event tables in which days are missing: a part of the export, or all of it after some day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from .events import EVENTS

if TYPE_CHECKING:
    from ..reading.ledger import Ledger
    from ..reading.tables import Tables

_LONG = 14  # days without a row, from which on they are worth a word
_TIMES = 5  # ... which are so many times as long as between other days with rows
_EXPECTED = 20  # ... in which so many rows would lie at the pace of the other days
_ENDS_EXPECTED = 10  # the same of ends of subscriptions, of which there are fewer
_FAR = 366  # days after complete_until that no export reaches

Days = Sequence[tuple[dt.date, int]]


def warn_of_gaps(tables: Tables, ledger: Ledger) -> Ledger:
    """Warn of long stretches without a row, of rows far in the future and of ends that stop.

    Only stretches that a window of an answer reaches count. A single row that a wrong date put
    before or after all others makes such a stretch as well.
    """
    study, until = tables.study, tables.study.complete_until
    [(first, last)] = tables.engine.fetch(
        "SELECT min(answered_at)::DATE, max(answered_at)::DATE FROM valid"
    )
    if until is None:
        return ledger
    begin = first - dt.timedelta(days=study.baseline_days)
    end = last + dt.timedelta(days=study.outcome_days)
    for role, (at, _) in EVENTS.items():
        if role not in study.sources:
            continue
        days = days_of(tables, role, at)
        for rows, reason in (*_far(role, days, until), *_gaps(role, days, (begin, end, until))):
            ledger = ledger.add(role, "warning", rows, reason)
    if study.churn == "cancelled":
        for reason in _ends(days_of(tables, "subscriptions", "cancelled_at"), until):
            ledger = ledger.add("subscriptions", "warning", 1, reason)
    return ledger


def days_of(tables: Tables, role: str, at: str) -> list[tuple[dt.date, int]]:
    """Return the days on which a table has rows, and how many."""
    return tables.engine.fetch(
        f"SELECT {at}::DATE AS day, count(*) AS n FROM {tables.relation(role)} "
        f"WHERE {at} IS NOT NULL GROUP BY {at}::DATE ORDER BY day"
    )


def _far(role: str, days: Days, until: dt.date) -> Iterator[tuple[int, str]]:
    rows = sum(n for day, n in days if (day - until).days > _FAR)
    if rows:
        yield (
            rows,
            f"{rows:,} rows of {role} are of more than a year after complete_until, up to "
            f"{days[-1][0]}, and in no window: are their dates right?",
        )


def _gaps(
    role: str, days: Days, reach: tuple[dt.date, dt.date, dt.date]
) -> Iterator[tuple[int, str]]:
    """Yield the longest stretch without a row between two days, where it is out of the ordinary.

    Parameters
    ----------
    reach
        The first and the last day of any window, and the last that is complete.
    """
    begin, end, until = reach
    days = [(day, n) for day, n in days if day <= until]
    gaps = [((later - day).days, day, later) for (day, _), (later, _) in pairwise(days)]
    inside = [gap for gap in gaps if gap[1] < end and gap[2] > begin]
    if not inside:
        return
    longest, day, later = max(inside)
    empty, span = longest - 1, (days[-1][0] - days[0][0]).days + 1
    usual = median(length for length, _, _ in gaps)
    expected = sum(n for _, n in days) * empty / (span - empty)
    if longest > max(_LONG, _TIMES * usual) and expected >= _EXPECTED:
        yield (
            1,
            f"No row of {role} lies between {day} and {later}, where about {expected:,.0f} would "
            "at the pace of other days: is a part of the export missing, or a date wrong? What "
            "is missing is taken for zero",
        )


def _ends(days: Days, until: dt.date) -> Iterator[str]:
    """Yield what tells that ends of subscriptions are not known up to the day of the extract."""
    days = [(day, n) for day, n in days if day <= until]
    if not days:
        yield "No subscription has ended by complete_until: without ends nobody is lost"
        return
    first, last = days[0][0], days[-1][0]
    late = (until - last).days
    expected = sum(n for _, n in days) * late / ((last - first).days + 1)
    if late > _LONG and expected >= _ENDS_EXPECTED:
        yield (
            f"The last subscription ended on {last}, and complete_until is {until}, by which about "
            f"{expected:,.0f} more would have at the pace until then: are later ends missing?"
        )
