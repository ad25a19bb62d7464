"""E-values of an adjusted contrast, as a ratio of means, rates or risks.

VanderWeele and Ding, Annals of Internal Medicine 167 (2017), 268-274.
"""

from __future__ import annotations

from math import exp, inf, log, sqrt
from typing import TYPE_CHECKING

from ...errors import ModelError
from ...moments import influence
from ...results.estimate import CONF_LEVEL

if TYPE_CHECKING:
    from ...effects.adjusted import Regression
    from ...panel.panel import Panel

LARGEST_EXPONENT = 700.0  # the largest number there is lies between e^709 and e^710


def e_values(regression: Regression, panel: Panel) -> tuple[float, float]:
    """Return the E-value of the adjusted contrast, and of its interval's end nearer to one.

    A yes/no outcome counts by its rarer answer, so that leaving and staying have the same.
    Amounts that may be negative have no ratio: their difference in standard deviations stands
    in, made an approximate ratio.

    Raises
    ------
    ModelError
        The contrast has no interval, or one beyond the range of numbers.
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
    return _exponentials(middle, low, high)


def e_value(ratio: float, low: float, high: float) -> tuple[float, float]:
    """Return the E-value of a ratio, and of the end of its interval that is closer to one.

    The smallest ratio by which a confounder must be associated with both the group and the
    outcome, beyond the controls, to explain the ratio (of risks, rates, or means above zero)
    away: R + sqrt(R (R - 1)) for R above one, 1 / R in its place below; at least one, and for
    an interval that includes one, one. Source: VanderWeele and Ding (2017).

    Raises
    ------
    ModelError
        The ratio is not above zero, or not inside its interval.
    """
    if not (0 < ratio < inf and low <= ratio <= high):
        raise ModelError(
            f"a ratio of {ratio:g} with the interval {low:g} to {high:g} has no E-value",
            "it is above zero and inside its interval",
        )
    nearest = low if ratio >= 1 else high
    crosses = low <= 1 <= high
    return _e_value(ratio), 1.0 if crosses else _e_value(nearest)


def ratio_of_difference(difference: float, std_error: float) -> tuple[float, float, float]:
    """Return a difference in standard deviations as an approximate ratio with its interval.

    exp(0.91 d), from exp(0.91 d - 1.78 s) to exp(0.91 d + 1.78 s). Source: VanderWeele and Ding
    (2017), after Chinn, Statistics in Medicine 19 (2000), 3127-3131.

    Raises
    ------
    ModelError
        A ratio beyond the range of numbers.
    """
    middle, half = 0.91 * difference, 1.78 * std_error
    return _exponentials(middle, middle - half, middle + half)


def _exponentials(middle: float, low: float, high: float) -> tuple[float, float, float]:
    if max(abs(low), abs(high)) > LARGEST_EXPONENT:
        raise ModelError(
            "the gap and its interval are hundreds of times what customers differ by",
            "an E-value is made of a ratio that numbers can hold",
            "A few values carry the gap: look at the largest of the outcome and of the controls",
        )
    return exp(middle), exp(low), exp(high)


def _e_value(ratio: float) -> float:
    above = ratio if ratio >= 1 else 1 / ratio
    return above + sqrt(above * (above - 1))
