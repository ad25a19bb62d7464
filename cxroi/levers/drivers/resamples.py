"""Covariances in resamples of clusters, and intervals of what is computed from them.

Cross-products are summed by cluster, or, of many clusters, by blocks of clusters dealt by chance:
a resample is then a matrix product. Intervals of shares of variance are percentiles, which cover
best: of six inputs that correlate by .4, 92 to 96 in 100 at 200 answers, where bias-corrected
ones cover 86 to 93. That of R squared is normal, less its bias, which grows with the columns.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ...moments.influence import normal_interval
from ...results.estimate import CONF_LEVEL

if TYPE_CHECKING:
    from ...arrays import Floats, Integers

BLOCKS = 1000
DRAWS = 500


def block_products(
    columns: Floats, weight: Floats, cluster: Integers, *, blocks: int = BLOCKS, seed: int = 0
) -> Floats:
    """Return cross-products of 1 and the columns, summed by cluster or block of clusters.

    Parameters
    ----------
    columns
        Rows by columns.
    cluster
        Coded from 0.

    Returns
    -------
    numpy.ndarray
        Blocks by (1 + columns) by (1 + columns).
    """
    count = int(cluster.max()) + 1
    if count > blocks:
        dealt = np.random.default_rng(seed).permutation(count) % blocks
        cluster, count = dealt[cluster], blocks
    order = np.argsort(cluster, kind="stable")
    ends = np.searchsorted(cluster[order], np.arange(count + 1))
    root = np.sqrt(weight)[order]
    rows = np.empty((len(order), columns.shape[1] + 1))
    rows[:, 0] = root
    rows[:, 1:] = columns[order] * root[:, None]
    pairs = pairwise(ends)
    return np.array([rows[a:b].T @ rows[a:b] for a, b in pairs])


def covariances(products: Floats) -> Floats:
    """Return cross-products of centred columns from those with 1: samples by columns by columns."""
    first = products[:, 0, 1:]
    centred = products[:, 1:, 1:] - first[:, :, None] * first[:, None, :] / products[:, :1, :1]
    return np.asarray(centred / products[:, :1, :1])


def resampled(products: Floats, *, draws: int = DRAWS, seed: int = 0) -> Floats:
    """Return covariances in resamples of the blocks: draws by columns by columns."""
    count, width = products.shape[:2]
    picked = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    summed = picked.astype(float) @ products.reshape(count, -1)
    return covariances(summed.reshape(draws, width, width))


def interval_of(value: float, drawn: Floats) -> tuple[float, float, float]:
    """Return the ends of the interval of a figure and its standard error, from its resamples."""
    low, high = np.quantile(drawn, [(1 - CONF_LEVEL) / 2, (1 + CONF_LEVEL) / 2])
    return float(min(low, value)), float(max(high, value)), float(drawn.std(ddof=1))


def interval_less_bias(value: float, drawn: Floats) -> tuple[float, float, float]:
    """Return the ends of a normal interval about a figure less its bias, and its standard error.

    By so much as resamples lie above the data, the data lie above the truth.
    """
    error = float(drawn.std(ddof=1))
    low, high = normal_interval(2 * value - float(drawn.mean()), error, CONF_LEVEL)
    return min(low, value), max(high, value), error
