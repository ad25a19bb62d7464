"""Segments in the light of one another: gaps, moves, ROI; what is small takes no part."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.errors import ModelError
from cxroi.levers.whom import pooled_segments as module
from cxroi.levers.whom.pooled_segments import pooled_segments
from cxroi.levers.whom.random_effects import draw_together
from cxroi.presentation import targeting as shown
from cxroi.value.segments import by_segment

SIZES = {"north": 300, "south": 300, "west": 90, "tiny": 20}
STUDY = {
    "study": {"name": "Shop", "currency": "EUR", "by": ["region"]},
    "tables": {"customers": {"customer": "id", "score": "score", "attributes": ["region"]}},
    "scale": {"kind": "nps", "maximum_unused": True},
    "outcomes": {"columns": {"spend": {"column": "spend", "kind": "amount"}}},
    "windows": {"outcome_days": 90},
    "scenario": {
        "from": "passive", "to": "promoter", "share_moved": 0.1, "cost_per_moved": 10.0,
        "gross_margin": 1.0, "causal_share": 1.0, "horizon_months": 3.0,
    },
    "analysis": {"draws": 400},
}  # fmt: skip
MOVES = pd.DataFrame(
    {
        "segment": np.repeat(["north", "south", "west"], 2),
        "to": ["promoter", "passive"] * 3,
        "share": [0.2, 0.8, 0.3, 0.7, 0.4, 0.6],
        "conf_low": [0.15, 0.7, 0.25, 0.6, 0.2, 0.4],
        "conf_high": [0.25, 0.9, 0.35, 0.8, 0.64, 0.8],
        "n": [240, 240, 250, 250, 25, 25],
    }
)


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(6)
    region = np.repeat(list(SIZES), list(SIZES.values()))
    promoter = rng.random(len(region)) < 0.5
    gap = pd.Series(region).map({"north": 20.0, "south": 20.0, "west": 45.0, "tiny": 0.0})
    frame = pd.DataFrame(
        {
            "id": np.arange(len(region)),
            "region": region,
            "score": np.where(promoter, 9, 8),
            "spend": np.round(60 + promoter * gap + rng.normal(0, 30, len(region)), 2),
        }
    )
    study = cx.load_study(STUDY)
    panel = cx.build_panel(cx.read_tables(study, frames={"customers": frame}))
    analysis = SimpleNamespace(
        study=study, panel=panel, segments=by_segment(panel), regressions={"spend": None}
    )
    patch = pytest.MonkeyPatch()
    patch.setattr(module, "count_moves", lambda *_: SimpleNamespace(by_segment=MOVES))
    yield analysis, pooled_segments(analysis)
    patch.undo()


def figure(found, name):
    return next(one for one in found[1].figures if one.figure == name)


def test_gaps_are_drawn_together_and_stand_beside_those_alone(found):
    gaps = figure(found, "contrast.spend")
    assert set(gaps.levels) == {"north", "south", "west"}
    assert "tiny" not in str([e.name for e in found[1].estimates])
    alone = [e.estimate for e in gaps.alone]
    by_hand = draw_together(alone, [e.std_error for e in gaps.alone])
    assert [e.estimate for e in gaps.pooled] == pytest.approx(by_hand.values)
    assert [e.conf_low for e in gaps.pooled] == pytest.approx(by_hand.lows)
    west = gaps.levels.index("west")
    assert gaps.pooled[west].estimate < alone[west]
    assert gaps.pooled[0].name == f"segment.region.{gaps.levels[0]}.contrast.spend.pooled"
    assert gaps.pooled[0].unit == gaps.alone[0].unit
    assert gaps.spread.name == "segment.region.spread.contrast.spend"
    assert gaps.differ.name == "segment.region.heterogeneity.spend"  # as an analysis has it
    assert gaps.differ.name not in {e.name for e in found[1].estimates}


def test_a_roi_is_made_again_with_the_gaps_drawn_together(found):
    """One window at margin 1: the value is the gap, so the ROI is the gap over 10, less 1."""
    roi, gaps = figure(found, "roi.ratio"), figure(found, "contrast.spend")
    for level, ratio in zip(roi.levels, roi.pooled, strict=True):
        gap = gaps.pooled[gaps.levels.index(level)]
        assert ratio.estimate == pytest.approx(gap.estimate / 10 - 1, rel=0.02)
        assert ratio.name == f"segment.region.{level}.roi.ratio.pooled"
        width = (gap.conf_high - gap.conf_low) / 10 * 1.645 / 1.96
        assert ratio.conf_high - ratio.conf_low == pytest.approx(width, rel=0.2)


def test_shares_that_move_are_drawn_together_on_log_odds(found):
    moves = figure(found, "moves.passive.promoter")
    shares = [e.estimate for e in moves.pooled]
    assert moves.levels == ("north", "south", "west")
    assert 0.2 < shares[0] < shares[1] < 0.3 + 0.02
    assert shares[2] < 0.35  # of 25 answers, drawn furthest
    assert all(0 < e.conf_low < e.estimate < e.conf_high < 1 for e in moves.pooled)
    assert moves.differ.name == "segment.region.heterogeneity.moves.passive.promoter"
    names = [e.name for e in found[1].estimates]
    assert "segment.region.south.moves.passive.promoter" in names
    assert len(set(names)) == len(names)


def test_a_study_without_moves_keeps_the_rest(found, monkeypatch):
    def refuse(*_):
        raise ModelError("a single wave")

    monkeypatch.setattr(module, "count_moves", refuse)
    monkeypatch.setattr(module, "_returns", lambda *_: None)
    again = pooled_segments(found[0])
    assert list(again.refusals) == ["region.moves"]
    assert [one.figure for one in again.figures] == ["contrast.spend"]


def test_the_table_has_both_and_sentences_say_how_far_segments_differ(found):
    table = shown.pooled(found[1]).frame
    assert len(table) == 9
    assert set(table["figure"]) == {
        "gap in spend", "share of passive that becomes promoter without a programme", "ROI",
    }  # fmt: skip
    said = str(shown.segments_spread(found[1]))
    assert "Gap in spend differs by region by" in said
    assert "log odds" in said
    assert len(found[1].tidy()) == len(found[1].estimates)
    nothing = pooled_segments(SimpleNamespace(segments=(), study=found[0].study, regressions={}))
    assert "No attribute" in str(shown.pooled(nothing))
