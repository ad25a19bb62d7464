"""The first page: what it says is what was found, and nothing that it quotes is HTML."""

import re
from dataclasses import replace

import pytest

import cxroi as cx
from cxroi.checks.decision import decide
from cxroi.checks.rating import NONE
from cxroi.checks.tools.grounds import Doubt
from cxroi.presentation.decision import _answer, first_page
from cxroi.presentation.next_step import _of
from cxroi.results.formats import chance


@pytest.fixture(scope="module")
def run():
    return cx.open_run(cx.demo_study())


@pytest.fixture(scope="module")
def shown(run):
    return first_page(run.analysis, run.checks)


def test_the_figures_are_those_of_the_roi(run, shown):
    roi = run.analysis.roi
    found = {figure.anchor: figure for figure in shown.figures}
    assert found["roi"].value == f"{100 * roi['ratio'].estimate:.0f} %"
    assert found["chance"].value == chance(roi["probability_positive"].estimate)
    low, high = (float(x.replace(",", "")) for x in re.findall(r"-?[\d,]+", found["net"].span))
    largest = max(abs(roi["net_value"].conf_low), abs(roi["net_value"].conf_high))
    assert low == pytest.approx(roi["net_value"].conf_low, abs=largest / 200)
    assert high == pytest.approx(roi["net_value"].conf_high, abs=largest / 200)


def test_counts_of_checks_are_those_of_the_rating(run, shown):
    assert [number for _, number in shown.counts] == list(run.checks.rating.counts.values())


def test_what_the_checks_are_of_is_said(shown):
    assert shown.counted == "Checks on money"
    assert f'<a href="#checks">{shown.counted}</a>' in shown._repr_html_()


def test_where_go_is_barred_the_reason_comes_before_the_chance(run):
    """And no bracket says "barred": the scale says what that means."""
    analysis, checks = run.analysis, run.checks
    decision = replace(decide(analysis, checks), kind="pilot first", barred=True)
    first, second, *_ = _answer(analysis, checks, decision)
    assert first.startswith(f"The evidence does not carry a start: {checks.rating.reasons[0]}")
    assert second.startswith("The figures alone would say go: at the likely values, moving 10 %")
    assert (
        "<li>Go (not on this evidence)</li>"
        in replace(first_page(analysis, checks), barred=True)._repr_html_()
    )


def test_a_part_and_its_whole_are_rounded_alike():
    """Two halves of 1,463 are shown as halves of what is shown."""
    assert _of(731.5, 1463.0, "EUR") == "EUR 730 of EUR 1,460"


def test_it_shows_the_verdict_once_as_the_current_one(shown):
    html = shown._repr_html_()
    assert re.findall(r'<li aria-current="true">([^<]+)</li>', html) == [shown.word, shown.rating]
    assert html.count("<h1") == 1


def test_what_a_study_is_called_stays_text(run):
    named = replace(run.analysis.study, name="<b>A & B</b>", prepared_by="<i>")
    analysis = replace(run.analysis, overview=replace(run.analysis.overview, study=named))
    html = first_page(analysis, run.checks)._repr_html_()
    assert "&lt;b&gt;A &amp; B" in html
    assert "<b>A &" not in html
    assert "&lt;i&gt;" in html


def test_evidence_of_none_claims_nothing_and_says_what_to_mend(run):
    grounds = run.checks.grounds
    many = tuple(replace(d, levels=3) for d in grounds.doubts)
    doubt = Doubt("the outcomes have no dates, so whether they came after is not known", 3)
    checks = replace(run.checks, grounds=replace(grounds, doubts=(*many, doubt)))
    assert checks.rating.level == NONE
    found = first_page(run.analysis, checks)
    assert found.word == "Not yet"
    assert found.answer[0].startswith("Whether the programme pays cannot be said")
    assert found.answer[1].startswith("At face value")
    assert any("with its dates" in sentence for sentence in found.step)


def test_without_a_programme_it_asks_after_the_groups(run):
    bare = replace(run.analysis.study, scenario=None)
    overview = replace(run.analysis.overview, study=bare)
    found = first_page(replace(run.analysis, overview=overview, roi=None), run.checks)
    assert found.question.startswith("Do 'promoter' customers do better")
    assert found.turns == ()
    gap = run.analysis.regressions["spend"].contrast
    assert found.figures[0].title == "Gap in spend, like for like"
    assert found.figures[0].value == f"EUR {gap.estimate:.2f}"
    assert found.word == "Not yet"


def test_who_signs_is_named_where_declared(run, shown):
    assert dict(shown.signed) == {"Prepared by": "", "Reviewed by": "", "Decided on": ""}
    assert shown._repr_html_().count('class="open"') == 3
    named = replace(run.analysis.study, prepared_by="Controlling", reviewed_by="Audit")
    analysis = replace(run.analysis, overview=replace(run.analysis.overview, study=named))
    signed = dict(first_page(analysis, run.checks).signed)
    assert signed["Prepared by"] == "Controlling"
    assert signed["Reviewed by"] == "Audit"
