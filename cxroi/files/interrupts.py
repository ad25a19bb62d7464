"""Interrupts: statements that run in DuckDB are stopped by a signal, in whichever thread."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, TypeVar
from weakref import WeakSet

ENDING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
# Whoever ends a group of processes, such as `timeout` of a shell, sends the same signal twice.
_TWICE_SECONDS = 1.0
_AGAIN_SECONDS = 0.2


class _Connection(Protocol):
    def interrupt(self) -> None: ...


_Connected = TypeVar("_Connected", bound=_Connection)
_OPEN: WeakSet[_Connection] = WeakSet()


def interruptible(connection: _Connected) -> _Connected:
    """Return a connection to DuckDB, whose statements a signal stops from now on."""
    _OPEN.add(connection)
    return connection


@contextmanager
def heard_at_once() -> Iterator[None]:
    """Stop what runs in DuckDB as soon as an ending signal comes; end the process at a second.

    Python's own handlers run in the main thread, between two steps of Python: after a statement
    of minutes. A thread hears of a signal while one runs.
    """
    heard, told = socket.socketpair()
    told.setblocking(False)
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(heard,), daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        told.close()
        listener.join()


def _listen(heard: socket.socket) -> None:
    first = 0.0
    with heard:
        while True:
            try:
                numbers = heard.recv(4096)
            except TimeoutError:  # a statement that was about to begin missed the last one
                _interrupt_all()
                continue
            if not numbers:
                return
            ending = [number for number in numbers if number in ENDING]
            if ending and first and time.monotonic() - first > _TWICE_SECONDS:
                os._exit(128 + ending[-1])
            if ending and not first:
                first = time.monotonic()
                heard.settimeout(_AGAIN_SECONDS)
                _interrupt_all()


def _interrupt_all() -> None:
    with suppress(Exception):  # one was opened or closed meanwhile: soon again
        for connection in list(_OPEN):
            connection.interrupt()
