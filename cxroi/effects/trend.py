"""The trend over the whole score: how an outcome changes with each point of it.

Beside the pair of groups it uses every answer, so it sees an outcome that worsens as the score
rises, or that moves outside the pair. `slopes` fits it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from ..errors import CxroiError, attempt
from ..models.sample import take_sample
from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..results.multiplicity import holm
from .slopes import adjusted_slope, placebo_slope, raw_slope, within_slopes

if TYPE_CHECKING:
    import pandas as pd

    from ..panel.panel import Panel
    from ..study.declared import Study


@dataclass(frozen=True, repr=False)
class Trend(TidyMixin):
    """Change of one outcome with each point of the score.

    Attributes
    ----------
    slopes
        By rung: ``raw``; ``adjusted`` (controls and baselines held equal, in straight lines);
        ``within`` and ``two_way`` (customers against themselves, see `slopes`); ``placebo``
        (the same outcome before the answer). In the outcome's unit a point of the score.
    missing
        Why a rung is missing, by rung.
    """

    outcome: str
    slopes: Mapping[str, Estimate]
    missing: Mapping[str, CxroiError] = field(compare=False)

    @property
    def best(self) -> Estimate | None:
        """The adjusted slope, or the raw one where there is none."""
        return self.slopes.get("adjusted") or self.slopes.get("raw")

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """The slopes, and for each that is missing why."""
        return (*self.slopes.values(), *(self._missing(rung) for rung in self.missing))

    def _missing(self, rung: str) -> Estimate:
        name, why = f"trend.{self.outcome}.{rung}", str(self.missing[rung])
        unit, n = (self.best.unit, self.best.n) if self.best else ("", 0)
        none = Estimate(name, None, None, None, None, unit, n, "refused", why)
        return replace(none, outcome=self.outcome, rung=f"trend {rung}")

    def tidy(self) -> pd.DataFrame:
        """Return one row a rung."""
        return tidy_table(self.slopes.values())


def score_trend(panel: Panel, outcome: str, *, weighted: bool | None = None) -> Trend:
    """Estimate how an outcome changes with each point of the score, over all answers.

    Parameters
    ----------
    weighted
        Use the survey weights; by default wherever the study declares them.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome is known for nobody, or is the same for everybody.
    """
    sample = take_sample(panel, outcome, weighted=weighted)
    makes = {
        ("raw",): partial(raw_slope, panel, sample),
        ("adjusted",): partial(adjusted_slope, panel, sample),
        ("within", "two_way"): partial(within_slopes, panel, sample),
    }
    if f"{outcome}_before" in sample.rows.names:
        makes[("placebo",)] = partial(placebo_slope, panel, sample)
    made = panel.rows.together([partial(attempt, make) for make in makes.values()])
    slopes: dict[str, Estimate] = {}
    missing: dict[str, CxroiError] = {}
    for rungs, found in zip(makes, made, strict=True):
        if isinstance(found, CxroiError):
            missing |= dict.fromkeys(rungs, found)
        else:
            slopes |= zip(rungs, found, strict=True)
    return Trend(outcome, slopes, missing)


def corrected(trends: Mapping[str, Trend]) -> dict[str, float]:
    """Return the p value of each outcome's trend, adjusted by Holm over the outcomes.

    Of the adjusted slope, or of the raw one where there is none.
    """
    tested = {n: t.best.p_value for n, t in trends.items() if t.best and t.best.p_value is not None}
    return dict(zip(tested, map(float, holm(list(tested.values()))), strict=True))


def each_point_better(slope: Estimate, study: Study) -> Estimate:
    """Return the slope for each point towards the better end of the scale."""
    if study.scale.better == "higher":
        return slope
    value, low, high = (
        None if one is None else -one for one in (slope.estimate, slope.conf_high, slope.conf_low)
    )
    return replace(slope, estimate=value, conf_low=low, conf_high=high)


def worsens(slope: Estimate, study: Study) -> bool:
    """Whether an outcome changes for the worse as the score gets better."""
    better = 1 if study.outcome(slope.outcome).better == "higher" else -1
    return (each_point_better(slope, study).estimate or 0.0) * better < 0


def fades_within(trend: Trend) -> bool:
    """Whether the interval within customers holds zero but not the slope over all answers.

    A rule of what is told, not a test: both figures come from the same customers, so a test of
    their difference would need their covariance.
    """
    within, best = trend.slopes.get("two_way"), trend.best
    if within is None or best is None or best.estimate is None:
        return False
    low, high = within.conf_low, within.conf_high
    if low is None or high is None:
        return False
    return low <= 0 <= high and not low <= best.estimate <= high
