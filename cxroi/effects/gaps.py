"""Mean of a group and gap between two groups, with interval and test.

Unweighted, with one row per customer: Welch's interval for means (Welch, Biometrika 34 (1947),
28-35), Wilson's for a share (1927) and Newcombe's hybrid score interval for a difference of
shares (Newcombe, Statistics in Medicine 17 (1998), 873-890, method 10). With survey weights or
several rows per unit the error comes from influence values summed per customer or declared
cluster; with declared clusters the interval is Student's with their effective number less one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ScarceDataError
from ..models.sample import Sample, student
from ..moments import influence
from ..moments.order_statistics import median
from ..results.estimate import CONF_LEVEL, Estimate

if TYPE_CHECKING:
    from ..arrays import Vector

SMALLEST_CELL = 5
Moments = tuple[int, float, float]  # size, mean, variance with divisor n - 1


def raw_gap(sample: Sample, origin: str, target: str) -> Estimate:
    """Return the gap between two groups, refusing groups too small to compare.

    Raises
    ------
    ModelError
        A group under 30, or a yes/no outcome too rare in either.
    """
    sample.require(origin)
    sample.require(target)
    return gap(sample, origin, target)


def group_mean(sample: Sample, label: str) -> Estimate:
    """Return the mean outcome of a group with its interval; suppressed under 5 responses."""
    n = sample.size(label)
    name, unit = f"mean.{sample.outcome.name}.{label}", sample.outcome.unit
    about = partial(replace, outcome=sample.outcome.name, rung="mean", group=label)
    if n < SMALLEST_CELL:
        note = f"suppressed: under {SMALLEST_CELL} responses"
        none = Estimate(name, None, None, None, None, unit, 0, "none", note, term=label)
        return about(none)
    value, psi = sample.mean(label)
    alone = sample.units(label) < 2  # of one customer or cluster, nothing says how others vary
    error = np.nan if alone else influence.std_error(psi, sample.clusters)
    interval = _simple_interval if simple(sample) else _robust_interval
    low, high, method = interval(sample, label, value, error)
    bounds = float(low), float(high)
    mean = Estimate(name, value, *bounds, error, unit, n, method, term=label)
    return about(mean)


def _simple_interval(
    sample: Sample, label: str, value: float, error: float
) -> tuple[float, float, str]:
    """Interval of a group's mean and its name, where rows are alike and independent."""
    if sample.outcome.kind == "yes_no":
        interval = influence.wilson_interval(value, sample.size(label), CONF_LEVEL)
        return *interval, "share, Wilson interval"
    n, mean, variance = sample.moments(label)
    interval = influence.normal_interval(mean, sqrt(variance / n), CONF_LEVEL, n - 1)
    return *interval, "mean, Student interval"


def _robust_interval(
    sample: Sample, label: str, value: float, error: float
) -> tuple[float, float, str]:
    """Interval of a group's mean and its name, where rows are weighted or hang together."""
    members = sample.members(label)
    if sample.outcome.kind != "yes_no":
        interval = influence.normal_interval(value, error, CONF_LEVEL, sample.dof(members))
        return *interval, robust_method(sample, "mean", members)
    if 0 < value < 1:
        interval = influence.logit_interval(value, error, CONF_LEVEL, sample.dof(members))
        method = robust_method(sample, "share", members)
        return *interval, method.replace("normal", "logit").replace("Student", "logit Student")
    weights = np.where(members, sample.weights, 0.0)
    effective = influence.effective_units(weights, sample.clusters)
    units = f"{effective:,.0f} effective {sample.unit}s"
    interval = influence.wilson_interval(value, effective, CONF_LEVEL)
    return *interval, f"share, Wilson interval with {units}"


def group_median(sample: Sample, label: str) -> float | None:
    """Smallest value that half of the weight does not exceed; midway where it is met exactly."""
    members = sample.members(label)
    if sample.size(label) < SMALLEST_CELL:
        return None
    return median(sample.values, sample.weights, members)


def share_above_zero(sample: Sample, label: str) -> float | None:
    """Return the weighted share of a group above zero; None under 5 responses."""
    members = sample.members(label)
    if sample.size(label) < SMALLEST_CELL:
        return None
    weights = np.where(members, sample.weights, 0.0)
    above, total = influence.sums(np.where(sample.values > 0, weights, 0.0), weights)
    return float(above / total)


def gap(sample: Sample, origin: str, target: str) -> Estimate:
    """Difference of the means of two groups, target minus origin."""
    a, b = sample.members(target), sample.members(origin)
    value, psi = difference(sample, origin, target)
    error = influence.std_error(psi, sample.clusters)
    if not simple(sample):
        method, dof = robust_method(sample, "difference of means", a | b), sample.dof(a | b)
        low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
        p_value = influence.normal_p_value(value, error, dof)
        statistic = value / error if error > 0 else None
    elif sample.outcome.kind == "yes_no":
        low, high, p_value, statistic = newcombe(*sample.answers(target), *sample.answers(origin))
        method = "difference of shares, Newcombe interval, score test"
    else:
        low, high, p_value, statistic = welch(sample.moments(target), sample.moments(origin))
        error = abs(value / statistic) if statistic else error
        method = "difference of means, Welch interval and test"
    try:
        sample.require(origin)
        sample.require(target)
        note = ""
    except ScarceDataError as scarce:
        note = str(scarce)
    return Estimate(
        name=f"contrast.{sample.outcome.name}.raw",
        estimate=value,
        conf_low=low,
        conf_high=high,
        std_error=error,
        unit=sample.outcome.unit,
        n=sample.size(target) + sample.size(origin),
        method=method,
        note=note,
        term=sample.outcome.name,
        contrast=f"{target} - {origin}",
        statistic=statistic,
        p_value=p_value,
        outcome=sample.outcome.name,
        rung="raw",
    )


def difference(sample: Sample, origin: str, target: str) -> tuple[float, Vector]:
    """Difference of weighted means and its influence values."""
    high, psi_high = sample.mean(target)
    low, psi_low = sample.mean(origin)
    return high - low, psi_high - psi_low


def welch(a: Moments, b: Moments) -> tuple[float, float, float, float | None]:
    """Interval, p value and t statistic, which two constant groups do not have.

    Parameters
    ----------
    a, b
        Size, mean and variance (divisor n - 1) of each group.
    """
    (n_a, mean_a, variance_a), (n_b, mean_b, variance_b) = a, b
    gap, parts = mean_a - mean_b, np.array([variance_a / n_a, variance_b / n_b])
    square = float(parts.sum())
    if square == 0:
        return gap, gap, float(gap == 0), None
    # Welch's degrees of freedom, as Satterthwaite, Biometrics Bulletin 2 (1946), 110-114.
    dof = square**2 / float(parts**2 @ (1 / np.array([n_a - 1, n_b - 1])))
    error = sqrt(square)
    low, high = influence.normal_interval(gap, error, CONF_LEVEL, dof)
    return low, high, influence.normal_p_value(gap, error, dof), gap / error


def newcombe(
    yes_a: int, n_a: int, yes_b: int, n_b: int
) -> tuple[float, float, float, float | None]:
    """Return Newcombe's interval of a difference of shares, p value and score statistic."""
    from statsmodels.stats.proportion import (
        confint_proportions_2indep,
        test_proportions_2indep,
    )

    counts = yes_a, n_a, yes_b, n_b
    low, high = confint_proportions_2indep(
        *counts, method="newcomb", compare="diff", alpha=1 - CONF_LEVEL
    )
    if yes_a + yes_b in (0, n_a + n_b):
        return float(low), float(high), 1.0, None
    with np.errstate(divide="ignore", invalid="ignore"):  # of ratios that are not asked for
        test = test_proportions_2indep(*counts, method="score", compare="diff")
    return float(low), float(high), float(test.pvalue), float(test.statistic)


def relative_gap(sample: Sample, origin: str, target: str) -> Estimate:
    """Gap as a share of the origin's mean, with a log-ratio interval (Katz et al. 1978)."""
    high, psi_high = sample.mean(target)
    low, psi_low = sample.mean(origin)
    name, contrast = f"gap.{sample.outcome.name}.relative", f"{target} / {origin} - 1"
    n = sample.size(target) + sample.size(origin)
    rows = sample.members(target) | sample.members(origin)
    method = "ratio of means minus one, interval of the log ratio by the delta method"
    method += _student(sample, rows)
    unit = f"share of the mean of {origin}"
    if high <= 0 or low <= 0:
        note = "no ratio: a mean is not above zero"
        return Estimate(name, None, None, None, None, unit, n, method, note, contrast=contrast)
    error = influence.std_error(psi_high / high - psi_low / low, sample.clusters)
    ratio = float(np.log(high / low))
    bounds = influence.normal_interval(ratio, error, CONF_LEVEL, sample.dof(rows))
    with np.errstate(over="ignore"):  # an infinite bound has no figure in results
        bounds = float(np.exp(bounds[0]) - 1), float(np.exp(bounds[1]) - 1)
    return Estimate(
        name,
        high / low - 1,
        *bounds,
        high / low * error,
        unit,
        n,
        method,
        term=sample.outcome.name,
        contrast=contrast,
    )


def effect_size(sample: Sample, origin: str, target: str) -> Estimate:
    """Hedges' g (1981) or Cohen's h (1988), with a large-sample interval."""
    a, b = sample.members(target), sample.members(origin)
    n_a, n_b = int(a.sum()), int(b.sum())
    mean_a, psi_a = sample.mean(target)
    mean_b, psi_b = sample.mean(origin)
    if sample.outcome.kind == "yes_no":
        value = float(2 * np.arcsin(np.sqrt(mean_a)) - 2 * np.arcsin(np.sqrt(mean_b)))
        slopes = [1 / np.sqrt(m * (1 - m)) if 0 < m < 1 else 0.0 for m in (mean_a, mean_b)]
        error = influence.std_error(slopes[0] * psi_a - slopes[1] * psi_b, sample.clusters)
        unit, method = "Cohen's h", "arcsine difference, delta-method interval"
    else:
        spread, psi_spread = _pooled_spread(sample, a, b)
        correction = (1 - 3 / (4 * (n_a + n_b) - 9)) / (spread or np.inf)
        value = correction * (mean_a - mean_b)
        psi = correction * (psi_a - psi_b) - value * psi_spread / (spread or np.inf)
        error = influence.std_error(psi, sample.clusters)
        unit, method = "Hedges' g", "standardised difference, delta-method interval"
    low, high = influence.normal_interval(value, error, CONF_LEVEL, sample.dof(a | b))
    return Estimate(
        f"effect_size.{sample.outcome.name}",
        value,
        low,
        high,
        error,
        unit,
        n_a + n_b,
        method + _student(sample, a | b),
        term=sample.outcome.name,
        contrast=f"{target} - {origin}",
    )


def _pooled_spread(sample: Sample, a: Vector, b: Vector) -> tuple[float, Vector]:
    """Pooled standard deviation of two groups, survey-weighted, and its influence values."""
    n = int(a.sum() + b.sum())
    square, psi = 0.0, 0.0 * sample.weights
    for members in (a, b):
        weights = np.where(members, sample.weights, 0.0)
        centre = influence.mean(sample.values, weights)[0]
        centred = sample.values - centre
        variance, own = influence.mean(centred * centred, weights)
        share = int(members.sum()) / (n - 2)
        square, psi = square + share * variance, psi + share * own
    spread = float(np.sqrt(square))
    return spread, psi / (2 * spread) if spread > 0 else psi


def simple(sample: Sample) -> bool:
    """Return whether rows are equally weighted and independent."""
    return not sample.weighted and not sample.clustered


def robust_method(sample: Sample, what: str, rows: Vector | None = None) -> str:
    """Name a method whose error comes from influence values.

    Parameters
    ----------
    rows
        The rows of an estimate with a Student interval where clusters are declared; without
        them the interval is a normal one.
    """
    interval = (_student(sample, rows) if rows is not None else "") or ", normal interval"
    summed = f" summed per {sample.unit}" if sample.clustered else ""
    weighted = "survey-weighted " if sample.weighted else ""
    return f"{weighted}{what}{interval} from influence values{summed}"


def _student(sample: Sample, rows: Vector) -> str:
    effective = sample.effective_clusters(rows)
    return "" if effective is None else f", {student(effective)}"
