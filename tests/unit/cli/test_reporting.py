"""The report command for a scheduler: exit codes, summaries, and what is told on stderr."""

import json
import re

import pytest

from cxroi.cli import main as cli
from cxroi.errors import DataError, OutputError
from cxroi.report import folder as module
from cxroi.report.summary import Summary

FOUND = Summary(
    about="Shop, 2026Q3",
    verdict="pilot first",
    wants="",
    roi="-22 % (-60 % to 40 %)",
    net_value="",
    chance="a chance of about 1 in 3",
    evidence="low",
    reasons=("a check failed",),
    counts={"failed": 1},
    failed=("placebo (spend)",),
    warned=(),
    drifts=(),
    since="2026-07-01",
)


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A report that is made at once, of which `FOUND` is the summary."""
    folder = tmp_path / "r"
    monkeypatch.setattr(module, "report", lambda *_, **__: folder)
    monkeypatch.setattr("cxroi.report.summary.summary", lambda _: FOUND)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return folder


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 0),
        (["--fail-on", "drift"], 0),
        (["--fail-on", "failed"], 3),
        (["--fail-on", "drift,warning"], 3),
        (["--fail-on", "drift", "--fail-on", "failed"], 3),
    ],
)
def test_the_exit_code_is_what_the_scheduler_asked_for(made, capsys, options, code):
    assert cli.main(["report", *options]) == code
    said = capsys.readouterr()
    assert said.out.splitlines() == [FOUND.line, str(made / "report.html")]
    assert ("the report is written; failed: placebo (spend)" in said.err) == (code == 3)


def test_what_is_no_kind_to_fail_on_is_refused_at_once(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["report", "--fail-on", "drift,fail"])
    assert ended.value.code == 2
    assert "Did you mean 'failed'" in capsys.readouterr().err


def test_the_summary_goes_where_it_was_asked_for(made, tmp_path, monkeypatch):
    step = tmp_path / "step.md"
    step.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))
    assert cli.main(["report", "--summary", str(tmp_path / "own.md")]) == 0
    assert (tmp_path / "own.md").read_text() == FOUND.markdown
    assert step.read_text() == f"before\n{FOUND.markdown}\n"


def test_a_summary_without_a_folder_is_refused_before_any_work(made, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(module, "report", lambda *_, **__: pytest.fail("it began"))
    assert cli.main(["report", "--summary", str(tmp_path / "no" / "own.md")]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_json_is_one_object_a_line_with_time_level_and_event(made, capsys):
    assert cli.main(["report", "--log-format", "json", "--fail-on", "failed"]) == 3
    [line] = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", told.pop("time"))
    assert told == {
        "level": "error",
        "command": "report",
        "event": "failed_on",
        "message": "the report is written; failed: placebo (spend)",
        "path": str(made),
    }


def test_a_refusal_of_several_lines_is_one_object(monkeypatch, capsys):
    def refuse(*_, **__):
        raise DataError("two things:\n  - one\n  - other")

    monkeypatch.setattr(module, "report", refuse)
    assert cli.main(["report", "--log-format", "json"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"]) == ("refused", "error")
    assert told["message"] == "two things:\n  - one\n  - other."


def test_plain_lines_have_the_time_where_nobody_looks_on(monkeypatch, capsys):
    def refuse(*_, **__):
        raise OutputError("no")

    monkeypatch.setattr(module, "report", refuse)
    assert cli.main(["report"]) == 1
    assert re.fullmatch(r"20\S+\+00:00 cxroi report: no\.\n", capsys.readouterr().err)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert cli.main(["report"]) == 1
    assert capsys.readouterr().err == "cxroi report: no.\n"
