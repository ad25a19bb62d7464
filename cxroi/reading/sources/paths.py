"""Paths: the files of a declared table, by a path, a pattern or a folder."""

from __future__ import annotations

import glob
from pathlib import Path

from ...errors import DataError
from ...study.declared import Source


def paths_of(source: Source) -> list[Path]:
    """Return the files of a table in the order of their names, none for a database.

    Hidden files are left out, and those whose names begin with ``_`` or ``~$``: marks of Spark
    and locks of Excel.

    Raises
    ------
    DataError
        No file fits the pattern, or the folder holds none.
    """
    if source.path is not None:
        return [source.path]
    if source.folder is None or not source.files:
        return []
    named = source.folder / source.files
    if named.is_dir():
        found = list(named.iterdir())
    elif named.is_file():
        found = [named]
    else:
        # `Path.glob` takes no absolute pattern.
        matching = glob.glob(source.files, root_dir=source.folder, recursive=True)  # noqa: PTH207
        found = [source.folder / name for name in matching]
    kept = sorted(p for p in found if p.is_file() and not p.name.startswith((".", "_", "~$")))
    if not kept:
        raise DataError(
            f"[tables.{source.name}] files: there is no file for {source.files!r}",
            "it is a folder, or a pattern such as 'orders-*.csv'; '**/*.csv' looks into folders",
            "It is relative to the folder of the study file",
        )
    return kept
