"""Satisfaction in the simulator: which group and score a customer gives, and who answers."""

from __future__ import annotations

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
    if world.logit:
        return _draw_by_logit(x, rng)
    slopes = np.array(COEFFICIENTS["score"])
    slopes[COVARIATES.index("asinh_spend")] += world.score_on_spend
    known = x @ slopes + world.hidden * HIDDEN["score"] * trait
    bent = world.score_bend * (bends(x) @ np.array(BENDS["score"]))
    latent = known + bent + rng.standard_normal(len(x))
    upper = np.cumsum(SCORE_SHARES)[:-1]
    cuts = [world.centre + world.spread * NormalDist().inv_cdf(share) for share in upper]
    score: Ints = np.searchsorted(cuts, latent).astype(np.int64)
    return score


def _draw_by_logit(x: Floats, rng: np.random.Generator) -> Ints:
    """Draw the group, then a score of the group whatever the covariates."""
    steps = (x @ np.array(ODDS))[:, None] + np.array(ODDS_AT)
    odds = np.exp(np.cumsum(steps, axis=1))  # against the detractor
    whole = 1.0 + odds.sum(axis=1)
    u = rng.random(len(x)) * whole
    group = (u >= 1.0).astype(np.int64) + (u >= 1.0 + odds[:, 0])
    bounds = np.cumsum((0.0, *SCORE_SHARES))
    low, high = bounds[[0, 7, 9]][group], bounds[[7, 9, 11]][group]
    at = low + (high - low) * rng.random(len(x))
    score: Ints = np.searchsorted(bounds[1:-1], at, side="right").astype(np.int64)
    return score


def groups_of(score: Ints) -> Ints:
    """Return 0 (detractor, 0 to 6), 1 (passive, 7 and 8) or 2 (promoter, 9 and 10)."""
    group: Ints = np.searchsorted([7, 9], score, side="right").astype(np.int64)
    return group


def draw_answers(score: Ints, rng: np.random.Generator) -> Flags:
    """Draw who answers: the more satisfied, the more often."""
    return rng.random(len(score)) < expit(ANSWER[0] + ANSWER[1] * score.astype(np.float64))
