"""An executed notebook -> one self-contained page: the answer to read, the code folded away.

nbconvert converts with the template in ``report_template``. What a page must keep whatever a
notebook puts in it is done and checked on the result: headings in order with a table of
contents, tables that scroll, alt text on every image, no script, no request to another host.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CxroiError
from .typesetting import dress_table, typeset

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_TEMPLATE = Path(__file__).resolve().parent / "template"
# A picture of this package is SVG for a page, and HTML for notebooks.
_SHOWN = ("image/svg+xml", "text/html", "text/markdown", "image/png", "image/jpeg", "text/plain")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ACTIVE = {
    *("script", "link", "iframe", "frame", "object", "embed", "applet", "base", "form"),
    *("audio", "video", "source", "track", "portal"),
}
_LOADING = ("src", "srcset", "poster", "background", "data", "xlink:href", "action", "formaction")
_STYLE_LOAD = re.compile(
    r"@import|url\(\s*['\"]?(?!data:|#|['\"]?\))|image-set\(|\\", re.IGNORECASE
)
_NO_ALT = ("", "No description has been provided for this image")


class RenderError(CxroiError):
    """A notebook that must not become a page: an image without a text, an active element."""


def render(node: Any, *, name: str, title: str = "", language: str = "en") -> str:
    """Return an executed notebook as one HTML page that needs nothing else.

    Parameters
    ----------
    node
        The notebook, as nbformat gives it.
    name
        The notebook's name, for messages and the provenance.
    title
        Heading of the page where the notebook has none of level 1; by default from the name.
    language
        ISO 639-1 code of the text.

    Raises
    ------
    RenderError
        An image without alt text; a script or another active element; anything that would be
        loaded from outside the page.
    """
    from bs4 import BeautifulSoup

    _check_alt_of_outputs(node, name)
    title = _own_title(node) or title or name.replace("_", " ")
    soup = BeautifulSoup(_export(node, name, title, language), "html.parser")
    _refuse_active(soup, name)
    main = soup.find("main")
    if main is None:
        raise RenderError(f"the page of {name} lost its main part", "the template of this package")
    _order_headings(soup, main, title)
    _add_contents(soup, main)
    _date(soup, main, node)
    _set_code_below(main)
    for number, table in enumerate(main.select("table"), start=1):
        if table.find_parent(class_="first") is None:
            dress_table(soup, table, number)
    typeset(main)
    return str(soup)


def _export(node: Any, name: str, title: str, language: str) -> str:
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    config = Config()
    config.NbConvertBase.display_data_priority = list(_SHOWN)
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_cell_tags = {"remove-cell", "injected-parameters"}
    config.TagRemovePreprocessor.remove_input_tags = {"remove-input"}
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        config=config,
        template_name=_TEMPLATE.name,
        extra_template_basedirs=[str(_TEMPLATE.parent)],
        exclude_anchor_links=True,
        language_code=language,
    )
    about = {"title": title, "provenance": _provenance(node, name)}
    html, _ = exporter.from_notebook_node(node, resources={"cxroi": about})
    return str(html)


def _own_title(node: Any) -> str:
    for cell in node.cells:
        heading = cell.cell_type == "markdown" and re.search(r"^# +(.+)$", cell.source, re.M)
        if heading:
            return re.sub(r"[*_`]", "", heading[1]).strip()
    return ""


def _provenance(node: Any, name: str) -> list[tuple[str, str]]:
    from .. import __version__

    ran = node.metadata.get("papermill", {})
    given = ran.get("parameters", {})
    shown = [f"{key} = {value}" for key, value in given.items() if value != ""]
    return [
        ("Notebook", name),
        ("Parameters", "; ".join(shown) or "as declared in the notebook"),
        ("Run", str(ran.get("end_time") or "not recorded")[:16].replace("T", " ") + " UTC"),
        ("Software", f"cxroi {__version__}"),
    ]


def _check_alt_of_outputs(node: Any, name: str) -> None:
    for cell in node.cells:
        if cell.cell_type != "code" or "remove-cell" in cell.metadata.get("tags", ()):
            continue
        for output in cell.outputs:
            kind = next((kind for kind in _SHOWN if kind in output.get("data", {})), "")
            alt = output.get("metadata", {}).get(kind, {}).get("alt", "")
            if kind.startswith("image/") and str(alt).strip() in _NO_ALT:
                raise _no_alt(f"a figure of {name}, In [{cell.execution_count}],")


def _no_alt(what: str) -> RenderError:
    return RenderError(
        f"{what} has no alt text",
        "a sentence for readers who cannot see it",
        "Show the figure with display(figure, metadata={'image/png': {'alt': '...'}})",
    )


def _refuse_active(soup: BeautifulSoup, name: str) -> None:
    """Refuse what runs or loads: a notebook's output that was not escaped, most often."""
    for tag in soup.find_all(True):
        for found in _active(tag):
            raise RenderError(
                f"the page of {name} holds {found}",
                "text, tables and figures that need nothing from outside",
                "Escape the text that a cell shows as HTML, and embed images as data",
            )
        if tag.name == "img" and str(tag.get("alt", "")).strip() in _NO_ALT:
            raise _no_alt(f"an image in the text of {name}")


def _active(tag: Tag) -> list[str]:
    found = [f"a <{tag.name}> element"] if tag.name in _ACTIVE else []
    if tag.name == "meta" and str(tag.get("http-equiv", "")).casefold() == "refresh":
        found.append("a redirection")
    if tag.name == "style" and _STYLE_LOAD.search(tag.get_text()):
        found.append("a style that loads something")
    for key, value in tag.attrs.items():
        text = re.sub(r"[\s\x00-\x1f]", "", str(value)).casefold()
        if key.startswith("on"):
            found.append("an event handler")
        elif key == "style" and _STYLE_LOAD.search(str(value)):
            found.append("a style that loads something")
        elif key in _LOADING or (key == "href" and tag.name != "a"):
            if not text.startswith(("data:image/", "#")):
                found.append(f"a {key} that is loaded from elsewhere")
        elif key == "href" and text.startswith(("javascript:", "data:", "vbscript:", "file:")):
            found.append("a link that runs code or opens a file")
    return found


def _order_headings(soup: BeautifulSoup, main: Tag, title: str) -> None:
    """Make one h1, leave no level out, and give each heading an id."""
    headings = main.find_all(_HEADINGS)
    if not headings or headings[0].name != "h1":
        first = soup.new_tag("h1")
        first.string = title
        main.insert(0, first)
        headings.insert(0, first)
    level, taken = 0, {"main"}
    for heading in headings:
        wanted = max(int(heading.name[1]), 2) if level else 1
        level = min(wanted, level + 1)
        heading.name = f"h{level}"
        slug = re.sub(r"[^a-z0-9]+", "-", heading.get_text().casefold()).strip("-") or "section"
        unique = next(
            s for s in (slug, *(f"{slug}-{i}" for i in range(2, 10**4))) if s not in taken
        )
        if heading.get("id", slug) in taken or not heading.get("id"):
            heading["id"] = unique
        taken.add(str(heading["id"]))


def _set_code_below(main: Tag) -> None:
    """Put a cell's code below what it shows, together with that of silent cells before it."""
    silent: Tag | None = None
    for section in main.select("section.cell"):
        code = section.select_one("div.code")
        if code is None:
            continue
        if silent is not None:
            for block in reversed(silent.select(".highlight")):
                code.insert(0, block.extract())
            silent.decompose()
        shows = len(section.find_all(True, recursive=False)) > 1
        section.append(code.extract())
        silent = None if shows else section


def _add_contents(soup: BeautifulSoup, main: Tag) -> None:
    """List the sections before the second one, with the switch that shows all code."""
    headings = [h for h in main.find_all(["h2", "h3"]) if h.find_parent(class_="first") is None]
    if len(headings) < 2:
        return
    nav = soup.new_tag("nav", attrs={"class": "contents", "aria-label": "Contents"})
    top = soup.new_tag("ol")
    nav.append(top)
    first = main.find(class_="first")
    if first is not None:
        top.append(_link(soup, "decision", "Decision"))
    inner: Tag | None = None
    for heading in headings:
        label = str(heading.get("data-label") or heading.get_text())
        item = _link(soup, str(heading["id"]), label)
        if heading.name == "h2" or not top.contents:
            top.append(item)
            inner = None
            continue
        if inner is None:
            inner = soup.new_tag("ol")
            top.find_all("li", recursive=False)[-1].append(inner)
        inner.append(item)
    if main.select_one("div.code") is not None:
        nav.append(_switch(soup))
    sections = [heading for heading in headings if heading.name == "h2"] or headings
    place = sections[0 if first is not None else min(1, len(sections) - 1)]
    while place.parent is not None and place.parent is not main:
        place = place.parent
    place.insert_before(nav)


def _link(soup: BeautifulSoup, anchor: str, label: str) -> Tag:
    item, link = soup.new_tag("li"), soup.new_tag("a", href=f"#{anchor}")
    link.string = label
    item.append(link)
    return item


def _switch(soup: BeautifulSoup) -> Tag:
    """Return the box that shows the code of all steps at once; it works without a script."""
    label = soup.new_tag("label", attrs={"class": "switch"})
    box = soup.new_tag("input", attrs={"type": "checkbox", "id": "show-code"})
    label.extend([box, " Show all code"])
    return label


def _date(soup: BeautifulSoup, main: Tag, node: Any) -> None:
    """Put the day on which the notebook ran among the facts of the first page."""
    ended = str(node.metadata.get("papermill", {}).get("end_time") or "")[:10]
    facts = main.select_one(".first .facts")
    if facts is None or not ended:
        return
    entry, name, day = (soup.new_tag(tag) for tag in ("div", "dt", "dd"))
    name.string, day.string = "Made on", f"{dt.date.fromisoformat(ended):%-d %B %Y}"
    entry.extend([name, day])
    facts.append(entry)
