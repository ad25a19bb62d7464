"""What real files do to this analysis: one case per line of the list that concerns reading.

The numbers are those of the project's list of bad inputs. A case is a study of a few small CSV
files; the expected answer is a refusal that says certain words, or a table and ledger that hold
certain rows. Each refusal is had from Excel, Parquet and a frame of the same cells as well, where
they can hold them: bytes of a text file, an empty one and ragged rows they cannot.

What does not concern reading is tested where it happens: 2 and 16 in tests/end_to_end/test_demo.py
and tests/unit/panel, 17 and 40 in tests/unit/study and tests/unit/report, 19 in
tests/unit/respondents, 31 and 32 in tests/unit/panel and tests/unit/effects, 33 to 36 in
tests/unit/models, 38 in tests/unit/results and tests/unit/report; and all of these from four kinds
of file in tests/end_to_end/test_bad_inputs_answered.py.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

import cxroi as cx

HEAD = """
[study]
name = "bad inputs"
complete_until = 2026-06-30
[windows]
baseline_days = 30
outcome_days = 30
"""
SCALE = '[scale]\nkind = "nps"\n'
RESPONSES = '[tables.responses]\npath = "responses.csv"\ncustomer = "id"\nscore = "nps"\n'
RESPONSES += 'answered_at = "day"\n'
ORDERS = '[tables.orders]\npath = "orders.csv"\ncustomer = "id"\nordered_at = "day"\n'
ORDERS += 'amount = "amount"\n'
CUSTOMERS = '[tables.customers]\npath = "customers.csv"\ncustomer = "id"\n'


def table(header: str, rows: list[str]) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def responses(scores: list[object], days: list[str] | None = None) -> bytes:
    days = days or ["2026-01-15"] * len(scores)
    rows = [f"c{i},{s},{d}" for i, (s, d) in enumerate(zip(scores, days, strict=True))]
    return table("id,nps,day", rows)


def orders(
    amounts: list[str], days: list[str] | None = None, ids: list[str] | None = None
) -> bytes:
    days = days or ["2026-01-20"] * len(amounts)
    ids = ids or [f"c{i}" for i in range(len(amounts))]
    rows = [f'{i},{d},"{a}"' for i, d, a in zip(ids, days, amounts, strict=True)]
    return table("id,day,amount", rows)


GOOD = [0, 3, 7, 8, 9, 10] * 10
GOOD_ORDERS = orders(["10.50"] * 60)


@dataclass
class Case:
    number: str
    files: dict[str, bytes] = field(default_factory=dict)
    responses: str = RESPONSES
    orders: str = ORDERS
    more: str = ""
    scale: str = SCALE

    def read(self, folder: Path, kind: str = "csv") -> cx.Tables:
        files = {"responses.csv": responses(GOOD), "orders.csv": GOOD_ORDERS, **self.files}
        study = HEAD + self.scale + self.responses + self.orders + self.more
        frames = {}
        for name, content in files.items():
            stem = name.partition(".")[0]
            if kind == "csv":
                (folder / name).write_bytes(content)
                continue
            study = study.replace(f'path = "{name}"\n', place_of(stem, kind))
            frames[stem] = as_kind(content, folder / stem, kind)
        (folder / "study.toml").write_text(study, encoding="utf-8")
        loaded = cx.load_study(folder / "study.toml")
        return cx.read_tables(loaded, frames=frames if kind == "frame" else None)


def place_of(stem: str, kind: str) -> str:
    return "" if kind == "frame" else f'path = "{stem}.{kind}"\n'


def as_kind(content: bytes, path: Path, kind: str) -> pd.DataFrame:
    """Write the cells of a CSV file, all texts, as a file of another kind; return them."""
    header, *lines = csv.reader(io.StringIO(content.decode()))
    texts = pd.DataFrame(lines, columns=header, dtype="str").replace("", None)
    if kind == "parquet":
        pa = pytest.importorskip("pyarrow")
        columns = [
            pa.array([line[i] or None for line in lines], pa.string()) for i in range(len(header))
        ]
        table = pa.Table.from_arrays(columns, names=header)
        pytest.importorskip("pyarrow.parquet").write_table(table, path.with_suffix(".parquet"))
    if kind == "xlsx":
        pytest.importorskip("python_calamine")
        book = pytest.importorskip("openpyxl").Workbook(write_only=True)
        sheet = book.create_sheet("held")
        for line in (header, *lines):
            sheet.append([cell or None for cell in line])
        book.save(path.with_suffix(".xlsx"))
    return texts


def days(pattern: str, count: int = 60) -> list[str]:
    return [pattern.format(d=1 + i % 28, m=1 + i % 6) for i in range(count)]


REFUSED = [
    (
        Case("1", {"customers.csv": table("id", ["c1", "c2", "c1"])}, more=CUSTOMERS),
        ["'id' of [tables.customers]", "1 rows more than different ids"],
    ),
    (Case("3", {"responses.csv": responses([12] * 2 + [0, 9] * 50)}), ["12 (2 rows)"]),
    (
        Case("4", {"responses.csv": responses(list(range(1, 12)) * 6)}),
        ["11 (6 rows) and no 0", "missing = [11]"],
    ),
    (Case("5", {"responses.csv": responses([0, 1, 2, 3, 4, 5] * 10)}), ["above 5", "csat"]),
    (Case("5", {"responses.csv": responses([0, 50, 100] * 20)}), ["far above 10", "up to 100"]),
    (Case("7", {"responses.csv": responses([7.5, 9] * 20)}), ["between whole", "fractional"]),
    (Case("8", {"orders.csv": orders(["12,50"] * 60)}), ["comma", 'decimal = ","']),
    (
        Case("10", {"orders.csv": orders(["1"] * 60, ["2026-01-05"] * 58 + ["17/01/2026"] * 2)}),
        ["mixes date formats", "data rows 59, 60"],
    ),
    (
        Case("10", {"orders.csv": orders(["1"] * 3, ["17/01/2026", "01/17/2026", "01/02/2026"])}),
        ["mixes day/month and month/day"],
    ),
    (
        Case("11", {"orders.csv": orders(["1"] * 60, ["03/04/2026"] * 60)}),
        ["day/month and as month/day", "date_format"],
    ),
    (
        Case("13", {"orders.csv": orders(["1"] * 2, ["2026-01-05T10:00", "2026-01-05T10:00Z"])}),
        ["1 times with a UTC offset and 1 without"],
    ),
    (
        Case("14", {"orders.csv": orders(["1"] * 60, ["46036"] * 60)}),
        ["serial numbers of Excel", 'date_format = "excel"'],
    ),
    (
        Case("18", {"orders.csv": orders(["1"] * 60, ids=[f"x{i}" for i in range(60)])}),
        ["none of the 60 customers of [tables.orders]", "same kind of id"],
    ),
    (
        Case("20", {"orders.csv": orders(["1"] * 2, ids=["1.23E+15", "c1"])}),
        ["1.23E+15", "data row 1"],
    ),
    (
        Case(
            "20",
            {
                "responses.csv": table(
                    "id,nps,day", [f"{p}{i},9,2026-01-05" for i in range(9) for p in ("00", "")]
                ),
                "orders.csv": orders(["1"] * 9, ids=[f"0{i}" for i in range(9)]),
            },
        ),
        ["leading zeros", "[tables.orders]", "9 ids differ from another"],
    ),
    (Case("25", {"orders.csv": "id,day,amount\n".encode("utf-16")}), ["UTF-16"]),
    (
        Case("25", {"orders.csv": b"id,day,amount,n\nc1,2026-01-05,1,caf\xe9\n"}),
        ["Latin-1", "line 2"],
    ),
    (Case("26", {"orders.csv": b""}), ["orders.csv", "is empty"]),
    (Case("26", {"orders.csv": b"id,day,amount\n"}), ["and no rows"]),
    (Case("29", {"orders.csv": b"id,day,amount,amount\nc1,2026-01-05,1,2\n"}), ["'amount'"]),
    (
        Case("30", {"orders.csv": GOOD_ORDERS + b"c1,2026-01-05,1,7\n"}),
        ["line 62", "has 4 columns", "3"],
    ),
    (Case("30", {"orders.csv": GOOD_ORDERS + b"c1,2026-01-05\n"}), ["line 62", "has 2 columns"]),
    (
        Case("30", {"orders.csv": orders(["1"] * 50 + ["eight"])}),
        ["not numbers", "1 row, 2 %", "data row 51"],
    ),
    (
        Case("39", {"orders.pkl": b"\x80\x04."}, orders=ORDERS.replace(".csv", ".pkl")),
        ["orders.pkl", "never opened", ".parquet"],
    ),
    (
        Case(
            "40",
            {
                "orders.csv": table(
                    "id,day,amount,cur", ["c1,2026-01-05,1,USD", "c2,2026-01-05,1,EUR"]
                )
            },
            orders=ORDERS + 'currency = "cur"\n',
        ),
        ["EUR, USD"],
    ),
    (Case("40", {"orders.csv": orders(["$5", "€5"] * 9)}), ["mixes currencies"]),
]


@pytest.mark.parametrize(
    ("case", "words"), REFUSED, ids=[f"#{case.number}-{i}" for i, (case, _) in enumerate(REFUSED)]
)
def test_refused_with_the_fix(case: Case, words: list[str], tmp_path: Path) -> None:
    with pytest.raises(cx.CxroiError) as caught:
        case.read(tmp_path)
    for word in words:
        assert word in str(caught.value)


def in_every_kind(case: Case) -> bool:
    """Whether the cells of a case can be held by other files than text: those of a table can."""
    try:
        widths = [
            {len(line) for line in csv.reader(io.StringIO(content.decode()))}
            for content in case.files.values()
        ]
    except UnicodeDecodeError:
        return False
    return all(len(found) == 1 for found in widths) and ".csv" in case.orders


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "frame"])
@pytest.mark.parametrize(
    ("case", "words"),
    [(case, words) for case, words in REFUSED if in_every_kind(case)],
    ids=[f"#{case.number}-{i}" for i, (case, _) in enumerate(REFUSED) if in_every_kind(case)],
)
def test_refused_with_the_fix_in_every_kind(
    case: Case, words: list[str], kind: str, tmp_path: Path
) -> None:
    with pytest.raises(cx.CxroiError) as caught:
        case.read(tmp_path, kind)
    for word in words:
        assert word in str(caught.value)


def messy() -> Case:
    """A study with every flaw that is mended, and what it holds when it is."""
    answers = [f"c{i},{i % 11},2026-01-15,done" for i in range(198)]
    answers[:4] = [
        '" C0\u00a0","10 - Extremely likely",2026-01-15T01:30:00+02:00,done',  # 6, 12, 23
        "c1,,2026-01-15T00:00:00Z,done",  # a blank answer
        ",9,2026-01-15T00:00:00Z,done",  # 21
        "c3,9,2026-01-15T00:00:00Z,survey preview",  # 28
    ]
    answers[4:] = [line.replace("15,done", "15T12:00:00Z,done") for line in answers[4:]]
    answers.append("c5,12,2026-01-15T12:00:00Z,done")  # 3
    paid = ['"$3,400.50"', "(500)", '"1 234.5"', "n/k", *["2"] * 196]  # 9, 15, 30
    orders_of = [f"c{i % 198},2026-01-20T09:00:00+01:00,{a}" for i, a in enumerate(paid)]
    people = [f"c{i},{region}" for i, region in enumerate(["NA", "", *["EU"] * 196])]  # 24, 31
    return Case(
        "messy",
        {
            "responses.csv": table("id,nps,day,Status", answers),
            "orders.csv": table("id,day,amount", orders_of),
            "customers.csv": table("id,region", people),
        },
        more=CUSTOMERS + 'attributes = ["region"]\n',
    )


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "frame"])
def test_what_is_mended_is_mended_alike_in_every_kind(kind: str, tmp_path: Path) -> None:
    tables = messy().read(tmp_path, kind)
    assert rows(
        tables,
        "SELECT customer, score, answered_at::VARCHAR FROM clean_responses ORDER BY row LIMIT 1",
    ) == [("c0", 10.0, "2026-01-14 23:30:00")]
    read, kept = tables.ledger.rows("responses", "read"), "SELECT count(*) FROM clean_responses"
    assert (read, rows(tables, kept)) == (199, [(195,)])
    assert entries(tables, "set aside") == {
        "a preview or test answer by its Status": 1,
        "no customer id": 1,
        "no answer": 1,
        "outside the scale 0 to 10": 1,
        "amount is not a number": 1,
    }
    # Answers 4 to 197, i % 11 each, and the ten of the first row.
    assert rows(tables, "SELECT sum(score) FROM clean_responses") == [
        (float(sum(i % 11 for i in range(4, 198)) + 10),)
    ]
    assert rows(tables, "SELECT sum(amount), min(amount) FROM clean_orders") == [
        (3400.5 - 500 + 1234.5 + 2 * 196, -500.0)
    ]
    assert rows(tables, "SELECT DISTINCT ordered_at::VARCHAR FROM clean_orders") == [
        ("2026-01-20 08:00:00",)
    ]
    held = rows(tables, "SELECT attr_region FROM clean_customers ORDER BY row LIMIT 3")
    assert held == [("NA",), (None,), ("EU",)]


def rows(tables: cx.Tables, statement: str) -> list[tuple]:
    return tables.connection.execute(statement).fetchall()


def entries(tables: cx.Tables, action: str) -> dict[str, int]:
    return {e.reason: e.rows for e in tables.ledger.entries if e.action == action}


def test_03_a_few_scores_outside_the_scale_are_set_aside(tmp_path: Path) -> None:
    files = {"responses.csv": responses([12] + [0, 9] * 60), "orders.csv": orders(["1"] * 121)}
    tables = Case("3", files).read(tmp_path)
    assert entries(tables, "set aside") == {"outside the scale 0 to 10": 1}
    assert rows(tables, "SELECT count(*), max(score) FROM clean_responses") == [(120, 9.0)]


def test_06_labelled_answers_are_read(tmp_path: Path) -> None:
    scores = ["10 - Extremely likely", "0 - Not at all likely", "7", "9 (likely)", "8"] * 12
    tables = Case("6", {"responses.csv": responses(scores)}).read(tmp_path)
    assert entries(tables, "repaired") == {"nps: an answer with its label read as a number": 36}
    held = rows(tables, "SELECT score, count(*) FROM clean_responses GROUP BY 1 ORDER BY 1")
    assert held == [(0, 12), (7, 12), (8, 12), (9, 12), (10, 12)]


def test_07_fractions_are_read_where_averaging_is_declared(tmp_path: Path) -> None:
    scale = SCALE + 'answers = "mean"\n'
    tables = Case("7", {"responses.csv": responses([7.5, 9] * 20)}, scale=scale).read(tmp_path)
    assert rows(tables, "SELECT min(score) FROM clean_responses") == [(7.5,)]


def test_08_decimal_comma_is_read_where_declared(tmp_path: Path) -> None:
    amounts = ["12,50", "1.234,5", "7", "-3,25"]
    case = Case("8", {"orders.csv": orders(amounts * 15)}, orders=ORDERS + 'decimal = ","\n')
    tables = case.read(tmp_path)
    held = rows(tables, "SELECT amount FROM clean_orders ORDER BY row LIMIT 4")
    assert held == [(12.5,), (1234.5,), (7.0,), (-3.25,)]


def test_08_decimal_point_under_a_declared_comma_is_refused(tmp_path: Path) -> None:
    case = Case("8", {"orders.csv": orders(["12.50"] * 60)}, orders=ORDERS + 'decimal = ","\n')
    with pytest.raises(cx.CxroiError, match="decimal point"):
        case.read(tmp_path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$3,400.50", 3400.5),
        ("(500)", -500),
        ("1 234.5", 1234.5),
        ("1\u00a0234.5", 1234.5),
        ("-$5", -5),
        ("$-5", -5),
        ("USD 12", 12),
        ("12 USD", 12),
        ("US$1,000", 1000),
        ("1'234'567.8", 1234567.8),
        ("5-", -5),
        ("($1,200.00)", -1200),
    ],
)
def test_09_money_as_people_write_it(written: str, meant: float, tmp_path: Path) -> None:
    tables = Case("9", {"orders.csv": orders(["1"] * 59 + [written])}).read(tmp_path)
    assert rows(tables, "SELECT amount FROM clean_orders WHERE row = 59") == [(meant,)]
    reason = "amount: currency, brackets or separators read as a number"
    assert entries(tables, "repaired") == {reason: 1}


def test_11_day_and_month_are_told_apart_where_one_order_fits(tmp_path: Path) -> None:
    written = ["03.04.2026", "25.04.2026"] * 30
    tables = Case("11", {"orders.csv": orders(["1"] * 60, written)}).read(tmp_path)
    held = rows(tables, "SELECT DISTINCT ordered_at::VARCHAR FROM clean_orders ORDER BY 1")
    assert held == [("2026-04-03 00:00:00",), ("2026-04-25 00:00:00",)]
    assert any("day/month/year" in reason for reason in entries(tables, "repaired"))
    assert ("orders", "ordered_at") in tables.date_only


def test_11_ambiguous_days_are_read_with_a_declared_format(tmp_path: Path) -> None:
    case = Case("11", {"orders.csv": orders(["1"] * 60, ["03/04/2026"] * 60)})
    case.orders += 'date_format = "%m/%d/%Y"\n'
    held = rows(case.read(tmp_path), "SELECT DISTINCT ordered_at::DATE::VARCHAR FROM clean_orders")
    assert held == [("2026-03-04",)]


def test_12_offsets_become_utc(tmp_path: Path) -> None:
    written = ["2026-01-05T10:00:00+02:00", "2026-01-05T10:00:00Z", "2026-01-05 10:00:00.5-0500"]
    answered = responses(GOOD, ["2026-01-15T12:00:00Z"] * len(GOOD))
    files = {"orders.csv": orders(["1"] * 60, written * 20), "responses.csv": answered}
    tables = Case("12", files).read(tmp_path)
    held = rows(tables, "SELECT ordered_at::VARCHAR FROM clean_orders ORDER BY row LIMIT 3")
    assert held == [
        ("2026-01-05 08:00:00",),
        ("2026-01-05 10:00:00",),
        ("2026-01-05 15:00:00.5",),
    ]
    assert ("orders", "ordered_at") not in tables.date_only
    assert "from -05:00 to +02:00: quarters and days are cut in UTC" in tables.ledger.warnings[-1]


def test_14_serial_dates_are_read_where_declared(tmp_path: Path) -> None:
    # 46036 is 2026-01-14 and 25569 is 1970-01-01 by Excel's own DATE function.
    case = Case("14", {"orders.csv": orders(["1"] * 60, ["46036.25", "46037"] * 30)})
    case.orders += 'date_format = "excel"\n'
    held = rows(case.read(tmp_path), "SELECT ordered_at::VARCHAR FROM clean_orders LIMIT 2")
    assert held == [("2026-01-14 06:00:00",), ("2026-01-15 00:00:00",)]


def test_15_refunds_are_kept(tmp_path: Path) -> None:
    tables = Case("15", {"orders.csv": orders(["10", "-4"] * 30)}).read(tmp_path)
    assert rows(tables, "SELECT sum(amount), count(*) FROM clean_orders") == [(180.0, 60)]


def test_18_some_unknown_respondents_are_a_warning(tmp_path: Path) -> None:
    tables = Case("18", {"orders.csv": orders(["1"] * 50)}).read(tmp_path)
    assert tables.ledger.rows("responses", "warning") == 10
    assert "10 of 60 customers" in tables.ledger.warnings[0]


def test_21_missing_ids_are_dropped_first(tmp_path: Path) -> None:
    ids = ["", "NaN", " ", "n/a", *(f"c{i}" for i in range(60))]
    tables = Case("21", {"orders.csv": orders(["1"] * 64, ids=ids)}).read(tmp_path)
    assert entries(tables, "set aside") == {"no customer id": 4}
    assert rows(tables, "SELECT count(*), count(customer) FROM clean_orders") == [(60, 60)]


def test_23_spaces_and_case_in_ids_are_repaired(tmp_path: Path) -> None:
    ids = [f" C{i}\u00a0" for i in range(60)]
    tables = Case("23", {"orders.csv": orders(["1"] * 60, ids=ids)}).read(tmp_path)
    joined = "SELECT count(*) FROM clean_responses JOIN clean_orders USING (customer)"
    assert rows(tables, joined) == [(60,)]
    mended = entries(tables, "repaired")
    assert mended["id: spaces around ids removed"] == 60
    assert mended["id: ids written in small letters"] == 60


def test_23_case_that_tells_ids_apart_is_kept(tmp_path: Path) -> None:
    ids = [*(f"c{i}" for i in range(60)), "C1"]
    answers = [*responses(GOOD).decode().splitlines(), "C2,9,2026-01-15", ""]
    files = {
        "orders.csv": orders(["1"] * 61, ids=ids),
        "responses.csv": "\n".join(answers).encode(),
    }
    tables = Case("23", files).read(tmp_path)
    assert rows(tables, "SELECT count(DISTINCT customer) FROM clean_orders") == [(61,)]


def test_24_region_na_stays_text(tmp_path: Path) -> None:
    regions = ["NA", "EU", "", *["US"] * 57]
    content = table("id,region", [f"c{i},{region}" for i, region in enumerate(regions)])
    case = Case("24", {"customers.csv": content}, more=CUSTOMERS + 'attributes = ["region"]\n')
    tables = case.read(tmp_path)
    held = rows(tables, "SELECT attr_region FROM clean_customers ORDER BY row LIMIT 3")
    assert held == [("NA",), ("EU",), (None,)]


def test_25_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    tables = Case("25", {"orders.csv": b"\xef\xbb\xbf" + GOOD_ORDERS}).read(tmp_path)
    assert rows(tables, "SELECT count(*) FROM clean_orders") == [(60,)]


QUALTRICS = b"""Status,ResponseId,nps,day
"Response Status","Response, ID","How likely
are you?","Recorded"
"{""ImportId"":""status""}","{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}","{""ImportId"":""d""}"
"""


def test_27_28_qualtrics_headers_and_previews(tmp_path: Path) -> None:
    answers = b"".join(b"IP Address,c%d,9,2026-01-15\n" % i for i in range(40))
    answers += b"Survey Preview,c41,0,2026-01-15\n1,c42,0,2026-01-15\n"
    case = Case("27", {"responses.csv": QUALTRICS + answers})
    case.responses = case.responses.replace('"id"', '"ResponseId"')
    tables = case.read(tmp_path)
    assert tables.ledger.rows("responses", "read") == 42
    assert entries(tables, "set aside") == {"a preview or test answer by its Status": 2}
    assert entries(tables, "repaired") == {"second and third header row of a Qualtrics export": 2}
    assert rows(tables, "SELECT count(*), min(row), min(score) FROM clean_responses") == [
        (40, 0, 9.0)
    ]


def test_30_one_bad_cell_costs_one_row(tmp_path: Path) -> None:
    tables = Case("30", {"orders.csv": orders(["1.5"] * 199 + ["n/k"])}).read(tmp_path)
    assert entries(tables, "set aside") == {"amount is not a number": 1}
    assert rows(tables, "SELECT count(*), sum(amount) FROM clean_orders") == [(199, 298.5)]


def test_37_messages_hold_no_id_comment_or_amount(tmp_path: Path) -> None:
    secret = "secret-7f3a"
    broken = [
        {"orders.csv": GOOD_ORDERS + f"{secret},2026-01-05,1,7\n".encode()},
        {"orders.csv": GOOD_ORDERS + f'{secret},2026-01-05,"1"x\n'.encode()},
        {"orders.csv": orders([secret] * 60)},
        {"orders.csv": orders(["1"] * 60, [secret] * 60)},
        {"customers.csv": table("id", [secret, secret])},
    ]
    for number, files in enumerate(broken):
        folder = tmp_path / str(number)
        folder.mkdir()
        case = Case("37", files, more=CUSTOMERS if "customers.csv" in files else "")
        with pytest.raises(cx.CxroiError) as caught:
            case.read(folder)
        assert secret not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", ['a"; DROP TABLE x; --', "it's", "select", "ä ö"])
def test_39_sql_in_a_column_name_is_only_a_name(name: str, tmp_path: Path) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    content = table(f"id,{quoted}", [f"c{i},{5 + i % 2}" for i in range(60)])
    more = CUSTOMERS + f"attributes = ['''{name}''']\n"
    more += f"keep = {{{_toml(name)} = ['5', '6']}}\n"
    tables = Case("39", {"customers.csv": content}, more=more).read(tmp_path)
    column = '"attr_' + name.replace('"', '""') + '"'
    assert rows(tables, f"SELECT sum({column}) FROM clean_customers") == [(330.0,)]


CROWD = table("id", [f"c{i}" for i in range(100)])
EVENTS = {
    "orders": ("", ""),
    "contacts": ('opened_at = "day"\n', "2026-01-20"),
    "returns": ('returned_at = "day"\n', "2026-01-20"),
    "subscriptions": ('started_at = "day"\ncancelled_at = "end"\n', "2026-01-20,"),
    "invitations": ('invited_at = "day"\n', "2026-01-20"),
}


def with_events(role: str, ids: list[str], customers: bytes = b"") -> Case:
    """A study in which the rows of one event table are of these customers."""
    files, more = {}, ""
    if role == "orders":
        files["orders.csv"] = orders(["1"] * len(ids), ids=ids)
    else:
        keys, cells = EVENTS[role]
        end = ",end" if role == "subscriptions" else ""
        files["events.csv"] = table(f"id,day{end}", [f"{i},{cells}" for i in ids])
        more = f'[tables.{role}]\npath = "events.csv"\ncustomer = "id"\n{keys}'
    if customers:
        files["customers.csv"], more = customers, more + CUSTOMERS
    return Case("18", files, more=more)


def events(known: int, foreign: int) -> list[str]:
    return [f"c{i}" for i in range(known)] + [f"x{i}" for i in range(foreign)]


@pytest.mark.parametrize("role", EVENTS)
def test_18_events_of_unknown_customers(role: str, tmp_path: Path) -> None:
    def read(known: int, foreign: int) -> cx.Tables:
        return with_events(role, events(known, foreign), CROWD).read(tmp_path)

    tables = read(97, 3)
    assert entries(tables, "warning") == {
        f"3 of 100 rows of [tables.{role}] (3 %) are of customers who are not in "
        "[tables.customers]": 3
    }
    assert rows(tables, f"SELECT count(*) FROM clean_{role}") == [(100,)]
    assert "check that the ids are written alike" in read(50, 50).ledger.warnings[0]
    with pytest.raises(cx.CxroiError, match=rf"51 of 100 rows of \[tables.{role}\] \(51 %\)"):
        read(49, 51)
    assert not read(100, 0).ledger.warnings


def test_18_a_shop_that_few_respondents_know_is_a_warning(tmp_path: Path) -> None:
    tables = with_events("orders", events(1, 50)).read(tmp_path)
    assert "59 of 60 customers who answered (98.3 %)" in tables.ledger.warnings[0]


@pytest.mark.parametrize("role", ["orders", "contacts", "subscriptions"])
def test_22_ids_of_another_kind_are_refused_without_a_customers_table(
    role: str, tmp_path: Path
) -> None:
    case = with_events(role, [str(i) for i in range(1, 60)])
    with pytest.raises(cx.CxroiError, match=rf"none of the 59 customers of \[tables.{role}\]"):
        case.read(tmp_path)


def test_20_whole_floats_among_integers_lose_their_point(tmp_path: Path) -> None:
    answers = table("id,nps,day", [f"{i},9,2026-01-15" for i in range(100, 160)])
    ids = [f"{i}.0" if i % 3 else str(i) for i in range(100, 160)]
    case = Case("20", {"responses.csv": answers, "orders.csv": orders(["1"] * 60, ids=ids)})
    tables = case.read(tmp_path)
    assert entries(tables, "repaired") == {"id: '.0' removed from ids": 40}
    joined = "SELECT count(*) FROM clean_responses JOIN clean_orders USING (customer)"
    assert rows(tables, joined) == [(60,)]


def test_20_a_point_that_tells_ids_apart_is_kept(tmp_path: Path) -> None:
    ids = ["1.0", "1.1", *(f"c{i}" for i in range(60))]
    tables = Case("20", {"orders.csv": orders(["1"] * 62, ids=ids)}).read(tmp_path)
    assert rows(tables, "SELECT customer FROM clean_orders WHERE row = 0") == [("1.0",)]


@pytest.mark.parametrize("written", ["9007199254740992.0", "12345678901234567.0"])
def test_20_whole_floats_of_2_to_the_53_are_refused(written: str, tmp_path: Path) -> None:
    case = Case("20", {"orders.csv": orders(["1"] * 2, ids=[written, "7.0"])})
    with pytest.raises(cx.CxroiError, match=r"beyond 2\^53 \(1 row, 50 %\)"):
        case.read(tmp_path)


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", " \u200b"])
def test_23_hard_spaces_inside_ids_are_folded(space: str, tmp_path: Path) -> None:
    answers = table("id,nps,day", [f"AB {i},9,2026-01-15" for i in range(60)])
    ids = [f"AB{space}{i}" for i in range(60)]
    case = Case("23", {"responses.csv": answers, "orders.csv": orders(["1"] * 60, ids=ids)})
    joined = "SELECT count(*) FROM clean_responses JOIN clean_orders USING (customer)"
    assert rows(case.read(tmp_path), joined) == [(60,)]


def test_23_case_is_repaired_within_a_table_that_mixes_it(tmp_path: Path) -> None:
    customers = table("id", [f"C{i}" for i in range(60)])
    ids = [f"{'c' if i < 60 else 'C'}{i % 60}" for i in range(180)]
    answers = table("id,nps,day", [f"C{i},9,2026-01-15" for i in range(60)])
    case = with_events("orders", ids, customers)
    case.files["orders.csv"] = orders([str(1 + i) for i in range(180)], ids=ids)
    case.files["responses.csv"] = answers
    tables = case.read(tmp_path)
    assert rows(tables, "SELECT count(DISTINCT customer), count(*) FROM clean_orders") == [
        (60, 180)
    ]
    assert not tables.ledger.warnings


def test_23_case_is_kept_where_customers_differ_by_it(tmp_path: Path) -> None:
    customers = table("id", [*(f"C{i}" for i in range(60)), "c1"])
    case = with_events("orders", [f"C{i}" for i in range(59)] + ["c59"], customers)
    case.files["responses.csv"] = table("id,nps,day", [f"C{i},9,2026-01-15" for i in range(60)])
    tables = case.read(tmp_path)
    assert rows(tables, "SELECT count(DISTINCT customer) FROM clean_customers") == [(61,)]
    left, foreign = entries(tables, "warning")
    assert left.startswith("1 of the 60 different ids in column 'id' of [tables.orders] are found")
    assert "1 id differs from another" in left
    assert foreign.startswith("1 of 60 rows of [tables.orders]")


def with_attribute(cells: list[str], more: str = "") -> Case:
    content = table("id,age", [f"c{i},{cell}" for i, cell in enumerate(cells)])
    ids = [f"c{i % len(cells)}" for i in range(60)]
    files = {"customers.csv": content, "orders.csv": orders(["1"] * 60, ids=ids)}
    return Case("30", files, more=CUSTOMERS + 'attributes = ["age"]\n' + more)


def test_30_one_bad_cell_of_an_attribute_is_missing(tmp_path: Path) -> None:
    tables = with_attribute(["41"] * 199 + ["unknown"]).read(tmp_path)
    assert entries(tables, "repaired") == {"age: not a number, taken as missing": 1}
    assert rows(tables, "SELECT sum(attr_age), count(attr_age) FROM clean_customers") == [
        (41.0 * 199, 199)
    ]


def test_30_a_few_bad_cells_of_an_attribute_are_refused(tmp_path: Path) -> None:
    cells = ["41"] * 97 + ["unknown"] * 3
    with pytest.raises(cx.CxroiError, match=r"categorical = \['age'\]") as caught:
        with_attribute(cells).read(tmp_path)
    assert "3 rows, 3 %" in str(caught.value)
    controls = '[controls]\ncolumns = ["age"]\ncategorical = ["age"]\n'
    tables = with_attribute(cells, controls).read(tmp_path)
    assert rows(tables, "SELECT count(attr_age), max(attr_age) FROM clean_customers") == [
        (100, "unknown")
    ]


@pytest.mark.parametrize("cells", [["41"] * 18 + ["x"], ["41"] * 94 + ["x"] * 6])
def test_30_an_attribute_of_few_or_many_words_is_text(cells: list[str], tmp_path: Path) -> None:
    case = with_attribute(cells)
    case.files["orders.csv"] = orders(["1"] * len(cells))
    case.files["responses.csv"] = responses([9] * len(cells))
    held = rows(case.read(tmp_path), "SELECT max(attr_age) FROM clean_customers")
    assert held == [("x",)]


def test_08_a_leading_zero_is_no_thousands_group(tmp_path: Path) -> None:
    case = Case("8", {"orders.csv": orders(["0,753", "12"] * 30)})
    with pytest.raises(cx.CxroiError, match='decimal = ","'):
        case.read(tmp_path)


@pytest.mark.parametrize(
    ("declared", "meant"), [('decimal = ","\n', 1.234), ('decimal = "."\n', 1234.0)]
)
def test_08_a_comma_and_three_digits_are_read_as_declared(
    declared: str, meant: float, tmp_path: Path
) -> None:
    files = {"orders.csv": orders(["1,234", "7"] * 30)}
    with pytest.raises(cx.CxroiError, match=r'decimal = "," .* as decimals, decimal = "\."'):
        Case("8", files).read(tmp_path)
    tables = Case("8", files, orders=ORDERS + declared).read(tmp_path)
    assert rows(tables, "SELECT amount FROM clean_orders WHERE row = 0") == [(meant,)]


@pytest.mark.parametrize("other", ["2.5", "1,234,567", "$3,400"])
def test_08_thousands_are_certain_beside_what_only_they_explain(other: str, tmp_path: Path) -> None:
    tables = Case("8", {"orders.csv": orders(["1,234"] * 59 + [other])}).read(tmp_path)
    assert rows(tables, "SELECT amount FROM clean_orders WHERE row = 0") == [(1234.0,)]


def test_13_times_with_and_without_offset_in_two_tables_are_refused(tmp_path: Path) -> None:
    files = {
        "orders.csv": orders(["1"] * 60, ["2026-01-20T10:00:00+02:00"] * 60),
        "responses.csv": responses(GOOD, ["2026-01-15 09:00"] * 60),
    }
    with pytest.raises(cx.CxroiError) as caught:
        Case("13", files).read(tmp_path)
    for words in ("'day' of [tables.orders]", "without one in column 'day' of [tables.responses]"):
        assert words in str(caught.value)
    more = '[tables.subscriptions]\npath = "s.csv"\ncustomer = "id"\nstarted_at = "from"\n'
    more += 'cancelled_at = "to"\n'
    files["s.csv"] = table("id,from,to", ["c1,2025-01-01,"])  # no one cancelled
    files["responses.csv"] = responses(GOOD)  # bare dates have no hour to be mistaken
    found = Case("13", files, more=more).read(tmp_path).date_only
    assert found == {("responses", "answered_at"), ("subscriptions", "started_at")}


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        ("05.01.26", "year of two digits"),
        ("05 Jan 2026", "name of a month"),
        ("46036", "serial numbers"),
        ("20260105", "without separators"),
    ],
)
def test_10_14_a_few_dates_of_another_format_are_refused(
    odd: str, words: str, tmp_path: Path
) -> None:
    written = ["2026-01-20"] * 199 + [odd]
    with pytest.raises(cx.CxroiError, match=words) as caught:
        Case("10", {"orders.csv": orders(["1"] * 200, written)}).read(tmp_path)
    assert "data row 200" in str(caught.value)


@pytest.mark.parametrize("odd", ["n/k", "2026-02-30"])
def test_10_a_cell_that_is_no_date_is_set_aside_by_its_row(odd: str, tmp_path: Path) -> None:
    written = ["2026-01-20"] * 199 + [odd]
    tables = Case("10", {"orders.csv": orders(["1"] * 200, written)}).read(tmp_path)
    assert entries(tables, "set aside") == {
        "ordered_at is not a date (data row 200 in line 201)": 1
    }


def test_15_refunds_are_told_of(tmp_path: Path) -> None:
    tables = Case("15", {"orders.csv": orders(["10", "-4"] * 30)}).read(tmp_path)
    reason = "30 orders have negative amounts (refunds): netted against spend, no purchase"
    assert entries(tables, "warning") == {reason: 30}


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([1, 2, 3, 4, 5, 6, 7] * 10, "no answer above 7"),
        ([0, 1, 2, 3, 4, 5] * 40 + [7], "no answer above 7"),
    ],
)
def test_05_scales_that_end_below_8_are_no_nps(
    scores: list[object], words: str, tmp_path: Path
) -> None:
    with pytest.raises(cx.CxroiError, match=words):
        Case("5", {"responses.csv": responses(scores)}).read(tmp_path)


def test_04_one_stray_zero_does_not_hide_a_scale_of_1_to_11(tmp_path: Path) -> None:
    scores: list[object] = [*list(range(1, 12)) * 20, 0]
    with pytest.raises(cx.CxroiError, match=r"11 .20 rows. and only 1 times 0"):
        Case("4", {"responses.csv": responses(scores)}).read(tmp_path)


@pytest.mark.parametrize("column", ["Status", "distributionchannel"])
@pytest.mark.parametrize("word", ["preview", "PREVIEW "])
def test_28_previews_outside_qualtrics(column: str, word: str, tmp_path: Path) -> None:
    lines = [f"c{i},9,2026-01-15,{word if i < 4 else 'complete'}" for i in range(60)]
    case = Case("28", {"responses.csv": table(f"id,nps,day,{column}", lines)})
    reason = f"a preview or test answer by its {column}"
    assert entries(case.read(tmp_path), "set aside") == {reason: 4}


STATUS = table("id,nps,day,state", [f"c{i},9,2026-01-15,Live" for i in range(60)])


def test_28_keep_that_matches_no_row_is_refused(tmp_path: Path) -> None:
    case = Case("28", {"responses.csv": STATUS})
    case.responses += 'keep = {state = ["live"]}\n'
    with pytest.raises(cx.CxroiError, match=r"is left after keep.*Did you mean 'Live'"):
        case.read(tmp_path)


def test_28_drop_that_matches_no_row_is_a_warning(tmp_path: Path) -> None:
    case = Case("28", {"responses.csv": STATUS})
    case.responses += 'drop = {state = ["Lvie"]}\n'
    (warning,) = case.read(tmp_path).ledger.warnings
    assert "names 'Lvie', which column 'state' does not hold. Did you mean 'Live'" in warning


def test_37_a_value_of_keep_is_not_answered_with_rare_or_long_cells(tmp_path: Path) -> None:
    cells = ["anna@x.org"] * 9 + ["4711000"] * 9 + ["a comment that is long"] * 9 + ["rare"] * 2
    lines = [f"c{i},9,2026-01-15,{cell}" for i, cell in enumerate([*cells, *["Live"] * 31])]
    case = Case("37", {"responses.csv": table("id,nps,day,state", lines)})
    case.responses += 'drop = {state = ["zzz"]}\n'
    (warning,) = case.read(tmp_path).ledger.warnings
    assert warning.endswith("Valid: Live.")


def test_39_attributes_that_differ_in_case_alone_are_refused(tmp_path: Path) -> None:
    content = table("id,seg,SEG", [f"c{i},a,b" for i in range(60)])
    more = CUSTOMERS + 'attributes = ["seg", "SEG"]\n'
    with pytest.raises(cx.CxroiError, match="'seg' and 'SEG' differ"):
        Case("39", {"customers.csv": content}, more=more).read(tmp_path)


def test_37_40_currencies_are_named_only_where_they_are_codes(tmp_path: Path) -> None:
    lines = [f"c{i},2026-01-05,1,secret{i}" for i in range(60)]
    case = Case("40", {"orders.csv": table("id,day,amount,cur", lines)})
    case.orders += 'currency = "cur"\n'
    with pytest.raises(cx.CxroiError, match="60 currencies; amounts") as caught:
        case.read(tmp_path)
    assert "secret" not in str(caught.value).lower()


@pytest.mark.parametrize(
    ("weights", "words"),
    [(["0"] * 60, "no weight above zero"), (["1"] * 59 + ["-1"], "negative weights")],
)
def test_weights_that_cannot_be(weights: list[str], words: str, tmp_path: Path) -> None:
    with pytest.raises(cx.CxroiError, match=words):
        weighted(weights).read(tmp_path)


def weighted(weights: list[str]) -> Case:
    lines = [f"c{i},9,2026-01-15,{w}" for i, w in enumerate(weights)]
    case = Case("w", {"responses.csv": table("id,nps,day,w", lines)})
    case.responses += 'weight = "w"\n'
    return case


def test_a_weight_that_outweighs_all_others_is_told_of(tmp_path: Path) -> None:
    assert not weighted(["2"] * 59 + ["2000"]).read(tmp_path).ledger.warnings
    (warning,) = weighted(["2"] * 59 + ["2001"]).read(tmp_path).ledger.warnings
    assert warning.startswith("1 weight of more than 1,000 times the median")


def test_01_repeats_and_contradictions_are_told_apart(tmp_path: Path) -> None:
    content = table("id,seg", ["c1,a", "c2,b", "c1,a", "c2,x", "c2,y", *["c3,z"] * 3])
    more = CUSTOMERS + 'attributes = ["seg"]\n'
    with pytest.raises(cx.CxroiError, match=r"5 rows more.*: 3 repeat .*, 2 contradict one"):
        Case("1", {"customers.csv": content}, more=more).read(tmp_path)


def _toml(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_problems_of_all_tables_are_raised_together(tmp_path: Path) -> None:
    case = Case(
        "all", {"orders.csv": orders(["12,50"] * 60), "responses.csv": responses([12] * 60)}
    )
    with pytest.raises(cx.CxroiError) as caught:
        case.read(tmp_path)
    assert "2 problems found" in str(caught.value)


@pytest.mark.parametrize("role", ["responses", "orders"])
def test_every_row_is_accounted_for(role: str, tmp_path: Path) -> None:
    files = {
        "orders.csv": orders(
            ["1", "", "x"] + ["2"] * 400, ids=["", "c1", "c2", *(f"c{i}" for i in range(400))]
        ),
        "responses.csv": responses(["", 12, *[0, 9] * 200]),
    }
    tables = Case("ledger", files).read(tmp_path)
    kept = rows(tables, f"SELECT count(*) FROM clean_{role}")[0][0]
    assert tables.ledger.rows(role, "read") == tables.ledger.rows(role, "set aside") + kept


def test_05_a_survey_without_promoters_may_still_be_nps(tmp_path: Path) -> None:
    tables = Case("5", {"responses.csv": responses([8, 2] * 15)}).read(tmp_path)
    assert not entries(tables, "set aside")
