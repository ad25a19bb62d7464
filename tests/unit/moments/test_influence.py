import numpy as np
import pytest
from scipy import stats

from cxroi.moments import influence

VALUES = np.array([2.0, 4.0, 4.0, 5.0, 9.0])
ALONE = np.arange(5)


def test_mean_is_weighted_and_its_influence_sums_to_zero():
    # (1*2 + 1*4 + 2*4 + 0*5 + 4*9) / 8 = 50 / 8
    mean, psi = influence.mean(VALUES, np.array([1.0, 1.0, 2.0, 0.0, 4.0]))
    assert mean == pytest.approx(6.25)
    assert psi.sum() == pytest.approx(0, abs=1e-15)
    assert psi[3] == 0


def test_std_error_of_a_mean_is_s_over_root_n():
    psi = influence.mean(VALUES, np.ones(5))[1]
    assert influence.std_error(psi, ALONE) == pytest.approx(stats.sem(VALUES))


def test_std_error_of_a_weighted_mean_is_the_linearised_one():
    # Sum of w^2 (x - m)^2 over (sum w)^2, times n / (n - 1): Cochran (1977), section 6.
    weights = np.array([1.0, 2.0, 1.0, 3.0, 2.0])
    mean = np.average(VALUES, weights=weights)
    variance = (weights**2 * (VALUES - mean) ** 2).sum() / weights.sum() ** 2 * 5 / 4
    psi = influence.mean(VALUES, weights)[1]
    assert influence.std_error(psi, ALONE) == pytest.approx(np.sqrt(variance))


def test_clusters_are_summed_before_they_are_squared():
    psi = influence.mean(VALUES, np.ones(5))[1]
    # Deviations from 4.8, over 5: clusters {-2.8 - 0.8, -0.8 + 0.2, 4.2}; factor 3 / 2.
    expected = np.sqrt((3.6**2 + 0.6**2 + 4.2**2) / 25 * 1.5)
    assert influence.std_error(psi, np.array([0, 0, 1, 1, 2])) == pytest.approx(expected)


def test_repeating_rows_inside_their_cluster_changes_nothing():
    once = influence.std_error(influence.mean(VALUES, np.ones(5))[1], ALONE)
    repeated = influence.mean(np.tile(VALUES, 7), np.ones(35))[1]
    assert influence.std_error(repeated, np.tile(ALONE, 7)) == pytest.approx(once)


def test_covariance_of_two_means_is_that_of_paired_observations():
    other = np.array([1.0, 0.0, 3.0, 2.0, 2.5])
    psi = [influence.mean(v, np.ones(5))[1] for v in (VALUES, other)]
    assert influence.covariance(psi, ALONE) == pytest.approx(np.cov(VALUES, other) / 5)


def test_a_constant_has_no_error_but_a_single_unit_has_an_unknown_one():
    assert influence.std_error(np.zeros(5), ALONE) == 0
    assert np.isnan(influence.std_error(np.zeros(5), np.zeros(5, dtype=int)))
    assert np.isnan(influence.std_error(np.array([0.5, 0, 0]), np.arange(3)))


def test_normal_interval_and_p_value():
    # 1.96 standard errors: the two-sided 5 per cent point of the normal distribution.
    low, high = influence.normal_interval(10.0, 2.0, 0.95)
    assert (low, high) == pytest.approx((10 - 3.919928, 10 + 3.919928), abs=1e-6)
    assert influence.normal_p_value(1.959964, 1.0) == pytest.approx(0.05, abs=1e-6)
    assert influence.normal_p_value(-1.959964, 1.0) == pytest.approx(0.05, abs=1e-6)


@pytest.mark.parametrize(("estimate", "p_value"), [(0.0, 1.0), (0.1, 0.0)])
def test_p_value_without_error(estimate, p_value):
    assert influence.normal_p_value(estimate, 0.0) == p_value


def test_a_resampled_mean_is_the_mean_of_those_taken():
    """A mean is linear in its rows: influence and refit agree to rounding."""
    values = np.random.default_rng(1).gamma(2, size=40)
    estimate, psi = influence.mean(values, np.ones(40))
    moved = influence.bootstrap([psi], np.arange(40), 200, np.random.default_rng(3))
    again = np.random.default_rng(3)
    refits = [values[again.integers(0, 40, 40, dtype=np.int32)].mean() for _ in range(200)]
    assert estimate + moved[:, 0] == pytest.approx(refits)


def test_resamples_spread_as_the_covariance_over_clusters_says():
    rng = np.random.default_rng(2)
    clusters = np.repeat(np.arange(300), 2)
    psi = np.repeat(rng.normal(size=(300, 2)), 2, axis=0) @ np.array([[1.0, 0.6], [0.0, 0.8]])
    moved = influence.bootstrap(psi.T, clusters, 4_000, rng)
    expected = influence.covariance((psi - psi.mean(axis=0)).T, clusters)
    # 4,000 replicates leave an error of about 1 / sqrt(2 * 4,000), 1.1 % of a deviation.
    assert np.cov(moved.T) == pytest.approx(expected, rel=0.1)
