"""Cox's proportional hazards by Newton's method, ties as Breslow has them.

With S0(t), S1(t) the sums of exp(x'b) and x exp(x'b) over those at risk at t, and H the
cumulative hazard (Breslow, Biometrics 30 (1974), 89-99), the second derivatives need no running
sums of products: the sum over losses of S2 / S0 is the sum over rows of H exp(x'b) x x'. Exact
wherever the rows are: `ArrayLosses` takes the running sums in memory, `ColumnLosses` has them
taken by the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..errors import ModelError
from ..moments import influence
from .newton import SMALL_STEP, solve_scaled
from .refusals import LARGEST_LOG_RATIO, refuse_runaway

if TYPE_CHECKING:
    from ..arrays import Floats, Vector

MOST_STEPS = 35
ROUGH_STEP = 1e-4


class Losses(Protocol):
    """Rows with the time of each loss or last sight, and a design without intercept."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of the design."""
        ...

    def subsample(self) -> Losses | None:
        """Return a few of many rows; None where all are few."""
        ...

    def derivatives(self, params: Floats) -> tuple[Floats, Floats]:
        """Return the first derivatives of the log likelihood, and minus the second."""
        ...

    def score_residuals(
        self, params: Floats, vectors: Sequence[Floats]
    ) -> tuple[Sequence[Vector], Callable[[Vector], Vector]]:
        """Return combinations of the score residuals of each row.

        Lin and Wei, JASA 84 (1989), 1074-1078. The second is what puts a vector of the sample's
        rows beside them.
        """
        ...

    def results(self, fit: CoxFit) -> Any:
        """Return what an analyst holds: statsmodels' results, or the fit of rows in an engine."""
        ...


@dataclass(frozen=True, eq=False)
class CoxFit:
    """Coefficients of a Cox model.

    Attributes
    ----------
    covariance
        The inverse of the information; for errors by unit see `robust_errors`.
    passes
        How many steps were taken over all rows.
    """

    params: Floats
    covariance: Floats
    names: tuple[str, ...]
    passes: int


def fit_cox(losses: Losses) -> CoxFit:
    """Fit a Cox model.

    Raises
    ------
    ModelError
        It does not converge, or a column (nearly) determines who is lost.
    """
    few, start = losses.subsample(), np.zeros(len(losses.names))
    if few is not None:
        try:
            start = _newton(few, start, ROUGH_STEP).params
        except ModelError:  # few rows may lack what all of them have
            start = np.zeros(len(start))
    fit = _newton(losses, start, SMALL_STEP)
    refuse_runaway(fit.params, list(losses.names), "churn")
    return fit


def robust_errors(
    losses: Losses, fit: CoxFit, clusters: Vector | None, chosen: Sequence[int]
) -> Floats:
    """Return errors of some coefficients from the influence of each independent unit.

    Parameters
    ----------
    clusters
        The independent unit of each row; None where each is its own.
    chosen
        Positions of the coefficients.
    """
    vectors = [fit.covariance[:, position] for position in chosen]
    psi, beside = losses.score_residuals(fit.params, vectors)
    unit = None if clusters is None else beside(clusters)
    return np.asarray(np.sqrt(np.diag(influence.covariance(psi, unit))))


def _newton(losses: Losses, params: Floats, enough: float) -> CoxFit:
    names = losses.names
    for step in range(1, MOST_STEPS + 1):
        gradient, information = losses.derivatives(params)
        move = solve_scaled(information, gradient)
        params = params + move
        size = float(np.max(np.abs(params)))
        if not np.isfinite(size):
            break
        if size > 2 * LARGEST_LOG_RATIO:
            refuse_runaway(params, list(names), "churn")
        if np.max(np.abs(move)) < enough * max(size, 1e-3):
            return CoxFit(params, np.asarray(np.linalg.inv(information)), names, step)
    raise ModelError("the Cox model of churn did not converge", fix="Use fewer controls")
