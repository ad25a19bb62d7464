"""E-values of an adjusted contrast, as a ratio of means, rates or risks."""

from __future__ import annotations

from math import exp, log, sqrt
from typing import TYPE_CHECKING

from ...moments import influence
from ...results.estimate import CONF_LEVEL
from .bounds import e_value, ratio_of_difference

if TYPE_CHECKING:
    from ...effects.adjusted import Regression
    from ...panel.panel import Panel


def e_values(regression: Regression, panel: Panel) -> tuple[float, float]:
    """Return the E-value of the adjusted contrast, and of its interval's end nearer to one.

    A yes/no outcome counts by its rarer answer, so that leaving and staying have the same.
    Amounts that may be negative have no ratio: their difference in standard deviations stands
    in, made an approximate ratio.

    Raises
    ------
    ModelError
        The contrast has no interval.
    """
    return e_value(*_ratio(regression, panel))


def _ratio(regression: Regression, panel: Panel) -> tuple[float, float, float]:
    """Return the mean with the contrast over the mean without, with its interval."""
    sample = regression.setting.sample
    base, moved = regression.mean_from.estimate or 0.0, regression.contrast.estimate or 0.0
    own, change = regression.influence
    if sample.outcome.kind == "yes_no" and base > 1 / 2:
        base, moved, own, change = 1 - base, -moved, -own, -change
    if sample.values.min() < 0 or base <= 0 or base + moved <= 0:
        centred = sample.values - influence.mean(sample.values, sample.weights)[0]
        spread = sqrt(influence.mean(centred * centred, sample.weights)[0])
        error = (regression.contrast.std_error or 0.0) / spread
        return ratio_of_difference(moved / spread, error)
    clusters = panel.clusters if sample.clustered else None
    error = influence.std_error((own + change) / (base + moved) - own / base, clusters)
    middle = log((base + moved) / base)
    low, high = influence.normal_interval(middle, error, CONF_LEVEL, sample.dof())
    return exp(middle), exp(low), exp(high)
