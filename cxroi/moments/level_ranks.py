"""Ranks of a vector summed by level of a category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..arrays import Floats, Integers


@dataclass(frozen=True, eq=False)
class LevelRanks:
    """Ranks of a vector, less their mean, summed by level of a category and part of the rows.

    Attributes
    ----------
    levels, parts
        Level, coded from zero, and part of each combination that occurs.
    sizes
        How many rows it has.
    ranks
        Sum of the rows' ranks among all.
    own, squares
        Sum of the rows' ranks among those of the same part, and of their squares.
    """

    levels: Integers
    parts: Integers
    sizes: Floats
    ranks: Floats
    own: Floats
    squares: Floats
