import os
import re
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from notebook_files import write

import cxroi
from cxroi.engine.engines import DuckDB
from cxroi.files import progress
from cxroi.files.progress import PLACE, UNKNOWN, ended, step, watched
from cxroi.reading.sources.connection import connect

ROOT = Path(cxroi.__file__).parents[1]
SHOWS = """
from cxroi.files.progress import cells, line
with line("Looking"):
    pass
with cells(4, "Report: 1 of 2 done, now b", done=1) as bar:
    bar.update()
    bar.set_description_str("Report: 2 of 2 done")
"""


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.delenv(PLACE, raising=False)


def test_a_bar_counts_what_has_ended(terminal, capsys):
    with ended(3, "Letters") as tick:
        for _ in range(3):
            tick()
    assert "Letters" in capsys.readouterr().err


@pytest.mark.parametrize(("what", "place"), [("", ""), ("Numbers", "off")])
def test_short_work_and_runs_without_a_reader_show_nothing(
    what, place, terminal, monkeypatch, capsys
):
    monkeypatch.setenv(PLACE, place)
    with ended(2, what) as tick:
        tick()
    assert capsys.readouterr().err == ""


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", 0.02)


def going(*shares):
    """What is asked how far it is: these, and the last of them from then on."""
    left, over = list(shares), threading.Event()

    def share():
        if len(left) == 1:
            over.set()
            return left[0]
        return left.pop(0)

    return share, over


def test_long_work_says_how_far_it_is_and_how_long_it_will_take(terminal, impatient, capsys):
    share, over = going(-1.0, 10.0, 50.0, 5.0, 50.0)
    with step("Cleaning orders", 2_000_000), watched(share):
        assert over.wait(10)
    said = capsys.readouterr().err
    assert "Cleaning orders:  50% of 2,000,000 rows" in said
    assert " left" in said
    said = said[said.index("50%") :]
    assert "5% of" in said  # the next statement of the step begins anew
    share, over = going(7.0)
    with watched(share, "Reading orders", UNKNOWN):
        assert over.wait(10)
        threading.Event().wait(0.1)
    said = capsys.readouterr().err
    assert "Reading orders:   7%" in said
    assert "rows" not in said


def test_what_a_thread_runs_is_shown_though_it_knows_of_no_step(terminal, impatient, capsys):
    share, over = going(7.0)

    def work():
        with watched(share):
            assert over.wait(10)
            threading.Event().wait(0.1)

    with step("Summing", 2_000_000):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert "Working:   7%" in capsys.readouterr().err


def test_a_connection_that_cannot_be_asked_ends_no_run(terminal, impatient):
    asked = threading.Event()

    def share():
        asked.set()
        raise RuntimeError("closed")

    with watched(share, "Reading", UNKNOWN):
        assert asked.wait(10)


def test_short_work_starts_no_bar_and_nobody_looking_no_thread(terminal, monkeypatch, capsys):
    with watched(lambda: pytest.fail("asked"), "Short", UNKNOWN):
        pass
    monkeypatch.setattr(progress, "_PATIENCE_SECONDS", 0)
    with watched(lambda: pytest.fail("asked"), "Small", 999_999):
        threading.Event().wait(0.05)
    monkeypatch.setenv(PLACE, "off")
    with watched(lambda: pytest.fail("asked"), "Unseen", UNKNOWN):
        assert len([t for t in threading.enumerate() if "_follow" in t.name]) == 0
    assert capsys.readouterr().err == ""


def test_duckdb_says_how_far_a_statement_is(terminal, impatient, capsys):
    with connect() as connection, step("Counting", 1_000_000):
        engine = DuckDB(connection)
        engine.execute("CREATE TABLE t AS SELECT i FROM range(1000000) AS t(i)")
        assert engine.fetch("SELECT count(DISTINCT md5(i::VARCHAR)) FROM t") == [(1_000_000,)]
    said = re.findall(r"Counting: +(\d+)% of 1,000,000 rows", capsys.readouterr().err)
    assert any(0 < int(share) < 100 for share in said)


def seen(arguments, folder, columns):
    """Return what a program writes to stderr on a terminal so wide, and to stdout."""
    fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")
    ours, its = os.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24 if columns else 0, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in (PLACE, "COLUMNS")}
    done = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=its,
        text=True,
    )
    os.close(its)
    shown = b""
    try:
        while part := os.read(ours, 10_000):
            shown += part
    except OSError:  # Linux says so when the other side is closed
        pass
    os.close(ours)
    return shown.decode(), done.communicate(timeout=60)[0]


@pytest.mark.parametrize("columns", [80, 0])
def test_a_terminal_shows_what_runs_even_one_that_tells_no_width(columns, tmp_path):
    shown, _ = seen(["-c", SHOWS], tmp_path, columns)
    assert "Looking ..." in shown
    assert "Report: 1 of 2 done, now b" in shown
    assert "2/4 cells" in shown
    assert shown.endswith("\r")  # nothing is left behind
    assert max(len(part) for part in shown.split("\r")) <= 80


def test_the_clock_of_a_bar_over_cells_goes_on_while_none_ends(tmp_path):
    waits = "import time; from cxroi.files.progress import cells\n"
    waits += "with cells(4, 'Report'): time.sleep(2.5)"
    shown, _ = seen(["-c", waits], tmp_path, 80)
    assert "0/4 cells, 00:00" in shown
    assert "0/4 cells, 00:01" in shown


def test_a_log_stays_empty(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SHOWS],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"", b"")


def test_a_notebook_that_runs_shows_its_cells(tmp_path):
    write(tmp_path / "n.ipynb", "print(1)", "print(2)")
    shown, said = seen(["-m", "cxroi", "run", "n.ipynb", "--out", "o.ipynb"], tmp_path, 80)
    assert "n " in shown
    assert "0/4 cells" in shown or "1/4 cells" in shown
    assert said == "o.ipynb\n"
