"""Change within customers: the same customer in one group and, in another wave, in another.

Least squares with an intercept for every customer and every wave (fixed effects; Wooldridge,
Econometric Analysis of Cross Section and Panel Data, 2nd edition (2010), section 10.5), the
baselines that vary held equal. What lasts about a customer, measured or not, drops out; what
changes along with the answer does not. Only those who change groups tell anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from . import influence
from .design_matrix import independent
from .errors import ModelError, ScarceDataError
from .estimate import CONF_LEVEL, Estimate, TidyMixin, tidy_table
from .fit import Fit, fit_glm
from .sample import MINIMUM_GROUP

if TYPE_CHECKING:
    import pandas as pd

    from .influence import Flags, Floats, Integers
    from .outcome_models import Setting
    from .panel import Panel
    from .regress import Regression


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
        One wave only, or an outcome that nobody can have had in an earlier wave: whoever
        answered again had not cancelled.
    ScarceDataError
        Fewer than 30 customers were in both groups.
    """
    setting = regression.fitted.setting
    sample, target = setting.sample, panel.study.target
    _refuse_once_only(panel, regression.outcome)
    customers = panel.frame["customer"].iloc[sample.rows].factorize()[0].astype(np.int64)
    changed = _in_both(sample.members(target), sample.members(setting.origin), customers)
    if changed < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{changed} customers were in both {setting.origin!r} and {target!r}, in different "
            "waves",
            f"a change within customers is shown from {MINIMUM_GROUP} on",
            "Pool more waves",
        )
    waves = np.asarray(panel.frame["wave"].astype("category").cat.codes)[sample.rows]
    fit, names, again = _fit(setting, customers, waves, regression.outcome)
    position = names.index(f"group = {target}")
    full = np.zeros(len(panel.frame))
    full[sample.rows] = fit.influence[:, position]
    value = float(np.asarray(fit.results.params)[position])
    estimate = _estimate(setting, target, value, full[sample.rows], int(again.sum()), changed)
    return Within(regression.outcome, estimate, changed, full)


def _refuse_once_only(panel: Panel, outcome: str) -> None:
    if panel.frame["wave"].nunique() < 2:
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


def _in_both(target: Flags, origin: Flags, customers: Integers) -> int:
    """Return how many customers have rows in both groups."""
    return len(np.intersect1d(customers[target], customers[origin]))


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
    keep = independent(design[again][:, varies], [names[k] for k in varies], 0, [])
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


def _estimate(
    setting: Setting, target: str, value: float, psi: Floats, n: int, changed: int
) -> Estimate:
    sample = setting.sample
    error = influence.std_error(psi, sample.clusters)
    low, high = influence.normal_interval(value, error, CONF_LEVEL)
    weighted = ", survey-weighted" if sample.weighted else ""
    return Estimate(
        name=f"contrast.{sample.outcome.name}.within",
        estimate=value,
        conf_low=low,
        conf_high=high,
        std_error=error,
        unit=sample.outcome.unit,
        n=n,
        method=(
            f"least squares with an intercept for each customer and wave, {changed:,} customers "
            f"were in both groups, baselines held equal, errors clustered by customer{weighted}"
        ),
        note="of those who changed groups; what changed along with the answer is still in it",
        term="within customers",
        contrast=f"{target} - {setting.origin}",
        statistic=value / error if error > 0 else None,
        p_value=influence.normal_p_value(value, error),
    )
