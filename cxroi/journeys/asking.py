"""When to ask: how many invitations are answered, by where, when and how often one asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..results.display import TidyMixin
from ..results.estimate import Estimate, tidy_table
from ..results.thresholds import MINIMUM_GROUP
from .asked import ASKED, ASKED_DAYS, DAY, REPLY_DAYS, dates_alone, keep_asked, known
from .contrasts import all_alike
from .needs import enough
from .sums import Sums, share, sums_of

if TYPE_CHECKING:
    import pandas as pd

    from ..reading.tables import Tables

HOUR = 3600
# Ordered bands: upper limit (not included) and what a reader is told; the last has none.
DELAYS = (
    (HOUR, "within an hour"),
    (DAY, "1 to 24 hours"),
    (3 * DAY, "1 to 3 days"),
    (7 * DAY, "3 to 7 days"),
    (30 * DAY, "7 to 30 days"),
    (None, "over 30 days"),
)
DELAYS_OF_DATES = (  # where one of the two is a date without a time
    (DAY, "the same day"),
    (4 * DAY, "1 to 3 days"),
    (8 * DAY, "4 to 7 days"),
    (31 * DAY, "8 to 30 days"),
    (None, "over 30 days"),
)
OFTEN = (
    (1, "not asked before"),
    (2, "asked once"),
    (3, "asked twice"),
    (None, "asked 3 times or more"),
)
LENGTHS = ((4, "1 to 3"), (11, "4 to 10"), (21, "11 to 20"), (None, "over 20"))
Bands = tuple[tuple[int | None, str], ...]
# What response is looked at by: name, title, SQL of it in `ASKED`, its bands if it is ordered.
BY: tuple[tuple[str, str, str, Bands], ...] = (
    ("touchpoint", "touchpoint", "touchpoint", ()),
    ("channel", "channel", "channel", ()),
    ("delay", "time since what is asked about", "delay", DELAYS),
    ("often", f"times asked in the {ASKED_DAYS} days before", "often", OFTEN),
    ("length", "questions asked", "questions", LENGTHS),
)


@dataclass(frozen=True, repr=False)
class Asking(TidyMixin):
    """Who answers, by how and when they were asked.

    Attributes
    ----------
    overall
        Answers over invitations.
    rates
        The same in each part of what response is looked at by, the ``group`` of an estimate; at
        least 30 invitations each.
    differs
        For each of these: Wald's test that all parts are alike.
    notes
        What was left out, and which column is missing for what.
    """

    overall: Estimate
    rates: tuple[Estimate, ...]
    differs: tuple[Estimate, ...]
    notes: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Return one row a rate and test, what it is by in ``by``."""
        every = [self.overall, *self.rates, *self.differs]
        table = tidy_table(every)
        table.insert(0, "by", [one.group for one in every])
        return table


def when_to_ask(tables: Tables, *, days: int = REPLY_DAYS) -> Asking:
    """Return the response rate by touchpoint, channel, delay, fatigue and length.

    An answer replies to the last invitation to its survey before it, within so many `days`.
    Invitations whose days were not over when the last answer came are left out. What differs may
    differ because other customers were asked so: these are associations.

    Raises
    ------
    ModelError
        Invitations or answers are not declared with dates, or are fewer than 30.
    """
    tables = tables.own_session()
    left = keep_asked(tables, days)
    engine = tables.engine
    everything = sums_of(tables, _rows("''"))
    enough(everything[""].rows if everything else 0, "invitations with a known reply")
    what = f"invitations answered within {days} days"
    overall = share(everything[""], "response_rate", "share of invitations", what, "all")
    rates: list[Estimate] = []
    tests: list[Estimate] = []
    notes = [f"Invitations not over yet, left out: {left:,}."] if left else []
    for name, title, sql, bands in BY:
        column = {"delay": "event_at", "length": "questions"}.get(name, name)
        if name != "often" and not known(tables, column):
            notes.append(f"By {title}: [tables.invitations] has no {column}.")
            continue
        if name == "delay" and dates_alone(tables):
            bands = DELAYS_OF_DATES
        rows = _rows(_banded(sql, bands) if bands else f"CAST({sql} AS VARCHAR)")
        found = {k: s for k, s in sums_of(tables, rows).items() if s.rows >= MINIMUM_GROUP}
        rates += [_rate(s, name, title, _label(k, bands), what) for k, s in found.items()]
        if len(found) > 1:
            tests.append(_differs(name, title, all_alike(tables, rows, found), found))
    engine.execute(f"DROP TABLE {ASKED}")
    return Asking(overall, tuple(rates), tuple(tests), tuple(notes))


def _rows(part: str) -> str:
    return f"""
        SELECT * FROM (SELECT {part} AS part, unit, replied AS x, 1 AS y FROM {ASKED}) AS b
        WHERE part IS NOT NULL"""


def _banded(sql: str, bands: Bands) -> str:
    """Return the number of the band as text; NULL where unknown, or before it happened."""
    limits = " ".join(
        f"WHEN {sql} < {limit} THEN '{place}'" if limit is not None else f"ELSE '{place}'"
        for place, (limit, _) in enumerate(bands)
    )
    return f"CASE WHEN {sql} IS NULL OR {sql} < 0 THEN NULL {limits} END"


def _label(key: str, bands: Bands) -> str:
    return bands[int(key)][1] if bands else key


def _rate(sums: Sums, name: str, title: str, label: str, what: str) -> Estimate:
    made = share(sums, f"response_rate.{name}.{label}", "share of invitations", what, label)
    return replace(made, group=title)


def _differs(name: str, title: str, test: tuple[float, float], found: dict[str, Sums]) -> Estimate:
    statistic, p_value = test
    return Estimate(
        name=f"response_rate.{name}.differs",
        estimate=None,
        conf_low=None,
        conf_high=None,
        std_error=None,
        unit="share of invitations",
        n=sum(one.rows for one in found.values()),
        method=f"Wald's test that all of {len(found)} parts are alike, errors by customer",
        note="Other customers may have been asked so; a test in which chance decides who is "
        "asked when would tell.",
        term="all alike",
        statistic=statistic,
        p_value=p_value,
        group=title,
    )
