import re
from html.parser import HTMLParser

import pytest
from nbformat import v4
from notebook_files import PNG, code, notebook, shown, stderr

from cxroi.report.render import RenderError, render


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self._open = [], {}, [""]
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        self._open.append("")

    def handle_data(self, data):
        if data.strip():
            self.texts.setdefault(self._open[-1], []).append(data)

    def all(self, *names):
        return [(tag, found) for tag, found in self.tags if tag in names]


def page(*cells, **options):
    html = render(notebook(*cells), name="made", **options)
    return html, Page(html)


def test_nothing_is_requested_from_anywhere():
    html, found = page(
        "# One\n\n[a link](https://example.org) and $x$ and $$y$$\n\n```mermaid\ngraph\n```",
        code("1", shown(alt="a dot", image_png=PNG)),
    )
    for tag, attributes in found.tags:
        loads = {"src", "srcset", "data", "poster", "action"} & set(attributes)
        assert all(attributes[key].startswith("data:image/png;base64,") for key in loads)
        assert tag not in ("script", "link", "iframe", "object", "base")
    assert not re.search(r"url\(|@import", html)
    policy = dict(found.all("meta")[1][1])
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert policy["content"].startswith("default-src 'none'; img-src data:; style-src")
    assert len(html) < 20_000


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<p><SCRIPT src=//x.example/a.js></p>",
        "<img src='https://x.example/a.png' alt='a'>",
        "<img src='data:image/png;base64,AA' alt='a' onerror='x()'>",
        "<a href='java\nscript:x()'>x</a>",
        "<iframe srcdoc='x'></iframe>",
        "<link rel=stylesheet href=https://x.example/a.css>",
        "<style>@import 'https://x.example/a.css'</style>",
        "<p style='background: URL(https://x.example/a.png)'>x</p>",
        "<p style='background: u\\72l(https://x.example/a.png)'>x</p>",
        "<meta http-equiv=refresh content='0; url=https://x.example'>",
        "<svg><use href='https://x.example/a.svg#b'/></svg>",
        "<form action='https://x.example'></form>",
        "<base href='https://x.example'>",
        "<object data='https://x.example/a'></object>",
    ],
)
def test_active_or_outside_content_is_refused(html):
    with pytest.raises(RenderError, match="the page of made holds"):
        page("# One", code("1", shown(text_html=html)))


def test_text_that_looks_like_html_stays_text():
    html, found = page(
        "# One",
        code("x = '<script>alert(0)</script>'", stderr("<script>alert(1)</script>")),
        code("1", shown(text_plain="<script>alert(2)</script>")),
        code("1", shown(text_html="<p>&lt;script&gt;alert(3)&lt;/script&gt; =1+2</p>")),
    )
    assert not found.all("script")
    assert all(f"alert({number})" in html for number in (1, 2, 3))


@pytest.mark.parametrize("alt", [None, "", "  ", "No description has been provided for this image"])
def test_a_figure_without_alt_text_is_refused(alt):
    with pytest.raises(RenderError, match="alt text"):
        page("# One", code("1", shown(alt=alt, image_png=PNG)))


def test_an_image_in_the_text_needs_alt_text_too():
    with pytest.raises(RenderError, match="alt text"):
        page(f"# One\n\n![](data:image/png;base64,{PNG})")
    _, found = page(f"# One\n\n![a dot](data:image/png;base64,{PNG})")
    assert found.all("img")[0][1]["alt"] == "a dot"


def test_alt_text_is_escaped():
    _, found = page("# One", code("1", shown(alt='a "dot" <b>', image_png=PNG)))
    assert found.all("img")[0][1]["alt"] == 'a "dot" <b>'


SVG = '<svg xmlns="http://www.w3.org/2000/svg" role="img"><title>T</title><desc>D</desc>{}</svg>'


def drawn(inside="", **metadata):
    data = {"image/svg+xml": SVG.format(inside), "text/html": "<p>for notebooks</p>"}
    return v4.new_output("display_data", data=data, metadata={"image/svg+xml": metadata})


def test_a_picture_with_a_caption_is_part_of_the_page_and_takes_its_colours():
    html, found = page("# One", code("1", drawn("<text>a</text>", alt="a dot", caption="A & b")))
    assert not found.all("img")
    assert "<figcaption>A &amp; b</figcaption><svg" in html
    assert found.texts["desc"] == ["D"]
    assert "for notebooks" not in html


def test_another_svg_is_an_image_and_needs_alt_text():
    _, found = page("# One", code("1", drawn("<text>a</text>", alt="a dot")))
    assert found.all("img")[0][1]["alt"] == "a dot"
    with pytest.raises(RenderError, match="alt text"):
        page("# One", code("1", drawn("<text>a</text>")))


@pytest.mark.parametrize("inside", ["<script>1</script>", "<g onload='x()'/>"])
def test_a_picture_that_runs_something_is_refused(inside):
    with pytest.raises(RenderError, match="the page of made holds"):
        page("# One", code("1", drawn(inside, alt="a", caption="b")))


def test_code_is_behind_one_switch_and_follows_what_it_made():
    html, found = page(
        "# One\n\n## Two",
        code("setup = 1"),
        code("answer()", shown(text_html="<p>the answer</p>"), stderr("careful")),
        "## Three",
    )
    assert found.texts["summary"] == ["Warnings of this step"]
    assert not any("open" in attributes for _, attributes in found.all("details"))
    [box] = found.all("input")
    assert box[1] == {"type": "checkbox", "id": "show-code"}
    assert "body:has(#show-code:checked) .code" in html
    places = [html.rindex(text) for text in ("the answer", "careful", "setup", ">answer<")]
    assert places == sorted(places)


def test_without_code_there_is_no_switch():
    _, found = page("# One\n\n## Two\n\n## Three")
    assert not found.all("input")


def test_a_part_is_listed_by_its_topic_and_keeps_its_anchor():
    part = '<h3 id="money" data-label="Money">It is open whether it pays</h3>'
    _, found = page("# One\n\n## Two", code("1", shown(text_html=part)))
    links = [a["href"] for _, a in found.all("a")]
    assert links == ["#main", "#two", "#money"]
    assert "Money" in found.texts["a"]
    assert found.all("h3")[0][1]["id"] == "money"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (
            "EUR -250 (EUR -1,320 to EUR 1,110)",
            "EUR\u00a0\u2212250 (EUR\u00a0\u22121,320 to EUR\u00a01,110)",
        ),
        ("-14 % of 3", "\u221214\u00a0% of 3"),
        ("on 2026-07-01, 2018-2020", "on 2026-07-01, 2018-2020"),
        ("state-of-the-art x-1 and 5-7", "state-of-the-art x-1 and 5-7"),
        ("3 pp, 4 ppm", "3\u00a0pp, 4 ppm"),
    ],
)
def test_numbers_are_set_with_a_true_minus_and_stay_with_their_unit(written, read):
    html, _ = page(f"# One\n\n{written}", code(f"x = '{written}'"))
    assert f"<p>{read}</p>" in html


def test_cells_that_are_not_for_readers_do_not_show():
    html, _ = page(
        "# One",
        code("first_secret", tags=["remove-cell"]),
        code("second_secret", tags=["injected-parameters"]),
        code("third_secret", shown(text_html="<p>kept</p>"), tags=["remove-input"]),
    )
    assert "secret" not in html
    assert "kept" in html


def test_the_parameters_are_in_the_provenance():
    made = notebook("# One")
    made.metadata.papermill = {"parameters": {"quarter": "2026Q3", "study": "", "x": "<b>"}}
    html = render(made, name="made")
    assert "quarter = 2026Q3; x = &lt;b&gt;" in html


def test_the_first_page_says_when_it_was_made():
    first = '<div class="first"><h1>Q</h1><dl class="facts"><div><dt>a</dt></div></dl></div>'
    made = notebook(code("1", shown(text_html=first)))
    made.metadata.papermill = {"end_time": "2026-10-05T07:00:00"}
    assert "<dt>Made on</dt><dd>5 October 2026</dd>" in render(made, name="made")
    assert "Made on" not in render(notebook(code("1", shown(text_html=first))), name="made")


def test_headings_are_in_order_and_make_the_contents():
    _, found = page("# One\n\n## Two\n\n#### Deep\n\n# Again\n\n## Two", code("1"))
    headings = found.all("h1", "h2", "h3", "h4")
    assert [tag for tag, _ in headings] == ["h1", "h2", "h3", "h2", "h2"]
    ids = [attributes["id"] for _, attributes in headings]
    assert ids == ["one", "two", "deep", "again", "two-2"]
    links = [a["href"] for _, a in found.all("a") if a.get("href", "").startswith("#")]
    assert links == ["#main", "#two", "#deep", "#again", "#two-2"]


def test_language_title_and_one_main():
    _, found = page("text", title="A & B")
    assert found.all("html") == [("html", {"lang": "en"})]
    assert found.texts["title"] == ["A & B"]
    assert found.texts["h1"] == ["A & B"]
    assert len(found.all("main")) == 1
    assert Page(render(notebook("# Own *one*"), name="m", title="x")).texts["title"] == ["Own one"]


def test_tables_scroll_and_say_what_their_headers_head():
    table = (
        "<table border=1><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>x 1</td><td>1,234.5</td></tr><tr><td>y</td><td>–</td></tr></tbody></table>"
    )
    _, found = page("# One", code("1", shown(text_html=table)))
    [box] = [a for tag, a in found.all("div") if a.get("class") == "scroll"]
    assert box == {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": "Table 1"}
    assert [a for _, a in found.all("th")] == [
        {"scope": "col"},
        {"scope": "col", "class": "num"},
    ]
    assert [a.get("class") for _, a in found.all("td")] == [None, "num", None, "num"]


def contrast(one, two):
    """WCAG 2.2 contrast ratio of two colours written as #rrggbb."""

    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    high, low = sorted((light(one), light(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_of_text_reach_contrast_aa(mode):
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)  # known value
    html, _ = page("# One")
    blocks = [
        dict(re.findall(r"--(\w+): (#\w{3,6})", block)) for block in html.split("color-scheme:")
    ]
    colours = blocks[1 if mode == "light" else -1]
    named = {
        n: c if len(c) == 7 else "#" + "".join(2 * x for x in c[1:]) for n, c in colours.items()
    }
    for ink in ("ink", "mut", "blue", "rust", "warn"):
        for ground in ("bg", "wash", "tint"):
            assert contrast(named[ink], named[ground]) >= 4.5, (ink, ground)
