"""Fluid drawings made fixed: lengths in numbers, colours as they are on white paper.

The report's pictures take their width from their place and their colours from the page. Programs
that lay out pages know neither per cent plus pixels nor variables in a drawing.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from xml.etree import ElementTree

_SPACE = "http://www.w3.org/2000/svg"
_LINK = "http://www.w3.org/1999/xlink"
_ACROSS = frozenset({"x", "x1", "x2", "cx", "dx", "rx", "width"})
_DOWN = frozenset({"y", "y1", "y2", "cy", "dy", "ry", "height"})
_SIZES = ("width", "height")  # may not be under zero
_LENGTH = re.compile(r"\s*(?:calc\()?\s*(-?[\d.]+)%\s*(?:([+-])\s*([\d.]+)(?:px)?)?\s*\)?\s*")
_VARIABLE = re.compile(r"var\((--[\w-]+)(?:,([^()]*))?\)")
_DEFINED = re.compile(r"(--[\w-]+)\s*:\s*([^;{}()]+)")
# A line around letters in the colour of the paper: painted after them where order is not known.
_HALO = re.compile(r"stroke:[^;}]*;?|stroke-width:[^;}]*;?|stroke-linejoin:[^;}]*;?")
_RULE = re.compile(r"\{[^{}]*paint-order[^{}]*\}")
_TAG = re.compile(r"<svg\b[^>]*>|</svg\s*>")
_EMBEDDED = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
_WIDTH = 760.0


def outermost(text: str) -> list[tuple[int, int]]:
    """Return begin and end of each outermost SVG element; a parser of HTML would change them.

    Examples
    --------
    >>> outermost("a<svg><svg></svg></svg>b")
    [(1, 23)]
    """
    found, depth, begin = [], 0, 0
    for tag in _TAG.finditer(text):
        if tag[0].startswith("</"):
            depth -= 1
            if depth == 0:
                found.append((begin, tag.end()))
        elif not tag[0].endswith("/>"):
            begin = tag.start() if depth == 0 else begin
            depth += 1
    return found


def with_fixed_svg(page: str, colours: dict[str, str]) -> str:
    """Return a page whose drawings, in the text and embedded, are fixed.

    Parameters
    ----------
    colours
        Values of variables, such as ``--blue``; others take what a drawing gives for them.
    """

    def embedded(match: re.Match[str]) -> str:
        svg = base64.b64decode(match[1]).decode("utf-8")
        again = base64.b64encode(fixed(svg, colours).encode("utf-8")).decode("ascii")
        return f"data:image/svg+xml;base64,{again}"

    return _EMBEDDED.sub(embedded, _replaced(page, lambda svg: fixed(svg, colours)))


def _replaced(page: str, change: Callable[[str], str]) -> str:
    parts, last = [], 0
    for begin, end in outermost(page):
        parts += [page[last:begin], change(page[begin:end])]
        last = end
    return "".join([*parts, page[last:]])


def fixed(svg: str, colours: dict[str, str]) -> str:
    """Return one drawing with lengths in numbers, in the size it has where there is room.

    Examples
    --------
    >>> fixed('<svg width="200" height="9"><rect x="50%" width="calc(10% - 5px)"/></svg>', {})[-35:]
    '"><rect x="100" width="15" /></svg>'
    """
    given = dict(reversed(_DEFINED.findall(svg))) | colours  # what is defined first: in the light
    plain = _VARIABLE.sub(lambda match: str(given.get(match[1], match[2] or "")).strip(), svg)
    plain = _RULE.sub(lambda match: _HALO.sub("", match[0]), plain)
    if "xmlns=" not in plain.partition(">")[0]:
        plain = plain.replace("<svg", f'<svg xmlns="{_SPACE}"', 1)
    ElementTree.register_namespace("", _SPACE)
    ElementTree.register_namespace("xlink", _LINK)
    root = ElementTree.fromstring(plain)  # noqa: S314 - this package drew it
    width, height = _own(root, "width", _WIDTH), _own(root, "height", _WIDTH / 2)
    root.set("viewBox", root.get("viewBox") or f"0 0 {width:g} {height:g}")
    for child in root:
        _fix(child, width, height)
    root.attrib.update(width=f"{width:g}", height=f"{height:g}")
    root.set("style", "width:100%;height:auto")
    return ElementTree.tostring(root, encoding="unicode")


def _own(element: ElementTree.Element, name: str, default: float) -> float:
    number = re.fullmatch(r"([\d.]+)(?:px)?", element.get(name, ""))
    return float(number[1]) if number else default


def _fix(element: ElementTree.Element, width: float, height: float) -> None:
    """Put numbers for the shares in an element and all it holds, of the drawing it lies in."""
    left = []
    for declared in filter(None, element.get("style", "").split(";")):
        name, _, value = (part.strip() for part in declared.partition(":"))
        if name in _ACROSS | _DOWN:
            element.set(name, value)
        else:
            left.append(declared)
    element.attrib.pop("style", None)
    if left:
        element.set("style", ";".join(left))
    for names, whole in ((_ACROSS, width), (_DOWN, height)):
        for name in names & set(element.attrib):
            number = _number(element.attrib[name], whole)
            element.set(name, "0" if number.startswith("-") and name in _SIZES else number)
    if element.tag == f"{{{_SPACE}}}svg":
        width, height = _own(element, "width", width), _own(element, "height", height)
    for child in element:
        _fix(child, width, height)


def _number(value: str, whole: float) -> str:
    found = _LENGTH.fullmatch(value)
    if found is None:
        return value
    more = float(found[3] or 0) * (-1 if found[2] == "-" else 1)
    return f"{float(found[1]) / 100 * whole + more:.10g}"
