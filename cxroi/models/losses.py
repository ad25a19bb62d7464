"""Losses of a sample, wherever its rows are."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..moments.array_design import ArrayDesign
from ..moments.column_design import ColumnDesign
from .cox_arrays import ArrayLosses
from .cox_columns import ColumnLosses

if TYPE_CHECKING:
    from ..arrays import Floats, Vector
    from ..moments.columns import Column
    from ..moments.design import Design
    from .cox import Losses


def losses_of(design: Design, days: Vector, seen: Vector) -> Losses:
    """Return the losses of rows, where they are.

    Parameters
    ----------
    design
        Without intercept.
    days, seen
        The time of each row, and 1 where it is of a loss, 0 where it is of the last sight.
    """
    if isinstance(design, ArrayDesign):
        return ArrayLosses(design, cast("Floats", days), cast("Floats", seen))
    if isinstance(design, ColumnDesign):
        return ColumnLosses(design, cast("Column", days), cast("Column", seen))
    raise TypeError(f"a design of another kind: {type(design).__name__}")
