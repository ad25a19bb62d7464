"""Behaviour: what customers do, with features, in tasks, before they buy."""

from __future__ import annotations

from .metric import Band, Metric
from .rates import per_customer

# Of each purchase, how many touchpoints had a last use within 30 days before it.
_BEFORE_ORDER = (
    "SELECT customer, seen_at, sum(CASE WHEN last >= seen_at - INTERVAL 30 DAY THEN 1 ELSE 0 END) "
    "AS k FROM (SELECT customer, seen_at, purchase, max(CASE WHEN purchase IS NULL THEN seen_at "
    "END) OVER (PARTITION BY customer, touchpoint ORDER BY seen_at, coalesce(purchase, -1) ROWS "
    "UNBOUNDED PRECEDING) AS last FROM (SELECT customer, seen_at, touchpoint, CAST(NULL AS BIGINT) "
    "AS purchase FROM {touches} AS t UNION ALL SELECT o.customer, o.ordered_at, k.touchpoint, "
    "o.row FROM {orders} AS o CROSS JOIN (SELECT DISTINCT touchpoint FROM {touches} AS d) AS k "
    "WHERE o.amount > 0 AND o.ordered_at - INTERVAL 30 DAY >= {begin}) AS u) AS l "
    "WHERE purchase IS NOT NULL GROUP BY customer, seen_at, purchase"
)
_FIRST_WEEK = (
    "SELECT s.customer, s.begun AS seen_at, s.onboarding, count(DISTINCT f.feature) AS k, "
    "count(f.used_at) AS uses FROM (SELECT b.customer, min(b.started_at) AS begun, "
    "min(c.onboarding) AS onboarding FROM {subscriptions} AS b JOIN {customers} AS c ON "
    "c.customer = b.customer GROUP BY b.customer) AS s LEFT JOIN {feature_use} AS f ON "
    "f.customer = s.customer AND f.used_at >= s.begun AND f.used_at < s.begun + INTERVAL 7 DAY "
    "WHERE s.begun >= {begin} AND s.begun + INTERVAL 7 DAY <= {until} "
    "GROUP BY s.customer, s.begun, s.onboarding"
)


BEHAVIOUR = (
    Metric(
        "engagement_depth",
        "Depth of engagement",
        "behaviour",
        "How much do customers do with us?",
        "clicks, page views and uses of features, a month, over all customers, those who did "
        "nothing "
        "among them",
        "interactions per customer and month",
        "mean",
        {"doing": (), "people": ()},
        "SELECT p.customer, CAST(NULL AS TIMESTAMP) AS seen_at, coalesce(d.k, 0) / {months} AS x "
        "FROM "
        "{people} AS p LEFT JOIN (SELECT customer, count(*) AS k FROM {doing} AS a WHERE seen_at "
        ">= "
        "{start} AND seen_at < {end} GROUP BY customer) AS d ON d.customer = p.customer",
        articles=("A0", "A4"),
    ),
    Metric(
        "fully_engaged",
        "Fully engaged customers",
        "behaviour",
        "How many use us in every way?",
        "months in which a customer clicked, saw pages and used features over all months of all "
        "customers",
        "share",
        "share_of",
        {
            "events": ("happened_at",),
            "page_views": ("viewed_at",),
            "feature_use": ("used_at",),
            "doing": (),
            "people": (),
        },
        "SELECT p.customer, CAST(NULL AS TIMESTAMP) AS seen_at, coalesce(f.k, 0) AS x, "
        "{calendar_months} AS y FROM {people} AS p LEFT JOIN (SELECT customer, count(*) AS k FROM "
        "(SELECT customer, date_trunc('month', seen_at) AS month FROM {doing} AS a WHERE seen_at "
        ">= "
        "{start} AND seen_at < {end} GROUP BY customer, date_trunc('month', seen_at) HAVING "
        "count(DISTINCT kind) = 3) AS m GROUP BY customer) AS f ON f.customer = p.customer",
        band=Band(0.29, None, "29 % of customers of business-to-business companies", "A4"),
        articles=("A0", "A4"),
    ),
    Metric(
        "touchpoints_per_purchase",
        "Touchpoints per purchase",
        "behaviour",
        "How many ways do customers take before they buy?",
        "distinct touchpoints used in the 30 days before a purchase",
        "touchpoints",
        "mean",
        {"orders": ("ordered_at", "amount"), "touches": ()},
        f"SELECT customer, seen_at, k AS x FROM ({_BEFORE_ORDER}) AS t",
        better="",
        band=Band(None, None, "about 6", "A0"),
        articles=("A0",),
    ),
    Metric(
        "over_four_touchpoints",
        "Purchases with more than four touchpoints",
        "behaviour",
        "How many purchases take more than four touchpoints?",
        "purchases before which more than 4 distinct touchpoints were used in 30 days over all",
        "share",
        "share",
        {"orders": ("ordered_at", "amount"), "touches": ()},
        f"SELECT customer, seen_at, CASE WHEN k > 4 THEN 1 ELSE 0 END AS x FROM ({_BEFORE_ORDER}) "
        f"AS t",
        better="",
        band=Band(None, None, "about 50 %", "A0"),
        articles=("A0",),
    ),
    Metric(
        "task_completion",
        "Tasks completed in the expected time",
        "behaviour",
        "Can customers do what they came for, in the time that it should take?",
        "tasks completed in the expected time over tasks begun",
        "share",
        "share",
        {"tasks": ("started_at", "completed_at", "expected_seconds")},
        "SELECT customer, started_at AS seen_at, CASE WHEN date_diff('second', started_at, "
        "completed_at) <= expected_seconds THEN 1 ELSE 0 END AS x FROM {tasks} "
        "WHERE expected_seconds IS NOT NULL",
        articles=("A0",),
        clock=("tasks", "started_at"),
    ),
    Metric(
        "task_success",
        "Tasks completed",
        "behaviour",
        "Can customers do what they came for?",
        "tasks completed over tasks begun",
        "share",
        "share",
        {"tasks": ("started_at", "completed_at")},
        "SELECT customer, started_at AS seen_at, CASE WHEN completed_at IS NOT NULL THEN 1 ELSE "
        "0 END AS x FROM {tasks}",
        band=Band(0.78, None, "78 % is the mean of 1,200 usability tests", "A0"),
        articles=("A0",),
    ),
    Metric(
        "first_week_engagement",
        "Features used in the first week",
        "behaviour",
        "Do new customers find what they can use?",
        "distinct features used within 7 days of the first subscription's begin",
        "features",
        "mean",
        {"customers": (), "subscriptions": ("started_at",), "feature_use": ("used_at", "feature")},
        f"SELECT customer, seen_at, k AS x FROM ({_FIRST_WEEK}) AS w",
        articles=("A3",),
        optional={"customers": ("onboarding",)},
    ),
    Metric(
        "early_drop_off",
        "Early drop-off",
        "behaviour",
        "How many new customers use nothing in the first week?",
        "new customers without any use of a feature within 7 days over new customers",
        "share",
        "share",
        {"customers": (), "subscriptions": ("started_at",), "feature_use": ("used_at", "feature")},
        f"SELECT customer, seen_at, CASE WHEN uses = 0 THEN 1 ELSE 0 END AS x FROM "
        f"({_FIRST_WEEK}) AS w",
        better="lower",
        articles=("A3",),
        optional={"customers": ("onboarding",)},
    ),
    Metric(
        "onboarding_effect",
        "First week by onboarding",
        "behaviour",
        "Which introduction makes customers use more?",
        "distinct features used within 7 days of the first subscription's begin, by the way in "
        "which customers were introduced",
        "features",
        "mean",
        {
            "customers": ("onboarding",),
            "subscriptions": ("started_at",),
            "feature_use": ("used_at", "feature"),
        },
        "SELECT customer, seen_at, k AS x, onboarding AS part "
        f"FROM ({_FIRST_WEEK}) AS w WHERE onboarding IS NOT NULL",
        articles=("A3",),
        parts="onboarding",
    ),
    Metric(
        "stickiness",
        "Stickiness",
        "behaviour",
        "How often do those who come in a month come in it?",
        "daily active users over monthly active users (DAU / MAU): days active over days of the "
        "month, of those active in it",
        "share",
        "share_of",
        {"events": ("happened_at",)},
        "SELECT d.customer, c.first AS seen_at, count(DISTINCT d.day) AS x, min(c.length) AS y "
        "FROM "
        "(SELECT customer, date_trunc('month', happened_at) AS month, date_trunc('day', "
        "happened_at) "
        "AS day FROM {events} WHERE happened_at >= {start} AND happened_at < {end}) AS d JOIN "
        "{calendar} AS c ON c.month = d.month GROUP BY d.customer, c.first",
        band=Band(0.13, None, "above 13 %, about once a week", "A3"),
        articles=("A3",),
    ),
    Metric(
        "user_activity_rate",
        "Active among paying customers",
        "behaviour",
        "How many of those who pay use what they pay for?",
        "paying customers with any event in a month over customers with a subscription in it",
        "share",
        "share",
        {"events": ("happened_at",), "subscriptions": ("started_at", "cancelled_at")},
        "SELECT s.customer, c.first AS seen_at, max(CASE WHEN a.customer IS NOT NULL THEN 1 ELSE 0 "
        'END) AS x FROM {calendar} AS c JOIN {subscriptions} AS s ON s.started_at < c."next" AND '
        "(s.cancelled_at IS NULL OR s.cancelled_at >= c.first) LEFT JOIN (SELECT DISTINCT "
        "customer, "
        "date_trunc('month', happened_at) AS month FROM {events} WHERE happened_at >= {start} AND "
        "happened_at < {end}) AS a ON a.customer = s.customer AND a.month = c.month "
        "GROUP BY s.customer, c.first",
        band=Band(0.20, None, "above 20 %", "A3"),
        articles=("A3",),
    ),
    Metric(
        "feature_usage",
        "Feature usage",
        "behaviour",
        "Which features are used?",
        "customers who used a feature in the period over those who used any",
        "share",
        "share",
        {"feature_use": ("used_at", "feature")},
        "SELECT c.customer, CAST(NULL AS TIMESTAMP) AS seen_at, CASE WHEN u.customer IS NOT NULL "
        "THEN "
        "1 ELSE 0 END AS x, f.feature AS part FROM (SELECT DISTINCT customer FROM {feature_use} "
        "WHERE used_at >= {start} AND used_at < {end}) AS c CROSS JOIN (SELECT DISTINCT feature "
        "FROM {feature_use} WHERE used_at < {end}) AS f LEFT JOIN (SELECT DISTINCT customer, "
        "feature "
        "FROM {feature_use} WHERE used_at >= {start} AND used_at < {end}) AS u ON u.customer = "
        "c.customer AND u.feature = f.feature",
        band=Band(0.28, None, "28 %", "A3"),
        articles=("A3",),
        parts="feature",
    ),
    Metric(
        "mentions_per_customer",
        "Mentions per customer",
        "behaviour",
        "How often do customers speak of us in public?",
        "mentions in 90 days over customers",
        "mentions per customer in 90 days",
        "mean",
        {"mentions": ("mentioned_at",), "people": ()},
        per_customer("mentions", "mentioned_at"),
        better="",
        articles=("A2",),
    ),
)
