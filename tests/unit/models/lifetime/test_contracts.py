"""Multiples of a margin, and contracts whose retention rises."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxroi.errors import ModelError, ParameterError
from cxroi.models.lifetime.beta_geometric import Mixing, fit_mixing
from cxroi.models.lifetime.contracts import (
    contract_value,
    discounted_periods,
    margin_multiple,
    retention_elasticity,
    survival,
)
from cxroi.models.lifetime.histories import Contracts

TERMS = {"margin": 100.0, "discount_annual": 0.1, "horizon_months": 60, "unit": "EUR"}


def mixing(share, estimate):
    return Mixing(estimate, share, np.array([estimate]), np.ones(1), 2)


@given(st.floats(0, 1), st.floats(0.01, 0.5))
def test_the_multiple_is_the_sum_of_all_years(retention, discount):
    years = np.arange(1, 4000)
    summed = np.sum((retention / (1 + discount)) ** years)
    assert margin_multiple(retention, discount) == pytest.approx(summed, rel=1e-9, abs=1e-12)


@given(st.floats(0.1, 0.95), st.floats(0.01, 0.5))
def test_the_elasticity_is_that_of_one_per_mille_more(retention, discount):
    step = 1e-6
    grown = margin_multiple(retention * (1 + step), discount)
    measured = (grown / margin_multiple(retention, discount) - 1) / step
    assert retention_elasticity(retention, discount) == pytest.approx(measured, rel=1e-3)
    assert retention_elasticity(retention, discount) > 1


@pytest.mark.parametrize(
    ("r", "i"), [(1.0, 0.0), (1.2, 0.5), (-0.1, 0.1), (0.5, -1.0), (0.9, -0.2)]
)
def test_no_finite_value_is_refused(r, i):
    with pytest.raises(ParameterError, match="gives no finite value"):
        margin_multiple(r, i)


@given(st.floats(0.4, 0.99), st.floats(0, 5), st.floats(0, 0.5), st.integers(1, 25))
def test_value_grows_with_retention_differences_and_time(share, estimate, discount, periods):
    value = discounted_periods(mixing(share, estimate), discount, periods)
    assert value >= discounted_periods(mixing(share, 0.0), discount, periods) - 1e-9
    assert discounted_periods(mixing(share, estimate), discount, periods + 1) > value
    assert discounted_periods(mixing(share, estimate), discount + 0.1, periods) < value
    assert 0 < value <= periods
    curve = survival(mixing(share, estimate), periods)
    assert np.all(np.diff(curve) <= 0)


def test_alike_customers_are_worth_the_multiple():
    assert discounted_periods(mixing(0.8, 0.0), 0.12, 2000) == pytest.approx(2.5)


def counted(lost, at_risk=2000):
    there = at_risk * np.cumprod([1, *(1 - np.array(lost))])
    return Contracts(there[:-1], there[:-1] - there[1:], 12, at_risk, dt.date(2026, 1, 1))


def test_a_contract_is_worth_the_margins_of_the_curve():
    seen = counted([0.3, 0.2, 0.15, 0.12])
    found = contract_value(seen, **TERMS, draws=40)
    fit = fit_mixing(seen.at_risk, seen.lost)
    by_hand = 0.0
    stays = 1.0
    for year in range(1, 6):
        stays *= (fit.share + (year - 1) * fit.estimate) / (1 + (year - 1) * fit.estimate)
        by_hand += 100 * stays / 1.1**year
    assert found.estimate == pytest.approx(by_hand)
    assert found.conf_low < found.estimate < found.conf_high
    # Most of it is the retention of the first year: .7 with an error of sqrt(.21 / 2000).
    assert 0.5 < found.std_error / (found.estimate * np.sqrt(0.21 / 2000) / 0.7) < 2.5
    assert found.note == "Goes beyond the periods that were seen."
    assert contract_value(seen, **TERMS | {"horizon_months": 36}, draws=2).note == ""
    again = contract_value(seen, **TERMS, draws=40)
    assert again == found
    wider = contract_value(seen, **TERMS, margin_error=10.0, draws=40)
    by_margin = found.estimate * 0.1
    assert wider.estimate == found.estimate
    assert wider.std_error == pytest.approx(np.hypot(found.std_error, by_margin), rel=0.35)


def test_months_are_discounted_by_the_month():
    alike = Contracts(*counted([0.1] * 4).__dict__.values())
    monthly = Contracts(alike.at_risk, alike.lost, 1, alike.n, alike.until)
    found = contract_value(monthly, **TERMS | {"horizon_months": 12}, draws=2)
    months = np.arange(1, 13)
    assert found.estimate == pytest.approx(
        100 * np.sum(0.9**months / 1.1 ** (months / 12)), rel=1e-3
    )


def test_customers_who_leave_at_once_or_never_are_refused():
    with pytest.raises(ModelError, match="cannot be told"):
        contract_value(counted([0.4, 0.0, 0.0, 0.0]), **TERMS)


@pytest.mark.parametrize("terms", [{"horizon_months": 11}, {"discount_annual": -1.0}])
def test_terms_that_give_no_value_are_refused(terms):
    with pytest.raises(ParameterError, match="a period of 12 months or more"):
        contract_value(counted([0.3, 0.2]), **TERMS | terms)
