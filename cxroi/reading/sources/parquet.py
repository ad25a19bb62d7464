"""Parquet files: the names of their columns as they stand, before DuckDB renames any."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ...engine.quoting import file_read


def column_names(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Return the names of the columns, those inside a structure left out."""
    rows = connection.execute(
        f"SELECT name, coalesce(num_children, 0) FROM parquet_schema({file_read(path)})"
    ).fetchall()
    names, inside = [], 0
    for name, children in rows[1:]:
        if not inside:
            names.append(str(name))
        inside = max(inside - 1, 0) + int(children)
    return names
