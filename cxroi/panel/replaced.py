"""A panel with other columns in place of its own, in memory or in its engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ..engine.quoting import ident
from .in_engine import PanelEngineRows

if TYPE_CHECKING:
    from ..arrays import Floats, Vector
    from ..moments.columns import Column
    from .panel import Panel


def replaced(panel: Panel, columns: Mapping[str, Vector], without: Iterable[str] = ()) -> Panel:
    """Return the panel with columns put in place of its own of these names.

    Parameters
    ----------
    columns
        Of the rows of the panel or, in an engine, of other rows with the same ``response``.
    without
        Columns to leave out.
    """
    rows = panel.rows
    if not isinstance(rows, PanelEngineRows):
        arrays = cast("Mapping[str, Floats]", columns)
        return panel.with_frame(panel.frame.drop(columns=list(without)).assign(**arrays))
    left_out = {*without, *columns}
    kept = {name: kind for name, kind in rows.types.items() if name not in left_out}
    other = replace(
        rows,
        relation=_select(rows.relation, kept, columns, rows.relation),
        subsample=rows.subsample and _select(rows.subsample, kept, columns, rows.relation),
        types=kept | dict.fromkeys(columns, "number"),
    )
    return replace(panel, rows=other)


def _select(relation: str, kept: Collection[str], columns: Mapping[str, Vector], own: str) -> str:
    """Write a relation with other columns, joined where they are of other rows."""
    chosen, joins = [f"r.{ident(name)}" for name in kept], ""
    for n, (name, column) in enumerate(cast("Mapping[str, Column]", columns).items()):
        if column.rows.relation == own:
            chosen.append(f"{column.number} AS {ident(name)}")
            continue
        found = f"SELECT response, {column.number} AS v FROM {column.rows.relation} AS o"
        joins += f" JOIN ({found}) AS o{n} ON r.response = o{n}.response"
        chosen.append(f"o{n}.v AS {ident(name)}")
    return f"(SELECT {', '.join(chosen)} FROM {relation} AS r{joins})"
