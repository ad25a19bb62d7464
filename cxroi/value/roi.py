"""Scenario -> value, cost, ROI, with every uncertainty carried along.

A moved customer is worth the difference of two streams of margin less cost to serve, window by
window: spend per customer in the first window (zeros included, so that its churn is in it),
then the same times the share retained, times the share retained again, and so on to the
horizon, discounted from the middle of each window. The effect of a move fades with those who do
not stay in the better group (see `timing.effect_left`). Sampling errors of all outcomes are drawn
jointly from their covariance over customers, ranges of the scenario beside them, triangular.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError, StudyError
from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from .assumed import Lasting, central_values, drawn_values, lasting
from .beta_geometric import Mixing, seen_mixing
from .evidence import Evidence, gather
from .figures import ROI_LEVEL, roi_estimates
from .kept_inputs import sampling_covariance
from .money import MONEY_OUTCOMES, Inputs, evaluate
from .notes import assumed_notes, cut_note, first_window, persistence_note, retention_note
from .sensitivity import bridge, grid, tornado

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats
    from ..effects.adjusted import Regression
    from ..panel.panel import Panel
    from ..study.scenario import Scenario

FIRST_WINDOW = "_first_window"
# A window of 90 days stands for a horizon of three months.
NEARLY = 1.05


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
        Months over which value was counted; shorter than assumed where nothing is known of who
        stays.
    estimates
        ``roi.ratio``, ``roi.net_value``, ``roi.value_per_moved``, ``roi.payback_months``,
        ``roi.probability_positive``, ``roi.break_even_cost_per_moved``,
        ``roi.break_even_causal_share`` and ``roi.break_even_persistence``; intervals cover 90 per
        cent of the draws. Where only the first window counts, their names end in
        ``_first_window``.
    central
        Every input at its likely value, from which the figures follow.
    ratio_draws
        The simulated ratios.
    covariance
        Of the inputs that the data tells: means, gaps, and what else was seen. Square.
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
    retention_bounded
        Whether retention has no contrast and only its bound was drawn: what is not shown to pay
        may still do so.
    persistence
        ``moves.persistence``, what the transitions show; None where they cannot be seen.
    contradicted_by
        Outcomes in which the change within the same customers contradicts what is claimed.
    lasts
        How long the effect of a move is taken to last, in sentences; empty where value is counted
        for the first window only.
    """

    scenario: Scenario
    moved: float
    horizon_months: float
    estimates: tuple[Estimate, ...]
    central: Inputs = field(compare=False)
    ratio_draws: Floats = field(compare=False)
    covariance: pd.DataFrame = field(compare=False)
    tornado: pd.DataFrame = field(compare=False)
    grid: pd.DataFrame = field(compare=False)
    bridge: pd.DataFrame = field(compare=False)
    notes: tuple[str, ...]
    retention_bounded: bool = False
    persistence: Estimate | None = None
    contradicted_by: tuple[str, ...] = ()
    lasts: str = ""

    @property
    def whole_horizon(self) -> bool:
        """Whether value was counted over all of the scenario's horizon."""
        return self.scenario.horizon_months <= self.horizon_months * NEARLY

    def __getitem__(self, name: str) -> Estimate:
        """Return one estimate by its short name, such as ``ratio``, over whichever horizon."""
        sought = f"roi.{name}"
        return next(e for e in self.estimates if e.name.removesuffix(FIRST_WINDOW) == sought)

    def tidy(self) -> pd.DataFrame:
        """Return the estimates, one row each."""
        return tidy_table(self.estimates)


@dataclass(frozen=True)
class Basis:
    """What the data says and the scenario assumes, before anything is drawn."""

    panel: Panel
    scenario: Scenario
    evidence: Evidence
    lasts: Lasting
    mixing: Mixing | None
    central: Inputs

    @property
    def sampled(self) -> list[str]:
        """Names of the inputs that the data tells, and not the scenario."""
        seen = ["persistence"] if self.lasts.error else []
        return [*_UNKNOWN, "retention_mixing", *seen]

    def draws(self, count: int, bootstrap: bool) -> Inputs:
        """Draw sampling errors jointly and assumptions beside them."""
        seed = self.panel.study.seed
        sampling, assumed, bounds = np.random.default_rng(seed).spawn(3)
        values = self.evidence.sampled(count, sampling, bounds, bootstrap)
        values |= drawn_values(self.scenario, self.lasts, count, assumed)
        if self.mixing:
            values["retention_mixing"] = self.mixing.sampled(count, bounds)
        return self.central.with_values(**values)


def estimate_roi(panel: Panel, regressions: Mapping[str, Regression], *, bootstrap: int = 0) -> Roi:
    """Estimate the return of the study's scenario.

    Parameters
    ----------
    regressions
        By outcome. Spend is needed; retained (or churned), contacts and returns are used where
        present. Retention that was measured and has no contrast is bounded.
    bootstrap
        Number of resamples of customers to take sampling errors from; 0 draws them from the
        normal distribution that the resamples tend to.

    Raises
    ------
    StudyError
        The study declares no scenario, or not the length of the outcome window.
    ModelError
        Spend has no adjusted contrast, nobody is in the group moved from, or persistence is
        declared as observed and cannot be seen.
    """
    basis = basis_of(panel, regressions)
    scenario, central, evidence = basis.scenario, basis.central, basis.evidence
    draws = basis.draws(bootstrap or panel.study.draws, bootstrap > 0)
    errors = (
        "customers taken again (influence bootstrap, no refit)"
        if bootstrap
        else "their covariance over customers"
    )
    figures = roi_estimates(central, draws, panel.study, evidence.n, errors)
    beyond = _beyond(panel, scenario)
    cut = beyond and not evidence.retention_known
    seen = basis.lasts.seen
    lasts = persistence_note(panel, basis.lasts, central) if beyond and not cut else ""
    return Roi(
        scenario=scenario,
        moved=float(central.moved),
        horizon_months=central.horizon_months,
        estimates=_first_window_only(figures, cut_note(panel, scenario)) if cut else tuple(figures),
        central=central,
        ratio_draws=evaluate(draws).ratio,
        covariance=sampling_covariance(draws, basis.sampled),
        tornado=tornado(central, draws, ROI_LEVEL),
        grid=grid(central, scenario),
        bridge=bridge(central),
        notes=tuple(_notes(basis)),
        retention_bounded=beyond and evidence.bound is not None,
        persistence=seen.excess if seen else None,
        lasts=lasts,
    )


def basis_of(panel: Panel, regressions: Mapping[str, Regression]) -> Basis:
    """Return what data and scenario give before anything is drawn; refuses as `estimate_roi`."""
    scenario, study = _scenario(panel, regressions), panel.study
    evidence, beyond = gather(panel, regressions), _beyond(panel, scenario)
    # What comes after the first window hangs on who stays, and on how long the effect lasts.
    known = evidence.retention_known
    horizon = (
        scenario.horizon_months if known else min(scenario.horizon_months, first_window(panel))
    )
    lasts = lasting(panel, scenario, beyond)
    mixing = seen_mixing(panel) if beyond and "retained" in evidence.names else None
    values = {name: np.asarray(0.0) for name in _UNKNOWN}
    values |= evidence.central() | central_values(scenario, lasts)
    central = Inputs(
        customers=scenario.from_customers or panel.origin_customers,
        window_days=study.outcome_days,
        churn_days=study.churn_days,
        horizon_months=horizon,
        wave_months=lasts.wave_months,
        retention_mixing=np.asarray(mixing.estimate if mixing else 0.0),
        **values,
    )
    return Basis(panel, scenario, evidence, lasts, mixing, central)


_UNKNOWN = [name for outcome in MONEY_OUTCOMES for name in (outcome, f"{outcome}_gap")]


def _scenario(panel: Panel, regressions: Mapping[str, Regression]) -> Scenario:
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
    if panel.study.outcome_days == 0:
        raise StudyError(
            "the length of the outcome window is not declared",
            "spend over the horizon follows from spend in the window",
            "Add outcome_days = ... under [windows]: the days in which the spend was counted",
        )
    return scenario


def _beyond(panel: Panel, scenario: Scenario) -> bool:
    return scenario.horizon_months > first_window(panel) * NEARLY


def _first_window_only(figures: list[Estimate], why: str) -> tuple[Estimate, ...]:
    """Give figures over the first window other names than those over the whole horizon have."""
    return tuple(
        replace(
            e,
            name=f"{e.name}{FIRST_WINDOW}",
            term=f"{e.term}, first window",
            note=" ".join(filter(None, (e.note, why))),
        )
        for e in figures
    )


def _notes(basis: Basis) -> Iterator[str]:
    panel, scenario, central = basis.panel, basis.scenario, basis.central
    beyond = _beyond(panel, scenario)
    if beyond and not basis.evidence.retention_known:
        yield cut_note(panel, scenario)
    elif beyond:
        yield persistence_note(panel, basis.lasts, central)
        yield retention_note(panel, basis.evidence, basis.mixing, central)
    yield from assumed_notes(basis.evidence, scenario, panel.origin_customers)
