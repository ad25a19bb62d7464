"""Decision: what to do about a programme, by one written rule from its chance and the rating.

| found | decision |
|---|---|
| no scenario, no ROI, or evidence rated none | not yet |
| ROI above 0 in 95 % of draws or more, and nothing bars it | go |
| ROI above 0 in 5 % of draws or fewer, over the whole horizon, with retention known | no |
| anything else | pilot first |

Go is barred by a rating under moderate, by any failed check, and where the same customers from wave
to wave contradict the gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..results.estimate import Estimate
from ..value.figures import LOSES, PAYS
from .rating import NONE
from .result import FAILED

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..value.roi import Roi
    from .rating import Rating
    from .run import Checks

NO, NOT_YET, PILOT_FIRST, GO = DECISIONS = ("no", "not yet", "pilot first", "go")
# Why a decision is not yet.
NO_SCENARIO, NO_ROI, NO_EVIDENCE = "no scenario", "no ROI", "no evidence"


@dataclass(frozen=True)
class Decision:
    """What to do about the programme of a scenario.

    Attributes
    ----------
    kind
        ``go``, ``pilot first``, ``not yet`` or ``no``.
    barred
        Whether the chance alone would say go, and the evidence bars it.
    wants
        Where it is not yet: ``no scenario``, ``no ROI`` or ``no evidence``; else empty.
    rating
        How far the evidence carries.
    """

    kind: str
    barred: bool
    wants: str
    rating: Rating

    @property
    def entry(self) -> Estimate:
        """The entry of results, ``verdict.overall``."""
        return Estimate(
            name="verdict.overall",
            estimate=float(DECISIONS.index(self.kind)),
            conf_low=None,
            conf_high=None,
            std_error=None,
            unit="0 no, 1 not yet, 2 pilot first, 3 go",
            n=sum(self.rating.counts.values()),
            method="written rule over the chance that it pays, the rating and the checks; n counts "
            "checks",
            note=f"{self.kind}{f': {self.wants}' if self.wants else ''}; evidence rated "
            f"{self.rating.level}",
        )


def decide(analysis: Analysis, checks: Checks) -> Decision:
    """Decide by the rule of this module what to do about the study's programme.

    Returns
    -------
    Decision
        Also without a scenario or a ROI: then it is not yet, and says what is wanting.

    Examples
    --------
    >>> run = cx.open_run(cx.demo_study())  # doctest: +SKIP
    >>> cx.decide(run.analysis, run.checks).kind  # doctest: +SKIP
    'pilot first'
    """
    rating, roi = checks.rating, analysis.roi
    if roi is None:
        wants = NO_ROI if analysis.study.scenario else NO_SCENARIO
        return Decision(NOT_YET, False, wants, rating)
    return decide_roi(roi, rating)


def decide_roi(roi: Roi, rating: Rating) -> Decision:
    """Decide by the rule of this module about a ROI, as far as the evidence is rated."""
    if rating.level == NONE:
        return Decision(NOT_YET, False, NO_EVIDENCE, rating)
    chance = roi["probability_positive"].estimate or 0.0
    if chance >= PAYS:
        carried = rating.carries and not rating.counts[FAILED] and not roi.contradicted_by
        return Decision(GO if carried else PILOT_FIRST, not carried, "", rating)
    return Decision(NO if chance <= LOSES and _counted(roi) else PILOT_FIRST, False, "", rating)


def _counted(roi: Roi) -> bool:
    """Whether all of the value is counted, so that it may be said not to pay."""
    return roi.whole_horizon and not roi.retention_bounded and not roi.contradicted_by
