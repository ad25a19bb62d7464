"""A bar for work that takes long, in a terminal or in JupyterLab; none where nobody looks on."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

# Set to `off` for the notebooks of a report, whose output is kept.
PLACE = "CXROI_PROGRESS"


# Statements that take less time than this, or go through fewer rows, show nothing.
_PATIENCE_SECONDS, MANY_ROWS = 1.0, 1_000_000
UNKNOWN = -1  # rows: many, but not counted yet
# Threads begin without the step of whoever started them: what they run is shown if it takes long.
_STEP: ContextVar[tuple[str, int]] = ContextVar("step", default=("Working", UNKNOWN))


def looked_at() -> bool:
    """Return whether somebody looks on: in a terminal, or in a notebook that is open."""
    watched = sys.stderr.isatty() or "ipykernel" in sys.modules
    return watched and os.environ.get(PLACE) != "off"


@contextmanager
def step(what: str, rows: int) -> Iterator[None]:
    """Name what statements inside do, and how many rows they go through."""
    before = _STEP.set((what, rows))
    try:
        yield
    finally:
        _STEP.reset(before)


@contextmanager
def watched(share: Callable[[], float], what: str = "", rows: int = 0) -> Iterator[None]:
    """Show how far the statement that runs inside is, and how long it will take, if it is long.

    Parameters
    ----------
    share
        Returns the percentage of the statement that is done, asked from another thread; less
        than 0 where it is not known.
    what, rows
        What it does, and how many rows it goes through; as `step` says when empty.
    """
    what, rows = (what, rows) if what else _STEP.get()
    if not looked_at() or (rows < MANY_ROWS and rows != UNKNOWN):
        yield
        return
    over = threading.Event()
    follower = threading.Thread(target=_follow, args=(share, over, what, rows), daemon=True)
    follower.start()
    try:
        yield
    finally:
        over.set()
        follower.join()


def _follow(share: Callable[[], float], over: threading.Event, what: str, rows: int) -> None:
    if over.wait(_PATIENCE_SECONDS):
        return
    form = "{desc}: {percentage:3.0f}% {bar} {elapsed}, {remaining} left"
    form = form.replace("% ", "% of {total:,} rows ") if rows > 0 else form
    from tqdm import tqdm

    with tqdm(
        total=rows if rows > 0 else 100, desc=what, bar_format=form, leave=False, **_size()
    ) as bar:
        while not over.wait(_PATIENCE_SECONDS / 4):
            with suppress(Exception):  # of a connection that is busy or closed: a bar ends no run
                done = round(bar.total * share() / 100)
                if done < bar.n:  # the next statement of the step
                    bar.reset()
                bar.n = max(done, 0)
            bar.refresh()


@contextmanager
def ended(total: int, what: str) -> Iterator[Callable[[], object]]:
    """Show how many of several pieces of work have ended, where somebody looks on.

    Parameters
    ----------
    what
        What the pieces are, such as ``Checks``; nothing is shown when empty.

    Yields
    ------
    Callable
        To be called as each of them ends.
    """
    if not (what and looked_at()):
        yield lambda: None
        return
    from tqdm import tqdm

    with tqdm(total=total, desc=what, leave=False, **_size()) as bar:
        yield bar.update


@contextmanager
def cells(total: int, what: str, *, done: int = 0, shown: bool = True) -> Iterator[Any]:
    """Show a bar over the cells of notebooks, on stderr where that is a terminal.

    Parameters
    ----------
    total, done
        How many cells there are, and how many are done before the first one runs.
    what
        What runs; ``set_description_str`` of the bar changes it, ``update`` counts one cell.
    shown
        Whether to show it at all.
    """
    form = "{desc} {bar} {n_fmt}/{total_fmt} cells, {elapsed}"
    with _bar(form, total, what, done, shown) as bar, _going_on(bar):
        yield bar


@contextmanager
def line(what: str, *, shown: bool = True) -> Iterator[None]:
    """Show a line, on stderr where that is a terminal, until the work is done."""
    if not (shown and sys.stderr.isatty()):  # without the import
        yield
        return
    with _bar("{desc} ...", 0, what, 0, shown):
        yield


@contextmanager
def _going_on(bar: Any) -> Iterator[None]:
    """Let the clock of a bar go on while nothing ends that it counts."""
    if bar.disable:
        yield
        return
    over = threading.Event()

    def tick() -> None:
        while not over.wait(_PATIENCE_SECONDS):
            bar.refresh()

    clock = threading.Thread(target=tick, daemon=True)
    clock.start()
    try:
        yield
    finally:
        over.set()
        clock.join()


def _bar(form: str, total: int, what: str, done: int, shown: bool) -> Any:
    from tqdm import tqdm

    return tqdm(
        total=total,
        initial=done,
        desc=what,
        bar_format=form,
        **_size(),
        disable=None if shown and os.environ.get(PLACE) != "off" else True,
        leave=False,
    )


def _size() -> dict[str, int]:
    """Return a size where the terminal tells of none: tqdm would show nothing at all."""
    try:
        known = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError, AttributeError):  # no terminal, or a stand-in for stderr
        return {}
    return {} if known else {"ncols": 80, "nrows": 24}
