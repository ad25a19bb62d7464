"""The groups of a score by inputs and controls: one model that any change is read off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError
from ...models.controls import independent
from ...models.flexible_basis import RIDGE, flexible_basis
from ...models.sample import Sample
from ...moments.frame_rows import FrameRows
from ...panel.in_memory import PanelFrame
from ...study.outcomes import Outcome
from .curves import InputCurve, NumberCurve, curve_of
from .group_chances import GroupModel, fit_groups

if TYPE_CHECKING:
    import pandas as pd

    from ...arrays import Flags, Floats, Integers
    from ...study.declared import Study
    from ...study.levers import Lever
    from .answers import LeverAnswers

MOST_LEVERAGE = 0.9
_GROUP = Outcome("group", "count", "groups", "higher")


@dataclass(frozen=True, eq=False)
class LeverModel:
    """The chances of the groups by some inputs, other things equal.

    Attributes
    ----------
    answers
        Those of the panel.
    known
        Which of them have all the inputs, and a weight.
    frame
        The rows that are known.
    curves
        How each input enters.
    controls
        The columns held equal of each known row, the intercept first.
    kept
        Which columns of controls and inputs, side by side, add to those before them.
    ridge
        Of the columns kept.
    fit
        The model of the groups.
    """

    answers: LeverAnswers
    known: Flags
    frame: pd.DataFrame
    curves: Mapping[str, InputCurve]
    controls: Floats
    kept: Flags
    ridge: Floats
    fit: GroupModel

    @property
    def groups(self) -> Integers:
        """Position of the group of each known row."""
        return np.asarray(self.answers.groups[self.known])

    @property
    def weights(self) -> Floats:
        """Of the known rows, in their mean one."""
        own = self.answers.weights[self.known]
        return np.asarray(own / own.mean())

    @cached_property
    def leverage(self) -> Floats:
        """Of each known row in a least squares fit on the columns."""
        columns, weights = self.fit.design, self.weights
        products = columns.T @ (weights[:, None] * columns) + self.ridge
        found = weights * (columns * np.linalg.solve(products, columns.T).T).sum(axis=1)
        return np.asarray(np.minimum(found, MOST_LEVERAGE))

    def design(self, changed: Mapping[str, pd.Series], rows: Flags | slice = slice(None)) -> Floats:
        """Return the columns of known rows with some inputs changed.

        Parameters
        ----------
        changed
            Values by input of all known rows.
        rows
            Which of them.
        """
        columns = [self.controls[rows]]
        for name, curve in self.curves.items():
            values = changed.get(name, self.frame[f"x_{name}"])
            columns.append(curve.columns(values[rows]))
        return np.column_stack(columns)[:, self.kept]

    def of_input(self, name: str) -> Flags:
        """Return which of the columns kept are those of an input."""
        owners = ["" for _ in range(self.controls.shape[1])]
        owners += [n for n, curve in self.curves.items() for _ in range(_width(curve))]
        return np.array([owner == name for owner in owners])[self.kept]

    def customers(self, rows: Flags) -> int:
        """Count the customers whose latest answer is among some of the known rows."""
        return int((rows & self.answers.latest[self.known]).sum())

    def spread(self, values: Floats) -> Floats:
        """Return values of the known rows as those of all rows of the panel, zero on the others."""
        full = np.zeros((len(self.known), *values.shape[1:]))
        full[self.known] = values
        return full


def model_of_groups(
    answers: LeverAnswers, inputs: Sequence[str], levers: Sequence[Lever] = ()
) -> LeverModel:
    """Fit the groups on some inputs, the study's controls and the wave held equal.

    What was measured in the days before the answer, baselines, is not held equal: it may follow
    from the inputs, which are of the same days.

    Parameters
    ----------
    levers
        At whose limits the curves may jump.

    Raises
    ------
    ScarceDataError
        An input that does not vary, or a group of which too few have the inputs.
    ModelError
        The controls determine an input, or the model does not converge.
    """
    known = (answers.weights > 0) & answers.frame[[f"x_{n}" for n in inputs]].notna().all(axis=1)
    known = np.asarray(known, dtype=bool)
    _require_groups(answers, known, inputs)
    frame = answers.frame[known]
    limits = {n: {c: _limits(levers, n, c) for c in ("at_most", "at_least")} for n in inputs}
    curves = {
        n: curve_of(frame[f"x_{n}"], n, limits[n]["at_most"], limits[n]["at_least"]) for n in inputs
    }
    controls = _controls(answers, known, without_inputs(answers.panel.study, inputs))
    own = np.column_stack([curve.columns(frame[f"x_{n}"]) for n, curve in curves.items()])
    design = np.column_stack([controls, own])
    weights = answers.weights[known]
    weights = weights / weights.mean()
    gram = np.atleast_2d(np.cov(design[:, 1:].T, aweights=weights, bias=True))
    names = [f"column {n}" for n in range(len(gram))]
    kept = np.concatenate([[True], independent(gram, names, 0, [])])
    _require_apart(kept, controls.shape[1], curves)
    design, gram = design[:, kept], gram[np.ix_(kept[1:], kept[1:])]
    ridge = np.zeros((design.shape[1],) * 2)
    ridge[1:, 1:] = RIDGE * gram
    fit = fit_groups(design, answers.groups[known], weights, ridge)
    return LeverModel(answers, known, frame, curves, controls, kept, ridge, fit)


def without_inputs(study: Study, inputs: Sequence[str]) -> Study:
    """Return the study without the inputs among what is held equal."""
    return study.without_controls([name for name in study.controls if name in inputs])


def _limits(levers: Sequence[Lever], name: str, change: str) -> list[float]:
    found = [getattr(lever, change) for lever in levers if lever.input == name]
    return [limit for limit in found if limit is not None]


def _controls(answers: LeverAnswers, known: Flags, study: Study) -> Floats:
    """Return the controls of the known rows as curves, the intercept first."""
    names = [f"attr_{name}" for name in study.controls]
    frame = answers.frame.loc[known, [*names, "wave", "group", "weight", "cluster", "customer"]]
    rows: FrameRows = PanelFrame(frame)
    sample = Sample(
        outcome=_GROUP,
        labels=answers.labels,
        values=rows.one,
        groups=answers.groups[known],
        weights=answers.weights[known],
        clusters=answers.clusters[known],
        rows=rows,
        everybody=rows,
        weighted=False,
        clustered=False,
    )
    design = flexible_basis(sample, study, answers.labels).design
    return np.column_stack(list(design.columns))


def _require_groups(answers: LeverAnswers, known: Flags, inputs: Sequence[str]) -> None:
    from ...errors import ScarceDataError
    from ...results.thresholds import MINIMUM_GROUP

    sizes = np.bincount(answers.groups[known], minlength=len(answers.labels))
    if sizes.min() < MINIMUM_GROUP:
        label = answers.labels[int(sizes.argmin())]
        raise ScarceDataError(
            f"{sizes.min()} answers in group {label!r} have {' and '.join(map(repr, inputs))}",
            f"what moves a group is told from {MINIMUM_GROUP} on",
            "Check the input: is it known for few customers only?",
        )


def _require_apart(kept: Flags, controls: int, curves: Mapping[str, InputCurve]) -> None:
    """Refuse an input that the controls, or inputs before it, determine."""
    at = controls
    for name, curve in curves.items():
        width = len(curve.levels) if not isinstance(curve, NumberCurve) else 1
        if not kept[at : at + width].any():
            raise ModelError(
                f"input {name!r} is determined by what is held equal",
                "an effect needs customers who differ in the input and are alike in the rest",
                "Leave that control out of [controls] columns",
            )
        at += _width(curve)


def _width(curve: InputCurve) -> int:
    if not isinstance(curve, NumberCurve):
        return len(curve.levels)
    bends = max(len(curve.knots) - 2, 0) if len(curve.knots) >= 3 else 0
    return 1 + bends + len(curve.atoms) + len(curve.above) + len(curve.below)
