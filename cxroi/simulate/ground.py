"""What the tables of a journey stand on: the company that has lived, and what is planted in them.

The draws of the company stay as they are. Where an effect has to hold for an answer or an order
that is drawn already, what goes before it is drawn given that, so that the two hang together as
planted (Bayes' rule). In the world ``null`` the same values are dealt out anew, so that every
table has the same margins and none of the effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .company import DAY, Calendar, Columns, Company
from .scores import groups_of
from .worlds import Flags, Floats, Ints

WEEK: Final = 7 * DAY
HOUR: Final = 3_600
PHONE: Final = 0  # of the channels of contacts
LARGE: Final = 50_000  # customers
WEB_SHARE: Final = {False: 0.07, True: 0.6}  # of customers, whose web activity is written: if large
OUTAGE_WEEKS: Final = 4
PROSPECT: Final = 10**9  # numbers of people who are not customers begin here
VISITOR: Final = 2 * 10**9
_SHIFT: Final = 1 << 32  # more than any second of a calendar


@dataclass(frozen=True)
class Ground:
    """A company that has lived, seen from the tables beside it.

    Attributes
    ----------
    company, calendar
        What has happened, and when the tables are complete.
    planted
        Whether effects are planted; not in the world ``null``.
    drawn
        Customers drawn to have their web activity written, see `web`.
    """

    company: Company
    calendar: Calendar
    planted: bool
    drawn: Ints

    @property
    def customers(self) -> int:
        """Return how many customers there are."""
        return len(self.company.people.tenure)

    @property
    def begin(self) -> int:
        """Return the first moment at which the tables are complete, in seconds since 1970."""
        day = np.datetime64(self.calendar.complete_from, "s")
        return int(day.astype(np.int64))

    @cached_property
    def started(self) -> Ints:
        """When each customer began."""
        return self.company.started_at

    @cached_property
    def web(self) -> Ints:
        """Customers whose web activity is written: those drawn, and all who joined so late.

        So the first week of everybody who joined while the tables are complete is in them.
        """
        return np.union1d(self.drawn, np.flatnonzero(self.started >= self.begin))

    @cached_property
    def end(self) -> Ints:
        """When each customer cancelled, or the last moment of the tables."""
        gone = self.company.cancelled_at
        found: Ints = np.where(gone > 0, gone, self.calendar.until)
        return found

    @cached_property
    def orders(self) -> Columns:
        """The orders, as they are written."""
        return self.company.table("orders", by="at")

    @cached_property
    def contacts(self) -> Columns:
        """The contacts, as they are written."""
        return self.company.table("contacts", by="at")

    @cached_property
    def responses(self) -> Columns:
        """The answers to the main survey, as they are written."""
        return self.company.table("responses", by="at")

    @cached_property
    def invitations(self) -> Columns:
        """The invitations to the main survey, as they are written."""
        return self.company.table("invitations", by="at")

    @cached_property
    def invitation_of(self) -> Ints:
        """The row of the invitation that each answer replies to."""
        return latest_before(self.invitations, self.responses["customer"], self.responses["at"])

    @cached_property
    def answered(self) -> Flags:
        """Which invitations to the main survey were answered."""
        found = np.zeros(len(self.invitations["at"]), dtype=bool)
        found[self.invitation_of] = True
        return found

    @cached_property
    def mood(self) -> Floats:
        """Mean standardised score of each customer's answers; 0 of those without any."""
        who, z = self.responses["customer"], standard_score(self.responses["score"])
        counts = np.bincount(who, minlength=self.customers)
        sums = np.bincount(who, z, minlength=self.customers)
        return np.divide(sums, counts, out=np.zeros(self.customers), where=counts > 0)

    @cached_property
    def group(self) -> Ints:
        """Group of each customer's latest answer; -1 without one."""
        found = np.full(self.customers, -1, dtype=np.int64)
        found[self.responses["customer"]] = groups_of(self.responses["score"])
        return found

    @property
    def _surveyed(self) -> int:
        return self.calendar.until - 91 * DAY - self.calendar.start

    @property
    def outage(self) -> int:
        """When the outage began: just after the middle of the waves, at 9 o'clock."""
        return _midnight(self.calendar.start + int(0.55 * self._surveyed)) + 9 * HOUR

    @property
    def change(self) -> int:
        """The Monday from which more contacts are about bills, two fifths into the waves."""
        day = _midnight(self.calendar.start + int(0.40 * self._surveyed))
        return day - (day // DAY + 3) % 7 * DAY

    def in_outage(self, at: Ints) -> Flags:
        """Return which moments lie in the weeks after the outage."""
        return (at >= self.outage) & (at < self.outage + OUTAGE_WEEKS * WEEK)

    def dealt(self, values: npt.NDArray[Any], rng: np.random.Generator) -> npt.NDArray[Any]:
        """Return `values`, dealt out anew where nothing is planted."""
        return values if self.planted else rng.permutation(values)

    def effect(self, size: float) -> float:
        """Return `size`, or 0 where nothing is planted."""
        return size if self.planted else 0.0

    def moments(self, customer: Ints, rng: np.random.Generator) -> Ints:
        """Draw a moment in the calendar for each customer, before any cancellation."""
        first = np.maximum(self.started[customer], self.begin)
        span = np.maximum(self.end[customer] - first - 1, 1)
        drawn: Ints = first + (rng.random(len(customer)) * span).astype(np.int64)
        return drawn


def standard_score(score: Ints) -> Floats:
    """Return scores of 0 to 10 less 7, in units of their usual spread."""
    return np.asarray((score - 7.0) / 2.3, dtype=np.float64)


def keys(customer: Ints, at: Ints) -> Ints:
    """Return numbers in the order of customers, and of moments within each."""
    return customer * _SHIFT + at


def latest_before(events: Columns, customer: Ints, at: Ints) -> Ints:
    """Return the row of each customer's last event before each moment; -1 where there is none."""
    order = np.lexsort((events["at"], events["customer"]))
    held = keys(events["customer"][order], events["at"][order])
    place = np.searchsorted(held, keys(customer, at)) - 1
    if not len(order):
        return place
    found = order[np.maximum(place, 0)]
    none = (place < 0) | (events["customer"][found] != customer)
    rows: Ints = np.where(none, -1, found)
    return rows


def first_after(events: Columns, customer: Ints, at: Ints) -> Ints:
    """Return the row of each customer's first event from each moment on; -1 without one."""
    turned = {"customer": events["customer"], "at": -events["at"]}
    return latest_before(turned, customer, 1 - at)


def counted(events: Columns, customer: Ints, after: Ints, before: Ints) -> Ints:
    """Return how many events each customer has in [after, before)."""
    held = np.sort(keys(events["customer"], events["at"]))
    low, high = (np.searchsorted(held, keys(customer, at)) for at in (after, before))
    return np.asarray(high - low, dtype=np.int64)


def summed(events: Columns, value: str, customer: Ints, after: Ints, before: Ints) -> Floats:
    """Return the sum of a column over each customer's events in [after, before)."""
    order = np.lexsort((events["at"], events["customer"]))
    held = keys(events["customer"][order], events["at"][order])
    running = np.concatenate(([0.0], np.cumsum(events[value][order].astype(np.float64))))
    low, high = (np.searchsorted(held, keys(customer, at)) for at in (after, before))
    return np.asarray(running[high] - running[low], dtype=np.float64)


def by_time(columns: Columns, at: str, known: Flags | None = None) -> Columns:
    """Return rows in the order of a column of moments; only those `known`."""
    rows = np.arange(len(columns[at])) if known is None else np.flatnonzero(known)
    first = "customer" if "customer" in columns else at
    order = rows[np.lexsort((columns[first][rows], columns[at][rows]))]
    return {name: values[order] for name, values in columns.items()}


def joined(pieces: list[Columns]) -> Columns:
    """Return pieces of one table, one below the other."""
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def pick(shares: Any, size: int, rng: np.random.Generator) -> Ints:
    """Draw positions in `shares`, with these probabilities."""
    bounds = np.cumsum(np.asarray(tuple(shares), dtype=np.float64))
    drawn: Ints = np.searchsorted(bounds[:-1] / bounds[-1], rng.random(size)).astype(np.int64)
    return drawn


def choose(weights: Floats, rng: np.random.Generator) -> Ints:
    """Draw a column of each row, in proportion to the weights of the row."""
    running = np.cumsum(weights, axis=1)
    at = rng.random(len(weights)) * running[:, -1]
    drawn: Ints = (running <= at[:, None]).sum(axis=1).astype(np.int64)
    last: Ints = np.minimum(drawn, weights.shape[1] - 1)
    return last


def _midnight(at: int) -> int:
    return at // DAY * DAY
