"""Outcomes beside comments: of several answers of a wave, those of the one that counts."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from journey_tables import stand

from cxroi.engine.spark_dialect import parsed
from cxroi.errors import ModelError
from cxroi.voice.afterwards import afterwards
from cxroi.voice.comments import answers_with_comments, read_comments


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """120 customers answer in May and in June; half of those of May have a comment, all of June."""
    day = pd.Timestamp("2025-05-10")
    may, june = (
        pd.DataFrame(
            {
                "customer": [f"c{k:03}" for k in range(120)],
                "answered_at": day + pd.Timedelta(days=31 * later),
                "score": np.arange(120) % 11,
                "comment": "said something" if later else ["said before", ""] * 60,
            }
        )
        for later in (0, 1)
    )
    answers = pd.concat([may, june], ignore_index=True)
    answers["row"] = range(240)
    answers["cluster"] = ["A"] * 2 + [None] * 118 + ["A"] * 2 + [None] * 118
    return stand(tmp_path_factory.mktemp("afterwards"), {"responses": answers})


OUTCOMES = pd.DataFrame(
    {
        "customer": [f"c{k:03}" for k in range(120)],
        "wave": pd.Categorical(["2025Q2"] * 120),
        "spend_after": np.arange(120.0),
        "spend_before": np.arange(120.0) + 1_000,
    }
)


def test_comments_come_with_account_wave_and_the_answers_without_one(tables):
    comments = read_comments(tables)
    assert (len(comments.answers), len(comments.texts)) == (240, 180)
    assert comments.waves == ("2025Q2",)
    assert comments.answers["answer"].iloc[comments.place].tolist()[:3] == [0, 2, 4]
    assert len(set(comments.units)) == 119  # c000 and c001 are of one account
    assert len(set(comments.customers)) == 120
    assert parsed(answers_with_comments(tables, comments.score)).sql("spark")


def test_what_followed_is_known_of_the_latest_answer_of_a_wave(tables):
    comments = read_comments(tables)
    after, before = afterwards(comments, OUTCOMES, tables.study)["spend"]
    assert np.isnan(after[:60]).all()  # May, for June counts
    assert after[60:].tolist() == list(range(120))
    assert before[60:].tolist() == [k + 1_000 for k in range(120)]
    first = replace(tables.study, answers="first")
    after, _ = afterwards(comments, OUTCOMES, first)["spend"]
    assert after[:60].tolist() == list(range(0, 120, 2))
    assert np.isnan(after[60:]).all()


def test_outcomes_of_other_answers_are_refused(tables):
    comments = read_comments(tables)
    assert afterwards(comments, None, tables.study) == {}
    with pytest.raises(ModelError, match="no column 'wave'"):
        afterwards(comments, OUTCOMES.drop(columns="wave"), tables.study)
    other = replace(comments, score=replace(comments.score, table="ratings"))
    with pytest.raises(ModelError, match=r"outcomes of responses .* comments of ratings"):
        afterwards(other, OUTCOMES, tables.study)
