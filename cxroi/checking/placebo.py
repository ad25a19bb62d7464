"""Placebo: how far the groups differed before they answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..estimate import Estimate, tidy_table
from ..formats import value_and_interval
from ..panel_sql import EVENTS
from ..regress import regress_outcome
from .power import judged
from .result import FAILED, PASSED, WARNING, Check

if TYPE_CHECKING:
    from ..analysis import Analysis
    from ..influence import Floats
    from ..panel import Panel
    from ..study import Study

# A gap before the answer of this share of the gap after it, and the past is most of the story.
LARGEST_SHARE = 0.5
_BOUGHT = ("repeat_purchase", "retained", "churned")


def placebo_check(analysis: Analysis, outcome: str) -> Check:
    """Ask how far the groups differed before they answered.

    The baseline takes the outcome's place in the same regression, standardised over the same
    group. Baselines of the same event table (spend and orders both come from orders) are taken
    out of the controls, so that it is not held equal to itself; in a flat study, where nothing
    says what comes from the same events, all baselines are. The outcome after the answer is
    regressed in the same way, to be set beside it. A gap before the answer cannot be an effect
    of the answer: it is selection, or the outcome at work on the score (a negative control
    outcome: Lipsitch, Tchetgen Tchetgen and Cohen, Epidemiology 21 (2010), 383-388).

    Returns
    -------
    Check
        ``passed`` where the gap before is not told apart from zero and is under the smallest
        that matters or under half of the gap after; ``warning`` where it is told apart but is
        under half of the gap after, or where it is too uncertain to say; ``failed`` where it is
        told apart and at least half. The estimate is the gap before, in the outcome's unit.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome has no baseline, its regression was refused, or that of the baseline is.
    """
    regression, verdict = judged(analysis, outcome)
    before, after = _alike(analysis.panel, outcome)
    found = _verdict(before, after, verdict.matters or 0.0)
    shown = (
        replace(before, term="before the answer"),
        replace(after, term="after it, held equal to the same extent"),
        replace(regression.adjusted, term="after it, baseline held equal as well"),
    )
    return Check(
        name="placebo",
        outcome=outcome,
        verdict=found,
        sentence=f"{_numbers(analysis.panel, shown, outcome)} {_meaning(found, before, after)}",
        estimate=replace(
            before,
            name=f"check.placebo.{outcome}",
            method=f"{before.method}; the baseline in place of the outcome",
        ),
        table=tidy_table(shown),
    )


def baseline_of(panel: Panel, outcome: str) -> Floats:
    """Return the outcome as it was before the answer, per outcome window.

    Amounts and counts of a dated study are scaled from the length of the baseline to that of
    the outcome window. Whether there was any purchase stands for `repeat_purchase`, and for
    `retained` and `churned` where churn means no purchase.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome has no baseline.
    """
    study, frame = panel.study, panel.frame
    kind = study.outcome(outcome).kind
    if f"{outcome}_before" in frame:
        values = frame[f"{outcome}_before"].to_numpy(dtype=float)
        rescale = study.dated and kind != "yes_no" and study.baseline_days > 0
        return values * (study.outcome_days / study.baseline_days) if rescale else values
    if study.dated and outcome in ("retained", "churned") and study.churn == "cancelled":
        raise ModelError(
            f"{outcome!r} has no baseline: nobody had churned before the answer",
            "a placebo needs the same thing measured before the answer",
        )
    if study.dated and outcome in _BOUGHT and "orders_before" in frame:
        bought = frame["orders_before"].to_numpy(dtype=float) > 0
        return np.asarray(bought != (outcome == "churned"), dtype=float)
    raise ModelError(
        f"{outcome!r} has no baseline",
        "a placebo needs the same thing measured before the answer",
        f'Declare baseline = "..." in [outcomes.columns.{outcome}]' if not study.dated else "",
    )


def _alike(panel: Panel, outcome: str) -> tuple[Estimate, Estimate]:
    """Return the gap before and after, the same rows and the same held equal."""
    after = f"{outcome}_after"
    earlier = baseline_of(panel, outcome)
    later = panel.frame[after].to_numpy(dtype=float)
    known = np.isfinite(earlier) & np.isfinite(later)
    others = panel.frame.drop(columns=_same_events(panel, outcome))
    gaps = [
        regress_outcome(
            replace(panel, frame=others.assign(**{after: np.where(known, values, np.nan)})), outcome
        ).adjusted
        for values in (earlier, later)
    ]
    return gaps[0], gaps[1]


def _same_events(panel: Panel, outcome: str) -> list[str]:
    """List the baselines counted from the same events as the outcome."""
    baselines = [column for column in panel.frame.columns if column.endswith("_before")]
    if not panel.study.dated:
        return baselines
    name = "orders" if outcome in _BOUGHT else outcome
    same = next((m for _, m in EVENTS.values() if name in m), {name: ""})
    return [column for column in baselines if column.removesuffix("_before") in same]


def _verdict(before: Estimate, after: Estimate, matters: float) -> str:
    size, whole = abs(before.estimate or 0.0), abs(after.estimate or 0.0)
    small = size < LARGEST_SHARE * whole
    if _told_apart(before):
        return WARNING if small else FAILED
    return PASSED if small or size < matters else WARNING


def _told_apart(gap: Estimate) -> bool:
    """Whether the interval leaves zero out."""
    return (gap.conf_low or 0.0) > 0 or (gap.conf_high or 0.0) < 0


def _numbers(panel: Panel, shown: tuple[Estimate, Estimate, Estimate], outcome: str) -> str:
    study = panel.study
    before, after, adjusted = (value_and_interval(gap, study.currency) for gap in shown)
    past, ahead = _windows(study, outcome)
    return (
        f"The gap in {outcome.replace('_', ' ')} between '{study.target}' and '{study.origin}' "
        f"was {before} {past}, with {_held(panel, outcome)} held equal; {ahead}, held equal to "
        f"the same extent, it is {after}, and with the baseline held equal as well {adjusted} "
        f"(n = {shown[0].n:,})."
    )


def _windows(study: Study, outcome: str) -> tuple[str, str]:
    if not study.dated:
        return "in the baseline", "in the outcome"
    ahead = study.churn_days if outcome in ("retained", "churned") else study.outcome_days
    scaled = study.outcome(outcome).kind != "yes_no" and study.baseline_days != ahead
    past = f"in the {study.baseline_days} days before they answered"
    return past + (f" (scaled to {ahead} days)" if scaled else ""), f"in the {ahead} days after"


def _held(panel: Panel, outcome: str) -> str:
    baselines = sum(column.endswith("_before") for column in panel.frame.columns)
    parts = ["the declared controls"] if panel.study.controls else []
    if baselines > len(_same_events(panel, outcome)):
        parts.append("the baselines of other tables")
    return " and ".join(parts) or "nothing"


def _meaning(verdict: str, before: Estimate, after: Estimate) -> str:
    if verdict == PASSED:
        return "The groups are not told apart before the answer."
    if not _told_apart(before):
        return "The data do not tell whether the groups differed before the answer."
    cause = (
        "A gap before the answer cannot come of the answer: customers differed already, or what "
        "they did shaped their score."
    )
    if verdict == WARNING:
        return f"{cause} It is under half of the gap after."
    if (before.estimate or 0.0) * (after.estimate or 0.0) < 0:
        tail = "It is at least half as large as the gap after, and the other way round"
    else:
        tail = "What comes after is mostly what was there before"
    return f"{cause} {tail}: read the gap with the baseline held equal, and with care."
