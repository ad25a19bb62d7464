"""A few companies with every run; `lever_study.py` has the large table."""

from dataclasses import replace

import lever_study
import pytest
from lever_study import WORLDS, coverage, run

COMPANIES = 3
SMALL = ("category", "linear", "null_by")


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        for name in SMALL:
            patch.setitem(WORLDS, name, replace(WORLDS[name], customers=1_500))
        return coverage(run(list(SMALL), range(1, 1 + COMPANIES))).set_index("world")


def test_intervals_hold_the_truth(found):
    assert found["held"].mean() >= 7 / 9
    assert found["roi_held"].mean() >= 6 / 9
    assert (found["refused"] == 0).all()


def test_a_lever_is_said_to_pay_only_where_it_does(found):
    assert found.loc["category", "pays"] == 1
    assert found.loc["category", "true_roi"] > 1
    assert found.loc["null_by", ["true_moved", "pays"]].tolist() == [0, 0]
    assert found.loc["null_by", "true_roi"] == -1


def test_the_truth_is_counted_by_hand():
    """All in the highest group after, none before: each rises, by two groups, once."""
    world = replace(WORLDS["null"], name="sure", effect=lambda x: -80.0 * (x > 24) + 40.0)
    lever_study.WORLDS["sure"] = world
    try:
        moved, roi = lever_study.truth("sure")
    finally:
        del lever_study.WORLDS["sure"]
    assert moved == pytest.approx(1.0, abs=1e-3)
    assert roi == pytest.approx((16 + 28) * 0.5 - 1, abs=1e-2)
