import numpy as np
import pandas as pd
import pytest

from cxroi.analysis import analyse
from cxroi.checking.overlap import overlap_check
from cxroi.errors import ModelError


def analysis_of(panel_of, pull, n=4_000):
    """Promoters by a logit of tenure with this slope; spend on tenure."""
    rng = np.random.default_rng(1)
    tenure = rng.uniform(-2, 2, n)
    promoter = rng.random(n) < 1 / (1 + np.exp(-pull * tenure))
    frame = pd.DataFrame({"score": np.where(promoter, 10.0, 7.0), "attr_tenure": tenure})
    frame["spend_after"] = 10 + tenure + rng.normal(size=n)
    return analyse(panel_of(frame, {"spend": "amount"}, controls=["tenure"]))


def test_quiet_where_groups_are_alike(panel_of):
    check = overlap_check(analysis_of(panel_of, 0.3), "spend")
    assert check.verdict == "passed"
    assert check.estimate.estimate < 0.01


def test_fires_where_they_are_not(panel_of):
    """By hand: of passives, those with a chance under 5 %, that is tenure under -logit(.95)/4."""
    analysis = analysis_of(panel_of, 4.0)
    check = overlap_check(analysis, "spend")
    frame = analysis.panel.frame
    tenure = frame.loc[frame["score"] == 7, "attr_tenure"]
    assert check.verdict == "failed"
    assert check.estimate.estimate == pytest.approx((tenure < -2.944 / 4).mean(), abs=0.03)
    assert "the model's word alone" in check.sentence
    assert check.entry.name == "check.overlap.spend"
    assert check.entry.note.startswith("failed: ")


def test_weighting_brings_the_controls_together(panel_of):
    table = overlap_check(analysis_of(panel_of, 1.0), "spend").table.set_index("control")
    row = table.loc["tenure (per SD)"]
    assert abs(row["difference_before"]) > 0.5
    assert abs(row["difference_after"]) < 0.05


def test_says_why_there_is_none(panel_of):
    analysis = analysis_of(panel_of, 0.3)
    with pytest.raises(ModelError, match="no adjusted contrast"):
        overlap_check(analysis, "contacts")
