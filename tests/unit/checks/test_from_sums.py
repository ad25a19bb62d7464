"""Checks of the shipped studies: the same from rows in memory as from sums in an engine.

In one file, so that each study is analysed once for all of them. What no shipped study has
(clusters, weights, amounts below zero) is tested beside each check.
"""

from pathlib import Path

import pytest
from both_fits import analyse_both, assert_same

from cxroi.checks import sensitivity
from cxroi.checks.confounding import confounding_check
from cxroi.checks.leakage import leakage_check
from cxroi.checks.overlap import overlap_check
from cxroi.checks.sensitivity import sensitivity_check
from cxroi.report.shipped import demo_study
from cxroi.study.loading import load_study

SFO = Path(__file__).parents[3] / "data" / "sfo" / "study.toml"
STRAIGHT = "a straight line through controls and baselines"


@pytest.fixture(scope="module")
def demo():
    study = load_study(demo_study())
    return analyse_both(study, "spend", "repeat_purchase", "retained", "contacts")


@pytest.fixture(scope="module")
def sfo():
    return analyse_both(load_study(SFO), "store")


@pytest.mark.parametrize("outcome", ["spend", "retained"])
@pytest.mark.parametrize("check", [confounding_check, overlap_check])
def test_confounding_and_overlap(demo, check, outcome):
    assert_same(*(check(analysis, outcome) for analysis in demo))


@pytest.mark.parametrize("check", [confounding_check, overlap_check])
def test_a_flat_survey_with_many_levels(sfo, check):
    assert_same(*(check(analysis, "store") for analysis in sfo))


@pytest.mark.parametrize("outcome", ["spend", "repeat_purchase", "retained"])
def test_leakage(demo, outcome):
    assert_same(*(leakage_check(analysis, outcome) for analysis in demo))


@pytest.mark.parametrize("outcome", ["spend", "retained", "contacts"])
def test_sensitivity(demo, outcome):
    checks = [sensitivity_check(analysis, outcome) for analysis in demo]
    assert_same(*checks, tolerance=1e-7)  # curves of seven knots are nearly collinear
    terms = checks[1].table["term"]
    assert STRAIGHT in terms.tolist()
    assert terms.str.contains(sensitivity.WINDOW).sum() == (1 if outcome == "retained" else 2)
