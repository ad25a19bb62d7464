"""Slides: native tables and charts, in their place, with the method in the notes."""

import pytest
from PIL import Image
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.util import Inches
from report_folders import inputs_of, report_folder

from cxroi.export.brand import Brand
from cxroi.export.charts import _scale
from cxroi.export.folder import open_folder
from cxroi.export.slides import write_slides


def slides_of(folder, inputs):
    path, logo = folder / "d.pptx", folder / "l.png"
    Image.new("RGB", (900, 100)).save(logo)
    write_slides(open_folder(report_folder(folder / "run", inputs)), path, Brand("#123456", logo))
    return list(Presentation(str(path)).slides)


@pytest.fixture(scope="module")
def slides(tmp_path_factory):
    return slides_of(tmp_path_factory.mktemp("deck"), inputs_of())


def charts(slide):
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def cells(slide):
    [table] = [shape.table for shape in slide.shapes if shape.has_table]
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_each_slide_has_its_finding_as_title(slides):
    assert [slide.shapes.title.text for slide in slides] == [
        "It is open whether it pays.",
        "Spend is EUR 15 higher among 'promoter' than among 'passive'",
        "Like for like, the gap in spend is EUR 10 (EUR -1 to EUR 21), against EUR 15 as answered",
        "At the likely values the programme would earn EUR 14 net of its cost",
        "Of 3 checks, 1 failed, 1 came back with a warning, 1 passed.",
        "The answer turns most on the spend gap",
        "7 of 10 rows of one table were used",
    ]


def test_figures_stand_with_their_ranges(slides):
    found = {row[0]: row[1:] for row in cells(slides[0])}
    assert found["Return on cost (ROI)"][1:] == ["-50.0 % to 90.0 %", "90 % of simulated outcomes"]
    assert found["Chance that it pays"] == ["60.0 %", "", ""]  # its own error is no interval
    assert found["Cost is earned back after"][:2] == [
        "not within the horizon",
        "from 1.5 months, no upper end",
    ]
    assert cells(slides[1])[1] == ["promoter", "40", "EUR 95", "EUR 85 to EUR 105"]


def test_charts_are_native_and_hold_what_the_tables_hold(slides):
    assert [len(charts(slide)) for slide in slides] == [0, 1, 1, 1, 0, 1, 0]
    means = charts(slides[1])[0].plots[0]
    assert list(means.categories) == ["detractor", "passive", "promoter"]
    assert list(means.series[0].values) == [60.0, 80.0, 95.0]
    ends = means.series[0]._element.xpath(".//c:errBars//c:pt/c:v")
    assert [float(end.text) for end in ends] == [10.0] * 6
    gaps = charts(slides[2])[0]
    assert list(gaps.plots[0].series[0].values) == [10.0, 15.0]  # the first is on top
    assert gaps.value_axis.minimum_scale <= -1
    assert gaps.value_axis.maximum_scale >= 25


def test_the_waterfall_ends_where_its_parts_add_up(slides):
    """Ten customers, 3.38 each, at 2 each: 33.8 up, 20 down, 13.8 left."""
    value = 10 * 10 * 0.5 * 2 / (90 / (365.25 / 12))
    plot = charts(slides[3])[0].plots[0]
    assert list(plot.categories) == ["Spend", "Cost of moving", "Net value"]
    below, above, under = (list(series.values) for series in plot.series)
    assert below == pytest.approx([0, value - 20, 0])
    assert above == pytest.approx([value, 20, value - 20])
    assert under == pytest.approx([0, 0, 0])


def test_money_does_not_stand_without_its_rating(slides):
    texts = [shape.text_frame.text for shape in slides[3].shapes if shape.has_text_frame]
    assert [text for text in texts if "The evidence is rated low." in text]


def test_notes_hold_methods_findings_and_reasons(slides):
    notes = [slide.notes_slide.notes_text_frame.text for slide in slides]
    assert "One more sentence." in notes[0]
    assert "a mean; n = 40" in notes[1]
    assert "failed: " in notes[4]
    assert "Scores say little." in notes[4]
    assert "-2 days old" in notes[6]


def test_everything_lies_on_its_slide_and_pictures_have_a_text(slides):
    for slide in slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= Inches(13.34)
            assert shape.top + shape.height <= Inches(7.5), slide.shapes.title.text
            if shape.shape_type == MSO_SHAPE_TYPE.PICTURE:
                assert shape._element.xpath(".//p:cNvPr")[0].get("descr") == "Logo"
                assert shape.width / shape.height == pytest.approx(9, rel=0.01)
            if shape.has_chart:
                assert len(shape._element.xpath(".//p:cNvPr")[0].get("descr")) > 40


def test_without_a_roi_five_slides(tmp_path):
    titles = [slide.shapes.title.text for slide in slides_of(tmp_path, None)]
    assert len(titles) == 5
    assert not [title for title in titles if "programme would" in title]


@pytest.mark.parametrize(
    ("ends", "scale"),
    [
        ([0.0, 45.6], (0.0, 50.0, 10.0)),
        ([0.0, -0.55, 0.28], (-0.6, 0.4, 0.2)),
        ([0.0, 1578.0, -253.0], (-500.0, 2000.0, 500.0)),
        ([0.0], (0.0, 0.0, 0.2)),
    ],
)
def test_an_axis_holds_every_end_in_round_steps(ends, scale):
    assert _scale(ends) == pytest.approx(scale)
