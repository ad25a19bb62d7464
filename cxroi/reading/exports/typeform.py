"""Typeform: a token, the questions, hidden fields, and from when to when it was answered, in UTC.

Layout: exports quoted in public code with ``#``, questions, ``Response Type``, ``Start Date
(UTC)``, ``Stage Date (UTC)``, ``Submit Date (UTC)``, ``Network ID``, ``Tags``; help.typeform.com,
"Export your results".
"""

from __future__ import annotations

from .export import Export

EXPORTS = (
    Export(
        name="Typeform, responses",
        role="responses",
        headers=("#", "start date (utc)", "submit date (utc)", "network id"),
        columns={"answered_at": ("Submit Date (UTC)",)},
        notes=("Times are in UTC. Whoever answered is known by a hidden field or a question.",),
    ),
    Export(
        name="Typeform, responses",
        role="responses",
        headers=("start date (utc)", "submit date (utc)", "network id"),
        columns={"answered_at": ("Submit Date (UTC)",)},
        notes=("Times are in UTC. Whoever answered is known by a hidden field or a question.",),
    ),
)
