"""Rows under headings: a label, a mark with its interval, the value at the right; zero is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .area import Area
from .scale import Scale
from .svg import minus, plain, reach, short, tag, text

ROW, HEAD, GAP = 21, 20, 24
# Labels wider than this stand above their row, so that a telephone has room for the marks.
WIDEST = 155
TELEPHONE = 345
# Letters of a label that a telephone has room for.
LONGEST = 48


@dataclass(frozen=True)
class Row:
    """One value with its interval, in the unit of its block; None where there is none."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    shown: str
    look: str = "mid"
    strong: bool = False
    before: float | None = None  # the same before a correction, an open circle


@dataclass(frozen=True)
class Block:
    """Rows on one scale of their own, under a heading with its unit."""

    rows: Sequence[Row]
    heading: str = ""
    unit: str = ""
    bars: bool = False

    @property
    def scale(self) -> Scale:
        """The scale that holds every row, its interval and zero."""
        return Scale.of(v for r in self.rows for v in (r.value, r.low, r.high, r.before))

    @property
    def head(self) -> int:
        """Height of the heading in pixels; a long unit stands on a line of its own."""
        lines = 1 + (reach(self.heading + self.unit) > TELEPHONE)
        return HEAD + 15 * (lines - 1) if self.heading else 0


def row_chart(blocks: Sequence[Block]) -> tuple[str, float]:
    """Draw blocks below one another.

    Returns
    -------
    tuple
        The elements, and the height in pixels.
    """
    labels = [row.label for block in blocks for row in block.rows]
    above = ROW - 4 if reach(*labels) > WIDEST else 0
    right = reach(*(row.shown for block in blocks for row in block.rows)) + 12
    area = Area(8 if above else reach(*labels) + 12, right)
    drawn, top = [], 0.0
    for block in blocks:
        drawn.append(_block(block, top, area, above))
        top += block.head + (ROW + above) * len(block.rows) + GAP
    return "".join(drawn), top


def _block(block: Block, top: float, area: Area, above: float) -> str:
    """Draw one block whose upper edge is at `top`."""
    scale, drawn = block.scale, ""
    if block.heading:
        place = {"x": 0, "y": top + 29} if block.head > HEAD else {"dx": 7}
        unit = tag("tspan", plain(minus(block.unit)), look="tick", **place)
        heading = tag("tspan", plain(block.heading), look="lab b")
        drawn += tag("text", heading, unit, x=0, y=top + 14)
        top += block.head
    bottom = top + len(block.rows) * (ROW + above)
    zero, lines = scale.share(0.0), ""
    for position, row in enumerate(block.rows):
        y = top + position * (ROW + above) + above + ROW / 2
        strong, beside = " b" if row.strong else "", y + 4.5
        label = short(row.label, LONGEST)
        drawn += text(label, 0, y - ROW + 7 if above else beside, f"lab{strong}")
        lines += area.stretch(0, 1, y - 0.5, 1, "axis")
        drawn += _marks(row, scale, y, area, bars=block.bars)
        drawn += text(row.shown, "100%", beside, f"lab end{strong}")
    drawn += area.write("0", zero, bottom + 14, "tick middle")
    return lines + area.upright(zero, top, bottom + 2, "zero") + drawn


def _marks(row: Row, scale: Scale, y: float, area: Area, *, bars: bool) -> str:
    if not bars:
        before = area.interval(scale, row.before, None, None, y, "mid")
        return before + area.interval(scale, row.value, row.low, row.high, y, row.look)
    if row.value is None:
        return ""
    drawn = area.stretch(scale.share(0.0), scale.share(row.value), y - 7, 14, f"bar-{row.look}")
    if row.low is not None and row.high is not None:
        ends = scale.share(row.low), scale.share(row.high)
        drawn += area.stretch(*ends, y - 3, 6, "under") + area.stretch(*ends, y - 1, 2, "whisker")
    return drawn
