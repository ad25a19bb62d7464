"""Intercom: conversations, some of them rated from 1 to 5.

Layout: integration_tests/seeds/conversation_history_data.csv of github.com/fivetran/dbt_intercom
(one row each time a conversation changed); developers.intercom.com, "Conversations".
"""

from __future__ import annotations

from .export import Export

_WHO = ("contact_id", "source_author_id", "user_id", "email")
EXPORTS = (
    Export(
        name="Intercom, conversations with ratings",
        role="responses",
        headers=("conversation_rating_value", "conversation_rating_created_at"),
        columns={
            "customer": _WHO,
            "score": ("conversation_rating_value",),
            "answered_at": ("conversation_rating_created_at",),
            "comment": ("conversation_rating_remark",),
        },
        scale={"kind": "csat"},
        also={"contacts": {"customer": _WHO, "opened_at": ("created_at",)}},
        notes=("A history holds a row for each change of a conversation: keep the latest alone.",),
    ),
)
