"""What it is worth to know more before choosing: the value of perfect information.

Raiffa and Schlaifer, Applied Statistical Decision Theory (1961): what the best choice of each draw
earns on average, less what the best choice without knowing earns. Of one input alone it is what
the best choice given that input earns, whose expectation is a regression of net values on the
input's draws (Strong, Oakley and Brennan, Medical Decision Making 34 (2014), 311-326).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..models.splines import SHARES, bends, knots_of

if TYPE_CHECKING:
    from ..arrays import Floats

FOLDS: Final = 2
KNOTS: Final = 4


def worth_knowing(nets: Floats, without: int) -> tuple[float, float]:
    """Return the expected value of perfect information, and its simulation error.

    Parameters
    ----------
    nets
        Net value, a row a draw, a column a choice; doing nothing is one of them.
    without
        The column that is chosen without knowing more.

    Examples
    --------
    >>> import numpy as np
    >>> worth_knowing(np.array([[0.0, 10.0], [0.0, -10.0]]), 0)[0]
    5.0
    """
    return _gain(nets.max(axis=1), nets[:, without])


def worth_knowing_one(nets: Floats, known: Floats, without: int) -> tuple[float, float]:
    """Return the expected value of knowing one input exactly, and its simulation error.

    Half of the draws tell which choice is best given the input, the other half what that earns,
    and the other way round: so noise of the draws is not taken for knowledge, and the value is
    not overstated.

    Parameters
    ----------
    nets, without
        As of `worth_knowing`.
    known
        The input, one value a draw.
    """
    if np.ptp(known) == 0:
        return 0.0, 0.0
    chosen = np.empty(len(nets))
    fold = np.arange(len(nets)) % FOLDS
    basis = _basis(known)
    for k in range(FOLDS):
        own, others = fold == k, fold != k
        slopes = np.linalg.lstsq(basis[others], nets[others], rcond=None)[0]
        choice = (basis[own] @ slopes).argmax(axis=1)
        chosen[own] = nets[own, choice]
    value, error = _gain(chosen, nets[:, without])
    return max(value, 0.0), error


def _gain(chosen: Floats, without: Floats) -> tuple[float, float]:
    """Return what choices earn beyond that without knowing, on average, with standard error."""
    more = chosen - without
    return float(more.mean()), float(more.std(ddof=1) / np.sqrt(len(more)))


def _basis(known: Floats) -> Floats:
    """Return a curve in an input, a straight line beyond its outer knots."""
    knots = knots_of(np.quantile(known, SHARES), KNOTS)
    curve = bends(known, knots) if len(knots) > 2 else []
    return np.column_stack([np.ones_like(known), known, *curve])
