"""One deal of customers into folds, and what the other folds say of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np

from ...errors import ModelError
from ...models.controls import independent, lay_out
from ...models.newton import solve_scaled
from .effect_scores import FOLDS, score_effects
from .policy_tree import Learned, learn_policy
from .questions import Answers, ask, questions_of

if TYPE_CHECKING:
    from ...arrays import Floats, Integers
    from ...moments.array_design import ArrayDesign
    from .effect_scores import Ground
    from .worth import Worth

TOP = 1 - 1e-12  # nobody comes before all others, whoever is moved


@dataclass(frozen=True, eq=False)
class Features:
    """What customers are told apart by.

    Attributes
    ----------
    columns
        Rows by columns behind a column of ones: declared controls and baselines, each with mean
        zero over the `from` group.
    names
        Of the columns without the ones.
    asked
        What a rule may ask, and the answers.
    """

    columns: Floats = field(repr=False)
    names: tuple[str, ...]
    asked: Answers = field(repr=False)


@dataclass(frozen=True, eq=False)
class Deal:
    """Scores of one deal, and what the other folds say of each row.

    Attributes
    ----------
    scores, value
        By outcome, and of the value of a move before its cost.
    over
        Weight of each row of the `from` group, zero on others.
    fold
        Of each row.
    foretold
        The effect foretold.
    place
        Share of the `from` customers of the other folds of whom less is foretold.
    moved, some
        Whether the rule moves it, and whether it moves anybody.
    """

    scores: Mapping[str, Floats]
    value: Floats
    over: Floats
    fold: Integers
    foretold: Floats
    place: Floats
    moved: Floats
    some: Floats


def take_features(ground: Ground) -> Features:
    """Return the declared controls and baselines as columns, and answers to questions about them.

    Raises
    ------
    ModelError
        There are none, or none that varies.
    """
    sample, study = ground.sample, ground.panel.study
    laid = lay_out(sample.rows, study.controls, study, straight=True)
    columns = cast("ArrayDesign", laid.matrix).matrix
    origin, _ = ground.pair
    over = np.where(np.asarray(sample.members(origin)), cast("Floats", sample.weights), 0.0)
    centred = columns - over @ columns / over.sum()
    gram = centred.T @ (centred * over[:, None])
    varies = np.diag(gram) > 0
    centred, gram = centred[:, varies], gram[np.ix_(varies, varies)]
    names = [name for name, stays in zip(laid.names, varies, strict=True) if stays]
    keep = independent(gram, names, 0, [])
    kept = tuple(name for name, stays in zip(names, keep, strict=True) if stays)
    if not kept:
        raise ModelError(
            "the study declares nothing by which customers could be told apart",
            "whom to move is told by controls and by outcomes before the answer",
            "Declare attributes under [controls] columns",
        )
    frame = ground.panel.frame
    asked = ask(frame, questions_of(frame, study))
    beside = np.column_stack([np.ones(len(centred)), centred[:, keep]])
    return Features(beside, kept, asked)


def deal_customers(
    ground: Ground, worth: Worth, features: Features, rng: np.random.Generator
) -> Deal:
    """Deal customers into folds; score each by the others, rank and choose him by the others."""
    found = score_effects(ground, rng)
    over, fold = found.over, found.fold
    value = np.zeros(len(over))
    for name, price in worth.prices.items():
        value += price * found.scores[name]
    net, chance = value - worth.cost * over, rng.random(len(over))
    foretold, place, moved, some = (np.zeros(len(over)) for _ in range(4))
    for one in range(FOLDS):
        held, others = fold == one, fold != one
        own = _foretold(value * others, over * others, features.columns)
        foretold[held] = (own - own[held] @ over[held] / over[held].sum())[held]
        place[held] = _places(own, over * others, chance)[held]
        learned = Learned(net[others], over[others], ground.clusters[others], worth.fixed_cost)
        policy = learn_policy(learned, features.asked.among(others))
        moved[held] = policy.moves(ground.panel.frame[held])
        some[held] = any(part.moved for part in policy.parts)
    return Deal(found.scores, value, over, fold, foretold, place, moved, some)


def _foretold(scores: Floats, over: Floats, columns: Floats) -> Floats:
    """Return the line of the effect in the features, with a little ridge, of every row."""
    gram = columns.T @ (columns * over[:, None])
    ridge = np.diag(gram) / over.sum()
    ridge[0] = 0.0
    return np.asarray(columns @ solve_scaled(gram + np.diag(ridge), columns.T @ scores))


def _places(foretold: Floats, over: Floats, chance: Floats) -> Floats:
    """Return the share of the weight below each row, under 1, ties in an order of chance."""
    order = np.argsort(foretold, kind="stable")
    ordered = foretold[order]
    below = np.concatenate([[0.0], np.cumsum(over[order])]) / over.sum()
    first, last = (np.searchsorted(ordered, foretold, side=side) for side in ("left", "right"))
    within = chance * (below[last] - below[first])
    return np.asarray(np.minimum(below[first] + within, TOP))
