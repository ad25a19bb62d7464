"""One model fitted, refused where it cannot be trusted, with influence values.

Newton's method on sums fits, wherever the rows are (see `newton`). What is added here is the
refusal of fits that would pass, and the influence of each row on the coefficients, from which
every later standard error is made (see `influence`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..errors import ModelError
from ..moments import influence
from ..moments.array_design import ArrayDesign
from ..moments.design import survey
from ..moments.order_statistics import among
from ..moments.plan import cached_property
from ..moments.units import count_distinct
from .families import FAMILIES
from .newton import Model, MomentFit, Scores, fit_together, solve_scaled
from .refusals import (
    LARGEST_LOG_ODDS,
    refuse_collinear,
    refuse_one_answer,
    refuse_runaway,
    refuse_separation,
    unfitted,
    without_errors,
)
from .statsmodels_results import statsmodels_results

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats, Integers, Vector
    from ..moments.design import Design


@dataclass(frozen=True)
class Fit:
    """A fitted mean model.

    Attributes
    ----------
    family
        ``ols`` (identity link), ``logit``, ``poisson`` or ``gamma`` (both log link).
    params
        The coefficients.
    influence
        ``influence @ vector`` is the influence of each row on that combination of coefficients;
        zero for rows that took no part. Widened for the coefficients fitted, so that the
        covariance gets the factor G / (G - k) of HC1.
    make_results
        Makes `results`.
    """

    family: str
    params: Floats
    influence: Scores
    make_results: Callable[[Fit], Any] = field(repr=False, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return self.influence.design.names

    def intervals(self, clusters: Vector | None, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return normal intervals of the coefficients from robust errors.

        Parameters
        ----------
        clusters
            The independent unit of each row; None where each is its own.
        """
        from scipy.special import ndtri

        psi = [self.influence @ one for one in np.eye(len(self.params))]
        errors = np.sqrt(np.diag(influence.covariance(psi, clusters)))
        half = float(ndtri(0.5 + level / 2)) * errors
        return self.params - half, self.params + half

    @cached_property
    def results(self) -> Any:
        """The statsmodels results, for `summary()`; of rows in an engine `SumsResults`."""
        return self.make_results(self)

    def mean(self, design: Design) -> Vector:
        """Return the predicted mean of each row of a design."""
        return FAMILIES[self.family].mean(design @ self.params)

    def slope(self, design: Design) -> Vector:
        """Return the derivative of the mean with respect to the linear predictor."""
        return FAMILIES[self.family].slope(self.mean(design))


@dataclass(frozen=True, eq=False)
class SumsResults:
    """Coefficients fitted from sums, with the names that statsmodels has for them."""

    fit: Fit
    clusters: Vector | None

    @property
    def params(self) -> pd.Series[float]:
        """The coefficients by name."""
        import pandas as pd

        return pd.Series(self.fit.params, index=list(self.fit.names))

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return normal intervals from robust errors, clustered where rows hang together."""
        import pandas as pd

        ends = self.fit.intervals(self.clusters, 1 - alpha)
        return pd.DataFrame(dict(enumerate(ends)), index=list(self.fit.names))


def fit_glm(
    family: str,
    values: Vector,
    design: Design,
    weights: Vector,
    clusters: Vector | None,
    *,
    outcome: str,
    rows: Vector | None = None,
) -> Fit:
    """Fit a generalised linear model and refuse what cannot be trusted.

    Parameters
    ----------
    family
        ``ols`` (identity link), ``logit``, ``poisson`` or ``gamma`` (both log link).
    rows
        The rows that take part; all by default.

    Raises
    ------
    ModelError
        Separation, collinearity or no convergence, naming the columns.
    """
    [fit] = fit_parts(family, {family: values}, design, weights, clusters, outcome, rows).values()
    return fit


def fit_parts(
    family: str,
    parts: Mapping[str, Vector],
    design: Design,
    weights: Vector,
    clusters: Vector | None,
    outcome: str,
    rows: Vector | None = None,
) -> dict[str, Fit]:
    """Fit the same model to several values of the same rows, which share their passes.

    Parameters and errors are those of `fit_glm`.
    """
    inside, w, values, unit = design, weights, list(parts.values()), clusters
    if rows is not None:
        inside, w = design.among(rows), among(weights, rows)
        values = [among(one, rows) for one in values]
        unit = None if clusters is None else among(clusters, rows)
    fits = _fit(family, values, inside, w, outcome)
    units = inside.shape[0] if unit is None else count_distinct(unit)
    widened = np.sqrt((units - 1) / max(units - inside.shape[1], 1))
    found = {}
    for part, fit in zip(parts, fits, strict=True):
        factor = fit.factor if rows is None else design.spread(fit.factor, rows)
        scores = Scores(design, factor, widened * np.linalg.inv(fit.information))
        make = _maker(fit, clusters, unit, outcome)
        found[part] = Fit(family, fit.params, scores, make)
    return found


def _fit(
    family: str, values: list[Vector], design: Design, weights: Vector, outcome: str
) -> list[MomentFit]:
    """Fit, and refuse what cannot be trusted by the names of its columns."""
    names = list(design.names)
    gram, counted, summed = survey(design, values)
    if family == "logit":
        for yes in summed:
            refuse_one_answer(counted, yes, design.zero_one, names, outcome)
    refuse_collinear(gram, names, outcome)
    try:
        # The cross-products just taken are the first step of least squares.
        starts = [solve_scaled(gram, one) if family == "ols" else None for one in summed]
        models = [Model(family, y, weights, one) for y, one in zip(values, starts, strict=True)]
        fits = fit_together(models, design)
    except ModelError:
        raise unfitted(family, outcome) from None
    for fit in fits:
        if fit.separated and family == "logit":
            columns = dict(zip(names[1:], design.columns[1:], strict=True))
            refuse_separation(fit.values, design @ fit.params, columns, outcome)
        if family != "ols":
            refuse_runaway(fit.params[1:], names[1:], outcome)
        if family == "logit" and (design @ fit.params).max() > LARGEST_LOG_ODDS:
            raise without_errors(family, names, outcome)
    return fits


def _maker(
    fit: MomentFit, clusters: Vector | None, unit: Vector | None, outcome: str
) -> Callable[[Fit], Any]:
    """Return what makes the results that an analyst holds."""
    design = fit.design
    if not isinstance(design, ArrayDesign):
        return lambda made: SumsResults(made, clusters)
    units = np.arange(len(design)) if unit is None else unit
    rows = cast(
        "tuple[Floats, Floats, tuple[str, ...], Floats, Integers]",
        (fit.values, design.matrix, design.names, fit.weights, units),
    )
    return lambda made: statsmodels_results(made.family, *rows, made.params, outcome)
