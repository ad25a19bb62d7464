"""Why one ROI differs from another: inputs swapped group by group, averaged over all orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import factorial
from typing import Any

from .money import Inputs, evaluate


def shapley(
    before: Inputs, after: Inputs, groups: Mapping[str, Sequence[str]], figure: str = "ratio"
) -> dict[str, float]:
    """Return what each group of inputs adds to the difference of a figure; the sum is exact.

    The inputs of `before` are replaced by those of `after` one group at a time. What a group adds
    hangs on which were replaced before it, so it is averaged over all orders: the Shapley value
    (Shapley, Contributions to the Theory of Games II (1953), 307-317).

    Parameters
    ----------
    groups
        Names of inputs by what they stand for; each input in one group.
    figure
        A field of `Money`: ``ratio``, ``net``, ``value``.

    Returns
    -------
    dict
        In the unit of the figure. An input in no group is taken from `before` throughout.

    Examples
    --------
    >>> shapley(now, now.with_values(fixed_cost=0.0), {"plan": ["fixed_cost"]})  # doctest: +SKIP
    {'plan': 0.12}
    """
    names = list(groups)
    worth = {
        some: _figure(before, after, [i for name in some for i in groups[name]], figure)
        for size in range(len(names) + 1)
        for some in combinations(names, size)
    }
    return {name: _added(name, names, worth) for name in names}


def _figure(before: Inputs, after: Inputs, swapped: Sequence[str], figure: str) -> float:
    values: dict[str, Any] = {name: getattr(after, name) for name in swapped}
    return float(getattr(evaluate(replace(before, **values)), figure))


def _added(name: str, names: Sequence[str], worth: Mapping[tuple[str, ...], float]) -> float:
    others, total = [n for n in names if n != name], 0.0
    for size in range(len(others) + 1):
        weight = factorial(size) * factorial(len(names) - size - 1) / factorial(len(names))
        for some in combinations(others, size):
            joined = tuple(n for n in names if n in some or n == name)
            total += weight * (worth[joined] - worth[some])
    return total
