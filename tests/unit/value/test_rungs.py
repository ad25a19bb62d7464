from dataclasses import replace

import pytest

import cxroi as cx
from cxroi.presentation.rungs import disagreements
from cxroi.presentation.sentences import roi_claim
from cxroi.value.roi import estimate_roi
from cxroi.value.rungs import contradicted, roi_by_rung

NAMES = ("ratio", "net_value", "probability_positive")


@pytest.fixture(scope="module")
def analysis(demo_analysis):
    return demo_analysis


@pytest.mark.parametrize("rung", ["raw", "adjusted"])
def test_a_rung_gives_the_roi_of_a_study_that_rests_on_it(analysis, rung):
    """The same regressions with that rung in the place of the gap that carries the money."""
    other = {
        name: replace(r, contrast=getattr(r, rung), influence=(r.influence[0], r.rungs[rung]))
        for name, r in analysis.regressions.items()
    }
    expected = estimate_roi(analysis.panel, other)
    found = {e.name: e for e in roi_by_rung(analysis.panel, analysis.regressions, {})}
    assert {e.rung for e in found.values()} == {"raw", "adjusted"}
    for name in NAMES:
        one = found[f"roi.{name}.{rung}"]
        for figure in ("estimate", "conf_low", "conf_high"):
            assert getattr(one, figure) == pytest.approx(getattr(expected[name], figure), rel=1e-9)


def test_within_customers_takes_their_gap_and_its_own_error(analysis):
    found = {e.name: e for e in analysis.by_rung if e.rung == "within"}
    gap = analysis.within["spend"].estimate
    assert gap.estimate > analysis.regressions["spend"].contrast.estimate
    assert found["roi.ratio.within"].estimate > analysis.roi["ratio"].estimate
    wide = found["roi.ratio.within"].conf_high - found["roi.ratio.within"].conf_low
    assert wide > analysis.roi["ratio"].conf_high - analysis.roi["ratio"].conf_low


def doubted(analysis, p_value, within):
    """The demo with another test of the change within customers, and another chance to pay."""
    changed = {
        name: replace(one, difference=replace(one.difference, p_value=p_value))
        for name, one in analysis.within.items()
        if name in within
    }
    by_rung = [
        replace(e, estimate=1.0) if e.name == "roi.probability_positive.within" else e
        for e in analysis.by_rung
    ]
    return by_rung, changed


def test_the_same_customers_contradict_where_beyond_noise_and_of_another_claim(analysis):
    every = ("spend", "contacts", "returns")
    known = {name: analysis.regressions[name] for name in every}
    even = replace(analysis.roi, estimates=tuple(_pays(e, 0.5) for e in analysis.roi.estimates))
    assert contradicted(even, *doubted(analysis, 0.001, every), known) == every
    # 5 per cent over three outcomes
    assert contradicted(even, *doubted(analysis, 0.02, every), known) == ()
    same = replace(analysis.roi, estimates=tuple(_pays(e) for e in analysis.roi.estimates))
    assert contradicted(same, *doubted(analysis, 0.001, every), known) == ()
    # Retention cannot be seen within customers: what makes the one gap may make the other.
    assert contradicted(same, *doubted(analysis, 0.001, every), analysis.regressions) == every
    assert contradicted(analysis.roi, [], analysis.within, known) == ()


def _pays(estimate, chance=1.0):
    name = estimate.name == "roi.probability_positive"
    return replace(estimate, estimate=chance) if name else estimate


def test_a_contradicted_roi_is_open(analysis):
    roi = replace(analysis.roi, contradicted_by=("spend",))
    said = roi_claim(replace(roi, estimates=tuple(_pays(e) for e in roi.estimates)))
    assert said.startswith("It is open whether the programme pays")
    assert said.endswith("the same customers from wave to wave contradict the gap in spend")


def test_rungs_that_differ_beyond_noise_are_said_in_money(analysis):
    assert list(disagreements(analysis, "spend")) == []
    spend = analysis.regressions["spend"]
    apart = tuple(replace(d, p_value=0.001) for d in spend.differences)
    other = {**analysis.regressions, "spend": replace(spend, differences=apart)}
    [said] = disagreements(replace(analysis, regressions=other), "spend")
    assert "p = 0.001" in said
    assert "and the ROI " in said
    assert list(disagreements(analysis, "nothing")) == []


def test_the_table_of_rungs_names_the_one_that_the_answer_rests_on(analysis):
    table = cx.tables.roi_by_rung(analysis).frame
    assert table["gap"].tolist() == ["raw", "straight line", "doubly robust", "within customers"]
    assert table.iloc[2, -1] == "the answer rests on it"
    none = replace(analysis, roi=None)
    assert "No ROI" in str(cx.tables.roi_by_rung(none))
