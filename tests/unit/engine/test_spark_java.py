"""Java beside this process; Spark itself is in tests/spark."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cxroi.engine import spark_java
from cxroi.files.locked import own_folder

ENDLESS = [sys.executable, "-c", "import time; time.sleep(300)"]


@pytest.fixture
def java_gateway(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return pytest.importorskip("pyspark.java_gateway")


def test_java_is_ended_where_its_start_is_interrupted(java_gateway, tmp_path, monkeypatch):
    started, made = [], []

    def launch_gateway(_conf, output):
        made.append(Path(tempfile.mkdtemp()))
        started.append(java_gateway.Popen(ENDLESS, stdin=subprocess.PIPE, **output))
        raise KeyboardInterrupt

    usual = java_gateway.Popen
    monkeypatch.setattr(java_gateway, "launch_gateway", launch_gateway)
    with pytest.raises(KeyboardInterrupt):
        spark_java.launched(None, tmp_path / "spark.log")
    assert [process.poll() for process in started] == [-signal.SIGKILL]
    # What a kill leaves there the next run clears away.
    assert [path.parent for path in made] == [own_folder()]
    assert (java_gateway.Popen, tempfile.gettempdir()) == (usual, str(tmp_path))


@pytest.mark.parametrize(("code", "end"), [("import sys; sys.stdin.read()", 0), ("", -9)])
def test_java_ends_before_this_process_does(java_gateway, tmp_path, monkeypatch, code, end):
    at_exit, command = [], [sys.executable, "-c", code] if code else ENDLESS

    def launch_gateway(_conf, output):
        return java_gateway.Popen(command, stdin=subprocess.PIPE, **output)

    monkeypatch.setattr(java_gateway, "launch_gateway", launch_gateway)
    monkeypatch.setattr("atexit.register", lambda *call: at_exit.append(call))
    monkeypatch.setattr(spark_java, "_PATIENCE_SECONDS", 0.3 if end else 20.0)
    process = spark_java.launched(None, tmp_path / "spark.log")
    assert process.poll() is None
    for call, *values in reversed(at_exit):
        call(*values)
        assert process.poll() == end  # the first of them, while its folder is still there
        break


@pytest.mark.parametrize("ours", [True, False])
def test_the_handler_of_a_command_stays_and_that_of_a_notebook_gives_way(ours):
    def handler(*_):
        pass

    def pysparks(*_):
        pass

    before = signal.signal(signal.SIGINT, handler if ours else signal.default_int_handler)
    try:
        with spark_java.own_interrupts():
            signal.signal(signal.SIGINT, pysparks)
        assert signal.getsignal(signal.SIGINT) is (handler if ours else pysparks)
    finally:
        signal.signal(signal.SIGINT, before)
