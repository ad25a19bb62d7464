"""Claims about what winning, selling and keeping cost and are worth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..errors import ScarceDataError
from ..metrics.kinds import KINDS
from ..results.estimate import Estimate
from ..results.thresholds import MINIMUM_GROUP
from .claim import Claim, Said
from .evidence import DAYS, Evidence, Needs, ratio_of

A_YEAR = 365.25


def _winning_against_keeping(evidence: Evidence) -> Estimate:
    """Return the cost of a new customer over what serving one costs a year."""
    won, served = evidence.metric("acquisition_cost"), evidence.metric("contacts_per_customer")
    scenario = evidence.study.scenario
    price = scenario.cost_per_contact.central if scenario else 0.0
    if price <= 0:
        raise ScarceDataError(
            "the study does not say what a contact costs",
            "without it there is no cost of keeping a customer",
            "Declare cost_per_contact in [scenario]",
        )
    found = ratio_of(won, served, DAYS / A_YEAR / price)
    return found.told(
        "",
        "times a year of service",
        won.n,
        "spent on winning customers over customers won, over contacts per customer in a year times "
        "cost_per_contact; interval of the log ratio, the two errors as if independent",
        note="keeping a customer is taken to cost what the contacts of a year cost: the study "
        "declares no other spending on keeping",
    )


_BOUGHT = (
    "SELECT p.customer, NULL::TIMESTAMP AS seen_at, CASE WHEN EXISTS (SELECT 1 FROM {orders} AS o "
    "WHERE o.customer = p.customer AND o.amount > 0 AND o.ordered_at >= {middle} AND o.ordered_at "
    f"< {{middle}} + INTERVAL {DAYS} DAY) THEN 1.0 ELSE 0.0 END AS x1, 1.0 AS x2 FROM (SELECT "
    "DISTINCT customer FROM {orders} WHERE amount > 0 AND ordered_at < {middle} AND ordered_at >= "
    "{start}) AS p"
).replace("{middle}", "({start} + ({end} - {start}) / 2)")
_SOLD = (
    "SELECT customer, first_seen_at AS seen_at, CASE WHEN became_customer_at >= first_seen_at "
    f"AND became_customer_at < first_seen_at + INTERVAL {DAYS} DAY THEN 1.0 ELSE 0.0 END AS x1, "
    f"1.0 AS x2 FROM {{prospects}} WHERE first_seen_at + INTERVAL {DAYS} DAY <= {{until}}"
)
_ORDERS: Needs = {"orders": ("ordered_at", "amount")}
_SUBSCRIPTIONS: Needs = {"subscriptions": ("started_at", "cancelled_at")}
_PROSPECTS: Needs = {"prospects": ("first_seen_at", "became_customer_at")}


def _share(
    rows: str, needs: Needs, how: str, *, least_days: int = 0
) -> Callable[[Evidence], Estimate]:
    def find(evidence: Evidence) -> Estimate:
        days = evidence.period(needs).days
        if days < least_days:
            raise ScarceDataError(
                f"the data cover {days:.0f} days",
                f"needs {least_days}: the {DAYS} days after their middle must lie inside them",
            )
        sums = evidence.sums(rows, needs, 2)
        if sums.rows < MINIMUM_GROUP:
            raise ScarceDataError(
                f"there are {sums.rows} to whom something could be sold",
                f"at least {MINIMUM_GROUP} are needed",
            )
        found = KINDS["share"].make(sums)
        return found.told(
            "",
            f"share in {DAYS} days",
            sums.rows,
            f"{how}; {found.how}",
        )

    return find


_existing = _share(
    _BOUGHT,
    _ORDERS,
    "customers with a purchase in the first half of the data who bought in the "
    f"{DAYS} days after it, over all of them",
    least_days=2 * DAYS,
)
_prospects = _share(
    _SOLD,
    _PROSPECTS,
    f"prospects who became customers within {DAYS} days of being first seen, over all seen so "
    "long ago",
)


def _existing_against_prospects(evidence: Evidence) -> Estimate:
    """Return the share of customers who buy again over that of prospects who become customers."""
    existing, prospects = _existing(evidence), _prospects(evidence)
    found = ratio_of(existing, prospects)
    return found.told(
        "",
        "times the share of prospects",
        existing.n + prospects.n,
        f"{existing.method}; over: {prospects.method}; interval of the log ratio, as if the two "
        "were independent",
    )


def lower_costs(retention: float, margin: float, discount: float, more: float = 0.02) -> float:
    """Return by how much costs had to fall to be worth as much as so much more retention.

    Of a customer's value in a business that earns `margin` of each year's revenue, with constant
    retention and discount: revenue x margin / (1 + discount - retention) (Gupta, Lehmann and
    Stuart, Journal of Marketing Research 41 (2004), 7-18).

    Parameters
    ----------
    retention
        Share who stay a year.
    margin
        Share of revenue left after costs.
    discount
        A year.
    more
        By which share of itself retention rises: .02 takes .80 to .816.

    Returns
    -------
    float
        Share of costs.

    Examples
    --------
    >>> round(lower_costs(0.8, 0.4, 0.1), 4)
    0.0376
    """
    raised = (1 + more) * retention
    gained = more * retention / (1 + discount - raised)
    return margin / (1 - margin) * gained


def _retention_against_costs(evidence: Evidence) -> Estimate:
    """Return the lower costs that 2 % more retention is worth, at the study's own margin."""
    scenario = evidence.study.scenario
    if scenario is None or scenario.gross_margin.central >= 1:
        raise ScarceDataError(
            "the study has no margin under 1, so no costs",
            "a share of revenue that is left after costs",
            "Declare gross_margin in [scenario]",
        )
    kept, period = evidence.metric("retention"), evidence.period(_SUBSCRIPTIONS)
    if kept.n < MINIMUM_GROUP or not kept.estimate:
        raise ScarceDataError(f"{kept.n} customers had a subscription when the data begin")
    margin, discount = scenario.gross_margin.central, scenario.discount_rate_annual.central
    value, low, high = (
        lower_costs(min(share, 1.0) ** (A_YEAR / period.days), margin, discount)
        if 1.02 * min(share, 1.0) ** (A_YEAR / period.days) < 1 + discount
        else float("inf")
        for share in (kept.estimate, kept.conf_low or 0.0, kept.conf_high or 1.0)
    )
    if np.isinf(value):
        raise ScarceDataError("with so much retention and so low a discount a customer has no end")
    return Estimate(
        "",
        value,
        low,
        high,
        None,
        "share of costs",
        kept.n,
        "value of a customer: margin x revenue / (1 + discount - retention a year), with constant "
        f"retention; {100 * margin:.0f} % margin and {100 * discount:.0f} % discount as declared; "
        "interval from that of retention",
        note="arithmetic with the study's own margin, not an observation; at a margin of 75 % "
        "the same retention is worth "
        f"{100 * at_margin(value, margin, 0.75):.1f} %",
    )


def at_margin(value: float, margin: float, other: float) -> float:
    """Return what `lower_costs` gives at another margin."""
    return value * (1 - margin) / margin * other / (1 - other)


_NO_OFFERS = "needs: a record of offers made and accepted, which no table of the study file holds"

MONEY = (
    Claim(
        "winning_against_keeping",
        "Winning a new long-term customer costs 16 times as much as keeping one",
        "16 times",
        ("A0",),
        "a figure for which no study is named; others print 5 to 7, or 5 to 25",
        "spent per customer won over what the contacts of a customer cost a year",
        None,
        _winning_against_keeping,
        {
            "acquisition": ("spent_at", "amount"),
            "subscriptions": ("started_at",),
            "contacts": ("opened_at",),
            "scenario:cost_per_contact": (),
        },
        untold="needs: what is spent on keeping customers, which no table of the study file holds",
    ),
    Claim(
        "selling_to_existing",
        "Selling to an existing customer succeeds in 60 to 70 % of cases",
        "60 to 70 %",
        ("A1",),
        "a textbook's rule of thumb (Marketing Metrics); its basis is not given",
        f"share of existing customers who buy again within {DAYS} days, whether or not anything "
        "was offered to them",
        None,
        _existing,
        _ORDERS,
        untold=_NO_OFFERS,
    ),
    Claim(
        "selling_to_prospects",
        "Selling to a prospect succeeds in 5 to 20 % of cases",
        "5 to 20 %",
        ("A1",),
        "a textbook's rule of thumb (Marketing Metrics); its basis is not given",
        f"share of prospects who become customers within {DAYS} days, whether or not anything "
        "was offered to them",
        None,
        _prospects,
        _PROSPECTS,
        untold=_NO_OFFERS,
    ),
    Claim(
        "existing_against_prospects",
        "Selling to an existing customer is 3 to 14 times easier than to a prospect",
        "3 to 14 times",
        ("A1",),
        "the two rules of thumb above divided: 60 / 20 and 70 / 5; their basis is not given",
        "share of existing customers who buy again over that of prospects who become customers",
        None,
        _existing_against_prospects,
        {**_ORDERS, **_PROSPECTS},
        untold=_NO_OFFERS,
    ),
    Claim(
        "retention_against_costs",
        "2 % more retention is worth as much as 10 % lower costs",
        "10 % lower costs",
        ("A1",),
        "a book (Murphy and Murphy, Leading on the Edge of Chaos), quoted without its arithmetic; "
        "at given retention and discount it is true at one margin only",
        "the fall of costs that is worth as much as 2 % more retention, at the study's margin",
        Said(0.10, 0.10),
        _retention_against_costs,
        {**_SUBSCRIPTIONS, "scenario:gross_margin": ()},
    ),
)
