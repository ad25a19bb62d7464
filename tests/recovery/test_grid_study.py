"""A few companies of `grid_study.py`, with every run of the tests."""

from math import comb

import pytest
from grid_study import WORLDS, ask, told

COMPANIES = 8


def more_than_chance(wrong, count, rate=0.05):
    """Whether so many wrong of so many come about in less than 1 of 1,000 at a rate."""
    return (
        sum(comb(count, k) * rate**k * (1 - rate) ** (count - k) for k in range(wrong, count + 1))
        < 0.001
    )


@pytest.fixture(scope="module")
def nothing():
    return ask("nothing", COMPANIES)


def test_where_nothing_is_true_the_grid_and_the_contest_find_no_more_than_they_may(nothing):
    found, contests = nothing
    assert not more_than_chance(int((found[:, 0] > 0).sum()), COMPANIES)
    won = [one for one in contests if any(c.kind == "winner" for c in one.values())]
    assert not more_than_chance(len(won), COMPANIES)
    assert f"nothing: {COMPANIES} companies; false discovery rate" in told("nothing", *nothing)


def test_a_score_that_is_better_is_found():
    found, contests = ask("one better", 3)
    assert (found[:, 0] > 0).sum() >= 2
    best = [c.best for one in contests for name, c in one.items() if name == "spend"]
    assert best.count("csat") >= 2
    assert WORLDS["one better"][2][1] < WORLDS["one better"][2][0]
