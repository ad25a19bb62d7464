"""Past: an outcome as it was before the answer, and how far the groups differed in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..design_matrix import baselines
from ..errors import ModelError
from ..panel_sql import EVENTS
from ..regress import regress_outcome
from .judged import plain
from .windows import role_of

if TYPE_CHECKING:
    import pandas as pd

    from ..estimate import Estimate
    from ..influence import Floats
    from ..panel import Panel

_BOUGHT = ("repeat_purchase", "retained", "churned")


def baseline_of(panel: Panel, outcome: str, frame: pd.DataFrame | None = None) -> Floats:
    """Return the outcome as it was before the answer, per outcome window.

    Amounts and counts of a dated study are scaled from the length of the baseline to that of
    the outcome window. Whether there was any purchase stands for `repeat_purchase`, and for
    `retained` and `churned` where churn means no purchase.

    Parameters
    ----------
    frame
        Where the columns ``<outcome>_before`` are; by default the frame of the panel.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome has no baseline.
    """
    study, frame = panel.study, panel.frame if frame is None else frame
    kind = study.outcome(outcome).kind
    if f"{outcome}_before" in frame:
        values = frame[f"{outcome}_before"].to_numpy(dtype=float)
        rescale = study.dated and kind != "yes_no" and study.baseline_days > 0
        return values * (study.outcome_days / study.baseline_days) if rescale else values
    if study.dated and outcome in ("retained", "churned") and study.churn == "cancelled":
        raise ModelError(
            f"{plain(outcome)!r} has no baseline: nobody had churned before the answer",
            "a placebo needs the same thing measured before the answer",
        )
    if study.dated and outcome in _BOUGHT and "orders_before" in frame:
        bought = frame["orders_before"].to_numpy(dtype=float) > 0
        return np.asarray(bought != (outcome == "churned"), dtype=float)
    if study.dated:
        raise ModelError(
            f"{plain(outcome)!r} has no baseline",
            "a placebo needs the same thing measured before the answer",
        )
    raise ModelError(
        f"The answers have no dates: what {plain(outcome)!r} was before them cannot be seen",
        "a placebo needs that as a column",
        f'If there is one, declare it as baseline = "..." in [outcomes.columns.{outcome}]',
    )


def events_of(outcome: str) -> str:
    """Return the event table in which the past of an outcome lies; empty where there is none."""
    return role_of("orders" if outcome in _BOUGHT else outcome)


def baseline_gap(panel: Panel, outcome: str) -> tuple[Estimate, Estimate]:
    """Return the gap in the baseline and after the answer, the same rows and the same held equal.

    Baselines of the same event table (spend and orders both come from orders) are taken out of
    the controls, so that the baseline is not held equal to itself; in a flat study, where
    nothing says what comes from the same events, all baselines are.

    Raises
    ------
    ModelError
        The outcome has no baseline, or a regression is refused.
    """
    after = f"{outcome}_after"
    earlier = baseline_of(panel, outcome)
    later = panel.frame[after].to_numpy(dtype=float)
    known = np.isfinite(earlier) & np.isfinite(later)
    others = panel.frame.drop(columns=_same_events(panel, outcome))
    before, then = (
        regress_outcome(
            panel.with_frame(others.assign(**{after: np.where(known, values, np.nan)})), outcome
        ).adjusted
        for values in (earlier, later)
    )
    method = f"{before.method}; the baseline in place of the outcome"
    return (
        replace(before, method=method, term="in the baseline"),
        replace(then, term="after the answer, held equal to the same extent"),
    )


def _same_events(panel: Panel, outcome: str) -> list[str]:
    """List the baselines counted from the same events as the outcome."""
    known = baselines(panel.frame.columns)
    if not panel.study.dated:
        return known
    role = events_of(outcome)
    same = EVENTS[role][1] if role else (outcome,)
    return [column for column in known if column.removesuffix("_before") in same]
