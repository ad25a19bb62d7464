"""What changed from one wave to the next, beyond chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..results.thresholds import MINIMUM_GROUP
from .compute import Measured, Metrics
from .intervals import critical

if TYPE_CHECKING:
    import pandas as pd

FALSE_DISCOVERIES = 0.05
# They look back as far as the data do, which is further in a later wave, or against another time.
GROWING = ("earned_growth", "new_and_additional_revenue", "new_visitors", "survey_fatigue")


@dataclass(frozen=True, repr=False)
class Changes(TidyMixin):
    """The change of every metric between two waves.

    Attributes
    ----------
    before, after
        The waves.
    estimates
        After less before; `p_value` is corrected for their number (Benjamini and Hochberg 1995).
    titles
        Of the metrics, in the same order, with their part.
    """

    before: str
    after: str
    estimates: tuple[Estimate, ...]
    titles: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Return one row a metric and part."""
        return tidy_table(self.estimates)

    @property
    def beyond_chance(self) -> tuple[Estimate, ...]:
        """Those that chance does not explain, at a false discovery rate of 5 %."""
        return tuple(e for e in self.estimates if e.beyond_chance(FALSE_DISCOVERIES))


def changes(found: Metrics, quarter: str = "") -> Changes | None:
    """Return how each metric changed since the wave before; None where there are no two.

    A wave is held against the one before as if its customers were others: where they are the
    same, and alike in both, intervals are wider than need be. Left out are totals, which change
    with how many customers there are, what looks back further in a later wave, what rests on
    under 30 observations, and waves that are not whole or in which fewer gave the main score.

    Parameters
    ----------
    found
        Of ``by="quarter"``.
    quarter
        The wave that is held against the one before it; the last when empty.
    """
    if quarter and quarter not in found.waves:
        return None
    waves = found.waves[: found.waves.index(quarter) + 1] if quarter else found.waves
    if len(waves) < 2:
        return None
    before, after = (
        {(m.metric, m.part): m for m in found.measured if m.quarter == w} for w in waves[-2:]
    )
    pairs = [(before[key], m) for key, m in after.items() if key in before]
    made = [pair for pair in pairs if _tested(*pair)]
    estimates = _corrected([_change(*pair) for pair in made])
    return Changes(waves[-2], waves[-1], estimates, tuple(m.full_title for _, m in made))


def _tested(before: Measured, after: Measured) -> bool:
    both = (before.estimate, after.estimate)
    known = all(e.std_error and e.n >= MINIMUM_GROUP for e in both)
    return known and "a month" not in after.estimate.unit and after.metric not in GROWING


def _change(before: Measured, after: Measured) -> Estimate:
    from scipy import stats

    one, other = before.estimate, after.estimate
    value = float(other.estimate or 0.0) - float(one.estimate or 0.0)
    error = math.hypot(one.std_error or 0.0, other.std_error or 0.0)
    half, z = critical() * error, value / error
    return Estimate(
        name=f"{other.name}.change",
        estimate=value,
        conf_low=value - half,
        conf_high=value + half,
        std_error=error,
        unit=other.unit,
        n=one.n + other.n,
        method=f"{after.quarter} less {before.quarter}, as if their customers were others",
        term=after.full_title,
        statistic=z,
        p_value=float(2 * stats.norm.sf(abs(z))),
    )


def _corrected(estimates: list[Estimate]) -> tuple[Estimate, ...]:
    from dataclasses import replace

    from statsmodels.stats.multitest import multipletests

    if not estimates:
        return ()
    p = multipletests([e.p_value for e in estimates], method="fdr_bh")[1]
    return tuple(replace(e, p_value=float(v)) for e, v in zip(estimates, p, strict=True))
