"""The value of customers from the tables of a study, or why there is none."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from clean_tables import clean_tables

from cxroi.models.lifetime.contracts import contract_value
from cxroi.models.lifetime.customer_value import customer_value
from cxroi.models.lifetime.histories import buying_histories, contract_periods
from cxroi.models.lifetime.values import lifetime_values

TERMS = {"horizon_months": 24, "gross_margin": 0.5, "discount_annual": 0.1}


def with_study(columns, **frames):
    tables = clean_tables(dt.date(2026, 6, 30), **frames)
    sources = {role: SimpleNamespace(columns=names) for role, names in columns.items()}
    tables.study = SimpleNamespace(**vars(tables.study), sources=sources, seed=7, currency="EUR")
    return tables


def orders(n=500, seed=3):
    """Purchases at a rate of each customer's own, who may leave after each of them."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        day, rate, leaves = rng.uniform(0, 200), rng.gamma(1, 1 / 30), rng.beta(1, 2)
        while day < 540:
            rows.append((f"c{i}", day, rng.gamma(4, 10 + i % 7)))
            day = day + rng.exponential(1 / rate) if rng.random() > leaves else np.inf
    frame = pd.DataFrame(rows, columns=["customer", "day", "amount"])
    at = pd.Timestamp("2025-01-01") + pd.to_timedelta(frame["day"], unit="D")
    return frame.assign(ordered_at=at, undone_at=pd.NaT, row=range(len(frame)))


def subscriptions(n=400, seed=4):
    rng = np.random.default_rng(seed)
    start = rng.uniform(0, 500, n)
    end = start + 30.4375 * (rng.geometric(rng.beta(1, 8, n)) - 0.5)
    day = pd.Timestamp("2025-01-01")
    at = [day + pd.to_timedelta(np.minimum(t, 2000), unit="D") for t in (start, end)]
    frame = pd.DataFrame({"customer": [f"c{i}" for i in range(n)], "started_at": at[0]})
    frame["cancelled_at"] = pd.Series(at[1]).where(end < 540)
    return frame.assign(amount=rng.gamma(9, 2, n), row=range(n))


def test_each_table_gives_what_its_model_gives():
    columns = {"orders": ("amount",), "subscriptions": ("amount",)}
    tables = with_study(columns, orders=orders(), subscriptions=subscriptions())
    found = {e.name: e for e in lifetime_values(tables, **TERMS, draws=8)}
    alone = customer_value(buying_histories(tables), **TERMS, unit="EUR", seed=7, draws=8)
    assert [found[e.name] for e in alone.estimates] == list(alone.estimates)
    amounts = 0.5 * tables.engine.frame("SELECT amount FROM clean_subscriptions")["amount"]
    terms = {"horizon_months": 24, "discount_annual": 0.1, "unit": "EUR", "seed": 7, "draws": 8}
    contract = contract_value(
        contract_periods(tables, 1), margin=amounts.mean(), margin_error=amounts.sem(), **terms
    )
    assert found["clv.contract"].estimate == pytest.approx(contract.estimate)
    assert found["clv.contract"].std_error == pytest.approx(contract.std_error)
    assert found["clv.contract"].unit == "EUR per new contract in 24 months"


def test_what_a_table_cannot_tell_is_said():
    columns = {"orders": ("amount",), "subscriptions": ("amount",)}
    bare = subscriptions().assign(amount=lambda f: f["amount"].where(f["row"] < 29))
    few = with_study(columns, orders=orders(20), subscriptions=bare)
    value, contract = lifetime_values(few, **TERMS)
    assert (value.name, value.estimate) == ("clv.value", None)
    assert "customers bought more than once" in value.note
    assert (contract.name, contract.estimate) == ("clv.contract", None)
    assert contract.note.startswith("29 subscriptions have an amount")


def test_tables_without_amounts_give_nothing():
    tables = with_study({"subscriptions": ("started_at",)}, subscriptions=subscriptions())
    assert lifetime_values(tables, **TERMS) == ()
