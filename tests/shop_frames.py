"""A small shop as frames, with attributes by which a part of it can be chosen."""

import datetime as dt
from functools import cache

import numpy as np
import pandas as pd

import cxroi as cx

SCENARIO = {
    "from": "passive",
    "to": "promoter",
    "share_moved": 0.1,
    "cost_per_moved": 5.0,
    "fixed_cost": 30.0,
    "gross_margin": 0.5,
    "causal_share": [0.3, 0.5, 0.8],
    "horizon_months": 2,
}
EVENT = {"customer": "id"}
TABLES = {
    "customers": EVENT | {"attributes": ["segment", "region", "band"]},
    "responses": EVENT | {"score": "nps", "answered_at": "at", "attributes": ["channel"]},
    "orders": EVENT | {"ordered_at": "at", "amount": "amount"},
    "invitations": EVENT | {"invited_at": "at"},
}


@cache
def shop(seed=5, n=600):
    """Return the tables: of segment c there are few; of b all lie in one region."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"K{i:04d}" for i in range(n)])
    segment = np.where(np.arange(n) < 20, "c", rng.choice(["a", "b"], n, p=[0.6, 0.4]))
    region = np.where(segment == "b", "north", rng.choice(["north", "south"], n))
    at = pd.Timestamp("2026-03-01 09:00") + pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    people = pd.DataFrame(
        {"id": ids, "segment": segment, "region": region, "band": rng.integers(1, 3, n)}
    )
    score = rng.choice([4, 7, 8, 9, 10], n)
    answered = rng.random(n) < 0.8
    answers = pd.DataFrame(
        {"id": ids, "nps": score, "at": at, "channel": rng.choice(["web", "post"], n)}
    )
    bought = rng.random((n, 2)) < 0.8
    days = np.array([-20, 25])
    orders = pd.DataFrame(
        {
            "id": np.repeat(ids, 2)[bought.ravel()],
            "at": (at.to_numpy()[:, None] + days.astype("timedelta64[D]")).ravel()[bought.ravel()],
            "amount": np.round(rng.gamma(2, 20 + 3 * score, (2, n)).T.ravel(), 2)[bought.ravel()],
        }
    )
    asked = pd.DataFrame({"id": ids, "at": at - pd.Timedelta("2D")})
    return {
        "customers": people,
        "responses": answers[answered],
        "orders": orders,
        "invitations": asked,
    }


def study_of(controls=("segment", "region"), scenario=SCENARIO, **study):
    """Return the declaration of the shop."""
    return {
        "study": {
            "name": "Shop",
            "currency": "EUR",
            "complete_until": dt.date(2026, 6, 28),
            **study,
        },
        "tables": TABLES,
        "controls": {"columns": list(controls), "categorical": ["band"] * ("band" in controls)},
        "windows": {"baseline_days": 60, "outcome_days": 60},
        "outcomes": {"names": ["spend"]},
        "analysis": {"draws": 1_000},
        **({"scenario": scenario} if scenario else {}),
    }


def panel_of(declared, frames=None, fits="rows"):
    study = declared if not isinstance(declared, dict) else cx.load_study(declared)
    return cx.build_panel(cx.read_tables(study, frames=frames or shop()), fits=fits)


def part(keep):
    """Return the tables with the answers of some customers alone; of events all are left."""
    frames = shop()
    people = frames["customers"]
    ids = set(people.loc[keep(people), "id"])
    mine = {n: frame[frame["id"].isin(ids)] for n, frame in frames.items() if n != "orders"}
    return {**mine, "orders": frames["orders"]}
