"""One outcome on the score with controls: every rung of the ladder that pools all answers.

The estimand of each: among customers of the `from` group, the mean outcome had they been in the
`to` group, minus the mean they had. `raw` holds nothing equal; `adjusted` holds controls and
baselines equal in a straight line (least squares); `contrast` as curves, with the `to` group's
own model and the propensity (see `doubly_robust`): it carries the money. Beside them stands the
model that describes the outcome, standardised over the `from` group (the g-formula: Robins,
Mathematical Modelling 7 (1986), 1393-1512). Errors come from influence values (Newey and McFadden,
Handbook of Econometrics IV (1994), chapter 36).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Vector
from ..errors import CxroiError, attempt
from ..models.fit import Fit
from ..models.flexible_basis import Basis, flexible_basis
from ..models.outcome_models import (
    WINSOR_SHARE,
    OutcomeFit,
    Setting,
    least_squares,
    make_setting,
    model_of,
    winsorised,
)
from ..models.sample import student, take_sample
from ..moments import influence
from ..moments.operations import named
from ..results.display import TidyMixin
from ..results.estimate import CONF_LEVEL, Estimate, tidy_table
from ..results.on_demand import FITTED, LATER, later, on_demand
from .contrast import contrast_estimate, paired_differences
from .doubly_robust import Contrast, flexible_contrast
from .gaps import difference, raw_gap

if TYPE_CHECKING:
    import pandas as pd

    from ..models.sample import Sample
    from ..panel.panel import Panel


@on_demand
@dataclass(frozen=True, repr=False)
class Regression(TidyMixin):
    """Contrasts of one outcome between the groups of a score, with controls.

    Attributes
    ----------
    raw, adjusted, contrast
        The `to` group against the `from` group: without controls, with controls in a straight
        line, and doubly robust with controls as curves. `contrast` carries the money.
    mean_from
        Mean outcome that the `from` group had.
    differences
        `raw` and `adjusted` less `contrast`, each tested on the same customers (paired).
    beside
        Other ways to the same number: the model that describes the outcome, and least squares of
        amounts with the largest cut.
    contrasts
        Doubly robust contrasts of every other group against the `from` group, `contrast` among
        them; without those that are refused.
    left_out
        Share of the `from` group that has hardly anybody like it in the `to` group, and is left
        out of `contrast`.
    influence
        Influence of each row of the panel on `mean_from` and on `contrast`, for joint
        uncertainty across outcomes.
    rungs
        Influence of each row of the panel on `raw`, `adjusted` and `contrast`, by rung.
    models
        Results by part (``straight``, and of the describing model ``any``, ``amount`` or
        ``mean``): of statsmodels, for `summary()`, or `fit.SumsResults`.
    controls
        Names of the columns held equal in a straight line.
    setting
        The sample with its straight-line design.
    robust
        What `contrast` was made of: its propensity and weights.
    fitted
        The describing model; None where it is refused, and `notes` say why.
    notes
        What was merged, filled in, left out or refused.
    coefficients
        One row a coefficient of each part: ``part, term, estimate, conf_low, conf_high``.
    """

    outcome: str
    raw: Estimate
    adjusted: Estimate
    contrast: Estimate
    mean_from: Estimate
    differences: tuple[Estimate, ...]
    beside: tuple[Estimate, ...]
    contrasts: tuple[Estimate, ...]
    left_out: float
    influence: tuple[Vector, Vector] = field(compare=False, metadata=FITTED)
    rungs: Mapping[str, Vector] = field(compare=False, metadata=FITTED)
    models: Mapping[str, Any] = field(compare=False, metadata=FITTED)
    controls: tuple[str, ...]
    setting: Setting = field(compare=False, metadata=FITTED)
    robust: Contrast = field(compare=False, metadata=FITTED)
    fitted: OutcomeFit | None = field(compare=False, metadata=FITTED)
    notes: tuple[str, ...]
    coefficients: pd.DataFrame = field(compare=False, metadata=LATER)

    def tidy(self) -> pd.DataFrame:
        """Return the rungs and what stands beside them, one row each."""
        return tidy_table([self.raw, self.adjusted, self.contrast, *self.beside])


def regress_outcome(panel: Panel, outcome: str, *, weighted: bool | None = None) -> Regression:
    """Regress an outcome on the groups of the score with controls.

    Parameters
    ----------
    weighted
        Use the survey weights; by default wherever the study declares them.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        A group of the pair is too small, the outcome too rare or constant, a control constant
        or the score itself, or nobody in the `to` group resembles the `from` group. What the
        describing model refuses (separation, no convergence) costs only that model.
    """
    sample = take_sample(panel, outcome, weighted=weighted)
    pair = panel.study.origin, panel.study.target
    together: Callable[[Sequence[Callable[[], Any]]], list[Any]] = sample.rows.together
    raw, setting, basis, curved = together(
        [
            partial(raw_gap, sample, *pair),
            partial(make_setting, panel, sample, straight=True),
            partial(_basis, sample, panel, pair),
            partial(attempt, partial(make_setting, panel, sample)),
        ]
    )
    straight, (mean_from, psi_from) = together(
        [partial(_straight, setting, pair[1]), partial(_mean_from, setting)]
    )
    rungs = {"raw": named(difference(sample, *pair)[1]), "adjusted": named(straight[1])}
    beside = [rungs["raw"], rungs["adjusted"]]
    contrasts = [
        partial(flexible_contrast, setting, basis, g, beside if g == pair[1] else ())
        for g in setting.others
    ]
    described, cut, *robust = together(
        [
            partial(_described, curved, setting, pair[1]),
            partial(_winsorised, setting, basis, pair[1]),
            *(partial(attempt, make) for make in contrasts),
        ]
    )
    made = dict(zip(setting.others, robust, strict=True))
    own = made[pair[1]]
    if isinstance(own, CxroiError):
        raise own
    fits = {"straight": straight[2], **described.fits}
    rungs["doubly_robust"] = own.influence
    estimates = (replace(raw, term="raw"), straight[0], replace(own.estimate, term="doubly robust"))
    return Regression(
        outcome=outcome,
        raw=estimates[0],
        adjusted=estimates[1],
        contrast=estimates[2],
        mean_from=mean_from,
        differences=paired_differences(sample, estimates[:2], estimates[2], rungs),
        beside=(*described.estimates, *cut),
        contrasts=tuple(c.estimate for c in made.values() if isinstance(c, Contrast)),
        left_out=own.left_out,
        influence=(sample.spread(psi_from), sample.spread(own.influence)),
        rungs=MappingProxyType({rung: sample.spread(psi) for rung, psi in rungs.items()}),
        models=later(lambda: _models(fits)),
        controls=setting.controls.names,
        setting=setting,
        robust=own,
        fitted=described.fitted,
        notes=(*setting.controls.notes, *described.notes),
        coefficients=later(lambda: _coefficients(_models(fits))),
    )


@dataclass(frozen=True, eq=False)
class PairGap:
    """What a ROI takes of a regression, as `Regression` has it.

    Attributes
    ----------
    mean_from, contrast, influence
        Mean of the `from` group, the doubly robust gap, and the influence of each row of the
        panel on both.
    """

    outcome: str
    mean_from: Estimate
    contrast: Estimate
    influence: tuple[Vector, Vector]


def regress_pair(panel: Panel, outcome: str) -> Estimate:
    """Return the contrast that carries the money alone, as `regress_outcome` has it.

    Raises
    ------
    StudyError, ModelError
        As `regress_outcome`.
    """
    return _of_pair(panel, outcome)[1].estimate


def gap_of_pair(panel: Panel, outcome: str) -> PairGap:
    """Return what a ROI takes of `regress_outcome`, and no more; refuses as that does."""
    setting, robust = _of_pair(panel, outcome)
    mean, psi = _mean_from(setting)
    influences = setting.sample.spread(psi), setting.sample.spread(robust.influence)
    return PairGap(outcome, mean, robust.estimate, influences)


def _of_pair(panel: Panel, outcome: str) -> tuple[Setting, Contrast]:
    sample = take_sample(panel, outcome)
    pair = panel.study.origin, panel.study.target
    for label in pair:
        sample.require(label)
    makes: list[Callable[[], Any]] = [
        partial(make_setting, panel, sample, straight=True),
        partial(_basis, sample, panel, pair),
    ]
    setting, basis = sample.rows.together(makes)
    return setting, flexible_contrast(setting, basis, pair[1])


def _basis(sample: Sample, panel: Panel, pair: tuple[str, str]) -> Basis:
    make = partial(flexible_basis, sample, panel.study, pair)
    return sample.shared(("basis", sample.weighted, panel.study.controls, pair), make)


@dataclass(frozen=True)
class _Described:
    """The describing model, what it says of the pair, and why it is not there."""

    fitted: OutcomeFit | None
    estimates: tuple[Estimate, ...]
    fits: Mapping[str, Fit]
    notes: tuple[str, ...]


def _straight(setting: Setting, target: str) -> tuple[Estimate, Vector, Fit]:
    fitted = least_squares(setting)
    estimate, psi = contrast_of(fitted, target)
    return replace(estimate, term="straight line"), psi, fitted.parts["mean"]


def _described(curved: Setting | CxroiError, setting: Setting, target: str) -> _Described:
    """Fit what describes the outcome; a refusal is a note, and costs no other figure."""
    name, estimates, notes = setting.sample.outcome.name, [], []
    fitted: OutcomeFit | None = None
    fits: dict[str, Fit] = {}
    try:
        if isinstance(curved, CxroiError):
            raise curved
        fitted = model_of(curved, target)
        fits |= fitted.parts
        estimate, _ = contrast_of(fitted, target)
        full = f"contrast.{name}.model"
        estimates.append(replace(estimate, name=full, rung="model", term=fitted.method))
    except CxroiError as refusal:
        notes.append(f"No model describes {name.replace('_', ' ')}: {refusal}")
    return _Described(fitted, tuple(estimates), fits, tuple(notes))


def _winsorised(setting: Setting, basis: Basis, target: str) -> list[Estimate]:
    """Return the doubly robust contrast of amounts with the largest cut, where some are."""
    cut = winsorised(setting.sample) if setting.sample.outcome.kind == "amount" else None
    if cut is None:
        return []
    made = attempt(partial(flexible_contrast, replace(setting, sample=cut), basis, target))
    if isinstance(made, CxroiError):
        return []
    name = f"contrast.{setting.sample.outcome.name}.winsorised"
    how = f"amounts above the {100 * WINSOR_SHARE:g} % quantile set to it, {made.estimate.method}"
    own = replace(made.estimate, name=name, rung="winsorised", term="winsorised", method=how)
    return [own]


def _coefficients(models: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    tables = []
    for part, results in models.items():
        table = pd.DataFrame(results.conf_int()).set_axis(["conf_low", "conf_high"], axis=1)
        table.insert(0, "estimate", results.params)
        table.insert(0, "term", table.index)
        table.insert(0, "part", part)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _models(fits: Mapping[str, Fit]) -> Mapping[str, Any]:
    return MappingProxyType({part: fit.results for part, fit in fits.items()})


def contrast_of(fitted: OutcomeFit, label: str) -> tuple[Estimate, Vector]:
    """Standardise over the `from` group: everybody there under `label` minus as they are."""
    setting, sample = fitted.setting, fitted.setting.sample
    weights = np.where(sample.members(setting.origin), sample.weights, 0.0)
    high, low = fitted.predict(setting.under(label)), fitted.predict(setting.design)
    estimate, own = influence.mean(high.mean - low.mean, weights)
    gradient = (high.gradient(weights) - low.gradient(weights)) / float(weights.sum())
    psi = fitted.influence_on(gradient) + own
    count = len(setting.controls.names)
    how = f"standardised over the {setting.origin} group, {count} control columns"
    method = f"{fitted.method}, {how}"
    return contrast_estimate(setting, "adjusted", label, estimate, psi, method), psi


def _mean_from(setting: Setting) -> tuple[Estimate, Vector]:
    sample = setting.sample
    value, psi = sample.mean(setting.origin)
    error = influence.std_error(psi, sample.clusters)
    members = sample.members(setting.origin)
    low, high = influence.normal_interval(value, error, CONF_LEVEL, sample.dof(members))
    name, unit, n = sample.outcome.name, sample.outcome.unit, sample.size(setting.origin)
    effective = sample.effective_clusters(members)
    interval = "normal interval" if effective is None else student(effective)
    method = f"mean, {interval} from influence values"
    mean = Estimate(f"mean.{name}.{setting.origin}", value, low, high, error, unit, n, method)
    return replace(mean, outcome=name, rung="mean", group=setting.origin), psi
