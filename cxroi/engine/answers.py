"""Records that engines return: of the same Python and pandas types whichever engine it was."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Records = list[tuple[Any, ...]]
NARROW = ("int8", "int16", "int32", "uint8", "uint16", "uint32")


def native(rows: Iterable[tuple[Any, ...]]) -> Records:
    """Return rows whose decimal numbers are floats."""
    return [_native(row) if Decimal in map(type, row) else row for row in rows]


def _native(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(float(v) if isinstance(v, Decimal) else v for v in row)


def widened(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose whole numbers have 64 bits: engines differ in how few they need."""
    import numpy as np

    wide = {
        name: "int64" if isinstance(kind, np.dtype) else "Int64"
        for name, kind in frame.dtypes.items()
        if str(kind).lower() in NARROW
    }
    return frame.astype(wide) if wide else frame
