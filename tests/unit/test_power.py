from dataclasses import replace
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from panels import customers

from cxroi.analysis import analyse
from cxroi.checking.power import power_check
from cxroi.checking.result import PASSED, WARNING
from cxroi.errors import ScarceDataError, StudyError
from cxroi.panel import Coverage

NORMAL = NormalDist()


@pytest.fixture
def study_of(panel_of):
    def make(matters, frame=None, invited=None, kinds=None):
        frame = customers() if frame is None else frame
        more = f"[outcomes]\nmatters = {{ spend = {matters} }}\n" if matters else ""
        panel = panel_of(frame, kinds or {"spend": "amount", "contacts": "count"}, more=more)
        coverage = Coverage(1000, invited, len(frame))
        return analyse(replace(panel, coverage=coverage))

    return make


def test_detectable_gap_has_a_power_of_80_per_cent(study_of):
    analysis = study_of(5.0)
    found = power_check(analysis, "spend").estimate
    error = analysis.regressions["spend"].adjusted.std_error
    # Chance of a two-sided test at 5 % finding a gap of that size, on the side where it is.
    assert 1 - NORMAL.cdf(NORMAL.inv_cdf(0.975) - found.estimate / error) == pytest.approx(0.8)
    assert found.unit == "EUR per customer in 90 days"
    assert found.name == "check.power.spend"
    assert (found.conf_low, found.std_error, found.p_value) == (None, None, None)


def test_further_responses_shrink_the_detectable_gap_to_the_one_that_matters(study_of):
    analysis = study_of(2.0, invited=1500)
    check = power_check(analysis, "spend")
    error = analysis.regressions["spend"].adjusted.std_error
    more = int(check.table["further_responses"].iloc[0])
    detectable = (NORMAL.inv_cdf(0.975) + NORMAL.inv_cdf(0.8)) * error
    # errors fall with the root of the number of responses
    assert detectable * sqrt(600 / (600 + more)) <= 2.0
    assert detectable * sqrt(600 / (600 + more - 2)) > 2.0
    assert check.verdict == WARNING
    # 600 of 1,500 invited answered: five invitations bring two answers
    assert check.table["further_invitations"].iloc[0] == ceil(more * 2.5)
    assert f"about {more:,} further responses would be needed" in check.sentence
    assert "response rate of 40.0 %" in check.sentence


def test_invitations_are_not_made_up_where_nobody_knows_who_was_invited(study_of):
    check = power_check(study_of(2.0), "spend")
    assert "invitations" not in check.sentence
    assert check.table["further_invitations"].iloc[0] is None


def test_pooled_waves_give_no_number_of_invitations(study_of):
    # 600 answers of 500 customers in two waves: a rate of customers is not one of invitations.
    frame = customers()
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
    assert "(4 tests)" in check.sentence
    assert table["p_adjusted"] >= table["p_value"]
    assert f"p = {table['p_value']:.2g} alone, {table['p_adjusted']:.2g}" in check.sentence


def test_one_outcome_refused_or_unknown(study_of):
    frame = customers()
    frame["spend_after"] = np.where(frame.index < 5, 10.0, 0.0)
    analysis = study_of(None, frame)
    with pytest.raises(ScarceDataError, match="too rare"):
        power_check(analysis, "spend")
    with pytest.raises(StudyError, match="no outcome"):
        power_check(analysis, "spent")
