"""Whom to move: planted differences are found, prices add up, nothing is chosen by chance."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from engine_panels import in_engine
from panels import make_panel, make_study

from cxroi.errors import CxroiError, ModelError, ScarceDataError
from cxroi.levers.whom.targeting import (
    CHOSEN,
    EVERYBODY,
    NOBODY,
    OPEN,
    deal,
    tell,
    whom_to_move,
    worth_of,
)
from cxroi.levers.whom.worth import worth_in_money
from cxroi.study.scenario import Range
from cxroi.value.basis import basis_of
from cxroi.value.money import evaluate

OUTCOMES = {"spend": "amount", "retained": "yes_no"}
SCENARIO = {"cost_per_moved": 12.0, "gross_margin": 1.0, "horizon_months": 3.0}


def shop(n=1_500, seed=1, gap=30.0, everywhere=0.0):
    """Customers whom a move makes spend `gap` more in the south, and `everywhere` elsewhere."""
    rng = np.random.default_rng(seed)
    south, before = rng.random(n) < 0.4, rng.gamma(4.0, 10.0, n)
    promoter = rng.random(n) < 1 / (1 + np.exp(0.4 - 0.02 * (before - 40)))
    mean = before + np.where(promoter, np.where(south, gap, everywhere), 0.0)
    return pd.DataFrame(
        {
            "score": np.where(promoter, 9.0, 8.0),
            "attr_region": np.where(south, "south", "north"),
            "spend_before": before,
            "spend_after": mean + rng.normal(0, 15, n),
            "retained_after": (rng.random(n) < 0.8 + 0.05 * promoter).astype(float),
        }
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whom")
    return make_study(folder, OUTCOMES, controls=["region"], scenario=SCENARIO)


@pytest.fixture(scope="module")
def planted(study):
    return whom_to_move(make_panel(study, shop()))


def test_a_planted_difference_is_found_and_chosen(planted):
    """30 in the south, at a cost of 12: the south alone earns .4 * 18, everybody 0."""
    assert planted.decision == CHOSEN
    assert planted.recommended
    frame = pd.DataFrame({"attr_region": ["south", "north"], "spend_before": 40.0})
    assert planted.policy.moves(frame).tolist() == [True, False]
    assert planted.share.estimate == pytest.approx(0.4, abs=0.04)
    for estimate, truth in ((planted.chosen, 7.2), (planted.everybody, 0.0), (planted.gain, 7.2)):
        assert estimate.conf_low < truth < estimate.conf_high
        assert estimate.unit == "EUR per customer"
        assert estimate.n == 1_500
    assert planted.foretold.estimate == pytest.approx(1.0, abs=0.2)
    south = next(e for e in planted.heterogeneity if e.name == "heterogeneity.region=south.value")
    assert south.conf_low < 30 < south.conf_high
    assert south.p_value < 1e-6
    assert planted.any_of().p_value < 1e-6
    assert planted.quarters[3].estimate > 20 > 10 > planted.quarters[0].estimate


def test_the_curve_begins_with_nobody_and_ends_with_everybody(planted):
    names = [e.name for e in planted.curve]
    assert names == [f"policy.curve.{share}" for share in range(0, 110, 10)]
    assert (planted.curve[0].estimate, planted.curve[0].std_error) == (0.0, 0.0)
    assert planted.curve[-1].estimate == pytest.approx(planted.everybody.estimate)
    assert planted.curve[4].estimate == pytest.approx(7.2, abs=1.5)  # those of the south, all
    # order of the south first: gain .4 * .6 * 30 at .4, falling straight to both ends
    assert planted.ranking.estimate == pytest.approx(7.2 / 2, abs=0.8)


def test_names_are_there_once_and_every_figure_says_how(planted):
    names = [e.name for e in planted.estimates]
    assert len(set(names)) == len(names)
    assert all(e.method and e.unit and e.n for e in planted.estimates)
    assert len(planted.tidy()) == len(names)


@pytest.mark.parametrize(
    ("gap", "everywhere", "decision"),
    [(30.0, 30.0, EVERYBODY), (0.0, 0.0, NOBODY), (12.0, 12.0, OPEN)],
)
def test_where_all_are_alike_no_rule_is_recommended(study, gap, everywhere, decision):
    found = whom_to_move(make_panel(study, shop(900, 5, gap, everywhere)))
    assert found.decision == decision
    assert not found.recommended
    assert found.any_of().p_value > 0.01


def test_prices_add_up_to_the_value_of_a_move(study):
    """The Aumann-Shapley prices times the gaps are the value, over a horizon of two years too."""
    from cxroi.effects.adjusted import regress_outcome

    panel = make_panel(study, shop(900))
    regressions = {name: regress_outcome(panel, name) for name in OUTCOMES}
    for months, persistence in ((3.0, 1.0), (24.0, 0.7)):
        plan = replace(panel.study.scenario, horizon_months=months)
        own = replace(panel, study=replace(panel.study, scenario=plan))
        basis = basis_of(own, regressions)
        basis = replace(basis, central=basis.central.with_values(persistence=persistence))
        worth = worth_in_money(own, basis)
        gaps = {name: r.contrast.estimate for name, r in regressions.items()}
        summed = sum(worth.prices[name] * gaps[name] for name in OUTCOMES)
        assert summed == pytest.approx(float(evaluate(basis.central).value), rel=1e-3)
    assert worth_of(panel).prices["spend"] == pytest.approx(1.0, rel=0.02)  # one window, margin 1
    assert worth_of(panel).cost == pytest.approx(12.0)


def test_without_a_scenario_the_first_outcome_counts_at_no_cost(tmp_path):
    study = make_study(tmp_path, {"spend": "amount"}, controls=["region"])
    found = whom_to_move(make_panel(study, shop(900)))
    assert dict(found.worth.prices) == {"spend": 1.0}
    assert found.worth.cost == 0
    assert not found.worth.in_money
    assert found.everybody.unit == study.outcomes[0].unit
    assert "no cost is declared" in found.worth.about
    assert {e.outcome for e in found.heterogeneity} == {"spend"}


def test_a_fixed_cost_is_paid_once_by_whoever_is_moved(study):
    """60 for the plan that moves .1 of 300 customers is 2 a customer, of one rule or the other."""
    panel = make_panel(study, shop(900))
    plan = replace(panel.study.scenario, fixed_cost=Range(60, 60, 60))
    dear = replace(panel, study=replace(panel.study, scenario=plan))
    one, other = (whom_to_move(p) for p in (panel, dear))
    each = 60 / (0.1 * panel.origin_customers)
    for name in ("everybody", "chosen"):
        less = getattr(one, name).estimate - getattr(other, name).estimate
        assert less == pytest.approx(each)
    assert other.gain.estimate == pytest.approx(one.gain.estimate)


def test_rows_that_stay_in_an_engine_give_the_same(study):
    panel = make_panel(study, shop(400))
    worth = worth_of(panel)
    rows, engine = (tell(deal(one, worth)) for one in (panel, in_engine(panel)))
    assert engine.decision == rows.decision
    assert engine.gain.estimate == pytest.approx(rows.gain.estimate, abs=1e-6)
    assert engine.everybody.std_error == pytest.approx(rows.everybody.std_error, rel=1e-6)


def test_under_thirty_in_each_quarter_is_refused(tmp_path):
    study = make_study(tmp_path, {"spend": "amount"}, controls=["region"])
    with pytest.raises(ScarceDataError, match="from 120 on"):
        whom_to_move(make_panel(study, shop(200)))


def test_nothing_to_tell_customers_apart_by_is_refused(tmp_path):
    study = make_study(tmp_path, {"spend": "amount"})
    frame = shop(400).drop(columns=["attr_region", "spend_before"])
    with pytest.raises(ModelError, match="told apart"):
        whom_to_move(make_panel(study, frame))


def test_a_scenario_without_a_roi_is_refused_with_its_reason(tmp_path):
    study = make_study(tmp_path, {"retained": "yes_no"}, controls=["region"], scenario=SCENARIO)
    with pytest.raises(CxroiError, match="spend"):
        whom_to_move(make_panel(study, shop(400)))
