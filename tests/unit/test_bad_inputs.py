"""What real files do to this analysis: one case per line of the list that concerns reading.

The numbers are those of the project's list of bad inputs. A case is a study of a few small CSV
files; the expected answer is a refusal that says certain words, or a table and ledger that hold
certain rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

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

    def read(self, folder: Path) -> cx.Tables:
        files = {"responses.csv": responses(GOOD), "orders.csv": GOOD_ORDERS, **self.files}
        for name, content in files.items():
            (folder / name).write_bytes(content)
        study = HEAD + self.scale + self.responses + self.orders + self.more
        (folder / "study.toml").write_text(study)
        return cx.read_tables(cx.load_study(folder / "study.toml"))


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
        ["60 of 60 customers who answered"],
    ),
    (
        Case("20", {"orders.csv": orders(["1"] * 2, ids=["1.23E+15", "c1"])}),
        ["1.23E+15", "data row 1"],
    ),
    (
        Case(
            "20",
            {
                "responses.csv": table("id,nps,day", [f"00{i},9,2026-01-05" for i in range(9)]),
                "orders.csv": orders(["1"] * 9, ids=[str(i) for i in range(9)]),
            },
        ),
        ["leading zeros", "[tables.orders]"],
    ),
    (Case("25", {"orders.csv": "id,day,amount\n".encode("utf-16")}), ["UTF-16"]),
    (
        Case("25", {"orders.csv": b"id,day,amount,n\nc1,2026-01-05,1,caf\xe9\n"}),
        ["Latin-1", "line 2"],
    ),
    (Case("26", {"orders.csv": b""}), ["orders.csv", "is empty"]),
    (Case("26", {"orders.csv": b"id,day,amount\n"}), ["header and no rows"]),
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
    tables = Case("12", {"orders.csv": orders(["1"] * 60, written * 20)}).read(tmp_path)
    held = rows(tables, "SELECT ordered_at::VARCHAR FROM clean_orders ORDER BY row LIMIT 3")
    assert held == [
        ("2026-01-05 08:00:00",),
        ("2026-01-05 10:00:00",),
        ("2026-01-05 15:00:00.5",),
    ]
    assert ("orders", "ordered_at") not in tables.date_only


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
    content = table("id,region", ["c1,NA", "c2,EU", "c3,"])
    case = Case("24", {"customers.csv": content}, more=CUSTOMERS + 'attributes = ["region"]\n')
    tables = case.read(tmp_path)
    held = rows(tables, "SELECT attr_region FROM clean_customers ORDER BY row")
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
    content = table(f"id,{quoted}", ["c1,5", "c2,6"])
    more = CUSTOMERS + f"attributes = ['''{name}''']\n"
    more += f"keep = {{{_toml(name)} = ['5', '6']}}\n"
    tables = Case("39", {"customers.csv": content}, more=more).read(tmp_path)
    column = '"attr_' + name.replace('"', '""') + '"'
    assert rows(tables, f"SELECT sum({column}) FROM clean_customers") == [(11.0,)]


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
