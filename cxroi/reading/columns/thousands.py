"""Points that may be thousands: ``1.234`` is a thousand in one country and about one in another."""

from __future__ import annotations

from ...engine.quoting import text
from ...errors import DataError
from ..staging import Cell
from .probe import Probe

_THREES = r"[1-9]\d{0,2}(?:\.\d{3})+"


def points(x: str) -> tuple[str, str]:
    """Return the aggregates that count texts with a point, and with one before the last three."""
    place = f"strpos({x}, '.')"
    # Where every text is blank, count_if gives nothing instead of 0.
    counted = "count(*) FILTER ({})"
    last = f"{place} > 0 AND {place} = strlen({x}) - 3"
    return counted.format(f"{place} > 0"), counted.format(last)


def refuse_points(probe: Probe, cell: Cell, core: str, held: int) -> None:
    """Refuse a column that says ``1.234`` or ``1.234.567`` wherever it holds a point.

    Parameters
    ----------
    core
        SQL of the digits and separators of a cell.

    Raises
    ------
    DataError
        No cell says by its decimals what the point means, and the study does not either.
    """
    threes = f"regexp_full_match({core}, {text(_THREES)})"
    rows = probe.ask(f"count_if({threes})")[0]
    if rows and not probe.any(f"contains({core}, '.') AND NOT {threes}"):
        raise DataError(
            f"{cell} holds a point and three digits wherever it holds a point "
            f"({rows:,} of {held:,} rows), first in {probe.first_rows(threes)}",
            "what the point means is declared",
            f'Add decimal = "," to [tables.{cell.source.name}] to read it as thousands, '
            'decimal = "." to read it as decimals',
        )
