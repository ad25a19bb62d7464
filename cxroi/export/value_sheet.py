"""The sheets that compute: assumptions as named cells, and the ROI from them, window by window."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_rowcol_to_cell

from ..results.formats import RATIO, cell_format
from ..value.money import Inputs, Money, evaluate, payback_months
from . import windows
from .content import Input
from .sheets import Book, text

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

ASSUMPTIONS, VALUE = "Assumptions", "Value"
_HEADS = (
    "What",
    "Value",
    "As reported",
    "Lowest",
    "Highest",
    "Unit",
    "Where it comes from",
    "Name",
)
_FEWEST = 12
_FIRST = 3  # rows of a sheet are counted from 0 here; titles come before
_ABOUT = {
    "window_months": ("A window lasts", "months"),
    "window_periods": ("A window in periods of retention", "count"),
    "moved": ("Customers who move", "customers"),
    "log_discount": ("Discount over the months of payment", "count"),
    "paid_factor": ("What 1 of cost is worth today", "count"),
    "cost_each": ("Cost of each moved customer, with its part of the fixed cost", "money"),
    "margin_not_moved": ("Margin less service in a window, not moved", "money"),
    "retained_not_moved": ("Retention, not moved", "share"),
}
# What follows from the rows: name, label, unit, formula.
TOTALS = (
    ("covered", "All of the horizon is in the rows below", "", "{end}>=horizon_months-1E-9"),
    ("value_per_moved", "Value of one moved customer", "money", "IF(covered,SUM({gain}),NA())"),
    ("cost", "Cost of the programme", "total", "moved*cost_each"),
    (
        "net_value",
        "Net value: value of all moved, less cost",
        "total",
        "moved*value_per_moved-cost",
    ),
    ("roi", "Return on cost (ROI): net value over cost", "share", "net_value/cost"),
    (
        "break_even_cost_per_moved",
        "Pays up to a cost per moved customer of",
        "money",
        "value_per_moved/paid_factor-fixed_cost/moved",
    ),
    (
        "payback",
        "Cost is earned back after",
        "months",
        'IF(COUNT({paid_back})=0,"not within the horizon",MIN({paid_back}))',
    ),
)


def assumptions_sheet(book: Book, inputs: Sequence[Input], currency: str) -> None:
    """Write what the ROI is computed from, each value in a cell of its own name."""
    about = "Change a blue cell: the sheets Value and Decision follow. 'As reported' stays."
    sheet = book.sheet(
        ASSUMPTIONS, "What the return is computed from", about, (58, 14, 14, 11, 11, 22, 34, 24)
    )
    book.heads(sheet, _FIRST, _HEADS)
    for row, one in enumerate(inputs, start=_FIRST + 1):
        number = cell_format(one.unit, currency)
        cells = (one.label, None, one.value, one.low, one.high, one.unit, one.origin, one.name)
        for column, value in enumerate(cells):
            book.cell(sheet, row, column, value, number)
        sheet.write_number(row, 1, one.value, book.input(number))
        if one.bounds:
            _bound(sheet, row, one)
        _name(book, one.name, ASSUMPTIONS, row, 1)
    first, last = _FIRST + 2, _FIRST + 1 + len(inputs)
    row = last + 1
    text(sheet, row, 0, "Whether anything was changed", book.format())
    formula = f"=SUMPRODUCT(--(B{first}:B{last}<>C{first}:C{last}))>0"
    sheet.write_formula(row, 1, formula, book.format(), False)
    _name(book, "changed", ASSUMPTIONS, row, 1)
    sheet.freeze_panes(_FIRST + 1, 1)


def value_sheet(book: Book, inputs: Inputs, currency: str) -> None:
    """Write the arithmetic of `value.money` in formulas, with what each gives beside it."""
    sheet = book.sheet(
        VALUE,
        "From measured gaps and assumptions to the return",
        "Every cell is a formula over the sheet Assumptions; one row a window of the horizon.",
        (58, 14, *[13] * (len(windows.COLUMNS) - 2)),
    )
    known, row = windows.before(inputs), _FIRST
    for name, formula in windows.BEFORE.items():
        label, unit = _ABOUT[name]
        text(sheet, row, 0, label, book.format())
        style = book.format(num_format=_number(unit, currency))
        sheet.write_formula(row, 1, f"={formula}", style, known[name])
        _name(book, name, VALUE, row, 1)
        row += 1
    first = row + len(TOTALS) + 2
    count = _count(inputs)
    _totals(book, sheet, row, inputs, currency, _ranges(first, count))
    book.heads(sheet, first - 1, [_headed(column, currency) for column in windows.COLUMNS])
    sheet.set_row(first - 1, 42)
    for number, values in enumerate(windows.rows(inputs, count)):
        for place, column in enumerate(windows.COLUMNS):
            formula = column.first if number == 0 and column.first else column.formula
            style = book.format(num_format=_number(column.unit, currency))
            cells = _cells(first + number)
            sheet.write_formula(
                first + number, place, f"={formula.format_map(cells)}", style, values[column.name]
            )


def _totals(
    book: Book, sheet: Worksheet, row: int, inputs: Inputs, currency: str, ranges: dict[str, str]
) -> None:
    money, payback = evaluate(inputs), float(payback_months(inputs))
    values = _values(money, payback)
    for name, label, unit, formula in TOTALS:
        text(sheet, row, 0, label, book.format(bold=True))
        style = book.format(bold=True, num_format=_number(unit, currency), align="right")
        sheet.write_formula(row, 1, f"={formula.format_map(ranges)}", style, values[name])
        _name(book, name, VALUE, row, 1)
        row += 1


def _values(money: Money, payback: float) -> dict[str, float | str | bool]:
    return {
        "covered": True,
        "value_per_moved": float(money.value),
        "cost": float(money.cost),
        "net_value": float(money.net),
        "roi": float(money.ratio),
        "break_even_cost_per_moved": float(money.break_even_cost),
        "payback": payback if payback < float("inf") else "not within the horizon",
    }


def _count(inputs: Inputs) -> int:
    """Return how many rows of windows there are: twice the horizon, to try a longer one."""
    window = windows.before(inputs)["window_months"]
    return max(_FEWEST, 2 * ceil(inputs.horizon_months / window))


def _ranges(first: int, count: int) -> dict[str, str]:
    last = first + count - 1
    ranges = {
        column.name: f"{xl_rowcol_to_cell(first, place)}:{xl_rowcol_to_cell(last, place)}"
        for place, column in enumerate(windows.COLUMNS)
    }
    cells = _cells(last)
    return ranges | {"end": f"{cells['begin']}+{cells['length']}"}


def _cells(row: int) -> dict[str, str]:
    """Return the address of each step in a row and, with ``_before``, in the row above."""
    found = {}
    for place, column in enumerate(windows.COLUMNS):
        found[column.name] = xl_rowcol_to_cell(row, place)
        found[f"{column.name}_before"] = xl_rowcol_to_cell(row - 1, place)
    return found


def _headed(column: windows.Column, currency: str) -> str:
    unit = {"money": currency or "currency units", "months": "months"}.get(column.unit, "")
    return f"{column.heading}, {unit}" if unit else column.heading


def _number(unit: str, currency: str) -> str:
    known = {"money": f"{currency} each", "total": currency, "count": "", "share": RATIO}
    return cell_format(known.get(unit, unit), currency) if unit else "General"


def _bound(sheet: Worksheet, row: int, one: Input) -> None:
    low, high = one.bounds or (0.0, 1.0)
    high = min(high, 1e12)
    sheet.data_validation(
        row,
        1,
        row,
        1,
        {
            "validate": "decimal",
            "criteria": "between",
            "minimum": low,
            "maximum": high,
            "error_title": "Out of range",
            "error_message": f"Between {low:g} and {high:g}.",
        },
    )


def _name(book: Book, name: str, sheet: str, row: int, column: int) -> None:
    book.workbook.define_name(name, f"={sheet}!{xl_rowcol_to_cell(row, column, True, True)}")
