"""Several estimates at once: bands that hold all of them, p values for many, tests of equality.

Bands and p values are those of the largest of several normal statistics with a known correlation
(max-t: Hothorn, Bretz and Westfall, Biometrical Journal 50 (2008), 346-363; bands: Montiel Olea
and Plagborg-Møller, Journal of Applied Econometrics 34 (2019), 1-17).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError
from ...moments.normal_draws import normal_draws

if TYPE_CHECKING:
    from ...arrays import Floats

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
    return np.asarray(np.abs(draws).max(axis=1))


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


def all_zero(loads: Floats, values: Floats, covariance: Floats, dof: Floats) -> tuple[float, ...]:
    """Test that several combinations of values are all zero.

    A Wald test that allows for variances which are themselves uncertain, each by its own degrees
    of freedom (Johansen, Biometrika 67 (1980), 85-92); that several means are equal, it is Welch's
    analysis of variance.

    Parameters
    ----------
    loads
        One row a combination.
    dof
        Degrees of freedom of each value.

    Returns
    -------
    tuple
        F, its degrees of freedom below the line, and its p value.

    Raises
    ------
    ModelError
        The covariance is singular.
    """
    from scipy.special import fdtrc

    count, moved = len(loads), loads @ values
    try:
        inverse = np.linalg.inv(loads @ covariance @ loads.T)
    except np.linalg.LinAlgError:
        raise ModelError(
            "some points of the curve err alike, so that a test cannot tell them apart",
            "each answer has customers of its own",
        ) from None
    own = np.diag(loads.T @ inverse @ loads) * np.diag(covariance)
    uncertain = float((own**2 / dof).sum())
    statistic = float(moved @ inverse @ moved)
    statistic /= count + 2 * uncertain - 6 * uncertain / (count + 2)
    below = count * (count + 2) / (3 * uncertain)
    return statistic, below, float(fdtrc(count, below, statistic))
