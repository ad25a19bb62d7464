"""What a pilot is worth, against closed forms and nested simulation; who is in it."""

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.power import tt_ind_solve_power

import cxroi as cx
from cxroi.cli.main import main
from cxroi.errors import ParameterError
from cxroi.evidence.assignment import assign, eligible
from cxroi.evidence.planning import money_spread, plan_pilot, value_of_information
from cxroi.evidence.returns import money_per_customer


def unit_normal_loss(z):
    return stats.norm.pdf(z) - z * stats.norm.sf(z)


@pytest.mark.parametrize(("mean", "error"), [(-0.5, 0.5), (0.3, 1.0), (1.5, 0.3)])
def test_worth_of_a_normal_figure_has_a_closed_form(mean, error):
    # Raiffa and Schlaifer (1961): spread of the expectation after, times unit normal loss.
    rng = np.random.default_rng(3)
    effects = mean + rng.standard_normal(40_000)
    after = sqrt(1 / (1 + error**2))
    exact = 1_000 * after * unit_normal_loss(abs(mean) / after)
    worth, simulated = value_of_information(1_000 * effects, effects, error)
    assert worth == pytest.approx(exact, abs=4 * simulated)
    assert simulated < 0.05 * 1_000


def test_worth_of_a_skewed_figure_agrees_with_nested_simulation():
    rng = np.random.default_rng(5)
    effects = rng.gamma(1.5, 1.0, 8_000) * rng.choice([0.0, 1.0], 8_000, p=[0.4, 0.6])
    noise = rng.normal(size=8_000) * 50
    nets, error = 300 * effects - 280 + noise, 0.6
    worth, simulated = value_of_information(nets, effects, error)
    seen = rng.choice(effects, 800) + error * rng.standard_normal(800)
    weights = stats.norm.pdf((seen[:, None] - effects) / error)
    after = weights @ (300 * effects - 280) / weights.sum(axis=1)
    nested = np.maximum(after, 0)
    brute = nested.mean() - max(nets.mean(), 0)
    assert worth == pytest.approx(brute, abs=3 * (simulated + nested.std() / sqrt(800)))


def test_information_that_changes_nothing_is_worth_nothing():
    effects = np.random.default_rng(1).normal(size=4_000)
    assert value_of_information(50 + np.zeros(4_000), effects, 0.1)[0] == 0.0
    assert value_of_information(500 + effects, effects, 0.1)[0] == pytest.approx(0.0, abs=1e-9)
    sure, _ = value_of_information(effects, effects, 1e-9)
    assert sure == pytest.approx(np.maximum(effects, 0).mean() - max(effects.mean(), 0), rel=0.02)


def test_plans_of_the_demo(demo_analysis):
    roi, panel = demo_analysis.roi, demo_analysis.panel
    plans = plan_pilot(roi, panel)
    assert [p.net_worth for p in plans] == sorted((p.net_worth for p in plans), reverse=True)
    one = plans[0]
    rows = panel.frame[panel.frame["group"].astype(str) == "passive"]
    money = money_per_customer(rows, roi.scenario)
    spread = money_spread(panel)
    assert 0.5 * money.std() < spread <= money.std() * 1.01
    size = one.detectable / spread
    ratio = one.held_out / one.offered
    power = tt_ind_solve_power(size, one.offered, 0.05, None, ratio)
    assert power == pytest.approx(0.8, abs=0.01)
    assert one.cost == pytest.approx(one.offered * 0.1 * 12)  # a tenth moves, at EUR 12 each
    draws = roi.basis.draws()
    gap = 0.4 * draws.spend_gap - 8 * draws.contacts_gap - 6 * draws.returns_gap
    assert one.expected == pytest.approx(np.mean(draws.share_moved * draws.causal_share * gap))
    small = min(plans, key=lambda p: p.offered)
    large = max(plans, key=lambda p: p.offered)
    assert large.worth >= small.worth - 3 * (large.error + small.error)
    assert large.detectable < small.detectable


PEOPLE = pd.DataFrame(
    {"customer": [f"c{i}" for i in range(1_000)], "plan": ["gold"] * 300 + ["tin"] * 700}
)


def test_either_arm_may_be_the_larger(demo_analysis):
    roi, panel = demo_analysis.roi, demo_analysis.panel
    few, many = (
        sorted(plan_pilot(roi, panel, share_offered=share), key=lambda p: p.offered)
        for share in (0.2, 0.8)
    )
    assert many[-1].offered == pytest.approx(few[-1].held_out, rel=0.01)
    assert many[-1].detectable == pytest.approx(few[-1].detectable, rel=0.01)
    assert few[0].offered == 50
    assert many[0].held_out == 50


def test_a_list_is_the_same_for_everybody_and_alike_in_strata():
    drawn = assign(PEOPLE, 200, 300, seed=7, by=("plan",))
    again = assign(PEOPLE.sample(frac=1, random_state=1), 200, 300, seed=7, by=("plan",))
    pd.testing.assert_frame_equal(drawn, again)
    counts = drawn.groupby(["plan", "offered"]).size()
    assert [counts["gold", "yes"], counts["tin", "yes"]] == pytest.approx([60, 140], abs=1)
    assert [counts["gold", "no"], counts["tin", "no"]] == pytest.approx([90, 210], abs=1)
    other = assign(PEOPLE, 200, 300, seed=8, by=("plan",))
    assert set(other["customer"]) != set(drawn["customer"])


def test_everybody_is_as_likely_to_be_offered():
    often = np.zeros(1_000)
    for seed in range(60):
        drawn = assign(PEOPLE, 250, 250, seed=seed)
        offered = drawn.loc[drawn["offered"] == "yes", "customer"].str[1:].astype(int)
        often[offered] += 1
    assert stats.chisquare(often, np.full(1_000, often.mean())).pvalue > 0.001


@pytest.mark.parametrize(
    ("people", "offered", "said"),
    [
        (PEOPLE, 900, "1,000 customers"),
        (PEOPLE, 0, "at least one of each"),
        (pd.concat([PEOPLE, PEOPLE.head(1)]), 10, "twice"),
    ],
)
def test_a_list_that_cannot_be_drawn_is_refused(people, offered, said):
    with pytest.raises(ParameterError, match=said):
        assign(people, offered, 300, seed=1)


def test_too_few_customers_are_no_pilot(demo_analysis):
    few = demo_analysis.roi.what_if(from_customers=60)
    with pytest.raises(cx.CxroiError, match="smallest pilot"):
        plan_pilot(few, demo_analysis.panel)


def test_the_list_has_those_whose_latest_answer_is_in_the_group(demo_analysis):
    panel = demo_analysis.panel
    found = eligible(panel, ("segment",))
    latest = panel.frame.sort_values("answered_at").groupby("customer")["score"].last()
    assert set(found["customer"]) == set(latest.index[latest.between(7, 8)])
    assert list(found.columns) == ["customer", "segment"]
    with pytest.raises(ParameterError, match="Did you mean 'segment'"):
        eligible(panel, ("segmen",))


def test_the_command_draws_a_list_and_says_what_a_pilot_is_worth(tmp_path, capsys):
    where = tmp_path / "list.csv"
    command = ["plan-pilot", str(cx.demo_study()), "--write", str(where), "--offered", "60"]
    assert main([*command, "--by", "segment"]) == 0
    said = capsys.readouterr().out
    assert "60 offered, 60 held out" in said
    assert "No pilot is worth its cost" in said
    assert len(pd.read_csv(where)) == 120
    assert main(command) == 1  # it is there
    assert "Add --force" in capsys.readouterr().err
    assert main([*command, "--force", "-p", "quarter=3"]) == 2
    assert main([*command, "--share", "1"]) == 2
