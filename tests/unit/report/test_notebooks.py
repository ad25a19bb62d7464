import json
import re
import signal
import sys
import time
from pathlib import Path

import nbformat
import pytest
from notebook_files import write
from processes import alive, start, wait_for

from cxroi.errors import OutputError, ParameterError
from cxroi.report import notebooks as module
from cxroi.report.notebooks import Job, NotebookError, execute_all, run_notebook


def test_values_arrive_typed_and_the_kernel_is_this_interpreter(tmp_path, monkeypatch, capfd):
    foreign = tmp_path / "jupyter/kernels/python3"
    foreign.mkdir(parents=True)
    spec = {"argv": ["/bin/false", "{connection_file}"], "display_name": "x", "language": "python"}
    (foreign / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(foreign.parents[1]))
    source = write(
        tmp_path / "{braces} and ü.ipynb",
        "import sys\nprint([sys.executable, study, quarter, share])",
    )
    out = run_notebook(source, {"quarter": "2026Q3", "share": "0.25"}, tmp_path / "out.ipynb")
    done = nbformat.read(out, 4)
    assert done.cells[2].outputs[0].text == f"{[sys.executable, '', '2026Q3', 0.25]}\n"
    assert done.metadata.papermill.end_time
    assert done.metadata.papermill.input_path == source.name
    assert sorted(p.name for p in tmp_path.iterdir()) == ["jupyter", "out.ipynb", source.name]
    assert capfd.readouterr() == ("", "")  # no warning about transport encryption, no log


def test_a_value_is_never_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = write(tmp_path / "n.ipynb", "print(text)", parameters='text: str = ""')
    evil = '"; open("made", "w"); "\\"\n\'\'\'; import os #'
    out = run_notebook(source, {"text": evil}, tmp_path / "out.ipynb")
    assert nbformat.read(out, 4).cells[2].outputs[0].text == evil + "\n"
    assert not Path("made").exists()


def test_a_wrong_parameter_runs_nothing(tmp_path):
    source = write(tmp_path / "n.ipynb", "open('ran', 'w')")
    for given in ({"quater": "2026Q3"}, {"quarter": "banana"}, {"x=1;import os": "1"}):
        with pytest.raises(ParameterError):
            run_notebook(source, given, tmp_path / "out.ipynb")
    assert [p.name for p in tmp_path.iterdir()] == ["n.ipynb"]


def test_a_refusal_of_a_cell_is_told_in_its_words(tmp_path):
    source = write(
        tmp_path / "n.ipynb",
        "from cxroi.errors import DataError\nraise DataError('column x holds 11', fix='Mend it')",
    )
    with pytest.raises(NotebookError, match=r"^n: column x holds 11. Mend it.$"):
        run_notebook(source, {}, tmp_path / "out.ipynb")
    assert [p.name for p in tmp_path.iterdir()] == ["n.ipynb"]


def test_a_foreign_exception_does_not_quote_data(tmp_path):
    source = write(tmp_path / "n.ipynb", "x = 1\nint('Anna Smith')")
    with pytest.raises(NotebookError, match=r"ValueError in In \[2\], line 2") as refusal:
        run_notebook(source, {}, tmp_path / "out.ipynb")
    assert "Anna" not in str(refusal.value)


def test_a_dead_kernel_leaves_nothing(tmp_path):
    source = write(tmp_path / "n.ipynb", "import os; os._exit(1)")
    with pytest.raises(NotebookError, match="memory"):
        run_notebook(source, {}, tmp_path / "out.ipynb")
    assert [p.name for p in tmp_path.iterdir()] == ["n.ipynb"]


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux kills where memory runs out")
def test_a_kernel_that_the_system_killed_names_memory_and_what_to_set(tmp_path):
    kill = "held = bytearray(10**8); import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    with pytest.raises(NotebookError) as refusal:
        run_notebook(write(tmp_path / "n.ipynb", kill), {}, tmp_path / "out.ipynb")
    said = str(refusal.value)
    assert said.startswith("n: the system killed the Python process of the notebook (signal 9)")
    taken, there = re.findall(r"([\d.]+) (?:GB|MB)", said.split(". Set")[0])
    assert float(taken) >= (100 if " MB of" in said else 1)
    assert float(there) > 0
    assert "Set memory_limit under [study]" in said
    assert "shorter period" in said


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("there.ipynb", "exists"),
        ("folder.ipynb", "is a folder"),
        ("nowhere/out.ipynb", "does not exist"),
        ("out.pdf", "ending"),
        ("n.ipynb", "the notebook itself"),
    ],
)
def test_an_output_that_must_not_be_written_is_refused_before_the_run(tmp_path, out, said):
    source = write(tmp_path / "n.ipynb", f"open({str(tmp_path / 'ran')!r}, 'w')")
    (tmp_path / "there.ipynb").write_text("mine")
    (tmp_path / "folder.ipynb").mkdir()
    with pytest.raises(OutputError, match=said):
        run_notebook(source, {}, tmp_path / out, force=said != "exists")
    assert not (tmp_path / "ran").exists()
    assert (tmp_path / "there.ipynb").read_text() == "mine"


def test_force_replaces_only_with_something_complete(tmp_path):
    out = tmp_path / "out.ipynb"
    out.write_text("mine")
    with pytest.raises(NotebookError):
        run_notebook(write(tmp_path / "bad.ipynb", "1/0"), {}, out, force=True)
    assert out.read_text() == "mine"
    run_notebook(write(tmp_path / "good.ipynb", "1"), {}, out, force=True)
    assert nbformat.read(out, 4).cells


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -9)]
)
def test_a_stopped_run_leaves_neither_output_nor_kernel(tmp_path, monkeypatch, number, code):
    monkeypatch.setenv("TMPDIR", str(temporary := tmp_path / "temporary"))
    temporary.mkdir()
    work = tmp_path / "work"
    work.mkdir()
    pid = work / "pid"
    write(
        work / "slow.ipynb",
        "import os, pathlib, time; from cxroi.files.locked import own_folder; own_folder()",
        "pathlib.Path('new').write_text(str(os.getpid())); os.rename('new', 'pid')",
        "time.sleep(300)",
    )
    write(work / "quick.ipynb", "from cxroi.files.locked import own_folder; own_folder()")
    process = start(["run", "slow.ipynb", "--out", "out.ipynb"], work)
    wait_for(pid)
    assert len(list(temporary.glob("cxroi-work-*/.lock"))) == 2  # the command's and the kernel's
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == code
    assert "Traceback" not in said
    until = time.monotonic() + 10
    while alive(int(pid.read_text())) and time.monotonic() < until:
        time.sleep(0.1)
    assert not alive(int(pid.read_text()))
    assert sorted(p.name for p in work.iterdir()) == ["pid", "quick.ipynb", "slow.ipynb"]
    if number == signal.SIGKILL:
        assert len(list(temporary.iterdir())) == 2  # which the next run clears away
        assert start(["run", "quick.ipynb"], work).wait(timeout=60) == 0
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no locks on Windows")
@pytest.mark.parametrize("last", ["1 / 0", "import os, signal; os.kill(os.getpid(), 9)"])
def test_failure_leaves_no_temporary_file(tmp_path, monkeypatch, last):
    """Nor does success, as the run after a killed one shows above."""
    monkeypatch.setenv("TMPDIR", str(temporary := tmp_path / "temporary"))
    temporary.mkdir()
    made = "from cxroi.files.locked import own_folder; open('made', 'w').write(str(own_folder()))"
    write(tmp_path / "a.ipynb", made, last)
    assert start(["run", "a.ipynb"], tmp_path).wait(timeout=60) == 1
    assert temporary in Path((tmp_path / "made").read_text()).parents
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(("workers", "given", "expected"), [(1, "", None), (2, "", 2), (2, "7", 7)])
def test_kernels_side_by_side_share_the_processors(tmp_path, monkeypatch, workers, given, expected):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    if given:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", given)
    source = write(tmp_path / "n.ipynb", "import os; print(os.environ['OPENBLAS_NUM_THREADS'])")
    node = execute_all([Job(source, {})], workers=workers)[0]
    printed = next(output.text for cell in node.cells for output in cell.get("outputs", ()))
    assert int(printed) == (expected or 4)


def test_notebooks_start_in_the_order_given_and_are_finished_as_they_end(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in "ba":
        write(tmp_path / f"{name}.ipynb", f"open('log', 'a').write('{name} runs, ')")

    def finish(job, node):
        assert node.metadata.papermill.end_time
        with Path("log").open("a") as log:
            log.write(f"{job.notebook.stem} ends, ")
        return job.notebook.stem

    jobs = [Job(tmp_path / f"{name}.ipynb") for name in "ba"]
    assert execute_all(jobs, workers=1, finish=finish) == ["b", "a"]
    assert Path("log").read_text() == "b runs, b ends, a runs, a ends, "


def test_a_cache_folder_that_cannot_be_used_is_told_once(tmp_path, monkeypatch):
    source = write(tmp_path / "n.ipynb", "open('ran', 'w')")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CXROI_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(OutputError, match="CXROI_CACHE=off") as refused:
        run_notebook(source, {}, tmp_path / "out.ipynb")
    assert str(refused.value).count("cache folder") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "n.ipynb"]


@pytest.mark.parametrize(("failures", "runs"), [(1, 2), (2, 2)])
def test_a_kernel_that_did_not_come_up_is_started_once_more(failures, runs, monkeypatch):
    tried = []

    def execute(job, kernels, on_cell):
        tried.append(job)
        if len(tried) <= failures:
            cause = RuntimeError("Kernel died before replying to kernel_info")
            raise module.NotebookError("the Python process ended") from cause
        return "executed"

    monkeypatch.setattr(module, "_execute", execute)
    if failures < runs:
        assert module._started("job", None, None) == "executed"
    else:
        with pytest.raises(module.NotebookError):
            module._started("job", None, None)
    assert len(tried) == runs


def test_a_notebook_that_failed_is_not_run_again(monkeypatch):
    tried = []

    def execute(job, kernels, on_cell):
        tried.append(job)
        raise module.NotebookError("a cell raised") from RuntimeError("Kernel died")

    monkeypatch.setattr(module, "_execute", execute)
    with pytest.raises(module.NotebookError):
        module._started("job", None, None)
    assert len(tried) == 1
