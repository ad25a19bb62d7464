"""What the check of hidden confounding found, in sentences for a reader of figures."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from .. import influence
from ..confounding import (
    Benchmark,
    Bound,
    Gap,
    e_value,
    ratio_of_difference,
    robustness_value,
    times_to_explain,
)
from ..estimate import CONF_LEVEL, Estimate
from ..formats import percent, quantity, value_and_interval
from .result import FAILED, PASSED, WARNING

if TYPE_CHECKING:
    from ..panel import Panel
    from ..regress import Regression
    from ..roi import Roi

MOST_TIMES = 100.0


def nothing_to_explain(regression: Regression, panel: Panel) -> str:
    """Say that the adjusted interval holds zero already."""
    shown = value_and_interval(regression.adjusted, panel.study.currency)
    return (
        f"The adjusted gap in {_name(regression)} of {shown} may be zero as it stands "
        f"(n = {regression.adjusted.n:,}): there is nothing that a hidden confounder would have "
        "to explain away, though one could hide a gap."
    )


def robustness(gap: Gap, values: tuple[float, float], regression: Regression, panel: Panel) -> str:
    """Say how much a confounder must explain, to undo the gap and its interval."""
    study, adjusted = panel.study, regression.adjusted
    shown = quantity(gap.estimate, adjusted.unit, study.currency, gap=True)
    known = "what the controls leave unexplained" if regression.controls else "the differences"
    return (
        f"Something not measured that accounts for {percent(values[0])} of {known}, of who is in "
        f"'{study.target}' and of {_name(regression)} alike, would explain the gap of {shown} away "
        f"(least squares, n = {adjusted.n:,}); {percent(values[1])} would bring its interval to "
        "zero."
    )


def benchmarked(
    gap: Gap, strongest: Benchmark | None, bounds: list[Bound], regression: Regression, panel: Panel
) -> str:
    """Say what confounders as strong as the strongest known control would leave."""
    if strongest is None:
        return (
            "No control is declared and no baseline known: there is nothing to compare that with."
        )
    left = [_left(gap, b, regression.adjusted, panel.study.currency) for b in bounds]
    return (
        f"As strong as {strongest.name}, the strongest known control, it would {left[0]}, three "
        f"times as strong {left[-1]}; the gap is gone at "
        f"{_multiple(times_to_explain(gap, strongest), strongest)}."
    )


def in_money(roi: Roi, gap: Gap, strongest: Benchmark | None) -> str:
    """Say at which confounding of spend the ROI reaches zero."""
    share = roi["break_even_causal_share"].estimate
    if share is None or share >= 1:
        return "The ROI is not above zero even if the whole gap is causal."
    spurious = 1 - share
    than = ""
    if strongest is not None:
        than = f", or {_multiple(times_to_explain(gap, strongest, spurious), strongest)}"
    return (
        f"The ROI is zero where {percent(spurious)} of the gaps is spurious: for spend that takes "
        f"one that accounts for {percent(robustness_value(gap.t, gap.dof, spurious))} of both"
        f"{than}."
    )


def e_value_of(regression: Regression, panel: Panel) -> str:
    """Give the E-value of the adjusted contrast as a ratio."""
    ratio, low, high, what = _ratio(regression, panel)
    point, end = e_value(ratio, low, high)
    return (
        f"E-value of the ratio of {what}, {ratio:#.3g} ({low:#.3g} to {high:#.3g}): {point:.2f}, "
        f"and {end:.2f} for the end of its interval."
    )


def meaning(verdict: str, strongest: Benchmark | None) -> str:
    """Say what the verdict means for a decision."""
    if strongest is None:
        return ""
    return {
        FAILED: f"Something no stronger than {strongest.name} could be all there is to it: no "
        "decision should rest on the gap.",
        WARNING: f"Something within three times {strongest.name} would leave the gap in doubt: "
        "ask what was not measured.",
        PASSED: f"Only something over three times as strong as {strongest.name} would put the gap "
        "in doubt; the data cannot say that there is none.",
    }[verdict]


def _name(regression: Regression) -> str:
    return regression.outcome.replace("_", " ")


def _left(gap: Gap, bound: Bound, adjusted: Estimate, currency: str) -> str:
    if bound.reaches_zero(gap):
        return "bring the gap to zero"
    low, high = bound.conf_low, bound.conf_high
    shown = replace(adjusted, estimate=bound.estimate, conf_low=low, conf_high=high)
    return f"leave {value_and_interval(shown, currency)}"


def _multiple(times: float | None, benchmark: Benchmark) -> str:
    if times is None:
        return f"no multiple of the strength of {benchmark.name}"
    shown = f"over {MOST_TIMES:g}" if times > MOST_TIMES else f"about {times:.2g}"
    return f"{shown} times the strength of {benchmark.name}"


def _ratio(regression: Regression, panel: Panel) -> tuple[float, float, float, str]:
    """Return the mean with the contrast over the mean without, its interval, and what of."""
    sample = regression.fitted.setting.sample
    base, moved = regression.mean_from.estimate or 0.0, regression.adjusted.estimate or 0.0
    if sample.values.min() < 0 or base <= 0 or base + moved <= 0:
        centre = np.average(sample.values, weights=sample.weights)
        spread = sqrt(np.average((sample.values - centre) ** 2, weights=sample.weights))
        error = (regression.adjusted.std_error or 0.0) / spread
        return *ratio_of_difference(moved / spread, error), "the chances of a high value"
    own, change = regression.influence.T
    error = influence.std_error((own + change) / (base + moved) - own / base, panel.clusters)
    middle = log((base + moved) / base)
    low, high = influence.normal_interval(middle, error, CONF_LEVEL)
    what = {"yes_no": "shares", "count": "rates"}.get(sample.outcome.kind, "means")
    return exp(middle), exp(low), exp(high), what
