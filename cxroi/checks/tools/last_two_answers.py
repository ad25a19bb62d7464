"""The answers of the last two waves, and who moved between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...moments.columns import Column, Rows
from ...moments.covariates import RowsSource
from ...respondents.wave_pairs import Pairs, place_sql

if TYPE_CHECKING:
    from ...arrays import Vector
    from ...models.sample import Sample
    from ...panel.panel import Panel


@dataclass(frozen=True, eq=False)
class LastTwo:
    """The answers of the last two waves, and who moved between them.

    Attributes
    ----------
    panel
        With the rows of these waves alone.
    movers, stayers, earlier
        Which rows are of customers who answered in the `from` group and then, in this row, in
        the `to` group, or in the `from` group again; which rows are of the wave before. In an
        engine names of columns.
    """

    panel: Panel
    movers: Any
    stayers: Any
    earlier: Any

    def of(self, sample: Sample) -> tuple[Vector, Vector, Vector]:
        """Return all three for the rows of a sample."""
        flags = (self.movers, self.stayers, self.earlier)
        if isinstance(sample.values, Column):
            rows = sample.values.rows
            movers, stayers, earlier = (rows.flag(f"({name} = 1)") for name in flags)
        else:
            movers, stayers, earlier = (flag[sample.rows] for flag in flags)
        return movers, stayers, earlier


def last_two(pairs: Pairs) -> LastTwo:
    """Return the panel of the last two waves, with who moved and who stayed."""
    last, study = pairs.ending(pairs.waves[-1]), pairs.panel.study
    there = last.origin == last.code(study.origin)
    moved, stayed = (
        there & (last.destination == last.code(label)) for label in (study.target, study.origin)
    )
    panel = pairs.panel
    if panel.rows is not None and isinstance(last.source, RowsSource):
        name = f"{panel.rows.relation}_last_two_{len(pairs.waves)}"
        return _last_two_in_engine(panel, panel.rows, name, last, moved, stayed)
    waves = panel.frame["wave"].astype(str).to_numpy()
    keep = np.isin(waves, pairs.waves[-2:])
    flags, row = [], last.column("row").astype(np.int64)
    for members in (moved, stayed):
        marked = np.zeros(len(panel.frame), dtype=bool)
        marked[row[members]] = True
        flags.append(marked[keep])
    frame = panel.frame[keep].reset_index(drop=True)
    movers, stayers = flags
    return LastTwo(panel.with_frame(frame), movers, stayers, waves[keep] == pairs.waves[-2])


def _last_two_in_engine(
    panel: Panel, rows: Rows, name: str, last: Pairs, moved: Column, stayed: Column
) -> LastTwo:
    place = place_sql(rows, last.waves)
    inner = {"response": last.column("row"), "moved": moved, "stayed": stayed}
    marked = moved.rows.text(["*"], inner)
    rows.engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT r.*, coalesce(m.moved, 0e0) AS moved, "
        f"coalesce(m.stayed, 0e0) AS stayed, CASE WHEN {place} = 0 THEN 1 ELSE 0 END AS earlier "
        f"FROM {rows.relation} AS r LEFT JOIN ({marked}) AS m ON m.response = r.response "
        f"WHERE ({place}) IS NOT NULL"
    )
    two = replace(rows, relation=name, sizes=(), draft="")
    return LastTwo(replace(panel, rows=two), "moved", "stayed", "earlier")
