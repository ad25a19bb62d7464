"""A few companies of the study of comments, so that it runs and does not drift."""

import pytest
from voice_study import row, truth


@pytest.fixture(scope="module")
def nothing():
    return row(11, truth(planted=False), comments=700, languages=("en",), planted=False)


def test_where_no_comment_has_to_do_with_the_score_none_is_called(nothing):
    assert nothing["themes"] >= 4
    assert nothing["rand"] > 0.6
    assert not nothing["called"]
    assert not nothing["lost_called"]


def test_nothing_is_covered_as_nothing(nothing):
    covered = [value for name, value in nothing.items() if name.endswith(".covered")]
    assert len(covered) == 10
    assert sum(covered) >= 8
