"""Sentences: they claim no more than the numbers, and say what the numbers rest on."""

from dataclasses import replace

import pytest

import cxroi as cx
from cxroi.checks.rating import VERDICTS, Rating
from cxroi.checks.result import FAILED, PASSED, Check
from cxroi.presentation.sentences import (
    answer,
    claim,
    groups_claim,
    limits,
    method,
    roi_claim,
    what_would_change,
)
from cxroi.presentation.turning_points import assumed_causal
from cxroi.results.display import Text
from cxroi.study.scenario import Prior, Range


@pytest.fixture(scope="module")
def analysis(demo_analysis):
    return demo_analysis


@pytest.fixture(scope="module")
def checks(demo_checks):
    return demo_checks


def with_figure(analysis, name, value):
    """Return the analysis with one ROI figure replaced."""
    estimates = tuple(
        replace(e, estimate=value) if e.name == f"roi.{name}" else e for e in analysis.roi.estimates
    )
    return replace(analysis, roi=replace(analysis.roi, estimates=estimates))


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0.95, "is expected to pay"),
        (0.949, "It is open whether"),
        (0.051, "It is open whether"),
        (0.05, "is not expected to pay"),
    ],
)
def test_a_claim_needs_its_probability(analysis, chance, words):
    assert words in roi_claim(with_figure(analysis, "probability_positive", chance).roi)


@pytest.mark.parametrize("chance", [0.0, 0.05, 0.5])
def test_value_counted_in_part_never_says_no(analysis, chance):
    roi = with_figure(analysis, "probability_positive", chance).roi
    said = roi_claim(replace(roi, horizon_months=90 / (365.25 / 12)))
    assert said.startswith("It is open whether the programme pays: only the value of its first 3")
    assert "against the whole cost" in said


def test_value_counted_in_part_may_pay_already(analysis):
    roi = with_figure(analysis, "probability_positive", 0.97).roi
    said = roi_claim(replace(roi, horizon_months=2))
    assert said.startswith("The programme is expected to pay within its first 2 months alone")


def test_retention_that_is_only_bounded_leaves_a_no_open(analysis):
    for chance, words in ((0.02, "It is open"), (0.97, "expected to pay")):
        roi = with_figure(analysis, "probability_positive", chance).roi
        said = roi_claim(replace(roi, retention_bounded=True))
        assert words in said
        assert "not expected" not in said


def test_a_prior_is_told_with_its_doubt():
    assert assumed_causal(Prior(0.2, 0.5, 0.8, none=0.3)) == (
        "50.0 % (20.0 % to 80.0 %), but with a probability of 30.0 % none,"
    )
    assert "5.0 % the opposite" in assumed_causal(Prior(0.2, 0.5, 0.8, none=0.3, opposite=0.05))
    assert assumed_causal(Range.of(0.5)) == "50.0 %"


def with_persistence(analysis, value):
    scenario = replace(analysis.roi.scenario, persistence=value)
    return replace(analysis, roi=replace(analysis.roi, scenario=scenario))


@pytest.mark.parametrize(
    ("needed", "words"),
    [
        (None, "none; even if everybody moved stayed it would not pay"),
        (0.0, "0 %; the value of the first outcome window alone pays"),
        (0.62, "62.0 % of those moved must still be in 'promoter' a wave later"),
    ],
)
def test_the_persistence_that_breaks_even_stands_beside_what_is_seen(analysis, needed, words):
    said = str(what_would_change(with_figure(analysis, "break_even_persistence", needed)))
    assert f"Break-even persistence: {words}; none is declared, and all are counted" in said
    assert "the transitions show 5.2 %" in said


def test_a_declared_persistence_is_held_against_its_break_even(analysis):
    said = str(what_would_change(with_persistence(analysis, Range(0.3, 0.5, 0.8))))
    assert "; 50.0 % (30.0 % to 80.0 %) is assumed; the transitions show" in said
    assert "none is declared" not in str(what_would_change(with_persistence(analysis, "observed")))


def test_the_answer_carries_its_causal_share_and_calls_the_gap_an_association(analysis):
    said = str(answer(analysis))
    assert "50.0 % (30.0 % to 80.0 %) of the adjusted gap" in said
    assert "an association" in said
    assert "as caused by what a better experience changed" in said
    assert "by the score" not in said


def rated(level, withdrawn=()):
    return Rating(level, ("for a reason",), withdrawn, ("spend",), dict.fromkeys(VERDICTS, 1))


@pytest.mark.parametrize(
    ("chance", "level", "words"),
    [
        (
            0.97,
            "high",
            "expected to pay: ROI above 0 in 97.0 % of simulations; the evidence is rated hi",
        ),
        (
            0.97,
            "moderate",
            "is expected to pay: ROI above 0 in 97.0 % of simulations; the evidence is",
        ),
        (
            0.97,
            "low",
            "It is not shown that the programme pays: ROI above 0 in 97.0 % of simulations, ",
        ),
        (0.97, "none", "Whether the programme pays cannot be said on this evidence, which is rate"),
        (
            0.40,
            "low",
            "It is open whether the programme pays: ROI above 0 in 40.0 % of simulations; the",
        ),
        (
            0.02,
            "low",
            "is not expected to pay: ROI above 0 in 2.0 % of simulations; the evidence is rat",
        ),
        (0.02, "none", "Whether the programme pays cannot be said on this evidence, which is rate"),
    ],
)
def test_the_claim_is_bounded_by_the_rating(analysis, chance, level, words):
    roi = with_figure(analysis, "probability_positive", chance).roi
    said = claim(roi, rated(level))
    assert words in said
    assert f"rated {level}" in said
    if level in ("low", "none") and chance > 0.5:
        assert "expected to pay" not in said


def test_without_checks_nothing_is_expected_to_pay(analysis):
    sure = with_figure(analysis, "probability_positive", 1.0)
    assert "expected to pay" not in str(answer(sure))
    assert "no check has been run" in str(answer(sure)).split(". ")[0]
    assert cx.plots.roi_distribution(sure).alt.startswith("At face value the figures give")


def passing(checks):
    """Return the checks with none that failed."""
    changed = (replace(c, verdict=PASSED) if c.verdict == FAILED else c for c in checks.checks)
    return replace(checks, checks=tuple(changed))


def with_failed(checks, name, outcome):
    same = [c for c in checks.checks if (c.name, c.outcome) != (name, outcome)]
    return replace(checks, checks=(*same, Check(name, outcome, FAILED, "Found.")))


def test_the_first_sentences_of_an_answer_hold_its_rating_and_what_failed(analysis, checks):
    sure = with_figure(analysis, "probability_positive", 1.0)
    assert str(answer(sure, passing(checks))).startswith("The programme is expected to pay")
    found = with_failed(passing(checks), "placebo", "spend")
    first, why, count = answer(sure, found).sentences[:3]
    assert first.startswith("It is not shown that the programme pays")
    assert "is not shown to be an effect" in why
    assert count == "1 of 33 checks failed."
    withdrawn = answer(sure, with_failed(checks, "leakage", "contacts")).sentences
    assert withdrawn[0].startswith("Whether the programme pays cannot be said")
    assert "gives contacts away (verdict withdrawn)" in withdrawn[1]
    assert any("would earn EUR" in sentence for sentence in withdrawn)  # the figures stay


def test_an_answer_without_roi_names_verdicts_that_do_not_stand(analysis, checks):
    found = with_failed(with_failed(checks, "leakage", "contacts"), "placebo", "spend")
    said = str(answer(replace(analysis, roi=None), found))
    assert "No verdict stands on contacts." in said
    assert "The gap between 'promoter' and 'passive' in spend is not shown to be useful." in said
    assert "differ usefully in orders" in said


def test_a_loss_is_called_a_loss(analysis):
    assert "would lose EUR 290" in str(answer(with_figure(analysis, "net_value", -290.0)))
    assert "would earn EUR 290" in str(answer(with_figure(analysis, "net_value", 290.0)))


def test_a_time_of_sixty_days_is_two_months(analysis):
    short = replace(analysis, roi=replace(analysis.roi, horizon_months=60 / (365.25 / 12)))
    assert "of its cost over 2 months;" in str(answer(short))


def test_without_a_scenario_no_roi_is_claimed(analysis):
    said = str(answer(replace(analysis, roi=None)))
    assert "No ROI is claimed: the study declares no scenario" in said
    assert said.startswith("No check has been run and nothing is rated.")
    assert "' differ usefully" not in said
    assert "At face value the gap between 'promoter' and 'passive' matters in spend" in said


def test_a_refused_roi_says_why(analysis):
    refusal = cx.CxroiError("there is no contrast of 'spend'", fix="Look at it")
    said = str(answer(replace(analysis, roi=None, refusals={"roi": refusal})))
    assert "No ROI is claimed: there is no contrast of 'spend'. Look at it." in said


def test_a_verdict_short_of_useful_stands_beside_the_claim(analysis):
    verdicts = tuple(
        replace(v, kind="too little data", reason="why") if v.outcome == "spend" else v
        for v in analysis.verdicts
    )
    said = str(answer(replace(analysis, verdicts=verdicts)))
    assert said.endswith("The verdict on spend alone: too little data (why).")
    assert "verdict on spend" not in str(answer(analysis))


def test_turning_points_are_held_against_what_is_planned(analysis):
    said = str(what_would_change(analysis))
    assert "50.0 % is assumed" in said
    assert "EUR 12 is planned" in said
    widest = analysis.roi.tornado.iloc[0]
    assert (
        f"{widest['input']}: the ROI is {100 * widest['roi_low']:.1f} % at its 5 % point"
    ) in said
    assert f"{100 * widest['roi_high']:.1f} % at its 95 % point." in said
    assert "over its range" not in said
    beyond = str(what_would_change(with_figure(analysis, "break_even_causal_share", 1.3)))
    assert "130.0 % of the gap must be causal, more than the whole gap" in beyond
    never = str(what_would_change(with_figure(analysis, "break_even_causal_share", None)))
    assert "No causal share, however large" in never


def test_groups_are_told_apart_by_their_interval_only(analysis):
    said = groups_claim(analysis, ["spend", "contacts", "returns"])
    assert "higher in spend" in said
    assert "lower in contacts" in said
    assert "not told apart in returns" in said


def test_method_and_limits_name_what_a_reviewer_asks_for(analysis):
    how, what = str(method(analysis)), str(limits(analysis))
    for words in ("detractor (0 to 6)", "90 days after", "cancelled within 90 days", "95 %"):
        assert words in how
    for words in (
        "not measured",
        "invited customers answered at least once",
        "from_customers",
        "No persistence is declared",
    ):
        assert words in what


def test_method_says_what_the_gap_behind_the_money_is_and_whom_it_leaves_out(analysis):
    def said(share):
        lost = {n: replace(r, left_out=share * (n == "spend")) for n, r in changed.items()}
        return str(method(replace(analysis, regressions=lost)))

    changed = dict(analysis.regressions)
    assert "are left out of it: 3.1 % for spend." in said(0.031)
    assert "are left out of it: here there are none." in said(0.0)
    for words in ("is doubly robust", "as curves", "in straight lines", "within customers"):
        assert words in said(0.0)


def test_limits_count_the_answers_of_every_group_without_the_outcome(analysis):
    said, answers = str(limits(analysis)), analysis.panel.frame
    for name in analysis.regressions:
        unknown = int(answers[f"{name}_after"].isna().sum())
        found = f"{name}: not known for {unknown:,} of {len(answers):,} responses."
        assert (found in said) == (unknown > 0)
        assert (f"{name}: not known" in said) == (unknown > 0)


def test_what_a_sentence_quotes_is_escaped():
    text = Text(("<script>alert(1)</script> costs $5 or $6",))
    assert "<script>" not in text._repr_html_()
    assert "$" not in text._repr_html_()
    assert str(text) == "<script>alert(1)</script> costs $5 or $6"
