"""A picture: its claim, the values in words, and how it shows itself in notebooks and pages."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from typing import Any

from .drawing.svg import WIDTH, drawing, minus


@dataclass(frozen=True, repr=False)
class Picture:
    """A drawing with its claim, and all its values in words where it cannot be seen.

    Attributes
    ----------
    claim
        What it shows, in one line: its caption.
    values
        Every value in it, in words.
    inside
        Its elements, as SVG.
    height
        In pixels; it is as wide as its place allows.
    """

    claim: str
    values: str
    inside: str
    height: float

    @property
    def alt(self) -> str:
        """The text that stands for the picture."""
        return f"{self.claim}. {self.values}"

    @property
    def svg(self) -> str:
        """The picture as one SVG element, to be put into a page or to stand alone in a file."""
        return self._drawn()

    @property
    def html(self) -> str:
        """The picture with its caption, to be put into a page, whose colours it takes."""
        return f"<figure><figcaption>{_escaped(self.claim)}</figcaption>{self.svg}</figure>"

    def _drawn(self, width: float | str = WIDTH) -> str:
        return drawing(self.claim, minus(self.values), self.height, self.inside, width)

    def __repr__(self) -> str:
        return f"[figure] {self.alt}"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """Return the picture for pages (SVG) and, as an image in HTML, for notebooks.

        JupyterLab and GitHub take SVG elements out of the HTML of a notebook that they do not
        trust, and images of SVG out of outputs, but leave images in HTML.
        """
        encoded = base64.b64encode(self._drawn("100%").encode()).decode("ascii")
        shown = (
            f'<figure style="margin:0;max-width:{WIDTH}px"><figcaption><b>{_escaped(self.claim)}'
            f'</b></figcaption><img src="data:image/svg+xml;base64,{encoded}" '
            f'alt="{_escaped(self.alt)}" width="100%" height="{self.height:.0f}"></figure>'
        )
        data = {"image/svg+xml": self.svg, "text/html": shown, "text/plain": repr(self)}
        return data, {"image/svg+xml": {"alt": self.alt, "caption": self.claim}}


def _escaped(words: str) -> str:
    """Escape a text for HTML, dollar signs too: two of them would be mathematics."""
    return escape(minus(words)).replace("$", "&#36;")
