"""Every name in results.json, of checks and of inputs, in words."""

import gzip
import json
from dataclasses import fields
from pathlib import Path

import pytest

from cxroi.checks.run import OUTCOME_CHECKS
from cxroi.export.labels import INPUTS, check_label, label
from cxroi.presentation.robustness import QUESTIONS
from cxroi.value.money import Inputs

KEPT = Path(__file__).parents[2] / "kept"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("score.nps", "Score: NPS"),
        ("share.top.2 box", "Share of answers: top.2 box"),
        ("contrast.repeat_purchase.doubly_robust", "Gap in repeat purchase, like for like"),
        (
            "mean.spend.promoter.weighted.response_weighted",
            "Mean spend: promoter, with survey weights, weighted to resemble all who were invited",
        ),
        ("roi.net_value_first_window", "Net value, first window only"),
        ("moves.passive.promoter", "Moves between groups: passive, promoter"),
        ("scenario.cheap.roi.ratio", "Return on cost (ROI), cheap"),
        ("segment.plan_type.Basic.mean.spend.promoter", "Mean spend: promoter, plan type Basic"),
        ("segment.plan_type.Basic", "segment: plan type: Basic"),
        ("moves.persistence", "Moves between groups: persistence"),
        ("new_thing.of_later", "new thing: of later"),
    ],
)
def test_names_in_words(name, words):
    assert label(name) == words


def test_no_key_is_left_in_any_label_of_the_demo():
    with gzip.open(KEPT / "demo.rows.json.gz") as file:
        names = [entry["name"] for entry in json.load(file)["results"]]
    assert len(names) > 200
    labels = [label(name) for name in names]
    assert [words for words in labels if "_" in words] == []
    assert len(set(labels)) == len(names)


def test_every_input_and_every_check_has_words():
    assert set(INPUTS) == {field.name for field in fields(Inputs)}
    assert set(OUTCOME_CHECKS) <= set(QUESTIONS)
    assert check_label("placebo") == "Is the score blind to what came long before it?"
