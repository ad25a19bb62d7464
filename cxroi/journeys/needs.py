"""What a table must have, and what of it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ModelError, ScarceDataError
from ..results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    from ..reading.tables import Tables


def has(tables: Tables, role: str, *columns: str) -> bool:
    """Return whether a study declares a table with all of these columns."""
    source = tables.study.sources.get(role)
    return source is not None and set(columns) <= {"customer", *source.columns}


def need(tables: Tables, role: str, *columns: str) -> str:
    """Return the relation of a table that has all of these columns.

    Raises
    ------
    ModelError
        The study does not declare it, or not all of them; it says which.
    """
    source = tables.study.sources.get(role)
    if source is None:
        raise ModelError(
            f"the study has no [tables.{role}]",
            f"it is needed with {', '.join(columns)}",
            "Declare it, or leave this figure out",
        )
    missing = [name for name in columns if name not in {"customer", *source.columns}]
    if missing:
        raise ModelError(
            f"[tables.{role}] has no {', '.join(missing)}",
            f"this figure needs {', '.join(columns)}",
            f'Add {missing[0]} = "name of the column"',
        )
    return tables.relation(role)


def enough(count: int, what: str) -> None:
    """Refuse where fewer than 30 are there.

    Raises
    ------
    ModelError
        So it is.
    """
    if count < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{count} {what}", f"nothing is said of fewer than {MINIMUM_GROUP}", "Pool more time"
        )
