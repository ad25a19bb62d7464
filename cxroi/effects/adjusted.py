"""Spend, retention, churn and counts on the score, with controls; standardised contrasts.

The estimand: among customers of the `from` group, the mean outcome had they been in the `to`
group, minus the mean had they stayed, both predicted by the model over that group's own
covariates (standardisation, or the g-formula: Robins, Mathematical Modelling 7 (1986),
1393-1512). Errors come from influence values: those of the coefficients and of the average
over customers (Newey and McFadden, Handbook of Econometrics IV (1994), chapter 36).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Vector
from ..models.fit import Fit
from ..models.outcome_models import OutcomeFit, Setting, fit_outcome, make_setting, straight_amounts
from ..models.sample import student, take_sample
from ..moments import influence
from ..results.display import TidyMixin
from ..results.estimate import CONF_LEVEL, Estimate, tidy_table
from ..results.on_demand import FITTED, LATER, later, on_demand
from .contrast import contrast_estimate
from .gaps import raw_gap

if TYPE_CHECKING:
    import pandas as pd

    from ..panel.panel import Panel


@on_demand
@dataclass(frozen=True, repr=False)
class Regression(TidyMixin):
    """Contrasts of one outcome between the groups of a score, with controls.

    Attributes
    ----------
    raw, adjusted
        The `to` group against the `from` group, without and with controls.
    mean_from
        Mean outcome that the `from` group had.
    beside
        Other ways to the same number: least squares, and spend winsorised.
    contrasts
        Adjusted contrasts of every other group against the `from` group, `adjusted` among them.
    influence
        Influence of each row of the panel on `mean_from` and on `adjusted`, for joint
        uncertainty across outcomes.
    models
        Results by part (``any``, ``amount``, ``mean``, ``ols``): of statsmodels, for `summary()`,
        or `fit.SumsResults`.
    controls
        Names of the columns held equal.
    fitted
        The outcome model, with its sample and design, for what is built on it.
    notes
        What was merged, filled in or left out.
    coefficients
        One row a coefficient of each part: ``part, term, estimate, conf_low, conf_high``.
    """

    outcome: str
    raw: Estimate
    adjusted: Estimate
    mean_from: Estimate
    beside: tuple[Estimate, ...]
    contrasts: tuple[Estimate, ...]
    influence: tuple[Vector, Vector] = field(compare=False, metadata=FITTED)
    models: Mapping[str, Any] = field(compare=False, metadata=FITTED)
    controls: tuple[str, ...]
    fitted: OutcomeFit = field(compare=False, metadata=FITTED)
    notes: tuple[str, ...]
    coefficients: pd.DataFrame = field(compare=False, metadata=LATER)

    def tidy(self) -> pd.DataFrame:
        """Return the raw gap, the adjusted contrast and those beside it, one row each."""
        return tidy_table([self.raw, self.adjusted, *self.beside])


def regress_outcome(panel: Panel, outcome: str, *, weighted: bool | None = None) -> Regression:
    """Regress an outcome on the groups of the score with controls.

    Spend and other amounts: a logit for any at all and a Gamma model with log link for how
    much, multiplied; least squares and winsorised spend beside it. Yes/no outcomes: logit.
    Counts: Poisson with robust errors.

    Parameters
    ----------
    weighted
        Use the survey weights; by default wherever the study declares them.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        Groups too small, outcome too rare or constant, separation, collinearity, a constant
        control, or no convergence.
    """
    sample = take_sample(panel, outcome, weighted=weighted)
    origin, target = panel.study.origin, panel.study.target
    together: Callable[[Sequence[Callable[[], Any]]], list[Any]] = sample.rows.together
    raw, setting = together(
        [partial(raw_gap, sample, origin, target), partial(make_setting, panel, sample)]
    )
    raw = replace(raw, term="raw")
    fitted, (mean_from, psi_from), (beside, extra) = together(
        [
            partial(fit_outcome, setting),
            partial(_mean_from, setting),
            partial(_beside, setting, target),
        ]
    )
    labels = setting.others
    made = together([partial(contrast_of, fitted, label) for label in labels])
    contrasts = dict(zip(labels, made, strict=True))
    adjusted, psi = contrasts[target]
    fits = dict(fitted.parts) | extra
    return Regression(
        outcome=outcome,
        raw=raw,
        adjusted=replace(adjusted, term="adjusted"),
        mean_from=mean_from,
        beside=tuple(beside),
        contrasts=tuple(estimate for estimate, _ in contrasts.values()),
        influence=(sample.spread(psi_from), sample.spread(psi)),
        models=later(lambda: _models(fits)),
        controls=setting.controls.names,
        fitted=fitted,
        notes=setting.controls.notes,
        coefficients=later(lambda: _coefficients(_models(fits))),
    )


def _coefficients(models: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    tables = []
    for part, results in models.items():
        table = pd.DataFrame(results.conf_int()).set_axis(["conf_low", "conf_high"], axis=1)
        table.insert(0, "estimate", results.params)
        table.insert(0, "term", table.index)
        table.insert(0, "part", part)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _models(fits: Mapping[str, Fit]) -> Mapping[str, Any]:
    return MappingProxyType({part: fit.results for part, fit in fits.items()})


def contrast_of(fitted: OutcomeFit, label: str) -> tuple[Estimate, Vector]:
    """Standardise over the `from` group: everybody there under `label` minus as they are."""
    setting, sample = fitted.setting, fitted.setting.sample
    weights = np.where(sample.members(setting.origin), sample.weights, 0.0)
    high, low = fitted.predict(setting.under(label)), fitted.predict(setting.design)
    estimate, own = influence.mean(high.mean - low.mean, weights)
    gradient = (high.gradient(weights) - low.gradient(weights)) / float(weights.sum())
    psi = fitted.influence_on(gradient) + own
    count = len(setting.controls.names)
    how = f"standardised over the {setting.origin} group, {count} control columns"
    method = f"{fitted.method}, {how}"
    return contrast_estimate(setting, "adjusted", label, estimate, psi, method), psi


def _mean_from(setting: Setting) -> tuple[Estimate, Vector]:
    sample = setting.sample
    value, psi = sample.mean(setting.origin)
    error = influence.std_error(psi, sample.clusters)
    members = sample.members(setting.origin)
    low, high = influence.normal_interval(value, error, CONF_LEVEL, sample.dof(members))
    name, unit, n = sample.outcome.name, sample.outcome.unit, sample.size(setting.origin)
    effective = sample.effective_clusters(members)
    interval = "normal interval" if effective is None else student(effective)
    method = f"mean, {interval} from influence values"
    mean = Estimate(f"mean.{name}.{setting.origin}", value, low, high, error, unit, n, method)
    return replace(mean, outcome=name, rung="mean", group=setting.origin), psi


def _beside(setting: Setting, target: str) -> tuple[list[Estimate], dict[str, Fit]]:
    """Least squares, and winsorised least squares, for amounts."""
    if setting.sample.outcome.kind != "amount":
        return [], {}
    terms, estimates = {"ols": "least squares"}, []
    fits = straight_amounts(setting)
    for part, fitted in fits.items():
        estimate, _ = contrast_of(fitted, target)
        name, term = f"contrast.{setting.sample.outcome.name}.{part}", terms.get(part, part)
        estimates.append(replace(estimate, name=name, rung=part, term=term))
    return estimates, {part: fitted.parts[part] for part, fitted in fits.items()}
