"""Churn by cancellation: renewals, and cancellations on the day of the answer."""

import numpy as np
import pandas as pd
import pytest

import cxroi as cx

STUDY = """
[study]
name = "Club"
complete_until = 2026-12-31
[tables.responses]
path = "responses.csv"
customer = "id"
score = "nps"
answered_at = "at"
[tables.subscriptions]
path = "subscriptions.csv"
customer = "id"
started_at = "from"
cancelled_at = "to"
[windows]
baseline_days = 90
outcome_days = 90
"""
N = 300


@pytest.fixture
def churned(tmp_path):
    """Share of customers that a panel takes for churned, by what their subscriptions say."""

    def make(rows, answered="2026-06-01 09:00:00"):
        ids = [f"S{i}" for i in range(N)]
        scores = np.resize(np.arange(11), N)
        pd.DataFrame({"id": ids, "nps": scores, "at": answered}).to_csv(
            tmp_path / "responses.csv", index=False
        )
        tables = [pd.DataFrame({"id": ids, "from": start, "to": end}) for start, end in rows]
        pd.concat(tables).to_csv(tmp_path / "subscriptions.csv", index=False)
        (tmp_path / "study.toml").write_text(STUDY)
        return cx.build_panel(cx.read_tables(cx.load_study(tmp_path / "study.toml")))

    return make


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("2026-01-01", "2026-07-01")], 1.0),
        ([("2026-01-01", "2026-07-01"), ("2026-07-01", None)], 0.0),  # renewed the same day
        ([("2026-01-01", "2026-07-01"), ("2026-07-25", None)], 0.0),  # within 30 days
        ([("2026-01-01", "2026-07-01"), ("2026-08-15", None)], 1.0),  # a new start, later
        ([("2026-01-01", "2026-07-01"), ("2026-05-01", None)], 0.0),  # another one goes on
        ([("2026-01-01", "2026-07-01"), ("2026-07-02", "2026-08-01")], 1.0),  # ends all the same
    ],
)
def test_a_renewal_is_no_churn(churned, rows, expected):
    panel = churned(rows)
    assert (panel.frame["churned_after"] == expected).all()
    assert len(panel.frame) == N
    assert panel.ledger.unaccounted("subscriptions") == 0


def test_a_cancellation_on_the_day_of_a_dated_answer_is_not_taken_for_a_prediction(churned):
    with pytest.raises(cx.CxroiError, match="given after the customer had churned"):
        churned([("2026-01-01", "2026-06-01 10:00:00")], answered="2026-06-01")
    kept = churned([("2026-01-01", "2026-06-02 10:00:00")], answered="2026-06-01")
    assert (kept.frame["churned_after"] == 1).all()


@pytest.mark.parametrize("time", ["", " 00:00:00", " 23:59:00"])
def test_the_last_day_of_a_window_must_be_complete(churned, time):
    """2 October plus 90 days is 31 December, the last complete day; 3 October is one too late."""
    always = [("2026-01-01", None)]
    assert len(churned(always, answered=f"2026-10-02{time}").frame) == N
    with pytest.raises(cx.CxroiError, match="answers count up to 2026-10-02"):
        churned(always, answered=f"2026-10-03{time}")
