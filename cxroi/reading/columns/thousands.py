"""Amounts in which a point may part thousands, where nobody declares the decimal mark."""

from __future__ import annotations

from ...engine.quoting import text
from ...errors import DataError
from ..staging import Cell
from .currencies import minor
from .numbers import core_of, share
from .probe import Probe

_GROUPED = r"[1-9]\d{0,2}(?:\.\d{3})+"  # thousands, or a point and three decimals
_PLAIN = r"\d*\.\d*"


def refuse_thousands(probe: Probe, cell: Cell, currency: str) -> None:
    """Refuse a column of amounts in which ``1.234`` may be a thousand or a little more than one.

    One other decimal, such as ``12.5`` or ``0.125``, settles it; so does a currency whose smallest
    unit is a thousandth.

    Raises
    ------
    DataError
        Three digits follow every point, and the decimal mark is not declared.
    """
    if cell.type != "VARCHAR" or cell.source.decimal_declared or minor(currency) == 1000:
        return
    bare = core_of(cell.sql)
    grouped = f"(contains({cell.sql}, '.') AND regexp_full_match({bare}, {text(_GROUPED)}))"
    plain = f"(contains({cell.sql}, '.') AND regexp_full_match({bare}, {text(_PLAIN)}))"
    if probe.any(f"{plain} AND NOT {grouped}") or not probe.any(grouped):
        return
    rows, held = probe.ask(f"count_if({grouped})", f"count({cell.sql})")
    raise DataError(
        f"{cell} holds a point and three digits wherever it holds a separator "
        f"({share(rows, held)}), first in {probe.first_rows(grouped)}",
        "what the point means is declared",
        f'Add decimal = "," to [tables.{cell.source.name}] to read it as thousands, '
        'decimal = "." to read it as decimals',
    )
