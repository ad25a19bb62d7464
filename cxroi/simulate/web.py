"""The web of a simulated company: sessions, pages, features, carts, campaigns and posts.

The web activity of some customers is written, of most in large companies; carts that were bought
are their orders.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .company import DAY, Columns
from .ground import PROSPECT, VISITOR, Ground, by_time, joined, latest_before, pick
from .worlds import Floats, Ints

SESSIONS_EACH: Final = 5.0
LEAVER_ACTIVITY: Final = 0.6  # sessions of customers who cancel, relative to those who stay
PAGES: Final = {  # page: kind, share of views, median seconds, mean scroll
    "home": ("landing", 0.25, 25, 0.4), "catalogue": ("product", 0.25, 50, 0.6),
    "product": ("product", 0.22, 70, 0.6), "blog": ("article", 0.1, 110, 0.65),
    "contact": ("contact", 0.06, 20, 0.3), "account": ("account", 0.12, 40, 0.4),
}  # fmt: skip
PAGES_MORE: Final = 2.2  # pages after the first, of a session that does not bounce
BOUNCES: Final = 0.35
EVENTS: Final = {"search": 0.4, "log in": 0.3, "open chat": 0.05, "add to wish list": 0.15,
                 "download": 0.1}  # fmt: skip
EVENTS_EACH: Final = 1.2  # a session
WEB_CHANNELS: Final = {"web": 0.6, "app": 0.4}
ANONYMOUS: Final = 1.5  # visits of unknown visitors, per visit of a known customer
FEATURES: Final = {  # share of customers who ever use it
    "wish list": 0.75, "reorder": 0.6, "track and trace": 0.55, "gift cards": 0.28,
    "subscription box": 0.2, "scan to buy": 0.12,
}  # fmt: skip
USES_EACH: Final = 2.5  # of a feature, by those who use it, over the calendar
FIRST_WEEK: Final = (1.5, 3.6)  # uses in the first week, by the way of onboarding
LEFT_CARTS: Final = 1.7  # carts that were left, per cart bought: 63 %
CART_REASONS: Final = {"shipping price": 0.40, "payment method": 0.15, "price shown late": 0.25,
                       "just looking": 0.20}  # fmt: skip
CAMPAIGNS: Final = 8
OPENS, CLICKS = 0.35, 0.22  # of those sent; of those opened
POSTS_A_WEEK: Final = 2


def web(ground: Ground, profiles: Columns, rng: np.random.Generator) -> dict[str, Columns]:
    """Return sessions by page, event and visit, features used, carts, campaigns and posts."""
    session = _sessions(ground, rng)
    return {
        "page_views": _page_views(session, rng),
        "events": _events(session, rng),
        "visits": _visits(ground, session, rng),
        "feature_use": _feature_use(ground, profiles, rng),
        "carts": _carts(ground, rng),
        "campaigns": _campaigns(ground, rng),
        "posts": _posts(ground, rng),
    }


def _sessions(ground: Ground, rng: np.random.Generator) -> Columns:
    """Draw the sessions of customers: fewer a week of those who will cancel."""
    years = (ground.end - np.maximum(ground.started, ground.begin)) / (
        ground.calendar.until - ground.begin
    )
    leaves = ground.company.cancelled_at > 0
    activity = np.where(leaves & ground.planted, LEAVER_ACTIVITY, 1.0) * years
    who = np.repeat(ground.web, rng.poisson(SESSIONS_EACH * activity[ground.web]))
    session = by_time({"customer": who, "at": ground.moments(who, rng)}, "at")
    n = len(session["at"])
    room = ground.end[session["customer"]] - session["at"]
    return session | {
        "session": np.arange(1, n + 1), "channel": pick(WEB_CHANNELS.values(), n, rng),
        "room": room,
    }  # fmt: skip


def _page_views(session: Columns, rng: np.random.Generator) -> Columns:
    """Draw the pages of each session, one after the other; nothing follows a cancellation."""
    n = len(session["at"])
    bounced = rng.random(n) < BOUNCES
    count = np.where(bounced, 1, 2 + rng.poisson(PAGES_MORE - 1, n))
    row = np.repeat(np.arange(n), count)
    page = pick((share for _, share, _, _ in PAGES.values()), len(row), rng)
    median = np.array([seconds for _, _, seconds, _ in PAGES.values()])[page]
    seconds = np.maximum((median * rng.lognormal(0.0, 0.7, len(row))).astype(np.int64), 1)
    running = np.cumsum(seconds) - seconds
    first = np.cumsum(count) - count
    into = running - np.repeat(running[first], count)
    mean = np.array([scroll for *_, scroll in PAGES.values()])[page]
    columns = {
        "customer": session["customer"][row], "at": session["at"][row] + into, "page": page,
        "session": session["session"][row], "kind": page, "seconds": seconds,
        "scroll": np.rint(100 * rng.beta(3 * mean, 3 * (1 - mean))).astype(np.int64),
    }  # fmt: skip
    return by_time(columns, "at", into < session["room"][row])


def _events(session: Columns, rng: np.random.Generator) -> Columns:
    row = np.repeat(np.arange(len(session["at"])), rng.poisson(EVENTS_EACH, len(session["at"])))
    into = rng.integers(5, 300, len(row))
    columns = {
        "customer": session["customer"][row], "at": session["at"][row] + into,
        "event": pick(EVENTS.values(), len(row), rng), "session": session["session"][row],
        "channel": session["channel"][row],
    }  # fmt: skip
    return by_time(columns, "at", into < session["room"][row])


def _visits(ground: Ground, session: Columns, rng: np.random.Generator) -> Columns:
    """Draw visits by cookie: those of customers, who have one each, and of people unknown."""
    unknown = round(ANONYMOUS * len(session["at"]))
    cookie = VISITOR + ground.customers + np.sort(rng.integers(0, max(unknown, 1), unknown))
    span = ground.calendar.until - ground.begin
    at = ground.begin + (rng.random(unknown) * span).astype(np.int64)
    known = {"customer": VISITOR + session["customer"], "at": session["at"]}
    return by_time(joined([known, {"customer": cookie, "at": at}]), "at")


def _feature_use(ground: Ground, profiles: Columns, rng: np.random.Generator) -> Columns:
    """Draw uses over the calendar, and in each customer's first week: more after guidance.

    Of those who became customers later, the first week alone is written.
    """
    rows = np.concatenate([ground.web, np.flatnonzero(profiles["customer"] >= PROSPECT)])
    adopted = rng.random((len(rows), len(FEATURES))) < np.array(list(FEATURES.values()))
    row, feature = np.nonzero(adopted[: len(ground.web)])
    each = 1 + rng.poisson(USES_EACH - 1, len(row))
    who, what = np.repeat(ground.web[row], each), np.repeat(feature, each)
    over = {"customer": who, "at": ground.moments(who, rng), "feature": what}
    guided = ground.dealt(profiles["onboarding"][rows], rng)
    uses = rng.poisson(np.array(FIRST_WEEK)[guided]) * adopted.any(axis=1)
    early = np.repeat(np.arange(len(rows)), uses)
    new = rows[early]
    first = profiles["acquired_at"][new] + 60 + (rng.random(len(new)) * 6.9 * DAY).astype(np.int64)
    columns = {
        "customer": profiles["customer"][new], "at": first,
        "feature": choose_adopted(adopted[early], rng),
    }  # fmt: skip
    whole = joined([over, columns])
    ended = profiles["ended"][np.searchsorted(profiles["customer"], whole["customer"])]
    return by_time(whole, "at", whole["at"] < ended)


def choose_adopted(adopted: Any, rng: np.random.Generator) -> Ints:
    """Draw one of the features that each row has adopted."""
    chance: Floats = adopted * rng.random(adopted.shape)
    return np.asarray(chance.argmax(axis=1), dtype=np.int64)


def _carts(ground: Ground, rng: np.random.Generator) -> Columns:
    """Return a cart for each order of these customers, and those that were left."""
    orders = ground.orders
    rows = np.flatnonzero(np.isin(orders["customer"], ground.web))
    earlier = rng.integers(60, 3_000, len(rows))
    last = latest_before(orders, orders["customer"][rows], orders["at"][rows])
    room = np.where(last >= 0, orders["at"][rows] - orders["at"][np.maximum(last, 0)], 4_000)
    bought = {
        "customer": orders["customer"][rows],
        "at": orders["at"][rows] - np.clip(earlier, 1, np.maximum(room - 1, 1)),
        "bought_at": orders["at"][rows], "value": orders["extra"][rows],
        "reason": np.full(len(rows), -1),
    }  # fmt: skip
    who = rng.choice(ground.web, round(LEFT_CARTS * len(rows)))
    left = {
        "customer": who, "at": ground.moments(who, rng), "bought_at": np.zeros(len(who), np.int64),
        "value": (100 * rng.gamma(1.5, 70.0, len(who))).astype(np.int64) + 100,
        "reason": pick(CART_REASONS.values(), len(who), rng),
    }  # fmt: skip
    return by_time(joined([bought, left]), "at")


def _campaigns(ground: Ground, rng: np.random.Generator) -> Columns:
    """Return a row for each mailing to each of these customers."""
    span = ground.calendar.until - ground.begin
    sent = ground.begin + (np.arange(CAMPAIGNS) + 0.5) / CAMPAIGNS * span
    campaign = np.repeat(np.arange(CAMPAIGNS), len(ground.web))
    at = sent.astype(np.int64)[campaign] // 3600 * 3600
    who = np.tile(ground.web, CAMPAIGNS)
    opened = rng.random(len(who)) < OPENS
    columns = {
        "customer": who, "at": at, "campaign": campaign, "impressions": np.ones(len(who), np.int64),
        "opens": opened.astype(np.int64),
        "clicks": (opened & (rng.random(len(who)) < CLICKS)).astype(np.int64),
    }  # fmt: skip
    return by_time(columns, "at", (at >= ground.started[who]) & (at < ground.end[who]))


def _posts(ground: Ground, rng: np.random.Generator) -> Columns:
    n = POSTS_A_WEEK * (ground.calendar.until - ground.begin) // (7 * DAY)
    at = ground.begin + np.sort(rng.random(n) * (ground.calendar.until - ground.begin))
    seen = 200 + rng.poisson(ground.customers / 4, n)
    return {
        "at": at.astype(np.int64), "impressions": seen, "likes": rng.binomial(seen, 0.018),
        "shares": rng.binomial(seen, 0.004), "comments": rng.binomial(seen, 0.003),
    }  # fmt: skip


def web_truth(ground: Ground, tables: dict[str, Columns]) -> dict[str, Any]:
    """Return what is planted in web activity, features and carts."""
    use = tables["feature_use"]
    everybody = len(ground.web)
    known = use["customer"] < PROSPECT
    used = [
        len(np.unique(use["customer"][known & (use["feature"] == k)])) for k in range(len(FEATURES))
    ]
    return {
        "onboarding": {
            "uses_in_the_first_week": {
                "self-serve": FIRST_WEEK[0], "guided": FIRST_WEEK[1],
            } if ground.planted else None,
        },
        "never_used": {k: 1 - n / everybody for k, n in zip(FEATURES, used, strict=True)},
        "carts": {"reasons": dict(CART_REASONS), "left_per_bought": LEFT_CARTS},
        "activity_of_leavers": LEAVER_ACTIVITY if ground.planted else 1.0,
    }  # fmt: skip
