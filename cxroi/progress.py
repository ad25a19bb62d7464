"""A bar for work that takes long, in a terminal or in JupyterLab; none where nobody looks on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

# Set to `off` for the notebooks of a report, whose output is kept.
PLACE = "CXROI_PROGRESS"


def steps(items: Iterable[T], what: str, *, long: bool) -> Iterator[T]:
    """Yield items, and show how many are done where the work is long and somebody looks on.

    Parameters
    ----------
    what
        What the items are, such as ``outcomes``.
    long
        Whether it takes long enough for a bar.
    """
    watched = sys.stderr.isatty() or "ipykernel" in sys.modules
    if not (long and watched) or os.environ.get(PLACE) == "off":
        yield from items
        return
    from tqdm import tqdm

    yield from tqdm(list(items), desc=what, leave=False)
