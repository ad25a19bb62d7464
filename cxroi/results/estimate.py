"""Estimate: a number with interval, unit, n and method; tidy tables of them."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

CONF_LEVEL = 0.95

TIDY_COLUMNS = (
    "term",
    "contrast",
    "estimate",
    "std_error",
    "statistic",
    "p_value",
    "conf_low",
    "conf_high",
    "n",
)


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
class Estimate(TidyMixin):
    """A number with its interval, unit, n and method.

    Attributes
    ----------
    name
        Stable name, such as ``contrast.spend.adjusted``.
    estimate, conf_low, conf_high, std_error
        In `unit`; None where the figure does not exist, and `note` says why.
    unit
        Such as ``EUR per customer in 90 days``, ``share``, ``points``.
    n
        Customers or responses behind it.
    method
        How it was computed, interval included, in words.
    note
        What a reader must know besides: a verdict, a refusal, a caveat.
    term, contrast, statistic, p_value
        For the tidy table.
    """

    name: str
    estimate: float | None
    conf_low: float | None
    conf_high: float | None
    std_error: float | None
    unit: str
    n: int
    method: str
    note: str = ""
    term: str = ""
    contrast: str = ""
    statistic: float | None = None
    p_value: float | None = None

    def tidy(self) -> pd.DataFrame:
        """Return one row with the columns of `TIDY_COLUMNS`."""
        return tidy_table([self])

    def named(self, name: str) -> Estimate:
        """Return the same estimate under another name."""
        return replace(self, name=name)

    def as_dict(self) -> dict[str, Any]:
        """Return the entry of `results.json`, in the order of its contract; None if not finite."""
        keys = (
            "name",
            "estimate",
            "conf_low",
            "conf_high",
            "std_error",
            "unit",
            "n",
            "method",
            "note",
        )
        values = {key: getattr(self, key) for key in keys}
        return {
            key: None if isinstance(value, float) and not isfinite(value) else value
            for key, value in values.items()
        }


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


def tidy(estimates: Iterable[Estimate]) -> Table:
    """Return estimates as a table that shows itself in a notebook."""
    return Table(tidy_table(estimates))


def tidy_table(estimates: Iterable[Estimate]) -> pd.DataFrame:
    """Return one row an estimate, with the columns of `TIDY_COLUMNS`."""
    import pandas as pd

    rows = [
        {
            field.name: getattr(estimate, field.name)
            for field in fields(Estimate)
            if field.name in TIDY_COLUMNS
        }
        | {"term": estimate.term or estimate.name}
        for estimate in estimates
    ]
    return pd.DataFrame(rows, columns=list(TIDY_COLUMNS))


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
