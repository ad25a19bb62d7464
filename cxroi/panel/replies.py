"""Replies: which answer is the reply to which invitation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..reading.waves import wave_of

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from ..study.declared import Study

ANSWER_DAYS = 90


def answer_days(study: Study) -> int:
    """Days within which an answer replies to an invitation.

    No longer than the outcome window: so every answer that is mature replies to an invitation
    whose days are over, and none is lost to that rule.
    """
    return min(ANSWER_DAYS, study.outcome_days)


def invitations_dated(tables: Tables) -> str:
    """Put every invitation with a date into `asked`; as a day where answers or it have no time."""
    wave = wave_of(tables.study, "invitations", "invited_at")
    return f"""
        CREATE OR REPLACE TEMP TABLE asked AS
        SELECT customer, invited_at, {_moment(tables, "invited_at")} AS moment, {wave} AS wave
        FROM {tables.relation("invitations")} WHERE invited_at IS NOT NULL"""


def _moment(tables: Tables, column: str) -> str:
    dates = {("invitations", "invited_at"), ("responses", "answered_at")}
    return f"date_trunc('day', {column})" if dates & tables.date_only else column


def replies(tables: Tables, source: str, key: str) -> str:
    """Find the wave of the invitation that each answer replies to: the last before it.

    An answer that comes too late for it is left out. `key` tells the answers of `source` apart.
    """
    return f"""
        SELECT r.*, reply.asked_in
        FROM (SELECT *, {_moment(tables, "answered_at")} AS moment FROM {source}) AS r
        JOIN ({asked_in(tables, source, key)}) AS reply USING ({key})"""


def asked_in(tables: Tables, source: str, key: str) -> str:
    """Find the same as `replies`: the `key` and ``customer`` of each answer, and ``asked_in``."""
    moment = _moment(tables, "answered_at")
    return f"""
        SELECT s.{key}, s.customer, max_by(asked.wave, asked.moment) AS asked_in
        FROM (SELECT {key}, customer, {moment} AS moment FROM {source}) AS s
        JOIN asked ON asked.customer = s.customer AND asked.moment <= s.moment
         AND s.moment <= asked.moment + INTERVAL {answer_days(tables.study)} DAY
        GROUP BY s.{key}, s.customer"""
