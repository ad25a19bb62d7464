"""Whom to move in words, a table and a picture."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from panels import make_panel, make_study

from cxroi.levers.whom.policy_tree import Part, Policy
from cxroi.levers.whom.questions import Question
from cxroi.levers.whom.targeting import CHOSEN, EVERYBODY, NOBODY, OPEN, whom_to_move
from cxroi.presentation import targeting as shown

SCENARIO = {"cost_per_moved": 12.0, "gross_margin": 1.0, "horizon_months": 3.0}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    rng = np.random.default_rng(2)
    south, promoter = rng.random(900) < 0.5, rng.random(900) < 0.5
    frame = pd.DataFrame(
        {
            "score": np.where(promoter, 9.0, 8.0),
            "attr_region": np.where(south, "south", "north"),
            "spend_after": 60 + 30 * south * promoter + rng.normal(0, 10, 900),
        }
    )
    folder = tmp_path_factory.mktemp("whom")
    study = make_study(folder, {"spend": "amount"}, controls=["region"], scenario=SCENARIO)
    return whom_to_move(make_panel(study, frame))


def test_a_rule_is_told_with_what_it_earns_over_all_and_over_none(found):
    said = str(shown.whom_to_move(found))
    assert found.decision == CHOSEN
    assert "Move only those in 'passive' for whom it holds: region is" in said
    assert "customers who had no part in making it" in said
    assert f"EUR {found.gain.estimate:.2f}" in said
    assert f"EUR {found.chosen.conf_low:.2f}" in said
    assert "association" in said
    assert "by more than chance" in said
    table = shown.rule(found).frame
    assert sorted(table["what to do"]) == ["leave", "move"]


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (EVERYBODY, "Moving everybody in 'passive' earns EUR"),
        (NOBODY, "Moving nobody is better than moving everybody in 'passive', which earns EUR"),
        (OPEN, "is better than moving nobody is open: it earns EUR"),
    ],
)
def test_without_a_rule_it_is_said_what_everybody_earns(found, decision, words):
    said = str(shown.whom_to_move(replace(found, decision=decision)))
    assert words in said
    assert "No rule of whom to move is recommended" in said
    assert "region is" not in said
    assert "none is shown" in str(shown.rule(replace(found, decision=decision)))


def test_without_money_it_is_the_outcome_that_is_improved(found):
    worth = replace(found.worth, months=0.0, cost=0.0)
    none = replace(found.gain, estimate=0.0, std_error=0.0, conf_low=0.0, conf_high=0.0)
    said = str(shown.whom_to_move(replace(found, worth=worth, gain=none, decision=EVERYBODY)))
    assert "improves spend by EUR" in said
    assert "before the cost" not in said
    assert "none was found that tells customers apart" in said


def test_parts_are_told_as_a_reader_would(found):
    old, south = Question("attr_months_here", at=24.0), Question("attr_region", level="south")
    policy = Policy(
        (
            Part(((old, True), (south, False)), True),
            Part(((old, True), (south, True)), False),
            Part(((old, False),), True),
        )
    )
    assert shown.rule_in_words(replace(found, policy=policy)) == (
        "months here is at least 24 and region is not south, or months here is under 24 or unknown"
    )


def test_slopes_have_their_test_at_the_end(found):
    table = shown.heterogeneity(found).frame
    assert list(table["with"])[-1] == "all of these at once"
    assert list(table["p"])[-1].startswith("< 0.0001")
    assert "effect on spend" in shown.heterogeneity(found, "spend").frame.columns[1]


def test_the_curve_shows_every_share_in_words_and_as_a_line(found):
    picture = shown.value_by_share(found)
    assert picture.claim.startswith("The order in which customers are moved matters")
    assert picture.values.count("%") >= len(found.curve)
    root = ElementTree.fromstring(picture.svg)
    lines = [e for e in root.iter() if e.get("class") == "line-high"]
    assert lines[0].get("d").count("L") == len(found.curve) - 1
