"""What the check of hidden confounding found, in sentences for a reader of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...results.formats import RATIO, percent, quantity, value_and_interval
from ..result import FAILED, PASSED
from .bounds import Benchmark, Bound, Gap, robustness_value, times_to_explain
from .premises import readable

if TYPE_CHECKING:
    from ...effects.adjusted import Regression
    from ...panel.panel import Panel
    from ...results.estimate import Estimate
    from ...value.roi import Roi

MOST_TIMES = 100.0
# Under this share of group or outcome a control cannot stand for what drives both.
HARDLY = 0.001


def nothing_to_explain(regression: Regression, panel: Panel) -> str:
    """Say that the adjusted interval holds zero already."""
    adjusted = regression.contrast
    shown = value_and_interval(adjusted, panel.study.currency)
    return (
        f"The adjusted gap in {readable(regression.outcome)} of "
        f"{shown}{_unit(adjusted.unit, panel.study.currency)} may be zero as it stands "
        f"(n = {adjusted.n:,}): there is nothing that a hidden confounder would have to explain "
        "away, though one could hide a gap."
    )


def robustness(gap: Gap, regression: Regression, panel: Panel, roi: Roi | None) -> str:
    """Say how much a confounder must explain to undo the gap, and to bring the ROI to zero."""
    adjusted, currency = regression.contrast, panel.study.currency
    shown = quantity(gap.estimate, adjusted.unit, currency, gap=True)
    beyond = " beyond the controls" if regression.controls else ""
    return (
        f"Something hidden that explains {percent(robustness_value(gap.t, gap.dof))} of both group "
        f"and {readable(regression.outcome)}{beyond} could explain away the gap of "
        f"{shown}{_unit(adjusted.unit, currency)} (by least squares)"
        f"{_in_money(roi, gap, adjusted, currency)}."
    )


def benchmarked(
    verdict: str,
    gap: Gap,
    strongest: Benchmark | None,
    bounds: list[Bound],
    regression: Regression,
    panel: Panel,
) -> str:
    """Say what one as strong as the strongest known control would leave, and what that means."""
    if strongest is None:
        return (
            "No control is declared and no baseline known: there is nothing to compare that with."
        )
    one = f"One as strong as {strongest.name} ({_related(strongest, readable(regression.outcome))})"
    if verdict == FAILED:
        return f"{one} could be all there is to it: no decision should rest on the gap."
    left = quantity(bounds[0].estimate, regression.contrast.unit, panel.study.currency, gap=True)
    times = times_to_explain(gap, strongest)
    gone = _multiple(times, strongest)
    if verdict == PASSED:
        doubt = "one thrice as strong would not put it in doubt"
        return f"{one} could leave {left} of it; {doubt}; {gone}."
    if not bounds[-1].reaches_zero(gap):
        doubt = f"one thrice as strong could put it in doubt; {gone}"
    elif times is None:  # the bound allows for more than a confounder that strong can explain
        doubt = "one thrice as strong could put it in doubt"
    else:
        doubt = gone
    return f"{one} could leave {left} of it; {doubt}. Ask what was not measured."


def _in_money(roi: Roi | None, gap: Gap, adjusted: Estimate, currency: str) -> str:
    """Say at which confounding the ROI reaches zero, at the causal share that is assumed.

    At an assumed share c, with break-even at s of the gap, the ROI is zero where 1 - s / c of
    the gap is explained away.
    """
    if roi is None:
        return ""
    needed, assumed = roi["break_even_causal_share"].estimate, roi.scenario.causal_share.central
    rests = quantity(adjusted.estimate, adjusted.unit, currency, gap=True)
    share = f"at the assumed causal share of {percent(assumed)}"
    if needed is None or needed >= assumed:
        return (
            f"; {share} the ROI, which rests on the adjusted gap of {rests}, is not above zero "
            "even with nothing hidden"
        )
    lost = 1 - needed / assumed
    return (
        f"; {share}, {percent(robustness_value(gap.t, gap.dof, lost))} could bring the ROI to "
        f"zero: it would take {percent(lost)} off the adjusted gap of {rests} that the ROI rests on"
    )


def _related(benchmark: Benchmark, outcome: str) -> str:
    """Say how strongly a control goes with the group and with the outcome."""
    if benchmark.r2_group < HARDLY:
        return "hardly related to the group, so it says little"
    if benchmark.r2_outcome < HARDLY:
        return f"hardly related to {outcome}, so it says little"
    return f"{percent(benchmark.r2_group)} of group, {percent(benchmark.r2_outcome)} of {outcome}"


def _multiple(times: float | None, benchmark: Benchmark) -> str:
    if times is None:
        return f"one like {benchmark.name} could not explain it away, however strong"
    shown = f"over {MOST_TIMES:g}" if times > MOST_TIMES else f"about {times:.2g}"
    return f"one {shown} times as strong could explain it away"


def _unit(unit: str, currency: str) -> str:
    """Return the unit where a figure is shown without it."""
    bare = not (unit.startswith("share") or unit == RATIO or (currency and currency in unit))
    return f" {unit}" if bare else ""
