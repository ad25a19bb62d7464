"""Themes of a company whose comments are known, and what must never come out of them."""

import importlib.util
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from journey_tables import stand
from voice_phrases import THEMES
from voice_study import company, matched, rand_index, truth

from cxroi.errors import ModelError, ParameterError, ScarceDataError, StudyError
from cxroi.presentation import voice as shown
from cxroi.study.voice import VoiceSettings
from cxroi.voice import find_themes
from cxroi.voice.comments import read_comments

SECRETS = ("Zwickl", "xaver", "5551234", "998877", "Lindenstr", "DE89", "Quirrenbach")
PRIVATE = (
    "Mein Name ist Xaver Zwickl, xaver@zwickl.example, 0171 5551234, Bestellung 998877, "
    "Lindenstraße 77, DE89 3704 0044 0532 0130 00"
)
LEFT, MISREAD = 40, 30


@pytest.fixture(scope="module")
def planted():
    """A company; private data in the first comments, who left in the next, who misread then."""
    one = company(3, 1_000, ("de", "pt"))
    answers = one.frames["responses"]
    for row in range(30):
        answers.loc[row, "comment"] += f". {PRIVATE}"
    for row in range(30, 34):  # four customers name one whom no word gives away
        answers.loc[row, "comment"] += ". Quirrenbach weiß davon"
    german = np.flatnonzero(one.language == "de")
    for row in german[german >= 100][:LEFT]:
        answers.loc[row, "comment"] += ". Ich habe gekündigt"
    return one


@pytest.fixture(scope="module")
def tables(planted, tmp_path_factory):
    return stand(tmp_path_factory.mktemp("voice"), planted.frames, "[voice]\nquotes = true\n")


@pytest.fixture(scope="module")
def found(planted, tables):
    spend = np.random.default_rng(1).gamma(2, 50, len(planted.outcomes))
    spend -= 30 * planted.about[:, THEMES.index("late")]
    return find_themes(tables, outcomes=planted.outcomes.assign(spend_after=spend))


def test_planted_themes_are_found_in_both_languages(planted, found):
    assert rand_index(planted, found) > 0.85
    names = [theme.name for theme in found.themes]
    assert {"late", "staff", "app", "price", "clean"} <= set(names)
    of = {name: theme for name, (theme, _) in matched(planted, found).items()}
    assert of == {name: name for name in THEMES}
    app = next(theme for theme in found.themes if theme.name == "app")
    assert "aplicativo" in app.words["pt"]
    assert app.title == "Website or app"
    spoken = dict(zip(*np.unique(planted.language, return_counts=True), strict=True))
    assert found.languages.keys() == spoken.keys()
    assert all(abs(found.languages[code] - n) < 0.03 * n for code, n in spoken.items())


def test_effects_on_score_and_churn_hold_what_was_planted(found):
    real = truth()
    by_name = {theme.name: theme for theme in found.themes}
    for name, (score, lost) in real.items():
        for effect, true in (
            (by_name[name].score_effect, score),
            (by_name[name].outcomes["churned"], lost),
        ):
            assert abs(effect.estimate - true) < 3 * effect.std_error
    assert by_name["late"].score_effect.p_value < 0.001
    assert by_name["clean"].score_effect.p_value > 0.05


def test_money_is_at_stake_where_an_outcome_is_money(found):
    late = next(theme for theme in found.themes if theme.name == "late")
    assert set(late.stakes) == {"spend"}
    effect, stake = late.outcomes["spend"], late.stakes["spend"]
    assert effect.conf_low < -30 < effect.conf_high
    people = stake.estimate / (late.share.estimate * effect.estimate)
    assert people == pytest.approx(round(people))
    assert stake.conf_low < stake.estimate < stake.conf_high < 0


def test_comments_that_report_the_outcome_are_counted_and_left_out(found):
    assert found.frame["reports"].sum() == LEFT
    assert found.reports.estimate == pytest.approx(LEFT / len(found.frame))
    assert found.themes[0].score_effect.n == len(found.frame) - LEFT


def test_who_gainsays_the_score_is_counted_and_the_score_shown_without(planted, tables, found):
    answers = planted.frames["responses"].copy()
    late = planted.about[:, 0] & (planted.about.sum(1) == 1)
    price = planted.about[:, 3] & (planted.about.sum(1) == 1)
    rng = np.random.default_rng(2)
    answers["score"] = np.where(late, 1, np.where(price, 10, 8)) + rng.integers(-1, 1, len(late))
    turned = np.flatnonzero(late)[:MISREAD]
    answers.loc[turned, "score"] = 10
    voice = find_themes(replace_responses(tables, answers))
    share, every, without, change = voice.misread
    named = set(voice.frame.loc[voice.frame["misread"], "answer"])
    # The rule counts who sounds as the middle of the worst group, or worse: about half of them.
    assert 0.25 * MISREAD < len(named & set(turned)) > 0.7 * len(named)
    assert share.estimate == pytest.approx(len(named) / len(answers))
    worth = np.select([answers["score"] >= 9, answers["score"] < 7], [100, -100])
    assert every.estimate == pytest.approx(worth.mean())
    assert without.estimate == pytest.approx(worth[~answers["row"].isin(named)].mean())
    assert change.estimate == pytest.approx(without.estimate - every.estimate)
    assert "the scale the wrong way round" in str(shown.overview(voice))
    # Of so few comments themes are learned without the scores: they are the same again.
    pd.testing.assert_frame_equal(voice.theme_frame, found.theme_frame)


def replace_responses(tables, frame):
    tables.engine.connection.register("others", frame.astype({"comment": object}))
    tables.engine.connection.execute("CREATE OR REPLACE TABLE clean_others AS FROM others")

    class Other(type(tables)):
        def relation(self, role):
            return "clean_others"

    return Other(tables.study, tables.engine)


def test_no_private_word_is_kept_or_shown(found, tables, planted):
    said = "".join(planted.frames["responses"]["comment"])
    assert all(secret.lower() in said.lower() for secret in SECRETS)
    pages = [
        repr(found),
        *(repr(make(found)) for make in (shown.overview, shown.themes, shown.waves)),
        *(repr(make(found)) for make in (shown.quotes, shown.effects)),
        repr(shown.outcomes(found, "EUR")),
        shown.effects(found).html,
        found.frame.to_csv(),
        str([one.as_dict() for one in found.estimates]),
        pickle.dumps(found).decode("latin-1"),
    ]
    for secret in SECRETS:
        assert not [page for page in pages if secret.lower() in page.lower()]


def test_quotes_are_shown_on_request_alone(found, tables):
    quotes = [quote for theme in found.themes for quote in theme.quotes]
    assert quotes
    assert not any(letter.isdigit() for quote in quotes for letter in quote)
    silent = replace(tables, study=replace(tables.study, voice=VoiceSettings()))
    assert read_comments(silent).texts == read_comments(tables).texts
    assert not any(kind == "O" for kind in map(str, found.frame.drop(columns="language").dtypes))
    assert "does not ask" in str(shown.quotes(replace(found, themes=())))


def test_what_is_shown_is_in_words(found):
    table = shown.themes(found).frame
    late = table[table["theme"] == "Late or slow"].iloc[0]
    assert late["beyond chance"] == "yes (p < 0.0001)"
    assert "German: " in late["typical words"]
    overview = str(shown.overview(found))
    assert "comments were read: German" in overview
    assert f"{100 * LEFT / len(found.frame):.1f} % of the comments report" in overview
    assert len(shown.waves(found).frame.columns) == 5  # the theme, and four quarters
    assert shown.effects(found).claim == "What goes with the score"
    money = shown.outcomes(found, "EUR").frame
    assert money["over all who wrote"].str.startswith("EUR").sum() >= len(THEMES)


def test_refusals_say_what_is_missing(tables, planted, tmp_path, monkeypatch):
    with pytest.raises(ModelError, match="no column 'customer'"):
        find_themes(tables, outcomes=pd.DataFrame({"spend_after": [1.0]}))
    few = stand(tmp_path, {"responses": planted.frames["responses"].head(60)})
    with pytest.raises(ScarceDataError, match="60 comments beside the score"):
        find_themes(few)
    silent = planted.frames["responses"].drop(columns="comment")
    with pytest.raises(StudyError, match=r"\[tables.responses\] has no comment"):
        find_themes(stand(tmp_path, {"responses": silent}))
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "py3langid" else find(name)
    )
    with pytest.raises(ParameterError, match=r"py3langid is not installed.*cxroi\[voice\]"):
        find_themes(tables)
