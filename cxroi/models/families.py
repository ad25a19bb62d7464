"""The families of models: mean, score and information of a row, on arrays and on columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..arrays import Vector


@dataclass(frozen=True)
class Family:
    """How the mean of a row follows from its linear predictor, and how likely its value is.

    Attributes
    ----------
    mean
        Linear predictor -> mean.
    slope
        Mean -> its derivative with respect to the linear predictor.
    score
        Value, mean, weight -> derivative of the log likelihood with respect to the linear
        predictor, the scale aside.
    information
        The same -> minus its second derivative.
    link
        Mean -> linear predictor; None for least squares.
    constant_information
        Whether the information is the same whatever the coefficients.
    """

    mean: Callable[[Vector], Vector]
    slope: Callable[[Vector], Vector]
    score: Callable[[Vector, Vector, Vector], Vector]
    information: Callable[[Vector, Vector, Vector], Vector]
    link: Callable[[Vector], Vector] | None = None
    constant_information: bool = False


def _same(eta: Vector) -> Vector:
    return eta


def _expit(eta: Vector) -> Vector:
    from scipy.special import expit

    found: Vector = expit(eta)
    return found


def _logit(mean: Vector) -> Vector:
    return np.log(mean / (1.0 - mean))


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "ols": Family(
            mean=_same,
            slope=lambda mean: 0.0 * mean + 1.0,
            score=lambda y, mean, w: w * (y - mean),
            information=lambda y, mean, w: w,
            constant_information=True,
        ),
        "logit": Family(
            mean=_expit,
            slope=lambda mean: mean * (1.0 - mean),
            score=lambda y, mean, w: w * (y - mean),
            information=lambda y, mean, w: w * (mean * (1.0 - mean)),
            link=_logit,
        ),
        "poisson": Family(
            mean=np.exp,
            slope=_same,
            score=lambda y, mean, w: w * (y - mean),
            information=lambda y, mean, w: w * mean,
            link=np.log,
        ),
        "gamma": Family(
            mean=np.exp,
            slope=_same,
            score=lambda y, mean, w: w * (y / mean - 1.0),
            information=lambda y, mean, w: w * (y / mean),
            link=np.log,
        ),
    }
)
