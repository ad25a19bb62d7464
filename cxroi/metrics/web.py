"""Web: what visitors do on the site, with posts and campaigns."""

from __future__ import annotations

from .metric import Band, Metric

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


WEB = (
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
        "(coalesce(shares, 0) + coalesce(comments, 0)) AS x, impressions AS y FROM {posts}",
        band=Band(0.01, 0.05, "1 to 5 %", "A3"),
        articles=("A3",),
        of="posts",
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
        "SELECT CAST(row AS VARCHAR) AS customer, posted_at AS seen_at, coalesce(likes, 0) + "
        "3 * (coalesce(shares, 0) + coalesce(comments, 0)) AS x, impressions AS y FROM {posts}",
        articles=("A3",),
        of="posts",
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
        "Click-through rate (clicks over opens)",
        "behaviour",
        "How many of those whom we reach click?",
        "clicks over opens, or over impressions where that is declared",
        "share",
        "ratio",
        {"campaigns": ("sent_at", "clicks")},
        "SELECT coalesce(customer, 'row ' || CAST(row AS VARCHAR)) AS customer, sent_at AS "
        "seen_at, "
        "clicks AS x, CAST({denominator} AS DOUBLE) AS y FROM {campaigns}",
        band=Band(0.06, 0.07, "6 to 7 %", "A3"),
        articles=("A3",),
        options={"denominator": {"opens": "opens", "impressions": "impressions"}},
        optional={"campaigns": ("opens", "impressions", "customer")},
    ),
    Metric(
        "unique_visitors",
        "Unique visitors",
        "behaviour",
        "How many people come?",
        "distinct visitors of a calendar month, each counted once in it, mean over the months",
        "visitors a month",
        "total",
        {"visits": ("visited_at",)},
        "SELECT customer, CAST(NULL AS TIMESTAMP) AS seen_at, count(DISTINCT date_trunc('month', "
        "visited_at)) / {calendar_months} AS x FROM {visits} WHERE visited_at >= {start} AND "
        "visited_at < {end} GROUP BY customer",
        articles=("A3",),
        of="visitors",
    ),
    Metric(
        "new_visitors",
        "New visitors",
        "behaviour",
        "How many of the visitors of a month are new?",
        "visitors of a month never seen before it over visitors of it, without the first month "
        "that "
        "visits are known of",
        "share",
        "share",
        {"visits": ("visited_at",)},
        "SELECT v.customer, c.first AS seen_at, CASE WHEN v.month = v.earliest THEN 1 ELSE 0 END "
        "AS x "
        "FROM (SELECT customer, month, min(month) OVER (PARTITION BY customer) AS earliest, "
        "min(month) "
        "OVER () AS known FROM (SELECT DISTINCT customer, date_trunc('month', visited_at) AS month "
        "FROM {visits}) AS d) AS v JOIN {calendar} AS c ON c.month = v.month WHERE v.month > "
        "v.known",
        band=Band(0.10, None, "10 % new", "A3"),
        articles=("A3",),
        of="visitors",
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
        "SELECT customer, min(viewed_at) AS seen_at, page AS part, max(CASE WHEN later IS NULL "
        "THEN "
        "1 ELSE 0 END) AS x FROM (SELECT customer, visit, page, viewed_at, lead(viewed_at) OVER "
        "(PARTITION BY customer, visit ORDER BY viewed_at, row) AS later FROM "
        f"{_NUMBERED} AS n) AS e GROUP BY customer, visit, page",
        better="lower",
        articles=("A3",),
        parts="page",
        optional=_SESSIONS,
    ),
)
