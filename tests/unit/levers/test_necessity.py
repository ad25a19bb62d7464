"""Must-haves by hand: ceilings of five points, and every order of them."""

from itertools import permutations

import numpy as np
import pytest

from cxroi.levers.drivers.necessity import ceiling, chance_p_values

X = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
Y = np.array([1.0, 3.0, 2.0, 4.0, 3.0])


def test_the_ceilings_of_five_points_by_hand():
    """Empty above the steps 3 + 1 + 1 of 4 x 3; the line through the corners is 1/2 + 13/14 x."""
    found = ceiling(X, Y)
    assert found.corners.tolist() == [1, 2, 4]
    assert found.heights.tolist() == [1, 3, 4]
    assert found.effect == pytest.approx(5 / 12)
    assert (found.intercept, found.slope) == pytest.approx((1 / 2, 13 / 14))
    # a triangle of height 4 - 10/7 and width 49/13 - 1
    assert found.line_effect == pytest.approx(18 / 7 * 36 / 13 / 2 / 12)


def test_how_much_is_needed():
    found = ceiling(X, Y)
    assert [found.needed(score) for score in (1, 2, 3, 4)] == [1, 2, 2, 4]
    assert np.isnan(found.needed(5))


def test_several_answers_at_one_place_count_by_their_highest():
    found = ceiling(np.array([1.0, 1, 2, 2, 3]), np.array([0.0, 1, 2, 0, 2]))
    assert found.effect == pytest.approx(1 / 4)  # one of two by two
    assert found.corners.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("x", "y"), [([1.0, 1.0], [0.0, 2.0]), ([1.0, 2.0], [2.0, 2.0]), ([1.0, 2.0], [2.0, 1.0])]
)
def test_nothing_is_empty_where_nothing_varies_or_the_corner_is_full(x, y):
    found = ceiling(np.array(x), np.array(y))
    assert (found.effect, found.line_effect) == (0.0, 0.0)


def test_the_p_value_is_that_of_all_orders():
    empty = [ceiling(X, np.array(order)).effect for order in permutations(Y)]
    exact = np.mean([one >= 5 / 12 - 1e-12 for one in empty])
    [(found, _)] = chance_p_values([X], Y, np.arange(5), shuffles=20_000)
    assert found == pytest.approx(exact, abs=0.015)
    assert 0.05 < exact < 0.95


def test_one_answer_of_a_customer_is_shuffled():
    """Copies of five answers tell no more than the five."""
    copies = np.tile(np.arange(5), 200)
    [(found, _)] = chance_p_values([X[copies]], Y[copies], copies, shuffles=2_000)
    [(five, _)] = chance_p_values([X], Y, np.arange(5), shuffles=2_000)
    assert found == pytest.approx(five, abs=0.05)
    [(as_if_many, _)] = chance_p_values([X[copies]], Y[copies], np.arange(1000), shuffles=200)
    assert as_if_many == pytest.approx(1 / 201)


def test_blanks_take_no_part_and_a_full_corner_is_no_must_have():
    blank = np.array([np.nan, 2.0, 3.0, 4.0, 5.0])
    full = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    _, second = chance_p_values([blank, full], np.sort(Y), np.arange(5), shuffles=100)
    assert second == (1.0, 1.0)
