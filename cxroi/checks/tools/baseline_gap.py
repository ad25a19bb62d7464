"""Past: an outcome as it was before the answer, and how far the groups differed in it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...effects.adjusted import regress_pair
from ...errors import ModelError
from ...models.controls import baselines
from ...moments.order_statistics import is_known, where_known
from ...panel.events import EVENTS
from ...panel.replaced import replaced
from ...panel.windows import role_of
from .premises import readable

if TYPE_CHECKING:
    from ...arrays import Vector
    from ...moments.rows import Rows
    from ...panel.panel import Panel
    from ...results.estimate import Estimate

_BOUGHT = ("repeat_purchase", "retained", "churned")


def baseline_of(panel: Panel, outcome: str, held: Rows | None = None) -> Vector:
    """Return the outcome as it was before the answer, per outcome window.

    Amounts and counts of a dated study are scaled from the length of the baseline to that of
    the outcome window. Whether there was any purchase stands for `repeat_purchase`, and for
    `retained` and `churned` where churn means no purchase.

    Parameters
    ----------
    held
        Where the columns ``<outcome>_before`` are; by default what holds those of the panel.

    Returns
    -------
    Vector
        An array, or a column of rows in an engine; NaN or NULL where it is missing.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome has no baseline.
    """
    study, held = panel.study, panel.rows if held is None else held
    kind, names = study.outcome(outcome).kind, held.names
    if f"{outcome}_before" in names:
        values = held.values(f"{outcome}_before")
        rescale = study.dated and kind != "yes_no" and study.baseline_days > 0
        return values * (study.outcome_days / study.baseline_days) if rescale else values
    if study.dated and outcome in ("retained", "churned") and study.churn == "cancelled":
        raise ModelError(
            f"{readable(outcome)!r} has no baseline: nobody had churned before the answer",
            "a placebo needs the same thing measured before the answer",
        )
    if study.dated and outcome in _BOUGHT and "orders_before" in names:
        yes = float(outcome != "churned")
        return np.where(held.values("orders_before") > 0, yes, 1 - yes)
    if study.dated:
        raise ModelError(
            f"{readable(outcome)!r} has no baseline",
            "a placebo needs the same thing measured before the answer",
        )
    raise ModelError(
        f"The answers have no dates: what {readable(outcome)!r} was before them cannot be seen",
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
    if panel.study.churn == "no_purchase" and outcome in ("retained", "churned"):
        raise ModelError(
            f"{readable(outcome)!r} is known of customers who had bought before the answer, all "
            "of them: in the baseline they do not differ",
            "a placebo needs the same thing measured before the answer",
        )
    earlier = baseline_of(panel, outcome)
    later = panel.rows.values(after)
    known, same = is_known(earlier) & is_known(later), _same_events(panel, outcome)
    if not float((1.0 * is_known(earlier)).sum()):
        raise ModelError(
            f"what {readable(outcome)!r} was before the answers is not known for any of them",
            "a placebo needs the same thing measured before the answer",
        )
    panels = (
        replaced(panel, {after: where_known(values, known)}, without=same)
        for values in (earlier, later)
    )
    makes = [partial(regress_pair, one, outcome) for one in panels]
    before, then = panel.rows.together(makes)
    method = f"{before.method}; the baseline in place of the outcome"
    return (
        replace(before, method=method, term="in the baseline"),
        replace(then, term="after the answer, held equal to the same extent"),
    )


def _same_events(panel: Panel, outcome: str) -> list[str]:
    """List the baselines counted from the same events as the outcome."""
    known = baselines(panel.rows.names)
    if not panel.study.dated:
        return known
    role = events_of(outcome)
    same = EVENTS[role][1] if role else (outcome,)
    return [column for column in known if column.removesuffix("_before") in same]
