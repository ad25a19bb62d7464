"""Numbers, categories and cells written in SQL, for every engine alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .quoting import ident, text

if TYPE_CHECKING:
    from ..arrays import Floats


def literal(value: float) -> str:
    """Write a number so that every engine reads it as one of double precision.

    Examples
    --------
    >>> literal(0.5), literal(3), literal(-1e-7)
    ('5.0000000000000000e-01', '3.0000000000000000e+00', '(-9.9999999999999995e-08)')
    """
    if not np.isfinite(value):
        raise ValueError(f"no number can be sent to an engine as {value}")
    text = f"{float(value):.16e}"
    return f"({text})" if value < 0 else text


def looked(lookups: Mapping[str, Floats]) -> str:
    """Return what to join rows that know their cell with, so that they get values by cell."""
    rows = _rows(map(_literals, lookups.values()))
    return f"(VALUES {rows}) AS looked(cell, {', '.join(lookups)}) USING (cell)"


def numbering(
    cells: Mapping[str, Sequence[Any]], lookups: Mapping[str, Floats] | None = None
) -> str:
    """Return what to join rows with, named r, so that they get the number of their cell."""
    known = [[constant(value) for value in values] for values in cells.values()]
    rows = _rows([*known, *map(_literals, (lookups or {}).values())])
    keys = [f"k{n}" for n in range(len(cells))]
    # Two columns without blanks are sooner held equal than not distinct.
    equal = ["IS NOT DISTINCT FROM" if None in values else "=" for values in cells.values()]
    same = [f"r.{ident(c)} {e} c.{k}" for c, e, k in zip(cells, equal, keys, strict=True)]
    return (
        f"(VALUES {rows}) AS c({', '.join(['cell', *keys, *(lookups or {})])}) "
        f"ON {' AND '.join(same)}"
    )


def _rows(columns: Iterable[Sequence[str]]) -> str:
    """Write the rows of columns, each behind its number."""
    table = zip(*columns, strict=True)
    return ", ".join([f"({n}, {', '.join(row)})" for n, row in enumerate(table)])


def _literals(values: Floats) -> list[str]:
    """Write numbers as `literal` does, all at once: there are many, again and again."""
    numbers = np.asarray(values, dtype=float)
    if not np.isfinite(numbers).all():
        raise ValueError("no number can be sent to an engine that is not finite")
    texts = list(map("{:.16e}".format, numbers.tolist()))
    for n in np.flatnonzero(numbers < 0):
        texts[n] = f"({texts[n]})"
    return texts


def constant(value: object) -> str:
    """Write a value of a category, or a number, in SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return literal(value) if isinstance(value, float) else text(str(value))
