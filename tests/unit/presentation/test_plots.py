"""Pictures carry their claim and every value in words; what cannot be drawn is not."""

import base64
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from panels import customers

import cxroi as cx
from cxroi.errors import ModelError, StudyError
from cxroi.presentation.figures import Picture
from cxroi.results.estimate import Estimate
from cxroi.results.formats import chance_of

LOOKS = ("low", "mid", "high")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def analysis(demo_analysis):
    return demo_analysis


PICTURES = (
    cx.plots.score_shares,
    cx.plots.group_means,
    cx.plots.ladder,
    cx.plots.survival_curves,
    cx.plots.waterfall,
    cx.plots.roi_distribution,
    cx.plots.tornado,
    cx.plots.roi_grid,
)


def texts(picture):
    found = ElementTree.fromstring(picture.svg)
    return ["".join(element.itertext()) for element in found.iter(f"{SVG}text")]


@pytest.mark.parametrize("draw", PICTURES, ids=lambda draw: draw.__name__)
def test_a_picture_shows_itself_to_pages_and_to_notebooks(analysis, draw):
    picture = draw(analysis)
    data, metadata = picture._repr_mimebundle_()
    found = ElementTree.fromstring(data["image/svg+xml"])
    assert found.get("role") == "img"
    assert found.find(f"{SVG}title").text == picture.claim
    assert len(found.find(f"{SVG}desc").text) > 40
    assert metadata["image/svg+xml"] == {"alt": picture.alt, "caption": picture.claim}
    assert data["text/plain"] == f"[figure] {picture.alt}"
    image = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', data["text/html"])[1]
    fluid = data["image/svg+xml"].replace('width="760"', 'width="100%"', 1)
    assert base64.b64decode(image).decode() == fluid
    assert f'height="{picture.height:.0f}"' in data["text/html"]
    assert "matplotlib" not in data["image/svg+xml"]


def test_what_is_described_and_drawn_is_what_was_found(analysis):
    picture = cx.plots.group_means(analysis, "spend")
    means = analysis.comparisons["spend"].means
    told = [f"{m.term} {m.estimate:.1f}, from {m.conf_low:.1f} to {m.conf_high:.1f}" for m in means]
    assert picture.values == f"Means with 95 % intervals. Spend: {'; '.join(told)}."
    shown = texts(picture)
    assert [t for t in shown if re.fullmatch(r"\d+\.\d", t)] == [f"{m.estimate:.1f}" for m in means]
    scale = max(m.conf_high for m in means) * 1.04
    circles = ElementTree.fromstring(picture.svg).findall(f"{SVG}circle")
    places = [float(c.get("cx").removesuffix("%")) for c in circles]
    assert places == pytest.approx([100 * m.estimate / scale for m in means[1:]], abs=0.006)


def test_the_ladder_says_every_rung_in_plain_words_and_marks_the_one_that_counts(analysis):
    rungs = analysis.ladder("spend")
    picture = cx.plots.ladder(analysis, "spend")
    names = ["As the groups are", "In straight lines", "Like for like", "Same customer"]
    assert [t for t in texts(picture) if t in names] == names
    for name, rung in zip(names, rungs, strict=True):
        assert f"{name} ({rung.term}) {rung.estimate:.1f}, from" in picture.values
    full = [e for e in ElementTree.fromstring(picture.svg) if e.get("class") == "dot-high"]
    assert len(full) == 1


def test_the_mirror_image_of_retention_is_drawn_only_when_asked_for(analysis):
    every = cx.plots.group_means(analysis)
    assert any(text.startswith("Retained") for text in texts(every))
    assert not any(text.startswith("Churned") for text in texts(every))
    assert any(t.startswith("Churned") for t in texts(cx.plots.group_means(analysis, "churned")))


def test_the_waterfall_falls_from_zero_to_the_net_value(analysis):
    amounts = analysis.roi.bridge["amount"].tolist()
    picture = cx.plots.waterfall(analysis)
    bars = [
        e
        for e in ElementTree.fromstring(picture.svg).findall(f"{SVG}rect")
        if re.match("bar-|net-", e.get("class"))
    ]
    widths = [float(re.search(r"calc\((.+?)%", bar.get("style"))[1]) for bar in bars]
    per_unit = max(widths) / max(map(abs, amounts))
    assert len(bars) == len(amounts)
    assert widths == pytest.approx([per_unit * abs(a) for a in amounts], abs=0.02)
    begins = [float(bar.get("x").removesuffix("%")) for bar in bars]
    assert begins[1] == pytest.approx(begins[0] + widths[0], abs=0.02)
    assert amounts[-1] > 0  # so the last bar begins at zero, as the first does
    assert begins[-1] == pytest.approx(begins[0], abs=0.02)
    assert f"Net value EUR {amounts[-1]:,.0f}" in picture.values


def test_the_grid_outlines_the_likely_values_and_marks_where_it_pays(analysis):
    picture = cx.plots.roi_grid(analysis)
    found = ElementTree.fromstring(picture.svg)
    net = analysis.roi["net_value"].estimate
    strong = [e.text for e in found.iter(f"{SVG}text") if e.get("class") == "lab middle b"]
    assert strong == [f"{net:,.0f}".replace("-", "−")]
    (line,) = [e for e in found.iter(f"{SVG}line") if e.get("class") == "dashed"]
    share = analysis.roi["break_even_causal_share"].estimate
    columns = analysis.roi.grid.columns.tolist()
    assert columns == [0.0, 0.25, 0.5, 0.75, 1.0]  # cells are so wide, values in their middle
    assert line.get("x1") == f"{100 * (share / 0.25 + 0.5) / 5:.2f}%"
    assert f"dashed: pays from {100 * share:.1f} %" in " ".join(texts(picture))


def test_the_bars_of_the_distribution_part_at_zero(analysis):
    found = ElementTree.fromstring(cx.plots.roi_distribution(analysis).svg)
    (zero,) = [e for e in found.iter(f"{SVG}line") if e.get("class") == "zero"]
    bars = [e for e in found.findall(f"{SVG}rect") if e.get("class", "").startswith("bar-")]
    places = {
        kind: [float(b.get("x")[:-1]) for b in bars if b.get("class") == f"bar-{kind}"]
        for kind in ("low", "high")
    }
    assert max(places["low"]) < float(zero.get("x1")[:-1]) == min(places["high"])
    tall = {
        kind: sum(float(b.get("height")) for b in bars if b.get("class") == f"bar-{kind}")
        for kind in places
    }
    above = float((analysis.roi.ratio_draws > 0).mean())
    assert tall["high"] / sum(tall.values()) == pytest.approx(above, abs=0.01)


def test_survival_curves_end_where_the_share_still_there_is(analysis):
    found = ElementTree.fromstring(cx.plots.survival_curves(analysis).svg)
    ends = {e.group or e.term: e.estimate for e in analysis.survival.at_window}
    lowest = analysis.survival.curves.query("days <= 90")["conf_low"].min()
    paths = {p.get("class"): p.get("d") for p in found.iter(f"{SVG}path")}
    for label, look in zip(("detractor", "passive", "promoter"), LOOKS, strict=True):
        begins, *_, last = (point.split() for point in paths[f"line-{look}"][1:].split("L"))
        assert begins == ["0", "22.0"]  # everybody is there
        assert last[0] == "360"
        down = 22 + 220 * (1 - (ends[label] - lowest) / (1 - lowest))
        assert float(last[1]) == pytest.approx(down, abs=0.06)


def test_circles_stand_for_the_nearest_plain_chance():
    assert chance_of(0.32) == (1, 3)
    assert [chance_of(p) for p in (0.5, 0.75, 0.9, 0.0, 1.0)] == [
        *((1, 2), (3, 4), (9, 10), (1, 50), (49, 50))
    ]
    circles = list(ElementTree.fromstring(cx.plots.chance_circles(0.32).svg).iter(f"{SVG}circle"))
    assert [c.get("class") for c in circles] == ["full", "empty", "empty"]
    assert cx.plots.chance_circles(0.004).values == "0 of 50 circles are filled: 0.4 %."
    assert cx.plots.chance_circles(1.0).values == "50 of 50 circles are filled: 100.0 %."
    with pytest.raises(ModelError, match="cannot be drawn"):
        cx.plots.chance_circles(float("nan"))


def test_a_small_interval_has_zero_in_its_middle():
    ratio = Estimate("roi.ratio", -0.5, -1.0, 0.25, None, "net value per unit of cost", 9, "")
    picture = cx.plots.mini_interval(ratio, "Return on cost")
    bar = ElementTree.fromstring(picture.svg).findall(f"{SVG}rect")[-1]
    assert float(bar.get("x")[:-1]) == pytest.approx(50 - 50 * 1 / 1.1, abs=0.01)
    assert bar.get("style").startswith(f"--w:calc({50 * 1.25 / 1.1:.2f}%")
    assert picture.values == "Likely value -50.0 %, from -100.0 % to 25.0 %; zero is marked."


def test_the_funnel_is_as_wide_as_its_counts():
    steps = [("Invited", 400, ""), ("Answered", 100, "300 no answer"), ("To be moved", 10, "")]
    picture = cx.plots.funnel(steps)
    bars = [
        e.get("style")
        for e in ElementTree.fromstring(picture.svg).findall(f"{SVG}rect")
        if e.get("class") in ("bar-mid", "plan")
    ]
    assert [re.search(r"calc\((.+?)%", bar)[1] for bar in bars] == ["100", "25", "2.5"]
    assert picture.values == "Invited 400; Answered 100 (300 no answer); To be moved 10."
    assert "300 no answer" in texts(picture)


def test_texts_from_outside_stay_texts():
    """Two dollar signs in HTML would be mathematics."""
    picture = Picture("Spend of $0-$49 & <b>", "a <script>", "", 10)
    data, _ = picture._repr_mimebundle_()
    assert "Spend of &#36;0-&#36;49 &amp; &lt;b&gt;" in data["text/html"]
    assert "<b>Spend" in data["text/html"]
    assert "<script" not in data["image/svg+xml"] + data["text/html"] + picture.html
    assert ElementTree.fromstring(picture.svg).find(f"{SVG}title").text == picture.claim


def test_what_cannot_be_drawn_is_refused_in_words(panel_of):
    analysis = cx.analyse(panel_of(customers(300), {"spend": "amount"}))
    for draw in (cx.plots.survival_curves, cx.plots.roi_distribution, cx.plots.waterfall):
        with pytest.raises(ModelError, match="the analysis has no"):
            draw(analysis)
    with pytest.raises(ModelError, match="no outcome has an adjusted gap"):
        cx.plots.ladder(replace(analysis, regressions={}))


def test_rows_are_drawn_with_letters_and_in_the_colours_of_the_page(panel_of):
    frame = customers(300).assign(spend_after=[*range(299), 1e6])
    panel = panel_of(frame, {"spend": "amount"})
    picture = cx.plots.spread(panel, "spend")
    found = ElementTree.fromstring(picture.svg)
    shown = ["".join(e.itertext()).strip() for e in found.iter(f"{SVG}text")]
    counts = panel.frame.query("spend_after < 297")["group"].value_counts()
    for label, n in counts[counts > 0].items():
        assert f"{label} (n = {n})" in shown
        assert f"{label} (n = {n})" in picture.values
    assert "1e6" not in picture.svg
    assert not re.findall(r'(?<!,)#[0-9a-f]{6}"', picture.inside)
    assert "var(--blue,#0b57a4)" in picture.inside
    assert picture.svg == cx.plots.spread(panel, "spend").svg
    with pytest.raises(StudyError, match="Did you mean 'spend'"):
        cx.plots.spread(panel, "spent")
