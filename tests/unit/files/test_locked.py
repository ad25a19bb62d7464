"""What a process leaves that was killed goes with the next one; what a living one has stays."""

import os
import shutil
import subprocess
import sys
import time

import pytest
from processes import ROOT

from cxroi.errors import DataError
from cxroi.files import cache, locked
from cxroi.files.locked import LOCK, clear_away, for_this_process, locked_folder
from cxroi.files.outputs import complete_file, complete_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no locks on Windows")

OWN = frozenset({"a"})
OLD = 1_000_000_000


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def other(tmp_path):
    """Start a process that says when it has done something, and then waits."""
    started = []

    def start(code, **settings):
        lines = ["import sys", "from pathlib import Path", code, "print(flush=True)", "input()"]
        process = subprocess.Popen(
            [sys.executable, "-c", "\n".join(lines)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def begin_next(place):
    """Begin an output of another name, and fail."""

    def half():
        with complete_folder(place / "another", OWN, force=False):
            raise DataError("x")

    with pytest.raises(DataError):
        half()


def begin_next_file(place):
    with complete_file(place / "another.html", force=False) as partial:
        partial.write_text("done")
    (place / "another.html").unlink()


def look_into_the_cache(place):
    cache._clear_away.cache_clear()  # as in a new process
    cache.folder()


FOLDER = (
    "from cxroi.files.outputs import complete_folder\n"
    "made = complete_folder(Path('r').absolute(), frozenset(), False)\n"
    "(made.__enter__() / 'x').write_text('half')"
)
FILE = (
    "from cxroi.files.outputs import complete_file\n"
    "made = complete_file(Path('r.ipynb').absolute(), False)\n"
    "made.__enter__().write_text('half')"
)
PROCESS = "from cxroi.files.locked import own_folder\n(own_folder() / 'x').write_text('half')"
KEPT = (
    "import threading, time\n"
    "from cxroi.files import cache\n"
    "begun = threading.Event()\n"
    "def write(path): path.write_text('half'); begun.set(); time.sleep(300)\n"
    "threading.Thread(target=cache.keep_written, args=('k', write), daemon=True).start()\n"
    "begun.wait()"
)


@pytest.mark.parametrize(
    ("code", "inside", "following"),
    [
        (FOLDER, "x", begin_next),
        (FOLDER, "x", begin_next_file),
        (FILE, "r.ipynb", begin_next),
        (PROCESS, "x", clear_away),
        (PROCESS, "x", begin_next),
        (KEPT, "entry", look_into_the_cache),
    ],
)
def test_the_next_run_clears_what_a_dead_one_left_and_nothing_of_a_living_one(
    tmp_path, monkeypatch, other, code, inside, following
):
    monkeypatch.setenv("CXROI_CACHE", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "entries").mkdir(mode=0o700)
    killed = other(code, TMPDIR=str(tmp_path), CXROI_CACHE=str(tmp_path))
    living = other(code, TMPDIR=str(tmp_path), CXROI_CACHE=str(tmp_path))
    assert len(list(tmp_path.rglob(inside))) == 2
    following(tmp_path)
    assert len(list(tmp_path.rglob(inside))) == 2
    killed.kill()
    killed.wait()
    following(tmp_path)
    assert len(list(tmp_path.rglob(inside))) == 1
    living.kill()
    living.wait()
    following(tmp_path)
    assert names(tmp_path) == ["entries"]
    assert names(tmp_path / "entries") == []


def test_the_folder_of_a_process_goes_with_it_and_not_with_a_child(tmp_path, other):
    code = PROCESS + "\nimport os, sys\nchild = os.fork()\nif not child: sys.exit()\nos.wait()"
    process = other(code, TMPDIR=str(tmp_path))
    [folder] = tmp_path.iterdir()
    assert names(folder) == [LOCK, "x"]
    assert folder.stat().st_mode & 0o077 == 0
    process.communicate("\n", timeout=30)
    assert process.returncode == 0
    assert names(tmp_path) == []


SPILLED = (
    "from cxroi.reading.sources.connection import connect\n"
    "held = connect('40MB')\n"
    "held.execute('CREATE TABLE t AS SELECT md5(i::VARCHAR) AS s FROM range(2000000) AS r(i)')"
)
STAGED = (
    "from cxroi.engine.spark import _folder\n(_folder(None) / 'orders.parquet').write_text('rows')"
)


@pytest.mark.parametrize(
    ("code", "inside"), [(SPILLED, "duckdb_temp*.tmp"), (STAGED, "orders.parquet")]
)
def test_what_is_spilled_or_handed_to_spark_goes_with_the_process(tmp_path, other, code, inside):
    """Field cases spilled_customer_data_left_in_tmp, spark_leaves_parquet."""
    process = other(code, TMPDIR=str(tmp_path))
    [folder] = tmp_path.iterdir()
    assert list(folder.rglob(inside))
    assert folder.stat().st_mode & 0o777 == 0o700
    process.communicate("\n", timeout=30)
    assert process.returncode == 0
    assert names(tmp_path) == []


def test_a_folder_taken_for_abandoned_before_its_lock_is_made_anew(tmp_path, monkeypatch):
    tries = iter(("first", "second"))
    lock = locked._lock

    def late(file, *, wait):
        if (tmp_path / "first").exists():
            shutil.rmtree(tmp_path / "first")  # by a run that looked just now
        return lock(file, wait=wait)

    def make():
        folder = tmp_path / next(tries)
        folder.mkdir()
        return folder

    monkeypatch.setattr(locked, "_lock", late)
    with locked_folder(make) as folder:
        assert folder.name == "second"
        assert names(tmp_path) == ["second"]
    assert names(tmp_path) == []


def test_what_others_made_stays(tmp_path):
    kept = ["cxroi-work-mine", "cxroi-work-report_2026", "cxroi-12345678", ".r.partial-1-1"]
    kept.append(".partial-x")
    for name in kept:
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis").write_text("mine")
        os.utime(tmp_path / name, (OLD, OLD))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / LOCK).touch()
    (tmp_path / "cxroi-work-abcdefgh").symlink_to(tmp_path / "elsewhere")
    clear_away(tmp_path)
    clear_away(tmp_path, ".partial-")
    begin_next(tmp_path)
    assert names(tmp_path) == sorted([*kept, "elsewhere", "cxroi-work-abcdefgh"])
    assert (tmp_path / "elsewhere" / LOCK).exists()


def test_one_killed_before_its_lock_goes_once_it_is_no_longer_young(tmp_path):
    folder = tmp_path / "cxroi-work-abcdefgh"
    folder.mkdir()
    clear_away(tmp_path)
    assert folder.exists()
    os.utime(folder, (time.time() - 61,) * 2)
    clear_away(tmp_path)
    assert not folder.exists()


def test_a_folder_for_this_process_clears_its_place(tmp_path):
    (tmp_path / "cxroi-work-abcdefgh").mkdir()
    (tmp_path / "cxroi-work-abcdefgh" / LOCK).touch()
    made = for_this_process(tmp_path)
    assert list(tmp_path.iterdir()) == [made]
    clear_away(tmp_path)
    assert list(tmp_path.iterdir()) == [made]
    shutil.rmtree(made)


def test_another_output_that_was_cut_short_while_replaced_comes_back(tmp_path):
    """After the time that a living run may need for the two renames."""
    number = time.time_ns()
    cut, replaced = tmp_path / f".r.before-1-{number}", tmp_path / f".s.before-1-{number}"
    for folder in (cut, replaced, tmp_path / "s"):
        folder.mkdir()
    begin_next(tmp_path)
    assert names(tmp_path) == [cut.name, "s"]
    later = time.time() + 61
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: later)
        begin_next(tmp_path)
    assert names(tmp_path) == ["r", "s"]
