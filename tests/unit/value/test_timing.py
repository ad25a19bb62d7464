"""When value comes and cost is paid, by hand and against a published curve."""

import numpy as np
import pytest
from scipy.integrate import quad

from cxroi.value.timing import effect_left, paid, window_retention, windows


def left(begin, length, ramp_up=0.0, persistence=1.0, wave_months=3.0):
    arrays = (np.array(v, dtype=float) for v in (ramp_up, persistence))
    return float(effect_left(begin, length, *arrays, wave_months))


def test_the_last_window_is_cut_at_the_horizon():
    assert list(windows(3.0, 7.0)) == [(0.0, 3.0), (3.0, 3.0), (6.0, 1.0)]
    assert list(windows(3.0, 3.0)) == [(0.0, 3.0)]


def test_the_first_window_has_the_whole_effect_and_the_rest_fades():
    assert [left(begin, 3.0, persistence=0.4) for begin in (0.0, 3.0, 6.0)] == pytest.approx(
        [1.0, 0.4, 0.16]
    )
    assert [left(begin, 3.0, persistence=0.0) for begin in (0.0, 3.0)] == [1.0, 0.0]
    # Waves of six months: half a wave after the move the root of it is left.
    assert left(3.0, 3.0, persistence=0.25, wave_months=6.0) == pytest.approx(0.5)


def test_fading_is_that_of_a_chain_of_two_groups():
    # Of the better group .7 stay, of the other .3 come there: the excess of one moved.
    chain = np.array([[0.7, 0.3], [0.3, 0.7]])
    for wave in range(4):
        power = np.linalg.matrix_power(chain, wave)
        assert left(3.0 * wave, 3.0, persistence=0.4) == pytest.approx(power[1, 1] - power[0, 1])


@pytest.mark.parametrize(("begin", "length"), [(0.0, 3.0), (3.0, 3.0), (6.0, 1.5)])
@pytest.mark.parametrize("ramp_up", [0.0, 2.0, 4.0, 20.0])
def test_a_ramp_is_the_mean_of_its_straight_line(begin, length, ramp_up):
    line = quad(
        lambda t: min(t / ramp_up, 1.0) if ramp_up else 1.0, begin, begin + length, points=[ramp_up]
    )[0]
    assert left(begin, length, ramp_up) == pytest.approx(line / length, rel=1e-9)


def test_retention_of_a_beta_geometric_is_the_published_one():
    # Fader and Hardie (2007), regular customers: alpha .704, beta 1.182; retention in year t is
    # (beta + t - 1) / (alpha + beta + t - 1).
    alpha, beta = 0.704, 1.182
    share, mixing = np.array(beta / (alpha + beta)), np.array(1 / (alpha + beta))
    for year in range(1, 13):
        expected = (beta + year - 1) / (alpha + beta + year - 1)
        assert window_retention(share, year - 1.0, 1.0, mixing) == pytest.approx(expected)


def test_windows_of_another_length_lie_on_the_same_curve():
    share, mixing = np.array([0.3, 0.8]), np.array([0.5, 0.2])
    halves = window_retention(share, 2.0, 0.5, mixing) * window_retention(share, 2.5, 0.5, mixing)
    assert halves == pytest.approx(window_retention(share, 2.0, 1.0, mixing))
    double = window_retention(share, 0.0, 1.0, mixing) * window_retention(share, 1.0, 1.0, mixing)
    assert window_retention(share, 0.0, 2.0, mixing) == pytest.approx(double)


def test_alike_customers_keep_one_retention():
    assert window_retention(np.array(0.81), 4.0, 0.5, np.array(0.0)) == pytest.approx(0.9)
    both = window_retention(np.array(0.81), 4.0, 0.5, np.array([0.0, 2e-6]))
    assert both == pytest.approx([0.9, 0.9], abs=1e-5)
    assert window_retention(np.array([0.0, 1.0]), 0.0, 0.5, np.array(0.3)) == pytest.approx([0, 1])


def test_cost_paid_over_months_is_discounted_as_it_is_paid():
    rate, months = 0.12, 18.0
    mean = quad(lambda t: (1 + rate) ** (-t / 12), 0, months)[0] / months
    assert paid(np.array(months), np.array(rate)) == pytest.approx(mean, rel=1e-9)
    assert paid(np.array([0.0, 6.0]), np.array([0.1, 0.0])) == pytest.approx([1, 1])
