"""Drift of tables: their rows in the same periods, their newest period, where they begin and end.

Bounds are what a quarter of ordinary business does not reach; beside them stand four standard
errors of counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from math import sqrt
from statistics import median

from ..results.display import significant
from ..results.formats import whole_percent
from .drift_sides import EVENTS, OPEN_ENDED, STANDARD_ERRORS, Finding, Table, capital

CHANGED, HALVED, NEW_PERIOD = 0.2, 0.5, 3.0
DAYS = 31


def of_tables(table: Table) -> Iterator[Finding]:
    """Yield what differs in a table as a whole."""
    yield from _rows(table)
    yield from _new_period(table)
    yield from _dates(table)


def _rows(table: Table) -> Iterator[Finding]:
    """Rows of the periods that both runs have seen the end of, together and one by one."""
    now, then = table.now.periods(table.role), table.then.periods(table.role)
    pairs = [(f" of {name}", now[name], rows) for name, rows in then.items() if name in now]
    if pairs:
        whole = ("", sum(found for _, found, _ in pairs), sum(was for _, _, was in pairs))
    else:
        whole = ("", table.now.rows, round(table.then.rows * _longer(table)))
    changed = [pair for pair in (whole, *pairs) if _far(*pair[1:])]
    if changed:
        # The whole table where it is as far off as any period of it.
        period, found, was = max(changed, key=lambda pair: (_halved(*pair[1:]), not pair[0]))
        said = f"{table.role} has {found:,} rows{period}, last time {was:,}"
        said += " in as many days" if not pairs and table.now.dated else ""
        rule = "rows_halved" if _halved(found, was) else "rows_changed"
        yield Finding(rule, "", found, was, capital(f"{said} ({_change(found, was)})."))


def _longer(table: Table) -> float:
    """Return how many times as many days this run's table spans; 1 where it has no dates."""
    now, then = table.now.dated, table.then.dated
    if now is None or then is None:
        return 1.0
    return ((now[2] - now[1]).days + 1) / ((then[2] - then[1]).days + 1)


def _far(found: int, was: int) -> bool:
    beyond = found < was * (1 - CHANGED) or found > was * (1 + CHANGED)
    return beyond and abs(found - was) > STANDARD_ERRORS * sqrt(found + was)


def _halved(found: int, was: int) -> bool:
    return found < was * HALVED or found > was / HALVED


def _change(found: float, was: float) -> str:
    if not was:
        return "there were none"
    if found > 2 * was > 0:
        return f"{significant(found / was, 2)} times as many"
    return f"{whole_percent(abs(found / was - 1))} {'fewer' if found < was else 'more'}"


def _new_period(table: Table) -> Iterator[Finding]:
    """Rows of the newest period that is over, where the last run did not see its end."""
    now, then = table.now.periods(table.role), table.then.periods(table.role)
    if len(now) < 2 or table.role == OPEN_ENDED:
        return
    newest = max(now) if table.now.dated else list(now)[-1]
    usual = median(rows for name, rows in now.items() if name != newest)
    found = now[newest]
    far = found * NEW_PERIOD < usual or found > usual * NEW_PERIOD
    if newest not in then and far and abs(found - usual) > STANDARD_ERRORS * sqrt(found + usual):
        said = (
            f"{table.role} has {found:,} rows of {newest}, in earlier periods about {usual:,.0f}."
        )
        yield Finding("new_period", "", found, usual, capital(said))


def _dates(table: Table) -> Iterator[Finding]:
    """Where a table begins and ends, allowing for a period that is longer or has moved on."""
    now, then = table.now, table.then
    if now.dated is None or then.dated is None or table.role == OPEN_ENDED:
        return
    name, first, last, _ = now.dated
    header, (_, first_then, last_then, _) = now.columns[name]["header"], then.dated
    slack = max(DAYS, 10 * (last_then - first_then).days / then.rows)
    declared = _declared(table)
    until, until_then = declared or (last_then, last_then)
    late = (until - last).days - (until_then - last_then).days
    if late > slack:
        said = f"{table.role} ends on {last}{_before(until, last)}; last time on "
        said += f"{last_then}{_before(until_then, last_then)}."
        yield Finding("ends_early", header, str(last), str(last_then), capital(said))
    elif declared and late < -slack:
        said = f"{table.role} ends on {last}{_before(until, last)}; last time on "
        said += f"{last_then}{_before(until_then, last_then)}."
        yield Finding("dates_shifted", header, str(last), str(last_then), capital(said))
    moved = (first - first_then).days
    if not -slack <= moved <= max(0, (last - last_then).days) + slack:
        said = f"{table.role} begins on {first}, last time on {first_then}."
        yield Finding("dates_shifted", header, str(first), str(first_then), capital(said))


def _declared(table: Table) -> tuple[dt.date, dt.date] | None:
    """Return until when events are complete in both runs, where that is declared.

    Answers come when they are asked for: no survey has to go on until the last complete day.
    """
    now, then = table.now.until, table.then.until
    return (now, then) if table.role in EVENTS and now and then else None


def _before(until: dt.date, last: dt.date) -> str:
    """Return how far from the last complete day a table ends; nothing where it is that day."""
    days = (until - last).days
    when = "before" if days > 0 else "after"
    return f", {abs(days)} days {when} {until}" if days else ""
