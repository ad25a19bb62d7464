"""How text and tables of a page are set: minus signs, units, columns of numbers, scrolling."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_NUMERIC = re.compile(r"(?:[A-Z]{3} ?)?[-+−]?[\d.,\s]*\d(?:e[-+]?\d+)?(?: ?(?:%|points?|days?))?")
_EMPTY = ("", "–", "—", "-", "−", "∞", "−∞", "nan", "NaN")
# Not within a word, a date, or a span of years.
_MINUS = re.compile(r"(?<![\w.,)\u2212-])-(?=\d)")
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:%|pp)(?!\w))")
_AFTER_CURRENCY = re.compile(r"\b([A-Z]{3}) (?=[\u2212-]?\d)")


def typeset(main: Tag) -> None:
    """Write a true minus, and keep numbers and their units on one line."""
    from bs4.element import NavigableString

    for text in main.find_all(string=True):
        plain = type(text) is NavigableString  # no comment becomes text
        if plain and text.find_parent(["pre", "code", "style", "svg"]) is None:
            said = _MINUS.sub("\u2212", str(text))
            said = _BEFORE_UNIT.sub("\u00a0", _AFTER_CURRENCY.sub("\\1\u00a0", said))
            if said != str(text):
                text.replace_with(said)


def dress_table(soup: BeautifulSoup, table: Tag, number: int) -> None:
    """Let a table scroll by itself, name its headers' scope and set its numbers to the right."""
    for attribute in ("border", "style"):
        table.attrs.pop(attribute, None)
    caption = table.find("caption")
    label = caption.get_text(" ", strip=True) if caption else f"Table {number}"
    box = {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": label}
    table.wrap(soup.new_tag("div", attrs=box))
    for row in table.find_all("tr"):
        row.attrs.pop("style", None)
        for header in row.find_all("th"):
            header["scope"] = "col" if header.find_parent("thead") else "row"
    body = [row.find_all(["th", "td"]) for row in table.find_all("tr") if row.find("td")]
    heads = [row.find_all(["th", "td"]) for row in table.find_all("tr") if not row.find("td")]
    for column in range(max(map(len, body), default=0)):
        cells = [row[column] for row in body if column < len(row)]
        texts = [cell.get_text(" ", strip=True) for cell in cells]
        filled = [text for text in texts if text not in _EMPTY]
        if filled and all(_NUMERIC.fullmatch(text) for text in filled):
            for cell in [*cells, *(row[column] for row in heads if column < len(row))]:
                cell["class"] = " ".join([*filter(None, cell.get_attribute_list("class")), "num"])
