"""Backtest: what a run one wave earlier expected of those who moved, against what they did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ScarceDataError
from ..models.outcome_models import OutcomeFit, fit_outcome, make_setting
from ..models.sample import take_sample
from ..moments import influence
from ..moments.units import units_among
from ..results.estimate import CONF_LEVEL, Estimate, tidy_table
from ..results.formats import interval, quantity, value_and_interval
from ..results.thresholds import MINIMUM_GROUP
from .result import FAILED, PASSED, WARNING, Check
from .tools.last_two_answers import last_two
from .tools.premises import dated_pairs, distinct_outcomes, half_width, readable, told_apart

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..arrays import Vector
    from ..models.sample import Sample
    from ..respondents.wave_pairs import Pairs


@dataclass(frozen=True)
class _Gains:
    """What those who moved were expected to gain, and gained; influence values of either."""

    predicted: float
    realised: float
    of_predicted: Vector
    of_realised: Vector


def backtest_check(analysis: Analysis, outcome: str) -> Check:
    """Hold what an earlier run expected of customers who then moved against what they did.

    The outcome model is fitted on the answers of the last wave but one alone. Movers answered
    in the `from` group then and in the `to` group in the last wave; stayers in the `from` group
    both times. Predicted gain: the movers' mean in the `to` group minus in the `from` group,
    as the model expects them with the covariates they have at the last wave. Realised gain: what
    movers did beyond what was expected of them in the `from` group, minus the same for stayers,
    who show by how much the level has shifted since. Errors are those of the model's
    coefficients and of both groups, from influence values summed per customer or declared cluster.

    The verdict looks at realised minus predicted. Passed where its interval of 95 per cent lies
    within what would matter on either side, or holds zero and is to either side at most half as
    wide as the predicted gain or what would matter, whichever is more: a gain that did not come
    about would then have shown. Failed where the difference reaches what would matter and is
    told apart from zero at a level corrected by Bonferroni for the number of outcomes of the
    study (churned and retained are one), as each outcome has a backtest. A warning in between.

    Movers chose to move, or moved by chance: a passed backtest shows that the gap carries over
    to those who cross it, not that crossing was the cause.

    Raises
    ------
    ModelError
        A single wave, no dates, under 30 movers or stayers with the outcome, or a model that
        one wave alone does not carry.
    StudyError
        Unknown outcome.
    """
    unseen = "what customers did who then moved"
    pairs = dated_pairs(analysis.panel, unseen, "a backtest")
    two = last_two(pairs)
    panel, sample = two.panel, take_sample(two.panel, outcome)
    movers, stayers, earlier = two.of(sample)
    _require(sample, movers, stayers, pairs)
    fitted = fit_outcome(make_setting(panel, sample, waves=False), earlier)
    gains = _gains(fitted, panel.study.target, movers, stayers)
    estimates = _estimates(fitted, gains, movers, stayers)
    matters, tests = _matters(analysis, outcome), distinct_outcomes(panel.study)
    verdict = _verdict(estimates[2], estimates[0], matters, tests)
    meaning = _meaning(verdict, estimates[2], matters, tests, panel.study.currency)
    sentence = f"{_numbers(pairs, outcome, estimates)}: {meaning}. {_why_not_the_gap(pairs)}"
    return Check("backtest", outcome, verdict, sentence, estimates[2], tidy_table(estimates))


def _require(sample: Sample, movers: Vector, stayers: Vector, pairs: Pairs) -> None:
    study = pairs.panel.study
    for members, to in ((movers, study.target), (stayers, study.origin)):
        units = units_among(sample.clusters, members)
        if units < MINIMUM_GROUP:
            raise ScarceDataError(
                f"{units} {sample.unit}s with {readable(sample.outcome.name)!r} answered in "
                f"{study.origin!r} in {pairs.waves[-2]} and in {to!r} in {pairs.waves[-1]}",
                f"a backtest needs {MINIMUM_GROUP}",
                "Ask the same customers again, or more of them",
            )


def _gains(fitted: OutcomeFit, target: str, movers: Vector, stayers: Vector) -> _Gains:
    setting, sample = fitted.setting, fitted.setting.sample
    to = fitted.predict(setting.under(target))
    stay = fitted.predict(setting.under(setting.origin))

    def over(members: Vector, values: Vector, *, moved: bool) -> tuple[float, Vector]:
        """Mean over some rows of values that hang on the coefficients, and its influence."""
        weights = np.where(members, sample.weights, 0.0)
        value, own = influence.mean(values, weights)
        gradient = -stay.gradient(weights) + (to.gradient(weights) if moved else 0.0)
        return value, own + fitted.influence_on(gradient / weights.sum())

    beyond = sample.values - stay.mean
    predicted, psi = over(movers, to.mean - stay.mean, moved=True)
    gained, psi_movers = over(movers, beyond, moved=False)
    shifted, psi_stayers = over(stayers, beyond, moved=False)
    return _Gains(predicted, gained - shifted, psi, psi_movers - psi_stayers)


def _estimates(
    fitted: OutcomeFit, gains: _Gains, movers: Vector, stayers: Vector
) -> tuple[Estimate, Estimate, Estimate]:
    sample = fitted.setting.sample
    outcome, dof = sample.outcome, sample.dof(movers | stayers)

    def estimate(term: str, value: float, psi: Vector, contrast: str) -> Estimate:
        error = influence.std_error(psi, sample.clusters)
        return Estimate(
            f"check.backtest.{outcome.name}",
            value,
            *influence.normal_interval(value, error, CONF_LEVEL, dof),
            error,
            outcome.unit,
            int(movers.sum()),
            f"{fitted.method}, fitted one wave earlier; errors from influence values summed per "
            f"{sample.unit}, those of the coefficients included",
            term=term,
            contrast=contrast,
            statistic=value / error if error > 0 else None,
            p_value=influence.normal_p_value(value, error, dof),
        )

    pair = "as moved - as stayed"
    return (
        estimate("predicted gain", gains.predicted, gains.of_predicted, pair),
        estimate("realised gain", gains.realised, gains.of_realised, "moved - stayed"),
        estimate(
            "difference",
            gains.realised - gains.predicted,
            gains.of_realised - gains.of_predicted,
            "realised - predicted",
        ),
    )


def _matters(analysis: Analysis, outcome: str) -> float:
    """Smallest gap that matters, as the verdict on the outcome has it; 0 where there is none."""
    declared = analysis.panel.study.outcome(outcome).matters
    judged = [v.matters for v in analysis.verdicts if v.outcome == outcome and v.matters]
    return float(next(iter(judged), declared or 0.0))


def _verdict(difference: Estimate, predicted: Estimate, matters: float, tests: int) -> str:
    if _within(difference, matters):
        return PASSED
    if told_apart(difference, tests) and abs(difference.estimate or 0.0) >= matters:
        return FAILED
    wide = half_width(difference) > max(abs(predicted.estimate or 0.0), matters) / 2
    return WARNING if wide or told_apart(difference) else PASSED


def _within(difference: Estimate, matters: float) -> bool:
    """Whether the whole interval is nearer to zero than what would matter."""
    return -matters < (difference.conf_low or 0.0) and (difference.conf_high or 0.0) < matters


def _meaning(verdict: str, difference: Estimate, matters: float, tests: int, currency: str) -> str:
    least = quantity(matters, difference.unit, currency, gap=True)
    if verdict == FAILED:
        return "what was expected did not come about"
    if not told_apart(difference):
        return "what was expected came about" if verdict == PASSED else "too wide to tell"
    if verdict == PASSED:
        return f"a miss, but smaller than {least}, the smallest that matters"
    if not told_apart(difference, tests):
        return f"a miss, but one that chance brings about in one of {tests} outcomes"
    return f"a miss of under {least}, the smallest that matters, though it may be larger"


def _why_not_the_gap(pairs: Pairs) -> str:
    """Say why what was expected is another number than the adjusted gap."""
    return (
        f"What was expected rests on the answers of {pairs.waves[-2]} alone and is about those who "
        f"then moved; the adjusted gap rests on all answers and is about everybody in "
        f"'{pairs.panel.study.origin}', so that the two differ as far as one wave is too few to "
        "tell, or as movers are not like the rest."
    )


def _numbers(pairs: Pairs, outcome: str, estimates: tuple[Estimate, ...]) -> str:
    study = pairs.panel.study
    predicted, realised, difference = estimates
    kind = "the share" if study.outcome(outcome).kind == "yes_no" else "mean"
    name, (before, after) = f"{kind} {readable(outcome)}", pairs.waves[-2:]

    def worded(estimate: Estimate) -> str:
        value = estimate.estimate or 0.0
        amount = quantity(abs(value), estimate.unit, study.currency, gap=True)
        return f"{amount} {'higher' if value >= 0 else 'lower'}"

    return (
        f"For the {difference.n:,} customers who moved from '{study.origin}' to "
        f"'{study.target}' in {after}, a run on {before} alone expected {name} "
        f"{worded(predicted)} ({interval(predicted, study.currency)}) than had they stayed; "
        "against those who did stay it was "
        f"{worded(realised)} ({interval(realised, study.currency)}). Realised less expected is "
        f"{value_and_interval(difference, study.currency)}"
    )
