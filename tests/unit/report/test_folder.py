import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from notebook_files import PARAMETERS, write
from panels import make_study
from processes import ROOT, alive, wait_for

import cxroi as cx
from cxroi.errors import DataError, OutputError, ParameterError
from cxroi.files import cache
from cxroi.files.outputs import complete_folder
from cxroi.report import bar, executed, shipped
from cxroi.report import folder as module
from cxroi.report.folder import default_name, report
from cxroi.report.manifest import manifest
from cxroi.report.notebooks import NotebookError
from cxroi.report.scrub import scrub
from cxroi.study.loading import load_study

RESULT = {"name": "score.nps", "estimate": 39.84}
WRITTEN = json.dumps({"results": [RESULT]})
WRITES = f"""
import json
if results:
    open(results, "w").write(json.dumps({{"study": "s", "results": [{RESULT}]}}))
"""
STUDY = """
[study]
name = "Söme Study"
[tables.customers]
path = "flat.csv"
customer = "id"
score = "nps"
[outcomes.columns.spend]
column = "spend"
kind = "amount"
[analysis]
seed = 7
"""


# What a run concluded: no scenario, so no ROI, and one check of two failed.
CONCLUSION = {
    "verdict": {"kind": "not yet", "barred": False, "wants": "no scenario"},
    "rating": {
        "level": "low",
        "reasons": ["a check failed"],
        "withdrawn": [],
        "outcomes": ["spend"],
    },
    "checks": {"money": {"failed": 1, "warning": 0, "passed": 1, "not possible": 0}, "all": {}},
}
PROFILE = {"responses": {"rows": 3, "columns": {}}}


# Lines are noted in processes of `cxroi`, not in kernels of stand-ins, which run none of it.
NOTED = {n: v for n, v in os.environ.items() if n == "COVERAGE_PROCESS_START"}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with stand-ins for three of the notebooks and a study, and a working directory.

    Two kernels run side by side, so one is waiting; `test_demo_report.py` has all that are shipped.
    """
    monkeypatch.delenv("COVERAGE_PROCESS_START", raising=False)
    monkeypatch.setattr(shipped, "REPORT_NOTEBOOKS", ("01_data", "02_groups", "quarterly_report"))
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
    study.write_text(STUDY)
    (study.parent / "flat.csv").write_text("id,nps,spend\n1,9,10.0\n")
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("CXROI_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(shipped, "_root", lambda: tmp_path)
    monkeypatch.setattr(module, "_check", lambda run: checked())
    monkeypatch.setattr(module, "_fill", lambda run, private: iter(()))
    monkeypatch.setattr(module, "_conclusion", lambda run: CONCLUSION)
    return SimpleNamespace(root=tmp_path, study=study, work=tmp_path / "work")


@pytest.fixture
def short(place, monkeypatch):
    """The same with two of the notebooks: each takes a kernel of its own."""
    monkeypatch.setattr(shipped, "REPORT_NOTEBOOKS", ("01_data", "quarterly_report"))
    return place


def checked():
    digest = sha256(b"x").hexdigest()
    table = {"table": "responses", "source": "r.csv", "sha256": digest, "rows": 3}
    return module._Checked([table], ["12 % in no other table"], PROFILE)


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


def test_run_json_says_what_the_report_rests_on(short):
    out = report(short.study, "2026Q3", parameters={"share": "0.25"})
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
    text = sha256(short.study.read_bytes()).hexdigest()
    assert run["study"] == {"name": "Söme Study", "file": "study.toml", "sha256": text}
    assert {key: run[key] for key in CONCLUSION} == CONCLUSION
    assert run["assumptions"] is None
    assert run["definitions"]["pair"] == {"from": "passive", "to": "promoter"}
    assert run["profile"] == {"responses": {"rows": 3, "columns": {}}}
    assert (run["quarter"], run["seed"], run["parameters"]) == ("2026Q3", 7, {"share": "0.25"})
    assert [warning["from"] for warning in run["warnings"]] == ["tables", "quarterly_report"]
    assert "careful" in run["warnings"][1]["text"]
    assert run["changed"] == []
    assert run["versions"]["papermill"]
    assert run["duration_seconds"] > 0
    assert run["started"].endswith("+00:00")


def test_a_scenario_that_some_notebook_would_not_take_is_refused(place, monkeypatch):
    """Else the report would hold two scenarios."""
    write(
        place.root / "notebooks/quarterly_report.ipynb",
        WRITES,
        parameters=PARAMETERS + 'results: str = ""\nscenario: str = ""\n',
    )
    with pytest.raises(ParameterError, match="unknown parameter 'scenario'"):
        report(place.study, parameters={"scenario.cost_per_moved": "5"})


def test_run_json_says_what_was_changed_of_the_study_file(tmp_path):
    path = make_study(tmp_path, {"spend": "amount"}, scenario={}).path
    study = load_study(path, scenario={"cost_per_moved": 5, "share_moved": [0.1, 0.2, 0.3]})
    now = dt.datetime.now(dt.UTC)
    nothing = {"tables": [], "parameters": {}, "warnings": [], "cached": {}}
    nothing |= {"text": b"", "profile": {}, "drift": {}, "concluded": {}}
    found = manifest(study=study, quarter="", started=now, seconds=0, **nothing)["changed"]
    assert found == [
        {"key": "scenario.cost_per_moved", "from": 10.0, "to": 5},
        {"key": "scenario.share_moved", "from": 0.1, "to": [0.1, 0.2, 0.3]},
    ]
    said = cx.tables.provenance(SimpleNamespace(sources=(), study=study, quarter="")).frame
    changed = said[said["what"] == "changed from the study file"]["which"].tolist()
    assert changed == ["cost per moved 10 → 5", "share moved 10.0 % → 20.0 % (10.0 % to 30.0 %)"]


def test_the_demo_is_reported_without_a_study(short, monkeypatch):
    seen = []
    monkeypatch.setattr(shipped, "demo_study", lambda: short.study)
    monkeypatch.setattr(module, "_check", lambda run: seen.append(run.study.path) or checked())
    report(out=Path("demo"))
    assert seen == [short.study]


def test_a_study_with_problems_runs_nothing(place, monkeypatch):
    def refuse(run):
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


def test_the_run_is_handed_over_in_a_private_folder_that_is_not_left(place, monkeypatch):
    def fill(run, private):
        private.mkdir(mode=0o700)
        (private / "overview").write_text("secret")
        yield "overview"

    monkeypatch.setattr(module, "_fill", fill)
    monkeypatch.setattr(shipped, "REPORT_NOTEBOOKS", ("quarterly_report",))
    shown = "import os, pathlib, time; place = pathlib.Path(os.environ['CXROI_RUN'])"
    wait = "while not (place / 'overview').exists(): time.sleep(0.01)"
    mode = "print(oct(place.stat().st_mode), os.listdir(place))"
    source = place.root / "notebooks/quarterly_report.ipynb"
    with_results = PARAMETERS + 'results: str = ""\n'
    write(source, WRITES, shown, wait, mode, parameters=with_results)
    out = report(place.study, cached=False)
    notebook = (out / "notebooks/quarterly_report.ipynb").read_text()
    assert "0o40700 ['overview']" in notebook
    assert not [path for path in out.rglob("*") if path.name in (".run", "overview")]
    write(source, WRITES, shown, wait, "1 / 0", parameters=with_results)
    with pytest.raises(NotebookError):
        report(place.study, out=Path("other"), cached=False)
    assert list(place.work.iterdir()) == [out]


def test_a_refusal_while_the_run_is_made_stops_the_notebooks(place, monkeypatch):
    def fill(run, private):
        yield "analysis"
        raise DataError("the table went away")

    slow = "import os, time; open('../pid', 'w').write(str(os.getpid())); time.sleep(300)"
    for name in shipped.REPORT_NOTEBOOKS:
        write(place.root / f"notebooks/{name}.ipynb", slow)
    monkeypatch.setattr(module, "_fill", fill)
    before = time.monotonic()
    with pytest.raises(DataError, match="went away"):
        report(place.study)
    assert time.monotonic() - before < 60
    assert list(place.work.iterdir()) == []


def test_a_notebook_that_fails_stops_the_making_of_the_run(place, monkeypatch):
    taken = []

    def fill(run, private):
        for part in range(3000):
            taken.append(part)
            time.sleep(0.1)
            yield str(part)

    write(place.root / "notebooks/01_data.ipynb", "1 / 0")
    monkeypatch.setattr(module, "_fill", fill)
    with pytest.raises(NotebookError, match="01_data"):
        report(place.study)
    assert len(taken) < 600
    assert list(place.work.iterdir()) == []


@pytest.mark.parametrize("written", ["", "{}", '{"results": []}', "not json"])
def test_a_report_without_results_is_refused(place, monkeypatch, written):
    pretend(monkeypatch, written)
    with pytest.raises(OutputError, match=r"results\.json"):
        report(place.study, out=Path("r"))
    assert list(place.work.iterdir()) == []


def begin(place):
    """Start a report as `place` makes them in a process, which ends with the heavy imports."""
    lines = [
        "import sys; from pathlib import Path",
        "from cxroi.cli import main as cli; from cxroi.report import folder as report, shipped",
        f"shipped._root = lambda: Path({str(place.root)!r})",
        f"shipped.REPORT_NOTEBOOKS = {shipped.REPORT_NOTEBOOKS!r}",
        "report._check = lambda run: report._Checked([], [])",
        "report._fill = lambda run, private: iter(())",
        f"report._conclusion = lambda run: {CONCLUSION!r}",
        "code = cli.main(sys.argv[1:])",
        "print(sorted({'pandas', 'numpy', 'duckdb', 'papermill', 'nbconvert', 'nbformat', 'tqdm'}",
        "    & set(sys.modules)), file=sys.stderr)",
        "sys.exit(code)",
    ]
    command = [sys.executable, "-c", "\n".join(lines), "report", str(place.study)]
    return subprocess.Popen(
        [*command, "--out", "r", "--force"],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | NOTED,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_report_leaves_none_and_the_next_run_clears_up(short, number):
    write(
        short.root / "notebooks/quarterly_report.ipynb",
        WRITES,
        "import os, time; open('../new', 'w').write(str(os.getpid()))",
        "os.rename('../new', '../pid'); time.sleep(300)",
        parameters=PARAMETERS + 'results: str = ""\n',
    )
    process = begin(short)
    pid = short.root / "pid"
    wait_for(pid)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    names = [path.name for path in short.work.iterdir()]
    if number == signal.SIGTERM:
        assert (process.returncode, names) == (143, [])
        assert "Traceback" not in said
    else:
        assert [name.split("-")[0] for name in names] == [".r.partial"]
        assert not list(short.work.rglob("report.html"))
    until = time.monotonic() + 10
    while alive(int(pid.read_text())) and time.monotonic() < until:
        time.sleep(0.1)
    assert not alive(int(pid.read_text()))
    with complete_folder(short.work / "r", frozenset({"a"}), force=False) as partial:
        (partial / "a").write_text("done")
    assert left(short.work) == ["r/a"]


def pretend(monkeypatch, written=WRITTEN):
    """Let notebooks "run" at once, and return the list of the names of those that did."""
    ran = []

    def execute_all(jobs, *, workers, on_cell, finish, meanwhile, environment):
        done = list(meanwhile)[:0]
        for job in jobs:
            ran.append(job.notebook.stem)
            if job.parameters.get("results") and written:
                Path(job.parameters["results"]).write_text(written)
            done.append(finish(job, nbformat.read(job.notebook, 4)))
        return done

    monkeypatch.setattr(module, "execute_all", execute_all)
    return ran


@pytest.fixture
def two(place, monkeypatch):
    """A report of two notebooks that pretend to run; those that ran are in `ran`."""
    monkeypatch.setattr(shipped, "REPORT_NOTEBOOKS", ("01_data", "quarterly_report"))
    write(place.root / "notebooks/01_data.ipynb", "1", parameters='study: str = ""')
    place.ran = pretend(monkeypatch)
    place.names = ["01_data", "quarterly_report"]
    return place


def again(place, **options):
    """Return the names of the notebooks that one more report runs, and where it is."""
    place.ran.clear()
    out = report(place.study, options.pop("quarter", ""), Path("r"), force=True, **options)
    return list(place.ran), out


def test_a_second_report_is_the_first_and_runs_nothing(two, monkeypatch):
    assert again(two)[0] == two.names
    first = {name: (two.work / name).read_bytes() for name in left(two.work)}
    monkeypatch.setattr(module, "_check", lambda *_: pytest.fail("the tables were read"))
    monkeypatch.setattr(module, "_conclusion", lambda *_: pytest.fail("it was analysed again"))
    ran, out = again(two)
    assert ran == []
    assert left(two.work) == sorted(first)
    same = {name for name in first if (two.work / name).read_bytes() == first[name]}
    assert set(first) - same == {"r/run.json"}
    before, after = json.loads(first["r/run.json"]), json.loads((out / "run.json").read_text())
    assert before["cached"] == {}
    assert set(after["cached"]) == set(two.names)
    assert before["started"] <= min(after["cached"].values()) <= after["started"]
    for key in (
        "tables",
        "warnings",
        "parameters",
        "seed",
        "versions",
        "study",
        "profile",
        "rating",
    ):
        assert after[key] == before[key]


def with_rows(monkeypatch, rows):
    found = {"responses": {"rows": rows, "columns": {}}}
    monkeypatch.setattr(module, "_check", lambda run: module._Checked([], [], found))


def test_data_unlike_those_of_the_last_run_make_no_report(two, monkeypatch):
    with_rows(monkeypatch, 1000)
    report(two.study, out=Path("last"), cached=False)
    with_rows(monkeypatch, 900)
    out = report(two.study, out=Path("regular"), cached=False)
    told = json.loads((out / "run.json").read_text())["drift"]
    started = json.loads(Path("last/run.json").read_text())["started"]
    assert told == {"against": {"started": started, "quarter": ""}, "found": []}
    with_rows(monkeypatch, 100)
    two.ran.clear()
    with pytest.raises(DataError, match="100 rows, last time 900"):
        report(two.study, out=Path("spoilt"), cached=False)
    two.study.write_text(STUDY + "draws = 500\n")
    with pytest.raises(DataError, match="study file has changed"):  # what stood there stands
        report(two.study, out=Path("regular"), force=True, cached=False)
    assert (two.ran, sorted(p.name for p in two.work.iterdir())) == ([], ["last", "regular"])
    out = report(two.study, out=Path("right"), against="none", cached=False)
    assert json.loads((out / "run.json").read_text())["drift"]["against"] is None
    report(two.study, out=Path("after"), cached=False)  # held against the one let pass
    with_rows(monkeypatch, 800)
    with pytest.raises(DataError, match="800 rows, last time 100"):
        report(two.study, out=Path("next"), cached=False)
    out = report(two.study, out=Path("next"), against="last", cached=False)
    assert json.loads((out / "run.json").read_text())["drift"]["found"] == []
    with pytest.raises(ParameterError, match=r"'work' holds no run\.json"):
        report(two.study, out=Path("other"), against="work", cached=False)


def test_the_runs_of_other_studies_are_not_held_against(two, monkeypatch):
    with_rows(monkeypatch, 1000)
    report(two.study, out=Path("last"), cached=False)
    two.study.write_text(STUDY.replace("Study", "Other"))
    with_rows(monkeypatch, 10)
    out = report(two.study, out=Path("other"), cached=False)
    assert json.loads((out / "run.json").read_text())["drift"]["against"] is None


def change_data(place, _):
    path = place.study.with_name("flat.csv")
    before = path.stat()
    path.write_text(path.read_text().replace("10.0", "90.0"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def change_study(place, _):
    place.study.write_text(STUDY.replace("seed = 7", "seed = 8"))


def change_code(place, monkeypatch):
    (place.root / "package").mkdir()
    monkeypatch.setattr(cache, "_PACKAGE", place.root / "package")


def change_notebook(place, _):
    write(place.root / "notebooks/01_data.ipynb", "2", parameters='study: str = ""')


def damage_an_entry(place, _):
    entries = (place.root / "cache/entries").iterdir()
    [path] = [path for path in entries if b'"results": "{' in path.read_bytes()]
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("change", "options", "expected"),
    [
        (None, {}, []),
        (change_data, {}, ["01_data", "quarterly_report"]),
        (change_study, {}, ["01_data", "quarterly_report"]),
        (change_code, {}, ["01_data", "quarterly_report"]),
        (None, {"quarter": "2026Q3"}, ["01_data", "quarterly_report"]),
        (None, {"parameters": {"share": "0.25"}}, ["quarterly_report"]),
        (change_notebook, {}, ["01_data"]),
        (damage_an_entry, {}, ["quarterly_report"]),
        (None, {"cached": False}, ["01_data", "quarterly_report"]),
    ],
)
def test_what_changed_runs_again(two, monkeypatch, change, options, expected):
    again(two)
    if change:
        change(two, monkeypatch)
    ran, out = again(two, **options)
    assert ran == expected
    kept = set(two.names) - set(expected)
    assert set(json.loads((out / "run.json").read_text())["cached"]) == kept


def test_without_the_cache_nothing_is_kept(two):
    again(two, cached=False)
    assert not (two.root / "cache").exists()
    assert again(two)[0] == two.names


def test_a_study_in_a_database_has_no_cache(two):
    two.study.write_text(STUDY.replace('path = "flat.csv"', 'database = "SHOP"\ntable = "t"'))
    for _ in range(2):
        assert again(two)[0] == two.names
    assert left(two.root / "cache") == []


@pytest.mark.skipif(sys.platform == "win32", reason="no locks on Windows")
def test_what_killed_kernels_left_for_spark_goes(two):
    shared = two.study.parent / "shared"
    (shared / "cxroi-work-abcdefgh").mkdir(parents=True)
    (shared / "cxroi-work-abcdefgh" / ".lock").touch()
    two.study.write_text(STUDY.replace("[tables", 'engine_folder = "shared"\n[tables'))
    again(two)
    assert list(shared.iterdir()) == []


def test_nothing_is_kept_of_a_run_during_which_the_data_changed(two, monkeypatch):
    real = executed.finish

    def change_and_finish(*args):
        change_data(two, None)
        return real(*args)

    monkeypatch.setattr(module, "finish", change_and_finish)
    again(two)
    monkeypatch.setattr(module, "finish", real)
    assert again(two)[0] == two.names


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
def test_a_stopped_report_goes_on_where_it_stopped(place, monkeypatch):
    monkeypatch.setattr(shipped, "REPORT_NOTEBOOKS", ("01_data", "quarterly_report"))
    slow = "import os, time; open('../new', 'w').close(); os.rename('../new', '../slow')"
    wait = "while not os.path.exists('../go'): time.sleep(0.05)"
    write(place.root / "notebooks/01_data.ipynb", slow, wait)
    write(
        place.root / "notebooks/quarterly_report.ipynb",
        WRITES,
        "open('../log', 'a').write('ran ')",
        parameters=PARAMETERS + 'results: str = ""\n',
    )
    process = begin(place)
    wait_for(place.root / "slow")
    until = time.monotonic() + 30
    entries = place.root / "cache/entries"
    while not any(b'"notebook": ' in path.read_bytes() for path in entries.glob("[0-9a-f]*")):
        assert time.monotonic() < until, "the report's notebook was not kept"
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, list(place.work.iterdir())) == (143, [])
    assert "no output was left" in said
    (place.root / "go").touch()
    process = begin(place)
    page = str(place.work / "r/report.html")
    assert process.communicate(timeout=60)[0].splitlines()[-1] == page
    assert list(json.loads((place.work / "r/run.json").read_text())["cached"]) == [
        "quarterly_report"
    ]
    assert (place.root / "log").read_text() == "ran "
    third = begin(place)
    out, said = third.communicate(timeout=60)
    assert out.splitlines() == [
        "Verdict: not yet (no scenario). Evidence: low. Checks: 1 failed, 0 warned, 1 passed, "
        f"0 not possible. Drift: none since {out.partition('since ')[2][:10]}.",
        page,
    ]
    lines = said.splitlines()
    assert lines[-1] == "[]"  # nothing heavy
    stamped = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 cxroi report: .+")
    assert all(stamped.fullmatch(line) for line in lines[:-1])
    assert "quarterly_report from the cache" in said


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
    before = tmp_path / ".r.before-1-1795785059255458898"
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


def test_the_bar_names_what_is_done_and_what_runs_now(two, monkeypatch):
    said = []

    class Bar:
        def update(self):
            pass

        def set_description_str(self, text):
            said.append(text)

    @contextmanager
    def cells(total, what, *, done, shown):
        said.extend([(total, done, shown), what])
        yield Bar()

    monkeypatch.setattr(bar, "cells", cells)
    monkeypatch.setattr(module, "_fill", lambda run, private: iter(["analysis"]))
    again(two)
    assert said == [
        (8, 0, True),
        "Report: 0 of 2 done, now 01_data, quarterly_report",
        "Report: 0 of 2 done, now analysis, 01_data, quarterly_report",
        "Report: 0 of 2 done, now 01_data, quarterly_report",
        "Report: 1 of 2 done, now quarterly_report",
        "Report: 2 of 2 done",
    ]
