"""Engines: DuckDB in this process, or Spark on a cluster, run the same SQL.

Every step is one statement in DuckDB's dialect. DuckDB runs it as it stands, Spark runs a
translation of it. Files and other sources are always read by DuckDB; what it read is handed to
Spark once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..errors import OutOfMemoryError, ParameterError, nearest, none_left
from ..files.progress import watched
from .answers import Records, native, widened

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

ADDRESSES = ("duckdb", "local[*]", "local[2]", "spark://host:7077")
_SPARK = re.compile(r"local\[(\*|[1-9]\d*)\]|spark://[^\s/:,]+:\d+(,[^\s/:,]+:\d+)*")


class Engine(Protocol):
    """Where the tables are and the statements run."""

    @property
    def name(self) -> str:
        """What a result's method calls it: ``DuckDB`` or ``Spark``."""
        ...

    def execute(self, sql: str) -> None:
        """Run a statement that leaves a temporary table or view, or drops one."""
        ...

    def fetch(self, sql: str) -> Records:
        """Return the rows of a small result; decimal numbers come as floats."""
        ...

    def frame(self, sql: str) -> pd.DataFrame:
        """Return the rows of a panel; both engines give the same column types."""
        ...

    def adopt(self, connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
        """Make relations of a DuckDB connection known under the same names."""
        ...

    def own_session(self) -> Engine:
        """Return the same engine with temporary tables of its own beside those adopted."""
        ...


@dataclass(frozen=True)
class DuckDB:
    """The engine in this process.

    Attributes
    ----------
    connection
        In which the tables have been read.
    """

    connection: duckdb.DuckDBPyConnection

    @property
    def name(self) -> str:
        """The name in a result's method."""
        return "DuckDB"

    def execute(self, sql: str) -> None:
        """Run a statement."""
        with self._watched():
            self.connection.execute(sql)

    def fetch(self, sql: str) -> Records:
        """Return the rows of a small result."""
        with self._watched():
            return native(self.connection.execute(sql).fetchall())

    def frame(self, sql: str) -> pd.DataFrame:
        """Return rows as a data frame."""
        import pandas  # noqa: F401 - DuckDB would call it missing where memory ran out

        with self._watched():
            return widened(self.connection.execute(sql).df())

    def adopt(self, connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
        """Do nothing: the relations are there already."""

    @contextmanager
    def _watched(self) -> Iterator[None]:
        with within_memory(), watched(self.connection.query_progress):
            yield

    def own_session(self) -> DuckDB:
        """Return a cursor: its temporary tables are its own."""
        return DuckDB(self.connection.cursor())


@contextmanager
def within_memory() -> Iterator[None]:
    """Say plainly that DuckDB ran out of memory, or that a statement was interrupted.

    Raises
    ------
    OutOfMemoryError
        A statement inside needs more than DuckDB may use, or than there is.
    KeyboardInterrupt
        A signal arrived while one ran, of which DuckDB made another exception.
    """
    import duckdb

    try:
        yield
    except (duckdb.InterruptException, RuntimeError) as error:
        if "interrupt" in str(error).lower():
            raise KeyboardInterrupt from None
        raise
    except duckdb.OutOfMemoryException as error:
        limit = re.search(r"/([\d.]+ \w+) used", str(error))
        if "max_temp_directory_size" in str(error):
            raise OutOfMemoryError(
                "the disk to which DuckDB spills is full" + (f" after {limit[1]}" if limit else ""),
                "what a step needs beyond memory_limit fits on it",
                "Free some, set TMPDIR to a folder on another disk, or raise memory_limit",
            ) from None
        if not limit:
            raise none_left() from None
        raise OutOfMemoryError(
            "DuckDB ran out of the memory it may use" + (f", {limit[1]}" if limit else ""),
            "the part of each step that is not spilled to disk fits in it",
            "Raise memory_limit of [study], or leave it out for 80 % of the memory of this machine",
        ) from None


def open_engine(
    address: str, connection: duckdb.DuckDBPyConnection, folder: Path | None = None
) -> Engine:
    """Open the engine at an address.

    Parameters
    ----------
    address
        ``duckdb`` or empty; ``local[*]`` or ``local[2]`` for Spark on this machine, on all or on
        that many cores; ``spark://host:7077`` for a cluster.
    connection
        In which the tables have been read.
    folder
        Where tables are put for Spark: one that all its workers read and write under the same
        path. The temporary folder when None.

    Raises
    ------
    ParameterError
        The address is not one of these, nothing answers there, or Spark is not installed.

    Examples
    --------
    >>> open_engine("sparc://host:7077", None)
    Traceback (most recent call last):
    cxroi.errors.ParameterError: engine is 'sparc://host:7077'; it is duckdb, local[*], local[2] \
or spark://host:7077. Did you mean 'spark://host:7077'?
    """
    check_address(address)
    if address in ("", "duckdb"):
        return DuckDB(connection)
    from .spark import open_spark

    return open_spark(address, folder)


def check_address(address: str) -> None:
    """Refuse what is no address of an engine; an empty one stands for the default.

    Raises
    ------
    ParameterError
        It is none of those that `open_engine` knows.
    """
    if address in ("", "duckdb") or _SPARK.fullmatch(address):
        return
    raise ParameterError(
        f"engine is {address!r}",
        f"it is {', '.join(ADDRESSES[:-1])} or {ADDRESSES[-1]}",
        nearest(address, ADDRESSES),
    )
