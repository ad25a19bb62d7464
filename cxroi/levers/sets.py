"""The best set of levers under a budget: of sets that are all priced, or from pairs alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ..errors import ModelError

if TYPE_CHECKING:
    from ..arrays import Floats

S = TypeVar("S")


def best_of(net: Mapping[S, float]) -> S:
    """Return the set of the highest expected net value; of equal ones the first."""
    return max(net, key=lambda levers: net[levers])


def best_by_pairs(
    net: Floats, overlap: Floats, costs: Floats, budget: float | None = None
) -> tuple[int, ...]:
    """Return the levers whose net values, less the overlaps of pairs, add up to most.

    With x = 1 for a lever that is chosen and y = 1 for a pair that is, it maximises
    ``sum net x - sum overlap y`` under ``sum costs x <= budget``, ``y >= x_i + x_j - 1``,
    ``y <= x_i`` and ``y <= x_j``: a linear programme in whole numbers (McCormick's envelope of a
    product), solved by HiGHS.

    Parameters
    ----------
    net, costs
        Expected net value and cost of each lever, in the study's currency.
    overlap
        By pair, above the diagonal: net value of two levers apart less that of both together;
        below zero where they help each other.
    budget
        What may be spent; None: anything.

    Returns
    -------
    tuple
        Places of the levers, in order; empty where none earns anything.

    Raises
    ------
    ModelError
        The solver finds no best set.

    Examples
    --------
    >>> import numpy as np
    >>> overlap = np.array([[0.0, 8.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> best_by_pairs(np.array([9.0, 7.0, 4.0]), overlap, np.array([5.0, 5.0, 5.0]), 10.0)
    (0, 2)
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    n = len(net)
    pairs = [(i, j) for i, j in combinations(range(n), 2) if overlap[i, j] != 0]
    gain = np.concatenate([net, [-overlap[pair] for pair in pairs]])
    rows = np.zeros((3 * len(pairs) + 1, len(gain)))
    upper = np.zeros(len(rows))
    for k, (i, j) in enumerate(pairs):
        both = n + k
        rows[3 * k, [i, j, both]], upper[3 * k] = (1.0, 1.0, -1.0), 1.0
        rows[3 * k + 1, [both, i]] = rows[3 * k + 2, [both, j]] = (1.0, -1.0)
    rows[-1, :n], upper[-1] = costs, np.inf if budget is None else budget
    found = milp(
        -gain,
        constraints=LinearConstraint(rows, ub=upper),
        integrality=np.repeat([1, 0], [n, len(pairs)]),
        bounds=Bounds(0.0, 1.0),
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise ModelError(f"the best set of levers was not found: {found.message}")
    return tuple(int(i) for i in np.flatnonzero(found.x[:n] > 0.5))
