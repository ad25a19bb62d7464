"""A deck of slides in one style: title, native table, text, notes; logo and foot on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches, Pt

from .brand import DARK, Brand

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6
TOP = 1.75  # where the body begins, in inches
_TITLE_ONLY = 5
_MUTED = "#4c5965"
_FONT = "Arial"


@dataclass(frozen=True)
class Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def emu(self) -> tuple[int, int, int, int]:
        """The place as python-pptx takes it."""
        return Inches(self.left), Inches(self.top), Inches(self.width), Inches(self.height)


LEFT = Box(MARGIN, TOP, 6.3, 4.9)
RIGHT = Box(7.1, TOP, WIDTH - 7.1 - MARGIN, 4.9)
WHOLE = Box(MARGIN, TOP, WIDTH - 2 * MARGIN, 4.9)


class Deck:
    """A presentation that grows slide by slide."""

    def __init__(self, title: str, brand: Brand) -> None:
        self.brand, self._title = brand, title
        self._deck = Presentation()
        self._deck.slide_width, self._deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
        self._deck.core_properties.title = title[:255]  # no more is allowed
        self._deck.core_properties.author = ""

    def save(self, path: Path) -> None:
        """Write the deck."""
        self._deck.save(str(path))

    def slide(self, topic: str, title: str, notes: Sequence[str]) -> Any:
        """Add a slide: a small line that names its topic, its finding as title, notes."""
        slide = self._deck.slides.add_slide(self._deck.slide_layouts[_TITLE_ONLY])
        bar = slide.shapes.add_shape(1, 0, 0, Inches(WIDTH), Inches(0.12))
        bar.fill.solid()
        bar.fill.fore_color.rgb = rgb(self.brand.colour)
        bar.line.fill.background()
        wide = WIDTH - 2 * MARGIN - (2.0 if self.brand.logo else 0.0)
        self.text(slide, Box(MARGIN, 0.32, wide, 0.35), topic, size=13, colour=_MUTED)
        heading = slide.shapes.title
        heading.left, heading.top, heading.width, heading.height = Box(MARGIN, 0.62, wide, 1.0).emu
        size = 26 if len(title) < 75 else 20 if len(title) < 150 else 15
        _fill(heading.text_frame, title, size, self.brand.text, bold=True)
        heading.text_frame.vertical_anchor = MSO_ANCHOR.TOP
        if self.brand.logo is not None:
            self._logo(slide, self.brand.logo)
        foot = Box(MARGIN, HEIGHT - 0.5, WIDTH - 2 * MARGIN - 1, 0.3)
        self.text(slide, foot, self._title, size=10, colour=_MUTED)
        number = Box(WIDTH - MARGIN - 0.8, HEIGHT - 0.5, 0.8, 0.3)
        self.text(slide, number, str(len(self._deck.slides)), size=10, colour=_MUTED, right=True)
        slide.notes_slide.notes_text_frame.text = "\n".join(notes)
        return slide

    def text(
        self,
        slide: Any,
        box: Box,
        words: str,
        *,
        size: float = 14,
        colour: str = DARK,
        bold: bool = False,
        right: bool = False,
    ) -> None:
        """Put a text on a slide."""
        frame = slide.shapes.add_textbox(*box.emu).text_frame
        _fill(frame, words, size, colour, bold=bold)
        frame.paragraphs[0].alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT

    def table(
        self,
        slide: Any,
        box: Box,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        size: float = 12,
        right: Sequence[int] = (),
    ) -> None:
        """Put a native table on a slide.

        Parameters
        ----------
        widths
            Shares of the width of the box.
        size
            Of the letters, in points.
        right
            Columns of numbers, which stand to the right.
        """
        low = size / 72 * 1.9
        shape = slide.shapes.add_table(
            len(rows) + 1, len(heads), *Box(box.left, box.top, box.width, low * (len(rows) + 1)).emu
        )
        table = shape.table
        for column, share in zip(table.columns, widths, strict=True):
            column.width = Inches(box.width * share / sum(widths))
        for number, cells in enumerate((heads, *rows)):
            table.rows[number].height = Inches(low)
            for place, words in enumerate(cells):
                cell = table.cell(number, place)
                colour = self.brand.ink if number == 0 else DARK
                _fill(cell.text_frame, words, size, colour, bold=number == 0 or place == 0)
                side = PP_ALIGN.RIGHT if place in right else PP_ALIGN.LEFT
                cell.text_frame.paragraphs[0].alignment = side
                self._paint(cell, number)

    def _paint(self, cell: Any, row: int) -> None:
        cell.margin_top = cell.margin_bottom = Inches(0.03)
        cell.margin_left = cell.margin_right = Inches(0.08)
        cell.fill.solid()
        shade = self.brand.colour if row == 0 else "#f4f6f8" if row % 2 == 0 else "#ffffff"
        cell.fill.fore_color.rgb = rgb(shade)

    def _logo(self, slide: Any, logo: Path) -> None:
        picture = slide.shapes.add_picture(str(logo), 0, 0, height=Inches(0.6))
        if picture.width > Inches(1.9):
            picture.height = int(picture.height * Inches(1.9) / picture.width)
            picture.width = Inches(1.9)
        picture.left, picture.top = Inches(WIDTH - MARGIN) - picture.width, Inches(0.3)
        describe(picture, "Logo")


def rgb(colour: str) -> RGBColor:
    """Return ``#rrggbb`` as python-pptx takes it."""
    return RGBColor.from_string(colour.removeprefix("#").upper())


def describe(shape: Any, words: str) -> None:
    """Give a shape the text that stands for it where it cannot be seen."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", words)


def _fill(frame: Any, words: str, size: float, colour: str, *, bold: bool = False) -> None:
    frame.word_wrap = True
    paragraph = frame.paragraphs[0]
    paragraph.text = words
    paragraph.alignment = PP_ALIGN.LEFT
    paragraph.font.size, paragraph.font.bold, paragraph.font.name = Pt(size), bold, _FONT
    paragraph.font.color.rgb = rgb(colour)
