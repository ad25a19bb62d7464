"""Whether a fall of the score costs what a rise of the same size brings.

Two questions. Within customers who answered in two consecutive waves: the change of the outcome
on the answers' steps that were crossed, up or down, and on the size of the move whichever way it
went. Were rises and falls mirror images, the size would say nothing once the steps are known,
however bent the curve. And across the scale: a line below and a line above its middle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ...effects.within import overlap_note, refuse_once_only
from ...errors import CxroiError, ScarceDataError, attempt
from ...models.fit import fit_glm
from ...moments import influence
from ...moments.engine_rows import EngineRows
from ...moments.order_statistics import median
from ...moments.units import units_among
from ...respondents.moves import CHANCE
from ...respondents.pair_estimates import interval_of
from ...respondents.wave_pairs import Pairs, wave_pairs
from ...results.estimate import CONF_LEVEL, Estimate
from ...results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    from ...arrays import Floats, Vector
    from ...panel.panel import Panel
    from ...study.outcomes import Outcome
    from .answer_curve import Curve

POINT = "per point of the score"
HOW = (
    "change of the same customers' outcome on the steps of the scale that they crossed and on the "
    "size of the move"
)
# What each is called in results.
NAMES = {
    "sum": "asymmetry",
    "rise": "asymmetry.rise",
    "fall": "asymmetry.fall",
    "kink": "kink",
    "below": "kink.below",
    "above": "kink.above",
}


@dataclass(frozen=True)
class Asymmetry:
    """Rises against falls, and the upper part of the scale against the lower.

    Attributes
    ----------
    rise, fall
        ``scale.<outcome>.asymmetry.rise``, ``.fall``: how the outcome of the same customers
        changed with each point that their answer rose or fell; None where `missing` says why.
    sum
        ``scale.<outcome>.asymmetry``: the two together, zero where they are mirror images.
    below, above
        ``scale.<outcome>.kink.below``, ``.above``: change of the outcome with each point below
        and above the middle of the scale, between customers.
    kink
        ``scale.<outcome>.kink``: the second less the first.
    middle
        The answer at which the two lines meet: the middle of the scale, or the median answer
        where few lie on one side of it.
    missing
        Why one of the two is not there: ``within``, ``across``.
    """

    middle: float
    rise: Estimate | None = None
    fall: Estimate | None = None
    sum: Estimate | None = None
    below: Estimate | None = None
    above: Estimate | None = None
    kink: Estimate | None = None
    missing: dict[str, CxroiError] = field(default_factory=dict, compare=False)

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """What there is."""
        every = (getattr(self, name) for name in NAMES)
        return tuple(one for one in every if one is not None)


def asymmetry(panel: Panel, curve: Curve) -> Asymmetry:
    """Test whether falls are the mirror images of rises, within customers and along the scale.

    What is too scarce for one of the two is refused in `Asymmetry.missing`, not raised.
    """
    found = Asymmetry(_middle(panel, curve))
    makes = {
        "within": partial(_within, panel, curve),
        "across": partial(_across, curve, found.middle),
    }
    for name, make in makes.items():
        made: Any = attempt(make)
        if isinstance(made, CxroiError):
            found.missing[name] = made
        else:
            found = replace(found, **made)
    return found


def _middle(panel: Panel, curve: Curve) -> float:
    """Return the middle of the scale, or the median answer where few lie on one side of it."""
    scale, score = panel.study.scale, curve.sample.rows.values("score")
    middle = (scale.minimum + scale.maximum) / 2
    if all(_levels(curve, middle, side) >= 2 for side in ("below", "above")):
        return middle
    return median(score, curve.sample.weights, curve.sample.rows.one > 0)


def _across(curve: Curve, middle: float) -> dict[str, Estimate]:
    """Return the slopes of the curve below and above the middle, and their difference."""
    sample = curve.sample
    score = sample.rows.values("score")
    for side, rows in (("below", score < middle), ("above", score > middle)):
        if units_among(sample.clusters, rows) < MINIMUM_GROUP or _levels(curve, middle, side) < 2:
            raise ScarceDataError(
                f"{side} {middle:g}, the middle, are fewer than {MINIMUM_GROUP} customers or two "
                "points of the curve",
                f"a slope {side} it needs both",
                "Pool more waves",
            )
    away = curve.scores - middle
    lines = np.column_stack([np.ones(len(away)), np.minimum(away, 0.0), np.maximum(away, 0.0)])
    held = lines * curve.shares[:, None]
    below, above = np.linalg.solve(held.T @ lines, held.T)[1:]
    method = f"two lines through the points of the curve, each by its answers, meet at {middle:g}"
    loads, n = {"below": below, "above": above, "kink": above - below}, len(sample.values)
    return {
        name: _estimate(sample.outcome, name, value, error, _dof(curve, loads[name]), n, method)
        for name, (value, error) in _combined(loads, curve.values, curve.covariance).items()
    }


def _dof(curve: Curve, load: Floats) -> float:
    """Return degrees of freedom of a combination of points (Satterthwaite, 1946)."""
    parts = load**2 * np.diag(curve.covariance)
    return float(parts.sum() ** 2 / (parts**2 / curve.dof).sum())


def _levels(curve: Curve, middle: float, side: str) -> int:
    """Count the points of the curve on one side of the middle, and at it."""
    away = (curve.scores - middle) * (1 if side == "above" else -1)
    return int((away >= 0).sum())


def _combined(
    lines: Mapping[str, Sequence[float] | Floats], values: Floats, covariance: Floats
) -> dict[str, tuple[float, float]]:
    """Return combinations of values with their errors."""
    loads = {name: np.asarray(line, dtype=float) for name, line in lines.items()}
    return {n: (float(x @ values), float(np.sqrt(x @ covariance @ x))) for n, x in loads.items()}


def _estimate(
    outcome: Outcome,
    name: str,
    value: float,
    error: float,
    dof: float | None,
    n: int,
    method: str,
    note: str = "",
) -> Estimate:
    low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
    return Estimate(
        f"scale.{outcome.name}.{NAMES[name]}",
        value,
        low,
        high,
        error,
        f"{outcome.unit} {POINT}",
        n,
        method,
        note,
        contrast="one point more",
        statistic=value / error if error > 0 else None,
        p_value=influence.normal_p_value(value, error, dof),
        outcome=outcome.name,
        rung=NAMES[name].replace(".", " "),
    )


def _within(panel: Panel, curve: Curve) -> dict[str, Estimate]:
    """Return what a rise and a fall by a point brought, of customers who answered twice."""
    outcome = curve.sample.outcome
    refuse_once_only(panel, outcome.name)
    pairs = _known(wave_pairs(panel), outcome.name)
    note = overlap_note(pairs.panel, pairs.median_days(), CHANCE)
    crossed, gaps = _crossed(pairs, curve)
    size = _moved(pairs, crossed, gaps)
    first, second = pairs.column("score_first"), pairs.column("score_second")
    _require(pairs, rose=(second > first) & (size > 0), fell=(second < first) & (size > 0))
    columns = [pairs.source.one, *_waves(pairs), *crossed, size]
    names = [f"x{n}" for n in range(len(columns))]
    change = pairs.outcome(outcome.name, "second")[0] - pairs.outcome(outcome.name, "first")[0]
    weights = pairs.weights if curve.sample.weighted else pairs.source.one
    weights = weights / float(weights.mean())
    design = pairs.source.matrix(columns, names)
    fit = fit_glm("ols", change, design, weights, pairs.clusters, outcome=outcome.name)
    lines = _rise_and_fall(len(columns), crossed, gaps, weights)
    psi = [fit.influence @ line for line in lines.values()]
    covariance = influence.covariance(psi, pairs.clusters)
    interval, dof, summed = interval_of(pairs, pairs.source.one > 0)
    method = f"{HOW}, {interval} {summed}"
    values = np.array([float(line @ fit.params) for line in lines.values()])
    found = _combined(dict(zip(lines, np.eye(3), strict=True)), values, covariance)
    return {
        name: _estimate(outcome, name, value, error, dof, len(pairs), method, note)
        for name, (value, error) in found.items()
    }


def _rise_and_fall(
    count: int, crossed: Sequence[Vector], gaps: Floats, weights: Vector
) -> dict[str, Floats]:
    """Return the combinations of coefficients that are a rise, a fall, and their sum.

    A step counts by how many moves crossed it.
    """
    often = np.array([float((np.absolute(column) * weights).sum()) for column in crossed])
    mean = np.zeros(count)
    mean[-1 - len(crossed) : -1] = often / float(often @ gaps)
    size = np.eye(count)[-1]
    return {"rise": mean + size, "fall": size - mean, "sum": 2 * size}


def _known(pairs: Pairs, outcome: str) -> Pairs:
    """Return the pairs whose outcomes are known after both answers."""
    known = pairs.outcome(outcome, "first")[1] & pairs.outcome(outcome, "second")[1]
    source = pairs.source.only(known)
    if isinstance(source, EngineRows):  # a design needs a category whose combinations are cells
        groups = tuple(range(len(pairs.panel.study.scale.labels)))
        source = replace(source, cells={"origin": groups})
    return replace(pairs, source=source)


def _crossed(pairs: Pairs, curve: Curve) -> tuple[list[Vector], Floats]:
    """Return for each step of the curve whether a pair crossed it, up 1 or down -1, and its width.

    Steps that nobody crossed are left out.
    """
    first, second = pairs.column("score_first"), pairs.column("score_second")
    columns = [1.0 * (second >= one.low) - 1.0 * (first >= one.low) for one in curve.levels[1:]]
    widths = np.diff(curve.scores)
    kept = [n for n, column in enumerate(columns) if float(np.absolute(column).sum()) > 0]
    return [columns[n] for n in kept], widths[kept]


def _moved(pairs: Pairs, crossed: Sequence[Vector], gaps: Floats) -> Vector:
    """Return over how many points of the score each pair moved, whichever way."""
    size: Vector = 0.0 * pairs.source.one
    for column, gap in zip(crossed, gaps, strict=True):
        size = size + np.absolute(column) * float(gap)
    return size


def _waves(pairs: Pairs) -> list[Vector]:
    """Return a dummy for each wave of second answers but the first that there is."""
    wave = pairs.column("wave")
    marks = [1.0 * (wave == pairs.earlier + n) for n in range(1, len(pairs.waves))]
    return [mark for mark in marks if float(mark.sum()) > 0][1:]


def _require(pairs: Pairs, **moved: Vector) -> None:
    for how, rows in moved.items():
        units = pairs.units(rows)
        if units < MINIMUM_GROUP:
            raise ScarceDataError(
                f"the answer of {units} {pairs.unit}s {how} between two consecutive waves",
                f"rises and falls are told apart from {MINIMUM_GROUP} of each on",
                "Pool more waves, or ask the same customers again",
            )
