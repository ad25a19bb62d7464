"""How outcomes scatter around their means; every one of these has exactly the mean it is given.

An account's contacts are alike: its hidden ``_mood`` (standard normal) moves all their outcomes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

Table = dict[str, np.ndarray]
Noise = Callable[[np.random.Generator, np.ndarray, Table], np.ndarray]
ALIKE = 0.3  # correlation of the normals behind the outcomes of two contacts of an account


def _normal(rng: np.random.Generator, mean: np.ndarray, table: Table) -> np.ndarray:
    own = rng.standard_normal(len(mean))
    if "_mood" not in table:
        return own
    return np.sqrt(ALIKE) * table["_mood"] + np.sqrt(1 - ALIKE) * own


def lognormal(sd: float, buys: float = 1.0) -> Noise:
    """Amounts with a constant coefficient of variation; a share `buys` of them above zero."""

    def draw(rng: np.random.Generator, mean: np.ndarray, table: Table) -> np.ndarray:
        factor = np.exp(sd * _normal(rng, mean, table) - sd**2 / 2)
        return mean * factor * (rng.random(len(mean)) < buys) / buys

    return draw


def gamma(shape: float, buys: float = 1.0) -> Noise:
    """Gamma amounts; a share `buys` of them above zero."""

    def draw(rng: np.random.Generator, mean: np.ndarray, table: Table) -> np.ndarray:
        factor = rng.standard_gamma(shape, len(mean)) / shape
        return mean * factor * (rng.random(len(mean)) < buys) / buys

    return draw


def normal(sd: float) -> Noise:
    """Amounts that may be below zero."""

    def draw(rng: np.random.Generator, mean: np.ndarray, table: Table) -> np.ndarray:
        return mean + sd * _normal(rng, mean, table)

    return draw


def yes_no(rng: np.random.Generator, mean: np.ndarray, table: Table) -> np.ndarray:
    """Yes with the probability given."""
    return (ndtr(_normal(rng, mean, table)) < mean).astype(int)


def poisson(rng: np.random.Generator, mean: np.ndarray, table: Table) -> np.ndarray:
    """Counts; in accounts their rate varies."""
    rate = np.exp(0.4 * table["_mood"] - 0.08) if "_mood" in table else 1.0
    return rng.poisson(mean * rate)
