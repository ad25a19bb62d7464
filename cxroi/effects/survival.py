"""Time to churn where its date is known: Kaplan-Meier per group, Cox with controls.

Kaplan and Meier, JASA 53 (1958), 457-481; Cox, JRSS B 34 (1972), 187-220. Of rows in memory both
are by statsmodels; of rows in an engine they come from counts and running sums over time.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Floats, Integers
from ..errors import ModelError, ScarceDataError
from ..models.controls import build_controls
from ..models.cox import CoxFit, LossTimes, fit_cox, robust_errors
from ..models.kaplan_meier import Times, loss_times, steps_of_arrays, steps_of_columns
from ..models.refusals import refuse_collinear, refuse_runaway
from ..models.sample import take_sample
from ..moments import influence
from ..results.display import TidyMixin
from ..results.estimate import CONF_LEVEL, Estimate, tidy_table
from ..results.on_demand import FITTED, on_demand
from ..results.thresholds import MINIMUM_EVENTS

if TYPE_CHECKING:
    import pandas as pd

    from ..models.sample import Sample
    from ..moments.columns import Column
    from ..moments.design import Design
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
    model
        The statsmodels results, for `summary()`; in an engine a `cox_sums.CoxFit`.
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
    held = panel.frame.columns if panel.rows is None else panel.rows.types
    if "churn_days" not in held:
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
    hazard_ratios, model = _cox(panel, times, labels)
    return Survival(curves, tuple(at_window), tuple(hazard_ratios), model)


def _kaplan_meier(
    panel: Panel, times: Times, labels: tuple[str, ...]
) -> tuple[pd.DataFrame, list[Estimate]]:
    import pandas as pd

    window = panel.study.churn_days
    steps = steps_of_arrays if panel.rows is None else steps_of_columns
    tables, estimates = [], []
    for label, (days, survival, error, at_risk) in zip(
        labels, steps(times, len(labels), window), strict=True
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


def _cox(panel: Panel, times: Times, labels: tuple[str, ...]) -> tuple[list[Estimate], Any]:
    outcome = next(o.name for o in panel.study.outcomes if o.name in ("churned", "retained"))
    sample = take_sample(panel, outcome, weighted=False)
    controls = build_controls(panel, sample)
    others = [label for label in labels if label != panel.study.origin]
    design, names = controls.with_groups(sample, others)
    fit = _cox_of_arrays if panel.rows is None else _cox_of_columns
    params, errors, model = fit(design, names, times, sample.clusters, len(others))
    how = "robust errors by customer" if sample.unit == "customer" else sample.errors()
    columns = f"{len(controls.names)} control columns"
    method = f"Cox proportional hazards, Breslow ties, {columns}, {how}"
    estimates = [
        _hazard_ratio(sample, label, panel.study.origin, float(log), float(error), method)
        for label, log, error in zip(others, params, errors, strict=False)
    ]
    return estimates, model


def _cox_of_arrays(
    design: Floats,
    names: list[str],
    times: Times,
    clusters: Integers,
    groups: int,
) -> tuple[Floats, Floats, Any]:
    """Return coefficients, robust errors and the statsmodels results."""
    import pandas as pd

    refuse_collinear(design.T @ design, names, "churn")
    exog = pd.DataFrame(design[:, 1:], columns=names[1:])
    results = _fit_cox(times.days, exog, times.seen)
    params = np.asarray(results.params)
    covariance = np.asarray(results.cov_params())
    psi = cox_influence(times.days, times.seen, exog.to_numpy(), params, covariance)
    return params, np.sqrt(np.diag(influence.covariance(psi, clusters))), results


def _cox_of_columns(
    design: Design, names: list[str], times: Times, clusters: Column | None, groups: int
) -> tuple[Floats, Floats, CoxFit]:
    """Return coefficients, robust errors of the groups' and the fit from sums."""
    rows = design.rows
    refuse_collinear(design.gram(rows.column("1e0")), names, "churn")
    without = replace(
        design,  # less the intercept, the first of its discrete columns
        names=tuple(names[1:]),
        discrete=design.discrete[:, 1:],
        places=tuple(place - 1 for place in design.places[1:]),
    )
    losses = LossTimes(without, rows.column(times.days.sql), rows.column(times.seen.sql))
    fitted = fit_cox(losses)
    refuse_runaway(fitted.params, names[1:], "churn")
    return fitted.params, robust_errors(losses, fitted, clusters, range(groups)), fitted


def _fit_cox(days: Floats, exog: pd.DataFrame, seen: Floats) -> Any:
    from statsmodels.duration.hazard_regression import PHReg
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    refusal = ModelError("the Cox model of churn did not converge", fix="Use fewer controls")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            results = PHReg(days, exog, status=seen, ties="breslow").fit()
        except (np.linalg.LinAlgError, ValueError):
            raise refusal from None
    refuse_runaway(np.asarray(results.params), list(exog.columns), "churn")
    if any(issubclass(warning.category, ConvergenceWarning) for warning in caught):
        raise refusal
    return results


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


def cox_influence(
    days: Floats,
    seen: Floats,
    exog: Floats,
    params: Floats,
    covariance: Floats,
) -> Floats:
    """Return the influence of each row on the coefficients of a Cox model (Breslow ties).

    Score residuals of Lin and Wei, JASA 84 (1989), 1074-1078, times the model's covariance,
    from cumulative sums: statsmodels has them too, at a cost that grows with rows times events.
    """
    order = np.argsort(days, kind="stable")
    time, event, x = days[order], seen[order], exog[order]
    risk = np.exp(x @ params - (x @ params).max())
    first = np.searchsorted(time, time, side="left")
    at_risk = np.cumsum(risk[::-1])[::-1][first]
    mean = np.cumsum((risk[:, None] * x)[::-1], axis=0)[::-1][first] / at_risk[:, None]
    last = np.searchsorted(time, time, side="right") - 1
    hazard = np.cumsum(event / at_risk)[last]
    mean_hazard = np.cumsum(mean * (event / at_risk)[:, None], axis=0)[last]
    score = event[:, None] * (x - mean) - risk[:, None] * (x * hazard[:, None] - mean_hazard)
    psi = np.empty_like(score)
    psi[order] = score @ covariance
    return np.asarray(psi)
