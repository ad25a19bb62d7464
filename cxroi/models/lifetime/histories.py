"""What customers did up to a day, in one pass where the rows are: purchases, and contracts kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...engine.literals import literal
from ...errors import DataError, ParameterError, ScarceDataError
from ...panel.steps import continued
from ...results.thresholds import MINIMUM_EVENTS, MINIMUM_GROUP

if TYPE_CHECKING:
    from ...arrays import Floats
    from ...reading.tables import Tables

# More customers than this are sampled: intervals would be no narrower than a reader can see.
MOST_CUSTOMERS = 50_000
_HEX = 8  # digits of a hash by which customers are sampled
DAYS_PER_MONTH = 365.25 / 12
# A month of 31 days and a leap year end so many days after the mean one, or sooner.
_UNEVEN = 3


@dataclass(frozen=True)
class Histories:
    """What customers bought up to a day; one entry for all customers with the same history.

    Attributes
    ----------
    x
        Days with a purchase after the first such day.
    t_x, age
        Days from the first purchase to the last, and to `until`.
    amount
        Mean amount of a day after the first, refunds netted; 0 where x is.
    counts
        Customers of each entry.
    customers
        All who bought; more than are counted where they were sampled.
    until
        The last day that counts.
    """

    x: Floats
    t_x: Floats
    age: Floats
    amount: Floats
    counts: Floats
    customers: int
    until: dt.date

    @property
    def counted(self) -> int:
        """How many customers are counted."""
        return int(self.counts.sum())


def buying_histories(tables: Tables, until: dt.date | None = None, only: str = "") -> Histories:
    """Return the purchases of every customer who bought, up to a day.

    All that a customer buys on one day is one purchase. What was refunded in full by then is
    none; what was refunded in part lowers the customer's mean amount in proportion. Customers
    are as old as their first purchase in the table, which makes those who bought before it begins
    look younger than they are. Of more than `MOST_CUSTOMERS` a sample is
    counted, drawn by a hash of the customer, the same each time.

    Parameters
    ----------
    until
        The last day that counts; left out: `complete_until` of the study, or the day of the last
        order.
    only
        A query whose column ``customer`` holds those who count, such as a segment; empty for all.

    Raises
    ------
    StudyError
        The study has no orders.
    DataError
        Nobody bought up to that day.
    """
    orders = tables.relation("orders")
    day = until or tables.study.complete_until or _last(tables, orders, "ordered_at")
    chosen = f"customer IN (SELECT customer FROM ({only}) AS chosen)" if only else "true"
    [(customers,)] = tables.engine.fetch(
        f"SELECT count(DISTINCT customer) FROM {orders} WHERE {_stands(day)} AND {chosen}"
    )
    if not customers:
        raise _nobody(orders, day)
    chosen += _sampled(int(customers))
    found = tables.engine.fetch(_histories_sql(orders, day, chosen))
    x, t_x, age, amount, counts = np.array(found, dtype=float).T
    return Histories(x, t_x, age, amount, counts, int(customers), day)


def _last(tables: Tables, relation: str, column: str) -> dt.date:
    [(last,)] = tables.engine.fetch(f"SELECT CAST(max({column}) AS DATE) FROM {relation}")
    if last is None:
        raise DataError(f"{relation} has no row", "a value needs a history")
    day: dt.date = last
    return day


def _nobody(relation: str, day: dt.date) -> DataError:
    return DataError(
        f"{relation} has no purchase up to {day}",
        "a value needs a history",
        "Choose a later day, or read more orders",
    )


def _stands(day: dt.date) -> str:
    """Return the condition that a row is a purchase by the end of a day."""
    end = f"DATE '{day + dt.timedelta(days=1)}'"
    return f"ordered_at < {end} AND (undone_at IS NULL OR undone_at >= {end})"


def _sampled(customers: int) -> str:
    """Return the further condition by which customers are sampled; empty where all count."""
    if customers <= MOST_CUSTOMERS:
        return ""
    bound = int(16**_HEX * MOST_CUSTOMERS / customers)
    return f" AND substr(md5(CAST(customer AS VARCHAR)), 1, {_HEX}) < '{bound:0{_HEX}x}'"


def _histories_sql(orders: str, day: dt.date, chosen: str) -> str:
    """One row for all customers with the same history, in the order of the columns."""
    end = f"DATE '{day + dt.timedelta(days=1)}'"
    # Rounded, so that the order in which an engine adds up parts no equal histories.
    return f"""
        WITH booked AS (
            SELECT customer, CAST(ordered_at AS DATE) AS day, amount,
                   CASE WHEN {_stands(day)} THEN 1 ELSE 0 END AS stands
            FROM {orders} WHERE ordered_at < {end} AND {chosen}
        ), netted AS (
            SELECT customer, sum(amount) AS net, sum(stands * amount) AS gross
            FROM booked GROUP BY customer
        ), visits AS (
            SELECT customer, day, sum(amount) AS amount,
                   row_number() OVER (PARTITION BY customer ORDER BY day) AS visit
            FROM booked WHERE stands = 1 GROUP BY customer, day
        ), bought AS (
            SELECT customer, count(*) - 1 AS x,
                   date_diff('day', min(day), max(day)) AS t_x,
                   date_diff('day', min(day), DATE '{day}') AS age,
                   coalesce(avg(CASE WHEN visit > 1 THEN amount END), 0) AS amount
            FROM visits GROUP BY customer
        ), rounded AS (
            SELECT x, t_x, age, round(greatest(
                CASE WHEN gross > 0 THEN b.amount * net / gross ELSE 0 END, 0), 6) AS amount
            FROM bought AS b JOIN netted USING (customer)
        )
        SELECT x, t_x, age, amount, count(*) AS n
        FROM rounded GROUP BY x, t_x, age, amount ORDER BY x, t_x, age, amount"""


@dataclass(frozen=True)
class Contracts:
    """How long contracts were kept, by their age; renewals within 30 days are one contract.

    Attributes
    ----------
    at_risk, lost
        Contracts running at the start of each period of their life, and ended in it; of those
        of which the whole period is known.
    months
        Length of a period.
    n
        Contracts whose first period is known.
    until
        The last day that counts.
    """

    at_risk: Floats
    lost: Floats
    months: int
    n: int
    until: dt.date

    @property
    def survival(self) -> Floats:
        """Share still there at the end of each period."""
        return np.asarray(np.cumprod(1 - self.lost / self.at_risk))


def contract_periods(tables: Tables, months: int = 12, until: dt.date | None = None) -> Contracts:
    """Return how many contracts run and end in each period of their life.

    A contract that ends within three days of the end of a period was kept for it, and not
    renewed. A period counts if the whole of it lies in what is known: up to the last day, and
    from `complete_from` of the study on. Where the first contract that ended did so more than a
    period after the first began, those that ended before are missing from the table, and
    periods count from that end on only: who is there because they stayed tells nothing of who
    stays.

    Parameters
    ----------
    months
        Length of a period: 12 for yearly contracts, 1 for monthly ones.
    until
        The last day that counts; left out: `complete_until` of the study, or the day of the last
        start.

    Raises
    ------
    ParameterError
        A period of less than a month.
    StudyError
        The study has no subscriptions.
    ScarceDataError
        Fewer than two periods, from the first on, are known of 30 contracts each, or fewer than
        10 ended.
    """
    if months < 1:
        raise ParameterError(
            f"a period of {months} months", "1 month or more", "Take 1, 3 or 12, for example"
        )
    relation = tables.relation("subscriptions")
    day = until or tables.study.complete_until or _last(tables, relation, "started_at")
    tables.engine.execute(continued(tables))
    begin = _known_from(tables, months, day)
    found = np.array(tables.engine.fetch(_contracts_sql(months, begin, day)), dtype=float)
    entered, followed, ended, counts = found.reshape(-1, 4).T
    at_risk, lost = [], []
    for period in range(int(followed.max(initial=0))):
        known = (entered <= period) & (followed > period) & ((ended < 0) | (ended >= period))
        if counts[known].sum() < MINIMUM_GROUP:
            break
        at_risk.append(counts[known].sum())
        lost.append(counts[known & (ended == period)].sum())
    if len(at_risk) < 2 or sum(lost) < MINIMUM_EVENTS:
        raise ScarceDataError(
            f"{months}-month periods that are known of {MINIMUM_GROUP} subscriptions or more, from "
            f"their start on: {len(at_risk)}; subscriptions that ended in them: {sum(lost):.0f}",
            f"two such periods, and {MINIMUM_EVENTS} ended, are needed",
            "Take shorter periods, or a history that begins before contracts do and holds those "
            "that ended",
        )
    return Contracts(np.array(at_risk), np.array(lost), months, int(at_risk[0]), day)


def _known_from(tables: Tables, months: int, day: dt.date) -> dt.date:
    """Return the day from which on contracts that end are in the table."""
    found: list[tuple[dt.date | None, dt.date | None]] = tables.engine.fetch(
        "SELECT CAST(min(started_at) AS DATE), CAST(min(CASE WHEN CAST(cancelled_at AS DATE) <= "
        f"DATE '{day}' THEN cancelled_at END) AS DATE) FROM spells"
    )
    declared = tables.study.complete_from or dt.date.min
    [(first, ended)] = found
    if first is None or ended is None:
        return max(declared, first or day)
    whole = ended <= first + dt.timedelta(days=months * DAYS_PER_MONTH + _UNEVEN)
    return max(declared, first if whole else ended)


def _contracts_sql(months: int, begin: dt.date, day: dt.date) -> str:
    """First and last whole period that is known, and that in which a contract ended, or -1."""
    length, slack = literal(months * DAYS_PER_MONTH), literal(_UNEVEN)
    before = f"date_diff('day', started_at, DATE '{begin}')"
    whole = f"date_diff('day', started_at, DATE '{day}')"
    kept = "date_diff('day', started_at, cancelled_at)"
    ended = f"greatest(ceil(({kept} - {slack}) / {length}) - 1, 0)"
    return f"""
        SELECT entered, followed, ended, count(*) AS n FROM (
            SELECT greatest(ceil(({before} - {slack}) / {length}), 0) AS entered,
                   floor(({whole} - {slack}) / {length}) AS followed,
                   CASE WHEN CAST(cancelled_at AS DATE) <= DATE '{day}'
                   THEN {ended} ELSE -1 END AS ended
            FROM spells WHERE CAST(started_at AS DATE) <= DATE '{day}'
        ) AS s GROUP BY entered, followed, ended ORDER BY entered, followed, ended"""
