"""Rows that count for more than they are: undone orders, subtotals, rows without a customer."""

import pandas as pd
import pytest
from customer_files import KINDS, SOME, rows, tables_of

from cxroi.errors import DataError

PEOPLE = [f"c{n:02}" for n in range(24)]
ANSWERS = pd.DataFrame({"id": PEOPLE, "nps": [8, 9, 10] * 8, "day": "2026-02-01"})
AMOUNTS = [float(n + 1) for n in range(24)]


def ordered(tmp_path, kind="frame", orders=None, table=None, **columns):
    """Read a dated study whose orders have these columns."""
    plain = pd.DataFrame({"id": PEOPLE, "day": "2026-02-20", "amount": AMOUNTS} | columns)
    frames = {"responses": ANSWERS, "orders": plain if orders is None else orders}
    return tables_of(tmp_path, frames, kind, tables={"orders": table or {}})


def told(tables):
    return [said for said in tables.ledger.warnings if "count as orders" in said]


def spent(tables):
    return rows(tables, "SELECT sum(amount) FROM clean_orders")[0][0]


@pytest.mark.parametrize(
    ("header", "word", "other"),
    [
        ("ステータス", "キャンセル済み", "完了"),
        ("état", "Remboursée partiellement", "Livrée"),
        ("Status zamówienia", "Anulowane", "Wysłane"),
        ("Состояние", "Отменён", "Доставлен"),
        ("anything", "Cancelled by customer", "shipped"),
        ("Nature", "Avoir", "Facture"),
        ("Dokument", "Gutschrift Nr.", "Rechnung"),
        ("Soort", "Creditnota", "Factuur"),
        ("paid", "no", "yes"),
        ("captured", False, True),
    ],
)
def test_rows_that_were_undone_are_told_of_in_any_language(header, word, other, tmp_path):
    cells = [word] * 3 + [other] * 21
    tables = ordered(tmp_path, **{header: cells})
    [said] = told(tables)
    assert said.startswith(f"3 rows count as orders though column {header!r}")
    assert spent(tables) == sum(AMOUNTS)
    dropped = ordered(tmp_path, table={"drop": {header: [word]}}, **{header: cells})
    assert not told(dropped)
    assert spent(dropped) == sum(AMOUNTS[3:])


@pytest.mark.parametrize("kind", KINDS)
def test_undone_rows_are_told_of_in_any_file(kind, tmp_path):
    [said] = told(ordered(tmp_path, kind, phase=["refunded"] * 3 + ["shipped"] * 21))
    assert said.startswith("3 rows count as orders though column 'phase'")


@pytest.mark.parametrize("kind", SOME)
def test_a_day_on_which_orders_were_undone_is_told_of(kind, tmp_path):
    cells = [None, "2026-02-21", "2026-02-22"] + [None] * 21
    [said] = told(ordered(tmp_path, kind, cancelled_at=cells))
    assert said.startswith("2 rows count as orders though column 'cancelled_at'")
    tables = ordered(tmp_path, kind, table={"keep": {"cancelled_at": [""]}}, cancelled_at=cells)
    assert not told(tables)
    assert spent(tables) == sum(AMOUNTS) - 2 - 3


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("note", [f"cancelled the other, {n}" for n in range(24)]),  # comments
        ("plan", ["annual", "monthly"] * 12),
        ("item", ["storage", "cane"] * 12),
        ("fare", ["Refundable", "Cancellable", "Stornierbar"] * 8),
        ("cover", ["Cancellation insurance", "Annulationsversicherung", "none"] * 8),
        ("paid", ["yes"] * 24),
        ("cancelled_at", [None] * 24),
    ],
)
def test_what_only_sounds_undone_is_left_alone(header, cells, tmp_path):
    assert not told(ordered(tmp_path, **{header: cells}))


@pytest.mark.parametrize(
    ("quantity", "price"),
    [("Quantité", "Prix unitaire HT"), ("数量", "単価"), ("Antal", "pris_per_st")],
)
def test_a_quantity_beside_a_price_of_one_is_told_of_in_any_language(quantity, price, tmp_path):
    orders = pd.DataFrame(
        {"id": PEOPLE, "day": "2026-02-20", price: AMOUNTS, quantity: [1, 2] * 12}
    )
    tables = ordered(tmp_path, orders=orders, table={"amount": price})
    assert f"column {quantity!r} of [tables.orders] is not 1 (12 rows" in tables.ledger.warnings[0]


def with_subtotals(name):
    """Return 24 rows in blocks of six, each block followed by its sum, the last by nothing."""
    rows_of = [
        {"id": who, "nps": 9, "spend": x, "day": "2026-02-20", "amount": x, "no": f"n{who}"}
        for who, x in zip(PEOPLE, AMOUNTS, strict=True)
    ]
    blocks = [rows_of[n : n + 6] for n in range(0, 24, 6)]
    sums = [{**block[-1], **name(n)} for n, block in enumerate(blocks)]
    for block, total in zip(blocks[:3], sums, strict=False):
        total["spend"] = total["amount"] = sum(row["amount"] for row in block)
        block.append(total)
    return pd.DataFrame([row for block in blocks for row in block])


@pytest.mark.parametrize("kind", SOME)
@pytest.mark.parametrize("words", ["Summe {}", "{} Total", "小計 {}", "Sous-total : {}"])
def test_subtotals_of_customers_are_refused(words, kind, tmp_path):
    frame = with_subtotals(lambda n: {"id": words.format("abc"[n % 3])})
    outcomes = {"columns": {"spend": {"column": "spend", "kind": "amount"}}}

    def read(frame, **table):
        study = {"study": {"currency": "EUR"}, "outcomes": outcomes}
        table = {"customers": {"score": "nps"} | table}
        return tables_of(tmp_path, {"customers": frame}, kind, tables=table, **study)

    with pytest.raises(
        DataError, match=r"data rows 7, 14, 21.*\(3 in all\) the sum of the rows"
    ) as refused:
        read(frame)
    named = [words.format(x) for x in "abc"]
    assert all(f'"{name}"' in str(refused.value) for name in named)
    dropped = read(frame, drop={"id": named})
    assert rows(dropped, "SELECT sum(spend_after) FROM clean_customers") == [(sum(AMOUNTS),)]
    # The same names with other amounts are customers.
    read(frame.assign(spend=frame["spend"] + 1.0))


@pytest.mark.parametrize("kind", SOME)
def test_subtotals_under_the_number_of_an_order_are_refused(kind, tmp_path):
    frame = with_subtotals(lambda n: {"no": "Total"})
    with pytest.raises(DataError, match=r"data rows 7, 14, 21 .*drop = \{no = \[\"Total\"\]\}"):
        ordered(tmp_path, kind, frame, {"id": "no"})
    tables = ordered(tmp_path, kind, frame, {"id": "no", "drop": {"no": ["Total"]}})
    assert spent(tables) == sum(AMOUNTS)


@pytest.mark.parametrize("kind", SOME)
def test_many_rows_without_a_customer_are_told_of(kind, tmp_path):
    def said(blanks):
        more = pd.DataFrame({"id": None, "day": "2026-02-20", "amount": 1.0}, index=range(blanks))
        orders = pd.DataFrame({"id": PEOPLE, "day": "2026-02-20", "amount": AMOUNTS})
        return " ".join(ordered(tmp_path, kind, pd.concat([orders, more])).ledger.warnings)

    assert "12 of 36 rows of [tables.orders] (33.3 %) have no customer id" in said(12)
    assert "no customer id" not in said(2)


@pytest.mark.parametrize(
    ("zeros", "ones", "asked"), [(30, 0, True), (30, 1, True), (30, 4, False), (10, 0, False)]
)
def test_many_answers_of_0_beside_none_of_1_are_asked_about(zeros, ones, asked):
    answers = [0] * zeros + [1] * ones + [8, 9, 10] * 40
    frame = pd.DataFrame({"id": [f"c{n}" for n in range(len(answers))], "nps": answers, "n": 1})
    outcomes = {"columns": {"n": {"column": "n", "kind": "count"}}}
    tables = tables_of(
        None, {"customers": frame}, tables={"customers": {"score": "nps"}}, outcomes=outcomes
    )
    said = " ".join(tables.ledger.warnings)
    assert (f"'nps' of [tables.customers] holds 0 ({zeros} rows" in said) is asked


@pytest.mark.parametrize("kind", SOME)
def test_many_orders_without_an_amount_are_told_of(kind, tmp_path):
    def said(blanks):
        amounts = [None] * blanks + [2.0] * (48 - blanks)
        orders = pd.DataFrame({"id": PEOPLE * 2, "day": "2026-02-20", "amount": amounts})
        orders["no"] = [f"n{n}" for n in range(48)]
        return " ".join(ordered(tmp_path, kind, orders, {"id": "no"}).ledger.warnings)

    assert "12 of 48 rows of [tables.orders] (25 %) have no amount and count for nothing" in said(
        12
    )
    assert "no amount" not in said(2)


def test_sales_below_zero_are_refused_and_refunds_are_not(tmp_path):
    with pytest.raises(DataError, match=r"20 of 24 orders \(83.3 %\) are below zero"):
        ordered(tmp_path, amount=[5.0] * 4 + [-7.0] * 20)
    assert spent(ordered(tmp_path, amount=[-5.0] * 4 + [7.0] * 20)) == 120.0


@pytest.mark.parametrize("code", [9, 9.0, "9.0"])
def test_a_number_in_drop_leaves_out_the_same_number_of_other_types(code, tmp_path):
    tables = ordered(tmp_path, table={"drop": {"code": [code]}}, code=[9.0] + [1.0] * 23)
    assert spent(tables) == sum(AMOUNTS[1:])
    assert not tables.ledger.warnings


def test_returns_that_were_rejected_are_told_of(tmp_path):
    returns = pd.DataFrame({"id": PEOPLE, "at": "2026-02-20", "amount": AMOUNTS})
    roles = {"customer": "id", "returned_at": "at"}

    def said(status, **table):
        frames = {"responses": ANSWERS, "returns": returns.assign(State=status)}
        warnings = tables_of(tmp_path, frames, tables={"returns": roles | table}).ledger.warnings
        return [one for one in warnings if "count as returns" in one]

    cells = ["Rejected"] * 3 + ["refunded"] * 21
    [one] = said(cells)
    assert one.startswith("3 rows count as returns though column 'State' of [tables.returns]")
    assert not said(cells, drop={"State": ["Rejected"]})
    assert not said(["refunded"] * 24)
