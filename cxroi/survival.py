"""Time to churn where its date is known: Kaplan-Meier per group, Cox with controls.

Kaplan and Meier, JASA 53 (1958), 457-481; Cox, JRSS B 34 (1972), 187-220; both by statsmodels.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from . import influence
from .design_matrix import build_controls
from .errors import ModelError, ScarceDataError
from .estimate import CONF_LEVEL, Estimate, TidyMixin, tidy_table
from .fit import refuse_collinear, refuse_runaway
from .sample import MINIMUM_EVENTS, take_sample

if TYPE_CHECKING:
    import pandas as pd

    from .panel import Panel


@dataclass(frozen=True, repr=False)
class Survival(TidyMixin):
    """How long customers of each group stay.

    Attributes
    ----------
    curves
        Kaplan-Meier: one row a group and day of churn: ``group, days, survival, conf_low,
        conf_high, at_risk``.
    at_window
        Share still there at the end of the outcome window, one estimate a group.
    hazard_ratios
        Cox: each other group's hazard of churn over that of the group moved from, with controls.
    model
        The statsmodels results, for `summary()`.
    """

    curves: pd.DataFrame = field(compare=False)
    at_window: tuple[Estimate, ...]
    hazard_ratios: tuple[Estimate, ...]
    model: Any = field(compare=False)

    def tidy(self) -> pd.DataFrame:
        """Return survival at the end of the window and hazard ratios, one row each."""
        return tidy_table([*self.at_window, *self.hazard_ratios])


def churn_survival(panel: Panel) -> Survival:
    """Estimate time to churn per group, and the hazard ratio with controls.

    Survey weights are not used here; errors of the hazard ratios are clustered by customer.

    Raises
    ------
    ModelError
        Churn is not dated, too rare in a group, or the Cox model did not converge.
    """
    panel = panel.in_memory
    if "churn_days" not in panel.frame.columns:
        raise ModelError(
            "churn is not dated in this study",
            "a survival model needs [tables.subscriptions] with cancelled_at",
        )
    seen = panel.frame["churn_seen"].to_numpy(dtype=float)
    days = panel.frame["churn_days"].to_numpy(dtype=float)
    labels = panel.study.scale.labels
    for position, label in enumerate(labels):
        events = int(seen[panel.groups == position].sum())
        if events < MINIMUM_EVENTS:
            raise ScarceDataError(
                f"churn is too rare to tell: group {label!r} has {events} dated losses",
                f"a survival model needs {MINIMUM_EVENTS} in each group",
            )
    curves, at_window = _kaplan_meier(panel, days, seen, labels)
    hazard_ratios, model = _cox(panel, days, seen, labels)
    return Survival(curves, tuple(at_window), tuple(hazard_ratios), model)


def _kaplan_meier(
    panel: Panel, days: influence.Floats, seen: influence.Floats, labels: tuple[str, ...]
) -> tuple[pd.DataFrame, list[Estimate]]:
    import pandas as pd
    from statsmodels.duration.survfunc import SurvfuncRight

    tables, estimates = [], []
    for position, label in enumerate(labels):
        rows = panel.groups == position
        curve = SurvfuncRight(days[rows], seen[rows])
        survival, error = np.asarray(curve.surv_prob), np.asarray(curve.surv_prob_se)
        low, high = _log_minus_log(survival, error)
        tables.append(
            pd.DataFrame(
                {
                    "group": label,
                    "days": np.asarray(curve.surv_times),
                    "survival": survival,
                    "conf_low": low,
                    "conf_high": high,
                    "at_risk": np.asarray(curve.n_risk),
                }
            )
        )
        last = np.searchsorted(curve.surv_times, panel.study.churn_days, side="right") - 1
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
                unit=f"share still there after {panel.study.churn_days} days",
                n=int(rows.sum()),
                method="Kaplan-Meier, log-minus-log interval with Greenwood's error",
                term=label,
            )
        )
    return pd.concat(tables, ignore_index=True), estimates


def _log_minus_log(
    survival: influence.Floats, error: influence.Floats
) -> tuple[influence.Floats, influence.Floats]:
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
    panel: Panel, days: influence.Floats, seen: influence.Floats, labels: tuple[str, ...]
) -> tuple[list[Estimate], Any]:
    import pandas as pd

    outcome = next(o.name for o in panel.study.outcomes if o.name in ("churned", "retained"))
    sample = take_sample(panel, outcome, weighted=False)
    controls = build_controls(panel, sample)
    others = [label for label in labels if label != panel.study.origin]
    design, names = controls.with_groups(sample, others)
    refuse_collinear(design.T @ design, names, "churn")
    exog = pd.DataFrame(design[:, 1:], columns=names[1:])
    results = _fit_cox(days, exog, seen)
    refuse_runaway(np.asarray(results.params), names[1:], "churn")
    psi = cox_influence(
        days, seen, exog.to_numpy(), np.asarray(results.params), np.asarray(results.cov_params())
    )
    errors = np.sqrt(np.diag(influence.covariance(psi, sample.clusters)))
    method = (
        f"Cox proportional hazards, Breslow ties, {len(controls.names)} control columns, "
        "robust errors by customer"
    )
    estimates = [
        _hazard_ratio(
            label, panel.study.origin, float(log), float(error), len(sample.values), method
        )
        for label, log, error in zip(others, results.params, errors, strict=False)
    ]
    return estimates, results


def _fit_cox(days: influence.Floats, exog: pd.DataFrame, seen: influence.Floats) -> Any:
    from statsmodels.duration.hazard_regression import PHReg
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            return PHReg(days, exog, status=seen, ties="breslow").fit()
        except (ConvergenceWarning, np.linalg.LinAlgError, ValueError):
            raise ModelError(
                "the Cox model of churn did not converge", fix="Use fewer controls"
            ) from None


def _hazard_ratio(
    label: str, origin: str, log: float, error: float, n: int, method: str
) -> Estimate:
    low, high = influence.normal_interval(log, error, CONF_LEVEL)
    return Estimate(
        name=f"hazard_ratio.churn.{label}",
        estimate=float(np.exp(log)),
        conf_low=float(np.exp(low)),
        conf_high=float(np.exp(high)),
        std_error=error,
        unit="hazard ratio (standard error of its logarithm)",
        n=n,
        method=method,
        term=label,
        contrast=f"{label} / {origin}",
        statistic=log / error,
        p_value=influence.normal_p_value(log, error),
    )


def cox_influence(
    days: influence.Floats,
    seen: influence.Floats,
    exog: influence.Floats,
    params: influence.Floats,
    covariance: influence.Floats,
) -> influence.Floats:
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
