"""Bands and p values of several estimates, held to scipy and statsmodels."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import multivariate_normal
from statsmodels.stats.oneway import anova_oneway

from cxroi.errors import ModelError
from cxroi.levers.scale.jointly import all_zero, alone, corrected, critical, largest

CORRELATION = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.3], [0.2, -0.3, 1.0]])
COVARIANCE = CORRELATION * np.outer([1.0, 2.0, 5.0], [1.0, 2.0, 5.0])


def within(size):
    """Chance that all three lie within so many standard errors."""
    normal = multivariate_normal(np.zeros(3), CORRELATION, seed=1)
    return normal.cdf(np.full(3, size), lower_limit=np.full(3, -size))


def test_a_band_reaches_as_far_as_the_largest_of_three_does():
    exact = brentq(lambda size: within(size) - 0.95, 1.9, 3.0)
    found = critical(largest(COVARIANCE), 0.95, np.full(3, 1e9))
    assert found == pytest.approx(np.full(3, exact), abs=0.03)
    assert (critical(largest(COVARIANCE), 0.95, np.array([5.0, 30.0, 1e9])) > found[0] - 0.1).all()
    assert alone(0.95, np.array([29.0]))[0] == pytest.approx(2.0452, abs=1e-4)  # a printed table


def test_p_values_are_corrected_for_the_largest_of_three():
    p_values = np.array([0.001, 0.02, 0.5])
    sizes = np.array([3.2905, 2.3263, 0.6745])
    exact = [1 - within(size) for size in sizes]
    assert corrected(p_values, largest(COVARIANCE)) == pytest.approx(exact, abs=0.01)


def test_that_means_are_equal_is_welchs_analysis_of_variance():
    rng = np.random.default_rng(3)
    groups = [rng.normal(0.2 * n, 1 + n, size=12 + 9 * n) for n in range(4)]
    means = np.array([one.mean() for one in groups])
    variances = np.diag([one.var(ddof=1) / len(one) for one in groups])
    dof = np.array([len(one) - 1.0 for one in groups])
    statistic, below, p_value = all_zero(np.diff(np.eye(4), axis=0), means, variances, dof)
    expected = anova_oneway(groups, use_var="unequal")
    assert statistic == pytest.approx(expected.statistic)
    assert below == pytest.approx(expected.df_denom)
    assert p_value == pytest.approx(expected.pvalue)


def test_points_that_err_alike_are_refused():
    with pytest.raises(ModelError, match="err alike"):
        all_zero(np.eye(2), np.ones(2), np.ones((2, 2)), np.ones(2))
