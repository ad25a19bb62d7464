import json
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from notebook_files import PARAMETERS, write
from test_run import ROOT, alive, wait_for

from cxroi import report as module
from cxroi import shipped
from cxroi.errors import DataError, OutputError, ParameterError
from cxroi.outputs import complete_folder
from cxroi.rendering.scrub import scrub
from cxroi.report import default_name, report
from cxroi.run import NotebookError

RESULT = {"name": "score.nps", "estimate": 39.84}
WRITES = f"""
import json
if results:
    open(results, "w").write(json.dumps({{"study": "s", "results": [{RESULT}]}}))
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with stand-ins for the shipped notebooks and a study, and a working directory."""
    (tmp_path / "notebooks").mkdir()
    for name in shipped.REPORT_NOTEBOOKS[:-1]:
        write(tmp_path / f"notebooks/{name}.ipynb", "print(study)")
    write(
        tmp_path / "notebooks/quarterly_report.ipynb",
        WRITES,
        "import warnings; warnings.warn('careful')",
        "print(study, quarter, share, __import__('os').getcwd())",
        parameters=PARAMETERS + 'results: str = ""\n',
    )
    study = tmp_path / "söme study" / "study.toml"
    study.parent.mkdir()
    study.write_text("")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(shipped, "_root", lambda: tmp_path)
    monkeypatch.setattr(module, "_check", lambda path, quarter: checked(path))
    return SimpleNamespace(root=tmp_path, study=study, work=tmp_path / "work")


def checked(path):
    source = SimpleNamespace(table="responses", where="r.csv", sha256=sha256(b"x"), rows=3)
    source.sha256 = source.sha256.hexdigest()
    study = SimpleNamespace(name="Söme Study", path=Path(path), seed=7)
    return module._Checked(study, (source,), ("12 % in no other table",))


def left(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_the_folder_is_complete_and_names_no_machine(place, capfd):
    out = report(place.study, "2026Q3", parameters={"share": "0.25"})
    assert out == place.work / "report-some-study-2026Q3"
    pages = [f"notebooks/{name}.html" for name in shipped.REPORT_NOTEBOOKS[:-1]]
    notebooks = [f"notebooks/{name}.ipynb" for name in shipped.REPORT_NOTEBOOKS]
    assert left(place.work) == sorted(
        f"{out.name}/{name}"
        for name in ["report.html", "results.json", "run.json", *pages, *notebooks]
    )
    assert json.loads((out / "results.json").read_text())["results"] == [RESULT]
    page = (out / "report.html").read_text()
    assert ">Söme Study, 2026Q3</h1>" in page
    assert "study.toml 2026Q3 0.25" in page
    for path in out.rglob("*"):
        text = path.read_text() if path.is_file() else ""
        for private in (place.root, Path.home(), sys.prefix, "s\\xf6me study", "/ipykernel_"):
            assert str(private) not in text, (path.name, private)
    assert capfd.readouterr() == ("", "")


def test_run_json_says_what_the_report_rests_on(place):
    out = report(place.study, "2026Q3", parameters={"share": "0.25"})
    run = json.loads((out / "run.json").read_text())
    assert run["tables"] == [
        {
            "table": "responses",
            "source": "r.csv",
            # sha256sum of the one letter x
            "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
            "rows": 3,
        }
    ]
    assert run["study"] == {"name": "Söme Study", "file": "study.toml"}
    assert (run["quarter"], run["seed"], run["parameters"]) == ("2026Q3", 7, {"share": "0.25"})
    assert [warning["from"] for warning in run["warnings"]] == ["tables", "quarterly_report"]
    assert "careful" in run["warnings"][1]["text"]
    assert run["versions"]["papermill"]
    assert run["duration_seconds"] > 0
    assert run["started"].endswith("+00:00")


def test_the_demo_is_reported_without_a_study(place, monkeypatch):
    seen = []
    monkeypatch.setattr(shipped, "demo_study", lambda: place.study)
    monkeypatch.setattr(module, "_check", lambda path, quarter: seen.append(path) or checked(path))
    report(out=Path("demo"))
    assert seen == [place.study]


def test_a_study_with_problems_runs_nothing(place, monkeypatch):
    def refuse(path, quarter):
        raise DataError("column 'nps' holds 11")

    monkeypatch.setattr(module, "_check", refuse)
    monkeypatch.setattr(module, "execute_all", lambda *a, **k: pytest.fail("a notebook ran"))
    with pytest.raises(DataError):
        report(place.study)
    assert left(place.work) == []


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"quarter": "banana"}, ParameterError, "2026Q3"),
        ({"parameters": {"quater": "2026Q3"}}, ParameterError, "Did you mean 'quarter'"),
        ({"parameters": {"share": "7"}}, ParameterError, "0 to 1"),
        ({"parameters": {"study": "x"}}, ParameterError, "cxroi report STUDY"),
        ({"parameters": {"results": "x"}}, ParameterError, "itself"),
        ({"out": Path("nowhere/report")}, OutputError, "does not exist"),
        ({"out": Path()}, OutputError, "working directory"),
        ({"out": Path("..")}, OutputError, "working directory"),
    ],
)
def test_wrong_options_are_refused_before_any_work(place, monkeypatch, options, error, said):
    monkeypatch.setattr(module, "_check", lambda *a: pytest.fail("the study was read"))
    with pytest.raises(error, match=said):
        report(place.study, **options)
    assert left(place.work) == []


def test_a_notebook_that_fails_leaves_nothing_and_stops_the_others(place):
    write(place.root / "notebooks/01_data.ipynb", "import time; time.sleep(120)")
    write(place.root / "notebooks/02_groups.ipynb", "1/0")
    begun = time.monotonic()
    with pytest.raises(NotebookError, match="02_groups: ZeroDivisionError"):
        report(place.study, out=Path("r"))
    assert time.monotonic() - begun < 60
    assert list(place.work.iterdir()) == []


@pytest.mark.parametrize("written", ["", "{}", '{"results": []}', "not json"])
def test_a_report_without_results_is_refused(place, written):
    write(
        place.root / "notebooks/quarterly_report.ipynb",
        f"if {written!r}: open(results, 'w').write({written!r})",
        parameters=PARAMETERS + 'results: str = ""\n',
    )
    with pytest.raises(OutputError, match=r"results\.json"):
        report(place.study, out=Path("r"))
    assert list(place.work.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_report_leaves_none_and_the_next_run_clears_up(place, number):
    write(
        place.root / "notebooks/quarterly_report.ipynb",
        WRITES,
        "import os, time; open('../new', 'w').write(str(os.getpid()))",
        "os.rename('../new', '../pid'); time.sleep(300)",
        parameters=PARAMETERS + 'results: str = ""\n',
    )
    lines = [
        "import sys; from pathlib import Path; from test_report import checked",
        "from cxroi import cli, report, shipped",
        f"shipped._root = lambda: Path({str(place.root)!r})",
        "report._check = lambda path, quarter: checked(path)",
        "sys.exit(cli.main(sys.argv[1:]))",
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", "\n".join(lines), "report", str(place.study), "--out", "r"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)])},
        stderr=subprocess.PIPE,
        text=True,
    )
    pid = place.root / "pid"
    wait_for(pid)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    names = [path.name for path in place.work.iterdir()]
    if number == signal.SIGTERM:
        assert (process.returncode, names) == (143, [])
        assert "Traceback" not in said
    else:
        assert [name.split("-")[0] for name in names] == [".r.partial"]
        assert not list(place.work.rglob("report.html"))
    until = time.monotonic() + 10
    while alive(int(pid.read_text())) and time.monotonic() < until:
        time.sleep(0.1)
    assert not alive(int(pid.read_text()))
    with complete_folder(place.work / "r", frozenset({"a"}), force=False) as partial:
        (partial / "a").write_text("done")
    assert left(place.work) == ["r/a"]


OWN = frozenset({"a", "b"})


def fails(out):
    def half():
        with complete_folder(out, OWN, force=True) as partial:
            (partial / "a").write_text("new")
            raise DataError("x")

    with pytest.raises(DataError):
        half()


def test_an_existing_folder_stands_until_the_new_one_is_complete(tmp_path):
    out = tmp_path / "r"
    out.mkdir()
    (out / "a").write_text("old")
    with pytest.raises(OutputError, match="--force"), complete_folder(out, OWN, force=False):
        pytest.fail("it began")
    fails(out)
    assert (out / "a").read_text() == "old"
    with complete_folder(out, OWN, force=True) as partial:
        (partial / "b").write_text("new")
        assert (out / "a").read_text() == "old"
    assert left(tmp_path) == ["r/b"]


def test_force_never_deletes_what_others_wrote(tmp_path):
    out = tmp_path / "r"
    out.mkdir()
    (out / "a").write_text("old")
    (out / "thesis.docx").write_text("mine")
    with pytest.raises(OutputError, match="1 files or folders"), complete_folder(out, OWN, True):
        pytest.fail("it began")
    assert left(tmp_path) == ["r/a", "r/thesis.docx"]
    (tmp_path / "link").symlink_to(out)
    with pytest.raises(OutputError, match="link"), complete_folder(tmp_path / "link", OWN, True):
        pytest.fail("it began")


def test_a_replacement_that_was_cut_short_is_undone(tmp_path):
    before = tmp_path / ".r.before-1-1"
    before.mkdir()
    (before / "a").write_text("old")
    fails(tmp_path / "r")
    assert left(tmp_path) == ["r/a"]


def test_a_folder_in_work_is_not_cleared_away(tmp_path):
    out = tmp_path / "r"
    with complete_folder(out, OWN, force=False) as first:
        (first / "a").write_text("first")
        with complete_folder(out, OWN, force=False) as second:
            (second / "a").write_text("second")
        assert (first / "a").read_text() == "first"
        (out / "a").unlink()  # else the first would be refused
    assert left(tmp_path) == ["r/a"]
    assert (out / "a").read_text() == "first"


@pytest.mark.parametrize(
    ("study", "quarter", "name"),
    [
        ("Olist reviews", "2026Q3", "report-olist-reviews-2026Q3"),
        ("../../etc/Ä b", "", "report-etc-a-b"),
        ("日本", "", "report-study"),
    ],
)
def test_default_names(study, quarter, name):
    assert default_name(study, quarter) == name


def test_scrub_keeps_what_is_not_a_folder_of_this_machine(tmp_path):
    data = {
        "a": [f"{tmp_path}/study.toml", f"in {tmp_path}.", f"https://x.example{tmp_path}/b"],
        "image/png": str(tmp_path),
        "b": f"{tmp_path}2/c and / and 1/2",
    }
    assert scrub(data, [tmp_path]) == {
        "a": ["study.toml", "in ..", f"https://x.example{tmp_path}/b"],
        "image/png": str(tmp_path),
        "b": f"{tmp_path}2/c and / and 1/2",
    }
