"""Halo: ratings of one answer that all follow one general impression.

Thorndike, Journal of Applied Psychology 4 (1920), 25-29. Measured as the share of the ratings'
variance that their first common component carries; half of it is Harman's customary limit
(Podsakoff et al., Journal of Applied Psychology 88 (2003), 879-903).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ...arrays import Floats

LIMIT = 0.5
FEWEST_RATINGS = 3


@dataclass(frozen=True, eq=False)
class Halo:
    """What ratings have in common.

    Attributes
    ----------
    share
        Of their variance that the first component carries.
    mean_correlation
        Between any two of them.
    loads
        Of each rating on that component.
    """

    share: float
    mean_correlation: float
    loads: Floats

    @property
    def strong(self) -> bool:
        """Whether one impression carries more than the limit."""
        return self.share > LIMIT


def find_halo(ratings: Floats, weight: Floats) -> Halo:
    """Return what ratings have in common, from the answers for which each two are known.

    Parameters
    ----------
    ratings
        Rows by ratings, means of waves removed; NaN where blank. Better is more for all.

    Examples
    --------
    >>> three = np.array([[1.0, 1, 1], [2, 2, 2], [3, 3, 3]])
    >>> round(find_halo(three, np.ones(3)).share, 6)
    1.0
    """
    known = np.isfinite(ratings).astype(float)
    values = np.where(known > 0, ratings, 0.0)
    heavy = known * weight[:, None]
    both = heavy.T @ known
    total = (values * weight[:, None]).T @ known  # sum of the first where the second is known
    cross = (values * weight[:, None]).T @ values
    square = (values * values * weight[:, None]).T @ known
    safe = np.where(both > 0, both, 1.0)
    covariance = cross / safe - total * total.T / safe**2
    variance = square / safe - (total / safe) ** 2
    scale = np.sqrt(np.maximum(variance * variance.T, 0.0))
    matrix = np.where(scale > 0, covariance / np.where(scale > 0, scale, 1.0), 0.0)
    np.fill_diagonal(matrix, 1.0)
    values_, vectors = np.linalg.eigh(matrix)
    k = len(matrix)
    loads = vectors[:, -1] * np.sign(vectors[:, -1].sum() or 1.0)
    pairs = matrix[np.triu_indices(k, 1)]
    return Halo(float(values_[-1] / k), float(pairs.mean()), loads)
