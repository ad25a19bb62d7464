"""Service: contacts, calls and tickets."""

from __future__ import annotations

from .metric import Metric

# One row an issue of a customer: calls and tickets about it, and how it went.
_ISSUES = (
    "SELECT customer, min(seen_at) AS seen_at, count(*) AS contacts, count(DISTINCT channel) AS "
    "channels, sum(transfers) AS transfers, sum(minutes) AS minutes FROM {about_issues} AS a "
    "GROUP BY customer, issue"
)


def _of_issue(name: str, title: str, question: str, what: str, unit: str, column: str) -> Metric:
    return Metric(
        name,
        title,
        "service",
        question,
        f"{what} of an issue, over the contacts of a customer with its number",
        unit,
        "mean",
        {"about_issues": ()},
        f"SELECT customer, seen_at, {column} AS x FROM ({_ISSUES}) AS i",
        better="lower",
        articles=("A3",),
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
        "contact_volume_by_weekday",
        "Contact volume by day of the week",
        "service",
        "On which days do contacts come?",
        "contacts a month, by day of the week",
        "contacts a month",
        "total",
        {"contacts": ("opened_at",)},
        "SELECT customer, opened_at AS seen_at, 1.0 / {months} AS x, CASE date_diff('day', "
        "TIMESTAMP "
        "'1900-01-01 00:00:00', opened_at) % 7 WHEN 0 THEN '1 Monday' WHEN 1 THEN '2 Tuesday' WHEN "
        "2 "
        "THEN '3 Wednesday' WHEN 3 THEN '4 Thursday' WHEN 4 THEN '5 Friday' WHEN 5 THEN '6 "
        "Saturday' "
        "ELSE '7 Sunday' END AS part FROM {contacts}",
        better="",
        articles=("A0",),
        parts="day of the week",
    ),
    Metric(
        "contact_volume_by_hour",
        "Contact volume by hour",
        "service",
        "At which hours do contacts come?",
        "contacts a month, by the hour in which they began",
        "contacts a month",
        "total",
        {"contacts": ("opened_at",)},
        "SELECT customer, opened_at AS seen_at, 1.0 / {months} AS x, CASE WHEN hour < 10 THEN '0' "
        "ELSE "
        "'' END || CAST(hour AS VARCHAR) || ' h' AS part FROM (SELECT customer, opened_at, "
        "date_diff('hour', date_trunc('day', opened_at), opened_at) AS hour FROM {contacts}) AS c",
        better="",
        articles=("A0",),
        parts="hour",
        clock=("contacts", "opened_at"),
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
        "First response time (of those answered)",
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
        "Resolution time (of those solved)",
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
        "Time to solution (of those solved)",
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
        "Waiting time in the queue",
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
        "Calls per answered call",
        "service",
        "How often must customers call?",
        "calls over answered calls; attempts of all customers together, not until one gets through",
        "calls per answered call",
        "ratio",
        {"calls": ("called_at", "abandoned")},
        "SELECT customer, called_at AS seen_at, 1 AS x, 1 - abandoned AS y FROM {calls}",
        better="lower",
        articles=("A2",),
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
