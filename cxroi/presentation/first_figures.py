"""Figures of the first page: ROI, net value, chance or gaps, and where each assumption breaks even.

Never computes: every figure is one of the analysis.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..results.formats import (
    chance,
    months,
    percent,
    rough_money,
    value_beside_interval,
    whole_percent,
)
from ..study.scenario import Range
from . import labels
from .small_plots import chance_circles, mini_interval

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..value.roi import Roi
    from .figures import Picture


@dataclass(frozen=True)
class Figure:
    """One of the figures under the verdict: what it is, its value, its range and a picture."""

    anchor: str
    title: str
    value: str
    span: str
    picture: Picture
    range: str = "90 % range"


@dataclass(frozen=True)
class Turn:
    """An assumption, what is assumed, and the value at which the programme breaks even."""

    anchor: str
    title: str
    assumed: str
    breaks_even: str


def figures(roi: Roi, currency: str) -> Iterator[Figure]:
    """Yield ROI, net value and the chance that it pays."""
    ratio, net, likely = roi["ratio"], roi["net_value"], roi["probability_positive"].estimate
    over = months(roi.horizon_months)
    first = "" if roi.whole_horizon else f", first {over} only"
    low, high = whole_percent(ratio.conf_low), whole_percent(ratio.conf_high)
    yield Figure(
        "roi",
        f"Return on cost (ROI){first}",
        whole_percent(ratio.estimate),
        f"{low} to {high}",
        mini_interval(ratio, "Return on cost", currency),
    )
    ends = net.conf_low or 0.0, net.conf_high or 0.0
    yield Figure(
        "net",
        f"Net value over {over}",
        rough_money(net.estimate or 0.0, currency, *ends),
        f"{rough_money(ends[0], currency, *ends)} to {rough_money(ends[1], currency, *ends)}",
        mini_interval(net, "Net value", currency),
    )
    yield Figure(
        "chance",
        "Chance that it pays",
        chance(likely or 0.0),
        f"{percent(likely)} of simulations{_if_they_stay(roi)}",
        chance_circles(likely or 0.0),
        "",
    )


def _if_they_stay(roi: Roi) -> str:
    unknown = roi.whole_horizon and roi.scenario.persistence is None
    return ", if all who are moved stay" if unknown else ""


def gaps(analysis: Analysis) -> Iterator[Figure]:
    """Yield the gaps of the first outcomes, like for like, where there is no ROI to show."""
    currency = analysis.study.currency
    outcomes = {one.name: one for one in analysis.study.outcomes}
    for name in list(analysis.regressions)[:3]:
        gap, kind = analysis.regressions[name].contrast, outcomes[name].kind
        title = f"Gap in {labels.measured(name, kind, outcomes[name].unit)}, like for like"
        value, span = (s.replace(" pp", " points") for s in value_beside_interval(gap, currency))
        low, high = gap.conf_low, gap.conf_high
        if low is not None and high is not None and low <= 0 <= high:
            span += "; not told apart from zero"
        yield Figure("gap", title, value, span, mini_interval(gap, title, currency), "95 % range")


def turns(roi: Roi, currency: str) -> Iterator[Turn]:
    """Yield what is assumed that may turn the answer, beside where it breaks even."""
    scenario, share = roi.scenario, roi["break_even_causal_share"].estimate
    beyond = "not even at all of it"
    yield Turn(
        "causal",
        labels.INPUTS["causal_share"],
        whole_percent(scenario.causal_share.central),
        beyond if share is None or share > 1 else whole_percent(share),
    )
    if roi.whole_horizon:
        needed, assumed = roi["break_even_persistence"].estimate, scenario.persistence
        given = whole_percent(assumed.central) if isinstance(assumed, Range) else "all stay"
        if assumed == "observed" and roi.persistence:
            given = f"{whole_percent(roi.persistence.estimate)}, as observed"
        not_even = "not even if all stay"
        yield Turn(
            "lasts",
            labels.INPUTS["persistence"],
            given,
            not_even if needed is None else whole_percent(needed),
        )
    cost = roi["break_even_cost_per_moved"].estimate
    yield Turn(
        "break",
        labels.INPUTS["cost_per_moved"],
        rough_money(scenario.cost_per_moved.likely, currency),
        "no cost, however low" if cost is None or cost <= 0 else rough_money(cost, currency),
    )
