"""Files as exports leave them: several, with titles, packed, in other encodings, without ids."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import sqlite3
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from orders_file import RESPONSES, STUDY, read

import cxroi as cx
from cxroi.cli.main import main
from cxroi.panel.kept import panel_tag
from cxroi.reading.fingerprints import fingerprint

TEXT = "id,day,amount\na1,2026-01-03,10.5\nMüller,2026-02-01,2.25\n"
HELD = [(0, "a1", "2026-01-03", 10.5), (1, "Müller", "2026-02-01", 2.25)]


def held(tables: cx.Tables) -> list[tuple]:
    sql = "SELECT row, customer, ordered_at::DATE::VARCHAR, amount FROM clean_orders ORDER BY row"
    return tables.connection.execute(sql).fetchall()


def refused(folder: Path, orders: str, *words: str) -> None:
    with pytest.raises(cx.CxroiError) as caught:
        read(folder, orders)
    for word in words:
        assert word in str(caught.value)


def entries(tables: cx.Tables, action: str, table: str = "orders") -> dict[str, int]:
    found = [e for e in tables.ledger.entries if (e.table, e.action) == (table, action)]
    return {e.reason: e.rows for e in found}


def sources(tables: cx.Tables) -> list[tuple[str, int]]:
    return [(s.where, s.rows) for s in tables.sources if s.table == "orders"]


# --- several files ---------------------------------------------------------------------------

MORE = "amount,id,day\n7,a2,2026-03-01\n"
ALL = [*HELD, (2, "a2", "2026-03-01", 7.0)]


def write_parts(folder: Path, kind: str) -> str:
    """Write two files of one table, the second with its columns in another order."""
    parts = [pd.DataFrame([row[1:] for row in HELD], columns=["id", "day", "amount"])]
    parts.append(pd.DataFrame([(7.0, "a2", "2026-03-01")], columns=["amount", "id", "day"]))
    (folder / "parts").mkdir()
    for number, part in enumerate(parts):
        path = folder / "parts" / f"o{number}.{kind}"
        if kind == "csv":
            part.to_csv(path, index=False)
        elif kind == "parquet":
            part.to_parquet(path)
        elif kind == "xlsx":
            part.to_excel(path, index=False)
        else:
            part.to_json(path, orient="records", lines=True)
    (folder / "parts" / "_SUCCESS").write_text("")
    return f'files = "parts/*.{kind}"'


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx", "jsonl"])
def test_several_files_are_one_table(kind: str, tmp_path: Path) -> None:
    pattern = write_parts(tmp_path, kind)
    for declared in (pattern, 'files = "parts"'):
        tables = read(tmp_path, declared)
        assert held(tables) == ALL
        assert sources(tables) == [(f"o0.{kind}", 2), (f"o1.{kind}", 1)]
    content = (tmp_path / f"parts/o1.{kind}").read_bytes()
    assert tables.sources[-1].sha256 == hashlib.sha256(content).hexdigest()
    assert entries(tables, "read") == {f"rows of 2 files, o0.{kind} to o1.{kind}": 3}


def test_a_row_is_named_by_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "o1.csv").write_text(TEXT, encoding="utf-8")
    (tmp_path / "o2.csv").write_text(
        "t\nid,day,amount\na1,2026-01-03,x\n" + "a1,2026-01-03,1\n" * 9
    )
    (tmp_path / "o1.csv").write_text("t\n" + TEXT, encoding="utf-8")
    refused(tmp_path, 'files = "o*.csv"\nskip_rows = 1', "data row 1 of o2.csv in line 3")
    (tmp_path / "o2.csv").write_text("id,day,amount\na1,2026-01-03,2,3\n")
    (tmp_path / "o1.csv").write_text(TEXT, encoding="utf-8")
    refused(tmp_path, 'files = "o*.csv"', "line 2 of o2.csv", "has 4 columns")


def test_lines_are_those_of_the_file_where_cells_run_over_several(tmp_path: Path) -> None:
    text = 'id,day,amount,note\na1,2026-01-03,1,"two\nlines"\n\na2,2026-01-03,x,\n'
    (tmp_path / "o.csv").write_text("Report\n" + text)
    refused(tmp_path, 'path = "o.csv"\nskip_rows = 1', "data row 2 in line 6")


def test_the_same_file_twice_is_refused_but_not_two_months_of_nothing(tmp_path: Path) -> None:
    for name in ("o1.csv", "o2.csv"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    refused(tmp_path, 'files = "o*.csv"', "o1.csv and o2.csv", "byte for byte")
    for name in ("o2.csv", "o3.csv"):
        (tmp_path / name).write_text("id,day,amount\n")
    tables = read(tmp_path, 'files = "o*.csv"')
    assert held(tables) == HELD
    assert sources(tables) == [("o1.csv", 2), ("o2.csv", 0), ("o3.csv", 0)]


def test_files_that_do_not_belong_together(tmp_path: Path) -> None:
    (tmp_path / "o1.csv").write_text(TEXT, encoding="utf-8")
    (tmp_path / "o2.csv").write_text("id,day,sum\na1,2026-01-03,1\n")
    words = (
        "o2.csv ([tables.orders]) lacks the column 'amount' of o1.csv",
        "lacks the column 'sum'",
    )
    refused(tmp_path, 'files = "o*.csv"', *words)
    pd.DataFrame({"id": [1]}).to_parquet(tmp_path / "o2.parquet")
    refused(tmp_path, 'files = "o*"', "3 files of 2 kinds: .csv, .parquet")
    refused(tmp_path, 'files = "no*.csv"', "there is no file for 'no*.csv'")
    refused(tmp_path, 'path = "o1.csv"\nfiles = "o*.csv"', "both path and files")


def test_types_that_differ_between_files_are_refused(tmp_path: Path) -> None:
    for number, amount in enumerate([1.5, "1.5"]):
        frame = pd.DataFrame({"id": ["a1"], "day": ["2026-01-03"], "amount": [amount]})
        frame.to_parquet(tmp_path / f"o{number}.parquet")
    refused(tmp_path, 'files = "o*.parquet"', "'amount' is DOUBLE in one file and VARCHAR")


def test_names_of_folders_override_no_column(tmp_path: Path) -> None:
    for day in ("03", "04"):
        folder = tmp_path / "shop" / "id=HACK" / f"day={day}"
        folder.mkdir(parents=True)
        frame = pd.DataFrame({"id": ["a1"], "day": [f"2026-01-{day}"], "amount": [1.0]})
        frame.to_parquet(folder / "part.parquet")
    found = held(read(tmp_path, 'files = "shop/**/*.parquet"'))
    assert found == [(0, "a1", "2026-01-03", 1.0), (1, "a1", "2026-01-04", 1.0)]


def test_a_file_more_is_another_study(tmp_path: Path) -> None:
    (tmp_path / "o1.csv").write_text(TEXT, encoding="utf-8")
    (tmp_path / "o2.csv").write_text(MORE)
    one, both = (read(tmp_path, f'files = "o{p}.csv"') for p in ("1", "*"))
    assert fingerprint(one.study) != fingerprint(both.study)
    before = fingerprint(both.study), panel_tag(both, "")
    (tmp_path / "o1.csv").write_text(TEXT.replace("10.5", "10.6"), encoding="utf-8")
    again = read(tmp_path, 'files = "o*.csv"')
    assert fingerprint(again.study) != before[0]
    assert panel_tag(again, "") != before[1]


IMPORT = 'id,day,amount,Status\nCustomer,Date,Paid,Response\n"{""ImportId"":""q""}",,,\n'


def test_every_file_of_qualtrics_has_its_header_rows(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"o{number}.csv").write_text(f"{IMPORT}a{number},2026-01-03,{number},0\n")
    tables = read(tmp_path, 'files = "o*.csv"')
    assert held(tables) == [(0, "a1", "2026-01-03", 1.0), (1, "a2", "2026-01-03", 2.0)]
    assert entries(tables, "repaired")["second and third header row of a Qualtrics export"] == 4
    (tmp_path / "o2.csv").write_text("id,day,amount,Status\na2,2026-01-03,2,0\n")
    refused(tmp_path, 'files = "o*.csv"', "third header row of a Qualtrics export is in one file")


# --- lines above the header -------------------------------------------------------------------


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "\ufeffsep=;", "sep=;;;"])
def test_the_line_that_tells_excel_the_delimiter_is_obeyed(first: str, tmp_path: Path) -> None:
    text = f"{first}\r\n" + TEXT.replace(",", ";").replace("\n", "\r\n")
    (tmp_path / "o.csv").write_text(text, encoding="utf-8", newline="")
    assert held(read(tmp_path, 'path = "o.csv"')) == HELD


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("declared", ["", "skip_rows = 1", "skip_rows = 3"])
def test_a_title_is_named_and_skipped_where_declared(
    kind: str, declared: str, tmp_path: Path
) -> None:
    path = f'path = "o.{kind}"\n'
    if kind == "csv":
        (tmp_path / "o.csv").write_text(f'Orders, "Q1\n\n{TEXT}', encoding="utf-8")
    else:
        cells = pd.read_csv(tmp_path.joinpath("x.csv").write_text(TEXT) and tmp_path / "x.csv")
        cells.to_excel(tmp_path / "o.xlsx", index=False, startrow=2)
        import openpyxl

        book = openpyxl.load_workbook(tmp_path / "o.xlsx")
        book.active["A1"] = "Orders"
        book.save(tmp_path / "o.xlsx")
    refused(tmp_path, path + declared, "names in ", " 3, ", "skip_rows = 2")
    assert held(read(tmp_path, f"{path}skip_rows = 2")) == HELD


def test_empty_rows_above_a_sheet_are_no_lines_to_skip(tmp_path: Path) -> None:
    frame = pd.DataFrame([row[1:] for row in HELD], columns=["id", "day", "amount"])
    frame.to_excel(tmp_path / "o.xlsx", index=False, startrow=3)
    assert held(read(tmp_path, 'path = "o.xlsx"')) == HELD
    assert held(read(tmp_path, 'path = "o.xlsx"\nskip_rows = 3')) == HELD


@pytest.mark.parametrize("title", ["", "Orders\n", 'Orders,"Q1\n'])
def test_a_header_that_runs_over_several_lines_is_one_row(title: str, tmp_path: Path) -> None:
    text = f'{title}"note\nof it",id,"and, of","day",amount\nx,a1,y,2026-01-03,10.5\n'
    (tmp_path / "o.csv").write_text(text)
    source = f'path = "o.csv"\nskip_rows = {int(bool(title))}'
    assert held(read(tmp_path, source)) == [HELD[0]]
    (tmp_path / "o.csv").write_text(f'{title}"id\n",day,amount\na1,2026-01-03,10.5\n')
    assert held(read(tmp_path, source)) == [HELD[0]]


def test_a_declaration_that_a_file_cannot_follow_is_refused(tmp_path: Path) -> None:
    pd.DataFrame({"id": [1]}).to_parquet(tmp_path / "o.parquet")
    refused(tmp_path, 'path = "o.parquet"\nskip_rows = 1', "skip_rows, which means nothing")
    refused(tmp_path, 'path = "o.parquet"\nencoding = "latin-1"', "encoding, which means nothing")
    refused(tmp_path, 'path = "o.csv"\nskip_rows = -1', "skip_rows is -1; it is 0 to 1,000")
    refused(tmp_path, 'path = "o.csv"\nencoding = "windows1252x"', "Did you mean 'windows-1252'")
    refused(tmp_path, 'path = "o.csv"\nduplicates = "dorp"', "Did you mean 'drop'")


# --- columns of one name ----------------------------------------------------------------------


ROW = ["a1", "x", "y", "2026-01-03", 10.5]


def write_row(folder: Path, kind: str, names: list[str], monkeypatch: Any) -> str:
    """Write a table of one row, whose columns may have the same name."""
    path = folder / f"o.{kind}"
    if kind == "csv":
        path.write_text(",".join(names) + "\n" + ",".join(map(str, ROW)) + "\n")
    elif kind == "xlsx":
        pd.DataFrame([ROW], columns=names).to_excel(path, index=False)
    elif kind == "parquet":
        import pyarrow as pa
        from pyarrow import parquet

        columns = [pa.array([cell]) for cell in ROW]
        parquet.write_table(pa.Table.from_arrays(columns, names=names), path)
    else:
        cells = ", ".join(f'{cell!r} AS "{name}"' for cell, name in zip(ROW, names, strict=True))
        sqlite3.connect(path).close()
        monkeypatch.setenv("SHOP", f"sqlite:///{path}")
        return f'database = "SHOP"\nquery = """SELECT {cells}"""'
    return f'path = "{path.name}"'


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "sqlite"])
def test_a_name_that_occurs_twice_matters_where_it_is_read(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["id", "amount", "amount", "day", "note"]
    refused(
        tmp_path, write_row(tmp_path, kind, names, monkeypatch), "names 1 column twice: 'amount'"
    )
    # Behind two columns of one name, one of which DuckDB would rename note_1.
    names = ["id", "note", "note", "day", "amount"]
    source = write_row(tmp_path, kind, names, monkeypatch)
    assert held(read(tmp_path, source)) == [(0, "a1", "2026-01-03", 10.5)]
    words = "names 1 column twice: 'note'"
    refused(tmp_path, f"{source}\nkeep = {{note = ['x']}}", words)
    refused(tmp_path, f"{source}\nduplicates = 'drop'", words)


def test_a_frame_with_a_name_twice() -> None:
    study = STUDY.format("").replace('path = "responses.csv"', "")
    answers = pd.DataFrame({"id": ["a1", "a2"], "nps": [9, 7], "day": ["2026-01-15"] * 2})
    orders = pd.DataFrame([ROW], columns=["id", "note", "note", "day", "amount"])
    frames = {"responses": answers, "orders": orders}
    tables = cx.read_tables(cx.load_study(tomllib.loads(study)), frames=frames)
    assert held(tables) == [(0, "a1", "2026-01-03", 10.5)]
    frames["orders"] = orders.set_axis(["id", "amount", "amount", "day", "x"], axis=1)
    with pytest.raises(cx.CxroiError, match="names 1 column twice: 'amount'"):
        cx.read_tables(cx.load_study(tomllib.loads(study)), frames=frames)


# --- rows without an id, rows that repeat -----------------------------------------------------

FLAT = """
[study]
name = "flat"
[tables.customers]
customer = "row number"
score = "nps"
attributes = ["town"]
{}
[outcomes.columns.spend]
column = "spend"
kind = "amount"
[windows]
outcome_days = 90
"""
PEOPLE = pd.DataFrame({"nps": [9, 7, 9, 0], "town": list("aaab"), "spend": [1.5, 2.5, 1.5, 4.0]})


def read_flat(folder: Path, kind: str, people: pd.DataFrame, more: str = "") -> cx.Tables:
    source, frames = f'path = "p.{kind}"\n', {}
    if kind == "csv":
        people.to_csv(folder / "p.csv", index=False)
    elif kind == "parquet":
        people.to_parquet(folder / "p.parquet")
    else:
        source, frames = "", {"customers": people}
    (folder / "study.toml").write_text(FLAT.format(source + more))
    return cx.read_tables(cx.load_study(folder / "study.toml"), frames=frames)


@pytest.mark.parametrize("kind", ["csv", "parquet", "frame"])
def test_a_row_number_stands_for_an_id(kind: str, tmp_path: Path) -> None:
    tables = read_flat(tmp_path, kind, PEOPLE)
    sql = "SELECT count(DISTINCT customer), count(*), sum(spend_after) FROM clean_customers"
    assert tables.connection.execute(sql).fetchall() == [(4, 4, 9.5)]
    (warning,) = entries(tables, "warning", "customers")
    assert warning.startswith("every row is taken for a customer of its own")
    named = read_flat(tmp_path, kind, PEOPLE.assign(**{"row number": ["x", "y", "z", "z2"]}))
    assert named.connection.execute("SELECT max(customer) FROM clean_customers").fetchall() == [
        ("z2",)
    ]
    assert not named.ledger.warnings


def test_a_row_number_joins_no_other_table(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(TEXT, encoding="utf-8")
    study = 'path = "o.csv"\n[tables.contacts]\npath = "o.csv"\ncustomer = "row number"\n'
    refused(tmp_path, study + 'opened_at = "day"', "only a study of one table can do without")


@pytest.mark.parametrize("kind", ["csv", "parquet", "frame"])
def test_rows_that_repeat_are_dropped_on_request(kind: str, tmp_path: Path) -> None:
    tables = read_flat(tmp_path, kind, PEOPLE, 'duplicates = "drop"')
    sql = "SELECT count(*), sum(spend_after) FROM clean_customers"
    assert tables.connection.execute(sql).fetchall() == [(3, 8.0)]
    reason = "repeats another row word for word: duplicates = 'drop' in the study file"
    assert entries(tables, "set aside", "customers") == {reason: 1}
    # A column that is not read tells the two rows apart.
    apart = read_flat(tmp_path, kind, PEOPLE.assign(till=range(4)), 'duplicates = "drop"')
    assert apart.connection.execute(sql).fetchall() == [(4, 9.5)]


def test_exports_that_overlap(tmp_path: Path) -> None:
    (tmp_path / "o1.csv").write_text(TEXT, encoding="utf-8")
    (tmp_path / "o2.csv").write_text(TEXT + "a2,2026-03-01,7\n", encoding="utf-8")
    tables = read(tmp_path, 'files = "o*.csv"\nduplicates = "drop"')
    assert held(tables) == [*HELD, (4, "a2", "2026-03-01", 7.0)]
    (warning,) = read(tmp_path, 'files = "o*.csv"').ledger.warnings
    assert warning.startswith("2 order lines repeat another word for word")


# --- encodings, packed files, JSON, OpenDocument ----------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "declared", "words"),
    [
        ("cp1252", "windows-1252", 'in line 3, but probably Latin-1 .*encoding = "windows-1252"'),
        ("utf-16", "utf-16", 'is encoded as UTF-16.*Add encoding = "utf-16" to'),
        ("utf-16-le", "utf-16-le", 'UTF-16.*encoding = "utf-16-le"'),
        ("utf-16-be", "UTF-16BE", 'UTF-16.*encoding = "utf-16-be"'),
    ],
)
def test_encodings(encoding: str, declared: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_bytes(TEXT.encode(encoding))
    with pytest.raises(cx.CxroiError, match=words):
        read(tmp_path, 'path = "o.csv"')
    assert held(read(tmp_path, f'path = "o.csv"\nencoding = "{declared}"')) == HELD
    assert not list(tmp_path.glob("*/")), "no copy is left beside the file"


def test_japanese_is_named_and_read(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_bytes(TEXT.replace("Müller", "すずき").encode("shift_jis"))
    refused(tmp_path, 'path = "o.csv"', 'encoding = "shift_jis"')
    assert held(read(tmp_path, 'path = "o.csv"\nencoding = "shift_jis"'))[1][1] == "すずき"


def test_a_declared_encoding_that_is_not_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(TEXT, encoding="utf-8")
    refused(tmp_path, 'path = "o.csv"\nencoding = "latin-1"', "UTF-8 throughout", "Leave encoding")
    refused(tmp_path, 'path = "o.csv"\nencoding = "ascii"', "line 3 of o.csv", "is not ascii")
    (tmp_path / "o.csv").write_text(TEXT, encoding="utf-8-sig")
    refused(tmp_path, 'path = "o.csv"\nencoding = "cp1252"', "byte-order mark of utf-8")
    (tmp_path / "o.csv").write_text(TEXT, encoding="utf-16")
    refused(tmp_path, 'path = "o.csv"\nencoding = "cp1252"', "byte-order mark of utf-16")
    (tmp_path / "o.csv").write_bytes(TEXT.encode("utf-16-le"))
    refused(tmp_path, 'path = "o.csv"\nencoding = "utf-16"', "line 1 of o.csv", "is not utf-16")


def pack(path: Path, content: bytes) -> None:
    if path.suffix == ".bz2":
        path.write_bytes(bz2.compress(content))
    elif path.suffix == ".GZ":
        path.write_bytes(gzip.compress(content))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as book:
            book.writestr("orders.csv", content)
    else:
        pyarrow = pytest.importorskip("pyarrow")
        with pyarrow.output_stream(str(path), compression="zstd") as stream:
            stream.write(content)


@pytest.mark.parametrize("kind", ["bz2", "GZ", "zip", "zst"])
def test_packed_text(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"o.csv.{kind}"
    pack(path, TEXT.encode())
    tables = read(tmp_path, f'path = "{path.name}"')
    assert held(tables) == HELD
    assert tables.sources[1].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    pack(path, TEXT.encode("cp1252"))
    assert held(read(tmp_path, f'path = "{path.name}"\nencoding = "cp1252"')) == HELD
    path.write_bytes(path.read_bytes()[:40])
    path.with_suffix(".gz").write_bytes(gzip.compress(TEXT.encode())[:-9])
    refused(tmp_path, 'path = "o.csv.gz"', "o.csv.gz ([tables.orders]) cannot be unpacked")
    refused(tmp_path, f'path = "{path.name}"', "cannot be unpacked")


def test_a_zip_of_several_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "o.csv.zip", "w") as book:
        book.writestr("a.csv", TEXT)
        book.writestr("b.csv", TEXT)
    refused(tmp_path, 'path = "o.csv.zip"', "o.csv.zip holds 2 files")


OBJECTS = [
    {"id": "a1", "day": "2026-01-03", "amount": 10.5, "inner": {"x": 1}},
    {"id": "Müller", "amount": 2.25, "day": "2026-02-01", "inner": None},
]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("o.json", json.dumps(OBJECTS, indent=1)),
        ("o.json", "\n".join(map(json.dumps, OBJECTS))),
        ("o.jsonl", "\n".join(json.dumps(o, ensure_ascii=False) + "\n" for o in OBJECTS)),
        ("o.ndjson", "\ufeff" + "\n".join(map(json.dumps, OBJECTS))),
    ],
)
def test_json(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert held(read(tmp_path, f'path = "{name}"')) == HELD


def test_json_with_a_decimal_comma_declared_and_with_objects_inside(tmp_path: Path) -> None:
    name = "o.json"
    (tmp_path / name).write_text(json.dumps(OBJECTS))
    assert held(read(tmp_path, f'path = "{name}"\ndecimal = ","')) == HELD
    refused(tmp_path, f'path = "{name}"\nkeep = {{inner = ["x"]}}\ncurrency = "inner"', "STRUCT")


def test_json_keeps_digits_and_blanks(tmp_path: Path) -> None:
    rows = '{"id": 12345678901234567890, "day": "2026-01-03", "amount": 1e2}\n'
    rows += '{"id": "a, \\"b\\"", "day": "2026-01-03", "amount": null}\n{"day": "2026-01-04"}\n'
    rows += '{"id": "a1", "day": "2026-01-05", "amount": -1}\n'
    (tmp_path / "o.jsonl").write_text(rows)
    tables = read(tmp_path, 'path = "o.jsonl"')
    assert held(tables) == [
        (0, "12345678901234567890", "2026-01-03", 100.0),
        (3, "a1", "2026-01-05", -1.0),
    ]
    assert entries(tables, "set aside") == {"no customer id": 1, "no amount": 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"id": 1}\n{"id":\n', "line 2 of o.json ([tables.orders]) is not JSON"),
        ('[{"id": 1},\n{"id" 2}]', "line 2 of o.json"),
        ('[{"id": 1}, 7]', "item 2 of o.json ([tables.orders]) is no object"),
        ('"text"', "line 1 of o.json ([tables.orders]) is no object"),
        ("[]", "holds no object"),
        ('{"id": 1, "amount": 2, "id": 3}', "has the key 'id' twice"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_json_that_is_no_table(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "o.json").write_text(text)
    refused(tmp_path, 'path = "o.json"', words)


def test_a_spreadsheet_of_open_document(tmp_path: Path) -> None:
    def cell(value: Any) -> str:
        kind = "string" if isinstance(value, str) else "float"
        held = f'office:value="{value}"' if kind == "float" else ""
        return (
            f'<table:table-cell office:value-type="{kind}" {held}><text:p>{value}</text:p>'
            "</table:table-cell>"
        )

    lines = [["id", "day", "amount"], *(row[1:] for row in HELD)]
    body = "".join(f"<table:table-row>{''.join(map(cell, r))}</table:table-row>" for r in lines)
    names = "".join(
        f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for n in ("office", "table", "text")
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(tmp_path / "o.ods", "w") as book:
        book.writestr("mimetype", kind)
        book.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:body>'
            f'<office:spreadsheet><table:table table:name="S">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        book.writestr(
            "META-INF/manifest.xml",
            f"<manifest:manifest{names.replace('office', 'manifest')}>"
            f'<manifest:file-entry manifest:media-type="{kind}" manifest:full-path="/"/>'
            "</manifest:manifest>",
        )
    assert held(read(tmp_path, 'path = "o.ods"')) == HELD


# --- line ends, Qualtrics anywhere, all problems at once --------------------------------------


def test_a_bare_carriage_return_is_named_with_its_line(tmp_path: Path) -> None:
    quoted = 'id,day,amount,note\r\na1,2026-01-03,1,"x\r\ny\rz"\r\n'
    (tmp_path / "o.csv").write_text(quoted, newline="")
    assert held(read(tmp_path, 'path = "o.csv"')) == [(0, "a1", "2026-01-03", 1.0)]
    (tmp_path / "o.csv").write_text(quoted + "a2,2026\r-01-03,2,\r\n", newline="")
    refused(tmp_path, 'path = "o.csv"', "line 4 of o.csv", "bare carriage return")
    (tmp_path / "o.csv").write_text('id,day,amount\na1,2026-01-03,"1"x\n')
    refused(tmp_path, 'path = "o.csv"', "line 2 of o.csv", "quote that is not closed")
    mixed = 'id,day,amount,note\r\na1,2026-01-03,1,"x\ny"\r\na2,2026-01-03,1,x\n'
    (tmp_path / "o.csv").write_text(mixed, newline="")
    refused(tmp_path, 'path = "o.csv"', "line 4 of o.csv", "ends in LF and the first line in CRLF")


SURVEY = [
    ("ResponseId", "nps", "day", "Status"),
    ("Response ID", "How likely are you?", "Recorded Date", "Response Type"),
    ('{"ImportId":"_recordId"}', '{"ImportId":"QID1"}', '{"ImportId":"d"}', '{"ImportId":"s"}'),
    *((f"a{i}", str(i % 11), "2026-01-15", "0") for i in range(20)),
    ("p1", "0", "2026-01-15", "1"),  # a preview by its code, which only Qualtrics has
    ("p2", "0", "2026-01-15", "Survey Preview"),
]


@pytest.mark.parametrize(
    "kind", ["csv", "xlsx", "parquet", "table", "view", "sqlite", "frame", "jsonl"]
)
def test_qualtrics_is_recognised_in_every_kind(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = pd.DataFrame(SURVEY[1:], columns=list(SURVEY[0]))
    source, frames = f'path = "s.{kind}"', {}
    if kind == "csv":
        survey.to_csv(tmp_path / "s.csv", index=False)
    elif kind == "xlsx":
        survey.to_excel(tmp_path / "s.xlsx", index=False)
    elif kind == "parquet":
        survey.to_parquet(tmp_path / "s.parquet")
    elif kind == "jsonl":
        survey.to_json(tmp_path / "s.jsonl", orient="records", lines=True)
    elif kind in ("table", "view"):
        with duckdb.connect(tmp_path / "s.duckdb") as connection:
            connection.execute("CREATE TABLE held AS SELECT * FROM survey")
            connection.execute("CREATE VIEW seen AS SELECT * FROM held")
        name = "held" if kind == "table" else "seen"
        source = f'path = "s.duckdb"\ntable = "{name}"'
    elif kind == "sqlite":
        with sqlite3.connect(tmp_path / "s.db") as shop:
            shop.execute("CREATE TABLE s (ResponseId TEXT, nps TEXT, day TEXT, Status TEXT)")
            shop.executemany("INSERT INTO s VALUES (?, ?, ?, ?)", SURVEY[1:])
        monkeypatch.setenv("SHOP", f"sqlite:///{tmp_path}/s.db")
        source = 'database = "SHOP"\ntable = "s"'
    else:
        source, frames = "", {"responses": survey}
    study = STUDY.format('path = "o.csv"').replace('path = "responses.csv"', source)
    study = study.replace('customer = "id"', 'customer = "ResponseId"', 1)
    (tmp_path / "o.csv").write_text(TEXT, encoding="utf-8")
    (tmp_path / "study.toml").write_text(study)
    tables = cx.read_tables(cx.load_study(tmp_path / "study.toml"), frames=frames)
    sql = "SELECT count(*), sum(score), min(row) FROM clean_responses"
    assert tables.connection.execute(sql).fetchall() == [(20, float(55 + 36), 0)]
    assert tables.ledger.rows("responses", "read") == 22
    assert entries(tables, "set aside", "responses") == {
        "a preview or test answer by its Status": 2
    }
    assert entries(tables, "repaired", "responses") == {
        "second and third header row of a Qualtrics export": 2
    }


# --- all problems at once ---------------------------------------------------------------------


def test_wrong_keys_missing_columns_and_bad_cells_are_told_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = '[tables.contacts]\npath = "c.csv"\ncustomer = "id"\nopened_at = "dya"\n'
    more += '[tables.subscriptions]\npath = "no.csv"\ncustomer = "id"\nstarted_at = "day"\n'
    more += 'cancelled_at = "day"\n[tables.invitations]\npath = "c.csv"\ncustmer = "id"\n'
    (tmp_path / "o.csv").write_text("id,day,amount\na1,2026-01-03,x\na2,2026-01-03,y\n")
    (tmp_path / "c.csv").write_text("id,day\na1,2026-01-03\n")
    (tmp_path / "responses.csv").write_text(RESPONSES, encoding="utf-8")
    misspelt = STUDY.replace("outcome_days", 'serie = "x"\noutcome_days')
    (tmp_path / "study.toml").write_text(misspelt.format('path = "o.csv"\n' + more))
    assert main(["check", str(tmp_path / "study.toml")]) == 1
    said = capsys.readouterr().err
    assert "2 problems found" in said, "where a table has no customer nothing more can be known"
    assert "unknown key 'custmer'. Did you mean 'customer'" in said
    assert "unknown key 'serie'" in said
    more = more.replace("custmer", "customer")
    (tmp_path / "study.toml").write_text(misspelt.format('path = "o.csv"\n' + more))
    assert main(["check", str(tmp_path / "study.toml")]) == 1
    said = capsys.readouterr().err
    assert "4 problems found" in said
    for words in (
        "[windows] has an unknown key 'serie'",
        "there is no file 'no.csv'",
        "[tables.contacts] has no column 'dya'. Did you mean 'day'",
        "cells that are not numbers (2 rows, 100 %)",
    ):
        assert words in said
    assert main(["report", str(tmp_path / "study.toml"), "--out", str(tmp_path / "out")]) == 1
    assert "4 problems found" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_wrong_key_alone_is_refused_when_all_tables_are_sound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "o.csv").write_text(TEXT, encoding="utf-8")
    (tmp_path / "responses.csv").write_text(RESPONSES, encoding="utf-8")
    text = STUDY.format('path = "o.csv"\ndate_fromat = "%d"')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert main(["check", str(tmp_path / "study.toml")]) == 1
    said = capsys.readouterr().err
    assert "problems found" not in said
    assert "unknown key 'date_fromat'. Did you mean 'date_format'" in said


def test_places_that_are_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop").mkdir()
    refused(tmp_path, 'path = "shop"', "is a folder", 'files = "shop" reads all its files')
    refused(tmp_path, 'files = "shop"', "there is no file for 'shop'")
    for name in ("a.duckdb", "b.duckdb"):
        duckdb.connect(tmp_path / name).close()
    refused(tmp_path, 'files = "*.duckdb"\ntable = "t"', "finds 2 databases")
    place = 'database = "SHOP"\ntable = "t"\n'
    refused(tmp_path, f'{place}encoding = "latin-1"', "both database and encoding")


def test_a_zip_of_macos_holds_one_table(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "orders.csv.zip", "w") as packed:
        packed.writestr("orders.csv", TEXT)
        packed.writestr("__MACOSX/._orders.csv", b"\0\5\x16\7")
    assert held(read(tmp_path, 'path = "orders.csv.zip"')) == HELD


def test_accents_of_one_sign_or_two_are_the_same_name(tmp_path: Path) -> None:
    text = TEXT.replace("id,", "zuru\u0308ck,id,").replace("\na1", "\nx,a1").replace("\nM", "\nx,M")
    (tmp_path / "orders.csv").write_text(text, encoding="utf-8")
    kept = 'path = "orders.csv"\nkeep = {"zur\u00fcck" = ["x"]}'
    assert held(read(tmp_path, kept)) == HELD
