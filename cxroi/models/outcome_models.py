"""Which model an outcome gets, fitted: a logit, a Poisson, a Gamma, two parts, least squares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..arrays import Floats, Vector
from ..errors import ModelError, ScarceDataError
from ..moments import influence
from ..moments.design import Design
from ..moments.order_statistics import quantile
from ..results.thresholds import MINIMUM_EVENTS, MINIMUM_GROUP
from .controls import Controls, build_controls
from .fit import Fit
from .sample import Sample
from .shared import fit_once

if TYPE_CHECKING:
    from ..panel.panel import Panel

WINSOR_SHARE = 0.99


@dataclass(frozen=True)
class Prediction:
    """Each row's mean under a design, and how it moves with the coefficients.

    Attributes
    ----------
    parts
        For each part of the model the derivative of the mean with respect to its linear
        predictor, and the design.
    """

    mean: Vector
    parts: tuple[tuple[Vector | float, Design], ...]

    def gradient(self, weights: Vector) -> Floats:
        """Return the derivative of the weighted sum of means by the coefficients of all parts."""
        _, design = self.parts[0]  # that of all parts
        return np.concatenate(design.moments((), [weights * slope for slope, _ in self.parts])[1])


Predict = Callable[[Design], Prediction]


@dataclass(frozen=True)
class Setting:
    """The sample with its design under the groups as they are and as they would be.

    Attributes
    ----------
    origin, others
        The group moved from, and every other group.
    design
        Intercept, a dummy for each of `others`, controls.
    """

    sample: Sample
    controls: Controls
    origin: str
    others: tuple[str, ...]
    design: Design

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of the design."""
        return self.design.names

    def under(self, label: str) -> Design:
        """Return the design with everybody in one group."""
        places = enumerate(self.others, start=1)
        return self.design.set({place: float(other == label) for place, other in places})


@dataclass(frozen=True)
class OutcomeFit:
    """The model of an outcome, fitted.

    Attributes
    ----------
    parts
        The fitted parts by name: ``any`` and ``amount``, or ``mean``.
    predict
        Design -> each row's mean and its derivatives.
    method
        Name of the model.
    """

    setting: Setting
    parts: Mapping[str, Fit]
    predict: Predict
    method: str

    def influence_on(self, gradient: Floats) -> Vector:
        """Return the influence of each row on a combination of the coefficients of all parts."""
        ends = np.cumsum([0, *(len(fit.params) for fit in self.parts.values())])
        moved = [
            fit.influence @ gradient[begin:end]
            for fit, (begin, end) in zip(self.parts.values(), pairwise(ends), strict=True)
        ]
        return sum(moved[1:], start=moved[0])


def make_setting(
    panel: Panel, sample: Sample, *, straight: bool = False, waves: bool = True
) -> Setting:
    """Lay the design out: intercept, a dummy for each group but the `from` group, controls.

    Parameters
    ----------
    straight
        Leave baselines as they are, for a straight line.
    waves
        Hold the wave of the answer equal too, where there are several.

    Raises
    ------
    ScarceDataError
        A group of the pair has under 30 customers or clusters.
    ModelError
        A declared control that does not vary, has too many levels, or repeats others.
    """
    origin, target = panel.study.origin, panel.study.target
    controls = build_controls(panel, sample, straight=straight, waves=waves)
    others = tuple(label for label in sample.labels if label != origin and sample.size(label))
    for label in (origin, target):
        if sample.units(label) < MINIMUM_GROUP:
            raise ScarceDataError(
                f"group {label!r} has {sample.units(label)} customers or clusters with "
                f"{sample.outcome.name!r}",
                f"a group in a regression has at least {MINIMUM_GROUP}",
                "Declare wider groups in [scale], or pool more waves",
            )
    return Setting(sample, controls, origin, others, controls.with_groups(sample, others))


def model_of(setting: Setting, target: str) -> OutcomeFit:
    """Fit the model that suits the outcome, or a simpler one where its predictions leave the data.

    Raises
    ------
    ModelError
        Neither can be fitted, or the predictions of both leave the data.
    """
    fitted = fit_outcome(setting)
    why = leaves_the_data(fitted, target)
    if why and setting.sample.values.min() >= 0:
        method = f"log-link model of the mean, as the {fitted.method} predicted {why}"
        fitted = fit_single(setting, "poisson", method)
        why = leaves_the_data(fitted, target)
    if why:
        raise ModelError(
            f"the {fitted.method} of {setting.sample.outcome.name!r} predicts {why}",
            "predictions must not leave the data that a model is fitted to",
            "Look at the largest values of the controls: a few of them carry it",
        )
    return fitted


def leaves_the_data(fitted: OutcomeFit, target: str) -> str:
    """Say in which way predictions leave the data; empty where they do not.

    They do where the mean of a group of the pair is off by over four standard errors and a
    tenth, where one exceeds three times the largest value, or where one row carries a tenth of
    what the `from` group is predicted to have in the `to` group.
    """
    setting, sample = fitted.setting, fitted.setting.sample
    predicted = fitted.predict(setting.design).mean
    for label in (setting.origin, target):
        weights = np.where(sample.members(label), sample.weights, 0.0)
        mean, psi = influence.mean(sample.values, weights)
        own, _ = influence.mean(predicted, weights)
        off, error = abs(own - mean), influence.std_error(psi, sample.clusters)
        if off > 4 * error and off > abs(mean) / 10:
            return f"a mean of {own:.4g} in {label!r} where it is {mean:.4g}"
    largest = max(abs(end) for end in (sample.values.min(), sample.values.max()))
    if predicted.max() > 3 * largest:
        return f"values up to {predicted.max():.4g} where the largest is {largest:.4g}"
    over = np.where(sample.members(setting.origin), sample.weights, 0.0)
    under = over * np.absolute(fitted.predict(setting.under(target)).mean)
    if under.max() > under.sum() / 10:
        return "a tenth of all that the group would have for one single customer"
    return ""


def fit_outcome(setting: Setting, rows: Vector | None = None) -> OutcomeFit:
    """Fit the model that suits the outcome.

    Parameters
    ----------
    rows
        The rows of the sample that take part; all by default.

    Raises
    ------
    ModelError
        Separation, collinearity or no convergence, naming the columns.
    """
    values, kind = setting.sample.values, setting.sample.outcome.kind
    if kind == "yes_no":
        return fit_single(setting, "logit", "logit", rows)
    if kind == "count" and values.min() >= 0:
        return fit_single(setting, "poisson", "Poisson regression with robust errors", rows)
    if kind == "amount" and values.min() >= 0:
        if values.min() > 0:
            return fit_single(setting, "gamma", "Gamma regression with log link", rows)
        if _few_zeros(setting.sample):
            method = "log-link model (pseudo-Poisson) with robust errors"
            return fit_single(setting, "poisson", method, rows)
        return _two_part(setting, rows)
    if kind == "rate":
        return fit_single(setting, "ols", "least squares", rows)
    method = "least squares (net amounts below zero rule out two parts)"
    return fit_single(setting, "ols", method, rows)


def _few_zeros(sample: Sample) -> bool:
    """Whether a group has too few rows without spend for a logit of any at all.

    The log-link mean model fits amounts with zeros as they are (Santos Silva and Tenreyro,
    Review of Economics and Statistics 88 (2006), 641-658).
    """
    present = [label for label in sample.labels if sample.size(label)]
    zeros = [(sample.members(label) & (sample.values == 0)).sum() for label in present]
    return bool(min(zeros) < MINIMUM_EVENTS)


def fit_single(
    setting: Setting, family: str, method: str, rows: Vector | None = None
) -> OutcomeFit:
    """Fit one model of the mean, of the given family and name."""
    fit = _fit(setting, family, setting.sample.values, rows)

    def predict(design: Design) -> Prediction:
        return Prediction(fit.mean(design), ((fit.slope(design), design),))

    return OutcomeFit(setting, {"mean": fit}, predict, method)


def _two_part(setting: Setting, rows: Vector | None) -> OutcomeFit:
    values = setting.sample.values
    bought = values > 0
    chance = _fit(setting, "logit", np.where(bought, 1.0, 0.0), rows)
    amount = _fit(setting, "gamma", values, bought if rows is None else bought & rows)

    def predict(design: Design) -> Prediction:
        p, m = chance.mean(design), amount.mean(design)
        parts = (chance.slope(design) * m, design), (p * amount.slope(design), design)
        return Prediction(p * m, parts)

    method = "two-part model: logit for any, Gamma with log link for amount"
    return OutcomeFit(setting, {"any": chance, "amount": amount}, predict, method)


def _fit(setting: Setting, family: str, values: Vector, rows: Vector | None = None) -> Fit:
    sample, parts = setting.sample, {family: values}
    return fit_once(sample, family, parts, setting.design, sample.outcome.name, rows)[family]


def least_squares(setting: Setting) -> OutcomeFit:
    """Fit least squares."""
    return fit_single(setting, "ols", "least squares")


def winsorised(sample: Sample) -> Sample | None:
    """Return amounts with the largest set to a quantile; None where none is cut."""
    cap = quantile(sample.values, sample.weights if sample.weighted else None, WINSOR_SHARE)
    if not sample.values.min() < cap < sample.values.max():
        return None
    return replace(sample, values=np.minimum(sample.values, cap))
