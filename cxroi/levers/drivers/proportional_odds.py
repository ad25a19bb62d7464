"""The proportional-odds model: one odds ratio a column for every step up between groups.

McCullagh, JRSS B 42 (1980), 109-142. The logit of being in group j or below is a threshold less
the columns times their slopes: a slope above zero goes with better groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError
from .group_fits import GroupFit, draft_rows, greatest, in_chunks, summed

if TYPE_CHECKING:
    from ...arrays import Floats, Integers


def fit_proportional_odds(
    group: Integers,
    columns: Floats,
    weight: Floats,
    cluster: Integers,
    names: Sequence[str] = (),
) -> GroupFit:
    """Fit a proportional-odds model.

    Parameters
    ----------
    group
        Of each row, from 0, the worst, without gaps.
    columns
        Rows by columns, no intercept.
    cluster
        Coded from 0.
    names
        Of the columns, for refusals.

    Returns
    -------
    GroupFit
        Thresholds, then slopes; one equation.

    Raises
    ------
    ModelError
        It does not converge.
    """
    start = _begun(group, columns, weight)
    surface = in_chunks(_surface, group, columns, weight)
    cuts = int(group.max())
    params, value, bread = greatest(surface, start, [*[""] * cuts, *names])
    scores = _scores(params, group, columns, weight)
    return GroupFit(params, params[None, cuts:], bread, summed(scores, cluster), value)


def _begun(group: Integers, columns: Floats, weight: Floats) -> Floats:
    """Return thresholds of the shares and slopes of zero; of many rows, those that few have."""
    shares = np.cumsum(np.bincount(group, weight))[:-1] / weight.sum()
    start = np.concatenate([np.log(shares / (1 - shares)), np.zeros(columns.shape[1])])
    few = draft_rows(len(group))
    if few is None:
        return start
    y, x, w = group[few], columns[few], weight[few]
    try:
        return greatest(in_chunks(_surface, y, x, w), start)[0]
    except ModelError:  # a level that few of these rows have
        return start


def _parts(
    params: Floats, group: Integers, columns: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return the chances of each row below its group's ends, their densities, and its own chance.

    A chance of being between two ends is taken on the side of 0.5 where it loses no digits.
    """
    cuts = len(params) - columns.shape[1]
    thresholds = np.concatenate([[-np.inf], params[:cuts], [np.inf]])
    at = columns @ params[cuts:]
    upper, lower = thresholds[group + 1] - at, thresholds[group] - at
    flip = lower > 0  # 1 - F(x) = F(-x) keeps the digits
    one, other = np.where(flip, -lower, upper), np.where(flip, -upper, lower)
    with np.errstate(over="ignore"):
        above, below = 1 / (1 + np.exp(-one)), 1 / (1 + np.exp(-other))
    chance = np.maximum(above - below, 1e-300)
    high = np.where(flip, 1 - below, above)
    low = np.where(flip, 1 - above, below)
    return high, low, high * (1 - high), low * (1 - low), chance


def _surface(
    params: Floats, group: Integers, columns: Floats, weight: Floats
) -> tuple[float, Floats, Floats]:
    cuts = len(params) - columns.shape[1]
    if np.any(np.diff(params[:cuts]) <= 0):
        return -np.inf, params, np.eye(len(params))
    high, low, of_high, of_low, chance = _parts(params, group, columns)
    up, down = of_high / chance, of_low / chance
    size = len(params)
    slopes, information = np.zeros(size), np.zeros((size, size))
    slopes[cuts:] = columns.T @ (weight * (high + low - 1))
    information[cuts:, cuts:] = columns.T @ (columns * (weight * (of_high + of_low))[:, None])
    bends_up = up * (1 - 2 * high) - up * up
    bends_down = -down * (1 - 2 * low) - down * down
    for cut in range(cuts):
        at, next_ = group == cut, group == cut + 1
        slopes[cut] = weight[at] @ up[at] - weight[next_] @ down[next_]
        information[cut, cut] = -(weight[at] @ bends_up[at] + weight[next_] @ bends_down[next_])
        both = columns[at].T @ (weight * of_high)[at] + columns[next_].T @ (weight * of_low)[next_]
        information[cut, cuts:] = information[cuts:, cut] = -both
        if cut:
            shared = float(weight[at] @ (up * down)[at])
            information[cut, cut - 1] = information[cut - 1, cut] = -shared
    return float(weight @ np.log(chance)), slopes, information


def _scores(params: Floats, group: Integers, columns: Floats, weight: Floats) -> Floats:
    cuts = len(params) - columns.shape[1]
    high, low, of_high, of_low, chance = _parts(params, group, columns)
    found = np.empty((len(group), len(params)))
    for cut in range(cuts):
        found[:, cut] = weight * (
            (group == cut) * of_high / chance - (group == cut + 1) * of_low / chance
        )
    found[:, cuts:] = columns * (weight * (high + low - 1))[:, None]
    return found
