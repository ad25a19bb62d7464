"""Losses of rows in memory: running sums over time by numpy; statsmodels' results on demand."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError
from ..moments.plan import cached_property

if TYPE_CHECKING:
    from ..arrays import Floats, Integers, Vector
    from ..moments.array_design import ArrayDesign
    from .cox import CoxFit


@dataclass(frozen=True)
class _AtTimes:
    """Rows in the order of time, with what holds at the time of each.

    Attributes
    ----------
    risk, hazard
        Hazard of each row over that of one with all columns zero; what gathered by its time.
    mean, mean_hazard
        Mean of each column over those at risk; what gathered of it times the hazard.
    """

    event: Floats
    x: Floats
    risk: Floats
    hazard: Floats
    mean: Floats
    mean_hazard: Floats


@dataclass(frozen=True, eq=False)
class ArrayLosses:
    """Losses of rows in memory; see `cox.Losses`.

    Attributes
    ----------
    days, seen
        The time of each row, and 1 where it is of a loss, 0 where it is of the last sight.
    """

    design: ArrayDesign
    days: Floats
    seen: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of the design."""
        return self.design.names

    def subsample(self) -> None:
        """Return None: rows in memory are few enough."""

    def derivatives(self, params: Floats) -> tuple[Floats, Floats]:
        """Return the first derivatives of the log likelihood, and minus the second."""
        at = self._at_times(params)
        centred = at.event[:, None] * (at.x - at.mean)
        products = at.x.T @ (at.x * (at.risk * at.hazard)[:, None])
        return centred.sum(axis=0), products - at.mean.T @ (at.mean * at.event[:, None])

    def score_residuals(
        self, params: Floats, vectors: Sequence[Floats]
    ) -> tuple[list[Floats], Callable[[Vector], Vector]]:
        """Return combinations of the score residuals of each row."""
        at = self._at_times(params)
        score = at.event[:, None] * (at.x - at.mean)
        score -= at.risk[:, None] * (at.x * at.hazard[:, None] - at.mean_hazard)
        psi = np.empty_like(score)
        psi[self._order] = score
        return [psi @ vector for vector in vectors], lambda own: own

    def results(self, fit: CoxFit) -> Any:
        """Fit with statsmodels: what an analyst holds.

        Raises
        ------
        ModelError
            statsmodels does not converge.
        """
        import pandas as pd
        from statsmodels.duration.hazard_regression import PHReg
        from statsmodels.tools.sm_exceptions import ConvergenceWarning

        exog = pd.DataFrame(self.design.matrix, columns=list(self.names))
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            try:
                return PHReg(self.days, exog, status=self.seen, ties="breslow").fit()
            except (ConvergenceWarning, np.linalg.LinAlgError, ValueError):
                raise ModelError("the Cox model of churn did not converge") from None

    @cached_property
    def _order(self) -> Integers:
        return np.argsort(self.days, kind="stable")

    def _at_times(self, params: Floats) -> _AtTimes:
        order = self._order
        time, event, x = self.days[order], self.seen[order], self.design.matrix[order]
        linear = x @ params
        risk = np.exp(linear - linear.max())
        first = np.searchsorted(time, time, side="left")
        last = np.searchsorted(time, time, side="right") - 1
        at_risk = np.cumsum(risk[::-1])[::-1][first]
        mean = np.cumsum((risk[:, None] * x)[::-1], axis=0)[::-1][first] / at_risk[:, None]
        hazard = np.cumsum(event / at_risk)[last]
        mean_hazard = np.cumsum(mean * (event / at_risk)[:, None], axis=0)[last]
        return _AtTimes(event, x, risk, hazard, mean, mean_hazard)
