"""Satisfaction in the simulator: which group and score a customer gives, and who answers."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from .worlds import (
    BENDS,
    COEFFICIENTS,
    COVARIATES,
    HIDDEN,
    Flags,
    Floats,
    Ints,
    World,
    bends,
    expit,
)

SCORE_SHARES: Final = (0.01, 0.01, 0.015, 0.02, 0.03, 0.055, 0.08, 0.16, 0.20, 0.22, 0.20)
# Where World.logit, log odds of passive against detractor and of promoter against passive:
# an intercept each, and slopes in the order of COVARIATES that both share.
ODDS_AT: Final = (2.20, 1.60)
ODDS: Final = (0.0, 0.05, 0.10, 0.00, -0.05, 0.05, -0.045, 0.02, 0.00, -0.10)
ANSWER: Final = (-2.0, 0.13)  # logit of answering: intercept, per point of the score


def draw_scores(world: World, x: Floats, trait: Floats, rng: np.random.Generator) -> Ints:
    """Draw a score from 0 to 10 for every row."""
    return draw_scores_and_noise(world, x, trait, rng)[0]


def draw_scores_and_noise(
    world: World, x: Floats, trait: Floats, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Draw a score for every row, and return the standard normal number that made it what it is.

    Given the covariates and the trait, the group is that of `ladder` into which the number falls.
    """
    if world.logit:
        return _draw_by_logit(x, rng)
    noise = rng.standard_normal(len(x))
    score: Ints = np.searchsorted(_cuts(world), _expected(world, x, trait) + noise).astype(np.int64)
    return score, noise


@dataclass(frozen=True)
class Ladder:
    """Up to which noise of a row each step of the scale is not passed.

    Attributes
    ----------
    bounds
        A row a customer, a column a bound: between two bounds lies a step.
    group, answers
        Of each step, from the lowest: its group, and the chance that who gives it answers.
    """

    bounds: Floats
    group: Ints
    answers: Floats


def ladder(world: World, x: Floats, trait: Floats) -> Ladder:
    """Return the steps of the scale: its scores, or where `World.logit` its groups."""
    chance = expit(ANSWER[0] + ANSWER[1] * np.arange(len(SCORE_SHARES), dtype=np.float64))
    group = groups_of(np.arange(len(SCORE_SHARES)))
    if not world.logit:
        return Ladder(_cuts(world) - _expected(world, x, trait)[:, None], group, chance)
    whole, odds = _odds(x)
    shares = np.array(SCORE_SHARES)
    within = np.bincount(group, shares * chance) / np.bincount(group, shares)
    below = np.column_stack([1.0 / whole, (1.0 + odds[:, 0]) / whole])
    return Ladder(_normal(below), np.arange(len(within)), within)


def _expected(world: World, x: Floats, trait: Floats) -> Floats:
    """Return the latent but for its noise."""
    slopes = np.array(COEFFICIENTS["score"])
    slopes[COVARIATES.index("asinh_spend")] += world.score_on_spend
    known = x @ slopes + world.hidden * HIDDEN["score"] * trait
    bent = world.score_bend * (bends(x) @ np.array(BENDS["score"]))
    return np.asarray(known + bent, dtype=np.float64)


def _cuts(world: World) -> Floats:
    upper = np.cumsum(SCORE_SHARES)[:-1]
    return np.array([world.centre + world.spread * NormalDist().inv_cdf(share) for share in upper])


def _odds(x: Floats) -> tuple[Floats, Floats]:
    """Return the odds of passive and of promoter against detractor, and 1 plus their sum."""
    steps = (x @ np.array(ODDS))[:, None] + np.array(ODDS_AT)
    odds = np.exp(np.cumsum(steps, axis=1))
    return 1.0 + odds.sum(axis=1), odds


def _normal(share: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(share), dtype=np.float64)


def _draw_by_logit(x: Floats, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Draw the group, then a score of the group whatever the covariates."""
    whole, odds = _odds(x)
    u = rng.random(len(x)) * whole
    group = (u >= 1.0).astype(np.int64) + (u >= 1.0 + odds[:, 0])
    bounds = np.cumsum((0.0, *SCORE_SHARES))
    low, high = bounds[[0, 7, 9]][group], bounds[[7, 9, 11]][group]
    at = low + (high - low) * rng.random(len(x))
    score: Ints = np.searchsorted(bounds[1:-1], at, side="right").astype(np.int64)
    return score, _normal(u / whole)


def groups_of(score: Ints) -> Ints:
    """Return 0 (detractor, 0 to 6), 1 (passive, 7 and 8) or 2 (promoter, 9 and 10)."""
    group: Ints = np.searchsorted([7, 9], score, side="right").astype(np.int64)
    return group


def draw_answers(score: Ints, rng: np.random.Generator) -> Flags:
    """Draw who answers: the more satisfied, the more often."""
    return rng.random(len(score)) < expit(ANSWER[0] + ANSWER[1] * score.astype(np.float64))
