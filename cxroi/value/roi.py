"""Scenario -> value, cost, ROI, with every uncertainty carried along.

A moved customer is worth the difference of two streams of margin less cost to serve, window by
window: spend per customer in the first window (zeros included, so that its churn is in it),
then the same times the share retained, times the share retained again, and so on to the
horizon, discounted from the middle of each window. Sampling errors of all outcomes are drawn
jointly from their covariance over customers, ranges of the scenario beside them, triangular.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError, StudyError
from ..moments import influence
from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from .figures import ROI_LEVEL, roi_estimates
from .money import DAYS_PER_MONTH, MONEY_OUTCOMES, Inputs, evaluate
from .sensitivity import bridge, grid, tornado

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats, Vector
    from ..effects.adjusted import Regression
    from ..panel.panel import Panel
    from ..study.scenario import Scenario


@dataclass(frozen=True, repr=False)
class Roi(TidyMixin):
    """What the scenario returns, how sure that is, and what would change it.

    Attributes
    ----------
    scenario
        What was assumed.
    moved
        Customers moved, at the likely share.
    horizon_months
        Months over which value was counted; shorter than assumed where retention is not known.
    estimates
        ``roi.ratio``, ``roi.net_value``, ``roi.value_per_moved``, ``roi.payback_months``,
        ``roi.probability_positive``, ``roi.break_even_cost_per_moved`` and
        ``roi.break_even_causal_share``; intervals cover 90 per cent of the draws.
    ratio_draws
        The simulated ratios.
    tornado
        One row an uncertain input: ``input, low, high, roi_low, roi_high``, widest first.
    grid
        Net value by share moved (rows) and causal share (columns); without fixed cost the ROI
        itself does not depend on the share moved.
    bridge
        From each source of value, less cost, to the net value, at the likely values: columns
        ``item, amount``.
    notes
        What was assumed for want of data, in sentences.
    """

    scenario: Scenario
    moved: float
    horizon_months: float
    estimates: tuple[Estimate, ...]
    ratio_draws: Floats = field(compare=False)
    tornado: pd.DataFrame = field(compare=False)
    grid: pd.DataFrame = field(compare=False)
    bridge: pd.DataFrame = field(compare=False)
    notes: tuple[str, ...]

    def __getitem__(self, name: str) -> Estimate:
        """Return one estimate by its short name, such as ``ratio``."""
        return next(e for e in self.estimates if e.name == f"roi.{name}")

    def tidy(self) -> pd.DataFrame:
        """Return the estimates, one row each."""
        return tidy_table(self.estimates)


@dataclass(frozen=True)
class _Evidence:
    """Means of the `from` group and contrasts, with the influence of each row on them."""

    names: tuple[str, ...]
    values: Floats
    influence: tuple[Vector, ...]
    clusters: Vector | None
    n: int

    def sampled(self, count: int, rng: np.random.Generator, bootstrap: bool) -> Floats:
        """Draw values with their joint sampling error; of customers taken again if `bootstrap`."""
        if bootstrap:
            return self.values + influence.bootstrap(self.influence, self.clusters, count, rng)
        covariance = influence.covariance(self.influence, self.clusters)
        # Drawn in standard errors: spend in the thousands would drown a share's in rounding.
        errors = np.sqrt(np.diag(covariance))
        scale = np.where(errors > 0, errors, 1.0)
        correlation = covariance / np.outer(scale, scale)
        centre = np.zeros(len(scale))
        standard = rng.multivariate_normal(centre, correlation, size=count, method="eigh")
        return np.asarray(self.values + errors * standard)

    def inputs(self, values: Floats) -> dict[str, Floats]:
        """Split a vector (or a table of draws) into named means and gaps."""
        found = {}
        for position, name in enumerate(self.names):
            found[f"{name}_from"] = values[..., 2 * position]
            found[f"{name}_gap"] = values[..., 2 * position + 1]
        return found


@dataclass(frozen=True)
class _Fixed:
    """What no draw varies: how many customers, over which times."""

    customers: int
    window_days: int
    churn_days: int
    horizon_months: float


def estimate_roi(panel: Panel, regressions: Mapping[str, Regression], *, bootstrap: int = 0) -> Roi:
    """Estimate the return of the study's scenario.

    Parameters
    ----------
    regressions
        By outcome. Spend is needed; retained, contacts and returns are used where present.
    bootstrap
        Number of resamples of customers to take sampling errors from; 0 draws them from the
        normal distribution that the resamples tend to.

    Raises
    ------
    StudyError
        The study declares no scenario.
    ModelError
        Spend has no adjusted contrast, or nobody is in the group moved from.
    """
    scenario = panel.study.scenario
    if scenario is None:
        raise StudyError(
            "the study has no [scenario]",
            "a ROI needs whom to move, how many, at what cost, and the causal share",
        )
    if "spend" not in regressions:
        raise ModelError(
            "there is no adjusted contrast of 'spend'",
            "a ROI rests on what customers spend",
            "See why spend was refused or is not among the outcomes",
        )
    customers = scenario.from_customers or panel.origin_customers
    used = tuple(name for name in MONEY_OUTCOMES if name in regressions and _pays(panel, name))
    evidence = _evidence(panel, regressions, used)
    horizon, about = _horizon(panel, used, scenario)
    cut = about if horizon < scenario.horizon_months else ""
    fixed = _Fixed(customers, panel.study.outcome_days, panel.study.churn_days, horizon)
    central = _inputs(scenario, evidence.inputs(evidence.values), fixed)
    count = bootstrap or panel.study.draws
    sampling, assumed = np.random.default_rng(panel.study.seed).spawn(2)
    values = evidence.sampled(count, sampling, bootstrap > 0)
    ranges = {
        name: assumed.triangular(r.low, r.likely, r.high, size=count)
        for name, r in scenario.ranges.items()
        if not r.known
    }
    draws = _inputs(scenario, evidence.inputs(values), fixed, **ranges)
    errors = (
        "customers taken again (influence bootstrap, no refit)"
        if bootstrap
        else "their covariance over customers"
    )
    return Roi(
        scenario=scenario,
        moved=float(customers * scenario.share_moved.likely),
        horizon_months=horizon,
        estimates=tuple(
            replace(e, note=" ".join(filter(None, (e.note, cut))))
            for e in roi_estimates(central, draws, panel.study, evidence.n, errors)
        ),
        ratio_draws=evaluate(draws).ratio,
        tornado=tornado(central, draws, ROI_LEVEL),
        grid=grid(central, scenario),
        bridge=bridge(central),
        notes=tuple(filter(None, (about, *_whom(panel, scenario), *_assumed(used, scenario)))),
    )


def _pays(panel: Panel, outcome: str) -> bool:
    """Whether an outcome enters the money: buying nothing for a while is not leaving."""
    return outcome != "retained" or panel.study.churn != "no_purchase"


def _evidence(
    panel: Panel, regressions: Mapping[str, Regression], used: tuple[str, ...]
) -> _Evidence:
    columns = tuple(psi for name in used for psi in regressions[name].influence)
    values = [
        value
        for name in used
        for value in (regressions[name].mean_from.estimate, regressions[name].adjusted.estimate)
    ]
    return _Evidence(
        names=used,
        values=np.array(values, dtype=float),
        influence=columns,
        clusters=panel.clusters,
        n=min(regressions[name].adjusted.n for name in used),
    )


def _horizon(panel: Panel, used: tuple[str, ...], scenario: Scenario) -> tuple[float, str]:
    """Cut the horizon to the first window where retention is not known; say what that means."""
    study, horizon = panel.study, scenario.horizon_months
    if study.outcome_days == 0:
        raise StudyError(
            "the length of the outcome window is not declared",
            "spend over the horizon follows from spend in the window",
            "Add outcome_days = ... under [windows]: the days in which the spend was counted",
        )
    window = study.outcome_days / DAYS_PER_MONTH
    if horizon <= window:
        return horizon, ""
    if "retained" in used:
        return horizon, (
            f"The gaps were seen over {study.outcome_days} days; that moved customers keep them "
            f"for {horizon:g} months is assumed."
        )
    why = (
        "Who buys nothing in a window may come back, so it says nothing of who stays"
        if study.churn == "no_purchase"
        else "Retention has no contrast"
    )
    return window, (
        f"{why}: value is counted for the first {study.outcome_days} days only, not for "
        f"{horizon:g} months."
    )


def _whom(panel: Panel, scenario: Scenario) -> Iterator[str]:
    """Say of whom those who are moved are a share, and how many of them gave no such answer."""
    if scenario.from_customers is None:
        yield (
            "Moved customers are a share of those who answered; from_customers in [scenario] "
            "sets the number of all customers whom the programme would reach."
        )
        return
    silent = scenario.from_customers - panel.origin_customers
    if silent > 0:
        yield (
            f"The programme is taken to reach {scenario.from_customers:,} customers in "
            f"'{scenario.origin}', but {panel.origin_customers:,} are known to be there: of "
            f"{silent:,} who did not answer it is assumed, and that the gap is theirs too. Which "
            "group they are in is not known."
        )


def _assumed(used: tuple[str, ...], scenario: Scenario) -> Iterator[str]:
    """Say what is taken for granted where the study declares or the data hold nothing."""
    if "returns" in used:
        yield "Returns cost cost_per_return each; refunds lower spend only as negative orders."
    for name, cost in (("contacts", "cost_per_contact"), ("returns", "cost_per_return")):
        declared = scenario.ranges[cost].high > 0
        if declared and name not in used:
            yield f"{cost} is declared, but {name} has no contrast: it is not counted."
        if not declared and name in used:
            yield f"{cost} is not declared: a change in {name} is worth nothing here."


def _inputs(
    scenario: Scenario, evidence: Mapping[str, Floats], fixed: _Fixed, **ranges: Floats
) -> Inputs:
    zero = np.zeros_like(evidence["spend_from"])
    values = {name: ranges.get(name, zero + r.likely) for name, r in scenario.ranges.items()}
    return Inputs(
        customers=fixed.customers,
        window_days=fixed.window_days,
        churn_days=fixed.churn_days,
        horizon_months=fixed.horizon_months,
        spend=evidence["spend_from"],
        spend_gap=evidence["spend_gap"],
        retained=evidence.get("retained_from", zero),
        retained_gap=evidence.get("retained_gap", zero),
        contacts=evidence.get("contacts_from", zero),
        contacts_gap=evidence.get("contacts_gap", zero),
        returns=evidence.get("returns_from", zero),
        returns_gap=evidence.get("returns_gap", zero),
        **values,
    )
