"""A small recovery study for every run; `recover.py` is the large one."""

import pytest
from recover import recover

COMPANIES, CUSTOMERS = 3, 8_000


@pytest.fixture(scope="module")
def found():
    table = recover(["causal", "null", "reverse"], COMPANIES, CUSTOMERS, first_seed=1)
    return table.set_index(["world", "what"])


def test_what_was_planted_is_covered_and_the_raw_gap_is_biased(found):
    causal = found.loc["causal"]
    assert (causal.loc[["spend", "retained", "contacts"], "covered"] >= COMPANIES - 1).all()
    assert causal.loc["spend", "raw bias/se"] > 2


def test_no_roi_is_claimed_where_the_score_does_nothing(found):
    assert found.loc[("null", "roi"), "claimed"] == 0
    assert found.loc[("reverse", "roi"), "claimed"] == 0


def test_spending_that_raises_satisfaction_is_not_taken_for_its_effect(found):
    """The gap in the same period is large; after controls and in time order little is left."""
    reverse = found.loc["reverse"]
    assert reverse.loc["same period spend", "raw bias/se"] > 10
    assert reverse.loc["spend", "covered"] >= COMPANIES - 1
    assert abs(reverse.loc["spend", "bias/se"]) < 2
