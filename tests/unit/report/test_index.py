import json

import pytest
from bs4 import BeautifulSoup
from remembered_runs import results, run, write_folder

from cxroi.errors import OutputError, ParameterError
from cxroi.report.index import make_index


def test_one_page_lists_all_runs_and_names_what_cannot_be_read(tmp_path):
    write_folder(tmp_path / "one", results(), run("2026-04-01"))
    named = results("2026Q2", cost_per_moved=4.0) | {"study": "Shop <b>&"}
    write_folder(tmp_path / "q 2" / "two", named, run("2026-07-01"))
    write_folder(tmp_path / "old", results(), {"started": "2025-01-01"})
    page = make_index(tmp_path)
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert not soup.select("script, b, link, img")
    links = [a["href"] for a in soup.select("tbody a")]
    assert links == ["q%202/two/report.html", "one/report.html"]
    cells = [td.get_text() for td in soup.select("tbody tr")[0].select("td")]
    # 0.5 * 20 / 4 - 1 = 150 %, its interval 1.96 * 0.3 about it
    assert cells == [
        "2026-07-01", "Shop <b>&", "2026Q2", "pilot first", "150 %", "91 % to 209 %", "4 in 5",
        "low", "1, 2, 5, 0",
    ]  # fmt: skip
    assert [li.get_text().split(":")[0] for li in soup.select("li")] == ["old"]
    rows = json.loads((tmp_path / "index.json").read_text(encoding="utf-8"))["runs"]
    assert [row["folder"] for row in rows] == ["q 2/two", "one", "old"]
    assert rows[0]["roi"][0] == pytest.approx(1.5)
    assert make_index(tmp_path) == page  # an earlier one is replaced


def test_no_other_page_is_replaced(tmp_path):
    with pytest.raises(ParameterError, match="holds no report folder"):
        make_index(tmp_path)
    write_folder(tmp_path / "one", results(), run())
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="was not written by"):
        make_index(tmp_path)
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "index.json").exists()
