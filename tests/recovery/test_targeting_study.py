"""A few companies of `targeting_study.py`, with every run of the tests."""

import numpy as np
import pytest
from targeting_study import NULL, people, pooling, study, told


@pytest.fixture(scope="module")
def found():
    return study(["even", "segments"], 2)


def test_where_all_are_alike_no_rule_is_recommended(found):
    even = found[found["world"] == "even"]
    assert even["recommended"].sum() == 0
    assert set(NULL) == {"even", "even pays"}


def test_a_planted_segment_is_found_and_moved(found):
    apart = found[found["world"] == "segments"]
    assert apart["recommended"].any()
    assert (apart["gain"] > 0.8 * apart["best"]).all()


def test_no_rule_gains_less_than_is_said(found):
    assert found["loses"].sum() == 0
    assert told(found)["quarters held"].min() > 0.6


def test_a_move_costs_what_it_earns_in_the_worlds_without_a_roi():
    """The plan moves passives alike: at a true ROI of 0 everybody earns nothing."""
    for name in ("even", "segments"):
        whole = people(name)
        assert whole.passive.max() < 1
        assert abs(whole.mean(whole.effects["spend"])) > 1
    assert np.ptp(people("even").effects["spend"]) < 1e-9


def test_groups_drawn_together_hold_their_figures():
    assert pooling(4)["figures"].mean() > 0.85
