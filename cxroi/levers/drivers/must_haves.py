"""Which inputs a high score is never seen without, beside those of which more is better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...results.estimate import CONF_LEVEL, Estimate
from ...results.multiplicity import holm
from ...results.thresholds import MINIMUM_GROUP
from ...study.levers import slug
from .necessity import LEAST_EFFECT, MOST_SHUFFLED, SHUFFLES, ceiling, chance_p_values

if TYPE_CHECKING:
    from ...arrays import Floats
    from .driver_columns import DriverColumns, Input

# Of the best group, the share that has at least so much of an input.
MOST = 0.95
EFFECT = "share of the area left empty"
NO_INTERVAL = "A ceiling rests on single answers, for which no interval is known; see its p value."


@dataclass(frozen=True, eq=False)
class MustHave:
    """Whether a high score is seen without enough of an input.

    Attributes
    ----------
    effect, line_effect
        Effect size of the ceiling of steps and of the line through its corners.
    needed
        The least of the input with which the best group was ever seen, in its unit.
    had_by_most
        What 95 in 100 of the best group have at least.
    p_adjusted
        Of as much being left empty by chance, or by more being better alone, whichever is more
        likely; after Holm over inputs.
    short
        Answers with less than `needed`.
    found
        Whether it is a must-have: an effect of at least 0.1, more than by chance and than by more
        being better alone, and at least 30 answers with less than what the best group needs.
    """

    effect: Estimate
    line_effect: Estimate
    needed: Estimate
    had_by_most: Estimate
    p_adjusted: float
    short: int
    found: bool

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Its figures."""
        return self.effect, self.line_effect, self.needed, self.had_by_most


def must_haves(
    columns: DriverColumns, inputs: Mapping[str, tuple[Input, Floats, int]], seed: int = 0
) -> dict[str, MustHave]:
    """Return for each input whether a high score is ever seen without enough of it.

    Parameters
    ----------
    inputs
        By name: the input, its values in its unit, NaN where unknown, and 1 where more is better,
        -1 where less is.
    """
    best = columns.group == columns.group.max()
    usable = {
        name: (one, sign * values, sign)
        for name, (one, values, sign) in inputs.items()
        if (np.isfinite(values) & best).sum() >= MINIMUM_GROUP
    }
    raw = chance_p_values(
        [values for _, values, _ in usable.values()], columns.score, columns.cluster, seed=seed
    )
    adjusted = holm([max(pair) for pair in raw]) if raw else np.zeros(0)
    return {
        name: _one(columns, *usable[name], pair[0], float(q))
        for name, pair, q in zip(usable, raw, adjusted, strict=True)
    }


def _one(
    columns: DriverColumns, one: Input, values: Floats, sign: int, p: float, adjusted: float
) -> MustHave:
    known = np.isfinite(values)
    x, y = values[known], columns.score[known]
    found = ceiling(x, y)
    best = columns.group[known] == columns.group.max()
    needed = found.needed(float(y[best].min()))
    label, n = columns.labels[int(columns.group.max())], int(known.sum())
    how = f"p by {SHUFFLES:,} shuffles of one answer a cluster, at most {MOST_SHUFFLED:,}"
    best_has = float(np.quantile(x[best], 1 - MOST, method="lower"))
    short = int((x < needed).sum())
    more_than_chance = found.effect >= LEAST_EFFECT and adjusted < 1 - CONF_LEVEL
    name, unit = one.driver.name, one.driver.unit
    had = f"had by {MOST:.0%} of that group"
    return MustHave(
        _figure(name, n, "necessity", found.effect, EFFECT, f"CE-FDH; {how}", p),
        _figure(name, n, "necessity.line", found.line_effect, EFFECT, "CR-FDH"),
        _figure(name, n, f"needed_for_{slug(label)}", sign * needed, unit, "ceiling of steps"),
        _figure(name, n, f"had_by_most_{slug(label)}", sign * best_has, unit, had),
        adjusted,
        short,
        bool(more_than_chance and short >= MINIMUM_GROUP),
    )


def _figure(
    name: str, n: int, last: str, value: float, unit: str, method: str, p: float | None = None
) -> Estimate:
    return Estimate(
        f"driver.{name}.{last}",
        value,
        None,
        None,
        None,
        unit,
        n,
        f"{method}; weights play no part",
        NO_INTERVAL,
        p_value=p,
    )
