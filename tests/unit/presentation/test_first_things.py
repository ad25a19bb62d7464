"""What to do first, in words: with evidence that carries a claim, and without."""

from types import SimpleNamespace

from cxroi.errors import ModelError
from cxroi.presentation.first_things import lever_finding, what_first
from cxroi.results.estimate import Estimate

CARRIES = SimpleNamespace(carries=True, level="high", sentence="The evidence is rated high.")
LOW = SimpleNamespace(carries=False, level="low", sentence="The evidence is rated low.")
NOBODY = ModelError("too few customers")


def estimate(value, low=None, high=None):
    return Estimate("x", value, low, high, None, "EUR", 500, "draws")


class Portfolio(dict):
    currency, best = "EUR", ("reply",)

    def __init__(self, figures):
        super().__init__(figures)
        self.names = {"reply": "Reply within a day", "late": "Deliver on time"}


def found(best):
    one = Portfolio(
        {
            "lever.reply.expected_net_value": estimate(2_630.0, 320.0, 5_600.0),
            "portfolio.best.net_value": estimate(4_300.0),
            "portfolio.best.cost": estimate(3_480.0),
            "portfolio.best.probability_positive": estimate(0.98),
        }
    )
    one.best = best
    return one


class Result(dict):
    lever, money = SimpleNamespace(slug="reply", name="Reply within a day"), object()
    shown = True


RESULTS = [Result(reached=estimate(1_137.0), net_value=estimate(2_400.0, 100.0, 5_000.0))]


def test_the_first_lever_is_said_with_whom_it_reaches_and_what_it_earns():
    [said] = what_first(found(("reply",)), RESULTS, NOBODY, CARRIES)
    assert said == (
        "'Reply within a day', for the 1,137 customers whom it reaches: expected to earn EUR 2,630 "
        "(90 % interval EUR 320 to EUR 5,600) net, with a chance of 49 in 50 that it pays."
    )
    [both] = what_first(found(("reply", "late")), RESULTS, NOBODY, CARRIES)
    assert both.endswith(
        "net; with the next EUR 4,300 for EUR 3,480, with a chance of 49 in 50 that it pays."
    )


def test_evidence_that_carries_no_claim_names_no_chance():
    [said] = what_first(found(("reply",)), RESULTS, NOBODY, LOW)
    assert said.startswith("Pilot 'Reply within a day', for the 1,137 customers")
    assert said.endswith("but the evidence, rated low, does not carry a start.")
    assert "chance" not in said
    assert lever_finding(found(("reply",)), LOW).title.endswith("is the lever to pilot first")
    assert lever_finding(found(("reply",)), CARRIES).title.endswith("is the lever to begin with")


def test_whom_to_move_is_said_where_it_is_known():
    nobody = SimpleNamespace(recommended=False)
    said = what_first(found(("reply",)), RESULTS, nobody, CARRIES)
    assert said[1] == "No group of customers is shown to be worth moving before the others."
    answer = SimpleNamespace(column="attr_plan", at=None, level="gold")
    part = SimpleNamespace(moved=True, answers=((answer, True),))
    rule = SimpleNamespace(recommended=True, policy=SimpleNamespace(parts=[part]))
    said = what_first(found(("reply",)), RESULTS, rule, CARRIES)
    assert said[1] == "Move those first of whom plan is gold: that earns more than all."


def test_nothing_to_do_and_refusals_are_said():
    assert what_first(found(()), RESULTS, NOBODY, CARRIES) == (
        "No declared lever is shown to earn more than it costs.",
    )
    assert what_first(NOBODY, NOBODY, NOBODY, CARRIES) == (
        "Nothing can be said of the levers: too few customers.",
    )
    assert lever_finding(NOBODY, CARRIES).title == "Which lever comes first cannot be said"


def test_levers_that_are_not_held_against_one_another_are_told_one_by_one():
    said = what_first(NOBODY, RESULTS, NOBODY, LOW)
    assert said[0] == "Which lever comes first cannot be said: too few customers."
    assert said[1].startswith(
        "Each by itself would earn, net of its cost: 'Reply within a day' EUR 2,400"
    )
    assert said[1].endswith("; the evidence, rated low, carries no claim.")
    unshown = Result(RESULTS[0])
    unshown.shown = False
    said = what_first(NOBODY, [unshown], NOBODY, LOW)
    assert said[1] == "None is shown to move anybody by itself."
    assert lever_finding(found(()), CARRIES).title == "No declared lever is shown to earn its cost"
