"""What was expected against what came: the gap is of pairs, by item."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import cxroi as cx
from cxroi.metrics.compute import compute


def stated(n=80, seed=2):
    rng = np.random.default_rng(seed)
    level = rng.normal(size=n)  # who expects much gets much: pairs are alike
    at = pd.Timestamp("2026-02-01") + pd.to_timedelta(np.arange(n), unit="h")
    came = {"speed": -1.0, "price": 0.0, "staff": 0.5}
    frames = [
        pd.DataFrame({"id": [f"c{i}" for i in range(n)], "at": at, "item": item}).assign(
            expected=6 + level, performance=6 + level + gap + 0.3 * rng.normal(size=n)
        )
        for item, gap in came.items()
    ]
    return pd.concat(frames, ignore_index=True)


def gaps(frame):
    event = {"customer": "id"}
    declared = {
        "study": {"name": "Shop", "complete_until": dt.date(2026, 6, 30)},
        "tables": {
            "responses": event | {"score": "nps", "answered_at": "at"},
            "expectations": event
            | {name: name for name in ("item", "expected", "performance")}
            | {"stated_at": "at"},
        },
        "windows": {"baseline_days": 90, "outcome_days": 90},
    }
    declared["tables"]["orders"] = event | {"ordered_at": "at", "amount": "nps"}
    answers = frame.drop_duplicates("id").assign(nps=9)[["id", "nps", "at"]]
    frames = {"expectations": frame, "responses": answers, "orders": answers}
    tables, _ = cx.read_for_metrics(cx.load_study(declared), frames=frames)
    return {m.part: m.estimate for m in compute(tables, ["expectation_gap"]).measured}


def test_the_gap_is_that_of_a_paired_test():
    frame = stated()
    found = gaps(frame)
    assert set(found) == {"speed", "price", "staff"}
    for item, estimate in found.items():
        rows = frame[frame["item"] == item]
        interval = stats.ttest_rel(rows["performance"], rows["expected"]).confidence_interval(0.95)
        assert estimate.estimate == pytest.approx((rows["performance"] - rows["expected"]).mean())
        assert (estimate.conf_low, estimate.conf_high) == pytest.approx(tuple(interval), abs=2e-3)
        assert estimate.n == 80


def test_answers_of_a_customer_are_one_unit():
    frame = stated()
    one, twice = (
        gaps(frame),
        gaps(pd.concat([frame, frame.assign(at=frame["at"] + dt.timedelta(1))])),
    )
    for item, estimate in twice.items():
        assert estimate.estimate == pytest.approx(one[item].estimate)
        assert estimate.std_error == pytest.approx(one[item].std_error)
