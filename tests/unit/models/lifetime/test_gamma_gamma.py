"""Gamma-gamma: against its integral, in its limits, and what it refuses."""

import numpy as np
import pytest
from buyers import buyers
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from cxroi.errors import ModelError, ScarceDataError
from cxroi.models.lifetime.gamma_gamma import GammaGamma, fit_gamma_gamma

MODEL = GammaGamma(6.25, 3.74, 15.45)


def density(model, x, mean, power=0):
    """Density of the mean of x purchases, times the customer's own mean to a power."""
    logs = np.linspace(-25, 8, 20_001)  # of the rate of a purchase
    rate = np.exp(logs)
    own = stats.gamma.pdf(mean, model.p * x, scale=1 / (rate * x))
    among = stats.gamma.pdf(rate, model.q, scale=1 / model.v)
    return integrate.simpson(own * among * (model.p / rate) ** power * rate, x=logs)


@pytest.mark.parametrize(("x", "amount"), [(1, 12.0), (2, 22.35), (5, 60.0)])
def test_expected_spend_is_the_integral_over_customers(x, amount):
    expected = density(MODEL, x, amount, power=1) / density(MODEL, x, amount)
    found = MODEL.spend(np.array([float(x)]), np.array([amount]))
    assert found == pytest.approx([expected], rel=1e-6)


def test_the_likelihood_is_the_integral_over_customers():
    histories, *_ = buyers(300)
    fit = fit_gamma_gamma(histories.x, histories.amount, histories.counts)
    seen = histories.x > 0
    pairs = zip(histories.x[seen][:8], histories.amount[seen][:8], strict=True)
    logs = np.log([density(fit, *pair) for pair in pairs])
    alone = [log_density(fit, *pair) for pair in zip(histories.x, histories.amount, strict=True)]
    assert np.array(alone)[seen][:8] == pytest.approx(logs, rel=1e-6)
    assert fit.log_likelihood == pytest.approx(np.sum(np.array(alone)[seen]), rel=1e-9)
    assert fit.n == seen.sum()


def log_density(model, x, mean):
    """A compound gamma: x mean / v is beta-prime(p x, q)."""
    if not x:
        return 0.0
    return stats.betaprime(model.p * x, model.q, scale=model.v / x).logpdf(mean)


def test_what_was_planted_is_found_in_any_currency():
    histories, *_ = buyers()
    fit = fit_gamma_gamma(histories.x, histories.amount, histories.counts)
    off = np.log(np.array([fit.p, fit.q, fit.v]) / [4.0, 4.0, 60.0])
    assert off @ np.linalg.solve(fit.spread / fit.n, off) < 12.8  # chi-squared of 3, .995
    cents = fit_gamma_gamma(histories.x, 100 * histories.amount, histories.counts)
    assert (cents.p, cents.q, cents.v) == pytest.approx((fit.p, fit.q, 100 * fit.v), rel=1e-3)
    assert cents.mean == pytest.approx(100 * fit.mean, rel=1e-5)


@settings(max_examples=50, deadline=None)
@given(st.floats(1, 20), st.floats(1.2, 8), st.floats(1, 50), st.integers(1, 50), st.floats(1, 200))
def test_spend_lies_between_what_was_seen_and_the_mean_of_all(p, q, v, x, amount):
    model = GammaGamma(p, q, v)
    xs, seen = np.array([0.0, x, 1e9]), np.array([0.0, amount, amount])
    nothing, some, all_of_it = model.spend(xs, seen)
    assert nothing == pytest.approx(model.mean)
    assert all_of_it == pytest.approx(amount, rel=1e-5)
    low, high = sorted([model.mean, amount])
    assert low * (1 - 1e-9) <= some <= high * (1 + 1e-9)
    assert model.spend(xs[1:2], seen[1:2] + 1) > some


def test_customers_who_differ_too_much_have_no_mean():
    model = GammaGamma(2.0, 0.9, 10.0)
    assert model.mean == np.inf
    assert model.spend(np.array([0.0]), np.array([0.0])) == [np.inf]
    rng = np.random.default_rng(3)
    x = np.full(3000, 2.0)
    mean = 10 * rng.gamma(2 * x) / x / rng.gamma(0.6, size=3000)
    with pytest.raises(ModelError, match=r"the model has no mean \(q is 0\.[56]"):
        fit_gamma_gamma(x, mean, np.ones(3000))


def test_amounts_that_are_all_the_same_are_refused():
    x = np.tile([1.0, 2.0, 3.0], 100)
    with pytest.raises(ModelError, match="what customers spend cannot be fitted"):
        fit_gamma_gamma(x, np.full(300, 9.99), np.ones(300))


def test_too_few_amounts_are_refused():
    x = np.where(np.arange(100) < 40, 2.0, 0.0)
    amount = np.where(np.arange(100) < 20, 10.0, 0.0)
    with pytest.raises(ScarceDataError, match="20 of 20 customers"):
        fit_gamma_gamma(x, amount, np.ones(100))
