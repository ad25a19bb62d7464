"""Whether one odds ratio serves every step between groups: Brant's Wald test.

Brant, Biometrics 46 (1990), 1171-1178: a logit of being above each threshold, and whether their
slopes are equal. The joint covariance is from influence values summed by cluster, so that the test
holds with repeated answers and survey weights too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .joint_tests import wald
from .multinomial import fit_multinomial

if TYPE_CHECKING:
    from ...arrays import Floats, Integers
    from .group_fits import GroupFit


@dataclass(frozen=True, eq=False)
class Parallel:
    """Logits of being above each threshold, worst first, and whether they are alike.

    Attributes
    ----------
    fits
        One a threshold.
    p_value
        That all slopes are the same at every threshold; 1 of two groups.
    covariance
        Of all slopes, threshold after threshold.
    """

    fits: tuple[GroupFit, ...]
    p_value: float
    covariance: Floats

    def p_of(self, columns: Sequence[int]) -> float:
        """Return the p value that the slopes of some columns are the same at every threshold."""
        width = self.fits[0].slopes.shape[1]
        return _wald(self, [int(c) for c in columns], width)


def parallel_lines(
    group: Integers,
    columns: Floats,
    weight: Floats,
    cluster: Integers,
    names: Sequence[str] = (),
) -> Parallel:
    """Fit a logit for each threshold between groups and compare their slopes.

    Parameters
    ----------
    group
        Of each row, from 0, the worst, without gaps.

    Raises
    ------
    ModelError
        A logit does not converge.
    """
    cuts = range(int(group.max()))
    fits = [
        fit_multinomial((group > cut).astype(np.int64), columns, weight, cluster, names=names)
        for cut in cuts
    ]
    moved = np.hstack([fit.influence[:, 1:] for fit in fits])
    covariance = moved.T @ moved * (len(moved) / max(len(moved) - 1, 1))
    found = Parallel(tuple(fits), 1.0, covariance)
    width = columns.shape[1]
    return Parallel(tuple(fits), _wald(found, list(range(width)), width), covariance)


def _wald(found: Parallel, columns: list[int], width: int) -> float:
    """Test the differences of slopes from those of the first threshold."""
    count, q = len(found.fits), (len(found.fits) - 1) * len(columns)
    slopes = np.concatenate([fit.slopes[0] for fit in found.fits])
    contrasts = np.zeros((q, count * width))
    for row, (cut, column) in enumerate((a, c) for a in range(1, count) for c in columns):
        contrasts[row, cut * width + column] = 1.0
        contrasts[row, column] = -1.0
    covariance = contrasts @ found.covariance @ contrasts.T
    return wald(contrasts @ slopes, covariance, len(found.fits[0].sums))
