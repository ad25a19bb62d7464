"""What happened around a change of a customer's score: an event study with a comparison group.

Customers whose group fell (or rose) between two answers are held against customers who began in
the same group and stayed there. Periods before the first answer tell whether the two were alike
before (pre-trend); what is said of the others is their difference, less that before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError, nearest
from ..results.display import TidyMixin
from ..results.estimate import Estimate
from .contrasts import covariance, joint_test
from .needs import enough, need
from .scores import answers
from .service import last_moment
from .sums import Sums, normal, sums_of, tidy_with_units

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats
    from ..reading.tables import Tables
    from ..study.scores import DeclaredScore

# Outcome -> its table, moment, what a row adds, and the unit of a customer's mean.
OUTCOMES = {
    "contacts": ("contacts", "opened_at", "1", "contacts"),
    "spend": ("orders", "ordered_at", "amount", "{currency}"),
    "orders": ("orders", "ordered_at", "CASE WHEN amount > 0 THEN 1 ELSE 0 END", "orders"),
    "returns": ("returns", "returned_at", "1", "returns"),
    "tickets": ("tickets", "opened_at", "1", "tickets"),
    "calls": ("calls", "called_at", "1", "calls"),
}
BEFORE, AFTER = 3, 3  # periods before the first answer and after the second
PERIODS = (*range(-BEFORE, 0), 0, *range(1, AFTER + 1))
FEWEST = 5  # who stayed, in a group, to be held against
COUNTED = "journey_counted"
ASSOCIATION = "An association: what changed the score may have changed this as well."


@dataclass(frozen=True, repr=False)
class ScoreChange(TidyMixin):
    """One direction of change, held against customers who stayed.

    Attributes
    ----------
    direction
        ``fell`` or ``rose``.
    outcome
        A key of `OUTCOMES`.
    periods
        Difference to those who stayed, less the mean of this difference before the first answer:
        just before the second answer, then in each period after it.
    before
        The difference in each period before the first answer, as it is.
    pre_trend
        Wald's test that these are alike; its note says what a small p value means.
    changed, stayed
        Pairs of answers behind them.
    notes
        What was left out.
    """

    direction: str
    outcome: str
    periods: tuple[Estimate, ...]
    before: tuple[Estimate, ...]
    pre_trend: Estimate
    changed: int
    stayed: int
    notes: tuple[str, ...]

    def tidy(self) -> pd.DataFrame:
        """Return one row a period, and the test of the periods before."""
        return tidy_with_units([*self.before, *self.periods, self.pre_trend])


def before_change(
    tables: Tables, score: DeclaredScore, outcome: str, *, direction: str = "fell", days: int = 30
) -> ScoreChange:
    """Compare an outcome before and after a change of the score with customers who stayed.

    Pairs are consecutive answers of a customer at least `days` apart, of whom the table of the
    outcome knows all periods. Means are standardised to the first groups of those who changed.

    Parameters
    ----------
    outcome
        A key of `OUTCOMES`.
    direction
        ``fell``, to a worse group, or ``rose``.
    days
        Length of a period.

    Raises
    ------
    ModelError
        An unknown outcome, a table that is not declared, or fewer than 30 pairs on either side.
    """
    _refuse_unknown(outcome, direction)
    tables = tables.own_session()
    left = _keep_counts(tables, score, outcome, days)
    pairs = _pairs_of(direction)
    sizes = {key: one.rows for key, one in sums_of(tables, _rows(pairs, -1)).items()}
    changed, stayed = ({k[2:]: n for k, n in sizes.items() if k[0] == side} for side in "cs")
    kept = {group: n for group, n in changed.items() if stayed.get(group, 0) >= FEWEST}
    n, still = sum(kept.values()), sum(stayed[group] for group in kept)
    enough(n, f"pairs of answers of which the second {direction}")
    enough(still, "pairs of answers that stayed in the same group")
    gaps, errors = _gaps(tables, pairs, kept)
    tables.engine.execute(f"DROP TABLE {COUNTED}")
    notes = [ASSOCIATION]
    if left:
        notes.append(f"Pairs whose periods are not all known, left out: {left:,}.")
    if alone := sum(changed.values()) - n:
        notes.append(f"Pairs that {direction} from a group in which too few stayed: {alone:,}.")
    of = OUTCOMES[outcome][3].format(currency=tables.study.currency)
    blank = _blank(direction, outcome, f"{of} per customer in {days} days", n + still)
    return ScoreChange(
        direction,
        outcome,
        _effects(gaps, errors, blank, days),
        _as_they_are(gaps, errors, blank, days),
        _pre_trend(gaps, errors, blank),
        n,
        still,
        tuple(notes),
    )


def _refuse_unknown(outcome: str, direction: str) -> None:
    for given, valid in ((outcome, tuple(OUTCOMES)), (direction, ("fell", "rose"))):
        if given not in valid:
            raise ModelError(f"no figure of {given!r}", fix=nearest(given, valid))


def _pairs_of(direction: str) -> str:
    """Return rows of `COUNTED` with ``side``: c who changed so, s who stayed."""
    sign = "<" if direction == "fell" else ">"
    return f"""
        SELECT *, CASE WHEN grp = origin THEN 's' ELSE 'c' END AS side FROM {COUNTED}
        WHERE grp = origin OR grp {sign} origin"""


def _rows(pairs: str, period: int | None = None) -> str:
    only = "" if period is None else f"WHERE period = {period}"
    key = "side || '.' || CAST(origin AS VARCHAR)"
    if period is None:
        key += " || '.' || CAST(period AS VARCHAR)"
    return f"SELECT {key} AS part, customer AS unit, x, 1 AS y FROM ({pairs}) AS p {only}"


def _keep_counts(tables: Tables, score: DeclaredScore, outcome: str, days: int) -> int:
    """Put one row a pair and period into `COUNTED`; return how many pairs are not covered.

    Columns ``customer, origin, grp, period, x``.
    """
    role, moment, value, _ = OUTCOMES[outcome]
    columns = ("customer", moment, "amount") if "amount" in value else ("customer", moment)
    relation = need(tables, role, *columns)
    begin = f"SELECT min({moment}) AS begin FROM {relation}"
    if tables.study.complete_from:
        begin = f"SELECT TIMESTAMP '{tables.study.complete_from}' AS begin"
    covers = (
        f"first - INTERVAL {BEFORE * days} DAY >= b.begin "
        f"AND second + INTERVAL {AFTER * days} DAY <= l.last"
    )
    bounds = f"CROSS JOIN ({begin}) AS b CROSS JOIN ({last_moment(tables, role, moment)}) AS l"
    source = f"({_pairs(tables, score, days)}) AS p {bounds}"
    known = f"SELECT p.* FROM {source} WHERE {covers}"
    counted = f"""
        SELECT p.customer, p.pair, {_period(f"e.{moment}", days)} AS period, sum({value}) AS x
        FROM ({known}) AS p JOIN {relation} AS e ON e.customer = p.customer
         AND e.{moment} >= p.first - INTERVAL {BEFORE * days} DAY
         AND e.{moment} < p.second + INTERVAL {AFTER * days} DAY
         AND (e.{moment} < p.first OR e.{moment} >= p.second - INTERVAL {days} DAY)
        GROUP BY 1, 2, 3"""
    periods = ", ".join(f"({one})" for one in PERIODS)
    tables.engine.execute(f"""
        CREATE OR REPLACE TEMP TABLE {COUNTED} AS
        SELECT p.customer, p.origin, p.grp, v.period, coalesce(c.x, 0) AS x
        FROM ({known}) AS p CROSS JOIN (VALUES {periods}) AS v(period)
        LEFT JOIN ({counted}) AS c
          ON c.customer = p.customer AND c.pair = p.pair AND c.period = v.period""")
    [(left,)] = tables.engine.fetch(f"SELECT count(*) FROM {source} WHERE NOT ({covers})")
    return int(left)


def _pairs(tables: Tables, score: DeclaredScore, days: int) -> str:
    """Return consecutive answers of a customer so many days apart, ``first`` and ``second``."""
    order = "PARTITION BY customer ORDER BY moment, score"
    every = f"""
        SELECT customer, row_number() OVER ({order}) AS pair, grp, moment AS second,
               lag(grp) OVER ({order}) AS origin, lag(moment) OVER ({order}) AS first
        FROM ({answers(tables, score)}) AS a"""
    return f"SELECT * FROM ({every}) AS e WHERE first + INTERVAL {days} DAY <= second"


def _period(moment: str, days: int) -> str:
    """Return the number of the period in which a moment lies, as in `PERIODS`."""
    back = f"date_diff('second', {moment}, p.first)"
    since = f"date_diff('second', p.second, {moment})"
    width = f"{days * 86400}e0"
    return f"""
        CASE WHEN {moment} < p.first THEN -1 - CAST(floor(({back} - 1) / {width}) AS INTEGER)
             WHEN {moment} < p.second THEN 0
             ELSE 1 + CAST(floor({since} / {width}) AS INTEGER) END"""


def _gaps(tables: Tables, pairs: str, kept: Mapping[str, int]) -> tuple[Floats, Floats]:
    """Return the standardised difference of each period, and their joint covariance."""
    rows = _rows(pairs)
    found = sums_of(tables, rows)
    gaps, count = np.zeros(len(PERIODS)), sum(kept.values())
    loads: dict[str, list[tuple[float, float]]] = {}
    for place, period in enumerate(PERIODS):
        for origin, n in kept.items():
            for side, sign in (("c", 1.0), ("s", -1.0)):
                key = f"{side}.{origin}.{period}"
                one: Sums = found[key]
                weight = sign * n / count
                gaps[place] += weight * one.ratio
                loads[key] = [(0.0, 0.0)] * len(PERIODS)
                loads[key][place] = (weight / one.y, weight * one.ratio / one.y)
    return gaps, covariance(tables, rows, loads)


def _blank(direction: str, outcome: str, unit: str, n: int) -> Estimate:
    how = f"mean of those who {direction} less that of those who stayed, of the same first groups"
    contrast = f"{direction} - stayed"
    name = f"score_{direction}.{outcome}"
    return normal(0.0, 1.0, name, unit, n, how, contrast=contrast, note=ASSOCIATION)


def _linear(gaps: Floats, errors: Floats, load: Floats, blank: Estimate, term: str) -> Estimate:
    value, error = float(load @ gaps), float(np.sqrt(max(float(load @ errors @ load), 0.0)))
    what = blank.method.split(", normal")[0]
    name = f"{blank.name}.{term.replace(' ', '_')}"
    return normal(
        value, error, name, blank.unit, blank.n, what,
        term=term, contrast=blank.contrast, note=blank.note,
    )  # fmt: skip


def _effects(gaps: Floats, errors: Floats, blank: Estimate, days: int) -> tuple[Estimate, ...]:
    less = replace(blank, method=blank.method.replace(", normal", ", less that before, normal"))
    labels = [f"{days} days before the second answer"]
    labels += [f"{days * k - days} to {days * k} days after it" for k in range(1, AFTER + 1)]
    made = []
    for place, label in enumerate(labels, start=BEFORE):
        load = np.zeros(len(gaps))
        load[:BEFORE], load[place] = -1 / BEFORE, 1.0
        made.append(_linear(gaps, errors, load, less, label))
    return tuple(made)


def _as_they_are(gaps: Floats, errors: Floats, blank: Estimate, days: int) -> tuple[Estimate, ...]:
    return tuple(
        _linear(gaps, errors, np.eye(len(gaps))[place], blank, f"{a} to {b} days before the first")
        for place, (a, b) in enumerate((days * k, days * k - days) for k in range(BEFORE, 0, -1))
    )


def _pre_trend(gaps: Floats, errors: Floats, blank: Estimate) -> Estimate:
    load = np.zeros((BEFORE - 1, len(gaps)))
    load[:, : BEFORE - 1], load[:, BEFORE - 1] = np.eye(BEFORE - 1), -1.0
    statistic, p_value = joint_test((load @ gaps).tolist(), load @ errors @ load.T)
    note = (
        "The two had drifted apart before the first answer already: what follows is not told "
        "from a trend."
        if p_value < 0.05
        else "No difference in trend before the first answer was found."
    )
    return replace(
        blank,
        name=f"{blank.name}.pre_trend",
        estimate=None,
        conf_low=None,
        conf_high=None,
        std_error=None,
        method=f"Wald's test that the {BEFORE} differences before the first answer are alike",
        note=note,
        term="alike before",
        contrast="",
        statistic=statistic,
        p_value=p_value,
    )
