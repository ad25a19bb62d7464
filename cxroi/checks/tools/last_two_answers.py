"""The answers of the last two waves, and who moved between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from ...panel.in_engine import PanelEngineRows
from ...respondents.wave_pairs import Pairs, place_sql

if TYPE_CHECKING:
    from ...arrays import Flags, Floats, Vector
    from ...models.sample import Sample
    from ...moments.columns import Column
    from ...panel.panel import Panel

COLUMNS = ("moved", "stayed", "earlier")


@dataclass(frozen=True, eq=False)
class LastTwo:
    """The answers of the last two waves, and who moved between them.

    Attributes
    ----------
    panel
        With the rows of these waves alone, and three columns that are 1 or 0: ``moved`` and
        ``stayed``, whether a row is of a customer who answered in the `from` group and then, in
        this row, in the `to` group, or in the `from` group again; ``earlier``, whether it is of
        the wave before.
    """

    panel: Panel

    def of(self, sample: Sample) -> tuple[Vector, Vector, Vector]:
        """Return who moved, who stayed and what is of the wave before, for a sample's rows."""
        moved, stayed, earlier = (sample.rows.values(name) == 1 for name in COLUMNS)
        return moved, stayed, earlier


def last_two(pairs: Pairs) -> LastTwo:
    """Return the panel of the last two waves, with who moved and who stayed."""
    last, study = pairs.ending(pairs.waves[-1]), pairs.panel.study
    there = last.origin == last.code(study.origin)
    moved, stayed = (
        there & (last.destination == last.code(label)) for label in (study.target, study.origin)
    )
    panel = pairs.panel
    if isinstance(panel.rows, PanelEngineRows):
        name = f"{panel.rows.relation}_last_two_{len(pairs.waves)}"
        return _last_two_in_engine(panel, panel.rows, name, last, moved, stayed)
    waves = panel.frame["wave"].astype(str).to_numpy()
    row, marks = cast("Floats", last.column("row")).astype(np.int64), {}
    for name, members in zip(COLUMNS, cast("tuple[Flags, Flags]", (moved, stayed)), strict=False):
        marks[name] = np.zeros(len(waves))
        marks[name][row[members]] = 1.0
    marks["earlier"] = (waves == pairs.waves[-2]).astype(float)
    keep = np.isin(waves, pairs.waves[-2:])
    return LastTwo(panel.with_frame(panel.frame.assign(**marks)[keep].reset_index(drop=True)))


def _last_two_in_engine(
    panel: Panel, rows: PanelEngineRows, name: str, last: Pairs, moved: Vector, stayed: Vector
) -> LastTwo:
    place = place_sql(rows, last.waves)
    columns = {"response": last.column("row"), "moved": moved, "stayed": stayed}
    inner = cast("dict[str, Column]", columns)
    marked = inner["moved"].rows.text(["*"], inner)
    rows.engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT r.*, coalesce(m.moved, 0e0) AS moved, "
        f"coalesce(m.stayed, 0e0) AS stayed, CASE WHEN {place} = 0 THEN 1 ELSE 0 END AS earlier "
        f"FROM {rows.relation} AS r LEFT JOIN ({marked}) AS m ON m.response = r.response "
        f"WHERE ({place}) IS NOT NULL"
    )
    types = {**rows.types, **dict.fromkeys(COLUMNS, "number")}
    two = replace(rows, relation=name, types=types, sizes=(), subsample="")
    return LastTwo(replace(panel, rows=two))
