"""Medians, quantiles and ranks of columns, exact, without their rows: from counts of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..engine.literals import literal
from .columns import Column

if TYPE_CHECKING:
    from ..arrays import Floats, Integers, Vector


def median(values: Column, weights: Column, members: Column) -> float:
    """Smallest value that half of the weight does not exceed; midway where it is met exactly.

    Parameters
    ----------
    members
        The rows that take part.
    """
    rows = values.rows.only(members)
    inner = {"v": Column(rows, values.sql), "w": Column(rows, weights.sql)}
    by_value = rows.text(["v", "sum(w) AS w"], inner) + " GROUP BY v"
    share = "sum(w) OVER (ORDER BY v) / sum(w) OVER ()"
    found = rows.ask(
        f"SELECT v, share FROM (SELECT v, {share} AS share FROM ({by_value}) AS t) AS u "
        f"WHERE share >= {literal(0.5 - 1e-12)} ORDER BY v LIMIT 2"
    )
    (first, share_at), *rest = found
    met = abs(float(share_at) - 0.5) < 1e-12 and rest
    return (float(first) + float(rest[0][0])) / 2 if met else float(first)


def quantile(values: Vector, weights: Vector | None, share: float) -> float:
    """Return a quantile: between neighbours if unweighted, the value reached if weighted."""
    if isinstance(values, Column):
        return _plain(values, share) if weights is None else _weighted(values, weights, share)
    if weights is None:
        return float(np.quantile(values, share))
    return float(np.quantile(values, [share], weights=weights, method="inverted_cdf")[0])


def _plain(values: Column, share: float) -> float:
    rows = values.rows
    last = rows.count - 1
    place = share * last
    low = int(np.floor(place))
    by_value = rows.text(["v", "count(*) AS w"], {"v": values}) + " GROUP BY v"
    running = f"SELECT v, sum(w) OVER (ORDER BY v) AS upto FROM ({by_value}) AS t"
    [(below, above)] = rows.ask(
        f"SELECT min(CASE WHEN upto > {low} THEN v END), "
        f"min(CASE WHEN upto > {min(low + 1, last)} THEN v END) FROM ({running}) AS u"
    )
    return float(below) + (float(above) - float(below)) * (place - low)


def _weighted(values: Column, weights: Column, share: float) -> float:
    rows = values.rows
    by_value = rows.text(["v", "sum(w) AS w"], {"v": values, "w": weights}) + " GROUP BY v"
    running = f"SELECT v, sum(w) OVER (ORDER BY v) / sum(w) OVER () AS share FROM ({by_value}) AS t"
    [(value,)] = rows.ask(
        f"SELECT min(v) FROM ({running}) AS u WHERE share >= {literal(share - 1e-12)}"
    )
    return float(value)


def among(values: Vector, members: Vector) -> Vector:
    """Return the values of some of the rows alone."""
    if not isinstance(values, Column):
        return values[members]
    inside = values.rows.only(members)
    return Column(inside, values.sql, flag=values.flag, lookups=values.lookups)


def extremes(values: Vector, members: Vector) -> tuple[float, float]:
    """Return the smallest and the largest value of some of the rows."""
    inside = among(values, members)
    return inside.rows.extremes(inside) if isinstance(inside, Column) else _ends(inside)


def _ends(values: Floats) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def rank_products(values: Vector, others: Vector) -> tuple[int, float, float, float]:
    """Return how many rows there are, and what their ranks in two vectors make together.

    Returns
    -------
    tuple
        n, the sum of squares of the ranks in `values`, the sum of products, and the sum of
        squares of the ranks in `others`; ranks less their mean, ties at the middle of theirs.
    """
    if not isinstance(values, Column):
        x, y = _centred_ranks(values), _centred_ranks(others)
        return len(x), float(x @ x), float(x @ y), float(y @ y)
    joint = values.rows.text(["v", "t", "count(*) AS n"], {"v": values, "t": others})
    [(n, *products)] = values.rows.ask(
        f"WITH joint AS ({joint} GROUP BY v, t), "
        f"a AS ({_ranked('v', 'x')}), b AS ({_ranked('t', 'y')}) "
        "SELECT sum(n), sum(n * x * x), sum(n * x * y), sum(n * y * y) "
        "FROM joint JOIN a USING (v) JOIN b USING (t)"
    )
    xx, xy, yy = (float(product or 0.0) for product in products)
    return int(n or 0), xx, xy, yy


@dataclass(frozen=True, eq=False)
class LevelRanks:
    """Ranks of a vector, less their mean, summed by level of a category and part of the rows.

    Attributes
    ----------
    levels, parts
        Level, coded from zero, and part of each combination that occurs.
    sizes
        How many rows it has.
    ranks
        Sum of the rows' ranks among all.
    own, squares
        Sum of the rows' ranks among those of the same part, and of their squares.
    """

    levels: Integers
    parts: Integers
    sizes: Floats
    ranks: Floats
    own: Floats
    squares: Floats


def level_ranks(levels: Vector, values: Vector, parts: Vector) -> LevelRanks:
    """Sum the ranks of a vector by level of a category and by part of the rows.

    Parameters
    ----------
    levels
        Codes from zero if an array.
    parts
        Whole numbers from zero.
    """
    if not isinstance(values, Column):
        return _level_ranks_of_arrays(levels, values, parts)
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


def _level_ranks_of_arrays(codes: Integers, values: Floats, parts: Integers) -> LevelRanks:
    ranks, own = _centred_ranks(values), np.zeros(len(values))
    for part in np.unique(parts):
        own[parts == part] = _centred_ranks(values[parts == part])
    width = int(parts.max(initial=0)) + 1
    cells, place = np.unique(codes * width + parts, return_inverse=True)
    weights = np.ones(len(values)), ranks, own, own * own
    sums = (np.bincount(place, each, minlength=len(cells)).astype(float) for each in weights)
    return LevelRanks(cells // width, cells % width, *sums)


def _centred_ranks(values: Floats) -> Floats:
    from scipy.stats import rankdata

    return np.asarray(rankdata(values) - (len(values) + 1) / 2)


def _ranked(value: str, rank: str, within: str = "") -> str:
    """Return the SQL of each value's rank less the mean rank, from counts of values in `joint`."""
    keys = f"{within}, {value}" if within else value
    part = f"PARTITION BY {within}" if within else ""
    return (
        f"SELECT {keys}, sum(n) OVER ({part} ORDER BY {value}) - 5e-1 * n "
        f"- 5e-1 * sum(n) OVER ({part}) AS {rank} "
        f"FROM (SELECT {keys}, sum(n) AS n FROM joint GROUP BY {keys}) AS c"
    )
