"""One stream of what each customer did, from whichever tables are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.quoting import text
from ..errors import ModelError
from .needs import has
from .scores import answers

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from ..study.scores import DeclaredScore

# Role -> column of the moment, name of the step, and the column that names it more closely.
TOUCHPOINTS = {
    "invitations": ("invited_at", "invitation", ""),
    "responses": ("answered_at", "answer", ""),
    "ratings": ("answered_at", "rating", ""),
    "page_views": ("viewed_at", "page view", "kind"),
    "events": ("happened_at", "event", "event"),
    "carts": ("created_at", "cart", ""),
    "orders": ("ordered_at", "order", ""),
    "returns": ("returned_at", "return", ""),
    "contacts": ("opened_at", "contact", ""),
    "calls": ("called_at", "call", ""),
    "tickets": ("opened_at", "ticket", ""),
    "mentions": ("mentioned_at", "mention", ""),
}
# A contact that is a ticket or call too, and ratings given with an answer, stand in two tables:
# at the same moment that of the key is left out.
SAME = {
    "contacts": (("tickets", "opened_at"), ("calls", "called_at")),
    "ratings": (("responses", "answered_at"),),
}
STEPS = "journey_steps"


def stream(tables: Tables) -> tuple[str, tuple[str, ...]]:
    """Return the SQL of all steps and the roles that they come from.

    Rows are ``customer, moment, role, row, step``; of the same moment they are in the order of
    `TOUCHPOINTS`, then of their table.

    Raises
    ------
    ModelError
        No table of `TOUCHPOINTS` is declared with its moment.
    """
    parts, roles = [], []
    for place, (role, (moment, name, detail)) in enumerate(TOUCHPOINTS.items()):
        if not has(tables, role, "customer", moment):
            continue
        more = detail and has(tables, role, detail)
        step = f"coalesce({detail}, {text(name)})" if more else text(name)
        joins, once = _once(tables, role, moment)
        parts.append(
            f"SELECT s.customer, s.{moment} AS moment, {place} AS role, s.row, {step} AS step "
            f"FROM {tables.relation(role)} AS s{joins} "
            f"WHERE s.{moment} IS NOT NULL AND s.customer IS NOT NULL{once}"
        )
        roles.append(role)
    if not parts:
        raise ModelError(
            "the study has no dated table of what customers do",
            "paths need one of " + ", ".join(TOUCHPOINTS),
            "Declare one",
        )
    return " UNION ALL ".join(parts), tuple(roles)


def _once(tables: Tables, role: str, moment: str) -> tuple[str, str]:
    """Return joins and conditions that leave out what stands in another table too."""
    joins = once = ""
    for k, (other, at) in enumerate(SAME.get(role, ())):
        if has(tables, other, "customer", at):
            there = f"SELECT DISTINCT customer, {at} AS moment FROM {tables.relation(other)}"
            joins += f" LEFT JOIN ({there}) AS o{k}"
            joins += f" ON o{k}.customer = s.customer AND o{k}.moment = s.{moment}"
            once += f" AND o{k}.moment IS NULL"
    return joins, once


def split_by_pauses(rows: str, minutes: float) -> str:
    """Return the steps with the number of the journey: one begins after a longer pause."""
    order = "PARTITION BY customer ORDER BY moment, role, row"
    before = f"lag(moment) OVER ({order})"
    pause = f"date_diff('second', {before}, moment) > {round(60 * minutes)}"
    begins = f"CASE WHEN {before} IS NULL OR {pause} THEN 1 ELSE 0 END"
    return f"""
        SELECT customer, moment, role, row, step, '' AS grp, sum(begins) OVER ({order}
               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS path
        FROM (SELECT *, {begins} AS begins FROM ({rows}) AS s) AS b"""


def before_answers(tables: Tables, rows: str, score: DeclaredScore, days: int) -> str:
    """Return the steps of so many days before each answer, a journey an answer, with its group.

    Answers whose days begin before the first step of all are left out: theirs are not known.
    """
    labels = " ".join(
        f"WHEN {place} THEN {text(label)}" for place, label in enumerate(score.scale.labels)
    )
    asked = f"""
        SELECT customer, moment, CASE grp {labels} END AS grp, row_number() OVER
               (PARTITION BY customer ORDER BY moment, score) AS path
        FROM ({answers(tables, score)}) AS a"""
    first = f"SELECT min(moment) AS first FROM ({rows}) AS f"
    return f"""
        SELECT a.customer, s.moment, s.role, s.row, s.step, a.grp, a.path
        FROM ({asked}) AS a JOIN ({rows}) AS s ON s.customer = a.customer AND s.moment < a.moment
             AND s.moment >= a.moment - INTERVAL {days} DAY
        CROSS JOIN ({first}) AS f WHERE a.moment - INTERVAL {days} DAY >= f.first"""


def keep_steps(tables: Tables, rows: str) -> None:
    """Put journeys into the table `STEPS`, with repeats of a step taken as one.

    Columns ``unit, path, grp, place, moment, step``, and ``next_step`` and ``next_moment`` of the
    step that follows in the same journey; the moment of a repeated step is its first.
    """
    order = "PARTITION BY customer, path ORDER BY moment, role, row"
    runs = f"SELECT *, lag(step) OVER ({order}) AS previous FROM ({rows}) AS j"
    tables.engine.execute(f"""
        CREATE OR REPLACE TEMP TABLE {STEPS} AS
        SELECT customer AS unit, path, grp, moment, step, row_number() OVER ({order}) AS place,
               lead(step) OVER ({order}) AS next_step, lead(moment) OVER ({order}) AS next_moment
        FROM ({runs}) AS r WHERE previous IS DISTINCT FROM step""")
