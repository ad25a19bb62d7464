"""Whole studies whose waves are months, fiscal quarters, and rounds with names of their own."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import cxroi as cx

N = 150
ROLES = {"customer": "id", "score": "nps", "answered_at": "at"}
ORDERS = {"customer": "id", "ordered_at": "day", "amount": "amount"}


@pytest.fixture(scope="module")
def frames():
    """Answers of late 31 March and of 10 May in New York; a group spends 5 more than the last."""
    rng = np.random.default_rng(3)
    group, ids = rng.integers(0, 3, 2 * N), [f"c{i}" for i in range(N)]
    at = np.repeat(["2026-03-31T23:30:00-04:00", "2026-05-10T10:00:00-04:00"], N)
    answers = pd.DataFrame({"id": ids * 2, "nps": np.array([5, 8, 10])[group], "at": at})
    answers["round"] = np.repeat(["Round 9", "Round 10"], N)
    orders = pd.DataFrame({"id": ids * 2, "day": np.repeat(["2026-04-05", "2026-05-15"], N)})
    orders["amount"] = 20 + 5 * group + rng.gamma(2, 3, 2 * N)
    return {"responses": answers, "orders": orders}


@pytest.mark.parametrize(
    ("head", "wave", "said"),
    [
        ({"waves": "month"}, {}, "answers of 2026-03 to 2026-05;"),
        ({"fiscal_year_starts": 4}, {}, "answers of FY2026Q4 to FY2027Q1;"),
        ({}, {"wave": "round"}, "answers of Round 9 to Round 10;"),
    ],
)
def test_an_analysis_names_its_waves(frames, head, wave, said):
    study = cx.load_study(
        {
            "study": {"name": "E", "complete_until": dt.date(2026, 5, 22), **head},
            "tables": {"responses": {**ROLES, **wave}, "orders": ORDERS},
            "windows": {"baseline_days": 0, "outcome_days": 10},
            "outcomes": {"names": ["spend"]},
        }
    )
    panel = cx.build_panel(cx.read_tables(study, frames=frames))
    analysis = cx.analyse(panel)
    assert said in str(cx.sentences.scope(analysis))
    # By pandas: the difference of means, every order lying in the window of its answer.
    means = frames["orders"]["amount"].groupby(frames["responses"]["nps"]).mean()
    assert analysis.regressions["spend"].raw.estimate == pytest.approx(means[10] - means[8])
    assert "spend" in analysis.within
    moves = cx.count_moves(panel)
    first, second = (frames["responses"]["nps"][part] for part in (slice(N), slice(N, None)))
    share = (second.to_numpy()[first == 8] == 10).mean()
    assert moves.share_moved_evidence.estimate == pytest.approx(share)
