"""The outcome at each answer with controls and baselines held equal: points, steps, their errors.

Least squares of the outcome on the answers, a step from each to the next, and on controls and
baselines as curves, whose straight parts may do more or less at a higher answer. A point is the
mean of what is predicted of all customers, had all of them given that answer (standardisation:
Robins, Mathematical Modelling 7 (1986), 1393-1512); a step is the difference of two points.
Errors are joint, from influence values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...errors import CxroiError, attempt
from ...models.controls import build_controls
from ...models.fit import Fit, fit_glm
from ...models.flexible_basis import ROWS_A_COLUMN, Basis, flexible_basis
from ...moments import influence
from ...moments.design import project
from .answer_levels import Level, members

if TYPE_CHECKING:
    from ...arrays import Floats, Vector
    from ...models.sample import Sample
    from ...panel.panel import Panel


@dataclass(frozen=True, eq=False)
class Curve:
    """Standardised means of an outcome, one a level of the answers.

    Attributes
    ----------
    levels
        What the answers are, lowest number first.
    values, covariance
        The means, in the outcome's unit, and how they err together.
    dof
        Degrees of freedom of each: its (effective) customers, or declared clusters, less one.
    """

    sample: Sample = field(repr=False)
    levels: tuple[Level, ...]
    values: Floats
    covariance: Floats
    dof: Floats

    @property
    def scores(self) -> Floats:
        """The mean answer of each level."""
        return np.array([level.score for level in self.levels])

    @property
    def shares(self) -> Floats:
        """The share of the answers in each level."""
        return np.array([level.share for level in self.levels])

    @property
    def steps(self) -> Floats:
        """Weights of the points in each difference of neighbours a point of the score."""
        count = len(self.levels)
        gaps = np.diff(self.scores)[:, None]
        return (np.eye(count)[1:] - np.eye(count)[:-1]) / gaps


def fit_curve(panel: Panel, sample: Sample, levels: Sequence[Level]) -> Curve:
    """Fit the outcome at each level of the answers.

    Raises
    ------
    ModelError
        A control that does not vary, is the score under another name, or is determined by the
        answers.
    """
    build_controls(panel, sample, straight=True)  # what it refuses must not be held equal here
    basis = flexible_basis(sample, panel.study, _two_largest(sample, levels))
    standard, centre = _standard(sample, basis, levels), _centre(levels)
    points = [standard.at(place, level.score - centre) for place, level in enumerate(levels)]
    sizes = np.maximum([_effective(sample, level) for level in levels], 2.0)
    widened = np.sqrt(sizes / (sizes - 1))  # each has a variance of its own
    joint = influence.covariance([psi for _, psi in points], sample.clusters)
    return Curve(
        sample,
        tuple(levels),
        np.array([value for value, _ in points]),
        joint * np.outer(widened, widened),
        sizes - 1.0,
    )


def _two_largest(sample: Sample, levels: Sequence[Level]) -> list[str]:
    """Return the groups whose sizes say how far controls may bend."""
    groups, n = [one.group for one in levels], [one.n for one in levels]
    sizes = np.bincount(groups, n, minlength=len(sample.labels))
    return [sample.labels[place] for place in np.argsort(sizes)[-2:]]


def _effective(sample: Sample, level: Level) -> float:
    weights = np.where(members(sample, level), sample.weights, 0.0)
    return influence.effective_units(weights, sample.clusters if sample.clustered else None)


def _fitted(
    sample: Sample, basis: Basis, levels: Sequence[Level], steps: dict[str, Vector]
) -> tuple[Fit, tuple[int, ...]]:
    """Fit on the steps of the score, with controls that do more at a higher answer.

    The latter where there is room for that, and where they differ at several answers. Return
    which columns of the basis do.
    """
    room = len(sample.values) / ROWS_A_COLUMN - basis.width - len(steps)
    tilted = basis.straight if len(basis.straight) <= room else ()
    away = sample.rows.values("score") - _centre(levels)
    tilts = {f"score * {basis.design.names[n]}": away * basis.design.columns[n] for n in tilted}
    fit = attempt(partial(_fit, sample, basis, steps | tilts))
    if not isinstance(fit, CxroiError):
        return fit, tilted
    return _fit(sample, basis, steps), ()


def _fit(sample: Sample, basis: Basis, columns: dict[str, Vector]) -> Fit:
    design = basis.design.beside(list(columns.values()), list(columns))
    weights, clusters, name = sample.weights, sample.clusters, sample.outcome.name
    return fit_glm("ols", sample.values, design, weights, clusters, outcome=name)


def _centre(levels: Sequence[Level]) -> float:
    return sum(level.score * level.share for level in levels)


@dataclass(frozen=True, eq=False)
class _Standard:
    """A fit on the steps of the score, and what it predicts of all customers alike."""

    sample: Sample
    basis: Basis
    fit: Fit
    tilted: tuple[int, ...]
    means: Floats

    def at(self, place: int, away: float) -> tuple[float, Vector]:
        """Return the mean prediction at a level, and the influence of each row on it.

        Parameters
        ----------
        place
            Of the level: so many steps lead to it.
        away
            How far its answer lies from the mean answer, which the tilts are times.
        """
        fixed, tilted = self.basis.width + 1, list(self.tilted)
        gradient = np.zeros(len(self.fit.params))
        gradient[:fixed] = self.means
        gradient[fixed : fixed + place] = 1.0
        after = len(gradient) - len(tilted)
        gradient[after:] = away * self.means[tilted]
        slopes = self.fit.params[:fixed].copy()
        slopes[tilted] += away * self.fit.params[after:]
        own = self.basis.design @ slopes - float(self.means @ slopes)  # of whom the mean is taken
        weights = self.sample.weights / float(self.sample.weights.sum())
        value = float(gradient @ self.fit.params)
        return value, self.fit.influence @ gradient + weights * own


def _standard(sample: Sample, basis: Basis, levels: Sequence[Level]) -> _Standard:
    score = sample.rows.values("score")
    steps = {f"from {one.label} on": 1.0 * (score >= one.low) for one in levels[1:]}
    fit, tilted = _fitted(sample, basis, levels, steps)
    means = project(basis.design, sample.weights) / float(sample.weights.sum())
    return _Standard(sample, basis, fit, tilted, means)
