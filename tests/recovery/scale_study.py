"""How often the curve over the whole scale and what is said of it hold, where the truth is planted.

    OMP_NUM_THREADS=1 python tests/recovery/scale_study.py --companies 200

Companies of 1,500 customers asked in two waves, of whom most answer twice, with an amount (skewed)
and a yes/no outcome. A control and a baseline go with score and outcomes alike, so that means as
they are would be wrong. Worlds: `flat`, where the score does nothing; `step`, where it does at 7
and at 9 alone; `straight`; `bent`, flat up to 8 and steep from 9 on; `monotone`, steep at first and
flat at the end; `confounded`, straight, with controls that bend, jump and do more at higher
answers; `accounts`, steps, with customers of one account alike; `weights`, straight, with survey
weights; `falls hurt`, straight, where a fall costs twice what a rise brings; `early`, a step at 5.
"""

import argparse
import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from panels import make_panel, make_study

from cxroi.levers.scale.whole_scale import whole_scale

ANSWERS = np.arange(11.0)
CURVES = {
    "flat": 0.0 * ANSWERS,
    "step": 1.5 * (ANSWERS >= 7) + 1.5 * (ANSWERS >= 9),
    "straight": 0.5 * ANSWERS,
    "bent": 4.0 * (ANSWERS >= 9) + 1.0 * (ANSWERS >= 10),
    "monotone": 5.0 * np.sqrt(ANSWERS / 10),
    "early": 5.0 * (ANSWERS >= 5),
}
WORLDS = {
    **{name: name for name in CURVES},
    "confounded": "straight",
    "accounts": "step",
    "weights": "straight",
    "falls hurt": "straight",
}
OUTCOMES = {"spend": "amount", "again": "yes_no"}
CHANCE = 0.06  # of a point of the curve, in the yes/no outcome
CUSTOMERS, AGAIN, ACCOUNT = 1500, 0.8, 6


def draw(rng, world, customers=CUSTOMERS):
    """Return a company of a world, one row an answer."""
    account = rng.normal(size=customers // ACCOUNT + 1).repeat(ACCOUNT)[:customers]
    together = 0.6 * (world == "accounts")
    trait = rng.normal(size=customers) * np.sqrt(1 - together) + account * np.sqrt(together)
    tenure, region = rng.normal(size=customers), rng.integers(0, 3, customers)
    liking = [0.7 * tenure + 0.5 * (region == 1) + rng.normal(size=customers) for _ in range(2)]
    score = np.clip(np.round(7.2 + 1.5 * np.array(liking)), 0, 10)
    curve = CURVES[WORLDS[world]][score.astype(int)]
    other = other_of(world, tenure, region, score)
    moved = score[1] - score[0]
    curve[1] -= (world == "falls hurt") * 1.0 * np.maximum(-moved, 0.0)
    waves = []
    for at in (0, 1):
        noise = rng.gamma(1.0, 6.0, customers) - 6.0
        chance = 0.3 + CHANCE * (curve[at] + 0.5 * other[at])
        chance += 0.08 * trait * together
        waves.append(
            pd.DataFrame(
                {
                    "customer": [f"c{n}" for n in range(customers)],
                    "wave": f"2026Q{at + 1}",
                    "score": score[at],
                    "spend_after": 30 + curve[at] + other[at] + 2.0 * trait + noise,
                    "again_after": (rng.random(customers) < chance).astype(float),
                    "attr_tenure": tenure,
                    "attr_region": np.array(["n", "s", "w"])[region],
                }
            )
        )
    frame = pd.concat(waves, ignore_index=True)
    here = np.r_[np.ones(customers, dtype=bool), rng.random(customers) < AGAIN]
    if world == "accounts":
        frame["cluster"] = np.tile(np.arange(customers) // ACCOUNT, 2)
    if world == "weights":
        frame["weight"] = np.tile(rng.choice([0.5, 1.0, 3.0], customers), 2)
    return frame[here].reset_index(drop=True)


def other_of(world, tenure, region, score):
    """What control and category do to an outcome whatever the answer is."""
    plain = 1.5 * tenure + 1.0 * (region == 2) - 1.0 * (region == 1)
    if world != "confounded":
        return np.stack([plain, plain])
    return plain + 1.2 * (tenure**2 - 1) + 0.2 * tenure * (score - 7.0)


@cache
def everybody(world, size=400_000, seed=9):
    """Return how often each answer is given, and what else there is of the mean at each."""
    rng = np.random.default_rng(seed)
    tenure, region = rng.normal(size=size), rng.integers(0, 3, size)
    liking = 0.7 * tenure + 0.5 * (region == 1) + rng.normal(size=size)
    score = np.clip(np.round(7.2 + 1.5 * liking), 0, 10)
    share = np.bincount(score.astype(int), minlength=11) / size
    return share, np.array([other_of(world, tenure, region, a).mean() for a in ANSWERS])


def truth(world, whole):
    """Return what each point and each step of a company's curve is in all customers there are."""
    share, other = everybody(world)
    amount = 30 + CURVES[WORLDS[world]] + other
    chance = 0.3 + CHANCE * (CURVES[WORLDS[world]] + 0.5 * other)
    every = amount if whole.outcome == "spend" else chance
    inside = [(p.level.low <= ANSWERS) & (p.level.high >= ANSWERS) for p in whole.points]
    points = np.array([np.average(every[m], weights=share[m]) for m in inside])
    scores = np.array([np.average(ANSWERS[m], weights=share[m]) for m in inside])
    return points, np.diff(points) / np.diff(scores)


def look(world, panel, outcome):
    """Return what one company says of one outcome, held against the truth."""
    whole = whole_scale(panel, outcome)
    found = {
        "a step": any(s.p_corrected < 0.05 for s in whole.steps),
        "differs": whole.differs.p_value < 0.05,
        "bends": whole.bends.p_value < 0.05,
        "better cuts": bool(whole.cuts and whole.cuts.better),
        "asymmetry": called(whole.asymmetry.sum),
        "kink": called(whole.asymmetry.kink),
    }
    return found if world == "falls hurt" else held(world, whole) | found


def held(world, whole):
    """Hold points, steps and bands against the truth; there is one where the curve is all."""
    points, steps = truth(world, whole)
    at, on = (
        list(zip(whole.points, points, strict=True)),
        list(zip(whole.steps, steps, strict=True)),
    )
    found = {
        "point": np.mean([holds(p.estimate, t) for p, t in at]),
        "step": np.mean([holds(s.estimate, t) for s, t in on]),
        "band": all(p.band[0] <= t <= p.band[1] for p, t in at),
        "a false step": any(s.p_corrected < 0.05 and abs(t) < 1e-9 for s, t in on),
    }
    if whole.points[0].monotone:
        found["monotone band"] = all(p.monotone[1] <= t <= p.monotone[2] for p, t in at)
        free = np.mean([(p.estimate.estimate - t) ** 2 for p, t in at])
        shaped = np.mean([(p.monotone[0] - t) ** 2 for p, t in at])
        found["squared error, monotone to free"] = shaped / free
    return found


def holds(estimate, true):
    return estimate.conf_low <= true <= estimate.conf_high


def called(estimate):
    return np.nan if estimate is None else estimate.p_value < 0.05


def ask(world, companies, seed=1):
    """Return what the companies of a world say: one row a company and outcome."""
    rng = np.random.default_rng([seed, *map(ord, world)])
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        names = ("tenure", "region")
        study = make_study(Path(folder), OUTCOMES, controls=names, categorical=("region",))
        for _ in range(companies):
            panel = make_panel(study, draw(rng, world))
            rows += [{"outcome": name, **look(world, panel, name)} for name in OUTCOMES]
    return pd.DataFrame(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--worlds", nargs="*", default=list(WORLDS))
    given = parser.parse_args()
    for one in given.worlds:
        found = ask(one, given.companies)
        for name, part in found.groupby("outcome"):
            shares = part.drop(columns="outcome").astype(float).mean()
            print(f"{one}, {name}: " + ", ".join(f"{k} {v:.3f}" for k, v in shares.items()))
        sys.stdout.flush()
