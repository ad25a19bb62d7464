"""One model fitted, refused where it cannot be trusted, with influence values.

Of arrays, statsmodels fits and tests; of columns in an engine, `moments` fits from sums. What is
added here is the refusal of fits that both let pass, and the influence of each row on the
coefficients, from which every later standard error is made (see `influence`).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..errors import ModelError
from ..moments import influence
from ..moments.design import Design, design_columns
from ..moments.units import count_units
from .families import FAMILIES
from .least_squares import fit_least_squares
from .newton import Model, MomentFit, Scores, fit_together, solve_scaled
from .refusals import (
    LARGEST_LOG_ODDS,
    refuse_collinear,
    refuse_one_answer,
    refuse_runaway,
    refuse_separation,
    separated,
    unfitted,
    without_errors,
)

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats, Integers, Vector


@dataclass(frozen=True)
class Fit:
    """A fitted mean model.

    Attributes
    ----------
    family
        ``ols`` (identity link), ``logit``, ``poisson`` or ``gamma`` (both log link).
    results
        The statsmodels results, for `summary()`, with robust or clustered standard errors; with
        survey weights outside least squares they hold the model's own errors. In an engine
        `SumsResults`.
    params
        The coefficients.
    influence
        Rows of the sample by coefficients; zero for rows that took no part. Widened for the
        coefficients fitted, so that the covariance gets the factor G / (G - k) of HC1.
        ``influence @ vector`` is the influence on that combination of them.
    """

    family: str
    results: Any
    params: Floats
    influence: Any

    def mean(self, design: Any) -> Vector:
        """Return the predicted mean of each row of a design."""
        return FAMILIES[self.family].mean(design @ self.params)

    def slope(self, design: Any) -> Vector:
        """Return the derivative of the mean with respect to the linear predictor."""
        return FAMILIES[self.family].slope(self.mean(design))


@dataclass(frozen=True, eq=False)
class SumsResults:
    """Coefficients fitted from sums, with the names that statsmodels has for them.

    Attributes
    ----------
    clusters
        The independent unit of each row; None where each is its own.
    """

    names: tuple[str, ...]
    fit: MomentFit
    scores: Scores
    clusters: Vector

    @property
    def params(self) -> pd.Series[float]:
        """The coefficients by name."""
        import pandas as pd

        return pd.Series(self.fit.params, index=list(self.names))

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return normal intervals from robust errors, clustered where rows hang together."""
        import pandas as pd
        from scipy.special import ndtri

        psi = [self.scores @ one for one in np.eye(len(self.names))]
        errors = np.sqrt(np.diag(influence.covariance(psi, self.clusters)))
        half = float(ndtri(1 - alpha / 2)) * errors
        ends = {0: self.fit.params - half, 1: self.fit.params + half}
        return pd.DataFrame(ends, index=list(self.names))


def fit_glm(
    family: str,
    values: Vector,
    design: Floats | Design,
    names: list[str],
    weights: Vector,
    clusters: Vector,
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
    parts = {family: values}
    [fit] = fit_parts(family, parts, design, names, weights, clusters, outcome, rows).values()
    return fit


def fit_parts(
    family: str,
    parts: Mapping[str, Vector],
    design: Floats | Design,
    names: list[str],
    weights: Vector,
    clusters: Vector,
    outcome: str,
    rows: Vector | None = None,
) -> dict[str, Fit]:
    """Fit the same model to several values of the same rows; in an engine with shared passes.

    Parameters and errors are those of `fit_glm`.
    """
    if isinstance(design, Design):
        return _fit_columns(family, parts, design, weights, clusters, outcome, rows)
    fits = {}
    for part, values in parts.items():
        fits[part] = _fit_arrays(family, values, design, names, weights, clusters, outcome, rows)
    return fits


def _fit_arrays(
    family: str,
    values: Vector,
    design: Floats,
    names: list[str],
    weights: Vector,
    clusters: Vector,
    outcome: str,
    rows: Vector | None,
) -> Fit:
    """Fit with statsmodels."""
    import pandas as pd

    rows = np.ones(len(values), dtype=bool) if rows is None else rows
    columns = design[rows]
    exog = pd.DataFrame(columns, columns=names)
    if family == "logit":
        zero_one = np.all((columns == 0) | (columns == 1), axis=0)
        sums = columns.sum(axis=0), values[rows] @ columns
        refuse_one_answer(*sums, zero_one, names, outcome)
    refuse_collinear(columns.T @ columns, names, outcome)
    model, results = _fit(family, values[rows], exog, weights[rows], clusters[rows], outcome)
    params = np.asarray(results.params, dtype=float)
    if family == "logit":
        refuse_separation(values[rows], columns @ params, _by_name(exog), outcome)
    if family != "ols":
        refuse_runaway(params[1:], names[1:], outcome)
    moved = np.zeros((len(values), len(names)))
    units = len(np.unique(clusters[rows]))
    widened = np.sqrt((units - 1) / max(units - len(names), 1))
    moved[rows] = widened * _influence(model, params, weights[rows], family)
    errors = np.sqrt((moved[rows] ** 2).sum(axis=0))
    if not np.all(np.isfinite(errors)):
        raise without_errors(family, names, outcome)
    return Fit(family, results, params, moved)


def _fit_columns(
    family: str,
    parts: Mapping[str, Vector],
    design: Design,
    weights: Vector,
    clusters: Vector,
    outcome: str,
    rows: Vector | None,
) -> dict[str, Fit]:
    """Fit in the engine, with the same refusals."""
    everybody = design.rows
    part = everybody if rows is None else everybody.only(rows)
    inside, names = design.on(part), list(design.names)
    w, values = part.column(weights.sql), [part.column(y.sql) for y in parts.values()]
    gram, counted, summed = inside.survey(*values)
    if family == "logit":
        for yes in summed:
            refuse_one_answer(counted, yes, inside.zero_one, names, outcome)
    refuse_collinear(gram, names, outcome)
    try:
        # The cross-products just taken are the first step of least squares.
        begun = [solve_scaled(gram, one) if family == "ols" else None for one in summed]
        models = [Model(family, y, w, one) for y, one in zip(values, begun, strict=True)]
        fits = fit_together(models, inside)
    except ModelError:
        raise unfitted(family, outcome) from None
    unit = None if clusters is None else part.column(clusters.sql)
    units = count_units(unit, part)
    widened = np.sqrt((units - 1) / max(units - len(names), 1))
    found = {}
    for name, fit in zip(parts, fits, strict=True):
        if fit.apart and family == "logit":
            columns = dict(zip(names[1:], design_columns(inside)[1:], strict=True))
            refuse_separation(fit.values, inside @ fit.params, columns, outcome)
        if family != "ols":
            refuse_runaway(fit.params[1:], names[1:], outcome)
        if fit.apart and family == "logit" and (inside @ fit.params).max() > LARGEST_LOG_ODDS:
            raise without_errors(family, names, outcome)
        inverse = widened * np.linalg.inv(fit.information)
        scores = Scores(design, fit.factor.over(everybody), inverse)
        results = SumsResults(tuple(names), fit, scores, clusters)
        found[name] = Fit(family, results, fit.params, scores)
    return found


def _fit(
    family: str, values: Floats, exog: Any, weights: Floats, clusters: Integers, outcome: str
) -> tuple[Any, Any]:
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

    families = {
        "logit": sm.families.Binomial(),
        "poisson": sm.families.Poisson(),
        "gamma": sm.families.Gamma(sm.families.links.Log()),
        "ols": sm.families.Gaussian(),
    }
    weighted = bool(np.ptp(weights) > 0)
    covariance: dict[str, Any] = {"cov_type": "HC1"}
    if weighted and family != "ols":
        # statsmodels does not support robust errors with var_weights; `influence` does.
        covariance = {}
    elif len(clusters) > len(np.unique(clusters)):
        covariance = {"cov_type": "cluster", "cov_kwds": {"groups": clusters}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("error", ConvergenceWarning)
        # Of amounts it may say no more than that they are small.
        act: Literal["error", "ignore"] = "error" if family == "logit" else "ignore"
        warnings.simplefilter(act, PerfectSeparationWarning)
        try:
            if family == "ols":
                model = sm.WLS(values, exog, weights=weights)
                return model, fit_least_squares(model, covariance)
            share = {"var_weights": weights} if weighted else {}
            model = sm.GLM(values, exog, family=families[family], **share)
            # Scoring is Newton's method but for Gamma, where it creeps: it stops on coefficients.
            # The deviance, at which the others stop, has the unit of what Poisson is fitted to.
            unit = float(np.average(values, weights=weights)) if family == "poisson" else 1.0
            gamma = {"tol": 1e-11, "tol_criterion": "params"}
            stop = gamma if family == "gamma" else {"tol": 1e-8 * unit}
            results = model.fit(maxiter=100, **stop, **covariance)
        except PerfectSeparationWarning:
            raise separated(values, _by_name(exog), outcome) from None
        except (ConvergenceWarning, np.linalg.LinAlgError, ValueError):
            raise unfitted(family, outcome) from None
    if not results.converged or not np.all(np.isfinite(results.params)):
        raise unfitted(family, outcome)
    return model, results


def _by_name(exog: pd.DataFrame) -> dict[str, Floats]:
    """Return the columns but the intercept."""
    return {str(name): exog[name].to_numpy() for name in exog.columns[1:]}


def _influence(model: Any, params: Floats, weights: Floats, family: str) -> Floats:
    """Influence of each row on the coefficients: its score times the inverse information."""
    exog = np.asarray(model.exog)
    if family == "ols":
        factor = weights * (np.asarray(model.endog) - exog @ params)
        information = exog.T @ (exog * weights[:, None])
    else:
        factor = model.score_factor(params, scale=1.0)
        information = -np.asarray(model.hessian(params, scale=1.0, observed=True))
    return np.asarray((exog * factor[:, None]) @ np.linalg.inv(information))
