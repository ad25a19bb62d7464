"""Which end of an input is the better one, and how near to it a company stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...moments.influence import normal_interval
from ...results.estimate import CONF_LEVEL, Estimate
from .joint_tests import by_cluster, p_value
from .weighing import DRIVER

if TYPE_CHECKING:
    from ...arrays import Floats
    from ...study.declared import Study
    from .driver_columns import DriverColumns, Input
    from .weighing import Weighed

# Ends of an input that has no scale: so many of a hundred answers lie beyond either.
OUTERMOST = 0.01
PERFORMANCE = "share of the way from worst to best"


@dataclass(frozen=True)
class Direction:
    """Which end of an input is better.

    Attributes
    ----------
    sign
        1 where more is better, -1 where less is, 0 where nobody knows.
    declared
        Whether the study says so, or the score's own relation to the input.
    """

    sign: int
    declared: bool


def ratings_of(columns: DriverColumns, study: Study) -> dict[str, float]:
    """Return inputs that are ratings of the same answer: 1 where more is better, else -1."""
    return {
        one.driver.name: float(_declared(one, study) or 1)
        for one in columns.inputs
        if one.driver.name in study.scores and not one.levels
    }


def direction(one: Input, weighed: Weighed, study: Study) -> Direction:
    """Return which end of an input is better: as declared, or as a shown relation has it."""
    declared = _declared(one, study)
    if declared:
        return Direction(declared, declared=True)
    if one.levels or weighed.kinds[one.driver.name] != DRIVER:
        return Direction(0, declared=False)
    if p_value(weighed.slopes, one.columns[:1]) >= 1 - CONF_LEVEL:
        return Direction(0, declared=False)  # what goes with the score is whether it is known
    return Direction(1 if weighed.slopes.params[one.columns[0]] > 0 else -1, declared=False)


def _declared(one: Input, study: Study) -> int:
    score = study.scores.get(one.driver.name)
    better = one.driver.better or (score.scale.better if score else "")
    return {"higher": 1, "lower": -1}.get(better, 0)


def performance(
    one: Input, values: Floats, sign: int, columns: DriverColumns, study: Study
) -> Estimate:
    """Return how far the mean of an input is on the way from its worst to its best end.

    The ends are those of its scale; of an input without one, the values beyond which one answer in
    a hundred lies, and what lies beyond counts as the end.

    Parameters
    ----------
    values
        In its unit, NaN where unknown.
    """
    low, high, ends = _scale(one, values, study)
    known = np.isfinite(values)
    way = np.clip((np.where(known, values, low) - low) / (high - low), 0.0, 1.0)
    way = way if sign > 0 else 1 - way
    weight = columns.weight * known
    mean = float(weight @ way / weight.sum())
    moved = (weight * (way - mean) / weight.sum())[:, None]
    sums, count = by_cluster(moved, columns.cluster)
    error = float(np.sqrt(float((sums * sums).sum()) * count / max(count - 1, 1)))
    low_end, high_end = normal_interval(mean, error, CONF_LEVEL, count - 1)
    return Estimate(
        f"driver.{one.driver.name}.performance",
        mean,
        max(low_end, 0.0),
        min(high_end, 1.0),
        error,
        PERFORMANCE,
        int(known.sum()),
        f"mean; errors by cluster; ends {ends}",
    )


def _scale(one: Input, values: Floats, study: Study) -> tuple[float, float, str]:
    score = study.scores.get(one.driver.name)
    if score is not None:
        return score.scale.minimum, score.scale.maximum, "of its scale"
    known = values[np.isfinite(values)]
    low, high = map(float, np.quantile(known, [OUTERMOST, 1 - OUTERMOST]))
    if low < high:
        return low, high, "beyond which one answer in a hundred lies"
    return float(known.min()), float(known.max()), "the smallest and largest value"
