"""How a result shows itself: as text and as escaped HTML, four significant digits."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class TidyMixin:
    """Text and escaped HTML from the `tidy()` of a result."""

    def tidy(self) -> pd.DataFrame:
        """Return the result as a data frame."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}\n{to_text(self.tidy())}"

    def _repr_html_(self) -> str:
        return to_html(self.tidy())


@dataclass(frozen=True, repr=False)
class Table(TidyMixin):
    """A table made for reading: cells already worded, columns named for a person."""

    frame: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """Return the table."""
        return self.frame

    def __repr__(self) -> str:
        return to_text(self.frame)


@dataclass(frozen=True)
class Text:
    """Sentences for a notebook or a report; whatever they quote is escaped."""

    sentences: tuple[str, ...]
    kind: str = "paragraph"

    def __str__(self) -> str:
        return ("\n" if self.kind == "list" else " ").join(self.sentences)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [html.escape(sentence).replace("$", "&#36;") for sentence in self.sentences]
        if self.kind == "list":
            return "<ul>" + "".join(f"<li>{part}</li>" for part in parts) + "</ul>"
        return f'<p class="{self.kind}">{" ".join(parts)}</p>'


@dataclass(frozen=True, repr=False)
class Noted(Table):
    """A table with a sentence below it."""

    note: str = ""

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n\n{self.note}"

    def _repr_html_(self) -> str:
        return f"{super()._repr_html_()}{Text((self.note,))._repr_html_()}"


def significant(value: object, digits: int = 4) -> str:
    """Format a cell for display: numbers to so many significant digits, None as a dash."""
    if value is None or value != value:  # NaN is the value that differs from itself
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return _float(value, digits)
    return str(value)


def to_text(table: pd.DataFrame) -> str:
    """Return a table as text, four significant digits, without its index."""
    return table.map(significant).to_string(index=False)


def to_html(table: pd.DataFrame) -> str:
    """Return a table as HTML, everything escaped, four significant digits, texts to the left.

    Dollar signs become entities, so that no reader turns a pair of them into mathematics.
    """
    sides = ["left" if kind in "OU" else "right" for kind in (t.kind for t in table.dtypes)]
    head = "".join(_cell("th", column, side) for column, side in zip(table, sides, strict=True))
    rows = "".join(
        "<tr>"
        + "".join(_cell("td", value, side) for value, side in zip(row, sides, strict=True))
        + "</tr>\n"
        for row in table.itertuples(index=False)
    )
    return f'<table class="cxroi">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table>'


def _cell(tag: str, value: object, side: str) -> str:
    text = html.escape(significant(value)).replace("$", "&#36;")
    return f'<{tag} style="text-align:{side}">{text}</{tag}>'


def _float(value: float, digits: int) -> str:
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    text = f"{value:.{digits}g}"
    return f"{value:.1e}" if "e" in text else text
