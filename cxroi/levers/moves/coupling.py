"""From shares before and after to customers who move: the monotone coupling, least movement.

Customers are put in the order of their groups before and after, and each keeps his place in it.
No other way to get from the one to the other takes fewer steps between neighbouring groups, and
each customer moves at most once, be it by several groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ...arrays import Floats


def movers(before: Floats, net: Floats) -> tuple[float, Floats, Floats]:
    """Return the share who rise a group or more, less the share who fall.

    Parameters
    ----------
    before
        Share in each group, lowest first.
    net
        For each pair of neighbours the share who pass from the lower to the higher, less those
        who pass the other way.

    Returns
    -------
    tuple
        The share, between -1 and 1; its derivatives by the share below each cut between
        neighbours before, and by `net`.

    Examples
    --------
    >>> import numpy as np
    >>> share, _, _ = movers(np.array([0.2, 0.5, 0.3]), np.array([0.05, 0.1]))
    >>> round(share, 3)
    0.15

    Who rises by two groups counts once, though both cuts are passed:

    >>> share, _, _ = movers(np.array([1.0, 0.0, 0.0]), np.array([0.4, 0.4]))
    >>> round(share, 3)
    0.4
    """
    cuts = np.cumsum(before)[:-1]
    ends = np.clip(np.concatenate([cuts, cuts - net]), 0.0, 1.0)
    order = np.argsort(ends, kind="stable")
    bounds = np.concatenate([[0.0], ends[order], [1.0]])
    middle = (bounds[1:] + bounds[:-1]) / 2
    # What a customer at a place was, and is after: how many cuts are below him.
    was, becomes = (
        (middle[:, None] > side).sum(axis=1) for side in (cuts, np.clip(cuts - net, 0.0, 1.0))
    )
    signs = np.sign(becomes - was)
    share = float(signs @ np.diff(bounds))
    steps = np.zeros(len(ends))
    steps[order] = signs[:-1] - signs[1:]
    of_before, of_after = steps[: len(cuts)], steps[len(cuts) :]
    return share, of_before + of_after, -of_after
