"""The connection: one DuckDB in this process, which reaches only the files that it is told of.

What it spills only its owner can read.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import duckdb

from ...engine.quoting import file_read, one_row, path_text, text
from ...errors import DataError, ParameterError
from ...files import cache
from ...files.locked import own_folder
from ...files.progress import looked_at

# What DuckDB keeps beside a database that was not closed.
_LOGS = (".wal", ".wal.recovery", ".wal.checkpoint")


def connect(
    memory_limit: str = "", files: Iterable[Path] = (), folders: Iterable[Path] = ()
) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB in this process: UTC, no downloads, spilling to a private folder.

    Its settings are locked, and it reads and writes no other files than those named, the cache,
    and its private folder: a view of a database that it opens may name any.

    Rows keep the order of their source (``preserve_insertion_order``), of which their numbers
    are made.

    Parameters
    ----------
    memory_limit
        Such as ``4GB``; DuckDB's own default, 80 % of the memory, when empty.
    files
        Which it may read.
    folders
        In which it may read and write.

    Raises
    ------
    ParameterError
        `memory_limit` is not a size.
    """
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "preserve_insertion_order": "true",
        }
    )
    # DuckDB makes this folder when it first spills, and removes it when it closes.
    spill = own_folder() / uuid.uuid4().hex
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    with suppress(duckdb.Error):  # in a notebook without ipywidgets there is no bar to switch off
        # Measured for our own bar, if anybody looks on; DuckDB shows none.
        connection.execute("SET enable_progress_bar_print = false")
        connection.execute(f"SET enable_progress_bar = {looked_at()}")
    connection.execute(f"SET temp_directory = {path_text(spill)}")
    if memory_limit:
        try:
            connection.execute(f"SET memory_limit = {text(memory_limit)}")
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error:
            raise ParameterError(
                f"memory_limit is {memory_limit!r}", "it is a size such as '4GB' or '500MB'"
            ) from None
    _shut_in(connection, files, [own_folder(), *folders])
    return connection


def memory_of(connection: duckdb.DuckDBPyConnection) -> float:
    """Return the bytes of memory that a connection may use."""
    (told,) = one_row(connection, "SELECT current_setting('memory_limit')")
    number, unit = str(told).split()
    return float(number) * 1024.0 ** ("bytes", "KiB", "MiB", "GiB", "TiB").index(unit)


def _shut_in(
    connection: duckdb.DuckDBPyConnection, files: Iterable[Path], folders: Iterable[Path]
) -> None:
    """Let a connection reach these and nothing else, for as long as it is open."""
    paths: set[str] = set()
    for file in files:
        paths |= {path_text(file.with_name(file.name + end)) for end in ("", *_LOGS)}
        with suppress(DataError):  # refused where it is opened
            paths.add(file_read(file))
    kept = cache.folder()
    within = [*folders, *([kept] if kept else [])]
    # A pattern that stands for one file is held against these names as it is written.
    named = {sql(p) for f in within for p in (f, f.resolve()) for sql in (path_text, file_read)}
    connection.execute(f"SET allowed_paths = [{', '.join(sorted(paths))}]")
    connection.execute(f"SET allowed_directories = [{', '.join(sorted(named))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
