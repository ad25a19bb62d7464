"""The answers of a panel with the inputs beside them, and what a lever changes of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ScarceDataError, StudyError, nearest
from ...moments import influence
from ...results.thresholds import MINIMUM_GROUP
from ..driver_table import beside_outcomes

if TYPE_CHECKING:
    import pandas as pd

    from ...arrays import Flags, Floats, Integers
    from ...panel.panel import Panel
    from ...study.levers import Lever
    from ..driver_table import DriverTable


@dataclass(frozen=True, eq=False)
class LeverAnswers:
    """The answers of a panel, in its order, with the inputs beside them.

    Attributes
    ----------
    panel
        With its rows in memory.
    frame
        Its rows, and ``x_<input>`` of each; missing where the answer has none.
    labels, groups
        The groups that are told apart, lowest first, and the position of each answer's among
        them; a group of under 30 customers is counted with the next.
    clusters
        The independent unit of each answer.
    latest
        Which answer is the last of its customer: customers are counted by these.
    notes
        What was merged, in sentences.
    """

    panel: Panel
    frame: pd.DataFrame
    labels: tuple[str, ...]
    groups: Integers
    weights: Floats
    clusters: Integers
    latest: Flags
    notes: tuple[str, ...] = ()

    def values(self, name: str) -> pd.Series:
        """Return an input of every answer."""
        return self.frame[f"x_{name}"]

    def is_number(self, name: str) -> bool:
        """Whether an input is a quantity."""
        return self.values(name).dtype.kind in "fiub"

    def dof(self, weights: Floats) -> float | None:
        """Degrees of freedom of an error from declared clusters; None (normal) of customers.

        Parameters
        ----------
        weights
            Of the answers that an estimate is made of.
        """
        if self.panel.unit == "customer":
            return None
        return influence.effective_units(weights, self.clusters) - 1

    def meant(self, lever: Lever) -> Flags:
        """Return the answers of those whom a lever is meant for, whatever their input.

        Raises
        ------
        StudyError
            An attribute that no answer has.
        """
        found = np.ones(len(self.frame), dtype=bool)
        for name, values in lever.reaches.items():
            columns = [c for c in (f"attr_{name}", f"x_{name}") if c in self.frame]
            if not columns:
                known = [
                    str(c).removeprefix("attr_") for c in self.frame if str(c).startswith("attr_")
                ]
                raise StudyError(
                    f"lever {lever.name!r} reaches customers by {name!r}, which no answer has",
                    fix=nearest(name, known),
                )
            wanted = {str(value) for value in values}
            found &= self.frame[columns[0]].astype(str).isin(wanted).to_numpy()
        return found


def align(panel: Panel, table: DriverTable, inputs: Sequence[str]) -> LeverAnswers:
    """Set the inputs beside the answers of a panel.

    Raises
    ------
    StudyError
        An input that the table does not have, with the reason where one is known.
    ModelError
        Answers of the panel are not among those of the table.
    ScarceDataError
        Fewer than two groups are large enough to be told apart.
    """
    known = [driver.name for driver in table.drivers]
    for name in inputs:
        if name not in known:
            why = table.refused.get(name, "")
            if why:
                raise StudyError(f"the input {name!r} cannot be had: {why.rstrip('.')}")
            raise StudyError(f"there is no input {name!r}", fix=nearest(name, known))
    panel = panel if panel.in_memory else panel.brought_into_memory()
    frame = beside_outcomes(table, panel)
    clusters = np.asarray(panel.clusters, dtype=np.int64)
    labels, groups, notes = _told_apart(panel, clusters)
    weights = frame["weight"].to_numpy(dtype=float)
    latest = ~frame["customer"].duplicated(keep="last").to_numpy()
    return LeverAnswers(
        panel, frame, labels, groups, weights / weights.mean(), clusters, latest, notes
    )


def _told_apart(
    panel: Panel, clusters: Integers
) -> tuple[tuple[str, ...], Integers, tuple[str, ...]]:
    """Return labels of the groups that are large enough, each answer's, and what was merged."""
    groups = np.asarray(panel.rows.groups, dtype=np.int64)
    labels, notes = panel.study.scale.labels, []
    sizes = [units_of(clusters, groups == n) for n in range(len(labels))]
    kept = [n for n, size in enumerate(sizes) if size >= MINIMUM_GROUP]
    if len(kept) < 2:
        raise ScarceDataError(
            f"{len(kept)} of {len(labels)} groups have {MINIMUM_GROUP} {panel.unit}s or more",
            "a move needs a group to come from and one to go to",
            "Pool more waves, or declare wider groups in [scale]",
        )
    nearest_kept = np.array([min(kept, key=lambda k: (abs(k - n), k)) for n in range(len(labels))])
    for n, size in enumerate(sizes):
        if n not in kept and size:
            into = labels[nearest_kept[n]]
            notes.append(
                f"Group '{labels[n]}' has under {MINIMUM_GROUP} {panel.unit}s: counted with "
                f"'{into}'."
            )
    codes = np.searchsorted(kept, nearest_kept[groups])
    return tuple(labels[n] for n in kept), codes, tuple(notes)


def units_of(clusters: Integers, rows: Flags) -> int:
    """Count the independent units, coded from zero, that some rows are of."""
    return int(np.count_nonzero(np.bincount(clusters[rows])))
