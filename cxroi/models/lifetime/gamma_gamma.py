"""What customers spend on a purchase: gamma-gamma.

A customer's purchases scatter about a mean of their own, as a gamma distribution does; the means
scatter among customers. Fader, Hardie and Lee, RFM and CLV, Journal of Marketing Research 42
(2005), 415-430; in the notation of Fader and Hardie, The Gamma-Gamma Model of Monetary Value,
brucehardie.com/notes/025 (2013), whose equations are named below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError
from .bg_nbd import refuse_too_few
from .likelihoods import greatest, refuse_flat

if TYPE_CHECKING:
    from ...arrays import Floats
    from .likelihoods import Likelihood

_SAME = "all purchases of a customer seem to cost the same"
_BOUNDS = (
    ("purchases of a customer seem to have nothing in common", _SAME),
    ("customers seem to differ without limit", "all customers seem to spend alike"),
    (_SAME, "all customers seem to spend alike"),
)


@dataclass(frozen=True)
class GammaGamma:
    """A fitted gamma-gamma model.

    Attributes
    ----------
    p, q, v
        Shape of purchases about a customer's mean; shape and scale of those means.
    n
        Customers behind it, who bought more than once.
    log_likelihood
        Of all of them together.
    spread
        Inverse curvature by the logarithms of (p, q, v over the geometric mean amount).
    """

    p: float
    q: float
    v: float
    n: int = 0
    log_likelihood: float = np.nan
    spread: Floats | None = None

    @property
    def mean(self) -> float:
        """The mean amount of a purchase, over customers; infinite where they differ too much."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else np.inf

    def spend(self, x: Floats, amount: Floats) -> Floats:
        """Return the amount expected of a purchase of each customer, eq. 5.

        What was seen of a customer and the mean of all, weighted by how much was seen.

        Parameters
        ----------
        x
            Purchases whose mean is `amount`; 0 where there is none, of whom the mean is expected.
        amount
            Mean amount of them.
        """
        known = np.where(x > 0, x * amount, 0.0)
        seen = self.p * x + self.q - 1
        finite = seen > 0
        return np.where(finite, self.p * (self.v + known) / np.where(finite, seen, 1.0), np.inf)


def fit_gamma_gamma(
    x: Floats, amount: Floats, counts: Floats, like: GammaGamma | None = None
) -> GammaGamma:
    """Fit the model by greatest likelihood, eq. 1a; of customers with an amount above zero.

    Parameters
    ----------
    x, amount
        Purchases and their mean amount, of each cell of equal customers.
    counts
        Customers of each cell.
    like
        A fit of nearly the same customers, from which the search begins: a resample of them is
        fitted so, and may run to a bound.

    Raises
    ------
    ScarceDataError
        Fewer than 30 customers bought again.
    ModelError
        A parameter runs to a bound, or customers differ so much that no mean exists.

    Examples
    --------
    >>> GammaGamma(6.0, 4.0, 15.0).spend(np.array([0.0, 2.0]), np.array([0.0, 20.0]))
    array([30., 22.])
    """
    kept = (x > 0) & (amount > 0)
    x, amount, counts = x[kept], amount[kept], counts[kept]
    if like is None:
        refuse_too_few(x, counts)
    # Their geometric mean: few extreme amounts do not move it.
    unit = float(np.exp(counts @ np.log(amount) / counts.sum()))
    likelihood = _likelihood(x, amount / unit, counts)
    if like is not None:
        start = np.array([like.p, like.q, like.v / unit])
        params, spread = greatest(likelihood, start, like.spread), like.spread
    else:
        params = greatest(likelihood, np.array([2.0, 3.0, 1.0]))
        spread = refuse_flat(likelihood, params, _BOUNDS, "what customers spend")
    p, q, v = (float(value) for value in params)
    if q <= 1 and like is None:
        raise ModelError(
            "customers differ so much in what they spend that the model has no mean "
            f"(q is {q:.3g})",
            "q must be above 1",
            "Look for extreme amounts, or split business from private customers",
        )
    n = float(counts.sum())
    log = n * likelihood(params)[0] - n * float(np.log(unit))
    return GammaGamma(p, q, v * unit, int(n), log, spread)


def _likelihood(x: Floats, amount: Floats, counts: Floats) -> Likelihood:
    """Return the mean log likelihood and its slopes, of p, q and v."""
    from scipy.special import gammaln, psi

    whole, place = np.unique(x, return_inverse=True)
    by_x = np.bincount(place, counts)
    total, summed = counts.sum(), x * amount
    logs = np.log(summed)
    constant = float(counts @ (np.log(amount)))

    def likelihood(params: Floats) -> tuple[float, Floats]:
        p, q, v = params
        both = np.log(summed + v)
        shared = gammaln(p * whole + q) - gammaln(p * whole) - gammaln(q) + q * np.log(v)
        value = by_x @ shared + counts @ (p * x * logs - (p * x + q) * both) - constant
        grown = psi(p * whole + q)
        slopes = (
            by_x @ (whole * (grown - psi(p * whole))) + counts @ (x * (logs - both)),
            by_x @ (grown - psi(q) + np.log(v)) - counts @ both,
            total * q / v - counts @ ((p * x + q) / (summed + v)),
        )
        return float(value) / float(total), np.array(slopes) / total

    return likelihood
