"""Elements of SVG as strings; every text and attribute is escaped here."""

from __future__ import annotations

import re
from html import escape
from unicodedata import east_asian_width

from .style import PLAIN_FONTS, attributes, css

# Width in pixels that a picture has where nothing stretches it.
WIDTH = 760
# Pixels that a letter of 13 px takes at most on average.
LETTER = 7.1
# XML has no place for them, not even escaped.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def tag(name: str, *inside: str, look: str = "", **given: float | str) -> str:
    """Return an element.

    Parameters
    ----------
    inside
        Elements, as this function returns them; texts go through `plain` first.
    look
        Classes of `style.CLASSES`, separated by spaces.
    given
        Attributes; underscores stand for hyphens, as in ``stroke_width``. Numbers are written with
        two decimals at most.

    Examples
    --------
    >>> tag("circle", cx="50%", cy=4, r=2.5)
    '<circle cx="50%" cy="4" r="2.5"/>'
    """
    written: dict[str, float | str] = {
        key.strip("_").replace("_", "-"): value for key, value in given.items()
    }
    if look:
        written = {"class": look, **attributes(look), **written}
    parts = [f'{key}="{escape(number(value))}"' for key, value in written.items()]
    opened = " ".join([name, *parts])
    return f"<{opened}>{''.join(inside)}</{name}>" if inside else f"<{opened}/>"


def plain(words: str) -> str:
    """Return a text with what would be markup escaped and control characters left out."""
    return escape(_CONTROL.sub("", words))


def text(words: str, x: float | str, y: float, look: str = "lab", **given: float | str) -> str:
    """Return a text whose line stands on `y`; minus signs before digits are true ones."""
    return tag("text", plain(minus(words)), look=look, x=x, y=y, **given)


def minus(words: str) -> str:
    """Return a text with true minus signs before numbers.

    Examples
    --------
    >>> minus("EUR -12 to well-known")
    'EUR −12 to well-known'
    """
    return re.sub(r"(?<![\w.)])-(?=\d)", "−", words)


def reach(*labels: str) -> int:
    """Return the pixels that the longest of some labels takes at most.

    Examples
    --------
    >>> reach("promoter"), reach("推奨者")
    (57, 43)
    """
    return round(max(map(_letters, labels), default=0) * LETTER)


def short(label: str, letters: int) -> str:
    """Return a label cut to so many letters, with an ellipsis where it was.

    Examples
    --------
    >>> short("a rather long label", 9)
    'a rather…'
    """
    return label if len(label) <= letters else f"{label[: letters - 1].rstrip()}…"


def _letters(label: str) -> int:
    """Count letters, those of Chinese, Japanese and Korean twice."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in label)


def drawing(
    title: str, described: str, height: float, body: str, width: float | str = WIDTH
) -> str:
    """Return a picture that is as wide as its place allows and whose text keeps its size.

    Parameters
    ----------
    width
        What it is said to be, which holds where no style is read; ``100%`` in an image of HTML.
    """
    used = {name for names in re.findall(r'class="([^"]*)"', body) for name in names.split()}
    return tag(
        "svg",
        tag("title", plain(title)),
        tag("desc", plain(described)),
        tag("style", css(used | {"paper"})),
        tag("rect", look="paper", width="100%", height="100%"),
        body,
        xmlns="http://www.w3.org/2000/svg",
        class_="cx",
        role="img",
        width=width,
        height=height,
        style="width:100%;display:block",
        font_family=PLAIN_FONTS,
    )


def number(value: float | str) -> str:
    """Return a number with two decimals at most; a text as it is."""
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
