"""Native charts of a slide: bars with intervals, a waterfall, a tornado; never computes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Pt

from ..results.estimate import Estimate
from .deck import Box, describe, rgb

RUST, SLATE = "#9c4200", "#55636f"
_SIZE = 12


def bars(
    slide: Any,
    box: Box,
    figures: Sequence[tuple[str, Estimate]],
    number: str,
    colour: str,
    says: str,
) -> None:
    """Put a bar a figure on a slide, with its interval, the first on top."""
    data = CategoryChartData(number_format=number)
    shown = list(reversed(figures))
    data.categories = [words for words, _ in shown]
    data.add_series("Estimate", [e.estimate for _, e in shown])
    chart = _chart(slide, box, XL_CHART_TYPE.BAR_CLUSTERED, data, says)
    _axes(chart, number, [end for _, e in shown for end in (e.conf_low, e.conf_high, e.estimate)])
    series = chart.plots[0].series[0]
    series.format.fill.solid()
    series.format.fill.fore_color.rgb = rgb(colour)
    series.invert_if_negative = False
    _intervals(series, [e for _, e in shown])


def _intervals(series: Any, estimates: Sequence[Estimate]) -> None:
    """Draw the intervals of a series: how far each reaches above and below its bar's end."""
    up = [(e.conf_high or e.estimate or 0.0) - (e.estimate or 0.0) for e in estimates]
    down = [(e.estimate or 0.0) - (e.conf_low or e.estimate or 0.0) for e in estimates]
    ends = "".join(
        f"<c:{side}><c:numLit><c:formatCode>General</c:formatCode><c:ptCount val='{len(values)}'/>"
        + "".join(f"<c:pt idx='{n}'><c:v>{v!r}</c:v></c:pt>" for n, v in enumerate(values))
        + f"</c:numLit></c:{side}>"
        for side, values in (("plus", up), ("minus", down))
    )
    xml = (
        f"<c:errBars {nsdecls('c', 'a')}><c:errBarType val='both'/><c:errValType val='cust'/>"
        f"<c:noEndCap val='0'/>{ends}<c:spPr><a:ln w='19050'><a:solidFill>"
        "<a:srgbClr val='14202B'/></a:solidFill></a:ln></c:spPr></c:errBars>"
    )
    series._element.cat.addprevious(parse_xml(xml))


def waterfall(
    slide: Any, box: Box, steps: Sequence[tuple[str, float]], number: str, colour: str, says: str
) -> None:
    """Put a waterfall on a slide; the last step is the total and begins at zero."""
    spans, level = [], 0.0
    for _, amount in steps[:-1]:
        spans.append((level, level + amount))
        level += amount
    spans.append((0.0, steps[-1][1]))
    data = CategoryChartData(number_format=number)
    data.categories = [words for words, _ in steps]
    data.add_series("Below", [_base(*sorted(span)) for span in spans])
    data.add_series("Above zero", [max(*s, 0.0) - max(min(s), 0.0) for s in spans])
    data.add_series("Below zero", [min(*s, 0.0) - min(max(s), 0.0) for s in spans])
    chart = _chart(slide, box, XL_CHART_TYPE.COLUMN_STACKED, data, says)
    _axes(chart, number, [end for span in spans for end in span])
    chart.plots[0].gap_width, chart.plots[0].overlap = 40, 100
    hidden, *seen = chart.plots[0].series
    hidden.format.fill.background()
    for place, (_, amount) in enumerate(steps):
        shade = SLATE if place == len(steps) - 1 else colour if amount >= 0 else RUST
        for series in seen:
            fill = series.points[place].format.fill
            fill.solid()
            fill.fore_color.rgb = rgb(shade)
    for series in seen:
        series.invert_if_negative = False


def _base(low: float, high: float) -> float:
    """Return the end nearer to zero of a span that does not hold it; 0 of one that does."""
    return low if low > 0 else high if high < 0 else 0.0


def tornado(
    slide: Any,
    box: Box,
    rows: Sequence[tuple[str, float, float]],
    middle: float,
    number: str,
    colour: str,
    says: str,
) -> None:
    """Put a tornado on a slide: from the likely value to what each input makes of it."""
    shown = list(reversed(rows))
    data = CategoryChartData(number_format=number)
    data.categories = [words for words, _, _ in shown]
    data.add_series("at its low end", [low for _, low, _ in shown])
    data.add_series("at its high end", [high for _, _, high in shown])
    chart = _chart(slide, box, XL_CHART_TYPE.BAR_CLUSTERED, data, says)
    _axes(chart, number, [end for _, *ends in shown for end in ends])
    chart.plots[0].overlap, chart.plots[0].gap_width = 100, 45
    chart.value_axis.crosses_at = middle
    for series, shade in zip(chart.plots[0].series, (RUST, colour), strict=True):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = rgb(shade)
        series.invert_if_negative = False
    chart.has_legend = True
    chart.legend.position = XL_LEGEND_POSITION.BOTTOM
    chart.legend.include_in_layout = False
    chart.legend.font.size = Pt(_SIZE)


def _chart(slide: Any, box: Box, kind: Any, data: Any, says: str) -> Any:
    frame = slide.shapes.add_chart(kind, *box.emu, data)
    describe(frame, says)
    frame.chart.has_legend = False
    frame.chart.has_title = False
    frame.chart.font.size, frame.chart.font.name = Pt(_SIZE), "Arial"
    return frame.chart


def _axes(chart: Any, number: str, ends: Sequence[float | None]) -> None:
    """Dress the axes; the value axis holds zero and every end, in steps that can be read."""
    low, high, step = _scale([0.0, *(end for end in ends if end is not None)])
    chart.value_axis.minimum_scale, chart.value_axis.maximum_scale = low, high
    chart.value_axis.major_unit = step
    chart.value_axis.tick_labels.number_format = "0%" if number.endswith("%") else "General"
    chart.value_axis.tick_labels.number_format_is_linked = False
    chart.value_axis.major_gridlines.format.line.color.rgb = rgb("#d3dae0")
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.category_axis.format.line.color.rgb = rgb("#14202b")


def _scale(ends: Sequence[float]) -> tuple[float, float, float]:
    """Return the ends of an axis and its step of 1, 2 or 5, about six of them.

    Examples
    --------
    >>> _scale([0.0, 45.6])
    (0.0, 50.0, 10.0)
    """
    width = (max(ends) - min(ends)) or 1.0
    power = 10.0 ** floor(log10(width / 6))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= width / 6)
    return floor(min(ends) / step) * step, ceil(max(ends) / step) * step, step
