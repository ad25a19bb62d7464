"""The ROI at every combination of levels of what matters most."""

from functools import partial
from math import sqrt

import numpy as np
import pytest
from alike import same
from roi_by_hand import PER_GAP, SHORT, make_roi, regression

GAP = {"spend": regression(100.0, 30.0, error=5.0)}
RANGES = {**SHORT, "causal_share": [0.4, 0.5, 0.6], "cost_per_moved": [4.0, 5.0, 7.0]}
NAMES = ("ratio", "net_value", "probability_positive")


@pytest.fixture
def roi_of(tmp_path):
    return partial(make_roi, tmp_path, draws=2_000)


def test_every_combination_is_there_and_the_planned_one_is_the_headline(roi_of):
    roi = roi_of(GAP, {**RANGES, "fixed_cost": 40.0})
    found = roi.surface()
    # A gap of 30 is worth 10.15, half of it 5.07; 20 moved share 40 of fixed cost. Level to level:
    # (6.09 - 4.06) / 7, 5.07 / 6 - 5.07 / 9, 5.07 / 6.67 - 5.07 / 7.5; of fixed cost a bit less.
    names = [choice.name for choice in found.choices]
    assert names == ["causal_share", "cost_per_moved", "share_moved"]
    assert len(found.states) == len({state.at for state in found.states}) == 27
    assert same(found.planned.estimates, tuple(roi[name] for name in NAMES))


def test_states_by_hand(roi_of):
    found = roi_of(GAP, RANGES).surface()
    assert [(c.name, c.levels, c.declared) for c in found.choices] == [
        ("cost_per_moved", (4.0, 5.0, 7.0), True),
        ("causal_share", (0.4, 0.5, 0.6), True),
    ]
    for state in found.states:
        cost, share = (c.levels[at] for c, at in zip(found.choices, state.at, strict=True))
        value = share * 30 * PER_GAP
        assert state.estimates[0].estimate == pytest.approx(value / cost - 1)
        assert state.estimates[1].estimate == pytest.approx(20 * (value - cost))


def test_a_choice_moves_the_range_with_it(roi_of):
    roi = roi_of(GAP, RANGES)
    found = {state.at: state.estimates for state in roi.surface().states}
    moved = roi.what_if(cost_per_moved=[5.6, 7, 9.8], causal_share=[0.32, 0.4, 0.48])
    for estimate, name in zip(found[2, 0], NAMES, strict=True):
        assert estimate.conf_low == pytest.approx(moved[name].conf_low, rel=1e-9)
        assert estimate.estimate == pytest.approx(moved[name].estimate, rel=1e-9)


def test_without_a_range_it_is_a_fifth_to_each_side_and_within_bounds(roi_of):
    known = GAP | {"retained": regression(0.8, 0.05, error=0.01)}
    roi = roi_of(known, {"horizon_months": 12, "causal_share": 0.9, "persistence": 0.5})
    levels = {choice.name: choice for choice in roi.surface().choices}
    assert levels["causal_share"].levels == pytest.approx((0.72, 0.9, 1.0))
    assert levels["persistence"].levels == pytest.approx((0.4, 0.5, 0.6))
    assert not levels["persistence"].declared
    # No persistence declared: all stay, and no more than all can.
    stays = roi_of(known, {"horizon_months": 12}).surface()
    assert {c.name: c.levels for c in stays.choices}["persistence"] == pytest.approx((0.8, 1.0))


def test_what_is_drawn_stays_within_what_it_may_be(roi_of):
    roi = roi_of(GAP, {**SHORT, "causal_share": [0.1, 0.5, 1.0]})
    at_most = {state.at: state for state in roi.surface().states}[(2, 1)]
    plan = roi.basis.draws()
    share = np.minimum(2 * plan.causal_share, 1)
    ratio = share * plan.spend_gap * PER_GAP / 5 - 1
    expected = np.quantile(ratio, [0.05, 0.95], method="nearest")
    assert (at_most.estimates[0].conf_low, at_most.estimates[0].conf_high) == pytest.approx(
        tuple(expected)
    )


def test_the_simulations_own_error_is_that_of_a_share_and_of_a_quantile(roi_of):
    cost = 30 * PER_GAP  # an even chance at the plan
    found = roi_of(GAP, {**SHORT, "cost_per_moved": cost}, draws=10_000).surface()
    assert found.chance_error == pytest.approx(sqrt(0.25 / 10_000), rel=0.01)
    # Of a normal ratio: sqrt(.05 .95 / n) / density at the 5 % point, over 2 * 1.645 errors.
    density = np.exp(-(1.6449**2) / 2) / np.sqrt(2 * np.pi)
    expected = sqrt(0.05 * 0.95 / 10_000) / density / (2 * 1.6449)
    assert found.range_error == pytest.approx(expected, rel=0.25)
    assert max(found.chance_error, found.range_error) < 0.01


def test_a_gap_of_nothing_leaves_the_cost_to_choose(roi_of):
    nothing = roi_of({"spend": regression(100.0, 0.0)}, SHORT).surface()
    assert nothing.choices == ()
    assert [state.at for state in nothing.states] == [()]
