"""Views of a DuckDB file: read where they show its tables, refused where they read files."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ...engine.quoting import path_text
from ...errors import DataError
from .connection import connect


def refuse_reading_files(path: Path, alias: str, view: str, where: str) -> None:
    """Refuse a view that reads files, declared ones too: of them no fingerprint is taken.

    Parameters
    ----------
    path
        Of the DuckDB file, the only one that is within reach while the view is looked at.
    alias, view
        Name of the file once attached, and of the view in it, quoted.
    where
        What a refusal calls the file.

    Raises
    ------
    DataError
        It reads another file.
    """
    with connect(files=[path]) as alone:
        alone.execute(f"ATTACH {path_text(path)} AS {alias} (READ_ONLY)")
        try:
            alone.execute(f"DESCRIBE SELECT * FROM {view}")
        except duckdb.PermissionException:
            raise DataError(
                f"the view of {where} reads other files",
                "DuckDB reads no file that the study does not declare as a table",
                "Declare those files, or write what the view shows into a table",
            ) from None
