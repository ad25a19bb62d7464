"""By score: what customers of each group of the score buy and bring, and prospects become."""

from __future__ import annotations

from typing import Any

from .metric import Band, Metric
from .rates import YEAR, per_customer
from .relations import ANSWER
from .word_of_mouth import word_of_mouth

# Answers to the main score with their group, so old that 90 days after them are known.
_ANSWERED = (
    "SELECT customer, seen_at, weight, wave, answer, home, CASE WHEN good = 1 THEN 'best group' "
    "WHEN good = -1 THEN 'worst group' ELSE 'between' END AS part FROM {scores} AS a WHERE main = "
    "1 AND good IS NOT NULL AND seen_at + INTERVAL 90 DAY <= {until}"
)
_OF_ANSWER = "s.customer, s.seen_at, s.part, s.weight, s.wave, s.answer, s.home"
_SPENT = (
    f"SELECT {_OF_ANSWER}, coalesce(sum(o.amount), 0) AS x FROM ({_ANSWERED}) AS s LEFT JOIN "
    "{orders} AS o ON o.customer = s.customer AND o.ordered_at > s.seen_at AND o.ordered_at <= "
    f"s.seen_at + INTERVAL 90 DAY GROUP BY {_OF_ANSWER}"
)
_BROUGHT = (
    f"SELECT {_OF_ANSWER}, count(f.referred_at) AS made FROM ({_ANSWERED}) AS s LEFT JOIN "
    "{referrals} AS f ON f.customer = s.customer AND f.referred_at > s.seen_at AND f.referred_at "
    f"<= s.seen_at + INTERVAL 90 DAY GROUP BY {_OF_ANSWER}"
)
_WORTH = (
    "SELECT f.customer, f.referred_at AS seen_at, coalesce(sum(o.amount), 0) AS x FROM {referrals} "
    "AS f LEFT JOIN {orders} AS o ON o.customer = f.referred AND o.ordered_at >= f.referred_at AND "
    "o.ordered_at < f.referred_at + INTERVAL 90 DAY WHERE f.referred_at + INTERVAL 90 DAY <= "
    "{until} GROUP BY f.customer, f.referred_at, f.row"
)


def _premium(spent: Any, answers: Any, spent_by_all: Any, all_answers: Any) -> Any:
    """Mean of a group over that of all, less 1."""
    return (spent / answers) / (spent_by_all / all_answers) - 1


BY_SCORE = (
    Metric(
        "conversion",
        "Conversion",
        "outcome",
        "How many prospects buy?",
        "prospects who bought within 90 days of being first seen over prospects first seen so long "
        "before the end of the data",
        "share",
        "share",
        {"prospects": ("first_seen_at", "became_customer_at")},
        "SELECT customer, first_seen_at AS seen_at, CASE WHEN became_customer_at <= first_seen_at "
        "+ INTERVAL 90 DAY THEN 1 ELSE 0 END AS x FROM {prospects} WHERE first_seen_at + INTERVAL "
        "90 DAY <= {until}",
        band=Band(0.05, 0.20, "5 to 20 % of prospects are sold to", "A1"),
        articles=("A1",),
    ),
    Metric(
        "conversion_by_experience",
        "Conversion by experience",
        "outcome",
        "Do prospects with a better experience buy more often?",
        "prospects who bought within 90 days of being first seen over prospects first seen so long "
        "before the end of the data, by the group of their answer",
        "share",
        "share",
        {"prospects": ("first_seen_at", "became_customer_at", "score")},
        "SELECT customer, seen_at, bought AS x, CASE WHEN good = 1 THEN 'best group' WHEN good = "
        "-1 "
        "THEN 'worst group' ELSE 'between' END AS part FROM {asked_prospects} AS p WHERE good IS "
        "NOT NULL AND seen_at + INTERVAL 90 DAY <= {until}",
        articles=("A1",),
        parts="group",
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
        per_customer("referrals", "referred_at", days=YEAR),
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
        {"referrals": ("referred_at",), "scores:": ("answered_at",)},
        f"SELECT customer, seen_at, part, {ANSWER}, made AS x FROM ({_BROUGHT}) AS b",
        articles=("A0", "A1"),
        parts="group",
        weighted=True,
    ),
    Metric(
        "value_of_word_of_mouth",
        "Value of word of mouth by group of the score",
        "outcome",
        "What is the word of mouth of a promoter worth?",
        "mean spend of a referred customer in the 90 days after the referral, times referrals in "
        "the "
        "90 days after an answer, by its group",
        "{currency} per answer in 90 days",
        "function",
        {
            "referrals": ("referred_at", "referred"),
            "orders": ("ordered_at", "amount"),
            "scores:": ("answered_at",),
        },
        "SELECT b.customer, b.seen_at, g.part, b.worth AS x1, b.comments AS x2, CASE WHEN b.part = "
        "g.part THEN b.made ELSE 0.0 END AS x3, CASE WHEN b.part = g.part THEN 1.0 ELSE 0.0 END AS "
        "x4 "
        "FROM (SELECT customer, seen_at, part, 0.0 AS worth, 0.0 AS comments, CAST(made AS DOUBLE) "
        "AS "
        f"made FROM ({_BROUGHT}) AS a UNION ALL SELECT customer, seen_at, 'of all', x, 1.0, 0.0 "
        f"FROM "
        f"({_WORTH}) AS v) AS b CROSS JOIN (SELECT 'best group' AS part UNION ALL SELECT 'between' "
        "UNION ALL SELECT 'worst group') AS g",
        articles=("A0", "A1"),
        parts="group",
        value=word_of_mouth,
        columns=4,
        counted=4,
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
        _WORTH,
        articles=("A0", "A1"),
    ),
    Metric(
        "spend_by_group",
        "Spend by group of the score",
        "outcome",
        "Do those with a better experience spend more?",
        "spend in the 90 days after an answer, by its group; an association, see the ROI for what "
        "is left of it when like is compared with like",
        "{currency} per answer in 90 days",
        "mean",
        {"orders": ("ordered_at", "amount"), "scores:": ("answered_at",)},
        f"SELECT customer, seen_at, part, {ANSWER}, x FROM ({_SPENT}) AS s",
        articles=("A1",),
        parts="group",
        weighted=True,
    ),
    Metric(
        "premium_by_group",
        "Premium or discount against the average customer",
        "outcome",
        "How much more, or less, than the average customer does each group spend?",
        "spend in the 90 days after an answer, by its group, over that of all answers of the "
        "period, "
        "less 1",
        "share of the average spend",
        "function",
        {"orders": ("ordered_at", "amount"), "scores:": ("answered_at",)},
        "SELECT s.customer, s.seen_at, g.part, s.weight, s.wave, s.answer, s.home, CASE WHEN "
        "s.part = "
        "g.part THEN s.x ELSE 0.0 END AS x1, CASE WHEN s.part = g.part THEN 1.0 ELSE 0.0 END AS "
        "x2, "
        f"s.x AS x3, 1.0 AS x4 FROM ({_SPENT}) AS s CROSS JOIN (SELECT 'best group' AS part UNION "
        f"ALL "
        "SELECT 'between' UNION ALL SELECT 'worst group') AS g",
        articles=("A1",),
        parts="group",
        value=_premium,
        columns=4,
        counted=2,
        weighted=True,
    ),
)
