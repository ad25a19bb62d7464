"""Output files and folders that appear whole, in one rename, or not at all.

They are made under a hidden name beside the final one. What runs left there that were killed,
under whatever name, the next run clears away.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError
from .locked import LOCK, clear_away, folders, locked_folder, remove_abandoned

_PARTIAL = re.compile(r"\..+\.partial-\d+-\d{15,}")
_BEFORE = re.compile(r"\..+\.before-\d+-\d{15,}")
_SWAP_SECONDS = 60.0  # longer than the two renames of a replacement take


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
    _clear_away(out)
    refuse_occupied(out, own, force)
    with _partial(out) as partial:
        yield partial
        refuse_occupied(out, own, force)
        (partial / LOCK).unlink()
        _swap(partial, out)


@contextmanager
def complete_file(out: Path, force: bool) -> Iterator[Path]:
    """Yield a hidden name beside `out`, whose file takes the place of `out` if all goes well.

    Raises
    ------
    OutputError
        `out` exists and `force` is not set, or the file system refuses.
    """
    _clear_away(out)
    with _partial(out) as partial:
        yield partial / out.name
        if out.exists() and not force:
            raise OutputError(f"{out.name} came into being during the run", "no such file")
        (partial / out.name).replace(out)


@contextmanager
def _partial(out: Path) -> Iterator[Path]:
    """Yield a hidden, locked folder beside `out` that is gone when the block ends."""

    def new() -> Path:
        partial = out.with_name(f".{out.name}.partial-{os.getpid()}-{time.time_ns()}")
        partial.mkdir()
        return partial

    try:
        with locked_folder(new) as partial:
            yield partial
    except OSError as error:
        raise OutputError(f"{out.name} cannot be written ({error.strerror or error})") from error


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
    """Remove what killed runs left; undo a replacement that was cut short."""
    clear_away()
    for before in folders(out.parent, _BEFORE):
        stands = before.with_name(before.name.removeprefix(".").rpartition(".before-")[0])
        if stands.exists():
            shutil.rmtree(before, ignore_errors=True)
        elif stands == out or time.time() - before.stat().st_ctime > _SWAP_SECONDS:
            before.rename(stands)
    for partial in folders(out.parent, _PARTIAL):
        remove_abandoned(partial)
