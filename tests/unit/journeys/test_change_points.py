import numpy as np
import pytest

from cxroi.journeys.change_points import change_points
from cxroi.journeys.placebo_dates import placebos


def log_likelihood(counts, rate):
    return sum(y * np.log(rate) - rate for y in counts)


def test_the_best_split_is_that_of_the_likelihood_by_hand():
    counts = [3, 5, 4, 6, 2, 9, 12, 10, 8, 11, 9, 10]
    gains = {
        k: log_likelihood(counts[:k], np.mean(counts[:k]))
        + log_likelihood(counts[k:], np.mean(counts[k:]))
        for k in range(4, 9)
    }
    (found,) = change_points(counts)
    assert found.place == max(gains, key=gains.get) == 5


def test_the_p_value_is_that_of_all_orders():
    """Eight weeks have one split, four and four: as good in 2 of the 70 ways to part them."""
    (found,) = change_points([1, 2, 1, 2, 9, 8, 9, 8], alpha=1.0, draws=4999)
    assert found.p_value == pytest.approx(2 / 70, abs=0.008)


def test_two_changes_are_found_and_growth_alone_is_none():
    rng = np.random.default_rng(2)
    level = np.repeat([20, 35, 12], 20)
    assert [one.place for one in change_points(rng.poisson(level))] == pytest.approx(
        [20, 40], abs=1
    )
    customers = np.linspace(1000, 5000, 60)
    growing = rng.poisson(customers / 100)
    assert change_points(growing) != ()
    assert change_points(growing, customers) == ()


def test_nothing_is_found_in_too_few_or_no_counts():
    assert change_points([0] * 30) == ()
    assert change_points([1, 1, 1, 9, 9, 9]) == ()


def test_a_step_is_ranked_among_all_dates():
    """Level 1, from day 50 on 2: the step is largest at 50, so one of 81 dates is as extreme."""
    y = np.ones(100)
    x = np.where(np.arange(100) >= 50, 2.0, 1.0)
    seen = placebos(x, y, 50, (), 10)
    assert (seen.dates, seen.p_value) == (81, 1 / 81)
    assert (seen.low, seen.high) == (0, 0)
    # half a step or more: from 45 to 55
    assert placebos(x, y, 45, (), 10).p_value == 11 / 81


def test_dates_near_other_events_are_no_placebos():
    seen = placebos(np.ones(100), np.ones(100), 20, (60,), 10)
    assert seen.dates == 81 - 19
    assert placebos(np.ones(30), np.ones(30), 15, (), 10).p_value is None
