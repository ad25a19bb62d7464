"""Answers of customers who answered in several waves, less each customer's own mean.

The same questions are answered of rows in memory (`AgainArrays`) and of rows that stay in their
engine (`AgainColumns`), where the deviations are a temporary table of numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from ..engine.literals import constant
from ..moments.columns import Column
from ..moments.engine_rows import EngineRows
from ..moments.frame_rows import FrameRows
from ..moments.order_statistics import quantile
from ..moments.plan import cached_property
from ..moments.rows import Rows

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers, Vector
    from ..models.outcome_models import Setting
    from ..models.sample import Sample
    from ..panel.panel import Panel


@dataclass(frozen=True)
class Deviations:
    """Rows of customers with several, each number less the customer's weighted mean of it.

    Attributes
    ----------
    sample
        These rows; its values are deviations.
    both
        Which rows are of customers who were in both groups.
    names, columns
        Group dummies, wave dummies, controls. Waves come before controls: a control that only
        grows with time is what drops out.
    source
        Lays columns side by side.
    beside
        Influence on another estimate, summed over all rows of a row's unit: its covariance with
        one that is made of these rows is the sum of their own influence times this.
    """

    sample: Sample
    both: Vector
    names: Sequence[str]
    columns: Sequence[Vector]
    source: Rows
    beside: Vector


class AnsweredAgain(Protocol):
    """What is asked about customers with several answers."""

    def changed(self) -> tuple[int, int]:
        """Return how many customers were in both groups, and how many clusters they are of."""
        ...

    def days(self) -> float:
        """Return the median days between consecutive answers of a customer; NaN without dates."""
        ...

    def deviations(self, beside: Vector | None = None) -> AbstractContextManager[Deviations]:
        """Return deviations from each customer's mean, for as long as the context lasts.

        Parameters
        ----------
        beside
            Influence of each row of the sample on another estimate; none by default.
        """
        ...


def answered_again(panel: Panel, setting: Setting) -> AnsweredAgain:
    """Return the customers of a sample who answered several times, where their rows are."""
    rows = setting.sample.rows
    if isinstance(rows, FrameRows):
        return AgainArrays(panel, setting, rows)
    if isinstance(rows, EngineRows):
        return AgainColumns(panel, setting, rows)
    raise TypeError(f"rows of another kind: {type(rows).__name__}")


@dataclass(frozen=True)
class AgainArrays:
    """Answers of customers with several, in memory."""

    panel: Panel
    setting: Setting
    rows: FrameRows

    def changed(self) -> tuple[int, int]:
        """Return how many customers were in both groups, and how many clusters they are of."""
        both, clusters = self._both, self.rows.clusters
        return len(np.unique(self._customers[both])), len(np.unique(clusters[both]))

    def days(self) -> float:
        """Return the median days between consecutive answers of a customer; NaN without dates."""
        customers, frame = self._customers, self.rows.frame
        at = frame["answered_at"].to_numpy(dtype="datetime64[us]")
        dated = ~np.isnat(at)
        order = np.lexsort((at[dated], customers[dated]))
        follows = np.diff(customers[dated][order]) == 0
        days = (np.diff(at[dated][order]) / np.timedelta64(1, "D"))[follows]
        return float(np.median(days)) if len(days) else float("nan")

    @contextmanager
    def deviations(self, beside: Vector | None = None) -> Iterator[Deviations]:
        """Return deviations from each customer's mean."""
        setting, customers = self.setting, self._customers
        sample, groups = setting.sample, len(setting.others)
        again = np.bincount(customers)[customers] > 1
        codes = self.panel.frame["wave"].astype("category").cat.codes
        waves = self.rows.own(np.asarray(codes))
        present = np.unique(waves[again])[1:]
        parts = [
            *setting.design.columns[1 : 1 + groups],
            *((waves == wave).astype(float) for wave in present),
            *setting.controls.matrix.columns,
        ]
        demeaned = self._demeaned(np.column_stack([sample.values, *parts]))[again]
        rows = replace(
            sample,
            values=demeaned[:, 0],
            groups=cast("Integers", sample.groups)[again],
            weights=cast("Floats", sample.weights)[again],
            clusters=self.rows.only(again).clusters,
            rows=sample.rows.only(again),
        )
        names = _names(setting, list(present))
        yield Deviations(
            rows,
            self._both[again],
            names,
            list(demeaned.T[1:]),
            sample.rows.only(again),
            self._of_units(beside)[again],
        )

    def _of_units(self, beside: Vector | None) -> Floats:
        """Return for each row the sum of a vector over the rows of its unit; zero without one."""
        if beside is None:
            return np.zeros(len(self._customers))
        units = np.unique(self.rows.clusters, return_inverse=True)[1]
        return np.asarray(np.bincount(units, cast("Floats", beside))[units])

    @cached_property
    def _customers(self) -> Integers:
        names = self.rows.frame["customer"]
        return np.asarray(names.factorize()[0], dtype=np.int64)

    @cached_property
    def _both(self) -> Flags:
        """The rows of customers who have rows in both groups."""
        sample, customers = self.setting.sample, self._customers
        target, origin = (sample.members(label) for label in _pair(self.panel))
        return np.isin(customers, np.intersect1d(customers[target], customers[origin]))

    def _demeaned(self, columns: Floats) -> Floats:
        """Subtract each customer's weighted mean."""
        customers, weights = self._customers, self.setting.sample.weights
        total = np.bincount(customers, weights)
        means = [np.bincount(customers, weights * column) / total for column in columns.T]
        return np.asarray(columns - np.column_stack(means)[customers])


@dataclass(frozen=True)
class AgainColumns:
    """Answers of customers with several, in an engine."""

    panel: Panel
    setting: Setting
    rows: EngineRows

    def changed(self) -> tuple[int, int]:
        """Return how many customers were in both groups, and how many clusters they are of."""
        each = self.rows.text(
            ["customer", "max(cluster) AS cluster", f"{self._in_both} AS changed"],
            self._named("customer", "cluster", "grp"),
        )
        [(customers, clusters)] = self.rows.ask(
            "SELECT sum(changed), count(DISTINCT CASE WHEN changed = 1 THEN cluster END) "
            f"FROM ({each} GROUP BY customer) AS c"
        )
        return int(customers), int(clusters)

    def days(self) -> float:
        """Return the median days between consecutive answers of a customer; NaN without dates."""
        rows = self.rows.only(self.rows.flag("answered_at IS NOT NULL"))
        before = "lag(answered_at) OVER (PARTITION BY customer ORDER BY answered_at) AS before"
        pairs = rows.text(["answered_at", before], self._named("customer", "answered_at"))
        between = "date_diff('microsecond', before, answered_at) / 86400e6"
        days = f"(SELECT {between} AS days FROM ({pairs}) AS p WHERE before IS NOT NULL)"
        found = EngineRows(rows.engine, days, {}, known=rows.known)
        return quantile(found.column("days"), None, 0.5) if found.count else float("nan")

    @contextmanager
    def deviations(self, beside: Vector | None = None) -> Iterator[Deviations]:
        """Return deviations from each customer's mean, in a table that is dropped at the end."""
        setting, engine = self.setting, self.rows.engine
        groups, present = len(setting.others), self._waves()[1:]
        columns = list(setting.design.columns[1 : 1 + groups])
        columns += [1.0 * self.rows.flag(f"wave = {constant(wave)}") for wave in present]
        columns += setting.controls.matrix.columns
        select = self._select(columns, 0.0 * self.rows.one if beside is None else beside)
        name = "within_" + hashlib.sha1(select.encode(), usedforsecurity=False).hexdigest()[:12]
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}")
        try:
            rows = EngineRows(engine, name, {"grp": (0,)}, known=self.rows.known)
            sample = replace(
                setting.sample,
                values=rows.column("y"),
                groups=rows.column("grp"),
                weights=rows.column("w"),
                clusters=rows.column("cluster"),
                rows=rows,
                everybody=rows,
            )
            demeaned = [rows.column(f"x{n}") for n in range(len(columns))]
            names = _names(setting, present)
            both, of_units = rows.flag("changed = 1"), rows.column("beside")
            yield Deviations(sample, both, names, demeaned, rows, of_units)
        finally:
            engine.execute(f"DROP TABLE {name}")

    @property
    def _in_both(self) -> str:
        """SQL of whether a customer has rows in both groups, over the rows of the customer."""
        labels = self.panel.study.scale.labels
        places = [labels.index(label) for label in _pair(self.panel)]
        return " * ".join(f"max(CASE WHEN grp = {n} THEN 1 ELSE 0 END)" for n in places)

    def _named(self, *names: str) -> dict[str, Column]:
        return {name: self.rows.column(name) for name in names}

    def _waves(self) -> list[object]:
        """Return the waves of customers with several rows, in their order."""
        several = "count(*) OVER (PARTITION BY customer) AS answers"
        each = self.rows.text(["wave", several], self._named("customer", "wave"))
        found = self.rows.ask(
            f"SELECT wave FROM ({each}) AS s WHERE answers > 1 GROUP BY wave ORDER BY wave"
        )
        return [wave for (wave,) in found]

    def _select(self, columns: Sequence[Vector], beside: Vector) -> str:
        """Write the rows of customers with several, each number less the customer's mean."""
        sample = self.setting.sample
        numbers = {"y": sample.values} | {f"x{n}": column for n, column in enumerate(columns)}
        inner = {**self._named("customer", "cluster", "grp"), "w": sample.weights, **numbers}
        inner["psi"] = beside
        of_units = "sum(psi) OVER (PARTITION BY cluster) AS beside"
        rows = self.rows.text(["*", of_units], cast("dict[str, Column]", inner))
        means = ", ".join(f"sum(w * {name}) / sum(w) AS {name}" for name in numbers)
        demeaned = ", ".join(f"s.{name} - m.{name} AS {name}" for name in numbers)
        return f"""
            SELECT 0 AS cell, s.cluster, s.grp, s.w, s.beside, m.changed, {demeaned}
            FROM ({rows}) AS s JOIN (
                SELECT customer, {self._in_both} AS changed, {means} FROM ({rows}) AS t
                GROUP BY customer HAVING count(*) > 1
            ) AS m ON s.customer = m.customer"""


def _pair(panel: Panel) -> tuple[str, str]:
    return panel.study.target, panel.study.origin


def _names(setting: Setting, waves: Sequence[object]) -> list[str]:
    groups = setting.names[1 : 1 + len(setting.others)]
    return [*groups, *(f"wave {wave}" for wave in waves), *setting.controls.names]
