"""Levels of the answers: which are pooled, and that they stay on their side of a cut."""

import numpy as np
import pandas as pd
import pytest
from engine_panels import in_engine

from cxroi.errors import RareEventError, ScarceDataError
from cxroi.levers.scale.answer_levels import answer_levels
from cxroi.models.sample import take_sample


def frame_of(counts, **more):
    """So many answers of each score; the outcome is 1 and 0 by turns."""
    score = np.repeat(list(counts), list(counts.values())).astype(float)
    return pd.DataFrame({"score": score, "x_after": np.arange(len(score)) % 2.0, **more})


def levels_of(panel):
    return answer_levels(take_sample(panel, "x"))


def test_few_answers_go_with_their_neighbours_within_the_group(panel_of):
    counts = {0: 5, 2: 20, 3: 10, 6: 29, 7: 40, 8: 12, 9: 31, 10: 30}
    panel = panel_of(frame_of(counts), {"x": "yes_no"})
    levels = levels_of(panel)
    # 0, 2 and 3 make 35; 6 alone is too few and joins them; 8 joins 7, not 9
    assert [one.label for one in levels] == ["0 to 6", "7 to 8", "9", "10"]
    assert [one.n for one in levels] == [64, 52, 31, 30]
    assert levels[0].score == pytest.approx((2 * 20 + 3 * 10 + 6 * 29) / 64)
    assert [one.slug for one in levels] == ["0_to_6", "7_to_8", "9", "10"]
    assert sum(one.share for one in levels) == pytest.approx(1.0)
    assert [vars(one) for one in levels_of(in_engine(panel))] == [vars(one) for one in levels]


def test_a_group_that_is_too_small_joins_the_next(panel_of):
    levels = levels_of(panel_of(frame_of({3: 8, 7: 40, 9: 40}), {"x": "yes_no"}))
    assert [(one.label, one.group) for one in levels] == [("3 to 7", 1), ("9", 2)]


def test_a_point_needs_five_of_either_answer(panel_of):
    frame = frame_of({6: 50, 7: 50, 8: 50, 9: 50})
    frame["x_after"] = 0.0
    for score, yes in ((6, 10), (7, 6), (8, 4), (9, 46)):
        frame.loc[frame.index[frame["score"] == score][:yes], "x_after"] = 1.0
    levels = levels_of(panel_of(frame, {"x": "yes_no"}))
    # 8 has 4 yes; 9 has 4 no, but is the only answer of its group
    assert [one.label for one in levels] == ["6", "7 to 9"]


def test_customers_count_once_in_a_level_and_clusters_are_what_is_counted(panel_of):
    frame = frame_of({6: 60, 7: 60, 9: 60})
    frame["cluster"] = np.r_[np.arange(60) // 3, np.arange(60), np.arange(60)]
    levels = levels_of(panel_of(frame, {"x": "amount"}))
    assert [(one.label, one.units) for one in levels] == [("6 to 7", 60), ("9", 60)]


def test_many_different_answers_make_bands_of_a_tenth(panel_of):
    score = np.linspace(0, 10, 1000)
    panel = panel_of(pd.DataFrame({"score": score, "x_after": np.sin(score)}), {"x": "amount"})
    levels = levels_of(panel)
    assert 8 <= len(levels) <= 12
    assert all(50 <= one.n <= 150 for one in levels)
    for cut in (7, 9):
        assert not any(one.low < cut <= one.high for one in levels)
    assert "." not in levels[3].slug


def test_one_level_is_no_curve(panel_of):
    with pytest.raises(ScarceDataError, match="do not make two points"):
        levels_of(panel_of(frame_of({7: 20, 9: 20}), {"x": "amount"}))
    frame = frame_of({7: 400, 9: 400})
    frame["x_after"] = (np.arange(800) % 100 == 0).astype(float)
    with pytest.raises(RareEventError, match="too rare for a curve: 8 of 800"):
        levels_of(panel_of(frame, {"x": "yes_no"}))
