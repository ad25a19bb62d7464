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
from typing import TYPE_CHECKING, Any

from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..study.overrides import changed
from .basis import Basis, basis_of
from .figures import ERRORS, ROI_LEVEL, claimed, roi_estimates
from .kept_inputs import sampling_covariance
from .money import evaluate
from .notes import assumed_notes, cut_note, persistence_note, retention_note
from .scenarios import FIRST_WINDOW, named_by_horizon
from .sensitivity import bridge, grid, tornado
from .surface import Surface, surface
from .timing import NEARLY

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats
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
        Months over which value was counted; shorter than assumed where nothing is known of who
        stays.
    estimates
        ``roi.ratio``, ``roi.net_value``, ``roi.value_per_moved``, ``roi.payback_months``,
        ``roi.probability_positive``, ``roi.break_even_cost_per_moved``,
        ``roi.break_even_causal_share`` and ``roi.break_even_persistence``; intervals cover 90 per
        cent of the draws. Where only the first window counts, their names end in
        ``_first_window``.
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
    basis
        What it was made of; `what_if` makes it again under other assumptions.
    contradicted_by
        Outcomes in which the change within the same customers contradicts what is claimed.
    differing
        Outcomes in which that change is not the gap, beyond noise, whatever that does to the claim.
    lasts
        How long the effect of a move is taken to last, in sentences; empty where value is counted
        for the first window only.
    """

    scenario: Scenario
    moved: float
    horizon_months: float
    estimates: tuple[Estimate, ...]
    ratio_draws: Floats = field(compare=False)
    covariance: pd.DataFrame = field(compare=False)
    tornado: pd.DataFrame = field(compare=False)
    grid: pd.DataFrame = field(compare=False)
    bridge: pd.DataFrame = field(compare=False)
    notes: tuple[str, ...]
    basis: Basis = field(compare=False)
    retention_bounded: bool = False
    persistence: Estimate | None = None
    contradicted_by: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    lasts: str = ""

    @property
    def whole_horizon(self) -> bool:
        """Whether value was counted over all of the scenario's horizon."""
        return self.scenario.horizon_months <= self.horizon_months * NEARLY

    def __getitem__(self, name: str) -> Estimate:
        """Return one estimate by its short name, such as ``ratio``, over whichever horizon."""
        sought = f"roi.{name}"
        return next(e for e in self.estimates if e.name.removesuffix(FIRST_WINDOW) == sought)

    def what_if(self, **values: Any) -> Roi:
        """Return the ROI under other assumptions, with the same draws and nothing fitted again.

        Two scenarios differ by what they assume alone: every draw of an input stands at the same
        chance in both. Without any value the result is this ROI, to the last bit.

        Parameters
        ----------
        **values
            Keys of ``[scenario]`` with their new values, as the study file writes them: a number,
            ``[low, likely, high]``, ``"observed"`` of persistence, a table of causal_share. The
            pair of groups stays: another is another comparison.

        Returns
        -------
        Roi
            All figures, the intervals holding 90 per cent of the draws. What the same customers
            contradict stays contradicted; where another claim would be made than in the plan, any
            change within them that is not the gap contradicts it.

        Raises
        ------
        StudyError, Problems
            An unknown key, or a value that ``[scenario]`` may not have.
        ModelError
            The horizon goes beyond the first outcome window while that of the study does not; or
            persistence is to be as observed, and cannot be seen.

        Examples
        --------
        >>> import cxroi as cx
        >>> roi = cx.open_run(cx.demo_study()).analysis.roi  # doctest: +SKIP
        >>> roi.what_if(cost_per_moved=5, share_moved=[0.05, 0.1, 0.2])["ratio"]  # doctest: +SKIP
        """
        made = roi_of(self.basis.under(changed(self.scenario, self.basis.study.scale, values)))
        own, other = (claimed(r["probability_positive"].estimate or 0.0) for r in (self, made))
        contradicted = self.contradicted_by or (() if own == other else self.differing)
        return replace(made, contradicted_by=contradicted, differing=self.differing)

    def surface(self) -> Surface:
        """Return the ROI at every combination of low, likely and high of what matters most."""
        return surface(self.basis)

    def tidy(self) -> pd.DataFrame:
        """Return the estimates, one row each."""
        return tidy_table(self.estimates)


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
    return roi_of(basis_of(panel, regressions), bootstrap=bootstrap)


def roi_of(basis: Basis, *, bootstrap: int = 0) -> Roi:
    """Return the ROI of a basis; `bootstrap` as of `estimate_roi`."""
    study, scenario, central, evidence = basis.study, basis.scenario, basis.central, basis.evidence
    draws = basis.draws(bootstrap, bootstrap > 0)
    errors = "customers taken again (influence bootstrap, no refit)" if bootstrap else ERRORS
    figures = roi_estimates(central, draws, study, evidence.n, errors)
    seen = basis.lasts.seen
    lasts = persistence_note(study, basis.lasts, central) if basis.beyond and not basis.cut else ""
    return Roi(
        scenario=scenario,
        moved=float(central.moved),
        horizon_months=central.horizon_months,
        estimates=named_by_horizon(figures, basis),
        ratio_draws=evaluate(draws).ratio,
        covariance=sampling_covariance(draws, basis.sampled),
        tornado=tornado(central, draws, ROI_LEVEL),
        grid=grid(central, scenario),
        bridge=bridge(central),
        notes=tuple(_notes(basis)),
        basis=basis,
        retention_bounded=basis.beyond and evidence.bound is not None,
        persistence=seen.excess if seen else None,
        lasts=lasts,
    )


def _notes(basis: Basis) -> Iterator[str]:
    study, scenario, central = basis.study, basis.scenario, basis.central
    if basis.cut:
        yield cut_note(study, scenario)
    elif basis.beyond:
        yield persistence_note(study, basis.lasts, central)
        yield retention_note(study, basis.evidence, basis.mixing, central)
    yield from assumed_notes(basis.evidence, scenario, basis.facts.answered)
