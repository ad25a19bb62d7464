"""How long something takes: quantiles of times of which some are not over yet.

Kaplan and Meier, JASA 53 (1958), 457-481; intervals of quantiles by the log-minus-log limits
(Brookmeyer and Crowley, Biometrics 38 (1982), 29-41). What is not over counts as lasting at least
as long as it has. Times of one customer are alike: Greenwood's error is widened by what summing
each customer's influence makes of it at the median, never narrowed. All of it are counts and
running sums in the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..engine.literals import literal
from ..engine.quoting import text
from ..results.estimate import CONF_LEVEL, Estimate
from .sums import OF_CUSTOMERS, independent

if TYPE_CHECKING:
    from ..engine.answers import Records
    from ..engine.engines import Engine
    from ..reading.tables import Tables

LEVELS: Mapping[str, float] = {"median": 0.5, "p90": 0.9}
WORDS = {"median": "median", "p90": "nine in ten within"}
METHOD = (
    "Kaplan-Meier of times, those not over yet counted as longer than so far, log-minus-log "
    f"interval, {OF_CUSTOMERS}"
)
SECONDS = {"minutes": 60, "hours": 3600, "days": 86400}
TIMES, CURVE = "journey_times", "journey_curve"
_SAME = 1e-9  # survival is a product of many numbers


def quantiles(
    tables: Tables, rows: str, name: str, of: str, per: str = "hours"
) -> dict[str, tuple[Estimate, ...]]:
    """Return the median and the 90 % quantile of the times of each part.

    Parameters
    ----------
    rows
        SQL of rows with ``part`` (text), ``unit``, ``seconds`` (0 or more; others are left out)
        and ``seen``: 1 where it is over, 0 where it was not over yet after these.
    name
        That of the figure; `LEVELS` and the part follow.
    of
        What is timed, such as ``ticket``, for the unit of the result.
    per
        A key of `SECONDS`.
    """
    engine = tables.engine
    engine.execute(f"""
        CREATE OR REPLACE TEMP TABLE {TIMES} AS
        SELECT * FROM ({independent(tables, rows)}) AS r WHERE seconds >= 0""")
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {CURVE} AS {_steps()}")
    parts = [part for (part,) in engine.fetch(f"SELECT DISTINCT part FROM {TIMES} ORDER BY part")]
    widened: Records = []
    if parts:
        found = engine.fetch(_at_levels(dict.fromkeys(parts, 1.0)))
        widths = _design(engine, {str(part): m[0] for part, *m in found})
        widened = engine.fetch(_at_levels(widths))
    for table in (CURVE, TIMES):
        engine.execute(f"DROP TABLE {table}")
    return {
        str(row[0]): tuple(
            _estimate(row, place, level, name, f"{per} per {of}", SECONDS[per])
            for place, level in enumerate(LEVELS)
        )
        for row in widened
    }


def _steps() -> str:
    """Return survival ``lns`` (its logarithm), ``gone`` and Greenwood's ``v`` at every time."""
    counts = f"""
        SELECT part, seconds AS t, CAST(count(*) AS DOUBLE) AS n, CAST(sum(seen) AS DOUBLE) AS d
        FROM {TIMES} GROUP BY part, seconds"""
    risk = f"""
        SELECT part, t, n, d, sum(n) OVER (PARTITION BY part) AS total,
               sum(n) OVER (PARTITION BY part ORDER BY t DESC) AS y FROM ({counts}) AS c"""
    some = "CASE WHEN d < y THEN"
    return f"""
        SELECT part, t, d, y, total,
               sum({some} ln(1e0 - d / y) ELSE 0e0 END) OVER running AS lns,
               sum({some} d / (y * (y - d)) ELSE 0e0 END) OVER running AS v,
               max(CASE WHEN d < y THEN 0 ELSE 1 END) OVER running AS gone
        FROM ({risk}) AS k WINDOW running AS (PARTITION BY part ORDER BY t)"""


def _at_levels(widths: Mapping[str, float]) -> str:
    """Return for each part: estimate, low and high of each level; seconds, NULL if not reached."""
    from scipy.special import ndtri

    z = literal(float(ndtri(0.5 + CONF_LEVEL / 2)))
    table = ", ".join(f"({text(part)}, {literal(width)})" for part, width in widths.items())
    half = f"CASE WHEN lns < 0 THEN {z} * sqrt(w.deff * v) / -lns ELSE 0e0 END"
    limits = f"""
        SELECT s.part, t, d, total, CASE WHEN gone = 1 THEN 0e0 ELSE exp(lns) END AS s,
               CASE WHEN gone = 1 THEN 0e0 ELSE exp(lns * exp({half})) END AS low,
               CASE WHEN gone = 1 THEN 0e0 ELSE exp(lns * exp(-({half}))) END AS high
        FROM {CURVE} AS s JOIN (VALUES {table}) AS w(part, deff) ON s.part = w.part"""
    columns = []
    for level in LEVELS.values():
        left = literal(1 - level)
        first = f"min(CASE WHEN s <= {left} + {_SAME:.0e} THEN t END)"
        # Where survival stays at the level for a while, its middle, as medians of even numbers.
        later = f"min(CASE WHEN d > 0 AND s < {left} - {_SAME:.0e} THEN t END)"
        flat = f"min(CASE WHEN d > 0 AND abs(s - {left}) < {_SAME:.0e} THEN t END)"
        columns += [
            f"CASE WHEN {flat} IS NULL THEN {first} ELSE ({flat} + coalesce({later}, {flat})) "
            "/ 2e0 END",
            f"min(CASE WHEN low <= {left} THEN t END)",
            f"min(CASE WHEN high <= {left} THEN t END)",
        ]
    counts = "CAST(max(total) AS BIGINT), CAST(sum(d) AS BIGINT)"
    return f"SELECT part, {', '.join(columns)}, {counts} FROM ({limits}) AS l GROUP BY part"


def _design(engine: Engine, medians: Mapping[str, float | None]) -> dict[str, float]:
    """Return how much wider customers make the variance of each part at its median."""
    at = ", ".join(f"({text(p)}, {literal(1e18 if m is None else m)})" for p, m in medians.items())
    base = f"""
        SELECT s.*, a.until
        FROM {CURVE} AS s JOIN (VALUES {at}) AS a(part, until) ON s.part = a.part
        WHERE s.t <= a.until AND s.y > s.d"""
    last = f"""
        SELECT part, max(v) AS v, max(t) AS t FROM ({base}) AS b GROUP BY part"""
    influence = f"""
        SELECT r.part, r.unit, sum(coalesce(b.v, l.v)
               - CASE WHEN b.t IS NOT NULL THEN r.seen / (b.y - b.d) ELSE 0e0 END) AS u
        FROM {TIMES} AS r JOIN ({last}) AS l ON r.part = l.part
        LEFT JOIN ({base}) AS b ON r.part = b.part AND r.seconds = b.t GROUP BY r.part, r.unit"""
    found = engine.fetch(f"""
        SELECT i.part, count(*), sum(u * u), max(l.v)
        FROM ({influence}) AS i JOIN ({last}) AS l ON i.part = l.part GROUP BY i.part""")
    deff = dict.fromkeys(medians, 1.0)
    for part, units, squares, v in found:
        if units > 1 and v > 0:
            deff[part] = max(1.0, squares * units / (units - 1) / v)
    return deff


def _estimate(
    row: tuple[float | None, ...], place: int, level: str, name: str, unit: str, seconds: int
) -> Estimate:
    part, *figures, total, over = row
    value, low, high = (
        None if one is None else one / seconds for one in figures[3 * place : 3 * place + 3]
    )
    open_ones = int(total or 0) - int(over or 0)
    said = [f"{open_ones:,} of {total:,} were not over yet." if open_ones else ""]
    if value is None:
        said.append("Too few are over for this figure.")
    elif high is None:
        said.append("Its upper limit lies beyond the times seen.")
    what = f"{name.replace('_', ' ').replace('.', ', ')}, {WORDS[level]}"
    label = f"{part}: {what}" if part else what
    full = f"{name}.{level}" + (f".{part}" if part else "")
    return Estimate(
        name=full,
        estimate=value,
        conf_low=None if value is None else low,
        conf_high=high,
        std_error=None,
        unit=unit,
        n=int(total or 0),
        method=METHOD,
        note=" ".join(filter(None, said)),
        term=label,
        group=str(part or ""),
    )
