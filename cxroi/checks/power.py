"""Power: the smallest gap that could be found, the tests behind it, the answers still wanting."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..effects.verdicts import TOO_LITTLE, USEFUL
from ..errors import ModelError
from ..results.estimate import Estimate
from ..results.formats import percent, quantity, shown_p, value_and_interval
from .result import PASSED, WARNING, Check
from .tools.premises import readable, regression_and_verdict

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis import Analysis
    from ..effects.verdicts import Verdict
    from ..panel.panel import Panel


# A gap found that is hardly larger than the smallest detectable one was found with some luck.
LUCKY = 1.25


def power_check(analysis: Analysis, outcome: str) -> Check:
    """Ask whether a gap that matters could have been missed.

    The smallest detectable gap is found in 80 of 100 such studies at the two-sided 5 per cent
    level, before correction for several tests (Bloom, Evaluation Review 19 (1995), 547-556).
    The error falls with the root of the number of responses, so the number that makes the gap
    that matters detectable is n times the squared ratio of the two.

    Returns
    -------
    Check
        ``passed`` where a gap was found and its whole interval is beyond the smallest that
        matters, or where the detectable gap is at most that and the verdict is not that there is
        too little data; ``warning`` otherwise. The estimate is the detectable gap, in the
        outcome's unit.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome has no adjusted gap: its regression was refused, or has no error.
    """
    regression, verdict = regression_and_verdict(analysis, outcome)
    answers = regression.adjusted.n  # of every group, as further ones would be
    adjusted, matters, detectable = regression.contrast, verdict.matters, verdict.detectable
    if not matters or not detectable:
        raise ModelError(
            f"the smallest gap in {readable(outcome)} that matters, or its error, is zero",
            "both are above zero",
            f"Declare matters = {{{outcome} = ...}} in [outcomes]",
        )
    enough = detectable <= matters and verdict.kind != TOO_LITTLE
    return Check(
        name="power",
        outcome=outcome,
        verdict=PASSED if enough or _found(verdict, matters) else WARNING,
        sentence=" ".join(
            [
                _reach(analysis, verdict, detectable, matters),
                _meaning(adjusted, answers, verdict, detectable, matters, analysis.panel),
                _tests(verdict, analysis.panel.study.currency),
            ]
        ),
        estimate=_estimate(outcome, adjusted, answers, detectable),
        table=_table(verdict, answers, analysis.panel),
    )


def _estimate(outcome: str, adjusted: Estimate, answers: int, detectable: float) -> Estimate:
    return Estimate(
        name=f"check.power.{outcome}",
        estimate=detectable,
        conf_low=None,
        conf_high=None,
        std_error=None,
        unit=adjusted.unit,
        n=answers,
        method="2.80 standard errors of the adjusted gap: power 80 %, two-sided level 5 %, "
        "before correction for several tests",
        term="smallest detectable gap",
        contrast=adjusted.contrast,
    )


def _reach(analysis: Analysis, verdict: Verdict, detectable: float, matters: float) -> str:
    regression, currency = analysis.regressions[verdict.outcome], analysis.panel.study.currency
    contrast = regression.contrast
    found, wanted = (
        quantity(value, contrast.unit, currency, gap=True) for value in (detectable, matters)
    )
    assumed = "" if verdict.matters_declared else " (assumed: a tenth)"
    return (
        f"{regression.adjusted.n:,} responses find a gap of {found} in "
        f"{readable(verdict.outcome)} with a probability of 80 %, before correction for "
        f"several tests; the smallest that matters is {wanted}{assumed}."
    )


def _found(verdict: Verdict, matters: float) -> bool:
    """Whether a gap was found and all of its interval is beyond what matters."""
    contrast = verdict.contrast
    if verdict.kind != USEFUL or contrast is None:
        return False
    low, high = contrast.conf_low or 0.0, contrast.conf_high or 0.0
    return low >= matters or high <= -matters


def _meaning(
    adjusted: Estimate,
    answers: int,
    verdict: Verdict,
    detectable: float,
    matters: float,
    panel: Panel,
) -> str:
    currency, gap = panel.study.currency, adjusted.estimate or 0.0
    if _found(verdict, matters):
        return "Not missed: found."
    if detectable <= matters:
        if verdict.kind != TOO_LITTLE:
            return "A gap that matters would most likely have been found."
        shown = quantity(gap, adjusted.unit, currency, gap=True)
        return (
            f"The gap found, {shown}, is too uncertain to say on which side of what matters it "
            "lies."
        )
    more = _further(answers, verdict)
    asked, rate = _invitations(more, panel), percent(panel.coverage.share_answered)
    invited = f" ({asked:,} invitations at the response rate of {rate})" if asked else ""
    wanted = quantity(matters, adjusted.unit, currency, gap=True)
    lucky = verdict.kind == USEFUL and abs(gap) < LUCKY * detectable
    return (
        f"To find a gap of {wanted} with a probability of 80 % about {more:,} further responses "
        f"are needed{invited}."
        + (" One found with so few answers tends to be overstated." if lucky else "")
    )


def _tests(verdict: Verdict, currency: str) -> str:
    contrast, tests = verdict.contrast, verdict.tests
    if contrast is None or contrast.p_value is None or verdict.p_adjusted is None:
        return ""
    found = f"The gap is {value_and_interval(contrast, currency)}, p {shown_p(contrast.p_value)}"
    if tests == 1:
        return f"{found} (the only test)."
    after = shown_p(verdict.p_adjusted).removeprefix("= ")
    return (
        f"{found}, after correction for {tests} tests (Holm within an outcome, "
        f"Benjamini-Hochberg over outcomes) {after}."
    )


def _further(n: int, verdict: Verdict) -> int:
    """Responses still wanting, zero where there are enough."""
    return max(0, math.ceil(n * ((verdict.responses_factor or 1.0) - 1)))


def _invitations(more: int, panel: Panel) -> int | None:
    """Invitations that bring so many responses.

    None where it is not known who was invited, or where waves are pooled: the response rate is
    then that of customers over all waves, not of invitations.
    """
    coverage = panel.coverage
    if not coverage.invited or not coverage.answered_of_them or len(panel.waves) > 1:
        return None
    return math.ceil(more / coverage.share_answered)


def _table(verdict: Verdict, n: int, panel: Panel) -> pd.DataFrame:
    import pandas as pd

    contrast, more = verdict.contrast, _further(n, verdict)
    row = {
        "term": verdict.outcome,
        "n": n,
        "detectable": verdict.detectable,
        "matters": verdict.matters,
        "matters_declared": verdict.matters_declared,
        "further_responses": more,
        "further_invitations": _invitations(more, panel),
        "p_value": contrast.p_value if contrast else None,
        "p_adjusted": verdict.p_adjusted,
        "tests": verdict.tests,
    }
    return pd.DataFrame([row])
