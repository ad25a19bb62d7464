"""Files that are not read as they are meant, and what a reader is told of them."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import pytest
from customer_files import rows, tables_of

import cxroi as cx
from cxroi.errors import CxroiError, DataError

PEOPLE = pd.DataFrame(
    {"id": [f"c{n}" for n in range(6)], "nps": [8, 9, 10] * 2, "stay": [1, 0] * 3}
)
STAY = {"stay": {"column": "stay", "kind": "yes_no"}}


def flat(path, **keys):
    customers = {"path": str(path), "customer": "id", "score": "nps"} | keys
    study = {"study": {"name": "Flat"}, "tables": {"customers": customers}}
    return cx.read_tables(cx.load_study(study | {"outcomes": {"columns": STAY}}))


def told(tables):
    [found] = rows(tables, "SELECT count(*), sum(score), sum(stay_after) FROM clean_customers")
    return found


@pytest.mark.parametrize("mark", ["^", "~", "¦", ":", "!"])
def test_an_unknown_delimiter_is_named(tmp_path, mark):
    PEOPLE.to_csv(path := tmp_path / "t.csv", sep=mark, index=False)
    with pytest.raises(DataError, match=rf'Write delimiter = "\{mark}" in \[tables.customers\]'):
        flat(path)
    assert told(flat(path, delimiter=mark)) == (6, 54.0, 3.0)


@pytest.mark.parametrize(
    ("header", "mark"), [("id|nps|stay|a;b;c;d;e", "|"), ("id;nps;stay;a,b,c,d,e", ";")]
)
def test_a_delimiter_among_others_is_named(tmp_path, header, mark):
    (tmp_path / "t.csv").write_text(header + "\n" + mark.join(["c1", "9", "1", "x"]) + "\n")
    with pytest.raises(DataError, match=rf'Write delimiter = "\{mark}"'):
        flat(tmp_path / "t.csv")
    assert told(flat(tmp_path / "t.csv", delimiter=mark)) == (1, 9.0, 1.0)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "around",
    [{}, {"has_more": False, "object": "list"}, {"meta": {"next": None}, "tags": ["a"], "n": []}],
)
def test_json_in_an_object_is_read_where_it_is_the_one_list(tmp_path, indent, around):
    wrapped = around | {"data": PEOPLE.to_dict("records")}
    (tmp_path / "t.json").write_text(json.dumps(wrapped, indent=indent))
    assert told(flat(tmp_path / "t.json")) == (6, 54.0, 3.0)


@pytest.mark.parametrize(
    ("around", "words"),
    [
        ({"included": [{"a": 1}]}, "2 lists of objects: 'included', 'data'.* a file of its own"),
        ({"has_more": True}, "one page of several: its key 'has_more'"),
        ({"links": {"next": "https://x"}}, "one page of several: its key 'next'"),
        ({"nextPageToken": "abc"}, "one page of several: its key 'nextPageToken'"),
    ],
)
def test_json_of_several_lists_or_pages_is_refused(tmp_path, around, words):
    wrapped = around | {"data": PEOPLE.to_dict("records")}
    (tmp_path / "t.json").write_text(json.dumps(wrapped))
    with pytest.raises(DataError, match=words):
        flat(tmp_path / "t.json")


@pytest.mark.parametrize("orient", ["columns", "split", "list"])
def test_json_of_columns_is_named(tmp_path, orient):
    held = PEOPLE.to_dict("list") if orient == "list" else json.loads(PEOPLE.to_json(orient=orient))
    (tmp_path / "t.json").write_text(json.dumps(held))
    with pytest.raises(DataError, match=r"columns, as it seems.*orient='records'"):
        flat(tmp_path / "t.json")


def test_one_object_a_line_stays_so(tmp_path):
    lines = [json.dumps(row | {"tags": [{"a": 1}]}) for row in PEOPLE.to_dict("records")]
    for name, text in (("t.jsonl", "\n".join(lines)), ("u.jsonl", "\n\n" + "\n".join(lines))):
        (tmp_path / name).write_text(text)
        assert told(flat(tmp_path / name)) == (6, 54.0, 3.0)


@pytest.mark.parametrize(
    ("zone", "city"),
    [
        *(("EST", "America/New_York"), ("CET", "Europe/Berlin"), ("pst", "America/Los_Angeles")),
        *(("MESZ", "Europe/Berlin"), ("IST", "Asia/Kolkata")),
    ],
)
def test_an_abbreviation_of_a_zone_has_a_city(zone, city):
    study = {"study": {"name": "Z", "timezone": zone}, "tables": {"customers": {"customer": "id"}}}
    with pytest.raises(CxroiError, match=f"Did you mean '{city}'"):
        cx.load_study(study)


MOMENT = dt.datetime(2026, 3, 5, 10, 20, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("kind", "digits"),
    [*(("csv", n) for n in (0, 3, 6, 9)), *(("parquet", n) for n in (0, 9)), ("frame", 6)],
)
def test_seconds_since_1970_are_read_in_any_unit(tmp_path, kind, digits):
    moments = [int(MOMENT.timestamp()) * 10**digits] * 6
    answers = PEOPLE[["id", "nps"]].assign(day=moments)
    orders = pd.DataFrame({"id": ["c1"], "day": ["2026-03-06"], "amount": [5.0]})
    frames = {"responses": answers, "orders": orders}
    with pytest.raises(DataError, match=r'since 1970.* Add date_format = "epoch"'):
        tables_of(tmp_path, frames, kind)
    declared = {"responses": {"date_format": "epoch"}}
    other = tmp_path / "declared"
    other.mkdir()
    tables = tables_of(other, frames, kind, tables=declared, study={"timezone": "UTC"})
    [(read,)] = rows(tables, "SELECT DISTINCT answered_at FROM clean_responses")
    assert read == MOMENT.replace(tzinfo=None)
