"""Periods: from when to when the tables are complete, and which windows fit in between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from ..engine.quoting import one_row
from ..reading.columns.date_texts import epoch
from .facts import Facts
from .roles import Guess

_LENGTHS = (365, 180, 90, 60, 30, 14)
_ENOUGH = 0.6  # share of the answers that should have a whole window
_STRAY = 0.001  # share of the dates at either end that may be wrong
_TELLING = 30  # rows from which a table tells when the data begins and ends
_WHEN = {
    "orders": ("ordered_at",),
    "contacts": ("opened_at",),
    "returns": ("returned_at",),
    "subscriptions": ("started_at", "cancelled_at"),
}


@dataclass(frozen=True)
class Periods:
    """First and last day of the data, windows in days, and the share of answers that fit each.

    `begin_share` is the share of the answers after `begin`.

    A day is None, a share 0, where the dates do not tell. Where too few answers have a baseline of
    the shortest length, it is 0 days, and its share that of the shortest.
    """

    begin: dt.date | None
    end: dt.date | None
    outcome_days: int
    outcome_share: float
    baseline_days: int
    baseline_share: float
    begin_share: float = 1.0


def guess_periods(connection: duckdb.DuckDBPyConnection, guesses: Sequence[Guess]) -> Periods:
    """Return the periods that the dates of the tables allow."""
    begins, ends = [], []
    for guess in guesses:
        span = _span(connection, guess)
        if span and guess.sample.rows >= _TELLING:
            ends.append(span[1])
            if guess.role != "subscriptions":  # these began long before the data did
                begins.append(span[0])
    begin, end = max(begins, default=None), min(ends, default=None)
    answers = next((guess for guess in guesses if guess.role == "responses"), None)
    day = _day_of(answers, "answered_at") if answers else ""
    if not answers or not day or not end:
        return Periods(begin, end, 90, 0.0, 90, 0.0)

    def fitting(condition: str, lengths: Iterable[int]) -> tuple[int, float]:
        counts = ", ".join(f"avg(({condition.format(days=d)})::INT)" for d in lengths)
        row = one_row(connection, f"SELECT {counts} FROM {answers.holds('answered_at').relation}")
        shares = [float(share or 0) for share in row]
        enough = [(d, s) for d, s in zip(lengths, shares, strict=False) if s >= _ENOUGH]
        return enough[0] if enough else (list(lengths)[-1], shares[-1] if shares else 0.0)

    after, share = fitting(f"{day} + {{days}} <= DATE '{end}'", _LENGTHS)
    if begin is None:
        return Periods(begin, end, after, share, 0, 0.0)
    lengths = [days for days in _LENGTHS if days <= after]
    before, known = fitting(f"{day} - {{days}} >= DATE '{begin}'", lengths)
    _, since = fitting(f"{day} - {{days}} >= DATE '{begin}'", [0])
    before = before if known >= _ENOUGH else 0
    return Periods(begin, end, after, share, before, known, since)


def _span(connection: duckdb.DuckDBPyConnection, guess: Guess) -> tuple[dt.date, dt.date] | None:
    spans = []
    for key in _WHEN.get(guess.role, ()):
        day = _day_of(guess, key)
        if day:  # a few days that are wrong, such as ones to come, are no end of the data
            ends = ", ".join(f"quantile_disc({day}, {q})" for q in (_STRAY, 1 - _STRAY))
            known = f"FROM {guess.holds(key).relation} WHERE year({day}) BETWEEN 1990 AND 2099"
            spans.append(one_row(connection, f"SELECT {ends} {known}"))
    told = [span for span in spans if span[0]]
    return (min(s[0] for s in told), max(s[1] for s in told)) if told else None


def _day_of(guess: Guess, key: str) -> str:
    known = guess.facts(key)
    return day_sql(known) if known and known.kind == "date" else ""


def day_sql(column: Facts) -> str:
    """Return the SQL of the day that a cell says; NULL where it says none."""
    x = f"trim({column.sql})"
    if column.order == "ymd":
        return (
            rf"try_cast(regexp_replace(regexp_extract({x}, '^[^ T,]+'), '[/.]', '-', 'g') AS DATE)"
        )
    if column.order == "excel":
        return f"(DATE '1899-12-30' + floor(try_cast({x} AS DOUBLE))::INTEGER)"
    if column.order == "epoch":
        return f"{epoch(f'try_cast({x} AS DOUBLE)')}::DATE"
    date = rf"regexp_replace(regexp_extract({x}, '^[^ T,]+'), '[.-]', '/', 'g')"
    date = rf"regexp_replace({date}, '/(\d\d)$', '/20\1')"
    order = "%m/%d/%Y" if column.order == "mdy" else "%d/%m/%Y"
    return f"try_strptime({date}, '{order}')::DATE"
