"""Sums of a metric's rows over its independent units, taken where the rows are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.quoting import ident, text
from .intervals import wilson
from .kinds import Found, Sums, share_interval
from .period import DAYS_A_MONTH, Period, moment
from .relations import asked, people, scores, unit_of

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from .metric import Metric

# Roles whose relation is made for a metric, not read.
MADE = {
    "scores": lambda tables, period: scores(tables),
    "asked": lambda tables, period: asked(tables),
    "people": people,
}
Cell = tuple[Any, Any]  # part, group


@dataclass(frozen=True)
class Rows:
    """The rows of a metric, as SQL.

    Attributes
    ----------
    sql
        One row an observation: ``unit``, ``part``, ``grp``, ``w`` and the columns of the metric.
    """

    tables: Tables
    sql: str


def rows_of(metric: Metric, tables: Tables, period: Period, by: str, chosen: str) -> Rows:
    """Return the rows of a metric in a period.

    Parameters
    ----------
    by
        Attribute of customers whose values are told apart; empty for none.
    chosen
        SQL that stands in for the metric's option.
    """
    own = _filled(metric, tables, period, chosen)
    part = "CAST(part AS VARCHAR)" if metric.parts else "''"
    units, unit = unit_of(tables), "r.customer"
    joins = ""
    if units:
        joins += f" LEFT JOIN ({units}) AS k ON k.customer = r.customer"
        unit = "coalesce(k.unit, 'customer ' || r.customer)"
    group = "''"
    if by:
        role = tables.study.attributes[by]
        column = ident(f"attr_{by}")
        source = f"SELECT customer, min({column}) AS grp FROM {tables.relation(role)} GROUP BY 1"
        joins += f" LEFT JOIN ({source}) AS g ON g.customer = r.customer"
        group = "CAST(g.grp AS VARCHAR)"
    w = "CAST(r.weight AS DOUBLE)" if metric.weighted else "1.0"
    inside = period.holds("r.seen_at")
    if metric.weighted and period.own_wave:
        inside = f"CASE WHEN r.wave IS NULL THEN {inside} ELSE r.wave = {text(period.name)} END"
    sql = (
        f"SELECT {unit} AS unit, {part} AS part, {group} AS grp, {w} AS w, r.* EXCLUDE (seen_at, "
        f"customer{', part' if metric.parts else ''}{', weight' if metric.weighted else ''}) "
        f"FROM ({own}) AS r{joins} WHERE {inside}"
    )
    return Rows(tables, sql)


def _filled(metric: Metric, tables: Tables, period: Period, chosen: str) -> str:
    """Return the SQL of a metric with its relations and its period in the places for them."""
    roles: dict[str, str] = {}
    for need in (*metric.needs, *metric.optional, *MADE):
        role = need.partition(":")[0]
        if role in MADE:
            if f"{{{role}}}" in metric.rows:
                roles[role] = f"({MADE[role](tables, period)})"
        elif role in tables.study.sources:
            roles[role] = _with_optional(role, metric.optional.get(role, ()), tables)
    option = next(iter(metric.options), "")
    rows = metric.rows.replace(f"{{{option}}}", chosen) if option else metric.rows
    return rows.format(
        **roles,
        start=moment(period.start),
        end=moment(period.end),
        until=moment(period.until),
        days=repr(period.days),
        months=repr(period.days / DAYS_A_MONTH),
    )


def _with_optional(role: str, optional: tuple[str, ...], tables: Tables) -> str:
    absent = [key for key in optional if key not in tables.study.sources[role].columns]
    if not absent:
        return tables.relation(role)
    nulls = "".join(f", NULL AS {key}" for key in absent)
    return f"(SELECT *{nulls} FROM {tables.relation(role)})"


def sums_of(rows: Rows, columns: tuple[str, ...], where: str = "x IS NOT NULL") -> dict[Cell, Sums]:
    """Return the sums of columns by part and group.

    Parameters
    ----------
    columns
        SQL over the rows.
    where
        Which rows count.
    """
    size = len(columns)
    inner = ", ".join(f"sum({column}) AS s{k}" for k, column in enumerate(columns))
    pairs = [(i, j) for i in range(size) for j in range(i, size)]
    outer = [f"sum(s{k})" for k in range(size)] + [f"sum(s{i} * s{j})" for i, j in pairs]
    found = rows.tables.engine.fetch(
        f"SELECT part, grp, sum(n), count(*), max(n), min(low), max(high), {', '.join(outer)} FROM "
        f"(SELECT part, grp, unit, count(*) AS n, min(w) AS low, max(w) AS high, {inner} "
        f"FROM ({rows.sql}) AS q WHERE {where} GROUP BY part, grp, unit) AS u "
        "GROUP BY part, grp ORDER BY part, grp"
    )
    made: dict[Cell, Sums] = {}
    for part, group, n, units, most, low, high, *values in found:
        totals = np.array(values[:size], dtype=float)
        products = np.empty((size, size))
        for (i, j), value in zip(pairs, values[size:], strict=True):
            products[i, j] = products[j, i] = value
        apart = most == 1 and low == high == 1
        made[part, group] = Sums(int(n), int(units), totals, products, apart)
    return made


def medians_of(rows: Rows) -> dict[Cell, tuple[Sums, Found]]:
    """Return the medians by part and group, with Woodruff's interval.

    The share of observations up to the median has a Wilson interval; the quantiles at its ends
    bound the median (Woodruff 1952, JASA 47, 635-646).
    """
    known = "x IS NOT NULL"
    asked = f"SELECT part, grp, quantile_cont(x, {{}}) FROM ({rows.sql}) AS q WHERE {known}"
    engine = rows.tables.engine
    middles = engine.fetch(asked.format(0.5) + " GROUP BY part, grp")
    made: dict[Cell, tuple[Sums, Found]] = {}
    for part, group, middle in middles:
        here = f"{known} AND part {_is(part)} AND grp {_is(group)}"
        below = f"w * CASE WHEN x <= {float(middle)!r} THEN 1 ELSE 0 END"
        [sums] = sums_of(rows, (below, "w"), here).values()
        worth, z = share_interval(sums)
        ends = []
        for share in wilson(0.5, worth, z):
            [(_, _, end)] = engine.fetch(
                f"{asked.format(repr(share))} AND part {_is(part)} AND grp {_is(group)} "
                "GROUP BY part, grp"
            )
            ends.append(float(end))
        found = Found(float(middle), ends[0], ends[1], None, "median, Woodruff's interval")
        made[part, group] = (sums, found)
    return made


def _is(value: Any) -> str:
    return "IS NULL" if value is None else f"= {text(str(value))}"
