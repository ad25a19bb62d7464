import pytest

from cxroi.results.estimate import Estimate
from cxroi.results.formats import (
    chance,
    interval,
    money,
    months,
    percent,
    quantity,
    rough_money,
    shown_p,
    spread,
    value_and_interval,
    whole_percent,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.1234, "12.3 %"),
        (0.0, "0.0 %"),
        (0.0004, "0.040 %"),
        (-0.5, "-50.0 %"),
        (None, "–"),
        (float("inf"), "∞"),
    ],
)
def test_percent(value, shown):
    assert percent(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (12.5, "EUR 12.50"),
        (-12.0, "EUR -12"),
        (123456.0, "EUR 123,456"),
        (1_234_567.0, "EUR 1.23m"),
        (-2.5e9, "EUR -2.5bn"),
        (None, "–"),
    ],
)
def test_money(value, shown):
    assert money(value, "EUR") == shown


def test_units_decide_how_a_value_reads():
    assert quantity(0.02, "share of customers", "EUR", gap=True) == "2.0 pp"
    assert quantity(0.02, "share of customers", "EUR") == "2.0 %"
    assert quantity(290.4, "EUR", "EUR") == "EUR 290"  # a total
    assert quantity(12.345, "EUR per customer in 90 days", "EUR") == "EUR 12.35"
    assert quantity(0.15, "net value per unit of cost", "EUR") == "15.0 %"
    assert quantity(1.23456, "contacts per customer", "EUR") == "1.23"


def test_a_value_with_its_interval():
    gap = Estimate("x", 0.02, 0.01, 0.03, 0.005, "share", 9, "m", contrast="a - b")
    assert value_and_interval(gap, "") == "2.0 pp (1.0 pp to 3.0 pp)"
    assert interval(gap, "") == "1.0 pp to 3.0 pp"
    bare = Estimate("x", 0.02, None, None, None, "share", 9, "m")
    assert value_and_interval(bare, "") == "2.0 %"


def test_a_range_shows_its_ends_only_where_it_has_some():
    assert spread(0.3, 0.5, 0.8) == "50.0 % (30.0 % to 80.0 %)"
    assert spread(5.0, 5.0, 5.0, share=False) == "5"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "< 0.0001"), (9.9e-5, "< 0.0001"), (0.0001, "= 0.0001"), (0.0123, "= 0.012")],
)
def test_a_p_value_is_never_zero(value, shown):
    assert shown_p(value) == shown


def test_an_unknown_p_value_is_not_a_small_one():
    assert (shown_p(None), shown_p(float("nan"))) == ("–", "–")


@pytest.mark.parametrize(
    ("days", "shown"),
    [(60, "2 months"), (30, "1 month"), (14, "0.5 months"), (1, "0.03 months"), (90, "3 months")],
)
def test_months_have_one_decimal_at_most(days, shown):
    assert months(days / (365.25 / 12)) == shown


def test_months_keep_a_half():
    assert months(1.5) == "1.5 months"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "under 1 in 100"),
        (0.009, "under 1 in 100"),
        (0.013, "1 in 50"),
        (0.06, "1 in 20"),
        (0.33, "1 in 3"),
        (0.38, "2 in 5"),
        (0.5, "1 in 2"),
        (0.66, "2 in 3"),
        (0.94, "19 in 20"),
        (0.99, "49 in 50"),
        (0.995, "over 99 in 100"),
    ],
)
def test_a_chance_in_words(value, said):
    assert chance(value) == said


def test_an_amount_has_the_last_place_of_the_largest_beside_it():
    assert rough_money(-3487.0, "EUR", -14787.0, 12160.0) == "EUR -3,500"
    assert rough_money(12160.0, "EUR", -14787.0, -3487.0) == "EUR 12,200"
    assert rough_money(7.726, "EUR") == "EUR 7.73"
    assert rough_money(0.0, "EUR") == "EUR 0"


@pytest.mark.parametrize(
    ("value", "said"), [(-0.138, "-14 %"), (0.003, "0.3 %"), (-0.0, "0 %"), (None, "–")]
)
def test_a_share_without_decimals(value, said):
    assert whole_percent(value) == said
