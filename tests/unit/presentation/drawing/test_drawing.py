"""Places are where arithmetic puts them, texts stay texts, colours stand out from their ground."""

import re
from xml.etree import ElementTree

import pytest

from cxroi.presentation.drawing.area import Area, look_of
from cxroi.presentation.drawing.cells import Cell, cell_chart
from cxroi.presentation.drawing.rows import Block, Row, row_chart
from cxroi.presentation.drawing.scale import Scale
from cxroi.presentation.drawing.style import CLASSES, PALETTE
from cxroi.presentation.drawing.svg import WIDTH, drawing, tag, text

SVG = "{http://www.w3.org/2000/svg}"


def parsed(inside, height=40):
    return ElementTree.fromstring(drawing("A title", "All values.", height, inside))


def pixels(element, key, width):
    """Where an element stands in a picture so wide, from its per cents and its shift."""
    shift = re.search(r"translate\((.+)\)", element.get("transform", "translate(0)"))[1]
    return float(element.get(key).removesuffix("%")) / 100 * width + float(shift)


def long(element, width):
    share, margins = re.search(r"calc\((.+)% - (.+)px\)", element.get("style")).groups()
    return float(share) / 100 * width - float(margins)


@pytest.mark.parametrize(("width", "at"), [(760, 355.0), (350, 150.0)])
def test_a_place_between_margins_is_right_whatever_the_width(width, at):
    """Half of what lies between 50 px and 100 px is at 50 + (width - 150) / 2."""
    dot = parsed(Area(50, 100).dot(0.5, 20, "high")).find(f"{SVG}circle")
    assert pixels(dot, "cx", width) == pytest.approx(at)


@pytest.mark.parametrize("width", [760, 350])
def test_a_bar_reaches_from_one_place_to_the_other(width):
    bar = parsed(Area(50, 100).stretch(0.75, 0.25, 3, 9, "bar-low")).findall(f"{SVG}rect")[1]
    between = width - 150
    assert pixels(bar, "x", width) == pytest.approx(50 + between / 4)
    assert long(bar, width) == pytest.approx(between / 2)
    assert float(bar.get("width")) == (WIDTH - 150) / 2  # where no style is read


def test_a_scale_holds_every_value_and_zero():
    scale = Scale.of([4.0, None, float("inf"), 10.0], room=0.0)
    assert (scale.low, scale.high) == (0.0, 10.0)
    assert [scale.share(v) for v in (0.0, 4.0, 10.0)] == [0.0, 0.4, 1.0]
    both = Scale.of([-10.0, 30.0], room=0.1)
    assert (both.low, both.high) == (-14.0, 34.0)
    assert Scale.of([0.0, 0.0]).share(0.0) == 0.5
    assert Scale.of([-5.0, 15.0], room=0.0).ticks() == [-5.0, 0.0, 5.0, 10.0, 15.0]


def test_what_there_is_not_or_has_no_end_is_not_drawn():
    rows = [Row("a", None, None, None, "–"), Row("b", float("inf"), 1.0, float("inf"), "∞")]
    inside, height = row_chart([Block(rows, "Payback", "months")])
    assert "nan" not in inside + str(height)
    assert "inf" not in inside
    assert not parsed(inside, height).findall(f"{SVG}circle")


def test_zero_is_drawn_where_all_values_are_above_it():
    inside, height = row_chart([Block([Row("a", 5.0, 4.0, 6.0, "5.0")], "Spend", "EUR")])
    picture = parsed(inside, height)
    (zero,) = [e for e in picture.iter(f"{SVG}line") if e.get("class") == "zero"]
    assert zero.get("x1") == "0%"
    ends = [e for e in picture.iter(f"{SVG}rect") if e.get("class") == "ci-mid"]
    free = 6.0 * 1.04  # a twenty-fifth stays free beyond the outermost value
    assert float(ends[0].get("x")[:-1]) == pytest.approx(100 * 4 / free, abs=0.005)


def test_every_text_is_escaped_and_what_xml_forbids_is_left_out():
    evil = "<b>&\"'\x00\x1b ]]> $x$"
    inside, height = row_chart([Block([Row(evil, 1.0, None, None, evil)], evil, evil)])
    cells, _ = cell_chart([[Cell(evil, "p1")]], [evil], [evil], down=evil, across=evil, remark=evil)
    found = ElementTree.fromstring(drawing(evil, evil, height, inside + cells + text(evil, 0, 1)))
    said = evil.replace("\x00", "").replace("\x1b", "")
    texts = [e.text for e in found.iter() if e.text and e.tag != f"{SVG}style"]
    assert len(texts) > 8
    assert {t for t in texts if "<" in t} >= {said, f"{said} ↓"}
    assert {e.tag.removeprefix(SVG) for e in found.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "text", "tspan", "line", "circle")
    }
    assert 'x="&quot;&gt;&lt;script&gt;"' in tag("text", x='"><script>')


def test_minus_signs_before_numbers_are_true_ones():
    assert text("EUR -12 to -3.5 %, 2026-01-02, well-known", 0, 0).endswith(
        ">EUR −12 to −3.5 %, 2026-01-02, well-known</text>"
    )


def test_groups_are_told_apart_by_shape():
    assert [look_of(n, 3) for n in range(3)] == ["low", "mid", "high"]
    assert [look_of(n, 2) for n in range(2)] == ["low", "high"]
    assert [look_of(n, 5) for n in range(5)] == ["low", "mid", "mid", "mid", "high"]
    shapes = [
        parsed(Area().dot(0.5, 9, look)).find(f"{SVG}{kind}")
        for look, kind in (("low", f"g/{SVG}svg/{SVG}path"), ("mid", "circle"), ("high", "circle"))
    ]
    assert all(shape is not None for shape in shapes)
    assert shapes[1].get("fill") != shapes[2].get("fill")


def luminance(color):
    """Relative luminance, WCAG 2.2."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_texts_and_marks_stand_out():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for shade in (0, 1):
        color = {role: both[shade] for role, both in PALETTE.items()}
        for role in ("ink", "mut", "blue", "rust", "slate", "warn"):
            assert contrast(color[role], color["bg"]) >= 4.5, role
        for ground in ("p1", "p2", "n1", "n2"):
            assert contrast(color["ink"], color[ground]) >= 4.5, ground
    texts = {name for name, said in CLASSES.items() if "font-size" in said}
    assert {CLASSES[name]["fill"] for name in texts} <= {"ink", "mut", "blue", "rust", "slate"}
