"""Customers of the tables held against each other: what is said of those who are not known."""

import pandas as pd
import pytest
from customer_files import SOME, entries, tables_of

import cxroi as cx

IDS = [f"C{i}" for i in range(100)]


def responses(ids=IDS):
    return pd.DataFrame({"id": ids, "nps": [5 + i % 6 for i in range(len(ids))]}).assign(
        day="2026-03-02"
    )


def orders(ids):
    return pd.DataFrame({"id": ids, "day": "2026-03-10", "amount": 5.0})


def subscriptions(ids, gone=()):
    ended = ["2026-03-20" if i in gone else None for i in ids]
    return pd.DataFrame({"id": ids, "began": "2025-01-01", "ended": ended})


def told(tables):
    """Return what is said of unknown respondents, and how many rows the panel sets aside."""
    said = [w for w in tables.ledger.warnings if "occur in no table" in w]
    return said, cx.build_panel(tables).ledger.rows("responses", "set aside")


@pytest.mark.parametrize("bought", [IDS, IDS[20:]])
def test_who_is_not_in_the_customers_table_is_set_aside_whatever_he_bought(bought, tmp_path):
    frames = {
        "responses": responses(),
        "orders": orders(bought),
        "customers": pd.DataFrame({"id": IDS[20:]}),
    }
    said, aside = told(tables_of(tmp_path, frames))
    assert said == [
        "20 of 100 customers who answered (20 %) occur in no table of customers: their answers "
        "are set aside"
    ]
    assert aside == 20


def test_who_has_no_subscription_is_set_aside(tmp_path):
    frames = {
        "responses": responses(),
        "orders": orders(IDS),
        "subscriptions": subscriptions(IDS[10:]),
    }
    said, aside = told(tables_of(tmp_path, frames))
    assert said[0].endswith("occur in no table of subscriptions: their answers are set aside")
    assert aside == 10


def test_who_never_bought_reads_as_zero_and_is_not_set_aside(tmp_path):
    tables = tables_of(tmp_path, {"responses": responses(), "orders": orders(IDS[30:])})
    said, aside = told(tables)
    assert said == [
        "30 of 100 customers who answered (30 %) occur in no table of orders: their outcomes read "
        "as zero, and whether they churned is not known"
    ]
    assert aside == 0


# ------------------------------------------------- a customers table of current customers only


def current(folder, missing, gone, kind="frame"):
    """Customers 0 to 99; some are missing from the customers table, some have cancelled."""
    frames = {
        "responses": responses(),
        "orders": orders(IDS),
        "subscriptions": subscriptions(IDS, gone),
        "customers": pd.DataFrame({"id": [i for i in IDS if i not in missing]}),
    }
    return tables_of(folder, frames, kind)


@pytest.mark.parametrize("kind", SOME)
def test_a_table_without_those_who_left_is_refused(kind, tmp_path):
    with pytest.raises(cx.CxroiError) as caught:
        current(tmp_path, IDS[:20], IDS[:20], kind)
    assert "20 of the 20 customers who answered and are not in [tables.customers] have " in str(
        caught.value
    )
    assert "0 of the 80 who are in it: does it list only current customers?" in str(caught.value)


@pytest.mark.parametrize(
    ("missing", "gone", "refused"),
    [
        (IDS[:10], [*IDS[:9], *IDS[10:30]], True),  # 90 % against 22 %
        (IDS[:10], [*IDS[:8], *IDS[10:30]], False),  # 80 %: others are missing too
        (IDS[:10], IDS[:50], False),  # 100 % against 44 %: many who left are in it
        (IDS[:9], IDS[:9], False),  # nine may be chance
    ],
)
def test_others_who_are_missing_or_who_left_are_not_refused(missing, gone, refused, tmp_path):
    if refused:
        with pytest.raises(cx.CxroiError, match="only current customers"):
            current(tmp_path, missing, gone)
    else:
        assert "set aside" in current(tmp_path, missing, gone).ledger.warnings[-1]


def test_a_renewed_subscription_is_no_cancellation(tmp_path):
    again = subscriptions(IDS[:20]).assign(began="2026-03-21")
    frames = {
        "responses": responses(),
        "subscriptions": pd.concat([subscriptions(IDS, IDS[:20]), again]),
        "customers": pd.DataFrame({"id": IDS[20:]}),
    }
    assert entries(tables_of(tmp_path, frames), "warning", "responses")


# ---------------------------------------------------- subscriptions that end before they begin


def reversed_ones(folder, bad, kind="frame", end="2024-12-31", size=200):
    ids = [f"C{i}" for i in range(size)]
    frame = subscriptions(ids)
    frame.loc[: bad - 1, "ended"] = end
    return tables_of(folder, {"responses": responses(ids), "subscriptions": frame}, kind)


@pytest.mark.parametrize("kind", SOME)
def test_a_few_that_end_before_they_begin_are_set_aside(kind, tmp_path):
    tables = reversed_ones(tmp_path, 2, kind)
    assert entries(tables, "set aside") == {"ends on a day before it begins": 2}


def test_many_that_end_before_they_begin_are_refused(tmp_path):
    with pytest.raises(cx.CxroiError) as caught:
        reversed_ones(tmp_path, 3)
    assert "'ended' is before their 'began' (3 rows, 1.5 %), first in data rows 1, 2, 3" in str(
        caught.value
    )


def test_one_that_ends_on_the_day_it_began_is_kept(tmp_path):
    tables = reversed_ones(tmp_path, 9, end="2025-01-01")
    assert not entries(tables, "set aside")
    assert not entries(tables, "warning")


def test_many_that_end_on_the_day_they_began_are_told_of(tmp_path):
    [told] = entries(reversed_ones(tmp_path, 50, end="2025-01-01"), "warning")
    assert told.startswith("50 of 200 subscriptions (25 %) end on the day they begin")
