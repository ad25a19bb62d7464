"""Effects of themes against statsmodels, and money by hand."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t as student

from cxroi.results.estimate import Estimate
from cxroi.voice.worth import corrected, effects, money_at_stake

RNG = np.random.default_rng(5)
N = 400
FLAGS = RNG.random((N, 2)) < [0.3, 0.2]
BESIDE = RNG.normal(size=(N, 1))
VALUES = FLAGS @ [1.0, 0.0] + BESIDE[:, 0] + RNG.normal(size=N) * (1 + FLAGS[:, 0])
BLANK = [Estimate(f"voice.{k}", None, None, None, None, "points", 0, "") for k in "ab"]
ONES = np.ones(N)


def test_effects_and_errors_are_those_of_statsmodels_with_hc3():
    found = effects(VALUES, FLAGS, BESIDE, ONES, np.arange(N), BLANK)
    design = np.c_[FLAGS, ONES, BESIDE]
    fit = sm.OLS(VALUES, design).fit(cov_type="HC3")
    for k, one in enumerate(found):
        # Ours has the factor of the units, n / (n - 1).
        error = fit.bse[k] * np.sqrt(N / (N - 1))
        assert one.estimate == pytest.approx(fit.params[k], rel=1e-9)
        assert one.std_error == pytest.approx(error, rel=1e-6)
        half = student.ppf(0.975, FLAGS[:, k].sum() - 1) * error
        assert one.conf_high - one.estimate == pytest.approx(half, rel=1e-6)


def test_p_values_are_holms():
    found = effects(VALUES, FLAGS, BESIDE, ONES, np.arange(N), BLANK)
    raw = [2 * student.sf(abs(one.statistic), FLAGS[:, k].sum() - 1) for k, one in enumerate(found)]
    small, large = min(raw), max(raw)
    by_hand = {small: 2 * small, large: max(2 * small, large)}
    assert [one.p_value for one in found] == pytest.approx(raw)
    none = replace(found[0], p_value=None)
    adjusted = corrected([*found, none])
    assert [one.p_value for one in adjusted[:2]] == pytest.approx([by_hand[p] for p in raw])
    assert adjusted[2].p_value is None


def test_rows_written_by_one_customer_count_as_one():
    """Each row three times: the estimate stays, the error of clusters too (leverage is a third)."""
    single = effects(VALUES, FLAGS, BESIDE, ONES, np.arange(N), BLANK)
    three = [np.repeat(x, 3, axis=0) for x in (VALUES, FLAGS, BESIDE, ONES, np.arange(N))]
    triple = effects(*three, BLANK)
    for one, other in zip(single, triple, strict=True):
        assert other.estimate == pytest.approx(one.estimate, rel=1e-9)
        assert other.std_error == pytest.approx(one.std_error, rel=0.02)


def test_a_theme_after_which_nothing_happened_is_not_sure_of_it():
    """Events in 10 % of the others: the error is that of least squares with one variance."""
    events = (RNG.random(N) < 0.1) & ~FLAGS[:, 0]
    [one, _] = effects(events * 1.0, FLAGS, BESIDE, ONES, np.arange(N), BLANK, rare=True)
    fit = sm.OLS(events * 1.0, np.c_[FLAGS, ONES, BESIDE]).fit()
    assert one.std_error == pytest.approx(fit.bse[0], rel=1e-9)
    [sure, _] = effects(events * 1.0, FLAGS, BESIDE, ONES, np.arange(N), BLANK)
    assert sure.std_error < 0.8 * one.std_error


def test_what_cannot_be_told_is_not_said():
    flags = np.c_[FLAGS[:, 0], FLAGS[:, 0], np.arange(N) < 5]
    blank = [*BLANK, BLANK[0]]
    found = effects(VALUES, flags, BESIDE, ONES, np.arange(N), blank)
    assert [one.estimate for one in found] == [None] * 3
    assert all(one.note.startswith("Not told") for one in found)
    values = np.where(np.arange(N) < 380, np.nan, VALUES)
    assert effects(values, FLAGS, BESIDE, ONES, np.arange(N), BLANK)[0].estimate is None


def test_money_is_share_times_effect_times_customers():
    """0.1 of 1,000 at -20 each; variance (.1 * 4)² + (20 * .01)² + (.01 * 4)² = .2016."""
    share = Estimate("s", 0.1, 0.08, 0.12, 0.01, "share of comments", 900, "")
    effect = Estimate("e", -20.0, -28.0, -12.0, 4.0, "EUR per customer in 90 days", 900, "")
    money = money_at_stake(share, effect, 1_000, "EUR")
    assert (money.estimate, money.unit) == (-2_000.0, "EUR")
    assert money.std_error == pytest.approx(1_000 * 0.2016**0.5)
    assert money.conf_low == pytest.approx(-2_000 - 1.959964 * money.std_error, rel=1e-6)
    nothing = money_at_stake(share, BLANK[0], 1_000, "EUR")
    assert (nothing.estimate, nothing.conf_low, nothing.unit) == (None, None, "EUR")
