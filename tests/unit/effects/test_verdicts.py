from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from panels import make_dated_study, make_study

from cxroi.effects.adjusted import Regression
from cxroi.effects.verdicts import (
    NO_DIFFERENCE,
    NOT_IDENTIFIED,
    TOO_LITTLE,
    TOO_SMALL,
    USEFUL,
    WRONG_WAY,
    judge,
    smallest_detectable,
)
from cxroi.errors import ModelError, ScarceDataError
from cxroi.models.sample import student
from cxroi.moments.influence import normal_interval, normal_p_value
from cxroi.results.estimate import Estimate

PAIR = "promoter - passive"


def contrast(gap, error, *, between=PAIR, p_value=None):
    p_value = normal_p_value(gap, error) if p_value is None else p_value
    low, high = normal_interval(gap, error, 0.95)
    return Estimate("c", gap, low, high, error, "EUR", 500, "m", contrast=between, p_value=p_value)


def regression(outcome, found, *others, mean=100.0):
    base = Estimate("m", mean, None, None, 1.0, "EUR", 200, "mean")
    return Regression(
        outcome=outcome,
        raw=found,
        adjusted=found,
        contrast=found,
        mean_from=base,
        differences=(),
        beside=(),
        contrasts=(*others, found),
        left_out=0.0,
        influence=np.zeros((2, 1)),
        rungs={},
        models={},
        controls=(),
        setting=None,
        robust=None,
        fitted=None,
        notes=(),
        coefficients=None,
    )


@pytest.fixture
def verdict(tmp_path):
    def make(gap, error, *, matters=10.0, kind="amount", mean=100.0):
        more = f"[outcomes]\nmatters = {{x = {matters}}}\n" if matters else ""
        study = make_study(tmp_path, {"x": kind}, more=more)
        return judge(study, {"x": regression("x", contrast(gap, error), mean=mean)}, {})[0]

    return make


def p_values(study, **of):
    made = judge(study, {n: regression(n, contrast(1, 1, p_value=p)) for n, p in of.items()}, {})
    return {v.outcome: v.p_adjusted for v in made}, made[0].tests


def test_detectable_gap_at_80_per_cent_power():
    # 1.95996 + 0.84162 = 2.80159 standard errors (Bloom 1995: 2.8).
    assert smallest_detectable(2.0) == pytest.approx(5.60317, abs=1e-5)


@pytest.mark.parametrize(
    ("gap", "error", "kind"),
    [
        (20.0, 5.0, USEFUL),  # z = 4
        (-20.0, 5.0, WRONG_WAY),  # more would be better
        (10.0, 1.0, USEFUL),  # just what matters
        (4.0, 1.0, TOO_SMALL),  # 4 + 1.96 < 10
        (7.0, 2.0, TOO_LITTLE),  # z = 3.5, but 7 + 3.92 > 10: it may matter
        (1.0, 4.5, NO_DIFFERENCE),  # 1 + 1.96 * 4.5 = 9.82
        (1.0, 4.7, TOO_LITTLE),  # 1 + 1.96 * 4.7 = 10.21
        (-1.0, 4.7, TOO_LITTLE),
        (30.0, 20.0, TOO_LITTLE),  # large, but z = 1.5
    ],
)
def test_kind_of_verdict(verdict, gap, error, kind):
    made = verdict(gap, error)
    assert made.kind == kind
    assert made.estimate.note.startswith(f"{kind}: ")
    assert made.estimate.name == "verdict.nps.x"


@pytest.mark.parametrize(
    ("gap", "error", "words"),
    [
        # 7 +- 3.92; 2.80 * 2 = 5.6 < 10
        (7.0, 2.0, "there is a difference, but the interval, EUR 3 to EUR 11, reaches to"),
        (7.0, 2.0, "the 500 answers would have found a gap of that size"),
        # 1 +- 13.99; (2.80 * 7.1391 / 10)^2 = 4
        (
            1.0,
            7.1391,
            "EUR -13 to EUR 15, holds no gap at all as well as gaps that matter",
        ),
        (1.0, 7.1391, "about 4 times as many answers would settle it"),
    ],
)
def test_what_is_undecided_says_what_the_interval_holds(verdict, gap, error, words):
    assert words in verdict(gap, error).reason


def undecided(tmp_path, gap, error, *others, n=500, method="m", **more):
    study = make_study(tmp_path, {"x": "amount"}, more="[outcomes]\nmatters = {x = 10}\n")
    of_pair = replace(contrast(gap, error, **more), n=n, method=method)
    return judge(study, {"x": regression("x", of_pair, *others)}, {})[0]


def test_chance_among_several_tests_is_named(tmp_path):
    other = contrast(1, 9, between="detractor - passive")
    # z = 2.2, p = .028, and twice that by Holm
    made = undecided(tmp_path, 11.0, 5.0, other)
    assert made.kind == TOO_LITTLE
    assert "leaves zero out, but among 2 tests chance brings that about too often" in made.reason


def test_many_answers_are_not_called_too_few(tmp_path):
    made = undecided(tmp_path, 1.0, 7.1391, n=93_358)
    assert "93,358 answers are not few" in made.reason
    assert "about 4 times as many; a longer window" in made.reason


def test_few_clusters_are_named_as_the_reason(tmp_path):
    method = "errors clustered by declared cluster, Student interval with 12 effective clusters"
    made = undecided(tmp_path, 1.0, 7.1391, n=93_358, method=method)
    assert "more clusters would help, more answers from the same ones hardly" in made.reason
    assert student(12.0) in method  # as the estimates word it


def test_responses_needed_grow_with_the_square(verdict):
    assert verdict(1.0, 7.1391).responses_factor == pytest.approx(4.0, abs=0.001)


@pytest.mark.parametrize(
    ("kind", "mean", "matters"),
    [("amount", 80.0, 8.0), ("amount", -80.0, 8.0), ("yes_no", 0.9, 0.01), ("yes_no", 0.2, 0.02)],
)
def test_undeclared_a_tenth_of_the_mean_or_rarer_answer_matters(verdict, kind, mean, matters):
    made = verdict(0.001, 0.001, matters=None, kind=kind, mean=mean)
    assert made.matters == pytest.approx(matters)
    assert not made.matters_declared
    assert "assumed" in made.reason


def test_holm_within_an_outcome(tmp_path):
    # Two contrasts: 0.03 is the smaller, times 2; 0.04 the larger, but not under that.
    study = make_study(tmp_path, {"x": "amount"})
    other = contrast(1, 1, between="detractor - passive", p_value=0.04)
    pair = regression("x", contrast(1, 1, p_value=0.03), other)
    made = judge(study, {"x": pair}, {})[0]
    assert (made.p_adjusted, made.tests) == (pytest.approx(0.06), 2)
    first = regression("x", contrast(1, 1, p_value=0.04), contrast(1, 1, between="d", p_value=0.03))
    assert judge(study, {"x": first}, {})[0].p_adjusted == pytest.approx(0.06)


def test_benjamini_hochberg_over_outcomes(tmp_path):
    # Sorted 0.01, 0.03, 0.04 times 3/1, 3/2, 3/3: 0.03, 0.045, 0.04; smallest from above.
    study = make_study(tmp_path, dict.fromkeys("abc", "amount"))
    found, tests = p_values(study, a=0.04, b=0.01, c=0.03)
    assert found == pytest.approx({"a": 0.04, "b": 0.03, "c": 0.04})
    assert tests == 3


def test_one_event_under_two_names_is_one_test(tmp_path):
    # Without it 0.03 twice among 0.5: 0.03 * 3 / 2 = 0.045 would pass for significant.
    study = make_dated_study(tmp_path)
    found, tests = p_values(study, spend=0.5, retained=0.03, churned=0.03)
    assert found == pytest.approx({"spend": 0.5, "retained": 0.06, "churned": 0.06})
    assert tests == 2


@pytest.mark.parametrize(("within", "expected"), [(90, 0.06), (30, 0.045)])
def test_buying_again_is_the_mirror_of_no_purchase_in_the_same_window(tmp_path, within, expected):
    more = f'[churn]\ndefinition = "no_purchase"\nwithin_days = {within}\n'
    study = make_dated_study(tmp_path, more)
    found, _ = p_values(study, spend=0.5, churned=0.03, repeat_purchase=0.03)
    assert found["churned"] == found["repeat_purchase"] == pytest.approx(expected)


def test_columns_of_a_flat_file_are_tests_of_their_own(tmp_path):
    study = make_study(tmp_path, {"retained": "yes_no", "churned": "yes_no"})
    assert p_values(study, retained=0.03, churned=0.04)[1] == 2


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [(ScarceDataError("few"), TOO_LITTLE), (ModelError("separated"), NOT_IDENTIFIED)],
)
def test_a_refusal_is_a_verdict_without_a_number(tmp_path, refusal, kind):
    study = make_study(tmp_path, {"x": "amount"}, more="[outcomes]\nmatters = {x = 5}\n")
    made = judge(study, {}, {"x": refusal})[0]
    assert (made.kind, made.contrast, made.matters, made.matters_declared) == (kind, None, 5, True)
    assert made.responses_factor is None
    assert made.estimate.estimate is None
    assert str(refusal) in made.estimate.note


def test_tidy_tells_verdict_and_thresholds(verdict):
    table = verdict(20.0, 5.0).tidy()
    row = SimpleNamespace(**table.iloc[0].to_dict())
    assert (row.verdict, row.matters, row.estimate) == (USEFUL, 10.0, 20.0)
    assert row.detectable == pytest.approx(14.008, abs=0.001)
