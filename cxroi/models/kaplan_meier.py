"""Steps of Kaplan-Meier's curves, from counts of losses and of those at risk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import numpy as np

from ..moments.columns import Column

if TYPE_CHECKING:
    from ..arrays import Floats, Integers, Vector
    from ..panel.panel import Panel

    Steps = tuple[Floats, Floats, Floats, Floats | Integers]

V = TypeVar("V", bound="Vector")

MOST_STEPS = 10_000  # of a curve of rows in an engine


@dataclass(frozen=True)
class Times(Generic[V]):
    """Group and time of each row, and 1 where it is of a loss: arrays or columns."""

    groups: V
    days: V
    seen: V


def loss_times(panel: Panel) -> Times[Vector]:
    """Return the times of a panel in which churn is dated."""
    rows = panel.rows
    return Times(rows.groups, rows.values("churn_days"), 1.0 * rows.flags("churn_seen"))


def steps_of(times: Times[Vector], groups: int, window: int) -> Iterator[Steps]:
    """Yield days, survival, its error and those at risk at each loss, group by group.

    Of rows in an engine thinned to about `MOST_STEPS` a group.
    """
    if isinstance(times.days, Column):
        return _of_columns(cast("Times[Column]", times), groups, window)
    return _of_arrays(cast("Times[Floats | Integers]", times), groups, window)


def _of_arrays(times: Times[Floats | Integers], groups: int, window: int) -> Iterator[Steps]:
    for group in range(groups):
        rows = times.groups == group
        days, place, counts = np.unique(times.days[rows], return_inverse=True, return_counts=True)
        lost = np.bincount(place, times.seen[rows], minlength=len(days))
        at_risk = np.cumsum(counts[::-1])[::-1]
        losses = lost > 0
        d, n = lost[losses], at_risk[losses]
        with np.errstate(divide="ignore", invalid="ignore"):  # where all at risk are lost
            survival = np.asarray(np.cumprod(1 - d / n), dtype=float)
            error = np.asarray(survival * np.sqrt(np.cumsum(d / (n * (n - d)))), dtype=float)
        yield np.asarray(days[losses], dtype=float), survival, error, n


def _of_columns(times: Times[Column], groups: int, window: int) -> Iterator[Steps]:
    rows = times.days.rows
    inner = {"g": times.groups, "t": times.days, "seen": times.seen}
    counts = rows.text(["g", "t", "count(*) AS n", "sum(seen) AS d"], inner) + " GROUP BY g, t"
    at_risk = "CAST(sum(n) OVER (PARTITION BY g ORDER BY t DESC) AS DOUBLE) AS n"
    left = "CASE WHEN d < n THEN"
    parts = f"""
        SELECT g, t, n, {left} 0 ELSE 1 END AS gone, {left} ln(1e0 - d / n) ELSE 0e0 END AS kept,
               {left} d / (n * (n - d)) ELSE 0e0 END AS varies
        FROM (SELECT g, t, d, {at_risk} FROM ({counts}) AS c) AS r WHERE d > 0"""
    ordered = "(PARTITION BY g ORDER BY t)"
    running = f"""
        SELECT g, t, n, gone, sum(kept) OVER {ordered} AS kept,
               sum(varies) OVER {ordered} AS varies, row_number() OVER {ordered} AS place,
               count(*) OVER (PARTITION BY g) AS places, lead(t) OVER {ordered} AS later
        FROM ({parts}) AS p"""
    thinned = " <> ".join(
        f"floor({at} * {MOST_STEPS}e0 / places)" for at in ("place", "(place - 1)")
    )
    found = rows.ask(
        f"SELECT g, t, n, gone, kept, varies FROM ({running}) AS s WHERE {thinned} OR place = 1 "
        f"OR (t <= {window} AND (later IS NULL OR later > {window})) ORDER BY g, t"
    )
    table = np.array(found, dtype=float)
    for group in range(groups):
        _, days, size, gone, kept, varies = table[table[:, 0] == group].T
        survival = np.where(gone == 1, 0.0, np.exp(kept))
        error = np.where(gone == 1, np.nan, survival * np.sqrt(varies))
        yield days, survival, error, size.astype(np.int64)
