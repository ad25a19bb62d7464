"""The pictures of a report as SVG files, named by what they say."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import ParameterError
from ..report.contents import NOTEBOOKS, REPORT_NOTEBOOK
from .fixed_svg import outermost
from .folder import RunFolder

_SVG, _HTML = "image/svg+xml", "text/html"
_SPACE = 'xmlns="http://www.w3.org/2000/svg"'
_WORDS = 8


def svg_files(folder: RunFolder) -> dict[str, str]:
    """Return the pictures in the executed notebooks, each once, by file name.

    Those of the report come first; names are numbered in this order.

    Raises
    ------
    ParameterError
        There is none.
    """
    notebooks = sorted((folder.path / NOTEBOOKS).glob("*.ipynb"))
    notebooks.sort(key=lambda path: path.stem != REPORT_NOTEBOOK)
    found: dict[str, str] = {}
    for path in notebooks:
        for output in _outputs(path):
            for svg, says in _pictures(output):
                found.setdefault(svg, says)
    if not found:
        raise ParameterError(
            f"the notebooks of {folder.path.name} hold no picture as SVG",
            "a report whose pictures are SVG; those of earlier versions are PNG",
            "Make the report again with this version, or take --to pdf",
        )
    return {f"{n:02}-{_slug(says)}.svg": svg for n, (svg, says) in enumerate(found.items(), 1)}


def _outputs(path: Path) -> Iterator[dict[str, Any]]:
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        yield from cell.get("outputs", ())


def _pictures(output: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each SVG of an output with what it says: its text for who cannot see it, or title."""
    data = output.get("data", {})
    kind = _SVG if _SVG in data else _HTML
    alt = output.get("metadata", {}).get(kind, {}).get("alt", "")
    text = _text(data.get(kind, ""))
    for svg in (text[begin:end] for begin, end in outermost(text)):
        yield _alone(svg), alt or _title(svg)


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def _alone(svg: str) -> str:
    """Return an SVG that stands in a file of its own."""
    named = "xmlns=" in svg.partition(">")[0]
    return (svg if named else svg.replace("<svg", f"<svg {_SPACE}", 1)) + "\n"


def _title(svg: str) -> str:
    found = re.search(r"<title[^>]*>(.*?)</title>", svg, re.DOTALL)
    return html.unescape(found[1]) if found else "picture"


def _slug(says: str) -> str:
    plain = unicodedata.normalize("NFKD", says).encode("ascii", "ignore").decode().casefold()
    return "-".join(re.findall(r"[a-z0-9]+", plain)[:_WORDS]) or "picture"
