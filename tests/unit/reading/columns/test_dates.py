"""How dates are written, in every kind of source: read as they say, told of, or refused by name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest

import cxroi as cx

STUDY = {
    "study": {"name": "dates", "complete_until": dt.date(2026, 6, 30)},
    "windows": {"baseline_days": 30, "outcome_days": 30},
    "scale": {"kind": "nps"},
}


def read(cells, *, path=None, days=None, zone="UTC", **declared) -> cx.Tables:
    """Read subscriptions that end as the cells say, from a frame or from a file."""
    ids = [f"c{i}" for i in range(len(cells))]
    answers = pd.DataFrame({"id": ids, "nps": 9, "day": days or ["2026-05-05"] * len(ids)})
    ends = pd.DataFrame({"id": ids, "from": pd.Timestamp("2025-01-05"), "to": cells})
    table = {"customer": "id", "started_at": "from", "cancelled_at": "to", **declared}
    tables = {"responses": {"customer": "id", "score": "nps", "answered_at": "day"}}
    frames = {"responses": answers, "subscriptions": ends}
    if path:
        table["path"] = path
        del frames["subscriptions"]
    head = STUDY["study"] | ({"timezone": zone} if zone else {})
    study = cx.load_study({**STUDY, "study": head, "tables": {**tables, "subscriptions": table}})
    return cx.read_tables(study, frames=frames)


def ends(tables: cx.Tables) -> list[dt.datetime | None]:
    rows = tables.connection.execute("SELECT cancelled_at FROM clean_subscriptions ORDER BY row")
    return [row[0] for row in rows.fetchall()]


def told(tables: cx.Tables) -> list[tuple[str, int, str]]:
    told = [e for e in tables.ledger.entries if e.table == "subscriptions" and e.action != "read"]
    return [(e.action, e.rows, e.reason) for e in told]


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


OFFSETS = [
    ("2026-01-30 00:49:38 -0400", "2026-01-30 04:49:38"),
    ("2026-01-30 00:49:38-04:00", "2026-01-30 04:49:38"),
    ("2026-01-30T00:49:38 -04", "2026-01-30 04:49:38"),
    ("2026-01-30 00:49:38.25 +0530", "2026-01-29 19:19:38.250"),
    ("2026-01-30T00:49:38.5Z", "2026-01-30 00:49:38.500"),
    ("2026-01-30 00:49 Z", "2026-01-30 00:49:00"),
    ("2026-01-30T00:49:38 UTC", "2026-01-30 00:49:38"),
    ("2026-01-30 00:49:38 gmt", "2026-01-30 00:49:38"),
    ("2026-01-30 00:49:38 GMT+0200", "2026-01-29 22:49:38"),
    ("2026-01-30T00:49:38+02:00[Europe/Berlin]", "2026-01-29 22:49:38"),
    (" 2026/1/3 9:05 -0400", "2026-01-03 13:05:00"),
]


@pytest.mark.parametrize("count", [1, 11])
def test_an_offset_is_applied_however_it_is_written(count: int) -> None:
    # All ways of writing it in one column, and the first alone, which takes the shorter way.
    written, meant = zip(*OFFSETS[:count], strict=True)
    tables = read([*written, None])
    assert ends(tables) == [*map(at, meant), None]
    assert told(tables) == [("repaired", count, "to: times with a UTC offset read in UTC")]


def test_offsets_stand_behind_slashes_too() -> None:
    tables = read(["25.03.2026 10:00 +0100", "05.03.2026 10:00 Z"])
    assert ends(tables) == [at("2026-03-25 09:00"), at("2026-03-05 10:00")]
    tables = read(["2026-03-25 02:05 PM -0400", "2026-03-05 12:05 AM Z"])
    assert ends(tables) == [at("2026-03-25 18:05"), at("2026-03-05 00:05")]


@pytest.mark.parametrize(
    ("cells", "meant"),
    [
        (["2026-03-05 02:05 PM", "2026-03-05 12:10:30 a.m."], ["14:05", "00:10:30"]),
        (["3/25/2026 2:05 PM", "3/5/2026"], ["2026-03-25 14:05", "2026-03-05"]),
        (["2026.03.05 10:00", "2026-03-05"], ["10:00", "2026-03-05"]),
    ],
)
def test_clock_times(cells: list[str], meant: list[str]) -> None:
    assert ends(read(cells)) == [at(m if "-" in m else f"2026-03-05 {m}") for m in meant]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["2026-03-05 10:00 EDT"] * 3 + ["2026-03-05 10:00 Z"], ["EDT (3 rows)", "data rows 1, 2"]),
        (["2026-03-05"] * 300 + ["2026-03-05 10:00 BST"], ["BST (1 rows)", "data row 301"]),
        (["2026-03-05 10:00:00[Europe/Berlin]"], ["zone of a time in words", "Europe/Berlin"]),
        (["2026-03-05 10:00 CEST (summer)"], ["no dates"]),
        (["2026-03-05"] * 20 + ["2026-03-05 10:00 AM"], ["1 cell is not in the format", "row 21"]),
        (["2026-03-05 14:00", "2026-03-05 02:00 PM"] * 3, ["not in the format of the others"]),
        (["2026-03-05 10:00 -0400"] * 9 + ["2026-03-05 10:00"], ["and 1 without", "data row 10"]),
        (["25.03.2026 10:00 Z"] * 9 + ["25.03.2026 10:00"], ["and 1 without", "data row 10"]),
        (["2026-03-05 10:00:00 5"], ["no dates"]),
        (["1772704800"] * 3, ["seconds since 1970", 'date_format = "epoch"']),
        (["1772704800000"] * 3, ["since 1970", 'date_format = "epoch"']),
        ([1772704800, None], ["since 1970", 'date_format = "epoch"']),
        ([1772704800.5, None], ["since 1970", 'date_format = "epoch"']),
        ([46086, 46087], ["serial numbers of Excel", 'date_format = "excel"']),
        ([20260305, 20260306], ["without separators", '"%Y%m%d"']),
        (["05/03/26"] * 3, ["year of two digits", '"%d/%m/%y"']),
        (["5 Mar 2026"] * 3, ["name of a month", '"%d %b %Y"']),
        (["active"] * 5 + ["2026-03-05"], ["'active' (5 rows)", 'missing = ["active"]']),
        (["infinity", "2026-03-05"], ["no date at all", 'missing = ["infinity"']),
        (["2026-03-05"] * 300 + ["infinity"], ["1 cell looks like no date", "infinity"]),
        (["9999-12-31", "2026-03-05"], ["after 2100", 'missing = ["9999-12-31"]']),
        (["0001-01-01", "2026-03-05"], ["before 1990", 'missing = ["0001-01-01"]']),
        ([True, False], ["BOOLEAN, not of dates"]),
    ],
)
def test_refused_by_name_with_advice_that_works(cells: list[object], words: list[str]) -> None:
    with pytest.raises(cx.CxroiError) as caught:
        read(cells, zone="")
    for word in ("'to' of [tables.subscriptions]", *words):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("form", "cells", "meant"),
    [
        ("%Y-%d-%m %H:%M:%S", ["2026-05-03 10:00:00"], "2026-03-05 10:00"),
        ("%d/%m/%y", ["05/03/26", None, "null"], "2026-03-05"),
        ("%Y-%m-%d %H:%M:%S %z", ["2026-03-05 10:00:00 -0400"], "2026-03-05 14:00"),
        ("%Y-%m-%d %H:%M:%S%z", ["2026-03-05 10:00:00 +01:00"], "2026-03-05 09:00"),
        ("%d %b %Y %H:%M %Z", ["05 Mar 2026 10:00 Z", "05 MAR 2026 10:00 UTC"], "2026-03-05 10:00"),
        ("epoch", ["1772704800", "1772704800000"], "2026-03-05 10:00"),
        ("epoch", [1772704800, 1772704800000], "2026-03-05 10:00"),
        ("epoch", [1772704800.0, None], "2026-03-05 10:00"),
        ("excel", [46086.25, None], "2026-03-05 06:00"),
        ("excel", ["46086.25", "2026-03-05 06:00"], "2026-03-05 06:00"),
        ("%Y%m%d", [20260305, 20260305], "2026-03-05"),
        ("%Y%m%d", [20260305.0, None], "2026-03-05"),
    ],
)
def test_a_declared_format_decides(form: str, cells: list[object], meant: str) -> None:
    # By pandas: 2026-03-05 10:00 is 1,772,704,800 s after 1970, and day 46,086 after 1899-12-30.
    assert pd.Timestamp("2026-03-05 10:00") == pd.Timestamp(1772704800, unit="s")
    assert pd.Timestamp("2026-03-05") - pd.Timestamp("1899-12-30") == pd.Timedelta(46086, "D")
    declared = form if len(cells) == 1 else {"to": form}
    assert set(ends(read(cells, date_format=declared))) - {None} == {at(meant)}


@pytest.mark.parametrize(
    ("form", "cells", "words"),
    [
        ("%Y-%m-%d %H:%M:%S %Z", ["2026-03-05 10:00:00 BST"], ["BST (1 rows)"]),
        ("%Y-%m-%d %H:%M:%S %z", ["2026-03-05 10:00:00"], ["date_format '%Y-%m-%d %H:%M:%S %z'"]),
        ("excel", [1772704800] * 3, ["since 1970", 'date_format = "epoch"']),
        ("%d/%m/%Y", ["2026-03-05"] * 3, ["look like year-month-day", 'date_format = {column = "']),
        ("%Q", ["2026-03-05"], ["it is 'excel', 'epoch' or a pattern of strptime"]),
    ],
)
def test_a_declared_format_that_does_not_fit_is_refused(
    form: str, cells: list[object], words: list[str]
) -> None:
    with pytest.raises(cx.CxroiError) as caught:
        read(cells, date_format={"to": form})
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("2026/02/12 2:27:23 PM GMT+1", ""),  # as Google's forms write it
        ("2026/02/12 2:27:23 PM GMT+1", "%Y/%m/%d %I:%M:%S %p %z"),
        ("12/02/2026 14:27:23 UTC+1", "%d/%m/%Y %H:%M:%S %z"),
        ("2026-02-12 16:57:23 GMT+3:30", ""),
    ],
)
def test_an_offset_of_one_digit_is_one(cell: str, form: str) -> None:
    declared = {"date_format": {"to": form}} if form else {}
    assert ends(read([cell], **declared)) == [at("2026-02-12 13:27:23")]


def test_a_word_that_looks_like_an_offset_may_be_declared() -> None:
    form = {"to": "%d/%m/%Y %H:%M GMT+1"}
    assert ends(read(["12/02/2026 14:27 GMT+1"], date_format=form)) == [at("2026-02-12 14:27:00")]


@pytest.mark.parametrize("form", ["%Y-%m", "%b %Y", "%H:%M", "%Y-W%W", "%d/%m/%Y %I:%M"])
def test_a_format_without_day_or_noon_is_refused(form: str) -> None:
    with pytest.raises(cx.errors.DataError, match=r"reads (no day|hours up to 12)"):
        read(["2026-02"], date_format={"to": form})


@pytest.mark.parametrize(
    ("cell", "form"),
    [("2026-043", "%Y-%j"), ("2026-W07-4", "%G-W%V-%u"), ("12 of 2, 2026", "%-d of %-m, %Y")],
)
def test_a_format_with_another_kind_of_day_is_read(cell: str, form: str) -> None:
    assert ends(read([cell], date_format={"to": form})) == [at("2026-02-12 00:00:00")]


@pytest.mark.parametrize("declared", [{}, {"date_format": {"to": "epoch"}}])
def test_seconds_that_a_spreadsheet_rounded_are_refused(declared: dict[str, object]) -> None:
    with pytest.raises(cx.errors.DataError, match=r"kept the first digits"):
        read(["1.77086E+09", "1,77087E+12"], **declared)  # 1770863243: an hour or two is lost


def test_a_format_of_no_column_is_refused() -> None:
    with pytest.raises(cx.CxroiError, match=r"no column 'too'. Did you mean 'to'"):
        read(["2026-03-05"], date_format={"too": "%Y-%m-%d"})


def test_an_epoch_that_is_declared_missing_is_blank() -> None:
    assert ends(read([0, 1772704800], date_format="epoch", missing=[0]))[0] is None


@pytest.mark.parametrize(
    ("cells", "missing", "entries"),
    [
        (
            ["NULL", "None", " n/a ", "NaT", "\\N", ""],
            [],
            {"'\\n', 'n/a', 'nat', 'none', 'null'": 5},
        ),
        (["-", "Active", "null", ""], ["-", "active"], {"'null'": 1, "declared as missing,": 2}),
        (["9999-12-31 00:00:00"], ["9999-12-31"], {"a date declared as missing,": 1}),
        ([dt.datetime(9999, 12, 31)], ["9999-12-31"], {"a date declared as missing,": 1}),
        (["infinity"], ["infinity"], {"declared as missing,": 1}),
    ],
)
def test_words_for_blank_are_blank_and_told_of(
    cells: list[object], missing: list[str], entries: dict[str, int]
) -> None:
    day = pd.Timestamp("2026-03-05") if isinstance(cells[0], dt.datetime) else "2026-03-05"
    tables = read(pd.Series([*cells, *[day] * 4], dtype=object), missing=missing)
    assert ends(tables) == [None] * len(cells) + [dt.datetime(2026, 3, 5)] * 4
    assert {why: n for _, n, why in told(tables)} == {
        f"to: {why} taken as blank": n for why, n in entries.items()
    }


def test_words_for_blank_in_amounts_scores_and_outcomes(tmp_path: Path) -> None:
    flat = pd.DataFrame(
        {
            "id": [f"c{i}" for i in range(9)],
            "nps": ["9", "N/A", "-", *["8"] * 6],
            "spend": ["NULL", "-", "-99", *["2.5"] * 6],
            "stays": ["na", "-", "", *["1"] * 6],
            "age": ["-", "none", "7", *["30"] * 6],
            "region": ["-", "NA", "", *["north"] * 6],
        }
    )
    outcomes = {
        "spend": {"column": "spend", "kind": "amount", "missing": [-99]},
        "stays": {"column": "stays", "kind": "yes_no"},
    }
    table = {"customer": "id", "score": "nps", "attributes": ["age", "region"], "missing": ["-"]}
    study = {
        "study": {"name": "blank"},
        "scale": {"kind": "nps"},
        "tables": {"customers": table},
        "outcomes": {"columns": outcomes},
    }
    tables = cx.read_tables(cx.load_study(study), frames={"customers": flat})
    told = {
        e.reason: e.rows for e in tables.ledger.entries if e.action in ("repaired", "set aside")
    }
    assert told == {
        "nps: declared as missing, taken as blank": 1,
        "nps: 'n/a' taken as blank": 1,
        "no answer": 2,
        "spend: declared as missing, taken as blank": 2,
        "spend: 'null' taken as blank": 1,
        "stays: declared as missing, taken as blank": 1,
        "stays: 'na' taken as blank": 1,
        "age: declared as missing, taken as blank": 1,
        "age: 'none' taken as blank": 1,
    }
    typed = tables.connection.execute(
        'SELECT spend_after, stays_after, attr_age, attr_region FROM "typed customers" ORDER BY row'
    ).fetchall()
    assert typed[:4] == [
        (None, None, None, "-"),
        (None, None, None, "NA"),
        (None, None, 7.0, None),
        (2.5, 1.0, 30.0, "north"),
    ]


def test_a_cell_of_derived_days_that_is_no_date_is_told_of(tmp_path: Path) -> None:
    promised = ["2026-01-05 10:00:00 -0400"] * 200 + ["soon", "null", ""]
    frame = pd.DataFrame({"id": range(203), "nps": 9, "from": promised, "to": "2026-01-08 23:00 Z"})
    frame["bought"] = 1
    table = {"customer": "id", "score": "nps", "derive": {"late": {"from": "from", "to": "to"}}}
    study = {**STUDY, "study": {"name": "derived"}, "tables": {"customers": table}}
    study["outcomes"] = {"columns": {"n": {"column": "bought", "kind": "count"}}}
    tables = cx.read_tables(cx.load_study(study), frames={"customers": frame})
    entries = {e.reason: e.rows for e in tables.ledger.entries if e.action == "repaired"}
    assert entries["from: not a date, taken as missing"] == 1
    assert entries["from: 'null' taken as blank"] == 1
    days = "SELECT count(*), count(attr_late), min(attr_late), max(attr_late) FROM clean_customers"
    assert tables.connection.execute(days).fetchone() == (203, 200, 3.0, 3.0)
    frame = frame.assign(**{"from": "2026-01-05", "to": "9999-12-31"})
    with pytest.raises(cx.CxroiError, match=r"'to' of .* holds dates before 1990 or after 2100"):
        cx.read_tables(cx.load_study(study), frames={"customers": frame})


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("parquet", "DATE"),
        ("parquet", "TIMESTAMP"),
        ("duckdb", "TIMESTAMPTZ"),
        ("duckdb", "TIMESTAMP_S"),
        ("duckdb", "VARCHAR"),
    ],
)
def test_infinite_dates_are_refused_or_declared(suffix: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"t.{suffix}"
    with duckdb.connect(str(path) if suffix == "duckdb" else ":memory:") as connection:
        connection.execute(
            f"CREATE TABLE t AS SELECT 'c' || i AS id, DATE '2025-01-05' AS \"from\", "
            f"CASE i WHEN 0 THEN 'infinity' ELSE '2026-03-05' END::{kind} AS \"to\" "
            "FROM range(3) AS r(i)"
        )
        if suffix == "parquet":
            connection.execute(f"COPY t TO '{path}'")
    where = {"path": path, "table": "t"} if suffix == "duckdb" else {"path": path}
    with pytest.raises(cx.CxroiError, match=r'\'to\' of .* missing = \["infinity"'):
        read([None] * 3, **where)
    tables = read([None] * 3, missing=["infinity"], **where)
    assert ends(tables)[0] is None
    assert len(set(ends(tables))) == 2


def test_dates_of_excel_are_of_no_declared_format(tmp_path: Path) -> None:
    """Cells that Excel holds as dates are dates; texts beside them are as they are declared."""
    book = openpyxl.Workbook()
    book.active.append(["id", "from", "to"])
    for i, end in enumerate([dt.datetime(2026, 5, 3), None, dt.datetime(2026, 5, 4, 6)]):
        book.active.append([f"c{i}", "2025-05-12", end])
    book.save(tmp_path / "s.xlsx")
    tables = read([None] * 3, path=tmp_path / "s.xlsx", date_format="%Y-%d-%m")
    assert ends(tables) == [dt.datetime(2026, 5, 3), None, dt.datetime(2026, 5, 4, 6)]
    began = tables.connection.execute("SELECT DISTINCT started_at FROM clean_subscriptions")
    assert began.fetchall() == [(dt.datetime(2025, 12, 5),)]


def test_texts_kept_as_codes_are_read_as_texts(tmp_path: Path) -> None:
    """An ENUM of DuckDB reads as the same words of a CSV file do."""
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT 'c' || i AS id, DATE '2025-01-05' AS \"from\", "
            "(CASE i WHEN 0 THEN 'null' ELSE '2026-03-05 10:00 -0400' END)"
            "::ENUM('null', '2026-03-05 10:00 -0400') AS \"to\" FROM range(2) AS r(i)"
        )
    tables = read([None] * 2, path=path, table="t")
    assert ends(tables) == [None, at("2026-03-05 14:00")]
    assert ("repaired", 1, "to: 'null' taken as blank") in told(tables)


def test_waves_that_are_no_numbers_of_a_float_column(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    with duckdb.connect() as connection:
        cells = "CASE i WHEN 0 THEN 'nan' WHEN 1 THEN '2025.5' ELSE '2026' END::DOUBLE"
        row = f"'c' || i AS id, 9 AS nps, 1 AS bought, {cells} AS round"
        connection.execute(f"COPY (SELECT {row} FROM range(3) AS r(i)) TO '{path}'")
    table = {"path": path, "customer": "id", "score": "nps", "wave": "round"}
    study = {**STUDY, "study": {"name": "waves"}, "tables": {"customers": table}}
    study["outcomes"] = {"columns": {"n": {"column": "bought", "kind": "count"}}}
    tables = cx.read_tables(cx.load_study(study))
    waves = tables.connection.execute("SELECT wave FROM clean_customers ORDER BY row").fetchall()
    assert waves == [("2025.5",), ("2026",)]
    assert tables.ledger.rows("customers", "set aside") == 1


def test_a_reading_that_loses_cells_it_counted_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with a reading, the clean table is held against what it counted."""
    cells = ["2026-01-30 00:49:38 -0400", "2026-01-30 00:49:38 Z", None]
    lossy = "nullif({} AT TIME ZONE 'UTC', TIMESTAMP '2026-01-30 04:49:38')"
    monkeypatch.setattr(
        "cxroi.reading.columns.dates.by_clock", lambda instant: lossy.format(instant)
    )
    with pytest.raises(cx.CxroiError, match=r"was read in 2 cells and holds 1; .* a defect"):
        read(cells)
