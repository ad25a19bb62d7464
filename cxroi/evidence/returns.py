"""What a pilot earned, and what the causal share that it leaves makes of the ROI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..moments import influence
from ..moments.normal_draws import normal_draws
from ..results.estimate import Estimate
from ..results.formats import RATIO
from ..value.assumed import drawn_range
from ..value.figures import ROI_LEVEL, chance_above_zero
from ..value.roi import roi_of
from .causal_share import Earned, LearnedShare, learn_share

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats
    from ..study.declared import Study
    from ..study.scenario import Range, Scenario
    from ..value.roi import Roi
    from .pilot import Pilot


def _priced(scenario: Scenario) -> dict[str, tuple[float, Range]]:
    """Return the sign and size of what one of each outcome is worth in the first window."""
    return {
        "spend": (1.0, scenario.gross_margin),
        "contacts": (-1.0, scenario.cost_per_contact),
        "returns": (-1.0, scenario.cost_per_return),
    }


def money_weights(scenario: Scenario) -> dict[str, float]:
    """Return what one of each outcome is worth in the first window, at the likely values."""
    return {name: sign * size.central for name, (sign, size) in _priced(scenario).items()}


def money_per_customer(frame: pd.DataFrame, scenario: Scenario) -> Floats | None:
    """Return margin less cost to serve of each customer in the window; None without spend."""
    if "spend_after" not in frame:
        return None
    parts = [
        worth * frame[f"{name}_after"].to_numpy(float)
        for name, worth in money_weights(scenario).items()
        if f"{name}_after" in frame
    ]
    return np.asarray(sum(parts))


def realised(pilot: Pilot, study: Study) -> Iterator[Estimate]:
    """Yield what the offer earned within the outcome window, over what it cost.

    No causal share is needed: who was offered was chosen by chance. What comes after the window
    is not counted, and who was offered it without a known outcome is paid for and earns nothing.
    """
    scenario, declared = study.scenario, pilot.declared
    if scenario is None or "spend" not in pilot.differences:
        return
    if not declared.fixed_cost.high and not declared.cost_per_offered.high:
        return
    count, rng = study.draws, np.random.default_rng([study.seed, 17])
    priced = {n: one for n, one in _priced(scenario).items() if n in pilot.differences}
    found = [pilot.differences[name] for name in priced]
    joint = influence.covariance([one.influence for one in found], pilot.units)
    values = np.array([one.value for one in found])
    drawn = values + normal_draws(joint, count, rng)
    each, point = np.zeros(count), 0.0
    for n, (sign, size) in enumerate(priced.values()):
        each += sign * drawn_range(size, count, rng) * drawn[:, n]
        point += sign * size.central * values[n]
    per, fixed = declared.cost_per_offered, declared.fixed_cost
    cost = pilot.paid * drawn_range(per, count, rng) + drawn_range(fixed, count, rng)
    likely = pilot.paid * per.central + fixed.central
    yield from _returns(pilot, study, pilot.offered * point, likely, pilot.offered * each, cost)


def _returns(
    pilot: Pilot, study: Study, value: float, cost: float, values: Floats, costs: Floats
) -> Iterator[Estimate]:
    name, currency = f"pilot.{pilot.declared.slug}", study.currency or "currency units"
    n = pilot.offered + pilot.held_out
    method = (
        f"random offer, {study.outcome_days} days after it, {len(values):,} draws (seed "
        f"{study.seed}); interval holds 90 % of them"
    )
    for what, point, draws, unit in (
        ("roi", value / cost - 1, values / costs - 1, RATIO),
        ("net_value", value - cost, values - costs, currency),
    ):
        low, high = np.quantile(draws, [0.5 - ROI_LEVEL / 2, 0.5 + ROI_LEVEL / 2])
        error = float(draws.std(ddof=1))
        ends = float(low), float(high)
        yield Estimate(f"{name}.{what}", point, *ends, error, unit, n, method, _lost(pilot))
    yield chance_above_zero(values - costs, n, method).named(f"{name}.probability_positive")


def _lost(pilot: Pilot) -> str:
    lost = pilot.paid - pilot.offered
    known = f"of {lost:,} customers who were offered it the outcomes are not known"
    return f"{known}: they are paid for and earn nothing" if lost else ""


@dataclass(frozen=True)
class Evidenced:
    """The causal share that pilots leave, and the ROI at it.

    Attributes
    ----------
    pilots
        Names of those that it rests on.
    share
        What is left of the declared one.
    roi
        Of the scenario, at that share.
    of_origin
        Whether all of them tell of the `from` group alone, as the gap does.
    """

    pilots: tuple[str, ...]
    share: LearnedShare
    roi: Roi
    of_origin: bool = True

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """The share and the figures of the ROI under their names in ``results.json``."""
        share, n = self.share, self.roi["ratio"].n
        learned = Estimate(
            "evidence.causal_share",
            share.mean,
            share.low,
            share.high,
            None,
            "share of the adjusted gap",
            n,
            f"random offers against the gap, {len(self.pilots)} of them; 90 % interval",
            note="contradicts the declared share" if share.conflict else "",
        )
        wanted = ("ratio", "net_value", "probability_positive")
        figures = [self.roi[name] for name in wanted]
        return (learned, *(e.named(f"evidence.{e.name}") for e in figures))


def with_pilots(roi: Roi, pilots: Sequence[Pilot]) -> Evidenced | None:
    """Return the ROI at the causal share that pilots leave; None where none tells of it.

    Parameters
    ----------
    roi
        Of the scenario as it is declared.

    Notes
    -----
    The gap is that of money in the first outcome window: margin of spend less cost to serve. Its
    error and that of a pilot are taken as independent.
    """
    told = [one for one in pilots if one.earned is not None]
    if not told:
        return None
    gap, variance = _gap(roi)
    earned: list[Earned] = [one.earned for one in told if one.earned is not None]
    share = learn_share(roi.scenario.causal_share, gap, variance, earned)
    scenario = replace(roi.scenario, causal_share=share.learned)
    names = tuple(one.declared.name for one in told)
    of_origin = all(one.of_origin for one in told)
    return Evidenced(names, share, roi_of(roi.basis.under(scenario)), of_origin)


def _gap(roi: Roi) -> tuple[float, float]:
    """Return the gap of money per customer and window, and its variance."""
    evidence = roi.basis.evidence
    weights: Mapping[str, float] = money_weights(roi.scenario)
    along = np.zeros(len(evidence.values))
    for position, name in enumerate(evidence.names):
        along[2 * position + 1] = weights.get(name, 0.0)
    variance = along @ evidence.covariance @ along + along**2 @ evidence.apart**2
    return float(along @ evidence.values), float(variance)
