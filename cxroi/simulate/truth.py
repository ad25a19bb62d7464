"""What is true of a simulated company: contrasts from potential outcomes, and the ROI they give."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .worlds import GROUPS, OUTCOMES, PASSIVE, PROMOTER, Floats, World, expected

OUTCOME_DAYS = 90
DAYS_PER_MONTH = 30.4375
CURRENCY = "EUR"
FROM, TO = PASSIVE, PROMOTER
UNITS = {
    "spend": f"{CURRENCY} per customer in {OUTCOME_DAYS} days",
    "orders": f"orders per customer in {OUTCOME_DAYS} days",
    "repeat_purchase": f"share of customers in {OUTCOME_DAYS} days",
    "retained": f"share of customers in {OUTCOME_DAYS} days",
    "churned": f"share of customers in {OUTCOME_DAYS} days",
    "contacts": f"contacts per customer in {OUTCOME_DAYS} days",
    "returns": f"returns per customer in {OUTCOME_DAYS} days",
}
Means = Mapping[str, float]


@dataclass(frozen=True)
class Slice:
    """Expected outcomes of `n` responses, had they been in the from and in the to group."""

    n: int
    mean_from: Means
    mean_to: Means


@dataclass(frozen=True)
class WaveTruth:
    """What is true of one wave, or of several pooled.

    Attributes
    ----------
    used
        Responses of the from group that a panel uses.
    everyone
        Active customers in the from group, whether they answered or not.
    comparison
        Responses of the to group that a panel uses.
    from_customers
        Customers whose latest used response is in the from group.
    """

    used: Slice
    everyone: Slice
    comparison: Slice
    from_customers: int


def slice_of(world: World, x: Floats, trait: Floats) -> Slice:
    """Average the potential outcome means over the rows of `x`."""
    if not len(x):
        return Slice(0, {}, {})
    return Slice(len(x), expected(world, x, trait, FROM), expected(world, x, trait, TO))


def pool(waves: Sequence[WaveTruth], from_customers: int) -> WaveTruth:
    """Pool waves, every response with the same weight."""
    return WaveTruth(
        used=_pooled(wave.used for wave in waves),
        everyone=_pooled(wave.everyone for wave in waves),
        comparison=_pooled(wave.comparison for wave in waves),
        from_customers=from_customers,
    )


def describe(truth: WaveTruth, scenario: Means) -> dict[str, Any]:
    """Return the entries of ``truth.json`` for one wave or for all."""
    customers = truth.from_customers
    return {
        "contrasts": _contrasts(truth.used),
        "contrasts_all_customers": _contrasts(truth.everyone),
        "raw_gap": _raw_gap(truth),
        "responses_from": truth.used.n,
        "from_customers": customers,
        "roi": true_roi(truth.used, scenario, customers) if customers else None,
    }


def true_roi(used: Slice, scenario: Means, from_customers: int) -> dict[str, float]:
    """Return the ROI that the true contrasts give, read as causal in full.

    Parameters
    ----------
    used
        Expected outcomes in one outcome window, under the from and under the to group.
    scenario
        ``share_moved``, ``cost_per_moved``, ``fixed_cost``, ``gross_margin``,
        ``discount_rate_annual``, ``horizon_months``, ``cost_per_contact``, ``cost_per_return``.
    from_customers
        Customers of the from group.
    """
    value = customer_value(used.mean_to, scenario) - customer_value(used.mean_from, scenario)
    moved = scenario["share_moved"] * from_customers
    cost = moved * scenario["cost_per_moved"] + scenario["fixed_cost"]
    net = moved * value - cost
    return {
        "ratio": net / cost,
        "net_value": net,
        "causal_share": 1.0,
        "value_per_moved": value,
        "customers_moved": moved,
    }


def customer_value(means: Means, scenario: Means) -> float:
    """Return the discounted contribution of one customer over the horizon, in the currency.

    Every window earns what the first one does, from the share of customers still there; the
    last window counts in part. Money is discounted from the middle of its window (or part).
    """
    window = OUTCOME_DAYS / DAYS_PER_MONTH
    horizon = scenario["horizon_months"]
    earned = scenario["gross_margin"] * means["spend"]
    served = (
        means["contacts"] * scenario["cost_per_contact"]
        + means["returns"] * scenario["cost_per_return"]
    )
    total = 0.0
    for k in range(math.ceil(horizon / window)):
        months = min(window, horizon - k * window)
        discount = (1 + scenario["discount_rate_annual"]) ** (-(k * window + months / 2) / 12)
        total += months / window * (earned - served) * means["retained"] ** k * discount
    return total


def _contrasts(part: Slice) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "contrast": part.mean_to[name] - part.mean_from[name] if part.n else None,
            "mean_from": part.mean_from[name] if part.n else None,
            "unit": UNITS[name],
        }
        for name in OUTCOMES
    }


def _raw_gap(truth: WaveTruth) -> dict[str, float | None]:
    """Return the expected gap between the groups as they are, each under its own group."""
    both = truth.used.n and truth.comparison.n
    return {
        name: truth.comparison.mean_to[name] - truth.used.mean_from[name] if both else None
        for name in OUTCOMES
    }


def _pooled(parts: Iterable[Slice]) -> Slice:
    filled = [part for part in parts if part.n]
    if not filled:
        return Slice(0, {}, {})
    weights = [part.n for part in filled]

    def mean(side: str) -> dict[str, float]:
        return {
            name: float(np.average([getattr(part, side)[name] for part in filled], weights=weights))
            for name in OUTCOMES
        }

    return Slice(sum(weights), mean("mean_from"), mean("mean_to"))


def group_names() -> dict[str, str]:
    """Return the names of the two groups compared, as in the study file."""
    return {"from": GROUPS[FROM], "to": GROUPS[TO]}
