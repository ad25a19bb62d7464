"""An outcome over the whole scale as a picture, tables and sentences; never computes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from ..results.display import Table, Text
from ..results.estimate import CONF_LEVEL
from ..results.formats import percent, shown_p, value_and_interval, value_beside_interval
from .drawing.scale import Scale
from .drawing.svg import tag, text
from .figures import Picture
from .labels import listed, outcome, titled

if TYPE_CHECKING:
    from ..levers.answer_cuts import Cuts
    from ..levers.whole_scale import Point, Step, WholeScale
    from ..results.estimate import Estimate

HEIGHT = 220
_TOP, _FOOT = 40, 98
_BOTTOM = _TOP + HEIGHT
# A path that stretches knows no pixels: margins are per cents of the width.
_STEPS, _LEFT, _RIGHT = 360, 12, 6
CHANCE = 1 - CONF_LEVEL
ORDINALS = ("first", "second", "third", "fourth")
HELD = "controls and baselines held equal"
MOVERS = (
    "Those whose answer moved are set against those whose answer did not, and may differ from them "
    "in more than that: it is association, not effect."
)


def curve(whole: WholeScale) -> Picture:
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
    drawn = text(_unit(whole), 0, 13, "tick") + _axis(whole, up)
    drawn += tag("svg", *_paths(whole, up), **_stretched()) + _groups(whole)
    for point in whole.points:
        drawn += _mark(point, _across(whole, point.level.score), up)
    drawn += _answers(whole)
    values_said = f"{titled(_unit(whole))} by answer, {HELD}, with 95 % intervals: {said}."
    return Picture(claim(whole), values_said, drawn, _BOTTOM + _FOOT)


def claim(whole: WholeScale) -> str:
    """Return what the curve shows, in one line."""
    name = titled(outcome(whole.outcome))
    if not _below(whole.differs):
        return f"{name}: no difference between the answers beyond chance, {HELD}"
    first, last = whole.points[0], whole.points[-1]
    currency = whole.study.currency
    ends = [value_beside_interval(p.estimate, currency)[0] for p in (first, last)]
    return f"{name}: {ends[0]} at {first.level.label}, {ends[1]} at {last.level.label}, {HELD}"


def points(whole: WholeScale) -> Table:
    """Return one row an answer: how many gave it, the outcome, its interval, band and monotone."""
    import pandas as pd

    currency, rows = whole.study.currency, []
    for point in whole.points:
        one, shape = point.estimate, point.monotone
        from_to = _spanned(one, point.band, currency)
        rows.append(
            (
                point.level.label,
                whole.study.scale.labels[point.level.group],
                f"{point.level.n:,}",
                *value_beside_interval(one, currency),
                from_to,
                "–" if shape is None else _shown(one, shape[0], currency),
            )
        )
    columns = ["answer", "group", "n", _unit(whole), "95 % interval", "band of all points"]
    return Table(pd.DataFrame(rows, columns=[*columns, "if it may not turn back"]))


def one_more(whole: WholeScale) -> Table:
    """Return one row a step: what one point more goes with, between neighbouring answers."""
    import pandas as pd

    rows = [
        (
            f"{step.lower.label} → {step.upper.label}",
            f"{step.estimate.n:,}",
            *value_beside_interval(step.estimate, whole.study.currency),
            shown_p(step.p_corrected).removeprefix("= "),
        )
        for step in whole.steps
    ]
    columns = ["answers", "n", "one point more", "95 % interval", "p, corrected"]
    return Table(pd.DataFrame(rows, columns=columns))


def in_words(whole: WholeScale) -> Text:
    """Say where along the scale the outcome changes, where cuts would be, and what falls do."""
    said = [f"{claim(whole)} (test of a flat curve: {_p(whole.differs)})."]
    said += _steps_said(whole)
    said += _cuts_said(whole)
    said += [*_within_said(whole), *_across_said(whole)]
    if whole.study.scale.better == "lower":
        said.append("On this scale a higher answer is a worse one.")
    return Text(tuple(said), "list")


def _steps_said(whole: WholeScale) -> Iterator[str]:
    found = [step for step in whole.steps if step.p_corrected < CHANCE]
    many = f"{len(whole.steps)} steps"
    if found:
        shown = "; ".join(_step(step, whole.study.currency) for step in found)
        yield f"One point more goes with a difference beyond chance, corrected for {many}: {shown}."
    else:
        yield (
            f"No single point more goes with a difference beyond chance, corrected for {many}: "
            "what there is lies in several of them together."
            if _below(whole.differs)
            else f"No single point more goes with a difference beyond chance, corrected for {many}."
        )
    if whole.bends is None:
        return
    if _below(whole.bends):
        yield (
            f"One point more is not worth the same everywhere on the scale ({_p(whole.bends)}): a "
            "single figure a point would mislead."
        )
    else:
        yield (
            "Nothing speaks against one point more being worth the same everywhere on the scale "
            f"({_p(whole.bends)})."
        )


def _step(step: Step, currency: str) -> str:
    value = value_and_interval(step.estimate, currency)
    return f"from {step.lower.label} to {step.upper.label} {value} a point"


def _cuts_said(whole: WholeScale) -> Iterator[str]:
    cuts = whole.cuts
    if cuts is None:
        yield f"Where cuts would be best is not said: {whole.missing['cuts']}"
        return
    if cuts.chosen == cuts.declared:
        now = _cut(cuts.declared)
        yield f"These data would cut where the groups begin now, {now}. {_ranges(cuts)}"
        return
    kept = (
        f"cut {_cut(cuts.declared)} they keep {percent(cuts.kept_declared)} of what this curve "
        f"varies, {_cut(cuts.chosen)} {percent(cuts.kept_chosen)}"
    )
    judged = "judged by the half of the information that had no part in the choice"
    if cuts.better:
        yield (
            f"Groups would tell more of {outcome(whole.outcome)} if they began "
            f"{_cut(cuts.chosen)}: {kept}, and {judged} it is better beyond chance. {_ranges(cuts)}"
        )
    else:
        yield (
            f"Groups that begin {_cut(cuts.declared)} are as good as any, as far as can be told: "
            f"{kept}, but {judged} the lead is not beyond chance. {_ranges(cuts)}"
        )


def _cut(cuts: tuple[float, ...]) -> str:
    return f"at {listed([f'{cut:g}' for cut in cuts])}"


def _ranges(cuts: Cuts) -> str:
    """Say where each cut falls in resamples."""
    shown = [
        f"{place.conf_low:g} to {place.conf_high:g}"
        if place.conf_low != place.conf_high
        else f"{place.conf_low:g}"
        for place in cuts.places
    ]
    which = [f"the {ORDINALS[n]} at {one}" for n, one in enumerate(shown)]
    own = [f"it falls at {shown[0]}"] if len(shown) == 1 else [f"the cuts fall: {listed(which)}"]
    return f"Chosen anew in resamples, {own[0]}, in 95 of 100."


def _within_said(whole: WholeScale) -> Iterator[str]:
    turned, currency = whole.asymmetry, whole.study.currency
    if turned.sum is None or turned.rise is None or turned.fall is None:
        yield f"Rises and falls of the same customers are not compared: {whole.missing['within']}"
        return
    both = (
        f"of {outcome(whole.outcome)}, a point up went with "
        f"{value_and_interval(turned.rise, currency)}, a point down with "
        f"{value_and_interval(turned.fall, currency)}"
    )
    if _below(turned.sum):
        yield (
            f"Rises and falls are not mirror images ({_p(turned.sum)}): among "
            f"{turned.sum.n:,} pairs of answers by the same customers {both}. {MOVERS}"
        )
    else:
        yield (
            f"Rises and falls of the same customers may be mirror images ({_p(turned.sum)}): "
            f"{both}."
        )


def _across_said(whole: WholeScale) -> Iterator[str]:
    turned, currency = whole.asymmetry, whole.study.currency
    if turned.kink is None or turned.below is None or turned.above is None:
        yield f"The scale above and below its middle is not compared: {whole.missing['across']}"
        return
    differ = "differ" if _below(turned.kink) else "do not differ beyond chance"
    yield (
        f"Of {outcome(whole.outcome)}, slopes below and above an answer of {turned.middle:g} "
        f"{differ} ({_p(turned.kink)}): a point more goes with "
        f"{value_and_interval(turned.below, currency)} below, "
        f"{value_and_interval(turned.above, currency)} above."
    )


def _below(test: Estimate) -> bool:
    return test.p_value is not None and test.p_value < CHANCE


def _p(test: Estimate) -> str:
    return "p –" if test.p_value is None else f"p {shown_p(test.p_value)}"


def _unit(whole: WholeScale) -> str:
    return whole.points[0].estimate.unit


def _shown(estimate: Estimate, value: float, currency: str) -> str:
    from dataclasses import replace

    return value_beside_interval(replace(estimate, estimate=value), currency)[0]


def _spanned(estimate: Estimate, ends: tuple[float, float], currency: str) -> str:
    from dataclasses import replace

    low, high = ends
    return value_beside_interval(replace(estimate, conf_low=low, conf_high=high), currency)[1]


def _across(whole: WholeScale, score: float) -> float:
    """Return where an answer stands, 0 to 1."""
    first, last = whole.points[0].level.score, whole.points[-1].level.score
    return (score - first) / (last - first)


def _percent(share: float) -> str:
    return f"{_LEFT + (100 - _LEFT - _RIGHT) * share:.2f}%"


def _down(up: Scale, value: float) -> float:
    return _TOP + HEIGHT * (1 - up.share(value))


def _stretched() -> dict[str, float | str]:
    return {
        "x": f"{_LEFT}%",
        "y": 0,
        "width": f"{100 - _LEFT - _RIGHT}%",
        "height": _BOTTOM,
        "viewBox": f"0 0 {_STEPS} {_BOTTOM}",
        "preserveAspectRatio": "none",
    }


def _axis(whole: WholeScale, up: Scale) -> str:
    share = _unit(whole).startswith("share")
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
        tag(
            "path", look="line-high", d=f"M{_line(at, middle)}", vector_effect="non-scaling-stroke"
        ),
    ]
    if all(p.monotone for p in whole.points):
        shape = [_down(up, p.monotone[0]) for p in whole.points if p.monotone]
        drawn.append(
            tag(
                "path",
                look="line-mid",
                d=f"M{_line(at, shape)}",
                vector_effect="non-scaling-stroke",
            )
        )
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
