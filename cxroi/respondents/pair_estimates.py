"""Shares, means and changes over pairs of answers, with their intervals."""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ScarceDataError
from ..models.sample import student
from ..moments import influence
from ..results.estimate import CONF_LEVEL, Estimate
from ..results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    from ..arrays import Vector
    from .wave_pairs import Pairs


def require_pairs(pairs: Pairs, label: str) -> None:
    """Refuse pairs that hold too few customers of a group at the first answer.

    Raises
    ------
    ScarceDataError
        Under 30 customers (or declared clusters).
    """
    units = pairs.units(pairs.origin == pairs.code(label))
    if units < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{units} {pairs.unit}s of group {label!r} answered in two consecutive waves",
            f"moves are shown from {MINIMUM_GROUP} on",
            "Pool more waves, or ask the same customers again",
        )


def average(
    pairs: Pairs, values: Vector, members: Vector, name: str, term: str, unit: str = ""
) -> Estimate:
    """Return the mean over some pairs with its interval; of customers where no unit is given.

    Wilson's interval for the share of independent, equally weighted pairs; otherwise a logit
    interval for a share, a normal one for a mean, from influence values summed per customer, or
    per declared cluster and then Student's.
    """
    unit, n = unit or "share of customers", int(members.sum())
    if pairs.units(members) < MINIMUM_GROUP:
        note = f"suppressed: under {MINIMUM_GROUP} {pairs.unit}s"
        return Estimate(name, None, None, None, None, unit, n, "none", note, term=term)
    interval, dof, summed = interval_of(pairs, members)
    weights = np.where(members, pairs.weights, 0.0)
    value, psi = influence.mean(values, weights)
    error = influence.std_error(psi, pairs.clusters)
    is_share = unit.startswith("share") and not (members & (values != 0) & (values != 1)).sum()
    if not is_share:
        method = f"mean, {interval} {summed}"
        low, high = influence.normal_interval(value, error, CONF_LEVEL, dof)
    elif not 0 < value < 1 or pairs.even(members):
        method = "share, Wilson interval"
        effective = influence.effective_units(weights, pairs.clusters)
        low, high = influence.wilson_interval(value, effective, CONF_LEVEL)
    else:
        interval = interval.replace("normal", "logit").replace("Student", "logit Student")
        method = f"share, {interval} {summed}"
        low, high = influence.logit_interval(value, error, CONF_LEVEL, dof)
    return Estimate(name, value, low, high, error, unit, n, method, term=term)


def interval_of(pairs: Pairs, members: Vector) -> tuple[str, float | None, str]:
    """Return the name of an interval, its degrees of freedom, and where its error is from.

    Normal of customers; of declared clusters Student's, with the effective number less one.
    """
    summed = f"from influence values summed per {pairs.unit}"
    effective = pairs.effective_clusters(members)
    if effective is None:
        return "normal interval", None, summed
    return student(effective), effective - 1, summed


def change(
    pairs: Pairs, values: Vector, groups: list[Vector], unit: str, name: str, note: str
) -> Estimate:
    """Return the mean change of one group of pairs, or of the first minus that of the second."""
    contrast = ("second - first", "moved - stayed")[len(groups) - 1]
    n = sum(int(members.sum()) for members in groups)
    if min(pairs.units(members) for members in groups) < MINIMUM_GROUP:
        scarce = f"suppressed: under {MINIMUM_GROUP} {pairs.unit}s"
        return Estimate(name, None, None, None, None, unit, n, "none", scarce, contrast=contrast)
    parts = [influence.mean(values, np.where(g, pairs.weights, 0.0)) for g in groups]
    value, psi = parts[0]
    if len(parts) == 2:
        value, psi = value - parts[1][0], psi - parts[1][1]
    error = influence.std_error(psi, pairs.clusters)
    interval, dof, summed = interval_of(pairs, reduce(operator.or_, groups))
    return Estimate(
        name,
        value,
        *influence.normal_interval(value, error, CONF_LEVEL, dof),
        error,
        unit,
        n,
        f"paired change, {interval} {summed}",
        note,
        contrast=contrast,
        statistic=value / error if error > 0 else None,
        p_value=influence.normal_p_value(value, error, dof),
    )
