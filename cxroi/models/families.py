"""The families of models: mean, score and information of a row, on arrays and on columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np


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

    mean: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    score: Callable[[Any, Any, Any], Any]
    information: Callable[[Any, Any, Any], Any]
    link: Callable[[Any], Any] | None = None
    constant_information: bool = False


def _same(eta: Any) -> Any:
    return eta


def _expit(eta: Any) -> Any:
    from scipy.special import expit

    return expit(eta)


def _logit(mean: Any) -> Any:
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
