"""Steps of `via`: which column joins which, and what is refused."""

import pandas as pd
import pytest
from customer_files import STUDY, WINDOWS, entries, rows, tables_of

import cxroi as cx

SIZE = 40
USERS = pd.DataFrame({"id": range(1, SIZE + 1), "member": [f"M{i}" for i in range(SIZE)]})
ANSWERS = pd.DataFrame({"id": USERS["member"], "nps": 9, "day": "2026-03-02"})
# Tickets 1 to 40 are by the users 40 to 1.
TICKETS = pd.DataFrame({"id": USERS["id"], "requester_id": USERS["id"][::-1].array})
TICKETS["day"] = "2026-03-10"


def read(folder, via, kind="frame", tickets=TICKETS, users=USERS, **more):
    frames = {"responses": ANSWERS, "contacts": tickets, "users": users} | more
    declared = {"contacts": {"customer": "member", "via": via}, "users": {}}
    return tables_of(folder, frames, kind, tables=declared)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        *(("requester_id = users.id", kind) for kind in ("csv", "xlsx", "duckdb")),
        ("requester_id=users.id", "frame"),
    ],
)
def test_keys_of_different_names_are_paired(written, kind, tmp_path):
    tables = read(tmp_path, [written], kind)
    found = rows(tables, "SELECT customer FROM clean_contacts ORDER BY row")
    assert [c for (c,) in found] == [f"M{i}" for i in reversed(range(SIZE))]


def test_the_own_ids_of_two_tables_are_no_keys_of_one_another(tmp_path):
    with pytest.raises(cx.CxroiError) as caught:
        read(tmp_path, ["users.id"])
    assert "by 'id', the own id of [tables.contacts]: it has 40 different ones in 40 rows" in str(
        caught.value
    )
    assert 'via = ["COLUMN = users.id"]' in str(caught.value)


def test_the_own_ids_may_be_paired_by_name(tmp_path):
    tables = read(tmp_path, ["id = users.id"])
    assert rows(tables, "SELECT customer FROM clean_contacts WHERE row = 0") == [("M0",)]


def test_an_id_that_repeats_is_a_key(tmp_path):
    twice = pd.concat([TICKETS, TICKETS])
    assert rows(read(tmp_path, ["users.id"], tickets=twice), "SELECT count(*) FROM clean_contacts")


def test_a_second_step_starts_from_a_column_of_the_first_lookup(tmp_path):
    plans = pd.DataFrame({"code": [1, 2], "member": ["A", "B"]})
    users = USERS.drop(columns="member").assign(plan=[1 + i % 2 for i in range(SIZE)])
    frames = {
        "responses": pd.DataFrame({"id": ["A", "B"], "nps": 9, "day": "2026-03-02"}),
        "contacts": TICKETS,
        "users": users,
        "plans": plans,
    }
    via = ["requester_id = users.id", "plan = plans.code"]
    declared = {"contacts": {"customer": "member", "via": via}, "users": {}, "plans": {}}
    tables = tables_of(tmp_path, frames, tables=declared)
    found = rows(tables, "SELECT customer FROM clean_contacts ORDER BY row LIMIT 3")
    assert found == [("B",), ("A",), ("B",)]  # users 40, 39, 38


@pytest.mark.parametrize(("matching", "refused"), [(3, True), (4, False)])
def test_a_step_that_finds_hardly_any_row_is_refused(matching, refused, tmp_path):
    tickets = TICKETS.assign(requester_id=[*range(1, matching + 1), *range(900, 940 - matching)])
    if refused:
        with pytest.raises(cx.CxroiError) as caught:
            read(tmp_path, ["requester_id = users.id"], tickets=tickets)
        assert "37 of 40 rows of [tables.contacts] (92.5 %) find no row of users" in str(
            caught.value
        )
    else:
        tables = read(tmp_path, ["requester_id = users.id"], tickets=tickets)
        assert entries(tables, "set aside") == {"no row of users has its requester_id": 36}
        [told] = entries(tables, "warning")
        assert told.startswith("36 of 40 rows of [tables.contacts] (90.0 %) find no row of users")


def test_a_key_written_as_a_whole_float_is_a_whole_number(tmp_path):
    tickets = TICKETS.assign(requester_id=[None, *(f"{n}.0" for n in TICKETS.requester_id[1:])])
    tables = read(tmp_path, ["requester_id = users.id"], tickets=tickets)
    assert entries(tables, "set aside") == {"no requester_id, by which users is looked up": 1}


def test_rows_without_a_key_are_counted_apart_and_refuse_nothing(tmp_path):
    tickets = TICKETS.assign(requester_id=[1.0, 2.0, 999.0, *[None] * (SIZE - 3)])
    tables = read(tmp_path, ["requester_id = users.id"], tickets=tickets)
    assert entries(tables, "set aside") == {
        "no requester_id, by which users is looked up": 37,
        "no row of users has its requester_id": 1,
    }


def study(**tables):
    known = {"responses": {"customer": "id", "score": "nps", "answered_at": "day"}}
    known["orders"] = {"customer": "id", "ordered_at": "day", "amount": "amount"}
    for name, keys in tables.items():
        known[name] = known.get(name, {}) | keys
    return cx.load_study({"study": STUDY, "windows": WINDOWS, "tables": known})


@pytest.mark.parametrize("key", ["attributes", "derive"])
def test_attributes_that_nothing_reads_are_refused(key, tmp_path):
    value = ["plan"] if key == "attributes" else {"late": {"from": "a", "to": "b"}}
    with pytest.raises(cx.CxroiError) as caught:
        study(responses={"via": ["id = users.id"]}, users={key: value})
    assert f"[tables.users] declares {key}, which nothing reads there" in str(caught.value)
    assert "Declare them under [tables.responses], which looks columns up in users" in str(
        caught.value
    )
    with pytest.raises(cx.CxroiError, match=rf"\[tables.orders\] declares {key}"):
        study(orders={key: value})


def test_attributes_of_a_lookup_table_are_used_where_they_are_declared(tmp_path):
    users = USERS.assign(plan=["a", "b"] * (SIZE // 2))
    frames = {"responses": ANSWERS, "contacts": TICKETS, "users": users}
    declared = {
        "responses": {"via": ["id = users.member"], "attributes": ["plan"]},
        "contacts": {"customer": "member", "via": ["requester_id = users.id"]},
        "users": {},
    }
    tables = tables_of(tmp_path, frames, tables=declared, controls={"columns": ["plan"]})
    found = rows(tables, "SELECT attr_plan, count(*) FROM clean_responses GROUP BY ALL ORDER BY 1")
    assert found == [("a", 20), ("b", 20)]


def test_a_table_that_nobody_reads_is_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(cx.CxroiError, match=r"\[tables.subscription\] is looked up by no other"):
        study(subscription={"path": "s.csv"})
    with pytest.raises(cx.CxroiError, match="Did you mean 'subscriptions'"):
        study(subscription={"path": "s.csv"})


@pytest.mark.parametrize("step", ["users", "requester = users", "= users.id", "id = users."])
def test_steps_that_are_written_wrongly(step):
    with pytest.raises(cx.CxroiError, match=r"a step is written table\.column, or column"):
        study(responses={"via": [step]}, users={})


@pytest.mark.parametrize("kind", ["csv", "xlsx", "sqlite", "frame"])
def test_versions_of_a_key_over_time_are_refused_with_what_to_keep(kind, tmp_path):
    moved = USERS.assign(member=USERS["member"][::-1].array)
    versions = pd.concat([USERS.assign(valid_to="2025-12-31"), moved.assign(valid_to=None)])
    with pytest.raises(cx.CxroiError, match="40 rows more than it has different 'id'") as caught:
        read(tmp_path, ["requester_id = users.id"], kind, users=versions)
    assert "versions over time (valid_from, valid_to)" in str(caught.value)
