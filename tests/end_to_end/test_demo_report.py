"""The demo report as a whole: what is left, and that nothing harmful or personal is in it."""

import json
import re
from pathlib import Path

import nbformat
import openpyxl
import pandas as pd
import pytest
from demo_run import kept_demo_run

import cxroi as cx
from cxroi.cli.main import main
from cxroi.report import shipped

DEMO = Path(__file__).parents[2] / "data" / "demo"

# Of what stands before the annex, without alternative texts, code and the list of contents.
BODY = """() => {
  const annex = document.querySelector('#annex');
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  let said = '', node;
  while (node = walk.nextNode()) {
    if (annex.contains(node) || annex.compareDocumentPosition(node) & 4) break;
    const unseen = node.parentElement.closest('style, .code, nav, title, desc');
    if (!unseen) said += ' ' + node.textContent;
  }
  return said;
}"""
OVER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "report"
    with kept_demo_run():
        assert main(["report", "--out", str(out)]) == 0
    return out


def test_all_parts_are_there(folder):
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    notebooks = {
        f"notebooks/{name}.ipynb"
        for name in (*shipped.REPORT_NOTEBOOKS, *shipped.MEASURING_NOTEBOOKS)
    }
    assert {"report.html", "results.json", "run.json"} | notebooks <= found


def test_the_page_asks_for_nothing_and_runs_nothing(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<iframe|<link|@import|\son\w+=", page, re.IGNORECASE)
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)
    assert page.count('role="img"') == len(re.findall(r"<desc>[^<]{20,}</desc>", page)) > 5


def test_the_decision_comes_first_and_code_is_behind_a_switch(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    order = ["What would change our mind?", "Next step", "Reasons", "Annex", "Glossary"]
    places = [page.index(f">{heading}<") for heading in order]
    assert places == sorted(places)
    assert 'id="show-code"' in page
    for link in set(re.findall(r'href="#([^"]+)"', page)):
        assert f'id="{link}"' in page, link


def test_no_customer_and_no_comment_is_in_any_file(folder):
    responses = pd.read_csv(DEMO / "responses.csv")
    comments = [text for text in responses["comment"].dropna().unique() if len(text) > 3]
    assert any(text.startswith("<script>") for text in comments)
    assert any(text.startswith("=") for text in comments)
    ids = set(pd.read_csv(DEMO / "customers.csv")["customer_id"])
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not ids & set(re.findall(r"\bC\d{7}\b", text)), path.name
            assert not [comment for comment in comments if comment in text], path.name


def test_no_path_of_the_machine_is_in_any_file(folder):
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert str(Path.home()) not in text or str(Path.home()) == "/", path.name
            assert str(folder.parent) not in text, path.name
            assert str(DEMO.parents[1]) not in text, path.name


def test_the_manifest_says_what_it_rests_on(folder):
    run = json.loads((folder / "run.json").read_text())
    assert {table["table"] for table in run["tables"]} == set(
        cx.load_study(DEMO / "study.toml").sources
    )
    assert all(re.fullmatch(r"[0-9a-f]{64}", table["sha256"]) for table in run["tables"])
    assert {"parameters", "seed", "versions", "duration_seconds", "warnings", "git_commit"} <= set(
        run
    )
    assert run["warnings"] == []


def test_results_agree_with_what_the_notebook_shows(folder):
    results = json.loads((folder / "results.json").read_text())["results"]
    ratio = next(entry for entry in results if entry["name"] == "roi.ratio")
    node = nbformat.read(folder / "notebooks" / "quarterly_report.ipynb", as_version=4)
    shown = " ".join(
        output.data.get("text/plain", "")
        for cell in node.cells
        for output in cell.get("outputs", ())
        if "data" in output
    )
    assert f"{100 * ratio['estimate']:.1f} %" in shown


def test_it_can_be_taken_away(folder, tmp_path):
    """The workbook's ROI stands beside its formula as in results.json, and every entry is there."""
    results = json.loads((folder / "results.json").read_text())["results"]
    assert main(["export", str(folder), "--to", "xlsx", "--out", str(tmp_path / "r.xlsx")]) == 0
    book = openpyxl.load_workbook(tmp_path / "r.xlsx", data_only=True)
    figures = {row[0].value: row[1].value for row in book["Decision"].iter_rows()}
    [ratio] = (entry for entry in results if entry["name"] == "roi.ratio")
    assert figures["Return on cost (ROI)"] == pytest.approx(ratio["estimate"], rel=1e-9)
    assert book["Results"].max_row == 4 + len(results)
    assert main(["export", str(folder), "--to", "pptx", "--out", str(tmp_path / "r.pptx")]) == 0


def test_an_existing_report_is_kept(folder, capsys):
    before = (folder / "report.html").read_bytes()
    assert main(["report", "--out", str(folder)]) != 0
    assert "--force" in capsys.readouterr().err
    assert (folder / "report.html").read_bytes() == before


def test_markup_in_the_data_is_shown_as_text(tmp_path):
    frame = pd.DataFrame({"id": range(600), "nps": [3, 7, 8, 9, 10, 0] * 100})
    frame["spend"] = 10.0 + frame.index % 7 + frame["nps"]
    frame["segment"] = ["!", "<img src=x onerror=alert(1)>", "$a $b", "=cmd"] * 150
    frame.to_csv(tmp_path / "flat.csv", index=False)
    (tmp_path / "study.toml").write_text(
        '[study]\nname = "<b>n</b>"\n[tables.customers]\npath = "flat.csv"\ncustomer = "id"\n'
        'score = "nps"\nattributes = ["segment"]\n[outcomes.columns.spend]\ncolumn = "spend"\n'
        'kind = "amount"\n[controls]\ncolumns = ["segment"]\n'
    )
    study = cx.load_study(tmp_path / "study.toml")
    analysis = cx.analyse(cx.build_panel(cx.read_tables(study)))
    words = (cx.words.scope(analysis), cx.words.limits(analysis), cx.words.method(analysis))
    tables = (cx.summaries.controls(analysis), cx.summaries.coefficients(analysis))
    for shown in (*words, *tables):
        assert not re.search(r"<(img|b)\b", shown._repr_html_())
        assert "$" not in shown._repr_html_()
    assert "&lt;b&gt;n&lt;/b&gt;" in words[0]._repr_html_()
    for shown in tables:  # every level but the first is in them
        assert "&lt;img src=x" in shown._repr_html_()
        assert "&#36;a &#36;b" in shown._repr_html_()


@pytest.fixture
def opened(browser, folder):
    """Return what opens the report: width, and light or dark."""
    contexts = []

    def open_page(width=1280, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
        )
        contexts.append(context)
        page = context.new_page()
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto((folder / "report.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_the_body_is_short(opened):
    page = opened()
    said = page.evaluate(BODY)
    assert 200 < len(said.split()) <= 900
    assert 30 < len(re.findall(r"\d[\d.,]*", said)) <= 150
    annex = page.evaluate("document.querySelector('#annex').getBoundingClientRect().top")
    assert annex <= 6 * 800


def test_the_first_screen_holds_verdict_figures_and_rating(opened):
    page = opened()
    for selector in (".first .word", ".first .said", ".first .figures", ".first .why"):
        box = page.locator(selector).bounding_box()
        assert box["y"] + box["height"] < 800, selector


@pytest.mark.parametrize("width", [1280, 390])
def test_it_asks_nobody_for_anything_and_nothing_hangs_over(opened, width):
    page = opened(width)
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert page.evaluate(OVER) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(opened(scheme=scheme))
    assert found.violations_count == 0, found.generate_report()


def test_code_shows_at_the_switch_which_the_keyboard_reaches(opened):
    page = opened()
    assert not page.locator(".code").first.is_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "show-code":
            break
    page.keyboard.press("Space")
    assert page.locator(".code").first.is_visible()


def test_the_decision_prints_on_one_page(opened, tmp_path):
    page = opened()
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 695, "height": 1024})  # A4 less its margins, at 96 dpi
    box = page.locator(".first").bounding_box()
    assert box["height"] < 1024
