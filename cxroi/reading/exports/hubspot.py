"""HubSpot: feedback submissions (NPS, CSAT, CES), tickets, deals, as exported or by the API.

Layout: integration_tests/seeds/ticket_data.csv and deal_data.csv of
github.com/fivetran/dbt_hubspot; developers.hubspot.com, "Feedback submissions" (hs_value,
hs_submission_timestamp, hs_survey_type).
"""

from __future__ import annotations

from .export import Export

_WHO = ("hs_contact_id", "hs_contact_email_rollup", "Contact ID", "Email", "email")
EXPORTS = (
    Export(
        name="HubSpot, feedback submissions",
        role="responses",
        headers=("hs_value", "hs_submission_timestamp"),
        columns={
            "customer": _WHO,
            "score": ("hs_value",),
            "answered_at": ("hs_submission_timestamp",),
            "comment": ("hs_content",),
        },
        one_of=("hs_survey_type",),
    ),
    Export(
        name="HubSpot, tickets",
        role="contacts",
        headers=("ticket id", "ticket name", "create date"),
        columns={
            "customer": ("Associated Contact IDs", "Associated Contact", "Email"),
            "opened_at": ("Create date",),
        },
    ),
    Export(
        name="HubSpot, deals",
        role="orders",
        headers=("deal name", "deal stage", "close date", "amount"),
        columns={
            "customer": ("Associated Company IDs", "Associated Contact IDs", "Associated Company"),
            "ordered_at": ("Close Date",),
            "amount": ("Amount",),
        },
        keep={"Deal Stage": ("closedwon", "Closed won", "Closed Won")},
        notes=("Deals that are open or lost are no orders: keep the stages that are won.",),
    ),
)
