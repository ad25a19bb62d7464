"""A few companies in which there is nothing to any claim; `claims_study.py` has the large table."""

import pytest
from claims_study import DIRECTIONS, found_mean, run


@pytest.fixture(scope="module")
def found():
    return run(range(10, 12), customers=500, names=DIRECTIONS)


def test_claims_to_which_there_is_nothing_seldom_hold(found):
    assert len(found) >= 20
    # Of 20 at 2.5 % each 3 or more are seen once in 77 times; the seeds are given.
    assert found_mean(found, "alone") <= 2 / len(found)
    assert found_mean(found, "among_all") <= found_mean(found, "alone")
