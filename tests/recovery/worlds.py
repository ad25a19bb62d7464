"""What a world is: customers, how their score and outcomes arise, and what is true of them.

A world draws covariates; a line in their features, the `form`, drives the score (logistic latent
with two cuts) and, each with slopes of its own, spend, retained and contacts. Outcomes under the
passive and under the promoter group are both known, so the truth is the mean difference of the two
potential means among the passives **of the population** that companies are drawn from: a million
customers, each weighted by the chance of being passive. Intervals are held to that, not to the
passives of one company, because another company's customers are other customers.

The true ROI follows from these means as `cxroi` declares it: every window of the horizon earns
what the first one does, from the share still there. Summed over customers who each keep rates of
their own, the value of a move is another by -1.2 to 0.0 %, in `survey_weights` by 1.4 %, in
`segments` by 3.1 %; the standard error of the ROI is about 17 % of that value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from cxroi.simulate.truth import customer_value

Table = dict[str, np.ndarray]
OUTCOMES = ("spend", "retained", "contacts")
KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count"}
DETRACTOR, PASSIVE, PROMOTER = -1, 0, 1
SHARES = (0.25, 0.65)  # of customers below the cuts, up to the promoters
POPULATION = 1_000_000
COST_WHERE_NOTHING_IS_EARNED = 10.0
SCENARIO = {
    "from": "passive",
    "to": "promoter",
    "share_moved": 0.1,
    "fixed_cost": 0.0,
    "gross_margin": 0.4,
    "discount_rate_annual": 0.08,
    "horizon_months": 6.0,
    "causal_share": 1.0,
    "cost_per_contact": 4.0,
}
LINKS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda eta: eta,
    "log": np.exp,
    "logit": expit,
}


@dataclass(frozen=True)
class Line:
    """An outcome: its mean is a line in the form, plus the effect, through a link.

    `gap` has one entry a column of the world's `shift`: promoter over passive on the scale of the
    link; detractors lose as much. `noise` draws values around the mean.
    """

    start: float
    slopes: tuple[float, ...]
    gap: tuple[float, ...]
    link: str
    noise: Callable[[np.random.Generator, np.ndarray, Table], np.ndarray]


@dataclass(frozen=True)
class Truth:
    """True contrasts among passives of the population, their means, and the ROI they give."""

    contrasts: Mapping[str, float]
    mean_from: Mapping[str, float]
    cost_per_moved: float
    roi: float


@dataclass(frozen=True)
class Company:
    """What `cxroi` is given of one company, and what is true of the world it is from."""

    study: dict[str, Any]
    frames: dict[str, pd.DataFrame]
    truth: Truth
    table: Table = field(repr=False)
    step: np.ndarray = field(repr=False)


def constant(table: Table) -> np.ndarray:
    """The shift of an effect that is the same for all."""
    return np.ones((len(next(iter(table.values()))), 1))


@dataclass(frozen=True)
class World:
    """A way in which score and outcomes hang together; see the module.

    Attributes
    ----------
    draw
        Covariates; columns beginning with ``_`` stay hidden, ``spend_before`` and its like are
        declared as baselines, ``account`` as cluster, all others as controls.
    form, score
        Features, and the slopes of the score's latent on them.
    shift
        What the effect hangs on.
    asked
        Chance of being in the company's file; its inverse is then the declared weight.
    roi
        Planted; the cost of moving a customer is set so that it is true.
    people
        Customers of the population on which the truth is taken.
    """

    name: str
    about: str
    draw: Callable[[np.random.Generator, int], Table]
    form: Callable[[Table], np.ndarray]
    score: tuple[float, ...]
    spend: Line
    retained: Line
    contacts: Line
    shift: Callable[[Table], np.ndarray] = constant
    asked: Callable[[Table], np.ndarray] | None = None
    size: int = 1_400
    roi: float = 0.0
    horizon_months: float = 6.0
    categorical: tuple[str, ...] = ()
    people: int = POPULATION

    def mean(self, outcome: str, table: Table, step: np.ndarray | int) -> np.ndarray:
        """Return each customer's expected outcome under a group."""
        line: Line = getattr(self, outcome)
        eta = line.start + self.form(table) @ np.array(line.slopes)
        return LINKS[line.link](eta + step * (self.shift(table) @ np.array(line.gap)))

    def latent(self, table: Table) -> np.ndarray:
        """Return the centre of the score's latent."""
        return self.form(table) @ np.array(self.score) + table.get("_liking", 0.0)

    @property
    def scenario(self) -> dict[str, Any]:
        """The scenario but for what a move costs."""
        return SCENARIO | {"horizon_months": self.horizon_months}

    def company(self, seed: int, size: int = 0) -> Company:
        """Draw one company."""
        rng = np.random.default_rng([seed, sum(map(ord, self.name))])
        n = size or self.size
        table = self.draw(rng, n)
        if self.asked:
            chances = self.asked(table)
            table = self.draw(rng, round(n / chances.mean()))
            chances = self.asked(table)
            kept = rng.random(len(chances)) < chances
            table = {name: v[kept] for name, v in table.items()}
            table["weight"] = 1 / chances[kept]
        latent = self.latent(table)
        step = np.searchsorted(cuts(self), latent + rng.logistic(size=len(latent))) - 1
        frame = pd.DataFrame({"id": np.arange(len(step)), "score": draw_score(rng, step)})
        for name, values in table.items():
            if not name.startswith("_"):
                frame[name] = values
        for name in OUTCOMES:
            mean = self.mean(name, table, step)
            frame[name] = getattr(self, name).noise(rng, mean, table)
        truth = true_of(self)
        return Company(study_of(self, list(table), truth), {"customers": frame}, truth, table, step)


@lru_cache(maxsize=1)  # a hundred megabytes
def population(
    draw: Callable[[np.random.Generator, int], Table], people: int = POPULATION
) -> Table:
    """Return the customers on which the truth is taken."""
    return draw(np.random.default_rng(20260930), people)


@cache
def cuts(world: World) -> np.ndarray:
    """Return where passives and promoters begin on the latent, from the population's shares."""
    latent = world.latent(population(world.draw, world.people))
    noise = np.random.default_rng(1).logistic(size=len(latent))
    return np.quantile(latent + noise, SHARES)


@cache
def true_of(world: World) -> Truth:
    """Return what is true of a world's population."""
    table = population(world.draw, world.people)
    low, high = cuts(world)
    latent = world.latent(table)
    passive = expit(high - latent) - expit(low - latent)
    means = [
        {o: float(np.average(world.mean(o, table, step), weights=passive)) for o in OUTCOMES}
        for step in (PASSIVE, PROMOTER)
    ]
    money = world.scenario | {"cost_per_return": 0.0}
    low_value, high_value = (customer_value(m | {"returns": 0.0}, money) for m in means)
    value = high_value - low_value
    contrasts = {o: means[1][o] - means[0][o] for o in OUTCOMES}
    if not any(contrasts.values()):
        return Truth(contrasts, means[0], COST_WHERE_NOTHING_IS_EARNED, -1.0)
    return Truth(contrasts, means[0], value / (1 + world.roi), world.roi)


def study_of(world: World, columns: list[str], truth: Truth) -> dict[str, Any]:
    """Return the study that declares a world's flat file."""
    shown = [c for c in columns if not c.startswith("_")]
    special = {"account", "weight", *(f"{o}_before" for o in OUTCOMES)}
    controls = [c for c in shown if c not in special]
    customers = {"customer": "id", "score": "score", "attributes": controls}
    if "account" in shown:
        customers["cluster"] = "account"
    if "weight" in shown:
        customers["weight"] = "weight"
    declared: dict[str, dict[str, Any]] = {o: {"column": o, "kind": KINDS[o]} for o in OUTCOMES}
    for name, one in declared.items():
        if f"{name}_before" in shown:
            one["baseline"] = f"{name}_before"
    declared["retained"] |= {"yes": [1], "no": [0]}
    return {
        "study": {"name": world.name, "currency": "EUR"},
        "tables": {"customers": customers},
        "outcomes": {"columns": declared},
        "controls": {"columns": controls, "categorical": list(world.categorical)},
        "windows": {"outcome_days": 90},
        "scenario": world.scenario | {"cost_per_moved": float(truth.cost_per_moved)},
        "analysis": {"draws": 1_000},
    }


def draw_score(rng: np.random.Generator, step: np.ndarray) -> np.ndarray:
    """Draw answers of 0 to 10 within each group."""
    within = np.stack([rng.integers(3, 7, len(step)), rng.integers(7, 9, len(step))])
    promoters = rng.integers(9, 11, len(step))
    return np.choose(step + 1, [*within, promoters])
