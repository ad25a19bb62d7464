"""Drift sides: a table as this run and the last one saw it, and its rows by period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

# Complete from the first day to the last that the study declares; answers come when they come.
EVENTS = ("orders", "contacts", "returns")
OPEN_ENDED = "subscriptions"  # they begin and end whenever they do
NAMED_PERIODS = "wave"
FULL = 0.1
# A change is no chance beyond so many standard errors.
STANDARD_ERRORS = 4.0


@dataclass(frozen=True)
class Finding:
    """What a rule found; see `cxroi.runs.drift.Drift`."""

    rule: str
    column: str
    found: float | str | None
    was: float | str | None
    sentence: str


@dataclass(frozen=True)
class Side:
    """The profile of a table in one run, and the days its study declares as complete."""

    profile: Mapping[str, Any]
    begins: dt.date | None
    until: dt.date | None

    @property
    def rows(self) -> int:
        """How many there are after reading."""
        return int(self.profile["rows"])

    @property
    def columns(self) -> Mapping[str, Mapping[str, Any]]:
        """The profile of each column, by its name in the clean table."""
        columns: Mapping[str, Mapping[str, Any]] = self.profile["columns"]
        return columns

    @cached_property
    def dated(self) -> tuple[str, dt.date, dt.date, Mapping[str, int]] | None:
        """Name, first day, last day and rows by quarter of the first column of dates.

        A few late rows, in quarters with under a tenth of the rows of the fullest, are no end.
        """
        for name, column in self.columns.items():
            if column["kind"] == "date" and column["first"]:
                first, last = (dt.date.fromisoformat(column[end]) for end in ("first", "last"))
                quarters = column["quarters"]
                full = [q for q, rows in quarters.items() if rows >= FULL * max(quarters.values())]
                end = _starts(_next(max(full))) - dt.timedelta(1)
                return name, first, min(last, end), quarters
        return None

    def known(self, name: str) -> int:
        """Rows whose cell is not blank."""
        return round(self.rows * (1 - (self.columns[name]["blank"] or 0.0)))

    def periods(self, role: str) -> dict[str, int]:
        """Rows by period: quarters that are over, or the waves that a column names."""
        if self.dated is None:
            named = self.columns.get(NAMED_PERIODS, {}).get("levels", {})
            return {wave: round(share * self.rows) for wave, share in named.items()}
        _, first, last, quarters = self.dated
        begin, end = first, last
        if role in EVENTS:
            begin, end = self.begins or first, self.until or last
        whole = [
            name
            for name in _quarters(begin, end)
            if begin <= _starts(name) and _starts(_next(name)) <= end + dt.timedelta(1)
        ]
        return {name: quarters.get(name, 0) for name in whole}


@dataclass(frozen=True)
class Table:
    """A table that both runs have."""

    role: str
    now: Side
    then: Side


def span(begins: str | None, until: str | None) -> tuple[dt.date | None, dt.date | None]:
    """Return the days between which tables are complete; None where that is not declared."""
    first, last = (dt.date.fromisoformat(day) if day else None for day in (begins, until))
    return first, last


def capital(sentence: str) -> str:
    """Return a sentence that begins with a capital."""
    return sentence[0].upper() + sentence[1:]


def _starts(quarter: str) -> dt.date:
    return dt.date(int(quarter[:4]), 3 * int(quarter[-1]) - 2, 1)


def _next(quarter: str) -> str:
    year, number = int(quarter[:4]), int(quarter[-1])
    return f"{year + number // 4}Q{number % 4 + 1}"


def _quarters(first: dt.date, last: dt.date) -> Iterator[str]:
    """Yield the quarters of the calendar from one day to another."""
    quarter = f"{first.year}Q{(first.month + 2) // 3}"
    while _starts(quarter) <= last:
        yield quarter
        quarter = _next(quarter)
