"""How strongly an input goes with an outcome: rank correlation, area under the ROC curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..estimate import CONF_LEVEL
from ..influence import normal_interval

if TYPE_CHECKING:
    from ..influence import Floats, Integers

FOLDS = 5
FEWEST = 30


@dataclass(frozen=True)
class Strength:
    """How strongly a column goes with an outcome, from 0 (not at all) to 1 (determines it)."""

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    n: int


def strength_of(
    inputs: Floats | Integers,
    outcome: Floats,
    clusters: Integers,
    fold: Integers,
    *,
    levels: bool,
    yes_no: bool,
) -> Strength | None:
    """Return how strongly an input goes with an outcome; None where one of them is constant.

    Parameters
    ----------
    inputs
        Numbers, NaN where not known; with `levels` codes of a category from zero on.
    fold
        Which part a row is held out with, where levels are ordered by the outcome of the others.
    yes_no
        Whether the outcome is 1 and 0.
    """
    known = np.isfinite(outcome) & np.isfinite(inputs.astype(float))
    values, target = inputs[known], outcome[known]
    if len(target) < FEWEST or np.ptp(values) == 0 or np.ptp(target) == 0:
        return None
    if levels:
        value = max(0.0, of_levels(values, target, fold[known], yes_no))
    else:
        value = abs(_signed(values, target, yes_no))
    units = len(np.unique(clusters[known]))
    if yes_no:
        return with_area_error(value, target, units)
    return with_rank_error(value, units, len(target))


def _signed(values: Floats, target: Floats, yes_no: bool) -> float:
    """Somers' D of a yes/no outcome, Spearman's correlation of any other."""
    from scipy.stats import rankdata

    ranks = rankdata(values)
    if not yes_no:
        return float(np.corrcoef(ranks, rankdata(target))[0, 1])
    yes = int(target.sum())
    area = (ranks[target == 1].sum() - yes * (yes + 1) / 2) / (yes * (len(target) - yes))
    return float(2 * area - 1)


def of_levels(codes: Integers, target: Floats, fold: Integers, yes_no: bool) -> float:
    """Order the levels by the outcome in the other folds; average over folds."""
    from scipy.stats import rankdata

    scale = target if yes_no else rankdata(target)
    found, sizes = [], []
    for part in range(FOLDS):
        held = fold == part
        if not held.any() or held.all():
            continue
        counts = np.bincount(codes[~held], minlength=codes.max() + 1)
        sums = np.bincount(codes[~held], scale[~held], minlength=codes.max() + 1)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), scale[~held].mean())[codes[held]]
        if np.ptp(target[held]) > 0:
            found.append(_signed(means, target[held], yes_no) if np.ptp(means) > 0 else 0.0)
            sizes.append(int(held.sum()))
    return float(np.average(found, weights=sizes)) if found else 0.0


def with_rank_error(value: float, units: int, n: int) -> Strength:
    """Return a rank correlation with the interval of Bonett and Wright on Fisher's z."""
    value = min(value, 1 - 1e-12)
    on_z = float(np.sqrt((1 + value**2 / 2) / max(units - 3, 1)))
    low, high = np.tanh(normal_interval(float(np.arctanh(value)), on_z, CONF_LEVEL))
    return Strength(value, (1 - value**2) * on_z, max(float(low), 0.0), float(high), n)


def with_area_error(value: float, target: Floats, units: int) -> Strength:
    """Hanley and McNeil's error of an area, rows counted as independent units."""
    share, area = units / len(target), (value + 1) / 2
    yes = target.sum() * share
    no = len(target) * share - yes
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (yes - 1) * (one - area**2) + (no - 1) * (two - area**2)
    error = float(2 * np.sqrt(max(spread, 0.0) / (yes * no)))
    low, high = normal_interval(value, error, CONF_LEVEL)
    return Strength(value, error, max(low, 0.0), min(high, 1.0), len(target))
