"""The life of a simulated company: customers, surveys and events on one calendar.

Time of a customer runs in periods of 91 days: an answer at t, then outcomes between t + 1 day and
t + 90 days. So the outcomes of one answer are the baseline of the next, to the cent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from .scores import draw_answers, draw_scores_and_noise, groups_of
from .truth import FROM, TO, WaveTruth, slice_of
from .worlds import REGIONS, SEGMENTS, Drawn, Flags, Floats, Ints, World, design, draw_outcomes

DAY: Final = 86_400
STEP: Final = 91 * DAY
SPAN: Final = 89 * DAY - 2  # seconds of a period in which events fall
PILOT_DAYS: Final = 31  # the last answers: too late for their outcomes to be complete
PILOT_SHARE: Final = 0.05
LATE_ANSWERS: Final = 0.005  # share of those who cancelled that answer the next survey
COMMENTED: Final = 0.15
MISSING: Final = -(10**6)  # in columns of whole numbers
Columns = dict[str, npt.NDArray[Any]]


class Pilot(Protocol):
    """Something that is offered to some customers by chance, before the answers of a wave."""

    @property
    def wave(self) -> int:
        """Place of that wave."""

    def offer(
        self, world: World, x: Floats, trait: Floats, noise: Floats, rows: Ints, at: Ints
    ) -> Columns:
        """Return a row a customer of the pilot."""


# World, covariates, trait, noise of the score, and whose answers a panel uses: what came before.
Before = Callable[[World, Floats, Floats, Floats, Ints | None], Columns]


@dataclass(frozen=True)
class Calendar:
    """When customers are asked and up to when the tables are complete.

    Attributes
    ----------
    waves
        Quarters, consecutive, such as ``2026Q1``.
    start, until
        Seconds since 1970: the first wave's first moment, the first moment after the last day.
    earliest, latest
        Seconds after `start` between which a customer's first answer falls.
    complete_from, complete_until
        First and last day on which the tables are complete.
    """

    waves: tuple[str, ...]
    start: int
    until: int
    earliest: int
    latest: int
    complete_from: dt.date
    complete_until: dt.date

    @classmethod
    def of(cls, waves: Sequence[str]) -> Calendar:
        """Lay a calendar out: a quarter of baseline before, a quarter of outcomes after."""
        first = int(waves[0][:4]) * 4 + int(waves[0][-1]) - 1
        starts = [_seconds(_quarter_start(first + k)) for k in range(-1, len(waves) + 2)]
        opening, inside = starts[1], starts[1:-1]
        margin = DAY // 4
        return cls(
            waves=tuple(waves),
            start=opening,
            until=starts[-1],
            earliest=max(s - opening - k * STEP for k, s in enumerate(inside[:-1])) + margin,
            latest=min(s - opening - k * STEP for k, s in enumerate(inside[1:])) - margin,
            complete_from=_quarter_start(first - 1),
            complete_until=_quarter_start(first + len(waves) + 1) - dt.timedelta(days=1),
        )


@dataclass(frozen=True)
class People:
    """The customers: positions in `SEGMENTS` and `REGIONS`, months, the unmeasured trait."""

    segment: Ints
    region: Ints
    tenure: Ints
    trait: Floats
    first_answer: Ints


@dataclass
class Company:
    """What has happened so far: a row a customer, and the events.

    Attributes
    ----------
    cents, orders, contacts
        What the last period came to: the baseline of the next answer.
    cancelled_at
        Seconds since 1970; 0 while the customer stays.
    used_group
        Group of the latest answer that a panel uses; -1 where there is none.
    events
        Columns per table, a piece a period.
    """

    people: People
    cents: Ints
    orders: Ints
    contacts: Ints
    cancelled_at: Ints
    used_group: Ints
    events: dict[str, list[Columns]] = field(default_factory=dict)
    truths: list[WaveTruth] = field(default_factory=list)

    @property
    def started_at(self) -> Ints:
        """Seconds since 1970 at which each customer began: `tenure` before the first answer."""
        months = (self.people.tenure * 30.4375 * DAY).astype(np.int64)
        return self.people.first_answer - months

    def from_customers(self) -> int:
        """Return how many have their latest used answer in the from group."""
        return int((self.used_group == FROM).sum())

    def record(self, table: str, **columns: npt.NDArray[Any]) -> None:
        """Add rows to a table."""
        self.events.setdefault(table, []).append(columns)

    def table(self, name: str, by: str) -> Columns:
        """Return a table ordered by time, then customer."""
        pieces = self.events[name]
        columns = {key: np.concatenate([p[key] for p in pieces]) for key in pieces[0]}
        order = np.lexsort((columns["customer"], columns[by]))
        return {key: values[order] for key, values in columns.items()}


def live(
    world: World, customers: int, calendar: Calendar, seed: int, progress: Callable[[str], None],
    before: Before | None = None, pilot: Pilot | None = None,
) -> Company:  # fmt: skip
    """Let the company live through its calendar.

    Parameters
    ----------
    world
        How satisfaction and outcomes arise.
    customers, seed
        How many, and the seed of every draw.
    calendar
        The waves; a period before the first and a broken one after the last are added.
    progress
        Told the name of each period as it begins.
    before
        Draws what came before answers, from the noise of their scores; further columns of them.
    pilot
        Draws whom something was offered before the answers of a wave.
    """
    seeds = np.random.SeedSequence(seed).spawn(len(calendar.waves) + 3)
    company = _founded(customers, calendar, np.random.default_rng(seeds[0]))
    for period, child in enumerate(seeds[1:]):
        wave = period - 1
        progress((("before", *calendar.waves)[period]) if wave < len(calendar.waves) else "after")
        _live_period(company, world, calendar, wave, np.random.default_rng(child), before, pilot)
    return company


def _live_period(
    company: Company, world: World, calendar: Calendar, wave: int, rng: np.random.Generator,
    before: Before | None, pilot: Pilot | None,
) -> None:  # fmt: skip
    people = company.people
    rows = np.flatnonzero(company.cancelled_at == 0)
    baseline = [b[rows] for b in (company.cents / 100.0, company.orders, company.contacts)]
    x = design(people.segment[rows], people.region[rows], people.tenure[rows], baseline)
    trait = people.trait[rows]
    at = people.first_answer[rows] + wave * STEP
    score, noise = draw_scores_and_noise(world, x, trait, rng)
    group = groups_of(score)
    if pilot and wave == pilot.wave:
        company.record("offers", **pilot.offer(world, x, trait, noise, rows, at))
    if wave >= 0:
        asked = np.ones(len(rows), dtype=bool)
        if wave == len(calendar.waves):
            asked = (at >= calendar.until - PILOT_DAYS * DAY) & (
                rng.random(len(rows)) < PILOT_SHARE
            )
        answered = asked & draw_answers(score, rng)
        _ask(company, rows[asked], at[asked], rng)
        used = rows[answered] if wave < len(calendar.waves) else None
        own = before(world, x[answered], trait[answered], noise[answered], used) if before else {}
        _answer(company, rows[answered], at[answered], score[answered], rng, own)
        if wave < len(calendar.waves):
            _tell_truth(company, world, x, trait, rows, group, answered)
            _answer_late(company, wave, rng)
    drawn = draw_outcomes(world, x, trait, group, rng)
    _place(company, rows, at, drawn, rng, calendar.until, churns=wave >= 0)


def _tell_truth(
    company: Company, world: World, x: Floats, trait: Floats, rows: Ints, group: Ints,
    answered: Flags,
) -> None:  # fmt: skip
    masks = ((group == FROM) & answered, group == FROM, (group == TO) & answered)
    used, everyone, comparison = (slice_of(world, x[mask], trait[mask]) for mask in masks)
    company.truths.append(WaveTruth(used, everyone, comparison, used.n))
    company.used_group[rows[answered]] = group[answered]


def _ask(company: Company, rows: Ints, at: Ints, rng: np.random.Generator) -> None:
    """Invite, ten minutes to six hours before the moment of an answer."""
    company.record("invitations", customer=rows, at=at - rng.integers(600, DAY // 4, len(rows)))


def _answer(
    company: Company, rows: Ints, at: Ints, score: Ints, rng: np.random.Generator, inputs: Columns
) -> None:
    phrase = 3 * groups_of(score) + rng.integers(0, 3, len(rows))
    comment = np.where(rng.random(len(rows)) < COMMENTED, phrase, -1)
    company.record("responses", customer=rows, at=at, score=score, comment=comment, **inputs)


def _answer_late(company: Company, wave: int, rng: np.random.Generator) -> None:
    """Let a few answer that cancelled in the period before."""
    at = company.people.first_answer + wave * STEP
    gone = np.flatnonzero((company.cancelled_at > at - STEP) & (company.cancelled_at < at))
    if len(gone):
        some = np.sort(rng.choice(gone, max(1, round(LATE_ANSWERS * len(gone))), replace=False))
        _ask(company, some, at[some], rng)
        score = rng.integers(0, 11, len(some))
        own = company.events["responses"][-1].keys() - {"customer", "at", "score", "comment"}
        _answer(
            company, some, at[some], score, rng, dict.fromkeys(own, np.full(len(some), MISSING))
        )


def _place(
    company: Company, rows: Ints, at: Ints, drawn: Drawn, rng: np.random.Generator, until: int,
    *, churns: bool,
) -> None:  # fmt: skip
    """Date what was drawn inside the period; nothing follows a cancellation."""
    opens = at + DAY + 1
    leaves = 3600 + (rng.random(len(rows)) * (SPAN - 3600)).astype(np.int64)
    churned = drawn.churned & churns
    length = np.where(churned, leaves, SPAN)
    amounts = {"orders": split_cents(drawn.cents, drawn.orders, rng)}
    for table, counts in (
        ("orders", drawn.orders), ("contacts", drawn.contacts), ("returns", drawn.returns),
    ):  # fmt: skip
        who = np.repeat(np.arange(len(rows)), counts)
        when = opens[who] + (rng.random(len(who)) * length[who]).astype(np.int64)
        extra = amounts[table] if table in amounts else rng.integers(500, 6000, len(who))
        known = when < until
        company.record(table, customer=rows[who][known], at=when[known], extra=extra[known])
    ended = churned & (opens + leaves < until)
    company.cancelled_at[rows[ended]] = (opens + leaves)[ended]
    for name in ("cents", "orders", "contacts"):
        getattr(company, name)[rows] = getattr(drawn, name)


def split_cents(cents: Ints, orders: Ints, rng: np.random.Generator) -> Ints:
    """Split each sum over its orders, at random, to the cent and a cent at least each."""
    buyers = np.flatnonzero(orders)
    who = np.repeat(np.arange(len(cents)), orders)
    last = np.cumsum(orders[buyers]) - 1  # position of each buyer's last order
    first = last - orders[buyers] + 1
    parts = rng.standard_exponential(len(who))
    running = np.cumsum(parts)
    before = np.repeat((running - parts)[first], orders[buyers])
    share = (running - before) / np.bincount(who, parts)[who]
    free = (cents - orders)[who]
    upper = np.floor(free * np.clip(share, 0.0, 1.0)).astype(np.int64)
    upper[last] = free[last]
    lower = np.roll(upper, 1)
    lower[first] = 0
    split: Ints = upper - lower + 1
    return split


def _founded(customers: int, calendar: Calendar, rng: np.random.Generator) -> Company:
    """Draw the customers, and a last period to start from."""
    bought = rng.random(customers) < 0.6
    orders = np.where(bought, 1 + rng.poisson(0.5, customers), 0)
    tenure = 4 + np.minimum(rng.exponential(26.0, customers), 116.0).astype(np.int64)
    gap = calendar.latest - calendar.earliest
    people = People(
        segment=rng.choice(len(SEGMENTS), customers, p=list(SEGMENTS.values())),
        region=rng.choice(len(REGIONS), customers, p=list(REGIONS.values())),
        tenure=tenure,
        trait=rng.standard_normal(customers),
        first_answer=calendar.start + calendar.earliest + rng.integers(0, gap, customers),
    )
    return Company(
        people=people,
        cents=np.where(bought, rng.integers(2000, 36_000, customers), 0),
        orders=orders,
        contacts=rng.poisson(0.6, customers),
        cancelled_at=np.zeros(customers, dtype=np.int64),
        used_group=np.full(customers, -1, dtype=np.int64),
    )


def _quarter_start(quarter: int) -> dt.date:
    return dt.date(quarter // 4, 3 * (quarter % 4) + 1, 1)


def _seconds(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())
