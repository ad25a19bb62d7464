"""What is said of comments, each cell and sentence from figures given by hand."""

from dataclasses import replace

import pandas as pd
import pytest

from cxroi.presentation import voice as shown
from cxroi.results.estimate import Estimate
from cxroi.voice.theme import Theme, Voice


def estimate(value, low, high, unit="share of comments", **more):
    return Estimate("x", value, low, high, 0.1, unit, 500, "", **more)


UNTOLD = Estimate("x", None, None, None, None, "scale points", 0, "", note="Not told: few.")
THEME = Theme(
    name="late",
    title="Late or slow",
    words={"en": ("late", "delayed")},
    agreement=0.9,
    n=125,
    share=estimate(0.25, 0.2, 0.3),
    trend=estimate(0.012, 0.01, 0.014),
    waves=(),
    score_effect=estimate(-1.5, -2.0, -1.0, "scale points", p_value=0.002),
)
VOICE = Voice(
    score="nps",
    table="responses",
    themes=(THEME, replace(THEME, name="en_x", title="x (English)", score_effect=UNTOLD)),
    tone=estimate(0.6, 0.5, 0.7, "correlation"),
    languages={"en": 500},
    reports=estimate(0.0, 0.0, 0.01),
    misread=(replace(UNTOLD, note="Not told: too few."),),
    frame=pd.DataFrame({"answer": [1], "x_late": [1.0]}),
    notes=("English: a note.",),
)


def test_one_language_no_report_and_no_verdict_on_scales():
    said = shown.overview(VOICE).sentences
    assert said[0] == "500 comments were read, in English."
    assert "correlation 0.60 (0.50 to 0.70)" in said[1]
    assert said[2:] == (
        "Whether comments contradict their scores: not told: too few.",
        "English: a note.",
    )


def test_contradictions_are_said_with_the_score_without_them():
    points = [
        estimate(v, v - 1, v + 1, "NPS points", contrast=c)
        for v, c in ((30.0, ""), (31.0, ""), (1.0, "without - all"))
    ]
    voice = replace(VOICE, misread=(estimate(0.02, 0.01, 0.03), *points))
    said = shown.overview(voice).sentences[2]
    assert said.startswith("At least 2.0 % of the comments (1.0 % to 3.0 %) contradict")
    assert said.endswith("31.0 in place of 30.0 NPS points: a change of 1.0 (0.0 to 2.0).")
    none = replace(voice, misread=(estimate(0.0, 0.0, 0.01), *points))
    assert shown.overview(none).sentences[2] == "No comment contradicts its score."


def test_themes_are_told_with_intervals_and_chance():
    late, untold = shown.themes(VOICE).frame.to_dict("records")
    assert list(late.values()) == [
        *("Late or slow", "late, delayed", "125", "25.0 %", "20.0 % to 30.0 %", "1.2 points"),
        *("-1.50", "-2.00 to -1.00", "yes (p = 0.002)"),
    ]
    assert list(untold.values())[-3:] == ["–", "–", "cannot tell"]
    assert "That is an association" in repr(shown.themes(VOICE))


def test_money_stands_beside_an_outcome_that_is_money():
    spend = estimate(-20.0, -30.0, -10.0, "EUR per customer in 90 days", p_value=0.2, contrast="a")
    stake = estimate(-2_500.0, -4_000.0, -1_000.0, "EUR")
    theme = replace(THEME, outcomes={"spend": spend}, stakes={"spend": stake})
    [row] = shown.outcomes(replace(VOICE, themes=(theme,)), "EUR").frame.to_dict("records")
    assert list(row.values()) == [
        *("Late or slow", "spend", "EUR -20", "EUR -30 to EUR -10"),
        *("EUR per customer in 90 days", "no (p = 0.2)", "EUR -2,500", "EUR -4,000 to EUR -1,000"),
    ]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (shown.themes, "No theme was found"),
        (shown.effects, "No theme was found"),
        (shown.waves, "A single wave"),
        (shown.quotes, "does not ask for quotes"),
        (lambda voice: shown.outcomes(voice, "EUR"), "not set against what they wrote"),
    ],
)
def test_where_there_is_nothing_it_is_said(make, said):
    assert said in str(make(replace(VOICE, themes=())))


def test_the_picture_has_every_value_in_words_and_leaves_out_what_is_not_told():
    picture = shown.effects(VOICE)
    assert picture.values == "With 95 % intervals. Late or slow -1.50."
    assert picture.svg.count("Late or slow") >= 1
