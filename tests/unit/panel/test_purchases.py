"""What counts as a purchase in a window, held to values by hand and to a count in plain Python."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import cxroi as cx
from cxroi.respondents.invitations_sql import baselines

STUDY = {
    "study": {
        "name": "Shop",
        "complete_from": dt.date(2025, 12, 1),
        "complete_until": dt.date(2026, 6, 30),
    },
    "tables": {
        "responses": {"customer": "who", "score": "nps", "answered_at": "at"},
        "orders": {"customer": "who", "ordered_at": "at", "amount": "amount", "id": "no"},
    },
    "windows": {"baseline_days": 60, "outcome_days": 60},
    "churn": {"within_days": 30},
    "pair": {"from": "passive", "to": "promoter"},
}
NOTHING = {"spend": 0, "orders": 0, "repeat": 0, "retained": 0, "spend_before": 7, "before": 1}
FIRST = ("01-05", 7, "first")
# What each customer booked beside a first order, as (day, amount, number), and what is to be found
# of it. The answer is of 1 March: the churn window ends on 31 March, the outcome window on 30
# April.
BY_HAND = {
    "one order": (
        [("03-10", 50, "1")],
        {"spend": 50, "orders": 1, "repeat": 1, "retained": 1},
    ),
    "an order of before refunded after": (
        [("01-15", 50, "1"), ("03-10", -50, "1")],
        {"spend": -50, "spend_before": 57, "before": 2},
    ),
    "an order of before refunded before": ([("01-15", 50, "1"), ("02-01", -50, "1")], {}),
    "refunded in the window": ([("03-10", 50, "1"), ("03-20", -50, "1")], {}),
    "more than refunded": ([("03-10", 50, "1"), ("03-20", -60, "1")], {"spend": -10}),
    "refunded in part": (
        [("03-10", 50, "1"), ("03-20", -20, "1")],
        {"spend": 30, "orders": 1, "repeat": 1, "retained": 1},
    ),
    "refunded when churn was judged": (
        [("03-10", 50, "1"), ("04-05", -50, "1")],
        {"retained": 1},
    ),
    "refunded after the window": (
        [("03-10", 50, "1"), ("06-15", -50, "1")],
        {"spend": 50, "orders": 1, "repeat": 1, "retained": 1},
    ),
    "for nothing": ([("03-10", 0, "1")], {}),
    "lines that net to nothing": (
        [("03-10", 10.1, "1"), ("03-10", 5.2, "1"), ("03-10", -15.3, "1")],
        {},
    ),
    "without a number": (
        [("03-10", 50, None), ("03-11", -50, None)],
        {"orders": 1, "repeat": 1, "retained": 1},
    ),
    "refunded and sold again": (
        [("03-10", 10, "1"), ("03-12", -10, "1"), ("03-14", 20, "1")],
        {"spend": 20, "orders": 1, "repeat": 1, "retained": 1},
    ),
    "a refund of another order": (
        [("03-10", 50, "1"), ("03-12", -50, "2")],
        {"orders": 1, "repeat": 1, "retained": 1},
    ),
}
COLUMNS = {
    "spend": "spend_after",
    "orders": "orders_after",
    "repeat": "repeat_purchase_after",
    "retained": "retained_after",
    "spend_before": "spend_before",
    "before": "orders_before",
}


def read(orders: pd.DataFrame, answered: str = " 12:00") -> cx.Tables:
    who = list(dict.fromkeys(orders["who"]))
    at = pd.Timestamp(f"2026-03-01{answered}")
    answers = pd.DataFrame({"who": who, "nps": [7 + i % 4 for i in range(len(who))], "at": at})
    return cx.read_tables(cx.load_study(STUDY), frames={"responses": answers, "orders": orders})


def windows_of(tables: cx.Tables) -> pd.DataFrame:
    return cx.build_panel(tables).frame.set_index("customer")


def by_hand(time: str) -> pd.DataFrame:
    return booked(
        [
            (name, f"{day}{time}", amount, no)
            for name, (rows, _) in BY_HAND.items()
            for day, amount, no in (FIRST, *rows)
        ]
    )


def booked(rows: list[tuple]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["who", "at", "amount", "no"])
    return frame.assign(at=pd.to_datetime("2026-" + frame["at"]))


@pytest.mark.parametrize("time", [" 09:30", ""], ids=["times", "days"])
def test_purchases_by_hand(time: str) -> None:
    """With and without a time of day: none of the cases is of the day of the answer."""
    found = windows_of(read(by_hand(time), " 12:00" if time else ""))
    for name, (_, expected) in BY_HAND.items():
        held = {key: found.loc[name, column] for key, column in COLUMNS.items()}
        assert held == pytest.approx({**NOTHING, **expected}), name
        assert found.loc[name, "churned_after"] == 1 - held["retained"], name


def test_what_is_no_purchase_is_told_of() -> None:
    rows = by_hand(" 09:30")
    tables = read(rows)
    told = {e.reason.partition(" ")[2]: e.rows for e in tables.ledger.entries}
    refunds = "orders have negative amounts (refunds): netted against spend, no purchase"
    # All cells below zero but the line of 15.3, which its order of the day nets away.
    assert told[refunds] == (rows["amount"] < 0).sum() - 1 == 10
    assert told["orders come to nothing: no purchase"] == 2
    assert told["orders were refunded in full: no purchase from then on"] == 7


def by_day(rows: pd.DataFrame) -> pd.DataFrame:
    """Lines of one number and day together, in plain pandas."""
    day = rows["at"].dt.normalize()
    parts = rows.groupby(["who", "no", day.rename("day")], as_index=False)
    return parts.agg(amount=("amount", "sum"), at=("at", "min"))


def counted(rows: pd.DataFrame, begin: pd.Timestamp, end: pd.Timestamp, after: bool) -> int:
    """Purchases of one customer in a window, row by row: what its number nets to by the end."""
    inside = (rows["at"] > begin) & (rows["at"] <= end) if after else (rows["at"] >= begin)
    known = rows["at"] <= end if after else rows["at"] < end
    purchases = 0
    for row in rows[inside & known & (rows["amount"] > 0)].itertuples():
        same = rows[known & (rows["no"] == row.no)].sort_values(
            ["at", "amount"], ascending=[True, False]
        )
        net = same["amount"].cumsum()
        purchases += not (net[same["at"] >= row.at] <= 0).any()
    return purchases


def test_purchases_of_many_random_orders() -> None:
    rng = np.random.default_rng(5)
    n, people = 240, 24
    rows = pd.DataFrame(
        {
            "who": [f"c{i}" for i in rng.integers(0, people, n)],
            "no": rng.integers(0, 3, n).astype(str),
            "amount": rng.choice([-20.0, -10.0, 0.0, 10.0, 20.0], n, p=[0.2, 0.2, 0.1, 0.3, 0.2]),
            "at": pd.Timestamp("2025-12-01")
            + pd.to_timedelta(rng.integers(0, 180 * 24 * 60, n), unit="min"),
        }
    )
    found = windows_of(read(rows))
    answered, days = pd.Timestamp("2026-03-01 12:00"), pd.Timedelta("60D")
    orders, total = by_day(rows), 0
    for who, own in orders.groupby("who"):
        after = counted(own, answered, answered + days, after=True)
        within = counted(own, answered, answered + days / 2, after=True)
        before = counted(own, answered - days, answered, after=False)
        held = found.loc[who, ["orders_after", "orders_before", "retained_after"]].tolist()
        # Who had bought nothing cannot be lost.
        stays = float(within > 0) if before else np.nan
        assert held == pytest.approx([after, before, stays], nan_ok=True), who
        total += after
    assert 0 < total < (orders["amount"] > 0).sum()


def test_invited_customers_have_the_same_baseline() -> None:
    """Refunds up to the invitation undo an order, refunds after it do not."""
    rows = [
        ("a", "01-15 09:00", 50, "1"),
        ("a", "02-01 09:00", -50, "1"),
        ("b", "01-15 09:00", 50, "1"),
        ("b", "03-10 09:00", -50, "1"),
    ]
    tables = read(booked(rows))
    tables.engine.execute(
        "CREATE OR REPLACE TEMP TABLE invited AS SELECT customer AS invitation, customer, "
        "TIMESTAMP '2026-03-01 12:00:00' AS invited_at, '' AS reason "
        "FROM (SELECT DISTINCT customer FROM clean_orders)"
    )
    tables.engine.execute(baselines(tables, "orders"))
    found = tables.engine.fetch(
        "SELECT invitation, orders_before, spend_before FROM orders_baselines ORDER BY 1"
    )
    assert [tuple(row) for row in found] == [("a", 0, 0.0), ("b", 1, 50.0)]
