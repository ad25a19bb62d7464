"""A panel with other columns in place of its own, in memory or in its engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..engine.quoting import ident
from ..moments.columns import Column, Rows

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Vector
    from .panel import Panel

    Held = pd.DataFrame | Rows


def held_by(panel: Panel) -> Held:
    """Return what holds the columns of a panel: its frame, or its rows in an engine."""
    return panel.frame if panel.rows is None else panel.rows


def names_of(held: Held) -> list[str]:
    """Return the names of the columns."""
    return list(held.types if isinstance(held, Rows) else held.columns)


def numbers_of(held: Held, name: str) -> Vector:
    """Return a column as numbers; what is missing is NaN, in an engine NULL."""
    if isinstance(held, Rows):
        return held.column(f"CAST({ident(name)} AS DOUBLE)")
    return held[name].to_numpy(dtype=float)


def is_known(values: Vector) -> Vector:
    """Return where a column that `numbers_of` gave is not missing."""
    if isinstance(values, Column):
        return Column(values.rows, f"({values.sql} IS NOT NULL)", flag=True)
    return np.isfinite(values)


def where_known(values: Vector, known: Vector) -> Vector:
    """Return a column that is missing where a condition does not hold."""
    if isinstance(values, Column):
        return Column(values.rows, f"(CASE WHEN {known.sql} THEN {values.number} END)")
    return np.where(known, values, np.nan)


def replaced(panel: Panel, columns: Mapping[str, Vector], without: Iterable[str] = ()) -> Panel:
    """Return the panel with columns put in place of its own of these names.

    Parameters
    ----------
    columns
        Of the rows of the panel or, in an engine, of other rows with the same ``response``.
    without
        Columns to leave out.
    """
    if panel.rows is None:
        frame = panel.frame.drop(columns=list(without)).assign(**columns)
        return panel.with_frame(frame)
    left_out = {*without, *columns}
    kept = {name: kind for name, kind in panel.rows.types.items() if name not in left_out}
    rows = replace(
        panel.rows,
        relation=_select(panel.rows.relation, kept, columns, panel.rows.relation),
        draft=panel.rows.draft and _select(panel.rows.draft, kept, columns, panel.rows.relation),
        types=kept | dict.fromkeys(columns, "number"),
    )
    return replace(panel, rows=rows)


def _select(relation: str, kept: Collection[str], columns: Mapping[str, Column], own: str) -> str:
    """Write a relation with other columns, joined where they are of other rows."""
    chosen, joins = [f"r.{ident(name)}" for name in kept], ""
    for n, (name, column) in enumerate(columns.items()):
        if column.rows.relation == own:
            chosen.append(f"{column.number} AS {ident(name)}")
            continue
        found = f"SELECT response, {column.number} AS v FROM {column.rows.relation} AS o"
        joins += f" JOIN ({found}) AS o{n} ON r.response = o{n}.response"
        chosen.append(f"o{n}.v AS {ident(name)}")
    return f"(SELECT {', '.join(chosen)} FROM {relation} AS r{joins})"
