from dataclasses import replace
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from panels import customers

from cxroi.analysis import analyse
from cxroi.checks import power
from cxroi.checks.power import power_check
from cxroi.checks.result import PASSED, WARNING
from cxroi.effects.verdicts import NO_DIFFERENCE, TOO_LITTLE, USEFUL, Verdict
from cxroi.errors import ScarceDataError, StudyError
from cxroi.panel.panel import Coverage

NORMAL = NormalDist()


@pytest.fixture
def study_of(panel_of):
    def make(matters, frame=None, invited=None, kinds=None):
        frame = customers() if frame is None else frame
        more = f"[outcomes]\nmatters = {{ spend = {matters} }}\n" if matters else ""
        panel = panel_of(frame, kinds or {"spend": "amount", "contacts": "count"}, more=more)
        coverage = Coverage(1000, invited, len(frame), len(frame))
        return analyse(replace(panel, coverage=coverage))

    return make


def shuffled():
    """Customers whose score has nothing to do with anything."""
    frame = customers()
    frame["score"] = frame["score"].sample(frac=1, random_state=5).to_numpy()
    return frame


def test_detectable_gap_has_a_power_of_80_per_cent(study_of):
    analysis = study_of(5.0)
    found = power_check(analysis, "spend").estimate
    error = analysis.regressions["spend"].contrast.std_error
    # Chance of a two-sided test at 5 % finding a gap of that size, on the side where it is.
    assert 1 - NORMAL.cdf(NORMAL.inv_cdf(0.975) - found.estimate / error) == pytest.approx(0.8)
    assert found.unit == "EUR per customer in 90 days"
    assert found.name == "check.power.spend"
    assert (found.conf_low, found.std_error, found.p_value) == (None, None, None)


def test_further_responses_shrink_the_detectable_gap_to_the_one_that_matters(study_of):
    analysis = study_of(2.0, shuffled(), invited=1500)
    check = power_check(analysis, "spend")
    error = analysis.regressions["spend"].contrast.std_error
    more = int(check.table["further_responses"].iloc[0])
    detectable = (NORMAL.inv_cdf(0.975) + NORMAL.inv_cdf(0.8)) * error
    # errors fall with the root of the number of responses
    assert detectable * sqrt(600 / (600 + more)) <= 2.0
    assert detectable * sqrt(600 / (600 + more - 2)) > 2.0
    assert check.verdict == WARNING
    # 600 of 1,500 invited answered: five invitations bring two answers
    assert check.table["further_invitations"].iloc[0] == ceil(more * 2.5)
    wanted = "To find a gap of EUR 2 with a probability of 80 % about"
    assert f"{wanted} {more:,} further responses are needed (" in check.sentence
    assert "80 %, before correction for several tests;" in check.sentence
    assert "response rate of 40.0 %" in check.sentence


def test_invitations_are_not_made_up_where_nobody_knows_who_was_invited(study_of):
    check = power_check(study_of(2.0), "spend")
    assert "invitations" not in check.sentence
    assert check.table["further_invitations"].iloc[0] is None


def test_pooled_waves_give_no_number_of_invitations(study_of):
    # 600 answers of 500 customers in two waves: a rate of customers is not one of invitations.
    frame = shuffled()
    frame["customer"] = [f"c{row % 500}" for row in range(600)]
    frame["wave"] = np.where(frame.index < 500, "2026Q1", "2026Q2")
    check = power_check(study_of(2.0, frame, invited=1500), "spend")
    assert check.verdict == WARNING
    assert "invitations" not in check.sentence
    assert check.table["further_invitations"].iloc[0] is None


def test_quiet_where_the_gap_that_matters_would_have_been_found(study_of):
    check = power_check(study_of(1000.0), "spend")
    assert check.verdict == PASSED
    assert check.table["further_responses"].iloc[0] == 0
    assert "would most likely have been found" in check.sentence
    assert "(assumed" not in check.sentence


def test_says_what_is_assumed_to_matter_and_how_many_tests_there_were(study_of):
    analysis = study_of(None)
    check = power_check(analysis, "contacts")
    table = check.table.iloc[0]
    passives = customers().query("6 < score < 9")["contacts_after"]
    assert table["matters"] == pytest.approx(passives.mean() / 10)
    assert "(assumed: a tenth)" in check.sentence
    # two outcomes, each with two contrasts against passives
    assert table["tests"] == 4
    assert "after correction for 4 tests (Holm within an outcome, Benjamini-Hoch" in check.sentence
    assert table["p_adjusted"] >= table["p_value"]
    assert table["p_adjusted"] < 0.0001
    assert ", p < 0.0001, after correction" in check.sentence
    assert check.sentence.endswith("Benjamini-Hochberg over outcomes) < 0.0001.")


def test_p_values_are_named(study_of):
    check = power_check(study_of(None, shuffled()), "spend")
    table = check.table.iloc[0]
    assert table["p_value"] > 0.001
    assert f"p = {table['p_value']:.2g}, after correction for 4 tests" in check.sentence
    assert check.sentence.endswith(f"over outcomes) {table['p_adjusted']:.2g}.")
    frame = customers().query("score > 6")
    lone = power_check(study_of(None, frame, kinds={"spend": "amount"}), "spend")
    assert lone.sentence.endswith(" (the only test).")


def test_one_outcome_refused_or_unknown(study_of):
    frame = customers()
    frame["spend_after"] = np.where(frame.index < 5, 10.0, 0.0)
    analysis = study_of(None, frame)
    with pytest.raises(ScarceDataError, match="too rare"):
        power_check(analysis, "spend")
    with pytest.raises(StudyError, match="no outcome"):
        power_check(analysis, "spent")


def judged_as(study_of, monkeypatch, kind, gap, half, detectable, matters):
    """The check of an analysis in which these were found."""
    analysis = study_of(matters)
    regression, verdict = power.regression_and_verdict(analysis, "spend")
    adjusted = replace(regression.contrast, estimate=gap, conf_low=gap - half, conf_high=gap + half)
    verdict = replace(verdict, kind=kind, contrast=adjusted, detectable=detectable)
    assert isinstance(verdict, Verdict)
    regression = replace(regression, contrast=adjusted)
    monkeypatch.setattr(power, "regression_and_verdict", lambda *_: (regression, verdict))
    return power_check(analysis, "spend")


@pytest.mark.parametrize(
    ("kind", "gap", "half", "detectable", "matters", "verdict", "words"),
    [
        (USEFUL, 20, 9, 13, 10, PASSED, "Not missed: found."),
        (USEFUL, -20, 9, 13, 10, PASSED, "Not missed: found."),
        (USEFUL, 20, 11, 15.7, 10, WARNING, "To find a gap of EUR 10 with a"),
        (USEFUL, 20, 11, 15.7, 10, WARNING, "are needed. The gap is"),  # 20 > 1.25 * 15.7
        (USEFUL, 19, 11, 15.7, 10, WARNING, "tends to be overstated. The gap is"),
        (USEFUL, 12, 6, 8.6, 10, PASSED, "would most likely have been found."),
        (TOO_LITTLE, 8, 6, 8.6, 10, WARNING, "The gap found, EUR 8, is too uncertain to say on"),
        (TOO_LITTLE, 8, 12, 17, 10, WARNING, "To find a gap of EUR 10"),
        (NO_DIFFERENCE, 1, 6, 8.6, 10, PASSED, "would most likely have been found."),
        (NO_DIFFERENCE, 1, 8, 11.4, 10, WARNING, "are needed. The gap is"),
    ],
)
def test_power_agrees_with_the_verdict(
    study_of, monkeypatch, kind, gap, half, detectable, matters, verdict, words
):
    check = judged_as(study_of, monkeypatch, kind, gap, half, detectable, matters)
    assert check.verdict == verdict
    assert words in check.sentence
    assert check.sentence.count("overstated") == ("overstated" in words)
