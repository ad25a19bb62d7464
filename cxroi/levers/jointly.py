"""Several estimates at once: bands that hold all of them, p values for many, tests of equality.

Bands and p values are those of the largest of several normal statistics with a known correlation
(max-t: Hothorn, Bretz and Westfall, Biometrical Journal 50 (2008), 346-363; bands: Montiel Olea
and Plagborg-Møller, Journal of Applied Econometrics 34 (2019), 1-17).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..moments.normal_draws import normal_draws

if TYPE_CHECKING:
    from ..arrays import Floats

DRAWS, SEED = 20_000, 1


def largest(covariance: Floats) -> Floats:
    """Draw the largest absolute value of standardised estimates, many times.

    Parameters
    ----------
    covariance
        Of the estimates.
    """
    errors = np.sqrt(np.diag(covariance))
    scale = np.where(errors > 0, errors, 1.0)
    draws = normal_draws(
        covariance / np.outer(scale, scale), DRAWS, np.random.default_rng([SEED, len(errors)])
    )
    return np.abs(draws).max(axis=1)


def corrected(p_values: Floats, draws: Floats) -> Floats:
    """Return p values corrected for being many, by what `largest` drew."""
    from scipy.special import ndtri

    sizes = -ndtri(np.clip(p_values, 1e-300, 1.0) / 2)
    return np.array(
        [max(np.mean(draws >= size), p) for size, p in zip(sizes, p_values, strict=True)]
    )


def critical(draws: Floats, level: float, dof: Floats) -> Floats:
    """Return how many standard errors a band reaches to hold all estimates.

    Parameters
    ----------
    draws
        By `largest`.
    dof
        Degrees of freedom of each estimate's Student interval.
    """
    from scipy.special import ndtr, stdtrit

    return np.asarray(stdtrit(dof, ndtr(np.quantile(draws, level))))


def alone(level: float, dof: Floats) -> Floats:
    """Return how many standard errors an interval reaches that holds one estimate by itself."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(dof, 0.5 + level / 2))


def all_zero(values: Floats, covariance: Floats, units: float) -> tuple[float, float]:
    """Test that several values are all zero.

    Hotelling's T² (Annals of Mathematical Statistics 2 (1931), 360-378) as an F statistic.

    Parameters
    ----------
    units
        The (effective) number of independent units that the covariance is made of.

    Returns
    -------
    tuple
        F, and its p value.
    """
    from scipy.special import fdtrc

    count = len(values)
    wald = float(values @ np.linalg.solve(covariance, values))
    statistic = wald * max(units - count, 1.0) / (count * max(units - 1.0, 1.0))
    return statistic, float(fdtrc(count, max(units - count, 1.0), statistic))
