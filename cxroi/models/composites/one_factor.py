"""One factor behind several items, fitted by greatest likelihood to their covariances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError

if TYPE_CHECKING:
    from ...arrays import Floats
    from .items import Items

# Of an item's variance: less is a Heywood case, in which one item is taken for the factor.
_LEAST_OWN = 0.005
_STEEPEST = 1e-4


@dataclass(frozen=True)
class OneFactor:
    """A fitted factor.

    Attributes
    ----------
    loadings
        Of each item, in its own unit, on a factor of variance 1.
    own
        Variance of each item that is its own.
    """

    loadings: Floats
    own: Floats

    @property
    def omega(self) -> float:
        """Share of the variance of the sum of the items that is the factor's."""
        shared = float(self.loadings.sum()) ** 2
        return shared / (shared + float(self.own.sum()))


def fit_one_factor(items: Items) -> OneFactor:
    """Fit one factor.

    Raises
    ------
    ModelError
        Fewer than three items, which can hold any number of factors; an item that is the factor
        itself; one that runs against the factor; no convergence.
    """
    from scipy.optimize import minimize

    names, k = items.names, len(items.names)
    if k < 3:
        raise ModelError(
            f"{k} items do not determine a factor",
            "omega needs three items or more",
            "Use Cronbach's alpha, or add an item",
        )
    deviations = np.sqrt(np.diag(items.covariance))
    r = items.covariance / np.outer(deviations, deviations)
    largest = np.linalg.eigh(r)
    start = largest.eigenvectors[:, -1] * np.sqrt(largest.eigenvalues[-1])
    start = np.clip(start * np.sign(start.sum()), 0.1, 0.9)
    begin = np.concatenate([start, np.log(1 - start**2)])
    found = minimize(_misfit, begin, (r,), "BFGS", jac=True, options={"gtol": 1e-9})
    loadings, own = found.x[:k], np.exp(found.x[k:])
    _refuse(names, loadings, own, float(np.abs(found.jac).max()))
    return OneFactor(loadings * deviations, own * deviations**2)


def _refuse(names: tuple[str, ...], loadings: Floats, own: Floats, steepest: float) -> None:
    small = [name for name, value in zip(names, own, strict=True) if value < _LEAST_OWN]
    if small:
        raise ModelError(
            f"one factor cannot be told apart from {', '.join(small)}",
            "every item has a part of its own",
            "Leave out items that ask the same twice, or use Cronbach's alpha",
        )
    against = [name for name, value in zip(names, loadings, strict=True) if value < 0]
    if against or steepest > _STEEPEST:
        what = f"{', '.join(against)} runs against it" if against else "the fit did not converge"
        raise ModelError(
            f"the items do not have one factor: {what}",
            "items of one score all grow with what it measures",
            "Split them into scores of their own",
        )


def _misfit(params: Floats, s: Floats) -> tuple[float, Floats]:
    """Return the discrepancy of greatest likelihood, and its slopes by loadings and log own."""
    loadings, own = params[: len(s)], np.exp(params[len(s) :])
    slopes = _slopes(loadings, own, s)
    sigma = np.outer(loadings, loadings) + np.diag(own)
    value = np.linalg.slogdet(sigma)[1] + np.trace(np.linalg.solve(sigma, s))
    return float(value), np.concatenate([slopes[: len(s)], slopes[len(s) :] * own])


def _slopes(loadings: Floats, own: Floats, s: Floats) -> Floats:
    """Return the slopes of the discrepancy by loadings and own variances."""
    inverse = np.linalg.inv(np.outer(loadings, loadings) + np.diag(own))
    off = inverse - inverse @ s @ inverse
    return np.concatenate([2 * off @ loadings, np.diag(off)])


def omega_slopes(factor: OneFactor, s: Floats) -> Floats:
    """Return by how much omega moves with each covariance, items by items.

    The fit solves ``slopes(loadings, own, s) = 0``; what it does when `s` moves follows from the
    implicit function theorem, whether or not there is one factor.
    """
    loadings, own = factor.loadings, factor.own
    params = np.concatenate([loadings, own])
    k = len(s)

    def slopes(at: Floats) -> Floats:
        return _slopes(at[:k], at[k:], s)

    moves = np.diag(1e-5 * np.concatenate([np.sqrt(np.diag(s)), np.diag(s)]))
    hessian = np.array([(slopes(params + m) - slopes(params - m)) / (2 * m.sum()) for m in moves])
    summed, rest = loadings.sum(), own.sum()
    total = summed**2 + rest
    of_params = np.concatenate(
        [np.full(k, 2 * summed * rest / total**2), np.full(k, -(summed**2) / total**2)]
    )
    turned = np.linalg.solve((hessian + hessian.T) / 2, of_params)
    inverse = np.linalg.inv(np.outer(loadings, loadings) + np.diag(own))
    inner = 2 * np.outer(loadings, turned[:k]) + np.diag(turned[k:])
    made = inverse @ inner @ inverse
    return np.asarray((made + made.T) / 2)
