"""Amounts that would be read wrong in silence: their units, signs, totals, and several files."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from customer_files import entries, rows, tables_of

import cxroi as cx
from cxroi.errors import DataError, StudyError
from cxroi.study.money_units import unit_of

PEOPLE = [f"c{n}" for n in range(12)]
SPENT = [3.5, 1.5, 4.5, 1.25, 5.5, 9.5, 2.5, 6.5, 5.75, 3.5, 5.5, 8.0]  # their sum is 57.5
ANSWERS = pd.DataFrame({"id": PEOPLE, "nps": [8, 9, 10] * 4, "day": "2026-02-01"})
SPEND = {"column": "spend", "kind": "amount"}


def ordered(tmp_path, kind="frame", amounts=SPENT, table=None, **columns):
    """Read a dated study whose orders have these columns."""
    orders = pd.DataFrame({"id": PEOPLE, "day": "2026-02-20", "amount": amounts} | columns)
    frames = {"responses": ANSWERS, "orders": orders}
    return tables_of(
        tmp_path, frames, kind, study={"currency": "EUR"}, tables={"orders": table or {}}
    )


def flat(tmp_path, frame, kind="frame", table=None, **outcomes):
    """Read a flat study with these outcomes."""
    return tables_of(
        tmp_path,
        {"customers": frame},
        kind,
        study={"currency": "EUR"},
        tables={"customers": {"score": "nps"} | (table or {})},
        outcomes={"columns": outcomes},
    )


def people(**columns):
    return pd.DataFrame({"id": PEOPLE, "nps": [8, 9, 10] * 4} | columns)


def told(tables):
    return "\n".join(tables.ledger.warnings)


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        *((h, "thousands") for h in ("kEUR", "EUR k", "TEUR", "k€", "Umsatz (Tsd. €)", "T€")),
        *((h, "thousands") for h in ("spend in thousands", "spend (000s)", "amount_usd_k", "tkr")),
        *((h, "thousands") for h in ("in 1000 EUR", "spendKEUR", "тыс. руб", "千円", "spend_q1_k")),
        *((h, "millions") for h in ("Umsatz Mio.", "MEUR", "USD m", "$m", "revenue_mn", "salesM$")),
        *((h, "billions") for h in ("Mrd. EUR", "€ bn")),
        *((h, "cents") for h in ("amount_cents", "order_total_ct", "Minor")),
        *((h, "") for h in ("spend_12m", "spend_12_m", "Umsatz 12 M EUR", "percent", "per_cent")),
        *((h, "") for h in ("amount", "kr", "monthly spend", "spend_2000", "air miles", "market")),
    ],
)
def test_headers_say_what_amounts_are_in(header, unit):
    assert unit_of(header) == unit


def thousands(unit, header="spend kEUR", **keys):
    orders = pd.DataFrame({"id": PEOPLE, "day": "2026-02-20", header: SPENT})
    table = {"amount": header} | ({"amount_in": unit} if unit else {}) | keys
    frames = {"responses": ANSWERS, "orders": orders}
    return tables_of(None, frames, study={"currency": "EUR"}, tables={"orders": table})


def test_thousands_in_a_header_are_asked_about_and_read_as_declared(tmp_path):
    with pytest.raises(StudyError, match=r"sounds like thousands.*amount_in = \"thousands\""):
        thousands("")
    with pytest.raises(StudyError, match=r"sounds like thousands, and has amount_in = 'cents'"):
        thousands("cents")
    assert rows(thousands("EUR"), "SELECT sum(amount) FROM clean_orders") == [(57.5,)]
    tables = thousands("thousands")
    assert rows(tables, "SELECT sum(amount) FROM clean_orders") == [(57_500.0,)]
    assert entries(tables, "repaired")["spend kEUR: thousands of EUR, taken as 1,000"] == 12
    frame = people(spend=SPENT, before=SPENT).rename(columns={"before": "before Mio."})
    with pytest.raises(StudyError, match="'before Mio.', which sounds like millions"):
        flat(tmp_path, frame, spend=SPEND | {"baseline": "before Mio."})
    tables = flat(tmp_path, people(m=SPENT), spend={"column": "m", "kind": "amount"})
    assert rows(tables, "SELECT sum(spend_after) FROM clean_customers") == [(57.5,)]


def of_files(tmp_path, amounts, kind="csv", decimal=None):
    """Read a dated study whose orders are in several files, one list of amounts each."""
    for n, column in enumerate(amounts):
        frame = pd.DataFrame({"id": PEOPLE[: len(column)], "day": "2026-02-20", "amount": column})
        path = tmp_path / f"orders-{n}.{kind}"
        if kind == "csv":
            frame.to_csv(path, index=False, sep=";")
        elif kind == "xlsx":
            frame.to_excel(path, index=False)
        else:
            frame.to_parquet(path, index=False)
    study = {
        "study": {"name": "Files", "currency": "EUR", "complete_until": dt.date(2026, 4, 5)},
        "windows": {"baseline_days": 30, "outcome_days": 30},
        "tables": {
            "responses": {"customer": "id", "score": "nps", "answered_at": "day"},
            "orders": {
                **{"files": str(tmp_path / f"orders-*.{kind}"), "customer": "id"},
                **{"ordered_at": "day", "amount": "amount"},
                **({"decimal": decimal} if decimal else {}),
            },
        },
    }
    return cx.read_tables(cx.load_study(study), frames={"responses": ANSWERS})


POINT, THREE, COMMA = ["12.34", "5.5", "7"], ["1.234", "2.500", "800"], ["1,234", "2,500", "800"]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize(
    ("other", "words"),
    [
        (THREE, r"a point and three digits .* data rows 1 of orders-1\.\w+.*, 2 of orders-1"),
        (COMMA, r"a comma and three digits .* data rows 1 of orders-1\.\w+.*, 2 of orders-1"),
        (["1.234", "1.234.567", "800"], r"a point and three digits .* 1 of orders-1\.\w+.* 2 of"),
        (["12,34", "5,5", "7"], r"decimal comma .*\(2 rows, .* others with a point .* orders-0"),
    ],
)
def test_each_file_of_a_table_says_what_its_separators_mean(tmp_path, kind, other, words):
    with pytest.raises(DataError, match=words):
        of_files(tmp_path, [POINT, other], kind)


@pytest.mark.parametrize(
    ("files", "decimal", "total"),
    [
        ([POINT, ["1,234.50", "2,500", "800"]], None, 12.34 + 5.5 + 7 + 1234.5 + 2500 + 800),
        ([POINT, ["1.2345", "1.234", "800"]], None, 12.34 + 5.5 + 7 + 1.2345 + 1.234 + 800),
        ([POINT, THREE], ".", 12.34 + 5.5 + 7 + 1.234 + 2.5 + 800),
        ([["12,34", "5,5", "7"], THREE], ",", 12.34 + 5.5 + 7 + 1234 + 2500 + 800),
    ],
)
def test_files_that_agree_on_separators_are_read(tmp_path, files, decimal, total):
    tables = of_files(tmp_path, files, decimal=decimal)
    [(spent,)] = rows(tables, "SELECT sum(amount) FROM clean_orders")
    assert spent == pytest.approx(total)
