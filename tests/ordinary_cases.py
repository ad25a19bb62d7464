"""Studies of generated frames in which one thing is wrong, and what always holds of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

import cxroi as cx

SIZE = 900
SCENARIO = {
    "from": "passive",
    "to": "promoter",
    "share_moved": 0.1,
    "cost_per_moved": 15.0,
    "gross_margin": 0.4,
    "causal_share": 0.5,
}
CODED = {"yes_no": {"yes": [1], "no": [0]}}


def customers(seed=5, size=SIZE):
    """Customers who answered: spend, contacts, a share and whether they stayed, before and after.

    Promoters spend 15 more than passives and stay more often; tenure drives score and spend.
    """
    rng = np.random.default_rng(seed)
    tenure = rng.gamma(2.0, 12.0, size)
    score = np.clip(np.round(7.3 + 0.03 * (tenure - 24) + rng.normal(0, 1.8, size)), 0, 10)
    promoter, lift = score >= 9, 15.0 * ((score >= 9) * 1.0 - (score < 7))
    before = np.where(rng.random(size) < 0.2, 0.0, rng.gamma(2.0, 30.0, size))
    spend = np.maximum(0, 0.5 * before + 0.5 * tenure + 25 + lift + rng.normal(0, 25, size))
    return pd.DataFrame(
        {
            "id": np.arange(size),
            "score": score.astype(int),
            "tenure": tenure.round(1),
            "region": rng.choice(["north", "south", "west"], size),
            "spend": np.where(rng.random(size) < 0.15, 0.0, spend).round(2),
            "spend0": before.round(2),
            "contacts": rng.poisson(1.4 - 0.4 * promoter),
            "contacts0": rng.poisson(1.2, size),
            "used": np.clip(0.5 + 0.05 * promoter + rng.normal(0, 0.15, size), 0, 1).round(3),
            "stay": (rng.random(size) < 0.8 + 0.08 * promoter).astype(int),
        }
    )


OUTCOMES = {
    "spend": {"column": "spend", "kind": "amount", "baseline": "spend0"},
    "contacts": {
        "column": "contacts",
        "kind": "count",
        "baseline": "contacts0",
        "better": "lower",
    },
    "used": {"column": "used", "kind": "rate"},
    "retained": {"column": "stay", "kind": "yes_no", **CODED["yes_no"]},
}


def analysed(frame, fits="rows", outcomes=None, controls=("tenure", "region"), **people):
    """Analyse a frame with its checks."""
    document = {
        "study": {"name": "case", "currency": "EUR"},
        "tables": {
            "customers": {
                "customer": "id",
                "score": "score",
                "attributes": list(controls),
                **people,
            }
        },
        "outcomes": {"columns": OUTCOMES if outcomes is None else outcomes},
        "controls": {"columns": list(controls)},
        "windows": {"outcome_days": 90},
        "analysis": {"fits": fits},
        "scenario": SCENARIO,
    }
    return of_study(cx.load_study(document), fits, {"customers": frame}, checked=False)


def of_study(study, fits="rows", frames=None, *, checked=True):
    """Analyse a study, with its checks where that is quick; nothing may end but by name."""
    analysis = cx.analyse(cx.build_panel(cx.read_tables(study, frames=frames), fits=fits))
    if fits == "engine" and not checked:
        return analysis, None, ""
    checks = cx.run_checks(analysis)
    return analysis, checks, str(cx.sentences.answer(analysis, checks))
