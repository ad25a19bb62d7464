"""The columns of a design whose rows stay in their engine, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .columns import Column
    from .design import Design


def design_columns(design: Design) -> list[Column]:
    """Return every column of a design in the order of the coefficients."""
    discrete = [design.rows.of_cells(values) for values in design.discrete.T]
    found = zip(design.places, [*discrete, *design.continuous], strict=True)
    return [column for _, column in sorted(found, key=lambda pair: pair[0])]
