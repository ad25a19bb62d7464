"""Pairs of answers by the same customer in consecutive waves.

The pairs are rows in memory, or a table in the engine where the rows of the panel stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..engine.literals import constant
from ..engine.quoting import ident
from ..errors import ModelError
from ..moments import influence
from ..moments.engine_rows import EngineRows
from ..moments.frame_rows import FrameRows
from ..moments.order_statistics import extremes, quantile
from ..moments.units import units_among
from ..panel.building import build_all_waves
from ..panel.in_engine import PanelEngineRows
from ..panel.waves import wave_name

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Vector
    from ..moments.rows import Rows
    from ..panel.panel import Panel


@dataclass(frozen=True, eq=False)
class Pairs:
    """Answers of one customer in two consecutive waves, one row a pair.

    Attributes
    ----------
    panel
        With all waves up to the one analysed.
    waves
        Their names, in order; consecutive means that no other wave lies between.
    source
        A row a pair: ``cluster``, ``weight`` (of the first answer), ``wave`` (position of the
        second answer's among all waves), ``origin`` and ``destination`` (position of the group
        among the scale's labels at the first and the second answer), ``before`` (the same one
        wave earlier still, -1 where there is no answer), ``score_first``, ``score_second``,
        ``days`` between the two, ``row`` (that of the second answer: its position in the panel,
        or its number in the engine), ``<outcome>_after_first`` and
        ``<outcome>_after_second``, and ``attr_<name>`` at the first answer.
    earlier
        How many waves before `waves` the column ``wave`` counts as well.
    """

    panel: Panel
    waves: tuple[str, ...]
    source: Rows
    earlier: int = 0

    def column(self, name: str) -> Vector:
        """Return numbers that every pair has."""
        return self.source.values(name)

    def outcome(self, name: str, when: str) -> tuple[Vector, Vector]:
        """Return an outcome after the ``first`` or ``second`` answer, and where it is known.

        It is zero where it is not.
        """
        column = f"{name}_after_{when}"
        return self.source.number(column)[0], self.source.is_known(column)

    @property
    def origin(self) -> Vector:
        """Position of the group at the first answer among the scale's labels."""
        return self.column("origin")

    @property
    def destination(self) -> Vector:
        """Position of the group at the second answer."""
        return self.column("destination")

    @property
    def weights(self) -> Vector:
        """Survey weight of the first answer."""
        return self.column("weight")

    @property
    def clusters(self) -> Vector | None:
        """The independent unit of each pair; None where each is known to be its own."""
        return self.source.clusters

    @property
    def unit(self) -> str:
        """What the independent unit is: ``customer`` or declared ``cluster``."""
        return self.panel.unit

    def __len__(self) -> int:
        return self.source.count

    def units(self, members: Vector) -> int:
        """Return how many independent units some pairs are of."""
        return units_among(self.clusters, members)

    def even(self, members: Vector) -> bool:
        """Whether some pairs are of independent units, each once, and weigh the same."""
        low, high = extremes(self.weights, members)
        return low == high and self.units(members) == int(members.sum())

    def effective_clusters(self, members: Vector) -> float | None:
        """Effective number of declared clusters behind some pairs; None of customers."""
        if self.unit == "customer" or not members.sum():
            return None
        weights = np.where(members, self.weights, 0.0)
        return influence.effective_units(weights, self.clusters)

    def code(self, label: str) -> int:
        """Return a group's position among the scale's labels."""
        return self.panel.study.scale.labels.index(label)

    def ending(self, wave: str) -> Pairs:
        """Return the pairs whose second answer is of that wave."""
        at = self.waves.index(wave)
        source, second = self.source, self.column("wave") == self.earlier + at
        waves, earlier = self.waves[at - 1 : at + 1], self.earlier + at - 1
        return replace(self, waves=waves, source=source.only(second), earlier=earlier)

    def median_days(self) -> float:
        """Return the median of whole days between the two answers; infinite where none is known."""
        dated = self.source.only(self.source.is_known("days"))
        return quantile(dated.values("days"), None, 0.5) if dated.count else np.inf


def wave_pairs(panel: Panel) -> Pairs:
    """Pair each answer with the same customer's answer in the wave before.

    Raises
    ------
    ModelError
        Answers without dates, or no wave before.
    """
    whole = build_all_waves(panel)
    waves = whole.waves
    if panel.quarter in waves:
        waves = waves[: waves.index(panel.quarter) + 1]
    if len(waves) < 2:
        undated = waves == ("all",)
        raise ModelError(
            "the answers have no dates" if undated else f"the only wave up to here is {waves[0]}",
            "moves need answers of the same customers in two waves",
            "Declare answered_at" if undated else "Add the responses of an earlier wave",
        )
    return whole.store.get(("pairs", waves), lambda: _pair(whole, waves))


def _pair(whole: Panel, waves: tuple[str, ...]) -> Pairs:
    rows = whole.rows
    if isinstance(rows, PanelEngineRows):
        return Pairs(whole, waves, _in_engine(rows, waves))
    return Pairs(whole, waves, _in_memory(whole.frame, waves))


def _in_memory(frame: pd.DataFrame, waves: tuple[str, ...]) -> FrameRows:
    """Pair the rows of a frame."""
    import pandas as pd

    rows = FrameRows(frame)
    places = {name: at for at, name in enumerate(waves)}
    wave = frame["wave"].astype(str).map(places).to_numpy(dtype=float)
    usable = np.flatnonzero(np.isfinite(wave) & (rows.weights > 0))
    customer = frame["customer"].factorize()[0].astype(np.int64)[usable]
    key = customer * (len(waves) + 1) + wave[usable].astype(np.int64)
    order = np.argsort(key)
    follows = np.flatnonzero(np.diff(key[order]) == 1)
    first, second = usable[order][follows], usable[order][follows + 1]
    earlier = np.full(len(frame), -1)
    earlier[second] = rows.groups[first]
    at = frame["answered_at"].to_numpy(dtype="datetime64[us]")
    days = (at[second] - at[first]).astype("timedelta64[D]")
    columns = {
        "cluster": rows.clusters[first],
        "weight": rows.weights[first],
        "wave": wave[second],
        "origin": rows.groups[first],
        "destination": rows.groups[second],
        "before": earlier[first],
        "score_first": frame["score"].to_numpy(dtype=float)[first],
        "score_second": frame["score"].to_numpy(dtype=float)[second],
        "days": np.where(np.isnat(days), np.nan, days.astype(float)),
        "row": second,
    }
    for name in _outcomes(frame.columns):
        values = frame[f"{name}_after"].to_numpy(dtype=float)
        columns |= {
            f"{name}_after_first": values[first],
            f"{name}_after_second": values[second],
        }
    attributes = [name for name in frame.columns if name.startswith("attr_")]
    known = frame[attributes].iloc[first].reset_index(drop=True)
    return FrameRows(pd.concat([pd.DataFrame(columns), known], axis=1))


def _in_engine(rows: PanelEngineRows, waves: tuple[str, ...]) -> EngineRows:
    """Pair the rows of a panel by joining it with itself; leave the pairs in a table."""
    place = place_sql(rows, waves)
    parts = {
        "cluster": "a.cluster",
        "weight": f"a.{rows.weight}",
        "wave": "b.place",
        "origin": "a.grp",
        "destination": "b.grp",
        "before": "coalesce(z.grp, -1)",
        "score_first": "CAST(a.score AS DOUBLE)",
        "score_second": "CAST(b.score AS DOUBLE)",
        "days": "floor(date_diff('microsecond', a.answered_at, b.answered_at) / 86400e6)",
        "row": "b.response",
    }
    for name in _outcomes(rows.types):
        column = ident(f"{name}_after")
        parts |= {f"{name}_after_first": f"a.{column}", f"{name}_after_second": f"b.{column}"}
    attributes = {name: kind for name, kind in rows.types.items() if name.startswith("attr_")}
    parts |= {name: f"a.{ident(name)}" for name in attributes}
    some = f"{place} AS place FROM {rows.relation} AS r WHERE {rows.weight} > 0"
    usable, groups = f"(SELECT *, {some})", f"(SELECT customer, grp, {some})"
    name = f"{rows.relation}_pairs_{len(waves)}"
    rows.engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS "
        f"SELECT {', '.join(f'{sql} AS {ident(n)}' for n, sql in parts.items())} "
        f"FROM {usable} AS a JOIN {usable} AS b "
        "ON b.customer = a.customer AND b.place = a.place + 1 "
        f"LEFT JOIN {groups} AS z ON z.customer = a.customer AND z.place = a.place - 1"
    )
    types = dict.fromkeys(parts, "number") | attributes
    return EngineRows(rows.engine, name, {}, types, numbered=False, known=rows.known)


def place_sql(rows: EngineRows, waves: tuple[str, ...]) -> str:
    """Return the SQL of a wave's position among some; NULL for others."""
    whens = [
        f"WHEN {constant(wave)} THEN {waves.index(wave_name(wave))}"
        for wave, _ in sorted(rows.fetch(["count(*)"], by=["wave"]))
        if wave_name(wave) in waves
    ]
    return f"CASE wave {' '.join(whens)} END"


def _outcomes(columns: Mapping[str, str] | pd.Index[str]) -> Iterator[str]:
    for name in columns:
        if name.endswith("_after") and not name.startswith("attr_"):
            yield name.removesuffix("_after")


def answers_before_last(pairs: Pairs, group: int) -> int:
    """Count the answers in a group, in all waves but the last: those that may have a next one."""
    panel, waves = pairs.panel, pairs.waves[:-1]
    rows = panel.rows
    if isinstance(rows, PanelEngineRows):
        place = place_sql(rows, waves)
        return rows.only(rows.flag(f"({place}) IS NOT NULL AND grp = {group}")).count
    asked = np.isin(panel.frame["wave"].astype(str).to_numpy(), waves)
    return int((asked & (rows.groups == group)).sum())
