"""Whom not to ask: about a feature never used, or too often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..results.display import TidyMixin
from ..results.estimate import Estimate
from ..results.thresholds import MINIMUM_GROUP
from .asked import ASKED, ASKED_DAYS, REPLY_DAYS, all_asked, features_known, keep_asked
from .needs import enough, has
from .sums import share, sums_of

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.tables import Tables


@dataclass(frozen=True, repr=False)
class NotToAsk(TidyMixin):
    """Invitations that were better not sent.

    Attributes
    ----------
    reasons
        Share of all invitations, one a reason; ``n`` counts all invitations.
    invitations, customers
        How many of each reason, in the order of `reasons`.
    rates
        Response rate of each; None under 30 invitations.
    next_time
        Customers to leave out of a round sent after the last invitation, by reason.
    notes
        Which reason could not be looked for, and why.
    """

    reasons: tuple[Estimate, ...]
    invitations: tuple[int, ...]
    customers: tuple[int, ...]
    rates: tuple[Estimate | None, ...]
    next_time: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Return one row a reason: invitations, customers, share, response rate."""
        import pandas as pd

        each = zip(self.reasons, self.invitations, self.customers, self.rates, strict=True)
        rows = [
            (r.term, n, who, r.estimate, r.conf_low, r.conf_high, rate and rate.estimate)
            for r, n, who, rate in each
        ]
        columns = ["reason", "invitations", "customers", "share", "conf_low", "conf_high"]
        return pd.DataFrame(rows, columns=[*columns, "response_rate"])


def whom_not_to_ask(tables: Tables, *, most: int = 2, days: int = REPLY_DAYS) -> NotToAsk:
    """Count invitations about a feature never used, and to those asked too often.

    Parameters
    ----------
    most
        Times that a customer may be asked in 90 days.
    days
        As of `when_to_ask`.

    Raises
    ------
    ModelError
        As `when_to_ask`.
    """
    tables = tables.own_session()
    keep_asked(tables, days)
    engine = tables.engine
    notes, reasons = [], {f"asked {most} times or more in {ASKED_DAYS} days": f"often >= {most}"}
    if features_known(tables) and _ask_about_features(tables):
        reasons["asked about a feature never used"] = "unused = 1"
    elif features_known(tables):
        notes.append(
            "Features never used: no touchpoint of an invitation is the name of a feature in "
            "[tables.feature_use]."
        )
    else:
        notes.append(
            "Features never used: needs [tables.feature_use] and touchpoint of "
            "[tables.invitations], which names the feature."
        )
    made = [_reason(tables, label, sql, days) for label, sql in reasons.items()]
    next_time = tuple(_next_time(tables, most))
    engine.execute(f"DROP TABLE {ASKED}")
    figures, counts, people, rates = zip(*made, strict=True)
    return NotToAsk(figures, counts, people, rates, next_time, tuple(notes))


def _ask_about_features(tables: Tables) -> bool:
    used = tables.relation("feature_use")
    [(count,)] = tables.engine.fetch(f"""
        SELECT count(*) FROM {ASKED} AS a JOIN (SELECT DISTINCT feature FROM {used}) AS u
        ON u.feature = a.touchpoint""")
    return bool(count)


def _reason(
    tables: Tables, label: str, sql: str, days: int
) -> tuple[Estimate, int, int, Estimate | None]:
    flag = f"CASE WHEN {sql} THEN 1 ELSE 0 END"
    rows = f"SELECT '' AS part, unit, {flag} AS x, 1 AS y FROM {ASKED}"
    found = sums_of(tables, rows)
    enough(found[""].rows if found else 0, "invitations with a known reply")
    name = label.replace(" ", "_")
    figure = share(found[""], f"not_to_ask.{name}", "share of invitations", label, label)
    [(people,)] = tables.engine.fetch(f"SELECT count(DISTINCT unit) FROM {ASKED} WHERE {sql}")
    rate = None
    if found[""].x >= MINIMUM_GROUP:
        of = f"SELECT '' AS part, unit, replied AS x, 1 AS y FROM {ASKED} WHERE {sql}"
        what = f"invitations answered within {days} days"
        rate = share(sums_of(tables, of)[""], f"response_rate.{name}", "share of invitations", what)
    return figure, int(found[""].x), int(people), rate


def _next_time(tables: Tables, most: int) -> Iterator[tuple[str, int]]:
    """Yield how many customers a round after the last invitation should leave out."""
    invited, engine = all_asked(tables), tables.engine
    last = f"SELECT max(moment) AS last FROM ({invited}) AS m"
    [(often,)] = engine.fetch(f"""
        SELECT count(*) FROM (SELECT customer FROM ({invited}) AS i CROSS JOIN ({last}) AS l
        WHERE i.moment > l.last - INTERVAL {ASKED_DAYS} DAY
        GROUP BY customer HAVING count(*) >= {most}) AS c""")
    yield f"asked {most} times or more in the last {ASKED_DAYS} days", int(often)
    if features_known(tables):
        used = tables.relation("feature_use")
        everyone = f"SELECT customer FROM ({invited}) AS a"
        if "customers" in tables.study.sources:
            everyone += f" UNION SELECT customer FROM {tables.relation('customers')}"
        if has(tables, "customers", "stage"):
            everyone = f"""
                SELECT customer FROM {tables.relation("customers")}
                WHERE coalesce(lower(stage), 'active') = 'active'"""
        [(all_of,)] = engine.fetch(f"SELECT count(DISTINCT customer) FROM ({everyone}) AS e")
        for feature, users in engine.fetch(f"""
                SELECT u.feature, count(DISTINCT u.customer) FROM {used} AS u
                JOIN ({everyone}) AS e ON e.customer = u.customer
                GROUP BY u.feature ORDER BY u.feature"""):
            yield f"never used {feature}", int(all_of) - int(users)
