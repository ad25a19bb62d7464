"""What keeps its digits where columns are nearly alike (least squares: `tests/reference`)."""

import numpy as np
import pytest
from scipy.linalg import hilbert, invhilbert

from cxroi.moments.array_design import ArrayDesign
from cxroi.moments.full_precision import inverse_root


def test_the_root_of_an_inverse():
    """Hilbert's matrix, whose inverse is one of whole numbers."""
    root = inverse_root(hilbert(5))
    assert root @ root.T == pytest.approx(invhilbert(5), rel=1e-9)


def test_leverage_keeps_its_digits_where_an_inverse_loses_them():
    """Of columns x of a matrix A, x'inv(A)x is the diagonal of A."""
    matrix = hilbert(9)  # condition 5e11: a form in its inverse is off by 1e-6
    design = ArrayDesign(tuple("abcdefghi"), matrix)
    assert design.leverage(inverse_root(matrix)) == pytest.approx(np.diag(matrix), rel=1e-12)
