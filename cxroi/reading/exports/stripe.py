"""Stripe: payments as the dashboard exports them, charges in cents by the API; subscriptions.

The dashboard writes 120.00; the API and what copies it write 12000, in the smallest unit of the
currency, which in JPY or KRW is the whole one.

Layout: the header of payments.csv as several importers quote it ("id,Description,Seller
Message,Created (UTC),Amount,Amount Refunded,Currency ..."); integration_tests/seeds/
charge_data.csv and subscription_history_data.csv of github.com/fivetran/dbt_stripe.
"""

from __future__ import annotations

from .export import Export

_FAILED = (
    *("Failed", "failed", "Canceled", "canceled", "pending", "Pending", "Refunded"),
    *("requires_payment_method", "Uncaptured", "incomplete"),
)
EXPORTS = (
    *(
        Export(
            name="Stripe, payments of the dashboard",
            role="orders",
            headers=(created.casefold(), "amount", "amount refunded", "status"),
            columns={
                "customer": ("Customer ID", "Customer Email"),
                "ordered_at": (created,),
                "amount": ("Amount",),
                "id": ("id",),
                "currency": ("Currency",),
            },
            drop={"Status": _FAILED},
            refunded=("Amount Refunded",),
            notes=("Amount is before refunds. Times are in UTC.",),
        )
        for created in ("Created (UTC)", "Created date (UTC)")
    ),
    Export(
        name="Stripe, charges by the API",
        role="orders",
        headers=("amount", "amount_refunded", "balance_transaction_id", "status"),
        columns={
            "customer": ("customer_id",),
            "ordered_at": ("created",),
            "amount": ("amount",),
            "id": ("id",),
            "currency": ("currency",),
        },
        drop={"status": _FAILED},
        cents=True,
        refunded=("amount_refunded",),
        notes=("Amounts are in cents, or in the smallest unit of the currency.",),
    ),
    Export(
        name="Stripe, subscriptions by the API",
        role="subscriptions",
        headers=("customer_id", "current_period_end", "canceled_at", "status"),
        columns={
            "customer": ("customer_id",),
            "started_at": ("start_date", "created"),
            "cancelled_at": ("ended_at", "canceled_at"),
        },
        drop={"status": ("incomplete", "incomplete_expired")},
        notes=("ended_at is when it ended, canceled_at when that was asked for.",),
    ),
    Export(
        name="Stripe, subscriptions of the dashboard",
        role="subscriptions",
        headers=("customer id", "plan", "start (utc)", "canceled at (utc)"),
        columns={
            "customer": ("Customer ID", "Customer Email"),
            "started_at": ("Start (UTC)", "Start Date (UTC)", "Created (UTC)"),
            "cancelled_at": ("Ended At (UTC)", "Canceled At (UTC)"),
        },
        drop={"Status": ("incomplete", "incomplete_expired")},
    ),
)
