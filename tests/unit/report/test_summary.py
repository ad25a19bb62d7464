"""The summary of a folder, against the two files that it is read from."""

import json

import pytest

from cxroi.errors import OutputError
from cxroi.report.summary import summary

RUN = {
    "study": {"name": "Shop | A"},
    "quarter": "2026Q3",
    "verdict": {"kind": "pilot first", "barred": False, "wants": ""},
    "rating": {"level": "low", "reasons": ["placebo failed"], "outcomes": ["spend"]},
    "checks": {"money": {"failed": 1, "warning": 1, "passed": 2, "not possible": 0}},
    "definitions": {"currency": "EUR"},
    "drift": {
        "against": {"started": "2026-07-01T04:00:00+00:00", "quarter": "2026Q2"},
        "found": [{"sentence": "Orders has 700 rows, last time 1,000 (30 % fewer)."}],
    },
}
RESULTS = {
    "roi.ratio": (-0.22, -0.6, 0.4, ""),
    "roi.net_value": (-3512.4, -14790.0, 12234.0, ""),
    "roi.probability_positive": (0.34, 0.33, 0.35, ""),
    "check.placebo.spend": (0.1, None, None, "failed: they differed before"),
    "check.regression_to_mean.score": (0.1, None, None, "warning: little is stable"),
    "check.placebo.orders": (0.1, None, None, "failed: carries no money"),
}


def made(folder, run=RUN, results=RESULTS):
    entries = [
        {"name": name, "estimate": value, "conf_low": low, "conf_high": high, "note": note}
        for name, (value, low, high, note) in results.items()
    ]
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "results.json").write_text(json.dumps({"results": entries}))
    return summary(folder)


def test_one_line_says_verdict_money_evidence_checks_and_drift(tmp_path):
    assert made(tmp_path).line == (
        "Verdict: pilot first. ROI -22 % (-60 % to 40 %), a chance of about 1 in 3 that it pays. "
        "Evidence: low. Checks: 1 failed, 1 warned, 2 passed, 0 not possible. "
        "Drift: 1 since 2026-07-01."
    )


def test_without_money_or_an_earlier_run_the_line_says_so(tmp_path):
    verdict = {"kind": "not yet", "barred": False, "wants": "no scenario"}
    run = RUN | {"verdict": verdict, "drift": {"against": None, "found": []}}
    assert made(tmp_path, run, {}).line == (
        "Verdict: not yet (no scenario). Evidence: low. Checks: 1 failed, 1 warned, 2 passed, "
        "0 not possible. Drift: no earlier run to compare with."
    )


def test_a_part_of_the_horizon_is_said(tmp_path):
    cut = {f"{name}_first_window": entry for name, entry in RESULTS.items() if "roi" in name}
    said = "ROI -22 % (-60 % to 40 %) of the first outcome window alone, a chance"
    assert said in made(tmp_path, RUN, cut).line


def test_markdown_is_one_table(tmp_path):
    text = made(tmp_path).markdown
    head, _, *table = text.splitlines()
    assert head == "## Shop \\| A, 2026Q3"
    assert all(line.startswith("| ") and line.endswith(" |") for line in table[2:])
    assert "| Net value | EUR -3,500 (EUR -14,800 to EUR 12,200) |" in table
    assert "| Failed | placebo (spend) |" in table
    assert (
        "| Drift | 1 since 2026-07-01. Orders has 700 rows, last time 1,000 (30 % fewer). |"
        in table
    )


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ([], ""),
        (["failed"], "failed: placebo (spend)"),
        (["warning"], "failed: placebo (spend); warned: regression to mean (score)"),
        (["drift"], "drift: Orders has 700 rows, last time 1,000 (30 % fewer)."),
    ],
)
def test_what_a_run_is_to_fail_on(tmp_path, kinds, told):
    assert made(tmp_path).failing(kinds) == told


def test_nothing_is_failed_on_where_nothing_is_found(tmp_path):
    run = RUN | {"drift": {"against": None, "found": []}}
    assert made(tmp_path, run, {}).failing(["failed", "warning", "drift"]) == ""


def test_a_folder_that_is_no_report_is_refused(tmp_path):
    with pytest.raises(OutputError, match=r"holds no run\.json"):
        summary(tmp_path)
