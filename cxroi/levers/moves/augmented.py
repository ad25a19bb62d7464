"""The share of those reached above each cut between groups under a change: doubly robust.

See `moves` for the estimand. What the model of the groups predicts is right if that model is; the
residuals of answers like those after the change, less those of the reached as they are, make it
right if the weights are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import OverlapError
from ...models.newton import Model, fit_together, solve_scaled
from ...moments.array_design import ArrayDesign
from .changes import Change, near_to

if TYPE_CHECKING:
    import pandas as pd

    from ...arrays import Flags, Floats
    from ...study.levers import Lever
    from .group_model import LeverModel

# Answers that stand for those after the change, weighted, and their weight over its own.
LEAST_STANDING, LEAST_WEIGHT = 10, 0.8
# Parts of a change at which its effect is read, for the part that pays its cost.
PARTS = tuple(n / 20 for n in range(1, 21))
MOST_OF_SHAPE = 20_000


@dataclass(frozen=True, eq=False)
class Found:
    """Net moves of a change, the influence of known rows on them, and what stands for it.

    Attributes
    ----------
    net, psi
        Of each pair of neighbours; rows by pairs.
    standing, weight
        Answers of equal weight that are like those after the change, and their weight over that
        of those reached.
    """

    net: Floats
    psi: Floats
    standing: float = np.inf
    weight: float = 1.0


def augmented(model: LeverModel, levers: Sequence[Lever], change: Change) -> Found:
    """Return what the model predicts, and for each lever what it leaves, added.

    Raises
    ------
    OverlapError
        Hardly anybody has the changed input and is like those whom a lever reaches.
    """
    reached = change.anybody
    found, whole = _predicted(model, change, reached), float(model.weights[reached].sum())
    for lever in levers:
        own = change.touched[lever.name]
        share = float(model.weights[own].sum()) / whole
        if share == 0:
            continue
        left = _left(model, lever, change, own)
        _require_standing(lever, left)
        found = Found(
            found.net + share * left.net,
            found.psi + share * left.psi,
            min(found.standing, left.standing),
        )
    return found


def _require_standing(lever: Lever, left: Found) -> None:
    if left.standing >= LEAST_STANDING and left.weight >= LEAST_WEIGHT:
        return
    raise OverlapError(
        f"hardly anybody has the changed input of {lever.name!r} and is like those whom it "
        f"reaches: weighted to resemble them, such answers count as {left.standing:.1f} and have "
        f"{100 * left.weight:.0f} % of their weight",
        f"{LEAST_STANDING} with {100 * LEAST_WEIGHT:.0f} % of the weight",
        "Change the input less, or reach customers among whom it already varies",
    )


def _predicted(model: LeverModel, change: Change, reached: Flags) -> Found:
    """Return what the model of the groups predicts."""
    fit, over = model.fit, np.where(reached, model.weights, 0.0)
    over = over / over.sum()
    there, here, above = model.design(change.inputs, reached), fit.design[reached], _above(model)
    after, before = fit.chances(there), fit.chances(here)
    moved = (after - before) @ above
    net = over[reached] @ moved
    psi = np.zeros((len(over), len(net)))
    psi[reached] = over[reached, None] * (moved - net)
    spare = 1 - model.leverage
    for cut in range(len(net)):
        side = over[reached, None] * above[:, cut]
        gradient = fit.gradient(there, after, side) - fit.gradient(here, before, side)
        psi[:, cut] += fit.influence(gradient) / spare
    return Found(net, psi)


def _left(model: LeverModel, lever: Lever, change: Change, reached: Flags) -> Found:
    """Return what the model leaves of answers like those after a change, and before it."""
    fit, weights, above = model.fit, model.weights, _above(model)
    over = np.where(reached, weights, 0.0)
    whole = float(over.sum())
    odds, shifted, columns = _frequencies(model, lever, change, reached)
    pull = weights * odds
    lean = (pull - over) / whole
    chances = fit.chances(fit.design)
    residual = np.eye(len(above))[model.groups] - chances
    spare = 1 - model.leverage
    each = lean[:, None] * (residual @ above)
    psi = each / spare[:, None]
    for cut in range(above.shape[1]):
        gradient = fit.gradient(fit.design, chances, lean[:, None] * above[:, cut])
        psi[:, cut] -= fit.influence(gradient) / spare
        steer = columns.T @ (pull * (residual @ above[:, cut])) / whole
        psi[:, cut] += shifted @ steer
    standing = float(pull.sum()) ** 2 / max(float((pull * pull).sum()), 1e-300)
    return Found(each.sum(axis=0), psi, standing, float(pull.sum()) / whole)


def _above(model: LeverModel) -> Floats:
    """Return whether a group (rows) is above each cut between neighbours (columns)."""
    count = len(model.answers.labels)
    return np.tril(np.ones((count, count)), -1)[:, : count - 1]


def _frequencies(
    model: LeverModel, lever: Lever, change: Change, reached: Flags
) -> tuple[Floats, Floats, Floats]:
    """Return how much more frequent answers like each are after the change, by a logit.

    Where all are taken to one value, answers near it are held against those reached by all but
    the input; where each has its own value, changed rows against all rows by the input too.

    Returns
    -------
    tuple
        Of each known row the weight that its like have after the change over their own; influence
        of each row on the coefficients of the logit, rows by columns; and its columns.
    """
    here, weights = model.fit.design, model.weights
    if lever.by is not None:
        base, there, used = (
            np.ones(len(here), dtype=bool),
            model.design(change.inputs, reached),
            None,
        )
    else:
        base, used = near_to(model, lever), ~model.of_input(lever.input)
        here = here[:, used]
        there = here[reached]
    ridge = model.ridge if used is None else model.ridge[np.ix_(used, used)]
    stacked = np.vstack([here[base], there])
    is_after = np.concatenate([np.zeros(int(base.sum())), np.ones(len(there))])
    task = Model(
        "logit", is_after, np.concatenate([weights[base], weights[reached]]), penalty=ridge
    )
    names = tuple(f"x{n}" for n in range(here.shape[1]))
    [fit] = fit_together([task], ArrayDesign(names, stacked))
    odds = np.where(base, np.exp(here @ fit.params), 0.0)
    scores, rows = np.asarray(fit.factor), np.zeros_like(here)
    rows[base] += scores[: int(base.sum()), None] * here[base]
    rows[reached] += scores[int(base.sum()) :, None] * there
    return odds, rows @ solve_scaled(fit.information, np.eye(here.shape[1])), here


def parts_of(model: LeverModel, levers: Sequence[Lever], change: Change, errors: Floats) -> Floats:
    """Return what each of `PARTS` of a change moves, as shares of what the whole moves.

    By the curve of the model, over some thousands of those reached; in a straight line where a
    category changes, or where the whole is within its error.

    Parameters
    ----------
    errors
        Standard errors of what the whole moves, by pair of neighbours.
    """
    straight = np.repeat(np.array(PARTS)[:, None], len(errors), axis=1)
    if not all(model.answers.is_number(lever.input) for lever in levers):
        return straight
    reached = np.flatnonzero(change.anybody)
    some = np.zeros(len(model.frame), dtype=bool)
    some[reached[:: -(-len(reached) // MOST_OF_SHAPE)]] = True
    plain = np.array([_plain(model, change, some, part) for part in (0.0, *PARTS)])
    gains = plain[1:] - plain[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        bent = gains / gains[-1]
    return np.where(np.abs(gains[-1]) > errors, bent, straight)


def _plain(model: LeverModel, change: Change, rows: Flags, part: float) -> Floats:
    """Return the predicted share of some rows above each cut at a part of the change."""
    inputs = dict[str, "pd.Series"]()
    for name, after in change.inputs.items():
        before = model.frame[f"x_{name}"]
        inputs[name] = before + part * (after - before)
    weights = model.weights[rows]
    shares = weights @ model.fit.chances(model.design(inputs, rows)) / weights.sum()
    return np.asarray(np.cumsum(shares[::-1])[::-1][1:])
