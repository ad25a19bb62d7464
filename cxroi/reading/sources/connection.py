"""The connection: one DuckDB in this process, whose spilled data only its owner can read."""

from __future__ import annotations

import uuid
from contextlib import suppress

import duckdb

from ...engine.quoting import path_text, text
from ...errors import ParameterError
from ...files.locked import own_folder


def connect(memory_limit: str = "") -> duckdb.DuckDBPyConnection:
    """Return a DuckDB in this process: UTC, no downloads, spilling to a private folder.

    Rows keep the order of their source (``preserve_insertion_order``), of which their numbers
    are made.

    Parameters
    ----------
    memory_limit
        Such as ``4GB``; DuckDB's own default, 80 % of the memory, when empty.

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
    connection.execute("SET TimeZone = 'UTC'")
    with suppress(duckdb.Error):  # in a notebook without ipywidgets there is no bar to switch off
        connection.execute("SET enable_progress_bar = false")
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
    return connection
