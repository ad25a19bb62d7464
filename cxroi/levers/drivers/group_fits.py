"""Models of the score's groups, fitted to arrays by Newton's method, with errors by cluster.

What `proportional_odds` and `multinomial` share. statsmodels' OrderedModel and MNLogit are held
to the same numbers by the tests; they take no survey weights, and no clusters of 1,000,000 rows in
seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError
from ...models.newton import solve_scaled
from ...models.refusals import LARGEST_LOG_RATIO
from .joint_tests import by_cluster

if TYPE_CHECKING:
    from ...arrays import Floats, Integers

MOST_STEPS = 50
# The step after one so small would be its square, which no digit shows.
SMALL_STEP = 1e-6
# Rows on which a fit of many more begins, and rows that a processor holds near at a time.
DRAFT = 20_000
_CHUNK = 8_192

# Log likelihood, its slopes and minus its second derivatives, at some parameters.
Surface = Callable[["Floats"], tuple[float, "Floats", "Floats"]]


@dataclass(frozen=True, eq=False)
class GroupFit:
    """A fitted model of groups.

    Attributes
    ----------
    params
        Those that are not slopes first; then slopes, column after column, equation after equation.
    slopes
        Equations by columns.
    bread, sums
        Inverse information, and scores summed by cluster: their product are influence values.
    log_likelihood
        With weights as they are.
    """

    params: Floats
    slopes: Floats
    bread: Floats
    sums: Floats
    log_likelihood: float

    @property
    def influence(self) -> Floats:
        """How far each cluster moves each parameter: clusters by parameters."""
        return np.asarray(self.sums @ self.bread)

    @cached_property
    def covariance(self) -> Floats:
        """Of the parameters, by the sandwich with G / (G - 1) of G clusters."""
        count = len(self.sums)
        meat = self.sums.T @ self.sums * (count / max(count - 1, 1))
        return np.asarray(self.bread @ meat @ self.bread)


def greatest(
    surface: Surface, start: Floats, names: Sequence[str] = ()
) -> tuple[Floats, float, Floats]:
    """Return the parameters of greatest likelihood, its logarithm and the inverse information.

    Parameters
    ----------
    names
        Of the columns that parameters are of, in the order of the parameters.

    Raises
    ------
    ModelError
        It does not converge: some columns tell a group apart, and their odds grow without end.
    """
    params = start
    value, slopes, information = surface(params)
    move = np.zeros(len(start))
    for _ in range(MOST_STEPS):
        try:
            move = solve_scaled(information, slopes)
        except ModelError:  # what tells a group apart is flat by now
            break
        size = float(np.max(np.abs(move)))
        if not np.isfinite(size) or float(np.max(np.abs(params))) > 2 * LARGEST_LOG_RATIO:
            break
        if size < SMALL_STEP * max(1.0, float(np.max(np.abs(params)))):
            inverse = np.asarray(np.linalg.inv(information))
            return params + move, value + float(slopes @ move) / 2, inverse
        params, value, slopes, information = _step(surface, params, move, value)
    moving = (np.abs(move) > np.max(np.abs(move)) / 2) & (np.abs(params) > LARGEST_LOG_RATIO / 3)
    raise _told_apart([name for name, moves in zip(names, moving, strict=False) if moves])


def _told_apart(names: Sequence[str]) -> ModelError:
    listed = " with ".join(dict.fromkeys(filter(None, names))) or "some input"
    return ModelError(
        f"{listed} tells a group of the score apart wholly, or nearly so",
        "odds are finite only where all groups have answers throughout",
        "Merge levels, leave that input out, or pool more waves",
    )


def _step(
    surface: Surface, params: Floats, move: Floats, value: float
) -> tuple[Floats, float, Floats, Floats]:
    """Take a step, or a part of it that does not lose likelihood beyond rounding."""
    for _ in range(30):
        found = surface(params + move)
        if np.isfinite(found[0]) and found[0] >= value - 1e-9 * abs(value):
            return params + move, *found
        move = move / 2
    return params + move, *surface(params + move)


def in_chunks(
    one: Callable[..., tuple[float, Floats, Floats]], *rows: Floats | Integers
) -> Surface:
    """Return the surface of all rows as the sum of those of chunks of them.

    Parameters
    ----------
    one
        Surface of parameters and the chunk of each of `rows`.
    """
    chunks = [
        tuple(array[at : at + _CHUNK] for array in rows) for at in range(0, len(rows[0]), _CHUNK)
    ]

    def surface(params: Floats) -> tuple[float, Floats, Floats]:
        value, slopes, information = one(params, *chunks[0])
        for chunk in chunks[1:]:
            more = one(params, *chunk)
            value, slopes, information = value + more[0], slopes + more[1], information + more[2]
        return value, slopes, information

    return surface


def refuse_infinite(slopes: Floats, names: list[str]) -> None:
    """Refuse columns in deviations or dummies whose log odds are on their way to infinity.

    Raises
    ------
    ModelError
        It names the columns.
    """
    far = np.abs(slopes).max(axis=0) > LARGEST_LOG_RATIO
    if far.any():
        raise _told_apart([name for name, goes in zip(names, far, strict=True) if goes])


def summed(scores: Floats, cluster: Integers) -> Floats:
    """Return scores summed by cluster."""
    return by_cluster(scores, cluster)[0]


def draft_rows(count: int) -> slice | None:
    """Return every so manieth row, on which a fit of very many begins; None of few."""
    return slice(None, None, count // DRAFT) if count > 4 * DRAFT else None
