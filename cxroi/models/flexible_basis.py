"""The basis of flexible adjustment: controls and baselines as curves, with a ridge of its own.

Categories are dummies; every quantity and every baseline is a restricted cubic spline; each dummy
also tilts the straight part of each quantity. How much of that there is follows from the size of
the smaller of the two groups (`ROWS_A_COLUMN`): at most seven knots and the products, at least
straight lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..moments.influence import effective_units, sums
from ..moments.operations import named
from ..moments.order_statistics import extremes, median_above_zero, quantiles
from ..moments.rows import MISSING
from .controls import baselines, category_columns, filled, independent
from .splines import SHARES, bends, knots_of
from .waves import wave_columns

if TYPE_CHECKING:
    from ..arrays import Floats, Vector
    from ..moments.design import Design
    from ..moments.rows import Rows
    from ..study.declared import Study
    from .sample import Sample

ROWS_A_COLUMN = 10
FEW_ZEROS = 0.01  # under this share of a baseline, zero is no state of its own
RIDGE = 1.0
# Knots of a curve; fewer where many rows make each column dear.
MOST_KNOTS, FEWER_KNOTS, MANY_ROWS = 7, 5, 1_000_000

_Named = tuple[str, "Vector"]
_BEND, _TIMES = ", bend ", " * "


@dataclass(frozen=True, eq=False)
class Basis:
    """Columns that outcome and propensity are fitted on, one row a response.

    Attributes
    ----------
    design
        Intercept first.
    ridge
        The penalty of a fit: `RIDGE` times the variance of the linear predictor over all rows,
        the intercept free. The same whatever the units of the columns, and little against
        thousands of rows; with few events it is what keeps a fit from running away.
    """

    design: Design = field(repr=False)
    ridge: Floats = field(repr=False)

    @property
    def width(self) -> int:
        """Number of columns beside the intercept."""
        return len(self.design.names) - 1

    @property
    def straight(self) -> tuple[int, ...]:
        """Places in the design of the columns that neither bend nor tilt others."""
        names = enumerate(self.design.names[1:], start=1)
        return tuple(place for place, name in names if not (_BEND in name or _TIMES in name))


@dataclass(frozen=True, eq=False)
class _Term:
    """One control or baseline: what is always there, and what may bend."""

    fixed: tuple[_Named, ...]
    straight: _Named | None = None
    quantiles: tuple[float, ...] = ()  # at `SHARES`
    tilts: bool = False  # whether categories tilt it, or of a category whether it tilts

    def curve(self, count: int) -> list[_Named]:
        """Return the columns that bend it at this many knots; none at two."""
        if self.straight is None or count < 3:
            return []
        name, values = self.straight
        knots = knots_of(self.quantiles, count)
        if len(knots) < 3:
            return []
        return [(f"{name}{_BEND}{n}", b) for n, b in enumerate(bends(values, knots), start=1)]


def flexible_basis(sample: Sample, study: Study, pair: Sequence[str]) -> Basis:
    """Return the basis for the rows of a sample.

    Parameters
    ----------
    pair
        The two groups whose sizes set how many columns there are.

    Raises
    ------
    ModelError
        A category has too many levels, or is the same for everybody.
    """
    source = sample.rows
    numbers = [n not in study.categorical and source.is_number(f"attr_{n}") for n in study.controls]
    amounts = {f"{o.name}_before" for o in study.outcomes if o.kind == "amount"} | {"spend_before"}
    tasks = [
        partial(_quantity if number else _category, name, source)
        for name, number in zip(study.controls, numbers, strict=True)
    ]
    tasks += [partial(_baseline, n, source, n in amounts) for n in baselines(source.names)]
    terms = source.together([*tasks, partial(_waves, source)])
    columns = _within_budget(source, terms, _budget(sample, pair))
    matrix = source.matrix([column for _, column in columns], [name for name, _ in columns])
    design = matrix.behind_groups(sample.groups, (), ["intercept", *matrix.names])
    spread = _spread(design, sample.weights)
    keep = np.flatnonzero(independent(spread, matrix.names, 0, []))
    kept = [columns[n] for n in keep]
    names = [name for name, _ in kept]
    matrix = source.matrix([column for _, column in kept], names)
    ridge = np.zeros((len(kept) + 1, len(kept) + 1))
    ridge[1:, 1:] = RIDGE * spread[np.ix_(keep, keep)]
    return Basis(matrix.behind_groups(sample.groups, (), ["intercept", *names]), ridge)


def _budget(sample: Sample, pair: Sequence[str]) -> float:
    """Return how many columns the smaller of the two groups allows."""
    weights = [np.where(sample.members(g), sample.weights, 0.0) for g in pair]
    return min(effective_units(w) for w in weights) / ROWS_A_COLUMN


def _within_budget(source: Rows, terms: Sequence[_Term], budget: float) -> list[_Named]:
    """Return the columns: as many bends and products as there is room for."""
    fixed = [column for term in terms for column in term.fixed]
    straight = [term.straight for term in terms if term.straight is not None]
    most = MOST_KNOTS if source.count <= MANY_ROWS else FEWER_KNOTS
    for knots, tilted in ((7, True), (5, True), (4, True), (4, False), (3, False), (2, False)):
        if knots > most:
            continue
        curves = [column for term in terms for column in term.curve(knots)]
        products = _tilts(source, terms) if tilted else []
        columns = [*fixed, *straight, *curves, *products]
        if len(columns) <= budget:
            break
    return columns


def _tilts(source: Rows, terms: Sequence[_Term]) -> list[_Named]:
    levels = [c for t in terms if t.straight is None and t.tilts for c in t.fixed]
    straight = [term.straight for term in terms if term.straight is not None and term.tilts]
    return [
        (f"{level}{_TIMES}{name}", source.interaction(dummy, values))
        for level, dummy in levels
        for name, values in straight
    ]


def _category(name: str, source: Rows) -> _Term:
    columns, _ = category_columns(name, source)
    return _Term(tuple(columns), tilts=True)


def _waves(source: Rows) -> _Term:
    return _Term(tuple(wave_columns(source)[0]))


def _quantity(name: str, source: Rows) -> _Term:
    raw, missing = source.number(f"attr_{name}")
    values, _ = filled(raw, missing, source.count)
    if values.min() == values.max():
        return _Term(())
    mean, spread = values.mean(), values.std()
    flags = () if missing is None else ((f"{name} = {MISSING}", missing),)
    known = source.one > 0 if missing is None else missing < 1
    found = (quantiles(raw, known, SHARES) - mean) / spread
    return _Term(flags, (name, named((values - mean) / spread)), tuple(found), tilts=True)


def _baseline(column: str, source: Rows, amount: bool) -> _Term:
    """Return a baseline; an amount as arcsinh of its median above zero, with a mark for none."""
    name = column.replace("_", " ")
    raw, missing = source.number(column)
    flags = [] if missing is None else [(f"{name} = {MISSING}", missing)]
    known = source.one > 0 if missing is None else missing < 1
    if not amount:
        values, _ = filled(raw, missing, source.count)
        if values.min() == values.max():
            return _Term(())
        mean, spread = values.mean(), values.std()
        found = (quantiles(raw, known, SHARES) - mean) / spread
        return _Term(tuple(flags), (name, named((values - mean) / spread)), tuple(found))
    unit = median_above_zero(np.absolute(raw))
    if not unit > 0:
        return _Term(())
    low, high = extremes(raw, known)
    if low == high:
        return _Term(())
    none = known & (raw == 0)
    zeros, count = sums(1.0 * none, 1.0 * known)
    rare = zeros <= FEW_ZEROS * count
    if not rare:
        flags.append((f"{name} = 0", np.where(none, 1.0, 0.0)))
    bent, _ = filled(np.arcsinh(raw / unit), missing, source.count)
    some = known if rare else known & (raw != 0)
    found = np.arcsinh(quantiles(raw, some, SHARES) / unit)
    return _Term(tuple(flags), (name, named(bent)), tuple(found))


def _spread(design: Design, weights: Vector) -> Floats:
    """Return the covariance of the columns beside the intercept, weighted."""
    [products], _ = design.moments((weights,), ())
    total = products[0, 0]
    mean = products[0, 1:] / total
    return np.asarray(products[1:, 1:] / total - np.outer(mean, mean))
