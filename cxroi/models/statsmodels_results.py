"""The statsmodels results of a model of rows in memory: what an analyst holds, made on demand."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ..moments.full_precision import solve_least_squares
from .refusals import unfitted

if TYPE_CHECKING:
    from ..arrays import Floats, Integers


def statsmodels_results(
    family: str,
    values: Floats,
    columns: Floats,
    names: tuple[str, ...],
    weights: Floats,
    clusters: Integers,
    params: Floats,
    outcome: str,
) -> Any:
    """Fit with statsmodels, from coefficients that are known already.

    Returns
    -------
    statsmodels results
        With robust or clustered standard errors; with survey weights outside least squares they
        hold the model's own errors.

    Raises
    ------
    ModelError
        statsmodels does not converge.
    """
    import pandas as pd
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    exog = pd.DataFrame(columns, columns=list(names))
    weighted = bool(np.ptp(weights) > 0)
    covariance: dict[str, object] = {"cov_type": "HC1"}
    if weighted and family != "ols":
        # statsmodels does not support robust errors with var_weights; `influence` does.
        covariance = {}
    elif len(clusters) > len(np.unique(clusters)):
        covariance = {"cov_type": "cluster", "cov_kwds": {"groups": clusters}}
    if family == "ols":
        return fit_wls(sm.WLS(values, exog, weights=weights), covariance)
    families = {
        "logit": sm.families.Binomial(),
        "poisson": sm.families.Poisson(),
        "gamma": sm.families.Gamma(sm.families.links.Log()),
    }
    share = {"var_weights": weights} if weighted else {}
    model = sm.GLM(values, exog, family=families[family], **share)
    # Scoring is Newton's method but for Gamma, where it creeps: it stops on coefficients.
    # The deviance, at which the others stop, has the unit of what Poisson is fitted to.
    unit = float(np.average(values, weights=weights)) if family == "poisson" else 1.0
    gamma = {"tol": 1e-11, "tol_criterion": "params"}
    stop = gamma if family == "gamma" else {"tol": 1e-8 * unit}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            results = model.fit(maxiter=100, start_params=params, **stop, **covariance)
        except (ConvergenceWarning, np.linalg.LinAlgError, ValueError):
            raise unfitted(family, outcome) from None
    if not results.converged:
        raise unfitted(family, outcome)
    return results


def fit_wls(model: Any, covariance: dict[str, object]) -> Any:
    """Fit a statsmodels WLS model to the digits of `full_precision`, which its solvers lose.

    Parameters
    ----------
    covariance
        ``cov_type`` and ``cov_kwds`` as for the model's own ``fit``.
    """
    from statsmodels.regression.linear_model import RegressionResults, RegressionResultsWrapper

    design, values = np.asarray(model.exog), np.asarray(model.endog)
    params, inverse = solve_least_squares(
        design, values, np.broadcast_to(model.weights, len(values))
    )
    # What statsmodels' own `fit` leaves on the model, and robust errors read from it.
    model.rank, model.pinv_wexog = len(params), inverse
    results = RegressionResults(
        model, params, normalized_cov_params=inverse @ inverse.T, **covariance
    )
    return RegressionResultsWrapper(results)
