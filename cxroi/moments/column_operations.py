"""Operations on columns of rows that stay in their engine, exact and without fetching the rows.

Order statistics come from counts of values; what units carry together from sums per unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..engine.literals import literal
from .columns import Column
from .level_ranks import LevelRanks
from .normal_draws import normal_draws

if TYPE_CHECKING:
    from ..arrays import Floats

BATCH = 64  # resamples held at a time
MOST_RESAMPLED = 200_000


class ColumnOperations:
    """What is asked of columns; see `operations.Operations`."""

    def named(self, values: Column) -> Column:
        """Return the same values as a part that is made once a row."""
        return values.named()

    def sums(self, vectors: Sequence[Column]) -> Floats:
        """Return the sum of each vector, all in one pass."""
        return vectors[0].rows.sums(vectors)

    def among(self, values: Column, members: Column) -> Column:
        """Return the values of some of the rows alone."""
        return values.on(values.rows.only(members))

    def known(self, values: Column) -> Column:
        """Return where a number is not missing."""
        return Column(
            values.rows,
            f"({values.sql} IS NOT NULL)",
            flag=True,
            lookups=values.lookups,
            parts=values.parts,
        )

    def where_known(self, values: Column, known: Column) -> Column:
        """Return numbers that are missing where a condition does not hold."""
        lookups = {**values.lookups, **known.lookups}
        sql = f"(CASE WHEN {known.sql} THEN {values.number} END)"
        parts = {**values.parts, **known.parts}
        return Column(values.rows, sql, lookups=lookups, parts=parts)

    def extremes(self, values: Column) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return values.rows.extremes(values)

    def quantile(self, values: Column, weights: Column | None, share: float) -> float:
        """Return a quantile: between neighbours if unweighted, the value reached if weighted."""
        return (
            float(_between(values, [share])[0])
            if weights is None
            else _weighted(values, weights, share)
        )

    def quantiles(self, values: Column, shares: Sequence[float]) -> Floats:
        """Return quantiles between neighbours, of a few rows where there are many."""
        few = values.rows.subsampled()
        return _between(values if few is None else values.on(few), shares)

    def median(self, values: Column, weights: Column) -> float:
        """Smallest value that half of the weight does not exceed; midway where met exactly."""
        by_value = values.rows.text(["v", "sum(w) AS w"], {"v": values, "w": weights})
        share = "sum(w) OVER (ORDER BY v) / sum(w) OVER ()"
        found = values.rows.ask(
            f"SELECT v, share FROM (SELECT v, {share} AS share "
            f"FROM ({by_value} GROUP BY v) AS t) AS u "
            f"WHERE share >= {literal(0.5 - 1e-12)} ORDER BY v LIMIT 2"
        )
        (first, share_at), *rest = found
        met = abs(float(share_at) - 0.5) < 1e-12 and rest
        return (float(first) + float(rest[0][0])) / 2 if met else float(first)

    def rank_products(self, values: Column, others: Column) -> tuple[int, float, float, float]:
        """Return n and the sums of squares and products of centred ranks in two vectors."""
        joint = values.rows.text(["v", "t", "count(*) AS n"], {"v": values, "t": others})
        [(n, *products)] = values.rows.ask(
            f"WITH joint AS ({joint} GROUP BY v, t), "
            f"a AS ({_ranked('v', 'x')}), b AS ({_ranked('t', 'y')}) "
            "SELECT sum(n), sum(n * x * x), sum(n * x * y), sum(n * y * y) "
            "FROM joint JOIN a USING (v) JOIN b USING (t)"
        )
        xx, xy, yy = (float(product or 0.0) for product in products)
        return int(n or 0), xx, xy, yy

    def level_ranks(self, levels: Column, values: Column, parts: Column) -> LevelRanks:
        """Sum the ranks of a vector by level of a category and by part of the rows."""
        inner = {"v": levels, "f": parts, "t": values}
        joint = values.rows.text(["v", "f", "t", "count(*) AS n"], inner)
        found = values.rows.ask(
            f"WITH joint AS ({joint} GROUP BY v, f, t), "
            f"a AS ({_ranked('t', 'x')}), b AS ({_ranked('t', 'y', within='f')}) "
            "SELECT v, f, sum(n), sum(n * x), sum(n * y), sum(n * y * y) "
            "FROM joint JOIN a USING (t) JOIN b USING (f, t) GROUP BY v, f"
        )
        codes: dict[object, int] = {}
        coded = [codes.setdefault(level, len(codes)) for level, *_ in found]
        table = np.array([[float(cell) for cell in row[1:]] for row in found]).reshape(-1, 5)
        whole = np.array(coded, dtype=np.int64), table[:, 0].astype(np.int64)
        return LevelRanks(*whole, *table[:, 1:].T)

    def distinct(self, values: Column) -> int:
        """Return how many different values there are."""
        return int(values.rows.fetch(["count(DISTINCT v)"], {"v": values})[0][0])

    def unit_products(
        self, vectors: Sequence[Column], clusters: Column | None
    ) -> tuple[int, int, Floats]:
        """Return units, units that carry influence, and the products of the units' sums."""
        rows, names = vectors[0].rows, [f"v{n}" for n in range(len(vectors))]
        inner = dict(zip(names, vectors, strict=True))
        pairs = [(a, b) for i, a in enumerate(names) for b in names[: i + 1]]
        moved = " OR ".join(f"{name} <> 0" for name in names)
        outer = [
            "count(*)",
            f"sum(CASE WHEN {moved} THEN 1 ELSE 0 END)",
            *(f"sum({a} * {b})" for a, b in pairs),
        ]
        [(units, active, *products)] = rows.fetch(outer, inner, unit=clusters)
        matrix = np.zeros((len(names), len(names)))
        matrix[np.tril_indices(len(names))] = [0.0 if p is None else float(p) for p in products]
        return int(units), int(active or 0), matrix + np.tril(matrix, -1).T

    def resample(
        self,
        vectors: Sequence[Column],
        clusters: Column | None,
        replicates: int,
        rng: np.random.Generator,
    ) -> Floats:
        """Return, replicates by vectors, how far each sum moves in resamples of the units.

        The `MOST_RESAMPLED` units of largest influence are taken by number, each a Poisson count
        (Hanley and MacGibbon, Computer Methods and Programs in Biomedicine 83 (2006), 57-62);
        what the rest of them moves together, no single one of which is felt, is drawn from the
        normal distribution of its covariance.
        """
        _, _, products = self.unit_products(vectors, clusters)
        scale = np.sqrt(np.diag(products))
        scale = np.where(scale > 0, scale, 1.0)
        largest = largest_units(vectors, clusters, 1 / scale, MOST_RESAMPLED) / scale
        rest = products / np.outer(scale, scale) - largest.T @ largest
        moved = normal_draws(rest, replicates, rng)
        for first in range(0, replicates, BATCH):
            size = min(BATCH, replicates - first)
            taken = rng.poisson(1.0, (size, len(largest)))
            moved[first : first + size] += (taken - 1.0) @ largest
        return np.asarray(moved * scale)


COLUMNS = ColumnOperations()


def _between(values: Column, shares: Sequence[float]) -> Floats:
    """Return quantiles between neighbours, from the counts of values, in one statement."""
    rows = values.rows
    last = rows.count - 1
    places = np.asarray(shares, dtype=float) * last
    lows = np.floor(places).astype(int)
    by_value = rows.text(["v", "count(*) AS w"], {"v": values}) + " GROUP BY v"
    running = f"SELECT v, sum(w) OVER (ORDER BY v) AS upto FROM ({by_value}) AS t"
    wanted = [int(at) for low in lows for at in (low, min(low + 1, last))]
    chosen = ", ".join(
        f"min(CASE WHEN upto > {at} THEN v END) AS q{n}" for n, at in enumerate(wanted)
    )
    [found] = rows.ask(f"SELECT {chosen} FROM ({running}) AS u")
    ends = np.array([float(value) for value in found]).reshape(-1, 2)
    return np.asarray(ends[:, 0] + (ends[:, 1] - ends[:, 0]) * (places - lows))


def _weighted(values: Column, weights: Column, share: float) -> float:
    rows = values.rows
    by_value = rows.text(["v", "sum(w) AS w"], {"v": values, "w": weights}) + " GROUP BY v"
    running = f"SELECT v, sum(w) OVER (ORDER BY v) / sum(w) OVER () AS share FROM ({by_value}) AS t"
    [(value,)] = rows.ask(
        f"SELECT min(v) FROM ({running}) AS u WHERE share >= {literal(share - 1e-12)}"
    )
    return float(value)


def _ranked(value: str, rank: str, within: str = "") -> str:
    """Return the SQL of each value's rank less the mean rank, from counts of values in `joint`."""
    keys = f"{within}, {value}" if within else value
    part = f"PARTITION BY {within}" if within else ""
    return (
        f"SELECT {keys}, sum(n) OVER ({part} ORDER BY {value}) - 5e-1 * n "
        f"- 5e-1 * sum(n) OVER ({part}) AS {rank} "
        f"FROM (SELECT {keys}, sum(n) AS n FROM joint GROUP BY {keys}) AS c"
    )


def largest_units(
    columns: Sequence[Column], clusters: Column | None, scale: Floats, count: int
) -> Floats:
    """Return units by columns the sums of the units that carry most.

    Parameters
    ----------
    scale
        What each column is multiplied by before the largest of them decides.
    count
        How many units.
    """
    rows, names = columns[0].rows, [f"v{n}" for n in range(len(columns))]
    inner = dict(zip(names, columns, strict=True))
    if clusters is None:
        summed = rows.text(names, inner)
    else:
        parts = [f"sum({name}) AS {name}" for name in names]
        summed = rows.text(parts, {**inner, "unit": clusters}) + " GROUP BY unit"
    sizes = [f"abs({n}) * {literal(float(s))}" for n, s in zip(names, scale, strict=True)]
    size = f"greatest({', '.join(sizes)})" if len(sizes) > 1 else sizes[0]
    order = f"ORDER BY {size} DESC, {', '.join(names)} LIMIT {count}"
    return np.array(
        rows.ask(f"SELECT {', '.join(names)} FROM ({summed}) AS u {order}"), dtype=float
    )
