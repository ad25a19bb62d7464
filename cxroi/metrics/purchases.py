"""Purchases: what customers buy, and where revenue comes from."""

from __future__ import annotations

from .metric import Metric
from .rates import YEAR, per_customer

_FIRST = (
    "SELECT customer, min(ordered_at) AS first FROM {orders} WHERE amount > 0 GROUP BY customer"
)
# Recurring revenue a month of each customer at the begin and at the end of the period.
_RECURRING = (
    "SELECT customer, sum(CASE WHEN started_at < {start} AND (cancelled_at IS NULL OR cancelled_at "
    ">= {start}) THEN amount ELSE 0 END) AS before, sum(CASE WHEN started_at < {end} AND "
    "(cancelled_at IS NULL OR cancelled_at >= {end}) THEN amount ELSE 0 END) AS after "
    "FROM {subscriptions} WHERE amount IS NOT NULL GROUP BY customer"
)
# Spend in the period and in the equally long time that it is compared with.
_COMPARED = (
    "SELECT o.customer, min(f.first) AS first, sum(CASE WHEN ordered_at >= {like_before_start} AND "
    "ordered_at < {like_before_end} THEN amount ELSE 0 END) AS before, sum(CASE WHEN ordered_at >= "
    "{like_now_start} AND ordered_at < {like_now_end} THEN amount ELSE 0 END) AS after FROM "
    "{orders} AS o JOIN (" + _FIRST + ") AS f ON f.customer = o.customer WHERE (ordered_at >= "
    "{like_before_start} AND ordered_at < {like_before_end}) OR (ordered_at >= {like_now_start} "
    "AND ordered_at < {like_now_end}) GROUP BY o.customer"
)
_MOVES = (
    "SELECT customer, CAST(NULL AS TIMESTAMP) AS seen_at, m.part, CASE WHEN m.part = 'new' AND "
    "before = 0 THEN after WHEN m.part = 'expansion' AND before > 0 AND after > before THEN after "
    "- before WHEN m.part = 'contraction' AND after > 0 AND after < before THEN after - before "
    "WHEN m.part = 'churned' AND before > 0 AND after = 0 THEN -before ELSE 0 END AS x FROM ("
    + _RECURRING
    + ") AS r CROSS JOIN (SELECT 'new' AS part UNION ALL SELECT 'expansion' UNION ALL SELECT "
    "'contraction' UNION ALL SELECT 'churned') AS m WHERE before > 0 OR after > 0"
)


PURCHASES = (
    Metric(
        "sales",
        "Sales",
        "outcome",
        "How much do we sell?",
        "sum of order amounts a month; refunds only where they are booked as negative orders",
        "{currency} a month",
        "total",
        {"orders": ("ordered_at", "amount")},
        "SELECT customer, ordered_at AS seen_at, amount / {months} AS x FROM {orders}",
        articles=("A4",),
    ),
    Metric(
        "purchase_amount",
        "Purchase amount",
        "outcome",
        "How much is a purchase worth?",
        "mean amount of orders above 0",
        "{currency} per order",
        "mean",
        {"orders": ("ordered_at", "amount")},
        "SELECT customer, ordered_at AS seen_at, amount AS x FROM {orders} WHERE amount > 0",
        articles=("A1",),
    ),
    Metric(
        "purchase_frequency",
        "Purchase frequency",
        "outcome",
        "How often do customers buy?",
        "orders above 0 in a year over customers",
        "orders per customer and year",
        "mean",
        {"orders": ("ordered_at", "amount"), "people": ()},
        per_customer("orders", "ordered_at", " AND amount > 0", YEAR),
        articles=("A1",),
    ),
    Metric(
        "repeat_purchase",
        "Repeat purchase",
        "outcome",
        "How many come back after the first purchase on record?",
        "customers with a second purchase within 90 days of their first on record over customers "
        "whose first is at least 90 days old",
        "share",
        "share",
        {"orders": ("ordered_at", "amount")},
        "SELECT f.customer, f.first AS seen_at, max(CASE WHEN o.ordered_at > f.first AND "
        "o.ordered_at <= f.first + INTERVAL 90 DAY THEN 1 ELSE 0 END) AS x FROM ("
        + _FIRST
        + ") AS f JOIN {orders} AS o ON o.customer = f.customer AND o.amount > 0 "
        "WHERE f.first + INTERVAL 90 DAY <= {until} GROUP BY f.customer, f.first",
        articles=("A0", "A4"),
    ),
    Metric(
        "days_between_purchases",
        "Days between purchases",
        "outcome",
        "How regularly do customers buy?",
        "median days from one purchase of a customer to the next",
        "days",
        "median",
        {"orders": ("ordered_at", "amount")},
        "SELECT customer, ordered_at AS seen_at, date_diff('second', before, ordered_at) / "
        "86400.0 AS x FROM (SELECT customer, ordered_at, lag(ordered_at) OVER (PARTITION BY "
        "customer ORDER BY ordered_at, row) AS before FROM {orders} WHERE amount > 0) AS o WHERE "
        "before IS NOT NULL",
        better="lower",
        articles=("A0",),
    ),
    Metric(
        "share_of_wallet",
        "Share of wallet",
        "outcome",
        "How much of what customers spend in the category is ours?",
        "orders of a year over what customers say they spend in the category in a year",
        "share",
        "ratio",
        {"orders": ("ordered_at", "amount"), "customers": ("wallet",), "people": ()},
        "SELECT c.customer, CAST(NULL AS TIMESTAMP) AS seen_at, coalesce(s.spent, 0) * 365.25 / "
        "{days} AS x, c.wallet AS y FROM (SELECT customer, max(wallet) AS wallet FROM {customers} "
        "WHERE wallet > 0 GROUP BY customer) AS c JOIN {people} AS p ON p.customer = c.customer "
        "LEFT "
        "JOIN (SELECT customer, sum(amount) AS spent FROM {orders} WHERE ordered_at >= {start} AND "
        "ordered_at < {end} GROUP BY customer) AS s ON s.customer = c.customer",
        articles=("A4",),
    ),
    Metric(
        "recurring_revenue",
        "Monthly recurring revenue (MRR)",
        "outcome",
        "How much comes in every month?",
        "recurring revenue a month of subscriptions that run at the end of the period",
        "{currency} a month",
        "total",
        {"subscriptions": ("started_at", "cancelled_at", "amount")},
        f"SELECT customer, CAST(NULL AS TIMESTAMP) AS seen_at, after AS x FROM ({_RECURRING}) AS r",
        articles=("A4",),
    ),
    Metric(
        "recurring_revenue_moves",
        "MRR: new, expansion, contraction, churned",
        "outcome",
        "Where does recurring revenue come from, where does it go?",
        "recurring revenue at the end of the period less that at its begin, by what changed it",
        "{currency} a month, change over the period",
        "total",
        {"subscriptions": ("started_at", "cancelled_at", "amount")},
        _MOVES,
        better="",
        articles=("A4",),
        parts="what changed",
    ),
    Metric(
        "net_revenue_retention",
        "Net revenue retention",
        "outcome",
        "Do those who were customers spend more than before?",
        "recurring revenue at the end of the period of those who were customers at its begin over "
        "theirs then",
        "share in {days} days",
        "ratio",
        {"subscriptions": ("started_at", "cancelled_at", "amount")},
        f"SELECT customer, CAST(NULL AS TIMESTAMP) AS seen_at, after AS x, before AS y FROM "
        f"({_RECURRING}) AS r "
        "WHERE before > 0",
        articles=("A4",),
    ),
    Metric(
        "earned_growth",
        "Earned growth rate (NPS 3.0)",
        "outcome",
        "How much do we grow by customers who stay, and whom they bring?",
        "revenue of the period from those who bought in the time before, and from new customers "
        "who "
        "were referred, over revenue of the time before, less 1; both equally long: a wave and "
        "that of "
        "a year before, else what precedes it; or the last two years of all data, or its halves",
        "share in {like_days} days",
        "ratio",
        {"orders": ("ordered_at", "amount"), "referrals": ("referred",)},
        "SELECT h.customer, CAST(NULL AS TIMESTAMP) AS seen_at, CASE WHEN h.first < "
        "{like_now_start} "
        "OR f.referred IS NOT NULL THEN after ELSE 0 END - before AS x, before AS y FROM ("
        + _COMPARED
        + ") AS h LEFT JOIN (SELECT DISTINCT referred FROM {referrals}) AS f "
        "ON f.referred = h.customer",
        articles=("A4",),
    ),
    Metric(
        "new_and_additional_revenue",
        "New and additional revenue",
        "outcome",
        "Does revenue come from new customers or from those we had?",
        "revenue of the period from new customers, and its growth from the others, a month, "
        "against "
        "an equally long time before: a wave and that of a year before, else what precedes it; or "
        "the "
        "last two years of all data, or its halves",
        "{currency} a month",
        "total",
        {"orders": ("ordered_at", "amount")},
        "SELECT customer, CAST(NULL AS TIMESTAMP) AS seen_at, CASE WHEN first >= {like_now_start} "
        "THEN "
        "'new customers' ELSE 'growth of those before' END AS part, (after - before) / "
        "{like_months} "
        "AS x FROM (" + _COMPARED + ") AS h",
        articles=("A1",),
        parts="from whom",
    ),
)
