"""The SQL steps that find out who was invited, who answered, and what came before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..engine.quoting import ident, text
from ..panel.events import EVENTS, past_columns
from ..panel.replies import answer_days, replies

if TYPE_CHECKING:
    from ..reading.tables import Tables


def invited_once(tables: Tables, quarter: str) -> str:
    """One row per customer and wave in `invited`, with whether any invitation was answered.

    The row stands for the first invitation of the wave.
    """
    where = f"WHERE wave = {text(quarter)}" if quarter else ""
    return f"""
        CREATE OR REPLACE TEMP TABLE invited AS
        WITH opening AS (
            SELECT customer, wave, min(invited_at) AS invited_at
            FROM asked {where} GROUP BY customer, wave
        ), numbered AS (
            SELECT row_number() OVER (ORDER BY customer, wave) AS invitation, * FROM opening
        ), replied AS (
            SELECT DISTINCT customer, asked_in AS wave, true AS answered
            FROM ({replies(tables, tables.relation("responses"), "row")})
        )
        SELECT invitation, i.customer, i.wave, invited_at, coalesce(answered, false) AS answered,
               CASE {" ".join(_reasons(tables))} ELSE '' END AS reason
        FROM numbered AS i
        LEFT JOIN replied ON replied.customer = i.customer AND replied.wave = i.wave"""


def _reasons(tables: Tables) -> Iterator[str]:
    study, days = tables.study, answer_days(tables.study)
    if "customers" in study.sources:
        yield (
            f"WHEN NOT EXISTS (SELECT 1 FROM {tables.relation('customers')} AS c "
            "WHERE c.customer = i.customer) THEN 'of customers who are not in the customers table'"
        )
    yield (
        f"WHEN invited_at::DATE + {days} > DATE '{study.complete_until}' "
        f"THEN 'with less than {days} days to answer by {study.complete_until}'"
    )
    if study.complete_from:
        yield (
            f"WHEN invited_at - INTERVAL {study.baseline_days} DAY < DATE '{study.complete_from}' "
            f"THEN 'with a baseline that begins before {study.complete_from}'"
        )
    if study.churn == "cancelled":
        dates = {("invitations", "invited_at"), ("subscriptions", "cancelled_at")}
        day = "date_trunc('day', {})" if dates & tables.date_only else "{}"
        later = f"{day.format('s.cancelled_at')} > {day.format('invited_at')}"
        yield (
            "WHEN NOT EXISTS (SELECT 1 FROM spells AS s WHERE s.customer = i.customer "
            f"AND s.started_at <= invited_at AND (s.cancelled_at IS NULL OR {later})) "
            "THEN 'of customers without an active subscription'"
        )


def baselines(tables: Tables, role: str) -> str:
    """Sum up what an event table holds before each invitation, in `<role>_baselines`.

    Where either date carries no time of day, the day of the invitation is left out.
    """
    at, measures = EVENTS[role]
    day = {("invitations", "invited_at"), (role, at)} & tables.date_only
    event, undone, invited = (
        f"date_trunc('day', {time})" if day else time
        for time in (f"e.{at}", "e.undone_at", "i.invited_at")
    )
    stands = f"coalesce({undone} >= {invited}, true)"
    columns = [
        f"{measure.format(stands=stands)} AS {name}_before" for name, measure in measures.items()
    ]
    begin = f"{invited} - INTERVAL {tables.study.baseline_days} DAY"
    return f"""
        CREATE OR REPLACE TEMP TABLE {role}_baselines AS
        SELECT i.invitation, {", ".join(columns)}
        FROM invited AS i JOIN {tables.relation(role)} AS e
          ON e.customer = i.customer AND {event} >= {begin} AND {event} < {invited}
        WHERE i.reason = '' GROUP BY i.invitation"""


def population(tables: Tables, attributes: list[str]) -> str:
    """Select everyone invited with baselines, zero where nothing happened, and attributes."""
    roles = [role for role in EVENTS if role in tables.study.sources]
    columns = [column for past in past_columns(tables, "invited_at").values() for column in past]
    columns += ["c." + ident(f"attr_{name}") for name in attributes]
    joins = [f"LEFT JOIN {role}_baselines USING (invitation)" for role in roles]
    if attributes:
        joins.append(f"LEFT JOIN {tables.relation('customers')} AS c ON c.customer = i.customer")
    return f"""
        SELECT {", ".join(["invitation", "i.customer", "i.answered", *columns])}
        FROM invited AS i {" ".join(joins)}
        WHERE i.reason = '' ORDER BY invitation"""


def answers_of_invited(tables: Tables) -> str:
    """Find the invitation that each answer of the panel (`answered`) replies to."""
    return f"""
        SELECT response, invitation
        FROM ({replies(tables, "answered", "response")}) AS r
        JOIN invited AS i ON i.customer = r.customer AND i.wave = r.asked_in
        WHERE i.reason = ''"""
