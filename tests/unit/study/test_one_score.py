"""A study with several scores, and that of one of them."""

from dataclasses import replace

import pytest
from scored_studies import with_scores

from cxroi.errors import StudyError
from cxroi.study.declared import Source
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


@pytest.fixture
def study():
    import datetime as dt

    head = {**DATED["study"], "complete_until": dt.date(2026, 12, 31)}
    study = load_study({**DATED, "study": head})
    columns = {"customer": "who", "answered_at": "when", "phase": "phase"}
    return replace(study, sources={**study.sources, "ratings": Source("ratings", columns)})


def test_a_score_beside_the_first_in_the_same_table_changes_its_column_alone(study):
    one = with_score(with_scores(study, {"effort": CES}), "effort")
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


def test_a_score_of_ratings_takes_the_place_of_the_answers_with_its_own_days(study):
    several = with_scores(study, {"effort": CES}, "ratings")
    one = with_score(several, "effort")
    answers = one.sources["responses"]
    assert answers.name == "responses"
    assert answers.columns == {"customer": "who", "answered_at": "when", "score": "effort"}
    assert not one.own_waves  # the rounds were those of the other survey
    assert "invitations" not in one.sources
    assert table_of(several, "effort") == "ratings"
    assert table_of(several, "nps") == "responses"


def test_the_first_score_keeps_its_pair_and_its_table(study):
    several = with_scores(study, {"effort": CES})
    one = with_score(several, "nps")
    assert score_names(several) == ("nps", "effort")
    assert (one.origin, one.target) == ("detractor", "promoter")
    assert one.sources["responses"] == study.sources["responses"]
    assert one.sources["invitations"] == study.sources["invitations"]


@pytest.mark.parametrize(
    ("name", "scores", "table", "told"),
    [
        ("efort", {"effort": CES}, "", "there is no score 'efort'.*'effort'"),
        ("effort", {"effort": CES}, "customers", "of the table 'customers'.*have dates"),
        ("nps", {"nps": CES}, "", "has the name of the score of .scale."),
    ],
)
def test_what_cannot_be_is_refused_in_words(study, name, scores, table, told):
    with pytest.raises(StudyError, match=told):
        with_score(with_scores(study, scores, table), name)


@pytest.mark.parametrize("change", [{"controls": ("channel",)}, {"only": {"channel": ("web",)}}])
def test_what_is_held_equal_is_known_of_ratings_too(study, change):
    several = with_scores(replace(study, **change), {"effort": CES}, "ratings")
    with pytest.raises(StudyError, match="'channel' of responses.*attribute of customers"):
        with_score(several, "effort")
    ratings = replace(several.sources["ratings"], attributes=("channel",))
    again = replace(several, sources={**several.sources, "ratings": ratings})
    assert with_score(again, "effort").attributes["channel"] == "responses"


def test_a_flat_study_takes_scores_of_its_one_table():
    flat = load_study(
        {
            "study": {"name": "Flat", "currency": "EUR"},
            "tables": {"customers": {"customer": "id", "score": "nps"}},
            "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
        }
    )
    one = with_score(with_scores(flat, {"effort": CES}), "effort")
    assert one.sources["customers"].columns == {"customer": "id", "score": "effort"}
    with pytest.raises(StudyError, match=r"of the table 'ratings'.*scores of customers"):
        with_score(with_scores(flat, {"effort": CES}, "ratings"), "effort")
