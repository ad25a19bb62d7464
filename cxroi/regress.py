"""Spend, retention, churn and counts on the score, with controls; standardised contrasts.

The estimand: among customers of the `from` group, the mean outcome had they been in the `to`
group, minus the mean had they stayed, both predicted by the model over that group's own
covariates (standardisation, or the g-formula: Robins, Mathematical Modelling 7 (1986),
1393-1512). Errors come from influence values: those of the coefficients and of the average
over customers (Newey and McFadden, Handbook of Econometrics IV (1994), chapter 36).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from . import influence
from .design_matrix import build_controls
from .errors import ScarceDataError
from .estimate import CONF_LEVEL, Estimate, TidyMixin, tidy_table
from .fit import Fit
from .gaps import raw_gap
from .influence import Floats
from .outcome_models import Predict, Setting, least_squares, outcome_model
from .sample import MINIMUM_GROUP, Sample, take_sample

if TYPE_CHECKING:
    import pandas as pd

    from .panel import Panel


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
        Columns ``mean_from`` and ``adjusted``: influence of each row of the panel, for joint
        uncertainty across outcomes. Shape: rows of the panel by 2.
    models
        statsmodels results by part (``any``, ``amount``, ``mean``, ``ols``), for `summary()`.
    controls
        Names of the columns held equal.
    notes
        What was merged, filled in or left out.
    """

    outcome: str
    raw: Estimate
    adjusted: Estimate
    mean_from: Estimate
    beside: tuple[Estimate, ...]
    contrasts: tuple[Estimate, ...]
    influence: Floats = field(compare=False)
    models: Mapping[str, Any] = field(compare=False)
    controls: tuple[str, ...]
    notes: tuple[str, ...]

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
    raw = replace(raw_gap(sample, origin, target), term="raw")
    setting = _setting(panel, sample, origin)
    fits, mean_and_gradient, method = outcome_model(setting)
    contrasts = {
        label: _contrast(setting, label, mean_and_gradient, fits, method)
        for label in setting.others
    }
    adjusted, psi = contrasts[target]
    mean_from, psi_from = _mean_from(setting)
    full = np.zeros((len(panel.frame), 2))
    full[sample.rows] = np.column_stack([psi_from, psi])
    beside, extra = _beside(setting, target)
    results = {part: fit.results for part, fit in fits.items()} | extra
    return Regression(
        outcome=outcome,
        raw=raw,
        adjusted=replace(adjusted, term="adjusted"),
        mean_from=mean_from,
        beside=tuple(beside),
        contrasts=tuple(estimate for estimate, _ in contrasts.values()),
        influence=full,
        models=MappingProxyType(results),
        controls=setting.controls.names,
        notes=setting.controls.notes,
    )


def _setting(panel: Panel, sample: Sample, origin: str) -> Setting:
    controls = build_controls(panel, sample)
    others = tuple(
        label for label in sample.labels if label != origin and sample.units(label) >= MINIMUM_GROUP
    )
    small = [g for g in sample.labels if 0 < sample.units(g) < MINIMUM_GROUP]
    if small:
        raise ScarceDataError(
            f"group {small[0]!r} has {sample.units(small[0])} customers or clusters with "
            f"{sample.outcome.name!r}",
            f"a group in a regression has at least {MINIMUM_GROUP}",
            "Declare wider groups in [scale], or pool more waves",
        )
    dummies = np.column_stack([sample.members(label).astype(float) for label in others])
    design, names = controls.with_groups(dummies, others)
    return Setting(sample, controls, origin, others, names, design)


def _contrast(
    setting: Setting, label: str, predict: Predict, fits: Mapping[str, Fit], method: str
) -> tuple[Estimate, Floats]:
    """Standardise over the `from` group: everybody there under `label` minus as they are."""
    sample = setting.sample
    origin = sample.members(setting.origin)
    weights = np.where(origin, sample.weights, 0.0)[origin]
    high, slope_high = predict(setting.under(label)[origin])
    low, slope_low = predict(setting.design[origin])
    estimate, own = influence.mean(high - low, weights)
    gradient = weights @ (slope_high - slope_low) / weights.sum()
    psi = np.hstack([fit.influence for fit in fits.values()]) @ gradient
    psi[origin] += own
    error = influence.std_error(psi, sample.clusters)
    return _estimate(setting, label, estimate, error, method), psi


def _estimate(setting: Setting, label: str, estimate: float, error: float, method: str) -> Estimate:
    sample = setting.sample
    low, high = influence.normal_interval(estimate, error, CONF_LEVEL)
    count = len(setting.controls.names)
    details = [
        f"standardised over the {setting.origin} group",
        f"{count} control columns",
        "errors clustered by customer" if sample.clustered else "robust errors",
        *(["survey-weighted"] if sample.weighted else []),
    ]
    return Estimate(
        name=f"contrast.{sample.outcome.name}.adjusted",
        estimate=estimate,
        conf_low=low,
        conf_high=high,
        std_error=error,
        unit=sample.outcome.unit,
        n=len(sample.values),
        method=f"{method}, {', '.join(details)}",
        term=label,
        contrast=f"{label} - {setting.origin}",
        statistic=estimate / error if error > 0 else None,
        p_value=influence.normal_p_value(estimate, error),
    )


def _mean_from(setting: Setting) -> tuple[Estimate, Floats]:
    sample = setting.sample
    value, psi = sample.mean(setting.origin)
    error = influence.std_error(psi, sample.clusters)
    low, high = influence.normal_interval(value, error, CONF_LEVEL)
    name, unit, n = sample.outcome.name, sample.outcome.unit, sample.size(setting.origin)
    method = "mean, normal interval from influence values"
    return Estimate(f"mean.{name}.{setting.origin}", value, low, high, error, unit, n, method), psi


def _beside(setting: Setting, target: str) -> tuple[list[Estimate], dict[str, Any]]:
    """Least squares, and winsorised least squares, for amounts."""
    if setting.sample.outcome.kind != "amount":
        return [], {}
    fits = dict(least_squares(setting))
    terms, estimates = {"ols": "least squares"}, []
    for part, (fit, method) in fits.items():

        def predict(design: Floats, fit: Fit = fit) -> tuple[Floats, Floats]:
            return fit.mean(design), design

        estimate, _ = _contrast(setting, target, predict, {part: fit}, method)
        name = f"contrast.{setting.sample.outcome.name}.{part}"
        estimates.append(replace(estimate, name=name, term=terms.get(part, part)))
    return estimates, {part: fit.results for part, (fit, _) in fits.items()}
