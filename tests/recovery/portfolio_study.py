"""How often the lever ranked first is the best, over simulated companies: as often as stated?

    python tests/recovery/portfolio_study.py 200

Each company has three things that customers may suffer or not, each of them moving the score by
another amount, and a lever against each. What a lever truly earns is known: the groups follow a
logit of the three and of the region, and spend has a known gap from group to group.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from lever_panels import make_lever, make_levered
from scipy.special import expit

from cxroi.levers.initiatives import initiatives

CUTS, GAPS = np.array([-0.8, 0.9]), np.array([14.0, 20.0])
MARGIN, COST, N = 0.5, 1.0, 1_500
NAMES = ("late", "wrong", "rude")
SCENARIO = {"horizon_months": 90 / (365.25 / 12), "gross_margin": MARGIN, "causal_share": 1.0}


def company(seed: int, spread: float) -> tuple[pd.DataFrame, np.ndarray]:
    """Return answers, and what each lever truly earns net of its cost."""
    rng = np.random.default_rng([seed, 91])
    region = rng.choice(["north", "south"], N)
    suffered = (rng.random((N, 3)) < 0.3).astype(float)
    size = np.maximum(0.6 + spread * rng.standard_normal(3), 0.0)
    liking = 0.6 - suffered @ size - 0.5 * (region == "south")
    step = np.digitize(liking + rng.logistic(size=N), CUTS)
    spend = 60 + np.concatenate([[0], np.cumsum(GAPS)])[step] + rng.normal(0, 25, N)
    above = expit(liking[:, None] - CUTS)
    net = []
    for k in range(3):
        rows = suffered[:, k] > 0
        gain = expit((liking + size[k])[rows, None] - CUTS) - above[rows]
        net.append(MARGIN * (gain @ GAPS).sum() - COST * rows.sum())
    columns = {f"x_{name}": suffered[:, k] for k, name in enumerate(NAMES)}
    score = np.array([4.0, 8.0, 10.0])[step]
    frame = {"score": score, "attr_region": region, "spend_after": spend, **columns}
    return pd.DataFrame(frame), np.array(net)


def ranked(seed: int, spread: float, folder: Path) -> dict[str, Any]:
    """Return what is said of the lever ranked first, and whether it is the best."""
    frame, net = company(seed, spread)
    levers = [
        make_lever(name=name, input=name, at_most=0.0, cost_per_customer=COST) for name in NAMES
    ]
    panel, table = make_levered(
        folder, frame, levers, controls=["region"], scenario=SCENARIO,
        more="[analysis]\ndraws = 1000\n",
    )  # fmt: skip
    results = [SimpleNamespace(lever=lever, money=True, shown=True, moves=None) for lever in levers]
    found = initiatives(panel, table, results)
    first = next(iter(found.names))
    chosen = set(found.best)
    best = {name for name, value in zip(NAMES, net, strict=True) if value > 0}
    spare = found["portfolio.best.net_value"] if found.best else None
    truth = sum(v for name, v in zip(NAMES, net, strict=True) if name in chosen)
    return {
        "stated": found[f"lever.{first}.probability_best"].estimate,
        "right": bool(net[NAMES.index(first)] == net.max() and net.max() > 0),
        "said_set": found["portfolio.best.probability_best"].estimate if found.best else np.nan,
        "right_set": chosen == best,
        "held": bool(spare.conf_low <= truth <= spare.conf_high) if spare else np.nan,
        "lost": float(np.maximum(net, 0).sum() - truth),
        "knowing": found["portfolio.value_of_knowing"].estimate,
    }


def study(companies: int, spread: float = 0.4) -> pd.DataFrame:
    """Return a row a company."""
    with tempfile.TemporaryDirectory() as name:
        rows = [ranked(seed, spread, Path(name)) for seed in range(companies)]
    return pd.DataFrame(rows)


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parents[1]))
    for spread in (0.2, 0.4):
        found = study(int(sys.argv[1]), spread)
        print(f"effects differ by {spread}:", found.mean().round(3).to_dict())
