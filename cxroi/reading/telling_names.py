"""Declared columns whose names say that they hold something else: other money, another moment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..engine.quoting import ident, one_row
from ..study.declared import Study
from .columns.blanks import blank
from .columns.currencies import minor
from .columns.probe import Probe
from .counted_twice import some_rows
from .headers import MOMENTS, no_price, other_moment, says_refund, words_of
from .staging import Stage
from .status_columns import told

Warned = Iterator[tuple[str, int, str]]
_LISTED = re.compile(
    r"(?:^| )(?:list|gross|brutto|subtotal|sub total|price|preis|prix|precio|before)(?: |$)"
)
# Names of an amount that do not say whether a discount is off already.
_UNSAID = re.compile(
    r"(?:(?:amount|amt|betrag|montant|importe|importo|bedrag|belopp|order|eur) ?)+"
)
_WHOLE, _MIDDLE = 50, 1_000  # amounts, and their median, from which on whole ones may be cents


def warn_of_names(study: Study, stage: Stage, probe: Probe) -> Warned:
    """Yield warnings of declared columns that by their names hold something else."""
    yield from _of_moments(stage)
    if stage.role == "orders":
        yield from _of_price(stage)
        yield from _of_less(stage, probe)
        yield from _of_cents(study, stage, probe)


def _of_moments(stage: Stage) -> Warned:
    key = MOMENTS.get(stage.role, ("",))[0]
    if key not in stage.source.columns:
        return
    cell = stage.cells[stage.source.columns[key]]
    if said := other_moment(stage.role, cell.column):
        yield (
            "warning",
            1,
            f"{cell} is declared as {key} and says {said!r} by its name: windows are "
            "cut by that day. If rows have the day itself in another column, declare that",
        )


def _of_price(stage: Stage) -> Warned:
    cell = stage.cells[stage.source.columns["amount"]]
    if said := no_price(cell.column):
        yield (
            "warning",
            1,
            f"{cell} is added up as what customers paid, and says {said!r} by its name: "
            "declare the column of what an order came to",
        )


def _of_less(stage: Stage, probe: Probe) -> Warned:
    """Yield warnings of columns beside the amount that are taken off it: refunds, discounts."""
    amount = stage.source.columns["amount"]
    words = words_of(amount)
    before = bool(_LISTED.search(words) or _UNSAID.fullmatch(words))
    for name in told(stage, "less"):
        if not says_refund(name) and not before:
            continue
        x = f"try_cast({stage.cells[name].sql}::VARCHAR AS DOUBLE)"
        written = f"{stage.cells[name].sql}::VARCHAR"
        [rows] = probe.ask(f"count(*) FILTER (NOT {blank(written)} AND coalesce({x}, 1) <> 0)")
        if rows:
            yield (
                "warning",
                int(rows),
                f"{stage.cells[name]} holds something in {rows:,} rows and is not read: if it is "
                f"to be taken off {amount!r}, write into one column what is left",
            )


def _of_cents(study: Study, stage: Stage, probe: Probe) -> Warned:
    """Yield a warning of large whole amounts in a currency that has cents."""
    if stage.source.amount_in or not study.currency or minor(study.currency) == 1:
        return
    cell = stage.cells[stage.source.columns["amount"]]
    held, parted, even, middle = one_row(
        probe.connection,
        "SELECT count(*), count(*) FILTER (amount <> floor(amount)), "
        "count(*) FILTER (amount % 100 = 0), exp(avg(ln(amount))) "
        f"FROM {some_rows(probe.connection, ident('typed orders'))} WHERE fate = 0 AND amount > 0",
    )
    if held >= _WHOLE and not parted and even < held / 5 and middle and middle >= _MIDDLE:
        yield (
            "warning",
            int(held),
            f"{cell} holds whole numbers alone, about {middle:,.0f} in the middle: are they cents? "
            f'Declare amount_in = "cents", or amount_in = "{study.currency}" if they are '
            f"{study.currency}",
        )
