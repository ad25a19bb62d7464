"""Whose rows the tables hold, by hand."""

import pandas as pd
import pytest
from customer_files import ROLES, STUDY, WINDOWS, entries, written

import cxroi as cx
from cxroi.metrics.linked import LinkedTable, linked
from cxroi.presentation import metrics as metric_tables
from cxroi.runs.codec import read as read_back
from cxroi.runs.codec import write

DAY = "2026-03-02"
# A, B, C are customers, P a prospect among them, Q one of the prospects' own table.
CUSTOMERS = pd.DataFrame(
    {
        "id": ["A", "B", "C", "P"],
        "stage": ["active", "former", "active", "prospect"],
        "mail": ["a@x.org", "b@x.org", "both@x.org", "both@x.org"],
    }
)
FRAMES = {
    "customers": CUSTOMERS,
    "responses": pd.DataFrame({"id": list("ABC"), "nps": [9, 7, 3], "day": DAY}),
    "orders": pd.DataFrame({"id": list("AABE"), "day": DAY, "amount": 5.0}),
    "prospects": pd.DataFrame({"id": ["Q", "A"], "day": DAY, "bought": [None, DAY]}),
    # A twice, P and Q, E of an order alone, X and Y of nowhere, and one of nobody.
    "mentions": pd.DataFrame({"id": ["A", "A", "P", "Q", "E", "X", "Y", None], "day": DAY}),
    "visits": pd.DataFrame({"id": ["v1", "v2", "A"], "day": DAY}),
    "campaigns": pd.DataFrame({"id": ["A", None, None], "day": DAY}),
    # Two find A and B, one is of C or P, one of nobody, one has no address.
    "tickets": pd.DataFrame(
        {"mail": ["A@x.org", "b@x.org ", "both@x.org", "z@x.org", None], "day": DAY}
    ),
}
MAPPED = {
    "customers": {"customer": "id", "stage": "stage", "email": "mail"},
    "prospects": {"customer": "id", "first_seen_at": "day", "became_customer_at": "bought"},
    "mentions": {"customer": "id", "mentioned_at": "day"},
    "visits": {"customer": "id", "visited_at": "day"},
    "campaigns": {"customer": "id", "sent_at": "day"},
    "tickets": {"customer": "id", "opened_at": "day", "via": ["mail = customers.mail"]},
}
BY_HAND = {  # rows, people, customers, prospects, elsewhere, strangers, nobody, unmatched, several
    "customers": (4, 4, 3, 1, 0, 0, 0, 0, 0),
    "responses": (3, 3, 3, 0, 0, 0, 0, 0, 0),
    "orders": (4, 3, 2, 0, 1, 0, 0, 0, 0),
    "prospects": (2, 2, 1, 1, 0, 0, 0, 0, 0),
    "mentions": (7, 6, 1, 2, 1, 2, 1, 0, 0),
    "visits": (3, 3, 1, 0, 0, 2, 0, 0, 0),
    "campaigns": (3, 1, 1, 0, 0, 0, 2, 0, 0),
    "tickets": (2, 2, 2, 0, 0, 0, 0, 1, 1),
}


def study_of(folder, kind, frames):
    places = {name: written(folder, kind, name, frame) for name, frame in frames.items()}
    tables = {n: places[n] | ROLES.get(n, {}) | MAPPED.get(n, {}) for n in frames}
    return cx.load_study({"study": STUDY, "windows": WINDOWS, "tables": tables})


def tables_of(folder, kind="frame", frames=FRAMES):
    study = study_of(folder, kind, frames)
    return cx.read_tables(study, frames=frames if kind == "frame" else None, every=True)


@pytest.mark.parametrize("kind", ["csv", "frame"])
def test_whose_rows_the_tables_hold(kind, tmp_path):
    tables = tables_of(tmp_path, kind)
    found = linked(tables)
    assert found.tables == tuple(LinkedTable(role, *counts) for role, counts in BY_HAND.items())
    for one in found.tables:
        assert one.people == one.customers + one.prospects + one.elsewhere + one.strangers
    assert found.tidy().set_index("table").loc["tickets", "ambiguous"] == 1
    assert read_back(write(found), tables.study) == found


def test_many_unknown_people_are_told_but_visitors_need_not_be_known(tmp_path):
    tables = tables_of(tmp_path)
    said = (
        "2 of the 6 people of [tables.mentions] (33.3 %) are in no other table of the study: check "
        "that the ids are written alike"
    )
    assert entries(tables, "warning", "mentions") == {said: 2}
    assert not entries(tables, "warning", "visits")
    few = FRAMES | {"mentions": FRAMES["mentions"][:5]}
    assert not entries(tables_of(tmp_path, frames=few), "warning", "mentions")


def test_it_is_said_in_words_and_in_a_table(tmp_path):
    found = linked(tables_of(tmp_path))
    assert metric_tables.strangers(found).sentences == (
        "mentions: 2 of 6 people (33.3 %) are in no other table.",
        "visits: 2 of 3 visitors (66.7 %) are in no other table, and need not be.",
        "tickets: 1 row fits nobody, and this counts in no metric.",
        "tickets: 1 row fits several people, which is never guessed and counts in no metric.",
    )
    shown = metric_tables.linked(found).frame.set_index("table")
    assert shown.loc["mentions", "in no other table"] == "2"
    assert shown.loc["tickets", "rows that fit several"] == "1"
    few = {name: FRAMES[name] for name in ("customers", "responses")}
    few["orders"] = FRAMES["orders"][:3]
    known = linked(tables_of(tmp_path, frames=few))
    assert metric_tables.strangers(known).sentences == (
        "Everybody in each table is in the customers table, a prospect, or in another table.",
    )
