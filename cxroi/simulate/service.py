"""Service in a simulated company: what contacts were about, calls, tickets and tasks.

Every contact by phone is a call, every other one a ticket, at the same moment.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .company import DAY, Columns
from .ground import HOUR, PHONE, Ground, by_time, pick
from .worlds import Flags, Floats, Ints, expit

REASONS: Final = {
    "billing": 0.15, "delivery": 0.30, "product": 0.25, "account": 0.15, "technical": 0.15,
}  # fmt: skip
BILLING_AFTER: Final = 0.40  # share of contacts about bills from the week of the change on
COMPLAINS: Final = {"none": 0.08, "detractor": 0.24, "passive": 0.08, "promoter": 0.04}
WAIT_SECONDS: Final = 130.0
ABANDONS: Final = (-3.6, 0.8)  # logit of leaving a call: intercept, per minute of waiting
TEAMS, TEAM_SIZE = 6, 5
FIRST_RESPONSE_HOURS: Final = {"chat": 0.5, "email": 9.0}  # medians
SAME_ISSUE_DAYS, SAME_ISSUE = 14, 0.6
RESOLVED: Final = 0.92
TASKS: Final = {"track an order": 45, "change an address": 60, "pay a bill": 90, "find help": 120}
TASKS_EACH: Final = 2.0


def service(ground: Ground, rng: np.random.Generator) -> dict[str, Columns]:
    """Return the columns of contacts, calls, tickets and tasks."""
    contacts = ground.contacts
    channel = contacts["extra"] % 3
    contacts = contacts | {
        "channel": channel,
        "reason": _reasons(ground, contacts["at"], rng),
        "complaint": _complaints(ground, contacts["customer"], rng),
        "minutes": np.rint(rng.gamma(2.0, 4.5, len(channel))).astype(np.int64),
    }
    issue, last = _issues(contacts, rng)
    calls = _calls(ground, contacts | {"issue": issue, "last": last}, rng)
    tickets = _tickets(ground, contacts | {"issue": issue, "last": last}, rng)
    return {"contacts": contacts, "calls": calls, "tickets": tickets, "tasks": _tasks(ground, rng)}


def team_mood() -> Floats:
    """Return how content each team is, from -1.2 to 1.2, mean 0."""
    return np.linspace(-1.2, 1.2, TEAMS)


def abandon_odds(minutes: Floats) -> Floats:
    """Return the chance that a call is left after so many minutes of waiting."""
    return expit(ABANDONS[0] + ABANDONS[1] * minutes)


def _reasons(ground: Ground, at: Ints, rng: np.random.Generator) -> Ints:
    """Draw what contacts are about: bills far more often after the week of the change."""
    base = np.array(list(REASONS.values()))
    later = base * (1 - BILLING_AFTER) / (1 - base[0])
    later[0] = BILLING_AFTER
    before, after = (pick(shares, len(at), rng) for shares in (base, later))
    return ground.dealt(np.where(at >= ground.change, after, before), rng)


def _complaints(ground: Ground, customer: Ints, rng: np.random.Generator) -> Ints:
    rate = np.array(list(COMPLAINS.values()))[ground.group[customer] + 1]
    return ground.dealt((rng.random(len(customer)) < rate).astype(np.int64), rng)


def _issues(contacts: Columns, rng: np.random.Generator) -> tuple[Ints, Flags]:
    """Return the issue of each contact, and whether it is the last one about it."""
    order = np.lexsort((contacts["at"], contacts["customer"]))
    who, at = contacts["customer"][order], contacts["at"][order]
    again = np.zeros(len(order), dtype=bool)
    again[1:] = (np.diff(who) == 0) & (np.diff(at) < SAME_ISSUE_DAYS * DAY)
    again &= rng.random(len(order)) < SAME_ISSUE
    number = np.cumsum(~again)
    issue, last = np.empty_like(number), np.ones(len(order), dtype=bool)
    issue[order] = number
    last[order[:-1]] = ~again[1:]
    return issue, last


def _calls(ground: Ground, contacts: Columns, rng: np.random.Generator) -> Columns:
    phone = {name: v[contacts["channel"] == PHONE] for name, v in contacts.items()}
    n = len(phone["at"])
    waited = np.rint(rng.exponential(WAIT_SECONDS, n)).astype(np.int64)
    left = ground.dealt((rng.random(n) < abandon_odds(waited / 60.0)).astype(np.int64), rng)
    solved = (left == 0) & phone["last"] & (rng.random(n) < RESOLVED)
    return {
        "customer": phone["customer"], "at": phone["at"], "waited_seconds": waited,
        "abandoned": left, "resolved": solved.astype(np.int64),
        "agent": np.where(left == 1, -1, rng.integers(0, TEAMS * TEAM_SIZE, n)),
        "minutes": np.where(left == 1, 0, phone["minutes"]), "issue": phone["issue"],
    }  # fmt: skip


def _tickets(ground: Ground, contacts: Columns, rng: np.random.Generator) -> Columns:
    held = {name: v[contacts["channel"] != PHONE] for name, v in contacts.items()}
    at, n = held["at"], len(held["at"])
    median = np.array(list(FIRST_RESPONSE_HOURS.values()))[held["channel"] - 1]
    responded = at + (HOUR * median * rng.lognormal(0.0, 1.1, n)).astype(np.int64) + 30
    solved = responded + (HOUR * rng.lognormal(np.log(16.0), 1.2, n)).astype(np.int64) + 60
    end = ground.end[held["customer"]]
    resolved = held["last"] & (rng.random(n) < RESOLVED) & (solved < end)
    offered = 1 + rng.poisson(0.6, n)
    return {
        "customer": held["customer"], "at": at, "channel": held["channel"],
        "first_response_at": np.where(responded < end, responded, 0),
        "resolved_at": np.where(resolved, solved, 0), "resolved": resolved.astype(np.int64),
        "transfers": rng.poisson(0.4, n), "issue": held["issue"], "minutes": held["minutes"],
        "reason": held["reason"], "complaint": held["complaint"],
        "began_at": at - (HOUR * rng.lognormal(0.0, 1.0, n)).astype(np.int64) - 60,
        "solutions": offered, "identified": (rng.random(n) < 0.85).astype(np.int64),
    }  # fmt: skip


def _tasks(ground: Ground, rng: np.random.Generator) -> Columns:
    who = np.repeat(ground.web, rng.poisson(TASKS_EACH, len(ground.web)))
    task = rng.integers(0, len(TASKS), len(who))
    expected = np.array(list(TASKS.values()))[task]
    began = ground.moments(who, rng)
    needed = np.maximum((expected * rng.lognormal(np.log(0.6), 0.6, len(who))).astype(np.int64), 5)
    ended = began + needed
    done = (rng.random(len(who)) < 0.94) & (ended < ground.end[who])
    columns = {
        "customer": who, "at": began, "completed_at": np.where(done, ended, 0),
        "expected_seconds": expected, "task": task,
    }  # fmt: skip
    return by_time(columns, "at")


def service_truth(ground: Ground, tables: dict[str, Columns]) -> dict[str, Any]:
    """Return what is planted in contacts and calls."""
    contacts = tables["contacts"]
    share = float((contacts["reason"] == 0).mean())
    day = np.datetime64(ground.change, "s").astype("datetime64[D]")
    planted = ground.planted
    return {
        "change_point": {
            "table": "contacts", "reason": "billing", "from": str(day) if planted else None,
            "share_before": REASONS["billing"] if planted else share,
            "share_after": BILLING_AFTER if planted else share,
        },
        "waiting": {
            "log_odds_of_abandoning_per_minute": ground.effect(ABANDONS[1]),
            "share_abandoned": float(tables["calls"]["abandoned"].mean()),
        },
        "complaints": {
            "share_of_contacts": float(contacts["complaint"].mean()),
            "by_group": dict(COMPLAINS) if planted else None,
        },
    }  # fmt: skip
