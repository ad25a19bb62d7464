"""Workbooks whose cells are no blanks though their reader says so, and files of another kind."""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cxroi as cx

openpyxl = pytest.importorskip("openpyxl")
HEADER = ["id", "nps", "spend", "segment"]


def book(path: Path, change: Callable[[Any], object] = lambda _: None, rows: int = 40) -> Path:
    """Write a workbook, its first sheet changed before it is saved."""
    made = openpyxl.Workbook()
    made.active.append(HEADER)
    for i in range(rows):
        made.active.append([f"a{i}", 7 + 2 * (i % 2), 10.5 + i, "home"])
    change(made.active)
    made.save(path)
    return path


def read(path: Path, **declared: Any) -> cx.Tables:
    table = {"path": str(path), "customer": "id", "score": "nps", **declared}
    outcome = {"spend": {"column": "spend", "kind": "amount"}}
    study = {"name": "x"}
    flat = {"study": study, "tables": {"customers": table}, "outcomes": {"columns": outcome}}
    return cx.read_tables(cx.load_study(flat))


def refused(path: Path, *words: str, **declared: Any) -> None:
    with pytest.raises(cx.CxroiError) as caught:
        read(path, **declared)
    for word in words:
        assert word in str(caught.value)


def spends(tables: cx.Tables) -> list[float | None]:
    sql = "SELECT spend_after FROM clean_customers ORDER BY row"
    return [row[0] for row in tables.connection.execute(sql).fetchall()]


def put(place: str, value: str, kind: str = "f") -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        sheet[place] = value
        sheet[place].data_type = kind

    return change


def test_an_error_in_a_cell_is_told_of(tmp_path: Path) -> None:
    tables = read(book(tmp_path / "a.xlsx", put("C3", "#N/A", "e")))
    assert spends(tables)[:3] == [10.5, None, 12.5]
    assert "'#n/a' taken as blank" in str(tables.ledger)
    refused(book(tmp_path / "b.xlsx", put("C3", "#DIV/0!", "e")), "cells that are not numbers")
    tables = read(book(tmp_path / "c.xlsx", put("C3", "#DIV/0!", "e")), missing=["#DIV/0!"])
    assert spends(tables)[1] is None


def test_an_error_is_found_where_the_table_begins_elsewhere(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        put("C3", "#REF!", "e")(sheet)
        sheet.insert_rows(1, 2)
        sheet.insert_cols(1, 3)

    tables = read(book(tmp_path / "a.xlsx", change), missing=["#REF!"])
    assert spends(tables)[:3] == [10.5, None, 12.5]


def test_a_formula_without_its_value_is_refused_where_it_is_named(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", put("C5", "=ROUND(1.2, 0)"))
    refused(path, "column 'spend'", "formulas whose value is not in the file", "1 row", "row 5")
    read(book(tmp_path / "b.xlsx", put("D5", "=UPPER(A1)")))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="C5"><f>1+1</f><v>2</v></c>', 2.0),
        ('<c r="C5" t="str"><f>""</f><v></v></c>', None),
        ('<c r="C5" s="3"/>', None),
    ],
)
def test_a_formula_with_its_value_is_read(cell: str, value: float | None, tmp_path: Path) -> None:
    made = book(tmp_path / "made.xlsx", put("C5", "=1+1"))
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                # openpyxl writes an empty value in another way where lxml is installed.
                before = re.compile(rb'<c r="C5"><f>1\+1</f><v\s*(/>|></v>)</c>')
                assert before.search(content)
                content = before.sub(cell.encode(), content)
            new.writestr(name, content)
    assert spends(read(tmp_path / "a.xlsx"))[3] == value


def test_cells_merged_over_rows_are_refused_where_they_are_named(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", lambda sheet: sheet.merge_cells("D4:D9"))
    refused(path, "column 'segment'", "merged over several rows", attributes=["segment"])
    assert len(spends(read(path))) == 40


def test_a_title_may_be_merged(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet.insert_rows(1, 3)
        sheet["A1"] = "Members"
        sheet.merge_cells("A1:D2")

    assert len(spends(read(book(tmp_path / "a.xlsx", change), skip_rows=3))) == 40


def test_sheets_with_the_same_columns_are_asked_about(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet.parent.copy_worksheet(sheet).title = "February"

    path = book(tmp_path / "a.xlsx", change)
    refused(path, "2 sheets with the same columns: 'Sheet', 'February'", 'sheet = "Sheet"')
    assert len(spends(read(path, sheet="February"))) == 40


def test_hidden_sheets_and_others_are_no_question(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet.parent.copy_worksheet(sheet).sheet_state = "hidden"
        sheet.parent.create_sheet("Only a header").append(HEADER)
        sheet.parent.create_sheet("Notes").append(["what", "why"])

    assert len(spends(read(book(tmp_path / "a.xlsx", change)))) == 40


@pytest.mark.parametrize(
    ("name", "begins", "words"),
    [
        ("a.csv", gzip.compress(b"id,nps\n1,2\n", mtime=0), "end in .csv.gz"),
        ("a.csv", b"PAR1" + bytes(50), "end in .parquet"),
        ("a.csv", b"\xef\xbb\xbf\n<!DOCTYPE html><table>", "a web page"),
        ("a.json", b"PK\x03\x04" + bytes(50), "end in .xlsx"),
        ("a.xls", b"<html><table></table></html>", "a web page"),
        ("a.xlsx", b"id;nps\n1;2\n", "let its name end in .csv"),
    ],
)
def test_a_file_of_another_kind_than_its_name_says(
    name: str, begins: bytes, words: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(begins)
    refused(tmp_path / name, words)
