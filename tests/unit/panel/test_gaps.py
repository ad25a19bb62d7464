"""Stretches without a row, rows of far years and ends of subscriptions that stop."""

import numpy as np
import pandas as pd
import pytest
from customer_files import tables_of

import cxroi as cx

FIRST, UNTIL = pd.Timestamp("2025-07-01"), pd.Timestamp("2026-10-31")
DAYS = pd.date_range(FIRST, UNTIL)
PEOPLE = [f"c{i}" for i in range(20)]
MONTH = (DAYS < "2026-05-01") | (DAYS >= "2026-06-01")


def warnings_of(folder, days, kind="frame", **more):
    orders = pd.DataFrame({"id": np.resize(PEOPLE, len(days)), "day": days, "amount": 10.0})
    answers = pd.DataFrame({"id": PEOPLE, "nps": [8, 10] * 10, "day": "2026-04-15 12:00"})
    frames = {"responses": answers, "orders": orders, **more}
    study = {"complete_until": UNTIL.date()}
    windows = {"baseline_days": 60, "outcome_days": 60}
    tables = tables_of(folder, frames, study=study, windows=windows)
    return " ".join(cx.build_panel(tables).ledger.warnings)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (DAYS[MONTH], "between 2026-04-30 and 2026-06-01, where about 31 would"),
        (DAYS[:1].union(DAYS[DAYS >= "2026-03-01"]), "between 2025-07-01 and 2026-03-01"),
        (DAYS[DAYS < "2026-05-01"].union(DAYS[-1:]), "between 2026-04-30 and 2026-10-31"),
    ],
)
def test_a_stretch_without_orders_is_told_of(days, words, tmp_path):
    assert words in warnings_of(tmp_path, days)


@pytest.mark.parametrize(
    "days",
    [
        DAYS,
        DAYS[DAYS.day == 1].repeat(20),  # bills of the first of the month
        DAYS[(DAYS < "2025-08-01") | (DAYS >= "2025-09-01")],  # before any window
        DAYS[::10],  # too few to miss any
    ],
)
def test_ordinary_stretches_are_not_worth_a_word(days, tmp_path):
    assert "No row of orders" not in warnings_of(tmp_path, days)


def test_an_order_of_a_far_year_is_told_of_and_hides_no_early_end(tmp_path):
    days = DAYS[DAYS < "2026-10-01"].union(pd.DatetimeIndex(["2062-03-01"]))
    told = warnings_of(tmp_path, days)
    assert "1 rows of orders are of more than a year after complete_until, up to 2062" in told
    assert "The last of orders is of 2026-09-30, complete_until is 2026-10-31" in told


@pytest.mark.parametrize(
    ("last", "words"),
    [
        ("2026-07-01", "The last subscription ended on 2026-06-28"),
        ("2026-10-25", ""),
        ("2025-01-01", "No subscription has ended"),
    ],
)
def test_ends_of_subscriptions_that_stop_are_told_of(last, words, tmp_path):
    ends = pd.Series(pd.date_range("2025-09-01", UNTIL, freq="10D").append(DAYS[[-7]]))
    ends = pd.concat([ends, pd.Series(pd.NaT, range(20))]).where(lambda day: day <= last)
    ids = [*PEOPLE, *(f"x{i}" for i in range(len(ends) - 20))]
    held = pd.DataFrame({"id": ids[::-1], "began": "2025-01-05", "ended": ends.to_numpy()})
    told = warnings_of(tmp_path, DAYS, subscriptions=held)
    assert words in told if words else "ubscription" not in told
