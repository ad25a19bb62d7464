"""A workbook in one style: titles, tables, notes; texts are texts whatever they begin with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .brand import Brand

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# Nothing that is written as a text is read as a formula, a link or a number.
_AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_LONGEST = 32_000  # a cell holds 32,767 characters
_LINE = 13.5  # height of a line, in points
_INPUT = "#e8f0f9"


class Book:
    """A workbook with its formats, made once each."""

    def __init__(self, path: Path, title: str, made: str, brand: Brand) -> None:
        from xlsxwriter import Workbook

        self.brand = brand
        self.workbook = Workbook(str(path), _AS_TEXT)
        created = dt.datetime.fromisoformat(made).replace(tzinfo=None)
        self.workbook.set_properties({"title": title, "created": created})
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def format(self, **style: Any) -> Format:
        """Return the format of a style, such as ``bold=True, num_format="0.0%"``."""
        full = {"font_name": "Arial", "font_size": 10, "valign": "top", **style}
        key = tuple(sorted(full.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(full)
        return self._formats[key]

    def sheet(self, name: str, title: str, about: str, widths: Sequence[float]) -> Worksheet:
        """Add a sheet with its title in the first row and what it is about in the second."""
        sheet = self.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        heading = self.format(bold=True, font_size=16, font_color=self.brand.text)
        sheet.set_row(0, 24)
        text(sheet, 0, 0, title, heading)
        text(sheet, 1, 0, about, self.format(font_color="#4c5965"))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def heads(self, sheet: Worksheet, row: int, heads: Sequence[str]) -> None:
        """Write the heads of a table."""
        style = self.format(
            bold=True, bg_color=self.brand.colour, font_color=self.brand.ink, text_wrap=True
        )
        for column, head in enumerate(heads):
            text(sheet, row, column, head, style)

    def table(
        self,
        sheet: Worksheet,
        row: int,
        heads: Sequence[str],
        rows: Sequence[Sequence[Any]],
        width: float,
    ) -> None:
        """Write a table; a number is a number, None an empty cell.

        Parameters
        ----------
        width
            Of the last column, in characters: rows are as high as its texts need.
        """
        self.heads(sheet, row, heads)
        for number, cells in enumerate(rows, start=row + 1):
            for column, value in enumerate(cells):
                self.cell(sheet, number, column, value, "#,##0", wrap=True)
            sheet.set_row(number, _LINE * max(1, ceil(len(str(cells[-1])) / width)))
        sheet.freeze_panes(row + 1, 0)

    def cell(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        value: Any,
        number: str = "General",
        *,
        wrap: bool = False,
    ) -> None:
        """Write one cell: a number in its format, a text, nothing for None."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write_number(row, column, value, self.format(num_format=number))
        elif value is not None:
            style = self.format(text_wrap=wrap, indent=int(column > 0))
            text(sheet, row, column, str(value), style)

    def input(self, number: str) -> Format:
        """Return the format of a cell that a reader may change."""
        return self.format(num_format=number, bg_color=_INPUT, border=1, border_color="#8a96a1")


def text(sheet: Worksheet, row: int, column: int, value: str, style: Format) -> None:
    """Write a text as a text."""
    sheet.write_string(row, column, value[:_LONGEST], style)
