"""A query for a database is one SELECT; what it does beside reading tables is refused."""

import sqlite3

import pytest

from cxroi.errors import DataError
from cxroi.reading.sources.connection import connect
from cxroi.reading.sources.opening import open_source
from cxroi.reading.sources.queries import one_select
from cxroi.study.declared import Source

pytest.importorskip("sqlglot")

READ = [
    "SELECT a FROM t",
    "select a from t;\n",
    "WITH x AS (SELECT 1 AS a) SELECT * FROM x",
    "SELECT a FROM t UNION ALL SELECT a FROM u EXCEPT SELECT 1",
    "(SELECT a FROM t) ORDER BY 1 LIMIT 5",
    "SELECT ';' AS a -- ; drop table t",
]
NOT_READ = {
    "copy t to program 'cat > pwned'": "is not a SELECT",
    "select 1; drop table t": "holds 2 statements",
    "select 'a\\'; drop table t; --'": "holds 2 statements",
    "": "holds no statement",
    "-- select 1": "holds no statement",
    "attach 'made.db' as p": "cannot be parsed|is not a SELECT",
    "/* /* */ attach 'made.db' as p; -- */\nselect 1": "statements|cannot be parsed",
    "pragma journal_mode = delete": "cannot be parsed|is not a SELECT",
    "with a as (delete from t returning *) select * from a": "changes or locks",
    "select * into x from t": "changes or locks",
    "select * from t for update": "changes or locks",
    "explain analyze delete from t": "is not a SELECT",
    "do $$ begin end $$": "cannot be parsed|is not a SELECT",
    "call f()": "is not a SELECT",
    "insert into t select 1": "is not a SELECT",
    "vacuum": "cannot be parsed|is not a SELECT",
    "begin; select 1": "holds 2 statements",
    "select 1) to program 'x' --": "cannot be parsed",
    "select U&\"\\0070g_read_file\"('/etc/passwd')": "letters as numbers",
    "select " + "(" * 5000 + "1" + ")" * 5000: "cannot be parsed",
}


@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
@pytest.mark.parametrize("query", READ)
def test_one_select_is_sent(query, dialect):
    one_select(query, dialect, "[tables.orders]")


@pytest.mark.parametrize("query", NOT_READ, ids=lambda q: q[:30])
def test_anything_else_is_refused(query, caplog):
    for dialect in ("sqlite", "postgres"):
        if query.startswith("/*") and dialect == "postgres":
            continue  # there comments nest: nothing of it is sent
        with pytest.raises(DataError, match=NOT_READ[query]) as told:
            one_select(query, dialect, "[tables.orders]")
        assert "a query is one SELECT" in str(told.value)
    assert not caplog.records


def test_what_stands_before_a_parenthesis_is_named():
    query = "SELECT Lower(a), \"pg_X\" /* */ ('y'), s.f('.') FROM g(1) WHERE a IN (SELECT 1)"
    assert one_select(query, "postgres", "") == ("f", "g", "in", "lower", "pg_x")


def opened(folder, query):
    with connect() as connection:
        scan = open_source(
            connection, Source("orders", {}, database="DB", query=query), folder, folder
        )
        return connection.execute(f"SELECT * FROM {scan.relation}").fetchall()


def test_sqlite_writes_nothing(tmp_path, monkeypatch):
    """Field case sqlite_query_creates_files."""
    pytest.importorskip("adbc_driver_sqlite")
    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.execute("CREATE TABLE t AS SELECT 7 AS a")
    database.close()
    monkeypatch.setenv("DB", "sqlite:///shop.db")
    monkeypatch.chdir(tmp_path)
    before = (tmp_path / "shop.db").read_bytes()
    assert opened(tmp_path, "SELECT a FROM t;") == [(7,)]
    for query in ("attach 'file:made.db?mode=rwc' as p", "delete from t", "create table x(a)"):
        with pytest.raises(DataError, match="not a SELECT"):
            opened(tmp_path, query)
    assert [path.name for path in tmp_path.iterdir()] == ["shop.db"]
    assert (tmp_path / "shop.db").read_bytes() == before
