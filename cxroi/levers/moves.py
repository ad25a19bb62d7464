"""What a lever does to the groups of a score: how many of those whom it reaches it moves.

The estimand is that of a modified treatment policy (Haneuse and Rotnitzky, Statistics in Medicine
32 (2013), 5260-5277; Díaz and van der Laan, Biometrics 68 (2012), 541-549): of those whose input
the lever changes, the share in each group had each had the changed value, all else of theirs as it
is, less the share as it is. A limit (``at_most``) takes those beyond it to the limit and no
further. The model of the groups (see `group_model`) predicts both; to it is added what it leaves
of answers that are like those after the change, and like those before it, weighted by how much
more frequent each is there (a logit that tells changed rows from rows as they are; Díaz, Williams,
Hoffman and Schenck, Journal of the American Statistical Association 118 (2023), 846-857): the
estimate is right if either the model of the groups or that of the weights is. For a limit within
a continuum no answer stands exactly there, and the weights are those of answers near it.

Shares before and after tell net moves alone. They are read as the least movement: between two
groups that are next to each other either some rise or some fall, never both (the monotone
coupling). Rises and falls are told apart by each pair of neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OverlapError, ScarceDataError
from ..models.newton import Model, fit_together, solve_scaled
from ..moments import influence
from ..moments.array_design import ArrayDesign
from ..moments.units import units_among
from ..results.estimate import CONF_LEVEL, Estimate
from ..results.formats import percent
from ..results.thresholds import MINIMUM_GROUP
from .curves import similar
from .group_model import LeverModel, model_of_groups

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Flags, Floats
    from ..study.levers import Lever
    from .answers import LeverAnswers

# Share of those reached of whom nobody alike has the changed value, from which on it is refused.
MOST_BEYOND = 0.5
# Answers that stand for those after the change, weighted, and their weight over its own.
LEAST_STANDING, LEAST_WEIGHT = 10, 0.8
# Share of the answers, and how many at least, that stand for a value to which all are taken.
NEAREST, LEAST_NEAR = 0.2, 200
# Parts of a change at which its effect is read, for the part that pays its cost.
PARTS = tuple(n / 20 for n in range(1, 21))


@dataclass(frozen=True, eq=False)
class Moves:
    """What one lever, or several at once, do to the groups of those whom they reach.

    Attributes
    ----------
    levers
        Those applied.
    labels
        The groups, lowest first.
    net
        Of each pair of neighbours the share of those reached who rise from the lower to the
        higher, below zero where they fall.
    influence
        Of each row of the panel on each of them.
    clusters
        The independent unit of each row.
    reached
        The answers whose input is changed, those beyond the data left out.
    customers, within, unknown
        Customers whose latest answer is among those; customers whom the lever is meant for and
        whose input already is as it would be; and those whose input is not known.
    beyond
        Share of those whose input would change for whom the data show nobody alike at the changed
        value: they are left out, and nothing is claimed of them.
    before, after
        Share of those reached in each group.
    standing
        Answers of equal weight that stand for those after the change.
    parts
        Of each of `PARTS` of the change, what it moves as a share of what the whole moves.
    of_each
        Customers reached by each lever.
    """

    levers: tuple[Lever, ...]
    labels: tuple[str, ...]
    net: Floats
    influence: Floats
    clusters: Floats
    reached: Flags
    customers: int
    within: int
    unknown: int
    beyond: float
    before: Floats
    after: Floats
    standing: float
    parts: Floats
    of_each: tuple[int, ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def covariance(self) -> Floats:
        """Of the net moves, over customers or declared clusters."""
        return influence.covariance(list(self.influence.T), self.clusters)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Neighbours, the lower first."""
        return tuple(zip(self.labels, self.labels[1:], strict=False))

    @property
    def p_value(self) -> float:
        """Chance of moves as large as these if the lever moved nobody (Wald's test of all)."""
        from scipy.stats import chi2

        kept = np.diag(self.covariance) > 0
        if not kept.any():
            return 1.0
        found = self.net[kept]
        solved = np.linalg.lstsq(self.covariance[np.ix_(kept, kept)], found, rcond=1e-10)[0]
        return float(chi2.sf(found @ solved, int(kept.sum())))

    @property
    def shown(self) -> bool:
        """Whether it is shown to move anybody, at the 5 % level."""
        return self.p_value < 1 - CONF_LEVEL

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """``moved.<from>_to_<to>`` of every pair of neighbours both ways, and ``share_moved``."""
        errors = np.sqrt(np.diag(self.covariance))
        found = []
        for (low, high), net, error in zip(self.pairs, self.net, errors, strict=True):
            found += [self._moved(low, high, net, error), self._moved(high, low, -net, error)]
        total = float(self.net.sum())
        error = float(np.sqrt(max(self.covariance.sum(), 0.0)))
        ends = influence.normal_interval(total, error, CONF_LEVEL)
        return (*found, self._estimate("share_moved", total, *ends, error))

    def _moved(self, origin: str, target: str, net: float, error: float) -> Estimate:
        ends = influence.normal_interval(float(net), float(error), CONF_LEVEL)
        low, high = (max(end, 0.0) for end in ends)
        name = f"moved.{origin}_to_{target}".replace(" ", "_")
        return self._estimate(name, max(float(net), 0.0), low, high, float(error))

    def _estimate(self, name: str, value: float, low: float, high: float, error: float) -> Estimate:
        words = name.removeprefix("moved.").replace("_", " ")
        return Estimate(
            name,
            value,
            low,
            high,
            error,
            "share of those reached",
            int(self.reached.sum()),
            self.method,
            term=words,
            p_value=influence.normal_p_value(value, error) if name == "share_moved" else None,
        )

    @property
    def method(self) -> str:
        """How the moves were estimated, in words."""
        how = (
            "multinomial logit of the group on a curve of the input and the controls, standardised "
            "over those reached, augmented by the residuals of answers that are like those after "
            f"the change ({self.standing:,.0f} of equal weight); net moves between neighbouring "
            "groups, errors from influence values by customer or cluster"
        )
        out = f", {percent(self.beyond)} beyond the data left out" if self.beyond else ""
        return f"{how}{out}"


def estimate_moves(answers: LeverAnswers, lever: Lever) -> Moves:
    """Estimate what a lever moves, its own input in the model alone.

    Other inputs are held equal where they are declared as controls: one that follows from the
    lever's would take part of its effect away.

    Raises
    ------
    OverlapError
        The change goes beyond what the data show.
    ScarceDataError
        Hardly anybody's input would change, or the input does not vary.
    ModelError
        The model of the groups cannot be fitted.
    """
    return moves_of(model_of_groups(answers, [lever.input], [lever]), [lever])


def moves_of(model: LeverModel, levers: Sequence[Lever]) -> Moves:
    """Estimate what several levers move at once; whoever is reached by two is counted once.

    Parameters
    ----------
    model
        With the inputs of all of them, so that what two inputs share is counted once.

    Raises
    ------
    OverlapError, ScarceDataError
        As `estimate_moves`.
    """
    answers, frame = model.answers, model.frame
    changed, touched = _changed(model, levers)
    any_touched = np.logical_or.reduce([touched[lever.name] for lever in levers])
    alike = _supported(frame, changed, levers, touched)
    beyond = 1 - float(model.weights[any_touched & alike].sum()) / max(
        float(model.weights[any_touched].sum()), 1e-300
    )
    reached = any_touched & alike
    _require_reached(model, levers, any_touched, reached, beyond)
    found = _augmented(model, levers, changed, {n: t & reached for n, t in touched.items()})
    before = np.bincount(
        answers.groups[model.known][reached], model.weights[reached], len(answers.labels)
    )
    before = before / before.sum()
    whole = np.zeros(len(model.known), dtype=bool)
    whole[model.known] = reached
    meant = np.logical_or.reduce([answers.reached(lever) for lever in levers])
    latest = answers.latest
    own = [np.zeros_like(whole) for _ in levers]
    for n, lever in enumerate(levers):
        own[n][model.known] = touched[lever.name] & alike
    within = meant & model.known & latest
    within[model.known] &= ~any_touched
    moves = Moves(
        levers=tuple(levers),
        labels=answers.labels,
        net=found.net,
        influence=np.column_stack([model.spread(column) for column in found.psi.T]),
        clusters=answers.clusters,
        reached=whole,
        customers=int((whole & latest).sum()),
        within=int(within.sum()),
        unknown=int((meant & latest & ~model.known).sum()),
        beyond=beyond,
        before=before,
        after=before + np.append(0.0, found.net) - np.append(found.net, 0.0),
        standing=found.standing,
        parts=np.zeros(0),
        of_each=tuple(int((one & latest).sum()) for one in own),
        notes=answers.notes,
    )
    return replace(moves, parts=_parts(model, levers, reached, moves))


def _changed(
    model: LeverModel, levers: Sequence[Lever], part: float = 1.0
) -> tuple[dict[str, pd.Series], dict[str, Flags]]:
    """Return the inputs of the known rows after all changes, and whom each lever touches."""
    answers, changed, touched = model.answers, dict[str, "pd.Series"](), dict[str, "Flags"]()
    for lever in levers:
        name = lever.input
        before = changed.get(name, model.frame[f"x_{name}"])
        own = replace(answers, frame=model.frame.assign(**{f"x_{name}": before}))
        after = own.changed(lever, part)
        meant = answers.reached(lever)[model.known]
        differ = (before.astype(str) != after.astype(str)).to_numpy()
        if answers.is_number(name):
            differ = ~np.isclose(before.to_numpy(dtype=float), after.to_numpy(dtype=float))
        touched[lever.name] = meant & differ
        changed[name] = before.where(~touched[lever.name], after)
    return changed, touched


def _supported(
    frame: pd.DataFrame,
    changed: Mapping[str, pd.Series],
    levers: Sequence[Lever],
    touched: Mapping[str, Flags],
) -> Flags:
    """Return the rows for whom enough answers have inputs like the changed ones."""
    alike = np.ones(len(frame), dtype=bool)
    for lever in levers:
        column, own = frame[f"x_{lever.input}"], touched[lever.name]
        counts = similar(column, changed[lever.input])
        alike &= ~own | (counts >= MINIMUM_GROUP)
    return alike


def _require_reached(
    model: LeverModel, levers: Sequence[Lever], touched: Flags, reached: Flags, beyond: float
) -> None:
    names = " and ".join(repr(lever.name) for lever in levers)
    clusters = model.answers.clusters[model.known]
    if units_among(clusters, touched) < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{names} changes the input of {units_among(clusters, touched)} customers",
            f"what a change does is told from {MINIMUM_GROUP} on",
            "Reach more customers, or change the input further",
        )
    if beyond > MOST_BEYOND or units_among(clusters, reached) < MINIMUM_GROUP:
        raise OverlapError(
            f"{names} goes beyond the data: for {percent(beyond)} of those whom it reaches fewer "
            f"than {MINIMUM_GROUP} answers have an input like the changed one",
            f"at most {percent(MOST_BEYOND)} may be left out",
            "Change the input less, to values that some customers have today",
        )


def _augmented(
    model: LeverModel,
    levers: Sequence[Lever],
    changed: Mapping[str, pd.Series],
    touched: Mapping[str, Flags],
) -> _Found:
    """Return what the model predicts, and for each lever what it leaves, added."""
    reached = np.logical_or.reduce(list(touched.values()))
    found, whole = _predicted(model, changed, reached), float(model.weights[reached].sum())
    for lever in levers:
        own = touched[lever.name]
        share = float(model.weights[own].sum()) / whole
        if share == 0:
            continue
        left = _left(model, lever, changed, own)
        _require_standing(lever, left)
        found = _Found(
            found.net + share * left.net,
            found.psi + share * left.psi,
            min(found.standing, left.standing),
        )
    return found


def _require_standing(lever: Lever, left: _Found) -> None:
    if left.standing >= LEAST_STANDING and left.weight >= LEAST_WEIGHT:
        return
    raise OverlapError(
        f"hardly anybody has the changed input of {lever.name!r} and is like those whom it "
        f"reaches: weighted to resemble them, such answers count as {left.standing:.1f} and have "
        f"{100 * left.weight:.0f} % of their weight",
        f"{LEAST_STANDING} with {100 * LEAST_WEIGHT:.0f} % of the weight",
        "Change the input less, or reach customers among whom it already varies",
    )


@dataclass(frozen=True, eq=False)
class _Found:
    """Net moves of a change, the influence of known rows on them, and what stands for it.

    Attributes
    ----------
    net, psi
        Of each pair of neighbours; rows by pairs.
    standing, weight
        Answers of equal weight that are like those after the change, and their weight over that
        of those reached.
    """

    net: Floats
    psi: Floats
    standing: float = np.inf
    weight: float = 1.0


def _predicted(model: LeverModel, changed: Mapping[str, pd.Series], reached: Flags) -> _Found:
    """Return what the model of the groups predicts."""
    fit, over = model.fit, np.where(reached, model.weights, 0.0)
    over = over / over.sum()
    there, here, above = model.design(changed, reached), fit.design[reached], _above(model)
    after, before = fit.chances(there), fit.chances(here)
    moved = (after - before) @ above
    net = over[reached] @ moved
    psi = np.zeros((len(over), len(net)))
    psi[reached] = over[reached, None] * (moved - net)
    spare = 1 - model.leverage
    for cut in range(len(net)):
        side = over[reached, None] * above[:, cut]
        gradient = fit.gradient(there, after, side) - fit.gradient(here, before, side)
        psi[:, cut] += fit.influence(gradient) / spare
    return _Found(net, psi)


def _left(
    model: LeverModel, lever: Lever, changed: Mapping[str, pd.Series], reached: Flags
) -> _Found:
    """Return what the model leaves of answers like those after a change, and before it."""
    fit, weights, above = model.fit, model.weights, _above(model)
    over = np.where(reached, weights, 0.0)
    whole = float(over.sum())
    odds, shifted, columns = _frequencies(model, lever, changed, reached)
    pull = weights * odds
    lean = (pull - over) / whole
    residual = np.eye(len(above))[model.answers.groups[model.known]] - fit.chances(fit.design)
    spare = 1 - model.leverage
    each = lean[:, None] * (residual @ above)
    psi = each / spare[:, None]
    chances = fit.chances(fit.design)
    for cut in range(above.shape[1]):
        gradient = fit.gradient(fit.design, chances, lean[:, None] * above[:, cut])
        psi[:, cut] -= fit.influence(gradient) / spare
        steer = columns.T @ (pull * (residual @ above[:, cut])) / whole
        psi[:, cut] += shifted @ steer
    standing = float(pull.sum()) ** 2 / max(float((pull * pull).sum()), 1e-300)
    return _Found(each.sum(axis=0), psi, standing, float(pull.sum()) / whole)


def _above(model: LeverModel) -> Floats:
    """Return whether a group (rows) is above each cut between neighbours (columns)."""
    count = len(model.answers.labels)
    return np.tril(np.ones((count, count)), -1)[:, : count - 1]


def _frequencies(
    model: LeverModel, lever: Lever, changed: Mapping[str, pd.Series], reached: Flags
) -> tuple[Floats, Floats, Floats]:
    """Return how much more frequent answers like each are after the change, by a logit.

    Where all are taken to one value, answers near it are held against those reached by all but
    the input; where each has its own value, changed rows against all rows by the input too.

    Returns
    -------
    tuple
        Of each known row the weight that its like have after the change over their own; influence
        of each row on the coefficients of the logit, rows by columns; and its columns.
    """
    here, weights = model.fit.design, model.weights
    if lever.by is not None:
        base, there, used = np.ones(len(here), dtype=bool), model.design(changed, reached), None
    else:
        base, used = _near(model, lever), ~model.of_input(lever.input)
        here = here[:, used]
        there = here[reached]
    ridge = model.ridge if used is None else model.ridge[np.ix_(used, used)]
    stacked = np.vstack([here[base], there])
    is_after = np.concatenate([np.zeros(int(base.sum())), np.ones(len(there))])
    task = Model("logit", is_after, np.concatenate([weights[base], weights[reached]]), penalty=ridge)
    names = tuple(f"x{n}" for n in range(here.shape[1]))
    [fit] = fit_together([task], ArrayDesign(names, stacked))
    odds = np.where(base, np.exp(here @ fit.params), 0.0)
    scores, rows = np.asarray(fit.factor), np.zeros_like(here)
    rows[base] += scores[: int(base.sum()), None] * here[base]
    rows[reached] += scores[int(base.sum()) :, None] * there
    return odds, rows @ _inverse(fit.information), here


def _near(model: LeverModel, lever: Lever) -> Flags:
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


def _inverse(matrix: Floats) -> Floats:
    return np.column_stack([solve_scaled(matrix, column) for column in np.eye(len(matrix))])


def _parts(
    model: LeverModel, levers: Sequence[Lever], reached: Flags, moves: Moves
) -> Floats:
    """Return what each of `PARTS` of a change moves, as shares of what the whole moves.

    By the curve of the model; in a straight line where a category changes, or where the whole is
    within its error.
    """
    straight = np.repeat(np.array(PARTS)[:, None], len(moves.net), axis=1)
    if not all(model.answers.is_number(lever.input) for lever in levers):
        return straight
    plain = np.array([list(_plain(model, levers, reached, part)) for part in (0.0, *PARTS)])
    gains = plain[1:] - plain[0]
    errors = np.sqrt(np.diag(moves.covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        bent = gains / gains[-1]
    return np.where(np.abs(gains[-1]) > errors, bent, straight)


def _plain(
    model: LeverModel, levers: Sequence[Lever], reached: Flags, part: float
) -> Iterator[float]:
    """Yield the predicted share above each cut of those reached at a part of the change."""
    changed, _ = _changed(model, levers, part)
    chances = model.fit.chances(model.design(changed, reached))
    shares = model.weights[reached] @ chances / model.weights[reached].sum()
    yield from (float(share) for share in np.cumsum(shares[::-1])[::-1][1:])
