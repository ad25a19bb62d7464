"""What if in a page: every state, one shown at a time, without a script."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from roi_by_hand import SHORT, make_roi, regression

import cxroi as cx
from cxroi.checks.rating import VERDICTS, Rating
from cxroi.report.render import _refuse_active

RANGES = {**SHORT, "causal_share": [0.4, 0.5, 0.6], "cost_per_moved": [4.0, 5.0, 7.0]}


@pytest.fixture(scope="module")
def analysis(tmp_path_factory):
    folder = tmp_path_factory.mktemp("what_if")
    gaps = {"spend": regression(100.0, 30.0, error=5.0)}
    roi = make_roi(folder, gaps, RANGES, draws=1_000)
    return SimpleNamespace(roi=roi, study=roi.basis.study)


@pytest.fixture(scope="module")
def page(analysis):
    return BeautifulSoup(cx.what_if(analysis)._repr_html_(), "html.parser")


def test_a_page_may_hold_it(page):
    _refuse_active(page, "here")
    assert page.find(["script", "form", "button"]) is None
    assert len(str(page)) < 30_000


def test_each_input_has_a_label_and_each_set_a_legend(page):
    sets = page.find_all("fieldset")
    assert [s.find("legend").get_text() for s in sets] == [
        "Cost per customer moved",
        "Share of the gap that is effect",
    ]
    for group in sets:
        inputs = group.find_all("input", type="radio")
        assert len({i["name"] for i in inputs}) == 1
        assert [i["id"] for i in inputs] == [i["for"] for i in group.find_all("label")]
        assert [i.has_attr("checked") for i in inputs] == [False, True, False]
    texts = [label.get_text() for label in sets[0].find_all("label")]
    assert texts == ["EUR 4", "EUR 5 (planned)", "EUR 7"]


def test_one_rule_shows_each_state_and_the_plan_alone_where_rules_are_not_known(page):
    style = page.find("style").get_text()
    states = [s["id"] for s in page.select(".wi-state")]
    assert len(states) == len(set(states)) == 9
    rules = re.findall(r"\.wi-box((?::has\(#wi-\d-\d:checked\))+) #(wi-at-[\d-]+)", style)
    assert sorted(shown for _, shown in rules) == sorted(states)
    for conditions, shown in rules:
        levels = re.findall(r"#wi-(\d)-(\d):checked", conditions)
        assert [n for n, _ in levels] == ["0", "1"]
        assert shown == "wi-at-" + "-".join(level for _, level in levels)
    assert [s["id"] for s in page.select(".wi-planned")] == ["wi-at-1-1"]
    without = style.split("@supports not selector(:has(a))")[1]
    assert without.startswith("{.wi-controls,.wi-state{display:none}.wi-state.wi-planned{display:b")


def test_the_planned_state_says_what_the_headline_says(analysis, page):
    planned = page.select_one(".wi-planned").get_text(" ")
    assert "1.5 %" in planned  # 0.5 * 30 * 0.3382 / 5 - 1
    table = cx.what_if(analysis).tidy()
    assert len(table) == 9
    row = table[table["Cost per customer moved"] == "EUR 7"].iloc[-1]
    assert row["Return on cost (ROI)"].startswith("-13.0 %")  # 0.6 * 30 * 0.3382 / 7 - 1


def test_the_verdict_is_by_chance_or_as_it_is_told(analysis):
    for _, row in cx.what_if(analysis).tidy().iterrows():
        chance = float(row["Chance that it pays"].split()[0])
        expected = "Expected to pay" if chance >= 95 else "Not expected to pay"
        assert row["verdict"] == (expected if chance >= 95 or chance <= 5 else "Open")
    cheap = SimpleNamespace(roi=analysis.roi.what_if(cost_per_moved=2), study=analysis.study)
    assert set(cx.what_if(cheap).tidy()["verdict"]) == {"Expected to pay"}
    doubted = SimpleNamespace(
        roi=replace(cheap.roi, contradicted_by=("spend",)), study=analysis.study
    )
    found = cx.what_if(doubted)
    assert set(found.tidy()["verdict"]) == {"Open"}
    assert "contradict the gap, whatever is chosen" in " ".join(found.about)
    low = Rating("low", ("why",), (), ("spend",), dict.fromkeys(VERDICTS, 1))
    checked = cx.what_if(cheap, SimpleNamespace(rating=low))
    assert set(checked.tidy()["verdict"]) == {"Pilot first"}
    assert not any("by the chance alone" in sentence for sentence in checked.about)


def test_what_a_study_says_is_escaped(analysis):
    study = replace(analysis.study, currency="<b>$")
    shown = cx.what_if(SimpleNamespace(roi=analysis.roi, study=study))._repr_html_()
    assert "<b>" not in shown
    assert "&lt;b&gt;&#36; 4" in shown


def test_without_a_roi_it_says_so(analysis):
    none = SimpleNamespace(roi=None, study=analysis.study)
    assert "no ROI" in str(cx.what_if(none))
