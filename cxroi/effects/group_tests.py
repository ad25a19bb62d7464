"""Tests between several groups: every pair by Holm or Games-Howell, and whether any differs."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..models.sample import Sample
from ..moments import influence
from ..results.estimate import CONF_LEVEL, Estimate, tidy_table
from ..results.multiplicity import holm
from .gaps import difference, gap, robust_method, simple

if TYPE_CHECKING:
    import pandas as pd


def pairwise(sample: Sample, labels: list[str]) -> pd.DataFrame:
    """Every pair of groups, p values adjusted by Holm, and by Games-Howell where it applies."""
    table = tidy_table([gap(sample, low, high) for low, high in combinations(labels, 2)])
    table = table.assign(p_holm=holm(table["p_value"].tolist()), p_games_howell=None)
    if sample.outcome.kind != "yes_no" and not _why_not(sample, labels):
        table["p_games_howell"] = games_howell(sample, labels, intervals=False)[
            "p_value"
        ].to_numpy()
    return table


def games_howell(sample: Sample, labels: list[str], *, intervals: bool = True) -> pd.DataFrame:
    """Every pair of groups, with intervals and p values that hold for all pairs at once.

    Games and Howell, Journal of Educational Statistics 1 (1976), 113-125: Welch's statistic
    against the studentised range. It gives the simultaneous intervals that Holm's procedure lacks.

    Parameters
    ----------
    intervals
        Make intervals, whose critical values take far longer than the p values; NaN without.

    Returns
    -------
    pandas.DataFrame
        One row a pair, in the order of `pairwise`: contrast, estimate, conf_low and conf_high in
        the outcome's unit, p_value.

    Raises
    ------
    ModelError
        Fewer than two groups, a group that does not vary, or rows weighted or clustered.
    """
    import pandas as pd
    from statsmodels.sandbox.stats.multicomp import tukeyhsd

    if found := _why_not(sample, labels):
        raise ModelError(
            f"Games-Howell does not apply to {sample.outcome.name!r}: {found}",
            "it needs two groups or more that vary, and rows neither weighted nor clustered",
            "Use the pairs adjusted by Holm",
        )
    sizes, means, variances = map(np.array, zip(*map(sample.moments, labels), strict=True))
    # statsmodels' own pairwise function takes rows, this one their sums.
    critical = None if intervals else np.nan
    test = tukeyhsd(means, sizes, variances, df=sizes - 1, alpha=1 - CONF_LEVEL, q_crit=critical)
    return pd.DataFrame(
        {
            "contrast": [f"{high} - {low}" for low, high in combinations(labels, 2)],
            "estimate": test[2],
            "conf_low": test[4][:, 0],
            "conf_high": test[4][:, 1],
            "p_value": test[8],
        }
    )


def _why_not(sample: Sample, labels: list[str]) -> str:
    """Say why Games-Howell does not apply, if it does not."""
    if not simple(sample):
        return "rows are weighted or clustered"
    if len(labels) < 2:
        return "fewer than two groups are large enough"
    alike = any(_constant(sample, label) for label in labels)
    return "a group does not vary" if alike else ""


def _constant(sample: Sample, label: str) -> bool:
    low, high = sample.extremes(label)
    return low == high


def omnibus(sample: Sample, labels: list[str]) -> Estimate:
    """Whether any group differs: Welch's analysis of variance, chi squared, or Wald."""
    name, n = f"omnibus.{sample.outcome.name}", len(sample.values)
    ends = [sample.extremes(label) for label in labels]
    counts = simple(sample) and sample.outcome.kind == "yes_no"
    note = "fewer than two groups are large enough" if len(labels) < 2 else ""
    if len(labels) >= 2 and len({end for pair in ends for end in pair}) == 1:
        note = "the outcome does not vary in the groups that are large enough"
    elif not counts and any(low == high for low, high in ends):
        note = "the outcome does not vary within a group"
    if note:
        return Estimate(name, None, None, None, None, "statistic", n, "none", note)
    test = _chi_squared if counts else welch_anova if simple(sample) else _wald
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

    table = np.array([[yes, n - yes] for yes, n in map(sample.answers, labels)])
    test = chi2_contingency(table, correction=False)
    return float(test.statistic), float(test.pvalue), "Pearson's chi-squared test"


def welch_anova(sample: Sample, labels: list[str]) -> tuple[float, float, str]:
    """Return statistic, p value and method of Welch's analysis of variance."""
    from statsmodels.stats.oneway import anova_generic

    sizes, means, variances = map(np.array, zip(*map(sample.moments, labels), strict=True))
    test = anova_generic(means, variances, sizes, use_var="unequal")
    return float(test.statistic), float(test.pvalue), "Welch's analysis of variance"


def _wald(sample: Sample, labels: list[str]) -> tuple[float, float, str]:
    from scipy.special import chdtrc

    pairs = [difference(sample, labels[0], label) for label in labels[1:]]
    differences = np.array([difference for difference, _ in pairs])
    matrix = influence.covariance([psi for _, psi in pairs], sample.clusters)
    statistic = float(differences @ np.linalg.solve(matrix, differences))
    method = robust_method(sample, "Wald test that all means are equal")
    return statistic, float(chdtrc(len(differences), statistic)), method
