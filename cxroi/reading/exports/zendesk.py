"""Zendesk: satisfaction ratings good and bad, of which ``offered`` is an invitation; tickets.

Layout: integration_tests/data/satisfaction_rating_data.csv and seeds/ticket_data.csv of
github.com/fivetran/dbt_zendesk; developer.zendesk.com, "Satisfaction Ratings" (score: offered,
unoffered, good, bad, each with or without a comment).
"""

from __future__ import annotations

from .export import Export

_ANSWERS = {"good": 1, "good_with_comment": 1, "bad": 0, "bad_with_comment": 0}
EXPORTS = (
    Export(
        name="Zendesk, satisfaction ratings",
        role="responses",
        headers=("requester_id", "ticket_id", "score", "assignee_id"),
        columns={
            "customer": ("requester_id",),
            "score": ("score",),
            "answered_at": ("updated_at", "created_at"),
            "comment": ("comment",),
        },
        keep={"score": tuple(_ANSWERS)},
        scale={"kind": "custom", "metric": "good ratings", "answers": _ANSWERS},
        also={"invitations": {"customer": ("requester_id",), "invited_at": ("created_at",)}},
        notes=("'offered' is an invitation that was not answered, no answer.",),
    ),
    Export(
        name="Zendesk, tickets",
        role="contacts",
        headers=("requester_id", "submitter_id", "created_at", "subject"),
        columns={"customer": ("requester_id",), "opened_at": ("created_at",)},
        drop={"status": ("deleted",)},
    ),
)
