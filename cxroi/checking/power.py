"""Power: the smallest gap that could be found, the tests behind it, the answers still wanting."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..errors import ModelError
from ..estimate import Estimate
from ..formats import percent, quantity, value_and_interval
from ..verdicts import USEFUL
from .judged import judged
from .result import PASSED, WARNING, Check

if TYPE_CHECKING:
    import pandas as pd

    from ..analysis import Analysis
    from ..panel import Panel
    from ..verdicts import Verdict


def power_check(analysis: Analysis, outcome: str) -> Check:
    """Ask whether the smallest gap that matters could have been found.

    The smallest detectable gap is found in 80 of 100 such studies at the two-sided 5 per cent
    level, before correction for several tests (Bloom, Evaluation Review 19 (1995), 547-556).
    The error falls with the root of the number of responses, so the number that makes the gap
    that matters detectable is n times the squared ratio of the two.

    Returns
    -------
    Check
        ``passed`` where the detectable gap is at most the one that matters, ``warning``
        otherwise; the estimate is the detectable gap, in the outcome's unit.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome has no adjusted gap: its regression was refused, or has no error.
    """
    regression, verdict = judged(analysis, outcome)
    adjusted, matters, detectable = regression.adjusted, verdict.matters, verdict.detectable
    if not matters or not detectable:
        raise ModelError(
            f"the smallest gap of {outcome!r} that matters, or its error, is zero",
            "both are above zero",
            f"Declare matters = {{{outcome} = ...}} in [outcomes]",
        )
    enough = detectable <= matters
    return Check(
        name="power",
        outcome=outcome,
        verdict=PASSED if enough else WARNING,
        sentence=" ".join(
            [
                _reach(analysis, verdict, detectable, matters),
                _meaning(adjusted.n, verdict, analysis.panel),
                _tests(verdict, analysis.panel.study.currency),
            ]
        ),
        estimate=_estimate(outcome, adjusted, detectable),
        table=_table(verdict, adjusted.n, analysis.panel),
    )


def _estimate(outcome: str, adjusted: Estimate, detectable: float) -> Estimate:
    return Estimate(
        name=f"check.power.{outcome}",
        estimate=detectable,
        conf_low=None,
        conf_high=None,
        std_error=None,
        unit=adjusted.unit,
        n=adjusted.n,
        method="2.80 standard errors of the adjusted gap: power 80 %, two-sided level 5 %, "
        "before correction for several tests",
        term="smallest detectable gap",
        contrast=adjusted.contrast,
    )


def _reach(analysis: Analysis, verdict: Verdict, detectable: float, matters: float) -> str:
    contrast, currency = (
        analysis.regressions[verdict.outcome].adjusted,
        analysis.panel.study.currency,
    )
    found, wanted = (
        quantity(value, contrast.unit, currency, gap=True) for value in (detectable, matters)
    )
    assumed = "" if verdict.matters_declared else " (assumed: a tenth)"
    return (
        f"{contrast.n:,} responses find a gap of {found} in {_plain(verdict.outcome)} with a "
        f"probability of 80 %; the smallest that matters is {wanted}{assumed}."
    )


def _meaning(n: int, verdict: Verdict, panel: Panel) -> str:
    more = _further(n, verdict)
    if more == 0:
        return "A gap that matters would most likely have been found."
    asked, rate = _invitations(more, panel), percent(panel.coverage.response_rate)
    invited = f" ({asked:,} invitations at the response rate of {rate})" if asked else ""
    found = (
        "A gap was found, and one found with so few answers tends to be overstated"
        if verdict.kind == USEFUL
        else "A gap that matters could have been missed"
    )
    return (
        f"{found}; for one of that size about {more:,} further responses would be needed{invited}."
    )


def _tests(verdict: Verdict, currency: str) -> str:
    contrast, tests = verdict.contrast, verdict.tests
    if contrast is None or contrast.p_value is None or verdict.p_adjusted is None:
        return ""
    several = f"{tests} tests" if tests > 1 else "the only test"
    return (
        f"Found: {value_and_interval(contrast, currency)}, p = {contrast.p_value:.2g} alone, "
        f"{verdict.p_adjusted:.2g} after correction ({several})."
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
    if not coverage.invited or not coverage.answered or panel.frame["wave"].nunique() > 1:
        return None
    return math.ceil(more / coverage.response_rate)


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


def _plain(outcome: str) -> str:
    return outcome.replace("_", " ")
