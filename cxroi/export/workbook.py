"""The report as an Excel workbook whose formulas compute the return again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..results.estimate import Estimate
from ..results.formats import cell_format
from . import content
from .brand import Brand
from .folder import RunFolder
from .labels import label
from .sheets import Book, text

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

# Figures that follow from the cells, and what the cell is called there.
_LIVE: Mapping[str, str] = MappingProxyType(
    {
        "ratio": "roi",
        "net_value": "net_value",
        "value_per_moved": "value_per_moved",
        "payback_months": "payback",
        "break_even_cost_per_moved": "break_even_cost_per_moved",
    }
)
_NOT_AGAIN = "report again"
_WARNS = (
    "An assumption was changed. Likely values follow it; the sentences above, chance, intervals "
    "and break-even shares do not: for these run cxroi report with the changed study file."
)
_ENTRIES = (
    *("What", "Estimate", "From", "To", "Standard error"),
    *("Unit", "n", "Method", "Note", "Name"),
)
_FIGURES = ("Figure", "Value", "From", "To", "Interval covers", "Unit", "n", "Method", "Note")


# Sheets that are one table: name, title, what it is about; heads; rows; widths.
_TABLES: tuple[
    tuple[tuple[str, str, str], tuple[str, ...], Callable[[RunFolder], Any], tuple[float, ...]], ...
] = (
    (
        ("Checks", "What could make it wrong", "Every check of every outcome; what failed first."),
        ("Question", "Of", "Verdict", "What was found"),
        content.checks,
        (52, 18, 14, 110),
    ),
    (
        ("Ledger", "Where every row went", "Rows read, repaired, set aside and used, and why."),
        ("Table", "What happened", "Rows", "Why"),
        content.ledger,
        (18, 16, 12, 110),
    ),
    (
        ("Sources", "What it rests on", "As run.json of the report folder has it."),
        ("What", "Which"),
        content.sources,
        (34, 110),
    ),
)


def write_workbook(folder: RunFolder, path: Path, brand: Brand) -> None:
    """Write a report folder as an Excel workbook at `path`.

    Sheets: Decision, Assumptions and Value where there is a ROI, Results, Checks, Ledger, Sources.
    """
    book = Book(path, folder.title, folder.run["started"], brand)
    _decision(book, folder)
    if folder.inputs is not None:
        from .value_sheet import assumptions_sheet, value_sheet

        assumptions_sheet(book, content.inputs(folder), folder.currency)
        value_sheet(book, folder.inputs, folder.currency)
    _results(book, folder)
    for titled, heads, rows, widths in _TABLES:
        book.table(book.sheet(*titled, widths), 3, heads, rows(folder), widths[-1])
    book.workbook.close()


def _decision(book: Book, folder: RunFolder) -> None:
    about = f"From the report of {str(folder.run['started'])[:10]}; every number with its unit."
    sheet = book.sheet("Decision", folder.title, about, (52, 22, 14, 14, 28, 32, 9, 60, 60))
    row = 3
    for sentence in (*folder.answer, *_rated(folder)):
        sheet.merge_range(row, 0, row, 5, "", book.format(text_wrap=True, font_size=12))
        text(sheet, row, 0, sentence, book.format(text_wrap=True, font_size=12))
        sheet.set_row(row, 16 * (1 + len(sentence) // 140))
        row += 1
    if folder.inputs is not None:
        style = book.format(bold=True, font_color="#9c4200", text_wrap=True)
        sheet.merge_range(row, 0, row, 5, "", style)
        sheet.write_formula(row, 0, f'=IF(changed,"{_WARNS}","")', style, "")
        sheet.set_row(row, 32)
        row += 1
    row += 1
    book.heads(sheet, row, _FIGURES)
    figures = list(content.key_figures(folder))
    for number, key in enumerate(figures, start=row + 1):
        _figure(book, sheet, number, folder, *key)
    sheet.print_area(0, 0, row + len(figures), 6)
    if book.brand.logo is not None:
        place = {"x_scale": 1, "y_scale": 1, "object_position": 3, "description": "Logo"}
        sheet.insert_image(0, 7, str(book.brand.logo), place | _scaled(book.brand.logo))


def _rated(folder: RunFolder) -> list[str]:
    rating = folder.results.get("rating")
    told = [f"The evidence is rated {rating.note}."] if rating else []
    return [*told, content.tally(content.checks(folder, folder.outcome, "score"))]


def _figure(
    book: Book,
    sheet: Worksheet,
    row: int,
    folder: RunFolder,
    words: str,
    figure: Estimate,
    covers: str,
) -> None:
    """Write a key figure: one that the cells give is a formula, one that they do not give way."""
    number = cell_format(figure.unit, folder.currency)
    simulated = folder.inputs is not None and covers != content.SAMPLED
    live = _LIVE.get(figure.name.split(".")[1].removesuffix("_first_window")) if simulated else None
    text(sheet, row, 0, words, book.format(bold=True))
    style = book.format(bold=True, num_format=number, align="right")
    if live:
        missing = "not within the horizon" if live == "payback" else ""
        value = missing if figure.estimate is None else figure.estimate
        sheet.write_formula(row, 1, f"={live}", style, value)
    else:
        _kept(book, sheet, (row, 1), figure.estimate, number, simulated)
    ends = ((2, figure.conf_low), (3, figure.conf_high)) if covers != content.SIMULATION else ()
    for column, end in ends:
        _kept(book, sheet, (row, column), end, number, simulated)
    about = covers if ends else "none: a share of simulated outcomes"
    rest = (about, figure.unit, figure.n, figure.method, figure.note)
    for column, cell in enumerate(rest, start=4):
        book.cell(sheet, row, column, cell, "#,##0")


def _kept(
    book: Book,
    sheet: Worksheet,
    place: tuple[int, int],
    value: float | None,
    number: str,
    simulated: bool,
) -> None:
    """Write a figure that the cells do not give: gone once one of them was changed."""
    style = book.format(num_format=number, align="right")
    if not simulated:
        book.cell(sheet, *place, value, number)
    else:
        kept = "none" if value is None else repr(float(value)).upper()
        quoted = f'"{kept}"' if value is None else kept
        shown = kept if value is None else value
        sheet.write_formula(*place, f'=IF(changed,"{_NOT_AGAIN}",{quoted})', style, shown)


def _results(book: Book, folder: RunFolder) -> None:
    about = "Every entry of results.json, with every digit; an empty cell is a figure that is not."
    widths = (58, 16, 14, 14, 14, 30, 9, 60, 60, 40)
    sheet = book.sheet("Results", "Every number of the report", about, widths)
    row = 3
    book.heads(sheet, row, _ENTRIES)
    for row, e in enumerate(folder.results.values(), start=4):
        number = cell_format(e.unit, folder.currency)
        cells = (label(e.name), e.estimate, e.conf_low, e.conf_high, e.std_error)
        for column, value in enumerate(cells):
            book.cell(sheet, row, column, value, number)
        for column, cell in enumerate((e.unit, e.n, e.method, e.note, e.name), start=5):
            book.cell(sheet, row, column, cell, "#,##0")
    sheet.freeze_panes(4, 1)
    sheet.autofilter(3, 0, row, len(_ENTRIES) - 1)


def _scaled(logo: Path) -> dict[str, float]:
    """Return how far a picture is scaled to be 48 points high."""
    from PIL import Image

    with Image.open(logo) as picture:
        scale = 48 / picture.height
    return {"x_scale": scale, "y_scale": scale}
