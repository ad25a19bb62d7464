"""How strongly an input goes with an outcome: rank correlation, area under the ROC curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...moments.influence import normal_interval
from ...moments.level_ranks import LevelRanks
from ...moments.order_statistics import among, is_known, level_ranks, rank_products
from ...moments.units import units_among
from ...results.estimate import CONF_LEVEL

if TYPE_CHECKING:
    from ...arrays import Flags, Vector

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
    inputs: Vector,
    outcome: Vector,
    clusters: Vector | None,
    fold: Vector,
    *,
    levels: bool,
    yes_no: bool,
) -> Strength | None:
    """Return how strongly an input goes with an outcome; None where one of them is constant.

    Parameters
    ----------
    inputs
        Numbers, not finite where not known (NULL in an engine); with `levels` a category: codes
        from zero on, or a column of its values.
    fold
        Which part a row is held out with, where levels are ordered by the outcome of the others.
    yes_no
        Whether the outcome is 1 and 0.
    """
    known = is_known(outcome) if levels else is_known(outcome) & is_known(inputs)
    values, target = among(inputs, known), among(outcome, known)
    if levels:
        if float((1.0 * known).sum()) < FEWEST:
            return None
        table = level_ranks(values, target, among(fold, known))
        n, vary = int(table.sizes.sum()), bool(np.ptp(table.levels) and table.squares.any())
    else:
        n, xx, xy, yy = rank_products(values, target)
        vary = xx > 0 and yy > 0
    if n < FEWEST or not vary:
        return None
    value = max(0.0, of_levels(table, yes_no)) if levels else abs(_signed(xx, xy, yy, yes_no))
    units = units_among(clusters, known)
    if yes_no:
        return with_area_error(value, float(target.mean()), units, n)
    return with_rank_error(value, units, n)


def _signed(xx: float, xy: float, yy: float, yes_no: bool) -> float:
    """Somers' D of a yes/no outcome, Spearman's correlation of any other.

    From sums of squares and products of the ranks. Ranks of yes and no are n / 2 apart, so that
    the slope on them is D.
    """
    return xy / yy if yes_no else xy / float(np.sqrt(xx * yy))


def of_levels(table: LevelRanks, yes_no: bool) -> float:
    """Order the levels by the ranks in the other folds; average over folds."""
    found, sizes = [], []
    for part in range(FOLDS):
        held = table.parts == part
        if not held.any() or held.all() or not table.squares[held].any():
            continue
        xx, xy = _of_fold(table, held)
        yy = float(table.squares[held].sum())
        found.append(_signed(xx, xy, yy, yes_no) if xx > 0 else 0.0)
        sizes.append(table.sizes[held].sum())
    return float(np.average(found, weights=sizes)) if found else 0.0


def _of_fold(table: LevelRanks, held: Flags) -> tuple[float, float]:
    """Return sums of squares, and of products with the outcome's ranks, of the levels' ranks."""
    count, rest = int(table.levels.max()) + 1, ~held
    sizes = np.bincount(table.levels[rest], table.sizes[rest], minlength=count)
    sums = np.bincount(table.levels[rest], table.ranks[rest], minlength=count)
    means = np.where(sizes > 0, sums / np.maximum(sizes, 1), sums.sum() / sizes.sum())
    _, place = np.unique(means[table.levels[held]], return_inverse=True)
    tied = np.bincount(place, table.sizes[held])
    x = (np.cumsum(tied) - tied / 2 - tied.sum() / 2)[place]  # middle ranks less their mean
    return float((table.sizes[held] * x) @ x), float(table.own[held] @ x)


def with_rank_error(value: float, units: int, n: int) -> Strength:
    """Return a rank correlation with the interval of Bonett and Wright on Fisher's z."""
    value = min(value, 1 - 1e-12)
    on_z = float(np.sqrt((1 + value**2 / 2) / max(units - 3, 1)))
    low, high = np.tanh(normal_interval(float(np.arctanh(value)), on_z, CONF_LEVEL))
    return Strength(value, (1 - value**2) * on_z, max(float(low), 0.0), float(high), n)


def with_area_error(value: float, share: float, units: int, n: int) -> Strength:
    """Hanley and McNeil's error of an area, rows counted as independent units.

    Parameters
    ----------
    share
        Of rows that are yes.
    """
    area, yes = (value + 1) / 2, share * units
    no = units - yes
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (yes - 1) * (one - area**2) + (no - 1) * (two - area**2)
    error = float(2 * np.sqrt(max(spread, 0.0) / (yes * no)))
    low, high = normal_interval(value, error, CONF_LEVEL)
    return Strength(value, error, max(low, 0.0), min(high, 1.0), n)
