"""What levers change of the inputs, whom they touch, and whether the data show anybody alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...errors import StudyError, nearest
from ...moments.rows import worded
from ...results.thresholds import MINIMUM_GROUP
from .curves import similar

if TYPE_CHECKING:
    import pandas as pd

    from ...arrays import Flags
    from ...study.levers import Lever
    from .group_model import LeverModel

# Share of the answers, and how many at least, that stand for a value to which all are taken.
NEAREST, LEAST_NEAR = 0.2, 200
MOST_NAMED = 10


@dataclass(frozen=True, eq=False)
class Change:
    """What one lever, or several one after the other, do to the inputs of the known rows.

    Attributes
    ----------
    inputs
        Those changed, of every known row, after all of it.
    touched
        Whose input each lever changes, by its name.
    """

    inputs: Mapping[str, pd.Series]
    touched: Mapping[str, Flags]

    @property
    def anybody(self) -> Flags:
        """Whose input is changed by any of them."""
        return np.asarray(np.logical_or.reduce(list(self.touched.values())))

    def among(self, rows: Flags) -> Change:
        """Return the change with only some of the rows touched."""
        return replace(self, touched={n: own & rows for n, own in self.touched.items()})


def change_of(model: LeverModel, levers: Sequence[Lever]) -> Change:
    """Return what levers do to the inputs.

    Raises
    ------
    StudyError
        A change that the values of its input do not allow, or whom no answer is of.
    """
    inputs, touched = dict[str, "pd.Series"](), dict[str, "Flags"]()
    for lever in levers:
        _require_possible(model, lever)
        name = lever.input
        before = inputs.get(name, model.frame[f"x_{name}"])
        after = changed(before, lever)
        if before.dtype.kind in "fiub":
            pair = before.to_numpy(dtype=float), after.to_numpy(dtype=float)
            differ = ~np.isclose(*pair)
        else:
            differ = (before.astype(str) != after.astype(str)).to_numpy()
        touched[lever.name] = model.answers.meant(lever)[model.known] & differ
        inputs[name] = before.mask(touched[lever.name], after)
    return Change(inputs, touched)


def _require_possible(model: LeverModel, lever: Lever) -> None:
    """Refuse a number made a name, a name made a number or another name, and nobody reached."""
    change, value = lever.change
    said = f"lever {lever.name!r} has {change} = {value!r}"
    if model.answers.is_number(lever.input):
        if isinstance(value, str):
            fix = "Write a number, without quotes and in the unit of the input"
            raise StudyError(f"{said}, and {lever.input!r} is a number", fix=fix)
    else:
        names = sorted({worded(v) for v in model.frame[f"x_{lever.input}"].dropna()})
        if change != "to":
            fix = f"Write to = one of them: {', '.join(map(repr, names))}"
            raise StudyError(f"{said}, and the values of {lever.input!r} are names", fix=fix)
        if str(value) not in names:
            fix = nearest(str(value), names)
            raise StudyError(f"{said}, which is no value of {lever.input!r}", fix=fix)
    if not model.answers.meant(lever).any():
        raise StudyError(
            f"lever {lever.name!r} reaches nobody who answered",
            ", ".join(f"{k} is {' or '.join(map(str, v))}" for k, v in lever.reaches.items()),
            _present(model, lever),
        )


def _present(model: LeverModel, lever: Lever) -> str:
    """Return the values that answers have of what a lever chooses customers by."""
    said = []
    for name in lever.reaches:
        column = next(c for c in (f"attr_{name}", f"x_{name}") if c in model.answers.frame)
        values = sorted(model.answers.frame[column].dropna().astype(str).unique())
        more = ", ..." if len(values) > MOST_NAMED else ""
        said.append(f"{name} is {', '.join(values[:MOST_NAMED])}{more}")
    return f"Of those who answered {'; '.join(said)}"


def changed(values: pd.Series, lever: Lever) -> pd.Series:
    """Return an input as it would be under a lever, for whomever it is meant.

    Where no value is below zero nothing is taken from those at zero: a time or a count has an end.
    Whom it would take beyond the end is for `supported` to leave out.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxroi.study.levers import make_levers
    >>> [lever] = make_levers(
    ...     [{"name": "Sooner", "input": "wait", "at_most": 24.0, "fixed_cost": 1.0}]
    ... )
    >>> changed(pd.Series([2.0, 30.0]), lever).tolist()
    [2.0, 24.0]
    """
    change, value = lever.change
    if change == "to" or values.dtype.kind not in "fiub":
        return values.where(values.isna(), value)
    if change == "by":
        none = (values == 0) & (value < 0) & bool(values.min() >= 0)
        moved: pd.Series = values + value * ~none
        return moved
    return values.clip(**{"upper" if change == "at_most" else "lower": value})


def supported(model: LeverModel, levers: Sequence[Lever], change: Change) -> Flags:
    """Return the rows for whom at least 30 answers have inputs like the changed ones."""
    alike = np.ones(len(model.frame), dtype=bool)
    for lever in levers:
        own = change.touched[lever.name]
        counts = similar(model.frame[f"x_{lever.input}"], change.inputs[lever.input])
        alike &= ~own | (counts >= MINIMUM_GROUP)
    return alike


def near_to(model: LeverModel, lever: Lever) -> Flags:
    """Return the answers whose input is near the value that a lever takes everybody to.

    On its own side of a limit; as many as `NEAREST` of all, and all of those at the value itself.
    """
    values, (change, value) = model.frame[f"x_{lever.input}"], lever.change
    if not model.answers.is_number(lever.input):
        return np.asarray(values.astype(str) == str(value))
    own = values.to_numpy(dtype=float)
    away = np.abs(own - value)
    sides = {"at_most": own <= value, "at_least": own >= value}
    side = sides.get(change, np.ones(len(own), dtype=bool)) | np.isclose(own, value)
    away = np.where(side, away, np.inf)
    asked = min(max(round(NEAREST * len(own)), LEAST_NEAR), int(side.sum()))
    return np.asarray(side & (away <= np.partition(away, asked - 1)[asked - 1]))
