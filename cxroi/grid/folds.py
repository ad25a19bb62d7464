"""How well models foretell customers that they were not fitted to, from sums alone.

Customers (or declared clusters) are dealt into folds at random, several times over. A model is
fitted by least squares to all folds but one and foretells that one. Squared errors are a proper
loss for a mean whatever the outcome is (Gneiting, JASA 106 (2011), 746-762); for yes and no they
are the Brier score. Each fold's cross-products suffice for fit and loss.

The interval of a difference takes it fold by fold, of the same customers, with the variance of
Nadeau and Bengio (Machine Learning 52 (2003), 239-281): s² (1 / J + n_test / n_train) for J folds
in all, as the folds' models share most of their customers; Student's t with J - 1 degrees of
freedom (repeated: Bouckaert and Frank, PAKDD 2004, 3-12).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..arrays import Floats, Integers

FOLDS, REPEATS = 5, 10
METHOD = (
    f"least squares, {FOLDS}-fold cross-validation repeated {REPEATS} times, customers kept "
    "together, interval by Nadeau and Bengio's corrected variance"
)


@dataclass(frozen=True)
class Losses:
    """Mean squared errors of each model in each fold, as shares of the outcome's variance.

    Attributes
    ----------
    by_model
        One figure a fold, of all repeats.
    """

    by_model: Mapping[str, Floats]

    def difference(self, model: str, other: str) -> tuple[float, float, int]:
        """Return how much less the one loses than the other, its error, degrees of freedom."""
        return _corrected(self.by_model[other] - self.by_model[model])

    def explained(self, model: str) -> tuple[float, float, int]:
        """Return the share of the variance of unseen customers that a model explains.

        With its error and degrees of freedom, as `difference`.
        """
        return _corrected(1.0 - self.by_model[model])


def _corrected(by_fold: Floats) -> tuple[float, float, int]:
    """Return the mean over folds and its error by Nadeau and Bengio."""
    count = len(by_fold)
    error = np.sqrt(by_fold.var(ddof=1) * (1 / count + 1 / (FOLDS - 1)))
    return float(by_fold.mean()), float(error), count - 1


def cross_validated(
    values: Floats,
    columns: Floats,
    models: Mapping[str, Sequence[int]],
    weights: Floats,
    units: Integers,
    seed: int,
) -> Losses:
    """Return what each model loses on customers that it was not fitted to.

    Parameters
    ----------
    values
        The outcome of each row.
    columns
        Rows by columns, without an intercept, which every model has.
    models
        By name: the positions of the columns that it is fitted on.
    weights
        Of each row, in fits and losses.
    units
        The customer or cluster of each row, coded from zero: none is in two folds.
    """
    rng = np.random.default_rng(seed)
    total = float(weights.sum())
    centred = values - float(weights @ values) / total
    variance = float(weights @ centred**2) / total
    spread = columns.std(axis=0)
    scaled = (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    design = np.column_stack([np.ones(len(values)), scaled, centred])
    places = {name: np.array([0, *(1 + p for p in own)]) for name, own in models.items()}
    found: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(REPEATS):
        dealt = rng.permutation(int(units.max()) + 1) % FOLDS
        sums = _sums_by_fold(design, weights, dealt[units])
        whole = sums.sum(axis=0)
        for fold in sums:
            for name, at in places.items():
                found[name].append(_loss(whole - fold, fold, at) / variance)
    return Losses({name: np.array(losses) for name, losses in found.items()})


def _sums_by_fold(design: Floats, weights: Floats, fold: Integers) -> Floats:
    """Return the weighted cross-products of the columns in each fold."""
    held = [np.flatnonzero(fold == one) for one in range(FOLDS)]
    return np.stack([(design[at] * weights[at, None]).T @ design[at] for at in held])


def _loss(others: Floats, fold: Floats, at: Integers) -> float:
    """Fit to the sums of the other folds; return the mean squared error in this one."""
    gram, cross = others[np.ix_(at, at)], others[at, -1]
    params = np.linalg.lstsq(gram, cross, rcond=1e-12)[0]
    error = fold[-1, -1] - 2 * params @ fold[at, -1] + params @ fold[np.ix_(at, at)] @ params
    return float(error / fold[0, 0])
