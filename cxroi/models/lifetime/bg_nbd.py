"""How often customers will buy again, who do not say when they leave: BG/NBD.

While a customer is active, purchases come at a rate of their own, gamma-distributed among
customers; after each purchase a customer may leave for good, with a chance of their own,
beta-distributed among customers. Fader, Hardie and Lee, "Counting Your Customers" the Easy Way,
Marketing Science 24 (2005), 275-284; the equations named below are of that paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ScarceDataError
from ...results.thresholds import MINIMUM_GROUP
from .likelihoods import greatest, refuse_flat

if TYPE_CHECKING:
    from ...arrays import Floats
    from .likelihoods import Likelihood

_ALIKE = "all customers seem to buy equally often"
_FEW = "a few customers seem to make nearly all purchases"
_STAY = "customers seem to leave alike, or hardly at all"
_BOUNDS = (
    (_FEW, _ALIKE),
    (_FEW, _ALIKE),
    ("hardly anybody seems to leave", _STAY),
    ("nearly everybody seems to leave after a purchase", _STAY),
)
# About a = 1 the expected purchases are 0 / 0.
_NEAR_ONE = 1e-3
# Of a, from which on the transformed series loses digits, and overflows.
_LARGE = 50.0


@dataclass(frozen=True)
class BgNbd:
    """A fitted BG/NBD model.

    Attributes
    ----------
    r, alpha
        Shape and rate of the gamma distribution of purchases per unit of time.
    a, b
        Of the beta distribution of the chance to leave after a purchase.
    n
        Customers behind it.
    log_likelihood
        Of all of them together.
    spread
        Inverse curvature by the logarithms of (r, alpha over the mean age, a, b), of one
        customer.
    """

    r: float
    alpha: float
    a: float
    b: float
    n: int = 0
    log_likelihood: float = np.nan
    spread: Floats | None = None

    def active(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """Return the chance that each customer has not left.

        Parameters
        ----------
        x
            Purchases after the first.
        t_x
            Time from the first purchase to the last; 0 where x is.
        age
            Time from the first purchase to the end of what is known.
        """
        return np.asarray(1 / (1 + self._left(x, t_x, age)))

    def purchases(self, x: Floats, t_x: Floats, age: Floats, t: float) -> Floats:
        """Return the purchases expected of each customer in the time `t` that follows, eq. 10.

        With x, t_x and age of 0 it is what is expected of a new customer, eq. 9.

        Examples
        --------
        >>> model = BgNbd(0.243, 4.414, 0.793, 2.426)
        >>> history = np.array([2.0]), np.array([30.43]), np.array([38.86])
        >>> model.purchases(*history, 39.0).round(3)
        array([1.226])
        """
        return np.asarray(self.while_active(x, age, t) * self.active(x, t_x, age))

    def while_active(self, x: Floats, age: Floats, t: float) -> Floats:
        """Return the purchases expected of each customer in the time `t`, if now active."""
        near = abs(self.a - 1) < _NEAR_ONE
        places = (1 - _NEAR_ONE, 1 + _NEAR_ONE) if near else (self.a,)
        return np.asarray(np.mean([self._while_active(x, age, t, a) for a in places], axis=0))

    def _left(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """Return the odds of having left."""
        log = (self.r + x) * np.log((self.alpha + age) / (self.alpha + t_x))
        again = x > 0
        odds = self.a / np.where(again, self.b + x - 1, 1.0)
        with np.errstate(over="ignore"):  # of who bought daily and stopped: surely left
            return np.where(again, odds * np.exp(np.where(again, log, 0.0)), 0.0)

    def _while_active(self, x: Floats, age: Floats, t: float, a: float) -> Floats:
        from scipy.special import hyp2f1

        z = t / (self.alpha + age + t)
        c = a + self.b + x - 1
        # The published series, and Euler's transformation of it, in which no term grows with x.
        ways: list[tuple[Any, Any, Any]]
        ways = [(self.r + x, self.r + x, self.b + x), (a - 1, c - self.r - x, a - 1)]
        series = np.full(np.shape(z), np.nan)
        with np.errstate(invalid="ignore", over="ignore"):
            for power, first, second in ways if a >= _LARGE else ways[::-1]:
                if not np.isfinite(series).all():
                    found = (1 - z) ** power * hyp2f1(first, second, c, z)
                    series = np.where(np.isfinite(series), series, found)
        return np.asarray(c / (a - 1) * (1 - series))


def fit_bg_nbd(
    x: Floats, t_x: Floats, age: Floats, counts: Floats, like: BgNbd | None = None
) -> BgNbd:
    """Fit the model by greatest likelihood.

    Parameters
    ----------
    x, t_x, age
        Purchases after the first, time from the first to the last, and to the end of what is
        known; a cell of equal customers each.
    counts
        Customers of each cell.
    like
        A fit of nearly the same customers, from which the search begins: a resample of them is
        fitted so, and may run to a bound.

    Raises
    ------
    ScarceDataError
        Fewer than `MINIMUM_GROUP` customers bought again.
    ModelError
        A parameter runs to a bound.
    """
    if like is None:
        refuse_too_few(x, counts)
    unit = float(counts @ age / counts.sum())
    likelihood = _likelihood(x, t_x / unit, age / unit, counts)
    if like is not None:
        start = np.array([like.r, like.alpha / unit, like.a, like.b])
        params, spread = greatest(likelihood, start, like.spread), like.spread
    else:
        params = greatest(likelihood, np.ones(4))
        spread = refuse_flat(likelihood, params, _BOUNDS, "how often customers come back")
    r, alpha, a, b = (float(p) for p in params)
    n = float(counts.sum())
    # In the unit of the data: a density of each of the x purchases.
    log = n * likelihood(params)[0] - float(counts @ x * np.log(unit))
    return BgNbd(r, alpha * unit, a, b, int(n), log, spread)


def refuse_too_few(x: Floats, counts: Floats) -> None:
    """Refuse customers of whom too few bought again.

    Raises
    ------
    ScarceDataError
        It says how many did.
    """
    again, n = int(counts[x > 0].sum()), int(counts.sum())
    if again < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{again or 'none'} of {n:,} customers bought more than once",
            f"at least {MINIMUM_GROUP} are needed to tell how often they come back",
            "Take a longer history, or pool more customers",
        )


def _likelihood(x: Floats, t_x: Floats, age: Floats, counts: Floats) -> Likelihood:
    """Return the mean log likelihood, eq. 6, and its slopes, of r, alpha, a and b."""
    from scipy.special import gammaln, psi

    whole, place = np.unique(x, return_inverse=True)
    by_x = np.bincount(place, counts)
    total, again = counts.sum(), x > 0
    never = np.where(again, 0.0, -np.inf)

    def likelihood(params: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = params
        shared = gammaln(r + whole) - gammaln(r) + r * np.log(alpha) + gammaln(a + b)
        shared += gammaln(b + whole) - gammaln(b) - gammaln(a + b + whole)
        stays, left = np.log(alpha + age), np.log(alpha + t_x)
        last = np.where(again, b + x - 1, 1.0)
        here, gone = -(r + x) * stays, np.log(a / last) - (r + x) * left + never
        both = np.logaddexp(here, gone)
        p_here, p_gone = counts * np.exp(here - both), counts * np.exp(gone - both)
        beta = psi(a + b) - psi(a + b + whole)
        slopes = (
            by_x @ (psi(r + whole) - psi(r) + np.log(alpha)) - p_here @ stays - p_gone @ left,
            total * r / alpha - (r + x) @ (p_here / (alpha + age) + p_gone / (alpha + t_x)),
            by_x @ beta + p_gone.sum() / a,
            by_x @ (beta + psi(b + whole) - psi(b)) - (p_gone / last).sum(),
        )
        return float(by_x @ shared + counts @ both) / float(total), np.array(slopes) / total

    return likelihood
