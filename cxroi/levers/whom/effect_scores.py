"""Effect scores: what each row says of the effect of a move, so that means of them are effects.

A customer of the `from` group scores the outcome predicted for him in the `to` group less the one
he had; a customer of the `to` group what he had beyond his prediction, as often as he stands for
somebody of the `from` group (odds of the propensity). Summed over any part of the rows, over the
`from` customers of that part, this is the mean effect on them, and wrong only where both the
prediction and the propensity are (augmented inverse probability weighting: Robins, Rotnitzky and
Zhao, JASA 89 (1994), 846-866; of the untreated: Chernozhukov and others, Econometrics Journal 21
(2018), C1-C68, section 5). Both are fitted to other customers than those that they score
(cross-fitting), so that what is found in the scores is not what the fit has put there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from ...effects.doubly_robust import LEAST_ODDS, MOST_LEFT_OUT
from ...errors import ModelError, OverlapError
from ...models.flexible_basis import flexible_basis
from ...models.newton import solve_scaled
from ...models.propensity import fit_propensity
from ...models.sample import take_sample
from ...panel.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from ...arrays import Flags, Floats, Integers
    from ...models.flexible_basis import Basis
    from ...models.sample import Sample
    from ...panel.panel import Panel

FOLDS = 5
# Rows beyond which customers are drawn by lot: their number does not make a rule better any more.
MOST_ROWS = 200_000


@dataclass(frozen=True, eq=False)
class EffectScores:
    """The scores of the rows of two groups, for one deal of customers into folds.

    Attributes
    ----------
    scores
        By outcome, in its unit: survey-weighted, zero on rows of other groups and left out.
    over
        The weight of each row of the `from` group; zero on others.
    fold
        Of each row; its scores come from models of the other folds.
    """

    scores: Mapping[str, Floats] = field(repr=False)
    over: Floats = field(repr=False)
    fold: Integers = field(repr=False)


@dataclass(frozen=True, eq=False)
class Ground:
    """The rows on which effects are scored, and what they are fitted on.

    Attributes
    ----------
    panel
        In memory, of the rows of the two groups on which every outcome is known; of more than
        200,000 rows, of customers drawn by lot.
    samples
        By outcome, over the same rows.
    """

    panel: Panel
    samples: Mapping[str, Sample]
    basis: Basis

    @property
    def sample(self) -> Sample:
        """The first of the samples: what they have in common."""
        return next(iter(self.samples.values()))

    @property
    def clusters(self) -> Integers:
        """The customer or declared cluster of each row, coded from zero."""
        return cast("Integers", self.sample.clusters)

    @property
    def pair(self) -> tuple[str, str]:
        """The `from` and the `to` group."""
        return self.panel.study.origin, self.panel.study.target


def take_ground(panel: Panel, outcomes: Sequence[str]) -> Ground:
    """Return the rows of the two groups on which all these outcomes are known.

    Raises
    ------
    StudyError
        Unknown outcome.
    ModelError
        The rows of a group are too few, or the outcome too rare.
    TooManyRowsError
        The rows stay in an engine and are too many to be brought from there.
    """
    frame, pair = panel.frame, [panel.study.origin, panel.study.target]
    known = frame[[f"{name}_after" for name in outcomes]].notna().all(axis=1)
    known &= (frame["weight"] > 0) & frame["group"].isin(pair)
    part = _by_lot(frame[known], panel.study.seed)
    own = panel.with_frame(part, part)
    samples = {name: take_sample(own, name) for name in outcomes}
    for sample in samples.values():
        for label in pair:
            sample.require(label)
    basis = flexible_basis(next(iter(samples.values())), own.study, (pair[0], pair[1]))
    return Ground(own, samples, basis)


def _by_lot(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return all rows, or those of customers (or clusters) drawn by lot, about `MOST_ROWS`."""
    if len(frame) > MOST_ROWS:
        codes = frame["cluster"].factorize()[0]
        drawn = np.random.default_rng(seed).random(int(codes.max()) + 1) < MOST_ROWS / len(frame)
        frame = frame[drawn[codes]]
    return frame.reset_index(drop=True)


def score_effects(ground: Ground, rng: np.random.Generator) -> EffectScores:
    """Deal customers into folds and score the effect of a move on each outcome.

    Customers of both groups whose relative odds of the `to` group are under 1/20 are left out, as
    of the contrast that carries the money (`effects.doubly_robust`).

    Raises
    ------
    OverlapError
        The groups are told apart by the controls.
    """
    sample, clusters = ground.sample, ground.clusters
    origin, target = (np.asarray(sample.members(label)) for label in ground.pair)
    weights = cast("Floats", sample.weights)
    fold = _dealt(clusters, target, rng)
    start = fit_propensity(sample, ground.basis, *ground.pair).params
    scores = {name: np.zeros(len(weights)) for name in ground.samples}
    over = np.zeros(len(weights))
    for one in range(FOLDS):
        held = fold == one
        odds, near = _odds(ground, np.where(held, 0.0, weights), start)
        over = np.where(held & origin & near, weights, over)
        pull = np.where(target & near, weights * odds, 0.0)
        for name, predicted in _predicted(ground, np.where(held, 0.0, pull)).items():
            missed = cast("Floats", ground.samples[name].values) - predicted
            scored = np.where(target, pull, -over) * missed
            scores[name] = np.where(held, scored, scores[name])
    _require_most(over, np.where(origin, weights, 0.0), ground.pair)
    return EffectScores(scores, over, fold)


def _dealt(clusters: Integers, target: Integers, rng: np.random.Generator) -> Integers:
    """Deal customers into folds that have as many who were in the `to` group each."""
    units = int(clusters.max()) + 1
    ever = np.zeros(units)
    np.maximum.at(ever, clusters, target)
    order = np.lexsort((rng.random(units), ever))
    dealt = np.empty(units, dtype=np.int64)
    dealt[order] = np.arange(units) % FOLDS
    return np.asarray(dealt[clusters])


def _odds(ground: Ground, weights: Floats, start: Floats) -> tuple[Floats, Flags]:
    """Return the odds of the `from` group, and who is not far from the `to` group.

    Fitted where weights are above zero, from the coefficients of all rows on, which only makes it
    short; of every row.
    """
    origin, target = ground.pair
    learned = replace(ground.sample, weights=weights, fits=Store())  # asked for once
    propensity = fit_propensity(learned, ground.basis, origin, target, start)
    size = {g: float(weights[np.asarray(learned.members(g))].sum()) for g in ground.pair}
    linear = cast("Floats", propensity.linear)
    least = float(np.log(LEAST_ODDS * size[target] / size[origin]))
    return np.exp(-np.maximum(linear, least)), linear >= least


def _predicted(ground: Ground, pull: Floats) -> dict[str, Floats]:
    """Return each outcome in the `to` group as its weighted rows predict it, of every row."""
    design, names = ground.basis.design, list(ground.samples)
    values = [pull * ground.samples[name].values for name in names]
    [products], cross = design.moments([pull], values)
    bread = products + ground.basis.ridge
    return {
        name: np.asarray(design @ solve_scaled(bread, own))
        for name, own in zip(names, cross, strict=True)
    }


def _require_most(over: Floats, everybody: Floats, pair: tuple[str, str]) -> None:
    if not everybody.sum() > 0:
        raise ModelError(f"nobody is in {pair[0]!r}", "an effect is one on somebody")
    left_out = 1 - float(over.sum() / everybody.sum())
    if left_out > MOST_LEFT_OUT:
        raise OverlapError(
            f"{100 * left_out:.0f} % of {pair[0]!r} have nobody like them in {pair[1]!r}",
            f"effects are told of groups of which at most {100 * MOST_LEFT_OUT:.0f} % have not",
            "Check the controls: does one of them follow from the score?",
        )
