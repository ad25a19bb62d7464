"""Planted levers against the model forwards: inputs first, then the score that they cause."""

import json

import duckdb
import numpy as np
import pytest
from scipy.special import expit, ndtri
from scipy.stats import norm

from cxroi.simulate.levers import INPUTS, LEVERS, Plant
from cxroi.simulate.scores import ANSWER, ODDS, ODDS_AT, SCORE_SHARES, draw_scores_and_noise
from cxroi.simulate.simulate import simulate
from cxroi.simulate.worlds import COEFFICIENTS, WORLDS, design

N = 60_000


def covariates(n=N):
    rng = np.random.default_rng(3)
    orders = rng.poisson(0.9, n)
    baseline = [orders * rng.gamma(1.5, 60.0, n), orders, rng.poisson(0.6, n)]
    return design(rng.integers(0, 3, n), rng.integers(0, 4, n), rng.integers(4, 90, n), baseline)


def score_of(world, x, e, at):
    """The score that a noise makes of each customer, by the definitions of the worlds."""
    if world == "causal":
        latent = x @ np.array(COEFFICIENTS["score"]) + e
        return np.searchsorted(0.29 + 1.06 * ndtri(np.cumsum(SCORE_SHARES)[:-1]), latent)
    steps = (x @ np.array(ODDS))[:, None] + np.array(ODDS_AT)
    odds = np.exp(np.cumsum(np.column_stack([np.zeros(len(x)), steps]), axis=1))
    below = np.cumsum(odds, axis=1)[:, :2] / odds.sum(axis=1)[:, None]
    group = (e[:, None] > ndtri(below)).sum(axis=1)
    edges = np.cumsum((0.0, *SCORE_SHARES))
    low, high = edges[[0, 7, 9]][group], edges[[7, 9, 11]][group]
    return np.searchsorted(edges[1:-1], low + (high - low) * at)


def group_of(score):
    return np.searchsorted([6.5, 8.5], score)


def forwards(world, lever):
    """Shares moved up each step, and at all, of those who answer: inputs first, scores after."""
    rng, x = np.random.default_rng(5), covariates()
    z, rest = rng.standard_normal((N, 3)), rng.standard_normal(N)
    r = np.array([-0.4, -0.45, 0.0])
    at, k = rng.random(N), list(INPUTS).index(LEVERS[lever].input)
    s = np.sqrt(1 - (r**2).sum())
    was = score_of(world, x, z @ r + s * rest, at)
    place, spread, less, limit = ((1.0, 0.7, 3.0, 0.0), (2.64, 0.9, 0.0, 24.0))[k]
    value = np.rint(np.exp(place + spread * z[:, k]) - less)
    late = value > limit
    z[late, k] = rng.choice(z[value == limit, k], late.sum())
    now = score_of(world, x, z @ r + s * rest, at)
    rows = late & (rng.random(N) < expit(ANSWER[0] + ANSWER[1] * was))
    old, new = group_of(was[rows]), group_of(now[rows])
    steps = [(new >= group).mean() - (old >= group).mean() for group in (1, 2)]
    return steps, np.sign(new - old).mean(), rows.sum()


@pytest.fixture(scope="module", params=["causal", "bent_outcome"])
def planted(request):
    """A world, and the plant after one wave of many customers of whom some answer."""
    world, x = WORLDS[request.param], covariates()
    rng = np.random.default_rng(4)
    score, noise = draw_scores_and_noise(world, x, np.zeros(N), rng)
    assert (group_of(score) == group_of(score_of(request.param, x, noise, np.full(N, 0.5)))).all()
    answers = np.flatnonzero(rng.random(N) < expit(ANSWER[0] + ANSWER[1] * score))
    plant = Plant.of(N, 1, planted=True)
    plant.before(world, x[answers], np.zeros(len(answers)), noise[answers], answers)
    return request.param, plant


@pytest.mark.parametrize("lever", ["Deliver on the promised day", "Call back within a day"])
def test_shares_moved_are_those_of_a_score_that_the_inputs_cause(planted, lever):
    world, plant = planted
    shares, once, n = forwards(world, lever)
    scenario = dict.fromkeys(("gross_margin", "cost_per_contact", "cost_per_return"), 0.0)
    told = plant.truth(scenario | {"horizon_months": 3, "discount_rate_annual": 0.0})
    told = told["levers"][lever]
    assert list(told["moved"]) == ["detractor_to_passive", "passive_to_promoter"]
    for share, found in zip(shares, told["moved"].values(), strict=True):
        assert share > 0.03
        assert abs(found - share) < 4 * np.sqrt(share / n)
    assert told["share_moved"] == pytest.approx(once, abs=4 * np.sqrt(once / n))
    twice = sum(told["moved"].values()) - told["share_moved"]  # who rises by two groups
    assert twice > 1e-4 if (world, lever[:4]) == ("causal", "Deli") else -1e-12 < twice < 1e-3
    assert abs(told["answers_reached"] - n) < 4 * np.sqrt(2 * n)
    assert told["value_per_customer_reached"] == 0.0  # no margin, nothing to serve


def test_inputs_are_standard_normal_independent_and_go_with_the_noise_as_planted():
    x, noise = covariates(), np.random.default_rng(6).standard_normal(N)
    plant = Plant.of(N, 2, planted=True)
    drawn = plant.before(WORLDS["causal"], x, np.zeros(N), noise, None)
    for days in range(-2, 9):  # mean of a normal number between two bounds
        ends = (np.log(np.maximum([days + 2.5, days + 3.5], 1e-300)) - 1.0) / 0.7
        between = -np.diff(norm.pdf(ends))[0] / np.diff(norm.cdf(ends))[0]
        rows = drawn["days_late"] == days
        assert rows.mean() == pytest.approx(np.diff(norm.cdf(ends))[0], abs=0.008)
        assert abs(noise[rows].mean() + 0.4 * between) < 4 / rows.sum() ** 0.5
    hours = (np.log(np.maximum(drawn["callback_hours"], 0.4)) - 2.64) / 0.9
    assert np.corrcoef(hours, noise)[0, 1] == pytest.approx(-0.45, abs=0.016)
    assert hours.std() == pytest.approx(1.0, abs=0.02)
    others = (drawn["days_late"], drawn["newsletters"])
    assert max(abs(np.corrcoef(hours, other)[0, 1]) for other in others) < 0.016
    assert abs(np.corrcoef(drawn["newsletters"], noise)[0, 1]) < 0.016
    assert np.median(drawn["callback_hours"]) == 14  # e^2.64 = 14 hours


@pytest.mark.parametrize("world", ["causal", "null"])
def test_a_company_has_the_inputs_beside_its_answers(tmp_path, world):
    folder = simulate(tmp_path / "made", 400, 3, world, journeys=True).parent
    told = json.loads((folder / "truth.json").read_text())
    answers = duckdb.sql(f"SELECT * FROM '{folder / 'responses.csv'}'").df()
    details = duckdb.sql(f"SELECT * FROM '{folder / 'response_details.csv.gz'}'").df()
    assert list(details["response_id"]) == list(answers["response_id"])
    assert details["newsletters"].notna().mean() > 0.95  # all but late answers
    moves = {name: lever["share_moved"] for name, lever in told["levers"].items()}
    assert moves["At most two newsletters"] == 0.0
    assert (moves["Deliver on the promised day"] > 0.03) == (world == "causal")
    assert set(told["inputs"].values()) == ({-0.4, -0.45, 0.0} if world == "causal" else {0.0})
    lever = told["levers"]["Deliver on the promised day"]
    assert lever["cost"] == 1_000.0 + lever["customers_reached"]
    gain = lever["customers_reached"] * lever["value_per_customer_reached"]
    assert lever["roi"] == pytest.approx(gain / lever["cost"] - 1)
