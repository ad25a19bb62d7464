"""What customers expected, and how far it was met, item by item."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...results.estimate import CONF_LEVEL, Estimate
from ...results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    from ...reading.tables import Tables


def expectation_gaps(tables: Tables) -> tuple[Estimate, ...]:
    """Return performance less expectation of each item of ``expectations``, the worst met first.

    The two are of the same customer, so their difference is taken before anything is averaged;
    a customer with several answers to an item counts once. Parasuraman, Zeithaml and Berry,
    SERVQUAL, Journal of Retailing 64 (1988), 12-40.

    Raises
    ------
    StudyError
        The study has no expectations.
    """
    found = tables.engine.fetch(f"""
        SELECT item, count(*) AS n, avg(gap) AS gap, coalesce(stddev_samp(gap), 0) AS scatter
        FROM (
            SELECT item, customer, avg(performance - expected) AS gap
            FROM {tables.relation("expectations")}
            WHERE performance IS NOT NULL AND expected IS NOT NULL GROUP BY item, customer
        ) AS s GROUP BY item ORDER BY gap, item""")
    return tuple(_gap(str(item), int(n), float(gap), float(s)) for item, n, gap, s in found)


def _gap(item: str, n: int, gap: float, scatter: float) -> Estimate:
    from scipy import stats

    known = n >= MINIMUM_GROUP
    estimate = Estimate(
        name=f"expectations.gap.{item}",
        estimate=gap if known else None,
        conf_low=None,
        conf_high=None,
        std_error=None,
        unit="points of the scale, performance less expectation",
        n=n,
        method="mean of each customer's own difference; Student's interval",
        note="" if known else f"{n} customers answered; at least {MINIMUM_GROUP} are needed.",
        term=item,
    )
    if not known or not scatter:
        return estimate
    error = scatter / n**0.5
    reach = float(stats.t.ppf((1 + CONF_LEVEL) / 2, n - 1)) * error
    return replace(
        estimate,
        conf_low=gap - reach,
        conf_high=gap + reach,
        std_error=error,
        statistic=gap / error,
        p_value=float(2 * stats.t.sf(abs(gap) / error, n - 1)),
    )
