"""The contrast by augmented inverse probability weighting: right if either model is right.

The estimand is that of `adjusted`: among the `from` group, the mean outcome had they been in the
`to` group, less the mean they had. The outcome model predicts the former; what it misses among
those who are in the `to` group is added back, weighted by their odds of the `from` group, so
that they stand for it. The result is consistent if the outcome model or the propensity model is
right (Robins, Rotnitzky and Zhao, JASA 89 (1994), 846-866; for the effect on one group Mercatanti
and Li, Annals of Applied Statistics 8 (2014), 2485-2508). Errors come from influence values that
hold the estimation of both models, so they too are right if either is. With cross-fitting
(Chernozhukov et al., Econometrics Journal 21 (2018), C1-C68) each row is predicted by models
that have not seen it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np

from ..errors import CxroiError, ParameterError, attempt
from ..models.outcome_models import OutcomeFit, fit_outcome
from ..models.propensity import Propensity, fit_propensity
from ..moments import influence
from ..moments.columns import Column
from ..moments.design import project
from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..results.on_demand import FITTED, on_demand
from ..results.thresholds import MINIMUM_GROUP
from .contrast import contrast_estimate

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Flags, Floats, Integers, Vector
    from ..models.sample import Sample
    from ..panel.panel import Panel
    from .adjusted import Regression


@on_demand
@dataclass(frozen=True, repr=False)
class DoublyRobust(TidyMixin):
    """Doubly robust contrasts of one outcome.

    Attributes
    ----------
    estimate
        The `to` group against the `from` group.
    contrasts
        Every other group against the `from` group, `estimate` among them; without those that
        have no overlap with it.
    influence
        Influence of each row of the panel on `estimate`.
    propensity
        Of the `to` group against the `from` group, fitted on all rows.
    """

    outcome: str
    estimate: Estimate
    contrasts: tuple[Estimate, ...]
    influence: Vector = field(compare=False, metadata=FITTED)
    propensity: Propensity = field(compare=False, metadata=FITTED)

    def tidy(self) -> pd.DataFrame:
        """Return the contrasts, one row each."""
        return tidy_table(self.contrasts)


@dataclass(frozen=True)
class _Weighted:
    """Sum behind one contrast: value, own influence, and how it moves with both models."""

    value: float
    own: Vector
    to_mean: Vector
    to_odds: Vector


def aipw_contrast(panel: Panel, regression: Regression, *, folds: int = 0) -> DoublyRobust:
    """Estimate the contrasts of a regression by augmented inverse probability weighting.

    Parameters
    ----------
    regression
        Whose outcome model, sample and controls are used.
    folds
        Number of folds for cross-fitting, 2 or more; 0 fits both models on all rows.

    Raises
    ------
    ParameterError
        `folds` is 1, negative, or more than the customers allow.
    ModelError
        The propensity model is refused: no overlap, or no convergence.
    """
    fitted, sample = regression.fitted, regression.fitted.setting.sample
    target = panel.study.target
    parts = _folds(sample, folds, panel.study.seed)
    labels = fitted.setting.others
    makes = [partial(attempt, partial(_against, fitted, one, parts, folds)) for one in labels]
    made = dict(zip(labels, sample.rows.together(makes), strict=True))
    refusal = made[target]
    if isinstance(refusal, CxroiError):
        raise refusal
    # A bystander without overlap is no matter of the pair's.
    found = {label: one for label, one in made.items() if not isinstance(one, CxroiError)}
    propensity, estimate, psi = found[target]
    return DoublyRobust(
        outcome=regression.outcome,
        estimate=replace(estimate, term="doubly robust"),
        contrasts=tuple(estimate for _, estimate, _ in found.values()),
        influence=sample.spread(psi),
        propensity=propensity,
    )


def _against(
    fitted: OutcomeFit, label: str, parts: list[Flags], folds: int
) -> tuple[Propensity, Estimate, Vector]:
    whole = fit_propensity(fitted.setting, label)
    value, psi = _crossed(fitted, label, parts) if parts else _whole(fitted, whole)
    return whole, _estimate(fitted, label, value, psi, folds), psi


def _whole(fitted: OutcomeFit, propensity: Propensity) -> tuple[float, Vector]:
    """Contrast and influence with both models fitted on all rows, their estimation included."""
    setting = fitted.setting
    under, odds = fitted.predict(setting.under(propensity.target)), propensity.odds_from
    sums = _weigh(setting.sample, setting.origin, propensity.target, under.mean, odds)
    psi = sums.own + fitted.influence_on(under.gradient(sums.to_mean))
    # The log odds of the `from` group fall as the linear predictor of the propensity rises.
    psi = psi - propensity.fit.influence @ project(propensity.design, sums.to_odds * odds)
    return sums.value, psi


def _crossed(fitted: OutcomeFit, label: str, parts: list[Flags]) -> tuple[float, Vector]:
    """Contrast and influence with each row predicted by models that have not seen it."""
    setting = fitted.setting
    under, count = setting.under(label), setting.sample.rows.count
    mean, odds = np.empty(count), np.empty(count)
    for inside in parts:
        mean[inside] = fit_outcome(setting, ~inside).predict(under.among(inside)).mean
        propensity = fit_propensity(setting, label, ~inside)
        odds[inside] = cast("Floats", propensity.odds_from)[inside]
    sums = _weigh(setting.sample, setting.origin, label, mean, odds)
    return sums.value, sums.own


def _weigh(sample: Sample, origin: str, target: str, mean: Vector, odds: Vector) -> _Weighted:
    """Mean prediction over `origin`, plus the weighted residual of `target`, less what was."""
    is_origin, is_target = sample.members(origin), sample.members(target)
    over = np.where(is_origin, sample.weights, 0.0)
    stand_in = np.where(is_target, sample.weights, 0.0)
    over, pull = over / over.sum(), stand_in * odds / (stand_in @ odds)
    residual = sample.values - mean
    predicted, missed, was = map(
        float, influence.sums(over * mean, pull * residual, over * sample.values)
    )
    own = over * (mean - sample.values - predicted + was) + pull * (residual - missed)
    to_odds = stand_in * (residual - missed) / (stand_in @ odds)
    return _Weighted(predicted + missed - was, own, over - pull, to_odds)


def _folds(sample: Sample, folds: int, seed: int) -> list[Flags]:
    """Split customers, not rows, at random; return which rows are in each part."""
    if folds == 0 and folds is not False:
        return []
    clusters = sample.clusters
    if clusters is None or isinstance(clusters, Column):
        raise ParameterError(
            f"folds is {folds!r}, and the rows of the panel stay in the engine",
            "cross-fitting deals rows to folds one by one",
            "Leave folds at 0, or build the panel with rows in memory",
        )
    units = int(clusters.max()) + 1
    whole = isinstance(folds, int) and not isinstance(folds, bool)
    if not whole or not 2 <= folds <= units // MINIMUM_GROUP:
        raise ParameterError(
            f"folds is {folds!r}", f"it is 0, or 2 to {max(units // MINIMUM_GROUP, 2)}", "Give 5"
        )
    fold = np.random.default_rng(seed).permutation(units) % folds
    return list(_parts(cast("Integers", clusters), fold))


def _parts(clusters: Integers, fold: Integers) -> Iterator[Flags]:
    for part in range(int(fold.max()) + 1):
        yield fold[clusters] == part


def _estimate(fitted: OutcomeFit, label: str, value: float, psi: Vector, folds: int) -> Estimate:
    setting, sample = fitted.setting, fitted.setting.sample
    details = [
        "augmented inverse probability weighting (AIPW)",
        fitted.method,
        f"logit of {label} against {setting.origin}",
        f"{len(setting.controls.names)} control columns",
        *([f"cross-fitted in {folds} folds"] if folds else []),
    ]
    rows, method = sample.members(label) | sample.members(setting.origin), ", ".join(details)
    return contrast_estimate(setting, "doubly_robust", label, value, psi, method, rows)
