"""A company as frames, with every table that a claim needs and every claim planted, or none.

All effects are logarithms of rates or chances times `effect`: 1 plants the claims, 0 nothing, -1
their contrary. Numbers that are no effects have arguments of their own.
"""

import datetime as dt

import numpy as np
import pandas as pd

START, DAYS = pd.Timestamp("2025-01-01"), 460
MIDDLE = DAYS / 2
ID = {"customer": "id"}
TABLES = {
    "customers": ID | {"attributes": ["segment"]},
    "responses": ID | {"answered_at": "at", "score": "nps"},
    "ratings": ID | {"answered_at": "at", "agent": "agent"},
    "orders": ID | {"ordered_at": "at", "amount": "amount"},
    "returns": ID | {"returned_at": "at"},
    "tickets": ID | {"opened_at": "at", "complaint": "complaint"},
    "contacts": ID | {"opened_at": "at"},
    "subscriptions": ID | {"started_at": "began", "cancelled_at": "ended"},
    "prospects": ID | {"first_seen_at": "at", "became_customer_at": "became"},
    "calls": ID | {"called_at": "at", "abandoned": "abandoned"},
    "carts": ID | {"created_at": "at", "bought_at": "bought"},
    "page_views": ID | {"viewed_at": "at", "page": "page"},
    "staff_answers": {"staff": "staff", "answered_at": "at", "score": "score", "team": "team"},
    "acquisition": {"spent_at": "at", "amount": "amount"},
}
PARTS = ("quality_product", "quality_delivery", "quality_staff")


def study_of(**scenario):
    """Return the declaration of the company."""
    scores = {name: {"kind": "csat", "column": name} for name in ("csat", *PARTS)}
    return {
        "study": {
            "name": "Claims",
            "currency": "EUR",
            "complete_from": START.date(),
            "complete_until": (START + pd.Timedelta(days=DAYS - 1)).date(),
        },
        "tables": TABLES,
        "scores": scores | {"ces": {"kind": "ces", "column": "ces", "better": "higher"}},
        "scale": {"kind": "nps"},
        "controls": {"columns": ["segment"]},
        "windows": {"baseline_days": 60, "outcome_days": 90},
        "outcomes": {"names": ["spend", "repeat_purchase", "returns", "contacts"]},
        "scenario": {
            "from": "passive",
            "to": "promoter",
            "share_moved": 0.1,
            "cost_per_moved": 5.0,
            "gross_margin": 0.5,
            "causal_share": 0.5,
            "horizon_months": 12,
            "cost_per_contact": 10.0,
            "discount_rate_annual": 0.10,
            **scenario,
        },
    }


def frames_of(n=1500, effect=1.0, seed=1, *, complain=1 / 26, convert=0.12, cost=16.0, staff=0.7):
    """Return the tables.

    Parameters
    ----------
    complain
        Chance that a detractor complains within 90 days of the answer, on either side.
    convert
        Chance that a prospect becomes a customer within 90 days.
    cost
        Of a new customer, in years of contacts.
    staff
        Share of the explained overall satisfaction that the staff has.
    """
    rng = np.random.default_rng(seed)
    ids = np.array([f"C{k:05d}" for k in range(n)])
    group = rng.choice(3, n, p=[0.35, 0.25, 0.4])  # detractor, passive, promoter
    answered = rng.uniform(100, 360, n)
    z_effort, z_staff, z_product, z_delivery = rng.normal(size=(4, n))
    rest = (1 - staff) / 2
    overall = np.sqrt(staff) * z_staff + np.sqrt(rest) * (z_product + z_delivery)
    overall = overall + 0.5 * rng.normal(size=n)
    engaged = rng.random(n) < 0.4
    fresh = rng.random(n) < 0.4
    # Purchases: 140 % more of promoters than of detractors, after the answer alone.
    loyal = effect * (0.8 * z_effort + 0.6 * overall / overall.std() - 0.5)
    after = 0.0117 * np.exp(effect * np.log(2.4) * group / 2 + loyal)
    orders = _in(rng, ids, 0.0117, 0, answered) + _in(rng, ids, after, answered, answered + 90)
    more = np.exp(effect * 0.6 * engaged)
    orders += _in(rng, ids, 0.008 * more, np.maximum(answered + 90, MIDDLE), DAYS)
    bought = pd.concat(orders, ignore_index=True)
    bought["amount"] = np.round(rng.gamma(4, 10, len(bought)), 2)
    worse = np.exp(effect * 0.9 * (2 - group) / 2)
    returns = _in(rng, ids, 0.006 * worse, answered, answered + 90)
    rate = -np.log(1 - complain) / 180  # at least one in 180 days
    complaints = _in(rng, ids, rate * np.exp(-effect * 0.6 * group), answered - 90, answered + 90)
    tickets = pd.concat(
        [
            *(frame.assign(complaint=0) for frame in _in(rng, ids, 0.008 * worse, answered, DAYS)),
            *(frame.assign(complaint=1) for frame in complaints),
        ]
    )
    contacts = pd.concat(
        _in(rng, ids, 0.01 * np.exp(effect * 0.7 * fresh), 0, 90)
        + _in(rng, ids, 0.01, 90, answered)
        + _in(rng, ids, 0.01 * worse, answered, DAYS)
    )
    of_year = len(contacts) / n / DAYS * 365.25 * 10.0
    new = pd.DataFrame(
        {"id": [f"N{k}" for k in range(200)], "began": _at(np.linspace(5, 450, 200))}
    )
    views = pd.concat(_in(rng, ids, np.where(engaged, 0.06, 0.01), 0, MIDDLE))
    frames = {
        "customers": pd.DataFrame({"id": ids, "segment": rng.choice(["a", "b"], n)}),
        "responses": pd.DataFrame(
            {"id": ids, "at": _at(answered), "nps": np.array([4, 8, 10])[group]}
        ),
        "orders": bought,
        "returns": pd.concat(returns),
        "tickets": tickets,
        "contacts": contacts,
        "subscriptions": pd.concat([_subscriptions(rng, ids, fresh, engaged, effect), new]),
        "prospects": _prospects(rng, n, convert),
        "page_views": views.assign(page="home"),
        "acquisition": pd.DataFrame(
            {
                "at": _at(np.linspace(1, 450, 60)),
                "amount": cost * of_year * 200 / 60 * rng.uniform(0.8, 1.2, 60),
            }
        ),
    }
    before = answered - rng.uniform(5, 60, n)
    for table, leaning in (("calls", effect), ("carts", 0.0)):
        left = rng.random(n) < 0.3 * np.exp(leaning * 0.9 * (1 - group))
        frames[table] = pd.DataFrame({"id": ids, "at": _at(before), "abandoned": left.astype(int)})
    carts = frames["carts"]
    carts["bought"] = carts["at"].where(carts.pop("abandoned") == 0)
    people, mood = _staff(rng)
    agent = rng.integers(0, len(people), n)
    served = overall / overall.std() + effect * 0.6 * mood[agent]
    frames["staff_answers"] = people
    frames["ratings"] = frames["responses"][["id", "at"]].assign(
        agent=people["staff"].to_numpy()[agent],
        csat=_of_five(served),
        ces=np.clip(np.round(4 + 1.4 * z_effort), 1, 7).astype(int),
        quality_staff=_of_five(z_staff),
        quality_product=_of_five(z_product),
        quality_delivery=_of_five(z_delivery),
    )
    return frames


def _at(days):
    return START + pd.to_timedelta(np.round(np.asarray(days) * 86400), unit="s")


def _in(rng, ids, rate, begin, end):
    """Return a list of one frame: events of a Poisson process between two times, in the data."""
    begin, end = np.clip(begin, 0, DAYS), np.clip(end, 0, DAYS)
    length = np.broadcast_to(np.maximum(end - begin, 0), len(ids))
    counts = rng.poisson(rate * length)
    of = np.repeat(np.arange(len(ids)), counts)
    at = np.broadcast_to(begin, len(ids))[of] + rng.random(len(of)) * length[of]
    return [pd.DataFrame({"id": ids[of], "at": _at(at)})]


def _subscriptions(rng, ids, fresh, engaged, effect):
    """Return subscriptions of which 47.5 % end in five years, and of the engaged fewer."""
    began = np.where(fresh, -rng.uniform(1, 360, len(ids)), -rng.uniform(380, 900, len(ids)))
    hazard = -np.log(1 - 0.475) / (5 * 365.25) * np.exp(effect * (0.5 - 1.6 * engaged))
    ended = rng.exponential(1 / hazard)
    return pd.DataFrame(
        {"id": ids, "began": _at(began), "ended": pd.Series(_at(ended)).where(ended < DAYS)}
    )


def _prospects(rng, n, convert):
    seen = rng.uniform(0, DAYS, n)
    became = np.where(rng.random(n) < convert, seen + rng.uniform(1, 89, n), np.inf)
    known = np.minimum(became, DAYS)
    return pd.DataFrame(
        {
            "id": [f"P{k}" for k in range(n)],
            "at": _at(seen),
            "became": pd.Series(_at(known)).where(became < DAYS),
        }
    )


def _staff(rng, teams=12, size=3):
    """Return one answer each of the staff of some teams, and the mood of each team."""
    mood = np.repeat(np.linspace(-1.5, 1.5, teams), size)
    count = teams * size
    people = pd.DataFrame(
        {
            "staff": [f"A{k}" for k in range(count)],
            "at": START + dt.timedelta(days=30),
            "score": np.clip(np.round(6 + 2 * mood + rng.normal(0, 0.5, count)), 0, 10).astype(int),
            "team": [f"T{k // size}" for k in range(count)],
        }
    )
    return people, mood


def _of_five(z):
    return np.clip(np.round(3 + z), 1, 5).astype(int)
