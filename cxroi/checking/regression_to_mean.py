"""Regression to the mean: how much of the moves between groups is chance in the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import influence
from ..errors import ModelError, ScarceDataError
from ..estimate import CONF_LEVEL, Estimate, tidy_table
from ..formats import percent, value_and_interval
from ..gaps import newcombe
from ..sample import MINIMUM_GROUP
from ..wave_pairs import Pairs, wave_pairs
from .result import FAILED, PASSED, WARNING, Check

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..influence import Flags, Floats, Integers

REPEATS = 0.8


def regression_to_mean_check(analysis: Analysis, outcome: str = "score") -> Check:
    """Hold each answer against the same customer's next one.

    The correlation r of the score between consecutive waves says how much of an answer lasts:
    who stands at s is expected at mean + r (s - mean) next time even if nothing has happened
    (Galton, Journal of the Anthropological Institute 15 (1886), 246-263). Two checks in one:
    whether r is high, and, with three waves, whether those who moved to the `to` group leave it
    more often than those who were there before, as they do when the move was chance.

    Passed from r = 0.8 on, the usual demand on a scale that groups are compared by (Nunnally,
    Psychometric Theory (1978), 245): the answers then mostly repeat themselves, and a fifth or
    less of a distance from the mean is expected to fall back. Failed where the interval of r
    reaches zero: answers of one customer have nothing in common, so a move says nothing. A
    warning in between.

    Parameters
    ----------
    outcome
        What the check is filed under.

    Raises
    ------
    ModelError
        A single wave, no dates, under 30 customers with answers in two consecutive waves, or
        answers that are all the same.
    """
    pairs = wave_pairs(analysis.panel)
    r = _correlation(pairs)
    stay = _fall_back(pairs)
    low, value = r.conf_low or 0.0, r.estimate or 0.0
    verdict = FAILED if low <= 0 else PASSED if value >= REPEATS else WARNING
    sentence = " ".join([_correlated(pairs, r, verdict), *_fell_back(pairs, stay)])
    table = tidy_table([r, *stay])
    return Check("regression_to_mean", outcome, verdict, sentence, r, table)


def _correlation(pairs: Pairs) -> Estimate:
    """Correlation of consecutive scores, its interval on Fisher's scale (Metron 1 (1921), 3-32).

    With survey weights or several pairs a customer the error comes from influence values.
    """
    scores = pairs.panel.frame["score"].to_numpy(dtype=float)
    x, y = scores[pairs.first], scores[pairs.second]
    clusters = np.unique(pairs.clusters, return_inverse=True)[1]
    units = int(clusters.max(initial=-1)) + 1
    if units < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{units} customers answered in two consecutive waves",
            f"a correlation is shown from {MINIMUM_GROUP} on",
            "Pool more waves, or ask the same customers again",
        )
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        raise ModelError(
            f"all {len(x):,} scores of a wave are the same", "a correlation needs scores that vary"
        )
    r, psi = _pearson(x, y, pairs.weights)
    slope = max(1 - r**2, 1e-12)
    simple = units == len(x) and np.ptp(pairs.weights) == 0
    error = 1 / np.sqrt(len(x) - 3) if simple else influence.std_error(psi / slope, clusters)
    low, high = np.tanh(influence.normal_interval(float(np.arctanh(r)), error, CONF_LEVEL))
    how = "" if simple else ", error from influence values summed per customer"
    return Estimate(
        "check.regression_to_mean.score",
        r,
        float(low),
        float(high),
        error * slope,
        "correlation of consecutive scores",
        len(x),
        f"Pearson correlation, Fisher interval{how}",
        term="score and next score",
    )


def _pearson(x: Floats, y: Floats, weights: Floats) -> tuple[float, Floats]:
    """Weighted correlation and its influence values (Devlin et al., Biometrika 62 (1975), 531)."""
    share = weights / weights.sum()
    a, b = (v - share @ v for v in (x, y))
    a, b = a / np.sqrt(share @ a**2), b / np.sqrt(share @ b**2)
    r = float(np.clip(share @ (a * b), -1 + 1e-12, 1 - 1e-12))
    return r, share * (a * b - r * (a**2 + b**2) / 2)


def _fall_back(pairs: Pairs) -> tuple[Estimate, ...]:
    """Share of those new in the `to` group that left it a wave later, and of those not new."""
    study = pairs.panel.study
    origin, target = pairs.code(study.origin), pairs.code(study.target)
    pair_of = np.full(len(pairs.panel.frame), -1)
    pair_of[pairs.first] = np.arange(len(pairs.first))
    following = pair_of[pairs.second]
    triple = (following >= 0) & (pairs.destination == target)
    left = (pairs.destination[following] != target).astype(float)
    new, old = (triple & (pairs.origin == code) for code in (origin, target))
    clusters = np.unique(pairs.clusters, return_inverse=True)[1]
    if min(len(np.unique(clusters[members])) for members in (new, old)) < MINIMUM_GROUP:
        return ()
    return _left(left, new, old, pairs.weights, clusters)


def _left(
    left: Floats, new: Flags, old: Flags, weights: Floats, clusters: Integers
) -> tuple[Estimate, ...]:
    figures = [influence.mean(left, np.where(members, weights, 0.0)) for members in (new, old)]
    both = new | old
    simple = len(np.unique(clusters[both])) == both.sum() and np.ptp(weights[both]) == 0
    estimates = []
    for term, (value, psi) in zip(("left again", "left, long there"), figures, strict=True):
        error = influence.std_error(psi, clusters)
        low, high = influence.logit_interval(value, error, CONF_LEVEL)
        n = int((new if term == "left again" else old).sum())
        estimates.append(_share(term, value, (low, high), error, n, "share, logit interval"))
    value, psi = figures[0][0] - figures[1][0], figures[0][1] - figures[1][1]
    error = influence.std_error(psi, clusters)
    if simple:
        bounds, method = newcombe(left[new], left[old])[:2], "Newcombe interval"
    else:
        bounds = influence.normal_interval(value, error, CONF_LEVEL)
        method = "normal interval from influence values summed per customer"
    gap = _share(
        "difference",
        value,
        bounds,
        error,
        int(both.sum()),
        f"difference, {method}",
        "new - long there",
    )
    return (*estimates, gap)
