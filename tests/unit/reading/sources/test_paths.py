"""A path is a path, never a pattern: the file that is read is the one that is named."""

from __future__ import annotations

import ast
import hashlib
import re
import sqlite3
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from orders_file import read

import cxroi as cx
from cxroi.engine.quoting import file_read, path_text
from cxroi.errors import DataError
from cxroi.reading.sources.connection import connect
from cxroi.reading.sources.opening import open_source
from cxroi.study.declared import Source

PACKAGE = Path(cx.__file__).parent
# Name of the file that is declared -> another that it would match as a pattern.
NAMES = {
    "orders[1]": "orders1",
    "orders*": "orders2",
    "orders?": "orders3",
    "[a-z]": "b",
    "a[!x]": "ab",
    "**": "c",
    "o'brien": "",
    "{a,b} $HOME ~ %2A #é;": "",
}


def write(path: Path, amount: float) -> None:
    frame = pd.DataFrame({"id": ["a1"], "day": ["2026-01-03"], "amount": [amount]})
    path.unlink(missing_ok=True)
    if path.name.endswith((".csv", ".csv.gz")):
        frame.to_csv(path, index=False)
    elif path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    elif path.suffix == ".sqlite":
        with sqlite3.connect(path) as database:
            frame.to_sql("t", database, index=False)
    else:
        with duckdb.connect(path if path.suffix == ".duckdb" else ":memory:") as database:
            database.register("frame", frame)
            if path.suffix == ".duckdb":
                database.execute("CREATE TABLE t AS SELECT * FROM frame")
            else:
                database.execute(f"COPY frame TO {path_text(path)} (FORMAT parquet)")


def amounts(tables: cx.Tables) -> list[tuple]:
    return tables.connection.execute("SELECT amount FROM clean_orders").fetchall()


def opened(source: Source, folder: Path) -> tuple[list[tuple], str]:
    """The amounts of a table, as its source holds them, and its fingerprint."""
    with connect(files=filter(None, [source.path])) as connection:
        scan = open_source(connection, source, folder, folder)
        column = scan.column("amount").sql
        found = connection.execute(f"SELECT {column}::DOUBLE FROM {scan.relation}").fetchall()
    return found, scan.sha256


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet", "xlsx", "duckdb", "sqlite"])
def test_the_file_that_is_named_is_opened_and_no_other(tmp_path, monkeypatch, kind):
    for name, other in NAMES.items():
        if kind == "duckdb" and "?" in name:
            continue  # refused, below
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        named = folder / f"{name}.{kind}"
        write(named, 1.5)
        if other:
            write(folder / f"{other}.{kind}", 99.0)
            (tmp_path / other).mkdir(exist_ok=True)
            write(tmp_path / other / named.name, 77.0)
        if kind == "sqlite":
            monkeypatch.setenv("DB", f"sqlite:///{named.name}")
            assert opened(Source("orders", {}, database="DB", table="t"), folder)[0] == [(1.5,)]
            continue
        found, digest = opened(Source("orders", {}, path=named, table="t"), folder)
        assert found == [(1.5,)], name
        assert digest == hashlib.sha256(named.read_bytes()).hexdigest()


def test_the_whole_table_is_that_of_the_file_that_is_named(tmp_path):
    write(tmp_path / "orders[1].csv", 1.5)
    write(tmp_path / "orders1.csv", 99.0)
    assert amounts(read(tmp_path, 'path = "orders[1].csv"')) == [(1.5,)]


def test_a_duckdb_file_with_a_question_mark_is_refused(tmp_path):
    write(tmp_path / "plain.duckdb", 1.5)
    named = (tmp_path / "plain.duckdb").rename(tmp_path / "a?b.duckdb")
    with pytest.raises(DataError, match=r"question mark; .* Rename"):
        opened(Source("orders", {}, path=named, table="t"), tmp_path)


def test_a_backslash_beside_a_star_is_refused(tmp_path):
    write(tmp_path / "a\\b.csv", 1.5)
    assert amounts(read(tmp_path, "path = 'a\\b.csv'")) == [(1.5,)]
    write(tmp_path / "a\\*.csv", 1.5)
    with pytest.raises(DataError, match=r"backslash and one of \* \? \[; .* Rename"):
        read(tmp_path, "path = 'a\\*.csv'")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_no_folder_overrides_a_column(tmp_path, kind):
    folder = tmp_path / "amount=99" / "segment=x"
    folder.mkdir(parents=True)
    write(folder / f"orders.{kind}", 1.5)
    tables = read(tmp_path, f'path = "amount=99/segment=x/orders.{kind}"')
    assert amounts(tables) == [(1.5,)]
    with pytest.raises(DataError, match="no column 'segment'"):
        read(tmp_path, f'path = "amount=99/segment=x/orders.{kind}"\nkeep = {{segment = ["x"]}}')


def test_of_a_path_without_signs_nothing_is_escaped():
    assert file_read(Path("/a b/o'x.csv")) == path_text(Path("/a b/o'x.csv")) == "'/a b/o''x.csv'"
    assert file_read(Path("/x*/y[1].csv")) == "'/x[*]/y[[]1].csv'"


_FILES = re.compile(r"\b(read_(csv|parquet|json|text)|parquet_\w+|ATTACH|TO|temp_directory =)\W*$")


def unquoted(source: str) -> list[str]:
    """What stands where SQL has a path, and went through neither function of quoting."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node).startswith("text(str(path"):
            found.append(ast.unparse(node))
        if not isinstance(node, ast.JoinedStr):
            continue
        before = ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                before = str(part.value)
                continue
            said = ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else ""
            if _FILES.search(before) and not said.startswith(("file_read(", "path_text(")):
                found.append(before + said)
    return found


def test_no_path_gets_into_sql_but_through_quoting():
    seen = {
        str(path.relative_to(PACKAGE)): unquoted(path.read_text(encoding="utf-8"))
        for path in PACKAGE.rglob("*.py")
        if path.name != "quoting.py"
    }
    assert {name: found for name, found in seen.items() if found} == {}


@pytest.mark.parametrize(
    "line",
    [
        "f\"SELECT * FROM read_parquet('{path}')\"",
        'f"SELECT * FROM read_csv({quoted})"',
        "f\"COPY t TO '{path}'\"",
        'f"ATTACH {text(str(path))} AS x"',
        'f"SET temp_directory = {spill}"',
    ],
)
def test_one_line_breaks_that(line):
    assert len(unquoted(line)) >= 1
