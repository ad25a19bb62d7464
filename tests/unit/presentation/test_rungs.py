"""Where rungs differ: what is said of it holds whichever way they came to differ."""

import numpy as np
import pandas as pd
import pytest

from cxroi.analysis import analyse
from cxroi.presentation.rungs import disagreements


def company(kind, n=3_000):
    """Promoters by segment or by tenure; a gap of 20 in segment a alone, or none and a curve."""
    rng = np.random.default_rng(1)
    tenure, chosen = rng.uniform(-2, 2, n), rng.random(n) < 0.5
    chance = np.where(chosen, 0.15, 0.6) if kind == "segment" else 0.15 + 0.15 * tenure**2
    promoter = rng.random(n) < chance
    gap = 20 * promoter * chosen if kind == "segment" else 10 * tenure**2
    return pd.DataFrame(
        {
            "score": np.where(promoter, 10.0, 7.0),
            "attr_segment": np.where(chosen, "a", "b"),
            "attr_tenure": tenure,
            "spend_after": 100 + gap + 15 * rng.normal(size=n),
        }
    )


@pytest.mark.parametrize("kind", ["segment", "curve"])
def test_a_gap_that_differs_by_segment_is_not_laid_to_curves_alone(panel_of, kind):
    """Lines hold a segment equal exactly: where the gap differs by it, they are not at fault."""
    panel = panel_of(company(kind), {"spend": "amount"}, controls=["segment", "tenure"])
    [said] = disagreements(analyse(panel), "spend")
    assert "straight lines, and one gap for all customers, do not fit" in said
    assert "not held equal" not in said


def test_rungs_that_agree_say_nothing(panel_of):
    frame = company("segment")
    noise = np.random.default_rng(2).normal(size=len(frame))
    frame["spend_after"] = 100 + 5 * frame["attr_tenure"] + noise
    panel = panel_of(frame, {"spend": "amount"}, controls=["segment", "tenure"])
    assert not [*disagreements(analyse(panel), "spend")]
