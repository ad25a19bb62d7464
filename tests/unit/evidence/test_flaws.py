"""Whether an offer was random, against scipy and by hand."""

import numpy as np
import pytest
from scipy import stats

from cxroi.evidence.flaws import attrition, balance, mixed, sample_ratio, whole_accounts


def test_the_share_offered_is_held_against_the_design():
    offered = np.arange(1_000) < 560
    found = sample_ratio(offered, 0.5)
    assert found.p_value == pytest.approx(stats.binomtest(560, 1_000, 0.5).pvalue)
    assert found.broken
    assert "560 of 1,000 customers were offered (56.0%), by design 50.0%" in found.said
    by_unit = sample_ratio(offered, 0.5, np.arange(1_000) // 100)
    assert by_unit.p_value == pytest.approx(stats.binomtest(6, 10, 0.5).pvalue)
    assert not by_unit.odd


def test_arms_that_differed_before_are_no_random_arms():
    rng = np.random.default_rng(2)
    before, offered = rng.normal(size=(600, 3)), rng.random(600) < 0.5
    even = balance(before, ("a", "b", "c"), offered)
    assert not even.broken
    shifted = before + np.array([0, 0.5, 0]) * offered[:, None]
    found = balance(shifted, ("a", "b", "c"), offered)
    assert found.broken
    assert found.said.endswith("most in b")
    [one] = [balance(before[:, :1], ("a",), offered)]
    t = stats.ttest_ind(before[offered, 0], before[~offered, 0], equal_var=False)
    assert one.p_value == pytest.approx(t.pvalue, rel=0.02)
    assert balance(np.ones((600, 1)), ("a",), offered).p_value == 1.0


def test_balance_is_called_odd_as_often_as_it_says():
    rng = np.random.default_rng(3)
    found = [
        balance(rng.normal(size=(80, 4)), tuple("abcd"), np.arange(80) < 40) for _ in range(400)
    ]
    odd = sum(one.odd for one in found)
    assert stats.binomtest(odd, 400, 0.05).pvalue > 0.001


def test_who_is_left_is_told_by_arm():
    offered = np.repeat([True, False], 500)
    there = np.concatenate([np.arange(500) < 300, np.arange(500) < 400])
    found = attrition(there, offered, "answered after it")
    assert found.broken
    assert found.said == "answered after it: 60.0% of those offered, 80.0% of those held out"
    assert attrition(np.ones(10, bool), offered[:10], "x").p_value == 1.0


def test_a_unit_with_both_arms_is_no_unit_of_assignment():
    units = np.repeat(np.arange(4), 5)
    assert not list(mixed(units < 2, units))
    [found] = mixed(np.arange(20) < 12, units)
    assert found.broken
    assert found.said == "1 of 4 units of assignment hold both arms"


def test_accounts_that_lie_whole_in_one_arm_were_assigned():
    accounts = np.repeat(np.arange(13), [2] * 10 + [3, 1, 1])
    whole = accounts % 2 == 0
    [found] = whole_accounts(whole, accounts, 0.4)
    assert found.p_value == pytest.approx((0.4**2 + 0.6**2) ** 10 * (0.4**3 + 0.6**3))
    assert found.said == "all 11 accounts of several customers lie whole in one arm"
    split = whole ^ (np.arange(len(whole)) == 0)
    assert not list(whole_accounts(split, accounts, 0.4))
    assert not list(whole_accounts(whole, np.arange(len(whole)), 0.4))
