"""Memory: how much processes of this one had taken, and how much there is."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

# Limits of a container, by the second and the first version of Linux control groups.
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def taken_by_children() -> int:
    """Return the most bytes that one of the processes which this one started and that ended took.

    0 where the system does not say.
    """
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def allowed() -> int:
    """Return how many bytes there are, of the machine or its container; 0 where that is unknown."""
    found = []
    with suppress(AttributeError, OSError, ValueError):  # Windows
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for path in _LIMITS:
        with suppress(OSError, ValueError):  # there is none, or it says max
            found.append(int(Path(path).read_text(encoding="ascii")))
    return min(found, default=0)


def shown(size: int) -> str:
    """Format a number of bytes, such as ``1.5 GB``.

    Examples
    --------
    >>> shown(1_500_000_000)
    '1.5 GB'
    >>> shown(250_000_000)
    '250 MB'
    """
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
