"""Sums of a metric's rows over its independent units, taken where the rows are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.quoting import ident, text
from .intervals import wilson
from .kinds import Found, Sums, share_interval
from .period import Period, places
from .relations import unit_of
from .unions import MADE, UNIONS, with_optional

if TYPE_CHECKING:
    from ..reading.tables import Tables
    from .metric import Metric

Cell = tuple[Any, Any]  # part, group
KEPT = "rows_of_metric"  # the temporary table of a median's rows
OF_ANSWERS = ("weight", "wave", "answer", "home")


@dataclass(frozen=True)
class Rows:
    """The rows of a metric, as SQL.

    Attributes
    ----------
    sql
        One row an observation: ``unit``, ``part``, ``grp``, ``w`` and the columns of the metric.
    of
        What the units are, in words.
    """

    tables: Tables
    sql: str
    of: str


def rows_of(metric: Metric, tables: Tables, period: Period, by: str, chosen: str) -> Rows:
    """Return the rows of a metric in a period.

    Parameters
    ----------
    by
        Attribute whose values are told apart; empty for none. One of answers is that of the
        answer itself where the rows are answers, else of the customer's latest.
    chosen
        SQL that stands in for the metric's option.
    """
    own = _filled(metric, tables, period, chosen)
    part = "CAST(part AS VARCHAR)" if metric.parts else "''"
    units, unit, of = unit_of(tables), "r.customer", metric.of
    joins = ""
    if units and of == "customers":
        joins += f" LEFT JOIN ({units}) AS k ON k.customer = r.customer"
        unit = "coalesce(k.unit, 'customer ' || r.customer)"
        of = "accounts, and customers without one"
    group = "''"
    if by:
        group, joined = _group(tables, by, metric.weighted)
        joins += joined
    w = "CAST(r.weight AS DOUBLE)" if metric.weighted else "1.0"
    inside = period.holds("r.seen_at")
    if metric.weighted and period.own_wave:
        inside = f"CASE WHEN r.wave IS NULL THEN {inside} ELSE r.wave = {text(period.name)} END"
    beside = [
        "seen_at",
        "customer",
        *(["part"] if metric.parts else []),
        *(OF_ANSWERS if metric.weighted else ()),
    ]
    sql = (
        f"SELECT {unit} AS unit, {part} AS part, {group} AS grp, {w} AS w, "
        f"r.* EXCLUDE ({', '.join(beside)}) FROM ({own}) AS r{joins} WHERE {inside}"
    )
    return Rows(tables, sql, of)


def _group(tables: Tables, by: str, answers: bool) -> tuple[str, str]:
    """Return the SQL of the value of an attribute, and of what it is joined from."""
    role, column = tables.study.attributes[by], ident(f"attr_{by}")
    relation, source = tables.relation(role), tables.study.sources[role].columns
    latest = "answered_at DESC, row DESC" if "answered_at" in source else "row DESC"
    joins = (
        f" LEFT JOIN (SELECT customer, CAST({column} AS VARCHAR) AS grp FROM (SELECT customer, "
        f"{column}, row_number() OVER (PARTITION BY customer ORDER BY {latest}) AS place FROM "
        f"{relation} WHERE {column} IS NOT NULL) AS l WHERE place = 1) AS g ON g.customer = "
        "r.customer"
    )
    if not answers:
        return "g.grp", joins
    joins += (
        f" LEFT JOIN (SELECT row, CAST({column} AS VARCHAR) AS grp FROM {relation}) AS a "
        f"ON a.row = r.answer AND r.home = {text(role)}"
    )
    return f"CASE WHEN r.home = {text(role)} THEN a.grp ELSE g.grp END", joins


def _filled(metric: Metric, tables: Tables, period: Period, chosen: str) -> str:
    """Return the SQL of a metric with its relations and its period in the places for them."""
    option = next(iter(metric.options), "")
    sql = metric.rows.replace(f"{{{option}}}", chosen) if option else metric.rows
    filled = places(period)
    for name, make in MADE.items():
        if f"{{{name}}}" in sql:
            filled[name] = f"({make(tables, period)})"
    for need in (*metric.needs, *metric.optional):
        role = need.partition(":")[0]
        if role in UNIONS:
            filled[role] = f"({UNIONS[role].sql(tables)})"
        elif role in tables.study.sources and role not in MADE:
            filled[role] = with_optional(role, metric.optional.get(role, ()), tables)
    if tables.study.scenario:
        filled |= {
            name: repr(value.central)
            for name, value in tables.study.scenario.ranges.items()
            if name.startswith("cost_per_")
        }
    return sql.format(**filled)


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
        made[part, group] = Sums(int(n), int(units), totals, products, apart, rows.of)
    return made


def medians_of(rows: Rows) -> tuple[dict[Cell, Sums], dict[Cell, float]]:
    """Return the medians by part and group, and the sums of who is at or below them.

    The rows are kept for `ends_of`.
    """
    engine = rows.tables.engine
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {KEPT} AS SELECT part, grp, unit, w, CAST(x AS DOUBLE) AS x "
        f"FROM ({rows.sql}) AS q WHERE x IS NOT NULL"
    )
    middles = f"SELECT part, grp, quantile_cont(x, 0.5) AS middle FROM {KEPT} GROUP BY part, grp"
    below = (
        f"SELECT k.*, CASE WHEN k.x <= m.middle THEN 1.0 ELSE 0.0 END AS below FROM {KEPT} AS k "
        f"JOIN ({middles}) AS m ON m.part IS NOT DISTINCT FROM k.part AND "
        "m.grp IS NOT DISTINCT FROM k.grp"
    )
    sums = sums_of(replace(rows, sql=below), ("w * below", "w"))
    return sums, {(part, group): float(m) for part, group, m in engine.fetch(middles)}


def ends_of(
    rows: Rows, sums: dict[Cell, Sums], middles: dict[Cell, float], cells: Collection[Cell]
) -> dict[Cell, Found]:
    """Return the medians of some parts and groups with Woodruff's interval.

    The share of observations up to the median has a Wilson interval; the quantiles at its ends
    bound the median (Woodruff 1952, JASA 47, 635-646).
    """
    made: dict[Cell, Found] = {}
    for part, group in cells:
        worth, z = share_interval(sums[part, group])
        ends = ", ".join(f"quantile_cont(x, {share!r})" for share in wilson(0.5, worth, z))
        [(low, high)] = rows.tables.engine.fetch(
            f"SELECT {ends} FROM {KEPT} WHERE part {_is(part)} AND grp {_is(group)}"
        )
        middle = middles[part, group]
        how = f"median, Woodruff's interval over {sums[part, group].units:,} {rows.of}"
        made[part, group] = Found(middle, float(low), float(high), None, how)
    return made


def _is(value: Any) -> str:
    return "IS NULL" if value is None else f"= {text(str(value))}"
