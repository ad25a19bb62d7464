"""Ratios from sums over customers, taken where the rows are.

A ratio is that of two sums over rows; what is independent of what is the customer. Its error is
the linearised one of the survey literature: each customer adds ``(x - r y) / Y`` (Särndal,
Swensson and Wretman, Model Assisted Survey Sampling (1992), section 5.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..metrics.relations import unit_of
from ..moments.influence import normal_interval, normal_p_value, wilson_interval
from ..results.estimate import CONF_LEVEL, Estimate, tidy_table

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.tables import Tables

COUNTS = "journey_counts"
MOST_CATEGORIES = 50
OF_CUSTOMERS = "errors by customer, or account where declared"


@dataclass(frozen=True)
class Sums:
    """Sums over the customers of a part.

    Attributes
    ----------
    units, rows
        Customers, and rows of them.
    x, y, xx, xy, yy
        Sums of each customer's own sums, of their squares and products.
    """

    units: int
    rows: int
    x: float
    y: float
    xx: float
    xy: float
    yy: float

    @property
    def ratio(self) -> float:
        """Sum of x over sum of y."""
        return self.x / self.y

    @property
    def std_error(self) -> float:
        """Error of the ratio; NaN of a single customer."""
        if self.units < 2:
            return float("nan")
        squares = self.xx - 2 * self.ratio * self.xy + self.ratio**2 * self.yy
        return float(np.sqrt(max(squares, 0.0) * self.units / (self.units - 1)) / abs(self.y))

    @property
    def effective(self) -> float:
        """Independent rows that tell as much of a share, no more than there are.

        Where the share is 0 or 1 nothing varies; customers then count by Kish's formula.
        """
        varies = self.ratio * (1 - self.ratio)
        if self.units < 2 or varies <= 0 or self.std_error == 0:
            return self.y**2 / self.yy
        return min(varies / self.std_error**2, self.y)


def tidy_with_units(estimates: Sequence[Estimate]) -> pd.DataFrame:
    """Return one row an estimate, its unit in the last column."""
    return tidy_table(estimates).assign(unit=[one.unit for one in estimates])


def independent(tables: Tables, rows: str) -> str:
    """Return rows whose ``unit`` is the account of the customer where accounts are declared."""
    accounts = unit_of(tables)
    if not accounts:
        return rows
    unit = "coalesce(k.unit, 'customer ' || g.unit) AS unit"
    return f"""
        SELECT g.* EXCLUDE (unit), {unit} FROM ({rows}) AS g
        LEFT JOIN ({accounts}) AS k ON k.customer = g.unit"""


def sums_of(tables: Tables, rows: str) -> dict[str, Sums]:
    """Return the sums of each part, parts in the order of the alphabet.

    Parameters
    ----------
    rows
        SQL of rows with ``part`` (text), ``unit`` (the customer), ``x`` and ``y``. Parts whose
        y sum to zero are not there.
    """
    found = tables.engine.fetch(f"""
        SELECT part, count(*), CAST(sum(rs) AS BIGINT), sum(x), sum(y), sum(x * x), sum(x * y),
               sum(y * y)
        FROM (SELECT part, unit, count(*) AS rs, CAST(sum(x) AS DOUBLE) AS x,
                     CAST(sum(y) AS DOUBLE) AS y
              FROM ({independent(tables, rows)}) AS r
              WHERE x IS NOT NULL AND y IS NOT NULL GROUP BY part, unit) AS u
        GROUP BY part HAVING sum(y) <> 0 ORDER BY part""")
    return {str(part): Sums(int(units), int(n), *sums) for part, units, n, *sums in found}


def share(sums: Sums, name: str, unit: str, what: str, term: str = "") -> Estimate:
    """Return a share with Wilson's interval for as many rows as the customers are worth."""
    low, high = wilson_interval(min(max(sums.ratio, 0.0), 1.0), sums.effective, CONF_LEVEL)
    error = sums.std_error
    return Estimate(
        name=name,
        estimate=sums.ratio,
        conf_low=low,
        conf_high=high,
        std_error=error if np.isfinite(error) else None,
        unit=unit,
        n=sums.rows,
        method=f"{what}, Wilson's interval with the effective number, {OF_CUSTOMERS}",
        term=term or name,
    )


def mean(sums: Sums, name: str, unit: str, what: str, term: str = "") -> Estimate:
    """Return a mean, or a ratio, with a normal interval; none where a single customer is there."""
    return normal(sums.ratio, sums.std_error, name, unit, sums.rows, what, term=term)


def normal(
    value: float,
    error: float,
    name: str,
    unit: str,
    n: int,
    what: str,
    *,
    term: str = "",
    contrast: str = "",
    note: str = "",
    group: str = "",
) -> Estimate:
    """Return an estimate with a normal interval; `contrast` makes it a difference, with a test."""
    known = bool(np.isfinite(error))
    low, high = normal_interval(value, error, CONF_LEVEL) if known else (None, None)
    tested = known and bool(contrast)
    return Estimate(
        name=name,
        estimate=value,
        conf_low=low,
        conf_high=high,
        std_error=error if known else None,
        unit=unit,
        n=n,
        method=f"{what}, normal interval, {OF_CUSTOMERS}",
        note=note or ("" if known else "One customer alone has no interval."),
        term=term or name,
        contrast=contrast,
        statistic=value / error if tested and error > 0 else None,
        p_value=normal_p_value(value, error) if tested else None,
        group=group,
    )


def sums_within(
    tables: Tables, rows: str, keys: Sequence[str], category: str, most: int = MOST_CATEGORIES
) -> dict[tuple[str, ...], Sums]:
    """Return the sums of the share of each category among the rows of each key.

    Parameters
    ----------
    rows
        SQL of rows with ``unit``, the keys and the category, all of them texts.
    most
        Categories of each key, the most frequent ones.

    Returns
    -------
    dict
        Keys and category -> sums, of which x counts the rows of the category and y all rows of
        the keys; most frequent category first.
    """
    by = ", ".join(keys)
    tables.engine.execute(f"""
        CREATE OR REPLACE TEMP TABLE {COUNTS} AS
        SELECT {by}, unit, {category}, CAST(count(*) AS DOUBLE) AS n
        FROM ({independent(tables, rows)}) AS r GROUP BY {by}, unit, {category}""")
    whole = f"SELECT {by}, unit, sum(n) AS n FROM {COUNTS} GROUP BY {by}, unit"
    totals = tables.engine.fetch(
        f"SELECT {by}, count(*), sum(n), sum(n * n) FROM ({whole}) AS w GROUP BY {by}"
    )
    of_key = {tuple(row[: len(keys)]): row[len(keys) :] for row in totals}
    each = f"""
        SELECT {by}, {category}, sum(n) AS x, sum(n * n) AS xx, sum(n * total) AS xy
        FROM (SELECT *, sum(n) OVER (PARTITION BY {by}, unit) AS total FROM {COUNTS}) AS t
        GROUP BY {by}, {category}"""
    place = f"row_number() OVER (PARTITION BY {by} ORDER BY x DESC, {category}) AS place"
    found = tables.engine.fetch(f"""
        SELECT {by}, {category}, x, xx, xy FROM (SELECT *, {place} FROM ({each}) AS e) AS p
        WHERE place <= {most} ORDER BY x DESC, {by}, {category}""")
    tables.engine.execute(f"DROP TABLE {COUNTS}")
    result = {}
    for *names, x, xx, xy in found:
        units, y, yy = of_key[tuple(names[: len(keys)])]
        result[tuple(map(str, names))] = Sums(int(units), int(y), x, y, xx, xy, yy)
    return result
