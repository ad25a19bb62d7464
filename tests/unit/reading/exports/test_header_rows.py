"""Header rows below the header: of Qualtrics and SurveyMonkey, in every kind of file."""

import io
import sqlite3

import duckdb
import pandas as pd
import pytest

import cxroi as cx
from cxroi.reading.exports.header_rows import header_rows

SURVEYMONKEY = """Respondent ID,Start Date,How likely?,Gender,,Contact,,spent
,,Response,Male,Female,Name,Email,Open-Ended Response
1000,2026-01-02,8,,Female,Ann,a@x.org,106.53
1001,2026-01-02,7,Male,,Bob,b@x.org,53.26
1002,2026-01-02,9,Male,,Cid,c@x.org,85.18
"""
LEGACY = """V1,V4,V5,V7,V9,V10,Q1,spent
ResponseID,ExternalDataReference,EmailAddress,Status,EndDate,Finished,How likely?,Spent
R_1,c1,,0,2026-01-01 10:00:00,1,9,10
R_2,c2,,0,2026-01-01 11:00:00,1,7,20
R_3,c3,,0,2026-01-02 10:00:00,1,3,30
"""


KINDS = ["csv", "xlsx", "frame", "parquet", "duckdb", "view", "sqlite", "jsonl"]


def write(text, kind, folder):
    """Write a table in a kind of file; return what a study says of where it is."""
    frame, path = pd.read_csv(io.StringIO(text)), folder / f"t.{kind}"
    if kind == "csv":
        path.write_text(text)
    elif kind == "xlsx":
        rows = [line.split(",") for line in text.splitlines()]
        pd.DataFrame(rows).replace("", None).to_excel(path, header=False, index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    elif kind == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    elif kind == "sqlite":
        with sqlite3.connect(path) as base:
            frame.to_sql("t", base, index=False)
        return {"database": "HEADER_ROWS", "table": "t"}
    else:
        path = folder / "t.duckdb"
        with duckdb.connect(str(path)) as base:
            base.execute("CREATE TABLE t AS SELECT * FROM frame")
            base.execute("CREATE VIEW v AS SELECT * FROM t")
        return {"path": str(path), "table": "v" if kind == "view" else "t"}
    return {"path": str(path)}


@pytest.fixture(autouse=True)
def address(monkeypatch, tmp_path):
    monkeypatch.setenv("HEADER_ROWS", f"sqlite:///{tmp_path / 't.sqlite'}")


def read(text, kind, folder, **customers):
    """Read a flat study from one table, in a kind of file; return ledger and clean rows."""
    frames = {"customers": pd.read_csv(io.StringIO(text))} if kind == "frame" else {}
    path = {} if frames else write(text, kind, folder)
    study = cx.load_study(
        {
            "study": {"name": "x"},
            "tables": {"customers": {**path, **customers}},
            "outcomes": {"columns": {"spend": {"column": "spent", "kind": "amount"}}},
        }
    )
    tables = cx.read_tables(study, frames=frames)
    ledger = {e.reason: e.rows for e in tables.ledger.entries if e.action != "read"}
    shown = tables.connection.execute("SELECT * EXCLUDE (row) FROM clean_customers").fetchall()
    return ledger, shown


@pytest.mark.parametrize("kind", KINDS)
def test_the_choices_of_surveymonkey_are_no_answer(kind, tmp_path):
    ledger, rows = read(SURVEYMONKEY, kind, tmp_path, customer="Respondent ID", score="How likely?")
    assert ledger["second header row of a SurveyMonkey export"] == 1
    assert rows == [("1000", 8.0, 106.53), ("1001", 7.0, 53.26), ("1002", 9.0, 85.18)]


@pytest.mark.parametrize("kind", ["frame", "parquet", "view", "sqlite"])
def test_the_id_that_the_study_does_not_name_tells(kind, tmp_path):
    contact = "Contact: Name" if kind in ("csv", "xlsx") else "Contact"
    ledger, rows = read(SURVEYMONKEY, kind, tmp_path, customer=contact, score="How likely?")
    assert ledger["second header row of a SurveyMonkey export"] == 1
    assert [row[0] for row in rows] == ["Ann", "Bob", "Cid"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_columns_of_a_question_are_one_and_each_by_itself(kind, tmp_path):
    _, rows = read(
        SURVEYMONKEY,
        kind,
        tmp_path,
        customer="Contact: Email",
        score="How likely?",
        attributes=["Gender", "Gender: Male"],
    )
    assert [row[0] for row in rows] == ["a@x.org", "b@x.org", "c@x.org"]
    assert [row[2:4] for row in rows] == [("Female", None), ("Male", "Male"), ("Male", "Male")]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "frame", "duckdb", "jsonl"])
def test_a_legacy_export_of_qualtrics_has_one_header_row_more(kind, tmp_path):
    ledger, rows = read(LEGACY, kind, tmp_path, customer="V4", score="Q1")
    assert ledger["second header row of a Qualtrics export"] == 1
    assert rows == [("c1", 9.0, 10.0), ("c2", 7.0, 20.0), ("c3", 3.0, 30.0)]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "frame", "parquet"])
def test_a_first_answer_is_no_header_row(kind, tmp_path):
    """Without the row of choices, and with a blank where a choice would be."""
    lines = SURVEYMONKEY.replace("Gender,,Contact,", "Gender,Other,Contact,Mail").splitlines()
    text = "\n".join([lines[0], *lines[2:]])
    ledger, rows = read(text, kind, tmp_path, customer="Respondent ID", score="How likely?")
    assert not [reason for reason in ledger if "header" in reason]
    assert len(rows) == 3


def test_who_answered_stands_in_no_row_of_choices():
    names = ["Respondent ID", "Email Address", "Gender"]
    assert header_rows(names, [None, None, "Male"], [])[0] == 1
    assert header_rows(names, ["", "a@x.org", "Male"], [])[0] == 0
    assert header_rows(names, [float("nan"), "nan", ""], [])[0] == 0
    assert header_rows(["id", "Gender"], ["", "Male"], [])[0] == 0
