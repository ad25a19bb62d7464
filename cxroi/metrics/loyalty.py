"""Loyalty: whether customers stay, why they leave, what one is worth."""

from __future__ import annotations

from typing import Any

from .metric import Band, Metric

# Customers with a subscription at the begin of the period, and whether they have one at its end.
_AT_BEGIN = (
    "SELECT customer, max(CASE WHEN cancelled_at IS NULL OR cancelled_at >= {end} THEN 1 ELSE 0 "
    "END) AS stayed FROM {held} AS h WHERE started_at < {end} GROUP BY customer "
    "HAVING max(CASE WHEN started_at < {start} AND (cancelled_at IS NULL OR cancelled_at >= "
    "{start}) THEN 1 ELSE 0 END) = 1"
)
_ANY_TIME = (
    "SELECT customer, max(CASE WHEN cancelled_at IS NULL OR cancelled_at >= {end} THEN 1 ELSE 0 "
    "END) AS stayed FROM {held} AS h WHERE started_at < {end} AND (cancelled_at IS NULL OR "
    "cancelled_at >= {start}) GROUP BY customer"
)


def _clv(amount: Any, customer_years: Any, lost: Any) -> Any:
    """Return spend a customer and year x years until one is lost.

    Mean order value x orders a customer and year is the former, however many orders there are.
    """
    return (amount / customer_years) * (customer_years / lost)


LOYALTY = (
    Metric(
        "retention",
        "Retention",
        "outcome",
        "How many stay?",
        "customers with a subscription at the begin of the period who have one at its end; one "
        "that begins within 30 days of the end of another continues it",
        "share in {days} days",
        "share",
        {"subscriptions": ("started_at", "cancelled_at")},
        f"SELECT customer, CAST(NULL AS TIMESTAMP) AS seen_at, stayed AS x FROM ({_AT_BEGIN}) AS s",
        articles=("A4",),
    ),
    Metric(
        "churn",
        "Churn",
        "outcome",
        "How many are lost?",
        "customers lost in the period over those at its start, or over all in it where that is "
        "declared; who subscribes again within 30 days is not lost, as far as it is known yet",
        "share in {days} days",
        "share",
        {"subscriptions": ("started_at", "cancelled_at")},
        "SELECT customer, CAST(NULL AS TIMESTAMP) AS seen_at, 1 - stayed AS x FROM ({denominator}) "
        "AS s",
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
        "customers who bought in the time before and not in the period over those who bought in "
        "the "
        "time before, both equally long: a wave and what precedes it, or the last two years of all "
        "data, or its halves",
        "share in {now_days} days",
        "share",
        {"orders": ("ordered_at", "amount")},
        "SELECT customer, CAST(NULL AS TIMESTAMP) AS seen_at, CASE WHEN sum(CASE WHEN ordered_at "
        ">= "
        "{now_start} THEN 1 ELSE 0 END) > 0 THEN 0 ELSE 1 END AS x FROM {orders} WHERE amount > 0 "
        "AND "
        "ordered_at >= {before_start} AND ordered_at < {now_end} GROUP BY customer HAVING sum(CASE "
        "WHEN ordered_at < {before_end} THEN 1 ELSE 0 END) > 0",
        better="lower",
        articles=("A3",),
    ),
    Metric(
        "churn_reasons",
        "Reasons of leaving",
        "outcome",
        "Why do customers leave?",
        "customers who left by stated reason over those with a reason; who subscribes again within "
        "30 "
        "days has not left",
        "share",
        "share",
        {"subscriptions": ("started_at", "cancelled_at", "reason")},
        "SELECT s.customer, s.seen_at, r.reason AS part, CASE WHEN s.reason = "
        "r.reason THEN 1 ELSE 0 END AS x FROM {left} AS s CROSS JOIN (SELECT DISTINCT "
        "reason FROM {left} AS l WHERE reason IS NOT NULL) AS r WHERE s.reason IS NOT NULL",
        better="lower",
        articles=("A0", "A3"),
        parts="reason",
    ),
    Metric(
        "revenue_lost_by_reason",
        "Recurring revenue lost by reason",
        "outcome",
        "What does each reason of leaving cost?",
        "recurring revenue of customers who left, a month of the period, by stated reason",
        "{currency} recurring, lost a month",
        "total",
        {"subscriptions": ("started_at", "cancelled_at", "reason", "amount")},
        "SELECT customer, seen_at, reason AS part, amount / {months_of_ends} AS x FROM {left} AS l "
        "WHERE reason IS NOT NULL",
        better="lower",
        articles=("A0", "A3"),
        parts="reason",
    ),
    Metric(
        "switching",
        "Left for a competitor",
        "outcome",
        "How many of those who leave go to a competitor?",
        "customers who left with a competitor named over all who left; who subscribes again within "
        "30 "
        "days has not left",
        "share",
        "share",
        {"subscriptions": ("started_at", "cancelled_at", "left_for")},
        "SELECT customer, seen_at, CASE WHEN left_for IS NOT NULL THEN 1 ELSE 0 END AS x FROM "
        "{left} "
        "AS l",
        better="lower",
        articles=("A4",),
    ),
    Metric(
        "clv",
        "Lifetime order revenue (no margin, not discounted)",
        "outcome",
        "What is a customer worth over their time with us?",
        "mean order value x orders per customer and year x expected lifetime, which is 1 / churn a "
        "year",
        "{currency} per customer",
        "function",
        {"orders": ("ordered_at", "amount"), "subscriptions": ("started_at", "cancelled_at")},
        "SELECT p.customer, CAST(NULL AS TIMESTAMP) AS seen_at, coalesce(o.amount, 0) AS x1, "
        "{days} / 365.25 AS x2, CASE WHEN p.stayed = 0 THEN 1.0 ELSE 0.0 END AS x3 FROM "
        "("
        + _ANY_TIME
        + ") AS p LEFT JOIN (SELECT customer, sum(amount) AS amount FROM {orders} WHERE "
        "ordered_at >= {start} AND ordered_at < {end} GROUP BY customer) AS o ON o.customer "
        "= p.customer",
        articles=("A3",),
        value=_clv,
        columns=3,
    ),
    Metric(
        "acquisition_cost",
        "Acquisition cost",
        "outcome",
        "What does a new customer cost?",
        "spent on winning customers over customers won in the period, which are those whose first "
        "subscription begins",
        "{currency} per new customer",
        "cost_of_one",
        {"acquisition": ("spent_at", "amount"), "subscriptions": ("started_at",)},
        "SELECT w.customer, w.begun AS seen_at, a.spent / count(*) OVER () AS x FROM (SELECT "
        "customer, min(started_at) AS begun FROM {subscriptions} GROUP BY customer HAVING "
        "min(started_at) >= {start} AND min(started_at) < {end}) AS w CROSS JOIN (SELECT "
        "coalesce(sum(amount), 0.0) AS spent FROM {acquisition} WHERE spent_at >= {start} AND "
        "spent_at < {end}) AS a",
        better="lower",
        articles=("A0",),
        divisible=False,
    ),
)
