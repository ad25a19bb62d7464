"""Means and lines of effects over the customers of the `from` group, from their scores.

A column of ones and features gives the best linear projection of the effect on these features
(Semenova and Chernozhukov, Econometrics Journal 24 (2021), 264-289); dummies of parts give the
mean effect of each part (GATES), and the effect foretold by other customers the test whether there
is any heterogeneity that it tells (Chernozhukov, Demirer, Duflo and Fernandez-Val, Econometrica 93
(2025), 1121-1164). Each row's influence is carried along, so that errors hold customers together,
and several deals into folds are averaged, estimate and influence alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ...models.newton import solve_scaled
from ...moments import influence
from ...results.estimate import CONF_LEVEL

if TYPE_CHECKING:
    from ...arrays import Floats, Integers


@dataclass(frozen=True, eq=False)
class Projected:
    """Coefficients with the influence of each row on each of them, rows by coefficients."""

    values: Floats
    psi: Floats = field(repr=False)

    def combined(self, weights: Floats) -> Projected:
        """Return linear combinations of the coefficients: combinations by coefficients."""
        return Projected(weights @ self.values, self.psi @ weights.T)

    def covariance(self, clusters: Integers) -> Floats:
        """Return the joint covariance of the coefficients."""
        return influence.covariance(list(self.psi.T), clusters)


@dataclass(frozen=True)
class Figure:
    """A figure with its error, interval of 95 % and two-sided p value."""

    value: float
    low: float
    high: float
    error: float
    p_value: float


def project(scores: Floats, over: Floats, columns: Floats) -> Projected:
    """Return the least squares line of the effect in some columns over the `from` group.

    Parameters
    ----------
    scores, over
        As `EffectScores` has them.
    columns
        Rows by columns, not collinear over the `from` group.

    Raises
    ------
    ModelError
        Columns are collinear.
    """
    gram = columns.T @ (columns * over[:, None])
    params = solve_scaled(gram, columns.T @ scores)
    lean = columns @ solve_scaled(gram, np.eye(len(gram)))
    own = np.minimum(over * (lean * columns).sum(axis=1), 0.9)  # leverage: HC3
    residual = (scores - over * (columns @ params)) / (1 - own)
    return Projected(params, residual[:, None] * lean)


def mean_of(scores: Floats, over: Floats) -> Projected:
    """Return the mean effect over the `from` group; of rows scored zero, of a policy."""
    return project(scores, over, np.ones((len(over), 1)))


def beside(found: Sequence[Projected]) -> Projected:
    """Return coefficients of several projections side by side."""
    values = np.concatenate([one.values for one in found])
    return Projected(values, np.hstack([one.psi for one in found]))


def averaged(found: Sequence[Projected]) -> Projected:
    """Return the mean over several deals of customers into folds."""
    values = np.mean([one.values for one in found], axis=0)
    return Projected(values, np.mean([one.psi for one in found], axis=0))


def figures_of(
    found: Projected, clusters: Integers, dof: float | None, wider: Floats | float = 1.0
) -> list[Figure]:
    """Return each coefficient with its interval.

    Parameters
    ----------
    dof
        Of Student's interval; None for the normal one.
    wider
        By which errors are multiplied.
    """
    errors = np.sqrt(np.diag(found.covariance(clusters))) * wider
    return [figure(float(v), float(e), dof) for v, e in zip(found.values, errors, strict=True)]


def figure(value: float, error: float, dof: float | None) -> Figure:
    """Return a value with its error as a figure; one without influence is certain."""
    low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
    return Figure(value, low, high, error, influence.normal_p_value(value, error, dof))
