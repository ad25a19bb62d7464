"""The worlds of the simulator: how satisfaction and outcomes arise, and what is true of them.

Every outcome of a period follows, given the covariates of `COVARIATES` and the group of the
answer at its start, a model that an analyst can specify: any purchase a logit, the amount
a Gamma with log link (lognormal in the world ``heavy``), churn a logit, contacts and returns
Poisson with log link. Any purchase and churn share a Gaussian copula, so their margins are exact.
In two worlds either the outcomes or the satisfaction follow `bends` as well, which a linear
predictor in `COVARIATES` misses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SEGMENTS: Final = {"Consumer": 0.5, "Family": 0.3, "Business": 0.2}
REGIONS: Final = {"NA": 0.35, "EU": 0.35, "APAC": 0.2, "LATAM": 0.1}  # NA is North America
GROUPS: Final = ("detractor", "passive", "promoter")
DETRACTOR, PASSIVE, PROMOTER = range(3)
OUTCOMES: Final = (
    "spend", "orders", "repeat_purchase", "retained", "churned", "contacts", "returns",
)  # fmt: skip
PARTS: Final = ("any", "amount", "more", "churn", "contacts", "returns", "score")
COVARIATES: Final = (
    "intercept", "Family", "Business", "EU", "APAC", "LATAM", "tenure_months",
    "asinh_spend", "asinh_orders", "asinh_contacts",
)  # fmt: skip

# One row a part: coefficients in the order of COVARIATES.
COEFFICIENTS: Final[Mapping[str, tuple[float, ...]]] = {
    "any": (-0.45, 0.15, 0.35, 0.05, -0.10, -0.20, 0.004, 0.07, 0.40, -0.05),
    "amount": (4.75, 0.10, 0.45, 0.00, -0.10, -0.25, 0.002, 0.06, 0.10, 0.00),
    "more": (-1.30, 0.10, 0.20, 0.00, 0.05, -0.05, 0.001, 0.02, 0.40, 0.00),
    "churn": (-1.95, -0.10, -0.30, 0.05, 0.10, 0.15, -0.010, -0.04, -0.15, 0.30),
    "contacts": (-0.95, 0.05, 0.15, 0.00, 0.05, 0.10, -0.002, 0.00, 0.15, 0.45),
    "returns": (-3.30, 0.05, -0.10, 0.00, 0.05, 0.05, 0.000, 0.04, 0.45, 0.00),
    "score": (0.00, 0.05, 0.25, -0.05, -0.10, 0.05, 0.005, 0.05, 0.15, -0.35),
}
# Shift of the linear predictor by group: detractor, passive, promoter.
EFFECTS: Final[Mapping[str, tuple[float, float, float]]] = {
    "any": (-0.20, 0.0, 0.15),
    "amount": (-0.08, 0.0, 0.06),
    "more": (0.0, 0.0, 0.0),
    "churn": (0.40, 0.0, -0.32),
    "contacts": (0.25, 0.0, -0.22),
    "returns": (0.20, 0.0, -0.20),
    "score": (0.0, 0.0, 0.0),
}
# Slope on the unmeasured trait (standard normal, lasting), times World.hidden.
HIDDEN: Final[Mapping[str, float]] = {
    "any": 0.40, "amount": 0.15, "more": 0.0, "churn": -0.35,
    "contacts": -0.15, "returns": 0.0, "score": 0.60,
}  # fmt: skip
# Slopes on the columns of `bends`, times World.outcome_bend or, for the score, World.score_bend.
BENDS: Final[Mapping[str, tuple[float, float]]] = {
    "any": (1.40, 0.0), "amount": (0.90, 0.0), "more": (0.0, 0.0), "churn": (2.40, 0.0),
    "contacts": (1.00, 0.0), "returns": (0.0, 0.0), "score": (1.00, -0.30),
}  # fmt: skip
GAMMA_SHAPE: Final = 1.5
COPULA: Final = -0.3  # correlation of the normals behind any purchase and churn


@dataclass(frozen=True)
class World:
    """A way in which satisfaction and outcomes may hang together.

    Attributes
    ----------
    name, about
        Its name and what is true in it.
    effect
        Multiplier of `EFFECTS`: 1 the full effect of the group, 0 none.
    score_on_spend
        Added to the slope of satisfaction on asinh(baseline spend).
    hidden
        Multiplier of `HIDDEN`: 0 where nothing unmeasured is at work.
    centre, spread
        Mean and standard deviation of the satisfaction latent, which place the cut points.
    log_sd
        Standard deviation of log amount in the lognormal; 0 for the Gamma.
    outcome_bend, score_bend
        Multipliers of `BENDS`: 0 where linear predictors in `COVARIATES` are right.
    logit
        In place of the latent, draw the group by a logit (`scores.ODDS`) and the score within it
        by fixed shares.
    """

    name: str
    about: str
    effect: float = 1.0
    score_on_spend: float = 0.0
    hidden: float = 0.0
    centre: float = 0.29
    spread: float = 1.06
    log_sd: float = 0.0
    outcome_bend: float = 0.0
    score_bend: float = 0.0
    logit: bool = False


WORLDS: Final[Mapping[str, World]] = {
    world.name: world
    for world in (
        World("causal", "groups differ in effect; the controls remove the confounding"),
        World("null", "the confounding of causal, no effect of the group", effect=0.0),
        World(
            "reverse",
            "spending raises satisfaction, satisfaction does nothing",
            effect=0.0,
            score_on_spend=0.25,
            centre=1.08,
            spread=1.40,
        ),
        World(
            "hidden",
            "an unmeasured trait raises satisfaction and outcomes; a quarter of the effect",
            effect=0.25,
            hidden=1.0,
            centre=0.33,
            spread=1.25,
        ),
        World("heavy", "as causal, with a very heavy tail of spend", log_sd=1.6),
        World(
            "bent_outcome",
            "as causal, but outcomes are bent in the controls; the group follows a logit in them",
            outcome_bend=1.0,
            logit=True,
        ),
        World(
            "bent_score",
            "as causal, but satisfaction is bent in the controls; outcomes are not",
            score_bend=1.0,
            centre=0.55,
            spread=1.40,
        ),
        World(
            "opposed",
            "an unmeasured trait raises satisfaction and outcomes; the group does some harm",
            effect=-0.6,
            hidden=1.0,
            centre=0.33,
            spread=1.25,
        ),
    )
}


def design(
    segment: Ints, region: Ints, tenure: Ints, baseline: Sequence[npt.NDArray[Any]]
) -> Floats:
    """Return the covariates, one row a customer, in the order of `COVARIATES`.

    Parameters
    ----------
    segment, region
        Positions in `SEGMENTS` and `REGIONS`.
    tenure
        Months.
    baseline
        Spend (currency), orders and contacts in the 90 days before.
    """
    dummies = [segment == k for k in (1, 2)] + [region == k for k in (1, 2, 3)]
    columns = [np.ones(len(segment)), *dummies, tenure, *(np.arcsinh(b) for b in baseline)]
    return np.column_stack(columns).astype(np.float64, copy=False)


def bends(x: Floats) -> Floats:
    """Return what linear predictors miss, two columns: a hump in tenure, and a crossing.

    The hump is 1 at 48 months and 1/e at 20 months from there. The crossing is asinh(baseline
    spend) less 3, times 1 in the segments Family and Business and times -1 in Consumer.
    """
    family, business, tenure, spend = (
        x[:, COVARIATES.index(name)]
        for name in ("Family", "Business", "tenure_months", "asinh_spend")
    )
    hump = np.exp(-(((tenure - 48.0) / 20.0) ** 2))
    return np.column_stack([hump, (2.0 * (family + business) - 1.0) * (spend - 3.0)])


def predictors(world: World, x: Floats, trait: Floats, group: Ints | int) -> dict[str, Floats]:
    """Return the linear predictor of every part but the score, under the group given."""
    parts = [part for part in PARTS if part != "score"]
    fixed = x @ np.array([COEFFICIENTS[part] for part in parts]).T
    bent = world.outcome_bend * (bends(x) @ np.array([BENDS[part] for part in parts]).T)
    return {
        part: fixed[:, k]
        + world.effect * np.array(EFFECTS[part])[group]
        + world.hidden * HIDDEN[part] * trait
        + bent[:, k]
        for k, part in enumerate(parts)
    }


def expected(
    world: World, x: Floats, trait: Floats, group: int, weights: Floats | None = None
) -> dict[str, float]:
    """Return the mean over rows of each expected outcome had all been in `group`."""
    eta = predictors(world, x, trait, group)
    buys, churned = expit(eta["any"]), expit(eta["churn"])
    means = {
        "spend": buys * np.exp(eta["amount"]),
        "orders": buys * (1.0 + np.exp(eta["more"])),
        "repeat_purchase": buys,
        "retained": 1.0 - churned,
        "churned": churned,
        "contacts": np.exp(eta["contacts"]),
        "returns": np.exp(eta["returns"]),
    }
    return {name: float(np.average(means[name], weights=weights)) for name in OUTCOMES}


@dataclass(frozen=True)
class Drawn:
    """Realised outcomes of one period: cents, counts, and who cancelled."""

    cents: Ints
    orders: Ints
    churned: Flags
    contacts: Ints
    returns: Ints


def draw_outcomes(
    world: World, x: Floats, trait: Floats, group: Ints, rng: np.random.Generator
) -> Drawn:
    """Draw the outcomes of one period, given the group at its start."""
    from scipy.special import ndtr

    eta = predictors(world, x, trait, group)
    n = len(x)
    first = rng.standard_normal(n)
    second = COPULA * first + np.sqrt(1 - COPULA**2) * rng.standard_normal(n)
    buys = ndtr(first) < expit(eta["any"])
    orders = np.where(buys, 1 + rng.poisson(np.exp(eta["more"])), 0)
    amount = np.exp(eta["amount"]) * _unit_amount(world, n, rng)
    cents = np.where(buys, np.maximum(np.rint(100 * amount).astype(np.int64), orders), 0)
    return Drawn(
        cents=cents,
        orders=orders,
        churned=ndtr(second) < expit(eta["churn"]),
        contacts=rng.poisson(np.exp(eta["contacts"])),
        returns=rng.poisson(np.exp(eta["returns"])),
    )


def _unit_amount(world: World, n: int, rng: np.random.Generator) -> Floats:
    """Draw positive amounts of mean one."""
    if world.log_sd:
        return np.exp(world.log_sd * rng.standard_normal(n) - world.log_sd**2 / 2)
    return rng.standard_gamma(GAMMA_SHAPE, n) / GAMMA_SHAPE


def expit(value: Floats) -> Floats:
    """Return the probability of a log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-value)), dtype=np.float64)
