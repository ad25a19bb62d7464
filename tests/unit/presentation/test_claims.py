"""Claims as a reader sees them: each cell and sentence worked out by hand."""

import math

import pytest

from cxroi.claims import CLAIMS
from cxroi.claims.examining import Claims, Examined
from cxroi.presentation import claims as shown
from cxroi.results.estimate import Estimate


def ours(name, value, low, high, unit, note=""):
    return Estimate(f"claim.{name}", value, low, high, None, unit, 1_234, "", note)


SPEND = Examined(
    "best_spend_more",
    "does not hold",
    ours("best_spend_more", 0.457, 0.246, 0.669, "share of what detractor spend"),
    "held equal: segment",
    "does not hold",
    0.001,
)
PROSPECTS = Examined(
    "selling_to_prospects",
    "holds",
    ours("selling_to_prospects", 0.1754, 0.1587, 0.1936, "share in 90 days"),
    "",
    "holds",
    0.001,
)
EFFORT = Examined(
    "effort_against_satisfaction",
    "cannot tell",
    ours("effort_against_satisfaction", 1.9, 0.5, math.inf, "times what satisfaction explains"),
    "alone it holds, but among so many claims that may be chance",
    "holds",
    0.2,
)
RETURNS = Examined("unhappy_return_more", "needs: returns of [outcomes]")
GROWTH = Examined("nps_and_growth", "cannot tell", why=CLAIMS["nps_and_growth"].untold)
FOUND = Claims((SPEND, PROSPECTS, EFFORT, RETURNS, GROWTH))


def test_the_table_has_what_is_claimed_ours_and_the_verdict():
    table = shown.table(FOUND).frame
    cells = table[["claimed", "ours", "95 % interval", "n", "verdict"]].to_numpy().tolist()
    assert cells == [
        ["140 % more", "46 %", "25 % to 67 %", "1,234", "does not hold"],
        ["5 to 20 %", "17.5 %", "15.9 % to 19.4 %", "1,234", "holds"],
        ["1.8 times", "1.90 times", "0.500 or more", "1,234", "cannot tell"],
        ["more", "–", "–", "–", "needs"],
        ["more", "–", "–", "–", "cannot tell"],
    ]


def test_sentences_say_on_which_side_and_what_the_original_rests_on():
    spend, prospects, effort, returns, growth = shown.sentences(FOUND).sentences
    assert "does not hold, ours is less than claimed." in spend
    assert "46 % (95 % interval 25 % to 67 %). Held equal: segment. The original" in spend
    assert "74 % and 43 % still there after a year give 3.8 and 1.8 years" in spend
    assert "holds. Ours, share of prospects" in prospects
    assert "Alone it holds, but among so many claims that may be chance." in effort
    assert "needs: returns of [outcomes]." in returns
    assert "No company's own data can tell: it compares companies." in growth


def test_the_summary_counts_and_says_what_many_claims_mean():
    first, many, association = shown.summary(FOUND).sentences
    assert first.startswith("3 of 5 claims could be held against these tables: 1 of them holds")
    assert "one in twenty" in many
    assert "not what would follow" in association
    [nothing] = shown.summary(Claims((RETURNS, GROWTH))).sentences
    assert nothing.startswith("None of the claims")


def test_an_interval_without_ends_says_so():
    one = ours("x", 1.9, -math.inf, math.inf, "times")
    table = shown.table(Claims((Examined("few_complain", "cannot tell", one),))).frame
    assert table["95 % interval"].tolist() == ["without an end"]


def test_what_each_original_rests_on_is_a_table():
    table = shown.basis(FOUND).frame
    assert table["article"].tolist()[:2] == ["A1", "A1"]
    assert table["the original rests on"].str.len().min() > 20


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_no_claim_words_an_association_as_a_cause(claim):
    """The claim itself may, as it was printed; what ours is may not."""
    for word in ("effect of", "because of", "causes", "leads to", "drives", "impact"):
        assert word not in claim.measured
