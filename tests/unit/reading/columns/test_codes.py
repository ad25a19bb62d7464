"""Outcomes of a flat file in which a blank may be a number, and a number a blank."""

import pandas as pd
import pytest

import cxroi as cx

PEOPLE = pd.DataFrame({"id": [f"c{i}" for i in range(40)], "nps": [8, 10] * 20})


def read(values, **keys):
    column = {"column": "what", "kind": "amount", **keys}
    document = {
        "study": {"name": "Codes", "currency": "EUR"},
        "tables": {"customers": {"customer": "id", "score": "nps"}},
        "outcomes": {"columns": {"spend": column}},
    }
    frames = {"customers": PEOPLE.assign(what=values)}
    tables = cx.read_tables(cx.load_study(document), frames=frames)
    told = [entry.reason for entry in tables.ledger.entries if entry.action == "warning"]
    [found] = tables.connection.execute(
        "SELECT count(spend_after), sum(spend_after) FROM clean_customers"
    ).fetchall()
    return found, told


def test_blanks_without_any_zero_are_told_of():
    _, [told] = read([12.5, None, 3.0, 8.0] * 10)
    assert told.startswith("column 'what' of [tables.customers] is blank in 10 rows, 25 %")
    assert read([12.5, None, 0.0, 8.0] * 10) == ((30, 205.0), [])
    assert read([12.5] * 39 + [None])[1] == []


@pytest.mark.parametrize("code", [-1, 9999, 99999999])
@pytest.mark.parametrize("kind", [float, str])
def test_numbers_that_look_like_blanks_are_told_of(code, kind):
    values = [kind(value) for value in [12.5, 0, 3.5, code] * 10]
    _, [told] = read(values)
    assert f"{code} in 10 rows" in told or f"{code} (10 rows)" in told
    assert f"missing = [{code}]" in told
    assert "[outcomes.columns.spend]" in told
    assert read(values, missing=[code]) == ((30, 160.0), [])


def test_ordinary_extremes_are_not_worth_a_word():
    assert read([12.5, 0, -3.0, 100.0] * 10)[1] == []
    assert read([12.5, 0, 3.0, 8.0] * 9 + [-1, 999, 4, 4])[1] == []


@pytest.mark.parametrize("blank", [None, "", " "])
def test_a_blank_may_be_declared_a_no(blank):
    values = ["Y", "Y", blank, "Y"] * 10
    (known, yes), [told] = read(values, kind="yes_no", yes=["Y"], no=["N"])
    assert (known, yes) == (30, 30.0)
    assert 'where it means no, declare no = [""] under [outcomes.columns.spend]' in told
    assert read(values, kind="yes_no", yes=["Y"], no=[""]) == ((40, 30.0), [])


def test_a_blank_among_noes_is_not_worth_a_word():
    assert read(["Y", "N", None, "Y"] * 10, kind="yes_no", yes=["Y"], no=["N"])[1] == []
