"""How strong a hidden confounder must be to explain a gap away, measured by known controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..models.outcome_models import least_squares
from ..moments import influence
from ..moments.design import gram
from ..results.estimate import Estimate
from .result import FAILED, PASSED, WARNING, Check
from .tools import confounding_words as words
from .tools.bounds import (
    ALPHA,
    Benchmark,
    Bound,
    Gap,
    confounder_bound,
    robustness_value,
    times_to_explain,
)
from .tools.e_values import e_values
from .tools.premises import readable

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis import Analysis
    from ..arrays import Floats
    from ..effects.adjusted import Regression
    from ..models.fit import Fit
    from ..models.outcome_models import Setting
    from ..panel.panel import Panel

TIMES = (1.0, 2.0, 3.0)
BASELINE = " before (per SD)"
# Of the variance. What is less is rounding, and so is every figure made from it.
LEAST_LEFT = 1e-12


def confounding_check(analysis: Analysis, outcome: str) -> Check:
    """Ask how strong something not measured must be to explain the adjusted gap away.

    Least squares of the outcome on the model's own design stands in for the outcome's model.
    Each declared control (all its columns together) and each baseline is a benchmark: the table
    holds what is left of the gap under a confounder one, two and three times as strong.
    Failed: one as strong as the strongest control would bring the gap to zero. Warning: one up
    to three times as strong would bring its interval to zero, or the interval holds zero already
    (a confounder could then hide a gap), or there is no control to compare with.

    The last rows of the table are the E-value and that of the interval's end nearer to one. It
    takes the ratio of the means with and without the contrast: of risks of the rarer answer for
    yes/no, so that leaving and staying have the same; of rates for counts; of means for amounts
    that are never negative (Ding and VanderWeele, Epidemiology 27 (2016), 368-377). For other
    amounts it takes the difference in standard deviations.

    Raises
    ------
    ModelError
        The outcome has no adjusted contrast, the controls determine it, or least squares
        points the other way.
    """
    if outcome not in analysis.regressions:
        raise analysis.refusals.get(outcome) or ModelError(
            f"{readable(outcome)!r} has no adjusted contrast"
        )
    regression, panel = analysis.regressions[outcome], analysis.panel
    setting = regression.setting
    gap, benchmarks = _fit(setting, panel)
    verdict, strongest, named = _judge(gap, benchmarks, regression)
    if _includes_zero(regression.contrast):
        parts = [words.nothing_to_explain(regression, panel)]
    else:
        money = analysis.roi if outcome == "spend" else None  # the outcome that a ROI rests on
        parts = [
            words.robustness(gap, regression, panel, money),
            words.benchmarked(verdict, gap, strongest, named, regression, panel),
        ]
    return Check(
        name="confounding",
        outcome=outcome,
        verdict=verdict,
        sentence=" ".join(filter(None, parts)),
        estimate=_estimate(gap, setting),
        table=_table(gap, benchmarks, e_values(regression, panel)),
    )


def _judge(
    gap: Gap, benchmarks: list[Benchmark], regression: Regression
) -> tuple[str, Benchmark | None, list[Bound]]:
    """Return the verdict, the strongest benchmark, and what is left under multiples of it."""
    if not _includes_zero(regression.contrast):
        _refuse_other_direction(gap, regression)
    strongest = max(benchmarks, key=lambda b: confounder_bound(gap, b).bias, default=None)
    if strongest is None:
        return WARNING, None, []
    named = [confounder_bound(gap, strongest, times) for times in TIMES]
    if _includes_zero(regression.contrast):
        return WARNING, strongest, named
    if named[0].reaches_zero(gap):
        return FAILED, strongest, named
    return WARNING if any(b.includes_zero(gap) for b in named) else PASSED, strongest, named


def _includes_zero(estimate: Estimate) -> bool:
    low, high = estimate.conf_low, estimate.conf_high
    return low is None or high is None or low <= 0 <= high


def _refuse_other_direction(gap: Gap, regression: Regression) -> None:
    if gap.estimate * (regression.contrast.estimate or 0.0) <= 0:
        raise ModelError(
            "least squares and the adjusted contrast of "
            f"{readable(regression.outcome)!r} point apart",
            "the algebra of a hidden confounder is that of least squares",
            "See how the gap changes with the form of the model: few large values may carry it",
        )


def _fit(setting: Setting, panel: Panel) -> tuple[Gap, list[Benchmark]]:
    """Fit outcome and group by least squares; return the gap and the strength of each control."""
    sample = setting.sample
    treated = 1 + setting.others.index(panel.study.target)
    fit = least_squares(setting).parts["mean"]
    left = _left_over(setting, fit)
    products, (n, width) = gram(setting.design, sample.weights), setting.design.shape
    inverse = np.asarray(np.linalg.inv(products))
    error = float(np.sqrt(left / (n - width) * inverse[treated, treated]))
    robust = influence.std_error(fit.influence @ np.eye(width)[treated], sample.clusters)
    gap = Gap(float(fit.params[treated]), error, float(n - width), robust / error)
    # The group on all other columns: what that leaves over is the inverse's own, inverted.
    others = np.delete(np.arange(width), treated)
    inverse_others = np.asarray(np.linalg.inv(products[np.ix_(others, others)]))
    slopes: Floats = inverse_others @ products[others, treated]
    unexplained = float(1 / inverse[treated, treated])
    return gap, [
        # Past the group's own column, the other columns stand one further to the left.
        Benchmark(
            name.replace("_", " "),
            _share(slopes, inverse_others, [c - 1 for c in own], unexplained),
            _share(fit.params, inverse, own, left),
        )
        for name, own in _columns(setting, panel.study.controls).items()
    ]


def _left_over(setting: Setting, fit: Fit) -> float:
    """Weighted residual sum of squares of the outcome; refused where nothing is left over."""
    sample = setting.sample
    residual = sample.values - setting.design @ fit.params
    centred = sample.values - influence.mean(sample.values, sample.weights)[0]
    left, whole = influence.sums(
        sample.weights * (residual * residual), sample.weights * (centred * centred)
    )
    if left < LEAST_LEFT * whole:
        raise ModelError(
            f"the groups and controls determine {readable(sample.outcome.name)!r}",
            "something must be left for a confounder to explain",
            "Check the controls for leakage",
        )
    return float(left)


def _share(params: Floats, inverse: Floats, columns: list[int], left: float) -> float:
    """Partial R2 of columns together: what they explain over itself plus what is left over."""
    own = params[columns]
    explained = float(own @ np.linalg.solve(inverse[np.ix_(columns, columns)], own))
    return explained / (explained + left)


def _columns(setting: Setting, controls: tuple[str, ...]) -> dict[str, list[int]]:
    """Collect the columns of the design by the control or baseline they belong to."""
    found: dict[str, list[int]] = {}
    first = 1 + len(setting.others)
    for position, name in enumerate(setting.names[first:], first):
        owners = [c for c in controls if name.startswith((f"{c} = ", f"{c} (per SD)"))]
        stem = max(owners, key=len) if owners else f"{name.split(BASELINE)[0]} in the baseline"
        found.setdefault(stem, []).append(position)
    return found


def _values(gap: Gap) -> tuple[float, float]:
    """Robustness value of the gap, and of its interval."""
    of_interval = robustness_value(gap.t, gap.dof, alpha=ALPHA, inflation=gap.inflation)
    return robustness_value(gap.t, gap.dof), of_interval


def _estimate(gap: Gap, setting: Setting) -> Estimate:
    sample = setting.sample
    point, low = _values(gap)
    errors = "clustered" if sample.clustered else "robust"
    return Estimate(
        name=f"check.confounding.{sample.outcome.name}",
        estimate=point,
        conf_low=low,
        conf_high=None,
        std_error=None,
        unit="share of residual variance",
        n=len(sample.values),
        method=(
            "robustness value (Cinelli and Hazlett 2020) of "
            f"{'weighted ' if sample.weighted else ''}least squares, "
            f"{len(setting.controls.names)} control columns, {gap.dof:,.0f} residual degrees of "
            f"freedom; lower end: for the 95 % interval with {errors} errors"
        ),
        statistic=gap.t,
    )


def _table(gap: Gap, benchmarks: list[Benchmark], values: tuple[float, float]) -> pd.DataFrame:
    """One row a benchmark and strength, after one for the gap as it is; then the E-values."""
    import pandas as pd

    bounds = [confounder_bound(gap, Benchmark("nothing hidden", 0.0, 0.0), 0.0)]
    bounds += [confounder_bound(gap, b, times) for b in benchmarks for times in TIMES]
    to_zero = {b.name: times_to_explain(gap, b) for b in benchmarks}
    rows = [
        {
            "benchmark": bound.name,
            "times": bound.times,
            "r2_group": bound.r2_group,
            "r2_outcome": bound.r2_outcome,
            "gap": bound.estimate,
            "conf_low": bound.conf_low,
            "conf_high": bound.conf_high,
            "times_to_zero": to_zero.get(bound.name),
        }
        for bound in bounds
    ]
    named = zip(("E-value", "E-value of the interval's end"), values, strict=True)
    table = pd.DataFrame(rows).assign(value=np.nan)
    return pd.concat(
        [table, pd.DataFrame([{"benchmark": name, "value": value} for name, value in named])],
        ignore_index=True,
    )
