"""Slopes of an outcome over the score, by least squares: raw, adjusted, within, before the answer.

The mean of each wave is taken from score, outcome and controls alike, which is what a dummy for
each wave does (Frisch and Waugh, Econometrica 1 (1933), 387-401). Errors come from influence
values summed over customers or declared clusters.

Within customers there are two figures. `within` takes each customer's own mean from what is left
when the waves' means are removed; `two_way` has an intercept for each customer and a dummy for
each wave at once (Wooldridge, Econometric Analysis of Cross Section and Panel Data, 2nd edition
(2010), section 10.5). They are the same where every customer answered in every wave; where
customers come and go only the second holds what lasts about them equal exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError, ScarceDataError
from ..models.controls import (
    Controls,
    build_controls,
    independent,
)
from ..models.fit import fit_glm
from ..models.outcome_models import Setting
from ..moments import influence
from ..moments.rows import centred_gram
from ..moments.units import units_among
from ..results.estimate import CONF_LEVEL, Estimate
from ..results.thresholds import MINIMUM_GROUP
from .answered_again import Deviations, answered_again
from .within import SMALLEST, overlap_note, refuse_once_only

if TYPE_CHECKING:
    from ..arrays import Floats, Vector
    from ..models.sample import Sample
    from ..moments.rows import Rows
    from ..panel.panel import Panel

SCORE, AS_GIVEN = "score", "score as given"
NEEDS = "a trend needs one that varies"
Columns = list[tuple[str, "Vector"]]


def raw_slope(panel: Panel, sample: Sample) -> list[Estimate]:
    """Hold nothing equal but the wave."""
    columns = [(SCORE, sample.rows.values("score"))]
    return [_level(panel, sample, "raw", columns, "least squares")]


def adjusted_slope(panel: Panel, sample: Sample) -> list[Estimate]:
    """Hold declared controls and every baseline equal, the latter as they stand."""
    controls = build_controls(panel, sample, straight=True)
    held = zip(controls.names, controls.matrix.columns, strict=True)
    columns = [(SCORE, sample.rows.values("score")), *held]
    method = "least squares, controls and baselines held equal as they are"
    return [_level(panel, sample, "adjusted", columns, method)]


def placebo_slope(panel: Panel, sample: Sample) -> list[Estimate]:
    """Take the same outcome before the answer as if it were the one after it."""
    study, name = panel.study, f"{sample.outcome.name}_before"
    rows = sample.rows.only(sample.rows.is_known(name))
    if not rows.count:
        raise ModelError(f"{name} is known for no response")
    values, weights = rows.values(name), rows.weights if sample.weighted else rows.one
    if values.min() == values.max():
        raise ModelError(f"{name} is the same for every response", NEEDS)
    unit = sample.outcome.unit.replace(f"{study.outcome_days} days", f"{study.baseline_days} days")
    before = replace(
        sample,
        outcome=replace(sample.outcome, unit=unit),
        values=values,
        groups=rows.groups,
        weights=weights / weights.mean(),
        clusters=rows.clusters,
        rows=rows,
    )
    columns = [(SCORE, rows.values("score"))]
    method = "least squares, the outcome before the answer"
    return [_level(panel, before, "placebo", columns, method)]


def _level(panel: Panel, sample: Sample, rung: str, columns: Columns, method: str) -> Estimate:
    """Fit least squares to what is left when the means of waves are removed."""
    if panel.study.scale.two_answers:
        _refuse_small_groups(sample)
    names, waves = [name for name, _ in columns], _waves(panel, sample)
    every = [sample.values, *(column for _, column in columns)]
    [values, *left], [_, *sizes] = _less_waves(sample, waves, every)
    method += ", means of waves removed" if len(waves) > 1 else ""
    centred = list(zip(names, left, strict=True))
    return _slope(sample, rung, values, centred, method, dict(zip(names, sizes, strict=True)))


def _refuse_small_groups(sample: Sample) -> None:
    """Refuse a slope over two answers where the gap between them, which it is, is not shown."""
    for label in sample.labels:
        if sample.units(label) < MINIMUM_GROUP:
            raise ScarceDataError(
                f"group {label!r} has fewer than {MINIMUM_GROUP} customers or clusters with "
                f"{sample.outcome.name!r}",
                f"a trend over two answers is the gap between them, shown from {MINIMUM_GROUP} on",
                "Pool more waves",
            )


def _waves(panel: Panel, sample: Sample) -> list[Vector]:
    """Return for each wave of the panel where the rows of a sample are of it, as 1 and 0."""
    rows = panel.rows
    marks: list[Vector] = panel.store.get(
        "waves", lambda: [1.0 * rows.member("wave", [one]) for one in sorted(rows.levels("wave"))]
    )
    return [sample.own(one) for one in marks]


def _less_waves(
    sample: Sample, waves: Sequence[Vector], columns: Sequence[Vector]
) -> tuple[list[Vector], list[float]]:
    """Subtract from each column the weighted mean of its wave; return the largest mean too."""
    weighted = [sample.weights * one for one in waves]
    found = influence.sums(*weighted, *(one * column for column in columns for one in weighted))
    sizes, totals = found[: len(waves)], found[len(waves) :].reshape(len(columns), len(waves))
    means = totals / np.where(sizes > 0, sizes, 1.0)  # of some waves the sample may have no row
    left = []
    for column, mean in zip(columns, means, strict=True):
        for one, of_wave in zip(waves, mean, strict=True):
            column = column - one * float(of_wave)
        left.append(column)
    return left, [float(np.abs(mean).max()) for mean in means]


def spreads(panel: Panel, sample: Sample) -> tuple[float, float]:
    """Return the standard deviations of score and outcome, means of waves removed."""
    columns = [sample.rows.values("score"), sample.values]
    [score, values], _ = _less_waves(sample, _waves(panel, sample), columns)
    total, *squares = influence.sums(
        sample.weights, sample.weights * score * score, sample.weights * values * values
    )
    deviations = np.sqrt(np.asarray(squares) / total)
    return float(deviations[0]), float(deviations[1])


def within_slopes(panel: Panel, sample: Sample) -> list[Estimate]:
    """Compare each customer with themselves in other waves, in both ways.

    Raises
    ------
    ModelError
        As `change_within`.
    ScarceDataError
        The score of fewer than 30 customers, or declared clusters, changed.
    """
    refuse_once_only(panel, sample.outcome.name)
    given, names = sample.rows.values("score"), (AS_GIVEN, SCORE)
    [values, score], _ = _less_waves(sample, _waves(panel, sample), [sample.values, given])
    alone = Controls(sample.rows.matrix([given, score], names), names, ())
    setting = Setting(replace(sample, values=values), alone, panel.study.origin, (), alone.matrix)
    again = answered_again(panel, setting)
    note = overlap_note(panel, again.days(), "")
    with again.deviations() as rows:
        changed = units_among(rows.sample.clusters, np.absolute(rows.columns[-2]) > SMALLEST)
        if changed < MINIMUM_GROUP:
            raise ScarceDataError(
                f"the score of {changed} customers or clusters changed between waves",
                f"a change within customers is shown from {MINIMUM_GROUP} on",
                "Pool more waves",
            )
        return [replace(one, note=note) for one in _of_deviations(rows)]


def _of_deviations(rows: Deviations) -> list[Estimate]:
    *waves, _, score = zip(rows.names, rows.columns, strict=True)
    varies = [wave for wave in waves if np.absolute(wave[1]).max() > SMALLEST]
    within = "least squares, means of waves and then each customer's own mean removed"
    two_way = "least squares with an intercept for each customer and wave"
    return [
        _slope(rows.sample, "within", rows.sample.values, [score], within),
        _slope(rows.sample, "two_way", rows.sample.values, [score, *varies], two_way),
    ]


def _slope(
    sample: Sample,
    rung: str,
    values: Vector,
    columns: Columns,
    method: str,
    sizes: Mapping[str, float] = MappingProxyType({}),
) -> Estimate:
    """Fit least squares and return the slope of the score, the first of the columns.

    Columns that do not vary, held against the size of their means, drop out, and so do those
    that others determine.
    """
    rows = sample.rows
    gram, count = _gram(rows, columns), len(sample.values)
    least = [count * (SMALLEST * max(1.0, sizes.get(name, 1.0))) ** 2 for name, _ in columns]
    varies = np.flatnonzero(np.diag(gram) > least)
    if 0 not in varies:
        raise ModelError("the score is the same for every response of a wave", NEEDS)
    names = [columns[n][0] for n in varies]
    stays = independent(gram[np.ix_(varies, varies)], names, 0, [])
    kept = [columns[n] for n in varies[stays]]
    held = [rows.one, *(column for _, column in kept)]
    design = rows.matrix(held, ["intercept", *(name for name, _ in kept)])
    name = sample.outcome.name
    fit = fit_glm("ols", values, design, sample.weights, sample.clusters, outcome=name)
    psi = fit.influence @ np.eye(len(held))[1]
    return _estimate(sample, rung, float(fit.params[1]), psi, method)


def _gram(rows: Rows, columns: Columns) -> Floats:
    return centred_gram(rows.matrix([column for _, column in columns], [n for n, _ in columns]))


def _estimate(sample: Sample, rung: str, value: float, psi: Vector, method: str) -> Estimate:
    name = sample.outcome.name
    error, dof = influence.std_error(psi, sample.clusters), sample.dof()
    low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
    weighted = ", survey-weighted" if sample.weighted else ""
    return Estimate(
        name=f"trend.{name}.{rung}",
        estimate=value,
        conf_low=low,
        conf_high=high,
        std_error=error,
        unit=f"{sample.outcome.unit} per point of the score",
        n=len(sample.values),
        method=f"{method}, {sample.errors()}{weighted}, {sample.where}",
        term=name,
        contrast="one point more",
        statistic=value / error if error > 0 else None,
        p_value=influence.normal_p_value(value, error, dof),
        outcome=name,
        rung=f"trend {rung}",
    )
