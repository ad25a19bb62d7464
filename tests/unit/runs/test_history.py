import pytest
from remembered_runs import results, run, write_folder

import cxroi as cx
from cxroi.errors import ParameterError
from cxroi.runs.history import last_before, runs_below


@pytest.fixture
def folder(tmp_path):
    for at, quarter in enumerate(("2025Q4", "2026Q1", "2026Q2")):
        made = run(f"2026-0{at + 1}-28")
        write_folder(tmp_path / f"r{quarter}", results(quarter, spend_gap=20.0 + at), made)
    write_folder(tmp_path / "again", results("2026Q1", spend_gap=50.0), run("2026-05-01"))
    write_folder(tmp_path / "whole", results(""), run("2026-05-02"))
    write_folder(tmp_path / ".hidden", results("2026Q3"), run())
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{", encoding="utf-8")
    return tmp_path


def test_every_run_is_found_and_a_broken_one_says_why(folder):
    found = runs_below(folder)
    assert [one.folder.name for one in found if one.problem] == ["broken"]
    assert len(found) == 6
    with pytest.raises(ParameterError, match="is no folder"):
        runs_below(folder / "nowhere")


def test_the_last_run_is_of_the_quarter_before(folder):
    assert last_before(folder, "Shop", "2026Q2").where == "again"  # 2026Q1, made later
    assert last_before(folder, "Shop", "2026Q1").where == "r2025Q4"
    assert last_before(folder, "Shop", "2025Q4") is None
    assert last_before(folder, "Shop", "").where == "whole"
    assert last_before(folder, "Mill", "2026Q2") is None
    assert last_before(folder.parent, "Shop", "2026Q2") is None  # a folder further down
    assert last_before(folder / "nowhere", "Shop", "2026Q2") is None


def test_figures_go_from_quarter_to_quarter(folder):
    history = cx.trends_over_runs(folder)
    table = history.tidy()
    gaps = table[table["figure"] == "contrast.spend.doubly_robust"]
    assert dict(zip(gaps["quarter"], gaps["estimate"], strict=True)) == {
        "2025Q4": 20.0, "2026Q1": 50.0, "2026Q2": 22.0,
    }  # fmt: skip
    assert (gaps["conf_low"] < gaps["estimate"]).all()
    assert "history.2026Q2.roi.ratio" in [e.name for e in history.estimates]
    assert [p.split(":")[0] for p in history.problems] == ["broken"]


def test_runs_of_several_studies_are_not_mixed(folder):
    write_folder(folder / "mill", results("2026Q1") | {"study": "Mill"}, run())
    with pytest.raises(ParameterError, match="runs of 2 studies"):
        cx.trends_over_runs(folder)
    assert len(cx.trends_over_runs(folder, "Mill").runs) == 1
    with pytest.raises(ParameterError, match="Mill"):
        cx.trends_over_runs(folder, "Mil")
