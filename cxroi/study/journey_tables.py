"""Tables and columns that metrics and journeys read, and the ROI does not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from .keys import AMOUNT_IN, Keys, column

_at = partial(column, required=True, cells="time")
_later = partial(column, required=True, cells="time", blank=True)
_what = partial(column, required=True)
_time = partial(column, cells="time")
_number = partial(column, cells="size")
_yes_no = partial(column, cells="yes_no")

_CHANNEL = column("by which way, such as phone, shop or app")
_TOUCHPOINT = column("about which part of the journey, such as delivery")
_PRODUCT = column("which product it is about")
_AGENT = column("who of the staff served the customer, or their team")
_ISSUE = column("number of the customer's problem, which several contacts may be about")
_REASON = column("the reason that was given")
_MINUTES = _number("minutes that it took the staff")
_RESOLVED = _yes_no("whether the problem was solved")
_COMPLAINT = _yes_no("whether the customer complained")
_SESSION = column("number of the visit; left out: one ends after 30 minutes without anything")

_OF_INVITATIONS: Keys = {
    "touchpoint": _TOUCHPOINT,
    "channel": _CHANNEL,
    "event_at": _time("when what is asked about happened"),
    "questions": _number("how many questions the survey has"),
}
PROSPECT = "prospect"
STAGES = (PROSPECT, "active", "former")
# Columns of tables that the ROI reads too.
COLUMNS_BESIDE: Mapping[str, Keys] = {
    "customers": {
        "stage": column(
            "`prospect`, `active` or `former`; blank: a customer. What prospects said, and what "
            "customers said before they became one, is left out of the ROI, and a table with "
            "prospects in it must say who they are",
            cells="stage",
        ),
        "acquired_at": _time(
            "when they became a customer; blank: with the first order or subscription"
        ),
        "onboarding": column("the way in which they were introduced"),
        "wallet": column(
            "what the customer spends in the category in a year, at whomever's", cells="amount"
        ),
        "email": column("address; kept as its SHA-256 alone", cells="key"),
    },
    "responses": {
        "touchpoint": _TOUCHPOINT,
        "channel": _CHANNEL,
        "product": _PRODUCT,
        "agent": _AGENT,
    },
    "orders": {"product": _PRODUCT, "channel": _CHANNEL},
    "contacts": {
        "channel": _CHANNEL,
        "reason": column("what it was about"),
        "minutes": _MINUTES,
        "complaint": _COMPLAINT,
    },
    "subscriptions": {
        "amount": column("recurring revenue a month", cells="amount"),
        "reason": column("why it was cancelled"),
        "left_for": column("to which competitor; blank: to none that is known"),
    },
    "invitations": _OF_INVITATIONS,
}
NO_CUSTOMER = frozenset(
    ("products", "campaigns", "posts", "staff", "staff_answers", "company_events", "acquisition")
)
TABLES_BESIDE: Mapping[str, tuple[str, Keys]] = {
    "ratings": (
        "one row a filled-in questionnaire whose answers are other scores, see `[scores.NAME]`",
        {
            "answered_at": _at("when it was answered"),
            "touchpoint": _TOUCHPOINT,
            "channel": _CHANNEL,
            "product": _PRODUCT,
            "agent": _AGENT,
            "phase": column("phase of the journey"),
            "comment": column("what the customer wrote"),
        },
    ),
    "rating_invitations": (
        "one row an invitation to a questionnaire whose answers are in `ratings`",
        {"invited_at": _at("when the customer was asked"), **_OF_INVITATIONS},
    ),
    "prospects": (
        "one row a person who had not bought when first seen",
        {
            "first_seen_at": _at("when first seen"),
            "became_customer_at": _later("when they became a customer; blank: not yet"),
            "score": column("their answer, on the scale of `[scale]`", cells="number"),
        },
    ),
    "products": (
        "one row a product",
        {"product": _what("its name or number"), "line": column("its product line")},
    ),
    "events": (
        "one row a thing that a customer or visitor did, such as a click",
        {
            "happened_at": _at("when"),
            "event": _what("what"),
            "session": _SESSION,
            "channel": _CHANNEL,
        },
    ),
    "page_views": (
        "one row a page seen by a customer or visitor",
        {
            "viewed_at": _at("when"),
            "page": _what("which page"),
            "session": _SESSION,
            "kind": column("kind of the page, such as contact or product"),
            "seconds": _number("time on the page"),
            "scroll": _number("share of the page that was scrolled through, 0 to 1"),
        },
    ),
    "visits": (
        "one row a visit to the site; its customer is the visitor",
        {"visited_at": _at("when")},
    ),
    "feature_use": (
        "one row a use of a feature",
        {"used_at": _at("when"), "feature": _what("which")},
    ),
    "campaigns": (
        "one row a message sent, or a campaign; its customer may be blank",
        {
            "sent_at": _at("when"),
            "campaign": column("which"),
            "impressions": _number("how often it was shown or delivered"),
            "opens": _number("how often it was opened"),
            "clicks": _number("how often it was clicked"),
        },
    ),
    "posts": (
        "one row a post of the company in social media",
        {
            "posted_at": _at("when"),
            "impressions": _number("how often it was shown"),
            "likes": _number("how many liked it"),
            "shares": _number("how many passed it on"),
            "comments": _number("how many commented on it"),
        },
    ),
    "mentions": (
        "one row a mention of the company by a customer",
        {
            "mentioned_at": _at("when"),
            "touchpoint": _TOUCHPOINT,
            "feeling": column("-1 bad, 0 neither, 1 good", cells="number"),
        },
    ),
    "carts": (
        "one row a cart",
        {
            "created_at": _at("when it was begun"),
            "bought_at": _later("when it was bought; blank: never"),
            "value": column("worth of what was in it", cells="amount"),
            "reason": column("why it was left"),
            "amount_in": AMOUNT_IN,
        },
    ),
    "calls": (
        "one row a call to customer service",
        {
            "called_at": _at("when"),
            "abandoned": _yes_no("whether the caller hung up while waiting", required=True),
            "waited_seconds": _number("seconds until it was answered or abandoned"),
            "resolved": _RESOLVED,
            "agent": _AGENT,
            "minutes": _MINUTES,
            "issue": _ISSUE,
        },
    ),
    "tickets": (
        "one row a request in writing",
        {
            "opened_at": _at("when it was opened"),
            "channel": _CHANNEL,
            "first_response_at": _time("when it was first answered; blank: not yet"),
            "resolved_at": _time("when it was solved; blank: not yet"),
            "resolved": _RESOLVED,
            "transfers": _number("how often it was handed on"),
            "issue": _ISSUE,
            "minutes": _MINUTES,
            "reason": column("what it was about"),
            "complaint": _COMPLAINT,
            "began_at": _time("when the customer began to look for a solution"),
            "solutions": _number("solutions that were offered"),
            "identified": _yes_no("whether the problem was rightly identified at first"),
        },
    ),
    "tasks": (
        "one row a task that a customer began, such as a self-service step",
        {
            "started_at": _at("when it was begun"),
            "completed_at": _later("when it was completed; blank: never"),
            "expected_seconds": _number("seconds in which it is expected to be completed"),
            "task": column("which"),
        },
    ),
    "referrals": (
        "one row a person whom a customer brought; its customer is who referred",
        {
            "referred_at": _at("when"),
            "referred": column("id of the person referred, as in the other tables", True),
        },
    ),
    "offers": (
        "one row a customer of a pilot who was offered something, or held out, by chance",
        {
            "offered_at": _at("when offered, or when held out"),
            "offered": column("whether offered; no: held out", True, cells="yes_no", blank=False),
            "pilot": column("name of the pilot, where there are several"),
            "unit": column(
                "what was assigned by chance, such as a team or a shop, where it was not each "
                "customer; blank: the customer"
            ),
        },
    ),
    "staff": (
        "one row a member of the staff",
        {"staff": _what("their number"), "team": column("their team")},
    ),
    "staff_answers": (
        "one row an answer of the staff to a survey",
        {
            "staff": _what("who"),
            "answered_at": _at("when"),
            "score": column(
                "0 to 10, would they recommend working here", True, cells="number", blank=False
            ),
            "team": column("their team"),
        },
    ),
    "expectations": (
        "one row an expectation of a customer, and how far it was met",
        {
            "item": _what("what was expected"),
            "expected": column("how much, on any scale", True, cells="number", blank=False),
            "performance": column(
                "how far it was met, on the same scale", True, cells="number", blank=False
            ),
            "stated_at": _time("when it was said"),
        },
    ),
    "company_events": (
        "one row an event of the company that may move scores, such as an outage",
        {
            "happened_at": _at("when"),
            "event": _what("what"),
            "kind": column("of which kind"),
        },
    ),
    "acquisition": (
        "one row a sum spent on winning customers",
        {
            "spent_at": _at("when"),
            "amount": column("how much", True, cells="amount", blank=False),
            "channel": _CHANNEL,
            "amount_in": AMOUNT_IN,
        },
    ),
}
