"""Regression to the mean: how much of the moves between groups is chance in the answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..effects.gaps import newcombe
from ..errors import ModelError, ScarceDataError
from ..moments import influence
from ..respondents.pair_estimates import average, interval_of
from ..respondents.wave_pairs import Pairs
from ..results.estimate import CONF_LEVEL, Estimate, tidy_table
from ..results.formats import percent, value_and_interval
from ..results.thresholds import MINIMUM_GROUP
from .result import FAILED, PASSED, WARNING, Check
from .tools.premises import dated_pairs

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..arrays import Vector

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
    unseen = "whether a customer's next answer is like the last"
    pairs = dated_pairs(analysis.panel, unseen, "regression to the mean")
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
    x, y = pairs.column("score_first"), pairs.column("score_second")
    everybody = pairs.origin >= 0
    units = pairs.units(everybody)
    if units < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{units} {pairs.unit}s answered in two consecutive waves",
            f"a correlation is shown from {MINIMUM_GROUP} on",
            "Pool more waves, or ask the same customers again",
        )
    if x.min() == x.max() or y.min() == y.max():
        raise ModelError(
            f"All {len(x):,} scores of a wave are the same", "a correlation needs scores that vary"
        )
    r, psi = _pearson(x, y, pairs.weights)
    slope = max(1 - r**2, 1e-12)
    simple = pairs.even(everybody)
    error = 1 / np.sqrt(len(x) - 3) if simple else influence.std_error(psi / slope, pairs.clusters)
    kind, dof, summed = interval_of(pairs, everybody)
    on_z = influence.normal_interval(float(np.arctanh(r)), error, CONF_LEVEL, dof)
    low, high = np.tanh(on_z)
    how = "" if simple else f", {kind} {summed}"
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


def _pearson(x: Vector, y: Vector, weights: Vector) -> tuple[float, Vector]:
    """Weighted correlation and its influence values (Devlin et al., Biometrika 62 (1975), 531)."""
    share = weights / weights.sum()
    a, b = (v - share @ v for v in (x, y))
    a, b = a / np.sqrt(share @ (a * a)), b / np.sqrt(share @ (b * b))
    r = float(np.clip(share @ (a * b), -1 + 1e-12, 1 - 1e-12))
    return r, share * (a * b - r * (a * a + b * b) / 2)


def _fall_back(pairs: Pairs) -> tuple[Estimate, ...]:
    """Share of those new in the `to` group that left it a wave later, and of those not new.

    Empty where the panel has two waves or a side under 30 customers.
    """
    study = pairs.panel.study
    origin, target = pairs.code(study.origin), pairs.code(study.target)
    before = pairs.column("before")
    there = pairs.origin == target
    new, old = there & (before == origin), there & (before == target)
    left = np.where(pairs.destination != target, 1.0, 0.0)
    shares = (
        average(pairs, left, new, "", f"left '{study.target}' after one wave in it"),
        average(pairs, left, old, "", f"left '{study.target}' after two waves in it"),
    )
    if any(share.estimate is None for share in shares):
        return ()
    return (*shares, _difference(pairs, left, new, old))


def _difference(pairs: Pairs, left: Vector, new: Vector, old: Vector) -> Estimate:
    weights, both = pairs.weights, new | old
    (a, psi_a), (b, psi_b) = (
        influence.mean(left, np.where(members, weights, 0.0)) for members in (new, old)
    )
    error = influence.std_error(psi_a - psi_b, pairs.clusters)
    if pairs.even(both):
        of_new, of_old = ([int(part.sum()) for part in (m & (left == 1), m)] for m in (new, old))
        low, high = newcombe(*of_new, *of_old)[:2]
        method = "difference of shares, Newcombe interval"
    else:
        kind, dof, summed = interval_of(pairs, both)
        low, high = influence.normal_interval(a - b, error, CONF_LEVEL, dof)
        method = f"difference of shares, {kind} {summed}"
    unit, n, contrast = "share of customers", int(both.sum()), "one wave - two waves"
    return Estimate("", a - b, low, high, error, unit, n, method, term="gap", contrast=contrast)


def _correlated(pairs: Pairs, r: Estimate, verdict: str) -> str:
    """Say what one answer tells about the next, with the fall-back of the `to` group."""
    study, scores, weights = pairs.panel.study, pairs.column("score_first"), pairs.weights
    mean = float(weights @ scores / weights.sum())
    text = (
        f"Scores of the same customer in consecutive waves correlate at "
        f"{value_and_interval(r, study.currency)}, from {r.n:,} pairs of answers"
    )
    if verdict == FAILED:
        return f"{text}: one answer says nothing of the next, so moves may be chance altogether."
    if verdict == PASSED:
        return f"{text}: the answers mostly repeat themselves, and few moves are chance."
    there = pairs.origin == pairs.code(study.target)
    if not there.sum():
        return f"{text}: part of every move is chance."
    inside = np.where(there, weights, 0.0)
    at = float(inside @ scores / inside.sum())
    expected = mean + (r.estimate or 0.0) * (at - mean)
    return (
        f"{text}: part of every move is chance. Customers at {at:.1f}, the mean of "
        f"'{study.target}', are expected at {expected:.1f} a wave later even if nothing changes, "
        f"nearer to the mean of {mean:.1f}; a move counted in one wave overstates what lasts."
    )


def _fell_back(pairs: Pairs, stay: tuple[Estimate, ...]) -> Iterator[str]:
    """Say how many of those who moved did not stay, against those who were there before."""
    study = pairs.panel.study
    if not stay:
        yield (
            f"Whether those who moved to '{study.target}' stayed cannot be told: it takes three "
            f"waves with {MINIMUM_GROUP} customers who moved and {MINIMUM_GROUP} who were there."
        )
        return
    new, old, gap = stay
    yield (
        f"Of the {new.n:,} who had moved from '{study.origin}' to '{study.target}', "
        f"{percent(new.estimate)} were no longer there a wave later, against "
        f"{percent(old.estimate)} of the {old.n:,} who had been there twice: a difference of "
        f"{value_and_interval(gap, study.currency)}."
    )
