"""Answers that were given before the customer was invited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..results.formats import percent

if TYPE_CHECKING:
    from ..reading.ledger import Ledger
    from ..reading.tables import Tables

_SOON = 7  # days after an answer in which its own invitation cannot come
_PAST = 90  # days before an answer in which an invitation explains it
_FEW, _MANY = 10, 0.02  # answers, and share of them, from which on a reader is told


def warn_of_early_answers(tables: Tables, ledger: Ledger) -> Ledger:
    """Warn of answers that an invitation follows within days, and none precedes."""
    source = tables.study.sources.get("invitations")
    if not source or "invited_at" not in source.columns:
        return ledger
    dates = {("invitations", "invited_at"), ("responses", "answered_at")} & tables.date_only
    asked, answered = (
        f"date_trunc('day', {at})" if dates else at for at in ("i.invited_at", "v.answered_at")
    )
    [(answers, early)] = tables.engine.fetch(
        "SELECT count(*), sum(CASE WHEN after > 0 AND before = 0 THEN 1 ELSE 0 END) FROM ("
        f"SELECT v.response, sum(CASE WHEN {asked} > {answered} THEN 1 ELSE 0 END) AS after, "
        f"sum(CASE WHEN {asked} <= {answered} THEN 1 ELSE 0 END) AS before "
        f"FROM valid AS v JOIN {tables.relation('invitations')} AS i ON i.customer = v.customer "
        f"AND {asked} <= {answered} + INTERVAL {_SOON} DAY "
        f"AND {asked} >= {answered} - INTERVAL {_PAST} DAY GROUP BY v.response) AS near"
    )
    early = int(early or 0)
    if early < max(_FEW, _MANY * answers):
        return ledger
    reason = (
        f"{early:,} of {answers:,} answers ({percent(early / answers)}) by customers who were "
        f"invited were given before the invitation, up to {_SOON} days: they reply to none. Are "
        "both times of one clock, and is invited_at the day of the first invitation?"
    )
    return ledger.add("responses", "warning", early, reason)
