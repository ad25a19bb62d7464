"""Influence values: how far each customer moves an estimate; joint covariance of several.

An influence value is scaled so that the estimate's error is about the sum of all values. The
covariance of several estimates on the same rows is then the sum over independent units
(customers, or declared clusters) of the outer products of their summed values: the sandwich
estimator. Source: van der Vaart, Asymptotic Statistics (1998), chapter 5; for clusters Liang
and Zeger, Biometrika 73 (1986), 13-22.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arrays import Floats, Vector
from .columns import Column
from .design import largest_units, unit_sums

BATCH = 64  # resamples held at a time
MOST_RESAMPLED = 200_000


def mean(values: Vector, weights: Vector) -> tuple[float, Vector]:
    """Return the weighted mean and the influence of each row on it.

    Rows of weight zero take no part. With equal weights the sum of squared influence values
    is the variance of the mean with divisor n, as in White (1980).
    """
    total, cross = sums(weights, weights * values)
    estimate = float(cross / total)
    return estimate, weights * (values - estimate) / total


def sums(*vectors: Vector) -> Floats:
    """Return the sum of each vector; of columns in one pass."""
    if isinstance(vectors[0], Column):
        return vectors[0].rows.sums(vectors)
    return np.array([vector.sum() for vector in vectors])


def covariance(influence: Vector | Sequence[Vector], clusters: Vector | None) -> Floats:
    """Return the joint covariance of estimates from their influence values.

    Parameters
    ----------
    influence
        The vectors of several estimates, or one vector, or an array of rows by estimates.
    clusters
        The independent unit of each row, coded 0 .. G-1 if an array; None where each row is its
        own.

    Returns
    -------
    numpy.ndarray
        Estimates by estimates, with the factor G / (G - 1) for G units that carry influence:
        zero where none does (a constant), NaN where a single unit leaves nothing to vary.
    """
    vectors = [influence] if isinstance(influence, Column) else influence
    if isinstance(vectors[0], Column):
        units, active, products = unit_sums(vectors, clusters)
    else:
        table = _per_unit(vectors, clusters)
        units, active = len(table), int(np.any(table != 0, axis=1).sum())
        products = table.T @ table
    if active == 1 or units < 2:
        return np.full(products.shape, np.nan)
    return np.asarray(products * (active / max(active - 1, 1)))


def _per_unit(influence: Vector | Sequence[Vector], clusters: Vector | None) -> Floats:
    """Return units by estimates: the influence of each unit, its rows together."""
    table = np.column_stack(influence) if not isinstance(influence, np.ndarray) else influence
    table = table.reshape(len(table), -1)
    units = len(table) if clusters is None else int(clusters.max(initial=-1)) + 1
    if clusters is None or units == len(table):
        return table
    return np.column_stack(
        [np.bincount(clusters, weights=column, minlength=units) for column in table.T]
    )


def bootstrap(
    influence: Sequence[Vector],
    clusters: Vector | None,
    replicates: int,
    rng: np.random.Generator,
) -> Floats:
    """Return how far each estimate moves in resamples of the independent units.

    A resample takes as many units as there are, with replacement; an estimate then moves by the
    units' influence times how often they were taken, less once: one matrix product in place of
    as many fits as there are replicates (Davison and Hinkley, Bootstrap Methods and their
    Application (1997), section 2.7).

    Parameters
    ----------
    influence, clusters
        As for `covariance`.

    Notes
    -----
    Of columns in an engine, the `MOST_RESAMPLED` units of largest influence are taken by number,
    each a Poisson count (Hanley and MacGibbon, Computer Methods and Programs in Biomedicine 83
    (2006), 57-62); what the rest of them moves together, no single one of which is felt, is drawn
    from the normal distribution of its covariance.

    Returns
    -------
    numpy.ndarray
        Replicates by estimates.
    """
    if isinstance(influence[0], Column):
        return _bootstrap_columns(influence, clusters, replicates, rng)
    summed = _per_unit(influence, clusters)
    units = len(summed)
    moved = []
    for first in range(0, replicates, BATCH):
        taken = np.empty((min(BATCH, replicates - first), units))
        for row in taken:
            row[:] = np.bincount(rng.integers(0, units, units, dtype=np.int32), minlength=units)
        moved.append((taken - 1) @ summed)
    return np.vstack(moved)


def _bootstrap_columns(
    columns: Sequence[Vector],
    clusters: Vector | None,
    replicates: int,
    rng: np.random.Generator,
) -> Floats:
    """Resample the units of largest influence by number, and draw the sum over the rest."""
    _, _, products = unit_sums(columns, clusters)
    scale = np.sqrt(np.diag(products))
    scale = np.where(scale > 0, scale, 1.0)
    largest = largest_units(columns, clusters, 1 / scale, MOST_RESAMPLED) / scale
    rest = products / np.outer(scale, scale) - largest.T @ largest
    moved = rng.multivariate_normal(np.zeros(len(scale)), rest, size=replicates, method="eigh")
    for first in range(0, replicates, BATCH):
        size = min(BATCH, replicates - first)
        taken = rng.poisson(1.0, (size, len(largest)))
        moved[first : first + size] += (taken - 1.0) @ largest
    return np.asarray(moved * scale)


def std_error(influence: Vector, clusters: Vector | None) -> float:
    """Return the standard error of one estimate from its influence values."""
    return float(np.sqrt(covariance(influence, clusters)[0, 0]))


def effective_units(weights: Vector, clusters: Vector | None = None) -> float:
    """Return how many units of equal size weigh as much (Kish, Survey Sampling (1965), 427).

    Parameters
    ----------
    clusters
        The unit of each row, whose weights count together; each row is its own by default.
    """
    if isinstance(weights, Column):
        squares = float(unit_sums([weights], clusters)[2][0, 0])
    else:
        squares = float((_per_unit(weights, clusters) ** 2).sum())
    return float(weights.sum()) ** 2 / squares


def normal_interval(
    estimate: float, std_error: float, level: float, dof: float | None = None
) -> tuple[float, float]:
    """Return the interval of a normal approximation.

    Parameters
    ----------
    dof
        Degrees of freedom of Student's t in place of the normal distribution: an error from few
        clusters is uncertain itself.
    """
    from scipy.special import ndtri, stdtrit

    at = 0.5 + level / 2
    half = float(ndtri(at) if dof is None else stdtrit(dof, at)) * std_error
    return estimate - half, estimate + half


def logit_interval(
    share: float, std_error: float, level: float, dof: float | None = None
) -> tuple[float, float]:
    """Return the interval of a share, made on the scale of its log odds; within 0 and 1."""
    from scipy.special import expit, logit

    if not 0 < share < 1:
        return share, share
    slope = share * (1 - share)
    low, high = normal_interval(float(logit(share)), std_error / slope, level, dof)
    return float(expit(low)), float(expit(high))


def wilson_interval(share: float, n: float, level: float) -> tuple[float, float]:
    """Return Wilson's interval (1927) of a share.

    Parameters
    ----------
    n
        The (effective) number of independent units.
    """
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(share * n, n, 1 - level, method="wilson")
    return float(low) if share > 0 else 0.0, float(high) if share < 1 else 1.0


def normal_p_value(estimate: float, std_error: float, dof: float | None = None) -> float:
    """Return the two-sided p value of a normal approximation; 1 where there is no error.

    Parameters
    ----------
    dof
        Degrees of freedom of Student's t in place of the normal distribution.
    """
    from scipy.special import ndtr, stdtr

    if std_error == 0:
        return 1.0 if estimate == 0 else 0.0
    statistic = -abs(estimate) / std_error
    return float(2 * (ndtr(statistic) if dof is None else stdtr(dof, statistic)))
