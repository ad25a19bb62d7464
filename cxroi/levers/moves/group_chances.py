"""A multinomial logit of the group on columns, weighted, with a ridge; influence values.

statsmodels' `MNLogit` takes neither weights nor a ridge; without both it is this, and the tests
hold it to that. Source: McCullagh and Nelder, Generalized Linear Models, 2nd edition (1989),
chapter 5; the influence of a row is its score times the inverse information.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError
from ...models.newton import solve_scaled
from ..drivers.multinomial import information_of

if TYPE_CHECKING:
    from ...arrays import Floats, Integers

MOST_STEPS = 50
SMALL_GAIN = 1e-10


@dataclass(frozen=True, eq=False)
class GroupModel:
    """Chances of each group by the columns of a row.

    Attributes
    ----------
    params
        Columns by groups; of the first group zero.
    information
        Of the coefficients of the other groups, group by group, with the ridge.
    scores
        Rows by groups: weight times what the group was less its chance.
    design
        Rows by columns.
    """

    params: Floats
    information: Floats
    scores: Floats
    design: Floats

    def chances(self, design: Floats) -> Floats:
        """Return the chance of each group, rows by groups."""
        return _softmax(design @ self.params)

    def gradient(self, design: Floats, chances: Floats, pull: Floats) -> Floats:
        """Return how the coefficients move a sum of chances.

        Parameters
        ----------
        chances
            Those of the design.
        pull
            Rows by groups: what each chance counts for in the sum.
        """
        slopes = chances * (pull - (chances * pull).sum(axis=1, keepdims=True))
        return np.asarray((design.T @ slopes[:, 1:]).T.ravel())

    def influence(self, gradient: Floats) -> Floats:
        """Return the influence of each row on a combination of the coefficients."""
        width = self.design.shape[1]
        toward = solve_scaled(self.information, gradient).reshape(-1, width)
        return np.asarray((self.scores[:, 1:] * (self.design @ toward.T)).sum(axis=1))


def fit_groups(design: Floats, groups: Integers, weights: Floats, ridge: Floats) -> GroupModel:
    """Fit the chances of the groups by Newton's method.

    Parameters
    ----------
    groups
        Coded from zero on, each of them there.
    ridge
        A symmetric matrix of the columns, the penalty of each group's coefficients.

    Raises
    ------
    ModelError
        It does not converge.
    """
    count, width = int(groups.max()) + 1, design.shape[1]
    member = np.eye(count)[groups]
    params = np.zeros((width, count))
    shares = weights @ member
    params[0] = np.log(shares / shares[0])
    worth = _likelihood(design, member, weights, params, ridge)
    for _ in range(MOST_STEPS):
        chances = _softmax(design @ params)
        scores = weights[:, None] * (member - chances)
        information = _information(design, chances, weights, ridge)
        slope = design.T @ scores[:, 1:] - ridge @ params[:, 1:]
        step = solve_scaled(information, slope.T.ravel()).reshape(-1, width).T
        for part in (1.0, 0.5, 0.25, 0.125, 0.0625):
            tried = params.copy()
            tried[:, 1:] += part * step
            found = _likelihood(design, member, weights, tried, ridge)
            if found >= worth:
                break
        gained, params, worth = found - worth, tried, found
        if abs(gained) <= SMALL_GAIN * max(abs(worth), 1.0):
            chances = _softmax(design @ params)
            scores = weights[:, None] * (member - chances)
            return GroupModel(params, _information(design, chances, weights, ridge), scores, design)
    raise ModelError(
        "the model of the groups does not converge",
        "inputs and controls leave every group some chance",
        "Check them: does one of them follow from the score?",
    )


def _softmax(linear: Floats) -> Floats:
    found = np.exp(linear - linear.max(axis=1, keepdims=True))
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _likelihood(
    design: Floats, member: Floats, weights: Floats, params: Floats, ridge: Floats
) -> float:
    linear = design @ params
    top = linear.max(axis=1)
    logs = (member * linear).sum(axis=1) - top - np.log(np.exp(linear - top[:, None]).sum(axis=1))
    return float(weights @ logs - 0.5 * (params * (ridge @ params)).sum())


def _information(design: Floats, chances: Floats, weights: Floats, ridge: Floats) -> Floats:
    others = chances.shape[1] - 1
    return information_of(chances[:, 1:].T, design, weights) + np.kron(np.eye(others), ridge)
