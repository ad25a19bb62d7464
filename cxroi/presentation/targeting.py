"""Whom to move, and how segments differ, in sentences, tables and a picture; never computes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..levers.whom.pooled_segments import ODDS
from ..levers.whom.targeting import CHOSEN, EVERYBODY, NOBODY, OPEN
from ..results.display import Table, Text, significant
from ..results.estimate import CONF_LEVEL
from ..results.formats import quantity, shown_p, value_and_interval, whole_percent
from .drawing.scale import Scale
from .drawing.svg import tag, text
from .figures import Picture

if TYPE_CHECKING:
    from ..levers.whom.policy_tree import Part
    from ..levers.whom.pooled_segments import PooledSegments
    from ..levers.whom.questions import Question
    from ..levers.whom.targeting import Targeting
    from ..results.estimate import Estimate

ASSOCIATION = (
    "All of this is association: customers of the two groups who are alike in what the study "
    "declares, held against one another. Whether a programme does the same is told by a trial."
)
HEIGHT = 220
_TOP, _BOTTOM, _FOOT = 22, 22 + HEIGHT, 40
# Steps across in which the curve is drawn; per cents of the width left of it.
_STEPS, _MARGIN = 360, 15
_LEFT, _WIDE = f"{_MARGIN}%", f"{100 - _MARGIN}%"


def whom_to_move(targeting: Targeting) -> Text:
    """Say whom to move, what that earns, and whether the effect differs between customers.

    Examples
    --------
    >>> import cxroi as cx
    >>> run = cx.open_run(cx.demo_study())  # doctest: +SKIP
    >>> cx.targeting.whom_to_move(cx.whom_to_move(run.panel, run.analysis))  # doctest: +SKIP
    """
    decided = _decided(targeting)
    return Text((decided, _differs(targeting), targeting.worth.about, ASSOCIATION))


def _decided(found: Targeting) -> str:
    origin, does = found.study.origin, _does(found)
    more = f"{_said(found, found.gain)} per customer more than moving everybody"
    if found.decision == CHOSEN:
        return (
            f"Move only those in '{origin}' for whom it holds: {rule_in_words(found)}. That rule "
            f"moves {whole_percent(found.share.estimate)} of them and {does} {more}, and "
            f"{_said(found, found.chosen)} more than moving nobody, both measured on customers "
            "who had no part in making it."
        )
    everybody = _said(found, found.everybody)
    rest = {
        EVERYBODY: f"Moving everybody in '{origin}' {does} {everybody} per customer.",
        NOBODY: f"Moving nobody is better than moving everybody in '{origin}', which {does} "
        f"{everybody} per customer.",
        OPEN: f"Whether moving everybody in '{origin}' is better than moving nobody is open: it "
        f"{does} {everybody} per customer.",
    }
    return f"{_no_rule(found, more)} {rest[found.decision]}"


def _no_rule(found: Targeting, more: str) -> str:
    none = "No rule of whom to move is recommended"
    if not found.gain.std_error:
        return f"{none}: none was found that tells customers apart by more than chance."
    chance = ", which chance alone can make" if _holds_zero(found.gain) else ""
    return f"{none}: rules made of other customers {_does(found, s='')} {more}{chance}."


def _does(found: Targeting, s: str = "s") -> str:
    """Return what a move does to what counts, as a verb."""
    if found.worth.in_money:
        return f"earn{s}"
    return f"improve{s} {next(iter(found.worth.prices)).replace('_', ' ')} by"


def _differs(found: Targeting) -> str:
    low, high, gap = found.quarters[0], found.quarters[-2], found.quarters[-1]
    clear = not _holds_zero(found.foretold) and (found.foretold.estimate or 0) > 0
    sure = "by more than chance" if clear else "by no more than chance can make"
    cost = f", before the cost of {_amount(found, found.worth.cost)}" if found.worth.cost else ""
    return (
        f"From one customer to another the effect of a move differs {sure}: for the quarter for "
        f"whom most is foretold it is {_said(found, high)}, for the quarter for whom least is "
        f"{_said(found, low)}{cost}; the difference is {_said(found, gap)}."
    )


def rule_in_words(targeting: Targeting) -> str:
    """Return the parts that the rule moves, joined by "or"."""
    moved = [part for part in targeting.policy.parts if part.moved]
    return ", or ".join(_part(part) for part in moved) or "nobody"


def rule(targeting: Targeting) -> Table | Text:
    """Return the rule, a row a part of the customers; a sentence where none is recommended."""
    import pandas as pd

    if not targeting.recommended:
        return Text(("No rule is recommended, so none is shown.",))
    rows = [
        (_part(part) or "everybody", "move" if part.moved else "leave")
        for part in targeting.policy.parts
    ]
    return Table(pd.DataFrame(rows, columns=["customers", "what to do"]))


def _part(part: Part) -> str:
    return " and ".join(_answer(question, so) for question, so in part.answers)


def _answer(question: Question, so: bool) -> str:
    name = question.column.removeprefix("attr_").replace("_", " ")
    if question.at is None:
        return f"{name} is {'' if so else 'not '}{question.level}"
    at = significant(question.at, 3)
    return f"{name} is at least {at}" if so else f"{name} is under {at} or unknown"


def heterogeneity(targeting: Targeting, outcome: str = "value") -> Table:
    """Return how the effect changes with what the study declares of customers.

    Parameters
    ----------
    outcome
        Such as ``spend``; by default the value of a move, or the only outcome that counts.

    Returns
    -------
    Table
        Columns: what, change of the effect (95 per cent interval), p value after Holm. The last
        row tests all of them at once.
    """
    import pandas as pd

    names = {e.outcome for e in targeting.heterogeneity}
    shown = outcome if outcome in names else next(iter(targeting.worth.prices))
    own = [e for e in targeting.heterogeneity if e.outcome == shown]
    rows = [
        (
            e.term if e.term != "any" else "all of these at once",
            _said(targeting, e) if e.term != "any" else "–",
            shown_p(e.p_value),
        )
        for e in own
    ]
    title = f"change of the effect on {shown.replace('_', ' ')} (95 % interval)"
    return Table(pd.DataFrame(rows, columns=["with", title, "p"]))


def pooled(segments: PooledSegments) -> Table | Text:
    """Return gaps, moves and ROI of segments, alone and drawn towards one another.

    Returns
    -------
    Table or Text
        Columns: attribute, value, figure, alone, drawn together (with intervals). A sentence
        where the study names no attribute, or none has two values to show.
    """
    import pandas as pd

    currency = segments.study.currency
    rows = [
        (
            one.column.replace("_", " "),
            level,
            _figure(one.figure),
            value_and_interval(alone, currency),
            value_and_interval(together, currency),
        )
        for one in segments.figures
        for level, alone, together in zip(one.levels, one.alone, one.pooled, strict=True)
    ]
    if not rows:
        return Text(("No attribute has two values of which enough answers are there.",))
    columns = ["by", "value", "figure", "alone", "in the light of the others"]
    return Table(pd.DataFrame(rows, columns=columns))


def segments_spread(segments: PooledSegments) -> Text:
    """Say of each figure whether it differs between segments, and how far."""
    return Text(tuple(_spreads(segments)), "list")


def _spreads(segments: PooledSegments) -> Iterator[str]:
    currency = segments.study.currency
    for one in segments.figures:
        if one.differ is None or one.spread is None:
            continue
        p, spread = one.differ.p_value or 0.0, one.spread
        more = "by more than" if p < 1 - CONF_LEVEL else "by no more than"
        of = ", on the scale of log odds" if spread.unit == ODDS else ""
        yield (
            f"{_figure(one.figure).capitalize()} differs by {one.column.replace('_', ' ')} {more} "
            f"chance (p {shown_p(p)}, Cochran's Q); the standard deviation of the true figures is "
            f"estimated at {value_and_interval(spread, currency)}{of}."
        )


def _figure(figure: str) -> str:
    kind, _, rest = figure.partition(".")
    if kind == "contrast":
        return f"gap in {rest.replace('_', ' ')}"
    if kind == "moves":
        origin, _, target = rest.partition(".")
        return f"share of {origin} that becomes {target} without a programme"
    return "ROI"


def value_by_share(targeting: Targeting) -> Picture:
    """Show what moving a share of the group earns, those first for whom most is foretold."""
    last, currency = targeting.curve[-1], targeting.study.currency
    best = max(targeting.curve, key=lambda e: e.estimate or 0.0)
    clear = (targeting.ranking.conf_low or 0.0) > 0
    order = "The order in which customers are moved" + ("" if clear else " is not shown to")
    claim = f"{order} {'matters' if clear else 'matter'}: moving everybody {_does(targeting)} "
    claim += f"{_value(targeting, last)} per customer"
    if best is not last:
        claim += f", the first {_share(best)} {_value(targeting, best)}"
    listed = "; ".join(f"{_share(e)} {value_and_interval(e, currency)}" for e in targeting.curve)
    values = (
        f"Net value per customer of '{targeting.study.origin}' by share moved, with 95 % "
        f"intervals: {listed}. Dashed: in any order."
    )
    return Picture(claim, values, *_drawn(targeting))


def _share(estimate: Estimate) -> str:
    return f"{estimate.name.rsplit('.', 1)[1]} %"


def _drawn(targeting: Targeting) -> tuple[str, float]:
    curve = targeting.curve
    up = Scale.of(v for e in curve for v in (e.estimate, e.conf_low, e.conf_high))
    height, last = _BOTTOM + _FOOT, len(curve) - 1
    drawn = _axes(up, targeting)

    def path(ends: list[float | None]) -> str:
        return "L".join(
            f"{_STEPS * k / last:.0f} {_down(up, v or 0.0):.1f}" for k, v in enumerate(ends)
        )

    low, high = [e.conf_low for e in curve], [e.conf_high for e in curve]
    back = "L".join(reversed(path(low).split("L")))
    middle = [e.estimate for e in curve]
    any_order = f"M0 {_down(up, middle[0] or 0):.1f}L{_STEPS} {_down(up, middle[-1] or 0):.1f}"
    still = {"vector_effect": "non-scaling-stroke"}
    paths = [
        tag("path", look="band-high", d=f"M{path(high)}L{back}Z"),
        tag("path", look="line-mid", d=any_order, **still),
        tag("path", look="line-high", d=f"M{path(middle)}", **still),
    ]
    box = {"viewBox": f"0 0 {_STEPS} {height}", "preserveAspectRatio": "none"}
    drawn += tag("svg", *paths, x=_LEFT, y=0, width=_WIDE, height=height, **box)
    return drawn, height


def _axes(up: Scale, targeting: Targeting) -> str:
    currency, unit = targeting.study.currency, targeting.curve[0].unit
    drawn = text(f"net value, {unit}", 0, 13, "tick")
    for value in up.ticks():
        look = "whisker" if value == 0 else "axis"
        y = _down(up, value)
        drawn += tag("rect", look=look, x=_LEFT, width=_WIDE, y=y - 0.5, height=1)
        shown = quantity(value, unit, currency)
        drawn += text(shown, _LEFT, y + 4, "tick end", transform="translate(-6)")
    for quarter in range(5):
        x = f"{_MARGIN + (100 - _MARGIN) * quarter / 4:.2f}%"
        end = "tick end" if quarter == 4 else "tick middle"
        drawn += text(f"{25 * quarter} %", x, _BOTTOM + 17, end)
    about = f"share of '{targeting.study.origin}' moved, the largest effects foretold first"
    return drawn + text(about, "50%", _BOTTOM + 34, "tick middle")


def _down(up: Scale, value: float) -> float:
    return _TOP + HEIGHT * (1 - up.share(value))


def _said(targeting: Targeting, estimate: Estimate) -> str:
    return value_and_interval(estimate, targeting.study.currency)


def _value(targeting: Targeting, estimate: Estimate) -> str:
    currency, gap = targeting.study.currency, bool(estimate.contrast)
    return quantity(estimate.estimate, estimate.unit, currency, gap=gap)


def _amount(targeting: Targeting, value: float) -> str:
    return quantity(value, targeting.worth.unit, targeting.study.currency)


def _holds_zero(estimate: Estimate) -> bool:
    return (estimate.conf_low or 0.0) <= 0 <= (estimate.conf_high or 0.0)
