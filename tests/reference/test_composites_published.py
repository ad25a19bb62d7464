"""Alpha and omega as packages and tutorials print them."""

import numpy as np
import pytest

from cxroi.models.composites.items import Items
from cxroi.models.composites.reliability import (
    alpha_of,
    cronbach_alpha,
    feldt_interval,
    mcdonald_omega,
)

# cronbachalpha of StatsBase.jl, its documentation.
COVARIANCE = np.full((4, 4), 6.0) + np.diag([4.0, 5.0, 6.0, 7.0])


def test_cronbachs_alpha_of_a_published_matrix():
    assert alpha_of(COVARIANCE) == pytest.approx(0.8136, abs=5e-5)
    for item, alpha in enumerate([0.7500, 0.7606, 0.7714, 0.7826]):
        rest = np.delete(np.delete(COVARIANCE, item, 0), item, 1)
        assert alpha_of(rest) == pytest.approx(alpha, abs=5e-5)
    # All items load alike, so omega is alpha.
    found = mcdonald_omega(Items(tuple("abcd"), COVARIANCE, 100))
    assert found.estimate == pytest.approx(0.8136, abs=5e-5)


def with_alpha(alpha, items):
    """Return equal correlations r of this alpha, items r / (1 + (items - 1) r)."""
    r = alpha / (items - (items - 1) * alpha)
    return np.full((items, items), r) + (1 - r) * np.eye(items)


def test_feldts_interval():
    # MRC Cognition and Brain Sciences Unit, StatsWiki: .913 of 20 items, 873 people.
    names = tuple(f"q{i}" for i in range(20))
    found = cronbach_alpha(Items(names, with_alpha(0.913, 20), 873))
    assert found.estimate == pytest.approx(0.913)
    assert found.conf_low == pytest.approx(0.9044024, abs=5e-8)
    assert found.conf_high == pytest.approx(0.9211588, abs=5e-8)


def test_feldts_interval_of_another_package():
    # ci.cronbach of R's statpsych: .85 of 7 items, 89 people; it takes n (k - 1) = 534 degrees of
    # freedom for Feldt's (n - 1) (k - 1) = 528, and so agrees to four digits.
    assert feldt_interval(0.85, 7, 89) == pytest.approx((0.7971254, 0.8931436), abs=1e-4)


def test_mcdonalds_omega_of_lavaan():
    # Feng, Structural equation modelling, Reliability (yifengedms.github.io/SEM): lavaan's
    # loadings and own variances of six items; omega .807.
    loadings = np.array([1.601, 0.845, 0.791, 0.390, 1.699, 1.222])
    own = np.array([1.500, 0.729, 0.661, 1.238, 2.339, 3.781])
    made = Items(tuple("abcdef"), np.outer(loadings, loadings) + np.diag(own), 300)
    assert mcdonald_omega(made).estimate == pytest.approx(0.807, abs=5e-4)
