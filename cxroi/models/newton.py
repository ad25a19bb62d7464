"""Generalised linear models fitted from sums, by Newton's method.

Begun on a few of the rows, so that two or three passes over all of them remain. Least squares is
the simplest case; its last pass, over residuals, gives back the digits that cross-products lose.
Several models of the same rows and columns share their passes.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from ..moments.influence import sums
from ..moments.plan import cached_property
from .families import FAMILIES, Family

if TYPE_CHECKING:
    from ..arrays import Floats, Vector
    from ..moments.design import Design

# A step this small against the coefficients' own size ends a fit: the next would be its square.
SMALL_STEP = 3e-10
ROUGH_STEP = 1e-4
MOST_STEPS = 60
# Steps that no longer shrink and gain no more deviance than this, at which statsmodels ends too:
# rows that a combination of columns sets apart, whose means alone go on falling.
LEAST_GAIN = 1e-8
RUNAWAY = 1e6


@dataclass(frozen=True, eq=False)
class Scores:
    """Influence of each row on the coefficients: its score times the inverse information.

    ``scores @ vector`` is the influence on that combination of the coefficients.
    """

    design: Design
    factor: Vector
    inverse: Floats

    def __matmul__(self, vector: Floats) -> Vector:
        """Return the influence on a combination of the coefficients, a column."""
        moved: Vector = self.factor * (self.design @ (self.inverse @ vector))
        return moved


@dataclass(frozen=True, eq=False)
class Model:
    """What is to be fitted to the columns of a design.

    Attributes
    ----------
    family
        ``ols``, ``logit``, ``poisson`` or ``gamma`` (both with log link).
    values, weights
        Vectors of the rows of the design; weights all one by default.
    start
        Coefficients to begin with, where some are known to be near.
    penalty
        A symmetric matrix of the coefficients: half their product with it is taken off the log
        likelihood (ridge).
    """

    family: str
    values: Vector
    weights: Vector | None = None
    start: Floats | None = None
    penalty: Floats | None = None


@dataclass(frozen=True, eq=False)
class MomentFit:
    """Coefficients fitted from sums.

    Attributes
    ----------
    information
        The observed information: minus the second derivatives of the log likelihood.
    meat
        Cross-products of the rows' scores, the meat of the sandwich; None where not asked for.
    passes
        How many times all rows were read.
    separated
        Whether some rows are set apart by a combination of columns, on its way to infinity.
    """

    family: str
    params: Floats
    information: Floats
    meat: Floats | None
    values: Vector
    weights: Vector
    design: Design
    passes: int
    separated: bool = False

    @cached_property
    def factor(self) -> Vector:
        """Derivative of each row's log likelihood with respect to its linear predictor."""
        mean = FAMILIES[self.family].mean(self.design @ self.params)
        factor: Vector = FAMILIES[self.family].score(self.values, mean, self.weights)
        return factor

    @cached_property
    def robust_covariance(self) -> Floats:
        """Covariance of the coefficients by the sandwich with HC1's factor n / (n - k)."""
        meat = self.meat
        if meat is None:
            [meat], _ = self.design.moments((self.factor * self.factor,), ())
        bread, (n, k) = np.linalg.inv(self.information), self.design.shape
        return np.asarray(bread @ meat @ bread * (n / (n - k)))

    @property
    def std_errors(self) -> Floats:
        """Robust standard errors of the coefficients (HC1)."""
        return np.asarray(np.sqrt(np.diag(self.robust_covariance)))


# What a fit asks for at a step, weights of cross-products and weights of sums, and what it gets.
_Asked = tuple[list["Vector"], list["Vector"]]
_Found = tuple[list["Floats"], list["Floats"]]
_Steps = Generator[_Asked, _Found, MomentFit]


def fit_moments(
    family: str,
    values: Vector,
    design: Design,
    weights: Vector | None = None,
    *,
    robust: bool = False,
) -> MomentFit:
    """Fit one generalised linear model by Newton's method on sums; see `fit_together`."""
    return fit_together([Model(family, values, weights)], design, robust=robust)[0]


def fit_together(
    models: Sequence[Model], design: Design, *, robust: bool = False
) -> list[MomentFit]:
    """Fit models of the same rows by Newton's method on sums, each pass serving all of them.

    Parameters
    ----------
    design
        The columns of all models.
    robust
        Take the meat of the sandwich in the last pass, rather than in one of its own when
        robust errors are asked for.

    Raises
    ------
    ModelError
        A model does not converge, or its information cannot be inverted.
    """
    return _in_step([_steps(model, design, robust=robust) for model in models], design)


def _in_step(fits: Sequence[_Steps], design: Design) -> list[MomentFit]:
    """Run fits side by side: what all ask for at a step is taken in one pass over the rows."""
    done: dict[int, MomentFit] = {}
    asked = {place: next(fit) for place, fit in enumerate(fits)}
    while asked:
        squares = [column for second, _ in asked.values() for column in second]
        scores = [column for _, first in asked.values() for column in first]
        products, sums = map(iter, design.moments(squares, scores))
        found = {
            place: ([next(products) for _ in second], [next(sums) for _ in first])
            for place, (second, first) in asked.items()
        }
        asked = {}
        for place, taken in found.items():
            try:
                asked[place] = fits[place].send(taken)
            except StopIteration as end:
                done[place] = end.value
    return [done[place] for place in range(len(fits))]


def _steps(model: Model, design: Design, *, robust: bool) -> _Steps:
    """Return the steps of a fit, from where a rough or the values themselves let it begin."""
    family, values = model.family, model.values
    weights = design.one if model.weights is None else model.weights
    width = len(design.names)
    start = np.zeros(width) if model.start is None else model.start
    penalty = np.zeros((width, width)) if model.penalty is None else model.penalty
    known = None if FAMILIES[family].link else design.least_squares(values, weights)
    if known is not None:
        [information], _ = yield [weights], []
        return MomentFit(family, known, information, None, values, weights, design, 1)
    if model.start is None and FAMILIES[family].link:  # least squares needs no beginning
        rough = _from_subsample(family, values, weights, design, penalty)
        if rough is None:
            rough = _first_step(FAMILIES[family], values, weights, design, penalty)
        start = np.asarray(rough)
    steps = _newton(family, values, weights, design, start, penalty, robust=robust)
    return (yield from steps)


def _from_subsample(
    family: str, values: Vector, weights: Vector, design: Design, penalty: Floats
) -> Floats | None:
    """Return coefficients of a few of many rows; None where these cannot tell."""
    some = design.subsample(values, weights)
    if some is None:
        return None
    few, (y, w) = some
    try:
        start = _first_step(FAMILIES[family], y, w, few, penalty)
        [fit] = _in_step([_newton(family, y, w, few, start, penalty, rough=True)], few)
    except ModelError:  # a level that few rows lack, or that separates them
        return None
    return fit.params


def _first_step(
    family: Family, values: Vector, weights: Vector, design: Design, penalty: Floats
) -> Floats:
    """Take one step from means halfway between each value and the mean of all.

    McCullagh and Nelder, Generalized Linear Models, 2nd edition (1989), section 2.5.
    """
    total, weight = sums(weights * values, weights)
    if family.link is None or not total > 0:
        raise ModelError("no row has the outcome", "a model needs rows with and without it")
    mean = (values + float(total / weight)) / 2.0
    information = family.information(mean, mean, weights)
    pulled = information * family.link(mean) + family.score(values, mean, weights)
    [products], [gradient] = design.moments((information,), (pulled,))
    return solve_scaled(products + penalty, gradient)


def _newton(
    family: str,
    values: Vector,
    weights: Vector,
    design: Design,
    params: Floats,
    penalty: Floats,
    *,
    rough: bool = False,
    robust: bool = False,
) -> _Steps:
    """Take Newton's steps until one is small enough; in a rough, one of four digits."""
    known, size, next_size = FAMILIES[family], np.inf, np.inf
    enough = ROUGH_STEP if rough else SMALL_STEP
    information, separated = np.zeros((0, 0)), False
    # A ridge holds a fit, whatever the size of its coefficients: columns may be very small.
    loose = known.link is not None and not penalty.any()
    for step in range(1, MOST_STEPS + 1):
        mean = known.mean(design @ params)
        score = known.score(values, mean, weights)
        again = step == 1 or not known.constant_information
        ending = robust and (
            next_size < enough or separated or (step > 1 and known.constant_information)
        )
        squares = [known.information(values, mean, weights)] * again + [score * score] * ending
        products, [gradient] = yield squares, [score]
        gradient = gradient - penalty @ params
        if again:
            information = products[0] + penalty
        move = solve_scaled(information, gradient)
        params = params + move
        if not np.all(np.isfinite(params)) or (loose and np.max(np.abs(params)) > RUNAWAY):
            break
        last, size = size, float(np.max(np.abs(move)) / max(np.max(np.abs(params)), 1e-300))
        # Steps shrink as their squares, at a rate that two of them tell.
        next_size = size**2 * (max(size / last**2, 1e-3) if 0 < last < np.inf else 1.0)
        # Least squares ends where rounding keeps the steps from shrinking.
        still = known.constant_information and step > 2 and size > last / 2
        gain = float(gradient @ move)
        separated = not rough and known.link is not None and gain < LEAST_GAIN and size > last / 2
        if (size < enough or still or separated) and ending >= robust:
            meat = products[-1] if ending else None
            found = (family, params, information, meat, values, weights, design, step)
            return MomentFit(*found, separated=separated)
    raise ModelError(
        "the model did not converge",
        "its estimates would mean nothing",
        "Use fewer controls, pool more waves, or check the outcome for leakage",
    )


def solve_scaled(matrix: Floats, sides: Floats) -> Floats:
    """Solve for a vector or columns; rows of the definite matrix may be of very different size.

    Raises
    ------
    ModelError
        The matrix is singular.
    """
    scale = np.sqrt(np.diag(matrix))
    try:
        if not np.all(scale > 0):
            raise np.linalg.LinAlgError
        return (np.linalg.solve(matrix / np.outer(scale, scale), (sides.T / scale).T).T / scale).T
    except np.linalg.LinAlgError:
        raise ModelError(
            "the columns of the model are collinear or empty",
            "no column may be a combination of others",
        ) from None
