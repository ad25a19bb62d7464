"""The wave of an answer is held equal: a season in scores and outcomes is no effect."""

import numpy as np
import pandas as pd
import pytest
from engine_panels import in_engine

from cxroi.effects.adjusted import regress_outcome

WAVES = np.array(["2025Q2", "2025Q3", "2025Q4"])


def season(seed, n=1_500, more=15.0):
    """Answers of three quarters; in the last of them spend and promoters are more; no gap."""
    rng = np.random.default_rng(seed)
    wave = rng.integers(0, 3, n)
    promoter = rng.random(n) < np.array([0.35, 0.35, 0.6])[wave]
    spend = 60 + more * (wave == 2) + 15 * rng.normal(size=n)
    score = np.where(promoter, 10.0, 7.0)
    return pd.DataFrame({"score": score, "wave": WAVES[wave], "spend_after": spend})


def test_a_season_of_scores_and_spend_is_no_gap(panel_of):
    """Without the wave zero is rejected in 40 of 40 panels, at a gap of 3.5."""
    found = [regress_outcome(panel_of(season(s), {"spend": "amount"}), "spend") for s in range(40)]
    for rung in ("adjusted", "contrast"):
        ratios = [getattr(one, rung).statistic for one in found]
        assert np.mean(np.abs(ratios) > 1.96) <= 0.15
        assert abs(np.mean(ratios)) < 3 / np.sqrt(len(ratios))
    assert np.mean([one.raw.estimate for one in found]) > 3


def test_the_waves_are_columns_like_a_declared_category(panel_of):
    frame = season(1)
    declared = frame.assign(attr_quarter=frame["wave"], wave="all")
    own = regress_outcome(panel_of(frame, {"spend": "amount"}), "spend")
    by_hand = regress_outcome(
        panel_of(declared, {"spend": "amount"}, controls=["quarter"]), "spend"
    )
    for rung in ("adjusted", "contrast"):
        one, other = getattr(own, rung), getattr(by_hand, rung)
        assert one.estimate == pytest.approx(other.estimate, rel=1e-9)
        assert one.std_error == pytest.approx(other.std_error, rel=1e-9)


def test_one_wave_and_few_answers_make_no_column(panel_of):
    frame = season(1)
    alone = frame[frame["wave"] == WAVES[0]]
    assert regress_outcome(panel_of(alone, {"spend": "amount"}), "spend").controls == ()
    few = pd.concat([alone, frame[frame["wave"] == WAVES[1]].head(29)])
    assert regress_outcome(panel_of(few, {"spend": "amount"}), "spend").controls == ()


def test_an_engine_gives_the_same(panel_of):
    panel = panel_of(season(1), {"spend": "amount"})
    memory, engine = (regress_outcome(p, "spend") for p in (panel, in_engine(panel)))
    assert engine.controls == memory.controls
    assert engine.contrast.estimate == pytest.approx(memory.contrast.estimate, rel=1e-8)
    assert engine.contrast.std_error == pytest.approx(memory.contrast.std_error, rel=1e-8)
