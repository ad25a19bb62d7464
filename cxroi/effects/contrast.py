"""A contrast as an estimate: its error from influence values, its interval, what it was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..moments import influence
from ..results.estimate import CONF_LEVEL, Estimate

if TYPE_CHECKING:
    from ..arrays import Vector
    from ..models.outcome_models import Setting
    from ..models.sample import Sample


def contrast_estimate(
    setting: Setting,
    rung: str,
    label: str,
    value: float,
    psi: Vector,
    method: str,
    rows: Vector | None = None,
) -> Estimate:
    """Return the contrast of a group against the `from` group with its interval.

    Parameters
    ----------
    rung
        Last part of its name in results, such as ``adjusted``.
    label
        The group held against the `from` group.
    psi
        Influence of each row of the sample on `value`.
    method
        How it was estimated; how its errors were is added.
    rows
        The rows that it is made of; all by default.
    """
    sample = setting.sample
    error, dof = influence.std_error(psi, sample.clusters), sample.dof(rows)
    low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
    weighted = ", survey-weighted" if sample.weighted else ""
    return Estimate(
        name=f"contrast.{sample.outcome.name}.{rung}",
        estimate=value,
        conf_low=low,
        conf_high=high,
        std_error=error,
        unit=sample.outcome.unit,
        n=len(sample.values) if rows is None else int(rows.sum()),
        method=f"{method}, {sample.errors(rows)}{weighted}, {sample.where}",
        term=label,
        contrast=f"{label} - {setting.origin}",
        statistic=value / error if error > 0 else None,
        p_value=influence.normal_p_value(value, error, dof),
        outcome=sample.outcome.name,
        rung=rung,
    )


def paired_differences(
    sample: Sample, others: Sequence[Estimate], own: Estimate, psi: Mapping[str, Vector]
) -> tuple[Estimate, ...]:
    """Return other rungs less one of the same customers, whose errors they share.

    Two intervals that overlap say nothing of whether rungs differ; the influence of each
    customer on the difference does.

    Parameters
    ----------
    psi
        Influence of each row of the sample on each of them, by rung.
    """
    covariance = influence.covariance([psi[e.rung] for e in (*others, own)], sample.clusters)
    errors, found = f"paired influence values, {sample.errors()}", []
    for n, other in enumerate(others):
        variance = covariance[n, n] + covariance[-1, -1] - 2 * covariance[n, -1]
        found.append(_difference(other, own, float(variance), errors, sample.dof()))
    return tuple(found)


def difference_given(
    other: Estimate, own: Estimate, covariance: float, errors: str, dof: float | None
) -> Estimate:
    """Return one rung less another of which the covariance is known.

    Parameters
    ----------
    covariance
        Of the two, over the customers that both are made of.
    errors
        How the errors were made, in words.
    dof
        Degrees of freedom of Student's t; None for a normal interval.
    """
    variance = (other.std_error or 0.0) ** 2 + (own.std_error or 0.0) ** 2 - 2 * covariance
    return _difference(other, own, variance, f"paired influence values, {errors}", dof)


def _difference(
    other: Estimate, own: Estimate, variance: float, errors: str, dof: float | None
) -> Estimate:
    value = float(other.estimate or 0.0) - float(own.estimate or 0.0)
    error = float(np.sqrt(max(variance, 0.0)))
    low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
    words = f"{other.rung} less {own.rung}".replace("_", " ")
    return Estimate(
        name=f"difference.{own.outcome}.{other.rung}",
        estimate=value,
        conf_low=low,
        conf_high=high,
        std_error=error,
        unit=own.unit,
        n=min(other.n, own.n),
        method=f"{words} gap, {errors}",
        term=words,
        contrast=own.contrast,
        statistic=value / error if error > 0 else None,
        p_value=influence.normal_p_value(value, error, dof),
        outcome=own.outcome,
        rung=other.rung,
    )
