"""The contrast that carries the money: flexible regression of the `to` group, weighted.

The estimand: among customers of the `from` group, the mean outcome had they been in the `to`
group, less the mean they had. Least squares of the outcome in the `to` group alone, on curves of
the controls and baselines, weighted by the odds of the `from` group, predicts the former. As its
intercept is free, the weighted residuals sum to zero: the prediction is an augmented inverse
probability weighted mean already, right if either the curve or the propensity is (Wooldridge,
Journal of Econometrics 141 (2007), 1281-1301). One formula serves amounts, counts and yes/no.
Errors come from influence values that hold the estimation of both models, residuals divided by
one less their leverage (HC3: MacKinnon and White, Journal of Econometrics 29 (1985), 305-325).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError, OverlapError
from ..models.flexible_basis import Basis
from ..models.newton import solve_scaled
from ..models.propensity import Propensity, fit_propensity
from ..moments.full_precision import inverse_root
from ..moments.influence import covariance, std_error, sums
from ..moments.operations import named, operations_of
from ..moments.order_statistics import quantile
from .contrast import contrast_estimate

if TYPE_CHECKING:
    from ..arrays import Floats, Vector
    from ..models.outcome_models import Setting
    from ..models.sample import Sample
    from ..results.estimate import Estimate

# Odds of the `to` group, over those among all in the two groups, under which a customer of the
# `from` group has hardly anybody like him there.
LEAST_ODDS = 1 / 20
# Customers of the `to` group, weighted to resemble the `from` group, that must stand for it.
LEAST_STANDING = 10
# Share of the `from` group that may have nobody alike; weight of those who stand for the rest,
# over its own, under which a ridge holds up what the data do not.
MOST_LEFT_OUT, LEAST_WEIGHT = 0.5, 0.8
# Share of a gap's variance that may be one answer's.
MOST_OF_ONE = 0.8
# Times the value that 99 % are under, from which on a value is named as what carries the gap.
FAR = 3
# Influence of one answer, over the largest value, that is nothing but rounding.
ROUNDING = 1e-12
# Up to so many rows each has its own leverage, and among more where the mean, over those who
# stand for the `from` group, is above this: else no row has any to speak of.
OWN_LEVERAGE = 3_000
LITTLE_LEVERAGE = 0.05
MOST_LEVERAGE = 0.99


@dataclass(frozen=True, eq=False)
class Contrast:
    """The doubly robust contrast of a group against the `from` group.

    Attributes
    ----------
    influence
        Of each row of the sample.
    propensity
        Of the group against the `from` group.
    pull
        What each row of the `to` group counts for, zero of others.
    left_out
        Share of the `from` group that has hardly anybody like it in the `to` group and is left
        out of the contrast.
    """

    estimate: Estimate
    influence: Vector = field(repr=False)
    propensity: Propensity = field(repr=False)
    pull: Vector = field(repr=False)
    left_out: float = 0.0


def flexible_contrast(
    setting: Setting, basis: Basis, label: str, beside: Sequence[Vector] = ()
) -> Contrast:
    """Estimate the contrast of a group against the `from` group.

    Customers of both groups whose relative odds of `label` are under 1/20 by the controls are
    left out (Crump, Hotz, Imbens and Mitnik, Biometrika 96 (2009), 187-199, on trimming): nobody
    stands for more than twenty like him, and the share left out is stated.

    Parameters
    ----------
    beside
        Influence on estimates that the contrast will be compared with: in an engine their joint
        covariance is asked for in the same pass.

    Raises
    ------
    OverlapError
        Too few customers of the group resemble the `from` group.
    ModelError
        The prediction leaves the range of the data, or one answer carries the gap.
    ScarceDataError
        A group is too small to say anything about.
    """
    sample, origin = setting.sample, setting.origin
    sample.require(label)
    is_origin, everybody = sample.members(origin), sample.weights
    size = {g: float(np.where(sample.members(g), everybody, 0.0).sum()) for g in (origin, label)}
    propensity = fit_propensity(sample, _of_pair(sample, basis, size), origin, label)
    near = propensity.linear >= float(np.log(LEAST_ODDS * size[label] / size[origin]))
    over = np.where(is_origin & near, everybody, 0.0)
    pull = np.where(propensity.is_target & near, everybody * propensity.odds_from, 0.0)
    weights = _Weights(over, pull, _known(propensity))
    left, was, standing, squares, *known = map(float, weights.sums(sample.values))
    left_out = max(0.0, 1 - left / size[origin])
    effective = standing**2 / squares if squares > 0 else 0.0
    _require_alike(setting, label, left_out, standing / left if left else 0.0, effective)
    weights = _Weights(over / left, pull, weights.known, (effective, known[0] ** 2 / known[1]))
    value, psi, mean = _weighted_regression(sample, propensity, weights, was / left)
    psi = named(psi)
    _require_inside(sample, label, mean)
    _require_many(sample, psi, beside)
    name = _method(basis, setting, label, left_out)
    pair = is_origin | propensity.is_target
    estimate = contrast_estimate(setting, "doubly_robust", label, value, psi, name, pair)
    return Contrast(estimate, psi, propensity, pull, left_out)


def _of_pair(sample: Sample, basis: Basis, size: Mapping[str, float]) -> Basis:
    """Return the basis with its ridge in proportion to the weights of the two groups.

    Survey weights have mean one over all groups; where another group has nearly all the weight,
    the same ridge would outweigh the answers of these two.
    """
    if not sample.weighted:
        return basis
    mean = sum(size.values()) / sum(sample.size(label) for label in size)
    return replace(basis, ridge=basis.ridge * mean)


def _require_alike(
    setting: Setting, label: str, left_out: float, standing: float, effective: float
) -> None:
    """Refuse a group in which hardly anybody is like the customers of the `from` group.

    Parameters
    ----------
    left_out
        Share of the `from` group with hardly anybody alike.
    standing
        Weight of those who stand for the rest, over its own: one, but for the ridge.
    effective
        How many of equal weight they count for.
    """
    if left_out <= MOST_LEFT_OUT and standing >= LEAST_WEIGHT and effective >= LEAST_STANDING:
        return
    raise OverlapError(
        f"hardly anybody in {label!r} is like the customers of {setting.origin!r}: weighted to "
        f"resemble them, its answers count as {effective:.1f} and have {100 * standing:.0f} % of "
        f"their weight, and {100 * left_out:.0f} % of the customers have nobody like them there",
        f"a contrast needs {LEAST_STANDING} with {100 * LEAST_WEIGHT:.0f} % of the weight, and "
        "somebody alike for at least half of the group",
        "Check the controls: does one of them follow from the score, or is it missing for one "
        "group only? Or use fewer of them, or pool more waves",
    )


@dataclass(frozen=True, eq=False)
class _Weights:
    """The weights of rows in each part of a contrast.

    Attributes
    ----------
    over
        Of the `from` group.
    pull
        Of the `to` group, the odds of the `from` group in them.
    known
        Of both, in the information of the propensity.
    effective
        How many rows of equal weight `pull` and `known` count for.
    """

    over: Vector
    pull: Vector
    known: Vector
    effective: tuple[float, float] = (0.0, 0.0)

    def sums(self, values: Vector) -> Floats:
        """Return the sums of what the contrast needs of them, in one pass."""
        squares = self.pull * self.pull, self.known, self.known * self.known
        return sums(self.over, self.over * values, self.pull, *squares)


def _known(propensity: Propensity) -> Vector:
    chance = propensity.chance
    return propensity.weights * (chance * (1.0 - chance))


def _weighted_regression(
    sample: Sample, propensity: Propensity, weights: _Weights, was: float
) -> tuple[float, Vector, float]:
    """Return the contrast, the influence of each row, and the mean predicted under the group.

    Parameters
    ----------
    was
        Mean that the `from` group had.
    """
    design, ridge, values = propensity.basis.design, propensity.basis.ridge, sample.values
    over, pull = weights.over, weights.pull
    [products], [cross, centre] = design.moments([pull], [pull * values, over])
    bread = products + ridge
    params, toward = solve_scaled(bread, cross), solve_scaled(bread, centre)
    mean = float(centre @ params)
    value = mean - was
    residual, lean = pull * (values - design @ params), design @ toward
    steer = design.moments((), [residual * lean])[1][0]
    psi = over * (design @ params - values - value)
    psi = psi + _spared(propensity, pull, bread, weights.effective[0]) * residual * lean
    score = propensity.weights * (np.where(propensity.is_target, 1.0, 0.0) - propensity.chance)
    spared = _spared(propensity, weights.known, propensity.information, weights.effective[1])
    psi = psi - spared * score * (design @ solve_scaled(propensity.information, steer))
    return value, psi, mean


def _spared(
    propensity: Propensity, weights: Vector, information: Floats, effective: float
) -> Vector | float:
    """Return one over one less each row's leverage; the mean leverage where that is little."""
    design = propensity.basis.design
    mean = design.shape[1] / effective
    if design.shape[0] > OWN_LEVERAGE and mean <= LITTLE_LEVERAGE:
        return 1 / (1 - mean)
    leverage = weights * design.leverage(inverse_root(information))
    return 1.0 / (1.0 - np.minimum(leverage, MOST_LEVERAGE))


def _require_inside(sample: Sample, label: str, mean: float) -> None:
    """Refuse a predicted mean that no mean of such values can be."""
    low, high = sample.extremes(label)
    rounding = 1e-9 * max(abs(low), abs(high))
    if not low - rounding <= mean <= high + rounding:
        raise ModelError(
            f"the mean of {sample.outcome.name!r} predicted under {label!r}, {mean:.4g}, lies "
            f"outside the values of that group, {low:.4g} to {high:.4g}",
            "a prediction must not leave the data",
            "Use fewer controls, or check them for a few extreme values",
        )


def _require_many(sample: Sample, psi: Vector, beside: Sequence[Vector]) -> None:
    """Refuse a contrast whose error is for the most part that of one single answer."""
    # The error is asked for at the same time, so that a pass over the rows serves all of it.
    asks: list[Callable[[], Any]] = [
        partial(operations_of(psi).extremes, psi),
        partial(sums, psi * psi),
        partial(std_error, psi, sample.clusters),
        *([partial(covariance, [*beside, psi], sample.clusters)] if beside else []),
    ]
    ends, [whole], *_ = sample.rows.together(asks)
    largest = max(abs(ends[0]), abs(ends[1])) ** 2
    if largest <= MOST_OF_ONE * whole:
        return
    values, name = sample.values, sample.outcome.name.replace("_", " ")
    farthest = max((values.min(), values.max()), key=abs)
    if largest <= (ROUNDING * farthest) ** 2:  # the gap is certain
        return
    usual = quantile(np.absolute(values), None, 0.99)
    found = f"one of {sample.rows.count:,} answers carries the gap in {name}"
    expected = f"one answer makes at most {100 * MOST_OF_ONE:.0f} % of the variance of a gap"
    if abs(farthest) <= FAR * usual:
        raise ModelError(
            f"{found}, though no value is far from the others: it stands for many who are unlike "
            "the rest of its group",
            expected,
            f"Check the controls: does one of them all but determine {name}, or tell the groups "
            "apart? What was measured after the answer does not belong there",
        )
    raise ModelError(
        f"{found}: a value is {farthest:,.6g}, while 99 % are up to {usual:,.6g}",
        expected,
        "Check that value: a wrong unit or a sum of several customers? If it is right, set the "
        "customer aside, or declare the outcome without such orders",
    )


def _method(basis: Basis, setting: Setting, label: str, left_out: float) -> str:
    out = f", {100 * left_out:.2g} % of it without anybody alike left out" if left_out else ""
    return (
        f"doubly robust: least squares in the {label} group on {basis.width} columns (curves of "
        f"controls and baselines), weighted by the odds of a logit on them, over the "
        f"{setting.origin} group{out}"
    )
