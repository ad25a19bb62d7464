"""Greatest likelihood over parameters above zero, and the refusal of one that has no top."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError

if TYPE_CHECKING:
    from ...arrays import Floats

    # Mean log likelihood and its slopes by the parameters.
    Likelihood = Callable[[Floats], tuple[float, Floats]]
    Bounds = tuple[tuple[str, str], ...]

# Of the logarithm of a parameter in its own unit: 1/3,000 to 3,000.
FARTHEST = 8.0
_STEEPEST = 1e-5


def greatest(likelihood: Likelihood, start: Floats, spread: Floats | None = None) -> Floats:
    """Return the parameters of greatest likelihood, none farther than `FARTHEST` from 1.

    Parameters
    ----------
    likelihood
        Mean log likelihood of a customer, and its slopes by the parameters.
    start
        Parameters at which the search begins.
    spread
        Inverse curvature there, by the logarithms of the parameters, where it is known: a search
        that begins near the top then takes a few steps.
    """
    from scipy.optimize import minimize

    def fall(logs: Floats) -> tuple[float, Floats]:
        inside = np.clip(logs, -FARTHEST, FARTHEST)
        value, slopes = likelihood(np.exp(inside))
        # Beyond the border a bowl, so that the search comes back to it.
        beyond = logs - inside
        slopes = np.where(beyond == 0, slopes * np.exp(inside), 0.0)
        return float(beyond @ beyond) - value, 2 * beyond - slopes

    options = {"gtol": 1e-7, "maxiter": 300, **({} if spread is None else {"hess_inv0": spread})}
    found = minimize(fall, np.log(start), jac=True, method="BFGS", options=options)
    return np.asarray(np.exp(np.clip(found.x, -FARTHEST, FARTHEST)), dtype=float)


def curvature(likelihood: Likelihood, params: Floats) -> Floats:
    """Return minus the second derivatives by the logarithms of the parameters."""
    step, logs = 1e-4, np.log(params)

    def slopes(at: Floats) -> Floats:
        return np.asarray(likelihood(np.exp(at))[1] * np.exp(at))

    moves = step * np.eye(len(params))
    table = np.array([slopes(logs - m) - slopes(logs + m) for m in moves]) / (2 * step)
    return (table + table.T) / 2


def refuse_flat(likelihood: Likelihood, params: Floats, bounds: Bounds, model: str) -> Floats:
    """Refuse parameters at a bound, or where the likelihood has no top; return the `spread`.

    Parameters
    ----------
    bounds
        By parameter, what customers seem to be like where it runs to zero, and to infinity.
    model
        What is fitted, in words.

    Raises
    ------
    ModelError
        It says what customers seem to be like.
    """
    logs = np.log(params)
    bound = np.abs(logs).max() > FARTHEST - 0.01
    curve = curvature(likelihood, params)
    steep = np.abs(likelihood(params)[1] * params).max()
    if bound or steep > _STEEPEST or np.linalg.eigvalsh(curve)[0] <= 0:
        # A search may stop on the way, where nothing changes any more.
        away = np.flatnonzero(np.abs(logs) > FARTHEST / 2)
        said = dict.fromkeys(bounds[i][int(logs[i] > 0)] for i in away)
        raise ModelError(
            f"{model} cannot be fitted: {', and '.join(said) or 'no fit is better than others'}",
            "customers who differ, and a history that shows how",
            "Take a longer history; where customers hardly differ, their mean so far says as much",
        )
    inverse = np.linalg.inv(curve)
    return np.asarray((inverse + inverse.T) / 2)
