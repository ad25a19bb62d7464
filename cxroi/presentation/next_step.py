"""The next step after a decision, with its cost; never computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..checks.decision import GO, NO, NO_ROI, PILOT_FIRST
from ..effects.verdicts import TOO_LITTLE
from ..errors import CxroiError
from ..results.formats import rough_money, whole_percent
from ..value.pilot import cost_of
from . import labels

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..checks.decision import Decision
    from ..checks.run import Checks
    from ..value.pilot import Pilot

Facts = list[tuple[str, str]]


def next_step(
    analysis: Analysis, checks: Checks, decision: Decision, pilot: Pilot | None
) -> tuple[list[str], Facts]:
    """Return what to do next, in sentences, and its cost and date as pairs of name and text."""
    if decision.kind == PILOT_FIRST:
        return _pilot_first(analysis, checks, pilot)
    if decision.kind == GO:
        return _go(analysis)
    if decision.kind == NO:
        return _no(analysis)
    return _not_yet(analysis, checks, decision)


def _pilot_first(
    analysis: Analysis, checks: Checks, pilot: Pilot | None
) -> tuple[list[str], Facts]:
    roi, currency = analysis.roi, analysis.study.currency
    if roi is None:
        return [], []
    target, days = analysis.study.target, analysis.study.outcome_days
    cost, whole = cost_of(roi, roi.moved / 2), cost_of(roi, roi.moved)
    result = f"{days} days after the last is moved"
    if pilot is not None and not pilot.dearer:
        said = [
            f"Move {pilot.each:,} customers in '{analysis.study.origin}' drawn by lot, and leave "
            f"{pilot.each:,} others as they are.",
            f"Go on if the first spend at least {rough_money(pilot.effect, currency)} more in "
            f"{days} days: from there on it pays.",
        ]
        facts = [
            ("Cost", _of(pilot.cost, pilot.programme_cost, currency)),
            ("Result", result),
        ]
        return said, facts
    said = [
        f"Move half of the {roi.moved:,.0f} customers planned, drawn by lot, and leave the other "
        f"half as they are. Go on if a wave later clearly more of the first are in '{target}'."
    ]
    if pilot is not None:
        said.append(
            f"To see the {rough_money(pilot.effect, currency)} of extra spend from which it pays "
            f"would take {pilot.each:,} customers in each half, more than the programme itself: "
            "add up the spending of several quarters instead."
        )
    return said, [("Cost", _of(cost, whole, currency)), ("Result", "after the next wave")]


def _of(cost: float, whole: float, currency: str) -> str:
    return f"{rough_money(cost, currency, whole)} of {rough_money(whole, currency, cost)}"


def _go(analysis: Analysis) -> tuple[list[str], Facts]:
    roi, currency = analysis.roi, analysis.study.currency
    if roi is None:
        return [], []
    return [
        "Start the programme, and leave one customer in ten of those it is meant for as they are, "
        "drawn by lot: their spending shows next quarter whether it does what is expected."
    ], [
        ("Cost", rough_money(cost_of(roi, roi.moved), currency)),
        ("Result", f"{analysis.study.outcome_days} days after the start"),
    ]


def _no(analysis: Analysis) -> tuple[list[str], Facts]:
    roi, currency = analysis.roi, analysis.study.currency
    if roi is None:
        return [], []
    cost = roi["break_even_cost_per_moved"].estimate
    if cost is None or cost <= 0:
        return ["Keep the money: at no cost would a move pay."], [("Cost", "none")]
    return [
        f"Keep the money. Look again if a move can be had for under {rough_money(cost, currency)} "
        "a customer, or if a pilot elsewhere shows a larger effect."
    ], [("Cost", "none")]


def _not_yet(analysis: Analysis, checks: Checks, decision: Decision) -> tuple[list[str], Facts]:
    said: list[str] = []
    if not decision.rating.carries and analysis.regressions:
        said += dict.fromkeys(_mend(reason) for reason in decision.rating.reasons[:2])
    if decision.wants == NO_ROI:
        cause = refused(analysis)
        said.append(f"{cause.fix or cause.expected or cause.found}.")
    further = _further(checks)
    if further:
        said.append(further)
    if not said or analysis.study.scenario is None:
        said.insert(
            0,
            "Declare a programme in the study file: whom to move, at what cost, and how much of "
            "the gap is taken as effect; without one there is no return to judge.",
        )
    return said, [("Cost", "open: the study file has no price of asking or of collecting data")]


def refused(analysis: Analysis) -> CxroiError:
    """Return why there is no ROI: what was refused of spend, where that is the reason."""
    return analysis.refusals.get("spend") or analysis.refusals["roi"]


def _mend(reason: str) -> str:
    """Return what would lift a reason for a low rating."""
    for sign, what in _MENDS:
        if sign in reason:
            return what
    return f"Clear up: {reason}."


_MENDS: Sequence[tuple[str, str]] = (
    (
        "have no dates",
        "Collect what customers do with its dates: spending and leaving after each answer.",
    ),
    (
        "before the answers is known",
        "Collect what customers did before they answered, so that like is compared with like.",
    ),
    (
        "differed in",
        "Find what made the groups differ before they answered, and hold it equal.",
    ),
    (
        "not measured",
        "Measure what may be behind both the score and the outcome.",
    ),
)


def _further(checks: Checks) -> str:
    """Say how many more answers the outcome that lacks them most would need."""
    wanting = [v for v in checks.verdicts if v.kind == TOO_LITTLE and v.contrast is not None]
    found = [
        (v.outcome, v.responses_factor, v.contrast.n)
        for v in wanting
        if v.contrast is not None and v.responses_factor is not None and v.responses_factor > 1
    ]
    if not found:
        return ""
    outcome, factor, n = max(found, key=lambda one: one[1])
    return (
        f"Collect about {whole_percent(factor - 1)} more answers (there are {n:,}) to tell the "
        f"groups apart in {labels.outcome(outcome)}."
    )
