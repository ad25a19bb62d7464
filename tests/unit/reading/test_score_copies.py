"""Outcomes, baselines and controls that are the score under another name are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cxroi as cx

SCORES = np.array([0, 3, 7, 8, 9, 10] * 4)
OTHER = np.array([5.0, 1, 8, 2, 9, 4, 3, 7] * 3)
COPIES = {
    "the same": SCORES,
    "as texts": SCORES.astype(str),
    "in per cent": SCORES * 10.0,
    "from the other end": 10 - SCORES,
    "where it is known": np.where(SCORES == 3, np.nan, SCORES),
}


def read(columns: dict, role: str = "spend", kind: str = "amount") -> cx.Tables:
    outcome = {"column": "spend", "kind": kind}
    customers = {"customer": "id", "score": "nps"}
    study = {
        "study": {"name": "Flat"},
        "tables": {"customers": customers},
        "outcomes": {"columns": {"spend": outcome}},
    }
    if role == "before":
        outcome["baseline"] = "before"
    if role == "tenure":
        customers["attributes"] = ["tenure"]
        study["controls"] = {"columns": ["tenure"]}
    people = pd.DataFrame({"id": np.arange(24).astype(str), "nps": SCORES, "spend": OTHER})
    frames = {"customers": people.assign(**columns)}
    return cx.read_tables(cx.load_study(study), frames=frames)


@pytest.mark.parametrize(
    ("role", "how"),
    [*(("spend", how) for how in COPIES), ("before", "the same"), ("tenure", "in per cent")],
)
def test_copies_are_refused(role: str, how: str) -> None:
    with pytest.raises(cx.CxroiError, match=f"column '{role}' .* is the score 'nps' in another"):
        read({role: COPIES[how]}, role)


@pytest.mark.parametrize("kind", ["count", "rate"])
def test_of_any_kind(kind: str) -> None:
    values = SCORES / 10 if kind == "rate" else SCORES
    with pytest.raises(cx.CxroiError, match="the outcome 'spend', is the score"):
        read({"spend": values}, kind=kind)


@pytest.mark.parametrize(
    "values",
    [
        np.where(np.arange(24) == 5, 4.0, SCORES),  # one differs: the leakage check's business
        SCORES**2.0,
        np.where(np.arange(24) < 9, SCORES, np.nan),  # nine rows
        np.full(24, 9.0),
    ],
)
def test_what_is_no_copy_is_read(values: np.ndarray) -> None:
    assert read({"spend": values}).ledger.rows("customers", "read") == 24


def test_a_control_of_the_answers_is_no_copy_of_its_score() -> None:
    answers = pd.DataFrame(
        {"id": np.arange(24).astype(str), "nps": SCORES, "at": "2026-01-15", "again": SCORES}
    )
    orders = pd.DataFrame({"id": np.arange(24).astype(str), "at": "2026-01-20", "amount": OTHER})
    study = {
        "study": {"name": "Dated", "complete_until": pd.Timestamp("2026-06-30").date()},
        "tables": {
            "responses": {
                "customer": "id", "score": "nps", "answered_at": "at", "attributes": ["again"]
            },
            "orders": {"customer": "id", "ordered_at": "at", "amount": "amount"},
        },
        "windows": {"baseline_days": 30, "outcome_days": 30},
        "controls": {"columns": ["again"]},
    }  # fmt: skip
    frames = {"responses": answers, "orders": orders}
    with pytest.raises(cx.CxroiError, match=r"'again' of \[tables.responses\], a control, is the"):
        cx.read_tables(cx.load_study(study), frames=frames)


def test_a_control_of_texts_is_read() -> None:
    read({"tenure": ["old", "new"] * 12}, "tenure")


@pytest.mark.parametrize("name", ["nps", " nps "])
def test_the_column_of_the_score_is_refused_by_name(name: str) -> None:
    study = {
        "study": {"name": "Flat"},
        "tables": {"customers": {"customer": "id", "score": "nps", "attributes": [name]}},
        "outcomes": {"columns": {"spend": {"column": name, "kind": "amount"}}},
    }
    with pytest.raises(cx.CxroiError, match="which is the score; an outcome is"):
        cx.load_study(study)
    study["outcomes"]["columns"]["spend"] = {"column": "x", "kind": "amount", "baseline": name}
    study["controls"] = {"columns": [name]}
    with pytest.raises(cx.CxroiError, match="baseline of outcome") as caught:
        cx.load_study(study)
    assert f"[controls] names {name!r}, which is the score itself" in str(caught.value)
