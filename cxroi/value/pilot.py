"""A pilot: how many customers, drawn by lot, would show whether a move is worth its cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..results.estimate import Estimate
    from .roi import Roi

POWER, LEVEL = 0.80, 0.05


@dataclass(frozen=True)
class Pilot:
    """Two groups drawn by lot, one moved and one left as it is.

    Attributes
    ----------
    each
        Customers in each of the two.
    cost, programme_cost
        Of moving the one, set-up included, and of the whole programme, in the study's currency.
    effect
        Difference in spend per customer and outcome window at which the programme breaks even:
        what the pilot shows with a probability of 80 %, at the 5 % level.
    """

    each: int
    cost: float
    programme_cost: float
    effect: float

    @property
    def dearer(self) -> bool:
        """Whether it costs as much as the programme that it is to decide on."""
        return self.cost >= self.programme_cost


def pilot(roi: Roi, gap: Estimate, spend: Estimate) -> Pilot | None:
    """Return the smallest pilot that would settle a scenario by what customers spend.

    The two groups are compared by their mean spend, without adjustment: with the baseline held
    equal fewer would do, so that this errs on the side of too many.

    Parameters
    ----------
    gap
        The contrast of spend that the scenario rests on, per customer and outcome window.
    spend
        Mean spend of the group moved from, with its standard error.

    Returns
    -------
    Pilot or None
        None where no effect on spend would make the scenario pay, or nothing is known of how
        much customers differ.

    References
    ----------
    Two means of equal size and variance, normal approximation: Cohen, Statistical Power Analysis
    for the Behavioral Sciences (1988), chapter 2.
    """
    share = roi["break_even_causal_share"].estimate
    effect = (share or 0.0) * (gap.estimate or 0.0)
    deviation = (spend.std_error or 0.0) * math.sqrt(spend.n)
    if effect <= 0 or deviation <= 0:
        return None
    sides = NormalDist().inv_cdf(1 - LEVEL / 2) + NormalDist().inv_cdf(POWER)
    needed = 2 * (sides * deviation / effect) ** 2
    each = max(2, math.ceil(needed))
    return Pilot(each, cost_of(roi, each), cost_of(roi, roi.moved), effect)


def cost_of(roi: Roi, moved: float) -> float:
    """Return what it costs to move so many customers, set-up included, at the likely values."""
    scenario = roi.scenario
    return scenario.fixed_cost.likely + moved * scenario.cost_per_moved.likely
