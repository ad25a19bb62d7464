"""Differences of ratios over the same customers, their joint covariance, and tests of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..engine.literals import literal
from ..engine.quoting import text
from ..results.estimate import Estimate
from .sums import Sums, independent, normal

if TYPE_CHECKING:
    from ..arrays import Floats
    from ..reading.tables import Tables


def covariance(
    tables: Tables, rows: str, loads: Mapping[str, Sequence[tuple[float, float]]]
) -> Floats:
    """Return the joint covariance of figures to which each row adds ``slope x - shift y``.

    Parameters
    ----------
    rows
        SQL of rows with ``part`` (text), ``unit``, ``x`` and ``y``.
    loads
        By part: slope and shift in each figure. The ratio of a part with sum of y `Y` and value r
        has slope 1 / Y and shift r / Y; a difference of ratios the difference of these, and so on.

    Returns
    -------
    numpy.ndarray
        Figures by figures; NaN where fewer than two customers are there.
    """
    count = len(next(iter(loads.values())))
    table = ", ".join(
        f"({text(part)}, {', '.join(f'{literal(s)}, {literal(m)}' for s, m in pairs)})"
        for part, pairs in loads.items()
    )
    names = ", ".join(f"s{k}, m{k}" for k in range(count))
    moved = ", ".join(f"sum(s{k} * r.x - m{k} * r.y) AS f{k}" for k in range(count))
    places = [(i, j) for i in range(count) for j in range(i, count)]
    products = ", ".join(f"sum(f{i} * f{j})" for i, j in places)
    [(units, *found)] = tables.engine.fetch(f"""
        SELECT count(*), {products}
        FROM (SELECT r.unit, {moved} FROM ({independent(tables, rows)}) AS r
              JOIN (VALUES {table}) AS l(part, {names}) ON r.part = l.part
              WHERE r.x IS NOT NULL AND r.y IS NOT NULL GROUP BY r.unit) AS u""")
    matrix = np.full((count, count), np.nan)
    if units > 1:
        for (i, j), value in zip(places, found, strict=True):
            matrix[i, j] = matrix[j, i] = value * units / (units - 1)
    return matrix


def difference(
    tables: Tables,
    rows: str,
    found: Mapping[str, Sums],
    pair: tuple[str, str],
    *,
    name: str,
    unit: str,
    what: str,
) -> Estimate:
    """Return the ratio of the second part less that of the first, customers of both accounted.

    `rows` and `found` as of `sums_of`; the contrast is named after the parts.
    """
    first, second = (found[part] for part in pair)
    loads = {
        pair[0]: [(-1 / first.y, -first.ratio / first.y)],
        pair[1]: [(1 / second.y, second.ratio / second.y)],
    }
    error = float(np.sqrt(covariance(tables, rows, loads)[0, 0]))
    n = first.rows + second.rows
    contrast = f"{pair[1]} - {pair[0]}"
    return normal(
        second.ratio - first.ratio, error, name, unit, n, what, term=pair[1], contrast=contrast
    )


def joint_test(values: Sequence[float], errors: Floats) -> tuple[float, float]:
    """Return Wald's statistic and the p value that all of some figures are zero.

    A figure without error, or one that follows from the others, adds nothing.

    Parameters
    ----------
    errors
        Their joint covariance.
    """
    from scipy.special import chdtrc

    known = np.asarray(values)
    rank = int(np.linalg.matrix_rank(errors, hermitian=True))
    statistic = float(known @ np.linalg.pinv(errors, hermitian=True) @ known)
    return statistic, float(chdtrc(rank, statistic)) if rank else 1.0


def all_alike(tables: Tables, rows: str, found: Mapping[str, Sums]) -> tuple[float, float]:
    """Return statistic and p value that the ratios of all parts of `found` are the same."""
    first, *others = found
    loads: dict[str, list[tuple[float, float]]] = {
        part: [(0.0, 0.0)] * len(others) for part in found
    }
    one = found[first]
    for place, part in enumerate(others):
        loads[first][place] = (-1 / one.y, -one.ratio / one.y)
        loads[part][place] = (1 / found[part].y, found[part].ratio / found[part].y)
    gaps = [found[part].ratio - one.ratio for part in others]
    return joint_test(gaps, covariance(tables, rows, loads))
