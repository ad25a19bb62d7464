"""pandas columns: what DuckDB would guess at or cannot read becomes the text a file would hold."""

from __future__ import annotations

import datetime as dt
import numbers
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import DataError
from .excel import cell_text

if TYPE_CHECKING:
    import pandas as pd

# Kinds of numpy that DuckDB reads as they are: bool, int, uint, float, datetime, timedelta.
_PLAIN = "biufMm"
_TEXTS = ("string", "unicode")


def scannable(frame: pd.DataFrame, names: Sequence[str], decimal: str, where: str) -> pd.DataFrame:
    """Return some columns of a frame in a form that DuckDB reads without guessing.

    Columns of texts, numbers, booleans and dates stay as they are and are not copied. Categories,
    periods, intervals and columns of mixed objects become texts, cell by cell, as in a file.

    Parameters
    ----------
    names
        Column names as texts.
    decimal
        The declared decimal mark, with which numbers among objects are written.

    Raises
    ------
    DataError
        A column of objects holds lists, bytes or the like.
    """
    import pandas as pd

    position = {str(name): i for i, name in enumerate(frame.columns)}
    columns = {
        name: _column(frame.iloc[:, position[name]], decimal, f"column {name!r} of {where}")
        for name in names
    }
    return pd.DataFrame(columns, index=frame.index, copy=False).reset_index(drop=True)


def _column(column: Any, decimal: str, where: str) -> Any:
    import pandas as pd

    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        held = pd.Series(_texts(kind.categories.to_series(), decimal, where))
        codes = column.cat.codes.to_numpy()
        return pd.Series(held.reindex(codes).to_numpy(), index=column.index, dtype="str")
    if isinstance(kind, pd.SparseDtype):
        return _column(column.sparse.to_dense(), decimal, where)
    if kind.kind == "f" and bool(column.isna().all()):
        return pd.Series(None, index=column.index, dtype="str")  # a column that says nothing
    if kind.kind in _PLAIN or isinstance(kind, pd.StringDtype | pd.ArrowDtype):
        return _forward(column)
    extension = isinstance(kind, pd.PeriodDtype | pd.IntervalDtype)
    if (
        kind.kind == "O"
        and not extension
        and pd.api.types.infer_dtype(column, skipna=True) in _TEXTS
    ):
        return _forward(column)
    return pd.Series(_texts(column, decimal, where), index=column.index, dtype="str")


def _forward(column: Any) -> Any:
    """Return a column whose values do not lie backwards in memory, as after ``frame[::-1]``."""
    import pandas as pd

    kind = column.dtype
    if isinstance(kind, pd.ArrowDtype) or getattr(kind, "storage", "") == "pyarrow":
        return column
    if isinstance(kind, np.dtype) and column.to_numpy().strides >= (0,):
        return column
    return column.copy()


def _texts(column: pd.Series[Any], decimal: str, where: str) -> list[str | None]:
    missing = column.isna().to_numpy()
    cells = column.astype(object).to_numpy()
    return [
        None if nothing else _text(cell, decimal, where)
        for cell, nothing in zip(cells, missing, strict=True)
    ]


def _text(cell: Any, decimal: str, where: str) -> str | None:
    import pandas as pd

    if type(cell).__module__ == "numpy":
        cell = cell.item()
    known = (str, numbers.Number, dt.date, dt.time, dt.timedelta, uuid.UUID, pd.Period, pd.Interval)
    if not isinstance(cell, known):
        raise DataError(
            f"{where} holds objects of type {type(cell).__name__}",
            "a cell is a text, a number, true or false, a date or blank",
        )
    written = cell_text(cell, decimal)
    if isinstance(cell, numbers.Number) and written is not None:
        return written.replace(".", decimal)
    return written
