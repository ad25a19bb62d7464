"""How an input enters a model."""

import numpy as np
import pandas as pd
import pytest

from cxroi.errors import ScarceDataError
from cxroi.levers.moves.curves import curve_of, similar


def test_a_value_that_many_share_and_a_limit_have_marks_of_their_own():
    rng = np.random.default_rng(1)
    values = pd.Series(np.where(rng.random(2_000) < 0.4, 0.0, rng.gamma(2.0, 5.0, 2_000)))
    curve = curve_of(values, "days_late", above=[7.0], below=[1_000.0])
    assert curve.atoms == (0.0,)
    assert curve.above == (7.0,)
    assert curve.below == ()  # everybody is below it
    marks = curve.columns(pd.Series([0.0, 7.0, 7.1]))[:, -2:]
    assert marks.tolist() == [[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]


def test_a_scale_of_steps_has_a_mark_for_each_step_between_its_ends():
    curve = curve_of(pd.Series(np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], [50, 60, 70, 10, 80])), "ease")
    assert curve.atoms == (2.0, 3.0)  # of 4 there are too few
    assert len(curve.knots) == 0


def test_levels_of_a_category_are_marked_but_the_most_frequent_and_the_rare():
    curve = curve_of(pd.Series(["mail"] * 80 + ["phone"] * 50 + ["fax"] * 3), "channel")
    assert curve.levels == ("phone",)


def test_what_does_not_vary_is_refused():
    with pytest.raises(ScarceDataError, match="'wait' is the same for all"):
        curve_of(pd.Series([2.0] * 50), "wait")


def test_answers_with_a_like_value_are_counted():
    """Of 0 to 100 in steps of one, 5 % of the middle 90 are 4.5 to each side."""
    known = pd.Series(np.arange(101, dtype=float))
    counts = similar(known, pd.Series([50.0, 0.0, 104.0, 300.0]))
    assert counts.tolist() == [9, 5, 1, 0]
    words = pd.Series(["a", "a", "b"])
    assert similar(words, pd.Series(["a", "c"])).tolist() == [2, 0]
