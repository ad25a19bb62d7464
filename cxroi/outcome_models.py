"""Which model an outcome gets, fitted: a logit, a Poisson, a Gamma, two parts, least squares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .design_matrix import Controls
from .fit import Fit, fit_glm
from .influence import Flags, Floats
from .sample import MINIMUM_EVENTS, Sample

WINSOR_SHARE = 0.99
Predict = Callable[[Floats], tuple[Floats, Floats]]


@dataclass(frozen=True)
class Setting:
    """The sample with its design under the groups as they are and as they would be.

    Attributes
    ----------
    origin, others
        The group moved from, and every other group.
    names, design
        Columns of the design: intercept, a dummy for each of `others`, controls.
    """

    sample: Sample
    controls: Controls
    origin: str
    others: tuple[str, ...]
    names: list[str]
    design: Floats

    def under(self, label: str) -> Floats:
        """Return the design with everybody in one group."""
        design = self.design.copy()
        design[:, 1 : 1 + len(self.others)] = [other == label for other in self.others]
        return design


def outcome_model(setting: Setting) -> tuple[dict[str, Fit], Predict, str]:
    """Fit the model that suits the outcome; return its parts, its predictor, its name.

    The predictor gives, for a design, each row's mean and the mean's derivatives with respect to
    the coefficients of all parts.
    """
    values, kind = setting.sample.values, setting.sample.outcome.kind
    if kind == "yes_no":
        return *_single(setting, "logit"), "logit"
    if kind == "count" and values.min() >= 0:
        return *_single(setting, "poisson"), "Poisson regression with robust errors"
    if kind == "amount" and values.min() >= 0:
        if values.min() > 0:
            return *_single(setting, "gamma"), "Gamma regression with log link"
        if _few_zeros(setting.sample):
            method = "log-link model (pseudo-Poisson) with robust errors"
            return *_single(setting, "poisson"), method
        return *_two_part(setting), "two-part model: logit for any, Gamma with log link for amount"
    return *_single(setting, "ols"), "least squares (net amounts below zero rule out two parts)"


def _few_zeros(sample: Sample) -> bool:
    """Whether a group has too few rows without spend for a logit of any at all.

    The log-link mean model fits amounts with zeros as they are (Santos Silva and Tenreyro,
    Review of Economics and Statistics 88 (2006), 641-658).
    """
    zeros = [np.sum(sample.values[sample.groups == g] == 0) for g in np.unique(sample.groups)]
    return bool(min(zeros) < MINIMUM_EVENTS)


def _single(setting: Setting, family: str) -> tuple[dict[str, Fit], Predict]:
    fit = _fit(setting, family, setting.sample.values)

    def predict(design: Floats) -> tuple[Floats, Floats]:
        return fit.mean(design), design * fit.slope(design)[:, None]

    return {"mean": fit}, predict


def _two_part(setting: Setting) -> tuple[dict[str, Fit], Predict]:
    values = setting.sample.values
    bought = values > 0
    chance = _fit(setting, "logit", bought.astype(float))
    amount = _fit(setting, "gamma", values, rows=bought)

    def predict(design: Floats) -> tuple[Floats, Floats]:
        p, m = chance.mean(design), amount.mean(design)
        slopes = (chance.slope(design) * m)[:, None], (p * amount.slope(design))[:, None]
        return p * m, np.hstack([design * slopes[0], design * slopes[1]])

    return {"any": chance, "amount": amount}, predict


def _fit(setting: Setting, family: str, values: Floats, rows: Flags | None = None) -> Fit:
    sample = setting.sample
    return fit_glm(
        family,
        values,
        setting.design,
        setting.names,
        sample.weights,
        sample.clusters,
        outcome=sample.outcome.name,
        rows=rows,
    )


def least_squares(setting: Setting) -> Iterator[tuple[str, tuple[Fit, str]]]:
    """Yield least squares, and least squares of winsorised values where there is a tail to cut.

    Each is a part (``ols``, ``winsorised``) with its fit and its name.
    """
    values = setting.sample.values
    yield "ols", (_fit(setting, "ols", values), "least squares")
    cap = float(np.quantile(values, WINSOR_SHARE))
    if cap > values.min():
        method = f"least squares, amounts above the {100 * WINSOR_SHARE:g} % quantile set to it"
        yield "winsorised", (_fit(setting, "ols", np.minimum(values, cap)), method)
