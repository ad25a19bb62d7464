"""Ids of several tables: made alike where that mends far more than it merges."""

import pandas as pd
import pytest
from customer_files import KINDS, SOME, entries, matched, rows, tables_of

import cxroi as cx


def answers(ids, day="2026-03-02"):
    return pd.DataFrame({"id": ids, "nps": [5 + i % 6 for i in range(len(ids))], "day": day})


def orders(ids):
    return pd.DataFrame(
        {"id": ids, "day": "2026-03-10", "amount": [10.0 + i for i in range(len(ids))]}
    )


def read(folder, asked, bought, kind="frame", **more):
    return tables_of(folder, {"responses": answers(asked), "orders": orders(bought)} | more, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_one_pair_does_not_switch_off_what_mends_sixty(kind, tmp_path):
    asked = [*(f"C{i}" for i in range(60)), "c1"]
    tables = read(tmp_path, asked, [f"c{i}" for i in range(60)], kind)
    assert matched(tables) == 61
    assert entries(tables, "repaired")["id: ids written in small letters"] == 60
    [warning] = entries(tables, "warning")
    assert warning.startswith("1 id differs from another in column 'id' of [tables.responses]")
    assert "is taken for the same customer" in warning


def test_what_merges_half_of_what_it_mends_is_refused(tmp_path):
    asked = [*(f"C{i}" for i in range(60)), *(f"c{i}" for i in range(30))]
    with pytest.raises(cx.CxroiError) as caught:
        read(tmp_path, asked, [f"c{i}" for i in range(60)])
    assert "60 of the 90 different ids in column 'id' of [tables.responses]" in str(caught.value)
    assert "only when capital letters are ignored, but 30 ids differ" in str(caught.value)


def test_two_rows_of_one_customer_are_refused_where_case_is_ignored(tmp_path):
    known = pd.DataFrame({"id": [*(f"C{i}" for i in range(60)), "c1"]})
    small = [f"c{i}" for i in range(60)]
    with pytest.raises(cx.CxroiError, match=r"1 id differs from another .*\[tables.customers\]"):
        read(tmp_path, small, small, customers=known)


@pytest.mark.parametrize("kind", SOME)
def test_capital_letters_of_addresses_tell_nobody_apart(kind, tmp_path):
    small = [f"a{i}@x.org" for i in range(40)]
    asked = [*small[:20], *(a.capitalize() for a in small[10:]), "Shop"]
    bought = [*small, *(a.upper() for a in small), "shop"]
    tables = read(tmp_path, asked, bought, kind)
    customers = "SELECT count(DISTINCT customer) FROM clean_{}"
    assert rows(tables, customers.format("responses")) == [(41,)]
    assert rows(tables, customers.format("orders")) == [(41,)]
    [(reason, count)] = entries(tables, "repaired", "orders").items()
    assert count == 40
    assert reason.endswith("written in small letters, 40 of them the same as another then")


def test_addresses_of_one_customer_in_a_customers_table_are_refused(tmp_path):
    known = pd.DataFrame({"id": ["a@x.org", "b@x.org", "A@x.org"]})
    with pytest.raises(cx.CxroiError, match="addresses are compared in small letters"):
        read(tmp_path, ["a@x.org"], ["a@x.org"], customers=known)


# ------------------------------------------------------------------------------ Salesforce


def checksum(short):
    """Return the three characters that follow 15 of Salesforce, by its help pages."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    parts = [short[i : i + 5][::-1] for i in (0, 5, 10)]
    bits = ["".join("1" if c.isupper() else "0" for c in part) for part in parts]
    return "".join(alphabet[int(b, 2)] for b in bits)


SHORT = [f"003D000000{a}{b}{c}{d}x" for a in "aA" for b in "bB" for c in "cC" for d in "dDeE"]
LONG = [short + checksum(short) for short in SHORT]


def test_the_checksum_is_the_published_one():
    assert checksum("001D000000IRFma") == "IAH"


@pytest.mark.parametrize("kind", SOME)
def test_ids_of_15_and_18_characters_are_one_record(kind, tmp_path):
    tables = read(tmp_path, LONG, SHORT[:20], kind)
    assert matched(tables) == 20
    assert rows(tables, "SELECT count(DISTINCT customer) FROM clean_responses") == [(32,)]
    reason = "id: Salesforce ids of 18 characters read by their first 15"
    assert entries(tables, "repaired") == {reason: 32}


def test_both_lengths_in_one_table(tmp_path):
    tables = read(tmp_path, [*LONG[:16], *SHORT[16:]], [*SHORT[:8], *LONG[8:]])
    assert matched(tables) == 32
    assert rows(tables, "SELECT count(DISTINCT customer) FROM clean_orders") == [(32,)]


def test_the_checksum_outlives_lost_capital_letters(tmp_path):
    tables = read(tmp_path, LONG, [i.lower() for i in LONG[:20]])
    assert matched(tables) == 20
    assert rows(tables, "SELECT count(DISTINCT customer) FROM clean_responses") == [(32,)]


def test_short_ids_without_their_capital_letters_are_refused(tmp_path):
    with pytest.raises(cx.CxroiError, match="Export the ids of 18 characters"):
        read(tmp_path, SHORT, [i.lower() for i in SHORT])


def test_short_ids_are_never_folded_for_the_sake_of_few(tmp_path):
    others = [f"003D000001AAA{i:02d}" for i in range(99)]
    tables = read(tmp_path, [*others, SHORT[0].upper()], [*others, SHORT[0]])
    assert matched(tables) == 99
    assert rows(tables, "SELECT count(DISTINCT customer) FROM clean_responses") == [(100,)]


def test_three_more_characters_that_are_no_checksum_are_kept(tmp_path):
    others = [short + "AAA" for short in SHORT if checksum(short) != "AAA"]
    tables = read(tmp_path, [*others, *SHORT], [*SHORT, *LONG])
    assert matched(tables) == 32


# ---------------------------------------------------------------------------- leading zeros


@pytest.mark.parametrize(
    ("number", "kind"), [*((int, kind) for kind in ("parquet", "sqlite", "frame")), (str, "csv")]
)
def test_zeros_that_one_table_has_lost_are_ignored(kind, number, tmp_path):
    asked = [f"{i:05d}" for i in range(5, 12_000, 200)]  # 50 of 60 begin with a zero
    tables = read(tmp_path, asked, [number(int(i)) for i in asked], kind)
    assert matched(tables) == 60
    [(reason, count)] = entries(tables, "repaired", "responses").items()
    assert count == sum(i.startswith("0") for i in asked)
    assert "leading zeros ignored in ids, as another table has lost them" in reason


@pytest.mark.parametrize("number", [int, str])
def test_zeros_that_tell_ids_apart_are_not_ignored(number, tmp_path):
    asked = [*(f"{i:05d}" for i in range(1, 61)), *(str(i) for i in range(1, 21))]
    with pytest.raises(cx.CxroiError, match="leading zeros are ignored, but 20 ids differ"):
        read(tmp_path, asked, [number(i) for i in range(1, 61)])


def test_a_few_ids_that_zeros_tell_apart_are_told_of_and_left(tmp_path):
    plain = [str(i) for i in range(1000, 1199)]
    tables = read(tmp_path, [*plain, "007"], [*plain, "7"])
    assert matched(tables) == 199
    [left] = [w for w in tables.ledger.warnings if "leading zeros" in w]
    assert left.startswith("1 of the 200 different ids")
    assert "left apart" in left


def test_the_id_zero_stays_an_id(tmp_path):
    tables = read(tmp_path, [f"{i:03d}" for i in range(20)], [str(i) for i in range(20)])
    assert matched(tables) == 20


# ----------------------------------------------------------------------------------- totals


def flat(folder, frame, kind="frame", **more):
    outcome = {"columns": {"spend": {"column": "spend", "kind": "amount"}}}
    declared = {"customers": {"score": "nps"} | more}
    return tables_of(folder, {"customers": frame}, kind, tables=declared, outcomes=outcome)


@pytest.mark.parametrize(
    ("word", "kind"),
    [*(("Total", kind) for kind in SOME), ("Grand total:", "frame"), ("Ø", "frame")],
)
def test_a_row_of_totals_is_no_customer(kind, word, tmp_path):
    frame = pd.DataFrame(
        {
            "id": [*(f"C{i}" for i in range(30)), word, None],
            "nps": [*(i % 11 for i in range(30)), 4.97, None],
            "spend": [*(10.0 + i for i in range(30)), 735.0, None],
        }
    )
    tables = flat(tmp_path, frame, kind)
    assert rows(tables, "SELECT count(*), sum(spend_after) FROM clean_customers") == [(30, 735.0)]
    aside = entries(tables, "set aside")
    assert aside.pop("a row of totals, not a customer") == 1
    assert sum(aside.values()) == tables.ledger.rows("customers", "read") - 31
    assert cx.build_panel(tables).coverage.customers == 30


def test_a_customer_named_like_a_total_is_kept_above_the_last_row(tmp_path):
    frame = pd.DataFrame({"id": ["Total", "Shell"], "nps": [9, 7], "spend": [1.0, 2.0]})
    assert rows(flat(tmp_path, frame), "SELECT count(*) FROM clean_customers") == [(2,)]


def test_totals_below_orders_are_nobodys(tmp_path):
    ids = [f"{i}" for i in range(20)]
    tables = read(tmp_path, ids, [*ids, "Total"])
    assert rows(tables, "SELECT count(*) FROM clean_orders") == [(20,)]
    assert tables.ledger.rows("orders", "set aside") == 1


# -------------------------------------------------------------------------- Unicode NFC and NFD

TOGETHER = [f"Jos\u00e9-{i}" for i in range(40)]
APART = [f"Jose\u0301-{i}" for i in range(40)]
REASON = "id: letters written apart from their accents (Unicode NFD) put together"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("asked", "bought"), [(TOGETHER, APART), (APART, TOGETHER)])
def test_accents_written_apart_tell_nobody_apart(asked, bought, kind, tmp_path):
    tables = read(tmp_path, asked, bought, kind)
    assert matched(tables) == 40
    role = "orders" if bought is APART else "responses"
    assert entries(tables, "repaired") == entries(tables, "repaired", role) == {REASON: 40}


def test_two_ids_of_one_table_that_differ_by_accents_apart_are_one(tmp_path):
    tables = read(tmp_path, [*TOGETHER, *APART[:3]], TOGETHER)
    assert rows(tables, "SELECT count(DISTINCT customer) FROM clean_responses") == [(40,)]
    more = ", 3 of them the same as another then"
    assert entries(tables, "repaired") == {REASON + more: 3}


def test_two_rows_of_one_customer_by_accents_apart_are_refused(tmp_path):
    known = pd.DataFrame({"id": [*TOGETHER, *APART[:3]]})
    with pytest.raises(cx.CxroiError, match="3 rows more than different ids"):
        read(tmp_path, TOGETHER, TOGETHER, customers=known)


@pytest.mark.parametrize("kind", SOME)
def test_groups_keys_and_filters_know_accents_written_apart(kind, tmp_path):
    city, other = "Orl\u00e9ans", "Orle\u0301ans"
    frames = {
        "customers": pd.DataFrame({"id": ["a", "b", "c"], "city": [city, other, "Lyon"]}),
        "responses": answers(["a", "b", "c"]),
        "orders": orders(["x", "y", "z"])
        .assign(id=[city, other, "Lyon"])
        .rename(columns={"id": "place"}),
        "places": pd.DataFrame({"town": [other, "Lyon"], "id": ["a", "c"]}),
    }
    declared = {
        "customers": {"attributes": ["city"]},
        "orders": {"via": ["place = places.town"], "drop": {"place": ["Lyon"]}},
    }
    tables = tables_of(tmp_path, frames, kind, tables=declared)
    assert rows(tables, "SELECT DISTINCT attr_city FROM clean_customers ORDER BY 1") == [
        ("Lyon",),
        (city,),
    ]
    assert rows(tables, "SELECT customer FROM clean_orders") == [("a",), ("a",)]
