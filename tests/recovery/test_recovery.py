"""A small recovery study for every run; `recover.py` is the large one."""

import pytest
from recover import recover

COMPANIES, CUSTOMERS = 3, 5_000
ALL_BUT_ONE = (COMPANIES - 1) / COMPANIES


@pytest.fixture(scope="module")
def found():
    table = recover(["causal", "null", "reverse"], COMPANIES, (CUSTOMERS,), first_seed=1)
    return table.set_index(["world", "what"])


def test_what_was_planted_is_covered_and_the_raw_gap_is_biased(found):
    causal = found.loc["causal"]
    for estimate in ("adjusted", "robust"):
        assert (causal.loc[["spend", "retained", "contacts"], estimate] >= ALL_BUT_ONE).all()
    assert causal.loc["spend", "bias raw"] > 2


def test_no_roi_is_claimed_where_the_score_does_nothing(found):
    assert found.loc[("null", "roi"), "useful"] == 0
    assert found.loc[("reverse", "roi"), "useful"] == 0


def test_spending_that_raises_satisfaction_is_not_taken_for_its_effect(found):
    """The gap in the same period is large; after controls and in time order little is left."""
    reverse = found.loc["reverse"]
    assert reverse.loc["same period", "bias raw"] > 10
    assert reverse.loc["spend", "robust"] >= ALL_BUT_ONE
    assert abs(reverse.loc["spend", "bias robust"]) < 2
