"""The ROI in pictures: value by part, how sure it is, what moves it, where it pays."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from ..results.formats import percent, quantity
from . import sentences as words
from .drawing.area import Area
from .drawing.cells import Cell, cell_chart
from .drawing.rows import WIDEST
from .drawing.scale import Scale
from .drawing.svg import reach, text
from .figures import Picture

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..checks.run import Checks
    from ..results.estimate import Estimate
    from ..value.roi import Roi

# What the parts of the value are called before a reader.
PARTS = {
    "value of the spend gap": "Spend",
    "value of the retained gap": "Staying",
    "value of the churned gap": "Staying",
    "value of the contacts gap": "Contacts",
    "value of the returns gap": "Returns",
    "value of the referrals gap": "Word of mouth",
    "fixed cost": "Set-up cost",
}
BAR, STEP = 18, 27
GAIN, LOSS = "high", "low"
# Share of the width that a label may need on a telephone.
NARROW = 0.35
# Inputs of the tornado that are drawn; bars of the distribution and their height in pixels.
SHOWN, BINS, TALL = 8, 48, 140


def waterfall(analysis: Analysis) -> Picture:
    """Show what each part adds to the value and each cost takes, down to the net value.

    At the likely values; each bar begins where the one before it ended, the outlined one is what
    is left.
    """
    roi, currency = roi_of(analysis), analysis.study.currency
    parts = [
        (PARTS.get(item, item.capitalize()), float(amount))
        for item, amount in roi.bridge.itertuples(index=False)
    ]
    shown = [quantity(amount, currency, currency) for _, amount in parts]
    claim = f"Value by part, less cost, at the likely values: net value {shown[-1]}"
    listed = "; ".join(f"{label} {said}" for (label, _), said in zip(parts, shown, strict=True))
    bare = [_bare(amount, currency) for _, amount in parts]
    return Picture(claim, f"{listed}.", *_falls(parts, bare))


def _falls(parts: list[tuple[str, float]], shown: list[str]) -> tuple[str, float]:
    levels = [0.0]  # where each bar ends; the last one begins at zero again
    for _, amount in parts[:-1]:
        levels.append(levels[-1] + amount)
    starts, ends = [*levels[:-1], 0.0], [*levels[1:], parts[-1][1]]
    scale = Scale.of([*starts, *ends], room=0.02)
    area = Area(reach(*(label for label, _ in parts)) + 12, reach(*shown) + 10)
    height = STEP * len(parts) + 18
    drawn = area.write("0", scale.share(0.0), height - 2, "tick middle")
    for row, (label, amount) in enumerate(parts):
        last, y = row == len(parts) - 1, 4 + STEP * row
        look = ("net-" if last else "bar-") + (GAIN if amount >= 0 else LOSS)
        start, end = scale.share(starts[row]), scale.share(ends[row])
        drawn += area.stretch(start, end, y, BAR, look)
        if not last:
            drawn += area.upright(end, y + BAR, y + STEP, "conn")
        strong = " b" if last else ""
        drawn += text(label, 0, y + 14, f"lab{strong}")
        drawn += text(shown[row], "100%", y + 14, f"lab end{strong}")
    return area.upright(scale.share(0.0), 0, height - 16, "zero") + drawn, height


def roi_distribution(analysis: Analysis, checks: Checks | None = None) -> Picture:
    """Show the simulated ROI, with its likely value and its 90 per cent interval.

    Parameters
    ----------
    checks
        The title claims no more than they let it; without them it says that none has been run.
    """
    roi = roi_of(analysis)
    ratio, claim = roi["ratio"], words.claim(roi, checks.rating if checks else None)
    values = (
        f"Histogram of the simulated ROI: likely value {percent(ratio.estimate)}, "
        f"90 % of simulated outcomes from {percent(ratio.conf_low)} to {percent(ratio.conf_high)}, "
        f"above 0 in {percent(roi['probability_positive'].estimate)}. The outermost 1 % of them "
        "are not drawn."
    )
    return Picture(claim, values, *_histogram(roi))


def _histogram(roi: Roi) -> tuple[str, float]:
    ratio, area, top, bottom = roi["ratio"], Area(10, 10), 38, 38 + TALL
    edges, counts = _bins(roi.ratio_draws, ratio)
    scale = Scale(edges[0], edges[-1])
    drawn = ""
    for start, end, count in zip(edges, edges[1:], counts, strict=False):
        tall = TALL * count / max(counts)
        look = f"bar-{GAIN if start >= 0 else LOSS}"
        places = scale.share(start), scale.share(end)
        drawn += area.stretch(*places, bottom - tall, tall, look) if count else ""
    drawn += area.axis(scale, bottom, lambda value: f"{100 * value:g} %")
    drawn += area.upright(scale.share(0.0), top - 22, bottom, "zero")
    drawn += _flag(area, scale, 0.0, -1.0, 12, "pays from 0 %")
    if ratio.estimate is not None:
        likely = scale.share(ratio.estimate)
        drawn += area.upright(likely, top - 7, bottom, "gap")
        drawn += area.upright(likely, top - 7, bottom, "ref")
        drawn += _flag(area, scale, ratio.estimate, 0.0, 28, f"likely {percent(ratio.estimate)}")
    if ratio.conf_low is None or ratio.conf_high is None:
        return drawn, bottom + 24
    ends = scale.share(ratio.conf_low), scale.share(ratio.conf_high)
    said = f"90 % of outcomes: {percent(ratio.conf_low)} to {percent(ratio.conf_high)}"
    drawn += area.stretch(*ends, bottom + 27, 4, "ci-mid")
    drawn += area.write(said, 0.5, bottom + 47, "lab middle")
    return drawn, bottom + 54


def _flag(area: Area, scale: Scale, value: float, other: float, y: float, said: str) -> str:
    """Label a line on the side away from another line, unless there is no room."""
    share = scale.share(value)
    left = share > NARROW and (value < other or share > 1 - NARROW)
    side = ("lab end halo", -6) if left else ("lab halo", 6)
    return area.write(said, share, y, *side)


def _bins(draws: Any, ratio: Estimate) -> tuple[list[float], list[int]]:
    """Count draws between edges of which one is zero; the outermost hundredth is left out."""
    import numpy as np

    seen = draws[np.isfinite(draws)]
    held = [v for v in (ratio.estimate, ratio.conf_low, ratio.conf_high) if v is not None]
    held += [0.0, *np.quantile(seen, [0.005, 0.995]).tolist()]
    step = (max(held) - min(held)) / BINS or 1.0
    first, last = np.floor(min(held) / step), max(np.ceil(max(held) / step), 1)
    edges = np.arange(first, last + 1) * step
    counts, _ = np.histogram(seen, bins=edges)
    return edges.tolist(), counts.tolist()


def tornado(analysis: Analysis) -> Picture:
    """Show the ROI with one input at its 5 and 95 % point, the others at their likely values."""
    roi = roi_of(analysis)
    table: Any = roi.tornado.iloc[:SHOWN]
    if table.empty:
        raise ModelError("no input of the ROI is uncertain", "a range of the scenario, or a gap")
    claim = f"{table['input'].iloc[0].capitalize()} moves the ROI most"
    listed = "; ".join(
        f"{row.input} {percent(row.roi_low)} to {percent(row.roi_high)}"
        for row in table.itertuples()
    )
    return Picture(
        claim, f"ROI at the 5 % and 95 % point of each input: {listed}.", *_swings(roi, table)
    )


def _swings(roi: Roi, table: Any) -> tuple[str, float]:
    likely = roi["ratio"].estimate or 0.0
    labels = [str(name).capitalize() for name in table["input"]]
    above = reach(*labels) > WIDEST
    ends = reach(*map(percent, [*table["roi_low"], *table["roi_high"]])) + 12
    area = Area(ends if above else reach(*labels) + 12 + ends, ends)
    step, top = (40, 62) if above else (STEP, 46)
    scale = Scale.of([*table["roi_low"], *table["roi_high"], likely], room=0.0)
    bottom = top + step * len(table) - 12
    drawn = area.upright(scale.share(likely), 22, bottom, "ref")
    drawn += area.upright(scale.share(0.0), 22, bottom, "zero")
    drawn += _flag(area, scale, likely, 0.0, 32, f"likely {percent(likely)}")
    drawn += area.write("0 %", scale.share(0.0), bottom + 15, "tick middle")
    drawn += text("◆ input low", 0, 12, "low") + text("● input high", 84, 12, "high")
    for row, line in enumerate(table.itertuples()):
        y = top + step * row
        drawn += text(labels[row], 0, y - 15 if above else y + 4.5, "lab halo")
        drawn += _swing(area, scale, float(line.roi_low), float(line.roi_high), y)
    return drawn, bottom + 20


def _swing(area: Area, scale: Scale, low: float, high: float, y: float) -> str:
    """Draw a bar between two marks, each with its value outside."""
    places = scale.share(low), scale.share(high)
    drawn = area.stretch(*places, y - 3, 6, "swing")
    for value, other, look in ((low, high, "low"), (high, low, "high")):
        side = ("lab halo", 10) if value >= other else ("lab end halo", -10)
        drawn += area.dot(scale.share(value), y, look)
        drawn += area.write(percent(value), scale.share(value), y + 4.5, *side)
    return drawn


def roi_grid(analysis: Analysis) -> Picture:
    """Net value by share moved and causal share; the base case outlined, break-even dashed."""
    roi, currency = roi_of(analysis), analysis.study.currency
    share = roi["break_even_causal_share"].estimate
    claim = (
        f"The programme breaks even once {percent(share)} of the gap is causal"
        if share is not None and share <= 1
        else "No causal share up to 100 % makes the programme pay"
    )
    table: Any = roi.grid
    base = roi.scenario.share_moved.likely, roi.scenario.causal_share.central
    at = _between(list(table.columns), share)
    drawn, height = cell_chart(
        _cells(table, currency, base),
        [_whole(moved) for moved in table.index],
        [_whole(causal) for causal in table.columns],
        down="share of customers moved",
        across="share of the adjusted gap that is causal",
        remark="outlined: likely values" + (f"; dashed: pays from {_whole(share)}" if at else ""),
        marked=at,
    )
    worst, best, likely = (
        quantity(float(v), currency, currency)
        for v in (table.to_numpy().min(), table.to_numpy().max(), table.loc[base])
    )
    values = (
        f"Net value by share moved and causal share: from {worst} to {best}. At the likely values, "
        f"{percent(base[0])} moved and {percent(base[1])} causal: {likely}."
    )
    return Picture(claim, values, drawn, height)


def _cells(table: Any, currency: str, base: tuple[float, float]) -> list[list[Cell]]:
    most = float(table.abs().to_numpy().max())
    return [
        [
            Cell(_bare(net, currency), _tint(net, most), (moved, causal) == base)
            for causal, net in line.items()
        ]
        for moved, line in table.iterrows()
    ]


def _whole(share: float | None) -> str:
    return percent(share).replace(".0 ", " ")


def _bare(amount: float, currency: str) -> str:
    """Write a total where its currency is said already."""
    return quantity(amount, currency, currency).removeprefix(currency).strip()


def _tint(value: float, most: float) -> str:
    return f"{'n' if value < 0 else 'p'}{2 if abs(value) > most / 4 else 1}"


def _between(columns: list[float], value: float | None) -> float | None:
    """Return where a value lies across columns, each value being at the middle of its own."""
    for position, (low, high) in enumerate(pairwise(columns)):
        if value is not None and low <= value <= high:
            return position + 0.5 + Scale(low, high).share(value)
    return None


def roi_of(analysis: Analysis) -> Roi:
    """Return the ROI, or say why there is none."""
    if analysis.roi is None:
        raise analysis.refusals.get("roi") or ModelError(
            "the analysis has no ROI: the study declares no [scenario]"
        )
    return analysis.roi
