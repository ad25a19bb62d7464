"""The report's page as a tagged PDF (PDF/UA): language, title, bookmarks, texts for pictures."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError
from .brand import COLOUR, Brand
from .fixed_svg import with_fixed_svg
from .folder import RunFolder

# What a page may call its colour of headings and links.
_COLOURS = ("--accent", "--blue")
# Before the page's own style, which has the last word.
_PAPER = """<style>
@page {{ size: A4; margin: 16mm 15mm 18mm;
  @bottom-left {{ content: "{title}"; font: 8pt sans-serif; color: #4c5965 }}
  @bottom-right {{ content: counter(page) " of " counter(pages); font: 8pt sans-serif;
    color: #4c5965 }} }}
h1, h2, h3, h4 {{ break-after: avoid }}
figure, tr {{ break-inside: avoid }}
details.code, .noprint, nav, .skip {{ display: none }}
</style>"""
_BRAND = """<style>
@page :first {{ {logo} }}
:root {{ {colours} }}
</style>"""
_LOGO = (
    '@top-right {{ content: ""; width: 45mm; height: 9mm; '
    'background: url("{}") no-repeat right center / contain }}'
)
_KINDS = {".png": "image/png", ".svg": "image/svg+xml"}


def write_pdf(folder: RunFolder, path: Path, brand: Brand) -> None:
    """Write the page of a report folder as a PDF at `path`; nothing is loaded from elsewhere.

    Raises
    ------
    OutputError
        A picture of the page could not be drawn.
    """
    from weasyprint import HTML, URLFetcher

    colours = dict.fromkeys(_COLOURS, brand.text) if brand.colour != COLOUR else {}
    page = with_fixed_svg(folder.page, colours)
    head, rest = page.split("</head>", 1)
    head = head.replace("<head>", f"<head>{_paper(folder)}", 1)
    page = f"{head}{_branded(colours, brand)}</head>{rest}"
    fetcher = URLFetcher(allowed_protocols={"data"})
    with _heard() as failed:
        HTML(string=page, url_fetcher=fetcher).write_pdf(str(path), pdf_variant="pdf/ua-1")
    if failed:
        raise OutputError(
            f"{len(failed)} parts of the page could not be drawn, such as: {failed[0][:80]}",
            "a PDF that holds all of the page",
            "Print report.html from a browser, and report this as a defect of cxroi",
        )


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Collect what weasyprint reports as an error, and keep all it reports from the screen."""
    logger, heard = logging.getLogger("weasyprint"), _Errors()
    before, logger.propagate = logger.propagate, False
    logger.addHandler(heard)
    try:
        yield heard.failed
    finally:
        logger.removeHandler(heard)
        logger.propagate = before


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.failed: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.failed.append(record.getMessage())


def _paper(folder: RunFolder) -> str:
    title = re.sub("[<>]", " ", folder.title)
    return _PAPER.format(title=title.replace("\\", "\\\\").replace('"', '\\"'))


def _branded(colours: dict[str, str], brand: Brand) -> str:
    logo = _LOGO.format(_address(brand.logo)) if brand.logo else ""
    return _BRAND.format(
        logo=logo, colours="; ".join(f"{name}: {value}" for name, value in colours.items())
    )


def _address(logo: Path) -> str:
    kind = _KINDS[logo.suffix.casefold()]
    return f"data:{kind};base64,{base64.b64encode(logo.read_bytes()).decode('ascii')}"
