"""Claims that one score, or one event, says more about another than a second one does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Integers
from ..engine.quoting import text
from ..errors import ScarceDataError
from ..metrics.relations import scores_of
from ..results.estimate import CONF_LEVEL, Estimate
from ..results.thresholds import MINIMUM_GROUP
from .claim import Claim, Said
from .evidence import DAYS, Evidence

FOLDS, RESAMPLES, CELLS_AT_ONCE = 5, 400, 2_000_000
BOOTSTRAP = f"answers unweighted, percentiles of {RESAMPLES} resamples of customers"
_LOYAL = {
    "orders": "EXISTS (SELECT 1 FROM {orders} AS o WHERE o.customer = a.customer AND o.amount > 0 "
    f"AND o.ordered_at > a.seen_at AND o.ordered_at <= a.seen_at + INTERVAL {DAYS} DAY)",
    "subscriptions": "EXISTS (SELECT 1 FROM {subscriptions} AS o WHERE o.customer = a.customer "
    f"AND o.started_at <= a.seen_at AND (o.cancelled_at IS NULL OR o.cancelled_at > a.seen_at + "
    f"INTERVAL {DAYS} DAY))",
}


def _folds(count: int) -> Integers:
    return np.asarray(np.random.default_rng(1).permutation(count) % FOLDS, dtype=np.int64)


@dataclass(frozen=True)
class Folded:
    """Sums of 1, x, y, x², xy, y² of each unit, and the fold that it is in."""

    sums: Floats
    fold: Integers

    @classmethod
    def of(cls, units: Integers, x: Floats, y: Floats, count: int) -> Folded:
        """Sum rows by unit, a number from 0 to `count`; folds are drawn."""
        parts = (np.ones(len(x)), x, y, x * x, x * y, y * y)
        sums = np.column_stack([np.bincount(units, part, minlength=count) for part in parts])
        return cls(np.asarray(sums, dtype=np.float64), _folds(count))

    def explained(self, times: Floats) -> Floats:
        """Return the share of the spread of y that x explains in folds that were not fitted.

        Parameters
        ----------
        times
            How often each unit is taken, one row a resample.

        Returns
        -------
        numpy.ndarray
            One a resample: one less the squared errors of a line fitted to the other folds over
            those of their mean; below 0 where the line is worse than the mean.
        """
        folds = np.stack(
            [times[:, self.fold == k] @ self.sums[self.fold == k] for k in range(FOLDS)]
        )
        whole, missed, spread = folds.sum(axis=0), 0.0, 0.0
        for held in folds:
            n, x, y, xx, xy, _ = (whole - held).T
            varies = n * xx - x * x
            with np.errstate(divide="ignore", invalid="ignore"):
                slope = np.where(varies > 0, (n * xy - x * y) / varies, 0.0)
                base, mean = (y - slope * x) / n, y / n
            n, x, y, xx, xy, yy = held.T
            missed = missed + (
                yy + n * base**2 + slope**2 * xx - 2 * (base * y + slope * xy - base * slope * x)
            )
            spread = spread + yy - 2 * mean * y + n * mean**2
        return np.asarray(1 - missed / spread)


def taken(count: int) -> Iterator[Floats]:
    """Yield how often each unit is taken in resamples, one row each, as many as memory likes."""
    rng, left = np.random.default_rng(0), RESAMPLES
    while left:
        some = min(left, max(1, CELLS_AT_ONCE // count))
        yield rng.multinomial(count, np.full(count, 1 / count), some).astype(float)
        left -= some


def resampled(first: Folded, second: Folded) -> tuple[tuple[float, float], tuple[Floats, Floats]]:
    """Return what both explain, and again in resamples of the units that they share."""
    count = len(first.sums)
    once = np.ones((1, count))
    drawn = [(first.explained(times), second.explained(times)) for times in taken(count)]
    a, b = (np.concatenate(part) for part in zip(*drawn, strict=True))
    return (float(first.explained(once)[0]), float(second.explained(once)[0])), (a, b)


def require(count: int, what: str) -> None:
    """Refuse fewer than 30."""
    if count < MINIMUM_GROUP:
        raise ScarceDataError(f"there are {count} {what}", f"at least {MINIMUM_GROUP} are needed")


def _effort_against_satisfaction(evidence: Evidence) -> Estimate:
    """Return how many times as much of later purchases effort explains as satisfaction does.

    Where satisfaction explains nothing in a resample the ratio there has no upper end, and where
    neither does it has no end at all.
    """
    scores = scores_of(evidence.study)
    effort, satisfaction = (
        next(score.name for score in scores if score.scale.kind == kind) for kind in ("ces", "csat")
    )
    table = next(table for table in _LOYAL if table in evidence.study.sources)
    rows = (
        "SELECT a.customer, a.seen_at, a.effort, a.satisfaction, CASE WHEN " + _LOYAL[table] + " "
        "THEN 1.0 ELSE 0.0 END AS y FROM (SELECT e.customer, e.seen_at, e.level AS effort, c.level "
        f"AS satisfaction FROM {{scores}} AS e JOIN {{scores}} AS c ON c.customer = e.customer AND "
        f"c.seen_at = e.seen_at AND (c.home <> e.home OR c.answer = e.answer) WHERE "
        f"e.name = {text(effort)} AND "
        f"c.name = {text(satisfaction)} AND e.seen_at + INTERVAL {DAYS} DAY <= {{until}}) AS a"
    )
    found = evidence.frame(rows, {table: ()})
    units, of = np.unique(found["unit"].astype(str), return_inverse=True)
    require(len(units), "customers who answered both questions")
    y = found["y"].to_numpy(dtype=float)
    (a, b), (one, other) = resampled(
        *(
            Folded.of(of, found[x].to_numpy(dtype=float), y, len(units))
            for x in ("effort", "satisfaction")
        )
    )
    if b <= 0:
        raise ScarceDataError(
            "satisfaction explains nothing of later purchases, nothing to divide by"
        )
    low, high = interval_of_ratio(one, other)
    return Estimate(
        "",
        a / b,
        low,
        high,
        None,
        "times what satisfaction explains",
        len(found),
        f"share of the spread of {'buying again' if table == 'orders' else 'staying'} within "
        f"{DAYS} days that a line explains in customers whom it was not fitted to, {FOLDS} folds; "
        f"{BOOTSTRAP}",
        note=f"effort explains {100 * a:.2f} % of it, satisfaction {100 * b:.2f} %",
    )


def interval_of_ratio(one: Floats, other: Floats) -> tuple[float, float]:
    """Return the interval of a ratio whose parts may be nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = one / other
    high = np.where(other > 0, ratio, np.inf)
    low = np.where(other > 0, ratio, np.where(one > 0, np.inf, -np.inf))
    tail = (1 - CONF_LEVEL) / 2
    return (
        float(np.quantile(low, tail, method="lower")),
        float(np.quantile(high, 1 - tail, method="higher")),
    )


def _calls_against_carts(evidence: Evidence) -> Estimate:
    """Return how much more of the next answer an abandoned call explains than a cart does."""
    calls = _next_answer("calls", "called_at", "abandoned")
    carts = _next_answer("carts", "created_at", "CASE WHEN bought_at IS NULL THEN 1 ELSE 0 END")
    found = [
        evidence.frame(calls, {"calls": ()}),
        evidence.frame(carts, {"carts": ()}),
    ]
    named = [frame["unit"].astype(str).to_numpy() for frame in found]
    units, of = np.unique(np.concatenate(named), return_inverse=True)
    for frame, what in zip(found, ("calls", "carts"), strict=True):
        require(len(frame), f"{what} before an answer")
    splits = np.split(of, [len(named[0])])
    folded = [
        Folded.of(
            place, frame["x"].to_numpy(dtype=float), frame["y"].to_numpy(dtype=float), len(units)
        )
        for frame, place in zip(found, splits, strict=True)
    ]
    (a, b), (one, other) = resampled(*folded)
    tail = 100 * (1 - CONF_LEVEL) / 2
    low, high = np.percentile(one - other, [tail, 100 - tail])
    return Estimate(
        "",
        a - b,
        float(low),
        float(high),
        float(np.std(one - other)),
        "share of the spread of the score",
        len(found[0]) + len(found[1]),
        "share of the spread of the next answer to the main score within "
        f"{DAYS} days that abandoning explains out of sample, calls less carts; {BOOTSTRAP}",
        note=f"an abandoned call explains {100 * a:.2f} %, a cart {100 * b:.2f} %",
    )


def _next_answer(table: str, at: str, x: str) -> str:
    """Return the SQL of whether each was abandoned, and the next answer of the same customer."""
    return (
        "SELECT customer, seen_at, x, y FROM (SELECT e.customer, e." + at + " AS seen_at, e.x, "
        "s.level AS y, row_number() OVER (PARTITION BY e.customer, e.row ORDER BY s.seen_at, "
        f"s.level) AS k FROM (SELECT *, {x} AS x FROM {{{table}}}) AS e JOIN {{scores}} AS s ON "
        f"s.customer = e.customer AND s.main = 1 AND s.seen_at > e.{at} AND s.seen_at <= e.{at} + "
        f"INTERVAL {DAYS} DAY) AS t WHERE k = 1"
    )


PREDICTION = (
    Claim(
        "effort_against_satisfaction",
        "Customer effort predicts loyalty 1.8 times as well as satisfaction",
        "1.8 times",
        ("A0",),
        "a figure quoted without a source; the study of 2010 asked 75,000 customers about "
        "intentions, not about what they then did",
        "how many times as much of buying again effort explains as satisfaction, out of sample",
        Said(1.8, 1.8, null=1.0),
        _effort_against_satisfaction,
        {"scores:ces": (), "scores:csat": (), "orders|subscriptions": ()},
    ),
    Claim(
        "calls_against_carts",
        "Abandoned calls say more about satisfaction than abandoned carts",
        "more",
        ("A2",),
        "a general statement without a figure",
        "share of the next answer that an abandoned call explains, less that of an abandoned cart",
        Said(least=0.01),
        _calls_against_carts,
        {
            "calls": ("called_at", "abandoned"),
            "carts": ("created_at", "bought_at"),
            "responses": ("answered_at",),
        },
    ),
)
