"""Outcomes: what customers buy, whether they stay, whom they bring, what they are worth."""

from __future__ import annotations

from typing import Any

from .metric import Band, Metric
from .service import per_customer

_PURCHASE = "amount > 0"
_YEAR = 365.25
# Customers with a subscription at the begin of the period, and whether they have one at its end.
_AT_BEGIN = (
    "SELECT customer, max(CASE WHEN cancelled_at IS NULL OR cancelled_at >= {end} THEN 1 ELSE 0 "
    "END) AS stayed FROM {subscriptions} WHERE started_at < {end} GROUP BY customer "
    "HAVING max(CASE WHEN started_at < {start} AND (cancelled_at IS NULL OR cancelled_at >= "
    "{start}) THEN 1 ELSE 0 END) = 1"
)
_ANY_TIME = (
    "SELECT customer, max(CASE WHEN cancelled_at IS NULL OR cancelled_at >= {end} THEN 1 ELSE 0 "
    "END) AS stayed FROM {subscriptions} WHERE started_at < {end} AND (cancelled_at IS NULL OR "
    "cancelled_at >= {start}) GROUP BY customer"
)
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
# Spend in the first and the second half of the period.
_MIDDLE = "({start} + ({end} - {start}) / 2)"
_HALVES = (
    "SELECT o.customer, min(f.first) AS first, sum(CASE WHEN ordered_at < " + _MIDDLE + " THEN "
    "amount ELSE 0 END) AS before, sum(CASE WHEN ordered_at >= " + _MIDDLE + " THEN amount ELSE 0 "
    "END) AS after FROM {orders} AS o JOIN (" + _FIRST + ") AS f ON f.customer = o.customer WHERE "
    "ordered_at >= {start} AND ordered_at < {end} GROUP BY o.customer"
)
_MOVES = (
    "SELECT customer, NULL::TIMESTAMP AS seen_at, 'new' AS part, CASE WHEN before = 0 THEN after "
    "ELSE 0 END AS x FROM r UNION ALL SELECT customer, NULL, 'expansion', CASE WHEN before > 0 "
    "AND after > before THEN after - before ELSE 0 END FROM r UNION ALL SELECT customer, NULL, "
    "'contraction', CASE WHEN after > 0 AND after < before THEN after - before ELSE 0 END FROM r "
    "UNION ALL SELECT customer, NULL, 'churned', CASE WHEN before > 0 "
    "AND after = 0 THEN -before ELSE 0 END FROM r"
)
# Answers to the main score with their group, so old that 90 days after them are known.
_ANSWERED = (
    "SELECT customer, seen_at, CASE WHEN good = 1 THEN 'best group' WHEN good = -1 THEN 'worst "
    "group' ELSE 'between' END AS part FROM {scores} AS a WHERE main = 1 AND good IS NOT NULL AND "
    "seen_at + INTERVAL 90 DAY <= {until}"
)
_SPENT = (
    "SELECT s.customer, s.seen_at, s.part, coalesce(sum(o.amount), 0) AS x FROM ("
    + _ANSWERED
    + ") AS s LEFT JOIN {orders} AS o ON o.customer = s.customer AND o.ordered_at > s.seen_at AND "
    "o.ordered_at <= s.seen_at + INTERVAL 90 DAY GROUP BY s.customer, s.seen_at, s.part"
)


def _clv(amount: Any, orders: Any, customers: Any, years: Any, lost: Any) -> Any:
    """Mean order value x orders a customer and year x 1 / churn a year."""
    return (amount / orders) * (orders / customers / years) * (customers * years / lost)


OUTCOMES = (
    Metric(
        "sales",
        "Sales",
        "outcome",
        "How much do we sell?",
        "sum of order amounts a month, returned goods deducted",
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
        per_customer("orders", "ordered_at", " AND amount > 0", days=365),
        articles=("A1",),
    ),
    Metric(
        "repeat_purchase",
        "Repeat purchase",
        "outcome",
        "How many come back after the first purchase?",
        "customers with a second purchase within 90 days of their first over customers whose first "
        "purchase is at least 90 days old",
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
        "retention",
        "Retention",
        "outcome",
        "How many stay?",
        "customers with a subscription at the begin of the period who have one at its end",
        "share in {days} days",
        "share",
        {"subscriptions": ("started_at", "cancelled_at")},
        f"SELECT customer, NULL::TIMESTAMP AS seen_at, stayed AS x FROM ({_AT_BEGIN}) AS s",
        articles=("A4",),
    ),
    Metric(
        "churn",
        "Churn",
        "outcome",
        "How many are lost?",
        "customers lost in the period over those at its start, or over all in it where that is "
        "declared",
        "share in {days} days",
        "share",
        {"subscriptions": ("started_at", "cancelled_at")},
        "SELECT customer, NULL::TIMESTAMP AS seen_at, 1 - stayed AS x FROM ({denominator}) AS s",
        better="lower",
        band=Band(None, None, "2 to 8 %, in what time it does not say", "A3"),
        articles=("A0", "A3"),
        options={"denominator": {"start": _AT_BEGIN, "all": _ANY_TIME}},
    ),
    Metric(
        "churn_without_purchase",
        "Churn by no purchase",
        "outcome",
        "How many stop buying?",
        "customers who bought in the first half of the period and not in the second over those who "
        "bought in the first",
        "share in {days} days",
        "share",
        {"orders": ("ordered_at", "amount")},
        "SELECT customer, NULL::TIMESTAMP AS seen_at, CASE WHEN after > 0 THEN 0 ELSE 1 END AS x "
        "FROM (" + _HALVES + ") AS h WHERE before > 0",
        better="lower",
        articles=("A3",),
    ),
    Metric(
        "churn_reasons",
        "Reasons of leaving",
        "outcome",
        "Why do customers leave?",
        "subscriptions that ended by stated reason over those with a reason",
        "share",
        "share",
        {"subscriptions": ("cancelled_at", "reason")},
        "SELECT s.customer, s.cancelled_at AS seen_at, r.reason AS part, CASE WHEN s.reason = "
        "r.reason THEN 1 ELSE 0 END AS x FROM {subscriptions} AS s CROSS JOIN (SELECT DISTINCT "
        "reason FROM {subscriptions} WHERE reason IS NOT NULL AND cancelled_at IS NOT NULL) AS r "
        "WHERE s.cancelled_at IS NOT NULL AND s.reason IS NOT NULL",
        better="lower",
        articles=("A0", "A3"),
        parts="reason",
    ),
    Metric(
        "revenue_lost_by_reason",
        "Recurring revenue lost by reason",
        "outcome",
        "What does each reason of leaving cost?",
        "recurring revenue of subscriptions that ended, a month of the period, by stated reason",
        "{currency} recurring, lost a month",
        "total",
        {"subscriptions": ("cancelled_at", "reason", "amount")},
        "SELECT customer, cancelled_at AS seen_at, reason AS part, amount / {months} AS x FROM "
        "{subscriptions} WHERE cancelled_at IS NOT NULL AND reason IS NOT NULL",
        better="lower",
        articles=("A0", "A3"),
        parts="reason",
    ),
    Metric(
        "switching",
        "Left for a competitor",
        "outcome",
        "How many of those who leave go to a competitor?",
        "subscriptions that ended with a competitor named over all that ended",
        "share",
        "share",
        {"subscriptions": ("cancelled_at", "left_for")},
        "SELECT customer, cancelled_at AS seen_at, CASE WHEN left_for IS NOT NULL THEN 1 ELSE 0 "
        "END AS x FROM {subscriptions} WHERE cancelled_at IS NOT NULL",
        better="lower",
        articles=("A4",),
    ),
    Metric(
        "share_of_wallet",
        "Share of wallet",
        "outcome",
        "How much of what customers spend in the category is ours?",
        "orders of a year over what customers say they spend in the category in a year",
        "share",
        "ratio",
        {"orders": ("ordered_at", "amount"), "customers": ("wallet",)},
        "SELECT c.customer, NULL::TIMESTAMP AS seen_at, coalesce(s.spent, 0) * 365.25 / {days} "
        "AS x, c.wallet AS y FROM {customers} AS c LEFT JOIN (SELECT customer, sum(amount) AS "
        "spent FROM {orders} WHERE ordered_at >= {start} AND ordered_at < {end} GROUP BY "
        "customer) AS s ON s.customer = c.customer WHERE c.wallet > 0",
        articles=("A4",),
    ),
    Metric(
        "clv",
        "Customer lifetime value, simple",
        "outcome",
        "What is a customer worth over their time with us?",
        "mean order value x orders per customer and year x expected lifetime, which is 1 / churn a "
        "year",
        "{currency} per customer",
        "function",
        {"orders": ("ordered_at", "amount"), "subscriptions": ("started_at", "cancelled_at")},
        "SELECT p.customer, NULL::TIMESTAMP AS seen_at, coalesce(o.amount, 0) AS x1, "
        "coalesce(o.k, 0) AS x2, 1.0 AS x3, {days} / 365.25 AS x4, CASE WHEN p.stayed = 0 THEN "
        "1.0 ELSE 0.0 END AS x5 FROM "
        "(" + _ANY_TIME + ") AS p LEFT JOIN (SELECT customer, sum(amount) AS amount, "
        "count(CASE WHEN amount > 0 THEN 1 END) AS k FROM {orders} WHERE ordered_at >= {start} AND "
        "ordered_at < {end} GROUP BY customer) AS o ON o.customer = p.customer",
        articles=("A3",),
        value=_clv,
        columns=5,
    ),
    Metric(
        "acquisition_cost",
        "Acquisition cost",
        "outcome",
        "What does a new customer cost?",
        "spent on winning customers over customers won in the period",
        "{currency} per new customer",
        "ratio",
        {"acquisition": ("spent_at", "amount"), "subscriptions": ("started_at",)},
        "SELECT 'a' || CAST(row AS VARCHAR) AS customer, spent_at AS seen_at, amount AS x, 0.0 "
        "AS y FROM {acquisition} UNION ALL SELECT customer, min(started_at), 0.0, 1.0 FROM "
        "{subscriptions} GROUP BY customer",
        better="lower",
        articles=("A0",),
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
        f"SELECT customer, NULL::TIMESTAMP AS seen_at, after AS x FROM ({_RECURRING}) AS r",
        articles=("A4",),
    ),
    Metric(
        "recurring_revenue_moves",
        "MRR: new, expansion, contraction, churned",
        "outcome",
        "Where does recurring revenue come from, where does it go?",
        "recurring revenue at the end of the period less that at its begin, by what changed it",
        "{currency} a month",
        "total",
        {"subscriptions": ("started_at", "cancelled_at", "amount")},
        f"WITH r AS ({_RECURRING}) {_MOVES}",
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
        f"SELECT customer, NULL::TIMESTAMP AS seen_at, after AS x, before AS y FROM "
        f"({_RECURRING}) AS r "
        "WHERE before > 0",
        articles=("A4",),
    ),
    Metric(
        "earned_growth",
        "Earned growth rate (NPS 3.0)",
        "outcome",
        "How much do we grow by customers who stay, and whom they bring?",
        "revenue of the second half of the period from those who bought in the first, and from new "
        "customers who were referred, over revenue of the first half, less 1",
        "share",
        "ratio",
        {"orders": ("ordered_at", "amount"), "referrals": ("referred",)},
        "SELECT h.customer, NULL::TIMESTAMP AS seen_at, CASE WHEN h.first < " + _MIDDLE + " OR "
        "f.referred IS NOT NULL THEN after ELSE 0 END - before AS x, before AS y FROM ("
        + _HALVES
        + ") AS h LEFT JOIN (SELECT DISTINCT referred FROM {referrals}) AS f "
        "ON f.referred = h.customer",
        articles=("A4",),
    ),
    Metric(
        "new_and_additional_revenue",
        "New and additional revenue",
        "outcome",
        "Does revenue come from new customers or from those we had?",
        "revenue of the second half of the period from new customers, and its growth from the "
        "others, a month",
        "{currency} a month",
        "total",
        {"orders": ("ordered_at", "amount")},
        "SELECT customer, NULL::TIMESTAMP AS seen_at, CASE WHEN first >= " + _MIDDLE + " THEN 'new "
        "customers' ELSE 'growth of those before' END AS part, (after - before) * 2.0 / {months} "
        "AS x FROM (" + _HALVES + ") AS h",
        articles=("A1",),
        parts="from whom",
    ),
    Metric(
        "conversion",
        "Conversion",
        "outcome",
        "How many prospects buy?",
        "prospects who became customers over all prospects",
        "share",
        "share",
        {"prospects": ("first_seen_at", "became_customer_at")},
        "SELECT customer, first_seen_at AS seen_at, CASE WHEN became_customer_at IS NOT NULL "
        "THEN 1 ELSE 0 END AS x FROM {prospects}",
        band=Band(0.05, 0.20, "5 to 20 % of prospects are sold to", "A1"),
        articles=("A1",),
    ),
    Metric(
        "conversion_by_experience",
        "Conversion by experience",
        "outcome",
        "Do prospects with a better experience buy more often?",
        "prospects who became customers over all prospects, by their answer",
        "share",
        "share",
        {"prospects": ("first_seen_at", "became_customer_at", "score")},
        "SELECT customer, first_seen_at AS seen_at, CASE WHEN score >= 9 THEN 'promoter' WHEN "
        "score < 7 THEN 'detractor' ELSE 'passive' END AS part, CASE WHEN became_customer_at IS "
        "NOT NULL THEN 1 ELSE 0 END AS x FROM {prospects} WHERE score IS NOT NULL",
        articles=("A1",),
        parts="answer",
    ),
    Metric(
        "referrals_per_customer",
        "Referrals per customer",
        "outcome",
        "How many do customers bring?",
        "referrals in a year over customers",
        "referrals per customer and year",
        "mean",
        {"referrals": ("referred_at",), "people": ()},
        per_customer("referrals", "referred_at", days=365),
        articles=("A0", "A1"),
    ),
    Metric(
        "referrals_by_group",
        "Word of mouth by group of the score",
        "outcome",
        "Do promoters bring more than others?",
        "referrals in the 90 days after an answer, by its group",
        "referrals per answer in 90 days",
        "mean",
        {"referrals": ("referred_at",), "responses": ("answered_at",), "scores:": ()},
        "SELECT s.customer, s.seen_at, s.part, count(f.referred_at) AS x FROM ("
        + _ANSWERED
        + ") AS s LEFT JOIN {referrals} AS f ON f.customer = s.customer AND f.referred_at > "
        "s.seen_at AND f.referred_at <= s.seen_at + INTERVAL 90 DAY "
        "GROUP BY s.customer, s.seen_at, s.part",
        articles=("A0", "A1"),
        parts="group",
    ),
    Metric(
        "value_of_referred",
        "Spend of referred customers",
        "outcome",
        "What are those worth who were brought?",
        "spend of referred customers in the 90 days after the referral",
        "{currency} per referral in 90 days",
        "mean",
        {"referrals": ("referred_at", "referred"), "orders": ("ordered_at", "amount")},
        "SELECT f.customer, f.referred_at AS seen_at, coalesce(sum(o.amount), 0) AS x FROM "
        "{referrals} AS f LEFT JOIN {orders} AS o ON o.customer = f.referred AND o.ordered_at >= "
        "f.referred_at AND o.ordered_at < f.referred_at + INTERVAL 90 DAY GROUP BY f.customer, "
        "f.referred_at, f.row",
        articles=("A0", "A1"),
    ),
    Metric(
        "spend_by_group",
        "Spend by group of the score",
        "outcome",
        "Do those with a better experience spend more?",
        "spend in the 90 days after an answer, by its group; an association, see the ROI for what "
        "is left of it when like is compared with like",
        "{currency} per customer in 90 days",
        "mean",
        {"responses": ("answered_at",), "orders": ("ordered_at", "amount"), "scores:": ()},
        f"SELECT customer, seen_at, part, x FROM ({_SPENT}) AS s",
        articles=("A1",),
        parts="group",
    ),
    Metric(
        "premium_by_group",
        "Premium or discount against the average customer",
        "outcome",
        "How much more, or less, than the average customer does each group spend?",
        "spend in the 90 days after an answer, by its group, over that of all answers, less 1",
        "share of the average spend",
        "ratio",
        {"responses": ("answered_at",), "orders": ("ordered_at", "amount"), "scores:": ()},
        "SELECT customer, seen_at, part, x - mean AS x, mean AS y FROM (SELECT *, avg(x) OVER () "
        f"AS mean FROM ({_SPENT}) AS s) AS t",
        articles=("A1",),
        parts="group",
    ),
)
