"""Influence values: how far each customer moves an estimate; joint covariance of several.

An influence value is scaled so that the estimate's error is about the sum of all values. The
covariance of several estimates on the same rows is then the sum over independent units
(customers, or declared clusters) of the outer products of their summed values: the sandwich
estimator. Source: van der Vaart, Asymptotic Statistics (1998), chapter 5; for clusters Liang
and Zeger, Biometrika 73 (1986), 13-22.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .operations import operations_of

if TYPE_CHECKING:
    from ..arrays import Floats, Vector


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
    return operations_of(vectors[0]).sums(vectors)


def covariance(influence: Sequence[Vector], clusters: Vector | None) -> Floats:
    """Return the joint covariance of estimates from their influence values.

    Parameters
    ----------
    influence
        The vectors of the estimates.
    clusters
        The independent unit of each row, coded 0 .. G-1 if an array; None where each row is its
        own.

    Returns
    -------
    numpy.ndarray
        Estimates by estimates, with the factor G / (G - 1) for G units that carry influence:
        zero where none does (a constant), NaN where a single unit leaves nothing to vary.
    """
    units, active, products = operations_of(influence[0]).unit_products(influence, clusters)
    if active == 1 or units < 2:
        return np.full(products.shape, np.nan)
    return np.asarray(products * (active / max(active - 1, 1)))


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
    Application (1997), section 2.7). Of many units in an engine only those of largest influence
    are taken by number; see `column_operations`.

    Parameters
    ----------
    influence, clusters
        As for `covariance`.

    Returns
    -------
    numpy.ndarray
        Replicates by estimates.
    """
    return operations_of(influence[0]).resample(influence, clusters, replicates, rng)


def std_error(influence: Vector, clusters: Vector | None) -> float:
    """Return the standard error of one estimate from its influence values."""
    return float(np.sqrt(covariance([influence], clusters)[0, 0]))


def effective_units(weights: Vector, clusters: Vector | None = None) -> float:
    """Return how many units of equal size weigh as much (Kish, Survey Sampling (1965), 427).

    Parameters
    ----------
    clusters
        The unit of each row, whose weights count together; each row is its own by default.
    """
    products = operations_of(weights).unit_products([weights], clusters)[2]
    return float(weights.sum()) ** 2 / float(products[0, 0])


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
