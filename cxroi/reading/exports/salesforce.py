"""Salesforce: accounts, cases, opportunities; ids have 15 characters, or 18 with a checksum.

Layout: integration_tests/seeds/sf_account_data.csv and sf_opportunity_data.csv of
github.com/fivetran/dbt_salesforce; developer.salesforce.com, "Object Reference" (Account, Case,
Opportunity).
"""

from __future__ import annotations

from .export import Export

EXPORTS = (
    *(
        Export(
            name="Salesforce, cases",
            role="contacts",
            headers=headers,
            columns={
                "customer": ("AccountId", "account_id", "ContactId", "contact_id"),
                "opened_at": ("CreatedDate", "created_date"),
            },
        )
        for headers in (("casenumber", "createddate"), ("case_number", "created_date"))
    ),
    *(
        Export(
            name="Salesforce, opportunities",
            role="orders",
            headers=headers,
            columns={
                "customer": ("AccountId", "account_id"),
                "ordered_at": ("CloseDate", "close_date"),
                "amount": ("Amount", "amount"),
                "id": ("Id", "id"),
            },
            keep={headers[1]: ("true",)},
            notes=("Opportunities that are not won are no orders.",),
        )
        for headers in (("stagename", "iswon", "closedate"), ("stage_name", "is_won", "close_date"))
    ),
    *(
        Export(
            name="Salesforce, accounts",
            role="customers",
            headers=headers,
            columns={"customer": ("Id", "id")},
        )
        for headers in (
            ("id", "isdeleted", "billingcountry"),
            ("id", "is_deleted", "billing_country"),
        )
    ),
)
