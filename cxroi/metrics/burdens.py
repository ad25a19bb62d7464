"""Burdens: how often customers need us, complain, send back, leave a cart or go in silence."""

from __future__ import annotations

from .metric import Band, Metric
from .rates import per_customer

BURDENS = (
    Metric(
        "cart_abandonment",
        "Cart abandonment",
        "service",
        "How many carts are left?",
        "carts without a purchase over all carts",
        "share",
        "share",
        {"carts": ("created_at", "bought_at")},
        "SELECT customer, created_at AS seen_at, CASE WHEN bought_at IS NULL THEN 1 ELSE 0 END "
        "AS x FROM {carts}",
        better="lower",
        band=Band(None, 0.63, "63 % is the mean", "A2"),
        articles=("A2",),
    ),
    Metric(
        "cart_barriers",
        "Barriers at the cart",
        "service",
        "Why are carts left?",
        "abandoned carts by reason over abandoned carts with a reason",
        "share",
        "share",
        {"carts": ("created_at", "bought_at", "reason")},
        "SELECT c.customer, c.created_at AS seen_at, r.reason AS part, CASE WHEN c.reason = "
        "r.reason THEN 1 ELSE 0 END AS x FROM {carts} AS c CROSS JOIN (SELECT DISTINCT reason "
        "FROM {carts} WHERE reason IS NOT NULL AND bought_at IS NULL) AS r WHERE c.bought_at IS "
        "NULL AND c.reason IS NOT NULL",
        better="lower",
        articles=("A2",),
        parts="reason",
    ),
    Metric(
        "contacts_per_customer",
        "Contacts per customer",
        "service",
        "How often do customers need us?",
        "contacts in 90 days over customers",
        "contacts per customer in 90 days",
        "mean",
        {"contacts": ("opened_at",), "people": ()},
        per_customer("contacts", "opened_at"),
        better="lower",
        articles=("A0", "A1"),
    ),
    Metric(
        "minutes_per_customer",
        "Minutes of the staff per customer",
        "service",
        "How much time does it take to serve a customer?",
        "minutes that contacts took the staff in 90 days over customers",
        "minutes per customer in 90 days",
        "mean",
        {"contacts": ("opened_at", "minutes"), "people": ()},
        per_customer("contacts", "opened_at", what="sum(minutes)"),
        better="lower",
        articles=("A0", "A1"),
    ),
    Metric(
        "cost_to_serve",
        "Cost to serve",
        "service",
        "What does it cost to serve a customer?",
        "contacts in 90 days over customers, each at the likely cost of the scenario",
        "{currency} per customer in 90 days",
        "mean",
        {"contacts": ("opened_at",), "people": (), "scenario:": ("cost_per_contact",)},
        per_customer("contacts", "opened_at", what="count(*) * {cost_per_contact}"),
        better="lower",
        articles=("A1",),
    ),
    Metric(
        "tickets_per_customer",
        "Tickets per customer",
        "service",
        "How often do customers write to us?",
        "tickets in 90 days over customers",
        "tickets per customer in 90 days",
        "mean",
        {"tickets": ("opened_at",), "people": ()},
        per_customer("tickets", "opened_at"),
        better="lower",
        articles=("A1",),
    ),
    Metric(
        "calls_per_customer",
        "Calls per customer",
        "service",
        "How often do customers call?",
        "calls in 90 days over customers",
        "calls per customer in 90 days",
        "mean",
        {"calls": ("called_at",), "people": ()},
        per_customer("calls", "called_at"),
        better="lower",
        articles=("A1",),
    ),
    Metric(
        "returns_per_customer",
        "Returns per customer",
        "service",
        "How often do customers send goods back?",
        "returns in 90 days over customers",
        "returns per customer in 90 days",
        "mean",
        {"returns": ("returned_at",), "people": ()},
        per_customer("returns", "returned_at"),
        better="lower",
        articles=("A1",),
    ),
    Metric(
        "complaints_per_customer",
        "Complaints per customer",
        "service",
        "How often do customers complain?",
        "complaints in 90 days over customers",
        "complaints per customer in 90 days",
        "mean",
        {"complaints": (), "people": ()},
        per_customer("complaints", "seen_at"),
        better="lower",
        articles=("A1",),
    ),
    Metric(
        "unhappy_who_complain",
        "Unhappy customers who complain",
        "service",
        "How many of the unhappy tell us?",
        "answers in the worst group of the main score with a complaint within 90 days before or "
        "after, over all answers in it around which 90 days are known",
        "share",
        "share",
        {"scores:": ("answered_at",), "complaints": ()},
        "SELECT s.customer, s.seen_at, s.weight, s.wave, s.answer, s.home, CASE WHEN "
        "count(c.seen_at) "
        "> 0 THEN 1 ELSE 0 END AS x FROM {scores} AS s LEFT JOIN {complaints} AS c ON c.customer = "
        "s.customer AND c.seen_at >= s.seen_at - INTERVAL 90 DAY AND c.seen_at < s.seen_at + "
        "INTERVAL "
        "90 DAY WHERE s.main = 1 AND s.good = -1 AND s.seen_at - INTERVAL 90 DAY >= {begin} AND "
        "s.seen_at + INTERVAL 90 DAY <= {until} GROUP BY s.customer, s.seen_at, s.weight, s.wave, "
        "s.answer, s.home",
        articles=("A0",),
        weighted=True,
    ),
    Metric(
        "silent_leavers",
        "Silent leavers",
        "service",
        "How many leave without a word?",
        "customers who left and had no contact in the 180 days before over all who left when "
        "contacts "
        "had been known for so long; who subscribes again within 30 days has not left",
        "share",
        "share",
        {"subscriptions": ("started_at", "cancelled_at"), "contacts": ("opened_at",)},
        "SELECT l.customer, l.seen_at, CASE WHEN count(c.opened_at) > 0 THEN 0 ELSE 1 END AS x "
        "FROM "
        "{left} AS l LEFT JOIN {contacts} AS c ON c.customer = l.customer AND c.opened_at < "
        "l.seen_at "
        "AND c.opened_at >= l.seen_at - INTERVAL 180 DAY WHERE l.seen_at - INTERVAL 180 DAY >= "
        "{begin} AND l.seen_at - INTERVAL 180 DAY >= (SELECT min(opened_at) FROM {contacts}) "
        "GROUP BY l.customer, l.seen_at",
        better="lower",
        articles=("A0",),
    ),
)
