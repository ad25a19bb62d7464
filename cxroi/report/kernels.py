"""The kernels of a run: this interpreter, its share of the processors, stopped all together."""

from __future__ import annotations

import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from ..files import memory
from ..files.locked import own_folder
from ..files.progress import PLACE

WORKERS = 2
_KILLED = (-9, 137)  # by SIGKILL, as Python says it and as a shell does
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def leave_processors() -> None:
    """Leave a processor to each kernel that runs beside this process, if it has not begun to count.

    More threads than processors wait for one another.
    """
    if "numpy" not in sys.modules:  # which looks when it is loaded
        left = str(max(1, (os.cpu_count() or 1) - WORKERS))
        os.environ.update({name: left for name in THREADS if name not in os.environ})


class Kernels:
    """The kernels that run now, so that a stop reaches every one of them."""

    def __init__(
        self, workers: int = 1, environment: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        # Side by side, each takes its share of the processors: more threads only wait.
        share = str(max(1, (os.cpu_count() or 1) // workers))
        self.given = dict.fromkeys(THREADS, share) | {PLACE: "off"}
        self.forced = dict(environment)
        self._lock = threading.Lock()
        self._processes: list[Any] = []
        self._stopped = False

    def refuse_when_stopped(self) -> None:
        """Raise where the run was stopped: a kernel that starts now would outlive it."""
        if self._stopped:
            raise RuntimeError("the run was stopped")

    def add(self, process: Any) -> None:
        """Take in a kernel that was started."""
        if process is None:  # a provisioner that runs kernels elsewhere
            return
        with self._lock:
            self._processes.append(process)
            late = self._stopped
        if late:
            self.stop()

    def stop(self) -> None:
        """Kill the kernels that are left, with whatever they have started."""
        with self._lock:
            self._stopped = True
            left, self._processes = self._processes, []
        for process in left:
            if process.poll() is None:
                with suppress(OSError):
                    _kill(process.pid)


def _kill(pid: int) -> None:
    if sys.platform == "win32":
        os.kill(pid, signal.SIGTERM)
    else:
        os.killpg(pid, signal.SIGKILL)  # a kernel leads a session of its own


def how_it_ended(process: Any) -> str:
    """Return why a kernel ended before its notebook did, as far as its exit code says.

    Where memory runs out, Linux sends SIGKILL to whoever holds most, which says nothing more.
    """
    code = None if process is None else process.poll()
    if code not in _KILLED:
        return (
            "the Python process of the notebook ended before the notebook did"
            f"{'' if code is None else f' (exit code {code})'}. Most often memory ran out: free "
            "some, or take a shorter period"
        )
    most, there = memory.taken_by_children(), memory.allowed()
    used = f", after the processes of the run had taken up to {memory.shown(most)}" if most else ""
    limit = f" of the {memory.shown(there)} there are" if used and there else ""
    return (
        "the system killed the Python process of the notebook (signal 9), as it does where memory "
        f'runs out{used}{limit}. Set memory_limit under [study] of the study file, such as "1GB", '
        "so that more is spilled to disk; take a shorter period; or free memory"
    )


def manager_class(
    kernels: Kernels, begun: Callable[[Any], object] = lambda process: None
) -> type[Any]:
    """Return a kernel manager that starts this interpreter and reports to `kernels`.

    Parameters
    ----------
    begun
        Called with the process of a kernel that has started.
    """
    import zmq
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import default

    class ThisInterpreter(AsyncKernelManager):
        @default("kernel_spec_manager")
        def _only_the_native_kernel(self) -> Any:
            return KernelSpecManager(kernel_dirs=[])

        @default("transport_encryption")
        def _encrypt_where_possible(self) -> str:
            return "auto" if zmq.has("curve") else "disabled"

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            kernels.refuse_when_stopped()
            self.connection_file = str(own_folder() / f"{uuid.uuid4().hex}.json")  # keys are in it
            options["env"] = kernels.given | (options.get("env") or os.environ) | kernels.forced
            await super().start_kernel(**options)
            process = getattr(self.provisioner, "process", None)
            begun(process)
            kernels.add(process)

    return ThisInterpreter
