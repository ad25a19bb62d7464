"""What data and scenario give before anything is drawn; with it a ROI is computed again at will."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import CxroiError, ModelError, StudyError, attempt
from ..models.lifetime.beta_geometric import Mixing, seen_mixing
from ..respondents.persistence import Persistence, observe_persistence
from .assumed import Lasting, central_values, drawn_values, lasting
from .evidence import Evidence, gather
from .money import MONEY_OUTCOMES, Inputs
from .timing import first_window, goes_beyond

if TYPE_CHECKING:
    from ..effects.adjusted import PairGap, Regression
    from ..panel.panel import Panel
    from ..study.declared import Study
    from ..study.scenario import Scenario

_UNKNOWN = [name for outcome in MONEY_OUTCOMES for name in (outcome, f"{outcome}_gap")]


@dataclass(frozen=True)
class Facts:
    """What the data says of the money, whatever a scenario assumes.

    Attributes
    ----------
    evidence
        Means and gaps with their joint error.
    seen
        How long a move lasts as the transitions show it, or why they cannot; None where no
        scenario of the study looks beyond the first outcome window.
    mixing
        How far customers differ in retention; None where that is not known or not needed.
    answered
        Customers who are known to be in the group moved from.
    """

    evidence: Evidence
    seen: Persistence | CxroiError | None
    mixing: Mixing | None
    answered: int


@dataclass(frozen=True)
class Basis:
    """What a ROI is made of: the facts, the scenario, and whose draws are used.

    Attributes
    ----------
    planned
        The scenario of the study, whose draws every other one takes over: two scenarios differ
        by what they assume, never by chance.
    scenario
        The one that is evaluated.
    lasts, mixing
        How long the effect lasts and how retention rises, as this scenario needs them.
    central
        Every input at its likely value.
    """

    study: Study
    facts: Facts
    planned: Scenario
    scenario: Scenario
    lasts: Lasting
    mixing: Mixing | None
    central: Inputs

    @property
    def evidence(self) -> Evidence:
        """Means and gaps with their joint error."""
        return self.facts.evidence

    @property
    def beyond(self) -> bool:
        """Whether the horizon is longer than the first outcome window."""
        return goes_beyond(self.study, self.scenario)

    @property
    def cut(self) -> bool:
        """Whether value is counted for the first window only, though the horizon is longer."""
        return self.beyond and not self.evidence.retention_known

    @property
    def sampled(self) -> list[str]:
        """Names of the inputs that the data tells, and not the scenario."""
        seen = ["persistence"] if self.lasts.error else []
        return [*_UNKNOWN, "retention_mixing", *seen]

    def draws(self, count: int = 0, bootstrap: bool = False) -> Inputs:
        """Draw sampling errors jointly and assumptions beside them.

        Parameters
        ----------
        count
            How many; 0 for as many as the study says.
        bootstrap
            Take customers again for the sampling errors.
        """
        count = count or self.study.draws
        sampling, assumed, bounds = np.random.default_rng(self.study.seed).spawn(3)
        values = self.evidence.sampled(count, sampling, bounds, bootstrap)
        values |= drawn_values(self.planned, self.scenario, self.lasts, count, assumed)
        if self.mixing:
            values["retention_mixing"] = self.mixing.sampled(count, bounds)
        return self.central.with_values(**values)

    def under(self, scenario: Scenario) -> Basis:
        """Return what the same facts give under another scenario, with the same draws.

        Raises
        ------
        ModelError
            It looks beyond the first outcome window, which was not looked at; or persistence is
            to be as observed, and cannot be seen.
        """
        if goes_beyond(self.study, scenario) and self.facts.seen is None:
            raise ModelError(
                "[scenario] ends with the first outcome window, so how long an effect lasts and "
                "who stays was not looked at",
                "a what-if uses what was found",
                f"Write horizon_months = {scenario.horizon_months:g} in the study file, or give "
                f"-p scenario.horizon_months={scenario.horizon_months:g}",
            )
        return _basis(self.study, self.facts, self.planned, scenario)

    def with_evidence(self, evidence: Evidence) -> Basis:
        """Return the same with other means and gaps, such as those of another rung."""
        facts = replace(self.facts, evidence=evidence)
        return replace(self, facts=facts, central=self.central.with_values(**evidence.central()))


def basis_of(panel: Panel, regressions: Mapping[str, Regression | PairGap]) -> Basis:
    """Return what data and scenario give before anything is drawn; refuses as `estimate_roi`."""
    scenario, study = _scenario(panel, regressions), panel.study
    evidence = gather(panel, regressions)
    declared = (scenario, *(named.scenario for named in study.scenarios.values()))
    beyond = any(goes_beyond(study, one) for one in declared)
    facts = Facts(
        evidence,
        _seen(panel) if beyond else None,
        seen_mixing(panel) if beyond and "retained" in evidence.names else None,
        panel.origin_customers,
    )
    return _basis(study, facts, scenario, scenario)


def _seen(panel: Panel) -> Persistence | CxroiError:
    return attempt(lambda: panel.store.get("persistence", lambda: observe_persistence(panel)))


def _basis(study: Study, facts: Facts, planned: Scenario, scenario: Scenario) -> Basis:
    evidence, beyond = facts.evidence, goes_beyond(study, scenario)
    # What comes after the first window hangs on who stays, and on how long the effect lasts.
    known = evidence.retention_known
    horizon = (
        scenario.horizon_months if known else min(scenario.horizon_months, first_window(study))
    )
    lasts = lasting(study, scenario, facts.seen if beyond else None)
    mixing = facts.mixing if beyond else None
    values = {name: np.asarray(0.0) for name in _UNKNOWN}
    values |= evidence.central() | central_values(scenario, lasts)
    central = Inputs(
        customers=scenario.from_customers or facts.answered,
        window_days=study.outcome_days,
        churn_days=study.churn_days,
        horizon_months=horizon,
        wave_months=lasts.wave_months,
        retention_mixing=np.asarray(mixing.estimate if mixing else 0.0),
        **values,
    )
    return Basis(study, facts, planned, scenario, lasts, mixing, central)


def _scenario(panel: Panel, regressions: Mapping[str, Regression | PairGap]) -> Scenario:
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
