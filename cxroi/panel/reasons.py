"""Reasons: why an answer is not used, in the ledger's words; of several the first counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..study.declared import Study

UNKNOWN = "by a customer who is not in the customers table"
NO_SUBSCRIPTION = "by a customer without a subscription"
IMMATURE = "immature: its outcome window"
NO_BASELINE = "its baseline"
BEFORE_START = "given before the subscription began"
AFTER_CHURN = "given after the customer had churned"
# How a reason begins -> the step of the funnel that it is lost at, and the reason in short.
LOST_AT: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        UNKNOWN: ("matched", "customer not in the customers table"),
        NO_SUBSCRIPTION: ("matched", "customer without a subscription"),
        IMMATURE: ("mature", "too recent"),
        NO_BASELINE: ("used", "too early: what came before is not known"),
        BEFORE_START: ("used", "given before the subscription began"),
        AFTER_CHURN: ("used", "given after the customer had left"),
    }
)


def reasons(study: Study) -> Iterator[str]:
    """Yield the SQL of each reason of a study, to follow CASE: who comes before when."""
    days = study.outcome_days
    if "customers" in study.sources:
        yield f"WHEN known IS NULL THEN '{UNKNOWN}'"
    if study.churn == "cancelled":
        yield f"WHEN state.first_start IS NULL THEN '{NO_SUBSCRIPTION}'"
    yield (
        f"WHEN answered_at::DATE + {days} > DATE '{study.complete_until}' "
        f"THEN '{IMMATURE} of {days} days ends after {study.complete_until}'"
    )
    if study.complete_from:
        yield (
            f"WHEN answered_at - INTERVAL {study.baseline_days} DAY < "
            f"DATE '{study.complete_from}' THEN '{NO_BASELINE} of {study.baseline_days} days "
            f"begins before {study.complete_from}'"
        )
    if study.churn == "cancelled":
        yield f"WHEN state.first_start > answered_at THEN '{BEFORE_START}'"
        yield f"WHEN NOT state.active THEN '{AFTER_CHURN}'"
