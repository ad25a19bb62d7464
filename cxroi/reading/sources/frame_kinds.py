"""Kinds of frames: what their columns are called, and how DuckDB gets at them."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from ...engine.quoting import ident
from ...errors import DataError
from ...study.declared import Source

_KINDS = (
    "it is a DuckDB relation, a pandas, Polars or Arrow frame, or another object with "
    "__arrow_c_stream__"
)
_UTC = ("Etc/UTC", "GMT+00:00", "GMT", "Z")


@dataclass(frozen=True)
class Frame:
    """A frame that is open.

    Attributes
    ----------
    kind
        What it is called in the ledger, such as ``pandas frame``.
    names
        Its column names, as texts.
    pick
        Returns an object with the named columns that DuckDB can scan once.
    again
        Whether all of it can be scanned more than once, at no cost but the scan.
    note
        What to know where a column is missing.
    zones
        Column of times with a zone -> the zone, as DuckDB calls it.
    """

    kind: str
    names: tuple[str, ...]
    pick: Callable[[Sequence[str]], Any]
    again: bool = False
    note: str = ""
    zones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Stream:
    """Only the stream of an object, as what DuckDB needs no other library to read."""

    origin: Any

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.origin.__arrow_c_stream__(requested_schema)


def frame_of(source: Source, frame: Any, where: str) -> Frame:
    """Tell what kind of frame it is.

    Raises
    ------
    DataError
        It is none that can be read.
    """
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None and isinstance(frame, pandas.DataFrame):
        return _pandas(source, frame, where)
    if polars is not None and isinstance(frame, polars.DataFrame):
        return Frame(
            "Polars frame",
            tuple(frame.columns),
            lambda names: _polars_stream(frame.select(list(names)), where),
            again=True,
            zones=_zones(frame.schema.items()),
        )
    if polars is not None and isinstance(frame, polars.LazyFrame):
        return _lazy(frame, where)
    if isinstance(frame, duckdb.DuckDBPyRelation):
        return _relation(frame, where)
    several = not any(
        library is not None and isinstance(frame, library.Series) for library in (pandas, polars)
    )
    if several and hasattr(frame, "__arrow_c_stream__"):
        return _arrow(frame, where)
    raise DataError(f"{where} is of type {type(frame).__name__}", _KINDS)


def _pandas(source: Source, frame: Any, where: str) -> Frame:
    from .pandas_columns import scannable

    if frame.columns.nlevels > 1:
        raise DataError(
            f"{where} has {frame.columns.nlevels} levels of column names",
            "every column has one name",
            'Join the levels: frame.columns = ["_".join(map(str, names)) for names in '
            "frame.columns]",
        )
    index = [str(name) for name in frame.index.names if name is not None]
    note = f"Its index {', '.join(map(repr, index))} is not read: reset_index() makes it a column"
    return Frame(
        "pandas frame",
        tuple(map(str, frame.columns)),
        lambda names: scannable(frame, names, source.decimal, where),
        again=True,
        note=note if index else "",
        zones=_zones((str(name), kind) for name, kind in frame.dtypes.items()),
    )


def _relation(frame: duckdb.DuckDBPyRelation, where: str) -> Frame:
    """Open a relation; its rows come as a stream, from whatever connection it is of."""
    try:
        names = tuple(frame.columns)
    except duckdb.Error:
        raise DataError(
            f"{where} is a DuckDB relation whose connection is closed or whose tables are gone",
            fix="Make the relation anew",
        ) from None
    return Frame(
        "DuckDB relation",
        names,
        lambda wanted: _Stream(frame.project(", ".join(map(ident, wanted)))),
    )


def _lazy(frame: Any, where: str) -> Frame:
    try:
        schema = frame.collect_schema()
    except Exception as error:  # whatever the steps of the frame may raise
        raise _uncollected(where, error) from None

    def pick(wanted: Sequence[str]) -> _Stream:
        try:
            chosen = frame.select(list(wanted)).collect(engine="streaming")
        except Exception as error:
            raise _uncollected(where, error) from None
        return _polars_stream(chosen, where)

    return Frame("Polars lazy frame", tuple(schema.names()), pick, zones=_zones(schema.items()))


def _polars_stream(frame: Any, where: str) -> _Stream:
    """Refuse objects of Python, of which Polars hands out the addresses."""
    for name, kind in frame.schema.items():
        if str(kind) == "Object":
            raise DataError(
                f"column {name!r} of {where} holds objects of Python", "it holds values of Polars"
            )
    return _Stream(frame)


def _uncollected(where: str, error: Exception) -> DataError:
    return DataError(
        f"{where} is lazy and cannot be collected: Polars reports {type(error).__name__}",
        fix="Collect it before, to see what it says",
    )


def _arrow(frame: Any, where: str) -> Frame:
    try:
        import pyarrow
    except ImportError:
        raise DataError(
            f"{where} is of type {type(frame).__name__}, and pyarrow is not installed",
            fix="pip install 'cxroi[frames]'",
        ) from None
    if isinstance(frame, pyarrow.Table):
        return Frame(
            "Arrow table",
            tuple(frame.column_names),
            lambda names: frame.select(list(names)),
            again=True,
            zones=_zones((field.name, field.type) for field in frame.schema),
        )
    try:
        reader = pyarrow.RecordBatchReader.from_stream(frame)
    except Exception:  # the object may raise anything, with data in its words
        raise DataError(
            f"{where} is of type {type(frame).__name__}, whose stream cannot be read",
            "it is a stream of columns that has not been read yet",
            "Make a frame of it first",
        ) from None
    zones = _zones((field.name, field.type) for field in reader.schema)
    return Frame("Arrow stream", tuple(reader.schema.names), lambda names: reader, zones=zones)


def _zones(types: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Return the zone of each column of times with one, whatever library its type is of."""
    zones = {}
    for name, of_column in types:
        kind = getattr(of_column, "pyarrow_dtype", of_column)
        zone = getattr(kind, "tz", None) or getattr(kind, "time_zone", None)
        if zone is not None:
            zones[name] = _zone_name(zone)
    return zones


def _zone_name(zone: str | dt.tzinfo) -> str:
    """Return what DuckDB calls a zone: its name, or ``GMT+05:30``; ``UTC+05:30`` it misreads."""
    offset = None if isinstance(zone, str) else zone.utcoffset(None)
    name = str(zone) if offset is None else str(dt.timezone(offset))
    name = re.sub(r"^(UTC)?(?=[+-])", "GMT", name)
    return "UTC" if name in _UTC else name
