"""A PostgreSQL that lives as long as the tests; skipped, with the reason, where none starts."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SECONDS = 20  # that either program may take, after which there is no server


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a throwaway PostgreSQL, and yield its URI."""
    initdb, as_user = _program(), _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="cxroi-postgres-"))
    folder.chmod(0o777)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    options += " -c fsync=off -c shared_buffers=16MB"
    control = [*as_user, str(Path(initdb).parent / "pg_ctl"), "-D", str(data), "-w"]
    setup = [*as_user, initdb, "-D", str(data), "-U", "tester", "--auth=trust", "-N"]
    start = [*control, "-l", str(folder / "log"), "-o", options, "start"]
    try:
        for step in ([*setup, "--no-instructions"], start):
            _done(step, folder)
        yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    finally:
        stop = [*control, "-m", "immediate", "stop"]
        subprocess.run(stop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


def _done(step: list[str], folder: Path) -> None:
    """Take a step; its output goes to a file, since a server would hold a pipe open."""
    with (folder / "said").open("w+b") as said:
        try:
            code = subprocess.run(
                step, cwd=folder, stdout=said, stderr=said, timeout=SECONDS, check=False
            ).returncode
        except (OSError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"PostgreSQL cannot be started: {error}")
        if code:
            said.seek(0)
            pytest.skip(f"PostgreSQL cannot be started: {said.read().decode(errors='replace')}")


def _program() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(found[-1]) if found else shutil.which("initdb")
    return str(Path(initdb).resolve()) if initdb else pytest.skip("there is no initdb")


def _unprivileged() -> list[str]:
    import pwd

    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user 'postgres'")
    if not shutil.which("setpriv"):
        pytest.skip("PostgreSQL does not run as root, and setpriv is not installed")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
