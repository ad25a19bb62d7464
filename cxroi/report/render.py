"""An executed notebook -> one self-contained page: the answer to read, the code folded away.

nbconvert converts with the template in ``report_template``. What a page must keep whatever a
notebook puts in it is done and checked on the result: headings in order with a table of
contents, tables that scroll, alt text on every image, no script, no request to another host.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CxroiError

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
_NUMERIC = re.compile(r"(?:[A-Z]{3} ?)?[-+−]?[\d.,\s]*\d(?:e[-+]?\d+)?(?: ?(?:%|points?|days?))?")
_EMPTY = ("", "–", "—", "-", "−", "∞", "−∞", "nan", "NaN")
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
    _fold_code(main)
    for number, table in enumerate(main.find_all("table"), start=1):
        _dress_table(soup, table, number)
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
        taken.add(unique)
        heading["id"] = unique


def _fold_code(main: Tag) -> None:
    """Put a cell's code behind what it shows, together with that of silent cells before it."""
    silent: Tag | None = None
    for section in main.select("section.cell"):
        code = section.select_one("details.code")
        if code is None:
            continue
        if silent is not None:
            code.find_all("summary")[0].insert_after(*silent.select(".highlight"))
            silent.decompose()
        shows = len(section.find_all(True, recursive=False)) > 1
        section.append(code.extract())
        silent = None if shows else section


def _add_contents(soup: BeautifulSoup, main: Tag) -> None:
    headings = main.find_all(["h2", "h3"])
    if len(headings) < 2:
        return
    nav = soup.new_tag("nav", attrs={"class": "contents", "aria-label": "Contents"})
    title = soup.new_tag("p")
    title.string = "Contents"
    top = soup.new_tag("ol")
    nav.extend([title, top])
    inner: Tag | None = None
    for heading in headings:
        item, link = soup.new_tag("li"), soup.new_tag("a", href=f"#{heading['id']}")
        link.string = heading.get_text()
        item.append(link)
        if heading.name == "h2" or not top.contents:
            top.append(item)
            inner = None
            continue
        if inner is None:
            inner = soup.new_tag("ol")
            top.find_all("li", recursive=False)[-1].append(inner)
        inner.append(item)
    sections = [heading for heading in headings if heading.name == "h2"]
    place = sections[min(1, len(sections) - 1)]  # on a small screen the first section is first
    while place.parent is not None and place.parent is not main:
        place = place.parent
    place.insert_before(nav)


def _dress_table(soup: BeautifulSoup, table: Tag, number: int) -> None:
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
