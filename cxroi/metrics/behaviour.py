"""Behaviour: what customers and visitors do, on the site, with features, in a campaign."""

from __future__ import annotations

from .metric import Band, Metric

_DOING = (
    "SELECT customer, happened_at AS seen_at, event AS kind FROM {events} UNION ALL "
    "SELECT customer, viewed_at, 'page view' FROM {page_views} UNION ALL "
    "SELECT customer, used_at, 'feature' FROM {feature_use}"
)
_TOUCHED = (
    "SELECT customer, called_at AS seen_at, 'call' AS touchpoint FROM {calls} UNION ALL "
    "SELECT customer, opened_at, 'ticket' FROM {tickets} UNION ALL "
    "SELECT customer, viewed_at, 'site: ' || coalesce(kind, 'page') FROM {page_views} UNION ALL "
    "SELECT customer, sent_at, 'campaign' FROM {campaigns} WHERE clicks > 0 UNION ALL "
    "SELECT customer, created_at, 'cart' FROM {carts}"
)
_ALL_TOUCHES = {
    "orders": ("ordered_at",),
    "calls": ("called_at",),
    "tickets": ("opened_at",),
    "page_views": ("viewed_at",),
    "campaigns": ("sent_at", "clicks", "customer"),
    "carts": ("created_at",),
}
_ALL_DOING = {
    "events": ("happened_at",),
    "page_views": ("viewed_at",),
    "feature_use": ("used_at", "feature"),
}
# Page views with the number of their visit: their own, or a new one after half an hour.
_NUMBERED = (
    "(SELECT *, coalesce(session, 'visit ' || CAST(sum(fresh) OVER (PARTITION BY customer "
    "ORDER BY viewed_at, row ROWS UNBOUNDED PRECEDING) AS VARCHAR)) AS visit FROM (SELECT *, "
    "CASE WHEN lag(viewed_at) OVER (PARTITION BY customer ORDER BY viewed_at, row) >= "
    "viewed_at - INTERVAL 30 MINUTE THEN 0 ELSE 1 END AS fresh FROM {page_views}) AS f)"
)
_SESSIONS = {"page_views": ("session", "seconds", "kind", "scroll")}
_VISITS = (
    "(SELECT customer, visit, min(viewed_at) AS seen_at, count(*) AS pages, "
    "date_diff('second', min(viewed_at), max(viewed_at)) AS length "
    f"FROM {_NUMBERED} AS n GROUP BY customer, visit)"
)
_BEFORE_ORDER = (
    "SELECT o.customer, o.ordered_at AS seen_at, o.row, count(DISTINCT t.touchpoint) AS k FROM "
    "{orders} AS o LEFT JOIN (" + _TOUCHED + ") AS t ON t.customer = o.customer AND "
    "t.seen_at <= o.ordered_at AND t.seen_at > o.ordered_at - INTERVAL 30 DAY WHERE o.amount > 0 "
    "GROUP BY o.customer, o.ordered_at, o.row"
)
_FIRST_WEEK = (
    "SELECT s.customer, s.begun AS seen_at, s.onboarding, count(DISTINCT f.feature) AS k, "
    "count(f.used_at) AS uses FROM (SELECT c.customer, min(b.started_at) AS begun, "
    "min(c.onboarding) AS onboarding FROM {customers} AS c JOIN {subscriptions} AS b ON "
    "b.customer = c.customer GROUP BY c.customer) AS s LEFT JOIN {feature_use} AS f ON "
    "f.customer = s.customer AND f.used_at >= s.begun AND f.used_at < s.begun + INTERVAL 7 DAY "
    "WHERE s.begun >= (SELECT min(used_at) FROM {feature_use}) "
    "GROUP BY s.customer, s.begun, s.onboarding"
)

BEHAVIOUR = (
    Metric(
        "engagement_depth",
        "Depth of engagement",
        "behaviour",
        "How much do customers do with us?",
        "clicks, page views and uses of features of a customer who did any, a month",
        "interactions a month",
        "mean",
        _ALL_DOING,
        "SELECT customer, month AS seen_at, count(*) AS x FROM (SELECT customer, "
        "date_trunc('month', seen_at) AS month FROM ("
        + _DOING
        + ") AS d) AS m GROUP BY customer, month",
        articles=("A0", "A4"),
    ),
    Metric(
        "fully_engaged",
        "Fully engaged customers",
        "behaviour",
        "How many use us in every way?",
        "customers who in a month clicked, saw pages and used features over those who did any",
        "share",
        "share",
        _ALL_DOING,
        "SELECT customer, month AS seen_at, CASE WHEN count(DISTINCT CASE WHEN kind IN ('page "
        "view', 'feature') THEN kind ELSE 'event' END) = 3 THEN 1 ELSE 0 END AS x FROM (SELECT "
        "customer, kind, date_trunc('month', seen_at) AS month FROM (" + _DOING + ") AS d) AS m "
        "GROUP BY customer, month",
        band=Band(0.29, None, "29 % of customers of business-to-business companies", "A4"),
        articles=("A0", "A4"),
    ),
    Metric(
        "touchpoints_per_purchase",
        "Touchpoints per purchase",
        "behaviour",
        "How many ways do customers take before they buy?",
        "distinct touchpoints used in the 30 days before an order",
        "touchpoints",
        "mean",
        _ALL_TOUCHES,
        f"SELECT customer, seen_at, k AS x FROM ({_BEFORE_ORDER}) AS t",
        better="",
        band=Band(None, None, "about 6", "A0"),
        articles=("A0",),
        optional={"page_views": ("kind",)},
    ),
    Metric(
        "over_four_touchpoints",
        "Purchases with more than four touchpoints",
        "behaviour",
        "How many purchases take more than four touchpoints?",
        "orders before which more than 4 distinct touchpoints were used in 30 days over all orders",
        "share",
        "share",
        _ALL_TOUCHES,
        f"SELECT customer, seen_at, CASE WHEN k > 4 THEN 1 ELSE 0 END AS x FROM "
        f"({_BEFORE_ORDER}) AS t",
        better="",
        band=Band(None, None, "about 50 %", "A0"),
        articles=("A0",),
        optional={"page_views": ("kind",)},
    ),
    Metric(
        "task_completion",
        "Task completion rate",
        "behaviour",
        "Can customers do what they came for, in the time that it should take?",
        "tasks completed in the expected time over tasks begun",
        "share",
        "share",
        {"tasks": ("started_at", "completed_at", "expected_seconds")},
        "SELECT customer, started_at AS seen_at, CASE WHEN date_diff('second', started_at, "
        "completed_at) <= expected_seconds THEN 1 ELSE 0 END AS x FROM {tasks} "
        "WHERE expected_seconds IS NOT NULL",
        band=Band(0.78, None, "78 % is the mean of 1,200 usability tests", "A0"),
        articles=("A0",),
    ),
    Metric(
        "task_success",
        "Tasks completed at all",
        "behaviour",
        "Can customers do what they came for?",
        "tasks completed over tasks begun",
        "share",
        "share",
        {"tasks": ("started_at", "completed_at")},
        "SELECT customer, started_at AS seen_at, CASE WHEN completed_at IS NOT NULL THEN 1 ELSE "
        "0 END AS x FROM {tasks}",
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
        "ratio",
        {"events": ("happened_at",)},
        "SELECT customer, month AS seen_at, count(DISTINCT day) AS x, "
        "date_diff('day', month, month + INTERVAL 1 MONTH) AS y FROM (SELECT customer, "
        "date_trunc('month', happened_at) AS month, date_trunc('day', happened_at) AS day "
        "FROM {events}) AS d GROUP BY customer, month",
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
        "SELECT s.customer, m.month AS seen_at, max(CASE WHEN a.customer IS NOT NULL THEN 1 ELSE "
        "0 END) AS x FROM (SELECT DISTINCT date_trunc('month', happened_at) AS month FROM "
        "{events}) AS m JOIN {subscriptions} AS s ON s.started_at < m.month + INTERVAL 1 MONTH AND "
        "(s.cancelled_at IS NULL OR s.cancelled_at >= m.month) LEFT JOIN (SELECT DISTINCT "
        "customer, date_trunc('month', happened_at) AS month FROM {events}) AS a ON a.customer = "
        "s.customer AND a.month = m.month GROUP BY s.customer, m.month",
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
        "SELECT c.customer, NULL::TIMESTAMP AS seen_at, CASE WHEN u.customer IS NOT NULL THEN 1 "
        "ELSE 0 END AS x, f.feature AS part FROM (SELECT DISTINCT customer FROM {feature_use} "
        "WHERE used_at >= {start} AND used_at < {end}) AS c CROSS JOIN (SELECT DISTINCT feature "
        "FROM {feature_use}) AS f LEFT JOIN (SELECT DISTINCT customer, feature FROM "
        "{feature_use} WHERE used_at >= {start} AND used_at < {end}) AS u ON u.customer = "
        "c.customer AND u.feature = f.feature",
        band=Band(0.28, None, "28 %", "A3"),
        articles=("A3",),
        parts="feature",
    ),
    Metric(
        "social_engagement",
        "Social engagement",
        "behaviour",
        "Does what we post move anybody?",
        "likes, shares and comments over impressions",
        "share",
        "ratio",
        {"posts": ("posted_at", "impressions", "likes", "shares", "comments")},
        "SELECT CAST(row AS VARCHAR) AS customer, posted_at AS seen_at, coalesce(likes, 0) + "
        "coalesce(shares, 0) + coalesce(comments, 0) AS x, impressions AS y FROM {posts} "
        "WHERE impressions IS NOT NULL",
        band=Band(0.01, 0.05, "1 to 5 %", "A3"),
        articles=("A3",),
    ),
    Metric(
        "social_engagement_weighted",
        "Social engagement, shares and comments counting more",
        "behaviour",
        "Does what we post make anybody act?",
        "likes, and three times shares and comments, over impressions",
        "weighted engagements per impression",
        "ratio",
        {"posts": ("posted_at", "impressions", "likes", "shares", "comments")},
        "SELECT CAST(row AS VARCHAR) AS customer, posted_at AS seen_at, coalesce(likes, 0) + 3 * "
        "(coalesce(shares, 0) + coalesce(comments, 0)) AS x, impressions AS y FROM {posts} "
        "WHERE impressions IS NOT NULL",
        articles=("A3",),
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
        "SELECT p.customer, NULL::TIMESTAMP AS seen_at, coalesce(k, 0) * 90.0 / {days} AS x FROM "
        "{people} AS p LEFT JOIN (SELECT customer, count(*) AS k FROM {mentions} WHERE "
        "mentioned_at >= {start} AND mentioned_at < {end} GROUP BY customer) AS m "
        "ON m.customer = p.customer",
        better="",
        articles=("A2",),
    ),
    Metric(
        "pages_per_session",
        "Pages per session",
        "behaviour",
        "How far do visitors look around?",
        "page views over visits; a visit ends after 30 minutes without any, where it has no number",
        "pages",
        "mean",
        {"page_views": ("viewed_at",)},
        f"SELECT customer, seen_at, pages AS x FROM {_VISITS} AS v",
        band=Band(1.7, 4, "1.7 to 4; services 2, retail more", "A3"),
        articles=("A3",),
        optional=_SESSIONS,
    ),
    Metric(
        "session_length",
        "Session length",
        "behaviour",
        "How long do visits last?",
        "median seconds from the first to the last page of a visit of several pages",
        "seconds",
        "median",
        {"page_views": ("viewed_at",)},
        f"SELECT customer, seen_at, CAST(length AS DOUBLE) AS x FROM {_VISITS} AS v WHERE pages "
        f"> 1",
        better="",
        articles=("A3",),
        optional=_SESSIONS,
    ),
    Metric(
        "time_on_page",
        "Time on page",
        "behaviour",
        "How long do visitors stay on a page?",
        "median seconds, by kind of page; of a contact page short is good",
        "seconds",
        "median",
        {"page_views": ("viewed_at", "seconds")},
        "SELECT customer, viewed_at AS seen_at, seconds AS x, coalesce(kind, 'page') AS part "
        "FROM {page_views} WHERE seconds IS NOT NULL",
        better="",
        band=Band(None, None, "about 52 s", "A3"),
        articles=("A3",),
        parts="kind of page",
        optional=_SESSIONS,
    ),
    Metric(
        "page_views",
        "Page views",
        "behaviour",
        "How much is the site used?",
        "page views a month",
        "page views a month",
        "total",
        {"page_views": ("viewed_at",)},
        "SELECT customer, viewed_at AS seen_at, 1.0 / {months} AS x FROM {page_views}",
        band=Band(1_000, None, "1,000 a month of a small site, 10,000 of a large one", "A3"),
        articles=("A3",),
    ),
    Metric(
        "bounce_rate",
        "Bounce rate",
        "behaviour",
        "How many leave at once?",
        "visits of a single page over all visits",
        "share",
        "share",
        {"page_views": ("viewed_at",)},
        f"SELECT customer, seen_at, CASE WHEN pages = 1 THEN 1 ELSE 0 END AS x FROM {_VISITS} AS v",
        better="lower",
        band=Band(0.20, 0.55, "20 to 55 %", "A3"),
        articles=("A3",),
        optional=_SESSIONS,
    ),
    Metric(
        "click_through_rate",
        "Click-through rate",
        "behaviour",
        "How many of those whom we reach click?",
        "clicks over opens, or over impressions where that is declared",
        "share",
        "ratio",
        {"campaigns": ("sent_at", "clicks")},
        "SELECT CAST(row AS VARCHAR) AS customer, sent_at AS seen_at, clicks AS x, {denominator} "
        "AS y FROM {campaigns} WHERE clicks IS NOT NULL AND {denominator} IS NOT NULL",
        band=Band(0.06, 0.07, "6 to 7 %", "A3"),
        articles=("A3",),
        options={"denominator": {"opens": "opens", "impressions": "impressions"}},
        optional={"campaigns": ("opens", "impressions")},
    ),
    Metric(
        "unique_visitors",
        "Unique visitors",
        "behaviour",
        "How many people come?",
        "distinct visitors of the period, each counted once, over its months",
        "visitors a month",
        "total",
        {"visits": ("visited_at",)},
        "SELECT customer, NULL::TIMESTAMP AS seen_at, 1.0 / {months} AS x FROM {visits} WHERE "
        "visited_at >= {start} AND visited_at < {end} GROUP BY customer",
        articles=("A3",),
    ),
    Metric(
        "new_visitors",
        "New visitors",
        "behaviour",
        "How many of the visitors of a month are new?",
        "visitors of a month never seen before over visitors of it, without the first month",
        "share",
        "share",
        {"visits": ("visited_at",)},
        "SELECT customer, month AS seen_at, CASE WHEN month = first THEN 1 ELSE 0 END AS x FROM "
        "(SELECT customer, date_trunc('month', visited_at) AS month, min(date_trunc('month', "
        "visited_at)) OVER (PARTITION BY customer) AS first FROM {visits}) AS v WHERE month > "
        "(SELECT min(date_trunc('month', visited_at)) FROM {visits}) GROUP BY customer, month, "
        "first",
        band=Band(0.10, None, "10 % new", "A3"),
        articles=("A3",),
    ),
    Metric(
        "scroll_depth",
        "Scroll depth",
        "behaviour",
        "How much of a page is seen?",
        "mean share of the page scrolled through",
        "share",
        "mean",
        {"page_views": ("viewed_at", "scroll")},
        "SELECT customer, viewed_at AS seen_at, scroll AS x FROM {page_views}",
        band=Band(0.50, None, "50 %", "A3"),
        articles=("A3",),
    ),
    Metric(
        "exit_rate",
        "Exit rate",
        "behaviour",
        "From which pages do visitors leave?",
        "visits whose last page it was over visits that saw it",
        "share",
        "share",
        {"page_views": ("viewed_at", "page")},
        "SELECT customer, min(viewed_at) AS seen_at, page AS part, max(CASE WHEN later = 0 THEN "
        "1 ELSE 0 END) AS x FROM (SELECT *, count(*) OVER (PARTITION BY customer, visit ORDER BY "
        "viewed_at, row ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS later FROM "
        f"{_NUMBERED} AS n) AS e GROUP BY customer, visit, page",
        better="lower",
        articles=("A3",),
        parts="page",
        optional=_SESSIONS,
    ),
)
