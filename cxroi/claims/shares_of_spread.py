"""Which share of an explained variance belongs to each part: the mean over all their orders.

Lindeman, Merenda and Gold, Introduction to Bivariate and Multivariate Analysis (1980); the same as
Shapley's value of R squared (Lipovetsky and Conklin, Applied Stochastic Models 17 (2001), 319-330).
"""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np

from ..arrays import Floats, Integers


def linear_sums(columns: Floats, unit: Integers, count: int) -> Floats:
    """Return the sums of products of ``1`` and the columns, flattened, one row a unit.

    Parameters
    ----------
    columns
        The outcome first, then its parts; one row an observation.
    unit
        Of each observation, from 0 to `count`.
    """
    with_one = np.column_stack([np.ones(len(columns)), columns])
    products = with_one[:, :, None] * with_one[:, None, :]
    return np.column_stack(
        [np.bincount(unit, one, minlength=count) for one in products.reshape(len(columns), -1).T]
    )


def shapley_r_squared(sums: Floats) -> Floats:
    """Return the part of R squared of each column.

    Parameters
    ----------
    sums
        Of `linear_sums`, over units; one row a sample.

    Returns
    -------
    numpy.ndarray
        Samples by parts; a row sums to R squared.
    """
    width = round(np.sqrt(sums.shape[1]))
    raw = sums.reshape(len(sums), width, width)
    n, first = raw[:, :1, :1], raw[:, :1, :]
    centred = (raw - np.swapaxes(first, 1, 2) * first / n)[:, 1:, 1:]
    parts = range(1, width - 1)
    known: dict[tuple[int, ...], Floats] = {(): np.zeros(len(sums))}
    for size in range(1, width - 1):
        for chosen in combinations(parts, size):
            known[chosen] = _r_squared(centred, list(chosen))
    p = len(parts)
    shares = np.zeros((len(sums), p))
    for chosen, value in known.items():
        if len(chosen) == p:
            continue
        weight = factorial(len(chosen)) * factorial(p - len(chosen) - 1) / factorial(p)
        for k in set(parts) - set(chosen):
            gained = known[tuple(sorted((*chosen, k)))] - value
            shares[:, k - 1] += weight * gained
    return shares


def shapley_shares(sums: Floats) -> Floats:
    """Return the share of each column in R squared: samples by parts, a row sums to one."""
    parts = shapley_r_squared(sums)
    return np.asarray(parts / parts.sum(axis=1, keepdims=True))


def _r_squared(centred: Floats, chosen: list[int]) -> Floats:
    inside = centred[:, chosen][:, :, chosen]
    cross = centred[:, chosen, 0]
    # The pseudo-inverse: parts that do not vary, or repeat one another, explain nothing more.
    solved = (np.linalg.pinv(inside, hermitian=True) @ cross[:, :, None])[:, :, 0]
    return np.asarray((cross * solved).sum(axis=1) / centred[:, 0, 0])
