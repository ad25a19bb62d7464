"""Small pictures for the first screen: an interval with zero, a chance in circles, the funnel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import ModelError
from ..results.formats import chance_of, percent, quantity
from .drawing.area import Area
from .drawing.scale import Scale
from .drawing.svg import reach, tag, text
from .figures import Picture

if TYPE_CHECKING:
    from ..results.estimate import Estimate

# Circles in a line, and from so many on small ones.
IN_LINE = 10
BAR, STEP = 15, 22
# A bar longer than this leaves no room for what was lost beside it.
ROOM = 0.5


def mini_interval(estimate: Estimate, title: str, currency: str = "") -> Picture:
    """Show a value and its interval on one line with zero in the middle.

    Parameters
    ----------
    title
        What it is, such as ``Return on cost``.
    currency
        The study's, for amounts.
    """
    low, likely, high = estimate.conf_low, estimate.estimate, estimate.conf_high
    ends = Scale.of((low, likely, high), room=0.08)
    widest, y = max(-ends.low, ends.high), 13.0
    scale = Scale(-widest, widest)
    look = "low" if likely is not None and likely < 0 else "high"
    area = Area()
    drawn = area.stretch(0, 1, y - 0.5, 1, "axis") + area.upright(0.5, 2, 24, "zero")
    drawn += text("0", "50%", 38, "tick middle")
    drawn += area.interval(scale, likely, low, high, y, look)
    said = [quantity(v, estimate.unit, currency) for v in (likely, low, high)]
    values = f"Likely value {said[0]}, from {said[1]} to {said[2]}; zero is marked."
    return Picture(title, values, drawn, 40)


def chance_circles(share: float, title: str = "Chance that it pays") -> Picture:
    """Show a chance as circles of which some are filled, such as one of three.

    Parameters
    ----------
    share
        0 to 1; drawn as the nearest of usual odds (`formats.chance_of`), within a hundredth of 0
        or 1 as none or all of 50.

    Raises
    ------
    ModelError
        There is no such chance.
    """
    if not 0 <= share <= 1:
        raise ModelError(f"a chance of {share} cannot be drawn", "a share from 0 to 1")
    sure = 50 * round(share)
    filled, of = chance_of(share) if 0.01 <= share <= 0.99 else (sure, 50)
    small = of > IN_LINE
    radius, apart = (4, 13) if small else (10, 26)
    drawn = ""
    for number in range(of):
        x, y = number % IN_LINE * apart + radius + 2, number // IN_LINE * apart + radius + 4
        drawn += tag("circle", look="full" if number < filled else "empty", cx=x, cy=y, r=radius)
    height = (-(-of // IN_LINE) - 1) * apart + 2 * radius + 8
    values = f"{filled} of {of} circles {'is' if filled == 1 else 'are'} filled: {percent(share)}."
    return Picture(title, values, drawn, height)


def funnel(
    steps: Sequence[tuple[str, int, str]], title: str = "From invitation to plan"
) -> Picture:
    """Show how many remain from each step to the next, and why the others do not.

    Parameters
    ----------
    steps
        Label, count, and what was lost on the way to it, such as
        ``("Matched", 13_104, "316 no match")``. The last is the plan: its bar is dashed.
    """
    most = max((count for _, count, _ in steps), default=0) or 1
    labels, counts = [label for label, _, _ in steps], [f"{count:,}" for _, count, _ in steps]
    area, drawn = Area(reach(*labels) + reach(*counts) + 20, 6), ""
    for row, (label, count, lost) in enumerate(steps):
        last, y, share = row == len(steps) - 1, 3 + STEP * row, count / most
        strong = " b" if last else ""
        drawn += text(label, 0, y + 12, f"lab{strong}")
        drawn += text(counts[row], area.left - 8, y + 12, f"lab end{strong}")
        drawn += area.stretch(0, share, y, BAR, "plan" if last else "bar-mid")
        if lost and share <= ROOM:
            drawn += area.write(lost, share, y + 12, "tick halo", dx=8)
    listed = "; ".join(
        f"{label} {count:,}{f' ({lost})' if lost else ''}" for label, count, lost in steps
    )
    return Picture(title, f"{listed}.", drawn, STEP * len(steps) + 4)
