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
COMPLAIN = Examined(
    "few_complain",
    "holds",
    ours("few_complain", 0.1754, 0.1587, 0.1936, "share"),
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
GROWTH = Examined(
    "nps_and_growth", "not for one company to tell", why=CLAIMS["nps_and_growth"].untold
)
FOUND = Claims((SPEND, COMPLAIN, EFFORT, RETURNS, GROWTH))


def test_the_table_has_what_is_claimed_ours_and_the_verdict():
    table = shown.table(FOUND).frame
    cells = table[["claimed", "ours", "95 % interval", "n", "verdict"]].to_numpy().tolist()
    assert cells == [
        ["140 % more", "46 %", "25 % to 67 %", "1,234", "does not hold"],
        ["1 in 26, 3.8 %", "17.5 %", "15.9 % to 19.4 %", "1,234", "holds"],
        ["1.8 times", "1.90 times", "0.500 or more", "1,234", "cannot tell"],
        ["more", "–", "–", "–", "needs"],
        ["more", "–", "–", "–", "not for one company to tell"],
    ]


def test_sentences_say_on_which_side_and_what_the_original_rests_on():
    how, spend, complain, effort, returns, growth = shown.sentences(FOUND).sentences
    assert how.startswith("A claim of a direction holds where the whole 95 % interval lies on")
    assert "does not hold, ours is less than claimed." in spend
    assert "46 % (95 % interval 25 % to 67 %). Held equal: segment. The original" in spend
    assert "74 % and 43 % still there after a year give 3.8 and 1.8 years" in spend
    assert "holds. Ours, share of the worst group" in complain
    assert "Alone it holds, but among so many claims that may be chance." in effort
    assert "needs: returns of [outcomes]." in returns
    assert "not for one company to tell. It compares companies." in growth


def test_the_summary_counts_and_says_what_many_claims_mean():
    first, many, whole, association = shown.summary(FOUND).sentences
    assert first == (
        "Of 5 claims 1 holds, 1 does not, of 1 these tables cannot tell, 1 needs what they do not "
        "have, and 1 is not for one company to tell. “Holds” means “goes together here”."
    )
    assert "one in twenty" in many
    assert "not one wave" in whole
    assert "not what would follow" in association
    [nothing] = shown.summary(Claims((RETURNS, GROWTH))).sentences
    assert nothing.startswith("None of the claims")


def test_an_interval_without_ends_says_so():
    one = ours("x", 1.9, -math.inf, math.inf, "times")
    table = shown.table(Claims((Examined("few_complain", "cannot tell", one),))).frame
    assert table["95 % interval"].tolist() == ["without an end"]


def cells(one):
    return shown.table(Claims((one,))).frame[["ours", "95 % interval", "verdict"]].iloc[0].tolist()


def test_more_than_three_times_is_said_in_times():
    unit = "share of the mean of the best group"
    one = ours("unhappy_complain_more", 8.63, 5.29, 13.76, unit)
    assert cells(Examined("unhappy_complain_more", "holds", one)) == [
        "9.6 times as many",
        "6.3 to 14.8",
        "holds",
    ]
    assert cells(Examined("best_spend_more", "holds", ours("x", 2.5, 1.5, 4.0, unit)))[:2] == [
        "3.5 times as much",
        "2.5 to 5.0",
    ]
    assert cells(Examined("best_spend_more", "holds", ours("x", 1.9, 1.5, 4.0, unit)))[0] == "190 %"


def test_what_is_near_to_a_claim_is_shown_as_another_thing():
    needs = CLAIMS["selling_to_existing"].untold
    one = ours("selling_to_existing", 0.519, 0.505, 0.534, "share in 90 days")
    near = Examined("selling_to_existing", needs, one, "ours is not the same thing")
    assert cells(near) == ["51.9 %", "50.5 % to 53.4 %", "needs (ours is not the same thing)"]
    assert "a record of offers made and accepted" in shown.sentences(Claims((near,))).sentences[1]


def test_points_of_staff_have_their_unit():
    unit = "points of 100 for each point of the team's own satisfaction (0 to 10)"
    one = Examined("staff_and_service", "holds", ours("x", 4.96, 3.13, 6.78, unit))
    assert cells(one)[0] == "4.96 points"
    assert (
        f"4.96 {unit} (95 % interval 3.13 to 6.78)" in shown.sentences(Claims((one,))).sentences[1]
    )


def test_what_each_original_rests_on_is_a_table():
    table = shown.basis(FOUND).frame
    assert table["article"].tolist()[:2] == ["A1", "A0"]
    assert table["the original rests on"].str.len().min() > 20


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_no_claim_words_an_association_as_a_cause(claim):
    """The claim itself may, as it was printed; what ours is may not."""
    for word in ("effect of", "because of", "causes", "leads to", "drives", "impact"):
        assert word not in claim.measured
