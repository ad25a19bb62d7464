"""How far several items measure one thing: Cronbach's alpha and McDonald's omega."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...results.estimate import CONF_LEVEL, Estimate
from .one_factor import fit_one_factor, omega_slopes

if TYPE_CHECKING:
    from ...arrays import Floats
    from .items import Items

_TAIL = (1 - CONF_LEVEL) / 2


def alpha_of(covariance: Floats) -> float:
    """Return Cronbach's alpha of a covariance matrix (Psychometrika 16 (1951), 297-334).

    Examples
    --------
    >>> round(alpha_of(np.full((4, 4), 6.0) + np.diag([4.0, 5.0, 6.0, 7.0])), 4)
    0.8136
    """
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def feldt_interval(alpha: float, items: int, n: int) -> tuple[float, float]:
    """Return the interval of an alpha (Feldt, Woodruff and Salih 1987, formulas 6 and 7)."""
    from scipy import stats

    spread = stats.f(n - 1, (n - 1) * (items - 1))
    return (
        float(1 - (1 - alpha) * spread.ppf(1 - _TAIL)),
        float(1 - (1 - alpha) * spread.ppf(_TAIL)),
    )


def cronbach_alpha(items: Items) -> Estimate:
    """Return Cronbach's alpha with Feldt's interval.

    It is the reliability of the sum of the items if all of them measure one thing equally well,
    and less than that otherwise.
    """
    alpha = alpha_of(items.covariance)
    low, high = feldt_interval(alpha, len(items.names), items.n)
    return Estimate(
        name="reliability.alpha",
        estimate=alpha,
        conf_low=low,
        conf_high=high,
        std_error=None,
        unit="share of variance",
        n=items.n,
        method=f"Cronbach's alpha of {len(items.names)} items; Feldt's interval",
        term=", ".join(items.names),
    )


def mcdonald_omega(items: Items) -> Estimate:
    """Return McDonald's omega: the share of a sum's variance that one factor explains.

    By one factor of greatest likelihood; items may measure it unequally well. Its error is that
    of the covariances (delta method): as customers show it where their answers are known, as
    normal answers would have it where only covariances are. McDonald, Test Theory (1999),
    chapter 6; interval on the scale of log odds, as in Raykov and Marcoulides, Introduction to
    Psychometric Theory (2011), chapter 7.

    Raises
    ------
    ModelError
        Fewer than three items, or no one factor behind them.
    """
    from scipy import stats

    factor = fit_one_factor(items)
    omega = factor.omega
    error = float(np.sqrt(_variance(items, omega_slopes(factor, items.covariance))))
    reach = float(stats.norm.ppf(1 - _TAIL)) * error / (omega * (1 - omega))
    log_odds = np.log(omega / (1 - omega))
    low, high = (float(1 / (1 + np.exp(-end))) for end in (log_odds - reach, log_odds + reach))
    seen = "of customers' own scatter" if items.answers is not None else "of normal answers"
    return Estimate(
        name="reliability.omega",
        estimate=omega,
        conf_low=low,
        conf_high=high,
        std_error=error,
        unit="share of variance",
        n=items.n,
        method=(
            f"McDonald's omega of {len(items.names)} items, one factor by greatest likelihood; "
            f"interval by the delta method {seen}, on log odds"
        ),
        term=", ".join(items.names),
    )


def _variance(items: Items, slopes: Floats) -> float:
    """Return the variance of a figure from its slopes by the covariances."""
    s, n = items.covariance, items.n
    if items.answers is None or items.counts is None:
        moved = slopes @ s
        return float(2 * np.trace(moved @ moved) / (n - 1))
    centred = items.answers - items.counts @ items.answers / n
    influence = ((centred @ slopes) * centred).sum(axis=1) - np.trace(slopes @ s)
    return float(items.counts @ influence**2 / n / (n - 1))
