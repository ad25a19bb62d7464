"""Shopify: orders with one row a line, of which the first alone holds total and status; customers.

An order has its total, currency and financial status in its first row; the rows below it, of the
same ``Name``, hold one more line of goods each. ``Total`` is what was paid before refunds.

Layout: the header of the orders export as help.shopify.com/en/manual/fulfillment/managing-orders/
exporting-orders lists it; integration_tests/seeds of github.com/fivetran/dbt_shopify for the API.
"""

from __future__ import annotations

from .export import Export

_UNPAID = ("voided", "refunded", "pending", "authorized", "expired")
EXPORTS = (
    Export(
        name="Shopify, orders",
        role="orders",
        headers=("name", "email", "financial status", "total", "created at"),
        columns={
            "customer": ("Email", "Customer ID"),
            "ordered_at": ("Created at", "Paid at"),
            "amount": ("Total",),
            "id": ("Name",),
            "currency": ("Currency",),
        },
        drop={"Financial Status": (*_UNPAID, "")},
        refunded=("Refunded Amount",),
        notes=(
            "Total and status stand in the first line of an order alone: the others are left out.",
            "Total is before refunds: a partly refunded order counts in full.",
        ),
    ),
    Export(
        name="Shopify, abandoned checkouts",
        role="",
        headers=("abandoned_checkout_url",),
        notes=("An abandoned checkout is no order.",),
    ),
    Export(
        name="Shopify, orders by the API",
        role="orders",
        headers=("financial_status", "total_price", "created_at"),
        columns={
            "customer": ("customer_id", "email"),
            "ordered_at": ("created_at", "processed_at"),
            "amount": ("total_price",),
            "id": ("id", "name"),
            "currency": ("currency",),
        },
        drop={"financial_status": _UNPAID},
        notes=("total_price is before refunds.",),
    ),
    Export(
        name="Shopify, customers",
        role="customers",
        headers=("first name", "email", "total spent", "total orders"),
        columns={"customer": ("Email", "Customer ID")},
    ),
)
