"""The draws have the covariance that is asked for, and do not hang on its last digit."""

import numpy as np

from cxroi.moments.normal_draws import normal_draws


def test_draws_have_the_covariance():
    asked = np.array([[4.0, 1.0, 0.0], [1.0, 9.0, 0.0], [0.0, 0.0, 0.0]])
    drawn = normal_draws(asked, 200_000, np.random.default_rng(1))
    assert np.allclose(np.cov(drawn.T), asked, atol=0.06)
    assert not drawn[:, 2].any()


def test_equal_variances_give_the_same_draws_when_the_last_digit_moves():
    """An identity has no eigenvectors of its own: any rotation of them is as good."""
    nudged = np.eye(4)
    nudged[0, 1] = nudged[1, 0] = 1e-15
    nudged[3, 2] = nudged[2, 3] = -1e-15
    one, other = (normal_draws(c, 50, np.random.default_rng(2)) for c in (np.eye(4), nudged))
    assert np.allclose(one, other, rtol=0, atol=1e-12)


def test_a_value_without_error_stays_where_it_is():
    assert not normal_draws(np.zeros((2, 2)), 5, np.random.default_rng(3)).any()
