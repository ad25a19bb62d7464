"""Tables that know customers by an address or an account alone, and addresses that stay unseen."""

import hashlib
import os
from unittest.mock import patch

import pandas as pd
import pytest
from customer_files import ROLES, STUDY, WINDOWS, entries, rows, written

import cxroi as cx

SIZE = 40
IDS = [f"C{i:02}" for i in range(SIZE)]
MAILS = [f"ann.{i}@example.org" for i in range(SIZE)]
DAY = pd.Timestamp("2026-03-02 12:00")
ACCOUNTS = [f"A{i // 2}" for i in range(SIZE)]
CUSTOMERS = pd.DataFrame({"id": IDS, "email": MAILS, "account": ACCOUNTS})
ORDERS = pd.DataFrame({"id": IDS, "day": "2026-03-20", "amount": 5.0})
TICKETS = pd.DataFrame({"mail": MAILS, "day": DAY})
MAPPED = {"customer": "id", "opened_at": "day"}
VIA = ["mail = customers.email"]


def read(folder, kind="frame", customers=CUSTOMERS, tickets=TICKETS, via=VIA, every=True, **more):
    answers = pd.DataFrame({"id": IDS, "nps": [6, 7, 9, 10] * 10, "day": DAY})
    frames = {"customers": customers, "responses": answers, "orders": ORDERS}
    frames |= {"tickets": tickets, **more}
    places = {name: written(folder, kind, name, frame) for name, frame in frames.items()}
    tables = {name: places[name] | ROLES.get(name, {}) for name in frames}
    tables["customers"] |= {"email": "email"} if "email" in customers else {}
    tables["tickets"] |= {**MAPPED, "via": via}
    study = cx.load_study({"study": STUDY, "windows": WINDOWS, "tables": tables})
    return cx.read_tables(study, frames=frames if kind == "frame" else None, every=every)


def of_tickets(tables):
    return [c for (c,) in rows(tables, "SELECT customer FROM clean_tickets ORDER BY row")]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "frame"])
def test_addresses_match_in_other_letters_and_with_spaces(kind, tmp_path):
    odd = [f" {m.upper()} " if i % 3 == 0 else f"{m}\u00a0" for i, m in enumerate(MAILS)]
    customers = CUSTOMERS.assign(email=[m.title() for m in MAILS])
    tables = read(tmp_path, kind, customers, TICKETS.assign(mail=odd))
    assert of_tickets(tables) == IDS
    kept = rows(tables, "SELECT email FROM clean_customers ORDER BY row")
    assert kept == [(hashlib.sha256(mail.encode()).hexdigest(),) for mail in MAILS]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "frame"])
def test_an_address_of_two_customers_is_nobodys(kind, tmp_path):
    """C00 and C01 share an address, in other letters; C02's is written twice in its own row's."""
    customers = CUSTOMERS.assign(email=[MAILS[0], MAILS[0].upper(), *MAILS[2:]])
    tickets = TICKETS.assign(mail=[MAILS[0], MAILS[0], *MAILS[2:38], "new@example.org", None])
    tables = read(tmp_path, kind, customers, tickets)
    assert of_tickets(tables) == IDS[2:38]
    assert entries(tables, "set aside", "tickets") == {
        "several rows of customers have its mail": 2,
        "no row of customers has its mail": 1,
        "no mail, by which customers is looked up": 1,
    }
    assert tables.ledger.rows("tickets", "read") == SIZE


@pytest.mark.parametrize(("shared", "told"), [(2, False), (6, True)])
def test_many_that_are_of_several_customers_are_told(shared, told, tmp_path):
    customers = CUSTOMERS.assign(email=[MAILS[0]] * shared + MAILS[shared:])
    tickets = TICKETS.assign(mail=[MAILS[0]] * shared + MAILS[shared:])
    found = entries(read(tmp_path, "frame", customers, tickets), "warning", "tickets")
    assert [n for text, n in found.items() if "find several" in text] == [shared] * told
    said = (
        "6 of 40 rows of [tables.tickets] (15.0 %) find several rows of customers by 'mail' = "
        "customers.email, and are set aside: nobody knows whose they are"
    )
    assert (said in found) is told


def test_a_table_of_people_may_share_addresses_too(tmp_path):
    people = CUSTOMERS.assign(email=[MAILS[0], *MAILS[:1], *MAILS[2:]])[["id", "email"]]
    customers = CUSTOMERS[["id"]]
    tables = read(tmp_path, customers=customers, via=["mail = people.email"], people=people)
    assert of_tickets(tables) == IDS[2:]


def test_accounts_of_one_customer_match_and_those_of_several_do_not(tmp_path):
    accounts = [f"A{i}" for i in range(SIZE)]
    accounts[1] = "A0"
    tickets = pd.DataFrame({"account": [f"A{i}" for i in range(SIZE)], "day": DAY})
    customers = CUSTOMERS.assign(account=accounts)
    tables = read(tmp_path, "frame", customers, tickets, via=["account = customers.account"])
    assert of_tickets(tables) == IDS[2:]
    aside = entries(tables, "set aside", "tickets")
    assert aside["several rows of customers have its account"] == 1
    assert aside["no row of customers has its account"] == 1


def test_a_key_that_is_none_of_customers_is_refused(tmp_path):
    tickets = pd.DataFrame({"account": ACCOUNTS, "day": DAY})
    with pytest.raises(cx.CxroiError) as caught:
        read(tmp_path, tickets=tickets, via=["account = customers.account"])
    assert str(caught.value).startswith(
        "40 of 40 rows of [tables.tickets] (100.0 %) find several rows of customers by 'account'"
    )
    assert "ann" not in str(caught.value)


def test_keys_that_are_no_addresses_stay_unique_in_other_tables(tmp_path):
    lines = pd.DataFrame({"number": ["1", "1", *map(str, range(2, SIZE))], "id": IDS})
    tickets = pd.DataFrame({"number": [str(i) for i in range(SIZE)], "day": DAY})
    with pytest.raises(cx.CxroiError, match="holds 1 rows more than it has different 'number'"):
        read(tmp_path, tickets=tickets, via=["number = lines.number"], lines=lines)


def test_no_address_is_left_anywhere(tmp_path):
    """Neither in the tables that were read, nor in the cache, nor in what a run says."""
    tables = read(tmp_path)
    every = rows(tables, "SELECT table_name FROM information_schema.tables")
    held = [str(rows(tables, f'SELECT * FROM "{name}"')) for (name,) in every]
    assert len(held) > 3
    assert not any("@" in text for text in held)
    with patch.dict(os.environ, {"CXROI_CACHE": str(tmp_path / "cache")}):
        run = cx.open_run(_file(tmp_path))
        said = f"{run.overview!r}{run.metrics.tidy().to_string()}{run.linked}"
    cached = [p.read_bytes() for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert len(cached) >= 2
    assert not any(b"ann." in content.lower() for content in (*cached, said.encode()))


def _file(folder):
    frames = {"customers": CUSTOMERS, "tickets": TICKETS, "orders": ORDERS}
    frames["responses"] = pd.DataFrame({"id": IDS, "nps": [6, 7, 9, 10] * 10, "day": DAY})
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    (folder / "study.toml").write_text(
        """
[study]
name = "addresses"
complete_until = 2026-04-05
[windows]
baseline_days = 30
outcome_days = 30
[tables.customers]
path = "customers.csv"
customer = "id"
email = "email"
[tables.responses]
path = "responses.csv"
customer = "id"
score = "nps"
answered_at = "day"
[tables.orders]
path = "orders.csv"
customer = "id"
ordered_at = "day"
amount = "amount"
[tables.tickets]
path = "tickets.csv"
via = ["mail = customers.email"]
customer = "id"
opened_at = "day"
"""
    )
    return folder / "study.toml"
