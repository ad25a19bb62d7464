"""Which pilot would settle a programme, and whether it is worth its cost.

A pilot is worth what better decisions earn: without it the programme is run where its expected net
value is above zero; with it where the expectation after the pilot's figure is. The mean gain, the
expected value of sample information (EVSI), comes from the draws that the ROI has: the pilot's
figure is drawn beside each of them, and net value regressed on it (Strong, Oakley, Brennan and
Breeze, Medical Decision Making 35 (2015), 570-583).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..models.splines import KNOTS, bends
from ..results.formats import percent
from ..value.money import evaluate
from .returns import money_per_customer, money_weights

if TYPE_CHECKING:
    from ..arrays import Floats
    from ..panel.panel import Panel
    from ..value.roi import Roi

POWER, LEVEL = 0.80, 0.05
SIZES = 24
SMALLEST = 50  # customers of an arm
BENDS = 5


@dataclass(frozen=True)
class Plan:
    """A pilot of a programme: some of the `from` group are offered it by chance, others are not.

    Attributes
    ----------
    offered, held_out
        Customers of each arm.
    days
        From the offer to the end of the outcome window.
    detectable
        Smallest mean effect on money per customer offered, margin less cost to serve within the
        window, that it shows with a probability of 80 % at the 5 % level.
    expected
        That effect as the scenario expects it, at the mean of its draws.
    cost
        Of the programme for those offered, at the likely values.
    worth
        Expected value of its information, in the study's currency.
    error
        Simulation error of `worth`.
    """

    offered: int
    held_out: int
    days: int
    detectable: float
    expected: float
    cost: float
    worth: float
    error: float

    @property
    def net_worth(self) -> float:
        """Worth less cost."""
        return self.worth - self.cost

    @property
    def pays(self) -> bool:
        """Whether it is worth its cost, beyond the simulation's error."""
        return self.net_worth > 2 * self.error


def plan_pilot(roi: Roi, panel: Panel, *, share_offered: float = 0.5) -> tuple[Plan, ...]:
    """Return pilots of several sizes, the best first.

    Parameters
    ----------
    roi
        Of the scenario: its draws say what is not known.
    panel
        It was made of: how much money differs between customers of the `from` group, what was
        known of them before held equal.
    share_offered
        Share of the pilot's customers who are offered, between 0 and 1.

    Raises
    ------
    ModelError
        There are too few customers in the `from` group for the smallest pilot.

    Examples
    --------
    >>> import cxroi as cx
    >>> run = cx.open_run(cx.demo_study())  # doctest: +SKIP
    >>> cx.plan_pilot(run.analysis.roi, run.panel)[0].pays  # doctest: +SKIP
    """
    customers = roi.basis.central.customers
    smaller = min(share_offered, 1 - share_offered)
    if int(customers * smaller) < SMALLEST:
        raise ModelError(
            f"{customers:,} customers are in the group moved from, and {percent(smaller)} of them "
            f"are {int(customers * smaller):,}",
            f"the smallest pilot has {SMALLEST} in either arm, offered and held out",
            "Offer half, pool more waves, or decide without a pilot",
        )
    spread = money_spread(panel)
    nets, effects = _draws(roi)
    least = ceil(SMALLEST * max(1.0, share_offered / (1 - share_offered)))
    most = max(int(customers * share_offered), least)
    sizes = np.unique(np.geomspace(least, most, SIZES).astype(int))
    plans = [_plan(roi, int(n), share_offered, spread, nets, effects) for n in sizes]
    return tuple(sorted(plans, key=lambda plan: plan.net_worth, reverse=True))


def _plan(
    roi: Roi, offered: int, share: float, spread: float, nets: Floats, effects: Floats
) -> Plan:
    held_out = round(offered * (1 - share) / share)
    error = spread * sqrt(1 / offered + 1 / held_out)
    sides = NormalDist().inv_cdf(1 - LEVEL / 2) + NormalDist().inv_cdf(POWER)
    worth, simulated = value_of_information(nets, effects, error, roi.basis.study.seed)
    return Plan(
        offered=offered,
        held_out=held_out,
        days=roi.basis.study.outcome_days,
        detectable=sides * error,
        expected=float(effects.mean()),
        cost=_cost(roi, offered),
        worth=worth,
        error=simulated,
    )


def _cost(roi: Roi, offered: int) -> float:
    """Return what the programme costs for so many of the `from` group, at the likely values."""
    central = roi.basis.central
    part = replace(central, customers=offered)
    return float(evaluate(part).cost)


def _draws(roi: Roi) -> tuple[Floats, Floats]:
    """Return net value and the effect per customer offered within the first window, one a draw."""
    draws = roi.basis.draws()
    gains = [
        worth * np.asarray(getattr(draws, f"{name}_gap"))
        for name, worth in money_weights(roi.scenario).items()
    ]
    each = draws.causal_share * sum(gains)
    effects = np.asarray(draws.share_moved * each)
    nets = np.asarray(evaluate(draws).net)
    return nets, np.broadcast_to(effects, nets.shape)


def value_of_information(
    nets: Floats, effects: Floats, error: float, seed: int = 20260930
) -> tuple[float, float]:
    """Return what a pilot's figure is worth before it is known, and the error of that.

    Parameters
    ----------
    nets
        Net value of the programme, one a draw.
    effects
        What the pilot measures, one a draw, in the same order.
    error
        Standard error with which it measures.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> effects = rng.normal(size=4_000)
    >>> value_of_information(100 + 0 * effects, effects, 0.1)[0]
    0.0
    """
    seen = effects + error * np.random.default_rng([seed, 29]).standard_normal(len(effects))
    after = _expected(nets, seen)
    with_it, without = np.maximum(after, 0.0), max(float(nets.mean()), 0.0)
    chosen = np.where(after > 0, nets, 0.0) - (nets if without > 0 else 0.0)
    worth = max(float(with_it.mean()) - without, 0.0)
    return worth, float(chosen.std(ddof=1) / sqrt(len(nets)))


def _expected(nets: Floats, seen: Floats) -> Floats:
    """Return net value as it is expected at each figure: a restricted cubic spline."""
    if np.ptp(nets) == 0 or np.ptp(seen) == 0:
        return np.full(len(nets), nets.mean())
    scaled = (seen - seen.mean()) / seen.std()
    knots = np.quantile(scaled, KNOTS[BENDS])
    columns = [np.ones(len(seen)), scaled, *bends(scaled, knots)]
    design = np.column_stack(columns)
    coefficients = np.linalg.lstsq(design, nets, rcond=None)[0]
    return np.asarray(design @ coefficients)


def money_spread(panel: Panel) -> float:
    """Return how much money differs between customers of the `from` group, baselines held equal.

    Returns
    -------
    float
        Standard deviation of margin less cost to serve per customer and window, of what least
        squares on all baselines leaves.
    """
    study = panel.study
    rows = panel.frame[panel.frame["group"].astype(str) == study.origin]
    money = money_per_customer(rows, study.scenario) if study.scenario else None
    if money is None:
        raise ModelError("what customers are worth is not known", "spend and a [scenario]")
    names = [f"{o.name}_before" for o in study.outcomes if f"{o.name}_before" in rows]
    before = rows[names].to_numpy(float) if names else np.empty((len(rows), 0))
    known = np.isfinite(money) & np.isfinite(before).all(axis=1)
    design = np.column_stack([np.ones(int(known.sum())), before[known]])
    left = money[known] - design @ np.linalg.lstsq(design, money[known], rcond=None)[0]
    rank = int(np.linalg.matrix_rank(design))
    return float(np.sqrt(left @ left / max(len(left) - rank, 1)))
