"""Ratings in a simulated company: satisfaction, effort, three parts of quality, and trust.

A rating is a latent number cut into the points of its scale. Its parts: the customer's answer to
the main question; what the customer buys afterwards beyond what was to be expected (so that the
rating carries what drives later orders, satisfaction far more than effort); how late service
answered; the outage; how content the agent's team is; chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from .asked import DELIVERY, SUPPORT
from .company import DAY, Columns
from .ground import HOUR, OUTAGE_WEEKS, Ground, by_time, joined, latest_before, summed
from .ground import standard_score as standard
from .service import TEAM_SIZE, TEAMS, team_mood
from .worlds import Floats, Ints

LOADINGS: Final = {  # of the latent, in units of its spread without service and outage
    "csat": {"answer": 0.55, "later_spend": 0.22, "doubling_of_first_response": -0.10,
             "doubling_of_resolution": -0.08, "outage": -0.10, "team": 0.45},
    "ces": {"answer": 0.40, "later_spend": 0.05, "doubling_of_first_response": -0.16,
            "doubling_of_resolution": -0.10, "outage": -0.90, "team": 0.20},
}  # fmt: skip
EFFECTS: Final = ("later_spend", "doubling_of_first_response", "doubling_of_resolution", "outage",
                  "team")  # fmt: skip
FIRST_RESPONSE_AT, RESOLUTION_AT = 4.0, 20.0  # hours at which lateness is 0
SHARES: Final = {  # of the points of each scale, from the lowest
    "csat": (0.05, 0.09, 0.18, 0.38, 0.30),
    "ces": (0.03, 0.05, 0.09, 0.15, 0.22, 0.26, 0.20),
    "quality": (0.04, 0.10, 0.22, 0.38, 0.26),
    "trust": (0.02, 0.03, 0.04, 0.06, 0.10, 0.14, 0.19, 0.19, 0.14, 0.09),
}
BESIDE: Final = {  # further ratings: the shares of their points, their loading on csat's latent
    "quality_product": ("quality", 0.70), "quality_delivery": ("quality", 0.55),
    "quality_staff": ("quality", 0.60), "trust": ("trust", 0.45),
}  # fmt: skip
CHANNELS: Final = ("web", "phone", "chat", "email", "store")
WEB, CALL, STORE = 0, 1, 4  # chat and email are those of tickets, one further
PHASES: Final = {"joining": 12, "using": 36, "renewing": 10**6}  # up to so many months
COMMENTED, MISREAD = 0.15, 0.06  # share of ratings; of the comments, that gainsay the points
COMMENTS: Final = (
    "Poor service, very disappointed", "Bad experience, it did not work",
    "It was all right", "Average, nothing special",
    "Excellent service, very happy", "Great, quick and friendly",
)  # fmt: skip


@dataclass(frozen=True)
class Rated:
    """What the ratings rest on: one row a rating.

    Attributes
    ----------
    z, later, team
        The standardised answer, later spend beyond expectation, mood of the agent's team.
    response, resolution
        Doublings of the hours that service took, against what is usual; 0 without a ticket.
    """

    at: Ints
    z: Floats
    later: Floats
    team: Floats
    response: Floats
    resolution: Floats

    def parts(self, outage: Floats) -> dict[str, Floats]:
        """Return the parts of a latent by the names of `LOADINGS`."""
        return {
            "answer": self.z, "later_spend": self.later, "team": self.team, "outage": outage,
            "doubling_of_first_response": self.response, "doubling_of_resolution": self.resolution,
        }  # fmt: skip


def ratings(
    ground: Ground, tables: dict[str, Columns], rng: np.random.Generator
) -> tuple[Columns, dict[str, Any]]:
    """Return the ratings, and what is true of them.

    Those who answer the main survey rate too, at the same moment; then those who answer a survey
    of service or delivery.
    """
    whole = joined([_with_the_answer(ground, tables, rng), _after_service(tables, rng)])
    whole = by_time(whole, "at")
    whole |= _who_served(tables, whole, rng)
    rated = _rated(ground, tables, whole)
    noise = rng.standard_normal((2, len(whole["at"])))
    points = {name: _points(ground, rated, name, noise[k]) for k, name in enumerate(LOADINGS)}
    latent = _latent(ground, rated, "csat", noise[0])
    columns = whole | points
    for name, (shares, loading) in BESIDE.items():
        own = loading * latent + np.sqrt(1 - loading**2) * rng.standard_normal(len(latent))
        columns[name] = _cut(own, SHARES[shares])
    blank = rng.random(len(latent)) < 0.04
    columns["ces"] = np.where(blank, -1, columns["ces"])
    columns["comment"] = _comments(columns["csat"], rng)
    return columns, _truth(ground, rated, noise)


def _with_the_answer(
    ground: Ground, tables: dict[str, Columns], rng: np.random.Generator
) -> Columns:
    answers, asked = ground.responses, tables["invitations"]
    row = ground.invitation_of
    touchpoint, event = asked["touchpoint"][row], asked["event_at"][row]
    who, n = answers["customer"], len(row)
    ticket, call = (
        np.where(
            touchpoint == SUPPORT, _at(tables[table], who, event), -1
        ) for table in ("tickets", "calls")
    )  # fmt: skip
    return {
        "customer": who, "at": answers["at"], "touchpoint": touchpoint,
        "score": answers["score"], "ticket": ticket, "call": call,
        "product": rng.integers(0, 8, n), "phase": _phase(ground, who, answers["at"]),
        "row": np.arange(n),
    }  # fmt: skip


def _at(table: Columns, customer: Ints, at: Ints) -> Ints:
    """Return the row of each customer's event at exactly that moment; -1 where there is none."""
    row = latest_before(table, customer, at + 1)
    return np.where((row >= 0) & (table["at"][np.maximum(row, 0)] == at), row, -1)


def _after_service(tables: dict[str, Columns], rng: np.random.Generator) -> Columns:
    asked = tables["rating_invitations"]
    rows = np.flatnonzero(asked["answered_at"] > 0)
    delivered = asked["touchpoint"][rows] == DELIVERY
    none = np.full(len(rows), -1)
    return {
        "customer": asked["customer"][rows], "at": asked["answered_at"][rows],
        "touchpoint": asked["touchpoint"][rows], "score": none,
        "ticket": asked["ticket"][rows], "call": asked["call"][rows],
        "product": np.where(delivered, rng.integers(0, 8, len(rows)), -1),
        "phase": np.full(len(rows), 1), "row": none,
    }  # fmt: skip


def _who_served(tables: dict[str, Columns], whole: Columns, rng: np.random.Generator) -> Columns:
    """Return the agent and the channel of what is rated."""
    n = len(whole["at"])
    ticket, call = whole["ticket"], whole["call"]
    anyone = rng.integers(0, TEAMS * TEAM_SIZE, n)
    called = tables["calls"]["agent"][np.maximum(call, 0)]
    agent = np.where(call >= 0, called, np.where(ticket >= 0, anyone, -1))
    written = tables["tickets"]["channel"][np.maximum(ticket, 0)] + 1
    elsewhere = np.where(rng.random(n) < 0.25, STORE, WEB)
    channel = np.where(call >= 0, CALL, np.where(ticket >= 0, written, elsewhere))
    return {"agent": agent, "channel": channel}


def _phase(ground: Ground, customer: Ints, at: Ints) -> Ints:
    months = (at - ground.started[customer]) / (30.4375 * DAY)
    found: Ints = np.searchsorted(list(PHASES.values())[:-1], months).astype(np.int64)
    return found


def _rated(ground: Ground, tables: dict[str, Columns], whole: Columns) -> Rated:
    tickets = tables["tickets"]
    held = np.maximum(whole["ticket"], 0)
    opened = tickets["at"][held]

    def doublings(name: str, usual: float) -> Floats:
        ended = tickets[name][held]
        known = (whole["ticket"] >= 0) & (ended > 0) & (ended < whole["at"])
        hours = np.maximum(ended - opened, 30) / HOUR
        return np.where(known, np.log2(hours / usual), 0.0)

    agent = whole["agent"]
    return Rated(
        at=whole["at"],
        z=np.where(whole["score"] < 0, ground.mood[whole["customer"]], standard(whole["score"])),
        later=_later_spend(ground, whole),
        team=np.where(agent >= 0, team_mood()[agent // TEAM_SIZE], 0.0),
        response=doublings("first_response_at", FIRST_RESPONSE_AT),
        resolution=doublings("resolved_at", RESOLUTION_AT),
    )


def _later_spend(ground: Ground, whole: Columns) -> Floats:
    """Return later spend beyond what spend before and the answer lead to expect, standardised.

    Spend of 91 days as asinh of the amount; 0 where they are not over.
    """
    who, at = whole["customer"], whole["at"]
    span = 91 * DAY
    before, after = (
        np.arcsinh(summed(ground.orders, "extra", who, low, high) / 100.0)
        for low, high in ((at - span, at), (at + 1, at + span))
    )
    known = at + span <= ground.calendar.until
    score = np.where(whole["score"] < 0, ground.mood[who], standard(whole["score"]))
    x = np.column_stack([np.ones(len(at)), before, score])
    fit = np.linalg.lstsq(x[known], after[known], rcond=None)[0]
    beyond = np.where(known, after - x @ fit, 0.0)
    return np.asarray(beyond / max(float(beyond[known].std()), 1e-9), dtype=np.float64)


def _latent(
    ground: Ground, rated: Rated, name: str, noise: Floats, more: dict[str, float] | None = None
) -> Floats:
    """Return the latent of a score; `more` is added to parts, to see what they do."""
    outage = ground.in_outage(rated.at).astype(np.float64)
    loadings = LOADINGS[name]
    own = 1.0 - loadings["answer"] ** 2 - ground.effect(loadings["later_spend"]) ** 2
    latent: Floats = np.sqrt(own) * noise
    for part, values in rated.parts(outage).items():
        loading = ground.effect(loadings[part]) if part in EFFECTS else loadings[part]
        latent = latent + loading * (values + (more or {}).get(part, 0.0))
    return latent


def _points(
    ground: Ground, rated: Rated, name: str, noise: Floats, more: dict[str, float] | None = None
) -> Ints:
    return _cut(_latent(ground, rated, name, noise, more), SHARES[name])


def _cut(latent: Floats, shares: tuple[float, ...]) -> Ints:
    cuts = [NormalDist().inv_cdf(upper) for upper in np.cumsum(shares)[:-1]]
    points: Ints = np.searchsorted(cuts, latent).astype(np.int64) + 1
    return points


def _comments(csat: Ints, rng: np.random.Generator) -> Ints:
    """Draw comments that go with the points, but for a few of people who misread the scale."""
    mood = np.searchsorted([2.5, 3.5], csat)
    misread = (rng.random(len(csat)) < MISREAD) & (mood != 1)
    phrase = 2 * np.where(misread, 2 - mood, mood) + rng.integers(0, 2, len(csat))
    return np.where(rng.random(len(csat)) < COMMENTED, phrase, -1)


def _truth(ground: Ground, rated: Rated, noise: Any) -> dict[str, Any]:
    """Return the loadings and what they come to in points, everything else held."""
    answered = (rated.response != 0) & (rated.resolution != 0)
    outage = ground.in_outage(rated.at)
    asked = (  # from where to where each is moved, and in which ratings
        ("doubling_of_first_response", -0.5, 0.5, answered),
        ("doubling_of_resolution", -0.5, 0.5, answered), ("outage", -1.0, 0.0, outage),
        ("team", -0.5, 0.5, rated.team != 0),
        ("later_spend", -0.5, 0.5, np.full(len(outage), True)),
    )  # fmt: skip
    told: dict[str, Any] = {}
    for k, name in enumerate(LOADINGS):
        for part, low, high, rows in asked:
            ends = [_points(ground, rated, name, noise[k], {part: step}) for step in (low, high)]
            gap = float((ends[1] - ends[0])[rows].mean()) if rows.any() else None
            entry = {"loading": ground.effect(LOADINGS[name][part]), "points": gap}
            told.setdefault(part, {})[name] = entry
    told["outage"] |= {
        "from": str(np.datetime64(ground.outage, "s").astype("datetime64[D]")),
        "weeks": OUTAGE_WEEKS,
    }
    told["misread_share_of_low_and_high_comments"] = MISREAD
    return told
