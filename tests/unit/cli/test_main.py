import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from notebook_files import write
from processes import ROOT
from remembered_runs import results, run, write_folder

import cxroi
from cxroi.cli import main as cli
from cxroi.errors import DataError, Problems, StudyError
from cxroi.results.formats import percent
from cxroi.study.json_schema import json_schema
from cxroi.study.reference import reference

HEAVY = ("pandas", "numpy", "papermill", "nbconvert", "statsmodels", "duckdb", "seaborn", "tqdm")
COMMANDS = (
    *("init", "check", "params", "run", "report", "export", "compare", "index"),
    *("simulate", "schema", "metrics", "claims"),
)


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["report", "--help"], ["schema"], ["schema", "--markdown"]],
)
def test_help_loads_nothing_heavy(arguments):
    lines = [
        "import sys; from cxroi.cli.main import main",
        "try: main(sys.argv[1:])",
        "except SystemExit as end: assert not end.code",
        f"print([name for name in {HEAVY} if name in sys.modules])",
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "\n".join(lines), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_module_runs_as_a_program():
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cxroi", "--version"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"cxroi {cxroi.__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main([command, "--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert len(said.splitlines()) > 5
    assert ("password" in said) == (command in ("params", "run", "report"))


@pytest.mark.parametrize("arguments", [[], ["reprot"], ["simulate", "x"], ["run", "x", "--for"]])
def test_wrong_usage_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_params_lists_what_a_notebook_declares(tmp_path, capsys):
    path = write(tmp_path / "n.ipynb", "1")
    assert cli.main(["params", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[3] == "share    float  0.5      share, 0 to 1"


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        ("quater=2026Q3", "Did you mean 'quarter'?"),
        ("quarter=banana", "2026Q3"),
        ("x;import os=1", "not a parameter name"),
        ("x=1;import os", "unknown parameter 'x'"),
        ("share=2", "0 to 1"),
    ],
)
@pytest.mark.parametrize("command", ["run", "report"])
def test_a_wrong_parameter_ends_with_2_and_the_fix(
    command, given, fix, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cxroi.report.shipped.notebooks", lambda: [])
    path = write(tmp_path / "n.ipynb", "1")
    monkeypatch.setattr("cxroi.report.shipped.notebook", lambda name: path)
    arguments = ["run", str(path)] if command == "run" else ["report"]
    assert cli.main([*arguments, "-p", given]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert fix in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["n.ipynb"]


def test_an_unknown_notebook_is_offered_the_nearest(capsys, monkeypatch):
    monkeypatch.setattr("cxroi.report.shipped.notebooks", lambda: [Path("04_roi.ipynb")])
    assert cli.main(["params", "04_rio"]) == 2
    assert "Did you mean '04_roi'?" in capsys.readouterr().err


def test_all_problems_of_a_study_are_told_at_once(capsys, monkeypatch):
    def refuse(*_):
        raise Problems([StudyError("first"), DataError("second")])

    monkeypatch.setattr("cxroi.reading.whole_study.read_study", refuse)
    assert cli.main(["check", "study.toml"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "first" in said.err
    assert "second" in said.err


def test_an_unforeseen_error_quotes_no_data(capsys, monkeypatch):
    def fail(*_):
        raise ValueError("could not convert 'Anna Smith'")

    monkeypatch.setattr("cxroi.reading.whole_study.read_study", fail)
    assert cli.main(["check", "study.toml"]) == 1
    said = capsys.readouterr().err
    assert "ValueError in cli/main.py" in said
    assert "Anna" not in said
    with pytest.raises(ValueError, match="Anna"):
        cli.main(["--traceback", "check", "study.toml"])


def test_an_unforeseen_error_in_a_subfolder_has_its_place(capsys, monkeypatch):
    monkeypatch.setattr("cxroi.reading.whole_study.read_study", lambda *_: percent("Anna Smith"))
    assert cli.main(["check", "study.toml"]) == 1
    said = capsys.readouterr().err
    assert " in results/formats.py, line " in said
    assert "Anna" not in said


def test_an_interrupt_ends_with_130(capsys, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("cxroi.reading.whole_study.read_study", interrupt)
    assert cli.main(["check", "study.toml"]) == 130
    assert "interrupted" in capsys.readouterr().err


def _library(error):
    """Make another error of a signal, as DuckDB does in the middle of a query."""

    def read(*_):
        try:
            os.kill(os.getpid(), number_of[error])
            time.sleep(5)
        except BaseException:
            raise error from None

    return read


number_of = {
    RuntimeError("Query interrupted"): signal.SIGTERM,
    ValueError("Attempting to execute an unsuccessful or closed pending query"): signal.SIGINT,
    DataError("orders.csv is not a CSV file"): signal.SIGTERM,
}


@pytest.mark.parametrize("error", number_of, ids=str)
@pytest.mark.parametrize("more", [[], ["--traceback"]])
def test_a_signal_in_a_library_ends_with_130_or_143(capsys, monkeypatch, error, more):
    """Field case signal_in_a_query: what libraries make of a signal is not a defect of ours."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr("cxroi.reading.whole_study.read_study", _library(error))
    assert cli.main([*more, "check", "study.toml"]) == 128 + number_of[error]
    how = "terminated" if number_of[error] == signal.SIGTERM else "interrupted"
    assert capsys.readouterr().err == f"cxroi check: {how}, no output was left\n"
    assert {number: signal.getsignal(number) for number in before} == before


def test_a_signal_that_is_ignored_stays_ignored(monkeypatch):
    monkeypatch.setattr(
        "cxroi.reading.whole_study.read_study", lambda *_: os.kill(os.getpid(), signal.SIGINT)
    )
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in the background of a shell
    try:
        assert cli.main(["check", "study.toml"]) == 1  # None is no study
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        ImportError("libx.so: failed to map segment from shared object"),
        RuntimeError("can't start new thread"),
        OSError(12, "Cannot allocate memory"),
    ],
    ids=str,
)
def test_no_memory_is_said_plainly(capsys, monkeypatch, error):
    def read(*_):
        raise error

    monkeypatch.setattr("cxroi.reading.whole_study.read_study", read)
    assert cli.main(["check", "study.toml"]) == 1
    said = capsys.readouterr().err
    assert "got no more memory from the system. Free some" in said
    assert said.count("\n") == 1


def test_a_path_that_is_too_long_is_said_plainly(capsys):
    for path in ("x" * 5000, "x/" * 5000):
        assert cli.main(["check", path]) == 1
        said = capsys.readouterr().err
        assert "cannot be read (File name too long)" in said
        assert len(said) < 300


def test_simulate_passes_its_options_on(tmp_path, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(
        "cxroi.simulate.simulate.simulate",
        lambda *args, **options: seen.append((args, options)) or args[0],
    )
    where = tmp_path / "s"
    arguments = ["--customers", "200", "--seed", "3", "--world", "null", "--format", "csv"]
    assert cli.main(["simulate", str(where), "--journeys", *arguments]) == 0
    assert seen == [
        (
            (where, 200, 3, "null"),
            {"scenario_ranges": False, "file_format": "csv", "journeys": True, "force": False},
        )
    ]
    assert capsys.readouterr().out == f"{where}\n"


def test_check_tells_once_of_a_cache_folder_that_cannot_be_used(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CXROI_CACHE", str(tmp_path / "file" / "cache"))
    assert cli.main(["check", str(cxroi.demo_study())]) == 1
    assert capsys.readouterr().err.count("cache folder") == 1


def test_schema_prints_a_json_schema_or_the_reference(capsys):
    assert cli.main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()
    assert cli.main(["schema", "--markdown"]) == 0
    assert capsys.readouterr().out == reference()


def test_init_drafts_a_study_file_and_replaces_none(tmp_path, capsys):
    rows = "".join(f"m{n},{n % 11},{n + 0.5}\n" for n in range(40))
    data, study = tmp_path / "members.csv", tmp_path / "study.toml"
    data.write_text(f"member_id,nps,spend_after\n{rows}")
    assert cli.main(["init", str(data), "--out", str(study), "--name", "Members"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] == str(study)
    assert "decide: [scenario] causal_share: how much of the gap is causal" in said
    assert tomllib.loads(study.read_text())["study"]["name"] == "Members"
    assert cli.main(["check", str(study)]) == 0
    study.write_text("mine")
    assert cli.main(["init", str(data), "--out", str(study)]) == 1
    assert "study.toml is there already" in capsys.readouterr().err
    assert study.read_text() == "mine"
    assert cli.main(["init", str(data), "--out", str(study), "--force"]) == 0
    assert cli.main(["init", str(data), "--out", str(tmp_path / "no" / "s.toml")]) == 1
    assert not (tmp_path / "no").exists()


def test_what_libraries_log_does_not_stand_beside_our_own_error():
    code = "import logging; from cxroi.cli.main import main; main(['params', '01_data']); "
    code += "logging.exception('while sending'); logging.getLogger('papermill').error('died')"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_runs_are_compared_and_listed(tmp_path, capsys):
    one = write_folder(tmp_path / "one", results(), run())
    two = write_folder(tmp_path / "two", results("2026Q2"), run("2026-09-30", "b"))
    assert cli.main(["compare", str(one), str(two)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("No change beyond noise since 2026Q1")
    assert "Gap, like for like: spend" in said
    assert cli.main(["index", str(tmp_path)]) == 0
    assert Path(capsys.readouterr().out.strip()).is_file()
    assert cli.main(["compare", str(one), str(tmp_path / "three")]) == 2
    assert "is no report folder" in capsys.readouterr().err
