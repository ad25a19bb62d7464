"""A pilot planted in a simulated company: an offer by chance that moved scores.

As the inputs of `levers`, the offer is drawn from the noise e of a score that is drawn already: it
was made where z = r e + sqrt(1 - r^2) u is above zero, u another standard normal. Half are
offered, whatever is known of them, and given the offer the noise is skew normal: that is the joint
law of a score that the offer lifts. Outcomes follow the score alone, so that the offer works
through it. The truth is exact: P(e <= c | offered) = Phi(c) - 2 T(c, r / sqrt(1 - r^2)), with the
function T of Owen (Azzalini, Scandinavian Journal of Statistics 12 (1985), 171-178).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from .company import Columns
from .scores import ladder
from .truth import TO
from .worlds import GROUPS, OUTCOMES, Floats, Ints, World, expected

OWN_SEED: Final = 19  # beside the seed of the company: the draws of the pilot are their own
NAME: Final = "Personal call"
LOADING: Final = 0.5
SHARE: Final = 0.5  # of the customers of its wave who are in the pilot
DAYS_BEFORE: Final = 2
COSTS: Final = {"fixed_cost": 200.0, "cost_per_offered": 2.0}


@dataclass
class PlantedPilot:
    """Draws who was offered a call before the answers of one wave, and what that did.

    Attributes
    ----------
    rng
        Of the pilot alone.
    wave
        Place of the wave of its answers.
    loading
        Of the noise of the score on the offer; 0 in the world ``null``.
    truth
        What being offered does to the mean customer of the pilot, after `offer`.
    """

    rng: np.random.Generator
    wave: int
    loading: float
    truth: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, wave: int, seed: int, *, planted: bool) -> PlantedPilot:
        """Return the pilot of a company, before the answers of a wave."""
        return cls(np.random.default_rng((seed, OWN_SEED)), wave, LOADING * planted)

    def offer(
        self, world: World, x: Floats, trait: Floats, noise: Floats, rows: Ints, at: Ints
    ) -> Columns:
        """Draw the pilot among those who are customers at the time, and keep its truth.

        Parameters
        ----------
        x, trait, noise
            Covariates, the unmeasured trait, the noise of the score.
        rows, at
            Their numbers, and when each answers, if at all.
        """
        chosen = np.flatnonzero(self.rng.random(len(rows)) < SHARE)
        own = self.rng.standard_normal(len(chosen))
        z = self.loading * noise[chosen] + np.sqrt(1 - self.loading**2) * own
        self.truth = self._told(world, x[chosen], trait[chosen])
        when = at[chosen] - DAYS_BEFORE * 86_400
        return {"customer": rows[chosen], "at": when, "offered": (z > 0).astype(np.int64)}

    def _told(self, world: World, x: Floats, trait: Floats) -> dict[str, Any]:
        scale = ladder(world, x, trait)
        offered, held_out = (self._chances(scale.bounds, scale.group, side) for side in (1, -1))
        more = offered - held_out
        found = {
            "offered": float(offered[:, TO].mean()),
            "held_out": float(held_out[:, TO].mean()),
        }
        effects = dict.fromkeys(OUTCOMES, 0.0)
        for group in range(len(GROUPS)):
            for sign in (1.0, -1.0):
                weights = np.maximum(sign * more[:, group], 0.0)
                if weights.sum() > 0:
                    means = expected(world, x, trait, group, weights)
                    for name in OUTCOMES:
                        effects[name] += sign * weights.mean() * means[name]
        return {"name": NAME, "share_in_target": found, "effects": effects, **COSTS}

    def _chances(self, bounds: Floats, group: Ints, side: int) -> Floats:
        """Return the chance of each group, of those offered (1) or held out (-1)."""
        from scipy.special import ndtr, owens_t

        slope = side * self.loading / np.sqrt(1 - self.loading**2)
        below = ndtr(bounds) - 2 * owens_t(bounds, slope)
        steps = np.diff(np.pad(below, ((0, 0), (1, 1)), constant_values=((0, 0), (0, 1))))
        return np.column_stack([steps[:, group == g].sum(axis=1) for g in range(len(GROUPS))])
