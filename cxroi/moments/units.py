"""Independent units (customers or declared clusters): how many rows are of."""

from __future__ import annotations

import numpy as np

from ..arrays import Vector
from .columns import Column, Rows


def count_units(clusters: Column | None, rows: Rows) -> int:
    """Return how many independent units rows have."""
    if clusters is None:
        return rows.count
    [(units,)] = rows.fetch(["count(DISTINCT unit)"], {"unit": clusters})
    return int(units)


def units_among(clusters: Vector, members: Vector) -> int:
    """Return how many independent units some rows are of."""
    if isinstance(members, Column):
        inside = members.rows.only(members)
        return count_units(None if clusters is None else inside.column(clusters.sql), inside)
    return len(np.unique(clusters[members]))
