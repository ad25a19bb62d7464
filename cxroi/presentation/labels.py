"""What a reader calls things: outcomes, groups, checks and assumptions in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..checks.decision import GO, NO, NOT_YET, PILOT_FIRST
from ..results.formats import listed as listed
from ..results.formats import titled as titled

DECISIONS: Mapping[str, str] = MappingProxyType(
    {NO: "Do not start", NOT_YET: "Not yet", PILOT_FIRST: "Pilot first", GO: "Go"}
)
INPUTS: Mapping[str, str] = MappingProxyType(
    {
        "causal_share": "Share of the gap that is effect",
        "persistence": "Share of those moved who stay, a wave later",
        "cost_per_moved": "Cost per customer moved",
        "share_moved": "Share of customers moved",
        "fixed_cost": "Set-up cost",
        "gross_margin": "Margin on spend",
        "discount_rate_annual": "Discount rate, a year",
        "cost_per_contact": "Cost of one contact",
        "cost_per_return": "Cost of one return",
        "value_per_referral": "Value of one referral",
        "referral_share": "Share of referrals that would not have come anyway",
        "ramp_up_months": "Months until the full effect",
        "programme_months": "Months over which the cost is paid",
    }
)
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "retained": "still a customer",
        "churned": "left",
        "repeat_purchase": "bought again",
        "contacts": "contacts with support",
    }
)

# What a gap in an outcome is a gap in, where its name does not say so.
SHARES: Mapping[str, str] = MappingProxyType(
    {
        "retained": "the share who stay",
        "churned": "the share who leave",
        "repeat_purchase": "the share who buy again",
    }
)

DEFINITIONS: Mapping[str, str] = MappingProxyType(
    {
        "windows.outcome_days": "the number of days over which outcomes are counted",
        "windows.baseline_days": "the number of days before the answer that are held equal",
        "scale.cuts": "the scores at which groups begin",
        "scale.groups": "the names of the groups",
        "scale.several": "the answer that counts where a customer gave several",
        "pair.from": "the group moved from",
        "pair.to": "the group moved to",
        "churn.definition": "what counts as having left",
        "churn.within_days": "the number of days within which a customer counts as having left",
        "controls.columns": "what is held equal between the groups",
        "controls.categorical": "what is taken as a code and not as a quantity",
        "waves.of": "what a round of answers is",
        "currency": "the currency",
        "timezone": "the clock on which times are read",
    }
)


def definition(key: str) -> str:
    """Return what a key of the definitions is called in a sentence."""
    return DEFINITIONS.get(key, key.replace(".", ", ").replace("_", " "))


def outcome(name: str) -> str:
    """Return what an outcome is called in a sentence, such as ``bought again``."""
    return OUTCOMES.get(name, name.replace("_", " "))


def measured(name: str, kind: str, unit: str) -> str:
    """Return what a gap in an outcome is a gap in; a share of a study's own name with its unit.

    Examples
    --------
    >>> measured("churned", "yes_no", ""), measured("left", "rate", "share of members")
    ('the share who leave', "'left' (share of members)")
    """
    if name in SHARES:
        return SHARES[name]
    return f"'{outcome(name)}' ({unit})" if kind in ("yes_no", "rate") else outcome(name)
