"""What is exported appears whole or not at all; what cannot be is refused with its fix."""

import importlib
import json

import pytest
from report_folders import inputs_of, report_folder, results_of

from cxroi.cli.main import main
from cxroi.errors import OutputError, ParameterError
from cxroi.export import exporting, workbook
from cxroi.export.exporting import FORMATS, export
from cxroi.export.folder import open_folder


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return report_folder(tmp_path / "run", inputs_of())


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_command_makes_a_file_named_after_the_folder(run, capsys):
    assert main(["export", "run", "--to", "xlsx"]) == 0
    assert capsys.readouterr().out.strip() == "run.xlsx"
    assert left(run.parent) == ["run", "run.xlsx"]
    assert main(["export", "run/", "--to", "csv"]) == 0
    assert left(run.parent / "run-csv") == ["checks.csv", "ledger.csv", "results.csv"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "--to", "xslx"], "there is no export to 'xslx'. Did you mean 'xlsx'?"),
        (["nothing", "--to", "csv"], "nothing is no report folder: it does not exist."),
        (["run", "--to", "xlsx", "--colour", "blue"], "--colour 'blue' is no colour; six hexa"),
        (["run", "--to", "xlsx", "--logo", "x.png"], "--logo 'x.png' is no file"),
        (["run", "--to", "csv", "--colour", "#112233"], "csv has no place for a colour or logo"),
    ],
)
def test_a_wrong_option_ends_with_2_and_leaves_nothing(run, arguments, told, capsys):
    assert main(["export", *arguments]) == 2
    assert told in capsys.readouterr().err
    assert left(run.parent) == ["run"]


@pytest.mark.parametrize(
    ("logo", "content", "told"),
    [
        ("l.svg", b"<svg/>", "cannot be used here; a picture (PNG)"),
        ("l.png", b"GIF89a", "holds no PNG"),
        ("l.txt", b"x", "cannot be used here"),
    ],
)
def test_a_logo_that_a_format_cannot_hold_is_refused(run, logo, content, told):
    (run.parent / logo).write_bytes(content)
    with pytest.raises(ParameterError, match=r"--logo") as refused:
        export(run, "pptx", logo=run.parent / logo)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ImportError("no"), r"pip install 'cxroi\[export\]'"),
        (OSError("cannot load library"), r"apt-get install libpango-1\.0-0"),
    ],
)
def test_a_missing_library_is_named_with_the_command_that_mends_it(run, monkeypatch, error, told):
    def absent(name):
        raise error

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(ParameterError, match=told):
        export(run, "pdf")


def test_an_earlier_export_stays_unless_forced(run):
    made = run.parent / "run.xlsx"
    made.write_text("mine")
    with pytest.raises(OutputError, match=r"run\.xlsx exists.*--force"):
        export(run, "xlsx")
    assert made.read_text() == "mine"
    export(run, "xlsx", force=True)
    assert made.read_bytes().startswith(b"PK")
    with pytest.raises(OutputError, match="is a folder"):
        export(run, "xlsx", run, force=True)
    with pytest.raises(OutputError, match="does not exist"):
        export(run, "xlsx", run.parent / "absent" / "x.xlsx")


def test_a_folder_that_holds_anything_else_is_never_replaced(run):
    export(run, "csv")
    export(run, "csv", force=True)
    (run.parent / "run-csv" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="did not write"):
        export(run, "csv", force=True)
    assert (run.parent / "run-csv" / "mine.txt").read_text() == "mine"


def test_an_export_that_fails_leaves_nothing(run, monkeypatch):
    def fails(folder, path, brand):
        path.write_bytes(b"half")
        raise RuntimeError

    monkeypatch.setattr(workbook, "write_workbook", fails)
    with pytest.raises(RuntimeError):
        export(run, "xlsx")
    assert left(run.parent) == ["run"]


def spoilt(run, **changes):
    path = run / "results.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda run: (run / "report.html").unlink(), "it holds no report.html"),
        (lambda run: (run / "results.json").write_text('{"study"'), "cannot be read"),
        (lambda run: spoilt(run, results=[]), "cannot be read"),
        (lambda run: (run / "run.json").write_text('{"study": {"file": "s"}}'), "cannot be read"),
        (lambda run: spoilt(run, roi={"inputs": {"customers": 1}}), "is of an earlier version"),
        (
            lambda run: spoilt(run, results=results_of(inputs_of(spend_gap=10.001))),
            "do not give its roi.ratio",
        ),
    ],
)
def test_a_folder_that_is_not_whole_or_not_of_one_piece_is_refused(run, spoil, told):
    spoil(run)
    with pytest.raises(ParameterError) as refused:
        open_folder(run)
    assert told in str(refused.value)
    assert "cxroi report" in str(refused.value)


@pytest.mark.parametrize("to", ["xlsx", "pptx", "csv"])
@pytest.mark.parametrize(
    "changes",
    [
        {"study": '=cmd|"</style>\x01\\ ' + "x" * 300, "quarter": None, "currency": None},
        {"groups": ["=a", "b, c", "d.e", "promoter"], "ledger": []},
        {"results": results_of(None)[:1], "roi": None},
        {
            "results": [
                {**one, "name": one["name"].replace("spend", "visits") + "_first_window" * roi}
                for one in results_of(inputs_of())
                for roi in [one["name"].startswith("roi.")]
            ]
        },
    ],
)
def test_whatever_a_study_is_called_and_has_can_be_exported(tmp_path, to, changes):
    run = report_folder(tmp_path / "run", inputs_of(), **changes)
    assert export(run, to, tmp_path / "made").exists()


def test_every_format_is_in_the_help(capsys):
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    said = capsys.readouterr().out
    assert all(name in said for name in FORMATS)
    assert exporting.FORMATS is FORMATS


def test_the_verdict_is_the_answer_where_there_is_one(tmp_path):
    folder = open_folder(report_folder(tmp_path / "run", inputs_of()))
    assert folder.answer == ("It is open whether it pays. One more sentence.",)
    entries = [*results_of(None), results_of(None)[0] | {"name": "verdict.overall", "note": "Go"}]
    folder = open_folder(report_folder(tmp_path / "judged", results=entries))
    assert folder.answer == ("Go",)
    assert (folder.inputs, folder.roi("ratio"), folder.outcome) == (None, None, "spend")
