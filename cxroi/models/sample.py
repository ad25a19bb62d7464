"""Sample: the rows of a panel on which one outcome is known, as arrays or columns."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from ..errors import ModelError, RareEventError, ScarceDataError
from ..moments import influence
from ..moments.operations import operations_of
from ..moments.order_statistics import extremes
from ..moments.units import count_distinct, units_among
from ..panel.store import Store
from ..results.thresholds import FEWEST_EVENTS, MINIMUM_GROUP


class Wide(Protocol):
    """Columns of the rows, side by side."""

    @property
    def width(self) -> int:
        """How many there are."""
        ...


W = TypeVar("W", bound=Wide)

if TYPE_CHECKING:
    from ..arrays import Vector
    from ..moments.rows import Rows
    from ..panel.panel import Panel
    from ..study.outcomes import Outcome


@dataclass(frozen=True)
class Sample:
    """One outcome with groups, weights and clusters, rows in the panel's order.

    Each is an array, or a column where the rows stay in their engine.

    Attributes
    ----------
    values
        The outcome of each row; yes/no as 1 and 0.
    groups
        Position of each row's group among `labels`.
    weights
        Survey weights scaled to mean one; all one where there are none or they are set aside.
    clusters
        The independent unit (customer or declared cluster) of each row, coded from zero if an
        array; None where each row is known to be its own.
    rows, everybody
        These rows, and all rows of the panel.
    weighted, clustered
        Whether the weights differ, and whether a unit has several rows.
    unit
        What the independent unit is: ``customer``, or ``cluster`` where declared clusters hold
        several customers.
    fits
        The panel's models that were fitted.
    """

    outcome: Outcome
    labels: tuple[str, ...]
    values: Vector
    groups: Vector
    weights: Vector
    clusters: Vector | None
    rows: Rows
    everybody: Rows
    weighted: bool
    clustered: bool
    unit: str = "customer"
    fits: Store = field(default_factory=Store, compare=False, repr=False)

    def members(self, label: str) -> Vector:
        """Return which rows belong to a group."""
        return self.groups == self.labels.index(label)

    def shared(self, key: Hashable, make: Callable[[], W]) -> W:
        """Return what hangs on the rows alone; in memory it is made once for all outcomes.

        Only where all rows of the panel are known do outcomes have their rows in common. An
        engine remembers its answers itself.
        """
        if self.rows is not self.everybody or not isinstance(self.values, np.ndarray):
            return make()
        size = 8 * self.rows.count
        return self.fits.get((key, self.rows), make, lambda made: size * (1 + made.width))

    def size(self, label: str) -> int:
        """Return how many rows a group has."""
        return int(self.members(label).sum())

    def units(self, label: str) -> int:
        """Return how many independent units (customers or declared clusters) a group has."""
        if not self.clustered:
            return self.size(label)
        return units_among(self.clusters, self.members(label))

    def moments(self, label: str) -> tuple[int, float, float]:
        """Return size, mean and variance (divisor n - 1) of a group, weights aside."""
        members = self.members(label)
        size = self.size(label)
        mean = float(np.where(members, self.values, 0.0).sum()) / size
        centred = np.where(members, self.values - mean, 0.0)
        return size, mean, float((centred * centred).sum()) / max(size - 1, 1)

    def answers(self, label: str) -> tuple[int, int]:
        """Return how many of a group are above zero, and how many there are."""
        above = self.members(label) & (self.values > 0)
        return int(above.sum()), self.size(label)

    def extremes(self, label: str) -> tuple[float, float]:
        """Return the smallest and the largest value of a group."""
        return extremes(self.values, self.members(label))

    def own(self, values: Vector) -> Vector:
        """Return the values of these rows among those of all rows of the panel."""
        return self.rows.own(values)

    def spread(self, psi: Vector) -> Vector:
        """Return influence values of the rows as those of all rows of the panel."""
        return self.everybody.spread(psi, self.rows)

    def effective_clusters(self, rows: Vector | None = None) -> float | None:
        """Return how many declared clusters of equal size weigh as much; None of customers.

        Parameters
        ----------
        rows
            The rows that an estimate is made of; all by default.
        """
        if self.unit == "customer":
            return None
        weights = self.weights if rows is None else np.where(rows, self.weights, 0.0)
        return influence.effective_units(weights, self.clusters)

    def dof(self, rows: Vector | None = None) -> float | None:
        """Degrees of freedom of an error from declared clusters; None (normal) of customers.

        The effective number of clusters less one: errors from few or unequal clusters are too
        small for a normal interval (Cameron and Miller, Journal of Human Resources 50 (2015),
        317-372).
        """
        effective = self.effective_clusters(rows)
        return None if effective is None else effective - 1

    @property
    def where(self) -> str:
        """Say where a model of the rows is fitted."""
        return self.rows.place

    def errors(self, rows: Vector | None = None) -> str:
        """Name the errors of a model, and the interval where it is not a normal one."""
        effective = self.effective_clusters(rows)
        if effective is None:
            return "errors clustered by customer" if self.clustered else "robust errors"
        return f"errors clustered by declared cluster, {student(effective)}"

    def mean(self, label: str) -> tuple[float, Vector]:
        """Return the weighted mean of a group and the influence of every row on it."""
        return influence.mean(self.values, np.where(self.members(label), self.weights, 0.0))

    def require(self, label: str) -> None:
        """Refuse a group that is too small to say anything about.

        Raises
        ------
        ScarceDataError
            Fewer than 30 independent units, or weights so uneven that they count as fewer
            (Kish, Survey Sampling (1965), section 11.7); fewer than 5 rows above or below
            zero, or, for a yes/no outcome, fewer than 5 of either answer.
        """
        size, units, name = self.size(label), self.units(label), self.outcome.name
        if units < MINIMUM_GROUP:
            of = f" of {units} customers or clusters" if units < size else ""
            raise ScarceDataError(
                f"group {label!r} has {size} responses{of} with {name!r}",
                f"an effect is shown from {MINIMUM_GROUP} on",
                "Pool more waves, or declare wider groups in [scale]",
            )
        members = self.members(label)
        effective = influence.effective_units(np.where(members, self.weights, 0.0))
        if effective < MINIMUM_GROUP:
            raise ScarceDataError(
                f"the {size} responses in group {label!r} with {name!r} are so unevenly weighted "
                f"that they count as {effective:.1f}",
                f"an effect is shown from {MINIMUM_GROUP} on",
                "Check the weights: a few of them carry the group",
            )
        above = int((members & (self.values != 0)).sum())
        yes_no = self.outcome.kind == "yes_no"
        fewest = min(above, size - above) if yes_no else above
        if fewest < FEWEST_EVENTS:
            what = ("'yes'" if above <= size - above else "'no'") if yes_no else "above zero"
            raise RareEventError(
                f"{name.replace('_', ' ')} is too rare to tell: {fewest} of {size} responses in "
                f"group {label!r} are {what}",
                f"a contrast needs {FEWEST_EVENTS} in each group",
                "Pool more waves or lengthen the outcome window",
            )


def student(effective: float) -> str:
    """Name the interval of an error from declared clusters."""
    return f"Student interval with {effective:,.0f} effective clusters"


def take_sample(panel: Panel, outcome: str, *, weighted: bool | None = None) -> Sample:
    """Return the rows of a panel on which an outcome is known.

    Parameters
    ----------
    weighted
        Use the survey weights; by default wherever the study declares them.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The outcome is known for nobody, or is the same for everybody.
    """
    declared, everybody = panel.study.outcome(outcome), panel.rows
    known = everybody.is_known(f"{outcome}_after")
    used = weighted in (None, True)
    rows = everybody.only(known & (everybody.weights > 0) if used else known)
    if rows.count == everybody.count:
        rows = everybody
    if rows.count == 0:
        raise ModelError(f"outcome {outcome!r} is known for no response")
    values, weights = rows.values(f"{outcome}_after"), rows.weights if used else rows.one
    low, high = operations_of(values).extremes(values)
    if low == high:
        raise ModelError(
            f"outcome {outcome!r} is {low:g} for all {rows.count} responses",
            "an outcome that does not vary cannot be compared",
            "Check its column or window, or drop it from [outcomes] names",
        )
    lightest, heaviest = operations_of(weights).extremes(weights)
    clusters = rows.clusters
    clustered = clusters is not None and count_distinct(clusters) < rows.count
    return Sample(
        outcome=declared,
        labels=panel.study.scale.labels,
        values=values,
        groups=rows.groups,
        weights=weights / weights.mean() if lightest < heaviest else rows.one,
        clusters=clusters,
        rows=rows,
        everybody=everybody,
        weighted=lightest < heaviest,
        clustered=clustered,
        unit=panel.unit if clustered else "customer",
        fits=panel.fits,
    )
