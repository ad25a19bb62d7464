"""Amounts that would be read wrong in silence: their units, signs, totals, and several files."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from customer_files import KINDS, entries, rows, tables_of

import cxroi as cx
from cxroi.errors import DataError, StudyError
from cxroi.study.money_units import unit_of
from cxroi.study.outcomes import says_percent

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
        *((h, "thousands") for h in ("ventas_miles_eur", "Importe en miles", "売上千円")),
        *((h, "millions") for h in ("Umsatz Mio.", "MEUR", "USD m", "$m", "revenue_mn", "salesM$")),
        *((h, "billions") for h in ("Mrd. EUR", "€ bn")),
        *((h, "ten_thousands") for h in ("売上（万円）", "收入(万元)", "売上万円")),
        *((h, "lakhs") for h in ("Revenue (Lakh)", "sales_lakhs")),
        *((h, "crores") for h in ("Revenue (₹ Cr)", "sales crore", "売上(千万円)")),
        *((h, "hundred_millions") for h in ("売上億円", "收入（亿元）")),
        *((h, "millions") for h in ("売上（百万円）", "売上百万円")),
        *((h, "") for h in ("Lake", "amount_eur_cr", "lacking")),
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
    assert entries(tables, "repaired")["spend kEUR: thousands of EUR, each 1,000"] == 12
    frame = people(spend=SPENT, before=SPENT).rename(columns={"before": "before Mio."})
    with pytest.raises(StudyError, match=r"'before Mio\.', which sounds like millions"):
        flat(tmp_path, frame, spend=SPEND | {"baseline": "before Mio."})
    tables = flat(tmp_path, people(m=SPENT), spend={"column": "m", "kind": "amount"})
    assert rows(tables, "SELECT sum(spend_after) FROM clean_customers") == [(57.5,)]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        *((h, True) for h in ("used (%)", "Nutzung in Prozent", "usedPct", "per_cent_used", "%")),
        *((h, False) for h in ("share used", "percentile", "rate", "pctx", "used_percentil")),
    ],
)
def test_headers_say_per_cent(header, said):
    assert says_percent(header) == said


@pytest.mark.parametrize("kind", ["frame", "csv"])
def test_small_rates_that_are_headed_per_cent_are_asked_about(kind, tmp_path):
    frame = people(**{"used (%)": [0.8] * 11 + [0]})
    rate = {"column": "used (%)", "kind": "rate"}
    with pytest.raises(DataError, match=r"no rate above 0\.8.*percent = true for 0\.8 %, or"):
        flat(tmp_path, frame, kind, used=rate)
    sums = [
        rows(
            flat(None, frame, used=rate | {"percent": percent}),
            "SELECT sum(used_after) FROM clean_customers",
        )[0][0]
        for percent in (True, False)
    ]
    assert sums == [pytest.approx(11 * 0.008), pytest.approx(11 * 0.8)]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("share used", [0.8] * 12),
        ("used percentile", [0.8] * 12),
        ("used (%)", [0] * 12),
        ("used (%)", ["0.8%"] * 12),
    ],
)
def test_other_small_rates_are_read(header, cells):
    tables = flat(None, people(**{header: cells}), used={"column": header, "kind": "rate"})
    assert rows(tables, "SELECT count(used_after) FROM clean_customers") == [(12,)]


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


@pytest.mark.parametrize("word", ["Total", "Summe", "Gesamt", "Grand total:", "Итого", "Suma"])
def test_a_last_row_of_totals_is_no_customer(tmp_path, word):
    _without_totals(tmp_path, "frame", word)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", ["Всего", "UKUPNO", "合計"])
def test_a_last_row_of_totals_is_no_customer_in_any_file(tmp_path, kind, word):
    _without_totals(tmp_path, kind, word)


def with_total(word, place, spend=57.5):
    frame = people(spend=SPENT)
    total = pd.DataFrame({"id": [word], "nps": [9], "spend": [spend]})
    return pd.concat([frame[:place], total, frame[place:]])


def _without_totals(tmp_path, kind, word):
    tables = flat(tmp_path, with_total(word, 12), kind, spend=SPEND)
    assert rows(tables, "SELECT count(*), sum(spend_after) FROM clean_customers") == [(12, 57.5)]
    assert entries(tables, "set aside") == {"a row of totals, not a customer": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_a_customer_called_like_a_total_is_told_of(tmp_path, kind):
    """Total is a company too; where it holds no sum of others a reader is asked."""
    tables = flat(tmp_path, with_total("Total", 0, 9.0), kind, spend=SPEND)
    assert 'if that row sums up others, leave it out with drop = {"id" = ["Total"]}' in told(tables)
    assert rows(tables, "SELECT sum(spend_after) FROM clean_customers") == [(66.5,)]
    table, other = {"drop": {"id": ["Total"]}}, tmp_path / "dropped"
    other.mkdir()
    tables = flat(other, with_total("Total", 0), kind, spend=SPEND, table=table)
    assert "sums up" not in told(tables)
    assert rows(tables, "SELECT sum(spend_after) FROM clean_customers") == [(57.5,)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", [0, 12])
def test_a_row_that_holds_the_sum_of_all_others_is_refused(tmp_path, kind, place):
    def among(frame, **total):
        return pd.concat([frame[:place], pd.DataFrame([total]), frame[place:]])

    words = rf"'{{}}'.* holds in data row {place + 1}\b.* the sum of all its other rows"
    frame = among(people(spend=SPENT).replace({"nps": {10: None}}), id="x9", nps=9, spend=57.5)
    with pytest.raises(DataError, match=words.format("spend")):
        flat(tmp_path, frame, kind, spend=SPEND)
    orders = pd.DataFrame({"id": PEOPLE, "day": "2026-02-20", "amount": SPENT})
    orders = among(orders, id="c1", day="2026-02-20", amount=57.5)
    with pytest.raises(DataError, match=words.format("amount")):
        tables_of(tmp_path, {"responses": ANSWERS, "orders": orders}, kind)


def test_counts_with_a_total_are_refused_and_large_customers_are_not(tmp_path):
    counts = {"column": "n", "kind": "count"}
    total = pd.DataFrame([{"id": "x9", "nps": 9, "n": 24, "spend": 57.5}])
    frame = pd.concat([people(n=[2] * 12, spend=SPENT), total])
    with pytest.raises(DataError, match=r"'n'.* the sum of all its other rows"):
        flat(tmp_path, frame, n=counts)
    # The totals already set aside, by a filter or for want of a score, are no reason to refuse.
    dropped = flat(tmp_path, frame, spend=SPEND, table={"drop": {"id": ["x9"]}})
    blank = flat(tmp_path, frame.assign(nps=frame["nps"].where(frame["id"] != "x9")), spend=SPEND)
    for tables in (dropped, blank):
        assert rows(tables, "SELECT sum(spend_after) FROM clean_customers") == [(57.5,)]
    rounded = frame.assign(spend=[1_000 * x + 0.001 for x in SPENT] + [57_500.0])
    with pytest.raises(DataError, match=r"'spend'.* the sum of all its other rows"):
        flat(tmp_path, rounded, spend=SPEND)
    # Few rows, two alike, or a sum that is another's: customers like others.
    for spent in ([57.5, 57.5, *[0.0] * 10], [4.0, 1.5, 2.5, *[0.0] * 9], [57.5, *SPENT[1:]]):
        tables = flat(tmp_path, people(spend=spent), spend=SPEND)
        assert rows(tables, "SELECT sum(spend_after) FROM clean_customers") == [(sum(spent),)]


@pytest.mark.parametrize("kind", KINDS)
def test_currencies_are_known_by_their_cells_whatever_the_header(tmp_path, kind):
    with pytest.raises(DataError, match=r"'fx'.* holds 2 currencies: EUR, USD.*amount_in"):
        ordered(tmp_path, kind, fx=["USD", "EUR"] * 6)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["usd"] * 12, "says USD, .study. currency says EUR"),
        (["$", "€"] * 6, "holds 2 currencies"),
        (["EUR"] * 12, ""),
        (["EUR", None, "n/a"] * 4, ""),
        (["USA", "DEU"] * 6, ""),  # countries
        (["TRY"] * 12, ""),  # a word
        (["EUR", "B2B", "USD"] * 4, ""),
    ],
)
def test_cells_that_are_currencies_or_not(tmp_path, cells, words):
    for read in (ordered, lambda p, iso: flat(p, people(spend=SPENT, iso=iso), spend=SPEND)):
        if words:
            with pytest.raises(DataError, match=words):
                read(tmp_path, iso=cells)
        else:
            assert "'iso'" not in told(read(tmp_path, iso=cells))
    tables = ordered(tmp_path, iso=cells, table={"amount_in": "EUR"})
    assert rows(tables, "SELECT sum(amount) FROM clean_orders") == [(57.5,)]


@pytest.mark.parametrize("kind", KINDS)
def test_two_sides_of_an_account_are_asked_about(tmp_path, kind):
    tables = ordered(tmp_path, kind, booked=["Credit"] * 8 + ["Debit"] * 4)
    assert "'booked' of [tables.orders] says 'Credit' (8), 'Debit' (4), and no amount is" in told(
        tables
    )


@pytest.mark.parametrize(
    ("header", "cells", "asked"),
    [
        *(("D/C", pair * 6, True) for pair in (["D", "C"], ["dr", "cr"])),
        *(("Soll/Haben", pair * 6, True) for pair in (["S", "H"], ["Soll", "Haben"])),
        *(("sign", pair * 6, True) for pair in (["-", "+"], ["-1", "1"], [-1, 1])),
        *(("type", pair * 6, True) for pair in (["credit", "debit"], ["C", "D"])),
        ("+/-", ["+", "-"] * 6, True),
        ("size", ["S", "H"] * 6, False),
        ("type", ["credit"] * 12, False),
        ("card", ["credit", "debit", "cash"] * 4, False),
    ],
)
def test_columns_of_sides(tmp_path, header, cells, asked):
    assert ("all 12 rows add to spend" in told(ordered(tmp_path, **{header: cells}))) is asked


def test_sides_are_not_asked_about_where_amounts_have_signs_or_a_filter_decides(tmp_path):
    for more in ({"amounts": [-1.0, *SPENT[1:]]}, {"table": {"keep": {"D/C": ["D"]}}}):
        assert "add to spend" not in told(ordered(tmp_path, **{"D/C": ["D", "C"] * 6}, **more))


@pytest.mark.parametrize(
    ("before", "times"),
    [
        ([100 * x + 3 for x in SPENT], "100"),
        ([x / 90 for x in SPENT], "100"),
        ([1_100 * x for x in SPENT], "1,000"),
        ([12 * x for x in SPENT], ""),
        ([0.0] * 10 + [350.0, 450.0], ""),
    ],
)
@pytest.mark.parametrize("kind", ["frame", "csv"])
def test_a_baseline_in_another_unit_is_asked_about(tmp_path, kind, before, times):
    frame = people(spend=SPENT, before=before)
    tables = flat(tmp_path, frame, kind, spend=SPEND | {"baseline": "before"})
    assert (f"is about {times} times" if times else "times") in told(tables) or not times
    assert bool(times) is ("in different units" in told(tables))


@pytest.mark.parametrize("kind", KINDS)
def test_counts_are_whole(tmp_path, kind):
    counts = {"n": {"column": "n", "kind": "count"}}
    with pytest.raises(DataError, match=r"'n'.*between whole numbers .1 row, 8\.3 %.* row 3\b"):
        flat(tmp_path, people(n=[1, 2, 2.5, *[4] * 9]), kind, **counts)


def test_a_count_in_the_baseline_is_whole_and_floats_of_whole_numbers_are(tmp_path):
    declared = {"column": "n", "kind": "count", "baseline": "before"}
    with pytest.raises(DataError, match=r"'before'.*a count is a whole number"):
        flat(tmp_path, people(n=[1.0] * 12, before=["1", "1.5"] * 6), n=declared)
    tables = flat(tmp_path, people(n=[1.0, None] * 6, before=["1", "2.0"] * 6), n=declared)
    found = rows(tables, "SELECT sum(n_after), sum(n_before) FROM clean_customers")
    assert found == [(6.0, 18.0)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("cells", "keys", "no"),
    [
        (["1", "NULL"], {}, '["", "null"]'),
        (["Y", None], {}, '[""]'),
        (["x", None], {"yes": ["x"]}, '[""]'),
    ],
)
def test_a_blank_beside_yes_alone_is_asked_about(tmp_path, kind, cells, keys, no):
    declared = {"column": "stay", "kind": "yes_no"} | keys
    tables = flat(tmp_path, people(stay=cells * 6), kind, stay=declared)
    assert f"6 blanks: a blank is not known; where it means no, declare no = {no}" in told(tables)
    assert rows(tables, "SELECT sum(stay_after), count(stay_after) FROM clean_customers") == [
        (6.0, 6)
    ]


def test_a_blank_is_no_where_that_is_declared_and_a_mark_is_asked_about(tmp_path):
    declared = {"column": "stay", "kind": "yes_no", "yes": ["1"], "no": ["", "null"]}
    tables = flat(tmp_path, people(stay=["1", "NULL", None] * 4), stay=declared)
    found = rows(tables, "SELECT sum(stay_after), count(stay_after) FROM clean_customers")
    assert found == [(4.0, 12)]
    with pytest.raises(DataError, match="neither yes nor no"):
        flat(tmp_path, people(stay=["x", None] * 6), stay={"column": "stay", "kind": "yes_no"})
