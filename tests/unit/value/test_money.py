from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from cxroi.value.money import (
    DAYS_PER_MONTH,
    Inputs,
    break_even_persistence,
    break_even_share,
    evaluate,
    margin_stream,
    payback_months,
)

QUARTER = 3 * DAYS_PER_MONTH
# A window of three months and half of the next. Per window, not moved: 0.4 * 100 - 2 * 5 - 1 * 10
# = 20; moved, half of each gap: 0.4 * 110 - 1.75 * 5 - 0.9 * 10 = 26.25. Still there at the start
# of the second window: 0.80 and 0.85. Gains: 6.25, then (26.25 * 0.85 - 20 * 0.80) / 2 = 3.15625.
HAND = Inputs(
    customers=1000,
    window_days=QUARTER,
    churn_days=QUARTER,
    horizon_months=4.5,
    spend=np.array(100.0),
    spend_gap=np.array(20.0),
    retained=np.array(0.8),
    retained_gap=np.array(0.1),
    contacts=np.array(2.0),
    contacts_gap=np.array(-0.5),
    returns=np.array(1.0),
    returns_gap=np.array(-0.2),
    share_moved=np.array(0.1),
    cost_per_moved=np.array(4.0),
    fixed_cost=np.array(300.0),
    gross_margin=np.array(0.4),
    causal_share=np.array(0.5),
    discount_rate_annual=np.array(0.0),
    cost_per_contact=np.array(5.0),
    cost_per_return=np.array(10.0),
)


def test_a_return_by_hand():
    money = evaluate(HAND)
    assert money.value == pytest.approx(6.25 + 3.15625)
    assert money.cost == pytest.approx(100 * 4 + 300)
    assert money.net == pytest.approx(240.625)
    assert money.ratio == pytest.approx(240.625 / 700)
    assert money.break_even_cost == pytest.approx(9.40625 - 3)


def test_payback_by_hand():
    # Cost per moved 7: 6.25 in three months, the last 0.75 of 3.15625 in 1.5 months.
    assert payback_months(HAND) == pytest.approx(3 + 1.5 * 0.75 / 3.15625)
    soon = HAND.with_values(fixed_cost=0.0)
    assert payback_months(soon) == pytest.approx(3 * 4 / 6.25)


def test_value_is_discounted_from_the_middle_of_each_window():
    money = evaluate(HAND.with_values(discount_rate_annual=0.12))
    assert money.value == pytest.approx(6.25 / 1.12 ** (1.5 / 12) + 3.15625 / 1.12 ** (3.75 / 12))


def test_retention_carries_no_value_within_the_first_window():
    first = replace(HAND, horizon_months=3.0)
    assert evaluate(first).value == pytest.approx(6.25)
    assert evaluate(first.with_values(retained_gap=-0.8)).value == pytest.approx(6.25)


def test_a_gap_in_retention_alone_pays_only_later():
    # 20 a window: in the second, half as long, (0.85 - 0.80) * 20 / 2 = 0.5.
    alone = HAND.with_values(spend_gap=0.0, contacts_gap=0.0, returns_gap=0.0)
    assert evaluate(alone).value == pytest.approx(0.5)


def test_retention_of_a_shorter_span_is_carried_to_the_window():
    # 0.9 of 45 days twice is 0.81 of 90 days.
    short = replace(HAND, window_days=90, churn_days=45).with_values(retained=0.9, retained_gap=0.0)
    whole = replace(HAND, window_days=90, churn_days=90).with_values(
        retained=0.81, retained_gap=0.0
    )
    assert evaluate(short).value == pytest.approx(evaluate(whole).value)


def test_windows_of_one_customer():
    one = replace(HAND, horizon_months=7.0).with_values(spend=10.0, retained=0.5, contacts=0.4)
    windows = margin_stream(one.with_values(returns=0.0), np.array(0.0), np.array(1.0))
    # 0.4 * 10 - 0.4 * 5 = 2, then 1 of those still there, then 0.5 for a third of a window.
    assert [length for length, _ in windows] == [3.0, 3.0, 1.0]
    assert [float(margin) for _, margin in windows] == pytest.approx([2.0, 1.0, 0.5 / 3])


def test_shares_stay_shares_and_counts_do_not_fall_below_zero():
    wild = HAND.with_values(causal_share=1.0, retained_gap=5.0, contacts_gap=-99.0)
    sane = HAND.with_values(causal_share=1.0, retained_gap=0.2, contacts_gap=-2.0)
    assert evaluate(wild).value == pytest.approx(evaluate(sane).value)


def test_cost_that_breaks_even():
    broken = HAND.with_values(cost_per_moved=evaluate(HAND).break_even_cost)
    assert evaluate(broken).net == pytest.approx(0, abs=1e-9)


def test_causal_share_that_breaks_even():
    expected = brentq(lambda s: float(evaluate(HAND.with_values(causal_share=s)).net), 0, 1)
    assert break_even_share(HAND) == pytest.approx(expected, abs=1e-9)
    # In a single window without clipping net is linear: 7 of 12.5 per unit of share.
    assert break_even_share(replace(HAND, horizon_months=3.0)) == pytest.approx(7 / 12.5)


def test_the_smallest_share_that_pays_is_found_where_value_falls_again():
    # Two whole windows, margin 1: 50 s + (100 + 50 s)(0.9 - 0.3 s) - 90 = 65 s - 15 s^2, which
    # passes 69 at (65 - sqrt(65^2 - 60 * 69)) / 30, falls under it at 2.47, and returns.
    inputs = replace(HAND, horizon_months=6.0).with_values(
        spend_gap=50.0,
        retained=0.9,
        retained_gap=-0.3,
        gross_margin=1.0,
        cost_per_contact=0.0,
        cost_per_return=0.0,
        cost_per_moved=69.0,
        fixed_cost=0.0,
    )
    assert break_even_share(inputs) == pytest.approx((65 - np.sqrt(85)) / 30)


def test_what_never_pays():
    lost = HAND.with_values(spend_gap=-20.0)
    assert np.isinf(payback_months(lost))
    assert np.isinf(break_even_share(lost.with_values(retained_gap=-0.1, contacts_gap=0.0)))


def test_draws_are_evaluated_one_by_one():
    gaps = np.array([5.0, 20.0, -3.0])
    many = HAND.with_values(spend_gap=gaps)
    one_by_one = [HAND.with_values(spend_gap=gap) for gap in gaps]
    assert evaluate(many).ratio == pytest.approx([float(evaluate(i).ratio) for i in one_by_one])
    assert payback_months(many) == pytest.approx([float(payback_months(i)) for i in one_by_one])
    assert break_even_share(many) == pytest.approx([float(break_even_share(i)) for i in one_by_one])
    assert list(many.uncertain()) == ["spend_gap"]


# Two whole windows of three months. Spend gap alone, margin .4: 4 in the first (half of 20 * .4);
# in the second 4 times what is left of it, for the 85 or 80 per cent who are still there.
TWO = replace(HAND, horizon_months=6.0).with_values(contacts_gap=0.0, returns_gap=0.0)


def second_window(left):
    """Gain of the second window by hand: (20 + 4 left) * .85 - 20 * .8, half of each gap."""
    return (20 + 4 * left) * 0.85 - 20 * 0.80


@pytest.mark.parametrize("persistence", [1.0, 0.4, 0.0])
def test_the_effect_fades_after_the_first_window(persistence):
    # Retention in the first window has the whole gap: .8 + .5 * .1.
    value = evaluate(TWO.with_values(persistence=persistence)).value
    assert value == pytest.approx(4 + second_window(persistence))


def test_a_faded_gap_retains_less_in_later_windows():
    three = replace(TWO, horizon_months=9.0).with_values(persistence=0.4)
    # Windows 2 and 3: retention .8 + .5 * .1 * .4 = .82 in the second.
    third = (20 + 4 * 0.16) * 0.85 * 0.82 - 20 * 0.8**2
    assert evaluate(three).value == pytest.approx(4 + second_window(0.4) + third)


def test_waves_of_another_length_fade_by_their_own_time():
    half = replace(TWO, wave_months=6.0).with_values(persistence=0.36)
    assert evaluate(half).value == pytest.approx(4 + second_window(0.6))


def test_an_effect_that_grows_over_the_first_window_has_half_of_it_there():
    # A ramp of three months: half the effect, on average, in the first window, so that retention
    # is .8 + .25 * .1 = .825, and the whole one in the second.
    value = evaluate(TWO.with_values(ramp_up_months=3.0)).value
    assert value == pytest.approx(2 + (24 * 0.825 - 20 * 0.80))


def test_cost_paid_later_costs_less():
    late = evaluate(TWO.with_values(programme_months=12.0, discount_rate_annual=0.21))
    now = evaluate(TWO.with_values(discount_rate_annual=0.21))
    share = (1 - 1 / 1.21) / np.log(1.21)  # the mean of 1.21 ** -t over a year
    assert late.cost == pytest.approx(700 * share)
    assert late.net == pytest.approx(now.net + 700 * (1 - share))
    broken = TWO.with_values(
        programme_months=12.0, discount_rate_annual=0.21, cost_per_moved=late.break_even_cost
    )
    assert evaluate(broken).net == pytest.approx(0, abs=1e-9)


def test_customers_who_differ_stay_as_their_mixture_does():
    # Each customer stays with a chance of their own: 400,000 of them drawn, over three years.
    alpha, beta = 1.2, 4.8
    rng = np.random.default_rng(5)
    stays = rng.beta(beta, alpha, 400_000)
    kept = [np.mean(stays**k) for k in range(12)]
    alike = replace(TWO, horizon_months=36.0).with_values(
        spend=100.0, spend_gap=0.0, retained=beta / (alpha + beta), retained_gap=0.0
    )
    mixed = alike.with_values(retention_mixing=1 / (alpha + beta))
    margin = [float(m) for _, m in margin_stream(mixed, np.array(0.0), np.array(1.0))]
    assert margin == pytest.approx([20 * share for share in kept], rel=5e-3)
    constant = sum(float(m) for _, m in margin_stream(alike, np.array(0.0), np.array(1.0)))
    assert constant == pytest.approx(20 * (1 - 0.8**12) / 0.2)
    assert sum(margin) > 1.2 * constant


def test_persistence_that_breaks_even():
    # 4 + (20 + 4 p) * .85 - 16 = 7 at p = 2 / 3.4; cost each is 7.
    assert break_even_persistence(TWO) == pytest.approx(2 / 3.4)
    many = TWO.with_values(cost_per_moved=np.array([0.9, 4.0, 6.0]))
    # At 3.9 the first window alone pays; at 9 all of 8.4 does not.
    assert break_even_persistence(many) == pytest.approx([0.0, 2 / 3.4, np.inf])


@pytest.mark.parametrize("name", ["causal_share", "persistence", "cost_per_moved", "retained"])
def test_break_even_points_are_of_each_draw_whichever_input_is_drawn(name):
    values = np.array([0.3, 0.5, 0.9])
    many = TWO.with_values(**{name: values})
    for figure in (break_even_share, break_even_persistence):
        one_by_one = [float(figure(TWO.with_values(**{name: value}))) for value in values]
        found = np.broadcast_to(figure(many), 3)
        assert found == pytest.approx(one_by_one)


def test_word_of_mouth_by_hand():
    """Half of 0.2 referrals more, of which 30 % count at 50: 1.5 a window, times who is there."""
    told = HAND.with_values(
        referrals=0.4, referrals_gap=0.2, value_per_referral=50.0, referral_share=0.3
    )
    still, moved = 0.4 * 0.3 * 50, 0.5 * 0.3 * 50
    first = moved - still
    second = (moved * 0.85 - still * 0.80) / 2
    assert evaluate(told).value == pytest.approx(6.25 + 3.15625 + first + second)
    nothing = told.with_values(referral_share=0.0)
    assert evaluate(nothing).value == pytest.approx(evaluate(HAND).value)
