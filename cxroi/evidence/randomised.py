"""What a random offer does: differences with errors by influence values, and what being moved does.

The difference is adjusted for baselines by least squares in each arm (Lin, Annals of Applied
Statistics 7 (2013), 295-318): of a random offer it is right whatever the baselines do, and its
variance falls by the share that they explain (CUPED: Deng, Xu, Kohavi and Walker, WSDM 2013).
What being moved does is that difference over the difference in who is moved; its interval is that
of Anderson and Rubin (Annals of Mathematical Statistics 20 (1949), 46-63), which stays right where
the offer hardly moves anybody: it is then long, open at an end, or everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, sqrt
from typing import TYPE_CHECKING

import numpy as np

from ..moments import influence
from ..moments.influence import normal_interval, normal_p_value
from ..results.estimate import CONF_LEVEL
from ..results.on_demand import FITTED, on_demand

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers

FEW_UNITS = 50  # under which Student's t stands for the normal distribution
MOST_LEVERAGE = 0.99


@on_demand
@dataclass(frozen=True, eq=False)
class Difference:
    """A difference between those offered and those held out.

    Attributes
    ----------
    value, std_error, low, high, p_value
        The interval covers 95 per cent.
    held_out
        Mean of those held out.
    influence
        Of each customer on `value`.
    n, units
        Customers, and independent units: those of the assignment.
    """

    value: float
    std_error: float
    low: float
    high: float
    p_value: float
    held_out: float
    influence: Floats = field(metadata=FITTED)
    n: int
    units: int


@dataclass(frozen=True)
class Region:
    """The values that a test of 95 per cent does not rule out.

    Attributes
    ----------
    parts
        Intervals, low to high; infinite ends are open. Two where all but a middle is left.
    """

    parts: tuple[tuple[float, float], ...]

    @property
    def bounded(self) -> bool:
        """Whether it is one interval with two ends."""
        return len(self.parts) == 1 and all(abs(end) < inf for end in self.parts[0])

    def holds(self, value: float) -> bool:
        """Whether a value is within it."""
        return any(low <= value <= high for low, high in self.parts)


def difference(
    values: Floats,
    offered: Flags,
    baselines: Floats | None = None,
    units: Integers | None = None,
) -> Difference:
    """Return the difference that an offer makes, adjusted for what was before it.

    Parameters
    ----------
    values
        Of each customer, shape (n,).
    offered
        Whether each was offered, shape (n,).
    baselines
        What was known of each before, shape (n, k); None for none.
    units
        The unit of assignment of each, such as a team, coded 0 .. G-1; None where customers were
        assigned themselves.

    Examples
    --------
    >>> found = difference(np.array([1.0, 2, 5, 6]), np.array([False, False, True, True]))
    >>> found.value
    4.0
    """
    n = len(values)
    before = np.empty((n, 0)) if baselines is None else baselines - baselines.mean(axis=0)
    arms = [_arm(values, before, offered == arm) for arm in (True, False)]
    value = arms[0][0] - arms[1][0]
    slopes = arms[0][1] - arms[1][1]
    psi = arms[0][2] - arms[1][2] + before @ slopes / n
    error = influence.std_error(psi, units)
    count = n if units is None else int(units.max()) + 1
    dof = _dof(offered, units)
    low, high = normal_interval(value, error, CONF_LEVEL, dof)
    p_value = normal_p_value(value, error, dof)
    return Difference(value, error, low, high, p_value, arms[1][0], psi, n, count)


def _arm(values: Floats, before: Floats, rows: Flags) -> tuple[float, Floats, Floats]:
    """Return the mean of an arm at the baselines of all, its slopes, and influence on the mean."""
    design = np.column_stack([np.ones(int(rows.sum())), before[rows]])
    bread = np.linalg.pinv(design.T @ design)
    coefficients = bread @ (design.T @ values[rows])
    leverage = np.einsum("ij,jk,ik->i", design, bread, design)
    residual = (values[rows] - design @ coefficients) / (1 - np.minimum(leverage, MOST_LEVERAGE))
    psi = np.zeros(len(values))
    psi[rows] = residual * (design @ bread[0])
    return float(coefficients[0]), coefficients[1:], psi


def _dof(offered: Flags, units: Integers | None) -> float | None:
    """Return degrees of freedom: those of the smaller arm's units, twice; None of many."""
    if units is None:
        smaller = min(int(offered.sum()), int((~offered).sum()))
    else:
        smaller = min(len(np.unique(units[offered])), len(np.unique(units[~offered])))
    return None if smaller >= FEW_UNITS else max(2.0 * smaller - 2.0, 1.0)


def being_moved(
    outcome: Difference, moved: Difference, units: Integers | None = None, level: float = CONF_LEVEL
) -> tuple[float, Region]:
    """Return what being moved does to an outcome: the ratio of two differences, and its region.

    The offer works through the move alone, and moves nobody the other way (Angrist, Imbens and
    Rubin, JASA 91 (1996), 444-455): it is the mean effect among those whom the offer moves.

    Parameters
    ----------
    outcome, moved
        Of the same customers, in the same order.

    Returns
    -------
    tuple
        Wald's ratio, and the region of Anderson and Rubin.
    """
    from scipy.special import ndtri

    joint = influence.covariance([outcome.influence, moved.influence], units)
    q = float(ndtri(0.5 + level / 2)) ** 2
    ratio = outcome.value / moved.value if moved.value else float("nan")
    a = moved.value**2 - q * joint[1, 1]
    b = outcome.value * moved.value - q * joint[0, 1]
    c = outcome.value**2 - q * joint[0, 0]
    return ratio, _not_above_zero(a, b, c)


def _not_above_zero(a: float, b: float, c: float) -> Region:
    """Return where a x² - 2 b x + c is not above zero."""
    inside = b * b - a * c
    if inside <= 0:
        return Region(((-inf, inf),) if a < 0 else ())
    if a == 0:
        end = c / (2 * b)
        return Region(((end, inf),) if b > 0 else ((-inf, end),))
    ends = sorted(((b - sqrt(inside)) / a, (b + sqrt(inside)) / a))
    if a > 0:
        return Region(((ends[0], ends[1]),))
    return Region(((-inf, ends[0]), (ends[1], inf)))
