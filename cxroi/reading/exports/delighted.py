"""Delighted: one row an answer, with score, comment and the properties of the person.

Layout: tap_delighted/schemas/survey_responses.json and people.json of
github.com/singer-io/tap-delighted; app.delighted.com/docs/api/listing-survey-responses.
"""

from __future__ import annotations

from .export import Export

_WHO = ("customer_id", "person_email", "Person Email", "Email", "email", "person", "Person ID")
_WHEN = ("created_at", "Created at", "Responded at", "Response Date", "updated_at")
EXPORTS = tuple(
    Export(
        name="Delighted, survey responses",
        role="responses",
        headers=headers,
        columns={
            "customer": _WHO,
            "score": ("score", "Score"),
            "answered_at": _WHEN,
            "comment": ("comment", "Comment"),
        },
        one_of=("survey_type", "Survey Type"),
    )
    for headers in (
        ("score", "comment", "permalink"),
        ("score", "comment", "survey_type"),
        ("score", "comment", "survey type"),
    )
)
