"""Inputs as columns of numbers: quantities in standard deviations, dummies of categories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ScarceDataError
from ...models.controls import MOST_LEVELS, OTHER, SMALLEST_LEVEL
from ...moments.rows import MISSING
from ...results.formats import titled
from ...results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    from ...arrays import Flags, Floats, Integers
    from ..driver_table import Driver, DriverTable

# Answers for each column, so that a model has something to rest on.
ANSWERS_A_COLUMN = 5


@dataclass(frozen=True, eq=False)
class Input:
    """An input and its columns.

    Attributes
    ----------
    columns
        Positions in the matrix; of a quantity itself first, then the mark of unknown values.
    levels
        Of a category: the level of each column; `base` is the level without one.
    mean, deviation
        Of a quantity where it is known, in its unit.
    missing
        Answers for which it is unknown.
    """

    driver: Driver
    columns: tuple[int, ...]
    levels: tuple[str, ...] = ()
    base: str = ""
    mean: float = 0.0
    deviation: float = 1.0
    missing: int = 0


@dataclass(frozen=True, eq=False)
class DriverColumns:
    """Everything that a model of the score takes, row by row.

    Attributes
    ----------
    matrix
        Rows by columns. Quantities have mean 0 and deviation 1, unknown ones are 0.
    score
        Turned round where a lower score is better: more is always better.
    group
        Position in `labels`, worst first.
    cluster, waves
        Coded from 0.
    rows
        The rows of the frame that are used.
    refused
        Why an input takes no part, by name.
    """

    matrix: Floats
    inputs: tuple[Input, ...]
    score: Floats
    group: Integers
    weight: Floats
    cluster: Integers
    waves: Integers
    rows: Flags
    labels: tuple[str, ...]
    notes: tuple[str, ...]
    refused: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """What is said of each column."""
        return tuple(n for one in self.inputs for n in _named(one))

    def only(self, rows: Flags) -> DriverColumns:
        """Return the same of some of the rows."""
        used = self.rows.copy()
        used[used] = rows
        return replace(
            self,
            matrix=self.matrix[rows],
            score=self.score[rows],
            group=self.group[rows],
            weight=self.weight[rows],
            cluster=_codes(self.cluster[rows]),
            waves=_codes(self.waves[rows]),
            rows=used,
        )

    @property
    def clusters(self) -> int:
        """How many independent units there are."""
        return int(self.cluster.max()) + 1


def lay_out_drivers(table: DriverTable) -> DriverColumns:
    """Turn the inputs of a table into columns.

    A category has a dummy for each level but the most frequent; levels under 30 answers are
    merged, unknown is a level of its own. An unknown quantity takes the mean, with a column that
    marks it.

    Raises
    ------
    ScarceDataError
        Too few answers, or no input that varies.
    """
    frame = table.frame
    score = frame["score"].to_numpy(dtype=float)
    weight = frame["weight"].to_numpy(dtype=float)
    rows = np.isfinite(score) & (weight > 0)
    score, weight = score[rows], weight[rows]
    waves = _codes(frame["wave"].to_numpy()[rows])
    _refuse_still(score, weight, waves)
    made, notes, refused = _inputs(table, rows, weight, waves)
    columns = [column for _, own in made for column in own]
    _refuse_few(len(score), len(columns), refused)
    better = 1.0 if table.study.scale.better == "higher" else -1.0
    return DriverColumns(
        np.column_stack(columns),
        tuple(one for one, _ in made),
        better * score,
        frame["group"].to_numpy(dtype=np.int64)[rows],
        weight,
        _codes(frame["cluster"].to_numpy()[rows]),
        waves,
        rows,
        tuple(table.study.scale.labels),
        (*_left_out(rows), *notes),
        refused,
    )


def within_waves(values: Floats, weight: Floats, waves: Integers) -> Floats:
    """Return columns less their weighted means of the wave.

    Parameters
    ----------
    values
        Rows by columns, or one column.
    """
    total = np.bincount(waves, weight)
    if values.ndim == 1:
        return np.asarray(values - (np.bincount(waves, weight * values) / total)[waves])
    return np.column_stack([within_waves(column, weight, waves) for column in values.T])


_Made = list[tuple[Input, list["Floats"]]]


def _inputs(
    table: DriverTable, rows: Flags, weight: Floats, waves: Integers
) -> tuple[_Made, list[str], dict[str, str]]:
    made: _Made = []
    notes: list[str] = []
    refused = dict(table.refused)
    width = 0
    for driver in table.drivers:
        values = table.frame[f"x_{driver.name}"].to_numpy()[rows]
        make = _quantity if driver.is_number else _category
        found = make(driver, values, weight, width)
        if isinstance(found, str):
            refused[driver.name] = found
            continue
        one, columns, told = found
        if not any(np.abs(within_waves(c, weight, waves)).max() > 1e-12 for c in columns):
            refused[driver.name] = "it does not vary among the answers of a wave"
            continue
        made.append((one, columns))
        notes += told
        width += len(columns)
    return made, [*_unknown(made, len(weight)), *notes], refused


def _left_out(rows: Flags) -> list[str]:
    """Say how many answers take no part."""
    lost = int(len(rows) - rows.sum())
    return [f"{lost:,} answers without a score or a weight above 0 take no part."] if lost else []


def _unknown(made: _Made, n: int) -> list[str]:
    """Say of which quantities some values are unknown."""
    lost = [f"{i.driver.title} ({i.missing:,})" for i, _ in made if i.missing and not i.levels]
    if not lost:
        return []
    return [f"Of {n:,} answers some have no {', '.join(lost)}: these take the mean and are marked."]


_Found = tuple[Input, list["Floats"], list[str]] | str


def _quantity(driver: Driver, raw: Floats, weight: Floats, at: int) -> _Found:
    values = raw.astype(float)
    known = np.isfinite(values)
    lost = int(len(values) - known.sum())
    if known.sum() < MINIMUM_GROUP:
        return f"it is known for {known.sum():,} answers, and at least {MINIMUM_GROUP} are needed"
    own = weight * known
    values = np.where(known, values, 0.0)
    mean = float(own @ values / own.sum())
    away = np.where(known, values - mean, 0.0)
    deviation = float(np.sqrt(own @ (away * away) / own.sum()))
    if not deviation > 1e-12 * max(1.0, abs(mean)):
        return "it is the same for every answer"
    columns = [away / deviation, *([1.0 - known] if lost else [])]
    places = tuple(range(at, at + len(columns)))
    return Input(driver, places, (), "", mean, deviation, lost), columns, []


def _category(driver: Driver, raw: Floats, weight: Floats, at: int) -> _Found:
    import pandas as pd

    codes, labels = pd.factorize(pd.Series(raw, dtype=object))
    named = [*map(str, labels), MISSING]
    codes = np.where(codes < 0, len(labels), codes)
    counts = np.bincount(codes, minlength=len(named))
    large = [level for level in range(len(named)) if counts[level] >= SMALLEST_LEVEL]
    if len(large) > MOST_LEVELS:
        return f"it has {len(large):,} levels, and at most {MOST_LEVELS} can be told apart"
    small = [level for level in range(len(named)) if 0 < counts[level] < SMALLEST_LEVEL]
    members = {named[level]: codes == level for level in large}
    if small:
        members[OTHER] = np.isin(codes, small)
    if len(members) < 2:
        return "it is the same for every answer"
    base = max(members, key=lambda level: float(weight @ members[level]))
    levels = tuple(sorted(set(members) - {base}))
    few = "level" if len(small) == 1 else "levels"
    told = [
        f"{titled(driver.title)}: {len(small)} {few} under {SMALLEST_LEVEL} answers merged as "
        f"{OTHER}."
    ]
    places = tuple(range(at, at + len(levels)))
    one = Input(driver, places, levels, base, missing=int(counts[-1]))
    return one, [members[level].astype(float) for level in levels], told if small else []


def _refuse_still(score: Floats, weight: Floats, waves: Integers) -> None:
    if len(score) < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{len(score):,} answers have a score",
            f"at least {MINIMUM_GROUP} are needed to see what moves it",
            "Pool more waves",
        )
    if not np.abs(within_waves(score, weight, waves)).max() > 0:
        raise ScarceDataError(
            "all answers of a wave have the same score",
            "what moves a score can be seen only where it differs",
            "Pool more waves",
        )


def _refuse_few(answers: int, columns: int, refused: Mapping[str, str]) -> None:
    if not columns:
        why = "; ".join(f"{name}: {reason}" for name, reason in refused.items())
        raise ScarceDataError("no input can be set against the score", why, "Declare others")
    if answers < ANSWERS_A_COLUMN * columns:
        raise ScarceDataError(
            f"{answers:,} answers for inputs that make {columns} columns",
            f"at least {ANSWERS_A_COLUMN} answers a column are needed",
            "Declare fewer inputs, merge levels, or pool more waves",
        )


def _named(one: Input) -> list[str]:
    if one.levels:
        return [f"{one.driver.title} = {level}" for level in one.levels]
    marks = [f"{one.driver.title} = {MISSING}"] * (len(one.columns) - 1)
    return [one.driver.title, *marks]


def _codes(values: Floats | Integers) -> Integers:
    import pandas as pd

    return np.asarray(pd.factorize(values, use_na_sentinel=False)[0], dtype=np.int64)
