"""The pilot: sizes from the formula, costs by hand."""

import math
from types import SimpleNamespace

import pytest
from statsmodels.stats.power import NormalIndPower

from cxroi.value.pilot import cost_of, pilot


class Programme(dict):
    def __init__(self, share, moved=1_000.0, cost=10.0, fixed=500.0):
        super().__init__(break_even_causal_share=SimpleNamespace(estimate=share))
        self.moved = moved
        self.scenario = SimpleNamespace(
            fixed_cost=SimpleNamespace(likely=fixed), cost_per_moved=SimpleNamespace(likely=cost)
        )


def spend(deviation, n=400):
    return SimpleNamespace(std_error=deviation / math.sqrt(n), n=n)


def by_statsmodels(deviation, effect):
    return math.ceil(NormalIndPower().solve_power(effect / deviation, alpha=0.05, power=0.8))


@pytest.mark.parametrize(("share", "gap", "deviation"), [(0.5, 40.0, 60.0), (0.8, 10.0, 30.0)])
def test_size_and_cost(share, gap, deviation):
    found = pilot(Programme(share), SimpleNamespace(estimate=gap), spend(deviation))
    assert found.effect == pytest.approx(share * gap)
    assert found.each == by_statsmodels(deviation, share * gap)
    assert found.cost == 500 + 10 * found.each
    assert found.programme_cost == 10_500
    assert not found.dearer


def test_a_pilot_may_cost_more_than_the_programme():
    found = pilot(Programme(0.5, moved=20), SimpleNamespace(estimate=4.0), spend(60.0))
    assert found.each == by_statsmodels(60.0, 2.0)
    assert found.dearer


@pytest.mark.parametrize(("share", "gap"), [(None, 40.0), (0.5, None), (0.5, -3.0), (0.0, 40.0)])
def test_none_where_no_effect_would_pay(share, gap):
    assert pilot(Programme(share), SimpleNamespace(estimate=gap), spend(60.0)) is None


def test_none_where_nobody_differs():
    assert pilot(Programme(0.5), SimpleNamespace(estimate=4.0), spend(0.0)) is None


def test_cost_of_so_many():
    assert cost_of(Programme(0.5), 7) == 570.0
