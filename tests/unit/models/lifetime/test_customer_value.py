"""What customers will bring: sums over customers, planted truth, intervals."""

from dataclasses import replace

import numpy as np
import pytest
from buyers import buyers

from cxroi.errors import ModelError, ParameterError, ScarceDataError
from cxroi.models.lifetime.customer_value import customer_value

TERMS = {"horizon_months": 12, "gross_margin": 0.4, "discount_annual": 0.0, "unit": "EUR"}


@pytest.fixture(scope="module")
def drawn():
    return buyers()


@pytest.fixture(scope="module")
def found(drawn):
    return customer_value(drawn[0], **TERMS, draws=60)


def named(value, name):
    return next(e for e in value.estimates if e.name == name)


def test_what_customers_then_did_lies_in_the_intervals(drawn, found):
    _, later, spent = drawn
    for name, truth in (("clv.purchases", later.mean()), ("clv.value", 0.4 * spent.mean())):
        estimate = named(found, name)
        assert estimate.conf_low < truth < estimate.conf_high
        assert 0 < estimate.conf_low < estimate.estimate < estimate.conf_high
    spend = named(found, "clv.spend")
    assert spend.conf_low < 4 * 60 / 3 < spend.conf_high  # p v / (q - 1)


def test_undiscounted_it_is_purchases_times_amounts_times_margin(drawn, found):
    h = drawn[0]
    weeks = (h.x, h.t_x / 7, h.age / 7)
    bought = found.buying.purchases(*weeks, 365.25 / 7)
    by_hand = 0.4 * bought * found.spending.spend(h.x, h.amount)
    assert named(found, "clv.value").estimate == pytest.approx(by_hand.mean(), rel=1e-12)
    assert named(found, "clv.purchases").estimate == pytest.approx(bought.mean(), rel=1e-12)
    assert named(found, "clv.active").note.startswith("Customers who bought once count as active")
    assert named(found, "clv.active").estimate == pytest.approx(found.buying.active(*weeks).mean())
    assert named(found, "clv.value").unit == "EUR per customer in 12 months"


def test_discounting_is_the_sum_of_short_steps(drawn):
    h = drawn[0]
    made = customer_value(h, **TERMS | {"discount_annual": 0.25, "horizon_months": 36}, draws=2)
    weeks = (h.x, h.t_x / 7, h.age / 7)
    ends = np.linspace(0, 3 * 365.25 / 7, 301)
    grown = np.diff([made.buying.purchases(*weeks, t) for t in ends], axis=0)
    middle = (ends[1:] + ends[:-1]) / 2 * 7 / 365.25
    discounted = (1.25**-middle) @ grown
    by_hand = 0.4 * discounted * made.spending.spend(h.x, h.amount)
    assert named(made, "clv.value").estimate == pytest.approx(by_hand.mean(), rel=1e-5)


def test_cells_of_equal_customers_are_those_customers(found, drawn):
    twice = replace(drawn[0], counts=2 * drawn[0].counts, customers=9000)
    more = customer_value(twice, **TERMS, draws=2)
    assert named(more, "clv.value").estimate == pytest.approx(
        named(found, "clv.value").estimate, rel=1e-4
    )
    assert more.estimates[0].n == 3000
    assert more.estimates[0].method.endswith("; a sample of 9,000")


def test_intervals_are_the_same_each_time_and_shrink_with_customers(drawn):
    few = replace(drawn[0], counts=1.0 * (np.arange(1500) < 400))
    one, again = (customer_value(few, **TERMS, draws=25, seed=3) for _ in range(2))
    assert one.estimates == again.estimates
    assert one.estimates != customer_value(few, **TERMS, draws=25, seed=4).estimates
    many = replace(drawn[0], counts=16 * few.counts)
    narrow = customer_value(many, **TERMS, draws=25, seed=3)
    ratio = named(one, "clv.value").std_error / named(narrow, "clv.value").std_error
    assert 2.2 < ratio < 7  # about 4


def test_frequency_that_goes_with_amounts_is_told_of(drawn, found):
    assert named(found, "clv.value").note == ""
    h = drawn[0]
    related = replace(h, amount=h.amount * (1 + h.x))
    told = named(customer_value(related, **TERMS, draws=2), "clv.value").note
    assert told.startswith("Those who buy more often spend more on a purchase (correlation 0.")


def test_what_cannot_be_told_is_refused(drawn):
    h = drawn[0]
    with pytest.raises(ParameterError, match="0 months"):
        customer_value(h, **TERMS | {"horizon_months": 0})
    with pytest.raises(ParameterError, match="discounted at -1"):
        customer_value(h, **TERMS | {"discount_annual": -1})
    nobody = {name: np.zeros(500) for name in ("x", "t_x", "amount")}
    once = replace(h, **nobody, age=np.full(500, 90.0), counts=np.ones(500))
    with pytest.raises(ScarceDataError, match="none of 500 customers"):
        customer_value(once, **TERMS)
    heavy, *_ = buyers(500, q=1.1, seed=9)
    with pytest.raises(ModelError, match=r"of 61 fits .* purchases or amounts have no mean"):
        customer_value(heavy, **TERMS, draws=60)


def test_it_shows_itself_as_a_table(found):
    table = found.tidy()
    assert table["term"].tolist()[:4] == ["clv.value", "clv.purchases", "clv.active", "clv.spend"]
    assert len(table) == 11
    assert repr(found).startswith("CustomerValue\n")
