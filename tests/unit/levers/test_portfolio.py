"""Portfolios of levers: by hand, by every set tried, and by the normal loss integral."""

from itertools import combinations

import numpy as np
import pytest
from priced_sets import FOUR, NAMES, TEN, priced
from scipy.stats import norm

from cxroi.errors import ModelError, ParameterError
from cxroi.levers.knowing import worth_knowing, worth_knowing_one
from cxroi.levers.portfolio import portfolio
from cxroi.levers.sets import best_by_pairs


def test_ranks_overlap_best_set_and_waiting_by_hand():
    found = portfolio(NAMES, priced(FOUR, TEN, {("a", "b"): 8.0}), currency="EUR", n=500)
    told = {e.name: e.estimate for e in found.estimates}
    # Net: a 20 20 -5 -5, b 2 30 -2 -8, c 1 1 1 -1, ab 14 42 -15 -21
    assert list(found.names) == ["a", "b", "c"]  # 7.5, 5.5, 0.5
    assert [told[f"lever.{x}.probability_best"] for x in "abc"] == [0.25, 0.25, 0.25]
    assert told["portfolio.probability_none_pays"] == 0.25
    assert [told[f"lever.{x}.rank"] for x in "abc"] == [2.0, 2.0, 2.0]
    # Sets: a 7.5, b 5.5, c .5, ab 5, ac 8, bc 6, abc 5.5
    assert found.best == ("a", "c")
    assert told["portfolio.best.net_value"] == 8.0
    assert told["portfolio.best.cost"] == 20.0
    assert told["portfolio.best.probability_positive"] == 0.5
    assert told["portfolio.best.overlap"] == 0.0
    assert told["portfolio.overlap.a.b"] == 8.0
    assert told["portfolio.overlap.a.c"] == 0.0
    # Best of each draw: ac 21, abc 43, c 1, nothing 0: 65 / 4, less 8
    assert told["portfolio.value_of_knowing"] == pytest.approx(65 / 4 - 8)
    assert found["portfolio.best.net_value"].unit == "EUR"
    assert found["portfolio.best.net_value"].n == 500


def test_a_budget_and_what_is_not_shown_leave_sets_out():
    price = priced(FOUR, {"a": 10.0, "b": 10.0, "c": 1.0})
    assert portfolio(NAMES, price).best == ("a", "b", "c")
    assert portfolio(NAMES, price, budget=12.0).best == ("a", "c")
    assert portfolio(NAMES, price, budget=9.0).best == ("c",)
    found = portfolio(NAMES, price, budget=0.5)
    assert found.best == ()
    assert "portfolio.best.net_value" not in {e.name for e in found.estimates}
    hidden = portfolio(NAMES, price, shown=["b", "c"])
    assert hidden.best == ("b", "c")
    assert hidden.left_out == ("a",)
    assert hidden["lever.a.probability_best"].estimate == pytest.approx(0.25)
    # Net of a 20 20 -5 -5, b 2 30 -2 -8, c 10 10 10 8: best of each draw abc abc c c; bc without
    gain = np.mean([32, 60, 10, 8]) - np.mean([12, 40, 8, 0])
    assert hidden["portfolio.value_of_knowing"].estimate == pytest.approx(gain)


def test_where_all_lose_nothing_is_chosen():
    found = portfolio(NAMES, priced(FOUR, dict.fromkeys(FOUR, 100.0)))
    assert found.best == ()
    assert found["portfolio.probability_none_pays"].estimate == 1.0
    assert found["portfolio.value_of_knowing"].estimate == 0.0


@pytest.mark.parametrize("seed", range(8))
def test_the_programme_finds_what_trying_every_set_finds(seed):
    rng = np.random.default_rng(seed)
    n = 9
    net, costs = rng.normal(4, 6, n), rng.uniform(1, 9, n)
    overlap = np.triu(rng.normal(2, 3, (n, n)) * (rng.random((n, n)) < 0.6), 1)
    budget = None if seed == 0 else float(costs.sum() * rng.uniform(0.2, 0.8))

    def total(chosen):
        return net[list(chosen)].sum() - sum(overlap[p] for p in combinations(chosen, 2))

    every = [s for k in range(n + 1) for s in combinations(range(n), k)]
    allowed = [s for s in every if budget is None or costs[list(s)].sum() <= budget]
    assert best_by_pairs(net, overlap, costs, budget) == max(allowed, key=total)


def test_many_levers_are_chosen_by_pairs_and_priced_as_a_whole():
    rng = np.random.default_rng(3)
    names = {f"l{k}": f"Lever {k}" for k in range(8)}
    single = {name: rng.normal(12, 3, 50) for name in names}
    costs = dict.fromkeys(names, 10.0)
    overlap = {pair: float(rng.uniform(0, 2)) for pair in combinations(names, 2)}
    price = priced(single, costs, overlap)
    every = [s for k in range(1, 9) for s in combinations(names, k) if 10 * k <= 40]
    net = [float((one.values - one.costs).mean()) for one in price(every)]
    found = portfolio(names, price, budget=40.0)
    assert found.best == every[int(np.argmax(net))]
    assert found["portfolio.best.net_value"].estimate == pytest.approx(max(net))
    assert len(found.sets) < 100
    common = sum(overlap[pair] for pair in combinations(found.best, 2))
    assert found["portfolio.best.overlap"].estimate == pytest.approx(common)


def loss(mean, spread):
    """Mean of a normal number where it is above zero (unit normal loss integral)."""
    return mean * norm.cdf(mean / spread) + spread * norm.pdf(mean / spread)


def test_what_knowing_is_worth_is_the_normal_loss_integral():
    rng = np.random.default_rng(1)
    known, rest = rng.standard_normal((2, 40_000))
    net = 1.0 + 3.0 * known + 4.0 * rest
    nets = np.column_stack([np.zeros_like(net), net])
    whole, error = worth_knowing(nets, 1)
    assert whole == pytest.approx(loss(1.0, 5.0) - 1.0, abs=4 * error)
    one, error = worth_knowing_one(nets, known, 1)
    assert one == pytest.approx(loss(1.0, 3.0) - 1.0, abs=4 * error)
    assert error < 0.03
    nothing, error = worth_knowing_one(nets, rng.standard_normal(40_000), 1)
    assert nothing <= 4 * error
    assert worth_knowing_one(nets, np.ones(40_000), 1) == (0.0, 0.0)
    price = priced({"a": net + 2.0}, {"a": 2.0})
    found = portfolio({"a": "Reply within a day"}, price, inputs={"causal_share": known})
    assert found["portfolio.value_of_knowing.causal_share"].estimate == pytest.approx(one)
    assert found["lever.a.value_of_knowing"].estimate == pytest.approx(whole)


def calibration(spread, companies=200, levers=3, error=10.0):
    """Stated chance that the lever ranked first is best, and how often it is, over companies."""
    rng = np.random.default_rng(7)
    names = {f"l{k}": f"Lever {k}" for k in range(levers)}
    mixing = np.linalg.cholesky(error**2 * (0.6 * np.eye(levers) + 0.4))  # shared uncertainty
    stated, right = np.zeros(companies), np.zeros(companies)
    for k in range(companies):
        true = rng.normal(100.0, spread, levers)
        seen = true + mixing @ rng.standard_normal(levers)
        draws = seen + rng.standard_normal((400, levers)) @ mixing.T
        single = {name: draws[:, j] for j, name in enumerate(names)}
        found = portfolio(names, priced(single, dict.fromkeys(names, 1.0)))
        first = next(iter(found.names))
        stated[k] = found[f"lever.{first}.probability_best"].estimate
        right[k] = true[list(names).index(first)] == true.max()
    return stated, right


def test_the_lever_ranked_first_is_the_best_as_often_as_stated():
    stated, right = calibration(spread=30.0)
    error = np.sqrt((stated * (1 - stated)).sum()) / len(stated)
    assert abs(right.mean() - stated.mean()) < 3 * error
    assert 0.7 < stated.mean() < 0.95  # neither certain nor a guess
    unsure, sure = right[stated < 0.8].mean(), right[stated > 0.97].mean()
    assert unsure + 0.1 < sure


def test_what_cannot_be_asked_is_refused():
    price = priced(FOUR, TEN)
    with pytest.raises(ModelError, match="0 levers"):
        portfolio({}, price)
    with pytest.raises(ParameterError, match="budget is -1"):
        portfolio(NAMES, price, budget=-1)
    with pytest.raises(ParameterError, match="'d' is not known"):
        portfolio(NAMES, price, shown=["d"])
