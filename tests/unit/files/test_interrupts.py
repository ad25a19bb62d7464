"""Signals stop what runs in DuckDB at once; a second one ends the process."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from cxroi.cli import main as cli
from cxroi.engine.engines import DuckDB
from cxroi.files.interrupts import heard_at_once, interruptible
from cxroi.reading.sources.connection import connect

# Of half a minute. DuckDB looks for signals in some statements, and in others not.
LONG = (
    "SELECT count_if(regexp_full_match((a.range * b.range)::VARCHAR, '[0-9a-z]+')) "
    "FROM range(1000000) AS a, range(300) AS b"
)
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


@pytest.fixture(autouse=True)
def heard():
    """Undo that signals are ignored, as a shell has it in what it runs in the background."""
    numbers = [getattr(signal, name) for name in SIGNALS]
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, usual)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_ends_a_statement_with_its_own_exit_code(monkeypatch, capsys, name):
    """Field case signal_in_a_query."""
    number = getattr(signal, name)

    def read(*_):
        with connect("500MB") as connection:
            session = DuckDB(connection).own_session()
            threading.Timer(0.2, os.kill, [os.getpid(), number]).start()
            session.fetch(LONG)

    monkeypatch.setattr("cxroi.reading.whole_study.read_study", read)
    assert cli.main(["check", "study.toml"]) == 128 + number
    assert "no output was left" in capsys.readouterr().err


def test_connections_hear_of_a_signal_while_the_main_thread_is_in_a_library():
    class Connection:
        heard = 0.0

        def interrupt(self):
            self.heard = self.heard or time.monotonic()

    connection, over = interruptible(Connection()), []

    def work():
        try:  # about a second in C, in which no handler of Python runs
            hashlib.pbkdf2_hmac("sha256", b"", b"", 1_500_000)
        finally:
            over.append(time.monotonic())

    threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt), heard_at_once():
        work()
    assert 0 < connection.heard < over[0] - 0.2


SLOW = """
import sys, time
from cxroi.cli import main as cli
def clean_up(options):
    try:
        print("begun", flush=True)
        time.sleep(60)
    finally:
        print("cleaning up", flush=True)
        time.sleep({seconds})
        print("clean", flush=True)
cli._COMMANDS["check"] = clean_up
sys.exit(cli.main(["check", "study.toml"]))
"""


@pytest.mark.parametrize(("seconds", "wait", "rest"), [(60, 1.2, ""), (0.5, 0, "clean\n")])
def test_a_second_signal_ends_at_once_unless_it_comes_with_the_first(seconds, wait, rest):
    command = [sys.executable, "-c", SLOW.format(seconds=seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "begun\n"
        process.terminate()
        assert process.stdout.readline() == "cleaning up\n"
        time.sleep(wait)
        process.terminate()
        assert process.communicate(timeout=20)[0] == rest
    assert process.returncode == 143


LOADING = """
import os, runpy, signal, sys
class Interrupts:
    def find_spec(self, name, *_):
        if name == "cxroi.cli.main":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupts())
runpy.run_module("cxroi", run_name="__main__")
"""


def test_an_interrupt_while_modules_are_loaded_ends_the_process_without_a_traceback():
    command = [sys.executable, "-c", LOADING]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")
