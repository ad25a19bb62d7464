"""Rows that are no events of their own: states, parts, measures, running totals, other moments."""

import numpy as np
import pandas as pd
import pytest
from customer_files import rows, tables_of

from cxroi.reading.headers import no_price, other_moment, says_running

PEOPLE = [f"c{n:02}" for n in range(20)]
ANSWERS = pd.DataFrame({"id": PEOPLE, "nps": [8, 10] * 10, "day": "2026-02-01"})
DAYS = ["2026-01-10", "2026-02-10", "2026-03-10", "2026-04-04"]
# Four orders of every customer, of which the amounts rise and fall.
ORDERS = pd.DataFrame(
    [
        {"id": who, "day": day, "amount": 10.5 + (7 * n + 13 * i) % 17, "no": f"A{n}-{i}"}
        for n, who in enumerate(PEOPLE)
        for i, day in enumerate(DAYS)
    ]
)
CONTACTS = ORDERS[["id", "day"]]


def told(orders=ORDERS, role="orders", kind="frame", folder=None, **table):
    """Return what is told of a table of events, and how many of its rows are left."""
    frames = {"responses": ANSWERS, "orders": ORDERS[["id", "day", "amount"]]} | {role: orders}
    declared = {"returns": {"customer": "id", "returned_at": "day"}}
    tables = tables_of(
        folder,
        frames,
        kind,
        study={"currency": "EUR"},
        tables={role: declared.get(role, {}) | table},
    )
    entries = [e for e in tables.ledger.entries if (e.table, e.action) == (role, "warning")]
    return [e.reason for e in entries], rows(tables, f"SELECT count(*) FROM clean_{role}")[0][0]


def states(frame, number):
    """Return three rows of each event, an hour apart."""
    later = pd.to_datetime(frame["day"])
    parts = [frame.assign(day=(later + pd.Timedelta(hours=h)).astype(str)) for h in (8, 9, 10)]
    return pd.concat([part.assign(**{number: range(len(frame))}) for part in parts])


@pytest.mark.parametrize(
    ("role", "number", "kind"),
    [
        ("orders", "order_no", "csv"),
        ("orders", "Psp Reference", "frame"),
        ("contacts", "Vorgangsnr.", "frame"),
        ("returns", "RMA", "frame"),
    ],
)
def test_rows_that_share_an_undeclared_number_are_told_of(role, number, kind, tmp_path):
    columns = ["id", "day", "amount"] if role == "orders" else ["id", "day"]
    [said], _ = told(states(ORDERS[columns], number), role, kind, tmp_path)
    assert said.startswith(f"160 rows, 66.7 % of {role} have a number in column {number!r}")


def test_a_declared_number_and_one_of_its_own_a_row_are_left_alone():
    assert told(ORDERS.rename(columns={"no": "order_no"})) == ([], 80)
    assert told(CONTACTS.assign(ticket_id=range(80)), "contacts") == ([], 80)
    # What customers share is no number of an event.
    assert told(CONTACTS.assign(case=["bill", "box"] * 40), "contacts") == ([], 80)
    halves = pd.concat([ORDERS.assign(amount=ORDERS["amount"] * share) for share in (0.4, 0.6)])
    assert told(halves, id="no") == ([], 80)


@pytest.mark.parametrize(
    ("role", "header", "cells"),
    [
        ("orders", "measure", ["revenue", "margin"] * 40),
        ("responses", "question_id", ["nps", "csat"] * 10),
        ("orders", "event_name", ["purchase", "view"] * 40),
    ],
)
def test_rows_of_several_things_are_told_of(role, header, cells):
    frame = {"orders": ORDERS, "responses": ANSWERS}[role].assign(**{header: cells})
    [said], count = told(frame, role)
    assert said.startswith(f"column {header!r} of [tables.{role}] says ")
    assert f"rows of all of them count as {role}" in said
    assert told(frame, role, keep={header: [cells[0]]}) == ([], count / 2)


@pytest.mark.parametrize(("sign", "way"), [(1, "rise"), (-1, "fall")])
def test_running_totals_are_told_of(sign, way):
    totals = 1_000 + sign * ORDERS.groupby("id")["amount"].cumsum()
    [said], _ = told(ORDERS.assign(amount=totals))
    assert f"{way} from row to row of a customer in 60 of 60 steps" in said


def test_names_of_other_amounts_and_moments_are_told_of():
    frame = ORDERS.rename(columns={"amount": "cumulative_margin", "day": "shipped_at"})
    said, count = told(frame, amount="cumulative_margin", ordered_at="shipped_at")
    assert "is declared as ordered_at and says 'shipped'" in said[0]
    assert "sounds like a total up to each row" in said[1]
    [reason], _ = told(ORDERS.rename(columns={"amount": "gross margin"}), amount="gross margin")
    assert "added up as what customers paid, and says 'margin' by its name" in reason
    assert count == 80


@pytest.mark.parametrize(
    ("header", "said"),
    [
        *((h, True) for h in ("cumulative_spend", "TotalSpent", "Saldo", "revenue YTD", "LTV")),
        *((h, False) for h in ("amount", "Order total", "accumulated_cost", "unbalanced")),
    ],
)
def test_headers_of_running_totals(header, said):
    assert says_running(header) == said


@pytest.mark.parametrize(
    ("header", "said"),
    [
        *(("points", "points"), ("gross_margin", "margin"), ("Rabatt EUR", "rabatt")),
        *(("tax amount", "tax"), ("qty", "qty"), ("Total VAT", "vat"), ("shipping", "shipping")),
        *((h, "") for h in ("amount_incl_tax", "net total", "price after discount", "fee", "cost")),
    ],
)
def test_headers_of_money_that_no_customer_pays(header, said):
    assert no_price(header) == said


@pytest.mark.parametrize(
    ("role", "header", "said"),
    [
        ("orders", "shipped_at", "shipped"),
        ("orders", "updatedAt", "updated"),
        ("orders", "Lieferdatum", "lieferdatum"),
        ("contacts", "solved_at", "solved"),
        ("responses", "sent at", "sent"),
        *(("orders", h, "") for h in ("created_at", "Order delivery date", "day", "Datum")),
        *(("responses", h, "") for h in ("End Date", "submitted_at", "response sent")),
        ("subscriptions", "start of renewed term", ""),
    ],
)
def test_headers_of_other_moments(role, header, said):
    assert other_moment(role, header) == said


@pytest.mark.parametrize(
    ("amount", "beside", "cells", "many"),
    [
        ("amount", "amount_refunded", [0, 5] * 40, 40),
        ("amount", "Refunded Amount", [0.0] * 80, 0),
        ("list_price", "discount", [1.5] * 80, 80),
        ("total", "discount", [1.5] * 80, 0),  # what was paid has it off already
        ("amount", "Rabatt %", ["10 %", "0"] * 40, 40),  # it may be off, or not yet
        ("amount", "discount_pct", [0.0, None] * 40, 0),
        ("paid_amount", "discount", [1.5] * 80, 0),
    ],
)
def test_money_to_be_taken_off_is_told_of(amount, beside, cells, many):
    frame = ORDERS.rename(columns={"amount": amount}).assign(**{beside: cells})
    said, _ = told(frame, amount=amount)
    assert [reason.split(" is not")[0] for reason in said] == (
        [f"column {beside!r} of [tables.orders] holds something in {many} rows and"] if many else []
    )


def test_large_whole_amounts_may_be_cents():
    cents = ORDERS.assign(amount=(ORDERS["amount"] * 100).astype(int) + 1)
    [said], _ = told(cents)
    assert "holds whole numbers alone, about 1,7" in said
    assert told(cents, amount_in="EUR") == ([], 80)
    assert told(cents.assign(amount=lambda frame: frame["amount"] + 0.5)) == ([], 80)
    assert told(cents.assign(amount=lambda frame: frame["amount"] // 100)) == ([], 80)


@pytest.mark.parametrize(
    ("header", "cells", "many"),
    [
        ("payment_method", ["gift_card", "card", "card", "Gift Card"] * 20, 40),
        ("Zahlungsart", ["Gutschein", "Kreditkarte", "PayPal", "Rechnung"] * 20, 20),
        ("payment_type", ["credit_card", "voucher", "boleto", "debit_card"] * 20, 0),
        ("delivery_method", ["gift_card", "post"] * 40, 0),
    ],
)
def test_what_is_paid_with_a_gift_card_is_told_of(header, cells, many):
    said, _ = told(ORDERS.assign(**{header: cells}))
    begins = [f"{many} rows count as orders and column {header!r} of [tables.orders] says"]
    assert [reason[: len(begins[0])] for reason in said] == (begins if many else [])


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        (
            [1, 1, 1, 1.19, 1.19, 1.19],
            "from 2026-04 on are about 1.19 times those before, in",
        ),
        ([1.2, 1.2, 1.2, 1, 1, 1], "before 2026-04 are about 1.20 times those from then on, in"),
        ([1, 1.03, 1.07, 1.1, 1.15, 1.19], ""),  # prices that rise
        ([1, 1, 1, 1, 1, 1.2], ""),  # one month more is no change for good
        ([1, 1, 1, 1.4, 1.4, 1.4], ""),  # no tax is so high
        ([1, 1.2, 1, 1.2, 1, 1.2], ""),
    ],
)
def test_amounts_to_which_tax_is_added_from_a_month_on_are_told_of(factors, said):
    """Of 160 orders a month, alike in each but for the factor."""
    parts = [
        pd.DataFrame({"id": PEOPLE * 8, "day": f"2026-0{month}-11", "amount": amounts})
        for month, amounts in enumerate(
            (np.round(factor * np.linspace(10.5, 90, 160), 2) for factor in factors), start=1
        )
    ]
    reasons, _ = told(pd.concat(parts))
    found = [r for r in reasons if "in every month" in r]
    begins = f"Amounts in column 'amount' of [tables.orders] {said}"
    assert [reason[: len(begins)] for reason in found] == ([begins] if said else [])


UNDONE = {
    "state": "cancel",
    "Order Status": "Awaiting Payment",
    "État": "En attente du paiement",
    "document_type": "Quote",
    "Belegart": "Angebot",
    "Type": "Authorization",
    "_fivetran_deleted": "true",
    "is_current": "false",
    "op": "D",
    "حالة الطلب": "ملغي",
    "Trạng thái": "Đã hủy",
    "booking_status": "no_show",
    "StageName": "Closed Lost",
}


def test_rows_that_are_no_order_yet_or_no_more_are_told_of():
    other = {"true": "false", "false": "true"}
    columns = {h: [word] * 20 + [other.get(word, "done")] * 60 for h, word in UNDONE.items()}
    said, _ = told(ORDERS.assign(**columns))
    heads = [f"20 rows count as orders though column {header!r}" for header in UNDONE]
    assert sorted(reason.split(" of [")[0] for reason in said) == sorted(heads)


def test_a_status_of_unknown_words_is_asked_about():
    known = ["shipped", "Versendet", "Доставлен", "Paid in full"] * 20
    states = ["CA", "NY", "TX", *map(str, range(17))] * 4
    assert told(ORDERS.assign(**{"Order Status": known, "state": states, "ship_state": "NY"})) == (
        [],
        80,
    )
    strange = {"交易状态": ["ok", "hmm"] * 40, "dealstage": ["won", "stage 4"] * 40}
    said, _ = told(ORDERS.assign(**strange))
    assert [reason.split(", of which it is not known")[0] for reason in said] == [
        "column '交易状态' of [tables.orders] says 'hmm' (40)",
        "column 'dealstage' of [tables.orders] says 'stage 4' (40)",
    ]
    assert told(ORDERS.assign(**strange), keep={n: cells[:2] for n, cells in strange.items()}) == (
        [],
        80,
    )


def test_answers_of_a_shorter_scale_are_told_of():
    many = pd.concat([ANSWERS] * 3).assign(source=["old", "new", "new"] * 20)
    assert told(many, "responses")[0] == []
    short = many.assign(nps=many["nps"].where(many["source"] == "new", many["nps"] // 2))
    [said], _ = told(short, "responses")
    assert said.startswith("The 20 answers of [tables.responses] with 'source' = \"old\" are 5 at")


def test_invoices_beside_payments_are_told_of():
    [said], _ = told(ORDERS.assign(type=["Invoice", "Payment"] * 40))
    assert "all 80 rows add to spend" in said
    assert "the same money again" in said


def test_contacts_by_the_company_are_told_of():
    [said], _ = told(CONTACTS.assign(direction=["inbound", "outbound"] * 40), "contacts")
    assert said.startswith("40 rows count as contacts though column 'direction'")


def test_one_file_or_shop_in_another_unit_is_told_of(tmp_path):
    rng = np.random.default_rng(1)
    amounts = np.round(rng.gamma(2, 20, 80) + 1, 2)
    shops = ORDERS.assign(amount=amounts, country=["DE", "JP"] * 40)
    assert told(shops) == ([], 80)
    yen = shops.assign(amount=[x * 163 if i % 2 else x for i, x in enumerate(amounts)])
    [said], _ = told(yen)
    assert "'country' = \"JP\" that are about 1" in said
    assert "times those of [tables.orders] with 'country' = \"DE\"" in said
    later = ORDERS["day"] >= "2026-03"
    [said], _ = told(ORDERS.assign(amount=np.where(later, amounts * 100, amounts)))
    assert "holds amounts of the month 2026-0" in said
