"""The page as a PDF, the pictures as files, and drawings made fixed."""

import re
import zlib
from xml.etree import ElementTree

import pytest
from report_folders import inputs_of, report_folder

from cxroi.errors import OutputError, ParameterError
from cxroi.export.brand import Brand
from cxroi.export.exporting import export
from cxroi.export.fixed_svg import fixed, outermost, with_fixed_svg
from cxroi.export.folder import open_folder

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="400" height="100" '
    'style="width:100%"><title>Spend &amp; more by group</title><style>.a{fill:var(--blue,#0b57a4)}'
    ".h{paint-order:stroke;stroke:var(--bg,#fff);stroke-width:4px}.p{fill:var(--bg)}"
    ".r:root{--bg:#ffffff}@media screen{.r:root{--bg:#000000}}</style>"
    '<rect class="a" x="25%" y="50%" height="2" style="width:calc(10% - 8px);opacity:.5"/>'
    '<svg x="50%" width="40" height="10"><line x1="50%" x2="100%" y1="1"/></svg>'
    '<text x="calc(1% - 6px)"/><rect width="calc(1% - 6px)"/></svg>'
)


def plain_of(pdf):
    """Return a PDF with its streams unpacked."""
    found = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            found.append(stream)
    return b"\n".join(found)


@pytest.fixture
def weasyprint():
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        pytest.skip(f"weasyprint cannot be loaded here: {error}")
    return weasyprint


def test_the_pdf_is_tagged_named_and_in_its_language(tmp_path, weasyprint):
    run = report_folder(tmp_path / "run", inputs_of(), more=f"<figure>{SVG}</figure>")
    logo = tmp_path / "l.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    made = export(run, "pdf", tmp_path / "p.pdf", colour="#112233", logo=logo)
    plain = plain_of(made.read_bytes())
    assert plain.startswith(b"%PDF")
    for part in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang (en)", b"pdfuaid", b"/Outlines"):
        assert part in plain, part
    assert b"/Alt (Spend & more by group)" in plain
    assert b"/Title (Members, 2026Q3)" in plain


def test_a_pdf_without_one_of_the_pictures_is_not_made(tmp_path, weasyprint):
    broken = '<svg width="9" height="9"><rect x="1" width="calc(50% - 1em)" height="2"/></svg>'
    run = report_folder(tmp_path / "run", more=broken)
    with pytest.raises(OutputError, match="1 parts of the page could not be drawn"):
        export(run, "pdf", tmp_path / "p.pdf")
    assert not (tmp_path / "p.pdf").exists()


def shown(**data):
    kinds = {"svg": "image/svg+xml", "html": "text/html", "png": "image/png"}
    return {"output_type": "display_data", "data": {kinds[k]: v for k, v in data.items()}}


def test_each_picture_is_a_file_named_by_what_it_says(tmp_path):
    named = shown(svg=[SVG[:50], SVG[50:]]) | {"metadata": {"image/svg+xml": {"alt": "One. Two"}}}
    outputs = [named, shown(html=f"<figure>{SVG.replace('Spend', 'Zürich')}</figure>"), named]
    run = report_folder(tmp_path / "run", outputs=[*outputs, shown(png="iVBOR")])
    made = export(run, "svg", tmp_path / "s")
    names = sorted(path.name for path in made.iterdir())
    assert names == ["01-one-two.svg", "02-zurich-more-by-group.svg"]
    for path in made.iterdir():
        assert ElementTree.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_a_report_without_svg_is_told_so(tmp_path):
    run = report_folder(tmp_path / "run", outputs=[shown(png="iVBOR")])
    with pytest.raises(ParameterError, match=r"hold no picture as SVG.*--to pdf"):
        export(run, "svg", tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_lengths_become_numbers_of_the_drawing_they_lie_in():
    root = ElementTree.fromstring(fixed(SVG, {}))
    space = "{http://www.w3.org/2000/svg}"
    rect, inner = root.find(f"{space}rect"), root.find(f"{space}svg")
    assert root.get("viewBox") == "0 0 400 100"
    assert (rect.get("x"), rect.get("y"), rect.get("width")) == ("100", "50", "32")
    assert rect.get("style") == "opacity:.5"
    assert (inner.get("x"), inner.get("width")) == ("200", "40")
    line = inner.find(f"{space}line")
    assert (line.get("x1"), line.get("x2")) == ("20", "40")
    assert root.find(f"{space}text").get("x") == "-2"
    assert root.findall(f"{space}rect")[1].get("width") == "0"


def test_colours_are_those_on_paper_or_of_the_brand():
    style = fixed(SVG, {"--blue": "#112233"}).partition("<style>")[2].partition("</style>")[0]
    assert ".a{fill:#112233}" in style
    assert ".p{fill:#ffffff}" in style  # as defined first, not for dark screens
    assert "stroke:" not in style.replace("paint-order:stroke", "")
    assert ".a{fill:#0b57a4}" in fixed(SVG, {})


def test_only_drawings_of_a_page_are_touched_embedded_ones_too():
    import base64

    code = base64.b64encode(SVG.encode()).decode()
    page = f'<p>50% of var(--x,1)</p>{SVG}<img src="data:image/svg+xml;base64,{code}" alt="a">'
    made = with_fixed_svg(page, {})
    assert made.startswith("<p>50% of var(--x,1)</p><svg")
    again = re.search(r"base64,([A-Za-z0-9+/=]+)", made)[1]
    assert base64.b64decode(again).decode() == fixed(SVG, {})
    assert [page[b:e] for b, e in outermost(page)] == [SVG]


def test_a_page_is_read_from_the_folder(tmp_path):
    folder = open_folder(report_folder(tmp_path / "run"))
    assert folder.title == "Members, 2026Q3"
    assert Brand().tint == "#85abd1"  # halfway from #0b57a4 to white
