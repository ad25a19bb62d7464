"""Tables for reading: every figure with the number of those it comes from, no note twice."""

import re
from dataclasses import replace

import pandas as pd
import pytest

import cxroi as cx
from cxroi.presentation import tables
from cxroi.study.scenario import Prior, Range

COMMON = "Value is counted for the first 60 days only."


@pytest.fixture(scope="module")
def analysis(demo_analysis):
    return demo_analysis


def test_the_ladder_counts_answers_and_those_who_changed_groups(analysis):
    table = cx.summaries.ladder(analysis).frame.set_index(["outcome", "compared"])
    users = analysis.panel.frame.assign(group=lambda rows: rows["group"].astype(str))
    pair = users[users["group"].isin(["passive", "promoter"])]
    assert table.loc[("spend", "raw"), "n"] == f"{pair['spend_after'].notna().sum():,}"
    both = pair.groupby("customer")["group"].nunique() == 2
    assert table.loc[("spend", "within customers"), "n"] == f"{both.sum():,}"
    assert table.loc[("retained", "within customers"), ["gap", "n"]].tolist() == ["–", "–"]


def test_intervals_have_a_column_of_their_own(analysis):
    for made in (tables.groups, tables.verdicts, tables.ladder, tables.gaps, tables.roi):
        for cell in (
            made(analysis).frame.drop(columns=["why", "note"], errors="ignore").to_numpy().flat
        ):
            assert not re.search(r"\d \(.* to ", str(cell)), cell


def test_verdicts_and_roi_say_how_many_answers_they_rest_on(analysis):
    verdicts = cx.summaries.verdicts(analysis).frame.set_index("outcome")
    assert verdicts.loc["spend", "n"] == f"{analysis.regressions['spend'].contrast.n:,}"
    assert set(cx.summaries.roi(analysis).frame["n"]) == {f"{analysis.roi['ratio'].n:,}"}
    refused = tuple(
        replace(v, contrast=None) if v.outcome == "spend" else v for v in analysis.verdicts
    )
    table = cx.summaries.verdicts(replace(analysis, verdicts=refused)).frame.set_index("outcome")
    assert table.loc["spend", "n"] == "–"


def test_what_limits_every_figure_of_a_roi_is_said_once(analysis):
    roi = analysis.roi
    estimates = tuple(replace(e, note=f"{e.note} {COMMON}".strip()) for e in roi.estimates)
    limited = replace(analysis, roi=replace(roi, estimates=estimates, notes=(COMMON, *roi.notes)))
    notes = cx.summaries.roi(limited).frame["note"].tolist()
    assert notes[0].endswith(f" %. {COMMON}")  # a sentence of its own
    assert notes[1:] == cx.summaries.roi(analysis).frame["note"].tolist()[1:]
    assert sum(COMMON in note for note in notes) == 1


def test_no_p_value_is_shown_as_zero(analysis):
    spend = analysis.comparisons["spend"]
    tiny = replace(spend, pairwise=spend.pairwise.assign(p_value=[0.0, 0.0123, None]))
    table = cx.summaries.pairs(replace(analysis, comparisons={"spend": tiny})).frame
    assert table["p_value"].tolist() == ["< 0.0001", "0.012", "–"]


def test_without_a_comparison_there_are_no_pairs(analysis):
    assert cx.summaries.pairs(replace(analysis, comparisons={})).frame.equals(pd.DataFrame())


def test_assumptions_say_how_long_effects_last_and_what_doubt_there_is(analysis):
    scenario = replace(
        analysis.study.scenario,
        causal_share=Prior(0.2, 0.5, 0.8, none=0.3),
        ramp_up_months=Range.of([1, 2, 6]),
    )

    def shown(persistence):
        study = replace(analysis.study, scenario=replace(scenario, persistence=persistence))
        found = tables.assumptions(
            replace(analysis, overview=replace(analysis.overview, study=study))
        ).frame
        return dict(found.itertuples(index=False, name=None))

    assumed = shown(Range.of(0.4))
    assert assumed["persistence"] == "40.0 %"
    assert assumed["causal share"].endswith("but with a probability of 30.0 % none")
    assert assumed["ramp up months"].startswith("2 (1 to 6) months")
    assert assumed["programme months"] == "0 months (default)"
    assert shown("observed")["persistence"] == "as observed"
    assert shown(None)["persistence"] == "not declared: all stay"


def test_key_numbers_of_the_first_window_are_called_so(analysis):
    whole = tables.key_numbers(analysis).tidy()["figure"].tolist()
    assert whole[:2] == ["ROI", "Net value"]
    cut = replace(analysis, roi=replace(analysis.roi, horizon_months=90 / (365.25 / 12)))
    assert tables.key_numbers(cut).tidy()["figure"].tolist()[:2] == [
        "ROI, first 3 months only",
        "Net value, first 3 months only",
    ]


def test_a_score_without_a_name_is_called_score(analysis):
    study = replace(analysis.study, scale=replace(analysis.study.scale, kind="custom"))
    study = replace(study, scale=replace(study.scale, metric="custom"))
    other = replace(analysis, overview=replace(analysis.overview, study=study))
    shown = [
        *cx.tables.key_numbers(other).tidy()["figure"],
        cx.plots.score_shares(other).alt,
        str(cx.sentences.method(other)),
    ]
    assert "Score" in shown
    assert shown[-2].startswith("Score is ")
    assert not any("custom " in text.lower() for text in shown)


def test_verdicts_are_as_the_checks_let_them_stand(analysis):
    checks = cx.run_checks(analysis, "leakage")
    table = cx.tables.verdicts(analysis, checks).frame.set_index("outcome")
    assert table.loc["spend", "verdict"] == "not shown to be useful"  # most checks were not run
    assert "not run: placebo" in table.loc["spend", "why"]
    alone = cx.tables.verdicts(analysis).frame.set_index("outcome")
    assert alone.loc["spend", "verdict"] == "useful, unchecked"


def test_key_numbers_and_the_funnel_count_the_same_answers(analysis):
    """4,560 matched answers make the score; 4,530 of them, in 'passive' 1,575, make the gaps."""
    count = {step.name: f"{step.count:,}" for step in analysis.overview.funnel.steps}
    score = next(
        about for label, *_, about in cx.tables.key_numbers(analysis).numbers if label == "NPS"
    )
    assert (
        score == f"95 %; {count['matched']} answers as given, {count['used']} of them used for gaps"
    )
    groups = cx.tables.groups(analysis).frame.set_index(["outcome", "group"])
    assert groups.loc[("spend", "passive"), "n"] == count["group"]
    assert f"; {count['used']} answers of " in str(cx.sentences.scope(analysis))
    entries = {e.name: e.estimate for e in analysis.estimates}
    assert entries["funnel.customers"] == analysis.panel.origin_customers
    assert entries["funnel.to_be_moved"] == pytest.approx(analysis.roi.moved)
