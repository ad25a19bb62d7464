"""Survival curves: who is still there, day by day, with bands and labels at their ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from ..results.formats import percent
from .drawing.area import look_of
from .drawing.scale import Scale
from .drawing.svg import tag, text
from .figures import Picture

if TYPE_CHECKING:
    from ..analysis import Analysis

HEIGHT = 220
_TOP, _BOTTOM, _FOOT = 22, 22 + HEIGHT, 40
# Steps across in which a curve is drawn, and lines of text between two labels, in pixels.
_STEPS, _LINE = 360, 15
# Per cents of the width left of the curves: a path that stretches knows no pixels.
_MARGIN = 11
_LEFT, _WIDE = f"{_MARGIN}%", f"{100 - _MARGIN}%"


def survival_curves(analysis: Analysis) -> Picture:
    """Share of customers still there, by days since the answer.

    The upper edge is 100 %, where nobody has left: what is lost is measured from there.
    """
    survival = analysis.survival
    if survival is None:
        raise analysis.refusals.get("survival") or ModelError(
            "the analysis has no survival curves", "they need dated churn: [tables.subscriptions]"
        )
    ends = {e.term: e for e in survival.at_window}
    order, days = list(analysis.study.scale.labels), analysis.study.churn_days
    claim = f"After {days} days, {percent(ends[order[-1]].estimate)} of '{order[-1]}' are still "
    claim += f"there, {percent(ends[order[0]].estimate)} of '{order[0]}'"
    seen = survival.curves[survival.curves["days"] <= days]
    curves = {label: seen[seen["group"] == label] for label in order}
    listed = "; ".join(
        f"{label} {percent(e.estimate)}, from {percent(e.conf_low)} to {percent(e.conf_high)}"
        for label, e in ends.items()
    )
    values = f"Share still there after {days} days, with 95 % intervals: {listed}."
    labels = [f"{label} {percent(ends[label].estimate)}" for label in order]
    return Picture(claim, values, *_drawn(curves, labels, float(days)))


def _drawn(curves: dict[str, Any], labels: list[str], days: float) -> tuple[str, float]:
    lows = [float(rows["conf_low"].fillna(0.0).min()) for rows in curves.values() if len(rows)]
    up = Scale(min([*lows, 0.98]), 1.0)
    height = _BOTTOM + _FOOT
    drawn = _axes(up, days)
    looks = [look_of(position, len(curves)) for position in range(len(curves))]
    paths = [
        path
        for look, rows in zip(looks, curves.values(), strict=True)
        for path in _curve(rows, look, days, up)
    ]
    box = {"viewBox": f"0 0 {_STEPS} {height}", "preserveAspectRatio": "none"}
    drawn += tag("svg", *paths, x=_LEFT, y=0, width=_WIDE, height=height, **box)
    lasts = [float(rows["survival"].iloc[-1]) if len(rows) else 1.0 for rows in curves.values()]
    places = _apart([_down(up, last) + _LINE for last in lasts])
    for label, look, y in zip(labels, looks, places, strict=True):
        drawn += text(label, "100%", y, f"{look} end halo")
    return drawn, height


def _axes(up: Scale, days: float) -> str:
    drawn = text("share still there", 0, 13, "tick")
    for share in up.ticks():
        look = "whisker" if share == 1 else "axis"
        drawn += tag("rect", look=look, x=_LEFT, width=_WIDE, y=_down(up, share) - 0.5, height=1)
        drawn += text(
            f"{100 * share:g} %", _LEFT, _down(up, share) + 4, "tick end", transform="translate(-6)"
        )
    for third in range(4):
        x = f"{_MARGIN + (100 - _MARGIN) * third / 3:.2f}%"
        end = "tick end" if third == 3 else "tick middle"
        drawn += text(f"{days * third / 3:.0f}", x, _BOTTOM + 17, end)
    drawn += text("days since the answer", "50%", _BOTTOM + 34, "tick middle")
    return drawn


def _down(up: Scale, share: float) -> float:
    return _TOP + HEIGHT * (1 - up.share(share))


def _curve(rows: Any, look: str, days: float, up: Scale) -> list[str]:
    """Draw a band, then the steps of a curve over it."""
    at = (rows["days"] / days * _STEPS).round().astype(int)
    last = rows.groupby(at)[["survival", "conf_low", "conf_high"]].last()  # of each step across
    last.loc[0] = 1.0
    last = last.sort_index().ffill()  # no interval where none is left: as wide as the last
    last.loc[_STEPS] = last.iloc[-1]
    line, low, high = (
        _steps([(int(x), _down(up, float(share))) for x, share in last[column].items()])
        for column in last
    )
    back = "L".join(reversed(low.removeprefix("M").split("L")))
    return [
        tag("path", look=f"band-{look}", d=f"{high}L{back}Z"),
        tag("path", look=f"line-{look}", d=line, vector_effect="non-scaling-stroke"),
    ]


def _steps(points: Sequence[tuple[int, float]]) -> str:
    """Write a curve that keeps its height until the next point."""
    (x, y), *rest = points
    path = [f"{x} {y:.1f}"]
    for x, down in rest:
        path += [f"{x} {y:.1f}", f"{x} {down:.1f}"]
        y = down
    return f"M{'L'.join(path)}"


def _apart(places: Sequence[float]) -> list[float]:
    """Move labels that would lie over one another apart, in their order from above."""
    moved = list(places)
    for lower, upper in _neighbours(moved):
        moved[lower] = max(moved[lower], moved[upper] + _LINE)
    over = max(moved, default=0.0) - (_BOTTOM + 4)
    return [place - over for place in moved] if over > 0 else moved


def _neighbours(places: Sequence[float]) -> list[tuple[int, int]]:
    order = sorted(range(len(places)), key=places.__getitem__)
    return list(zip(order[1:], order, strict=False))
