"""Java beside this process: started for PySpark, and ended before this process ends.

What Java writes lies in a folder that goes with this process; were it to live a moment longer, it
would make that folder anew.
"""

from __future__ import annotations

import atexit
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files.locked import own_folder

if TYPE_CHECKING:
    from py4j.java_gateway import JavaGateway
    from pyspark import SparkConf

_PATIENCE_SECONDS = 10.0  # for its goodbye to a cluster


def launched(conf: SparkConf, log: Path) -> JavaGateway:
    """Start Java; it ends at once if this is interrupted, and else with this process.

    Parameters
    ----------
    log
        The file to which its messages go.
    """
    java_gateway: Any = import_module("pyspark.java_gateway")
    started: list[subprocess.Popen[bytes]] = []

    def start(*command: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(*command, **options))  # noqa: S603 - of PySpark
        return started[-1]

    usual, java_gateway.Popen = java_gateway.Popen, start
    try:
        with log.open("wb") as file, _temporary_files_in(own_folder()):
            output = {"stdout": file, "stderr": file}
            gateway: JavaGateway = java_gateway.launch_gateway(conf, output)
    except BaseException:
        for process in started:
            _end(process, 0.0)
        raise
    finally:
        java_gateway.Popen = usual
    for process in started:
        atexit.register(_end, process, _PATIENCE_SECONDS)
    return gateway


@contextmanager
def own_interrupts() -> Iterator[None]:
    """Keep the handler of interrupts, where one is set, in place of the one PySpark sets.

    A command enters an interrupt, to tell of it and for its exit code; PySpark's cancels its jobs
    and raises, which a notebook needs and a command takes for failed jobs.
    """
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        own = before not in (None, signal.default_int_handler)
        if own and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Put there what PySpark hands Java its secret in, and leaves if it is killed meanwhile."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _end(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Let Java end by itself, which it does when its input ends, and kill it if it does not."""
    if process.stdin:
        with suppress(OSError):
            process.stdin.close()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
