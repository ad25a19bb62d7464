"""One model fitted, refused where it cannot be trusted, with influence values.

Of arrays, statsmodels fits and tests; of columns in an engine, `moments` fits from sums. What is
added here is the refusal of fits that both let pass, and the influence of each row on the
coefficients, from which every later standard error is made (see `influence`).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import influence
from .errors import ModelError
from .families import FAMILIES
from .least_squares import fit_least_squares
from .moment_fits import Model, MomentFit, Scores, fit_together, solve_scaled
from .moments import Design, count_units

if TYPE_CHECKING:
    import pandas as pd

    from .influence import Flags, Floats, Integers, Vector

# On the scale of dummies and standardised columns, a log odds or log ratio beyond this is a
# coefficient on its way to infinity: e^15 is 3.3 million.
LARGEST_LOG_RATIO = 15.0
# Beyond these a chance is one to the last digit, and has no variance.
LARGEST_LOG_ODDS = 36.7
# Of columns of one length. Its square, about 10^10, is what rounding grows by: six digits are left.
LARGEST_CONDITION = 1e5


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
    exog = pd.DataFrame(design[rows], columns=names)
    if family == "logit":
        _refuse_separation(values[rows], design[rows], names, outcome)
    refuse_collinear(design[rows].T @ design[rows], names, outcome)
    model, results = _fit(family, values[rows], exog, weights[rows], clusters[rows], outcome)
    params = np.asarray(results.params, dtype=float)
    if family != "ols":
        refuse_runaway(params[1:], names[1:], outcome)
    moved = np.zeros((len(values), len(names)))
    units = len(np.unique(clusters[rows]))
    widened = np.sqrt((units - 1) / max(units - len(names), 1))
    moved[rows] = widened * _influence(model, params, weights[rows], family)
    errors = np.sqrt((moved[rows] ** 2).sum(axis=0))
    if not np.all(np.isfinite(errors)):
        raise _without_errors(family, names, outcome)
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
            _refuse_one_answer(counted, yes, inside.zero_one, names, outcome)
    refuse_collinear(gram, names, outcome)
    try:
        # The cross-products just taken are the first step of least squares.
        begun = [solve_scaled(gram, one) if family == "ols" else None for one in summed]
        models = [Model(family, y, w, one) for y, one in zip(values, begun, strict=True)]
        fits = fit_together(models, inside)
    except ModelError:
        raise _unfitted(family, outcome) from None
    unit = None if clusters is None else part.column(clusters.sql)
    units = count_units(unit, part)
    widened = np.sqrt((units - 1) / max(units - len(names), 1))
    found = {}
    for name, fit in zip(parts, fits, strict=True):
        if family != "ols":
            refuse_runaway(fit.params[1:], names[1:], outcome)
        if family == "logit" and fit.apart and (inside @ fit.params).max() > LARGEST_LOG_ODDS:
            raise _without_errors(family, names, outcome)
        inverse = widened * np.linalg.inv(fit.information)
        scores = Scores(design, fit.factor.over(everybody), inverse)
        results = SumsResults(tuple(names), fit, scores, clusters)
        found[name] = Fit(family, results, fit.params, scores)
    return found


def _refuse_one_answer(
    counted: Floats, summed: Floats, zero_one: Flags, names: list[str], outcome: str
) -> None:
    """Refuse a dummy whose rows all have the same answer: its log odds are infinite."""
    for position in np.flatnonzero(zero_one):
        size, yes = counted[position], summed[position]
        if position and size and yes in (0, size):
            raise _one_answer(names[position], outcome, int(size), float(yes > 0))


def _without_errors(family: str, names: list[str], outcome: str) -> ModelError:
    return ModelError(
        f"the {family} model of {outcome!r} has no errors: {', '.join(names[1:])} (nearly) "
        "determine it",
        "an estimate without an error means nothing",
        "Check the controls for leakage: is one measured after the response?",
    )


def _unfitted(family: str, outcome: str) -> ModelError:
    return ModelError(
        f"the {family} model of {outcome!r} did not converge",
        "its estimates would mean nothing",
        "Use fewer controls, pool more waves, or check the outcome for leakage",
    )


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
        warnings.simplefilter("error", PerfectSeparationWarning)
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            if family == "ols":
                model = sm.WLS(values, exog, weights=weights)
                return model, fit_least_squares(model, covariance)
            share = {"var_weights": weights} if weighted else {}
            model = sm.GLM(values, exog, family=families[family], **share)
            # Scoring is Newton's method but for Gamma, where it creeps: it stops on coefficients.
            stop = {"tol": 1e-11, "tol_criterion": "params"} if family == "gamma" else {}
            results = model.fit(maxiter=100, **stop, **covariance)
        except PerfectSeparationWarning:
            raise _separated(values, exog, outcome) from None
        except (ConvergenceWarning, np.linalg.LinAlgError, ValueError):
            raise _unfitted(family, outcome) from None
    if not results.converged or not np.all(np.isfinite(results.params)):
        raise _unfitted(family, outcome)
    return model, results


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


def _refuse_separation(values: Floats, design: Floats, names: list[str], outcome: str) -> None:
    """Refuse a dummy whose rows all have the same answer: its log odds are infinite."""
    for position, name in enumerate(names):
        column = design[:, position]
        if position == 0 or not np.all((column == 0) | (column == 1)):
            continue
        inside = values[column == 1]
        if len(inside) and np.all(inside == inside[0]):
            raise _one_answer(name, outcome, len(inside), inside[0])


def _one_answer(name: str, outcome: str, size: int, answer: float) -> ModelError:
    return ModelError(
        f"'{name}' separates {outcome!r}: all its {size} rows are {answer:g}",
        "a logit needs both answers in each category",
        f"Group the levels of {name.split(' = ')[0]!r}, or leave it out of [controls]",
    )


def _separated(values: Floats, exog: Any, outcome: str) -> ModelError:
    """Name the columns that split the answers at one value, or say that several do together."""
    yes, no = exog[values == 1], exog[values == 0]
    alone = [
        name
        for name in exog.columns[1:]
        if yes[name].min() > no[name].max() or yes[name].max() < no[name].min()
    ]
    return ModelError(
        f"{', '.join(alone) or 'a combination of columns'} separates {outcome!r} perfectly",
        "a control must not determine the outcome",
        "Check for leakage: is it the outcome under another name, or measured after it?",
    )


def refuse_collinear(gram: Floats, names: list[str], outcome: str) -> None:
    """Refuse columns of which one is empty or (nearly) a combination of others.

    Parameters
    ----------
    gram
        Cross-products of the columns.
    """
    norms = np.sqrt(np.diag(gram))
    if np.any(norms == 0):
        empty = names[int(np.argmin(norms))]
        raise ModelError(
            f"'{empty}' has no row with {outcome!r}",
            "every column needs rows that it is about",
            "Pool more waves, or group the levels",
        )
    _, squared, rotation = np.linalg.svd(gram / np.outer(norms, norms))
    if squared[-1] * LARGEST_CONDITION**2 < squared[0]:
        involved = [names[i] for i in np.flatnonzero(np.abs(rotation[-1]) > 0.1)]
        raise ModelError(
            f"columns are collinear in the model of {outcome!r}: {', '.join(involved)}",
            "no column may be a combination of others, or so nearly one that the fit is "
            f"ill-conditioned (condition number over {LARGEST_CONDITION:,.0f})",
            "Leave one of them out of [controls] columns",
        )


def refuse_runaway(params: Floats, names: list[str], outcome: str) -> None:
    """Refuse a coefficient on its way to infinity."""
    beyond = [n for n, p in zip(names, params, strict=True) if abs(p) > LARGEST_LOG_RATIO]
    if beyond:
        raise ModelError(
            f"{', '.join(beyond)} (nearly) determines {outcome!r}",
            f"a log ratio stays within {LARGEST_LOG_RATIO:g}",
            "Check the column for leakage: is it measured after the response?",
        )
