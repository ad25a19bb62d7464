"""Restricted cubic splines: a curve that is a straight line beyond its outer knots.

Source: Harrell, Regression Modeling Strategies, 2nd edition (2015), section 2.4.5; the columns
are those of Stone and Koo, Proceedings of the Statistical Computing Section, ASA (1985), 45-48.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..moments.operations import named

if TYPE_CHECKING:
    from ..arrays import Floats, Vector

# Shares of the data below each knot, by the number of knots (Harrell, table 2.3).
KNOTS: Mapping[int, tuple[float, ...]] = MappingProxyType(
    {
        7: (0.025, 0.1833, 0.3417, 0.5, 0.6583, 0.8167, 0.975),
        5: (0.05, 0.275, 0.5, 0.725, 0.95),
        4: (0.05, 0.35, 0.65, 0.95),
        3: (0.1, 0.5, 0.9),
    }
)
SHARES = tuple(share for shares in KNOTS.values() for share in shares)


def knots_of(quantiles: Sequence[float] | Floats, count: int) -> Floats:
    """Return so many knots of quantiles at `SHARES`, those that differ; three make a curve."""
    begin = sum(n for n in KNOTS if n > count)
    return _distinct(quantiles[begin : begin + count])


def _distinct(knots: Sequence[float] | Floats) -> Floats:
    found = np.asarray(knots, dtype=float)
    gap = 1e-9 * max(float(np.max(np.abs(found), initial=0.0)), 1e-300)
    return np.asarray(found[np.concatenate([[True], np.diff(found) > gap])])


def bends(values: Vector, knots: Sequence[float] | Floats) -> list[Vector]:
    """Return the columns that bend a straight line at its knots.

    Parameters
    ----------
    values
        What the curve is of; it is a column beside these.
    knots
        Three or more, in order.

    Returns
    -------
    list
        Two fewer than knots, in units of the values; beyond the outer knots each is a straight
        line.

    Examples
    --------
    >>> import numpy as np
    >>> [column] = bends(np.array([0.0, 1.0, 2.0, 4.0]), [0.0, 1.0, 2.0])
    >>> column.round(3).tolist()
    [0.0, 0.25, 1.5, 4.5]
    """
    *inner, before, last = (float(knot) for knot in knots)
    scale = (last - float(knots[0])) ** 2
    final, beyond = (_cube(values - knot) for knot in (before, last))
    return [
        (
            _cube(values - knot)
            - final * ((last - knot) / (last - before))
            + beyond * ((before - knot) / (last - before))
        )
        / scale
        for knot in inner
    ]


def _cube(values: Vector) -> Vector:
    above = named(np.maximum(values, 0.0))
    return named(above * above * above)
