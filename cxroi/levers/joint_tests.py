"""Whether an input goes with the score: alone, and beyond all others; errors by cluster.

A Wald test of all columns of an input at once, by the sandwich with clusters (Liang and Zeger,
Biometrika 73 (1986), 13-22), held against F with degrees of freedom of the clusters as Hotelling's
T squared is: with few clusters the errors are uncertain themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .importance import REPEATS

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers


@dataclass(frozen=True, eq=False)
class Slopes:
    """Least squares with errors by cluster.

    Attributes
    ----------
    params, covariance
        Of every column; zero of those in `repeats` that were left out.
    repeats
        Columns that others determine, or that determine others: they have no slope of their own.
    kept
        Columns that were fitted.
    freedom
        Clusters less one.
    """

    params: Floats
    covariance: Floats
    repeats: Flags
    kept: Flags
    freedom: int


def fit_slopes(columns: Floats, values: Floats, weight: Floats, cluster: Integers) -> Slopes:
    """Regress values on columns, both less their means.

    Columns that repeat others are left out, the later of them.
    """
    weighted = columns * weight[:, None]
    gram = columns.T @ weighted
    kept, repeats = _repeating(gram)
    inverse = np.linalg.inv(gram[np.ix_(kept, kept)])
    params = np.zeros(len(gram))
    params[kept] = inverse @ (weighted.T @ values)[kept]
    left = weight * (values - columns @ params)
    sums, count = by_cluster(columns[:, kept] * left[:, None], cluster)
    n, k = len(values), int(kept.sum()) + 1
    factor = count / max(count - 1, 1) * (n - 1) / max(n - k, 1)
    covariance = np.zeros_like(gram)
    covariance[np.ix_(kept, kept)] = inverse @ (sums.T @ sums) @ inverse * factor
    return Slopes(params, covariance, repeats, kept, count - 1)


def by_cluster(rows: Floats, cluster: Integers) -> tuple[Floats, int]:
    """Return sums over the rows of each cluster, clusters by columns, and how many there are."""
    count = int(cluster.max()) + 1
    if count == len(cluster):
        return rows, count
    return np.column_stack([np.bincount(cluster, c, minlength=count) for c in rows.T]), count


def p_value(slopes: Slopes, columns: Sequence[int], *, own: bool = True) -> float:
    """Return the p value of no slope of any of some columns; 1 where there is none to test.

    Parameters
    ----------
    own
        Only of columns with a slope of their own; otherwise of all that were kept, together.
    """
    from scipy.stats import f

    left_out = slopes.repeats if own else ~slopes.kept
    tested = [c for c in columns if not left_out[c]]
    clusters, q = slopes.freedom + 1, len(tested)
    if not tested or clusters <= q + 1:
        return 1.0
    params, matrix = slopes.params[tested], slopes.covariance[np.ix_(tested, tested)]
    wald = float(params @ np.linalg.lstsq(matrix, params, rcond=1e-12)[0])
    return float(f.sf(wald * (clusters - q) / (q * (clusters - 1)), q, clusters - q))


def inflation(gram: Floats, repeats: Flags) -> Floats:
    """Return by how much other columns widen the variance of each column's slope."""
    own = np.flatnonzero(~repeats)
    scale = np.sqrt(np.diag(gram))[own]
    found = np.ones(len(gram))
    found[own] = np.diag(np.linalg.inv(gram[np.ix_(own, own)] / np.outer(scale, scale)))
    return found


def _repeating(gram: Floats) -> tuple[Flags, Flags]:
    """Mark columns that add to those before them, and columns of any exact relation."""
    lengths = np.sqrt(np.diag(gram))
    there = lengths > 0
    scale = np.where(there, lengths, 1.0)
    matrix = gram / np.outer(scale, scale)
    kept = there.copy()
    left = matrix.copy()
    for c in range(len(gram)):
        if left[c, c] <= REPEATS:
            kept[c] = False
            continue
        left = left - np.outer(left[:, c], left[c]) / left[c, c]
    values, vectors = np.linalg.eigh(matrix)
    related = (np.abs(vectors[:, values < REPEATS]) > 1e-4).any(axis=1)
    return kept, related | ~there
