"""Prospects of a simulated company who became customers: what they have of what customers have.

They are asked nothing, so that no answer of the company is theirs; their customers and orders are
in files of their own, beside those of the company.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .company import DAY, STEP, Columns
from .ground import Ground, by_time, pick
from .worlds import REGIONS, SEGMENTS, Floats, Ints

STAYS_DAYS: Final = 900.0  # mean
ORDERS_EACH: Final = 0.9  # after the first, in 91 days
ORDER_VALUE: Final = (90.0, 100.0, 140.0)  # mean, by segment
REFERRED_SPENDS: Final = 1.25  # of customers who were referred, relative to the others
MONTH: Final = 30.4375 * DAY


def newcomers(
    ground: Ground, prospects: Columns, referred: Ints, rng: np.random.Generator
) -> tuple[dict[str, Columns], dict[str, Any]]:
    """Return ``customers_new``, ``orders_new``, and what is true of them.

    Parameters
    ----------
    ground
        The company.
    prospects
        ``customer`` and ``became_customer_at``, 0 of those who did not or were customers before.
    referred
        Numbers of the prospects who were referred.
    """
    rows = np.flatnonzero(prospects["became_customer_at"])
    rows = rows[np.argsort(prospects["customer"][rows])]
    who, started = prospects["customer"][rows], prospects["became_customer_at"][rows]
    n = len(who)
    gone = started + DAY + (rng.exponential(STAYS_DAYS, n) * DAY).astype(np.int64)
    people = {
        "customer": who, "at": started,
        "cancelled": np.where(gone < ground.calendar.until, gone, 0),
        "segment": pick(SEGMENTS.values(), n, rng), "region": pick(REGIONS.values(), n, rng),
        "tenure_months": ((ground.calendar.until - started) / MONTH).astype(np.int64),
    }  # fmt: skip
    by_referral = np.isin(who, referred)
    factor = np.where(by_referral & ground.planted, REFERRED_SPENDS, 1.0)
    orders = _orders(ground, people, factor, rng)
    told = {
        "customers": n,
        "of_them_referred": int(by_referral.sum()),
        "value_of_an_order_if_referred": REFERRED_SPENDS if ground.planted else 1.0,
    }
    return {"customers_new": people, "orders_new": orders}, told


def _orders(ground: Ground, people: Columns, factor: Floats, rng: np.random.Generator) -> Columns:
    """Draw an order as they begin, and others until they leave."""
    end = np.where(people["cancelled"] > 0, people["cancelled"], ground.calendar.until)
    stays = end - people["at"]
    count = 1 + rng.poisson(ORDERS_EACH * stays / STEP)
    row = np.repeat(np.arange(len(end)), count)
    first = np.zeros(len(row), dtype=bool)
    first[np.cumsum(count) - count] = True
    into = np.where(first, np.minimum(3_600, stays[row] // 2), rng.random(len(row)) * stays[row])
    mean = 100 * np.array(ORDER_VALUE)[people["segment"]] * factor
    amount = np.rint(mean[row] * rng.standard_gamma(1.5, len(row)) / 1.5).astype(np.int64) + 1
    columns = {
        "customer": people["customer"][row], "at": people["at"][row] + into.astype(np.int64),
        "extra": amount,
    }  # fmt: skip
    columns = by_time(columns, "at")
    return columns | {"row": len(ground.orders["at"]) + 1 + np.arange(len(row))}
