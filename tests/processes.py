"""Commands of the package run in processes of their own, for the tests that stop them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import cxroi

ROOT = Path(cxroi.__file__).parents[1]


def start(arguments, folder):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "cxroi", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path, seconds=60):
    until = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < until, f"{path.name} did not come"
        time.sleep(0.05)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return b"\0" in Path(f"/proc/{pid}/cmdline").read_bytes()  # a zombie has none
