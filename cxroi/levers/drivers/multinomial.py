"""The multinomial logit: odds of every group against one of them, each with slopes of its own.

Agresti, Categorical Data Analysis, 3rd edition (2013), section 8.1. With two groups it is the
logit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError
from .group_fits import GroupFit, draft_rows, greatest, in_chunks, summed

if TYPE_CHECKING:
    from ...arrays import Floats, Integers


def fit_multinomial(
    group: Integers,
    columns: Floats,
    weight: Floats,
    cluster: Integers,
    base: int = 0,
    names: Sequence[str] = (),
) -> GroupFit:
    """Fit a multinomial logit.

    Parameters
    ----------
    group
        Of each row, from 0 without gaps.
    columns
        Rows by columns, no intercept.
    cluster
        Coded from 0.
    base
        The group against which the odds of every other are.
    names
        Of the columns, for refusals.

    Returns
    -------
    GroupFit
        Of each group but `base`, in their order: intercept, then slopes.

    Raises
    ------
    ModelError
        It does not converge.
    """
    others = [one for one in range(int(group.max()) + 1) if one != base]
    design = np.column_stack([np.ones(len(group)), columns])
    member = np.column_stack([group == one for one in others]).astype(float)
    start = _begun(member, design, weight)
    surface = in_chunks(_surface, member, design, weight)
    params, value, bread = greatest(surface, start, ["", *names] * len(others))
    left = member.T - _chances(params, design, len(others))[0]
    scores = np.hstack([design * (weight * e)[:, None] for e in left])
    slopes = params.reshape(len(others), -1)[:, 1:]
    return GroupFit(params, slopes, bread, summed(scores, cluster), value)


def _begun(member: Floats, design: Floats, weight: Floats) -> Floats:
    start = np.zeros((member.shape[1], design.shape[1]))
    shares = weight @ member / weight.sum()
    start[:, 0] = np.log(shares / (1 - shares.sum()))
    few = draft_rows(len(design))
    if few is None:
        return start.ravel()
    y, x, w = member[few], design[few], weight[few]
    try:
        return greatest(in_chunks(_surface, y, x, w), start.ravel())[0]
    except ModelError:  # a level that few of these rows have
        return start.ravel()


def _chances(params: Floats, design: Floats, equations: int) -> tuple[Floats, Floats, Floats]:
    """Return the chance of each group but the base, all chances' logarithms, the base's last.

    Groups by rows.
    """
    at = params.reshape(equations, -1) @ design.T
    most = np.maximum(at.max(axis=0), 0.0)
    grown = np.exp(at - most)
    total = grown.sum(axis=0) + np.exp(-most)
    logs = most + np.log(total)
    return grown / total, at - logs, -logs


def _surface(
    params: Floats, member: Floats, design: Floats, weight: Floats
) -> tuple[float, Floats, Floats]:
    chances, logs, base = _chances(params, design, member.shape[1])
    own = member.T
    value = float(weight @ np.where(own.any(axis=0), (own * logs).sum(axis=0), base))
    slopes = ((own - chances) * weight) @ design
    return value, slopes.ravel(), information_of(chances, design, weight)


def information_of(chances: Floats, design: Floats, weight: Floats) -> Floats:
    """Return minus the second derivatives of a multinomial logit's log likelihood.

    Parameters
    ----------
    chances
        Of each group but the base, groups by rows.

    Returns
    -------
    numpy.ndarray
        Of all columns of the first of them, then of the next.
    """
    equations, width = len(chances), design.shape[1]
    found = np.empty((equations * width, equations * width))
    for a in range(equations):
        for b in range(a, equations):
            spread = weight * chances[a] * ((a == b) - chances[b])
            block = design.T @ (design * spread[:, None])
            rows, columns = slice(a * width, (a + 1) * width), slice(b * width, (b + 1) * width)
            found[rows, columns] = block
            found[columns, rows] = block.T
    return found
