"""Propensity: the chance of one group rather than another, given the controls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..arrays import Vector
from .fit import Fit
from .outcome_models import Setting
from .shared import fit_once

if TYPE_CHECKING:
    from ..moments.design import Design


@dataclass(frozen=True)
class Propensity:
    """The chance of being in `target` rather than in the `from` group, for every row.

    Among several groups the odds of a pair follow from these two groups alone (Begg and Gray,
    Biometrika 71 (1984), 11-18), so a logit over the pair serves in place of one over all.

    Attributes
    ----------
    chance
        Of `target` given that the row is in one of the two, by its controls; for every row of
        the sample, those of other groups included.
    design
        Intercept and controls, one row a response.
    fit
        The logit.
    """

    target: str
    chance: Vector = field(compare=False)
    design: Design = field(compare=False)
    fit: Fit = field(compare=False)

    @property
    def odds_from(self) -> Vector:
        """Odds of the `from` group against the target: what makes targets stand for it."""
        return (1 - self.chance) / self.chance


def fit_propensity(setting: Setting, target: str, rows: Vector | None = None) -> Propensity:
    """Fit the logit of `target` against the `from` group on the controls.

    Parameters
    ----------
    rows
        The rows of the sample that take part; all by default.

    Raises
    ------
    ModelError
        Separation (no overlap), collinearity or no convergence, naming the columns.
    """
    sample, controls = setting.sample, setting.controls
    is_target = sample.members(target)
    pair = is_target | sample.members(setting.origin)
    design = controls.with_groups(sample, ())
    fit = fit_once(
        sample,
        "logit",
        {target: np.where(is_target, 1.0, 0.0)},
        design,
        f"{target} rather than {setting.origin}",
        pair if rows is None else pair & rows,
    )[target]
    return Propensity(target, fit.mean(design), design, fit)
