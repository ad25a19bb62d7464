"""The checks in words: the paragraph and the tables say what the checks found, and no more."""

from dataclasses import replace
from pathlib import Path

import pytest

import cxroi as cx
from cxroi.checks.result import FAILED, PASSED, Check
from cxroi.errors import ModelError
from cxroi.presentation.robustness import QUESTIONS
from cxroi.results.display import Text
from cxroi.results.formats import percent, value_and_interval


@pytest.fixture(scope="module")
def analysis(demo_analysis):
    return demo_analysis


@pytest.fixture(scope="module")
def checks(demo_checks):
    return demo_checks


def with_verdict(checks, name, outcome, verdict, sentence="Found."):
    changed = Check(name, outcome, verdict, sentence)
    same = [c for c in checks.checks if (c.name, c.outcome) != (name, outcome)]
    return replace(checks, checks=(*same, changed))


def test_the_paragraph_gives_every_rung_and_every_verdict(analysis, checks):
    said = str(cx.trust.how_far(analysis, checks))
    for rung in analysis.ladder("spend"):
        assert value_and_interval(rung, "EUR") in said
    for name in QUESTIONS:
        assert name.replace("_", " ") in said
    assert f"Of {len(QUESTIONS)} checks on spend" in said


def test_a_failed_check_is_quoted_in_the_paragraph(analysis, checks):
    found = with_verdict(checks, "leakage", "spend", FAILED, "The points give spend away.")
    assert "The points give spend away." in str(cx.trust.how_far(analysis, found))
    found = with_verdict(checks, "leakage", "spend", PASSED, "Nothing gives it away.")
    assert "Nothing gives it away." not in str(cx.trust.how_far(analysis, found))


def test_the_table_asks_every_question_once(analysis, checks):
    table = cx.trust.table(analysis, checks).frame
    asked = [question.format(wave="quarter") for question in QUESTIONS.values()]
    assert table["question"].tolist() == asked
    verdicts = set(table["verdict (spend)"])
    assert verdicts <= {"passed", "warning", "failed", "not possible"}
    assert "churned" not in " ".join(table["other outcomes"])  # the mirror of retained


def test_one_check_for_every_outcome(analysis, checks):
    table = cx.trust.every_check(analysis, checks, "power").frame
    assert table["outcome"].tolist() == [
        o.name.replace("_", " ") for o in analysis.panel.study.outcomes
    ]
    check = checks.of("power")[0]
    assert table["figure"].iloc[0] == value_and_interval(check.estimate, "EUR")


def test_figures_stand_beside_those_with_response_weights(analysis, checks):
    table = cx.who.with_responses(analysis, checks).frame.set_index("figure")
    weighted = {e.name: e for e in checks.response_weighted}
    row = table.loc["contrast.spend.doubly_robust"]
    gap = analysis.regressions["spend"].contrast
    assert row["without response weights"] == value_and_interval(gap, "EUR")
    again = weighted["contrast.spend.doubly_robust.response_weighted"]
    assert row["with them"] == value_and_interval(again, "EUR")
    assert {"roi.ratio", "score.nps"} <= set(table.index)


def test_moves_are_a_row_a_group(analysis, checks):
    table = cx.who.transitions(checks).frame
    assert list(table.columns[1:]) == ["detractor", "passive", "promoter"]
    assert len(table) == 3
    share = percent(checks.moves.share_moved_evidence.estimate)
    assert share in str(cx.who.moves(analysis, checks))
    assert len(cx.who.movers(analysis, checks).frame) == len(checks.moves.outcomes)


def test_moves_are_split_by_the_first_category(analysis, checks):
    table = cx.who.moves_by_segment(analysis, checks).frame
    assert table["segment"].unique().tolist() == ["Business", "Consumer", "Family"]
    assert (table.groupby("segment").size() == 3).all()
    none = replace(checks, moves=replace(checks.moves, by_segment=None))
    assert "no segment" in str(cx.who.moves_by_segment(analysis, none))


def test_details_are_the_table_of_a_check_or_its_reason(checks):
    assert "benchmark" in cx.trust.details(checks, "confounding", "spend").frame
    reason = cx.trust.details(checks, "placebo", "churned")
    assert isinstance(reason, Text)
    assert "no baseline" in str(reason)
    assert "no check" in str(cx.trust.details(checks, "confounding", "nothing"))


def test_what_cannot_be_known_is_said():
    path = Path(__file__).parents[3] / "data" / "sfo" / "study.toml"
    analysis = cx.analyse(cx.build_panel(cx.read_tables(cx.load_study(path))))
    checks = cx.run_checks(analysis)
    assert "not known" in str(cx.who.balance(checks))
    assert "not known" in str(cx.who.with_responses(analysis, checks))
    assert "cannot be seen" in str(cx.who.moves(analysis, checks))
    assert "cannot be seen" in str(cx.who.transitions(checks))
    assert "could not be made" in str(cx.trust.how_far(analysis, checks))


def test_the_main_outcome_is_spend_or_else_the_first_with_a_gap(analysis):
    assert cx.trust.main_outcome(analysis) == "spend"
    without = {k: v for k, v in analysis.regressions.items() if k not in ("spend", "orders")}
    assert cx.trust.main_outcome(replace(analysis, regressions=without)) == "repeat_purchase"


def test_pictures_of_the_checks_have_their_alternative_text(checks):
    for picture in (cx.plots.balance(checks), cx.plots.transitions(checks)):
        assert len(picture.alt) > 40
    evidence = percent(checks.moves.share_moved_evidence.estimate)
    assert evidence in cx.plots.transitions(checks).alt
    nothing = {"nonresponse": ModelError("not known"), "moves": ModelError("one wave")}
    empty = replace(checks, nonresponse=None, moves=None, refusals=nothing)
    with pytest.raises(ModelError, match="not known"):
        cx.plots.balance(empty)
    with pytest.raises(ModelError, match="one wave"):
        cx.plots.transitions(empty)


def test_the_line_under_the_answer_names_what_failed(analysis, checks):
    found = with_verdict(checks, "placebo", "spend", FAILED)
    found = with_verdict(found, "leakage", "contacts", FAILED)
    said = str(cx.trust.headline(analysis, found))
    assert "Failed: regression to mean (score); placebo (spend); leakage (contacts)." in said
    assert "that the answer rests on: contacts: leakage" in str(cx.trust.how_far(analysis, found))


def test_the_line_under_the_answer_counts_over_every_outcome_with_money(analysis, checks):
    money = ("spend", "retained", "contacts", "returns", "score")
    kinds = [check.verdict for check in checks.checks if check.outcome in money]
    said = str(cx.trust.headline(analysis, checks))
    assert said.startswith(
        f"Of {len(kinds)} checks on spend, retained, contacts, returns and the score, "
        f"{kinds.count('failed')} failed, {kinds.count('warning')} came back with a warning, "
        f"{kinds.count('passed')} passed and {kinds.count('not possible')} could not be made."
    )
    assert len(kinds) == 4 * 8 + 1


def with_within(analysis, value, p_value):
    """Return the analysis with another gap in spend within customers."""
    within = analysis.within["spend"]
    other = replace(within.estimate, estimate=value)
    difference = replace(within.difference, p_value=p_value)
    changed = replace(within, estimate=other, difference=difference)
    return replace(analysis, within={"spend": changed})


def test_the_line_under_the_answer_tells_of_a_gap_that_contradicts(analysis, checks):
    against = with_within(analysis, -5.0, 0.001)
    told = "from wave to wave their spend changes by EUR -5 with their group"
    for said in (cx.trust.headline(against, checks), cx.trust.how_far(against, checks)):
        assert told in str(said)
        assert "p = 0.001" in str(said)
    assert str(cx.trust.headline(against, checks)).endswith("See how far to trust this.")
    for calm in (with_within(analysis, -5.0, 0.2), analysis):
        assert "from wave to wave" not in str(cx.trust.headline(calm, checks))
        assert "from wave to wave" not in str(cx.trust.how_far(calm, checks))
