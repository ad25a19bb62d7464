"""Independent units (customers or declared clusters): how many rows are of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .operations import operations_of
from .order_statistics import among

if TYPE_CHECKING:
    from ..arrays import Vector


def count_distinct(values: Vector) -> int:
    """Return how many different values there are."""
    return operations_of(values).distinct(values)


def units_among(clusters: Vector | None, members: Vector) -> int:
    """Return how many independent units some rows are of.

    Parameters
    ----------
    clusters
        The unit of each row; None where each is its own.
    """
    return int(members.sum()) if clusters is None else count_distinct(among(clusters, members))
