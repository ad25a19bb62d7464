"""Record: what a run declared, found and decided, as plain JSON that later runs are held against.

Its form is described in report/README.md, and stays: earlier records are read by later versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..study.declared import Study
from ..study.scenario import OBSERVED, Prior, Range, Scenario

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..checks.result import Check
    from ..checks.run import Checks
    from ..study.outcomes import Outcome

# Unit of each assumption; {} stands for the currency.
_UNITS: Mapping[str, str] = {
    "share_moved": "share of the customers in the group moved from",
    "cost_per_moved": "{} per moved customer",
    "fixed_cost": "{}",
    "gross_margin": "share of spend",
    "causal_share": "share of the gap",
    "discount_rate_annual": "share per year",
    "horizon_months": "months",
    "cost_per_contact": "{} per contact",
    "cost_per_return": "{} per return",
    "value_per_referral": "{} per referral",
    "ramp_up_months": "months",
    "programme_months": "months",
    "persistence": "share of those moved",
    "from_customers": "customers",
}
_WITHOUT = {
    "persistence": "all stay in the better group",
    "from_customers": "those in the group moved from who answered",
}


def assumptions(study: Study) -> dict[str, Any] | None:
    """Return every assumption of the scenario by its key in the study file.

    Returns
    -------
    dict or None
        Each with ``low``, ``likely``, ``high``, ``unit``, ``defaulted`` and ``note``; of a causal
        share that may be nothing ``none`` and ``opposite`` too. None without a scenario.
    """
    scenario = study.scenario
    if scenario is None:
        return None
    money = study.currency or "currency units"
    return {name: _assumption(scenario, name, unit, money) for name, unit in _UNITS.items()}


def _assumption(scenario: Scenario, name: str, unit: str, money: str) -> dict[str, Any]:
    value = getattr(scenario, name)
    found: dict[str, Any] = {"low": None, "likely": None, "high": None}
    if isinstance(value, Range):
        found = {"low": value.low, "likely": value.likely, "high": value.high}
    elif value is not None and value != OBSERVED:
        found = dict.fromkeys(found, float(value))
    if isinstance(value, Prior):
        found |= {"none": value.none, "opposite": value.opposite}
    note = _WITHOUT[name] if value is None else "observed from wave to wave" * (value == OBSERVED)
    defaulted = value is None or name in scenario.defaults
    return {**found, "unit": unit.format(money), "defaulted": defaulted, "note": note}


def definitions(study: Study) -> dict[str, Any]:
    """Return what the study counts and compares: scale, groups, outcomes, windows and the rest."""
    scale = study.scale
    return {
        "scale": {
            "kind": scale.kind,
            "metric": scale.metric,
            "minimum": scale.minimum,
            "maximum": scale.maximum,
            "better": scale.better,
            "cuts": list(scale.cuts),
            "quantiles": scale.quantiles,
            "groups": list(scale.labels),
            "several": study.answers,
        },
        "pair": {"from": study.origin, "to": study.target},
        "outcomes": {outcome.name: _outcome(outcome) for outcome in study.outcomes},
        "windows": {"baseline_days": study.baseline_days, "outcome_days": study.outcome_days},
        "churn": {"definition": study.churn, "within_days": study.churn_days},
        "controls": {"columns": list(study.controls), "categorical": list(study.categorical)},
        "waves": {
            "of": "column" if study.own_waves else study.waves,
            "fiscal_year_starts": study.fiscal_year_starts,
        },
        "currency": study.currency,
        "timezone": study.timezone,
        "complete_from": _day(study.complete_from),
        "complete_until": _day(study.complete_until),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "kind": outcome.kind,
        "unit": outcome.unit,
        "better": outcome.better,
        "matters": outcome.matters,
    }


def _day(value: Any) -> str | None:
    return value.isoformat() if value else None


def conclusion(analysis: Analysis, checks: Checks) -> dict[str, Any]:
    """Return what was decided, on what: verdict, rating with reasons, counts of checks, key ROI."""
    from ..checks.decision import decide

    decision, rating = decide(analysis, checks), checks.rating
    return {
        "verdict": {"kind": decision.kind, "barred": decision.barred, "wants": decision.wants},
        "rating": {
            "level": rating.level,
            "reasons": list(rating.reasons),
            "withdrawn": list(rating.withdrawn),
            "outcomes": list(rating.outcomes),
        },
        "checks": {"money": dict(rating.counts), "all": _counted(checks.checks)},
    }


def _counted(checks: tuple[Check, ...]) -> dict[str, int]:
    from ..checks.rating import VERDICTS

    return {verdict: sum(c.verdict == verdict for c in checks) for verdict in VERDICTS}


def data_range(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first and last answer, and the first and last date of every dated column.

    Parameters
    ----------
    profile
        As `cxroi.reading.profile` returns it.

    Returns
    -------
    dict
        ``answers`` (``first`` and ``last``; None without dates) and ``tables``: role -> column
        -> ``first`` and ``last``. ISO 8601.
    """
    tables = {
        role: {
            name: {"first": column["first"], "last": column["last"]}
            for name, column in table["columns"].items()
            if column["kind"] == "date"
        }
        for role, table in profile.items()
    }
    dated = [found["answered_at"] for found in tables.values() if "answered_at" in found]
    return {"answers": dated[0] if dated else None, "tables": tables}
