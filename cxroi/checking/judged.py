"""What most checks start from: the regression of an outcome and the verdict on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ModelError

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..regress import Regression
    from ..verdicts import Verdict


def judged(analysis: Analysis, outcome: str) -> tuple[Regression, Verdict]:
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
