"""Levers planted in a simulated company: what came before an answer and moved its score.

The score of an answer is drawn already, from what is known of the customer and a standard normal
noise e. An input of loading r is z = r e + sqrt(1 - r^2) u, with u another standard normal: that
is the joint law of a score that z causes with coefficient r. With several inputs

    z_j = u_j + r_j (e - sum_k r_k u_k - s v),   s^2 = 1 - sum_k r_k^2,

so that they are independent of each other and e = sum_k r_k z_k + s v' with v' independent of all
of them. A lever that makes z into z' makes e into e + r (z' - z), with v' as it was. The truth is
the expectation over v', given the inputs, the covariates and that the customer answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise, permutations
from typing import Any, Final

import numpy as np

from .company import Columns
from .scores import Ladder, ladder
from .truth import customer_value
from .worlds import GROUPS, OUTCOMES, Flags, Floats, Ints, World, expected

OWN_SEED: Final = 18  # beside the seed of the company: the draws of the inputs are their own


@dataclass(frozen=True)
class PlantedInput:
    """Something that happened to a customer before an answer.

    Attributes
    ----------
    loading
        Of the noise of the score on the input's own standard normal number z, from -1 to 1.
    place, spread, less
        The value is exp(place + spread z) - less, rounded to a whole number.
    """

    loading: float
    place: float
    spread: float
    less: float = 0.0

    def value(self, z: Floats) -> Ints:
        """Return the value at each z."""
        return np.asarray(np.rint(np.exp(self.place + self.spread * z) - self.less), dtype=np.int64)

    def draw_at(self, value: float, size: int, rng: np.random.Generator) -> Floats:
        """Draw z of those whose value is `value`."""
        from scipy.special import ndtr, ndtri

        ends = value + self.less + np.array([-0.5, 0.5])
        low, high = ndtr((np.log(np.maximum(ends, 1e-12)) - self.place) / self.spread)
        return np.asarray(ndtri(low + (high - low) * rng.random(size)), dtype=np.float64)


@dataclass(frozen=True)
class PlantedLever:
    """An input that is at most so much, and what that costs, also of each for whom it was more."""

    input: str
    at_most: float
    fixed_cost: float
    cost_per_customer: float


INPUTS: Final = {
    "days_late": PlantedInput(-0.40, place=1.0, spread=0.7, less=3.0),
    "callback_hours": PlantedInput(-0.45, place=2.64, spread=0.9),
    "newsletters": PlantedInput(0.0, place=1.2, spread=0.35),
}
LEVERS: Final = {
    "Deliver on the promised day": PlantedLever("days_late", 0.0, 1_000.0, 1.0),
    "Call back within a day": PlantedLever("callback_hours", 24.0, 500.0, 1.0),
    "At most two newsletters": PlantedLever("newsletters", 2.0, 250.0, 0.1),
}
PAIRS: Final = tuple(permutations(range(len(GROUPS)), 2))
STEPS: Final = tuple(f"{low}_to_{high}" for low, high in pairwise(GROUPS))


@dataclass
class Plant:
    """Draws the inputs before each answer, and keeps what each lever would have moved.

    Attributes
    ----------
    rng
        Of the inputs alone.
    planted
        Whether inputs move the score; not in the world ``null``.
    latest
        By lever, which customers' latest used answer it reaches: those whose input it changes.
    answers
        By lever, how many used answers it reaches.
    moved
        By lever and pair of groups: expected number of answers moved, then that number times
        the mean of each outcome under the first and under the second group.
    """

    rng: np.random.Generator
    planted: bool
    latest: dict[str, Flags]
    answers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LEVERS, 0))
    moved: dict[tuple[str, int, int], Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, customers: int, seed: int, *, planted: bool) -> Plant:
        """Return one for a company of so many customers."""
        latest = {name: np.zeros(customers, dtype=np.bool_) for name in LEVERS}
        return cls(np.random.default_rng((seed, OWN_SEED)), planted, latest)

    def before(
        self, world: World, x: Floats, trait: Floats, noise: Floats, used: Ints | None
    ) -> Columns:
        """Draw the inputs of answers, whole numbers.

        Parameters
        ----------
        x, trait, noise
            Of those who answer: covariates, the unmeasured trait, the noise of the score.
        used
            Numbers of the customers, where the answers are ones that a panel uses.
        """
        loading = self.planted * np.array([one.loading for one in INPUTS.values()])
        rest = float(np.sqrt(1.0 - (loading**2).sum()))
        u = self.rng.standard_normal((len(x), len(loading)))
        e = u @ loading + rest * self.rng.standard_normal(len(x))
        z = u + loading * (noise - e)[:, None]
        drawn = {name: one.value(own) for (name, one), own in zip(INPUTS.items(), z.T, strict=True)}
        if used is not None:
            scale, now = ladder(world, x, trait), z @ loading
            for name, lever in LEVERS.items():
                k = list(INPUTS).index(lever.input)
                reached = self._reached(name, drawn[lever.input], used)
                then = INPUTS[lever.input].draw_at(lever.at_most, len(z), self.rng)
                change = np.where(reached, loading[k] * (then - z[:, k]), 0.0)
                self._count(name, world, x, trait, moves(scale, now, now + change, rest))
        return drawn

    def _reached(self, name: str, values: Ints, used: Ints) -> Flags:
        """Return which answers a lever changes, and keep count of them."""
        reached: Flags = values > LEVERS[name].at_most
        self.latest[name][used] = reached
        self.answers[name] += int(reached.sum())
        return reached

    def _count(
        self, name: str, world: World, x: Floats, trait: Floats,
        chances: dict[tuple[int, int], Floats],
    ) -> None:  # fmt: skip
        for (origin, target), chance in chances.items():
            total = float(chance.sum())
            if total > 0:
                means = [expected(world, x, trait, side, chance) for side in (origin, target)]
                row = np.array([1.0, *(side[outcome] for side in means for outcome in OUTCOMES)])
                key = (name, origin, target)
                self.moved[key] = self.moved.get(key, np.zeros(len(row))) + total * row

    def truth(self, scenario: dict[str, float]) -> dict[str, Any]:
        """Return the entries of ``truth.json``: loadings, and what each lever does and earns.

        ``moved`` is the share of those reached that goes from each group to the next; who passes
        two steps is counted in both, and once in ``share_moved``; falls count below zero.
        """
        loadings = {name: self.planted * planted.loading for name, planted in INPUTS.items()}
        return {"inputs": loadings, "levers": {name: self._told(name, scenario) for name in LEVERS}}

    def _told(self, name: str, scenario: dict[str, float]) -> dict[str, Any]:
        lever, answers = LEVERS[name], self.answers[name]
        steps, moved, value = dict.fromkeys(STEPS, 0.0), 0.0, 0.0
        for (of, origin, target), found in self.moved.items():
            if of != name:
                continue
            share = float(found[0]) / answers
            low, high = (
                customer_value(dict(zip(OUTCOMES, part / found[0], strict=True)), scenario)
                for part in np.split(found[1:], 2)
            )
            value += share * (high - low)
            share = share if target > origin else -share
            moved += share
            for k in range(min(origin, target), max(origin, target)):
                steps[STEPS[k]] += share
        customers = int(self.latest[name].sum())
        cost = lever.fixed_cost + lever.cost_per_customer * customers
        return {
            "input": lever.input,
            "at_most": lever.at_most,
            "answers_reached": answers,
            "customers_reached": customers,
            "moved": steps,
            "share_moved": moved,
            "value_per_customer_reached": value,
            "cost": cost,
            "roi": customers * value / cost - 1.0,
        }


def moves(scale: Ladder, now: Floats, then: Floats, rest: float) -> dict[tuple[int, int], Floats]:
    """Return the chance that each customer who answered moves from one group to another.

    Parameters
    ----------
    scale
        Bounds of the noise of the score, the group and the chance of an answer of each step.
    now, then
        What the inputs add to the noise as they are, and under the change.
    rest
        Standard deviation of the rest of the noise, which stays what it is.

    Returns
    -------
    dict
        By pair of groups; those without any chance are left out.
    """
    from scipy.special import ndtr

    n = len(now)
    bounds = np.pad(scale.bounds, ((0, 0), (1, 1)), constant_values=((0, 0), (-np.inf, np.inf)))
    before, after = ((bounds - shift[:, None]) / rest for shift in (now, then))
    first = np.searchsorted(scale.group, np.arange(len(GROUPS) + 1))  # bound where groups begin
    chance = scale.answers * np.diff(ndtr(before), axis=1)
    answered = chance.sum(axis=1)
    found: dict[tuple[int, int], Floats] = {}
    for origin, target in PAIRS:
        total = np.zeros(n)
        for step in np.flatnonzero(scale.group == origin):
            low = np.maximum(before[:, step], after[:, first[target]])
            high = np.minimum(before[:, step + 1], after[:, first[target + 1]])
            total += scale.answers[step] * np.maximum(ndtr(high) - ndtr(low), 0.0)
        if total.any():
            found[origin, target] = total / answered
    return found
