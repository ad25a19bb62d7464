"""The catalogue of all exports, and which of them a header belongs to."""

from __future__ import annotations

from collections.abc import Collection

from . import (
    chargebee,
    delighted,
    google_forms,
    hubspot,
    intercom,
    qualtrics,
    salesforce,
    shopify,
    stripe,
    surveymonkey,
    typeform,
    woocommerce,
    zendesk,
)
from .export import Export

VENDORS = (
    chargebee,
    delighted,
    google_forms,
    hubspot,
    intercom,
    qualtrics,
    salesforce,
    shopify,
    stripe,
    surveymonkey,
    typeform,
    woocommerce,
    zendesk,
)
EXPORTS: tuple[Export, ...] = tuple(export for vendor in VENDORS for export in vendor.EXPORTS)


def recognise(names: Collection[str]) -> Export | None:
    """Return the export that has columns of these names, the most particular of several.

    Examples
    --------
    >>> recognise(["Name", "Email", "Financial Status", "Total", "Created at"]).name
    'Shopify, orders'
    >>> recognise(["customer_id", "score"]) is None
    True
    """
    fitting = [export for export in EXPORTS if export.fits(names)]
    return max(fitting, key=lambda export: len(export.headers), default=None)
