"""Service: how long it takes, what is given up while waiting, carts left, tasks completed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..engine.quoting import ident
from ..errors import ModelError
from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..results.thresholds import MINIMUM_GROUP
from .durations import quantiles
from .needs import has, need
from .sums import mean, share, sums_of, sums_within

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.tables import Tables

# Upper limits of waiting in seconds, not included, and their words.
WAITING = (
    (30, "under 30 seconds"),
    (60, "30 to 60 seconds"),
    (180, "1 to 3 minutes"),
    (600, "3 to 10 minutes"),
    (None, "over 10 minutes"),
)


@dataclass(frozen=True, repr=False)
class Service(TidyMixin):
    """Figures of service.

    Attributes
    ----------
    figures
        One estimate each; ``group`` names the part it is of.
    notes
        What was left out, or which column is missing for what.
    """

    figures: tuple[Estimate, ...]
    notes: tuple[str, ...] = ()

    def tidy(self) -> pd.DataFrame:
        """Return one row a figure, with its unit."""
        table = tidy_table(self.figures)
        table["unit"] = [one.unit for one in self.figures]
        return table


def last_moment(tables: Tables, role: str, *columns: str) -> str:
    """Return the SQL of the last moment at which a table knows anything, as one row ``last``.

    What is not over by then has lasted until then.
    """
    moments = " UNION ALL ".join(
        f"SELECT max({column}) AS m FROM {tables.relation(role)}"
        for column in columns
        if has(tables, role, column)
    )
    until = tables.study.complete_until
    if until is None:
        return f"SELECT max(m) AS last FROM ({moments}) AS m"
    return f"SELECT TIMESTAMP '{until}' + INTERVAL 1 DAY AS last"


def service_times(tables: Tables, *, by: str = "") -> Service:
    """Return how long tickets take: first response, resolution, from the need to its solution.

    Tickets not resolved yet are not dropped: they count as longer than they have lasted.

    Parameters
    ----------
    by
        A column of tickets, such as ``channel``, to look at apart.

    Raises
    ------
    ModelError
        Tickets are not declared with one of these times.
    """
    need(tables, "tickets", "opened_at", *filter(None, [by]))
    tables = tables.own_session()
    solved = "resolved = 0" if has(tables, "tickets", "resolved") else "false"
    kinds = (
        ("first_response_time", "opened_at", "first_response_at", "false"),
        ("resolution_time", "opened_at", "resolved_at", "false"),
        ("time_to_solution", "began_at", "resolved_at", solved),
    )
    figures: list[Estimate] = []
    notes = []
    for name, begin, end, unsolved in kinds:
        title = name.replace("_", " ")
        if not has(tables, "tickets", begin, end):
            notes.append(f"{title}: needs {begin} and {end} of [tables.tickets].")
            continue
        timed, wrong = _timed(tables, by, begin, end, unsolved)
        if wrong:
            notes.append(f"{title}: tickets that end before they begin, left out: {wrong:,}.")
        found = quantiles(tables, timed, name, "ticket")
        large = {part: made for part, made in found.items() if made[0].n >= MINIMUM_GROUP}
        figures += [one for part in sorted(large) for one in large[part]]
        if few := len(found) - len(large):
            notes.append(f"{title}: parts of fewer than {MINIMUM_GROUP} tickets, left out: {few}.")
    if not figures:
        raise ModelError(
            "[tables.tickets] tells no time of service",
            f"first_response_at or resolved_at of {MINIMUM_GROUP} tickets is needed",
            'Add resolved_at = "name of the column"',
        )
    return Service(tuple(figures), tuple(notes))


def _timed(tables: Tables, by: str, begin: str, end: str, unsolved: str) -> tuple[str, int]:
    """Return the SQL of the times of tickets, and how many end before they begin."""
    relation = tables.relation("tickets")
    moments = ("opened_at", "first_response_at", "resolved_at", "began_at")
    part = f"coalesce(CAST({ident(by)} AS VARCHAR), 'unknown')" if by else "''"
    [(wrong,)] = tables.engine.fetch(f"SELECT count(*) FROM {relation} WHERE {end} < {begin}")
    timed = f"""
        SELECT {part} AS part, customer AS unit,
               CASE WHEN {end} IS NULL OR {unsolved} THEN 0 ELSE 1 END AS seen,
               date_diff('second', {begin}, coalesce({end}, l.last)) AS seconds
        FROM {relation} AS t CROSS JOIN ({last_moment(tables, "tickets", *moments)}) AS l
        WHERE {begin} IS NOT NULL"""
    return timed, int(wrong)


def call_abandonment(tables: Tables) -> Service:
    """Return the share of calls given up while waiting, by how long they waited, and patience.

    Patience is the time by which half of the callers would have given up if none had been
    answered: calls that were answered count as patient for longer than they waited. The share by
    waiting time is of calls whose waiting ended then.

    Raises
    ------
    ModelError
        Calls are not declared with ``waited_seconds`` and ``abandoned``.
    """
    relation = need(tables, "calls", "customer", "waited_seconds", "abandoned")
    tables = tables.own_session()
    known = f"(SELECT * FROM {relation} WHERE abandoned IS NOT NULL AND waited_seconds >= 0) AS c"
    what = "calls given up while waiting"
    figures = [*_shares(tables, "''", "abandoned", known, "call_abandonment", "calls", what)]
    limits = " ".join(
        f"WHEN waited_seconds < {limit} THEN '{k}'" if limit else f"ELSE '{k}'"
        for k, (limit, _) in enumerate(WAITING)
    )
    for one in _shares(
        tables, f"CASE {limits} END", "abandoned", known, "call_abandonment", "calls", what
    ):
        label = WAITING[int(one.group)][1]
        figures.append(
            replace(one, name=f"call_abandonment.{label}", term=f"waited {label}", group=label)
        )
    rows = f"""
        SELECT '' AS part, customer AS unit, abandoned AS seen, waited_seconds AS seconds
        FROM {known}"""
    figures += quantiles(tables, rows, "patience", "call", "minutes").get("", ())
    notes = ["Resolved at the call: needs resolved of [tables.calls]."]
    if has(tables, "calls", "resolved"):
        answered = f"(SELECT * FROM {known} WHERE abandoned = 0 AND resolved IS NOT NULL) AS a"
        what = "answered calls that resolved it"
        figures += _shares(tables, "''", "resolved", answered, "call_resolved", "calls", what)
        notes = []
    return Service(tuple(figures), tuple(notes))


def cart_abandonment(tables: Tables, *, hours: int = 24) -> Service:
    """Return the share of carts that were not bought, of their value, and the reasons.

    Parameters
    ----------
    hours
        Carts younger than this at the last moment known are not judged yet.

    Raises
    ------
    ModelError
        Carts are not declared with ``created_at`` and ``bought_at``, or none can be judged.
    """
    relation = need(tables, "carts", "customer", "created_at", "bought_at")
    tables = tables.own_session()
    last = last_moment(tables, "carts", "created_at", "bought_at")
    young = f"bought_at IS NULL AND created_at + INTERVAL {hours} HOUR > l.last"
    source = f"{relation} AS t CROSS JOIN ({last}) AS l"
    carts = f"""(SELECT t.*, CASE WHEN bought_at IS NULL THEN 1 ELSE 0 END AS abandoned
        FROM {source} WHERE NOT ({young})) AS c"""
    what = "carts without a purchase"
    figures = [*_shares(tables, "''", "abandoned", carts, "cart_abandonment", "carts", what)]
    notes = []
    [(left,)] = tables.engine.fetch(f"SELECT count(*) FROM {source} WHERE {young}")
    if left:
        notes.append(f"Carts younger than {hours} hours, not judged yet: {left:,}.")
    if has(tables, "carts", "value"):
        rows = "SELECT '' AS part, customer AS unit, abandoned * value AS x, value AS y FROM "
        for one in sums_of(tables, rows + carts).values():
            what = "value of carts without a purchase over that of all carts"
            figures.append(mean(one, "cart_value_abandoned", "share of value", what))
    else:
        notes.append("Value left: needs value of [tables.carts].")
    if has(tables, "carts", "reason"):
        figures += _reasons(tables, f"SELECT * FROM {carts} WHERE abandoned = 1")
    else:
        notes.append("Reasons: needs reason of [tables.carts].")
    return Service(tuple(figures), tuple(notes))


def task_completion(tables: Tables) -> Service:
    """Return the share of tasks completed, and completed in the time expected, all and each.

    Raises
    ------
    ModelError
        Tasks are not declared with ``started_at`` and ``completed_at``.
    """
    relation = need(tables, "tasks", "customer", "started_at", "completed_at")
    tables = tables.own_session()
    kinds = [("task_completion", "completed_at IS NOT NULL", "true", "tasks completed")]
    notes = []
    if has(tables, "tasks", "expected_seconds"):
        seconds = "date_diff('second', started_at, completed_at)"
        done = f"completed_at IS NOT NULL AND {seconds} <= expected_seconds"
        what = "tasks completed in the time expected"
        kinds.append(("task_completion_in_time", done, "expected_seconds IS NOT NULL", what))
    else:
        notes.append("In the time expected: needs expected_seconds of [tables.tasks].")
    figures: list[Estimate] = []
    for name, done, known, what in kinds:
        tasks = f"""(SELECT *, CASE WHEN {done} THEN 1 ELSE 0 END AS done
            FROM {relation} WHERE {known}) AS t"""
        parts = ["''", "task"] if has(tables, "tasks", "task") else ["''"]
        for part in parts:
            figures += _shares(tables, part, "done", tasks, name, "tasks", what)
    return Service(tuple(figures), tuple(notes))


def _shares(
    tables: Tables, part: str, flag: str, source: str, name: str, of: str, what: str
) -> Iterator[Estimate]:
    """Yield the share of rows with a flag, of each part with 30 rows; of all if it is ``''``."""
    rows = f"SELECT {part} AS part, customer AS unit, {flag} AS x, 1 AS y FROM {source}"
    found = sums_of(tables, f"SELECT * FROM ({rows}) AS p WHERE part IS NOT NULL")
    if part == "''" and (not found or found[""].rows < MINIMUM_GROUP):
        raise ModelError(
            f"fewer than {MINIMUM_GROUP} {of} can be judged",
            f"a share of {what} is not shown of so few",
        )
    for key, one in found.items():
        if one.rows >= MINIMUM_GROUP:
            full = f"{name}.{key}" if key else name
            yield replace(share(one, full, f"share of {of}", what, key or what), group=key)


def _reasons(tables: Tables, carts: str) -> Iterator[Estimate]:
    """Yield the share of each reason among abandoned carts that have one."""
    rows = f"""
        SELECT '' AS whole, customer AS unit, CAST(reason AS VARCHAR) AS reason
        FROM ({carts}) AS r WHERE reason IS NOT NULL"""
    for (_, reason), one in sums_within(tables, rows, ["whole"], "reason").items():
        name = f"cart_reason.{reason}"
        what = "abandoned carts with a reason that have this one"
        yield replace(share(one, name, "share of carts", what, reason), group=reason)
