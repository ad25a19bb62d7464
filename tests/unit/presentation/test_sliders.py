"""Sliders: moved, they show the return there."""

import sys
from functools import partial
from types import SimpleNamespace

import pytest
from roi_by_hand import SHORT, make_roi, regression

import cxroi as cx
from cxroi.errors import ModelError, ParameterError

GAP = {"spend": regression(100.0, 30.0, error=5.0)}


@pytest.fixture
def roi(tmp_path):
    scenario = {**SHORT, "causal_share": [0.4, 0.5, 0.6], "cost_per_moved": [4.0, 5.0, 7.0]}
    return partial(make_roi, tmp_path, draws=500)(GAP, scenario)


def test_a_moved_slider_shows_the_return_there_and_goes_back(roi):
    box = cx.sliders(roi)
    *moved, reset, shown = box.children
    by_name = {slider.description: slider for slider in moved}
    planned = shown.value
    assert "1.5 %" in planned  # 0.5 * 30 * 0.3382 / 5 - 1
    cost = by_name["Cost per customer moved, EUR"]
    assert (cost.value, cost.min, cost.max) == (5.0, 0.25, 15.0)
    cost.value = 10.0
    assert "-49.3 %" in shown.value  # 5.0735 / 10 - 1
    by_name["Share of the gap that is effect"].value = 1.0
    assert "1.5 %" in shown.value  # twice the cost, twice the effect
    reset.click()
    assert shown.value == planned
    assert {s.readout_format for s in moved} == {".0%", ".2f"}


def test_a_run_an_analysis_and_a_roi_will_do(roi):
    analysis = SimpleNamespace(roi=roi, regressions={})
    for found in (SimpleNamespace(analysis=analysis), analysis):
        assert len(cx.sliders(found).children) == len(cx.sliders(roi).children)
    with pytest.raises(ModelError, match="no ROI"):
        cx.sliders(SimpleNamespace(roi=None, regressions={}))


def test_without_ipywidgets_it_says_what_to_install(roi, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ParameterError, match=r"pip install 'cxroi\[lab\]'"):
        cx.sliders(roi)
