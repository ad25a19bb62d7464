"""A bar for work that takes long, in a terminal or in JupyterLab; none where nobody looks on."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# Set to `off` for the notebooks of a report, whose output is kept.
PLACE = "CXROI_PROGRESS"


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
    watched = sys.stderr.isatty() or "ipykernel" in sys.modules
    if not (what and watched) or os.environ.get(PLACE) == "off":
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
    with _bar("{desc} {bar} {n_fmt}/{total_fmt} cells, {elapsed}", total, what, done, shown) as bar:
        yield bar


@contextmanager
def line(what: str, *, shown: bool = True) -> Iterator[None]:
    """Show a line, on stderr where that is a terminal, until the work is done."""
    if not (shown and sys.stderr.isatty()):  # without the import
        yield
        return
    with _bar("{desc} ...", 0, what, 0, shown):
        yield


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
