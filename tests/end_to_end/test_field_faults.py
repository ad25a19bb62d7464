"""Cases from the field of caches, databases and faults, as their folders hold them."""

import shutil
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from file_kinds import stored

import cxroi as cx
from cxroi.errors import CxroiError

CASES = Path(__file__).parents[3] / "shared" / "field-cases"


@pytest.fixture
def case(tmp_path):
    """Return a function that copies the files of a case into a folder."""

    def copied(name):
        if not (CASES / name / "study.toml").exists():
            pytest.skip(f"the field case {name} is not here")
        for path in (CASES / name).iterdir():
            shutil.copyfile(path, tmp_path / path.name)
        return tmp_path

    return copied


def read(folder):
    return cx.read_tables(cx.load_study(folder / "study.toml"))


def test_numbers_are_the_same_whatever_the_cache_is_called(case, monkeypatch):
    """Field cases apostrophe_in_cache_path and star_in_cache_path, on the files of the first."""
    folder = case("apostrophe_in_cache_path")
    asked, bought = (
        pd.read_csv(folder / f"{name}.csv", parse_dates=["day"]) for name in ("responses", "orders")
    )
    window = pd.Timedelta("90D")
    inside = asked["day"].between(
        pd.Timestamp("2025-10-01") + window, pd.Timestamp("2026-09-25") - window
    )
    asked = asked[inside]
    both = asked.merge(bought, on="customer_id")
    after = both["day_y"] - both["day_x"]
    spend = both["amount"][(after > pd.Timedelta(0)) & (after <= window)].sum()
    assert spend > 1000
    for place in ("o'brien", "*", "b", "o'brien", "*"):  # the last two are kept ones
        monkeypatch.setenv("CXROI_CACHE", str(folder / "caches" / place))
        frame = cx.build_panel(read(folder), fits="engine").frame
        assert len(frame) == len(asked)
        assert frame["spend_after"].sum() == pytest.approx(spend)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("postgres_infinity_date", r"'day' of \[tables.orders\] .* before 1990 or after 2100"),
        ("query_runs_programs_on_the_database_server", r"the query of .* is not a SELECT"),
    ],
)
def test_a_query_of_postgresql_only_reads(case, postgres, monkeypatch, name, said):
    dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi")
    folder = case(name)
    monkeypatch.setenv("PGDB", postgres)
    orders = pd.read_csv(folder / "orders.csv")
    stored(
        "t", {column: list(cells) for column, cells in orders.items()}, "postgres", folder, postgres
    )
    with pytest.raises(CxroiError, match=said):
        read(folder)
    with dbapi.connect(postgres) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_ls_dir('.') AS f WHERE f = 'pwned'")
        assert cursor.fetchone() == (0,)


def test_a_query_of_sqlite_creates_no_file(case, monkeypatch):
    folder = case("sqlite_query_creates_files")
    monkeypatch.chdir(folder)
    tables = {
        "customers": pd.DataFrame({"customer_id": ["a"], "segment": ["x"], "tenure": [1]}),
        "responses": pd.DataFrame({"customer_id": ["a"], "score": [9], "day": ["2026-03-01"]}),
        "orders": pd.DataFrame({"customer_id": ["a"], "amount": [1.5]}),
    }
    for name, frame in tables.items():
        with sqlite3.connect(folder / f"{name}.db") as database:
            frame.to_sql("t", database, index=False)
        database.close()
        monkeypatch.setenv(f"DB_{name.upper()}", f"sqlite:///{folder / name}.db")
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(CxroiError, match=r"query of \[tables\.orders\] is not a SELECT"):
        read(folder)
    assert sorted(path.name for path in folder.iterdir()) == before
