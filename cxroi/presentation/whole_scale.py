"""An outcome over the whole scale as tables and sentences; never computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import CxroiError
from ..results.display import Table, Text
from ..results.estimate import CONF_LEVEL
from ..results.formats import percent, shown_p, value_and_interval, value_beside_interval
from .labels import listed, outcome, titled

if TYPE_CHECKING:
    from ..levers.scale.answer_cuts import Cuts
    from ..levers.scale.whole_scale import OneMore, WholeScale
    from ..results.estimate import Estimate

CHANCE = 1 - CONF_LEVEL
ORDINALS = ("first", "second", "third", "fourth")
HELD = "controls and baselines held equal"
MOVERS = (
    "Those whose answer moved are set against those whose answer did not, and may differ from them "
    "in more than that: it is association, not effect."
)


def claim(whole: WholeScale) -> str:
    """Return what the curve shows, in one line."""
    name = titled(outcome(whole.outcome))
    if not whole.differs.beyond_chance():
        return f"{name}: no difference between the answers beyond chance, {HELD}"
    first, last = whole.points[0], whole.points[-1]
    currency = whole.study.currency
    ends = [value_beside_interval(p.estimate, currency)[0] for p in (first, last)]
    return f"{name}: {ends[0]} at {first.level.label}, {ends[1]} at {last.level.label}, {HELD}"


def claims(curves: Mapping[str, WholeScale | CxroiError]) -> Text:
    """Return what the curve of each outcome shows, or why there is none."""
    said = [
        f"{titled(outcome(name))}: nothing is shown, {str(one).rstrip('.')}"
        if isinstance(one, CxroiError)
        else claim(one)
        for name, one in curves.items()
    ]
    return Text(tuple(f"{sentence}." for sentence in said), "list")


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
    columns = ["answer", "group", "n", unit(whole), "95 % interval", "band of all points"]
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
    many = f"{len(whole.steps)} step{'s' * (len(whole.steps) > 1)}"
    if found:
        shown = "; ".join(_step(step, whole.study.currency) for step in found)
        yield f"One point more goes with a difference beyond chance, corrected for {many}: {shown}."
    else:
        yield (
            f"No single point more goes with a difference beyond chance, corrected for {many}: "
            "what there is lies in several of them together."
            if whole.differs.beyond_chance()
            else f"No single point more goes with a difference beyond chance, corrected for {many}."
        )
    if whole.bends is None:
        return
    if whole.bends.beyond_chance():
        yield (
            f"One point more is not worth the same everywhere on the scale ({_p(whole.bends)}): a "
            "single figure a point would mislead."
        )
    else:
        yield (
            "Nothing speaks against one point more being worth the same everywhere on the scale "
            f"({_p(whole.bends)})."
        )


def _step(step: OneMore, currency: str) -> str:
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
        f"varies, {_cut(cuts.chosen)}, chosen to keep the most, {percent(cuts.kept_chosen)}"
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
    which = [f"the {_ordinal(n)} at {one}" for n, one in enumerate(shown)]
    own = [f"it falls at {shown[0]}"] if len(shown) == 1 else [f"the cuts fall: {listed(which)}"]
    return f"Chosen anew in resamples, {own[0]}, in 95 of 100."


def _ordinal(place: int) -> str:
    return ORDINALS[place] if place < len(ORDINALS) else f"{place + 1}th"


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
    if turned.sum.beyond_chance():
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
    differ = "differ" if turned.kink.beyond_chance() else "do not differ beyond chance"
    yield (
        f"Of {outcome(whole.outcome)}, slopes below and above an answer of {turned.middle:g} "
        f"{differ} ({_p(turned.kink)}): a point more goes with "
        f"{value_and_interval(turned.below, currency)} below, "
        f"{value_and_interval(turned.above, currency)} above."
    )


def _p(test: Estimate) -> str:
    return f"p {shown_p(test.p_value)}"


def unit(whole: WholeScale) -> str:
    """Return the unit of the outcome."""
    return whole.points[0].estimate.unit


def _shown(estimate: Estimate, value: float, currency: str) -> str:
    return value_beside_interval(replace(estimate, estimate=value), currency)[0]


def _spanned(estimate: Estimate, ends: tuple[float, float], currency: str) -> str:
    low, high = ends
    return value_beside_interval(replace(estimate, conf_low=low, conf_high=high), currency)[1]
