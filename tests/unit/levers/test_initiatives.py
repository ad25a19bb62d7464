"""Levers of a study as a portfolio: what two of them would both move is counted once."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from lever_panels import make_lever, make_levered, waits

from cxroi.errors import ModelError, ScarceDataError
from cxroi.levers.driver_table import beside_outcomes
from cxroi.levers.initiatives import initiatives

SCENARIO = {"horizon_months": 90 / (365.25 / 12), "gross_margin": 0.5, "causal_share": 1.0}
LEVERS = (
    make_lever(at_most=0.0, cost_per_customer=0.5),
    make_lever(name="At once", to=0.0, fixed_cost=5.0, cost_per_customer=0.5),
    make_lever(name="In the south", at_most=0.0, reaches={"region": "south"}),
)


@pytest.fixture(scope="module")
def levered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("levers")
    more = "[analysis]\ndraws = 2000\n"
    return make_levered(
        folder, waits(1_200), LEVERS, controls=["region"], scenario=SCENARIO, more=more
    )


def results(panel, shown=(True, True, True)):
    """What `initiatives` needs to know of each lever, all customers of which it reaches."""
    moves = SimpleNamespace(reached=np.ones(len(panel.frame), dtype=bool))
    return [
        SimpleNamespace(lever=lever, money=True, shown=one, moves=moves)
        for lever, one in zip(panel.study.levers, shown, strict=True)
    ]


def wait(panel, table):
    """Which answers are of customers who wait."""
    return beside_outcomes(table, panel)["x_wait"].to_numpy() > 0


def test_levers_on_the_same_customers_earn_once_and_cost_twice(levered):
    panel, table = levered
    found = initiatives(panel, table, results(panel))
    waiting, south = wait(panel, table), (panel.frame["attr_region"] == "south").to_numpy()
    assert next(iter(found.names)) == "sooner"
    net = found["lever.sooner.expected_net_value"].estimate
    once = net + 0.5 * waiting.sum()  # its value: it costs half of each who waits
    assert found["lever.at_once.expected_net_value"].estimate == pytest.approx(net - 5)
    assert found["portfolio.overlap.sooner.at_once"].estimate == pytest.approx(once)
    part = found["lever.in_the_south.expected_net_value"].estimate + (waiting & south).sum()
    assert found["portfolio.overlap.sooner.in_the_south"].estimate == pytest.approx(part)
    assert found.best == ("sooner",)
    assert found["portfolio.best.net_value"].estimate == pytest.approx(net)
    assert found["lever.sooner.probability_best"].estimate == 1.0


def test_what_is_not_shown_is_not_chosen_and_without_a_return_nothing_can_be(levered):
    panel, table = levered
    found = initiatives(panel, table, results(panel, (False, True, True)))
    assert found.best == ("at_once",)
    assert found.left_out == ("sooner",)
    with pytest.raises(ModelError, match="0 levers"):
        initiatives(panel, table, [])


def test_where_few_have_the_inputs_of_all_levers_they_are_not_held_against_one_another(levered):
    panel, table = levered
    few = table.frame.assign(x_wait=table.frame["x_wait"].where(table.frame.index < 700))
    with pytest.raises(ScarceDataError, match="'Sooner' reaches 1,200 customers, and of 700 of"):
        initiatives(panel, replace(table, frame=few), results(panel))
