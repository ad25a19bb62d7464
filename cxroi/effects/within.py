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

from ..errors import ModelError, ScarceDataError
from ..models.controls import independent
from ..models.fit import Fit, fit_glm
from ..moments.influence import sums
from ..moments.rows import centred_gram
from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..results.on_demand import FITTED, on_demand
from ..results.thresholds import MINIMUM_GROUP
from .answered_again import Deviations, answered_again
from .contrast import contrast_estimate, difference_given

NOTE = "of those who changed groups; what changed along with the answer is still in it"
SMALLEST = 1e-9  # deviation of a column that counts as one
ADJOINING = (
    "the baseline of a later answer holds the outcome of the earlier one, which draws this gap "
    "toward zero"
)

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Vector
    from ..models.outcome_models import Setting
    from ..panel.panel import Panel
    from .adjusted import Regression


@on_demand
@dataclass(frozen=True, repr=False)
class Within(TidyMixin):
    """The contrast of one outcome within customers.

    Attributes
    ----------
    estimate
        The `to` group against the `from` group.
    difference
        The change less the gap that carries the money, tested on the customers that both are
        made of.
    changed
        Customers who were in both groups, in different waves.
    influence
        Influence of each row of the panel on `estimate`; None of rows in an engine, where the
        deviations are not kept.
    """

    outcome: str
    estimate: Estimate
    difference: Estimate
    changed: int
    influence: Vector | None = field(compare=False, metadata=FITTED)

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
    setting, target = regression.setting, panel.study.target
    refuse_once_only(panel, regression.outcome)
    again = answered_again(panel, setting)
    changed = _require_changed(setting, target, *again.changed())
    note = overlap_note(panel, again.days(), NOTE)
    method = (
        f"least squares with an intercept for each customer and wave, {changed:,} customers were "
        "in both groups, baselines held equal"
    )
    with again.deviations(regression.robust.influence) as rows:
        fit, names = _fit(rows, regression.outcome)
        position = names.index(f"group = {target}")
        psi = fit.influence @ np.eye(len(names))[position]
        value, demeaned = float(fit.params[position]), replace(setting, sample=rows.sample)
        estimate = contrast_estimate(demeaned, "within", target, value, psi, method, rows.both)
        estimate = replace(estimate, n=len(rows.sample.values))
        [shared] = sums(psi * rows.beside)
        errors, dof = rows.sample.errors(rows.both), rows.sample.dof(rows.both)
        full = rows.sample.spread(psi) if panel.in_memory else None
    estimate = replace(estimate, term="within customers", note=note)
    difference = difference_given(estimate, regression.contrast, float(shared), errors, dof)
    return Within(regression.outcome, estimate, difference, changed, full)


def refuse_once_only(panel: Panel, outcome: str) -> None:
    """Refuse one wave, and an outcome that nobody can have had in an earlier one."""
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


def _require_changed(setting: Setting, target: str, changed: int, clusters: int) -> int:
    """Return how many customers were in both groups, refusing few of them or of their units."""
    if min(changed, clusters) >= MINIMUM_GROUP:
        return changed
    of = f" of {clusters} clusters" if clusters < changed else ""
    raise ScarceDataError(
        f"{changed} customers{of} were in both {setting.origin!r} and {target!r}, in different "
        "waves",
        f"a change within customers is shown from {MINIMUM_GROUP} on",
        "Pool more waves",
    )


def overlap_note(panel: Panel, days: float, note: str) -> str:
    """Add to a note that windows adjoin, refusing answers whose outcome windows overlap."""
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
    return "; ".join(part for part in (note, ADJOINING if adjoining else "") if part)


def _fit(rows: Deviations, outcome: str) -> tuple[Fit, list[str]]:
    """Fit least squares on deviations; return the fit and the names of its columns."""
    varies = [n for n, column in enumerate(rows.columns) if np.abs(column).max() > SMALLEST]
    columns, names = [rows.columns[n] for n in varies], [rows.names[n] for n in varies]
    matrix = rows.source.matrix(columns, names)
    keep = np.flatnonzero(independent(centred_gram(matrix), names, 0, []))
    left, sample = [names[n] for n in keep], rows.sample
    design = rows.source.matrix([columns[n] for n in keep], left)
    fit = fit_glm("ols", sample.values, design, sample.weights, sample.clusters, outcome=outcome)
    return fit, left
