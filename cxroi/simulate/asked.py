"""Who was asked to answer what in a simulated company: the main survey, and surveys of service.

Whether the main survey was answered is drawn already, by the score. What it was about, how long
after the event it came and how long it was are drawn given that, so that the answer rate goes
with them as planted. A survey of service follows a contact or an order, never in the month before
the main one; its answers are ratings.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .company import DAY, STEP, Columns
from .ground import HOUR, Ground, by_time, choose, counted, first_after, joined, latest_before, pick
from .worlds import Flags, Floats, Ints, expit

TOUCHPOINTS: Final = ("website", "app", "purchase", "support", "delivery")
MAIN: Final = {"website": 0.18, "app": 0.22, "purchase": 0.30, "support": 0.38}  # rates, day 0
BASE: Final = (0.25, 0.20, 0.30, 0.25)  # how often each is chosen, where there is a choice
SUPPORT, DELIVERY = 3, 4
FADES_DAYS: Final = 30.0  # an answer rate falls to 1 / e in so many days after the event
LOOK_BACK_DAYS: Final = 60
LENGTHS: Final = {3: 1.3, 8: 1.0, 15: 0.6}  # questions: rate, relative to 8 questions
LENGTH_SHARES: Final = (0.4, 0.35, 0.25)
ASK_CHANNELS: Final = {"email": 0.6, "sms": 0.2, "app": 0.2}
FATIGUE: Final = (-0.9, -0.6)  # logit of answering: when asked once before in 90 days, each more
TIRED: Final = (0.62, 1.15)  # chance of being asked, of who answers the next main survey, and not
ASKED_AFTER: Final = {"support": 0.4, "delivery": 0.15}
QUIET_DAYS: Final = 31  # before the main survey, in which nothing else is asked
ANY_RATE: Final = 0.27  # of the main survey, about


def main_survey(ground: Ground, rng: np.random.Generator) -> Columns:
    """Return the invitations to the main survey with what they were about."""
    invited = ground.invitations
    n = len(invited["at"])
    answered = ground.answered
    visit, day, about_visit = _visits(ground, answered, rng)
    last, rate = _last_events(ground, invited)
    often = np.array(BASE[2:]) * (last > 0)
    weight = np.column_stack([about_visit, often * _chance(ground, rate, answered)])
    given = choose(weight, rng) - 1  # -1: a visit
    ago = 60 + ((day + rng.random(n)) * DAY).astype(np.int64)
    lengths = np.tile(np.array(tuple(LENGTHS.values())), (n, 1))
    chance = _chance(ground, ANY_RATE * lengths, answered)
    length = choose(np.array(LENGTH_SHARES) * chance, rng)
    return invited | {
        "touchpoint": np.where(given < 0, visit, 2 + given),
        "channel": pick(ASK_CHANNELS.values(), n, rng),
        "event_at": np.where(given < 0, invited["at"] - ago, last[np.arange(n), given]),
        "questions": np.array(list(LENGTHS))[length],
    }


def _chance(ground: Ground, rate: Floats, answered: Flags) -> Floats:
    """Return the chance of what happened under each rate; the same for all without effects."""
    if not ground.planted:
        return np.ones_like(rate)
    return np.where(answered[:, None], rate, 1.0 - rate)


def _rate(touchpoint: Any, days: Any) -> Floats:
    """Return how often is answered what is asked so many days after a touchpoint."""
    at_once = np.array(list(MAIN.values()))[touchpoint]
    return np.asarray(1.6 * at_once * np.exp(-days / FADES_DAYS), dtype=np.float64)


def _visits(ground: Ground, answered: Flags, rng: np.random.Generator) -> tuple[Ints, Ints, Floats]:
    """Return a visit to the website or app that each could be about, days ago, and its weight."""
    days = int(FADES_DAYS)
    touchpoint, day = np.divmod(np.arange(2 * days), days)
    often = np.array(BASE)[touchpoint] / days
    cell, weight = np.empty(len(answered), dtype=np.int64), np.empty(len(answered))
    for said in (False, True):
        rows = answered == said
        chance = often * _chance(ground, _rate(touchpoint, day)[None, :], np.array([said]))[0]
        cell[rows] = pick(chance, int(rows.sum()), rng)
        weight[rows] = chance.sum()
    return touchpoint[cell], day[cell], weight


def _last_events(ground: Ground, invited: Columns) -> tuple[Ints, Floats]:
    """Return each customer's last order and contact before (0: long ago), and answer rates."""
    at, last = invited["at"], []
    for table in (ground.orders, ground.contacts):
        row = latest_before(table, invited["customer"], at)
        when = table["at"][np.maximum(row, 0)]
        last.append(np.where((row >= 0) & (when > at - LOOK_BACK_DAYS * DAY), when, 0))
    event = np.column_stack(last)
    return event, _rate(np.array([2, 3]), (at[:, None] - event) // DAY)


def service_surveys(
    ground: Ground, tables: dict[str, Columns], rng: np.random.Generator
) -> Columns:
    """Return the invitations to rate a contact or a delivery, with when they were answered.

    ``ticket`` is the row of the ticket, ``call`` of the call that it follows; -1 for none.
    """
    pieces = [_after(ground, *event, rng) for event in _events(tables, ground)]
    asked = joined(pieces)
    asked = by_time(asked, "at", _may_be_asked(ground, asked))
    both = [{key: part[key] for key in ("customer", "at")} for part in (ground.invitations, asked)]
    everything = joined(both)
    before = counted(everything, asked["customer"], asked["at"] - 90 * DAY, asked["at"])
    logit = FATIGUE[0] + FATIGUE[1] * (before.astype(np.float64) - 1.0)
    replied = ground.dealt(rng.random(len(before)) < expit(logit), rng)
    when = asked["at"] + 300 + (HOUR * rng.exponential(20.0, len(before))).astype(np.int64)
    replied &= when < ground.end[asked["customer"]]
    return asked | {
        "channel": pick(ASK_CHANNELS.values(), len(before), rng),
        "questions": np.full(len(before), 3),
        "answered_at": np.where(replied, when, 0),
    }


def _events(tables: dict[str, Columns], ground: Ground) -> list[tuple[str, Columns, Ints, Flags]]:
    """Return what a survey of service may follow: customers, when it was over, which count."""
    tickets, calls = tables["tickets"], tables["calls"]
    after = np.maximum(
        tickets["at"], np.maximum(tickets["first_response_at"], tickets["resolved_at"])
    )
    whole = np.ones(len(ground.orders["at"]), dtype=bool)
    return [
        ("ticket", tickets, after, tickets["first_response_at"] > 0),
        ("call", calls, calls["at"] + 60 * calls["minutes"], calls["abandoned"] == 0),
        ("order", ground.orders, ground.orders["at"] + 3 * DAY, whole),
    ]


def _after(
    ground: Ground, kind: str, table: Columns, over: Ints, known: Flags, rng: np.random.Generator
) -> Columns:
    share = ASKED_AFTER["delivery" if kind == "order" else "support"]
    chance = share * _tired(ground, table)
    rows = np.flatnonzero(known & (rng.random(len(known)) < chance))
    none = np.full(len(rows), -1)
    return {
        "customer": table["customer"][rows],
        "at": over[rows] + HOUR + (rng.random(len(rows)) * 2 * DAY).astype(np.int64),
        "event_at": over[rows],
        "touchpoint": np.full(len(rows), DELIVERY if kind == "order" else SUPPORT),
        "ticket": rows if kind == "ticket" else none,
        "call": rows if kind == "call" else none,
    }


def _tired(ground: Ground, events: Columns) -> Floats:
    """Return how much more those are asked who do not answer the main survey after it."""
    row = first_after(ground.invitations, events["customer"], events["at"])
    chance = np.where(ground.answered[np.maximum(row, 0)], *TIRED)
    return np.where((row >= 0) & ground.planted, chance, 1.0)


def _may_be_asked(ground: Ground, asked: Columns) -> Flags:
    """Return which are of customers at the time, and neither just before the main survey nor on it.

    That comes every 91 days from the first answer on.
    """
    at, who = asked["at"], asked["customer"]
    into = (at - ground.company.people.first_answer[who]) % STEP
    free = (into > DAY) & (into < STEP - QUIET_DAYS * DAY)
    return np.asarray(free & (at < ground.end[who]), dtype=np.bool_)


def asked_truth(ground: Ground) -> dict[str, Any]:
    """Return what is planted in who answers."""
    effect = ground.effect
    return {
        "touchpoints": {
            "rate_relative_to_website": {
                name: rate / MAIN["website"] if ground.planted else 1.0
                for name, rate in MAIN.items()
            },
            "rate_change_per_day_since_event": effect(float(np.expm1(-1 / FADES_DAYS))),
        },
        "fatigue": {
            "log_odds_of_answering_per_earlier_invitation": effect(FATIGUE[1]),
            "chance_of_being_asked_if_the_next_main_survey_is_answered_relative_to_if_not": (
                TIRED[0] / TIRED[1] if ground.planted else 1.0
            ),
            "rate_by_length_relative_to_8_questions": {
                str(k): rate if ground.planted else 1.0 for k, rate in LENGTHS.items()
            },
        },
    }
