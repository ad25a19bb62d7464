"""Whom to move: the best rule of at most two questions, found by looking at all of them.

Each pair of questions makes up to four parts of the customers; a part is moved where its scores,
less the cost, sum to more than nothing. Sums of every pair of answers come from one product of
matrices, so that all trees of depth two are looked at and the best one is the best (Athey and
Wager, Econometrica 89 (2021), 133-161; exact search: Zhou, Athey and Wager, Operations Research 71
(2023), 148-183). The sum on which a question is chosen flatters it, so it must be clear of chance
to be asked at all, and what a rule is worth is told by other customers alone (see `targeting`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...moments import influence
from ...results.thresholds import MINIMUM_GROUP
from .questions import Answers, Question

if TYPE_CHECKING:
    import pandas as pd

    from ...arrays import Flags, Floats, Integers

# Standard errors by which a further question must be better than none, where it is found.
CLEAR = 2.0

# Of each part the places of the questions that make it, whether it is so, and whether it is moved.
_Leaf = tuple[tuple[tuple[int, bool], ...], bool]
_Tree = tuple[_Leaf, ...]


@dataclass(frozen=True)
class Part:
    """Customers with the same answers.

    Attributes
    ----------
    answers
        Questions, and whether it is so.
    moved
        Whether these are to be moved.
    """

    answers: tuple[tuple[Question, bool], ...]
    moved: bool


@dataclass(frozen=True)
class Policy:
    """A rule of whom to move: parts that every customer is in one of.

    Examples
    --------
    >>> import pandas as pd
    >>> large = Question("spend_before", at=100.0)
    >>> policy = Policy((Part(((large, True),), True), Part(((large, False),), False)))
    >>> policy.moves(pd.DataFrame({"spend_before": [20.0, 100.0]})).tolist()
    [False, True]
    """

    parts: tuple[Part, ...]

    @property
    def chooses(self) -> bool:
        """Whether it tells customers apart at all."""
        return len({part.moved for part in self.parts}) > 1

    def moves(self, frame: pd.DataFrame) -> Flags:
        """Return whom it moves, of rows with the columns of a panel's frame."""
        chosen = np.zeros(len(frame), dtype=bool)
        for part in self.parts:
            if part.moved:
                within = [question.yes(frame) == so for question, so in part.answers]
                chosen |= np.logical_and.reduce(within, axis=0) if within else True
        return chosen


def constant(*, moved: bool) -> Policy:
    """Return the rule that moves everybody or nobody."""
    return Policy((Part((), moved),))


@dataclass(frozen=True, eq=False)
class Learned:
    """What rules are learned from.

    Attributes
    ----------
    net
        Scores of value less cost, row by row.
    over
        Weight of each row of the `from` group, zero on others.
    fixed
        What a programme costs, whoever is moved, per customer of the `from` group.
    """

    net: Floats
    over: Floats
    clusters: Integers
    fixed: float = 0.0

    def worth(self, moved: Flags | float) -> float:
        """Return the sum that a rule earns more than moving nobody."""
        return float((self.net * moved).sum()) - self.fixed * float(self.over.sum())


def learn_policy(learned: Learned, asked: Answers) -> Policy:
    """Return the best rule, of as few questions as chance allows.

    Returns
    -------
    Policy
        Everybody, nobody, or a tree of depth one or two whose last question each is better than
        without it by two standard errors. Every part has 30 rows of each group.
    """
    everybody = np.ones(len(learned.net), dtype=bool)
    held = everybody if float(learned.net.sum()) > 0 else ~everybody
    best: _Tree = (((), bool(held[0])),)
    for tree in _best_trees(learned, asked):
        moved = _moved(tree, asked, len(held))
        gain = learned.net * (moved * 1.0 - held)
        error = influence.std_error(gain, learned.clusters)
        if gain.sum() > CLEAR * error:
            best, held = tree, moved
    if learned.worth(held) <= 0:
        return constant(moved=False)
    named = [
        Part(tuple((asked.questions[place], so) for place, so in answers), chosen)
        for answers, chosen in best
    ]
    return Policy(tuple(named))


def _moved(tree: _Tree, asked: Answers, count: int) -> Flags:
    moved = np.zeros(count, dtype=bool)
    for answers, chosen in tree:
        if chosen:
            moved |= np.logical_and.reduce([asked.yes(place) == so for place, so in answers])
    return moved


def _best_trees(learned: Learned, asked: Answers) -> list[_Tree]:
    """Return the best trees of depth one and two; none where parts would be too small."""
    if not asked.questions:
        return []
    own = [learned.over > 0, (learned.over == 0) & (learned.net != 0)]
    sums, *sizes = (asked.both(one * 1.0) for one in (learned.net, *own))
    total, all_of = float(learned.net.sum()), [float(group.sum()) for group in own]
    sides = [_side(sums, total, so) for so in (True, False)]
    enough = [_enough(sizes, all_of, so) for so in (True, False)]
    whole = np.stack([np.diag(sums), total - np.diag(sums)])
    splits = np.all([np.diag(ok) for ok in enough], axis=0)
    if not splits.any():
        return []
    root = int(np.argmax(np.where(splits, np.maximum(whole, 0).sum(axis=0), -np.inf)))
    single = [(((root, so),), bool(whole[k, root] > 0)) for k, so in enumerate((True, False))]
    return [tuple(single), _deepest(sides, enough, whole, splits)]


def _side(sums: Floats, total: float, so: bool) -> Floats:
    """Return the sums where a first question is so or not, and a second one is and is not."""
    own = np.diag(sums)
    if so:
        return np.stack([sums, own[:, None] - sums])
    return np.stack([own[None, :] - sums, total - own[:, None] - own[None, :] + sums])


def _enough(sizes: Sequence[Floats], totals: Sequence[float], so: bool) -> Flags:
    """Return where both parts of a second question have enough of each group.

    Where both questions are the same it is about the parts of the first alone.
    """
    sides = [_side(size, total, so) for size, total in zip(sizes, totals, strict=True)]
    fine = np.all([side >= MINIMUM_GROUP for side in sides], axis=(0, 1))
    own = np.all([np.diag(side[0 if so else 1]) >= MINIMUM_GROUP for side in sides], axis=0)
    np.fill_diagonal(fine, own)
    return np.asarray(fine)


def _deepest(
    sides: Sequence[Floats], enough: Sequence[Flags], whole: Floats, splits: Flags
) -> _Tree:
    chosen, values = [], np.zeros(len(splits))
    for k, (side, fine) in enumerate(zip(sides, enough, strict=True)):
        both = np.where(fine, np.maximum(side, 0).sum(axis=0), -np.inf)
        second = np.argmax(both, axis=1)
        best, alone = both.max(axis=1), np.maximum(whole[k], 0)
        further = best > alone * (1 + 1e-12)
        chosen.append(np.where(further, second, -1))
        values += np.maximum(best, alone)
    root = int(np.argmax(np.where(splits, values, -np.inf)))
    leaves: list[_Leaf] = []
    for k, so in enumerate((True, False)):
        second = int(chosen[k][root])
        if second < 0:
            leaves.append((((root, so),), bool(whole[k, root] > 0)))
            continue
        leaves += [
            (((root, so), (second, yes)), bool(sides[k][0 if yes else 1, root, second] > 0))
            for yes in (True, False)
        ]
    return tuple(leaves)
