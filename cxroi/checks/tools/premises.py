"""What most checks start from: the regression of an outcome, the verdict on it, the level."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from ...errors import CxroiError, ModelError
from ...respondents.wave_pairs import Pairs, wave_pairs
from ...results.estimate import CONF_LEVEL, Estimate
from ...results.formats import titled

if TYPE_CHECKING:
    from ...analysis import Analysis
    from ...effects.adjusted import Regression
    from ...effects.verdicts import Verdict
    from ...panel.panel import Panel
    from ...study.declared import Study


def regression_and_verdict(analysis: Analysis, outcome: str) -> tuple[Regression, Verdict]:
    """Return the regression of an outcome and its verdict.

    Raises
    ------
    StudyError
        Unknown outcome.
    CxroiError
        The refusal of the outcome's regression, where it was refused.
    """
    declared = analysis.panel.study.outcome(outcome)
    if outcome not in analysis.regressions:
        raise analysis.refusals.get(outcome) or ModelError(
            f"outcome {declared.name!r} has no regression"
        )
    verdict = next(v for v in analysis.verdicts if v.outcome == outcome)
    return analysis.regressions[outcome], verdict


def readable(outcome: str) -> str:
    """Return an outcome as a reader knows it, such as ``repeat purchase``."""
    return outcome.replace("_", " ")


def distinct_outcomes(study: Study) -> int:
    """Count the outcomes that are tested; staying is leaving, mirrored."""
    return len({"retained" if o.name == "churned" else o.name for o in study.outcomes})


def told_apart(gap: Estimate, tests: int = 1) -> bool:
    """Whether the interval leaves zero out, at a level corrected by Bonferroni for `tests`."""
    if tests == 1:
        return (gap.conf_low or 0.0) > 0 or (gap.conf_high or 0.0) < 0
    if gap.p_value is None:
        raise ValueError(f"{gap.name} has no p value")
    return gap.p_value < (1 - CONF_LEVEL) / tests


def half_width(gap: Estimate) -> float:
    """Return half the width of an interval, in the unit of the estimate."""
    return ((gap.conf_high or 0.0) - (gap.conf_low or 0.0)) / 2


def require_interval(gap: Estimate, what: str) -> None:
    """Refuse an estimate without an interval: it would be judged as if it were zero.

    Raises
    ------
    ModelError
        The estimate, its error or an end of its interval is missing or not finite.
    """
    figures = (gap.estimate, gap.std_error, gap.conf_low, gap.conf_high)
    if not all(figure is not None and isfinite(figure) for figure in figures):
        raise ModelError(f"{what} has no interval", "a verdict rests on one")


def dated_pairs(panel: Panel, unseen: str, needs: str) -> Pairs:
    """Return the answers of the same customers in consecutive waves.

    Parameters
    ----------
    unseen
        What cannot be seen without them, for the refusal.
    needs
        What needs them, such as ``a backtest``.

    Raises
    ------
    ModelError
        Answers without dates, or no wave before.
    """
    needed = f"{needs} needs two waves with dates"
    if panel.waves == ("all",):
        raise ModelError(f"The answers have no dates: {unseen} cannot be seen", needed)
    try:
        return wave_pairs(panel)
    except CxroiError as refusal:
        found = titled(refusal.found)
        raise ModelError(f"{found}: {unseen} cannot be seen", needed, refusal.fix) from refusal
