"""Clean tables of whole studies, held to figures computed apart."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

import pytest

import cxroi as cx
from cxroi.errors import OutOfMemoryError
from cxroi.reading import table_loading
from cxroi.reading import tables as module

SHARED = Path(__file__).parents[4] / "shared" / "data"
SFO, OLIST = SHARED / "sfo_survey", SHARED / "olist_sample"

FLAT = """
[study]
name = "airport"
[tables.customers]
path = "{path}"
customer = "RESPNUM"
score = "NETPRO"
weight = "WEIGHT"
attributes = ["DESTGEO", "AIRLINE"]
[scale]
kind = "nps"
missing = [11]
[outcomes.columns.store]
column = "Q4STORE"
kind = "yes_no"
yes = [1]
no = [2]
missing = [0, 3]
"""

DATED = """
[study]
name = "marketplace"
complete_until = 2018-08-31
[tables.purchases]
path = "{folder}/olist_orders_dataset.csv"
[tables.people]
path = "{folder}/olist_customers_dataset.csv"
[tables.responses]
path = "{folder}/olist_order_reviews_dataset.csv"
via = ["purchases.order_id", "people.customer_id"]
customer = "customer_unique_id"
score = "review_score"
answered_at = "review_answer_timestamp"
attributes = ["customer_state"]
derive = {{late = {{from = "order_estimated_delivery_date", to = "order_delivered_customer_date"}}}}
[tables.orders]
path = "{folder}/olist_order_items_dataset.csv"
via = ["purchases.order_id", "people.customer_id"]
customer = "customer_unique_id"
id = "order_id"
amount = "price"
ordered_at = "order_purchase_timestamp"
[scale]
kind = "csat"
[windows]
baseline_days = 90
outcome_days = 90
"""


EVERYTHING = """
[study]
name = "shop"
complete_until = 2026-12-31
[tables.customers]
path = "people.csv"
customer = "id"
attributes = ["area"]
[tables.buyers]
path = "buyers.csv"
[tables.responses]
path = "answers.csv"
customer = "id"
score = "score"
answered_at = "day"
duplicates = "drop"
[tables.orders]
path = "sales.csv"
via = ["buyers.sale"]
customer = "id"
ordered_at = "day"
amount = "eur"
[windows]
baseline_days = 30
outcome_days = 30
"""


def read(folder: Path, study: str) -> cx.Tables:
    (folder / "study.toml").write_text(study)
    return cx.read_tables(cx.load_study(folder / "study.toml"))


def rows(tables: cx.Tables, statement: str) -> list[tuple]:
    return tables.connection.execute(statement).fetchall()


def balanced(tables: cx.Tables, role: str) -> bool:
    kept = rows(tables, f"SELECT count(*) FROM {tables.relation(role)}")[0][0]
    return tables.ledger.rows(role, "read") == tables.ledger.rows(role, "set aside") + kept


@pytest.mark.parametrize(
    ("year", "answers", "nps", "weighted"),
    [(2017, 2746, 39.84, 40.40), (2018, 2650, 30.98, 35.11)],
)
def test_airport_survey(
    year: int, answers: int, nps: float, weighted: float, tmp_path: Path
) -> None:
    """Figures computed with pandas alone, in the README of the shared data."""
    path = SFO / f"{year}_SFO_Customer_Survey.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the checkout")
    tables = read(tmp_path, FLAT.format(path=path))
    point = "CASE WHEN score >= 9 THEN 100 WHEN score <= 6 THEN -100 ELSE 0 END"
    statement = (
        f"SELECT count(*), avg({point}), sum(weight * {point}) / sum(weight) FROM clean_customers"
    )
    found = rows(tables, statement)[0]
    assert found[0] == answers
    assert found[1:] == (pytest.approx(nps, abs=0.005), pytest.approx(weighted, abs=0.005))
    assert balanced(tables, "customers")
    assert tables.sources[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_airport_shops(tmp_path: Path) -> None:
    """Share that bought in a store by group, 2017, from the README of the shared data."""
    path = SFO / "2017_SFO_Customer_Survey.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the checkout")
    study = FLAT.format(path=path).replace("missing = [0, 3]", "missing = []")
    study = study.replace("no = [2]", "no = [0, 2, 3]")
    tables = read(tmp_path, study)
    group = "CASE WHEN score >= 9 THEN 3 WHEN score <= 6 THEN 1 ELSE 2 END"
    statement = f"SELECT avg(store_after) FROM clean_customers GROUP BY {group} ORDER BY {group}"
    shares = [row[0] for row in rows(tables, statement)]
    assert shares == pytest.approx([0.368, 0.394, 0.398], abs=0.0005)


@pytest.fixture(scope="module")
def olist(tmp_path_factory: pytest.TempPathFactory) -> cx.Tables:
    if not OLIST.exists():
        pytest.skip("olist_sample is not beside the checkout")
    return read(tmp_path_factory.mktemp("olist"), DATED.format(folder=OLIST))


def records(name: str) -> list[dict[str, str]]:
    with (OLIST / f"olist_{name}_dataset.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_marketplace_is_looked_up_to_the_person(olist: cx.Tables) -> None:
    """The same joins done with dictionaries."""
    person = {r["customer_id"]: r["customer_unique_id"] for r in records("customers")}
    bought = {r["order_id"]: r for r in records("orders")}
    spent: dict[tuple[str, str], float] = defaultdict(float)
    for item in records("order_items"):
        order = bought[item["order_id"]]
        spent[person[order["customer_id"]], item["order_id"]] += float(item["price"])
    found = rows(olist, "SELECT customer, id, amount, ordered_at FROM clean_orders")
    assert {(c, i): pytest.approx(a) for c, i, a, _ in found} == spent
    for _, order, _, at in found:
        assert at == dt.datetime.fromisoformat(bought[order]["order_purchase_timestamp"])
    late = 0
    for review in records("order_reviews"):
        order = bought[review["order_id"]]
        if order["order_delivered_customer_date"]:
            ends = [
                order[f"order_{k}_date"][:10] for k in ("estimated_delivery", "delivered_customer")
            ]
            late += ends[1] > ends[0]
    statement = "SELECT count_if(attr_late > 0), count(*) FROM clean_responses"
    assert rows(olist, statement) == [(late, len(records("order_reviews")))]


def test_marketplace_ledger_balances(olist: cx.Tables) -> None:
    assert balanced(olist, "responses")
    assert balanced(olist, "orders")
    assert {s.table: s.rows for s in olist.sources}["people"] == 15000


SMALL = """
[study]
name = "small"
complete_until = 2026-06-30
[tables.responses]
path = "responses.csv"
customer = "id"
score = "nps"
answered_at = "day"
{responses}
[tables.orders]
path = "orders.csv"
customer = "id"
ordered_at = "day"
amount = "amount"
{orders}
{more}
[windows]
baseline_days = 30
outcome_days = 30
"""


def small(folder: Path, files: dict[str, str], **parts: str) -> cx.Tables:
    default = {
        "responses.csv": "id,nps,day\na,9,2026-01-05\nb,7,2026-01-06\n",
        "orders.csv": "id,day,amount,no,kind\na,2026-01-07,5,1,x\nb,2026-01-08,6,2,y\n",
    }
    for name, content in {**default, **files}.items():
        (folder / name).write_text(content)
    keys = {"responses": "", "orders": "", "more": ""}
    return read(folder, SMALL.format(**{**keys, **parts}))


def test_lines_of_one_order_and_day_are_added_up(tmp_path: Path) -> None:
    content = "id,day,amount,no\na,2026-01-09,5,1\nb,2026-01-08,6,2\na,2026-01-09,7,1\n"
    content += "a,2026-01-12,-5,1\na,2026-01-10,1,\na,2026-01-10,2,\nb,2026-01-11,3,2\n"
    tables = small(tmp_path, {"orders.csv": content}, orders='id = "no"')
    found = rows(
        tables,
        "SELECT row, customer, amount, ordered_at::DATE::VARCHAR FROM clean_orders ORDER BY row",
    )
    assert found == [
        (0, "a", 12.0, "2026-01-09"),
        (1, "b", 6.0, "2026-01-08"),
        (3, "a", -5.0, "2026-01-12"),
        (4, "a", 1.0, "2026-01-10"),
        (5, "a", 2.0, "2026-01-10"),
        (6, "b", 3.0, "2026-01-11"),
    ]
    assert balanced(tables, "orders")
    assert [e.rows for e in tables.ledger.entries if "of another day" in e.reason] == [1]


def test_lines_that_repeat_word_for_word_are_told_of(tmp_path: Path) -> None:
    head = "id,day,amount,no,item\n"
    lines = "a,2026-01-09,5,1,x\na,2026-01-09,5,1,x\na,2026-01-09,5,1,y\nb,2026-01-09,5,2,x\n"
    tables = small(tmp_path, {"orders.csv": head + lines}, orders='id = "no"')
    assert tables.ledger.warnings == (
        "1 order line repeats another word for word: exported twice? duplicates = 'drop' in "
        "[tables.orders] sets such rows aside",
    )
    assert rows(tables, "SELECT sum(amount) FROM clean_orders") == [(20.0,)]


def test_a_filter_may_name_a_column_of_a_lookup_table(tmp_path: Path) -> None:
    files = {
        "orders.csv": "no,day,amount\n1,2026-01-07,5\n2,2026-01-08,6\n1,2026-01-09,7\n",
        "people.csv": "no,id,state\n1,a,done\n2,b,canceled\n",
    }
    keys = 'via = ["people.no"]\ndrop = {state = ["canceled"]}'
    tables = small(tmp_path, files, orders=keys, more=LOOKUP)
    assert rows(tables, "SELECT sum(amount) FROM clean_orders") == [(12.0,)]
    assert [e.rows for e in tables.ledger.entries if "drop = {state" in e.reason] == [1]
    assert balanced(tables, "orders")
    with pytest.raises(cx.CxroiError, match="Did you mean 'state'"):
        small(tmp_path, files, orders=keys.replace("state", "stat"), more=LOOKUP)


def test_keep_and_drop_are_counted(tmp_path: Path) -> None:
    tables = small(tmp_path, {}, orders='keep = {kind = ["x", "z"]}')
    assert rows(tables, "SELECT customer FROM clean_orders") == [("a",)]
    assert balanced(tables, "orders")
    tables = small(tmp_path, {}, orders="drop = {no = [1]}")
    assert rows(tables, "SELECT customer FROM clean_orders") == [("b",)]
    with pytest.raises(cx.CxroiError, match="Did you mean 'kind'"):
        small(tmp_path, {}, orders='drop = {kindd = ["x"]}')


def test_missing_columns_offer_the_nearest_all_at_once(tmp_path: Path) -> None:
    with pytest.raises(cx.CxroiError) as caught:
        small(tmp_path, {"orders.csv": "id,dya,amout\n", "responses.csv": "id,nsp,day\n"})
    message = str(caught.value)
    assert "5 problems" in message  # and neither table has a row
    for fix in ("Did you mean 'dya'", "Did you mean 'amout'", "Did you mean 'nsp'"):
        assert fix in message


LOOKUP = '[tables.people]\npath = "people.csv"\n'


def test_rows_without_a_partner_are_set_aside(tmp_path: Path) -> None:
    files = {
        "responses.csv": "key,nps,day\n1,9,2026-01-05\n2,7,2026-01-06\n9,7,2026-01-06\n",
        "people.csv": "key,id\n1,a\n2,b\n2,b\n",
    }
    tables = small(tmp_path, files, responses='via = ["people.key"]', more=LOOKUP)
    assert rows(tables, "SELECT customer FROM clean_responses ORDER BY row") == [("a",), ("b",)]
    assert balanced(tables, "responses")
    assert tables.ledger.rows("people", "repaired") == 1


def test_a_lookup_key_that_is_not_unique_is_refused(tmp_path: Path) -> None:
    files = {"responses.csv": "key,nps,day\n1,9,2026-01-05\n", "people.csv": "key,id\n1,a\n1,b\n"}
    with pytest.raises(cx.CxroiError, match="1 rows more than it has different 'key'"):
        small(tmp_path, files, responses='via = ["people.key"]', more=LOOKUP)


def test_attributes_are_numbers_only_where_every_cell_is_one(tmp_path: Path) -> None:
    content = "id,nps,day,age,code\na,9,2026-01-05,41,7\nb,7,2026-01-06,,x\n"
    tables = small(tmp_path, {"responses.csv": content}, responses='attributes = ["age", "code"]')
    assert rows(tables, "SELECT attr_age, attr_code FROM clean_responses ORDER BY row") == [
        (41.0, "7"),
        (None, "x"),
    ]
    assert tables.date_only == {("responses", "answered_at"), ("orders", "ordered_at")}


def test_cancelled_subscriptions(tmp_path: Path) -> None:
    more = '[tables.subscriptions]\npath = "s.csv"\ncustomer = "id"\nstarted_at = "from"\n'
    more += 'cancelled_at = "to"\n'
    content = "id,from,to\na,2025-01-01,\nb,2025-02-01,2026-02-01\n,2025-01-01,\n"
    tables = small(tmp_path, {"s.csv": content}, more=more)
    found = rows(
        tables, "SELECT customer, cancelled_at::VARCHAR FROM clean_subscriptions ORDER BY row"
    )
    assert found == [("a", None), ("b", "2026-02-01 00:00:00")]
    assert balanced(tables, "subscriptions")


YES_NO = """
[study]
name = "flat"
[tables.customers]
path = "c.csv"
customer = "id"
score = "nps"
[outcomes.columns.again]
column = "again"
kind = "yes_no"
{codes}
[outcomes.columns.spend]
column = "now"
baseline = "before"
kind = "amount"
missing = [-9]
"""


@pytest.mark.parametrize(
    ("cells", "codes", "meant"),
    [
        (["1", "0", "", "1"], "", [1, 0, None, 1]),
        (["Yes", "NO", "y", "false"], "", [1, 0, 1, 0]),
        (["1.0", "2", "3", "01"], "yes = [1]\nno = [2]\nmissing = [3]", [1, 0, None, 1]),
        (
            ["Ja ", "nein", "JA", "k.A."],
            'yes = ["ja"]\nno = ["Nein"]\nmissing = ["k.a."]',
            [1, 0, 1, None],
        ),
    ],
)
def test_yes_no_codes(
    cells: list[str], codes: str, meant: list[int | None], tmp_path: Path
) -> None:
    lines = [f"c{i},9,{cell},1,2" for i, cell in enumerate(cells)]
    (tmp_path / "c.csv").write_text("\n".join(["id,nps,again,now,before", *lines]))
    tables = read(tmp_path, YES_NO.format(codes=codes))
    held = rows(tables, "SELECT again_after FROM clean_customers ORDER BY row")
    assert [row[0] for row in held] == meant


def test_codes_that_are_not_declared_are_refused_by_name(tmp_path: Path) -> None:
    cells = ["5"] * 5 + ["rare"] * 4 + ["a@b.org"] * 5 + ["123456"] * 5 + ["such a long text"] * 5
    lines = [f"c{i},9,{cell},1,1" for i, cell in enumerate(cells)]
    (tmp_path / "c.csv").write_text("\n".join(["id,nps,again,now,before", *lines]))
    with pytest.raises(cx.CxroiError, match=r"\(24 rows, 100 %\), '5' \(5 rows\); every"):
        read(tmp_path, YES_NO.format(codes=""))


@pytest.mark.parametrize("code", ["nan", "inf", "k.A."])
def test_missing_codes_that_are_no_numbers(code: str, tmp_path: Path) -> None:
    lines = [f"c{i},9,{cell},{cell},2" for i, cell in enumerate(["1", code, "1"])]
    (tmp_path / "c.csv").write_text("\n".join(["id,nps,again,now,before", *lines]))
    study = YES_NO.format(codes=f'missing = ["{code}"]').replace("[-9]", f'["{code}"]')
    tables = read(tmp_path, study)
    held = rows(tables, "SELECT again_after, spend_after FROM clean_customers ORDER BY row")
    assert held == [(1.0, 1.0), (None, None), (1.0, 1.0)]


def test_outcomes_that_differ_in_case_alone_are_refused(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,nps,again,now,before\na,9,1,1,1\n")
    more = '[outcomes.columns.Spend]\ncolumn = "before"\nkind = "amount"\n'
    with pytest.raises(cx.CxroiError, match="'spend' and 'Spend' differ"):
        read(tmp_path, YES_NO.format(codes="") + more)


def test_a_flat_amount_and_its_baseline(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,nps,again,now,before\na,9,1,7.5,-9\nb,8,0,-9,3\n")
    tables = read(tmp_path, YES_NO.format(codes=""))
    held = rows(tables, "SELECT spend_after, spend_before FROM clean_customers ORDER BY row")
    assert held == [(7.5, None), (None, 3.0)]


RATE = """
[study]
name = "rates"
[tables.customers]
path = "c.csv"
customer = "id"
score = "nps"
[outcomes.columns.left]
column = "now"
kind = "rate"
baseline = "before"
{more}
"""


@pytest.mark.parametrize(
    ("cells", "more", "meant"),
    [
        (["0", "0.125", "1", ""], "", [0, 0.125, 1, None]),
        (["0", "12.5", "100", ""], "percent = true", [0, 0.125, 1, None]),
        (["0", "12.5", "-9", ""], "percent = true\nmissing = [-9]", [0, 0.125, None, None]),
    ],
)
def test_rates_are_shares(
    cells: list[str], more: str, meant: list[float | None], tmp_path: Path
) -> None:
    lines = [f"c{i},9,{cell},{cell}" for i, cell in enumerate(cells)]
    (tmp_path / "c.csv").write_text("\n".join(["id,nps,now,before", *lines]))
    tables = read(tmp_path, RATE.format(more=more))
    held = rows(tables, "SELECT left_after, left_before FROM clean_customers ORDER BY row")
    assert held == [(one, one) for one in meant]


@pytest.mark.parametrize(
    ("cell", "more", "words"),
    [
        ("12", "", r"'before' .* outside 0 to 1 \(1 row.* up to 12\).*percent = true"),
        ("101", "", "outside 0 to 1 .*declare missing"),
        ("101", "percent = true", "outside 0 to 100 .*declare missing"),
        ("-0.1", "percent = true", "outside 0 to 100 .*declare missing"),
    ],
)
def test_rates_outside_their_range_are_refused(
    cell: str, more: str, words: str, tmp_path: Path
) -> None:
    lines = [f"c{i},9,0.5,0.5" for i in range(200)]
    (tmp_path / "c.csv").write_text("\n".join(["id,nps,now,before", *lines, f"x,9,0.5,{cell}"]))
    with pytest.raises(cx.CxroiError, match=words):
        read(tmp_path, RATE.format(more=more))


def test_a_role_without_a_table(tmp_path: Path) -> None:
    with pytest.raises(cx.CxroiError, match="no table for 'returns'"):
        small(tmp_path, {}).relation("returns")


def test_a_memory_limit_that_is_no_size(tmp_path: Path) -> None:
    tables = small(tmp_path, {})
    with pytest.raises(cx.CxroiError, match="'4GB'"):
        cx.read_tables(tables.study, memory_limit="plenty")
    assert cx.read_tables(tables.study, memory_limit="1GB").sources == tables.sources


def test_a_memory_limit_that_is_too_low(tmp_path: Path) -> None:
    """Said once for all tables, and never as a fault of the data."""
    lines = "".join(f"a,2026-01-07,5,{i},{'x' * 40}\n" for i in range(20_000))
    study = small(tmp_path, {"orders.csv": "id,day,amount,no,kind\n" + lines}).study
    for limit in ("1MB", "10KB"):
        with pytest.raises(OutOfMemoryError, match=r"^DuckDB ran out of the memory it may use, 9"):
            cx.read_tables(study, memory_limit=limit)


@pytest.mark.parametrize(
    ("days", "bare"),
    [
        (("2026-01-07", "2026-01-08"), True),
        (("2026-01-07", "2026-01-08 00:00:01"), False),
        (("2026-01-07 00:00:00", ""), True),
    ],
)
def test_columns_of_bare_dates(days: tuple[str, str], bare: bool, tmp_path: Path) -> None:
    lines = "".join(f"a,{day},5,{i},x\n" for i, day in enumerate(days))
    tables = small(tmp_path, {"orders.csv": "id,day,amount,no,kind\n" + lines})
    assert (("orders", "ordered_at") in tables.date_only) is bare


def test_a_column_without_a_date_is_none_of_bare_dates(tmp_path: Path) -> None:
    more = '[tables.subscriptions]\npath = "s.csv"\ncustomer = "id"\nstarted_at = "from"\n'
    more += 'cancelled_at = "to"\n'
    content = "id,from,to\na,2025-01-01 10:00,\nb,2025-02-01,\n"
    tables = small(tmp_path, {"s.csv": content}, more=more)
    assert not [pair for pair in tables.date_only if pair[0] == "subscriptions"]


class Listening:
    """A connection that enters each statement sent to it while no bar is shown."""

    def __init__(self, connection, bars, unseen):
        self.connection, self.bars, self.unseen = connection, bars, unseen

    def __getattr__(self, name):
        return getattr(self.connection, name)

    def execute(self, statement, *values):
        if not self.bars:
            self.unseen.append(statement)
        return self.connection.execute(statement, *values)


# What takes no time however many rows there are.
SHORT = re.compile(
    r'CREATE VIEW|DROP|DESCRIBE|SELECT count\(\*\) FROM "[^"]+"$|'
    r".* LIMIT \d+( OFFSET 0)?\)*( GROUP BY place ORDER BY place)?$|"
    r".* LIMIT \d+ OFFSET \d+\)\) WHERE .* WHERE different <= \d+ ORDER BY place$",
    re.DOTALL,
)


def test_every_statement_that_goes_through_a_table_shows_a_bar_with_its_rows(tmp_path, monkeypatch):
    lines = {
        "answers.csv": ["id,score,day", "1,9,2026-01-05", "2,3,2026-02-05", "2,3,2026-02-05"],
        "sales.csv": ["sale,day,eur", "a,2026-03-01,10", "b,2026-03-02,20"],
        "buyers.csv": ["sale,id", "a,1", "b,2"],
        "people.csv": ["id,area", "1,x", "2,y"],
    }
    for name, several in lines.items():
        (tmp_path / name).write_text("\n".join(several) + "\n")
    bars, shown, unseen = [], {}, []

    @contextmanager
    def watched(share, what, rows):
        shown[what] = rows
        bars.append(what)
        yield
        bars.pop()

    real = module._connect
    monkeypatch.setattr(module, "_connect", lambda *a: Listening(real(*a), bars, unseen))
    monkeypatch.setattr(module, "watched", watched)
    monkeypatch.setattr(table_loading, "watched", watched)
    read(tmp_path, EVERYTHING)
    assert [one for one in unseen if not SHORT.match(one)] == []
    assert shown["Linking the tables"] == 3 + 2 + 2 + 2
    assert shown["Preparing orders"] == shown["Repeats in orders"] == 2
