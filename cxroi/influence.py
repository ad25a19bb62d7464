"""Influence values: how far each customer moves an estimate; joint covariance of several.

An influence value is scaled so that the estimate's error is about the sum of all values. The
covariance of several estimates on the same rows is then the sum over independent units
(customers, or declared clusters) of the outer products of their summed values: the sandwich
estimator. Source: van der Vaart, Asymptotic Statistics (1998), chapter 5; for clusters Liang
and Zeger, Biometrika 73 (1986), 13-22.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
BATCH = 64  # resamples held at a time


def mean(values: Floats, weights: Floats) -> tuple[float, Floats]:
    """Return the weighted mean and the influence of each row on it.

    Rows of weight zero take no part. With equal weights the sum of squared influence values
    is the variance of the mean with divisor n, as in White (1980).
    """
    total = weights.sum()
    estimate = float(weights @ values / total)
    return estimate, weights * (values - estimate) / total


def covariance(influence: Floats, clusters: Integers) -> Floats:
    """Return the joint covariance of estimates from their influence values.

    Parameters
    ----------
    influence
        Rows by estimates; a vector counts as one estimate.
    clusters
        The independent unit of each row, coded 0 .. G-1.

    Returns
    -------
    numpy.ndarray
        Estimates by estimates, with the factor G / (G - 1) for G units that carry influence:
        zero where none does (a constant), NaN where a single unit leaves nothing to vary.
    """
    table = influence.reshape(len(influence), -1)
    units = clusters.max(initial=-1) + 1
    if units != len(table):
        table = np.column_stack(
            [np.bincount(clusters, weights=column, minlength=units) for column in table.T]
        )
    active = int(np.any(table != 0, axis=1).sum())
    if active == 1 or units < 2:
        return np.full((table.shape[1], table.shape[1]), np.nan)
    return np.asarray(table.T @ table * (active / max(active - 1, 1)))


def bootstrap(
    influence: Floats, clusters: Integers, replicates: int, rng: np.random.Generator
) -> Floats:
    """Return how far each estimate moves in resamples of the independent units.

    A resample takes as many units as there are, with replacement; an estimate then moves by the
    units' influence times how often they were taken, less once: one matrix product in place of
    as many fits as there are replicates (Davison and Hinkley, Bootstrap Methods and their
    Application (1997), section 2.7).

    Parameters
    ----------
    influence
        Rows by estimates.
    clusters
        The independent unit of each row, coded 0 .. G-1.

    Returns
    -------
    numpy.ndarray
        Replicates by estimates.
    """
    units = int(clusters.max(initial=-1)) + 1
    summed = np.column_stack(
        [np.bincount(clusters, weights=column, minlength=units) for column in influence.T]
    )
    moved = []
    for first in range(0, replicates, BATCH):
        taken = np.empty((min(BATCH, replicates - first), units))
        for row in taken:
            row[:] = np.bincount(rng.integers(0, units, units, dtype=np.int32), minlength=units)
        moved.append((taken - 1) @ summed)
    return np.vstack(moved)


def std_error(influence: Floats, clusters: Integers) -> float:
    """Return the standard error of one estimate from its influence values."""
    return float(np.sqrt(covariance(influence, clusters)[0, 0]))


def effective_units(sizes: Floats) -> float:
    """Return how many units of equal size weigh as much (Kish, Survey Sampling (1965), 427)."""
    return float(sizes.sum() ** 2 / (sizes**2).sum())


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


def wilson_interval(share: float, sizes: Floats, level: float) -> tuple[float, float]:
    """Return Wilson's interval (1927) of a share among the effective number of units.

    Parameters
    ----------
    sizes
        Weight of each independent unit.
    """
    from statsmodels.stats.proportion import proportion_confint

    n = effective_units(sizes)
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
