"""Outcomes per group, gaps, tests.

Unweighted, with one row per customer: Welch's interval for means (Welch, Biometrika 34 (1947),
28-35), Wilson's for a share (1927) and Newcombe's hybrid score interval for a difference of
shares (Newcombe, Statistics in Medicine 17 (1998), 873-890, method 10). With survey weights or
several rows per customer the error comes from influence values summed per customer.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from . import influence
from .errors import ScarceDataError
from .estimate import CONF_LEVEL, Estimate, TidyMixin, tidy_table
from .multiplicity import holm
from .sample import MINIMUM_GROUP, Sample, take_sample

if TYPE_CHECKING:
    import pandas as pd

    from .influence import Flags, Floats
    from .panel import Panel

SMALLEST_CELL = 5


@dataclass(frozen=True, repr=False)
class Comparison(TidyMixin):
    """One outcome compared between the groups of a score.

    Attributes
    ----------
    means
        One estimate a group, worst group first, in the outcome's unit.
    medians, shares_above_zero
        One figure a group, survey-weighted like the means; None under 5 responses.
    gaps
        Each other group minus the reference, in the outcome's unit.
    relative_gaps
        The same as a share of the reference's mean.
    effect_sizes
        Hedges' g for amounts and counts, Cohen's h for shares.
    pairwise
        Every pair with p values adjusted by Holm (1979).
    omnibus
        Whether any group differs: one row with statistic, p value, method.
    notes
        What was suppressed, and why.
    """

    outcome: str
    reference: str
    weighted: bool
    means: tuple[Estimate, ...]
    medians: tuple[float | None, ...]
    shares_above_zero: tuple[float | None, ...]
    gaps: tuple[Estimate, ...]
    relative_gaps: tuple[Estimate, ...]
    effect_sizes: tuple[Estimate, ...]
    pairwise: pd.DataFrame
    omnibus: Estimate
    notes: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Return the means and the gaps, one row each."""
        return tidy_table([*self.means, *self.gaps, *self.relative_gaps, *self.effect_sizes])

    def groups(self) -> pd.DataFrame:
        """Return one row a group: n, mean with interval, median, share above zero."""
        import pandas as pd

        rows = zip(self.means, self.medians, self.shares_above_zero, strict=True)
        return pd.DataFrame(
            [
                {
                    "group": mean.term,
                    "n": mean.n,
                    "mean": mean.estimate,
                    "conf_low": mean.conf_low,
                    "conf_high": mean.conf_high,
                    "median": median,
                    "share_above_zero": share,
                }
                for mean, median, share in rows
            ]
        )


def score(panel: Panel, *, weighted: bool | None = None) -> tuple[Estimate, ...]:
    """Return the headline score and the share of each group, from every valid answer.

    NPS is the share of promoters minus that of detractors, in points; CSAT the share of
    satisfied answers in per cent; for other scales the mean answer. Named ``score.<metric>`` and
    ``share.<group>``.
    """
    scale, frame = panel.study.scale, panel.scores
    weights = frame["weight"].to_numpy(dtype=float)
    use = bool(np.ptp(weights) > 0) if weighted is None else weighted
    weights = weights if use else np.ones(len(frame))
    clusters = frame["cluster"].factorize()[0].astype(np.int64)
    codes = np.asarray(frame["group"].cat.codes)
    best, worst = codes == len(scale.labels) - 1, codes == 0
    values = {
        "nps": 100.0 * (best.astype(float) - worst.astype(float)),
        "csat": 100.0 * best,
    }.get(scale.kind, frame["score"].to_numpy(dtype=float))
    how = "weighted, " if use else ""

    def estimate(name: str, term: str, values: Floats, unit: str) -> Estimate:
        value, psi = influence.mean(values.astype(float), weights)
        error = influence.std_error(psi, clusters)
        low, high = influence.normal_interval(value, error, CONF_LEVEL)
        method = f"{how}mean over answers, normal interval from customers' influence values"
        return Estimate(name, value, low, high, error, unit, len(frame), method, term=term)

    shares = [
        estimate(f"share.{label}", label, codes == position, "share of answers")
        for position, label in enumerate(scale.labels)
    ]
    headline = estimate(f"score.{scale.metric}", scale.metric, values, scale.score_unit)
    return (headline, *shares)


def compare_groups(
    panel: Panel, outcome: str, *, reference: str = "", weighted: bool | None = None
) -> Comparison:
    """Compare one outcome between the groups of the score.

    Parameters
    ----------
    reference
        Group that the others are held against; by default the one moved from.
    weighted
        Use the survey weights; by default wherever the study declares them.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome is constant or known for nobody.
    """
    sample = take_sample(panel, outcome, weighted=weighted)
    reference = reference or panel.study.origin
    notes = tuple(_small_groups(sample))
    large = [label for label in sample.labels if sample.units(label) >= MINIMUM_GROUP]
    others = [label for label in large if label != reference] if reference in large else []
    gaps = [_gap(sample, reference, label) for label in others]
    return Comparison(
        outcome=outcome,
        reference=reference,
        weighted=sample.weighted,
        means=tuple(_mean(sample, label) for label in sample.labels),
        medians=tuple(_median(sample, label) for label in sample.labels),
        shares_above_zero=tuple(_share_above_zero(sample, label) for label in sample.labels),
        gaps=tuple(gaps),
        relative_gaps=tuple(_relative_gap(sample, reference, label) for label in others),
        effect_sizes=tuple(_effect_size(sample, reference, label) for label in others),
        pairwise=_pairwise(sample, large),
        omnibus=_omnibus(sample, large),
        notes=notes,
    )


def raw_gap(sample: Sample, origin: str, target: str) -> Estimate:
    """Return the gap between two groups, refusing groups too small to compare.

    Raises
    ------
    ModelError
        A group under 30, or a yes/no outcome too rare in either.
    """
    sample.require(origin)
    sample.require(target)
    return _gap(sample, origin, target)


def _small_groups(sample: Sample) -> Iterator[str]:
    for label in sample.labels:
        size, units = sample.size(label), sample.units(label)
        if units < MINIMUM_GROUP:
            of = f" of {units} customers or clusters" if SMALLEST_CELL <= size > units else ""
            yield (
                f"Group '{label}' has {size if size >= SMALLEST_CELL else f'under {SMALLEST_CELL}'}"
                f" responses{of}; its gaps are not shown (at least {MINIMUM_GROUP} are needed)."
            )


def _simple(sample: Sample) -> bool:
    return not sample.weighted and not sample.clustered


def _mean(sample: Sample, label: str) -> Estimate:
    from scipy.special import expit

    members = sample.members(label)
    values, n = sample.values[members], int(members.sum())
    name, unit = f"mean.{sample.outcome.name}.{label}", sample.outcome.unit
    if n < SMALLEST_CELL:
        note = f"suppressed: under {SMALLEST_CELL} responses"
        return Estimate(name, None, None, None, None, unit, 0, "none", note, term=label)
    weights = np.where(members, sample.weights, 0.0)
    value, psi = influence.mean(sample.values, weights)
    alone = sample.units(label) < 2  # of one customer or cluster, nothing says how others vary
    error = np.nan if alone else influence.std_error(psi, sample.clusters)
    if not _simple(sample) and sample.outcome.kind == "yes_no" and 0 < value < 1:
        method = _robust_method(sample, "share").replace("normal", "logit")
        slope = value * (1 - value)
        log_odds = float(np.log(value / (1 - value)))
        low, high = expit(influence.normal_interval(log_odds, error / slope, CONF_LEVEL))
    elif not _simple(sample) and sample.outcome.kind != "yes_no":
        method = _robust_method(sample, "mean")
        low, high = influence.normal_interval(value, error, CONF_LEVEL)
    elif sample.outcome.kind == "yes_no":
        from statsmodels.stats.proportion import proportion_confint

        method = "share, Wilson interval"
        low, high = proportion_confint(values.sum(), n, 1 - CONF_LEVEL, method="wilson")
    else:
        from statsmodels.stats.weightstats import DescrStatsW

        method = "mean, Student interval"
        low, high = DescrStatsW(values).tconfint_mean(1 - CONF_LEVEL)
    return Estimate(name, value, float(low), float(high), error, unit, n, method, term=label)


def _gap(sample: Sample, origin: str, target: str) -> Estimate:
    """Difference of the means of two groups, target minus origin."""
    a, b = sample.members(target), sample.members(origin)
    difference, psi = _difference(sample, origin, target)
    error = influence.std_error(psi, sample.clusters)
    if not _simple(sample):
        method = _robust_method(sample, "difference of means")
        low, high = influence.normal_interval(difference, error, CONF_LEVEL)
        p_value = influence.normal_p_value(difference, error)
        statistic = difference / error if error > 0 else None
    elif sample.outcome.kind == "yes_no":
        low, high, p_value, statistic = _newcombe(sample.values[a], sample.values[b])
        method = "difference of shares, Newcombe interval, score test"
    else:
        low, high, p_value, statistic = _welch(sample.values[a], sample.values[b])
        error = abs(difference / statistic) if statistic else error
        method = "difference of means, Welch interval and test"
    try:
        sample.require(origin)
        sample.require(target)
        note = ""
    except ScarceDataError as scarce:
        note = str(scarce)
    return Estimate(
        name=f"contrast.{sample.outcome.name}.raw",
        estimate=difference,
        conf_low=low,
        conf_high=high,
        std_error=error,
        unit=sample.outcome.unit,
        n=int(a.sum() + b.sum()),
        method=method,
        note=note,
        term=sample.outcome.name,
        contrast=f"{target} - {origin}",
        statistic=statistic,
        p_value=p_value,
    )


def _difference(sample: Sample, origin: str, target: str) -> tuple[float, Floats]:
    """Difference of weighted means and its influence values."""
    high, psi_high = influence.mean(
        sample.values, np.where(sample.members(target), sample.weights, 0.0)
    )
    low, psi_low = influence.mean(
        sample.values, np.where(sample.members(origin), sample.weights, 0.0)
    )
    return high - low, psi_high - psi_low


def _welch(a: Floats, b: Floats) -> tuple[float, float, float, float | None]:
    """Interval, p value and t statistic, which two constant groups do not have."""
    from scipy.stats import ttest_ind

    if np.ptp(a) == 0 and np.ptp(b) == 0:
        difference = float(a[0] - b[0])
        return difference, difference, float(difference == 0), None
    with warnings.catch_warnings():  # one constant group is no loss of precision
        warnings.simplefilter("ignore", RuntimeWarning)
        test = ttest_ind(a, b, equal_var=False)
    interval = test.confidence_interval(CONF_LEVEL)
    return float(interval.low), float(interval.high), float(test.pvalue), float(test.statistic)


def _newcombe(a: Floats, b: Floats) -> tuple[float, float, float, float | None]:
    from statsmodels.stats.proportion import (
        confint_proportions_2indep,
        test_proportions_2indep,
    )

    counts = int(a.sum()), len(a), int(b.sum()), len(b)
    low, high = confint_proportions_2indep(
        *counts, method="newcomb", compare="diff", alpha=1 - CONF_LEVEL
    )
    if np.ptp(np.concatenate([a, b])) == 0:
        return float(low), float(high), 1.0, None
    with np.errstate(divide="ignore", invalid="ignore"):  # of ratios that are not asked for
        test = test_proportions_2indep(*counts, method="score", compare="diff")
    return float(low), float(high), float(test.pvalue), float(test.statistic)


def _relative_gap(sample: Sample, origin: str, target: str) -> Estimate:
    """Gap as a share of the origin's mean, with a log-ratio interval (Katz et al. 1978)."""
    high, psi_high = influence.mean(
        sample.values, np.where(sample.members(target), sample.weights, 0.0)
    )
    low, psi_low = influence.mean(
        sample.values, np.where(sample.members(origin), sample.weights, 0.0)
    )
    name, contrast = f"gap.{sample.outcome.name}.relative", f"{target} / {origin} - 1"
    n = int(sample.members(target).sum() + sample.members(origin).sum())
    method = "ratio of means minus one, interval of the log ratio by the delta method"
    unit = f"share of the mean of {origin}"
    if high <= 0 or low <= 0:
        note = "no ratio: a mean is not above zero"
        return Estimate(name, None, None, None, None, unit, n, method, note, contrast=contrast)
    error = influence.std_error(psi_high / high - psi_low / low, sample.clusters)
    bounds = influence.normal_interval(float(np.log(high / low)), error, CONF_LEVEL)
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


def _effect_size(sample: Sample, origin: str, target: str) -> Estimate:
    """Hedges' g (1981) or Cohen's h (1988), with a large-sample interval."""
    a, b = sample.members(target), sample.members(origin)
    n_a, n_b = int(a.sum()), int(b.sum())
    mean_a, psi_a = influence.mean(sample.values, np.where(a, sample.weights, 0.0))
    mean_b, psi_b = influence.mean(sample.values, np.where(b, sample.weights, 0.0))
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
    low, high = influence.normal_interval(value, error, CONF_LEVEL)
    return Estimate(
        f"effect_size.{sample.outcome.name}",
        value,
        low,
        high,
        error,
        unit,
        n_a + n_b,
        method,
        term=sample.outcome.name,
        contrast=f"{target} - {origin}",
    )


def _pooled_spread(sample: Sample, a: Flags, b: Flags) -> tuple[float, Floats]:
    """Pooled standard deviation of two groups, survey-weighted, and its influence values."""
    n = int(a.sum() + b.sum())
    square, psi = 0.0, np.zeros(len(sample.values))
    for members in (a, b):
        weights = np.where(members, sample.weights, 0.0)
        centre = influence.mean(sample.values, weights)[0]
        variance, own = influence.mean((sample.values - centre) ** 2, weights)
        share = int(members.sum()) / (n - 2)
        square, psi = square + share * variance, psi + share * own
    spread = float(np.sqrt(square))
    return spread, psi / (2 * spread) if spread > 0 else psi


def _pairwise(sample: Sample, labels: list[str]) -> pd.DataFrame:
    """Every pair of groups, p values adjusted by Holm."""
    table = tidy_table([_gap(sample, low, high) for low, high in combinations(labels, 2)])
    return table.assign(p_holm=holm(table["p_value"].tolist()))


def _omnibus(sample: Sample, labels: list[str]) -> Estimate:
    """Whether any group differs: Welch's analysis of variance, chi squared, or Wald."""
    name, n = f"omnibus.{sample.outcome.name}", len(sample.values)
    values = [sample.values[sample.members(label)] for label in labels]
    counts = _simple(sample) and sample.outcome.kind == "yes_no"
    note = "fewer than two groups are large enough" if len(labels) < 2 else ""
    if len(labels) >= 2 and np.ptp(np.concatenate(values)) == 0:
        note = "the outcome does not vary in the groups that are large enough"
    elif not counts and any(np.ptp(group) == 0 for group in values):
        note = "the outcome does not vary within a group"
    if note:
        return Estimate(name, None, None, None, None, "statistic", n, "none", note)
    test = _chi_squared if counts else _welch_anova if _simple(sample) else _wald
    statistic, p_value, method = test(sample, labels)
    return Estimate(
        name,
        statistic,
        None,
        None,
        None,
        "test statistic",
        n,
        method,
        term=sample.outcome.name,
        contrast=" = ".join(labels),
        statistic=statistic,
        p_value=p_value,
    )


def _chi_squared(sample: Sample, labels: list[str]) -> tuple[float, float, str]:
    from scipy.stats import chi2_contingency

    groups = [sample.values[sample.members(label)] for label in labels]
    table = np.array([[group.sum(), len(group) - group.sum()] for group in groups])
    test = chi2_contingency(table, correction=False)
    return float(test.statistic), float(test.pvalue), "Pearson's chi-squared test"


def _welch_anova(sample: Sample, labels: list[str]) -> tuple[float, float, str]:
    from statsmodels.stats.oneway import anova_oneway

    groups = [sample.values[sample.members(label)] for label in labels]
    test = anova_oneway(groups, use_var="unequal")
    return float(test.statistic), float(test.pvalue), "Welch's analysis of variance"


def _wald(sample: Sample, labels: list[str]) -> tuple[float, float, str]:
    from scipy.stats import chi2

    pairs = [_difference(sample, labels[0], label) for label in labels[1:]]
    differences = np.array([difference for difference, _ in pairs])
    matrix = influence.covariance(np.column_stack([psi for _, psi in pairs]), sample.clusters)
    statistic = float(differences @ np.linalg.solve(matrix, differences))
    method = _robust_method(sample, "Wald test that all means are equal")
    return statistic, float(chi2.sf(statistic, len(differences))), method


def _median(sample: Sample, label: str) -> float | None:
    """Smallest value that half of the weight does not exceed; midway where it is met exactly."""
    members = sample.members(label)
    if members.sum() < SMALLEST_CELL:
        return None
    values, weights = sample.values[members], sample.weights[members]
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    first = int(np.searchsorted(share, 0.5 - 1e-12))
    met = abs(share[first] - 0.5) < 1e-12 and first + 1 < len(order)
    return float(values[order][[first, first + met]].mean())


def _share_above_zero(sample: Sample, label: str) -> float | None:
    members = sample.members(label)
    if members.sum() < SMALLEST_CELL:
        return None
    return float(np.average(sample.values[members] > 0, weights=sample.weights[members]))


def _robust_method(sample: Sample, what: str) -> str:
    parts = ["survey-weighted " if sample.weighted else "", what, ", normal interval from "]
    parts.append("influence values summed per customer" if sample.clustered else "influence values")
    return "".join(parts)
