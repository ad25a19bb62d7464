"""Least squares to full precision, whatever the units of the columns.

The usual solvers lose digits with the square of the condition number where residuals are large:
of NIST's set Wampler5 six of fifteen are left. Columns of one length, QR, and one step of the
corrected seminormal equations with residuals in twofold precision give them back (Björck, Linear
Algebra and its Applications 88/89 (1987), 31-48; error-free sums and products as in Ogita, Rump
and Oishi, SIAM Journal on Scientific Computing 26 (2005), 1955-1988).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..arrays import Floats

# Below it, rounding costs at most about four of sixteen digits, and nothing is put right.
WELL_CONDITIONED = 100.0


def solve_least_squares(design: Floats, values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Solve weighted least squares of full column rank, which is for the caller to see to.

    Returns
    -------
    tuple
        The coefficients, and columns by rows what gives them from the weighted values: the
        pseudo-inverse of the design times the roots of the weights.
    """
    root = np.sqrt(weights)
    matrix, target = design * root[:, None], values * root
    # Powers of two: dividing by them rounds nothing.
    length = 2.0 ** np.round(np.log2(np.linalg.norm(matrix, axis=0)))
    scaled = matrix / length
    orthogonal, triangle = np.linalg.qr(scaled)
    inverse = np.linalg.inv(triangle)
    params = inverse @ (orthogonal.T @ target)
    if np.linalg.cond(triangle) > WELL_CONDITIONED:
        params = params + inverse @ (inverse.T @ _gradient(scaled, target, params))
    return params / length, (inverse / length[:, None]) @ orthogonal.T


def _gradient(design: Floats, values: Floats, params: Floats) -> Floats:
    """Return the design's transpose times the residuals, both in twofold precision."""
    residual, rest = values, np.zeros_like(values)
    for column, param in zip(design.T, params, strict=True):
        product, lost = _product(column, np.full_like(column, -param))
        residual, dropped = _sum(residual, product)
        rest = rest + (lost + dropped)
    residual, rest = _sum(residual, rest)
    gradient = []
    for column in design.T:
        product, lost = _product(column, residual)
        gradient.append(math.fsum(product) + math.fsum(lost + column * rest))
    return np.array(gradient)


def _product(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Product and the part that rounding took from it."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    return product, (a_high * b_high - product + a_high * b_low + a_low * b_high) + a_low * b_low


def _halves(a: Floats) -> tuple[Floats, Floats]:
    """Split 53 bits into 26 and 27, whose products are exact."""
    shifted = 134217729.0 * a  # 2^27 + 1
    high = shifted - (shifted - a)
    return high, a - high


def _sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Sum and the part that rounding took from it."""
    total = a + b
    added = total - a
    return total, (a - (total - added)) + (b - added)


def inverse_root(matrix: Floats) -> Floats:
    """Return R with RR' the inverse of a positive definite matrix.

    Its squares add up without the cancelling that quadratic forms in an inverse are prone to: of
    columns as alike as those of a curve, the latter lose twice as many digits.
    """
    from scipy.linalg import solve_triangular

    lower = np.linalg.cholesky(matrix)
    return np.asarray(solve_triangular(lower, np.eye(len(lower)), lower=True).T)
