"""Nonresponse: whether the gap changes when answers also stand for those who gave none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..effects.adjusted import Regression, regress_outcome
from ..moments import influence
from ..respondents.nonresponse import LIMIT, Nonresponse, reweighted, weigh_responses
from ..results.estimate import CONF_LEVEL, Estimate
from ..results.formats import percent, quantity, value_and_interval
from ..study.calendars import wave_word
from .result import FAILED, PASSED, WARNING, Check
from .tools.premises import regression_and_verdict

if TYPE_CHECKING:
    from ..analysis import Analysis

NAME = "nonresponse"
MOST_UNMATCHED = 0.05


def nonresponse_check(
    analysis: Analysis,
    outcome: str,
    nonresponse: Nonresponse | None = None,
    weighted: Regression | None = None,
) -> Check:
    """Hold the adjusted contrast with response weights against the one without.

    Passed where the difference is under both the smallest gap that matters and half the
    margin of error, and at most 5 per cent of the answers belong to no invitation; failed where
    the contrast changes its sign and both intervals exclude zero. The interval of the difference
    comes from the influence values of both contrasts on the same answers, weights taken as
    known.

    Parameters
    ----------
    nonresponse
        What `weigh_responses` returns for the panel, if it is at hand.
    weighted
        The regression with its weights, if it is at hand.

    Raises
    ------
    ModelError
        Weights cannot be made, or the weighted regression is refused.
    """
    panel, (plain, verdict) = analysis.panel, regression_and_verdict(analysis, outcome)
    known = nonresponse or weigh_responses(panel)
    weighted = weighted or regress_outcome(reweighted(panel, known), outcome)
    difference = _difference(analysis, plain, weighted, known)
    found = _verdict(plain.contrast, weighted.contrast, difference, verdict.matters)
    lost = known.unmatched / panel.size
    return Check(
        name=NAME,
        outcome=outcome,
        verdict=WARNING if found == PASSED and lost > MOST_UNMATCHED else found,
        sentence=" ".join(
            [
                _sentence(analysis, known, plain, weighted, difference, found),
                *([f"{percent(lost)} of the answers belong to no invitation."] if lost else []),
                LIMIT,
            ]
        ),
        estimate=difference,
        table=known.balance,
    )


def _difference(
    analysis: Analysis, plain: Regression, weighted: Regression, known: Nonresponse
) -> Estimate:
    # The weighted rows hold the columns of the others.
    with_weights, without = weighted.setting.sample, plain.influence[1]
    psi = weighted.influence[1] - with_weights.everybody.spread(without, analysis.panel.rows)
    error, sample = influence.std_error(psi, analysis.panel.clusters), plain.setting.sample
    dof = sample.dof()
    value = float(weighted.contrast.estimate or 0.0) - float(plain.contrast.estimate or 0.0)
    low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
    return Estimate(
        name=f"check.{NAME}.{plain.outcome}",
        estimate=value,
        conf_low=low,
        conf_high=high,
        std_error=error,
        unit=plain.contrast.unit,
        n=plain.contrast.n,
        method=f"adjusted contrast with minus without {known.method}; {plain.contrast.method}",
        term="difference by weighting",
        contrast=plain.contrast.contrast,
        statistic=value / error if error > 0 else None,
        p_value=influence.normal_p_value(value, error, dof),
    )


def _verdict(
    plain: Estimate, weighted: Estimate, difference: Estimate, matters: float | None
) -> str:
    size = abs(difference.estimate or 0.0)
    margin = ((plain.conf_high or 0.0) - (plain.conf_low or 0.0)) / 2
    if (plain.estimate or 0.0) * (weighted.estimate or 0.0) < 0 and all(
        (e.conf_low or 0.0) * (e.conf_high or 0.0) > 0 for e in (plain, weighted)
    ):
        return FAILED
    small = size < margin / 2 and (matters is None or size < matters)
    return PASSED if small else WARNING


def _sentence(
    analysis: Analysis,
    known: Nonresponse,
    plain: Regression,
    weighted: Regression,
    difference: Estimate,
    verdict: str,
) -> str:
    currency, gap = analysis.panel.study.currency, plain.contrast
    wave = wave_word(analysis.panel.study)
    size = quantity(abs(difference.estimate or 0.0), gap.unit, currency, gap=True)
    meaning = {
        PASSED: f"a change of {size}, less than what matters and than half the margin of error",
        WARNING: f"a change of {size}, too large to pass over: the gap is that much less certain",
        FAILED: "the sign is the other one, so no decision should rest on either",
    }[verdict]
    return (
        f"{known.answered:,} of the {known.invited:,} invitations that can be followed up, one a "
        f"customer and {wave}, were answered ({percent(known.response_rate.estimate)}). Weighted "
        f"to resemble all invited, the adjusted gap in {plain.outcome.replace('_', ' ')} "
        f"({gap.contrast}) is "
        f"{value_and_interval(weighted.contrast, currency)} instead of "
        f"{value_and_interval(gap, currency)}: {meaning}."
    )
