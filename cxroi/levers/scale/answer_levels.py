"""Levels of the answers: each answer its own, or with its neighbours where too few gave it.

Answers are pooled within a group of the score, so that a level lies on one side of every cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from typing import TYPE_CHECKING, cast

import numpy as np

from ...errors import RareEventError, ScarceDataError
from ...moments.engine_rows import EngineRows
from ...moments.units import units_among
from ...results.thresholds import FEWEST_EVENTS, MINIMUM_GROUP

if TYPE_CHECKING:
    from ...arrays import Floats, Integers, Vector
    from ...models.sample import Sample
    from ...moments.columns import Column

# With more answers than that a level is a band that holds about this share of them.
MOST_ANSWERS, BANDS = 12, 10
FEWEST = f"a point of the curve needs {MINIMUM_GROUP} customers"


@dataclass(frozen=True)
class Level:
    """One answer, or neighbouring answers together.

    Attributes
    ----------
    low, high
        The smallest and the largest answer in it.
    score
        Their weighted mean.
    group
        Position of their group among the labels of the scale.
    n, units
        Answers, and customers (or declared clusters) that they are of.
    share
        Of the weight of all answers.
    any, none
        Answers whose outcome is not zero, and whose outcome is.
    """

    low: float
    high: float
    score: float
    group: int
    n: int
    units: int
    share: float
    any: int
    none: int

    @property
    def label(self) -> str:
        """The answers, such as ``7`` or ``0 to 3``."""
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"

    @property
    def slug(self) -> str:
        """The answers as part of a name in results, such as ``0_to_3``; dots as ``%2E``."""
        return self.label.replace(" ", "_").replace(".", "%2E")

    def joined(self, other: Level) -> Level:
        """Return the level of both; of units at most so many."""
        share = self.share + other.share
        return Level(
            min(self.low, other.low),
            max(self.high, other.high),
            (self.score * self.share + other.score * other.share) / share,
            min((self, other), key=lambda one: -one.n).group,
            self.n + other.n,
            self.units + other.units,
            share,
            self.any + other.any,
            self.none + other.none,
        )


def answer_levels(sample: Sample) -> tuple[Level, ...]:
    """Return the levels of a sample's answers, lowest number first.

    A level has at least 30 customers (or declared clusters), 5 answers whose outcome is not zero,
    and of a yes/no outcome 5 of either kind. More than 12 different answers make bands of about
    a tenth of all answers.

    Raises
    ------
    ScarceDataError
        Fewer than two levels are left.
    """
    answers = _answers(sample)
    floor = sum(one.n for one in answers) / BANDS if len(answers) > MOST_ANSWERS else 0.0
    within: list[Level] = []
    for _, group in groupby(answers, key=lambda one: one.group):
        within += _pooled(list(group), sample, floor)
    levels = _pooled(within, sample, 0.0)
    if len(levels) < 2:
        raise _refusal(sample, answers)
    return tuple(levels)


def members(sample: Sample, level: Level) -> Vector:
    """Return which rows of a sample gave an answer of a level."""
    score = sample.rows.values("score")
    return (score >= level.low) & (score <= level.high)


def _pooled(answers: Sequence[Level], sample: Sample, floor: float) -> list[Level]:
    """Join neighbours until each is enough; what is left at the end goes to the one before."""
    found: list[Level] = []
    for one in answers:
        if found and not _enough(found[-1], sample, floor):
            found[-1] = _counted(found[-1].joined(one), sample)
        else:
            found.append(one)
    if len(found) > 1 and not _enough(found[-1], sample, floor / 2):
        found[-2:] = [_counted(found[-2].joined(found[-1]), sample)]
    return found


def _enough(level: Level, sample: Sample, floor: float) -> bool:
    either = min(level.any, level.none) if sample.outcome.kind == "yes_no" else level.any
    return level.units >= MINIMUM_GROUP and either >= FEWEST_EVENTS and level.n >= floor


def _counted(level: Level, sample: Sample) -> Level:
    """Return a level with the units that it has: one of several answers counts once."""
    if not sample.clustered:
        return level
    units = units_among(sample.clusters, members(sample, level))
    return Level(**{**vars(level), "units": units})


def _refusal(sample: Sample, answers: Sequence[Level]) -> ScarceDataError:
    whole = reduce(Level.joined, answers)
    name, events = sample.outcome.name, min(whole.any, whole.none)
    if sample.outcome.kind == "yes_no" and events < 4 * FEWEST_EVENTS:
        return RareEventError(
            f"{name.replace('_', ' ')} is too rare for a curve: {events} of {whole.n:,} answers "
            "differ from the others",
            f"each point of a curve needs {FEWEST_EVENTS} of either kind",
            "Pool more waves or lengthen the outcome window",
        )
    return ScarceDataError(
        f"the answers with {name!r} do not make two points of a curve, of {whole.n:,} in all",
        f"{FEWEST} and {FEWEST_EVENTS} of them with the outcome",
        "Pool more waves",
    )


def _answers(sample: Sample) -> list[Level]:
    """Count what is known of each answer."""
    found = sorted(_in_engine(sample) if isinstance(sample.rows, EngineRows) else _arrays(sample))
    total = sum(one[4] for one in found)
    return [
        Level(score, score, score, int(group), int(n), int(units), weight / total, int(some), n_)
        for score, group, n, units, weight, some in found
        for n_ in [int(n - some)]
    ]


def _arrays(sample: Sample) -> Iterable[tuple[float, ...]]:
    scores, place = np.unique(np.asarray(sample.rows.values("score")), return_inverse=True)
    n = np.bincount(place)
    group = np.zeros(len(scores), dtype=np.int64)
    group[place] = cast("Integers", sample.groups)
    units = n
    if sample.clusters is not None:
        clusters = cast("Integers", sample.clusters)
        width = int(clusters.max()) + 1
        units = np.bincount(np.unique(place * width + clusters) // width)
    weight = np.bincount(place, cast("Floats", sample.weights))
    some = np.bincount(place, cast("Floats", sample.values) != 0)
    return zip(*(one.tolist() for one in (scores, group, n, units, weight, some)), strict=True)


def _in_engine(sample: Sample) -> Iterable[tuple[float, ...]]:
    rows = cast("EngineRows", sample.rows)
    inner = {"y": sample.values, "w": sample.weights, "g": rows.groups}
    outer = ["min(g)", "count(*)", "count(*)", "sum(w)", "sum(CASE WHEN y <> 0 THEN 1 ELSE 0 END)"]
    if sample.clusters is not None:
        inner["c"], outer[2] = sample.clusters, "count(DISTINCT c)"
    found = rows.fetch(outer, cast("dict[str, Column]", inner), by=["score"])
    return [tuple(map(float, row)) for row in found]
