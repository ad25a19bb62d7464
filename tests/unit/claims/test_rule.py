"""What an interval makes of a claim, each worked out by hand."""

import math

import pytest

from cxroi.claims.claim import Said
from cxroi.claims.rule import CANNOT_TELL, DOES_NOT, HOLDS, Ruling, how_far, rule, together
from cxroi.results.estimate import Estimate

DIRECTION = Said()
ABOUT = Said(1.8, 1.8, null=1.0)  # half of the effect is 1.4, double 2.6
AT_LEAST = Said(3.0, math.inf, null=1.0)  # half is 2
BETWEEN = Said(0.45, 0.50)  # half 0.225, double 1


def ours(value, low, high, n=1_000):
    return Estimate("claim.x", value, low, high, None, "", n, "")


@pytest.mark.parametrize(
    ("said", "estimate", "verdict"),
    [
        (DIRECTION, ours(0.3, 0.1, 0.5), HOLDS),
        (DIRECTION, ours(0.03, 0.01, 0.05), HOLDS),  # little, but on its side
        (DIRECTION, ours(0.2, -0.1, 0.5), CANNOT_TELL),
        (DIRECTION, ours(0.0, -0.05, 0.09), DOES_NOT),  # under a tenth
        (DIRECTION, ours(-0.3, -0.5, -0.1), DOES_NOT),
        (ABOUT, ours(1.9, 1.5, 2.3), HOLDS),
        (ABOUT, ours(1.5, 1.42, 1.85), HOLDS),
        (ABOUT, ours(1.9, 1.3, 2.3), CANNOT_TELL),  # holds half of it as well
        (ABOUT, ours(1.9, 1.5, 2.7), CANNOT_TELL),  # and double
        (ABOUT, ours(1.2, 0.9, 1.7), DOES_NOT),
        (ABOUT, ours(2.5, 1.9, 3.1), DOES_NOT),
        (AT_LEAST, ours(9.0, 2.1, 40.0), HOLDS),
        (AT_LEAST, ours(9.0, 1.9, None), CANNOT_TELL),
        (AT_LEAST, ours(9.0, 2.1, math.inf), HOLDS),
        (AT_LEAST, ours(2.0, 1.0, 2.9), DOES_NOT),
        (BETWEEN, ours(0.48, 0.40, 0.55), HOLDS),
        (BETWEEN, ours(0.60, 0.51, 0.70), DOES_NOT),
        (BETWEEN, ours(0.40, 0.20, 0.60), CANNOT_TELL),
        (BETWEEN, ours(None, None, None), CANNOT_TELL),
    ],
)
def test_an_interval_alone(said, estimate, verdict):
    assert rule(estimate, said).verdict == verdict


def test_the_p_value_is_005_where_the_interval_ends_at_what_it_must_leave_out():
    at_end = rule(ours(0.2, 1e-12, 0.4), DIRECTION)
    assert at_end.p_value == pytest.approx(0.05, abs=1e-6)
    # twice as far: two-sided p of 2 x 1.96 by the normal distribution, here of many
    far = rule(ours(0.2, 0.1, 0.3, n=10**7), DIRECTION)
    assert far.p_value == pytest.approx(math.erfc(2 * 1.959964 / math.sqrt(2)), rel=1e-4)


def test_a_few_units_have_the_tails_of_student():
    few = rule(ours(0.2, 0.1, 0.3, n=6), DIRECTION)
    # t of 4 degrees: 2 x 2.776 = 5.553; p of it .0052 (tables: 4.604 at .01, 5.598 at .005)
    assert 0.005 < few.p_value < 0.0055


def test_the_wider_arm_counts_where_it_points():
    # 0.5 (0.1 to 2.9): zero is 1.25 arms away, not 0.21
    assert rule(ours(0.5, 0.1, 2.9, n=10**7), DIRECTION).p_value == pytest.approx(
        math.erfc(1.25 * 1.959964 / math.sqrt(2)), rel=1e-4
    )


def test_among_many_a_verdict_that_may_be_chance_is_taken_back():
    # Benjamini and Hochberg of .001, .04 and eight of 1: .01 and .2
    rulings = [Ruling(HOLDS, 0.001), Ruling(HOLDS, 0.04), *[Ruling(CANNOT_TELL)] * 8]
    stand = together(rulings)
    assert [one.verdict for one in stand[:2]] == [HOLDS, CANNOT_TELL]
    assert [one.p_value for one in stand[:2]] == pytest.approx([0.01, 0.2])
    assert together([]) == []


@pytest.mark.parametrize(
    ("said", "estimate", "words"),
    [
        (DIRECTION, ours(-0.3, -0.5, -0.1), "it is the other way round"),
        (DIRECTION, ours(0.0, -0.05, 0.09), "there is no difference worth the name"),
        (DIRECTION, ours(-0.05, -0.09, -0.01), "there is no difference worth the name"),
        (
            DIRECTION,
            ours(-0.3, -0.5, -0.05),
            "there is no difference worth the name in this direction",
        ),
        (DIRECTION, ours(0.3, 0.1, 0.5), ""),
        (ABOUT, ours(2.5, 1.9, 3.1), "ours is more than claimed"),
        (ABOUT, ours(1.2, 0.9, 1.7), "ours is less than claimed"),
        (ABOUT, ours(1.9, 1.5, 2.3), ""),
        (ABOUT, ours(1.9, None, None), ""),
    ],
)
def test_on_which_side_ours_is(said, estimate, words):
    assert how_far(estimate, said) == words
