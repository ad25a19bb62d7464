"""A study with several scores, and that of one of them."""

import datetime as dt
from dataclasses import replace

import pytest

from cxroi.errors import StudyError
from cxroi.study.loading import load_study
from cxroi.study.one_score import score_names, table_of, with_score

CES = {"kind": "ces", "better": "lower"}
DATED = {
    "study": {"name": "Shop", "currency": "EUR", "complete_until": "2026-12-31", "by": ["region"]},
    "tables": {
        "customers": {"customer": "id", "attributes": ["region"]},
        "responses": {
            "customer": "id",
            "score": "nps",
            "answered_at": "day",
            "wave": "round",
            "attributes": ["channel"],
        },
        "orders": {"customer": "id", "ordered_at": "day", "amount": "amount"},
        "invitations": {"customer": "id", "wave": "round"},
    },
    "pair": {"from": "detractor", "to": "promoter"},
    "windows": {"baseline_days": 30, "outcome_days": 60},
}


def study_with(scores=None, tables=None):
    head = {**DATED["study"], "complete_until": dt.date(2026, 12, 31)}
    table = {"customer": "who", "answered_at": "when", "phase": "phase"}
    tables = {**DATED["tables"], "ratings": table, **(tables or {})}
    scores = scores or {"effort": {**CES, "table": "responses"}}
    return load_study({**DATED, "study": head, "tables": tables, "scores": scores})


OF_RATINGS = {"effort": CES}


def test_a_score_beside_the_first_in_the_same_table_changes_its_column_alone():
    study = study_with()
    one = with_score(study, "effort")
    assert one.scale.metric == "effort"
    assert (one.origin, one.target) == ("neutral", "easy")
    assert one.sources["responses"].columns == {
        "customer": "id",
        "score": "effort",
        "answered_at": "day",
        "wave": "round",
    }
    assert one.sources["orders"] == study.sources["orders"]
    assert (one.scenario, one.by) == (None, ())
    assert one.outcomes == study.outcomes


def test_a_score_of_ratings_takes_the_place_of_the_answers_with_its_own_days():
    several = study_with(OF_RATINGS)
    one = with_score(several, "effort")
    answers = one.sources["responses"]
    assert answers.name == "responses"
    assert answers.columns == {"customer": "who", "answered_at": "when", "score": "effort"}
    assert not one.own_waves  # the rounds were those of the other survey
    assert not {"invitations", "ratings"} & one.sources.keys()
    assert table_of(several, "effort") == "ratings"
    asked = {"rating_invitations": {"customer": "who", "invited_at": "asked", "channel": "by"}}
    one = with_score(study_with(OF_RATINGS, tables=asked), "effort")
    assert one.sources["invitations"].columns == {"customer": "who", "invited_at": "asked"}
    assert table_of(several, "nps") == "responses"


def test_the_first_score_keeps_its_pair_and_its_table():
    several = study_with()
    one = with_score(several, "nps")
    assert score_names(several) == ("nps", "effort")
    assert (one.origin, one.target) == ("detractor", "promoter")
    assert one.sources["responses"].columns == several.sources["responses"].columns
    assert one.sources["invitations"] == several.sources["invitations"]


@pytest.mark.parametrize(
    ("name", "scores", "told"),
    [
        ("efort", {"effort": CES}, "there is no score 'efort'.*'effort'"),
        ("effort", {"effort": {**CES, "table": "customers"}}, "table 'customers'.*have dates"),
        ("nps", {"nps": {"kind": "csat"}}, "has the name of the score of .scale."),
    ],
)
def test_what_cannot_be_is_refused_in_words(name, scores, told):
    with pytest.raises(StudyError, match=told):
        with_score(study_with(scores), name)


@pytest.mark.parametrize("change", [{"controls": ("channel",)}, {"only": {"channel": ("web",)}}])
def test_what_is_held_equal_is_known_of_ratings_too(change):
    several = replace(study_with(OF_RATINGS), **change)
    with pytest.raises(StudyError, match=r"'channel' of responses.*attribute of customers"):
        with_score(several, "effort")
    ratings = replace(several.sources["ratings"], attributes=("channel",))
    again = replace(several, sources={**several.sources, "ratings": ratings})
    assert with_score(again, "effort").attributes["channel"] == "responses"


@pytest.mark.parametrize("key", ["cluster", "weight"])
def test_accounts_and_weights_of_one_survey_alone_are_refused_for_the_other(key):
    answers = {**DATED["tables"]["responses"], key: "column"}
    with pytest.raises(StudyError, match=f"Declare {key} in .tables.customers."):
        with_score(study_with(OF_RATINGS, tables={"responses": answers}), "effort")
    people = {**DATED["tables"]["customers"], key: "column"}
    one = with_score(study_with(OF_RATINGS, tables={"customers": people}), "effort")
    assert one.sources["customers"].columns[key] == "column"


def test_a_flat_study_takes_scores_of_its_one_table():
    flat = load_study(
        {
            "study": {"name": "Flat", "currency": "EUR"},
            "tables": {
                "customers": {"customer": "id", "score": "nps"},
                "ratings": {"customer": "id", "answered_at": "day"},
            },
            "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
            "scores": {"effort": {**CES, "table": "customers"}, "ease": CES},
        }
    )
    one = with_score(flat, "effort")
    assert one.sources["customers"].columns == {"customer": "id", "score": "effort"}
    with pytest.raises(StudyError, match=r"of the table 'ratings'.*scores of customers"):
        with_score(flat, "ease")
