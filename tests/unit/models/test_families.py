"""Families against statsmodels, and score and information against numerical derivatives."""

import numpy as np
import pytest
import statsmodels.api as sm

from cxroi.models.families import FAMILIES

ETA = np.array([-3.0, -0.5, 0.0, 0.7, 2.5])
WEIGHTS = np.array([1.0, 0.5, 2.0, 3.0, 0.25])
VALUES = {
    "ols": np.array([1.0, -2.0, 0.0, 3.5, 9.0]),
    "logit": np.array([0.0, 1.0, 1.0, 0.0, 1.0]),
    "poisson": np.array([0.0, 1.0, 2.0, 5.0, 40.0]),
    "gamma": np.array([0.1, 1.0, 0.01, 5.0, 40.0]),
}
MODELS = {
    "ols": sm.families.Gaussian(),
    "logit": sm.families.Binomial(),
    "poisson": sm.families.Poisson(),
    "gamma": sm.families.Gamma(sm.families.links.Log()),
}
LIKELIHOODS = {  # of one row of weight one, the scale one, what hangs on eta
    "ols": lambda y, eta: -((y - eta) ** 2) / 2,
    "logit": lambda y, eta: y * eta - np.log1p(np.exp(eta)),
    "poisson": lambda y, eta: y * eta - np.exp(eta),
    "gamma": lambda y, eta: -y / np.exp(eta) - eta,
}


@pytest.mark.parametrize("name", FAMILIES)
def test_mean_slope_and_link_are_those_of_statsmodels(name):
    family, link = FAMILIES[name], MODELS[name].link
    mean = family.mean(ETA)
    np.testing.assert_allclose(mean, link.inverse(ETA), rtol=1e-14)
    np.testing.assert_allclose(family.slope(mean), link.inverse_deriv(ETA), rtol=1e-12)
    if family.link is not None:
        assert [family.link(m) for m in mean] == pytest.approx(ETA, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("name", FAMILIES)
def test_score_and_information_are_derivatives_of_the_likelihood(name):
    family, y, log_likelihood, h = FAMILIES[name], VALUES[name], LIKELIHOODS[name], 1e-4
    low, here, high = (log_likelihood(y, ETA + step) for step in (-h, 0, h))
    mean = family.mean(ETA)
    first, second = (high - low) / (2 * h), (high - 2 * here + low) / h**2
    np.testing.assert_allclose(family.score(y, mean, WEIGHTS), WEIGHTS * first, rtol=1e-6)
    # A second difference has half of the digits.
    np.testing.assert_allclose(family.information(y, mean, WEIGHTS), -WEIGHTS * second, rtol=1e-4)


@pytest.mark.parametrize("name", FAMILIES)
def test_only_the_information_of_least_squares_is_constant(name):
    family, y = FAMILIES[name], VALUES[name]
    one, other = (family.information(y, family.mean(eta), WEIGHTS) for eta in (ETA, ETA + 1))
    assert np.array_equal(one, other) == family.constant_information == (name == "ols")
