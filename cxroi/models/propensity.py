"""Propensity: the chance of one group rather than another, given the controls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError, OverlapError
from ..moments.array_design import ArrayDesign
from .newton import Model, MomentFit, fit_together
from .shared import digest

if TYPE_CHECKING:
    from ..arrays import Floats, Vector
    from .flexible_basis import Basis
    from .sample import Sample


@dataclass(frozen=True, eq=False)
class Propensity:
    """The chance of being in `target` rather than in the `from` group, for every row.

    Among several groups the odds of a pair follow from these two groups alone (Begg and Gray,
    Biometrika 71 (1984), 11-18), so a logit over the pair serves in place of one over all.

    Attributes
    ----------
    linear
        Log odds of `target` given that the row is in one of the two, by the basis; for every row
        of the sample, those of other groups included.
    is_target, weights
        Which rows are in `target`; survey weight of the rows of the pair, zero of others.
    basis, information
        The columns of the logit, and its information with the ridge.
    params
        Coefficients of the columns.
    """

    target: str
    linear: Vector = field(repr=False)
    is_target: Vector = field(repr=False)
    weights: Vector = field(repr=False)
    basis: Basis = field(repr=False)
    information: Floats = field(repr=False)
    params: Floats = field(repr=False)

    @property
    def chance(self) -> Vector:
        """Chance of `target`."""
        from scipy.special import expit

        found: Vector = expit(self.linear)
        return found

    @property
    def odds_from(self) -> Vector:
        """Odds of the `from` group against the target: what makes targets stand for it."""
        return np.exp(-self.linear)


def fit_propensity(
    sample: Sample, basis: Basis, origin: str, target: str, start: Floats | None = None
) -> Propensity:
    """Fit the logit of `target` against `origin` on the basis, with its ridge.

    Parameters
    ----------
    start
        Coefficients to begin with, where some are known to be near.

    Raises
    ------
    OverlapError
        It does not converge: the controls tell the groups apart.
    """
    is_target = sample.members(target)
    pair = is_target | sample.members(origin)
    weights = np.where(pair, sample.weights, 0.0)
    design = basis.design

    def fit() -> MomentFit:
        model = Model("logit", np.where(is_target, 1.0, 0.0), weights, start, basis.ridge)
        return fit_together([model], design)[0]

    try:
        if isinstance(design, ArrayDesign):
            key = "propensity", design.names, digest(design.matrix, weights, is_target)
            found = sample.fits.get(key, fit)
        else:
            found = fit()
    except ModelError as refusal:
        raise OverlapError(
            f"the chance of {target!r} rather than {origin!r} could not be estimated",
            "the controls must leave both groups some customers who are alike",
            "Check the controls: does one of them follow from the score?",
        ) from refusal
    linear = design @ found.params
    return Propensity(target, linear, is_target, weights, basis, found.information, found.params)
