"""Corrections for many tests: Holm within an outcome, Benjamini-Hochberg over outcomes.

Holm, Scandinavian Journal of Statistics 6 (1979), 65-70; Benjamini and Hochberg, JRSS B 57
(1995), 289-300. statsmodels' `multipletests` collects all garbage at each call, a tenth of a
second that a report would pay dozens of times; the tests hold these to it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arrays import Floats


def holm(p_values: Sequence[float]) -> Floats:
    """Return p values adjusted by Holm's step-down procedure, in the order given.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, dtype=float)
    order = np.argsort(values, kind="stable")
    steps = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> Floats:
    """Return p values adjusted by the false discovery rate, in the order given."""
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(np.asarray(p_values, dtype=float), method="bh"))
