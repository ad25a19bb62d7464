"""Change within customers: the same customer in one group and, in another wave, in another.

Least squares with an intercept for every customer and every wave (fixed effects; Wooldridge,
Econometric Analysis of Cross Section and Panel Data, 2nd edition (2010), section 10.5), the
baselines that vary held equal. What lasts about a customer, measured or not, drops out; what
changes along with the answer does not. Only those who change groups tell anything. Where windows
of one customer overlap, an outcome is a baseline too, and the intercepts make the estimate
biased (Nickell, Econometrica 49 (1981), 1417-1426).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from .contrasts import contrast_estimate
from .covariates import centred_gram
from .design_matrix import independent
from .errors import ModelError, ScarceDataError
from .estimate import Estimate, TidyMixin, tidy_table
from .fit import Fit, fit_glm
from .regress import Regression, regress_outcome
from .sample import MINIMUM_GROUP

NOTE = "of those who changed groups; what changed along with the answer is still in it"
ADJOINING = (
    "the baseline of a later answer holds the outcome of the earlier one, which draws this gap "
    "toward zero"
)

if TYPE_CHECKING:
    import pandas as pd

    from .influence import Flags, Floats, Integers
    from .outcome_models import Setting
    from .panel import Panel


@dataclass(frozen=True, repr=False)
class Within(TidyMixin):
    """The contrast of one outcome within customers.

    Attributes
    ----------
    estimate
        The `to` group against the `from` group.
    changed
        Customers who were in both groups, in different waves.
    influence
        Influence of each row of the panel on `estimate`.
    """

    outcome: str
    estimate: Estimate
    changed: int
    influence: Floats = field(compare=False)

    def tidy(self) -> pd.DataFrame:
        """Return the contrast as one row."""
        return tidy_table([self.estimate])


def change_within(panel: Panel, regression: Regression) -> Within:
    """Estimate the contrast from customers who changed groups between waves.

    Parameters
    ----------
    regression
        Whose sample and controls are used.

    Raises
    ------
    ModelError
        One wave only; an outcome that nobody can have had in an earlier wave: whoever answered
        again had not cancelled; or outcome windows that overlap in half of the answers.
    ScarceDataError
        Fewer than 30 customers, or declared clusters, were in both groups.
    """
    if panel.rows is not None:
        regression = regress_outcome(panel.in_memory, regression.outcome)
        return change_within(panel.in_memory, regression)
    setting = regression.fitted.setting
    sample, target = setting.sample, panel.study.target
    _refuse_once_only(panel, regression.outcome)
    customers = panel.frame["customer"].iloc[sample.rows].factorize()[0].astype(np.int64)
    both = _in_both(sample.members(target), sample.members(setting.origin), customers)
    changed = _require_changed(setting, target, customers, both)
    note = _note(panel, _days_between(panel, sample.rows, customers))
    waves = np.asarray(panel.frame["wave"].astype("category").cat.codes)[sample.rows]
    fit, names, again = _fit(setting, customers, waves, regression.outcome)
    position = names.index(f"group = {target}")
    full = np.zeros(len(panel.frame))
    full[sample.rows] = fit.influence[:, position]
    value = float(np.asarray(fit.results.params)[position])
    method = (
        f"least squares with an intercept for each customer and wave, {changed:,} customers were "
        "in both groups, baselines held equal"
    )
    psi = full[sample.rows]
    estimate = contrast_estimate(setting, "within", target, value, psi, method, both)
    estimate = replace(estimate, term="within customers", n=int(again.sum()), note=note)
    return Within(regression.outcome, estimate, changed, full)


def _refuse_once_only(panel: Panel, outcome: str) -> None:
    if len(panel.waves) < 2:
        raise ModelError(
            "the panel holds one wave",
            "a change within customers needs answers in several",
            "Analyse all waves together",
        )
    if panel.study.churn == "cancelled" and outcome in ("retained", "churned"):
        raise ModelError(
            f"{outcome} happens once: whoever answered again had not cancelled",
            "a change within customers needs an outcome that can change back",
        )


def _in_both(target: Flags, origin: Flags, customers: Integers) -> Flags:
    """Return the rows of customers who have rows in both groups."""
    return np.isin(customers, np.intersect1d(customers[target], customers[origin]))


def _require_changed(setting: Setting, target: str, customers: Integers, both: Flags) -> int:
    """Return how many customers were in both groups, refusing few of them or of their units."""
    changed = len(np.unique(customers[both]))
    clusters = len(np.unique(setting.sample.clusters[both]))
    if min(changed, clusters) >= MINIMUM_GROUP:
        return changed
    of = f" of {clusters} clusters" if clusters < changed else ""
    raise ScarceDataError(
        f"{changed} customers{of} were in both {setting.origin!r} and {target!r}, in different "
        "waves",
        f"a change within customers is shown from {MINIMUM_GROUP} on",
        "Pool more waves",
    )


def _days_between(panel: Panel, rows: Integers, customers: Integers) -> float:
    """Return the median days between consecutive answers of a customer; NaN without dates."""
    at = panel.frame["answered_at"].to_numpy(dtype="datetime64[us]")[rows]
    dated = ~np.isnat(at)
    order = np.lexsort((at[dated], customers[dated]))
    follows = np.diff(customers[dated][order]) == 0
    days = (np.diff(at[dated][order]) / np.timedelta64(1, "D"))[follows]
    return float(np.median(days)) if len(days) else float("nan")


def _note(panel: Panel, days: float) -> str:
    """Say what the estimate is of, refusing answers whose outcome windows overlap."""
    study = panel.study
    if study.dated and days < study.outcome_days:
        raise ModelError(
            f"half of the customers' next answers came within {days:.3g} days, and outcomes are "
            f"counted over {study.outcome_days} days: what follows the later answer was in part "
            "counted after the earlier one already",
            "a change within customers needs outcome windows that do not overlap",
            "Shorten outcome_days under [windows], or analyse waves that lie further apart",
        )
    adjoining = study.dated and days < study.outcome_days + study.baseline_days
    return f"{NOTE}; {ADJOINING}" if adjoining else NOTE


def _fit(
    setting: Setting, customers: Integers, waves: Integers, outcome: str
) -> tuple[Fit, list[str], Flags]:
    """Fit least squares on deviations from each customer's own mean.

    Returns the fit, the names of its columns and which rows took part. Waves come before
    controls: a control that only grows with time is what drops out.
    """
    sample, groups = setting.sample, len(setting.others)
    again = np.bincount(customers)[customers] > 1
    present = np.unique(waves[again])[1:]
    in_wave = (waves[:, None] == present).astype(float)
    columns = [setting.design[:, 1 : 1 + groups], in_wave, setting.controls.matrix]
    names = [f"wave {wave}" for wave in present]
    names = [*setting.names[1 : 1 + groups], *names, *setting.controls.names]
    design = _deviations(np.hstack(columns), customers, sample.weights)
    values = _deviations(sample.values[:, None], customers, sample.weights)[:, 0]
    varies = np.flatnonzero(np.abs(design[again]).max(axis=0) > 1e-9)
    keep = independent(centred_gram(design[again][:, varies]), [names[k] for k in varies], 0, [])
    chosen = varies[keep]
    left = [names[k] for k in chosen]
    fit = fit_glm(
        "ols",
        values,
        design[:, chosen],
        left,
        sample.weights,
        sample.clusters,
        outcome=outcome,
        rows=again,
    )
    return fit, left, again


def _deviations(columns: Floats, customers: Integers, weights: Floats) -> Floats:
    """Subtract each customer's weighted mean."""
    total = np.bincount(customers, weights)
    means = [np.bincount(customers, weights * column) / total for column in columns.T]
    return np.asarray(columns - np.column_stack(means)[customers])
