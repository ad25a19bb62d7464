"""Scores of two questionnaires with days of their own, from files to grid and contest."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.grid.joint import join_scores

PEOPLE = 320


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(12)
    names = [f"c{n:03}" for n in range(PEOPLE)]
    first = pd.Timestamp("2026-04-05")
    answered = first + pd.to_timedelta(rng.integers(0, 80, PEOPLE), "D")
    rated = first + pd.to_timedelta(rng.integers(0, 80, PEOPLE), "D")
    trait = rng.normal(size=PEOPLE)
    nps = np.clip(np.round(7.5 + 2.5 * trait + rng.normal(size=PEOPLE)), 0, 10)
    csat = np.clip(np.round(3.4 + 1.2 * trait + 0.2 * rng.normal(size=PEOPLE)), 1, 5)
    bought = rng.poisson(3 + 2 * (trait > 0), PEOPLE)
    who = np.repeat(np.arange(PEOPLE), bought)
    days = rng.integers(0, 270, len(who))
    orders = pd.DataFrame(
        {
            "id": np.array(names)[who],
            "day": pd.Timestamp("2026-01-02") + pd.to_timedelta(days, "D"),
            "amount": np.round(20 + 8 * trait[who] + 5 * rng.random(len(who)), 2).clip(1),
        }
    )
    hour = pd.Timedelta("10h")
    return {
        "responses": pd.DataFrame({"id": names, "day": answered + hour, "nps": nps}),
        "ratings": pd.DataFrame({"who": names, "when": rated + hour, "satisfaction": csat}),
        "orders": orders.assign(day=orders["day"] + pd.Timedelta("12h")),
    }


@pytest.fixture(scope="module")
def panels(frames):
    study = {
        "study": {"name": "Shop", "currency": "EUR", "complete_until": dt.date(2026, 9, 30)},
        "tables": {
            "responses": {"customer": "id", "answered_at": "day", "score": "nps"},
            "ratings": {"customer": "who", "answered_at": "when"},
            "orders": {"customer": "id", "ordered_at": "day", "amount": "amount"},
        },
        "scores": {"csat": {"kind": "csat", "column": "satisfaction"}},
        "outcomes": {"names": ["spend", "orders"]},
        "windows": {"baseline_days": 60, "outcome_days": 60},
    }
    return cx.score_panels(cx.load_study(study), frames=frames)


def spent(orders, customer, answered, days=60):
    """What a customer spent in the days after an answer, by pandas."""
    own = orders[orders["id"] == customer]
    inside = (own["day"] > answered) & (own["day"] <= answered + pd.Timedelta(days=days))
    return own["amount"][inside].sum()


def test_outcomes_of_each_score_are_counted_from_its_own_answer(panels, frames):
    days = {
        "nps": frames["responses"].set_index("id")["day"],
        "csat": frames["ratings"].set_index("who")["when"],
    }
    assert panels.names == ("nps", "csat")
    for name, of in days.items():
        rows = panels.panels[name].frame.set_index("customer")
        assert len(rows) == PEOPLE
        some = rows.index[::9]
        expected = [spent(frames["orders"], who, of[who]) for who in some]
        assert rows.loc[some, "spend_after"].tolist() == pytest.approx(expected)
    assert panels.panels["csat"].frame["score"].between(1, 5).all()


def test_scores_are_held_against_one_another_after_the_later_answer(panels, frames):
    rows = join_scores(panels).rows.frame.set_index("customer")
    answered = frames["responses"].set_index("id")["day"]
    rated = frames["ratings"].set_index("who")["when"]
    some = rows.index[::9]
    later = {who: max(answered[who], rated[who]) for who in some}
    expected = [spent(frames["orders"], who, later[who]) for who in some]
    assert rows.loc[some, "spend_after"].tolist() == pytest.approx(expected)


def test_grid_and_contest_find_the_score_that_carries_what_moves_spend(panels):
    grid, worth = cx.score_grid(panels), cx.worth_asking(panels)
    assert list(grid.cells) == [(s, o) for s in ("nps", "csat") for o in ("spend", "orders")]
    assert grid["csat", "spend"].towards_better > 0
    assert grid["csat", "spend"].correlation.conf_low > 0
    assert worth.contests["spend"].best == "csat"
    assert worth.contests["spend"].gains["csat"].conf_low > 0
    assert worth.customers == PEOPLE
