"""Extremes, quantiles and ranks of vectors, exact, wherever their rows are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .operations import operations_of

if TYPE_CHECKING:
    from ..arrays import Floats, Vector
    from .level_ranks import LevelRanks


def median(values: Vector, weights: Vector, members: Vector) -> float:
    """Smallest value that half of the weight does not exceed; midway where it is met exactly.

    Parameters
    ----------
    members
        The rows that take part.
    """
    return operations_of(values).median(among(values, members), among(weights, members))


def quantile(values: Vector, weights: Vector | None, share: float) -> float:
    """Return a quantile: between neighbours if unweighted, the value reached if weighted."""
    return operations_of(values).quantile(values, weights, share)


def quantiles(values: Vector, members: Vector, shares: Sequence[float]) -> Floats:
    """Return quantiles of some of the rows, between neighbours.

    Of many rows in an engine they are those of a few: good enough for where a curve may bend.
    """
    inside = among(values, members)
    return operations_of(inside).quantiles(inside, shares)


def median_above_zero(values: Vector) -> float:
    """Return the median of those values that are above zero; NaN where none is."""
    above = values > 0
    return quantile(among(values, above), None, 0.5) if above.sum() else float("nan")


def among(values: Vector, members: Vector) -> Vector:
    """Return the values of some of the rows alone."""
    return operations_of(values).among(values, members)


def is_known(values: Vector) -> Vector:
    """Return where a number is not missing (NaN, or NULL in an engine)."""
    return operations_of(values).known(values)


def where_known(values: Vector, known: Vector) -> Vector:
    """Return numbers that are missing where a condition does not hold."""
    return operations_of(values).where_known(values, known)


def extremes(values: Vector, members: Vector) -> tuple[float, float]:
    """Return the smallest and the largest value of some of the rows."""
    inside = among(values, members)
    return operations_of(inside).extremes(inside)


def rank_products(values: Vector, others: Vector) -> tuple[int, float, float, float]:
    """Return how many rows there are, and what their ranks in two vectors make together.

    Returns
    -------
    tuple
        n, the sum of squares of the ranks in `values`, the sum of products, and the sum of
        squares of the ranks in `others`; ranks less their mean, ties at the middle of theirs.
    """
    return operations_of(values).rank_products(values, others)


def level_ranks(levels: Vector, values: Vector, parts: Vector) -> LevelRanks:
    """Sum the ranks of a vector by level of a category and by part of the rows.

    Parameters
    ----------
    levels
        Codes from zero if an array.
    parts
        Whole numbers from zero.
    """
    return operations_of(values).level_ranks(levels, values, parts)
