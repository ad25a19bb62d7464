"""A standalone cluster on this machine: a master and workers, each a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
DEPLOY = "org.apache.spark.deploy"
# Every Java here runs for a minute: compiling its code thoroughly would not pay.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@dataclass
class Cluster:
    """A standalone cluster of Spark, started from the pip package."""

    folder: Path
    port: int = field(default_factory=lambda: _free_port())
    web_port: int = field(default_factory=lambda: _free_port())
    master: subprocess.Popen | None = None
    workers: list[subprocess.Popen] = field(default_factory=list)

    def __enter__(self):
        try:
            self.start(workers=2)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def address(self):
        return f"spark://{HOST}:{self.port}"

    def start(self, workers):
        self.master = self._launch(
            f"{DEPLOY}.master.Master",
            *("--host", HOST, "--port", self.port, "--webui-port", self.web_port),
        )
        for _ in range(workers):
            self.add_worker()
        self.wait_for(workers)

    def add_worker(self):
        work = self.folder / f"worker {len(self.workers)}"
        self.workers.append(
            self._launch(
                f"{DEPLOY}.worker.Worker",
                *(self.address, "--host", HOST, "--cores", 1, "--memory", "1g"),
                *("--work-dir", work, "--webui-port", 0),
            )
        )

    def kill_worker(self):
        """Kill a worker and what it runs, as if its machine had lost power."""
        _kill(self.workers.pop(0))

    def alive(self):
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.web_port}/json/", timeout=5) as page:
                return json.load(page)["aliveworkers"]
        except OSError:
            return 0

    def wait_for(self, workers, seconds=60):
        end = time.monotonic() + seconds
        while self.alive() != workers:
            if time.monotonic() > end:
                raise RuntimeError(f"{self.alive()} of {workers} workers came: {self.folder}")
            time.sleep(0.2)

    def stop(self):
        for process in [*self.workers, self.master]:
            if process is not None:
                _kill(process)

    def _launch(self, *arguments):
        import pyspark

        home = Path(pyspark.__file__).parent
        env = {
            **os.environ,
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": HOST,
            "PYSPARK_PYTHON": sys.executable,
        }
        with (self.folder / "cluster.log").open("ab") as log:
            return subprocess.Popen(
                [str(home / "bin" / "spark-class"), *map(str, arguments)],
                env=env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _kill(process):
    """Kill a process with its children: they are a group of their own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _free_port():
    with socket.socket() as one:
        one.bind((HOST, 0))
        return one.getsockname()[1]
