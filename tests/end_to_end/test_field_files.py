"""Cases from the field that could not be read at all, or by the rules of one kind of file only."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

import cxroi as cx

CASES = Path(__file__).parents[3] / "shared" / "field-cases"


def of_case(case, **changes):
    """Load a case from the field, with keys of its tables added, or skip where it is not there."""
    path = CASES / case / "study.toml"
    if not path.exists():
        pytest.skip(f"the field case {case} is not here")
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    for name, table in document["tables"].items():
        table["path"] = str(path.parent / table["path"])
        table |= changes.get(name, {})
    return cx.load_study(document)


def scores(tables):
    return tables.connection.execute("SELECT count(*), sum(score) FROM clean_responses").fetchone()


def test_a_line_that_tells_excel_the_delimiter():
    tables = cx.read_tables(of_case("lines_above_header"))
    frame = pd.read_csv(CASES / "lines_above_header/responses.csv", skiprows=1)
    assert scores(tables) == (len(frame), frame["score"].sum())


def test_a_title_above_the_header():
    study = of_case("lines_above_header/title")
    with pytest.raises(cx.CxroiError, match=r"in line 3, and line 1 .*skip_rows = 2"):
        cx.read_tables(study)
    tables = cx.read_tables(of_case("lines_above_header/title", responses={"skip_rows": 2}))
    frame = pd.read_csv(CASES / "lines_above_header/title/responses.csv", skiprows=2)
    assert scores(tables) == (len(frame), frame["score"].sum())


def test_a_column_that_is_not_read_occurs_twice():
    tables = cx.read_tables(of_case("unused_duplicate_column"))
    frame = pd.read_csv(CASES / "unused_duplicate_column/responses.csv")
    assert "comment.1" in frame  # as pandas calls the second of a name
    assert scores(tables) == (len(frame), frame["score"].sum())


def test_a_bare_carriage_return():
    study = of_case("bare_CR_called_a_quote")
    with pytest.raises(cx.CxroiError, match=r"line 202 of customers\.csv .*bare carriage return"):
        cx.read_tables(study)


def test_qualtrics_in_parquet():
    tables = cx.read_tables(of_case("qualtrics_in_parquet_previews_counted"))
    frame = pd.read_parquet(CASES / "qualtrics_in_parquet_previews_counted/responses.parquet")[2:]
    frame = frame[~frame["Status"].str.contains("Preview") & (frame["Status"] != "1")]
    assert scores(tables) == (290, frame["score"].astype(int).sum())
    assert tables.ledger.rows("responses", "set aside") == 10
