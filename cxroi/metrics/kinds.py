"""Kinds: what is made of the sums of a metric's rows, with the interval of its kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..arrays import Floats
from ..results.estimate import CONF_LEVEL, Estimate
from .intervals import adjusted_wald, critical, wilson

STEP = 1e-200  # of the complex step: so small that nothing is lost to it


@dataclass(frozen=True)
class Sums:
    """Sums of the columns of a metric over its independent units.

    Attributes
    ----------
    rows, units
        Observations, and the customers they are of.
    totals
        Of each column.
    products
        Of each pair of columns, each summed over a unit before.
    apart
        Whether every row is a unit of its own and counts once.
    of
        What the units are, in words.
    """

    rows: int
    units: int
    totals: Floats
    products: Floats
    apart: bool
    of: str = "customers"


@dataclass(frozen=True)
class Found:
    """What was made of sums, in the unit of the metric; `n` where not all rows are behind it."""

    estimate: float | None
    low: float | None = None
    high: float | None = None
    error: float | None = None
    how: str = ""
    n: int | None = None

    def told(
        self, name: str, unit: str, n: int, method: str, *, note: str = "", term: str = ""
    ) -> Estimate:
        """Return it as an estimate."""
        return Estimate(
            name=name,
            estimate=self.estimate,
            conf_low=self.low,
            conf_high=self.high,
            std_error=self.error,
            unit=unit,
            n=n,
            method=method,
            note=note,
            term=term,
        )


@dataclass(frozen=True)
class Kind:
    """A way of making an estimate of rows.

    Attributes
    ----------
    columns
        SQL over a row, one for each sum; ``w`` is its weight.
    make
        From the sums to the estimate.
    known
        SQL of the rows that count.
    """

    columns: tuple[str, ...]
    make: Callable[[Sums], Found]
    known: str = "x IS NOT NULL"


def _clustered(sums: Sums) -> str:
    return f"units are {sums.of}, whose observations are not taken for independent"


def _linear(sums: Sums, gradient: Sequence[float]) -> float | None:
    """Return the standard error of a function of sums, by its gradient; None of one unit.

    The delta method over units as drawn with their number given.
    """
    if sums.units < 2:
        return None
    g = np.asarray(gradient, dtype=float)
    mean = float(g @ sums.totals) / sums.units
    spread = float(g @ sums.products @ g) - sums.units * mean * mean
    return math.sqrt(max(spread, 0.0) * sums.units / (sums.units - 1))


def _ratio(sums: Sums) -> Found:
    x, y = map(float, sums.totals)
    if not y:
        return Found(None, how="nothing to divide by")
    value = x / y
    error = _linear(sums, (1 / y, -value / y))
    return _student(value, error, sums)


def _student(value: float, error: float | None, sums: Sums) -> Found:
    if error is None:
        return Found(value, how="of one unit alone: no interval")
    half = critical(sums.units - 1) * error
    how = f"delta method over {sums.units:,} {sums.of}, Student's t"
    return Found(value, value - half, value + half, error, how)


def share_interval(sums: Sums) -> tuple[float, float]:
    """Return how many independent observations a share is worth, and the point of its interval.

    No more than it has (Korn and Graubard 1998, Survey Methodology 24, 193-201).
    """
    found = _ratio(sums)
    p = found.estimate or 0.0
    if sums.apart or not found.error or not 0 < p < 1:
        return (float(sums.rows) if sums.apart else float(sums.units)), critical()
    worth = p * (1 - p) / found.error**2 + 1
    return min(worth, _observations(sums)), critical(sums.units - 1)


def _observations(sums: Sums) -> float:
    """Return how many a share is of: its rows, or what they count where they count several."""
    return max(float(sums.rows), float(sums.totals[-1]))


def _share(sums: Sums) -> Found:
    p = _ratio(sums).estimate
    if p is None:
        return Found(None, how="nothing to divide by")
    p = min(max(p, 0.0), 1.0)
    worth, z = share_interval(sums)
    low, high = wilson(p, worth, z)
    how = "Wilson" if sums.apart else f"Wilson, {_clustered(sums)}"
    return Found(p, low, high, math.sqrt(p * (1 - p) / worth), how)


def _share_of(sums: Sums) -> Found:
    """Make a share of what each row counts several of: these are not independent."""
    return _share(replace(sums, apart=False))


def _nps(sums: Sums) -> Found:
    up, down, n = map(float, sums.totals)
    if not n:
        return Found(None, how="nothing to divide by")
    best, worst = up / n, down / n
    gap = best - worst
    error = _linear(sums, (1 / n, -1 / n, -gap / n))
    plain = best + worst - gap * gap
    worth, z = float(sums.rows), critical()
    if not sums.apart:
        worth = plain / error**2 + 1 if error and plain > 0 else float(sums.units)
        worth = min(worth, float(sums.rows))
        z = critical(max(sums.units - 1, 1))
    low, high = adjusted_wald(best, worst, worth, z)
    low, high = min(low, gap), max(high, gap)  # of few who all agree it is beside them
    how = "adjusted Wald" if sums.apart else f"adjusted Wald, {_clustered(sums)}"
    return Found(100 * gap, 100 * low, 100 * high, error and 100 * error, how)


def _total(sums: Sums) -> Found:
    """Make a total of customers who came independently of one another."""
    value, error = float(sums.totals[0]), math.sqrt(max(sums.products[0, 0], 0.0))
    half = critical() * error
    how = f"sum; interval as if the {sums.units:,} {sums.of} had come independently"
    return Found(value, value - half, value + half, error, how)


def _cost_of_one(sums: Sums) -> Found:
    """Make a sum spent over how many came of it: the sum is known, their number is by chance."""
    from scipy import stats

    spent, n = float(sums.totals[0]), sums.rows
    tail = (1 - CONF_LEVEL) / 2
    most = float(stats.chi2.ppf(1 - tail, 2 * n + 2)) / 2
    fewest = float(stats.chi2.ppf(tail, 2 * n)) / 2
    how = f"interval of the number of {n:,} as Poisson counts vary (Garwood 1936)"
    return Found(spent / n, spent / most, spent / fewest, spent / n / math.sqrt(n), how)


def function_of(value: Callable[..., Any], columns: int, counted: int = 0) -> Kind:
    """Return the kind that makes an estimate of several sums, by the delta method.

    Parameters
    ----------
    value
        Of as many numbers as there are columns, by plain arithmetic: its derivative is taken by
        the complex step (Squire and Trapp 1998, SIAM Review 40, 110-112).
    counted
        The column, from 1, of which `n` counts the rows that are not 0; 0 for all rows.
    """

    def make(sums: Sums) -> Found:
        totals = [float(total) for total in sums.totals[:columns]]
        n = round(float(sums.totals[-1])) if counted else None
        try:
            estimate = float(value(*totals))
        except ZeroDivisionError:
            return Found(None, how="nothing to divide by", n=n)
        gradient = []
        for place in range(len(totals)):
            moved = [complex(t, STEP if k == place else 0.0) for k, t in enumerate(totals)]
            gradient.append(float(np.imag(value(*moved))) / STEP)
        gradient += [0.0] * bool(counted)
        return replace(_student(estimate, _linear(sums, gradient), sums), n=n)

    names = [f"x{k + 1}" for k in range(columns)]
    known = " AND ".join(f"{name} IS NOT NULL" for name in names)
    taken = [f"w * {name}" for name in names]
    if counted:
        taken.append(f"CASE WHEN x{counted} <> 0 THEN 1 ELSE 0 END")
    return Kind(tuple(taken), make, known)


_BOTH = "x IS NOT NULL AND y IS NOT NULL"
_IF = "CASE WHEN {} THEN w ELSE 0 END"
KINDS = {
    "share": Kind(("w * x", "w"), _share),
    "share_of": Kind(("w * x", "w * y"), _share_of, _BOTH),
    "mean": Kind(("w * x", "w"), _ratio),
    "ratio": Kind(("w * x", "w * y"), _ratio, _BOTH),
    "nps": Kind((_IF.format("x > 0"), _IF.format("x < 0"), "w"), _nps),
    "total": Kind(("w * x",), _total),
    "cost_of_one": Kind(("w * x",), _cost_of_one),
    "median": Kind(("w * x", "w"), _share),
}
