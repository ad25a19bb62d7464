"""Output files and folders that appear whole, in one rename, or not at all.

They are made under a hidden name beside the final one. A process that works in such a folder
holds a lock in it; a folder whose lock nobody holds was left by one that was killed, and the
next run clears it away. A lock, not a process number: in containers the same number comes back
every time.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from ..errors import OutputError

_LOCK = ".lock"
_YOUNG_SECONDS = 60.0  # a folder this young may be about to get its lock


def refuse_occupied(out: Path, own: frozenset[str], force: bool) -> None:
    """Raise `OutputError` unless a folder may be made at `out`.

    Parameters
    ----------
    own
        Names of what cxroi itself writes there: with `force` a folder that holds these and
        nothing else is replaced, any other never.
    """
    if not out.parent.is_dir():
        raise OutputError(
            f"the folder {out.parent.name!r}, in which {out.name!r} shall lie, does not exist"
        )
    if out.resolve() in (Path.cwd().resolve(), *Path.cwd().resolve().parents):
        raise OutputError("the output is the working directory or above it", "a folder of its own")
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise OutputError(f"{out.name} is a file or a link", "a new folder", "Name another --out")
    if not out.is_dir() or not any(out.iterdir()):
        return
    if not force:
        raise OutputError(
            f"{out.name} exists", fix="Name another --out, or replace it with --force"
        )
    foreign = sum(path.name not in own for path in out.iterdir())
    if foreign:
        raise OutputError(
            f"{out.name} holds {foreign} files or folders that cxroi did not write",
            "an earlier output and nothing else, for --force deletes it",
            "Name another --out, or move them away",
        )


@contextmanager
def complete_folder(out: Path, own: frozenset[str], force: bool) -> Iterator[Path]:
    """Yield a hidden folder that takes the place of `out` when the block ends well.

    An earlier folder stands until then. A block that fails leaves nothing behind.

    Raises
    ------
    OutputError
        `out` may not be replaced, or the file system refuses.
    """
    refuse_occupied(out, own, force)
    _clear_away(out)
    partial = out.with_name(f".{out.name}.partial-{os.getpid()}-{time.time_ns()}")
    try:
        partial.mkdir()
        with (partial / _LOCK).open("w", encoding="utf-8") as lock:
            _lock(lock)
            yield partial
            refuse_occupied(out, own, force)
            (partial / _LOCK).unlink()
            _swap(partial, out)
    except OSError as error:
        raise OutputError(f"{out.name} cannot be written ({error.strerror or error})") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def complete_file(out: Path, force: bool) -> Iterator[Path]:
    """Yield a hidden name beside `out`, whose file takes the place of `out` if all goes well.

    Raises
    ------
    OutputError
        `out` exists and `force` is not set, or the file system refuses.
    """
    partial = out.with_name(f".{out.name}.partial-{os.getpid()}")
    try:
        yield partial
        if out.exists() and not force:
            raise OutputError(f"{out.name} came into being during the run", "no such file")
        partial.replace(out)
    except OSError as error:
        raise OutputError(f"{out.name} cannot be written ({error.strerror})") from error
    finally:
        partial.unlink(missing_ok=True)


def _swap(partial: Path, out: Path) -> None:
    """Put `partial` in the place of `out`; whatever fails, one of the two stands there."""
    before = out.with_name(f".{out.name}.before-{os.getpid()}-{time.time_ns()}")
    try:
        if out.exists():
            out.rename(before)
        partial.rename(out)
    finally:
        if before.exists() and not out.exists():
            before.rename(out)
        shutil.rmtree(before, ignore_errors=True)


def _clear_away(out: Path) -> None:
    """Remove what killed runs left; bring back a folder whose replacement was cut short."""
    for before in out.parent.glob(f".{_literal(out.name)}.before-*"):
        if out.exists():
            shutil.rmtree(before, ignore_errors=True)
        else:
            before.rename(out)
    for partial in out.parent.glob(f".{_literal(out.name)}.partial-*"):
        if partial.is_dir() and _abandoned(partial):
            shutil.rmtree(partial, ignore_errors=True)


def _literal(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def _abandoned(partial: Path) -> bool:
    with suppress(OSError):
        if not (partial / _LOCK).is_file():
            return time.time() - partial.stat().st_mtime > _YOUNG_SECONDS
        with (partial / _LOCK).open("r+", encoding="utf-8") as lock:
            return _lock(lock)
    return False


def _lock(file: TextIO) -> bool:
    """Lock the file until it is closed; return whether that was possible."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
