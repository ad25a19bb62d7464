"""What a lever does to an outcome beside the score, and by way of it: mediation.

Natural effects by standardisation over those whom the lever reaches (VanderWeele, Explanation in
Causal Inference (2015), chapter 2; Pearl, UAI (2001), 411-420). The direct effect is what the
changed input would do were every customer to stay in the group he is in; the effect through the
score is what the moves between groups do at the changed input. The outcome is taken by least
squares on curves of the input, controls and baselines, and on the groups, each with its own slope
of the input; the chances of the groups are those of the model of the moves.

They are causal only if nothing that is not held equal moves input and score, input and outcome, or
score and outcome, and nothing that follows from the input moves both score and outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...errors import CxroiError, ScarceDataError, attempt
from ...models.controls import baselines, independent
from ...models.flexible_basis import RIDGE, flexible_basis
from ...models.newton import solve_scaled
from ...models.sample import take_sample
from ...moments import influence
from ...results.estimate import CONF_LEVEL, Estimate
from ...results.thresholds import MINIMUM_GROUP
from .changes import change_of
from .curves import NumberCurve
from .group_model import MOST_LEVERAGE, without_inputs

if TYPE_CHECKING:
    import pandas as pd

    from ...arrays import Flags, Floats
    from ...models.sample import Sample
    from ...study.levers import Lever
    from .group_model import LeverModel
    from .net_moves import LeverMoves

# Rank correlation from which on a baseline is the input itself.
SAME_AS_INPUT = 0.9
ASSUMED = (
    "as if nothing else moved two of input, score and outcome, and nothing that follows from the "
    "input moved both score and outcome"
)


@dataclass(frozen=True, eq=False)
class _Columns:
    """Controls, groups, the input and its slopes by group, as they are and changed.

    Attributes
    ----------
    design, differ
        Those columns that add to the ones before them; and how the lever changes them.
    kept
        Which of all they are.
    bread, spare
        Cross-products with a ridge; one less each row's leverage.
    straight
        The changed input that the slopes are of; zero for a category.
    groups, controls
        How many groups there are; their dummies begin behind so many columns.
    """

    design: Floats
    differ: Floats
    kept: Flags
    bread: Floats
    spare: Floats
    straight: Floats
    groups: int
    controls: int


@dataclass(frozen=True, eq=False)
class _Setting:
    """The rows on which an outcome is known.

    Attributes
    ----------
    known
        Which of the known rows of the model of the groups they are.
    reached
        Which of them the lever reaches.
    """

    sample: Sample
    known: Flags
    reached: Flags
    columns: _Columns


@dataclass(frozen=True, eq=False)
class _Fit:
    """Least squares: coefficients, and the influence of each row on a combination of them."""

    params: Floats
    factor: Floats  # weighted residual over one less the leverage
    design: Floats
    bread: Floats

    def influence(self, gradient: Floats) -> Floats:
        """Return the influence of each row on a combination of the coefficients."""
        return np.asarray(self.factor * (self.design @ solve_scaled(self.bread, gradient)))


def mediated(
    model: LeverModel, moves: LeverMoves, outcomes: Sequence[str]
) -> dict[str, tuple[Estimate, Estimate] | CxroiError]:
    """Return the effect of one lever on each outcome beside the score, and that by way of it.

    Returns
    -------
    dict
        By outcome ``direct.<outcome>`` and ``through_score.<outcome>``, per customer reached, in
        the unit of the outcome, with intervals of 95 %; or why it is refused: too rare, known for
        too few of those reached, or the same for all.
    """
    laid_out = dict[bytes, _Columns]()
    return {name: attempt(partial(_of_outcome, model, moves, name, laid_out)) for name in outcomes}


def _of_outcome(
    model: LeverModel, moves: LeverMoves, outcome: str, laid_out: dict[bytes, _Columns]
) -> tuple[Estimate, Estimate]:
    answers, (lever,) = model.answers, moves.levers
    frame = answers.panel.frame[model.known]
    same = _repeating(frame, model.frame[f"x_{lever.input}"])
    panel = answers.panel.with_frame(frame.drop(columns=same))
    sample = take_sample(panel, outcome)
    for label in answers.labels:
        sample.require(label)
    places = getattr(sample.rows, "places", None)
    known = np.zeros(int(model.known.sum()), dtype=bool)
    known[slice(None) if places is None else places] = True
    reached = moves.reached[model.known][known]
    if int(reached.sum()) < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{outcome!r} is known for {int(reached.sum())} of those whom the lever reaches",
            f"an effect is shown from {MINIMUM_GROUP} on",
        )
    rows = known.tobytes()  # outcomes known of the same answers have their columns in common
    if rows not in laid_out:
        laid_out.clear()
        laid_out[rows] = _laid_out(model, lever, sample, known)
    setting = _Setting(sample, known, reached, laid_out[rows])
    fit = _least_squares(setting)
    return (
        _estimate(model, moves, setting, "direct", *_direct(setting, fit)),
        _estimate(
            model, moves, setting, "through_score", *_through_score(setting, fit, model, moves)
        ),
    )


def _laid_out(model: LeverModel, lever: Lever, sample: Sample, known: Flags) -> _Columns:
    answers = model.answers
    study = without_inputs(answers.panel.study, [lever.input])
    base = np.column_stack(list(flexible_basis(sample, study, answers.labels).design.columns))
    count = len(answers.labels)
    dummies = np.eye(count)[model.groups[known]][:, 1:]
    curve, changed = model.curves[lever.input], change_of(model, [lever]).inputs[lever.input]
    own = [curve.columns(values[known]) for values in (model.frame[f"x_{lever.input}"], changed)]
    sloped = isinstance(curve, NumberCurve)
    lines = [inputs[:, 0] if sloped else np.zeros(len(base)) for inputs in own]
    here, there = (
        np.column_stack([base, dummies, inputs, dummies * line[:, None]])
        for inputs, line in zip(own, lines, strict=True)
    )
    weights = np.asarray(sample.weights, dtype=float)
    gram = np.atleast_2d(np.cov(here[:, 1:].T, aweights=weights, bias=True))
    varies = np.flatnonzero(np.diag(gram) > 0)
    names = [f"column {n}" for n in varies]
    kept = np.zeros(len(gram) + 1, dtype=bool)
    kept[0], kept[1 + varies] = True, independent(gram[np.ix_(varies, varies)], names, 0, [])
    design, ridge = here[:, kept], np.zeros((int(kept.sum()),) * 2)
    ridge[1:, 1:] = RIDGE * gram[np.ix_(kept[1:], kept[1:])]
    bread = design.T @ (weights[:, None] * design) + ridge
    leverage = weights * (design * np.linalg.solve(bread, design.T).T).sum(axis=1)
    spare = 1 - np.minimum(leverage, MOST_LEVERAGE)
    differ = there[:, kept] - design
    return _Columns(design, differ, kept, bread, spare, lines[1], count, base.shape[1])


def _repeating(frame: pd.DataFrame, values: pd.Series) -> list[str]:
    """Return baselines that are the input under another name, such as its own count."""
    if values.dtype.kind not in "fiub":
        return []
    names = baselines(frame.columns)
    alike = frame[names].set_axis(values.index).corrwith(values, method="spearman").abs()
    return [name for name in names if alike[name] > SAME_AS_INPUT]


def _least_squares(setting: _Setting) -> _Fit:
    columns, sample = setting.columns, setting.sample
    values, weights = (np.asarray(v, dtype=float) for v in (sample.values, sample.weights))
    params = solve_scaled(columns.bread, columns.design.T @ (weights * values))
    residual = weights * (values - columns.design @ params)
    return _Fit(params, residual / columns.spare, columns.design, columns.bread)


def _over(setting: _Setting) -> Floats:
    """Return the weight of each row among those reached, in the sum one."""
    found = np.where(setting.reached, np.asarray(setting.sample.weights, dtype=float), 0.0)
    return np.asarray(found / found.sum())


def _direct(setting: _Setting, fit: _Fit) -> tuple[float, Floats, None]:
    over, differ = _over(setting), setting.columns.differ
    each = differ @ fit.params
    value = float(over @ each)
    return value, over * (each - value) + fit.influence(over @ differ), None


def _through_score(
    setting: _Setting, fit: _Fit, model: LeverModel, moves: LeverMoves
) -> tuple[float, Floats, Floats]:
    """Return the effect through the score, and influence by the outcome's rows and the model's."""
    over, rows = _over(setting), np.flatnonzero(setting.known)[setting.reached]
    changed = change_of(model, moves.levers).inputs
    designs = model.design(changed)[rows], model.fit.design[rows]
    after, before = (model.fit.chances(x) for x in designs)
    moved = (after - before)[:, 1:]
    columns, kept = setting.columns, setting.columns.kept
    straight, own = columns.straight[setting.reached], over[setting.reached]
    full = np.zeros(len(kept))
    full[kept] = fit.params
    first, others = columns.controls, columns.groups - 1
    level, slope = full[first : first + others], full[len(full) - others :]
    worth = level + straight[:, None] * slope
    each = (moved * worth).sum(axis=1)
    value = float(own @ each)
    gradient = np.zeros(len(kept))
    gradient[first : first + others] = own @ moved
    gradient[len(full) - others :] = (own * straight) @ moved
    psi = fit.influence(gradient[kept])
    psi[setting.reached] += own * (each - value)
    pull = own[:, None] * np.column_stack([np.zeros(len(own)), worth])
    toward = model.fit.gradient(designs[0], after, pull)
    toward -= model.fit.gradient(designs[1], before, pull)
    return value, psi, model.fit.influence(toward)


def _estimate(
    model: LeverModel,
    moves: LeverMoves,
    setting: _Setting,
    name: str,
    value: float,
    psi: Floats,
    of_groups: Floats | None,
) -> Estimate:
    whole = np.zeros(int(model.known.sum()))
    whole[setting.known] = psi
    whole = whole if of_groups is None else whole + of_groups
    error = influence.std_error(model.spread(whole), moves.clusters)
    low, high = influence.normal_interval(value, error, CONF_LEVEL, moves.dof)
    outcome = setting.sample.outcome
    return Estimate(
        f"{name}.{outcome.name}",
        value,
        low,
        high,
        error,
        outcome.unit,
        int(setting.reached.sum()),
        "least squares on the groups and curves of the input, controls and baselines, "
        f"standardised over those reached (natural effects), {ASSUMED}",
        note="beside the ROI of the lever, never in it" if name == "direct" else "",
        term=f"{name.replace('_', ' ')}, {outcome.name.replace('_', ' ')}",
        contrast="changed - as it is",
        p_value=influence.normal_p_value(value, error, moves.dof),
        outcome=outcome.name,
    )
