"""What ended before it began is told of; what ended on the day on which it began is not."""

import datetime as dt

import pandas as pd
import pytest

import cxroi as cx

STUDY = {
    "study": {"name": "Tasks", "complete_until": dt.date(2026, 3, 31)},
    "tables": {
        "responses": {"customer": "who", "answered_at": "day", "score": "nps"},
        "tasks": {"customer": "who", "started_at": "begun", "completed_at": "done"},
    },
    "windows": {"baseline_days": 0, "outcome_days": 30},
}


@pytest.mark.parametrize(
    ("done", "wrong"),
    [
        (["2026-01-02 10:00", "2026-01-02 08:59", None, "2026-01-01 09:00"], 2),
        (["2026-01-02 10:00", "2026-01-02 09:00", None, "2026-01-03 09:00"], 0),
        (["2026-01-02", "2026-01-02", None, "2026-01-03"], 0),
    ],
)
def test_times_before_what_they_follow(done, wrong):
    who = ["a", "b", "c", "d"]
    frames = {
        "responses": pd.DataFrame({"who": who, "day": "2026-01-05", "nps": [9, 8, 3, 10]}),
        "tasks": pd.DataFrame({"who": who, "begun": "2026-01-02 09:00", "done": done}),
    }
    told = cx.read_tables(cx.load_study(STUDY), frames=frames, every=True).ledger.warnings
    said = [w for w in told if "have a time in" in w]
    assert [w.split(" rows")[0] for w in said] == [str(wrong)] * bool(wrong)
