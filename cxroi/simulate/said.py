"""What else customers and staff of a simulated company say: mentions, expectations, staff."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .company import DAY, Columns
from .ground import Ground, by_time
from .service import TEAM_SIZE, TEAMS, team_mood

EXPECTED: Final = {"product": 0.2, "delivery": -0.7, "staff": 0.3}  # performance less expectation
EXPECT_SHARE, MENTION_SHARE = 0.1, 0.15
STAFF_SLOPE: Final = 1.5  # points of 0 to 10 per unit of the team's mood


def mentions(ground: Ground, rng: np.random.Generator) -> Columns:
    """Return mentions in social media; their feeling goes with the customer's answers."""
    who = rng.integers(0, ground.customers, round(MENTION_SHARE * ground.customers))
    felt = 0.8 * ground.mood[who] + rng.standard_normal(len(who))
    columns = {
        "customer": who, "at": ground.moments(who, rng), "touchpoint": rng.integers(0, 5, len(who)),
        "feeling": np.searchsorted([-0.7, 0.5], felt) - 1,
    }  # fmt: skip
    return by_time(columns, "at")


def expectations(ground: Ground, rng: np.random.Generator) -> Columns:
    """Return what some customers expected of each item, and how it was: 1 to 5."""
    some = rng.choice(ground.customers, round(EXPECT_SHARE * ground.customers), replace=False)
    who = np.repeat(np.sort(some), len(EXPECTED))
    item = np.tile(np.arange(len(EXPECTED)), len(some))
    gap = np.array([ground.effect(size) for size in EXPECTED.values()])[item]
    expected = 3.7 + 0.7 * rng.standard_normal(len(who))
    performed = 3.7 + gap + 0.5 * (expected - 3.7) + 0.6 * rng.standard_normal(len(who))
    columns = {
        "customer": who, "at": ground.moments(who, rng), "item": item,
        "expected": np.clip(np.rint(expected), 1, 5).astype(np.int64),
        "performance": np.clip(np.rint(performed), 1, 5).astype(np.int64),
    }  # fmt: skip
    return by_time(columns, "at")


def staff(ground: Ground, rng: np.random.Generator) -> dict[str, Columns]:
    """Return the staff by team, and what they answer once a quarter: 0 to 10."""
    member = np.arange(TEAMS * TEAM_SIZE)
    team = member // TEAM_SIZE
    quarters = len(ground.calendar.waves) + 1
    who = np.tile(member, quarters)
    asked = ground.calendar.start + np.repeat(np.arange(quarters), len(member)) * 91 * DAY
    at = asked + (rng.random(len(who)) * 20 * DAY).astype(np.int64)
    slope = ground.effect(STAFF_SLOPE)
    score = 7.2 + slope * team_mood()[who // TEAM_SIZE] + 1.3 * rng.standard_normal(len(who))
    answers = {
        "at": at, "staff": who, "team": who // TEAM_SIZE,
        "score": np.clip(np.rint(score), 0, 10).astype(np.int64),
    }  # fmt: skip
    return {"staff": {"staff": member, "team": team}, "staff_answers": by_time(answers, "at")}


def said_truth(ground: Ground) -> dict[str, Any]:
    """Return what is planted in expectations and in the answers of staff."""
    return {
        "expectations": {k: ground.effect(gap) for k, gap in EXPECTED.items()},
        "staff": {
            "points_per_unit_of_team_mood": ground.effect(STAFF_SLOPE),
            "team_mood": [float(round(mood, 2)) for mood in team_mood()],
        },
    }
