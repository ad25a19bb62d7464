"""Marks at places between two margins: across in shares of the width, down in pixels.

A place is a per cent of the whole picture and a shift in pixels, for the margins are in pixels and
the width is not known: so a picture is as wide as its place, and letters keep their size. Three
looks are told apart by shape as well as by colour: `low` a diamond, `mid` an open circle, `high` a
full circle.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from .scale import Scale
from .svg import WIDTH, number, tag, text


@dataclass(frozen=True)
class Area:
    """The plot between two margins in pixels.

    Shares count from 0, its left edge, to 1, its right one.
    """

    left: float = 0.0
    right: float = 0.0

    def place(self, share: float) -> tuple[str, float]:
        """Return a place as a per cent of the whole width, and the pixels to add.

        Examples
        --------
        >>> Area(100, 50).place(0.5)  # half of what lies between: 0.5 (width - 150) + 100
        ('50%', 25.0)
        """
        return f"{number(100 * share)}%", self.left - share * (self.left + self.right)

    def write(self, words: str, share: float, y: float, look: str = "lab", dx: float = 0) -> str:
        """Return a text at a place."""
        x, shift = self.place(share)
        return text(words, x, y, look, **_moved(shift + dx))

    def stretch(self, one: float, other: float, y: float, height: float, look: str) -> str:
        """Return a bar between two places; `y` is its upper edge."""
        x, shift = self.place(min(one, other))
        share, margins = abs(other - one), self.left + self.right
        return tag(
            "rect",
            look=look,
            x=x,
            y=y,
            width=share * (WIDTH - margins),
            height=height,
            style=f"--w:calc({number(100 * share)}% - {number(share * margins)}px)",
            **_moved(shift),
        )

    def upright(self, share: float, top: float, bottom: float, look: str) -> str:
        """Return a line from top to bottom."""
        x, shift = self.place(share)
        return tag("line", look=look, x1=x, x2=x, y1=top, y2=bottom, **_moved(shift))

    def dot(self, share: float, y: float, look: str) -> str:
        """Return a mark of the shape and colour of its look."""
        x, shift = self.place(share)
        if look != "low":
            return tag("circle", look=f"dot-{look}", cx=x, cy=y, r=5.5, **_moved(shift))
        diamond = tag("path", d="M1 8L8 1L15 8L8 15Z", look="dot-low")
        return tag("g", tag("svg", diamond, x=x, y=y - 8, width=16, height=16), **_moved(shift - 8))

    def interval(
        self,
        scale: Scale,
        value: float | None,
        low: float | None,
        high: float | None,
        y: float,
        look: str,
    ) -> str:
        """Return a mark with its interval; what there is not, or has no end, is not drawn."""
        at, start, end = (
            scale.share(v) if v is not None and math.isfinite(v) else None
            for v in (value, low, high)
        )
        drawn = ""
        if start is not None and end is not None:
            drawn += self.stretch(start, end, y - 2, 4, f"ci-{look}")
        return drawn + (self.dot(at, y, look) if at is not None else "")

    def axis(self, scale: Scale, y: float, shown: Callable[[float], str], about: int = 4) -> str:
        """Return a line with labels at round values."""
        drawn = self.stretch(0, 1, y, 1, "axis")
        for value in scale.ticks(about):
            drawn += self.upright(scale.share(value), y, y + 5, "conn")
            drawn += self.write(shown(value), scale.share(value), y + 18, "tick middle")
        return drawn


def look_of(position: int, count: int) -> str:
    """Return how one of so many groups looks, the worst first."""
    return "low" if position == 0 and count > 1 else "high" if position == count - 1 else "mid"


def _moved(shift: float) -> dict[str, str]:
    return {"transform": f"translate({number(shift)})"} if number(shift) != "0" else {}
