"""Inputs weighed against one another: importance, slopes, and what may be claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ScarceDataError
from ...results.estimate import CONF_LEVEL, Estimate
from ...results.formats import listed, titled
from ...results.multiplicity import holm
from .driver_columns import within_waves
from .halo import FEWEST_RATINGS, Halo, find_halo
from .importance import MOST_EXACT, ORDERS
from .importance_figures import (
    SHARE,
    PValues,
    how_computed,
    importance_figures,
    lmg_in_resamples,
    parts_of,
    with_interval,
)
from .joint_tests import Slopes, fit_slopes, inflation, p_value
from .resamples import block_products, covariances, resampled

if TYPE_CHECKING:
    from ...arrays import Floats
    from .driver_columns import DriverColumns, Input

# What may be said of an input.
DRIVER, SHARED, NONE = "driver", "shared with others", "no driver found"
LEAST_CLUSTERS = 10
# Variance of a slope that other inputs make so many times as large (Marquardt 1970).
MOST_INFLATION = 10.0


@dataclass(frozen=True, eq=False)
class Weighed:
    """What the linear model of the score tells of every input.

    Attributes
    ----------
    figures
        By input or ``group.<group>``: ``lmg``, ``lmg_share``, ``johnson``, ``first``, ``last``
        and, under halo, ``lmg_beyond_halo``.
    kinds
        By input: `DRIVER` (goes with the score beyond all other inputs), `SHARED` (goes with it,
        but not shown to do so beyond the others), or `NONE`.
    p_last
        By input, after Holm over all inputs: of no relation beyond the others.
    slopes
        Of the columns.
    halo
        What the ratings among the inputs have in common; None of fewer than three.
    """

    figures: Mapping[str, Mapping[str, Estimate]]
    r_squared: Estimate
    kinds: Mapping[str, str]
    p_last: Mapping[str, float]
    slopes: Slopes
    halo: Halo | None
    notes: tuple[str, ...]


def weigh(
    columns: DriverColumns, ratings: Mapping[str, float], unit: str, seed: int = 0
) -> Weighed:
    """Weigh inputs against one another for the score, means of waves removed.

    Parameters
    ----------
    ratings
        Inputs that are ratings of the same answer: 1 where more is better, -1 where less is.
    unit
        What a cluster is, in the plural, such as ``customers``.

    Raises
    ------
    ScarceDataError
        Fewer than ten clusters.
    """
    if columns.clusters < LEAST_CLUSTERS:
        raise ScarceDataError(
            f"the answers are of {columns.clusters} {unit}",
            f"intervals need at least {LEAST_CLUSTERS} that are independent",
            "Pool more waves",
        )
    x = within_waves(columns.matrix, columns.weight, columns.waves)
    y = within_waves(columns.score, columns.weight, columns.waves)
    slopes = fit_slopes(x, y, columns.weight, columns.cluster)
    tests = _tests(columns, x, y, slopes)
    halo = _halo(columns, x, ratings)
    products = block_products(np.column_stack([x, y]), columns.weight, columns.cluster, seed=seed)
    sampled = np.concatenate(
        [covariances(products.sum(axis=0)[None]), resampled(products, seed=seed)]
    )
    how = how_computed(columns, unit)
    figures, r_squared = importance_figures(columns, sampled, tests, how, seed)
    if halo is not None:
        for name, beyond in _beyond_halo(columns, sampled, halo, ratings, how, seed).items():
            figures[name]["lmg_beyond_halo"] = beyond
    kinds = {name: _kind(tests, name) for name in tests.any}
    notes = (*_together(columns, x, slopes), *_order_note(columns))
    return Weighed(figures, r_squared, kinds, tests.last, slopes, halo, notes)


def _tests(columns: DriverColumns, x: Floats, y: Floats, slopes: Slopes) -> PValues:
    parts = parts_of(columns)
    beyond = {name: p_value(slopes, own) for name, own in parts.items()}
    first = {}
    for name, own in parts.items():
        alone = fit_slopes(x[:, own], y, columns.weight, columns.cluster)
        first[name] = p_value(alone, range(len(own)), own=False)
    names = [one.driver.name for one in columns.inputs]
    either = holm([min(1.0, 2 * min(first[n], beyond[n])) for n in names])
    last = holm([beyond[n] for n in names])
    everything = p_value(slopes, range(x.shape[1]), own=False)
    of_any, of_last = (dict(zip(names, map(float, p), strict=True)) for p in (either, last))
    return PValues(first, beyond, of_any, of_last, everything)


def _kind(tests: PValues, name: str) -> str:
    if tests.any[name] >= 1 - CONF_LEVEL:
        return NONE
    return DRIVER if tests.last[name] < 1 - CONF_LEVEL else SHARED


def _halo(columns: DriverColumns, x: Floats, ratings: Mapping[str, float]) -> Halo | None:
    rated = [one for one in columns.inputs if one.driver.name in ratings]
    if len(rated) < FEWEST_RATINGS:
        return None
    values = np.column_stack([x[:, one.columns[0]] * ratings[one.driver.name] for one in rated])
    for place, one in enumerate(rated):
        if len(one.columns) > 1:
            values[columns.matrix[:, one.columns[1]] > 0, place] = np.nan
    return find_halo(values, columns.weight)


def _beyond_halo(
    columns: DriverColumns,
    sampled: Floats,
    halo: Halo,
    ratings: Mapping[str, float],
    how: str,
    seed: int,
) -> dict[str, Estimate]:
    """Return the importance of inputs with the common component of the ratings held equal."""
    width = sampled.shape[1]
    mixed = np.vstack([np.zeros(width), np.eye(width)])
    rated = [one for one in columns.inputs if one.driver.name in ratings]
    for one, load in zip(rated, halo.loads, strict=True):
        mixed[0, one.columns[0]] = load * ratings[one.driver.name]
    parts = {one.driver.name: [c + 1 for c in one.columns] for one in columns.inputs}
    found = lmg_in_resamples(mixed @ sampled @ mixed.T, list(parts.values()), [0], seed)
    n, method = len(columns.score), f"LMG beyond what the ratings have in common; {how}"
    return {
        name: Estimate(
            f"driver.{name}.lmg_beyond_halo", *with_interval(found[:, k]), SHARE, n, method
        )
        for k, name in enumerate(parts)
    }


def _order_note(columns: DriverColumns) -> list[str]:
    if len(columns.inputs) <= MOST_EXACT:
        return []
    return [
        f"With {len(columns.inputs)} inputs, importance is averaged over {ORDERS:,} orders drawn "
        "by chance, always the same."
    ]


def _together(columns: DriverColumns, x: Floats, slopes: Slopes) -> list[str]:
    """Say which inputs can hardly be told apart."""
    own = [one for one in columns.inputs if slopes.repeats[list(one.columns[: _own(one)])].any()]
    notes = []
    if len(own) > 1:
        notes.append(
            f"{_listed(own)} determine one another: their importance is shared out between them, "
            "and what they share is nobody's own. Declare them as a group, or leave one out."
        )
    elif own:
        notes.append(
            f"{_listed(own)} tells which other inputs are unknown: what goes with that is shared "
            "out between them."
        )
    gram = x.T @ (x * columns.weight[:, None])
    wide = inflation(gram, slopes.repeats)
    close = [one for one in columns.inputs if wide[one.columns[0]] > MOST_INFLATION]
    if close:
        notes.append(
            f"{_listed(close)}: other inputs tell nearly the same, so how much is whose is very "
            "uncertain. Declare them as a group."
        )
    return notes


def _own(one: Input) -> int:
    """Return how many columns an input has besides the mark of unknown values."""
    return len(one.levels) or 1


def _listed(inputs: Sequence[Input]) -> str:
    return titled(listed([one.driver.title for one in inputs]))
