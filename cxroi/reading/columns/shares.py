"""How many of the cells: shares in words, and the share that may be unusable."""

from __future__ import annotations

LIMIT = 0.01  # share of cells that may be unusable before the column is refused


def percent(part: int, whole: int) -> str:
    """Return ``3.1 %``, or ``99.6 %``, or ``100 %``."""
    value = 100 * part / max(whole, 1)
    return f"{value:.3g} %" if value >= 10 else f"{value:.2g} %"


def share(part: int, whole: int) -> str:
    """Return ``214 rows, 3.1 %``."""
    return f"{part:,} row{'' if part == 1 else 's'}, {percent(part, whole)}"
