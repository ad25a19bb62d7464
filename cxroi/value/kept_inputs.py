"""Inputs of a ROI as plain numbers and back, and how far sampling errors move what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from .money import Inputs, evaluate

if TYPE_CHECKING:
    import pandas as pd

_WHOLE = ("customers", "window_days", "churn_days")
_PLAIN = ("horizon_months", "wave_months")
# Share of its standard error by which an input is moved to find the slope.
STEP = 0.01


def as_dict(inputs: Inputs) -> dict[str, float]:
    """Return every input at its central value by name, as results.json has it."""
    return {f.name: float(getattr(inputs, f.name)) for f in fields(inputs)}


def from_dict(values: Mapping[str, float]) -> Inputs:
    """Return the inputs that `as_dict` wrote, of an earlier version too.

    Raises
    ------
    KeyError
        A name is missing, and its input has no default.
    """
    made: dict[str, Any] = {
        name: int(v) if name in _WHOLE else float(v) if name in _PLAIN else np.asarray(float(v))
        for name, v in ((n, values[n]) for n in _told(values))
    }
    return Inputs(**made)


def _told(values: Mapping[str, float]) -> list[str]:
    """Return the inputs that must be told, and those that are."""
    defaults = (MISSING, MISSING)
    must = [f.name for f in fields(Inputs) if (f.default, f.default_factory) == defaults]
    return [*must, *(f.name for f in fields(Inputs) if f.name in values and f.name not in must)]


def sampling_covariance(draws: Inputs, sampled: list[str]) -> pd.DataFrame:
    """Return the covariance of those inputs that were drawn for want of more customers.

    Parameters
    ----------
    sampled
        Names of the inputs that data tells, and not the scenario.

    Returns
    -------
    pandas.DataFrame
        Square, by the names of the inputs that vary.
    """
    import pandas as pd

    drawn = {name: values for name, values in draws.uncertain().items() if name in sampled}
    values = np.cov(np.array(list(drawn.values()))) if drawn else np.zeros((0, 0))
    return pd.DataFrame(np.atleast_2d(values), index=list(drawn), columns=list(drawn))


def sampling_error(inputs: Inputs, covariance: pd.DataFrame, figure: str = "ratio") -> float:
    """Return the standard error of a figure from sampling alone, the assumptions held as they are.

    Delta method: slopes by central differences over a small part of each input's own error.

    Parameters
    ----------
    figure
        A field of `Money`: ``ratio``, ``net``, ``value``.
    """
    slopes = [
        _slope(inputs, name, sqrt(max(covariance.loc[name, name], 0.0)) * STEP, figure)
        for name in covariance.index
    ]
    gradient = np.array(slopes)
    return sqrt(max(float(gradient @ covariance.to_numpy() @ gradient), 0.0))


def _slope(inputs: Inputs, name: str, step: float, figure: str) -> float:
    if step == 0:
        return 0.0
    at = getattr(inputs, name)
    low, high = (
        float(getattr(evaluate(inputs.with_values(**{name: at + move})), figure))
        for move in (-step, step)
    )
    return (high - low) / (2 * step)
