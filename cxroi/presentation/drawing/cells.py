"""A grid of cells with their values in them, a tint for their size or sign, one outlined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .area import Area
from .svg import reach, short, text

HEIGHT = 36
_TOP, _FOOT = 22, 44
# Letters of a row's label that leave a telephone room for the cells.
LONGEST = 18


@dataclass(frozen=True)
class Cell:
    """A value as shown, and the tint behind it: `p0` to `p2`, `n1`, `n2`."""

    shown: str
    tint: str
    strong: bool = False


def cell_chart(
    cells: Sequence[Sequence[Cell]],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    down: str,
    across: str,
    remark: str = "",
    marked: float | None = None,
) -> tuple[str, float]:
    """Draw a grid; a strong cell is outlined.

    Parameters
    ----------
    down, across
        What rows and columns are.
    remark
        What the marks mean, below.
    marked
        A place in the row of the strong cell, in columns from the left edge, with a dashed line.

    Returns
    -------
    tuple
        The elements, and the height in pixels.
    """
    rows = [short(label, LONGEST) for label in rows]
    area, wide = Area(reach(*rows) + 10, 2), 1 / len(columns)
    bottom = _TOP + HEIGHT * len(rows)
    drawn, outlines = text(f"{down} ↓", 0, 13, "tick"), ""
    for i, line in enumerate(cells):
        y = _TOP + HEIGHT * i
        drawn += text(rows[i], area.left - 8, y + 23, "lab end")
        for j, cell in enumerate(line):
            drawn += area.stretch(wide * j, wide * (j + 1), y, HEIGHT, cell.tint)
            strong = " b" if cell.strong else ""
            drawn += area.write(cell.shown, wide * (j + 0.5), y + 23, f"lab middle{strong}")
            if cell.strong:
                outlines += area.stretch(wide * j, wide * (j + 1), y, HEIGHT, "outline")
                if marked is not None:
                    outlines += area.upright(wide * marked, y - 6, y + HEIGHT + 6, "dashed")
    for j, label in enumerate(columns):
        drawn += area.write(label, wide * (j + 0.5), bottom + 18, "lab middle")
    below = filter(None, (f"{across} →", remark))
    drawn += "".join(text(line, 0, bottom + 36 + 17 * n, "tick") for n, line in enumerate(below))
    return drawn + outlines, bottom + _FOOT + 16 * bool(remark)
