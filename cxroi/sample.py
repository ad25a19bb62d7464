"""Sample: the rows of a panel on which one outcome is known, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import influence
from .errors import ModelError, RareEventError, ScarceDataError

if TYPE_CHECKING:
    from .influence import Flags, Floats, Integers
    from .outcomes import Outcome
    from .panel import Panel

MINIMUM_GROUP = 30
MINIMUM_EVENTS = 10


@dataclass(frozen=True)
class Sample:
    """One outcome with groups, weights and clusters, rows in the panel's order.

    Attributes
    ----------
    values
        The outcome of each row; yes/no as 1 and 0.
    groups
        Position of each row's group among `labels`.
    weights
        Survey weights scaled to mean one; all one where there are none or they are set aside.
    clusters
        The independent unit (customer or declared cluster) of each row, coded from zero.
    rows
        Position of each row in the panel.
    weighted, clustered
        Whether the weights differ, and whether a unit has several rows.
    unit
        What the independent unit is: ``customer``, or ``cluster`` where declared clusters hold
        several customers.
    """

    outcome: Outcome
    labels: tuple[str, ...]
    values: Floats
    groups: Integers
    weights: Floats
    clusters: Integers
    rows: Integers
    weighted: bool
    clustered: bool
    unit: str = "customer"

    def members(self, label: str) -> Flags:
        """Return which rows belong to a group."""
        return np.asarray(self.groups == self.labels.index(label))

    def size(self, label: str) -> int:
        """Return how many rows a group has."""
        return int(self.members(label).sum())

    def units(self, label: str) -> int:
        """Return how many independent units (customers or declared clusters) a group has."""
        return len(np.unique(self.clusters[self.members(label)]))

    def effective_clusters(self, rows: Flags | None = None) -> float | None:
        """Return how many declared clusters of equal size weigh as much; None of customers.

        Parameters
        ----------
        rows
            The rows that an estimate is made of; all by default.
        """
        if self.unit == "customer":
            return None
        weights = self.weights if rows is None else np.where(rows, self.weights, 0.0)
        return influence.effective_units(np.bincount(self.clusters, weights).astype(float))

    def dof(self, rows: Flags | None = None) -> float | None:
        """Degrees of freedom of an error from declared clusters; None (normal) of customers.

        The effective number of clusters less one: errors from few or unequal clusters are too
        small for a normal interval (Cameron and Miller, Journal of Human Resources 50 (2015),
        317-372).
        """
        effective = self.effective_clusters(rows)
        return None if effective is None else effective - 1

    def errors(self, rows: Flags | None = None) -> str:
        """Name the errors of a model, and the interval where it is not a normal one."""
        effective = self.effective_clusters(rows)
        if effective is None:
            return "errors clustered by customer" if self.clustered else "robust errors"
        return f"errors clustered by declared cluster, {student(effective)}"

    def mean(self, label: str) -> tuple[float, Floats]:
        """Return the weighted mean of a group and the influence of every row on it."""
        return influence.mean(self.values, np.where(self.members(label), self.weights, 0.0))

    def require(self, label: str) -> None:
        """Refuse a group that is too small to say anything about.

        Raises
        ------
        ScarceDataError
            Fewer than 30 independent units, or weights so uneven that they count as fewer
            (Kish, Survey Sampling (1965), section 11.7); fewer than 10 rows above or below
            zero, or, for a yes/no outcome, fewer than 10 of either answer.
        """
        size, units, name = self.size(label), self.units(label), self.outcome.name
        if units < MINIMUM_GROUP:
            of = f" of {units} customers or clusters" if units < size else ""
            raise ScarceDataError(
                f"group {label!r} has {size} responses{of} with {name!r}",
                f"an effect is shown from {MINIMUM_GROUP} on",
                "Pool more waves, or declare wider groups in [scale]",
            )
        effective = influence.effective_units(self.weights[self.members(label)])
        if effective < MINIMUM_GROUP:
            raise ScarceDataError(
                f"the {size} responses in group {label!r} with {name!r} are so unevenly weighted "
                f"that they count as {effective:.1f}",
                f"an effect is shown from {MINIMUM_GROUP} on",
                "Check the weights: a few of them carry the group",
            )
        above = int(np.count_nonzero(self.values[self.members(label)]))
        yes_no = self.outcome.kind == "yes_no"
        fewest = min(above, size - above) if yes_no else above
        if fewest < MINIMUM_EVENTS:
            what = ("'yes'" if above <= size - above else "'no'") if yes_no else "above zero"
            raise RareEventError(
                f"{name.replace('_', ' ')} is too rare to tell: {fewest} of {size} responses in "
                f"group {label!r} are {what}",
                f"a contrast needs {MINIMUM_EVENTS} in each group",
                "Pool more waves or lengthen the outcome window",
            )


def student(effective: float) -> str:
    """Name the interval of an error from declared clusters."""
    return f"Student interval with {effective:,.0f} effective clusters"


def unit_of(panel: Panel) -> str:
    """Return what the independent unit of a panel is: ``customer`` or declared ``cluster``."""
    clusters, customers = panel.clusters, panel.frame["customer"].to_numpy()
    last = np.zeros(int(clusters.max(initial=-1)) + 1, dtype=np.int64)
    last[clusters] = np.arange(len(clusters))
    return "cluster" if np.any(customers[last[clusters]] != customers) else "customer"


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
    declared = panel.study.outcome(outcome)
    frame = panel.frame
    values = frame[f"{outcome}_after"].to_numpy(dtype=float)
    known = np.isfinite(values)
    weights = panel.weights if weighted in (None, True) else np.ones(len(frame))
    known &= weights > 0
    rows = np.flatnonzero(known)
    if len(rows) == 0:
        raise ModelError(f"outcome {outcome!r} is known for no response")
    values, weights = values[rows], weights[rows]
    if np.all(values == values[0]):
        raise ModelError(
            f"outcome {outcome!r} is {values[0]:g} for all {len(rows)} responses",
            "an outcome that does not vary cannot be compared",
            "Check its column or window, or drop it from [outcomes] names",
        )
    clusters = np.unique(panel.clusters[rows], return_inverse=True)[1]
    clustered = bool(clusters.max() + 1 < len(rows))
    return Sample(
        outcome=declared,
        labels=panel.study.scale.labels,
        values=values,
        groups=panel.groups[rows],
        weights=weights / weights.mean(),
        clusters=clusters,
        rows=rows,
        weighted=bool(np.ptp(weights) > 0),
        clustered=clustered,
        unit=unit_of(panel) if clustered else "customer",
    )
