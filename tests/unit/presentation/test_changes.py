from types import SimpleNamespace

import pytest
from remembered_runs import results, run, write_folder

import cxroi as cx
from cxroi.presentation import changes as module
from cxroi.runs.remembered import remember


def said(content, told):
    found = cx.compare_runs(remember(results(), run()), remember(content, told))
    return str(cx.changes.verdict(found)), list(cx.changes.why(found).sentences)


def test_noise_is_called_noise_and_sized():
    verdict, why = said(results("2026Q2", spend_gap=22.0), run("2026-09-30", "b"))
    assert verdict == (
        "No change beyond noise since 2026Q1: the return on cost was 25 % then and is 38 % now."
    )
    # 1.96 * sqrt(2) * 3 * 0.5 / 8
    assert "differs by up to 52 points" in why[0]
    assert why[-1] == "Net value was EUR 200 and is EUR 300."


def test_a_cheaper_programme_and_a_wider_gap_each_have_their_part():
    """Cost 8 -> 5, gap 20 -> 40. Gap first 1.25 and 1.0 a half each way; see the arithmetic.

    Over cost: 0.25 now; gap alone 1.5, cost alone 1.0, both 3.0. Gap: (1.25 + 2.0) / 2 = 1.625;
    cost: (0.75 + 1.5) / 2 = 1.125.
    """
    told = run("2026-09-30", "b")
    told["assumptions"]["cost_per_moved"] |= {"low": 5.0, "likely": 5.0, "high": 5.0}
    verdict, why = said(results("2026Q2", spend_gap=40.0, cost_per_moved=5.0), told)
    assert verdict == (
        "Since 2026Q1 the return on cost rose from 25 % to 300 %: the gaps between the groups "
        "+162 points, other assumptions (cost per customer moved) +112 points."
    )
    assert "Assumption: Cost per customer moved is EUR 5, was EUR 8." in why
    assert "Gap, like for like: spend is EUR 40, was EUR 20." in why


def test_a_definition_is_told_in_words():
    told = run("2026-09-30", "b")
    told["definitions"]["windows"]["outcome_days"] = 60
    verdict, why = said(results("2026Q2", spend_gap=22.0), told)
    assert verdict.endswith("rose from 25 % to 38 %: other definitions +12 points.")
    assert why[0] == (
        "Definition: the number of days over which outcomes are counted is 60, was 90."
    )
    assert "all that they add is laid to it" in why[1]


def test_lost_rows_are_told_with_both_counts():
    told = run("2026-09-30", "b")
    column = told["profile"]["orders"]["columns"]["ordered_at"]
    column["quarters"] = {"2025Q4": 800, "2026Q1": 800, "2026Q2": 800, "2026Q3": 800}
    assert said(results("2026Q2"), told)[1][0] == (
        "Data: orders has 2,400 rows of a time in which it had 3,000 (by 'ordered at')."
    )


def test_what_moved_beside_the_return_is_told_apart():
    content = results("2026Q2")
    content["answered"]["controls"]["segment"] = {"Consumer": 2000.0, "Business": 3000.0}
    verdict, why = said(content, run("2026-09-30", "b"))
    assert verdict == (
        "Changed since 2026Q1: who answered and how they do. The return on cost was 25 % then "
        "and is 25 % now, which is within noise."
    )
    assert why[0] == "Who answered: the mix of segment is another."


def test_another_decision_is_said_first():
    told = run("2026-09-30", "b")
    told["verdict"]["kind"] = "go"
    decision = "The decision is 'Go', was 'Pilot first'"
    first = said(results("2026Q2"), told)[1][0]
    assert first == f"{decision}, on figures that differ by no more than noise."
    assert said(results("2026Q2", spend_gap=40.0), told)[1][0] == f"{decision}."


def test_a_report_says_what_changed_since_the_last(tmp_path, monkeypatch):
    now = SimpleNamespace(study=SimpleNamespace(name="Shop"), quarter="2026Q2")
    there = remember(results("2026Q2"), run("2026-09-30", "b"))
    monkeypatch.setattr(module, "present", lambda _: there)
    assert cx.changes.since_last(now, tmp_path).sentences == ()
    assert cx.changes.since_last(now, tmp_path / "nowhere").sentences == ()
    write_folder(tmp_path / "before", results(), run())
    assert cx.changes.since_last(now, tmp_path).sentences[0].startswith("No change beyond noise")


def test_every_figure_compared_is_a_row():
    found = cx.compare_runs(
        remember(results(), run()), remember(results("2026Q2"), run("2026-09-30", "b"))
    )
    table = cx.changes.table(found).frame
    assert len(table) == 2 + len(found.differences)
    assert set(table["Beyond noise"]) == {"no"}
    assert table.iloc[0].tolist() == ["Return on cost", "25 %", "25 %", "0 points", "no"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.052, "+5 points"), (-0.004, "-0.4 points"), (0.0, "0 points")]
)
def test_points(value, text):
    from cxroi.results.formats import points

    assert points(value) == text
