"""Scenarios side by side, in words."""

from types import SimpleNamespace

import pytest
from panels import make_study
from roi_by_hand import SHORT, make_roi, regression

import cxroi as cx
from cxroi.analysis import _scenarios

MORE = """
[scenarios.half]
title = "Half the cost"
cost_per_moved = 2.5
[scenarios.sure]
causal_share = 1
persistence = 0.5
[scenarios.seen]
horizon_months = 24
persistence = "observed"
"""


@pytest.fixture
def analysis(tmp_path):
    scenario = {**SHORT, "causal_share": [0.4, 0.5, 0.6]}
    gaps = {"spend": regression(100.0, 30.0, error=5.0), "retained": regression(0.8, 0.0)}
    roi = make_roi(tmp_path, gaps, scenario, draws=500, more=MORE)
    refusals = {}
    found = _scenarios(roi, refusals)
    study = roi.basis.study
    return SimpleNamespace(roi=roi, study=study, scenarios=found, refusals=refusals)


def test_each_says_what_it_changes_and_what_it_returns(analysis):
    table = cx.tables.scenarios(analysis).frame
    assert table["scenario"].tolist() == ["As planned", "Half the cost", "sure", "seen"]
    changed = table["what it changes"].tolist()
    assert changed[:3] == [
        "–",
        "cost per moved 5 → 2.5",
        "causal share 50.0 % (40.0 % to 60.0 %) → 100.0 %; persistence not declared → 50.0 %",
    ]
    # Half of a gap of 30 is worth 5.07 over two months; all of it 10.15.
    begins = [text.split(" (")[0] for text in table["ROI (90 % interval)"]]
    assert begins[:3] == ["1.5 %", "102.9 %", "102.9 %"]
    nets = [text.split(" (")[0] for text in table["net value (90 % interval)"]]
    assert nets[:3] == ["EUR 1", "EUR 51", "EUR 103"]


def test_one_that_is_not_possible_says_why_and_stops_no_other(analysis):
    row = cx.tables.scenarios(analysis).frame.iloc[3]
    assert row["ROI (90 % interval)"] == "–"
    assert "not possible" in row["what it changes"]
    assert "cannot be seen: the answers have no dates" in row["what it changes"]
    assert list(analysis.scenarios) == ["half", "sure"]


def test_where_there_is_nothing_to_set_side_by_side_it_says_so(tmp_path):
    roi = make_roi(tmp_path, {"spend": regression(100.0, 30.0)}, draws=200)
    alone = SimpleNamespace(roi=roi, study=roi.basis.study, scenarios={}, refusals={})
    assert "declares no scenario beside the plan" in str(cx.tables.scenarios(alone))
    none = SimpleNamespace(roi=None, study=make_study(tmp_path, {"spend": "amount"}))
    assert "There is no ROI" in str(cx.tables.scenarios(none))
