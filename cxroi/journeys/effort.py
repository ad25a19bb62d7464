"""Observed effort: what a customer had to do until an issue was solved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ModelError
from ..results.thresholds import MINIMUM_GROUP
from .durations import quantiles
from .needs import enough, has
from .service import Service
from .sums import mean, sums_of

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from ..results.estimate import Estimate

# Role -> its moment and what it adds up to: channel, calls, tickets.
_SOURCES = {"tickets": ("opened_at", "'ticket'", 0, 1), "calls": ("called_at", "'phone'", 1, 0)}
_FIGURES = {
    "channels": ("channels used", "channels per issue"),
    "calls": ("calls", "calls per issue"),
    "tickets": ("tickets", "tickets per issue"),
    "transfers": ("transfers from one agent to another", "transfers per issue"),
    "minutes": ("minutes spent with agents", "minutes per issue"),
}


def observed_effort(tables: Tables) -> Service:
    """Return channels, calls, tickets, transfers and minutes per issue, and time until solved.

    An issue is all tickets and calls of a customer with the same ``issue``. It is solved when
    the last of its tickets is; one that is not counts as longer than it has lasted.

    Raises
    ------
    ModelError
        Neither tickets nor calls are declared with ``issue``, or fewer than 30 issues.
    """
    roles = [r for r, (m, *_) in _SOURCES.items() if has(tables, r, "customer", m, "issue")]
    if not roles:
        raise ModelError(
            "neither [tables.tickets] nor [tables.calls] has issue",
            "effort is of an issue: all that was done about one thing",
            'Add issue = "name of the column"',
        )
    tables = tables.own_session()
    steps = " UNION ALL ".join(_steps(tables, role) for role in roles)
    issues = f"""
        SELECT customer, issue, count(DISTINCT channel) AS channels, sum(calls) AS calls,
               sum(tickets) AS tickets, {_known("transfers")}, {_known("minutes")},
               min(begins) AS begins, max(ends) AS ends, min(done) AS done, max(moment) AS latest
        FROM ({steps}) AS s WHERE issue IS NOT NULL GROUP BY customer, issue"""
    figures: list[Estimate] = []
    notes: list[str] = []
    for name, (what, unit) in _FIGURES.items():
        if name in ("transfers", "minutes") and not any(has(tables, r, name) for r in roles):
            continue
        rows = f"SELECT '' AS part, customer AS unit, {name} AS x, 1 AS y FROM ({issues}) AS i"
        found, every = sums_of(tables, rows), figures[0].n if figures else 0
        known = found[""].rows if found else 0
        if name in ("transfers", "minutes") and known < every:
            notes.append(f"Issues of which not all {name} are known, left out: {every - known:,}.")
            if known < MINIMUM_GROUP:
                continue
        enough(known, "issues")
        figures.append(mean(found[""], f"effort.{name}", unit, f"mean of {what}", what))
    timed, lacking = _until_solved(tables, steps, issues)
    notes += lacking
    without = " + ".join(
        f"(SELECT count(*) FROM {tables.relation(role)} WHERE issue IS NULL)" for role in roles
    )
    [(left,)] = tables.engine.fetch(f"SELECT {without}")
    if left:
        notes.append(f"Tickets and calls without an issue, left out: {left:,}.")
    return Service((*figures, *timed), tuple(notes))


def _until_solved(
    tables: Tables, steps: str, issues: str
) -> tuple[tuple[Estimate, ...], list[str]]:
    """Return quantiles of the time from the first step of an issue to its solution."""
    if not has(tables, "tickets", "issue", "resolved_at"):
        return (), ["Time until solved: needs resolved_at of [tables.tickets]."]
    last = f"SELECT max(coalesce(ends, moment)) AS last FROM ({steps}) AS e"
    timed = f"""
        SELECT '' AS part, customer AS unit, done AS seen,
               date_diff('second', begins, CASE WHEN done = 1 THEN ends ELSE l.last END)
               AS seconds
        FROM ({issues}) AS i CROSS JOIN ({last}) AS l WHERE tickets > 0"""
    return quantiles(tables, timed, "effort.until_solved", "issue").get("", ()), []


def _known(name: str) -> str:
    """Return the sum over an issue, unknown where it is unknown of one of its steps."""
    return f"CASE WHEN count({name}) = count(*) THEN sum({name}) END AS {name}"


def _steps(tables: Tables, role: str) -> str:
    moment, channel, calls, count = _SOURCES[role]
    if has(tables, role, "channel"):
        channel = f"coalesce(CAST(channel AS VARCHAR), {channel})"
    numbers = ", ".join(
        f"CAST({n if has(tables, role, n) else '0'} AS DOUBLE) AS {n}"
        for n in ("transfers", "minutes")
    )
    begins = f"coalesce(began_at, {moment})" if has(tables, role, "began_at") else moment
    ends, done = "CAST(NULL AS TIMESTAMP)", "CAST(NULL AS INTEGER)"
    if has(tables, role, "resolved_at"):
        solved = " OR resolved = 0" if has(tables, role, "resolved") else ""
        ends, done = "resolved_at", f"CASE WHEN resolved_at IS NULL{solved} THEN 0 ELSE 1 END"
    return f"""
        SELECT customer, CAST(issue AS VARCHAR) AS issue, {moment} AS moment, {channel} AS channel,
               {calls} AS calls, {count} AS tickets, {numbers}, {begins} AS begins,
               {ends} AS ends, {done} AS done FROM {tables.relation(role)}"""
