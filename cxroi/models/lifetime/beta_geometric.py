"""Retention that rises with time because customers differ: a shifted beta-geometric fitted.

Fader and Hardie, Journal of Interactive Marketing 21 (2007), 76-90.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...moments.units import units_among
from ...results.thresholds import MINIMUM_EVENTS, MINIMUM_GROUP
from ..kaplan_meier import loss_times, steps_of

if TYPE_CHECKING:
    from ...arrays import Floats
    from ...panel.panel import Panel

# Share / (1 + share) is the polarisation 1 / (alpha + beta + 1): 0 alike, 1 all or nothing.
GRID = np.linspace(0.0, 0.98, 400)
# Regular customers of Fader and Hardie: alpha .704, beta 1.182.
PUBLISHED_MIXING = 1 / (0.704 + 1.182)


@dataclass(frozen=True)
class Mixing:
    """How far customers differ in retention, as a survival curve shows it.

    Attributes
    ----------
    estimate
        1 / (alpha + beta) of greatest likelihood; 0 where retention does not rise.
    share
        Retention in the first period, beta / (alpha + beta).
    grid, chances
        Values of 1 / (alpha + beta), and the likelihood of each, summing to 1.
    periods
        Periods seen.
    """

    estimate: float
    share: float
    grid: Floats
    chances: Floats
    periods: int

    def sampled(self, count: int, rng: np.random.Generator) -> Floats:
        """Draw from the likelihood."""
        return rng.choice(self.grid, size=count, p=self.chances)


def fit_mixing(at_risk: Floats, lost: Floats) -> Mixing:
    """Fit a shifted beta-geometric by greatest likelihood, over a grid of how customers differ.

    Parameters
    ----------
    at_risk, lost
        Customers there at the start of each period, and lost in it; not necessarily whole.
    """
    places = GRID
    for _ in range(3):  # each time where the likelihood lies
        grid = places / (1 - places)
        share, log = _profile(grid, at_risk, lost)
        near = np.flatnonzero(log > log.max() - 10)
        ends = places[max(near[0] - 1, 0)], places[min(near[-1] + 1, len(places) - 1)]
        places = np.linspace(*ends, len(GRID))
    chances = np.exp(log - log.max())
    best = int(np.argmax(log))
    return Mixing(
        float(grid[best]), float(share[best]), grid, chances / chances.sum(), len(at_risk)
    )


def _profile(grid: Floats, at_risk: Floats, lost: Floats) -> tuple[Floats, Floats]:
    """Return the likeliest first retention for each mixing, and the log likelihood there."""
    added = np.outer(grid, np.arange(len(at_risk)))  # retention is (share + added) / (1 + added)
    kept = at_risk - lost
    low, high = np.zeros_like(grid), np.ones_like(grid)
    for _ in range(60):  # the slope falls as the share grows
        middle = (low + high) / 2
        slope = (kept / (middle[:, None] + added)).sum(axis=1) - lost.sum() / (1 - middle)
        low, high = np.where(slope > 0, middle, low), np.where(slope > 0, high, middle)
    share = (low + high) / 2
    stays = (share[:, None] + added) / (1 + added)
    return share, (kept * np.log(stays) + lost * np.log1p(-stays)).sum(axis=1)


def seen_mixing(panel: Panel) -> Mixing | None:
    """Return how far customers of the `from` group differ; None where the data cannot show it.

    From the Kaplan-Meier curve at the end of each period of ``churn_days``, as long as 30 are
    followed and 10 are lost in it; two periods at least. Each period counts as many customers as
    give its Greenwood error, several answers of a customer as one.
    """
    if "churn_days" not in panel.rows.names:
        return None
    return panel.store.get(("retention mixing",), lambda: _seen(panel))


def _seen(panel: Panel) -> Mixing | None:
    study, times = panel.study, loss_times(panel)
    labels = study.scale.labels
    position = labels.index(study.origin)
    curve = list(steps_of(times, len(labels), study.churn_days))[position]
    days, survival, error, following = (np.asarray(part, dtype=float) for part in curve)
    members = times.groups == position
    rows = int(members.sum())
    if not rows:
        return None
    counts = _periods(days, survival, error, following, study.churn_days)
    if len(counts) < 2:
        return None
    at_risk, lost = np.array(counts).T * (units_among(panel.clusters, members) / rows)
    return fit_mixing(at_risk, lost)


def _periods(
    days: Floats, survival: Floats, error: Floats, following: Floats, period: int
) -> list[tuple[float, float]]:
    """Return customers at risk and lost, as many as give each period's Greenwood variance."""
    found: list[tuple[float, float]] = []
    there, varied = 1.0, 0.0
    while True:
        end = (len(found) + 1) * period
        last = int(np.searchsorted(days, end, side="right")) - 1
        # The curve must go on past the period's end, or its end was not seen.
        followed = last >= 0 and last + 1 < len(days) and following[last + 1] >= MINIMUM_GROUP
        if not followed or survival[last] <= 0:
            return found
        stays = survival[last] / there
        variance = (error[last] / survival[last]) ** 2 - varied
        size = (1 - stays) / (stays * variance) if variance > 0 else 0.0
        if size * (1 - stays) < MINIMUM_EVENTS:
            return found
        found.append((size, size * (1 - stays)))
        there, varied = survival[last], varied + variance
