"""Invitations, each with whether it was answered, and what was known when it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .needs import has, need

if TYPE_CHECKING:
    from ..reading.tables import Tables

ASKED_DAYS = 90
ASKED = "journey_asked"
DAY = 86400


def keep_asked(tables: Tables, role: str, days: int) -> int:
    """Put invitations whose days are over into `ASKED`; return how many are not over.

    Columns ``unit, moment, replied, often, unused`` and those that are declared.
    """
    invited = need(tables, "invitations", "customer", "invited_at")
    answered = need(tables, role, "customer", "answered_at")
    moment, answer = "invited_at", "answered_at"
    if {("invitations", moment), (role, answer)} & tables.date_only:
        moment, answer = (f"date_trunc('day', {one})" for one in (moment, answer))
    columns = [c for c in ("touchpoint", "channel") if has(tables, "invitations", c)]
    delay = "NULL"
    if has(tables, "invitations", "event_at"):
        delay = f"date_diff('second', event_at, {moment})"
    questions = "questions" if has(tables, "invitations", "questions") else "NULL"
    since = f"date_diff('second', TIMESTAMP '2000-01-01', {moment})"
    asked = f"""
        SELECT customer, row, {moment} AS moment, {since} AS s, {delay} AS delay,
               {questions} AS questions, {", ".join(columns) or "NULL AS no_touchpoint"},
               lead({moment}) OVER (PARTITION BY customer ORDER BY {moment}, row) AS later
        FROM {invited} WHERE invited_at IS NOT NULL AND customer IS NOT NULL"""
    often = f"""
        SELECT *, count(*) OVER (PARTITION BY customer ORDER BY s
               RANGE BETWEEN {ASKED_DAYS * DAY} PRECEDING AND 1 PRECEDING) AS often
        FROM ({asked}) AS a"""
    replies = f"""
        SELECT DISTINCT a.row FROM ({asked}) AS a
        JOIN (SELECT customer, {answer} AS answered FROM {answered}) AS r
          ON r.customer = a.customer AND r.answered >= a.moment
         AND (a.later IS NULL OR r.answered < a.later)
         AND r.answered <= a.moment + INTERVAL {days} DAY"""
    last = f"SELECT max({answer}) AS last FROM {answered}"
    over = f"moment + INTERVAL {days} DAY <= l.last"
    source = f"({often}) AS o CROSS JOIN ({last}) AS l"
    tables.engine.execute(f"""
        CREATE OR REPLACE TEMP TABLE {ASKED} AS
        SELECT o.*, o.customer AS unit, CASE WHEN p.row IS NULL THEN 0 ELSE 1 END AS replied,
               {_unused(tables)} AS unused
        FROM {source} LEFT JOIN ({replies}) AS p ON p.row = o.row
        {_first_use(tables)} WHERE {over}""")
    [(left,)] = tables.engine.fetch(f"SELECT count(*) FROM {source} WHERE NOT ({over})")
    return int(left)


def features_known(tables: Tables) -> bool:
    """Return whether use of features is known, and which one an invitation asks about."""
    return has(tables, "feature_use", "customer", "feature", "used_at") and has(
        tables, "invitations", "touchpoint"
    )


def _unused(tables: Tables) -> str:
    if not features_known(tables):
        return "0"
    return (
        "CASE WHEN known.feature IS NOT NULL AND (u.first IS NULL OR u.first > o.moment) "
        "THEN 1 ELSE 0 END"
    )


def _first_use(tables: Tables) -> str:
    if not features_known(tables):
        return ""
    used = tables.relation("feature_use")
    return f"""
        LEFT JOIN (SELECT DISTINCT feature FROM {used}) AS known ON known.feature = o.touchpoint
        LEFT JOIN (SELECT customer, feature, min(used_at) AS first FROM {used}
                   GROUP BY customer, feature) AS u
          ON u.customer = o.customer AND u.feature = o.touchpoint"""
