"""Folders locked by the process that works in them, so that those of dead ones can be told.

A process holds a lock on a file in each such folder; the system releases it however the process
ends. A folder whose lock nobody holds was left by one that was killed, and whoever makes the next
one beside it clears it away. A lock, not a process number: in containers the same number comes
back every time.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TextIO

LOCK = ".lock"
_YOUNG_SECONDS = 60.0  # a folder this young may be about to get its lock
_OWN = "cxroi-work-"
_RANDOM = r"[a-z0-9_]{8}"  # as `tempfile` has it


@contextmanager
def locked_folder(make: Callable[[], Path]) -> Iterator[Path]:
    """Yield the new folder that `make` makes, locked, and remove it when the block ends."""
    folder, lock = _made(make)
    try:
        with lock:
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def short_lived(prefix: str, parent: Path) -> AbstractContextManager[Path]:
    """Return a context with a new, locked folder in `parent` that only its owner can open."""
    return locked_folder(lambda: _private(prefix, parent))


def for_this_process(parent: Path | None = None) -> Path:
    """Make a folder that only its owner can open, and that goes when this process ends.

    Those go now that were left by processes which were killed.

    Parameters
    ----------
    parent
        Where to; the system's temporary folder when None.
    """
    clear_away(parent)
    process = os.getpid()
    folder, lock = _made(lambda: _private(_OWN, parent))

    def remove() -> None:
        if os.getpid() == process:  # and not in a child that was forked later
            lock.close()
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def own_folder() -> Path:
    """Return the folder of this process in the system's temporary folder."""
    return _own_folder(os.getpid(), tempfile.gettempdir())


@cache
def _own_folder(_process: int, _parent: str) -> Path:
    return for_this_process()


def clear_away(parent: Path | None = None, prefix: str = _OWN) -> None:
    """Remove the folders that processes left which were killed.

    Parameters
    ----------
    parent
        Where they lie; the system's temporary folder when None.
    """
    pattern = re.compile(re.escape(prefix) + _RANDOM)
    for folder in folders(parent or Path(tempfile.gettempdir()), pattern):
        remove_abandoned(folder)


def folders(parent: Path, name: re.Pattern[str]) -> list[Path]:
    """Return the folders of this user in `parent` whose whole name is like `name`."""
    found = []
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if name.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False) and _mine(entry):
                found.append(Path(entry.path))
    return found


def remove_abandoned(folder: Path) -> None:
    """Remove a folder unless a process works in it, or whether one does cannot be told."""
    with suppress(OSError):
        if (folder / LOCK).is_file():
            with (folder / LOCK).open("r+", encoding="utf-8") as lock:
                if _lock(lock, wait=False):
                    shutil.rmtree(folder, ignore_errors=True)
        elif time.time() - folder.stat().st_mtime > _YOUNG_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _private(prefix: str, parent: Path | None) -> Path:
    return Path(tempfile.mkdtemp(prefix=prefix, dir=parent))


def _made(make: Callable[[], Path]) -> tuple[Path, TextIO]:
    while True:
        folder = make()
        try:
            lock = (folder / LOCK).open("w", encoding="utf-8")
        except OSError:
            folder.rmdir()
            raise
        _lock(lock, wait=True)
        if (folder / LOCK).exists():
            return folder, lock
        lock.close()  # taken for abandoned before it was locked


def _mine(entry: os.DirEntry[str]) -> bool:
    return sys.platform == "win32" or entry.stat(follow_symlinks=False).st_uid == os.getuid()


def _lock(file: TextIO, *, wait: bool) -> bool:
    """Lock the file until it is closed; return whether that was possible."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True
