"""Draws of jointly normal values, the same ones wherever their covariance was summed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..arrays import Floats


def normal_draws(covariance: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Draw values of mean zero, `count` rows by as many columns as the covariance has.

    By the symmetric root of the covariance, which is unique: where eigenvalues are equal, the
    eigenvectors that numpy draws by are not, and a covariance that differs in its last digit, as
    between rows and sums, would give other draws.

    Examples
    --------
    >>> normal_draws(np.zeros((2, 2)), 1, np.random.default_rng(0)).shape
    (1, 2)
    """
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    return np.asarray(rng.standard_normal((count, len(root))) @ root)
