"""Spark: runs the statements of the package on a cluster, translated from DuckDB's dialect."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DataError, ParameterError
from ..files.locked import for_this_process, own_folder
from .answers import Records, native, widened
from .quoting import ident, path_text
from .spark_addresses import on_this_machine, require_answer
from .spark_dialect import parsed, relation
from .spark_java import launched, own_interrupts

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    from pyspark import SparkContext
    from pyspark.sql import DataFrame, SparkSession

INSTALL = "Install it with: pip install 'cxroi[spark]'; it needs Java 17 or 21"
# What makes Spark compute as DuckDB does; whatever else the cluster is told, these hold.
SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.adaptive.enabled": "true",
}
# Everything else, such as `spark.cores.max`, is taken from the settings of the Spark at hand.
START = {
    "spark.app.name": "cxroi",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
WAIT_SECONDS = 60
# Workers run as this user or in the same group; nobody else may read what customers did.
GROUP = 0o770
# Many small parts cost more than they help: Spark's own 200 makes the demo study five times slower.
PARTS, PART_BYTES = 4, 32 * 1024**2


@dataclass(frozen=True)
class Spark:
    """A Spark session.

    Attributes
    ----------
    folder
        Where tables lie as Parquet; every worker reads and writes it under this path.
    """

    session: SparkSession
    folder: Path
    _adopted: dict[str, Path] = field(default_factory=dict, repr=False, compare=False)
    _kept: dict[str, Path] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The name in a result's method."""
        return "Spark"

    def execute(self, sql: str) -> None:
        """Run a statement.

        A temporary table is written to the folder: measured, that is faster than to keep it in
        the memory of the workers, where every later statement is planned from the very first
        table on; and nothing of it is lost with a worker.
        """
        import uuid

        statement = parsed(sql)
        if statement.key not in ("create", "drop"):
            raise ValueError(f"not a statement that leaves or drops a relation: {sql}")
        name, path = relation(statement), None
        if statement.key == "drop":
            self.session.catalog.dropTempView(name)
        elif statement.args["kind"] == "TABLE":
            path = self.folder / f"{name}-{uuid.uuid4().hex}"
            self.session.sql(statement.expression.sql("spark")).write.parquet(_located(path))
            _read(self.session, path).createOrReplaceTempView(name)
        else:
            self.session.sql(statement.sql("spark"))
        self._forget(name)
        if path is not None:
            self._kept[name] = path

    def fetch(self, sql: str) -> Records:
        """Return the rows of a small result."""
        return native(tuple(row) for row in self._run(sql).collect())

    def frame(self, sql: str) -> pd.DataFrame:
        """Return rows as a data frame, with the column types that DuckDB gives them."""
        import duckdb

        table = self._run(sql).toArrow()
        with duckdb.connect() as connection:
            return widened(connection.from_arrow(table).df())

    def adopt(self, connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
        """Hand relations of a DuckDB connection over as Parquet files.

        Raises
        ------
        DataError
            The workers do not find the files in the folder.
        """
        import tempfile

        for name in names:
            path = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
            path.chmod(GROUP)
            connection.execute(
                f"COPY {ident(name)} TO {path_text(path)} (FORMAT parquet, PER_THREAD_OUTPUT)"
            )
            (rows,) = connection.execute(f"SELECT count(*) FROM {ident(name)}").fetchall()[0]
            self._register(name, path, rows)
            self._adopted[name] = path
        self._size_parts()

    def own_session(self) -> Spark:
        """Return a session of the same application whose temporary tables are its own."""
        other = Spark(configured(self.session.newSession()), self.folder)
        for name, path in self._adopted.items():
            _read(other.session, path).createOrReplaceTempView(name)
            other._adopted[name] = path
        other._size_parts()
        return other

    def _run(self, sql: str) -> DataFrame:
        return self.session.sql(parsed(sql).sql("spark"))

    def _register(self, name: str, path: Path, rows: int) -> None:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            frame = _read(self.session, path)
            found = frame.count()
        except (PySparkException, Py4JError):
            found = -1
        if found != rows:
            raise DataError(
                f"the workers of Spark do not find the tables in {self.folder}",
                "this process and every worker read and write it under the same path",
                "Name one on a shared disk",
            )
        frame.createOrReplaceTempView(name)

    def _size_parts(self) -> None:
        """Cut what is sorted or joined into parts that fit into a worker's memory."""
        files = (file for path in self._adopted.values() for file in path.rglob("*.parquet"))
        parts = max(PARTS, sum(file.stat().st_size for file in files) // PART_BYTES)
        self.session.conf.set("spark.sql.shuffle.partitions", str(parts))

    def _forget(self, name: str) -> None:
        """Delete the files of a temporary table that is no more."""
        import shutil

        if name in self._kept:
            shutil.rmtree(self._kept.pop(name), ignore_errors=True)


def _located(path: Path) -> str:
    """Return a path as Hadoop takes it: with its scheme, and nothing in it encoded."""
    return f"file://{path.as_posix()}"


def _read(session: SparkSession, path: Path) -> DataFrame:
    """Read a folder of Parquet files: a path, not a pattern."""
    return session.read.option("__globPaths__", "false").parquet(_located(path))


def open_spark(address: str, folder: Path | None = None) -> Spark:
    """Start an application on a cluster, or on this machine, from this process.

    A session that runs already at that address, such as a notebook's own, is joined. The
    application ends with this process, and what was handed over is deleted.

    Parameters
    ----------
    folder
        See `engines.open_engine`.

    Raises
    ------
    ParameterError
        PySpark, sqlglot or Java is missing, nothing answers at the address, or this process
        runs Spark at another one.
    """
    _require_installed()
    if folder is not None and not folder.is_dir():
        raise ParameterError(f"the folder for Spark, {folder}, does not exist")
    own = _folder(folder).resolve()
    return Spark(_session(address, own), own)


def _folder(parent: Path | None) -> Path:
    """Make the folder of the tables: where this process alone works, or on a shared disk."""
    import tempfile

    if parent is None:
        return Path(tempfile.mkdtemp(dir=own_folder()))
    own = for_this_process(parent)
    own.chmod(GROUP)
    return own


def configured(session: SparkSession) -> SparkSession:
    """Set what makes Spark compute as DuckDB does."""
    for key, value in SESSION.items():
        session.conf.set(key, value)
    return session


def _session(address: str, folder: Path) -> SparkSession:
    import logging

    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    # Errors are raised; PySpark would print them with their Java stack as well.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    running = SparkContext._active_spark_context
    if running is None:
        require_answer(address)
        running = _start(address, folder)
    elif running.master != address:
        raise ParameterError(
            f"engine is {address!r}, and this process runs Spark at {running.master!r}",
            "a process has one Spark application",
            "Stop that one, or restart the kernel",
        )
    return configured(SparkSession(running).newSession())


def _start(address: str, folder: Path) -> SparkContext:
    """Start Java, whose messages go to a file: nothing of them belongs into a notebook."""
    from pyspark import SparkConf, SparkContext

    conf = SparkConf(loadDefaults=False).setMaster(address)
    for key, value in START.items():
        conf.set(key, value)
    # What Java spills or shuffles would else lie in /tmp, and stay there if it is killed.
    conf.set("spark.driver.extraJavaOptions", f'-Djava.io.tmpdir="{folder}"')
    if address.startswith("local"):
        conf.set("spark.local.dir", str(folder))
    if on_this_machine(address):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        conf.set("spark.driver.host", "127.0.0.1").set("spark.driver.bindAddress", "127.0.0.1")
    gateway = launched(conf, folder / "spark.log")
    with own_interrupts():
        context = SparkContext(conf=conf, gateway=gateway)
    _require_worker(context, address)
    return context


def _require_worker(context: SparkContext, address: str) -> None:
    """Wait until a worker has joined: a run on none would wait for ever and say nothing."""
    import time

    end = time.monotonic() + WAIT_SECONDS
    # One of those counted is this process.
    while (
        not address.startswith("local") and context._jsc.sc().getExecutorMemoryStatus().size() < 2
    ):
        if time.monotonic() > end:
            context.stop()
            raise ParameterError(
                f"no worker of {address} was free within {WAIT_SECONDS} seconds",
                "an application holds its cores until its kernel stops",
                "Stop other notebooks, or set spark.cores.max in spark-defaults.conf so that "
                "several fit",
            )
        time.sleep(0.1)


def _require_installed() -> None:
    import importlib.util
    import shutil

    missing = [name for name in ("pyspark", "sqlglot") if importlib.util.find_spec(name) is None]
    if missing:
        raise ParameterError(f"Spark cannot be used: {missing[0]} is not installed", fix=INSTALL)
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        raise ParameterError("Spark cannot be used: there is no Java", fix=INSTALL)
