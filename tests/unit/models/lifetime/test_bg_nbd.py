"""BG/NBD: against integrals over what customers may be like, and in its limits."""

import numpy as np
import pytest
from buyers import buyers
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln, roots_genlaguerre, roots_sh_jacobi

from cxroi.errors import ModelError, ScarceDataError
from cxroi.models.lifetime.bg_nbd import BgNbd, fit_bg_nbd

MODELS = [
    BgNbd(0.243, 4.414, 0.793, 2.426),
    BgNbd(1.7, 12.0, 1.0, 3.0),  # a = 1, where the published formula is 0 / 0
    BgNbd(0.8, 6.0, 0.3, 0.4),  # a + b below 1
    BgNbd(1.2, 9.0, 60.0, 240.0),  # customers nearly alike in leaving
]
HISTORIES = [
    (0.0, 0.0, 38.0),
    (1.0, 2.0, 38.0),
    (2.0, 30.43, 38.86),
    (40.0, 37.0, 38.0),
    (100.0, 37.5, 38.0),
]


def by_integration(model, x, t_x, age, t, order=120):
    """The chance of being active, the purchases in t, and the likelihood, by quadrature.

    Over rates l (gamma) and chances p of leaving (beta): who is active has the likelihood
    (1 - p)^x l^x exp(-l age), who has left p (1 - p)^(x - 1) l^x exp(-l t_x). An active customer
    makes the next purchases at times of a Poisson process of rate l, each followed by leaving
    with chance p, so that the mean in t is (1 - exp(-l p t)) / p.
    """
    scaled, w_rate = roots_genlaguerre(order, model.r + x - 1)
    p, w_here = roots_sh_jacobi(order, model.a + model.b + x - 1, model.a)
    rate = scaled[:, None] / (model.alpha + age)
    mean = w_rate @ (-np.expm1(-rate * p * t) / p) @ w_here / (w_rate.sum() * w_here.sum())
    constant = model.r * np.log(model.alpha) - gammaln(model.r) - log_beta(model.a, model.b)
    grown = gammaln(model.r + x)
    here = grown - (model.r + x) * np.log(model.alpha + age) + log_beta(model.a, model.b + x)
    gone = -np.inf
    if x:
        gone = grown - (model.r + x) * np.log(model.alpha + t_x)
        gone += log_beta(model.a + 1, model.b + x - 1)
    both = np.logaddexp(here, gone)
    active = np.exp(here - both)
    return active, active * mean, constant + both


def log_beta(a, b):
    return gammaln(a) + gammaln(b) - gammaln(a + b)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("t", [4.0, 39.0])
def test_expected_purchases_are_the_integral_over_customers(model, history, t):
    active, bought, _ = by_integration(model, *history, t)
    x, t_x, age = (np.array([value]) for value in history)
    assert model.active(x, t_x, age) == pytest.approx([active], rel=1e-9)
    assert model.purchases(x, t_x, age, t) == pytest.approx([bought], rel=2e-5)


def test_the_likelihood_is_the_integral_over_customers():
    histories, *_ = buyers(600)
    x, t_x, age = histories.x, histories.t_x / 7, histories.age / 7
    fit = fit_bg_nbd(x, t_x, age, histories.counts)
    logs = [by_integration(fit, *row, 1.0, order=2)[2] for row in zip(x, t_x, age, strict=True)]
    assert fit.log_likelihood == pytest.approx(sum(logs), rel=1e-9)


@pytest.fixture(scope="module")
def drawn():
    histories, *_ = buyers()
    return histories.x, histories.t_x / 7, histories.age / 7, histories.counts


def params(fit):
    return np.array([fit.r, fit.alpha, fit.a, fit.b])


def test_what_was_planted_is_found_as_closely_as_the_curvature_says(drawn):
    fit = fit_bg_nbd(*drawn)
    off = np.log(params(fit) / [0.6, 8.0, 0.8, 3.0])
    assert np.all(np.abs(off) < 3 * np.sqrt(np.diag(fit.spread) / fit.n))
    assert off @ np.linalg.solve(fit.spread / fit.n, off) < 14.9  # chi-squared of 4, .995


def test_the_unit_of_time_changes_nothing_but_the_time_between_purchases(drawn):
    x, t_x, age, counts = drawn
    weeks, days = fit_bg_nbd(x, t_x, age, counts), fit_bg_nbd(x, 7 * t_x, 7 * age, counts)
    assert params(days) == pytest.approx(params(weeks) * [1, 7, 1, 1], rel=1e-4)
    assert days.log_likelihood == pytest.approx(weeks.log_likelihood - x.sum() * np.log(7))


def test_cells_of_equal_customers_are_those_customers(drawn):
    x, t_x, age, counts = (column[:400] for column in drawn)
    twice = fit_bg_nbd(x, t_x, age, 2 * counts)
    long = fit_bg_nbd(*(np.concatenate([c, c]) for c in (x, t_x, age, counts)))
    assert params(twice) == pytest.approx(params(long), rel=1e-5)
    assert twice.n == long.n == 800


def test_a_resample_is_fitted_from_the_whole_to_the_same_as_by_itself(drawn):
    x, t_x, age, counts = drawn
    again = np.random.default_rng(2).multinomial(len(x), counts / len(x)).astype(float)
    alone = fit_bg_nbd(x, t_x, age, again)
    assert params(fit_bg_nbd(x, t_x, age, again, fit_bg_nbd(*drawn))) == pytest.approx(
        params(alone), rel=1e-3
    )


positive = st.floats(0.2, 5.0)


@settings(max_examples=60, deadline=None)
@given(positive, st.floats(1.0, 30.0), positive, positive, st.integers(0, 30), st.floats(0.01, 1))
def test_expectations_are_ordered_and_have_their_limits(r, alpha, a, b, x, recent):
    model, age = BgNbd(r, alpha, a, b), 52.0
    xs = np.array([float(x)])
    t_x = np.array([recent * age if x else 0.0])
    times = [1e-9, 4.0, 26.0, 104.0]
    bought = [model.purchases(xs, t_x, np.array([age]), t)[0] for t in times]
    assert bought[0] == pytest.approx(0, abs=1e-6)
    assert np.all(np.diff(bought) > 0)
    # No more than somebody who is active and never leaves: (r + x) / (alpha + age) a week.
    assert bought[-1] <= (r + x) / (alpha + age) * times[-1] * (1 + 1e-9)
    silent = [model.active(xs, t_x, np.array([age + more]))[0] for more in (0.0, 10.0, 1e4)]
    if x:
        assert silent[0] > silent[1] > silent[2]
        recently = model.active(xs, np.array([age]), np.array([age]))[0]
        # Active now, unless the last purchase, just made, was followed by leaving.
        assert recently == pytest.approx((b + x - 1) / (a + b + x - 1))
    else:
        assert silent == [1, 1, 1]


def test_too_few_who_came_back_are_refused():
    age = np.full(200, 30.0)
    once = np.zeros(200)
    with pytest.raises(ScarceDataError, match="none of 200 customers bought more than once"):
        fit_bg_nbd(once, once, age, np.ones(200))
    some = np.where(np.arange(200) < 29, 1.0, 0.0)
    with pytest.raises(ScarceDataError, match="29 of 200 customers"):
        fit_bg_nbd(some, 10 * some, age, np.ones(200))


def test_customers_who_all_buy_alike_and_never_leave_are_refused_in_words():
    rng = np.random.default_rng(4)
    age = np.full(2000, 52.0)
    x = 1.0 * rng.poisson(0.2 * age)
    last = age * rng.beta(np.maximum(x, 1), 1.0)  # the last of x uniform times
    with pytest.raises(ModelError, match=r"come back cannot be fitted: all .* equally often"):
        fit_bg_nbd(x, np.where(x > 0, last, 0.0), age, np.ones(2000))
