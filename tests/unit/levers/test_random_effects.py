"""Groups drawn together, against published figures and integrals taken another way."""

import numpy as np
import pytest
from scipy.stats import norm

from cxroi.levers.whom.random_effects import draw_together

# Thirteen trials of a vaccine (Colditz and others, JAMA 271 (1994), 698-702): ill and not ill,
# vaccinated and not. Log risk ratios as metafor 4.6 (R) has them.
VACCINE = np.array(
    [
        [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619],
        [33, 5036, 47, 5761], [180, 1361, 372, 1079], [8, 2537, 10, 619], [505, 87886, 499, 87892],
        [29, 7470, 45, 7232], [17, 1699, 65, 1600], [186, 50448, 141, 27197], [5, 2493, 3, 2338],
        [27, 16886, 29, 17825],
    ]
)  # fmt: skip


@pytest.fixture(scope="module")
def vaccine():
    ill, well, ill_without, well_without = VACCINE.T
    among, without = ill + well, ill_without + well_without
    ratios = np.log(ill / among / (ill_without / without))
    errors = np.sqrt(1 / ill - 1 / among + 1 / ill_without - 1 / without)
    return draw_together(ratios, errors)


def test_the_spread_and_its_test_are_those_of_metafor(vaccine):
    """`rma(yi, vi, method="PM")` and `confint` of the R package metafor."""
    assert vaccine.q == pytest.approx(152.2330, abs=5e-5)
    assert vaccine.p_value < 1e-15
    assert vaccine.spread**2 == pytest.approx(0.3181, abs=5e-5)
    assert vaccine.spread_low**2 == pytest.approx(0.1197, abs=5e-5)
    assert vaccine.spread_high**2 == pytest.approx(1.1115, abs=5e-5)


def test_figures_are_the_posterior_means_of_a_sum_over_mean_and_spread():
    """Three groups; mean and spread both laid out finely, and weighed by Bayes' rule alone."""
    values, errors = np.array([1.0, 3.0, 7.0]), np.array([1.0, 2.0, 1.5])
    usual = 1 / np.sqrt(np.mean(errors**-2.0))
    mean, spread = np.linspace(-60, 70, 651)[:, None], np.geomspace(1e-2, 1e3, 400)
    step = np.gradient(spread)
    weight = step / (usual + spread)
    for value, error in zip(values, errors, strict=True):
        weight = weight * norm.pdf(value, mean, np.hypot(error, spread))
    own = (spread**2 * values[2] + errors[2] ** 2 * mean) / (spread**2 + errors[2] ** 2)
    found = draw_together(values, errors)
    assert found.mean == pytest.approx((weight * mean).sum() / weight.sum(), rel=2e-3)
    assert found.values[2] == pytest.approx((weight * own).sum() / weight.sum(), rel=2e-3)


def test_groups_that_are_alike_come_together_and_those_that_are_not_stay():
    alike = draw_together([5.0, 5.1, 4.9], [2.0, 2.0, 2.0])
    assert np.ptp(alike.values) < np.ptp([5.0, 5.1, 4.9]) / 2
    assert (alike.highs - alike.lows < 2 * 1.96 * 2.0).all()
    assert alike.spread == alike.spread_low == 0
    apart = draw_together([0.0, 50.0, 100.0], [1.0, 1.0, 1.0])
    assert apart.values == pytest.approx([0.0, 50.0, 100.0], abs=0.1)
    assert apart.highs - apart.lows == pytest.approx([3.92] * 3, abs=0.05)
    assert apart.spread_low > 20


def test_two_groups_are_enough_and_a_small_one_moves_most():
    found = draw_together([10.0, 20.0], [1.0, 10.0])
    assert abs(found.values[0] - 10) < 0.5 < 5 < 20 - found.values[1]
    assert np.isfinite([*found.lows, *found.highs]).all()


def test_units_make_no_difference():
    values, errors = np.array([0.1, -0.3, 0.25, 0.0]), np.array([0.1, 0.2, 0.1, 0.05])
    one, other = draw_together(values, errors), draw_together(1000 * values, 1000 * errors)
    assert other.values == pytest.approx(1000 * one.values, rel=1e-9)
    assert other.lows == pytest.approx(1000 * one.lows, rel=1e-6)
    assert other.p_value == pytest.approx(one.p_value)


def test_intervals_hold_the_true_figures_of_groups_drawn_from_the_model():
    """Of 300 figures; `tests/recovery/targeting_study.py --pooling` has the table."""
    rng, held = np.random.default_rng(3), []
    for _ in range(60):
        errors = rng.uniform(0.5, 2.0, 5)
        true = rng.normal(size=5)
        found = draw_together(true + errors * rng.normal(size=5), errors)
        held += list((found.lows <= true) & (true <= found.highs))
    assert np.mean(held) > 0.9
