"""A contrast as an estimate: its error from influence values, its interval, what it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def paired_difference(
    sample: Sample, other: Estimate, own: Estimate, psi_other: Vector, psi_own: Vector
) -> Estimate:
    """Return one rung less another of the same customers, whose errors they share.

    Two intervals that overlap say nothing of whether rungs differ; the influence of each
    customer on the difference does.

    Parameters
    ----------
    psi_other, psi_own
        Influence of each row of the sample on the two.
    """
    value = float(other.estimate or 0.0) - float(own.estimate or 0.0)
    error, dof = influence.std_error(psi_other - psi_own, sample.clusters), sample.dof()
    low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
    return Estimate(
        name=f"difference.{sample.outcome.name}.{other.rung}",
        estimate=value,
        conf_low=low,
        conf_high=high,
        std_error=error,
        unit=sample.outcome.unit,
        n=min(other.n, own.n),
        method=f"{other.rung.replace('_', ' ')} less {own.rung.replace('_', ' ')} gap, paired "
        f"influence values, {sample.errors()}",
        term=f"{other.rung} less {own.rung}".replace("_", " "),
        contrast=own.contrast,
        statistic=value / error if error > 0 else None,
        p_value=influence.normal_p_value(value, error, dof),
        outcome=sample.outcome.name,
        rung=other.rung,
    )
