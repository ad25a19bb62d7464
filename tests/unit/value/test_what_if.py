"""A ROI under other assumptions: the same draws, nothing fitted again."""

import json
from functools import partial

import numpy as np
import pytest
from alike import same
from roi_by_hand import PER_GAP, SHORT, make_roi, regression
from scipy import stats

from cxroi.errors import ModelError, StudyError
from cxroi.runs.codec import read, write
from cxroi.value.scenarios import scenario_estimates

GAP = {"spend": regression(100.0, 30.0, error=5.0)}
RANGES = {**SHORT, "causal_share": [0.4, 0.5, 0.6], "cost_per_moved": [4.0, 5.0, 7.0]}


@pytest.fixture
def roi_of(tmp_path):
    return partial(make_roi, tmp_path, draws=2_000)


def test_the_plan_itself_is_the_headline_to_the_last_bit(roi_of):
    roi = roi_of(GAP, RANGES)
    planned = {"causal_share": [0.4, 0.5, 0.6], "cost_per_moved": [4, 5, 7]}
    back = roi.what_if(cost_per_moved=9).what_if(**planned)
    for found in (roi.what_if(), roi.what_if(**planned), back):
        assert same(found.estimates, roi.estimates)
        assert same(found.ratio_draws, roi.ratio_draws)
        assert found.notes == roi.notes


def test_other_assumptions_by_hand(roi_of):
    roi = roi_of(GAP, RANGES)
    found = roi.what_if(cost_per_moved=2, causal_share=0.8, share_moved=0.25, fixed_cost=50)
    value = 0.8 * 30 * PER_GAP  # 200 passives, a quarter moved
    assert found.moved == pytest.approx(50)
    assert found["net_value"].estimate == pytest.approx(50 * (value - 2) - 50)
    assert found["ratio"].estimate == pytest.approx((50 * (value - 2) - 50) / 150)
    z = (30 - 150 / 50 / 0.8 / PER_GAP) / 5
    assert found["probability_positive"].estimate == pytest.approx(stats.norm.cdf(z), abs=0.02)
    assert found.tornado["input"].tolist() == ["spend gap"]


def test_scenarios_differ_by_what_they_assume_never_by_chance(roi_of):
    """Draws of what is not changed stand where they stood, whatever else is changed."""
    roi = roi_of(GAP, RANGES)
    base, lower = roi.basis.draws(), roi.what_if(causal_share=0.5, gross_margin=[0.2, 0.5, 0.7])
    other = lower.basis.draws()
    assert same(base.cost_per_moved, other.cost_per_moved)
    assert same(base.spend_gap, other.spend_gap)
    assert other.causal_share == 0.5
    assert abs(np.corrcoef(other.gross_margin, other.cost_per_moved)[0, 1]) < 0.05
    # As if the study file had said so: no other input is drawn before the cost.
    alone = roi_of(GAP, {**RANGES, "causal_share": 0.5})
    assert roi.what_if(causal_share=0.5)["ratio"].estimate == alone["ratio"].estimate
    # Twice the range is twice every draw.
    wide = roi.what_if(cost_per_moved=[8, 10, 14]).basis.draws()
    assert wide.cost_per_moved == pytest.approx(2 * base.cost_per_moved, rel=1e-12)


def test_a_range_where_the_plan_has_none_is_triangular(roi_of):
    # Margin [0.2, 0.3, 0.7]: mean 0.4, 5 and 95 per cent points .25 and .6 (see test_roi).
    drawn = roi_of(GAP).what_if(gross_margin=[0.2, 0.3, 0.7]).basis.draws().gross_margin
    expected = stats.triang(c=0.2, loc=0.2, scale=0.5)
    assert stats.kstest(drawn, expected.cdf).pvalue > 0.01
    assert np.quantile(drawn, [0.05, 0.95]) == pytest.approx([0.25, 0.6], abs=0.02)


def test_a_prior_in_place_of_a_number_has_its_mass_and_its_range(roi_of):
    prior = {"none": 0.3, "low": 0.2, "likely": 0.5, "high": 0.8}
    drawn = roi_of(GAP).what_if(causal_share=prior).basis.draws().causal_share
    assert (drawn == 0).mean() == pytest.approx(0.3, abs=0.03)
    assert drawn[drawn > 0].std() == pytest.approx(0.3 / np.sqrt(6), rel=0.1)


def test_a_kept_roi_answers_as_one_that_was_just_made(roi_of):
    roi = roi_of(GAP, RANGES)
    kept = read(write(roi), roi.basis.study)
    for values in ({}, {"cost_per_moved": 3}, {"causal_share": [0.1, 0.2, 0.9]}):
        assert same(kept.what_if(**values).estimates, roi.what_if(**values).estimates)
    json.loads(write(roi.what_if(cost_per_moved=3)))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"cost_per_move": 3}, r"unknown key 'cost_per_move'. Did you mean 'cost_per_moved'"),
        ({"share_moved": 20}, r"share_moved is 20.0; it is 0 to 1. Write 0.2 for 20 %"),
        ({"share_moved": [0.3, 0.2, 0.1]}, "rising order"),
        ({"causal_share": "half"}, "causal_share is 'half'"),
        ({"cost_per_moved": 0}, "costs nothing"),
        ({"horizon_months": 0}, "horizon_months is 0"),
        ({"to": "detractor"}, "another pair is another comparison"),
    ],
)
def test_what_the_study_file_may_not_say_is_refused(roi_of, values, told):
    with pytest.raises(StudyError, match=told):
        roi_of(GAP).what_if(**values)


def test_a_horizon_beyond_what_was_looked_at_is_refused_with_the_way_there(roi_of):
    with pytest.raises(ModelError, match=r"-p scenario.horizon_months=24"):
        roi_of(GAP).what_if(horizon_months=24)


def test_persistence_as_observed_that_was_not_seen_is_refused(roi_of):
    roi = roi_of(GAP | {"retained": regression(0.8, 0.0)}, {"persistence": 0.5})
    with pytest.raises(ModelError, match="cannot be seen: the answers have no dates"):
        roi.what_if(persistence="observed")
    # Spend gap 30 at .5 now and, of those .8 who stay, p ** (window / 3 months) a window later.
    window = 90 / 30.4375
    lengths = [window] * 4 + [12 - 4 * window]
    worth = sum(
        15 * (0.8 * 0.9 ** (window / 3)) ** k * length / window for k, length in enumerate(lengths)
    )
    assert roi.what_if(persistence=0.9)["value_per_moved"].estimate == pytest.approx(worth)


def test_named_scenarios_are_what_if_of_their_values(roi_of):
    more = "[scenarios.cheap]\ncost_per_moved = 2\n[scenarios.long]\nhorizon_months = 24\n"
    roi = roi_of(GAP, RANGES, more=more)
    named = roi.basis.study.scenarios
    ratio, net, chance = scenario_estimates(roi.basis, "cheap", named["cheap"].scenario)
    assert [e.name for e in (ratio, net, chance)] == [
        f"scenario.cheap.roi.{name}" for name in ("ratio", "net_value", "probability_positive")
    ]
    value = 0.5 * 30 * PER_GAP  # 20 of 200 moved
    assert ratio.estimate == pytest.approx(value / 2 - 1)
    assert net.estimate == pytest.approx(20 * (value - 2))
    assert same(net.conf_low, roi.what_if(cost_per_moved=2)["net_value"].conf_low)
    assert same(chance.estimate, roi.what_if(cost_per_moved=2)["probability_positive"].estimate)
    # Nobody knows who stays: 24 months cannot be counted, and the name says so.
    longer = scenario_estimates(roi.basis, "long", named["long"].scenario)
    assert longer[0].name == "scenario.long.roi.ratio_first_window"
    assert longer[0].estimate == pytest.approx(0.5 * 30 * 0.5 / 5 - 1)
