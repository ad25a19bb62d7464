"""Orders: totals on each line, prices times quantities, cents, and a status nobody declared.

Each rule holds in every kind of file.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import cxroi as cx
from cxroi.errors import StudyError

STUDY = """
[study]
name = "Lines"
currency = "{currency}"
complete_until = 2026-06-30
[tables.responses]
customer = "id"
score = "nps"
answered_at = "at"
[tables.orders]
{place}
customer = "id"
ordered_at = "at"
amount = "amount"
{keys}
[windows]
baseline_days = 30
outcome_days = 30
"""
ANSWERS = pd.DataFrame({"id": [f"c{i}" for i in range(12)], "nps": 9, "at": "2026-01-15"})
KINDS = ("csv", "xlsx", "parquet", "duckdb", "sqlite", "frame")


def place(frame: pd.DataFrame, kind: str, folder: Path, monkeypatch) -> str:
    """Write a table out in a kind of file; return what the study says of where it is."""
    if kind == "csv":
        frame.to_csv(folder / "orders.csv", index=False)
    elif kind == "xlsx":
        frame.to_excel(folder / "orders.xlsx", index=False)
    elif kind == "sqlite":
        pytest.importorskip("adbc_driver_sqlite")
        with sqlite3.connect(folder / "shop.db") as connection:
            frame.to_sql("orders", connection, index=False)
        monkeypatch.setenv("SHOP", f"sqlite:///{folder}/shop.db")
        return 'database = "SHOP"\ntable = "orders"'
    elif kind in ("parquet", "duckdb"):
        name = folder / f"orders.{kind}"
        with duckdb.connect(str(name) if kind == "duckdb" else ":memory:") as connection:
            connection.execute("CREATE TABLE orders AS SELECT * FROM frame")
            if kind == "parquet":
                connection.execute(f"COPY orders TO '{name}'")
    of_file = 'table = "orders"' if kind == "duckdb" else ""
    return "" if kind == "frame" else f'path = "orders.{kind}"\n{of_file}'


def read(
    frame: pd.DataFrame, keys: str, folder: Path, monkeypatch=None, kind="frame", currency="EUR"
) -> cx.Tables:
    where = place(frame, kind, folder, monkeypatch)
    study = STUDY.format(place=where, keys=keys, currency=currency)
    (folder / "study.toml").write_text(study, encoding="utf-8")
    frames = {"responses": ANSWERS} | ({"orders": frame} if kind == "frame" else {})
    return cx.read_tables(cx.load_study(folder / "study.toml"), frames=frames)


def held(tables: cx.Tables, what: str = "count(*), sum(amount)") -> tuple:
    return tables.connection.execute(f"SELECT {what} FROM clean_orders").fetchall()[0]


def told(tables: cx.Tables) -> list[str]:
    entries = tables.ledger.entries
    return [e.reason for e in entries if (e.table, e.action) == ("orders", "warning")]


def lines(orders: int = 12, alike: int = 12) -> pd.DataFrame:
    """Two lines an order: of 7 each in the first orders, of 7 and 8 in the rest."""
    rows = [
        {"id": f"c{i}", "no": f"A{i}", "at": f"2026-01-2{i % 9}", "amount": amount, "sku": j}
        for i in range(orders)
        for j, amount in enumerate((7.0, 7.0 if i < alike else 8.0))
    ]
    return pd.DataFrame(rows)


ID = 'id = "no"\n'


@pytest.mark.parametrize("kind", KINDS)
def test_an_amount_on_every_line_is_asked_about(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = r"same amount on every line in 12 of 12 orders .*lines = \"total\".*lines = \"each\""
    with pytest.raises(cx.CxroiError, match=asked):
        read(lines(), ID, tmp_path, monkeypatch, kind)


@pytest.mark.parametrize(("declared", "total"), [("total", 12 * 7.0), ("each", 12 * 14.0)])
def test_the_declaration_decides(declared: str, total: float, tmp_path: Path) -> None:
    tables = read(lines(), f'{ID}lines = "{declared}"', tmp_path)
    assert held(tables) == (12, total)
    assert tables.ledger.rows("orders", "set aside") == 12


@pytest.mark.parametrize(
    ("frame", "total"),
    [
        (lines(9, 9), 9 * 14.0),  # too few to tell
        (lines(12, 11), 11 * 14.0 + 15.0),  # one in twelve differs
        (lines().drop_duplicates("no"), 12 * 7.0),  # no order has several
    ],
)
def test_lines_that_differ_or_are_few_are_added_up(
    frame: pd.DataFrame, total: float, tmp_path: Path
) -> None:
    assert held(read(frame, ID, tmp_path), "sum(amount)") == (total,)


def test_a_refund_or_another_day_hides_no_total(tmp_path: Path) -> None:
    """Totals on lines that were sent on different days, some of them refunded."""
    frame = lines()
    frame.loc[frame["sku"] == 1, "at"] = "2026-02-10"
    back = lines()[:6].assign(amount=-7.0, at="2026-03-01")
    whole = pd.concat([frame, back])
    with pytest.raises(cx.CxroiError, match="same amount on every line in 12 of 12 orders"):
        read(whole, ID, tmp_path)
    tables = read(whole, ID + 'lines = "total"', tmp_path)
    # 12 totals of 7, and one refund of 7 of each of three orders, whose lines hold it as well.
    assert held(tables) == (15, 12 * 7.0 - 3 * 7.0)
    assert held(tables, "count_if(undone_at IS NULL)") == (9,)


def test_lines_declared_totals_that_differ_are_refused(tmp_path: Path) -> None:
    with pytest.raises(cx.CxroiError, match="in no more than 6 of 12 orders"):
        read(lines(12, 6), ID + 'lines = "total"', tmp_path)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ('lines = "total"', "no id is declared"),
        (ID + 'lines = "totals"', "Did you mean 'total'"),
        (ID + 'lines = "total"\nquantity = "sku"', "quantity is declared"),
        ('amount_in = "cent"', "Did you mean 'cents'"),
        ('amount_in = "USD"', "billions, or in the study's currency"),
    ],
)
def test_declarations_that_contradict_are_refused(keys: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=words):
        read(lines(), keys, tmp_path)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_repeats_without_a_number_are_asked_about(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(cx.CxroiError, match=r"12 of 24 rows .* \(50 %\) repeat another"):
        read(lines(), "", tmp_path, monkeypatch, kind)


def test_repeats_without_a_number_may_be_purchases(tmp_path: Path) -> None:
    assert held(read(lines(), 'lines = "each"', tmp_path)) == (24, 24 * 7.0)
    assert held(read(lines(12, 6), "", tmp_path)) == (24, 18 * 7.0 + 6 * 8.0)


PRICED = pd.DataFrame(
    {
        "id": ["c0", "c0", "c1", "c2"],
        "no": ["1", "1", "2", "3"],
        "at": "2026-01-20",
        "amount": ["2.50", "4", "10", "3"],
        "qty": ["2", "1", "-1", ""],
    }
)


@pytest.mark.parametrize("kind", KINDS)
def test_prices_are_multiplied_by_quantities(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = read(PRICED, ID + 'quantity = "qty"', tmp_path, monkeypatch, kind)
    assert held(tables) == (2, 2 * 2.5 + 4 - 10)
    assert tables.ledger.rows("orders", "set aside") == 2  # a second line, a blank quantity
    assert told(tables) == [
        "1 order has a negative amount (refunds): netted against spend, no purchase"
    ]


def test_a_refund_that_is_negative_twice_is_refused(tmp_path: Path) -> None:
    twice = PRICED.assign(amount=["2.50", "4", "-10", "3"])
    with pytest.raises(cx.CxroiError, match="quantity are both below zero"):
        read(twice, ID + 'quantity = "qty"', tmp_path)


@pytest.mark.parametrize(
    ("currency", "total"), [("EUR", 24 * 0.07), ("JPY", 24 * 7.0), ("KWD", 24 * 0.007)]
)
def test_cents_are_of_their_currency(currency: str, total: float, tmp_path: Path) -> None:
    keys = ID + 'lines = "each"\namount_in = "cents"'
    tables = read(lines(), keys, tmp_path, currency=currency)
    assert held(tables, "sum(amount)") == pytest.approx((total,))
    cells = [e.rows for e in tables.ledger.entries if "cents, divided by" in e.reason]
    assert cells == ([] if currency == "JPY" else [24])


def test_cents_times_quantity(tmp_path: Path) -> None:
    tables = read(PRICED, ID + 'quantity = "qty"\namount_in = "cents"', tmp_path)
    assert held(tables, "sum(amount)") == pytest.approx(((2 * 2.5 + 4 - 10) / 100,))


@pytest.mark.parametrize("header", ["amount_cents", "Betrag_ct"])
def test_a_column_that_sounds_like_cents_is_asked_about(header: str, tmp_path: Path) -> None:
    frame = lines().rename(columns={"amount": header})
    keys = ID + 'lines = "each"'

    def read_cents(more: str) -> cx.Tables:
        study = STUDY.format(place="", keys=keys + more, currency="EUR")
        study = study.replace('amount = "amount"', f'amount = "{header}"')
        (tmp_path / "study.toml").write_text(study)
        frames = {"responses": ANSWERS, "orders": frame}
        return cx.read_tables(cx.load_study(tmp_path / "study.toml"), frames=frames)

    with pytest.raises(cx.CxroiError, match=f"{header!r}, which sounds like cents"):
        read_cents("")
    assert held(read_cents('\namount_in = "cents"'), "sum(amount)") == pytest.approx((1.68,))
    assert held(read_cents('\namount_in = "EUR"'), "sum(amount)") == (168.0,)


STATUS = pd.DataFrame(
    {
        "id": [f"c{i}" for i in range(8)],
        "at": "2026-01-20",
        "amount": [float(i + 1) for i in range(8)],
        "Financial Status": [
            "paid",
            "Voided",
            "voided ",
            "refunded",
            "paid",
            "Pending",
            "",
            "sold",
        ],
    }
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_status_that_nobody_declared_is_told_of(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = read(STATUS, "", tmp_path, monkeypatch, kind)
    [said] = told(tables)
    begin = "4 rows count as orders though column 'Financial Status' of [tables.orders] says"
    assert said.startswith(begin)
    drop = 'drop = {"Financial Status" = ["Pending", "Voided", "refunded", "voided"]}'
    assert f"add {drop} to [tables.orders]" in said
    dropped = read(STATUS, drop, tmp_path)  # the line as it stands
    assert held(dropped) == (4, 1.0 + 5.0 + 7.0 + 8.0)
    assert not told(dropped)


@pytest.mark.parametrize("header", ["state", "paymentStatus", "note"])
def test_which_headers_are_a_status(header: str, tmp_path: Path) -> None:
    frame = STATUS.rename(columns={"Financial Status": header})
    assert len(told(read(frame, "", tmp_path))) == 1
    assert not told(read(frame.assign(**{header: "Texas"}), "", tmp_path))


@pytest.mark.parametrize(
    ("header", "back", "sold"),
    [
        ("Transaction Type", "Refund", "Sale"),
        ("Belegart", "Gutschrift", "Rechnung"),
        ("is_refund", "true", "false"),
        ("voided", "Y", "N"),
    ],
)
def test_rows_of_money_that_goes_back_are_told_of(header, back, sold, tmp_path: Path) -> None:
    frame = STATUS.drop(columns="Financial Status").assign(**{header: [sold] * 5 + [back] * 3})
    [said] = told(read(frame, "", tmp_path))
    assert said.startswith(f"3 rows count as orders though column {header!r} of [tables.orders]")
    below = frame.assign(amount=[*frame["amount"][:5], -1.0, -2.0, -3.0])
    [only] = told(read(below, "", tmp_path))  # which lower spend as they are
    assert "3 orders have negative amounts" in only
    key = header if "_" in header or " " not in header else f'"{header}"'
    assert not told(read(frame, f'drop = {{{key} = ["{back}"]}}', tmp_path))
    assert not told(read(frame.assign(**{header: "one-way"}), "", tmp_path))


def test_a_status_of_parts_is_left_alone(tmp_path: Path) -> None:
    parts = STATUS.drop(columns="Financial Status").assign(status=[["voided"]] * 8)
    assert not told(read(parts, "", tmp_path, kind="parquet"))


def test_a_quantity_that_nobody_declared_is_told_of(tmp_path: Path) -> None:
    frame = lines(12, 0).rename(columns={"amount": "Unit Price", "sku": "Quantity"})
    study = STUDY.format(place="", keys=ID, currency="EUR").replace('"amount"', '"Unit Price"')
    (tmp_path / "study.toml").write_text(study)

    def read_quantities(values: list[int]) -> list[str]:
        frames = {"responses": ANSWERS, "orders": frame.assign(Quantity=values)}
        return told(cx.read_tables(cx.load_study(tmp_path / "study.toml"), frames=frames))

    [said] = read_quantities([1, 3] * 12)
    assert "'Quantity' of [tables.orders] is not 1 (12 rows, 50 %) and not read" in said
    assert 'add quantity = "Quantity"' in said
    assert not read_quantities([1] * 24)
