"""Pilots in words."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from cxroi.errors import ModelError
from cxroi.evidence.causal_share import Earned, learn_share
from cxroi.evidence.flaws import Flaw
from cxroi.evidence.pilot import Pilot
from cxroi.evidence.randomised import Difference
from cxroi.evidence.returns import Evidenced
from cxroi.presentation import pilots as shown
from cxroi.results.estimate import Estimate
from cxroi.study.pilots import DeclaredPilot
from cxroi.study.scenario import Range

PER = "EUR per customer in 90 days"
NOTHING = Range.of(0.0)


def one(value, low, high):
    return Difference(value, 1.0, low, high, 0.5, 100.0, np.zeros(2), 1_200, 1_200)


def estimate(name, value, low, high, unit, note="", **more):
    whole = f"pilot.call_back.{name}"
    return Estimate(whole, value, low, high, None, unit, 1_200, "random offer", note, **more)


@pytest.fixture
def study():
    spend = SimpleNamespace(name="spend", unit=PER)
    return SimpleNamespace(target="promoter", currency="EUR", outcome_days=90, outcomes=(spend,))


@pytest.fixture
def pilot():
    offered = {"outcome": "spend", "rung": "offered", "contrast": "offered - held out"}
    return Pilot(
        DeclaredPilot("Call back", "", 0.5, NOTHING, Range.of(2.0)),
        600,
        600,
        (Flaw("ratio", 0.8, "600 of 1,200"), Flaw("balance", 0.01, "most in spend")),
        {"spend": one(12.0, 4.5, 19.5), "moved": one(0.2, 0.14, 0.26)},
        estimates=(
            estimate("spend.offered", 12.0, 4.5, 19.5, PER, **offered),
            estimate(
                "spend.moved", None, None, None, PER, "too few", outcome="spend", rung="moved"
            ),
            estimate("net_value", 2_400.0, -300.0, 5_100.0, "EUR"),
            estimate("probability_positive", 0.93, 0.92, 0.94, "share of simulations"),
        ),
    )


def test_a_pilot_says_what_it_moved_and_earned(pilot, study):
    said = shown.summary([pilot], study).sentences
    assert said[0].startswith("Call back: 600 customers were offered it and 600 were not")
    assert said[1] == (
        "It shows +20.0 percentage points (+14.0 to +26.0) in the share who answer as 'promoter'."
    )
    assert said[2] == "Spend differs by EUR 12 (EUR 4.50 to EUR 19.50)."
    assert said[3].startswith(
        "Within 90 days it earned EUR 2,400 net of its cost (90 % interval of what it earned "
        "EUR -300 to EUR 5,100); the chance that it has paid for itself by then is 93 %."
    )
    weak = replace(pilot, differences={"moved": one(0.02, -0.05, 0.09), "spend": one(3.0, -9, 15)})
    said = shown.summary([weak], study).sentences
    assert said[1].endswith("'promoter': too little to tell from nothing.")
    assert said[2].endswith(": not told apart from nothing.")


def test_tables_hold_each_difference_and_each_look(pilot, study):
    table = shown.effects([pilot], study).frame
    assert table.iloc[0].tolist() == [
        *("Call back", "spend", "EUR 12", "EUR 4.50 to EUR 19.50", PER, "1,200")
    ]
    assert shown.moved([pilot], study).frame["95 % interval"].tolist() == ["too few"]
    assert shown.flaws([pilot]).frame["verdict"].tolist() == ["as it should be", "odd"]


def test_a_refused_pilot_says_why_and_none_is_none(pilot, study):
    refused = replace(pilot, refused=ModelError("it is broken"), estimates=(), flaws=())
    assert shown.summary([refused], study).sentences == (
        "Call back: nothing is concluded: it is broken.",
    )
    assert str(shown.effects([refused], study)) == "Call back: it is broken."
    assert str(shown.flaws([])) == "The study declares no pilot."


def test_the_share_that_pilots_leave_stands_beside_the_judgement():
    declared = Range(0.3, 0.5, 0.8)
    sure = learn_share(declared, 40.0, 0.0, [Earned(0.0, 0.25, 1.0, 0.0, 0.0)])
    figures = {
        "ratio": estimate("ratio", -0.9, -1.5, -0.2, "net value per unit of cost"),
        "probability_positive": estimate("p", 0.02, 0.01, 0.03, "share of simulations"),
    }
    scenario = SimpleNamespace(causal_share=declared, origin="passive")
    basis = SimpleNamespace(study=SimpleNamespace(only={}))
    roi = type("Roi", (dict,), {"scenario": scenario, "basis": basis})(
        probability_positive=replace(figures["probability_positive"], estimate=0.8)
    )
    text = shown.causal_share(Evidenced(("Call back",), sure, figures), roi).sentences
    assert text[0].startswith("Set against the gap, the pilot Call back leaves a causal share of ")
    assert "declared is 30 % to 80 %" in text[0]
    assert text[1].startswith("The pilot contradicts the judgement")
    assert "the ROI is -90.0 % (90 % interval -150.0 % to -20.0 %)" in text[2]
    assert "a chance of 2 %; at the declared share that chance is 80 %" in text[2]
    assert text[4].endswith("out of lower groups, makes that share too high.")
    assert len(text) == 5
    basis.study.only = {"segment": "Business"}
    part = shown.causal_share(Evidenced(("Call back",), sure, figures), roi).sentences
    assert part[5].startswith("The pilot is of all its customers, the gap of the part")
    [short] = shown.in_short(Evidenced(("Call back",), sure, figures))
    assert short.startswith("The pilot Call back leaves a causal share of ")
    assert short.endswith("against the judgement.")
    weak = learn_share(declared, 40.0, 0.0, [Earned(0.0, 0.0, 1.0, 0.0, 0.0)])
    [short] = shown.in_short(Evidenced(("A", "B"), weak, figures))
    assert short.startswith("The 2 pilots leave")
    assert short.endswith("too wide to decide.")
    assert shown.in_short(None) == ()
    said = shown.causal_share(Evidenced(("A", "B"), weak, figures), roi).sentences
    assert "the 2 pilots" in said[0]
    assert "Both are of customers in 'passive' before." in said
    everybody = Evidenced(("A", "B"), weak, figures, of_origin=False)
    assert "the pilot of all its customers" in str(shown.causal_share(everybody, roi))
    assert said[1].startswith("That is hardly narrower than knowing nothing")
    assert shown.causal_share(None, roi).sentences == (
        "No pilot says anything of the causal share.",
    )
