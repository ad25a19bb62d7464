"""Service: contacts, calls, tickets, carts, and what they cost customers."""

from __future__ import annotations

from .metric import Band, Metric


def per_customer(table: str, at: str, where: str = "", days: int = 90) -> str:
    """Return the SQL of how many rows of a table each customer has in so many days."""
    return (
        f"SELECT p.customer, NULL::TIMESTAMP AS seen_at, coalesce(k, 0) * {days}.0 / {{days}} AS "
        f"x FROM {{people}} AS p LEFT JOIN (SELECT customer, count(*) AS k FROM {{{table}}} WHERE "
        f"{at} >= {{start}} AND {at} < {{end}}{where} GROUP BY customer) AS c "
        "ON c.customer = p.customer"
    )


# One row an issue: calls and tickets about it, and how it went.
_ISSUES = (
    "SELECT min(customer) AS customer, min(seen_at) AS seen_at, count(*) AS contacts, "
    "count(DISTINCT channel) AS channels, sum(transfers) AS transfers, sum(minutes) AS minutes "
    "FROM (SELECT customer, issue, called_at AS seen_at, 'phone' AS channel, 0 AS transfers, "
    "minutes FROM {calls} UNION ALL SELECT customer, issue, opened_at, channel, "
    "coalesce(transfers, 0), minutes FROM {tickets}) AS c WHERE issue IS NOT NULL GROUP BY issue"
)
_ISSUE_NEEDS = {"calls": ("called_at", "issue"), "tickets": ("opened_at", "issue", "channel")}
_ISSUE_MORE = {"calls": ("minutes",), "tickets": ("transfers", "minutes")}


def _of_issue(name: str, title: str, question: str, what: str, unit: str, column: str) -> Metric:
    return Metric(
        name,
        title,
        "service",
        question,
        f"{what} of an issue, over calls and tickets with its number",
        unit,
        "mean",
        _ISSUE_NEEDS,
        f"SELECT customer, seen_at, {column} AS x FROM ({_ISSUES}) AS i",
        better="lower",
        articles=("A3",),
        optional=_ISSUE_MORE,
    )


# Complaints from wherever they are told apart.
_COMPLAINTS = "SELECT customer, opened_at AS seen_at FROM {tickets} WHERE complaint = 1"
_LEFT = (
    "SELECT customer, max(cancelled_at) AS ended FROM {subscriptions} GROUP BY customer "
    "HAVING count(*) = count(cancelled_at)"
)

SERVICE = (
    Metric(
        "contact_volume",
        "Contact volume",
        "service",
        "How many contacts are there?",
        "contacts a month",
        "contacts a month",
        "total",
        {"contacts": ("opened_at",)},
        "SELECT customer, opened_at AS seen_at, 1.0 / {months} AS x FROM {contacts}",
        better="lower",
        articles=("A0",),
    ),
    Metric(
        "contact_volume_by_channel",
        "Contact volume by channel",
        "service",
        "From where do contacts come?",
        "contacts a month, by channel",
        "contacts a month",
        "total",
        {"contacts": ("opened_at", "channel")},
        "SELECT customer, opened_at AS seen_at, 1.0 / {months} AS x, channel AS part FROM "
        "{contacts}",
        better="lower",
        articles=("A0",),
        parts="channel",
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
        "agent_minutes",
        "Minutes of the staff per call",
        "service",
        "How much time of the staff goes into a call?",
        "mean minutes of answered calls",
        "minutes",
        "mean",
        {"calls": ("called_at", "minutes")},
        "SELECT customer, called_at AS seen_at, minutes AS x FROM {calls} WHERE abandoned = 0",
        better="lower",
        articles=("A0",),
    ),
    Metric(
        "first_response_time",
        "First response time",
        "service",
        "How long do customers wait for a first answer?",
        "median hours from opening a ticket to its first answer, of those answered",
        "hours",
        "median",
        {"tickets": ("opened_at", "first_response_at")},
        "SELECT customer, opened_at AS seen_at, date_diff('second', opened_at, "
        "first_response_at) / 3600.0 AS x FROM {tickets} WHERE first_response_at >= opened_at",
        better="lower",
        articles=("A0",),
    ),
    Metric(
        "resolution_time",
        "Resolution time",
        "service",
        "How long until a problem is solved?",
        "median hours from opening a ticket to its solution, of those solved",
        "hours",
        "median",
        {"tickets": ("opened_at", "resolved_at")},
        "SELECT customer, opened_at AS seen_at, date_diff('second', opened_at, resolved_at) / "
        "3600.0 AS x FROM {tickets} WHERE resolved_at >= opened_at",
        better="lower",
        articles=("A0",),
    ),
    Metric(
        "time_to_solution",
        "Time to solution",
        "service",
        "How long from beginning to look for a solution until having it?",
        "median hours from when the customer began to look to the solution, of those solved",
        "hours",
        "median",
        {"tickets": ("began_at", "resolved_at")},
        "SELECT customer, opened_at AS seen_at, date_diff('second', began_at, resolved_at) / "
        "3600.0 AS x FROM {tickets} WHERE resolved_at >= began_at",
        better="lower",
        articles=("A2",),
    ),
    Metric(
        "solutions_offered",
        "Solutions offered",
        "service",
        "How many solutions does it take?",
        "mean number of solutions offered on a ticket",
        "solutions",
        "mean",
        {"tickets": ("opened_at", "solutions")},
        "SELECT customer, opened_at AS seen_at, solutions AS x FROM {tickets}",
        better="",
        articles=("A2",),
    ),
    Metric(
        "rightly_identified",
        "Problem rightly identified",
        "service",
        "Is the problem understood at first?",
        "tickets whose problem was rightly identified over tickets where that is known",
        "share",
        "share",
        {"tickets": ("opened_at", "identified")},
        "SELECT customer, opened_at AS seen_at, identified AS x FROM {tickets}",
        articles=("A2",),
    ),
    Metric(
        "call_abandonment",
        "Call abandonment",
        "service",
        "How many callers hang up while waiting?",
        "calls left while waiting over all calls",
        "share",
        "share",
        {"calls": ("called_at", "abandoned")},
        "SELECT customer, called_at AS seen_at, abandoned AS x FROM {calls}",
        better="lower",
        articles=("A2",),
    ),
    Metric(
        "hold_time",
        "Hold time",
        "service",
        "How long do callers wait?",
        "median seconds until a call was answered or abandoned",
        "seconds",
        "median",
        {"calls": ("called_at", "waited_seconds")},
        "SELECT customer, called_at AS seen_at, waited_seconds AS x FROM {calls}",
        better="lower",
        articles=("A2",),
    ),
    Metric(
        "calls_resolved",
        "Calls that solved the problem",
        "service",
        "How many calls end with a solution?",
        "answered calls that solved the problem over answered calls where that is known",
        "share",
        "share",
        {"calls": ("called_at", "abandoned", "resolved")},
        "SELECT customer, called_at AS seen_at, resolved AS x FROM {calls} WHERE abandoned = 0",
        articles=("A2",),
    ),
    Metric(
        "call_attempts",
        "Attempts until a call is answered",
        "service",
        "How often must customers call?",
        "calls over answered calls",
        "calls per answered call",
        "ratio",
        {"calls": ("called_at", "abandoned")},
        "SELECT customer, called_at AS seen_at, 1 AS x, 1 - abandoned AS y FROM {calls}",
        better="lower",
        articles=("A2",),
    ),
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
        {"tickets": ("opened_at", "complaint"), "people": ()},
        per_customer("tickets", "opened_at", " AND complaint = 1"),
        better="lower",
        articles=("A1",),
    ),
    Metric(
        "unhappy_who_complain",
        "Unhappy customers who complain",
        "service",
        "How many of the unhappy tell us?",
        "answers in the worst group of the main score with a complaint within 90 days before or "
        "after, over all answers in it",
        "share",
        "share",
        {"responses": ("answered_at",), "tickets": ("opened_at", "complaint"), "scores:": ()},
        "SELECT s.customer, s.seen_at, CASE WHEN EXISTS (SELECT 1 FROM ("
        + _COMPLAINTS
        + ") AS c WHERE "
        "c.customer = s.customer AND c.seen_at >= s.seen_at - INTERVAL 90 DAY AND c.seen_at < "
        "s.seen_at + INTERVAL 90 DAY) THEN 1 ELSE 0 END AS x FROM {scores} AS s "
        "WHERE s.main = 1 AND s.good = -1",
        articles=("A0",),
    ),
    Metric(
        "silent_leavers",
        "Silent leavers",
        "service",
        "How many leave without a word?",
        "customers who left and had no contact in the 180 days before over all who left",
        "share",
        "share",
        {"subscriptions": ("cancelled_at",), "contacts": ("opened_at",)},
        "SELECT l.customer, l.ended AS seen_at, CASE WHEN EXISTS (SELECT 1 FROM {contacts} AS c "
        "WHERE c.customer = l.customer AND c.opened_at < l.ended AND c.opened_at >= l.ended - "
        "INTERVAL 180 DAY) THEN 0 ELSE 1 END AS x FROM (" + _LEFT + ") AS l",
        better="lower",
        articles=("A0",),
    ),
    _of_issue(
        "contacts_per_issue",
        "Contacts per issue",
        "How often must customers come back with the same problem?",
        "mean number of contacts",
        "contacts",
        "contacts",
    ),
    _of_issue(
        "channels_per_issue",
        "Channels per issue",
        "How many ways must customers try?",
        "mean number of channels",
        "channels",
        "channels",
    ),
    _of_issue(
        "transfers_per_issue",
        "Transfers per issue",
        "How often are customers handed on?",
        "mean number of transfers",
        "transfers",
        "transfers",
    ),
    _of_issue(
        "minutes_per_issue",
        "Minutes per issue",
        "How much time does a problem take?",
        "mean minutes of the staff",
        "minutes",
        "minutes",
    ),
)
