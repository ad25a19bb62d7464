"""Intervals of shares and of NPS from effective counts."""

from __future__ import annotations

import math

from ..results.estimate import CONF_LEVEL


def critical(df: float | None = None) -> float:
    """Return the two-sided 95 % point: of Student's t, or of the normal without `df`."""
    from scipy import stats

    tail = (1 + CONF_LEVEL) / 2
    return float(stats.norm.ppf(tail) if df is None else stats.t.ppf(tail, df))


def wilson(share: float, n: float, z: float) -> tuple[float, float]:
    """Return the Wilson interval of a share (Wilson 1927, JASA 22, 209-212).

    Parameters
    ----------
    n
        Observations, or as many as they are worth where they are not independent.
    z
        The point, Student's where units are few: of two it is 12.7, which is lost in the level that
        statsmodels takes (`moments.influence.wilson_interval`).

    Examples
    --------
    >>> low, high = wilson(0.8, 50, 1.959964)
    >>> round(low, 4), round(high, 4)
    (0.6696, 0.8876)
    """
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def adjusted_wald(best: float, worst: float, n: float, z: float) -> tuple[float, float]:
    """Return the interval of a difference of two shares of the same answers, such as NPS.

    Three pseudo-answers: three quarters to each end, one and a half to the middle.

    Parameters
    ----------
    best, worst
        Shares of promoters and of detractors.
    n
        Answers, or as many as they are worth.

    Examples
    --------
    >>> low, high = adjusted_wald(0.5, 0.1, 100, 1.959964)
    >>> round(100 * low, 3), round(100 * high, 3)
    (25.934, 51.736)
    """
    up, down = (best * n + 0.75) / (n + 3), (worst * n + 0.75) / (n + 3)
    gap = up - down
    half = z * math.sqrt((up + down - gap * gap) / (n + 3))
    return max(gap - half, -1.0), min(gap + half, 1.0)
