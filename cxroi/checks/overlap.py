"""Overlap: whether the `to` group holds customers who are like those of the `from` group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..effects.doubly_robust import LEAST_ODDS
from ..errors import ModelError, OverlapError
from ..moments import influence
from ..moments.design import gram, project
from ..moments.order_statistics import extremes
from ..results.estimate import CONF_LEVEL, Estimate
from ..results.formats import percent, value_and_interval
from ..results.thresholds import MINIMUM_GROUP
from .result import FAILED, PASSED, WARNING, Check

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis import Analysis
    from ..arrays import Floats, Vector
    from ..models.outcome_models import Setting
    from ..models.propensity import Propensity
    from ..moments.design import Design

FEW, MANY = 0.01, 0.10
ROUNDING = 1e-12  # of a variance taken as a difference of squares


def overlap_check(analysis: Analysis, outcome: str) -> Check:
    """Count customers of the `from` group whom nobody in the `to` group resembles.

    Outside is whose odds of the `to` group are, by the controls, under a twentieth of the odds
    among all in the two groups, or whose chance of it is outside the range of those who are in
    it (common support: Heckman, Ichimura and Todd, Review of Economic Studies 64 (1997),
    605-654). The former are left out of the gap; for the latter it rests on the model alone.
    The odds are relative, so that a small group whose members are like everybody else is no
    fault.

    Passed up to 1 per cent, failed above 10 per cent, where fewer than 30 customers of the `to`
    group, weighted to resemble the `from` group, effectively stand for it (Kish, Survey Sampling
    (1965), section 11.7), or where the regression was refused as hardly anybody is alike.

    Raises
    ------
    CxroiError
        The outcome has no regression, for another reason.
    """
    if outcome not in analysis.regressions:
        return _without_gap(analysis, outcome)
    regression = analysis.regressions[outcome]
    setting, robust = regression.setting, regression.robust
    sample, chance = setting.sample, robust.propensity.chance
    origin, target = sample.members(setting.origin), robust.propensity.is_target
    low, high = extremes(chance, target)
    beyond = (chance < low) | (chance > high)
    outside = beyond | (_relative_odds(setting, robust.propensity) < LEAST_ODDS)
    estimate = _share(setting, outside, origin)
    pull = robust.pull
    effective = influence.effective_units(pull)
    share = estimate.estimate or 0.0
    lost = share > MANY or effective < MINIMUM_GROUP
    verdict = FAILED if lost else PASSED if share <= FEW else WARNING
    sentence = (
        f"Of the answers in '{setting.origin}', {value_and_interval(estimate, '')} have hardly "
        f"any like them in '{robust.propensity.target}'; weighted to resemble them, its "
        f"{int(target.sum()):,} answers count as {effective:,.0f}."
    )
    sentence += _consequence(setting.origin, share, regression.left_out)
    table = balance(setting, robust.propensity, pull)
    return Check("overlap", outcome, verdict, sentence, estimate, table)


def _without_gap(analysis: Analysis, outcome: str) -> Check:
    """Return the failed check of an outcome that was refused because hardly anybody is alike."""
    refusal = analysis.refusals.get(outcome)
    if isinstance(refusal, OverlapError):
        return Check("overlap", outcome, FAILED, f"No gap is estimated: {refusal}")
    raise refusal or ModelError(f"{outcome!r} has no adjusted contrast")


def _consequence(origin: str, share: float, left_out: float) -> str:
    """Say who is left out of the gap, and for whom it rests on the model alone."""
    said = ""
    if left_out > 0:
        said = (
            f" The gap leaves {percent(left_out)} of '{origin}' out for that, and speaks of the "
            "others alone."
        )
    if (rest := share - left_out) > FEW:
        more = " more" if left_out > 0 else ""
        said += f" For {percent(rest)}{more} of them it is the model's word alone."
    return said


def _relative_odds(setting: Setting, propensity: Propensity) -> Vector:
    """Odds of the target over the odds that all in the two groups have of it."""
    sample = setting.sample
    target, origin = (
        float(np.where(sample.members(label), sample.weights, 0.0).sum())
        for label in (propensity.target, setting.origin)
    )
    return origin / target / propensity.odds_from


def balance(setting: Setting, propensity: Propensity, pull: Vector) -> pd.DataFrame:
    """Return each control's mean in both groups, and in `to` weighted to resemble `from`.

    Columns ``control, mean_from, mean_to, mean_to_weighted, difference_before,
    difference_after``; differences in standard deviations of the `from` group (Austin,
    Statistics in Medicine 28 (2009), 3083-3107).
    """
    import pandas as pd

    sample, matrix = setting.sample, setting.controls.matrix
    weights = {
        "from": np.where(sample.members(setting.origin), sample.weights, 0.0),
        "to": np.where(sample.members(propensity.target), sample.weights, 0.0),
        "to_weighted": pull,
    }
    means = {name: project(matrix, w) / w.sum() for name, w in weights.items()}
    spread = _spread(matrix, weights["from"], means["from"])
    return pd.DataFrame(
        {
            "control": setting.controls.names,
            **{f"mean_{name}": mean for name, mean in means.items()},
            "difference_before": (means["to"] - means["from"]) / spread,
            "difference_after": (means["to_weighted"] - means["from"]) / spread,
        }
    )


def _spread(matrix: Design, weights: Vector, means: Floats) -> Floats:
    """Weighted standard deviation of each column; NaN where it does not vary."""
    squares = np.diag(gram(matrix, weights)) / weights.sum()
    variance = squares - means**2
    return np.sqrt(np.where(variance > ROUNDING * squares, variance, np.nan))


def _share(setting: Setting, outside: Vector, origin: Vector) -> Estimate:
    from statsmodels.stats.proportion import proportion_confint

    sample = setting.sample
    weights = np.where(origin, sample.weights, 0.0)
    value, psi = influence.mean(np.where(outside, 1.0, 0.0), weights)
    error = influence.std_error(psi, sample.clusters)
    if 0 < value < 1:
        low, high = influence.logit_interval(value, error, CONF_LEVEL)
        method = "logit interval from influence values"
    else:  # no error to go by
        units = sample.units(setting.origin)
        low, high = proportion_confint(value * units, units, 1 - CONF_LEVEL, method="wilson")
        method = f"Wilson interval of {units:,} independent customers or clusters"
    return Estimate(
        f"check.overlap.{sample.outcome.name}",
        value,
        float(low),
        float(high),
        error,
        f"share of answers in {setting.origin}",
        int(origin.sum()),
        "propensity by logit on the controls; outside: relative odds of the other group under "
        f"1/20, or beyond its range; {method}",
        term="overlap",
    )
