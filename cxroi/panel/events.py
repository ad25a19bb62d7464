"""Event tables: what is counted of them, and from which day on that is known.

Before that day nothing is known, which is not zero.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..reading.tables import Tables

# Event tables: the column with their time, and the outcomes they yield as SQL over one window,
# in which {stands} says whether an order is a purchase still at the end of the window.
PURCHASES = "count(CASE WHEN {stands} THEN 1 END)"
EVENTS = {
    "orders": ("ordered_at", {"spend": "sum(amount)", "orders": PURCHASES}),
    "contacts": ("opened_at", {"contacts": "count(*)"}),
    "returns": ("returned_at", {"returns": "count(*)"}),
    "referrals": ("referred_at", {"referrals": "count(*)"}),
}


def first_events(tables: Tables) -> dict[str, dt.date | None]:
    """Return the day of the first row of each event table; None of an empty one."""
    firsts: dict[str, dt.date | None] = {}
    for role, (at, _) in EVENTS.items():
        if role in tables.study.sources:
            query = f"SELECT min({at})::DATE FROM {tables.relation(role)}"
            [(firsts[role],)] = tables.engine.fetch(query)
    return firsts


def slack(days: int) -> int:
    """Return the days that may pass at an end of a complete table until something happens."""
    return max(7, days // 10)


def begins(tables: Tables) -> dict[str, str]:
    """Return the first day on which each event table is known, as text; empty if on none.

    `complete_from` is taken at its word. Where it is not declared, a table begins with its first
    row, give or take the days that may pass in a complete one until something happens.
    """
    study = tables.study
    if study.complete_from:
        return {role: f"{study.complete_from}" for role in EVENTS if role in study.sources}
    early = dt.timedelta(days=slack(study.baseline_days))
    return {r: f"{day - early}" if day else "" for r, day in first_events(tables).items()}


def reaches(at: str, days: int, day: str) -> str:
    """Return the condition, in SQL, that a window of so many days lies in what a table covers."""
    return f"({at} - INTERVAL {days} DAY >= TIMESTAMP '{day}')" if day else "false"


def past_columns(tables: Tables, at: str) -> dict[str, list[str]]:
    """Return, for each event table, the columns of its baselines in SQL.

    Zero where nothing happened; NULL where the window begins before the table does. None without
    days of a baseline.

    Parameters
    ----------
    at
        The moment at which the window ends.
    """
    days = tables.study.baseline_days
    if not days:
        return {}
    return {
        role: [
            f"(CASE WHEN {reaches(at, days, day)} THEN coalesce({name}_before, 0) END)::DOUBLE "
            f"AS {name}_before"
            for name in EVENTS[role][1]
        ]
        for role, day in begins(tables).items()
    }


def counted(tables: Tables, roles: Iterable[str], answered: str, earlier: int = 0) -> list[str]:
    """List what is counted in the windows of event tables, after and before, as columns.

    Parameters
    ----------
    answered
        The moment of the answer in SQL.
    earlier
        Days by which the windows are moved back from it.
    """
    past = past_columns(tables, f"{answered} - INTERVAL {earlier} DAY" if earlier else answered)
    columns = []
    for role in roles:
        for place, name in enumerate(EVENTS[role][1]):
            columns.append(f"coalesce({name}_after, 0)::DOUBLE AS {name}_after")
            columns += past[role][place : place + 1] if past else []
    return columns
