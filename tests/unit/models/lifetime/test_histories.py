"""Histories of purchases and contracts, counted by hand and by pandas."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from clean_tables import clean_tables

from cxroi.engine.spark_dialect import parsed
from cxroi.errors import DataError, ParameterError, ScarceDataError
from cxroi.models.lifetime import histories
from cxroi.models.lifetime.histories import buying_histories, contract_periods

NEVER = None
ORDERS = [
    # customer, when, amount, from when on it is no purchase
    ("a", "2026-01-01 09:00", 10.0, NEVER),
    ("a", "2026-01-11 09:00", 20.0, NEVER),
    ("a", "2026-01-11 18:00", 5.0, NEVER),  # the same day: one purchase of 25
    ("a", "2026-01-31 23:59", 15.0, NEVER),  # on the last day, late
    ("a", "2026-02-01 00:00", 99.0, NEVER),  # a day too late
    ("b", "2026-01-21 00:00", 40.0, NEVER),
    ("c", "2026-01-21 12:00", 7.0, NEVER),
    ("d", "2026-01-01 10:00", 60.0, NEVER),
    ("d", "2026-01-06 10:00", 40.0, NEVER),
    ("d", "2026-01-08 10:00", -25.0, "2026-01-08 10:00"),  # a quarter of all comes back
    ("e", "2026-01-02 10:00", 30.0, "2026-01-20 10:00"),  # undone in time: never bought
    ("e", "2026-01-20 10:00", -30.0, "2026-01-20 10:00"),
    ("f", "2026-01-02 10:00", 30.0, NEVER),
    ("f", "2026-01-12 10:00", 50.0, "2026-02-10 10:00"),  # undone later: not known by then
    ("f", "2026-02-10 10:00", -50.0, "2026-02-10 10:00"),
    ("g", "2026-01-05 10:00", 0.0, "2026-01-05 10:00"),  # comes to nothing
]


def orders(rows=ORDERS):
    frame = pd.DataFrame(rows, columns=["customer", "ordered_at", "amount", "undone_at"])
    for column in ("ordered_at", "undone_at"):
        frame[column] = pd.to_datetime(frame[column])
    return frame.assign(row=range(len(frame)))


def rows_of(found):
    return list(zip(found.x, found.t_x, found.age, found.amount, found.counts, strict=True))


def test_histories_are_those_counted_by_hand():
    found = buying_histories(clean_tables(orders=orders()), dt.date(2026, 1, 31))
    assert rows_of(found) == [
        (0, 0, 10, 0, 2),  # b and c, alike
        (1, 5, 30, 30.0, 1),  # d: 40 less a quarter
        (1, 10, 29, 50.0, 1),  # f
        (2, 30, 30, 20.0, 1),  # a: 25 and 15
    ]
    assert (found.customers, found.counted) == (5, 5)


def test_some_customers_alone_can_be_counted():
    only = "SELECT DISTINCT customer FROM clean_orders WHERE amount = 20 OR customer = 'b'"
    found = buying_histories(clean_tables(orders=orders()), dt.date(2026, 1, 31), only)
    assert rows_of(found) == [(0, 0, 10, 0, 1), (2, 30, 30, 20.0, 1)]
    assert found.customers == 2


def test_the_last_day_is_the_studys_or_that_of_the_last_order():
    assert buying_histories(clean_tables(orders=orders())).until == dt.date(2026, 2, 10)
    tables = clean_tables(dt.date(2026, 1, 20), orders=orders())
    found = buying_histories(tables)
    assert found.until == dt.date(2026, 1, 20)
    assert found.customers == 3  # a, d and f: b and c come later, and e is undone that day


def test_nobody_who_bought_is_refused():
    with pytest.raises(DataError, match="clean_orders has no purchase up to 2025-12-31"):
        buying_histories(clean_tables(orders=orders()), dt.date(2025, 12, 31))
    with pytest.raises(DataError, match="clean_orders has no row"):
        buying_histories(clean_tables(orders=orders().head(0)))


def many(n=3000, seed=1):
    rng = np.random.default_rng(seed)
    rows = 3 * n
    return pd.DataFrame(
        {
            "customer": rng.choice([f"k{i}" for i in range(n)], rows),
            "ordered_at": pd.Timestamp("2026-01-01")
            + pd.to_timedelta(rng.integers(0, 150 * 24, rows), unit="h"),
            "amount": np.round(rng.gamma(2, 20, rows) + 0.01, 2),
            "undone_at": pd.NaT,
        }
    )


def test_histories_of_many_are_those_of_pandas():
    frame = many()
    found = buying_histories(clean_tables(orders=frame), dt.date(2026, 5, 31))
    days = frame.assign(day=frame["ordered_at"].dt.normalize())
    days = days.groupby(["customer", "day"], as_index=False)["amount"].sum()
    days["first"] = days.groupby("customer")["day"].transform("min")
    later = days[days["day"] > days["first"]].groupby("customer")
    by = days.groupby("customer")
    expected = pd.DataFrame(
        {"x": by.size() - 1, "t_x": (by["day"].max() - by["day"].min()).dt.days}
    )
    expected["age"] = (pd.Timestamp("2026-05-31") - by["day"].min()).dt.days
    expected["amount"] = later["amount"].mean().reindex(expected.index).fillna(0).round(6)
    expected = expected.groupby(list(expected)).size().reset_index(name="n")
    assert np.array(rows_of(found)) == pytest.approx(expected.to_numpy(dtype=float))


def test_of_many_customers_a_sample_is_counted_the_same_each_time(monkeypatch):
    tables = clean_tables(orders=many())
    whole = buying_histories(tables)
    monkeypatch.setattr(histories, "MOST_CUSTOMERS", 1000)
    sample, again = buying_histories(tables), buying_histories(tables)
    assert sample.customers == whole.customers == whole.counted
    # 1,000 of about 2,850 by a fair hash: four standard deviations are 102.
    assert abs(sample.counted - 1000) < 102
    assert rows_of(sample) == rows_of(again)
    shares = [h.counts @ (h.x > 0) / h.counted for h in (sample, whole)]
    assert shares[0] == pytest.approx(shares[1], abs=0.06)


def subscriptions(rows):
    frame = pd.DataFrame(rows, columns=["customer", "started_at", "cancelled_at"])
    for column in ("started_at", "cancelled_at"):
        frame[column] = pd.to_datetime(frame[column])
    return frame.assign(row=range(len(frame)))


def periods_of(rows, months, until):
    return contract_periods(clean_tables(subscriptions=subscriptions(rows)), months, until)


def cohort(name, start, ends, count):
    return [(f"{name}{i}", start, ends[i] if i < len(ends) else None) for i in range(count)]


def test_yearly_contracts_are_those_counted_by_hand():
    rows = [
        *cohort(
            "a", "2020-03-01", ["2021-03-01"] * 9 + ["2021-06-30"] * 5 + ["2022-03-01"] * 3, 60
        ),
        *cohort("b", "2021-03-01", ["2021-05-01"] * 4 + ["2022-02-28"] * 2, 40),
        *cohort("c", "2022-09-01", ["2022-10-01"] * 30, 50),  # their first year is not over
    ]
    # A renewal on the next day goes on with the same contract: no loss in the first year.
    rows += [("z", "2020-03-01", "2021-03-01"), ("z", "2021-03-02", None)]
    found = contract_periods(
        clean_tables(subscriptions=subscriptions(rows)), 12, dt.date(2022, 8, 31)
    )
    # First year of a, b and z: 9 + 6 lost of 101; second, of a and z: 5 + 3 of 52.
    assert found.at_risk.tolist() == [101, 52]
    assert found.lost.tolist() == [15, 8]
    assert found.n == 101
    assert found.survival == pytest.approx([86 / 101, 86 / 101 * 44 / 52])


def test_months_of_any_length_end_where_they_end():
    starts = ["2026-01-01", "2026-01-31", "2026-02-01", "2026-03-31"]
    ends = ["2026-02-01", "2026-02-28", "2026-03-01", "2026-04-30"]  # each after a month
    rows = [
        row
        for i, (start, end) in enumerate(zip(starts, ends, strict=True))
        for row in cohort(f"s{i}", start, [end] * 5, 20)
    ]
    found = contract_periods(
        clean_tables(subscriptions=subscriptions(rows)), 1, dt.date(2026, 12, 31)
    )
    assert (found.at_risk[:2].tolist(), found.lost[:2].tolist()) == ([80, 60], [20, 0])


def test_what_ended_after_the_last_day_goes_on():
    rows = cohort("a", "2024-01-01", ["2024-06-01"] * 12 + ["2026-05-01"] * 20, 60)
    found = contract_periods(
        clean_tables(subscriptions=subscriptions(rows)), 12, dt.date(2026, 3, 1)
    )
    assert (found.at_risk.tolist(), found.lost.tolist()) == ([60, 48], [12, 0])


def truncated(n=30_000, seed=3):
    """Contracts begun over six years that end with a chance of .04 a month, or .02 after a year.

    Those that ended in the first four years are not in the table.
    """
    rng = np.random.default_rng(seed)
    first = rng.geometric(0.04, n)
    months = np.where(first <= 12, first, 12 + rng.geometric(0.02, n))
    start = rng.uniform(0, 72, n)
    end = start + months - rng.uniform(0.2, 0.8, n)
    kept = end > 48
    day = pd.Timestamp("2020-01-01")
    at = [day + pd.to_timedelta(30.4375 * t[kept], unit="D") for t in (start, end)]
    frame = pd.DataFrame({"customer": [f"c{i}" for i in range(kept.sum())]})
    ended = pd.Series(at[1]).where(end[kept] < 72)
    return frame.assign(started_at=at[0], cancelled_at=ended, row=range(len(frame)))


def test_contracts_that_ended_before_the_table_begins_do_not_flatter_those_that_stayed():
    tables = clean_tables(subscriptions=truncated())
    found = contract_periods(tables, 1, dt.date(2025, 12, 31))
    leave = found.lost / found.at_risk
    error = np.sqrt(0.04 * 0.96 / found.at_risk)
    truth = np.where(np.arange(len(leave)) < 12, 0.04, 0.02)
    assert len(leave) > 24
    assert np.all(np.abs(leave - truth)[:24] < 4 * error[:24])
    # From the first month on they are followed only if begun in the last two years.
    assert found.n == pytest.approx(30_000 / 3, rel=0.07)
    declared = clean_tables(complete_from=dt.date(2025, 1, 1), subscriptions=truncated())
    assert contract_periods(declared, 1, dt.date(2025, 12, 31)).n == pytest.approx(
        30_000 / 6.5, rel=0.1
    )


def test_too_short_a_history_is_refused():
    rows = cohort("a", "2025-01-01", ["2025-06-01"] * 12, 60)
    tables = clean_tables(subscriptions=subscriptions(rows))
    with pytest.raises(ScarceDataError, match=r"12-month periods .* start on: 1;"):
        contract_periods(tables, 12, dt.date(2026, 3, 1))
    with pytest.raises(ParameterError, match="a period of 0 months"):
        contract_periods(tables, 0)
    with pytest.raises(ScarceDataError, match="that ended in them: 0"):
        contract_periods(tables, 1, dt.date(2025, 5, 1))


def test_the_statements_have_an_equal_in_spark():
    for sql in (
        histories._histories_sql(
            "clean_orders", dt.date(2026, 1, 31), f"true{histories._sampled(10**6)}"
        ),
        histories._contracts_sql(12, dt.date(2025, 1, 1), dt.date(2026, 1, 31)),
    ):
        assert "FROM" in parsed(sql).sql("spark")


def test_the_tables_of_a_study_serve():
    from shop_frames import shop, study_of

    import cxroi as cx

    tables = cx.read_tables(cx.load_study(study_of()), frames=shop())
    found = buying_histories(tables)
    assert found.customers == shop()["orders"]["id"].nunique()
    assert found.counts @ (found.x + 1) == len(shop()["orders"])
