"""The same cells as files and tables of every kind that a study reads.

Cells are what Python has for them: texts, numbers, dates, times with a zone or without one, None.
Where a kind has no such cells, they are written as texts.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, settings

import cxroi as cx

KINDS = ("csv", "xlsx", "parquet", "frame", "duckdb", "sqlite", "postgres")
# EXAMPLES=500 pytest tests/property looks further than one run of all tests has time for.
DRAWN = settings(
    max_examples=int(os.environ.get("EXAMPLES", "6")),
    phases=(Phase.generate,),
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    database=None,
)
Columns = Mapping[str, Sequence[Any]]


def read_as(
    kind: str, study: dict[str, Any], tables: Mapping[str, Columns], folder: Path, uri: str = ""
) -> cx.Tables:
    """Write the tables as files of a kind, and read the study of them.

    Parameters
    ----------
    study
        The study file without the places of its tables.
    uri
        Of the PostgreSQL to write to.
    """
    declared, frames = {}, {}
    for name, columns in tables.items():
        declared[name] = {**study["tables"][name], **stored(name, columns, kind, folder, uri)}
        if kind == "frame":
            frames[name] = frame_of(columns)
    loaded = cx.load_study({**study, "tables": declared})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FILE_KINDS", uri if kind == "postgres" else f"sqlite:///{folder / 'd.db'}")
        return cx.read_tables(loaded, frames=frames)


def stored(
    name: str, columns: Columns, kind: str, folder: Path, uri: str = ""
) -> dict[str, str | Path]:
    """Write a table as one of a kind; return where a study finds it."""
    path = folder / f"{name}.{kind}"
    if kind == "csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([list(columns), *rows_of(columns, as_text)])
    elif kind == "xlsx":
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in ([*columns], *rows_of(columns, as_cell)):
            sheet.append(row)
        book.save(path)
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pydict(typed(columns)), path)
    elif kind == "duckdb":
        with duckdb.connect(path) as connection:
            connection.register("cells", pa.Table.from_pydict(typed(columns)))
            connection.execute("CREATE TABLE t AS FROM cells")
        return {"path": path, "table": "t"}
    elif kind == "sqlite":
        with sqlite3.connect(folder / "d.db") as connection:
            names = ", ".join(f'"{column}"' for column in columns)
            connection.execute(f"CREATE TABLE {name} ({names})")
            places = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {name} VALUES ({places})", rows_of(columns, plain))
        connection.close()
        return {"database": "FILE_KINDS", "table": name}
    elif kind == "postgres":
        from adbc_driver_postgresql import dbapi

        with dbapi.connect(uri) as connection, connection.cursor() as cursor:
            cursor.adbc_ingest(name, pa.Table.from_pydict(typed(columns)), mode="replace")
            connection.commit()
        return {"database": "FILE_KINDS", "table": name}
    return {} if kind == "frame" else {"path": path}


def rows_of(columns: Columns, write: Any) -> list[list[Any]]:
    return [[write(cell) for cell in row] for row in zip(*columns.values(), strict=True)]


def typed(columns: Columns) -> dict[str, pa.Array]:
    """Return the columns with the types of their cells, texts where there are none."""
    return {
        name: pa.array(cells, pa.string() if not any(c is not None for c in cells) else None)
        for name, cells in columns.items()
    }


def frame_of(columns: Columns) -> pd.DataFrame:
    return pa.Table.from_pydict(typed(columns)).to_pandas()


def plain(cell: Any) -> Any:
    """Return a cell as SQLite holds it: it has no dates."""
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, dt.date) else cell


def as_cell(cell: Any) -> Any:
    """Return a cell as Excel holds it: it has no zones."""
    return cell.isoformat(" ") if getattr(cell, "tzinfo", None) else cell


def as_text(cell: Any) -> str:
    return "" if cell is None else str(plain(cell))
