"""Every kind of source yields the same table."""

from __future__ import annotations

import gzip
import re
import sqlite3
from pathlib import Path

import duckdb
import pytest
from orders_file import STUDY, read

import cxroi as cx
from cxroi.reading.sources.csv import refuse_twice

ORDERS = [
    ("a1", "2026-01-03 10:00:00", 10.5),
    ("a2", "2026-02-01 00:00:00", -2.25),
    ("a1", "2026-03-05 12:30:00", 1234.0),
]
EXPECTED = [(0, *ORDERS[0]), (1, *ORDERS[1]), (2, *ORDERS[2])]


def held(tables: cx.Tables) -> list[tuple]:
    statement = "SELECT row, customer, ordered_at::VARCHAR, amount FROM clean_orders ORDER BY row"
    return tables.connection.execute(statement).fetchall()


def text_rows(mark: str, decimal: str = ".") -> str:
    lines = [mark.join(["id", "day", "amount"])]
    lines += [mark.join([i, at, str(n).replace(".", decimal)]) for i, at, n in ORDERS]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("name", "content", "extra"),
    [
        ("orders.csv", text_rows(","), ""),
        ("orders.csv", text_rows(";", ","), 'decimal = ","'),
        ("orders.txt", text_rows("|"), ""),
        ("orders.tsv", text_rows("\t"), 'delimiter = "\\t"'),
        ("orders.csv", text_rows(",").replace("\n", "\r\n"), ""),
        ("orders.csv", text_rows(",").replace("id,day,amount", '" id ",day  ,"amount"'), ""),
    ],
)
def test_text_files(name: str, content: str, extra: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content.encode())
    assert held(read(tmp_path, f'path = "{name}"\n{extra}')) == EXPECTED


def test_gzip(tmp_path: Path) -> None:
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(text_rows(",").encode()))
    assert held(read(tmp_path, 'path = "orders.csv.gz"')) == EXPECTED


def make(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TABLE shop (id VARCHAR, day TIMESTAMP, amount DECIMAL(9, 2))")
    connection.executemany("INSERT INTO shop VALUES (?, ?, ?)", ORDERS)


def test_parquet_is_read_in_place(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        make(connection)
        connection.execute(f"COPY shop TO '{tmp_path}/orders.parquet'")
    tables = read(tmp_path, 'path = "orders.parquet"')
    assert held(tables) == EXPECTED
    kinds = "SELECT table_type FROM information_schema.tables WHERE table_name = 'typed orders'"
    assert tables.connection.execute(kinds).fetchall() == [("VIEW",)]


def test_parquet_times_with_zone_become_utc_and_floats_become_ids(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        connection.execute(
            f"COPY (SELECT 7.0::DOUBLE AS id, '2026-01-05 10:00:00-05'::TIMESTAMPTZ AS day, "
            f"3 AS amount UNION ALL SELECT 'nan'::DOUBLE, now(), 1) TO '{tmp_path}/o.parquet'"
        )
    (tmp_path / "responses.csv").write_text("id,nps,day\n7,9,2026-01-15\n")
    (tmp_path / "study.toml").write_text(STUDY.format('path = "o.parquet"'))
    tables = cx.read_tables(cx.load_study(tmp_path / "study.toml"))
    assert held(tables) == [(0, "7", "2026-01-05 15:00:00", 3.0)]
    assert tables.ledger.rows("orders", "set aside") == 1
    assert "day: times with a zone read in UTC" in [e.reason for e in tables.ledger.entries]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("2.0::DOUBLE ** 60 AS id, DATE '2026-01-05' AS day, 1 AS amount", "beyond 2^53"),
        ("5 AS id, DATE '2026-01-05' AS day, 1 AS amount", "holds them as numbers"),
        ("'a1' AS id, 46036 AS day, 1 AS amount", "serial numbers of Excel"),
        ("'a1' AS id, DATE '1890-01-05' AS day, 1 AS amount", "before 1990"),
        ("'a1' AS id, DATE '2026-01-05' AS day, 'inf'::DOUBLE AS amount", "infinite"),
        ("'a1' AS id, DATE '2026-01-05' AS day, true AS amount", "BOOLEAN"),
    ],
)
def test_typed_columns_that_are_refused(sql: str, words: str, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {sql}) TO '{tmp_path}/o.parquet'")
    with pytest.raises(cx.CxroiError) as caught:
        read(tmp_path, 'path = "o.parquet"')
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("amount", "kind"),
    [("[1]", "LIST"), ("[1]::INTEGER[1]", "LIST"), ("{'a': 1}", "STRUCT"), ("MAP {1: 2}", "MAP")],
)
def test_columns_of_several_values_are_refused(amount: str, kind: str, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        sql = f"SELECT 'a1' AS id, DATE '2026-01-05' AS day, {amount} AS amount"
        connection.execute(f"COPY ({sql}) TO '{tmp_path}/o.parquet'")
    with pytest.raises(cx.CxroiError, match=f"column 'amount' .* of type {kind}; a cell is"):
        read(tmp_path, 'path = "o.parquet"')


@pytest.mark.parametrize("second", ["amount", "Amount", " amount"])
def test_29_parquet_columns_named_twice(second: str, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = [pa.array(["a1"]), pa.array(["2026-01-05"]), pa.array([1.0]), pa.array([2.0])]
    table = pa.Table.from_arrays(columns, names=["id", "day", "amount", second])
    parquet.write_table(table, tmp_path / "o.parquet")
    with pytest.raises(cx.CxroiError, match=r"o\.parquet .* twice: .*'amount'"):
        read(tmp_path, 'path = "o.parquet"')


def test_29_names_that_differ_in_spaces_around_them(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("id,day, amount,amount \na1,2026-01-05,1,2\n")
    with pytest.raises(cx.CxroiError, match=r"o\.csv .* names 1 column twice"):
        read(tmp_path, 'path = "o.csv"')
    with duckdb.connect(tmp_path / "o.duckdb") as connection:
        connection.execute('CREATE TABLE shop (id TEXT, day DATE, " amount" INT, "amount " INT)')
    with pytest.raises(cx.CxroiError, match="1 column twice: ' amount', 'amount '"):
        read(tmp_path, 'path = "o.duckdb"\ntable = "shop"')
    with pytest.raises(cx.CxroiError, match="names 1 column twice: ' amount', 'amount'"):
        refuse_twice(["id", " amount", "amount"], "the sheet", folded=True)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (
            "/no/such/disk/o.parquet",
            "'/no/such/disk/o.parquet'. There is no folder '/no/such/disk'",
        ),
        ("old/o.parquet", "no file 'old/o.parquet'. There is no folder 'old' either"),
        ("./respnses.csv", "no file 'respnses.csv'. Did you mean 'responses.csv'"),
    ],
)
def test_a_missing_file_is_named_as_the_study_does(path: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(cx.CxroiError, match=re.escape(words)):
        read(tmp_path, f'path = "{path}"')


def test_29_parquet_names_inside_a_structure_are_no_columns(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'a1' AS id, {'amount': 1, 'id': [2]} AS inner, DATE '2026-01-05' AS "
            f"day, 3.5 AS amount) TO '{tmp_path}/o.parquet'"
        )
    assert held(read(tmp_path, 'path = "o.parquet"'))[0][3] == 3.5


def test_29_a_query_that_names_a_column_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("adbc_driver_sqlite")
    sqlite_file(tmp_path / "shop.db")
    monkeypatch.setenv("SHOP", "sqlite:///shop.db")
    query = "SELECT id, day, amount, 2 * amount AS amount FROM shop"
    with pytest.raises(cx.CxroiError, match="names 1 column twice: 'amount'"):
        read(tmp_path, f'database = "SHOP"\nquery = "{query}"')


def test_a_broken_parquet_file(tmp_path: Path) -> None:
    (tmp_path / "o.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(cx.CxroiError, match="not a Parquet file"):
        read(tmp_path, 'path = "o.parquet"')


def test_excel(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    import datetime as dt

    book = openpyxl.Workbook()
    book.active.append(["notes"])
    sheet = book.create_sheet("2026")
    sheet.append(["id", "day", "amount"])
    for customer, at, amount in ORDERS:
        sheet.append([customer, dt.datetime.fromisoformat(at), amount])
    sheet.append([None, None, None])
    book.save(tmp_path / "orders.xlsx")
    source = 'path = "orders.xlsx"\nsheet = "2026"'
    assert held(read(tmp_path, source)) == EXPECTED
    with pytest.raises(cx.CxroiError, match=r"no sheet '2025'; *Did you mean|Did you mean '2026'"):
        read(tmp_path, source.replace('"2026"', '"2025"'))
    with pytest.raises(cx.CxroiError, match=r"no column 'id'|no column 'day'"):
        read(tmp_path, 'path = "orders.xlsx"')


def test_excel_says_which_sheet_was_read(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    book = openpyxl.Workbook()
    book.active.append(["notes"])
    book.active.title = "About"
    book.create_sheet("Orders 2026")
    book.save(tmp_path / "orders.xlsx")
    words = "Read was the sheet 'About'; sheet = ... names another: 'Orders 2026'"
    with pytest.raises(cx.CxroiError, match=words):
        read(tmp_path, 'path = "orders.xlsx"')


def test_27_qualtrics_headers_in_excel(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    book = openpyxl.Workbook()
    for line in (
        ["id", "day", "amount"],
        ["Customer", "Recorded Date", "What did you pay?"],
        ['{"ImportId":"id"}', '{"ImportId":"m"}', '{"ImportId":"QID1"}'],
        *([i, at, n] for i, at, n in ORDERS),
    ):
        book.active.append(line)
    book.save(tmp_path / "orders.xlsx")
    tables = read(tmp_path, 'path = "orders.xlsx"')
    assert held(tables) == EXPECTED
    assert (tables.ledger.rows("orders", "read"), tables.ledger.rows("orders", "repaired")) == (
        3,
        2,
    )


def test_excel_without_its_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orders.xlsx").write_bytes(b"x")
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    with pytest.raises(cx.CxroiError, match=r"pip install 'cxroi\[excel\]'"):
        read(tmp_path, 'path = "orders.xlsx"')


@pytest.mark.parametrize("table", ["shop", "main.shop", "shop_view"])
def test_duckdb_file(table: str, tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "shop.duckdb") as connection:
        make(connection)
        connection.execute("CREATE VIEW shop_view AS SELECT * FROM shop")
    assert held(read(tmp_path, f'path = "shop.duckdb"\ntable = "{table}"')) == EXPECTED


def test_duckdb_file_without_that_table(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "shop.duckdb") as connection:
        make(connection)
    with pytest.raises(cx.CxroiError, match="Did you mean 'shop'"):
        read(tmp_path, 'path = "shop.duckdb"\ntable = "shopp"')
    with pytest.raises(cx.CxroiError, match="Add table = "):
        read(tmp_path, 'path = "shop.duckdb"')


def sqlite_file(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE shop (id TEXT, day TEXT, amount REAL)")
    connection.executemany("INSERT INTO shop VALUES (?, ?, ?)", ORDERS)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("what", ['table = "shop"', 'query = "SELECT * FROM shop WHERE 1"'])
def test_sqlite(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("adbc_driver_sqlite")
    sqlite_file(tmp_path / "shop.db")
    monkeypatch.setenv("SHOP", f"sqlite:///{tmp_path}/shop.db")
    tables = read(tmp_path, f'database = "SHOP"\n{what}')
    assert held(tables) == EXPECTED
    source = next(s for s in tables.sources if s.table == "orders")
    assert (source.where, source.sha256, source.rows) == ("database SHOP", "", 3)


def test_sqlite_beside_the_study_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("adbc_driver_sqlite")
    sqlite_file(tmp_path / "shop.db")
    monkeypatch.setenv("SHOP", "sqlite:///shop.db")
    assert held(read(tmp_path, 'database = "SHOP"\ntable = "shop"')) == EXPECTED


def test_sqlite_columns_are_typed_by_many_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver types a column by its first batch of 1,024 rows and then gives up."""
    pytest.importorskip("adbc_driver_sqlite")
    connection = sqlite3.connect(tmp_path / "shop.db")
    connection.execute("CREATE TABLE shop (id, day, amount)")
    lines = [(f"a{i}", "2026-01-05", 1) for i in range(1500)] + [("a9", "2026-01-05", "$2.50")]
    connection.executemany("INSERT INTO shop VALUES (?, ?, ?)", lines)
    connection.commit()
    connection.close()
    monkeypatch.setenv("SHOP", "sqlite:///shop.db")
    tables = read(tmp_path, 'database = "SHOP"\ntable = "shop"')
    total = "SELECT sum(amount) FROM clean_orders"
    assert tables.connection.execute(total).fetchall() == [(1502.5,)]


def test_a_sqlite_file_given_as_a_path(tmp_path: Path) -> None:
    sqlite_file(tmp_path / "shop.db")
    with pytest.raises(cx.CxroiError, match="sqlite:///"):
        read(tmp_path, 'path = "shop.db"\ntable = "shop"')


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("", "is not set"),
        ("sqlite:////nowhere/secret.db", "no such file"),
        ("mysql://secret@host/db", "unknown kind"),
        ("postgresql://user:secret@127.0.0.1:1/db", "no server answers"),
    ],
)
def test_databases_that_cannot_be_read(
    uri: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    monkeypatch.setenv("SHOP", uri)
    with pytest.raises(cx.CxroiError) as caught:
        read(tmp_path, 'database = "SHOP"\ntable = "shop"')
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_sqlite_without_that_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("adbc_driver_sqlite")
    sqlite_file(tmp_path / "shop.db")
    monkeypatch.setenv("SHOP", "sqlite:///shop.db")
    with pytest.raises(cx.CxroiError, match="no such table"):
        read(tmp_path, 'database = "SHOP"\ntable = \'x"; DROP TABLE shop; --\'')
    assert held(read(tmp_path, 'database = "SHOP"\ntable = "shop"')) == EXPECTED


def test_postgresql(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Field case query_runs_programs_on_the_database_server, and what is read all the same."""
    dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi")
    with dbapi.connect(postgres) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA s")
        cursor.execute("CREATE TABLE s.shop (id text, day timestamptz, amount numeric(9, 2))")
        for customer, at, amount in ORDERS:
            values = f"('{customer}', '{at}+00', {amount})"
            cursor.execute(f"INSERT INTO s.shop VALUES {values}")
        connection.commit()
    monkeypatch.setenv("SHOP", postgres)
    assert held(read(tmp_path, 'database = "SHOP"\ntable = "s.shop"')) == EXPECTED
    query = 'query = "SELECT id, day, amount::float8 AS amount FROM s.shop"'
    assert held(read(tmp_path, f'database = "SHOP"\n{query}')) == EXPECTED
    with pytest.raises(cx.CxroiError, match="no such database, table or column"):
        read(tmp_path, 'database = "SHOP"\ntable = "shopp"')
    with dbapi.connect(postgres) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION s.taken() RETURNS int LANGUAGE sql AS 'DELETE FROM s.shop RETURNING 1'"
        )
        connection.commit()
    more = "SELECT id, day, amount::float8, {} AS more FROM s.shop"
    calls = "now() AS a, random() AS b, date_trunc('month', day) AS c, (SELECT max(1)) "
    assert held(read(tmp_path, f'database = "SHOP"\nquery = "{more.format(calls)}"')) == EXPECTED
    outside = tmp_path / "pwned"
    calls = (
        "pg_read_file('/etc/passwd'), pg_ls_dir /* */ ('.'), pg_catalog.lo_import('/etc/passwd'), "
        "query_to_xml('DELETE FROM s.shop', true, true, ''), s.taken()"
    )
    named = "calls lo_import, pg_ls_dir, pg_read_file, query_to_xml, taken, of which the database"
    with pytest.raises(cx.CxroiError, match=named):
        read(tmp_path, f'database = "SHOP"\nquery = "{more.format(calls)}"')
    with pytest.raises(cx.CxroiError, match="is not a SELECT"):
        read(tmp_path, f"database = 'SHOP'\nquery = \"copy s.shop to program 'cat > {outside}'\"")
    # What is sent is sent in a transaction that only reads, whatever gets past the parser.
    monkeypatch.setattr("cxroi.reading.sources.databases.one_select", lambda *_: ())
    with pytest.raises(cx.CxroiError, match="cannot be read"):
        read(tmp_path, f'database = "SHOP"\nquery = "{more.format("s.taken()")}"')
    with pytest.raises(cx.CxroiError, match="cannot be read"):
        read(tmp_path, 'database = "SHOP"\nquery = "DELETE FROM s.shop RETURNING *"')
    monkeypatch.undo()
    monkeypatch.setenv("SHOP", postgres)
    assert held(read(tmp_path, 'database = "SHOP"\ntable = "s.shop"')) == EXPECTED
    assert not outside.exists()


@pytest.mark.parametrize("kind", ["date", "timestamp", "timestamptz"])
def test_infinite_dates_of_postgresql(
    postgres: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Field case postgres_infinity_date."""
    pytest.importorskip("adbc_driver_postgresql.dbapi")
    monkeypatch.setenv("SHOP", postgres)
    row = f"SELECT 'a1' AS id, '{{}}'::{kind} AS day, 1.5::float8 AS amount"
    for written in ("infinity", "-infinity"):
        query = f"{row.format(written)} UNION ALL {row.format('2026-01-20')}"
        with pytest.raises(cx.CxroiError, match=r"'day' of .* before 1990 or after 2100"):
            read(tmp_path, f'database = "SHOP"\nquery = "{query}"')
    query = f"{row.format('infinity')} UNION ALL {row.format('2026-01-20')}"
    tables = read(tmp_path, f'database = "SHOP"\nquery = "{query}"\nmissing = ["infinity"]')
    assert held(tables) == [(1, "a1", "2026-01-20 00:00:00", 1.5)]
    assert tables.ledger.rows("orders", "set aside") == 1
