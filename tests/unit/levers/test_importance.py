"""LMG, Johnson's weights, first and last: the published figures of `swiss`, brute force, limits."""

from itertools import permutations

import numpy as np
import pytest
from driver_tables import SWISS_NAMES, swiss_rows, swiss_sums, table_of

from cxroi.levers.drivers import importance as module
from cxroi.levers.drivers.driver_columns import lay_out_drivers
from cxroi.levers.drivers.importance import importance, lmg_beside
from cxroi.levers.drivers.resamples import covariances, interval_less_bias
from cxroi.levers.drivers.weighing import weigh

# As relaimpo prints them, and Johnson's weights by his formula: shared/worked-examples.md, 3.
PRINTED = {
    "lmg": [0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592],
    "first": [0.124665, 0.417164, 0.440616, 0.215004, 0.173519],
    "last": [0.042870, 0.007387, 0.161963, 0.062373, 0.056945],
    "johnson": [0.048417, 0.154708, 0.271964, 0.114680, 0.116966],
}
SINGLE = [[0], [1], [2], [3], [4]]


@pytest.fixture(scope="module")
def swiss():
    return covariances(swiss_sums()[None])


@pytest.mark.parametrize("figure", PRINTED)
def test_swiss_to_the_printed_digits(swiss, figure):
    digits = 8 if figure == "lmg" else 6
    found = getattr(importance(swiss, SINGLE), figure)[0]
    assert found.round(digits).tolist() == PRINTED[figure]


def test_swiss_as_estimates_with_intervals():
    rows = swiss_rows()
    table = table_of(rows[:, -1], dict(zip(SWISS_NAMES, rows[:, :-1].T, strict=True)))
    found = weigh(lay_out_drivers(table), {}, "customers")
    assert found.r_squared.estimate == pytest.approx(0.70673500, abs=5e-9)
    for figure, printed in PRINTED.items():
        for name, value in zip(SWISS_NAMES, printed, strict=True):
            one = found.figures[name][figure]
            assert one.estimate == pytest.approx(value, abs=1e-6)
            assert one.conf_low <= one.estimate <= one.conf_high
            assert (one.name, one.n) == (f"driver.{name}.{figure}", 47)
    shares = [found.figures[name]["lmg_share"].estimate for name in SWISS_NAMES]
    assert sum(shares) == pytest.approx(1.0)


def by_orders(covariance, parts, held=()):
    """LMG over all orders, each R squared solved by itself."""

    def explained(columns):
        if not columns:
            return 0.0
        inside = covariance[np.ix_(columns, columns)]
        cross = covariance[columns, -1]
        return float(cross @ np.linalg.lstsq(inside, cross)[0]) / covariance[-1, -1]

    gains = np.zeros(len(parts))
    orders = list(permutations(range(len(parts))))
    for order in orders:
        inside, before = list(held), explained(list(held))
        for part in order:
            inside += parts[part]
            after = explained(inside)
            gains[part] += after - before
            before = after
    return gains / len(orders)


PARTS = [
    ([[0, 1], [2], [3, 4]], []),
    ([[4], [2, 3, 0], [1]], []),
    ([[0], [1, 2], [3]], [4]),
]


@pytest.mark.parametrize(("parts", "held"), PARTS)
def test_groups_enter_and_leave_together_also_beside_what_is_held(swiss, parts, held):
    found = lmg_beside(swiss, parts, held)[0]
    assert found == pytest.approx(by_orders(swiss[0], parts, held), abs=1e-12)


def test_a_column_given_twice_shares_its_importance(swiss):
    twice = swiss[:, [0, 1, 2, 2, 5]][:, :, [0, 1, 2, 2, 5]]
    found = importance(twice, [[0], [1], [2], [3]])
    assert found.lmg[0, 2] == pytest.approx(found.lmg[0, 3], abs=1e-12)
    assert found.lmg[0] == pytest.approx(by_orders(twice[0], [[0], [1], [2], [3]]), abs=1e-9)
    assert found.johnson[0, 2] == pytest.approx(found.johnson[0, 3], abs=1e-12)
    assert found.last[0, 2:] == pytest.approx([0, 0], abs=1e-12)
    alone = importance(swiss[:, [0, 1, 2, 5]][:, :, [0, 1, 2, 5]], [[0], [1], [2]])
    assert found.r_squared == pytest.approx(alone.r_squared)
    assert found.johnson.sum() == pytest.approx(alone.r_squared[0])


def test_orders_drawn_agree_with_all_of_them(swiss, monkeypatch):
    exact = importance(swiss, SINGLE)
    monkeypatch.setattr(module, "MOST_EXACT", 2)
    drawn = importance(swiss, SINGLE, orders=4000)
    assert drawn.lmg == pytest.approx(exact.lmg, abs=0.004)
    assert drawn.lmg.sum() == pytest.approx(exact.lmg.sum())
    assert drawn.first == pytest.approx(exact.first)
    assert drawn.last == pytest.approx(exact.last)


def test_what_does_not_vary_has_no_importance(swiss):
    still = swiss.copy()
    still[:, 1] = still[:, :, 1] = 0.0
    found = importance(still, SINGLE)
    assert [found.lmg[0, 1], found.johnson[0, 1]] == pytest.approx([0, 0], abs=1e-15)
    assert found.lmg[0, 0] > 0


def test_an_interval_less_bias_lies_below_what_resamples_overstate():
    drawn = np.array([0.5, 0.6, 0.7])  # 0.1 above the data on average
    low, high, error = interval_less_bias(0.5, drawn)
    assert error == pytest.approx(0.1)
    assert [low, high] == pytest.approx([0.4 - 0.195996, 0.4 + 0.195996], abs=1e-5)
