"""Numbers as exports write them: points for thousands, lakhs, per cent signs, attributes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

import cxroi as cx

KINDS = ("csv", "xlsx", "parquet", "frame")
N = 40


def tables(folder: Path, kind: str, cells: dict[str, list[Any]], **declared: Any) -> cx.Tables:
    """Read a flat study whose outcomes and attributes are the columns given."""
    frame = pd.DataFrame(
        {"id": [f"a{i}" for i in range(N)], "nps": [7, 9, 9, 8] * (N // 4), **cells}
    )
    frame["calls"] = range(N)
    outcomes = {
        name: {"column": name, "kind": "rate" if name == "rate" else "amount"}
        for name in cells
        if name != "attribute"
    }
    outcomes.get("rate", {}).update({"percent": True} if declared.pop("percent", False) else {})
    table: dict[str, Any] = {"customer": "id", "score": "nps", **declared}
    table["attributes"] = ["attribute"] if "attribute" in cells else []
    study: dict[str, Any] = {"study": {"name": "x"}, "tables": {"customers": table}}
    study["outcomes"] = {"columns": outcomes or {"calls": {"column": "calls", "kind": "count"}}}
    codes = table.pop("categorical", [])
    study["controls"] = {"columns": codes, "categorical": codes}
    if kind != "frame":
        table["path"] = str(folder / f"m.{kind}")
    if kind == "csv":
        frame.to_csv(table["path"], index=False)
    elif kind == "xlsx":
        frame.to_excel(table["path"], index=False)
    elif kind == "parquet":
        duckdb.sql("SELECT * FROM frame").write_parquet(table["path"])
    return cx.read_tables(
        cx.load_study(study), frames={"customers": frame} if kind == "frame" else {}
    )


def held(read: cx.Tables, column: str) -> list[float]:
    sql = f"SELECT {column} FROM clean_customers ORDER BY row"
    return [row[0] for row in read.connection.execute(sql).fetchall()]


THOUSANDS = [f"{n:,}".replace(",", ".") for n in range(400, 400 + 100 * N, 100)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sign", ["", " €"])
def test_a_point_that_may_be_thousands_is_asked_about(kind: str, sign: str, tmp_path: Path) -> None:
    cells = {"spend": [f"{cell}{sign}" for cell in THOUSANDS]}
    with pytest.raises(cx.CxroiError, match="what the point means is declared"):
        tables(tmp_path, kind, cells)
    read = tables(tmp_path, kind, cells, decimal=",")
    assert held(read, "spend_after") == list(range(400, 400 + 100 * N, 100))
    read = tables(tmp_path, kind, cells, decimal=".")
    assert held(read, "spend_after")[:7] == [400, 500, 600, 700, 800, 900, 1.0]


def test_a_million_with_points_is_asked_about(tmp_path: Path) -> None:
    cells = {"spend": [*THOUSANDS[:-1], "1.234.567"]}
    with pytest.raises(cx.CxroiError, match="what the point means is declared"):
        tables(tmp_path, "csv", cells)


@pytest.mark.parametrize("other", ["0.125", "12.5", "1234.567"])
def test_a_cell_whose_point_is_one_of_decimals_says_what_the_others_are(
    other: str, tmp_path: Path
) -> None:
    read = tables(tmp_path, "csv", {"spend": [*["1.250", "12"] * (N // 2 - 1), "7", other]})
    assert held(read, "spend_after")[-3:] == [12, 7, float(other)]


def test_points_in_an_attribute_are_asked_about_but_not_in_codes(tmp_path: Path) -> None:
    with pytest.raises(cx.CxroiError, match="what the point means is declared"):
        tables(tmp_path, "csv", {"attribute": THOUSANDS})
    tables(tmp_path, "csv", {"attribute": THOUSANDS}, categorical=["attribute"])


def test_lakhs(tmp_path: Path) -> None:
    read = tables(tmp_path, "csv", {"spend": [*["12,34,567.50", "1,00,000"] * (N // 2)]})
    assert held(read, "spend_after")[:2] == [1234567.5, 100000]


@pytest.mark.parametrize("percent", [True, False])
def test_per_cent_signs_say_that_rates_are_in_per_cent(percent: bool, tmp_path: Path) -> None:
    cells = {"rate": ["12.5%", "3 %"] * (N // 2)}
    assert held(tables(tmp_path, "csv", cells, percent=percent), "rate_after")[:2] == [0.125, 0.03]


@pytest.mark.parametrize("percent", [True, False])
def test_rates_with_a_sign_beside_shares_are_refused(percent: bool, tmp_path: Path) -> None:
    with pytest.raises(cx.CxroiError, match="all shares or all in per cent"):
        tables(tmp_path, "csv", {"rate": ["12.5%", "0.03"] * (N // 2)}, percent=percent)


def test_rates_with_a_sign_beside_per_cents_are_read_as_declared(tmp_path: Path) -> None:
    read = tables(tmp_path, "csv", {"rate": ["12.5%", "3"] * (N // 2)}, percent=True)
    assert held(read, "rate_after")[:2] == [0.125, 0.03]


def test_shares_declared_as_per_cent_are_warned_of(tmp_path: Path) -> None:
    read = tables(tmp_path, "csv", {"rate": [0.125, 0.5] * (N // 2)}, percent=True)
    assert "if these are shares, leave percent out" in str(read.ledger)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("written", "words"), [("{},5", 'Add decimal = ","'), ("{} %", "Write the numbers alone")]
)
def test_numbers_that_would_become_groups_are_refused(
    kind: str, written: str, words: str, tmp_path: Path
) -> None:
    cells = {"attribute": [written.format(i) for i in range(N)]}
    with pytest.raises(cx.CxroiError, match="are numbers but for a decimal comma") as caught:
        tables(tmp_path, kind, cells)
    assert words in str(caught.value)
    read = tables(tmp_path, kind, cells, categorical=["attribute"])
    assert held(read, "attr_attribute") == cells["attribute"]


def test_few_texts_like_numbers_are_groups(tmp_path: Path) -> None:
    cells = {"attribute": ["10 %", "20 %"] * (N // 2)}
    assert held(tables(tmp_path, "csv", cells), "attr_attribute") == cells["attribute"]


def test_an_attribute_with_currency_is_a_number(tmp_path: Path) -> None:
    read = tables(tmp_path, "csv", {"attribute": [f"${i}.50" for i in range(N)]})
    assert held(read, "attr_attribute") == [i + 0.5 for i in range(N)]


@pytest.mark.parametrize("code", [-999, -99, 99999])
@pytest.mark.parametrize("column", ["spend", "attribute"])
def test_a_code_for_a_blank_is_warned_of_until_it_is_declared(
    code: int, column: str, tmp_path: Path
) -> None:
    cells = {column: [code if i % 8 == 0 else i % 10 for i in range(N)]}
    said = f"holds {code} (5 rows), far from all others"
    assert said in str(tables(tmp_path, "csv", cells).ledger)
    assert said not in str(tables(tmp_path, "csv", cells, missing=[code]).ledger)


@pytest.mark.parametrize("top", [[99] * 5 + [60] * 35, [100] * 5 + [1] * 35, [9999] * 4 + [1] * 36])
def test_a_large_number_is_no_code(top: list[int], tmp_path: Path) -> None:
    assert "far from all others" not in str(tables(tmp_path, "csv", {"spend": top}).ledger)


@pytest.mark.parametrize(("no", "warned"), [("", True), ("N", False)])
def test_a_yes_beside_nothing_but_blanks_is_warned_of(
    no: str, warned: bool, tmp_path: Path
) -> None:
    lines = [f"a{i},{7 + i % 3},{'Y' if i % 4 else no}" for i in range(N)]
    (tmp_path / "m.csv").write_text("\n".join(["id,nps,kept", *lines]), encoding="utf-8")
    table = {"path": str(tmp_path / "m.csv"), "customer": "id", "score": "nps"}
    kept = {"column": "kept", "kind": "yes_no", "yes": ["Y"], "no": ["N"]}
    outcomes = {"columns": {"kept": kept}}
    flat = {"study": {"name": "x"}, "tables": {"customers": table}, "outcomes": outcomes}
    said = "holds no 'no' among 30 answers, and 10 blanks"
    assert (said in str(cx.read_tables(cx.load_study(flat)).ledger)) == warned


@pytest.mark.parametrize("missing", [[], ["?"]])
def test_a_blank_is_a_no_where_that_is_declared(missing: list[str], tmp_path: Path) -> None:
    lines = [f"a{i},{7 + i % 3},{['Y', '', ' ', '?'][i % 4]}" for i in range(N)]
    (tmp_path / "m.csv").write_text("\n".join(["id,nps,kept", *lines]), encoding="utf-8")
    table = {"path": str(tmp_path / "m.csv"), "customer": "id", "score": "nps"}
    kept = {"column": "kept", "kind": "yes_no", "yes": ["Y"], "missing": missing}
    outcomes = {"columns": {"kept": {**kept, "no": ["", *([] if missing else ["?"])]}}}
    flat = {"study": {"name": "x"}, "tables": {"customers": table}, "outcomes": outcomes}
    read = cx.read_tables(cx.load_study(flat))
    assert held(read, "kept_after")[:4] == [1.0, 0.0, 0.0, None if missing else 0.0]
    assert "a blank is not known" not in str(read.ledger)
