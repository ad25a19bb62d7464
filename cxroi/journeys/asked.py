"""Invitations, each with whether it was answered, and what was known when it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ModelError
from .needs import has

if TYPE_CHECKING:
    from ..reading.tables import Tables

ASKED_DAYS = 90
REPLY_DAYS = 30  # as the metrics of response have it
ASKED = "journey_asked"
DAY = 86400
# Invitations and the answers to them.
SURVEYS = {"invitations": "responses", "rating_invitations": "ratings"}
_COLUMNS = {
    "touchpoint": "VARCHAR",
    "channel": "VARCHAR",
    "event_at": "TIMESTAMP",
    "questions": "DOUBLE",
}


def keep_asked(tables: Tables, days: int) -> int:
    """Put invitations whose days are over into `ASKED`; return how many are not over.

    An answer replies to the last invitation to its survey before it, within so many days. Columns
    ``unit, moment, replied`` (1 or 0), ``touchpoint, channel, delay`` (seconds since what is asked
    about), ``questions``, ``often`` (times asked in the 90 days before, by any survey) and
    ``unused`` (1 where a feature is asked about that the customer had not used).

    Raises
    ------
    ModelError
        No survey has dated invitations and answers.
    """
    surveys = [role for role in SURVEYS if _declared(tables, role)]
    if not surveys:
        raise ModelError(
            "the study has no [tables.invitations] with invited_at beside its answers",
            "who was asked and did not answer is not known",
            "Declare [tables.invitations] with path, customer and invited_at",
        )
    engine = tables.engine
    asked = " UNION ALL ".join(_with_replies(tables, role, days) for role in surveys)
    often = f"""
        SELECT *, count(*) OVER (PARTITION BY unit ORDER BY since
               RANGE BETWEEN {ASKED_DAYS * DAY} PRECEDING AND 1 PRECEDING) AS often
        FROM ({asked}) AS a"""
    engine.execute(f"""
        CREATE OR REPLACE TEMP TABLE {ASKED} AS
        SELECT o.*, {_unused(tables)} AS unused FROM ({often}) AS o {_first_use(tables)}
        WHERE over = 1""")
    [(left,)] = engine.fetch(f"SELECT count(*) FROM ({asked}) AS a WHERE over = 0")
    return int(left)


def known(tables: Tables, column: str) -> bool:
    """Return whether invitations to any survey have a column."""
    return any(_declared(tables, role) and has(tables, role, column) for role in SURVEYS)


def dates_alone(tables: Tables) -> bool:
    """Return whether invitations, or what they ask about, are dates without a time of day."""
    return any(
        (role, column) in tables.date_only
        for role in SURVEYS
        for column in ("invited_at", "event_at")
    )


def features_known(tables: Tables) -> bool:
    """Return whether use of features is known, and which one an invitation asks about."""
    return has(tables, "feature_use", "customer", "feature", "used_at") and known(
        tables, "touchpoint"
    )


def all_asked(tables: Tables) -> str:
    """Return the SQL of ``customer`` and ``moment`` of every invitation."""
    return " UNION ALL ".join(
        f"SELECT customer, invited_at AS moment FROM {tables.relation(role)}"
        for role in SURVEYS
        if _declared(tables, role)
    )


def _declared(tables: Tables, role: str) -> bool:
    return has(tables, role, "customer", "invited_at") and has(
        tables, SURVEYS[role], "customer", "answered_at"
    )


def _with_replies(tables: Tables, role: str, days: int) -> str:
    answers = SURVEYS[role]
    moment, answer = "invited_at", "answered_at"
    if {(role, moment), (answers, answer)} & tables.date_only:
        moment, answer = (f"date_trunc('day', {one})" for one in (moment, answer))
    columns = ", ".join(
        name if has(tables, role, name) else f"CAST(NULL AS {kind}) AS {name}"
        for name, kind in _COLUMNS.items()
    )
    order = f"PARTITION BY customer ORDER BY {moment}, row"
    asked = f"""
        SELECT customer, row, invited_at AS sent, {moment} AS moment, {columns},
               lead({moment}) OVER ({order}) AS later
        FROM {tables.relation(role)} WHERE invited_at IS NOT NULL AND customer IS NOT NULL"""
    answered = f"SELECT customer, {answer} AS answered FROM {tables.relation(answers)}"
    replies = f"""
        SELECT DISTINCT i.row FROM ({asked}) AS i JOIN ({answered}) AS r
          ON r.customer = i.customer AND r.answered >= i.moment
         AND (i.later IS NULL OR r.answered < i.later)
         AND r.answered < i.moment + INTERVAL {days} DAY"""
    return f"""
        SELECT i.customer AS unit, i.moment, i.touchpoint, i.channel, i.questions,
               {_since_event(tables)} AS delay,
               date_diff('second', TIMESTAMP '2000-01-01', i.moment) AS since,
               CASE WHEN p.row IS NULL THEN 0 ELSE 1 END AS replied,
               CASE WHEN i.moment + INTERVAL {days} DAY <= l.last THEN 1 ELSE 0 END AS over
        FROM ({asked}) AS i CROSS JOIN ({_last(tables, answered)}) AS l
        LEFT JOIN ({replies}) AS p ON p.row = i.row"""


def _last(tables: Tables, answered: str) -> str:
    """Return the SQL of the last moment until which answers are known: not after the tables end."""
    until = tables.study.complete_until
    end = "" if until is None else f"least(max(answered), TIMESTAMP '{until}' + INTERVAL 1 DAY)"
    return f"SELECT {end or 'max(answered)'} AS last FROM ({answered}) AS m"


def _since_event(tables: Tables) -> str:
    ends = ["i.event_at", "i.sent"]
    if dates_alone(tables):
        ends = [f"date_trunc('day', {end})" for end in ends]
    return f"date_diff('second', {', '.join(ends)})"


def _unused(tables: Tables) -> str:
    if not features_known(tables):
        return "0"
    return (
        "CASE WHEN f.feature IS NOT NULL AND (u.first IS NULL OR u.first > o.moment) "
        "THEN 1 ELSE 0 END"
    )


def _first_use(tables: Tables) -> str:
    if not features_known(tables):
        return ""
    used = tables.relation("feature_use")
    return f"""
        LEFT JOIN (SELECT DISTINCT feature FROM {used}) AS f ON f.feature = o.touchpoint
        LEFT JOIN (SELECT customer, feature, min(used_at) AS first FROM {used}
                   GROUP BY customer, feature) AS u
          ON u.customer = o.unit AND u.feature = o.touchpoint"""
