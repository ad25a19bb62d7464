"""WooCommerce: one row an order, with its status; by the API, or by the export extensions.

Layout: woocommerce.github.io/woocommerce-rest-api-docs, "Order properties" (status: pending,
processing, on-hold, completed, cancelled, refunded, failed, trash); woocommerce.com/document/
ordercustomer-csv-export.
"""

from __future__ import annotations

from .export import Export

_OPEN = ("pending", "on-hold", "cancelled", "refunded", "failed", "trash", "checkout-draft")
_LOST = (*_OPEN, *(f"wc-{status}" for status in _OPEN))
EXPORTS = tuple(
    Export(
        name="WooCommerce, orders",
        role="orders",
        headers=headers,
        columns={
            "customer": ("billing_email", "customer_email", "customer_id", "customer_user"),
            "ordered_at": ("order_date", "date_created", "date_created_gmt", "date"),
            "amount": ("order_total", "total"),
            "id": ("order_number", "order_id", "number", "id"),
            "currency": ("order_currency", "currency"),
        },
        drop={"status": _LOST},
        notes=("The customer 0 is a guest: the e-mail tells guests apart.",),
    )
    for headers in (
        ("order_total", "status", "billing_email"),
        ("order_total", "status", "customer_email"),
        ("total", "status", "date_created", "customer_id"),
        ("total", "status", "date_created", "billing_email"),
    )
)
