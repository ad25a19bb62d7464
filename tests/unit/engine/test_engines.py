"""Engines: addresses, what is missing, the translation; Spark itself is in tests/spark."""

import importlib.util
import shutil
import socket
from decimal import Decimal

import duckdb
import pandas as pd
import pytest

from cxroi.engine import spark, spark_addresses
from cxroi.engine.engines import DuckDB, open_engine
from cxroi.errors import OutOfMemoryError, ParameterError
from cxroi.reading.sources.connection import connect

needs_sqlglot = pytest.mark.skipif(
    importlib.util.find_spec("sqlglot") is None, reason="sqlglot is not installed"
)


@pytest.fixture
def connection():
    return duckdb.connect()


@pytest.mark.parametrize("run", ["execute", "fetch", "frame"])
def test_too_little_memory_is_said_plainly(run):
    small = duckdb.connect(config={"memory_limit": "10MB", "temp_directory": ""})
    with pytest.raises(
        OutOfMemoryError, match=r"ran out .* 9\.5 MiB; .* Raise memory_limit"
    ) as told:
        getattr(DuckDB(small), run)("SELECT list(md5(i::VARCHAR)) FROM range(1000000) t(i)")
    assert told.value.__suppress_context__


class Failing:
    """A connection that fails with the words of DuckDB."""

    query_progress = None

    def __init__(self, error):
        self.error = error

    def execute(self, _sql):
        raise self.error


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Allocation failure", "got no more memory from the system"),
        ("Failed to allocate block of 262144 bytes", "got no more memory from the system"),
        (
            "failed to offload data block of size 256.0 KiB (17.9 MiB/18.0 MiB used).\nThis limit "
            "was set by the 'max_temp_directory_size' setting.",
            r"disk to which DuckDB spills is full after 18\.0 MiB; .* set TMPDIR",
        ),
    ],
)
def test_where_memory_or_the_disk_ends_is_told(words, told):
    with pytest.raises(OutOfMemoryError, match=told):
        DuckDB(Failing(duckdb.OutOfMemoryException(words))).fetch("")


@pytest.mark.parametrize(
    "error", [RuntimeError("Query interrupted"), duckdb.InterruptException("Interrupted!")]
)
def test_what_duckdb_makes_of_an_interrupt_is_an_interrupt(error):
    with pytest.raises(KeyboardInterrupt):
        DuckDB(Failing(error)).fetch("")
    with pytest.raises(RuntimeError, match="else"):
        DuckDB(Failing(RuntimeError("else"))).fetch("")


@pytest.mark.parametrize("address", ["", "duckdb"])
def test_duckdb_is_the_engine_by_default(connection, address):
    engine = open_engine(address, connection)
    assert engine == DuckDB(connection)
    assert engine.name == "DuckDB"


@pytest.mark.parametrize(
    ("address", "offered"),
    [
        ("DuckBD", "Did you mean 'duckdb'"),
        ("spark://host", "Did you mean 'spark://host:7077'"),
        ("local[0]", "Did you mean 'local"),
        ("local[2]; rm", "Did you mean 'local"),
        ("spark://a:1/x", "'spark://host:7077'"),
        ("yarn", "Valid: duckdb, local"),
    ],
)
def test_an_unknown_address_is_refused_with_the_nearest(connection, address, offered):
    with pytest.raises(ParameterError) as refusal:
        open_engine(address, connection)
    assert offered in str(refusal.value)


def test_what_is_missing_is_said_plainly(connection, monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    found = {"pyspark", "sqlglot"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name in found or None)
    with pytest.raises(ParameterError, match="there is no Java"):
        open_engine("local[*]", connection)
    for missing in ("sqlglot", "pyspark"):
        found.discard(missing)
        with pytest.raises(ParameterError, match=f"{missing} is not installed") as refusal:
            open_engine("local[*]", connection)
        assert "pip install 'cxroi[spark]'" in str(refusal.value)


def test_a_folder_that_does_not_exist_is_refused(connection, monkeypatch, tmp_path):
    monkeypatch.setattr(spark, "_require_installed", lambda: None)
    with pytest.raises(ParameterError, match="does not exist"):
        open_engine("local[*]", connection, tmp_path / "none")


def test_a_master_is_asked_before_spark_tries_for_a_minute():
    with socket.socket() as silent, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ParameterError, match="nothing answers there"):
            spark_addresses.require_answer(f"spark://{nobody}")
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        # One master of several is enough.
        spark_addresses.require_answer(f"spark://{nobody},127.0.0.1:{silent.getsockname()[1]}")


def test_a_cluster_without_a_free_worker_is_refused(monkeypatch):
    class Context:
        """Stands for a SparkContext whose executors are this process and those joined so far."""

        def __init__(self, *sizes):
            self.sizes, self.stopped = list(sizes), False
            self._jsc = self

        def stop(self):
            self.stopped = True

        sc = getExecutorMemoryStatus = lambda self: self

        def size(self):
            return self.sizes.pop(0) if len(self.sizes) > 1 else self.sizes[0]

    late, never = Context(1, 1, 2), Context(1)
    spark._require_worker(late, "spark://a:1")
    assert (late.sizes, late.stopped) == ([2], False)
    spark._require_worker(never, "local[2]")
    monkeypatch.setattr(spark, "WAIT_SECONDS", 0.2)
    with pytest.raises(ParameterError, match=r"spark\.cores\.max"):
        spark._require_worker(never, "spark://a:1")
    assert never.stopped


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("local[*]", True),
        ("spark://127.0.0.1:7077", True),
        ("spark://localhost:7077,127.0.0.1:7078", True),
        ("spark://localhost:7077,cluster:7077", False),
    ],
)
def test_only_a_cluster_on_this_machine_is_told_to_stay_on_it(address, here):
    assert spark_addresses.on_this_machine(address) is here


def test_decimal_numbers_come_as_floats(connection):
    ((half, whole, name),) = DuckDB(connection).fetch("SELECT 0.5, 3, 'x'")
    assert (half, whole, name) == (0.5, 3, "x")
    assert isinstance(half, float)
    assert not isinstance(whole, Decimal | float)


def test_whole_numbers_of_a_frame_have_64_bits(connection):
    frame = DuckDB(connection).frame(
        "SELECT 1 AS a, i::SMALLINT AS b, nullif(i, 1)::INT AS c, i AS d, true AS e, "
        "0.5::FLOAT AS f FROM range(3) AS r(i)"
    )
    kinds = ["int64", "int64", "Int64", "int64", "bool", "float32"]
    assert [str(kind) for kind in frame.dtypes] == kinds
    assert frame["c"].to_list() == [0, pd.NA, 2]


def test_temporary_tables_of_an_engine_apart_are_its_own():
    connection = connect()
    connection.execute("CREATE TABLE base AS SELECT 1 AS a")
    engine = DuckDB(connection)
    other = engine.own_session()
    for each, value in ((engine, 2), (other, 3)):
        each.adopt(connection, ["base"])
        each.execute(f"CREATE OR REPLACE TEMP TABLE mine AS SELECT {value} * a AS a FROM base")
    assert engine.fetch("SELECT a FROM mine") == [(2,)]
    assert other.fetch("SELECT a FROM mine") == [(3,)]
    assert other.fetch("SELECT current_setting('TimeZone')") == [("UTC",)]


@needs_sqlglot
@pytest.mark.parametrize(
    ("duckdb_sql", "spark_sql"),
    [
        ("1.5", "1.5e0"),  # not a decimal number
        ("1e-05", "1e-05"),
        ("2.5E-3", "2.5E-3"),
        ("7", "7"),
        ("'1.5'", "'1.5'"),
        ("x::DECIMAL(10, 2)", "CAST(x AS DECIMAL(10, 2))"),
        ("quantile_cont(asinh(x), 0.5)", "PERCENTILE"),
        ("asinh(asinh(x))", "LOG1P"),
        ("date_trunc('day', date_trunc('month', t))", "AS TIMESTAMP_NTZ)"),
        ("date_diff('day', a, b)", "DATEDIFF(DAY, DATE_TRUNC('DAY', a), DATE_TRUNC('DAY', b))"),
    ],
)
def test_a_form_is_translated(duckdb_sql, spark_sql):
    from cxroi.engine.spark_dialect import parsed

    found = parsed(f"SELECT {duckdb_sql} FROM t").sql("spark")
    assert spark_sql in found
    assert "ASINH" not in found
    if duckdb_sql.strip("'") in spark_sql:
        assert found == f"SELECT {spark_sql} FROM t"  # nothing more than that


@needs_sqlglot
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM t",  # approximate in Spark
        "SELECT epoch(t) FROM t",  # whole seconds
        "SELECT random()",
        "SELECT * FROM a ASOF JOIN b ON a.c = b.c AND a.t >= b.t",
    ],
)
def test_a_form_without_an_exact_equal_is_refused(sql):
    from cxroi.engine.spark_dialect import parsed

    with pytest.raises(ValueError, match="no exact equal"):
        parsed(sql)


@needs_sqlglot
@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("CREATE OR REPLACE TEMP TABLE a AS WITH b AS (SELECT 1 FROM c) SELECT * FROM b", "a"),
        ("CREATE OR REPLACE TEMP VIEW v AS SELECT * FROM a", "v"),
        ("DROP TABLE IF EXISTS a", "a"),
        ("DROP VIEW v", "v"),
    ],
)
def test_the_relation_of_a_statement_is_found(sql, name):
    from cxroi.engine.spark_dialect import parsed, relation

    assert relation(parsed(sql)) == name
