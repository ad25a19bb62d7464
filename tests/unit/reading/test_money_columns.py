"""Currencies in cells, headers and columns beside the amounts, held to one another."""

from __future__ import annotations

import tomllib
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import cxroi as cx
from cxroi.errors import StudyError
from cxroi.reading.columns.currencies import contradict, minor

FLAT = """
[study]
name = "Flat"
{study}
[tables.customers]
customer = "id"
score = "nps"
{place}
[outcomes.columns.spend]
column = "spend"
kind = "amount"
{keys}
"""
DATED = """
[study]
name = "Dated"
complete_until = 2026-06-30
{study}
[tables.responses]
customer = "id"
score = "nps"
answered_at = "at"
[tables.orders]
customer = "id"
ordered_at = "at"
amount = "spend"
{place}
{keys}
[windows]
baseline_days = 30
outcome_days = 30
"""
EUR = 'currency = "EUR"'
PEOPLE = pd.DataFrame({"id": [f"c{i}" for i in range(12)], "nps": [8, 9, 10] * 4})
BARE = [f"{n}.50" for n in (3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8)]


def signed(pattern: str) -> list[str]:
    return [pattern.format(n) for n in BARE]


def flat(columns: dict, keys: str = "", study: str = EUR, place: str = "", folder=None):
    """Read a flat study of these columns; from a file where one is named."""
    frame = PEOPLE.assign(**columns)
    text = FLAT.format(study=study, keys=keys, place=place)
    return _read(text, {"customers": frame}, place, folder)


def dated(columns: dict, keys: str = "", study: str = EUR, place: str = "", folder=None):
    """Read a dated study whose orders have these columns; from a file where one is named."""
    orders = PEOPLE[["id"]].assign(at="2026-01-20", **columns)
    text = DATED.format(study=study, keys=keys, place=place)
    frames = {"responses": PEOPLE.assign(at="2026-01-15"), "orders": orders}
    return _read(text, frames, place, folder)


def _read(text: str, frames: dict, place: str, folder: Path | None) -> cx.Tables:
    if not place:
        return cx.read_tables(cx.load_study(tomllib.loads(text)), frames=frames)
    name = place.split('"')[1]
    table = "orders" if "orders" in frames else "customers"
    frame = frames.pop(table)
    if name.endswith("csv"):
        frame.to_csv(folder / name, index=False)
    elif name.endswith("xlsx"):
        frame.to_excel(folder / name, index=False)
    else:
        with duckdb.connect(str(folder / name) if name.endswith("duckdb") else "") as connection:
            connection.execute("CREATE TABLE held AS SELECT * FROM frame")
            if name.endswith("parquet"):
                connection.execute(f"COPY held TO '{folder / name}'")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return cx.read_tables(cx.load_study(folder / "study.toml"), frames=frames)


def spent(tables: cx.Tables) -> float:
    table, column = ("orders", "amount") if tables.study.dated else ("customers", "spend_after")
    [(total,)] = tables.connection.execute(f"SELECT sum({column}) FROM clean_{table}").fetchall()
    return float(total)


TOTAL = sum(map(float, BARE))
PLACES = (
    "",
    'path = "t.csv"',
    'path = "t.xlsx"',
    'path = "t.parquet"',
    'path = "t.duckdb"\ntable = "held"',
)


@pytest.mark.parametrize(
    ("read", "place"), [*((dated, place) for place in PLACES), (flat, PLACES[1]), (flat, "")]
)
def test_signs_of_another_currency_are_refused(read, place: str, tmp_path: Path) -> None:
    with pytest.raises(cx.CxroiError, match=r"'spend' .* says \$, \[study\] currency says EUR"):
        read({"spend": signed("${}")}, place=place, folder=tmp_path)


@pytest.mark.parametrize(
    ("pattern", "currency"),
    [("${}", "CAD"), ("{} USD", "usd"), ("{} kr.", "DKK"), ("${} USD", "USD"), ("{}", "EUR")],
)
def test_signs_that_fit_are_read(pattern: str, currency: str) -> None:
    tables = dated({"spend": signed(pattern)}, study=f'currency = "{currency}"')
    assert spent(tables) == pytest.approx(TOTAL)


@pytest.mark.parametrize(
    ("pattern", "currency"), [("{} kr", "EUR"), ("EUR {}", "CHF"), ("${} CAD", "USD")]
)
def test_signs_that_do_not_fit_are_refused(pattern: str, currency: str) -> None:
    with pytest.raises(cx.CxroiError, match=r"says .*, \[study\] currency says"):
        dated({"spend": signed(pattern)}, study=f'currency = "{currency}"')


@pytest.mark.parametrize(
    ("sign", "fits", "others"),
    [
        ("$", "USD CAD AUD NZD SGD HKD MXN $ points", "EUR GBP SEK KES €"),
        ("US$", "USD", "CAD EUR"),
        ("C$", "CAD", "USD AUD"),
        ("R$", "BRL", "USD EUR"),
        ("KR", "SEK NOK DKK ISK sek", "EUR CZK"),
        ("¥", "JPY CNY", "USD KRW"),
        ("£", "GBP EGP", "EUR"),
        ("€", "EUR € eur", "USD $ CHF"),
        ("ZŁ", "PLN", "CZK"),
        ("USD", "USD usd $", "EUR CAD"),
    ],
)
def test_what_a_sign_may_stand_for(sign: str, fits: str, others: str) -> None:
    assert not [code for code in fits.split() if contradict({"spend": [sign]}, code)]
    assert not [code for code in others.split() if not contradict({"spend": [sign]}, code)]


def test_a_baseline_of_another_currency_is_refused() -> None:
    columns = {"spend": signed("${}"), "before": signed("€{}")}
    keys = 'baseline = "before"'
    with pytest.raises(cx.CxroiError, match=r"'spend' .* says \$, .*'before' .* says €\; all"):
        flat(columns, keys, study="")
    both = {**columns, "before": BARE}
    with pytest.raises(cx.CxroiError, match=r"'spend' .* says \$, \[study\]"):
        flat(both, keys)
    assert spent(flat(both, keys, study="")) == pytest.approx(TOTAL)
    with pytest.raises(cx.CxroiError, match=r"'before' .* says €, \[study\]"):
        flat({**columns, "spend": BARE}, keys, study='currency = "USD"')


@pytest.mark.parametrize(
    ("first", "second"), [("${}", "€{}"), ("${}", "C${}"), ("{} USD", "{} CAD")]
)
def test_one_column_of_two_currencies_is_refused(first: str, second: str) -> None:
    mixed = [*signed(first)[:6], *signed(second)[6:]]
    with pytest.raises(cx.CxroiError, match="mixes currencies"):
        dated({"spend": mixed}, study='currency = "CAD"')


@pytest.mark.parametrize(
    ("read", "header"),
    [(flat, "Currency Code"), (dated, "curr_code"), (dated, "Währung"), (dated, "валюта")],
)
def test_an_undeclared_column_of_currencies_is_asked_about(read, header: str) -> None:
    several = {"spend": BARE, header: ["EUR", "usd", " EUR"] * 4}
    with pytest.raises(cx.CxroiError, match="holds 2 currencies: EUR, USD") as caught:
        read(several)
    assert 'amount_in = "EUR"' in str(caught.value)
    with pytest.raises(cx.CxroiError, match=r"says USD, \[study\] currency says EUR"):
        read({**several, header: "usd"})
    assert spent(read({**several, header: "eur"})) == pytest.approx(TOTAL)
    assert spent(read(several, 'amount_in = "EUR"')) == pytest.approx(TOTAL)


@pytest.mark.parametrize("place", PLACES)
def test_an_undeclared_column_of_currencies_in_every_kind_of_file(
    place: str, tmp_path: Path
) -> None:
    columns = {"spend": BARE, "CURRENCY": ["EUR"] * 11 + ["JPY"]}
    with pytest.raises(cx.CxroiError, match="holds 2 currencies: EUR, JPY"):
        dated(columns, place=place, folder=tmp_path)


def test_one_of_several_currencies_may_be_kept() -> None:
    columns = {"spend": BARE, "CURRENCY": ["EUR"] * 11 + ["JPY"]}
    kept = dated(columns, 'keep = {CURRENCY = ["EUR"]}')
    assert spent(kept) == pytest.approx(TOTAL - 8.5)
    with pytest.raises(cx.CxroiError, match=r"says JPY, \[study\] currency says EUR"):
        dated(columns, 'keep = {CURRENCY = ["JPY"]}')


def test_a_declared_column_of_currencies_settles_the_others() -> None:
    columns = {"spend": BARE, "shop": "EUR", "presentment_currency": ["EUR", "USD"] * 6}
    with pytest.raises(cx.CxroiError, match=r"'presentment_currency' .* holds 2 currencies"):
        dated(columns)
    assert spent(dated(columns, 'currency = "shop"')) == pytest.approx(TOTAL)
    assert spent(dated({**columns, "currency": "EUR"})) == pytest.approx(TOTAL)


def test_a_column_of_currencies_contradicts_signs() -> None:
    columns = {"spend": signed("${}"), "currency": "EUR"}
    with pytest.raises(cx.CxroiError, match=r"'currency' .* says EUR, .*'spend' .* says \$"):
        dated(columns, study="")
    assert spent(dated({**columns, "currency": "CAD"}, study="")) == pytest.approx(TOTAL)


@pytest.mark.parametrize("header", ["spend_usd", "spend ($)"])
def test_a_header_of_another_currency_is_refused(header: str) -> None:
    frame = PEOPLE.assign(**{header: BARE})
    study = {
        "study": {"name": "Flat", "currency": "EUR"},
        "tables": {"customers": {"customer": "id", "score": "nps"}},
        "outcomes": {"columns": {"spend": {"column": header, "kind": "amount"}}},
    }
    with pytest.raises(cx.CxroiError, match=r"says (USD|\$), \[study\] currency says EUR"):
        cx.read_tables(cx.load_study(study), frames={"customers": frame})
    study["outcomes"]["columns"]["spend"]["amount_in"] = "EUR"
    assert spent(cx.read_tables(cx.load_study(study), frames={"customers": frame}))
    study["outcomes"]["columns"]["spend"].pop("amount_in")
    study["study"]["currency"] = "USD"
    assert spent(cx.read_tables(cx.load_study(study), frames={"customers": frame}))


def test_cents_of_an_outcome_and_its_baseline() -> None:
    cents = [100 * float(n) for n in BARE]
    columns = {"spend": cents, "before": [2 * n for n in cents]}
    tables = flat(columns, 'baseline = "before"\namount_in = "cents"')
    [(after, before)] = tables.connection.execute(
        "SELECT sum(spend_after), sum(spend_before) FROM clean_customers"
    ).fetchall()
    assert (after, before) == pytest.approx((TOTAL, 2 * TOTAL))
    cells = [e.rows for e in tables.ledger.entries if "cents, divided by 100 to EUR" in e.reason]
    assert cells == [12, 12]


@pytest.mark.parametrize(
    ("keys", "study", "words"),
    [
        ('amount_in = "cents"', "", "has no currency"),
        ('amount_in = "cents"\nbaseline = "spend"', EUR, "is its own column"),
        ('baseline = "spend_in_cents"', EUR, "sounds like cents"),
    ],
)
def test_declarations_of_amounts_that_cannot_be(keys: str, study: str, words: str) -> None:
    with pytest.raises(StudyError, match=words):
        flat({"spend": BARE}, keys, study)


def test_units_of_currencies() -> None:
    """As Stripe's documentation of supported currencies has them."""
    assert [minor(code) for code in ("EUR", "usd", "JPY", "KRW", "KWD", "ISK", "")] == [
        100, 100, 1, 1, 1000, 100, 100
    ]  # fmt: skip


def test_a_symbol_beside_its_own_prefix_needs_the_study_to_tell() -> None:
    columns = {"spend": ["$"], "before": ["C$"]}
    assert contradict(columns, "")
    assert not contradict(columns, "CAD")
    assert contradict(columns, "USD")


@pytest.mark.parametrize("read", [flat, dated])
def test_a_point_before_three_digits_throughout_is_asked_about(read, tmp_path: Path) -> None:
    whole = [*["950", "1.250", "12.400"] * 3, "7", "1.234.567", "2.000"]
    with pytest.raises(cx.CxroiError, match=r"a point and three digits wherever .* decimal = \","):
        read({"spend": whole})
    thousands = 'path = "t.csv"\ndecimal = ","'
    tables = read({"spend": whole}, place=thousands, folder=tmp_path)
    assert spent(tables) == 3 * (950 + 1250 + 12400) + 7 + 1234567 + 2000


@pytest.mark.parametrize(
    ("spend", "keys", "study"),
    [
        (["1.250"] * 11 + ["3.5"], "", EUR),  # one other decimal settles it
        (["1.250"] * 11 + ["0.125"], "", EUR),
        (["1.250"] * 12, 'decimal = "."', EUR),
    ],
)
def test_a_point_that_is_settled_is_a_decimal_mark(spend, keys, study, tmp_path: Path) -> None:
    place = f'path = "t.csv"\n{keys}'
    tables = flat({"spend": spend}, place=place, study=study, folder=tmp_path)
    assert spent(tables) == pytest.approx(sum(map(float, spend)))


@pytest.mark.parametrize("mark", [".", ","])
def test_two_decimal_marks_in_a_column_are_told_apart(mark: str, tmp_path: Path) -> None:
    place = f'path = "t.csv"\ndecimal = "{mark}"'
    with pytest.raises(cx.CxroiError, match="a column has one decimal mark"):
        flat({"spend": [*BARE[:6], *("7,25",) * 6]}, place=place, folder=tmp_path)


@pytest.mark.parametrize("read", [flat, dated])
def test_cents_with_fractions_are_refused(read) -> None:
    with pytest.raises(cx.CxroiError, match=r"amounts with a fraction \(12 rows, 100 %\)"):
        read({"spend": BARE}, 'amount_in = "cents"')
    whole = [f"{value}.00" for value in range(100, 112)]
    assert spent(read({"spend": whole}, 'amount_in = "cents"')) == pytest.approx(12.66)
