"""The report of the demo as a reader meets it: first screen, length, access, print."""

import re

import pytest

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
