"""The arithmetic behind claims, against other ways to the same number."""

from itertools import permutations

import numpy as np
import pytest
import statsmodels.api as sm

from cxroi.claims.claim import Said
from cxroi.claims.evidence import more_than, ratio_of
from cxroi.claims.money import at_margin, lower_costs
from cxroi.claims.prediction import FOLDS, Folded, interval_of_ratio, resampled
from cxroi.claims.rule import rule
from cxroi.claims.shares_of_spread import linear_sums, shapley_r_squared
from cxroi.claims.staying import after_five_years
from cxroi.errors import ScarceDataError
from cxroi.metrics.kinds import Sums
from cxroi.results.estimate import Estimate


def test_shares_of_r_squared_are_means_over_all_orders():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(90, 3)) @ [[1.0, 0.6, 0.2], [0, 1, 0.5], [0, 0, 1]]
    y = x @ [0.5, -0.3, 0.8] + rng.normal(size=90)

    def fit(chosen):
        return sm.OLS(y, sm.add_constant(x[:, list(chosen)])).fit().rsquared if chosen else 0.0

    orders = list(permutations(range(3)))
    expected = [
        np.mean([fit(o[: o.index(k) + 1]) - fit(o[: o.index(k)]) for o in orders]) for k in range(3)
    ]
    sums = linear_sums(np.column_stack([y, x]), np.repeat(np.arange(30), 3), 30)
    [found] = shapley_r_squared(sums.sum(axis=0, keepdims=True))
    assert found == pytest.approx(expected, rel=1e-9)


def test_a_part_that_repeats_another_shares_with_it():
    rng = np.random.default_rng(5)
    x = rng.normal(size=60)
    y = x + rng.normal(size=60)
    sums = linear_sums(np.column_stack([y, x, x]), np.arange(60), 60).sum(axis=0, keepdims=True)
    [found] = shapley_r_squared(sums)
    assert found == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2 / 2)


def test_what_is_explained_out_of_sample_is_that_of_lines_fitted_to_the_other_folds():
    rng = np.random.default_rng(4)
    units, x = np.repeat(np.arange(40), 2), rng.normal(size=80)
    y = 0.7 * x + rng.normal(size=80)
    folded = Folded.of(units, x, y, 40)
    missed = spread = 0.0
    for k in range(FOLDS):
        held = folded.fold[units] == k
        slope, base = np.polyfit(x[~held], y[~held], 1)
        missed += np.sum((y[held] - base - slope * x[held]) ** 2)
        spread += np.sum((y[held] - y[~held].mean()) ** 2)
    [found] = folded.explained(np.ones((1, 40)))
    assert found == pytest.approx(1 - missed / spread, rel=1e-9)


def explained_ratio(n, effort, satisfaction, seed):
    """The interval of how many times as much the first explains, of y = ax + bz + noise."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, n))
    y = effort * x + satisfaction * z + rng.normal(size=n)
    unit = np.arange(n)
    (a, b), drawn = resampled(Folded.of(unit, x, y, n), Folded.of(unit, z, y, n))
    return a / b, *interval_of_ratio(*drawn)


def test_effort_that_explains_18_times_as_much_is_found():
    # R squared of two independent predictors are as the squares of their slopes: .9 : .5
    value, low, high = explained_ratio(3_000, 0.9**0.5, 0.5**0.5, 1)
    assert value == pytest.approx(1.8, rel=0.15)
    estimate = Estimate("", value, low, high, None, "", 3_000, "")
    assert rule(estimate, Said(1.8, 1.8, null=1.0)).verdict == "holds"


def test_where_nothing_is_explained_the_ratio_has_no_end():
    _, low, high = explained_ratio(400, 0.0, 0.0, 2)
    assert (low, high) == (-np.inf, np.inf)


def test_how_much_more_of_two_shares_by_hand():
    # 20 of 40 and 10 of 40: twice as many. Katz: variance of the log ratio 1/20 - 1/40 + 1/10 -
    # 1/40 = 0.1; over 80 units with divisor 79, Student's t of 79 degrees 1.99045.
    products = np.diag([20.0, 40.0, 10.0, 40.0])
    products[0, 1] = products[1, 0] = 20
    products[2, 3] = products[3, 2] = 10
    sums = Sums(80, 80, np.array([20.0, 40.0, 10.0, 40.0]), products, False)
    found = more_than(sums, "share of the mean of others", "")
    half = 1.99045 * (0.1 * 80 / 79) ** 0.5
    assert found.estimate == pytest.approx(1.0)
    assert found.conf_low == pytest.approx(2 * np.exp(-half) - 1, rel=1e-5)
    assert found.conf_high == pytest.approx(2 * np.exp(half) - 1, rel=1e-5)


@pytest.mark.parametrize("totals", [(20, 29, 10, 40), (20, 40, 0, 40), (5, 40, 4, 40)])
def test_no_ratio_of_too_few(totals):
    sums = Sums(80, 80, np.array(totals, dtype=float), np.eye(4), False)
    with pytest.raises(ScarceDataError):
        more_than(sums, "", "")


def test_a_ratio_of_two_estimates_by_hand():
    # 10 (1) over 2 (0.2): 5, error of the logarithm the root of 0.01 + 0.01
    a = Estimate("", 10.0, 8, 12, 1.0, "", 50, "")
    b = Estimate("", 2.0, 1.6, 2.4, 0.2, "", 50, "")
    found = ratio_of(a, b)
    assert found.estimate == pytest.approx(5)
    assert found.low == pytest.approx(5 * np.exp(-1.959964 * 0.02**0.5), rel=1e-6)
    with pytest.raises(ScarceDataError):
        ratio_of(a, Estimate("", 0.0, 0, 0.1, 0.1, "", 50, ""))


def test_two_per_cent_more_retention_by_hand():
    # R = 100, margin 40, costs 60, r = .8, d = .1: value 40 / .3 = 133.33; at r = .816
    # 40 / .284 = 140.85, 7.51 more. Costs are 60 / .3 = 200, of which 7.51 is 3.756 %.
    assert lower_costs(0.8, 0.4, 0.1) == pytest.approx(7.51174 / 200, rel=1e-5)
    # at margin .75: 75 / .3 = 250, 75 / .284 = 264.08; costs 25 / .3 = 83.33
    assert at_margin(lower_costs(0.8, 0.4, 0.1), 0.4, 0.75) == pytest.approx(
        (75 / 0.284 - 75 / 0.3) / (25 / 0.3)
    )


def test_a_constant_loss_drawn_on_to_five_years():
    # 10 % in each of four quarters: .9 to the power of 20 stay
    there = np.tril(np.ones((5, 4)), -1)  # lost in the first, ..., never
    counts = 1e5 * np.array([0.1, 0.09, 0.081, 0.0729, 0.6561])
    assert after_five_years(there, counts) == pytest.approx(1 - 0.9**20, abs=1e-3)


def test_a_beta_geometric_loss_drawn_on_to_five_years():
    # alpha 1, beta 3: share there after t periods beta / (beta + t); after 20: 3 / 23
    there = np.tril(np.ones((7, 6)), -1)
    left = 3 / (3 + np.arange(7))
    counts = 1e6 * np.append(left[:-1] - left[1:], left[-1])
    assert after_five_years(there, counts) == pytest.approx(1 - 3 / 23, abs=2e-3)
