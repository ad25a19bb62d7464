"""Time to churn where its date is known: Kaplan-Meier per group, Cox with controls.

Kaplan and Meier, JASA 53 (1958), 457-481; Cox, JRSS B 34 (1972), 187-220. Both come from counts
and running sums over time, wherever the rows are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats, Vector
from ..errors import ModelError, ScarceDataError
from ..models.controls import build_controls
from ..models.cox import fit_cox, robust_errors
from ..models.kaplan_meier import Times, loss_times, steps_of
from ..models.losses import losses_of
from ..models.refusals import refuse_collinear
from ..models.sample import take_sample
from ..moments import influence
from ..moments.design import gram
from ..moments.order_statistics import among
from ..results.display import TidyMixin
from ..results.estimate import CONF_LEVEL, Estimate, tidy_table
from ..results.on_demand import FITTED, later, on_demand
from ..results.thresholds import MINIMUM_EVENTS

if TYPE_CHECKING:
    import pandas as pd

    from ..models.sample import Sample
    from ..panel.panel import Panel


@on_demand
@dataclass(frozen=True, repr=False)
class Survival(TidyMixin):
    """How long customers of each group stay.

    Attributes
    ----------
    curves
        Kaplan-Meier: one row a group and day of churn: ``group, days, survival, conf_low,
        conf_high, at_risk``; of rows in an engine about 10,000 days a group at most, every one of
        them as of all rows, the last of the window among them.
    at_window
        Share still there at the end of the outcome window, one estimate a group.
    hazard_ratios
        Cox: each other group's hazard of churn over that of the group moved from, with controls.
    make_model
        Makes `model`.
    """

    curves: pd.DataFrame = field(compare=False)
    at_window: tuple[Estimate, ...]
    hazard_ratios: tuple[Estimate, ...]
    model: Any = field(compare=False, metadata=FITTED)

    def tidy(self) -> pd.DataFrame:
        """Return survival at the end of the window and hazard ratios, one row each."""
        return tidy_table([*self.at_window, *self.hazard_ratios])


def churn_survival(panel: Panel) -> Survival:
    """Estimate time to churn per group, and the hazard ratio with controls.

    Survey weights are not used here; errors of the hazard ratios are clustered by customer or
    declared cluster.

    Raises
    ------
    ModelError
        Churn is not dated, too rare in a group, or the Cox model did not converge.
    """
    if "churn_days" not in panel.rows.names:
        raise ModelError(
            "churn is not dated in this study",
            "a survival model needs [tables.subscriptions] with cancelled_at",
        )
    times = loss_times(panel)
    labels = panel.study.scale.labels
    for position, label in enumerate(labels):
        events = int(np.where(times.groups == position, times.seen, 0.0).sum())
        if events < MINIMUM_EVENTS:
            raise ScarceDataError(
                f"churn is too rare to tell: group {label!r} has {events} dated losses",
                f"a survival model needs {MINIMUM_EVENTS} in each group",
            )
    curves, at_window = _kaplan_meier(panel, times, labels)
    hazard_ratios, results = _cox(panel, times, labels)
    return Survival(curves, tuple(at_window), tuple(hazard_ratios), later(results))


def _kaplan_meier(
    panel: Panel, times: Times[Vector], labels: tuple[str, ...]
) -> tuple[pd.DataFrame, list[Estimate]]:
    import pandas as pd

    window = panel.study.churn_days
    tables, estimates = [], []
    for label, (days, survival, error, at_risk) in zip(
        labels, steps_of(times, len(labels), window), strict=True
    ):
        low, high = _log_minus_log(survival, error)
        table = {"days": days, "survival": survival, "conf_low": low, "conf_high": high}
        tables.append(pd.DataFrame({"group": label, **table, "at_risk": at_risk}))
        last = np.searchsorted(days, window, side="right") - 1
        at = (
            (1.0, 1.0, 1.0, 0.0)
            if last < 0
            else tuple(v[last] for v in (survival, low, high, error))
        )
        estimates.append(
            Estimate(
                name=f"survival.{label}",
                estimate=float(at[0]),
                conf_low=float(at[1]),
                conf_high=float(at[2]),
                std_error=float(at[3]),
                unit=f"share still there after {window} days",
                n=int((times.groups == labels.index(label)).sum()),
                method="Kaplan-Meier, log-minus-log interval with Greenwood's error",
                term=label,
            )
        )
    return pd.concat(tables, ignore_index=True), estimates


def _log_minus_log(survival: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Interval that stays within 0 and 1 (Kalbfleisch and Prentice 1980)."""
    from scipy.special import ndtri

    half = float(ndtri(0.5 + CONF_LEVEL / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(survival)
        width = half * error / (survival * np.abs(log))
        low, high = survival ** np.exp(width), survival ** np.exp(-width)
    inside = (survival > 0) & (survival < 1)
    return np.where(inside, low, survival), np.where(inside, high, survival)


def _cox(
    panel: Panel, times: Times[Vector], labels: tuple[str, ...]
) -> tuple[list[Estimate], Callable[[], Any]]:
    outcome = next(o.name for o in panel.study.outcomes if o.name in ("churned", "retained"))
    sample = take_sample(panel, outcome, weighted=False)
    controls = build_controls(panel, sample)
    others = [label for label in labels if label != panel.study.origin]
    design = controls.with_groups(sample, others)
    refuse_collinear(gram(design, design.one), list(design.names), "churn")
    known = panel.rows.is_known(f"{outcome}_after")
    days, seen = among(times.days, known), among(times.seen, known)
    losses = losses_of(design.without_intercept(), days, seen)
    fit = fit_cox(losses)
    errors = robust_errors(losses, fit, sample.clusters, range(len(others)))
    how = "robust errors by customer" if sample.unit == "customer" else sample.errors()
    columns = f"{len(controls.names)} control columns"
    method = f"Cox proportional hazards, Breslow ties, {columns}, {how}"
    estimates = [
        _hazard_ratio(sample, label, panel.study.origin, float(log), float(error), method)
        for label, log, error in zip(others, fit.params, errors, strict=False)
    ]
    return estimates, lambda: losses.results(fit)


def _hazard_ratio(
    sample: Sample, label: str, origin: str, log: float, error: float, method: str
) -> Estimate:
    dof = sample.dof()
    low, high = influence.normal_interval(log, error, CONF_LEVEL, dof)
    return Estimate(
        name=f"hazard_ratio.churn.{label}",
        estimate=float(np.exp(log)),
        conf_low=float(np.exp(low)),
        conf_high=float(np.exp(high)),
        std_error=error,
        unit="hazard ratio (standard error of its logarithm)",
        n=len(sample.values),
        method=method,
        term=label,
        contrast=f"{label} / {origin}",
        statistic=log / error,
        p_value=influence.normal_p_value(log, error, dof),
    )
