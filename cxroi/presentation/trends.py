"""The trend over the whole score: what it says beside the pair of groups, or against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..effects.trend import corrected, each_point_better, fades_within, worsens
from ..effects.verdicts import USEFUL
from ..results.display import Table, Text
from ..results.formats import interval, quantity, shown_p, value_and_interval

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..effects.trend import Trend
    from ..results.estimate import Estimate

SIGNIFICANT = 0.05
COLUMNS = ("raw", "adjusted", "within", "two_way", "placebo")
HEADINGS = (
    "outcome",
    "unit",
    "raw",
    "controls and baseline held equal",
    "within customers",
    "within customers, waves at once",
    "before the answer",
)


def claims(analysis: Analysis) -> Text:
    """Say which outcomes worsen as the score gets better, and which trends the pair misses."""
    if analysis.study.scale.two_answers:
        same = "There are two answers: the trend over them is the gap between the two groups."
        return Text((*worsening(analysis), same), "list")
    nothing = (
        "No outcome gets worse as the score gets better, beyond what chance explains, and no trend "
        "over the whole score stands against the verdict on the pair."
    )
    return Text(tuple(trend_sentences(analysis)) or (nothing,), "list")


def trend_sentences(analysis: Analysis) -> Iterator[str]:
    """Yield a sentence for each outcome whose trend over the whole score must be known."""
    p_values = corrected(analysis.trends)
    for name, trend in _distinct(analysis).items():
        if trend.best is None or not p_values.get(name, 1.0) < SIGNIFICANT:
            continue
        verdict = next((v for v in analysis.verdicts if v.outcome == name), None)
        if worsens(trend.best, analysis.study):
            yield _worse(analysis, trend.best, p_values[name])
        elif fades_within(trend) or (verdict and verdict.kind != USEFUL):
            kind = verdict.kind if verdict and verdict.kind != USEFUL else ""
            yield " ".join(_whole(analysis, trend, trend.best, p_values[name], kind))


def worsening(analysis: Analysis) -> Iterator[str]:
    """Yield a sentence for each outcome that worsens as the score gets better."""
    p_values = corrected(analysis.trends)
    for name, trend in _distinct(analysis).items():
        p = p_values.get(name, 1.0)
        if trend.best and p < SIGNIFICANT and worsens(trend.best, analysis.study):
            yield _worse(analysis, trend.best, p)


def table(analysis: Analysis) -> Table:
    """Return the change of each outcome with each point of the score, rung by rung."""
    import pandas as pd

    currency, rows = analysis.study.currency, []
    for name, trend in analysis.trends.items():
        slopes = [trend.slopes.get(rung) for rung in COLUMNS]
        shown = [value_and_interval(one, currency) if one else "–" for one in slopes]
        unit = next((one.unit for one in slopes if one), "")
        rows.append((_readable(name), unit, *shown))
    return Table(pd.DataFrame(rows, columns=list(HEADINGS)))


def _distinct(analysis: Analysis) -> dict[str, Trend]:
    """Leave out churned where retained, its mirror image in a dated study, is told."""
    mirrored = analysis.study.dated and "retained" in analysis.trends
    return {n: t for n, t in analysis.trends.items() if not (mirrored and n == "churned")}


def _worse(analysis: Analysis, slope: Estimate, p: float) -> str:
    metric, name = analysis.study.scale.title, _readable(slope.outcome)
    return (
        f"{name.capitalize()} gets worse as the {metric} gets better: over all answers, "
        f"{_amount(analysis, slope)} (p {shown_p(p)}). Whatever a single pair of groups shows, "
        f"a better {metric} does not go with a better outcome here."
    )


def _whole(
    analysis: Analysis, trend: Trend, slope: Estimate, p: float, verdict: str
) -> Iterator[str]:
    """Yield what the whole score says, then what stands against it."""
    study, name = analysis.study, _readable(slope.outcome)
    yield (
        f"{name.capitalize()} goes with the whole {study.scale.title}: over all answers, "
        f"{_amount(analysis, slope)} (p {shown_p(p)})."
    )
    if verdict:
        yield (
            f"Of '{study.target}' against '{study.origin}' alone the verdict is {verdict}: a trend "
            "over all answers is no gap between these two groups."
        )
    within = trend.slopes.get("two_way")
    if within and fades_within(trend):
        between = interval(each_point_better(within, study), study.currency)
        yield (
            "The same customers from wave to wave do not show it: there the 95 % interval is "
            f"{between} a point. So it may be a difference between customers that lasts, not what "
            "a better experience changes."
        )
    raw, before = trend.slopes.get("raw"), trend.slopes.get("placebo")
    if (
        raw
        and before
        and before.beyond_chance()
        and abs(before.estimate or 0) >= abs(raw.estimate or 0)
    ):
        yield (
            f"What came before the answer went with the score at least as strongly: "
            f"{_amount(analysis, before)}."
        )


def _amount(analysis: Analysis, slope: Estimate) -> str:
    """Say how much more or less of an outcome goes with a better score."""
    study, held = analysis.study, slope.rung == "trend adjusted" and _held(analysis, slope.outcome)
    one = each_point_better(slope, study)
    value = one.estimate or 0.0
    size = quantity(abs(value), one.unit, study.currency, gap=True)
    more = "more" if value > 0 else "less"
    equal = ", controls and baselines held equal" if held else ""
    return f"each point better goes with {size} {more}{equal}"


def _held(analysis: Analysis, outcome: str) -> bool:
    """Whether anything was held equal: else the adjusted slope is the raw one."""
    slopes = analysis.trends[outcome].slopes
    raw = slopes.get("raw")
    return raw is None or raw.estimate != slopes["adjusted"].estimate


def _readable(outcome: str) -> str:
    return outcome.replace("_", " ")
