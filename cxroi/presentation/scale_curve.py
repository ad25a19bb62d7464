"""The curve of an outcome over the scale as a picture; never computes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ..results.formats import value_and_interval
from .drawing.scale import Scale
from .drawing.svg import tag, text
from .figures import Picture
from .labels import titled
from .whole_scale import HELD, claim, unit

if TYPE_CHECKING:
    from ..levers.scale.whole_scale import Point, WholeScale

HEIGHT = 220
_TOP, _FOOT = 40, 98
_BOTTOM = _TOP + HEIGHT
# A path that stretches knows no pixels: margins are per cents of the width.
_STEPS, _LEFT, _RIGHT = 360, 12, 6


def scale_curve(whole: WholeScale) -> Picture:
    """Show the outcome at each answer: points with intervals, a band that holds all of them.

    Under each answer stands how many gave it; lines mark where groups of the score begin.
    """
    ends = [end for p in whole.points for end in p.band]
    values = [value for p in whole.points for value in (p.estimate.conf_low, p.estimate.conf_high)]
    up = Scale.of([*ends, *values], zero=False, room=0.03)
    said = "; ".join(
        f"{p.level.label}: {value_and_interval(p.estimate, whole.study.currency)}, "
        f"n = {p.level.n:,}"
        for p in whole.points
    )
    drawn = text(unit(whole), 0, 13, "tick") + _axis(whole, up)
    box = {"viewBox": f"0 0 {_STEPS} {_BOTTOM}", "preserveAspectRatio": "none"}
    wide = f"{100 - _LEFT - _RIGHT}%"
    paths = _paths(whole, up)
    drawn += tag("svg", *paths, x=f"{_LEFT}%", y=0, width=wide, height=_BOTTOM, **box)
    drawn += _groups(whole)
    for point in whole.points:
        drawn += _mark(point, _across(whole, point.level.score), up)
    drawn += _answers(whole)
    values_said = f"{titled(unit(whole))} by answer, {HELD}, with 95 % intervals: {said}."
    return Picture(claim(whole), values_said, drawn, _BOTTOM + _FOOT)


def _across(whole: WholeScale, score: float) -> float:
    """Return where an answer stands, 0 to 1."""
    first, last = whole.points[0].level.score, whole.points[-1].level.score
    return (score - first) / (last - first)


def _percent(share: float) -> str:
    return f"{_LEFT + (100 - _LEFT - _RIGHT) * share:.2f}%"


def _down(up: Scale, value: float) -> float:
    return _TOP + HEIGHT * (1 - up.share(value))


def _axis(whole: WholeScale, up: Scale) -> str:
    share = unit(whole).startswith("share")
    drawn = ""
    for value in up.ticks():
        y = _down(up, value)
        drawn += tag(
            "rect", look="axis", x=f"{_LEFT}%", width=f"{100 - _LEFT}%", y=y - 0.5, height=1
        )
        words = f"{100 * value:g} %" if share else f"{value:,.10g}"
        drawn += text(words, f"{_LEFT}%", y + 4, "tick end", transform="translate(-14)")
    return drawn


def _paths(whole: WholeScale, up: Scale) -> list[str]:
    """Draw the band, the curve, and the curve as it would be if it did not turn back."""
    at = [_STEPS * _across(whole, p.level.score) for p in whole.points]
    high = _line(at, [_down(up, p.band[1]) for p in whole.points])
    low = _line(at[::-1], [_down(up, p.band[0]) for p in whole.points[::-1]])
    middle = [_down(up, p.estimate.estimate or 0.0) for p in whole.points]
    drawn = [
        tag("path", look="band-high", d=f"M{high}L{low}Z"),
        _path("line-high", at, middle),
    ]
    if all(p.monotone for p in whole.points):
        shape = [_down(up, p.monotone[0]) for p in whole.points if p.monotone]
        drawn.append(_path("line-mid", at, shape))
    return drawn


def _path(look: str, at: list[float], down: list[float]) -> str:
    return tag("path", look=look, d=f"M{_line(at, down)}", vector_effect="non-scaling-stroke")


def _line(at: list[float], down: list[float]) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(at, down, strict=True))


def _groups(whole: WholeScale) -> str:
    """Mark where groups begin, midway between neighbouring answers."""
    drawn = ""
    for lower, upper in pairwise(p.level for p in whole.points):
        if lower.group != upper.group:
            x = _percent(_across(whole, (lower.score + upper.score) / 2))
            drawn += tag("line", look="ref", x1=x, x2=x, y1=_TOP - 12, y2=_BOTTOM)
            drawn += text(f"{whole.study.scale.labels[upper.group]} →", x, _TOP - 14, "tick middle")
    return drawn


def _mark(point: Point, share: float, up: Scale) -> str:
    x, one = _percent(share), point.estimate
    ends = [_down(up, end) for end in (one.conf_low, one.conf_high) if end is not None]
    drawn = tag("line", look="zero", x1=x, x2=x, y1=ends[0], y2=ends[1]) if len(ends) == 2 else ""
    return drawn + tag("circle", look="dot-high", cx=x, cy=_down(up, one.estimate or 0.0), r=5)


def _answers(whole: WholeScale) -> str:
    """Write each answer below its point, and how many gave it; every other one a line lower."""
    drawn = ""
    for place, point in enumerate(whole.points):
        x, lower = _percent(_across(whole, point.level.score)), 16 * (place % 2)
        drawn += text(point.level.label.replace(" to ", "–"), x, _BOTTOM + 18, "lab middle b")
        drawn += text(f"{point.level.n:,}", x, _BOTTOM + 36 + lower, "tick middle")
    drawn += text("n", 0, _BOTTOM + 36, "tick")
    drawn += text(f"answer ({whole.study.scale.title})", "50%", _BOTTOM + 74, "tick middle")
    shaded = "shaded: holds all points in 95 %"
    dashed = "; dashed: if it may not turn back" if whole.points[0].monotone else ""
    return drawn + text(shaded + dashed, "50%", _BOTTOM + 91, "tick middle")
