"""Chargebee: subscriptions with the date of cancellation, and monthly recurring revenue in cents.

Layout: tap_chargebee/schemas/common/subscriptions.json and invoices.json of
github.com/singer-io/tap-chargebee; apidocs.chargebee.com, "Subscriptions", "Invoices".
"""

from __future__ import annotations

from .export import Export

EXPORTS = (
    Export(
        name="Chargebee, subscriptions by the API",
        role="subscriptions",
        headers=("customer_id", "current_term_start", "billing_period", "started_at"),
        columns={
            "customer": ("customer_id",),
            "started_at": ("started_at", "created_at"),
            "cancelled_at": ("cancelled_at",),
        },
        drop={"status": ("future", "in_trial")},
        notes=("Times are seconds since 1970 by the API.",),
    ),
    Export(
        name="Chargebee, subscriptions",
        role="subscriptions",
        headers=("subscriptions.id", "customers.id", "subscriptions.started at"),
        columns={
            "customer": ("customers.id", "customers.email"),
            "started_at": ("subscriptions.started at", "subscriptions.created at"),
            "cancelled_at": ("subscriptions.cancelled at",),
        },
    ),
    Export(
        name="Chargebee, invoices by the API",
        role="orders",
        headers=("customer_id", "amount_paid", "total", "currency_code"),
        columns={
            "customer": ("customer_id",),
            "ordered_at": ("date", "paid_at"),
            "amount": ("amount_paid", "total"),
            "id": ("id",),
            "currency": ("currency_code",),
        },
        drop={"status": ("voided", "not_paid", "pending")},
        cents=True,
        notes=("Amounts are in cents, times seconds since 1970 by the API.",),
    ),
)
