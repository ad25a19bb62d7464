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

Shares before and after tell net moves alone. They are read as the least movement (see `coupling`):
between two groups that are next to each other either some rise or some fall, never both. Rises and
falls are told apart by each pair of neighbours; whoever moves by two groups passes both pairs, and
counts once in the share moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ...errors import OverlapError, ScarceDataError
from ...moments import influence
from ...results.estimate import CONF_LEVEL, Estimate
from ...results.formats import percent
from ...results.on_demand import FITTED, on_demand
from ...results.thresholds import MINIMUM_GROUP
from .answers import units_of
from .augmented import Found, augmented, parts_of
from .changes import change_of, supported
from .coupling import movers
from .group_model import LeverModel

if TYPE_CHECKING:
    from ...arrays import Flags, Floats, Integers
    from ...study.levers import Lever

# Share of those reached of whom nobody alike has the changed value, from which on it is refused.
MOST_BEYOND = 0.25


@on_demand
@dataclass(frozen=True, eq=False)
class LeverMoves:
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
    influence, covariance
        Of each row of the panel on each of them; and of them over customers or clusters.
    share, share_error
        Of those reached who rise a group or more, less those who fall (see `coupling`), and its
        standard error.
    clusters
        The independent unit of each row.
    dof
        Degrees of freedom of errors from declared clusters; None (normal) of customers.
    reached
        The answers whose input is changed, those beyond the data left out.
    customers, within, unknown
        Customers whose latest answer is among those; customers whom the lever is meant for and
        whose input already is as it would be; and those whose input is not known.
    beyond
        Share of those whose input would change for whom the data show nobody alike at the changed
        value: they are left out, and nothing is claimed of them.
    standing
        Answers of equal weight that stand for those after the change.
    parts
        Of each of `PARTS` of the change, what it moves as a share of what the whole moves.
    of_each
        Customers reached by each lever.
    weighted
        Whether survey weights differ.
    """

    levers: tuple[Lever, ...]
    labels: tuple[str, ...]
    net: Floats
    influence: Floats = field(metadata=FITTED)
    covariance: Floats
    share: float
    share_error: float
    clusters: Integers = field(metadata=FITTED)
    dof: float | None
    reached: Flags = field(metadata=FITTED)
    customers: int
    within: int
    unknown: int
    beyond: float
    standing: float
    parts: Floats
    of_each: tuple[int, ...]
    weighted: bool = False
    notes: tuple[str, ...] = ()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Neighbours, the lower first."""
        return tuple(zip(self.labels, self.labels[1:], strict=False))

    @property
    def p_value(self) -> float:
        """Chance of moves as large as these if the lever moved nobody (Wald's test of all)."""
        from scipy.special import chdtrc, fdtrc

        kept = np.diag(self.covariance) > 0
        if not kept.any():
            return 1.0
        found = self.net[kept]
        solved = np.linalg.lstsq(self.covariance[np.ix_(kept, kept)], found, rcond=1e-10)[0]
        statistic, count = float(found @ solved), int(kept.sum())
        if self.dof is None:
            return float(chdtrc(count, statistic))
        return float(fdtrc(count, max(self.dof, 1.0), statistic / count))

    @property
    def shown(self) -> bool:
        """Whether it is shown to move anybody, at the 5 % level."""
        return self.p_value < 1 - CONF_LEVEL

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """``moved.<from>_to_<to>`` of every pair of neighbours both ways, and ``share_moved``."""
        errors = np.sqrt(np.diag(self.covariance))
        found = []
        for (lower, higher), net, error in zip(self.pairs, self.net, errors, strict=True):
            found.append(self._moved(lower, higher, net, error))
            found.append(self._moved(higher, lower, -net, error))
        ends = influence.normal_interval(self.share, self.share_error, CONF_LEVEL, self.dof)
        low, high = (float(np.clip(end, -1.0, 1.0)) for end in ends)
        return (*found, self._estimate("share_moved", self.share, low, high, self.share_error))

    def _moved(self, origin: str, target: str, net: float, error: float) -> Estimate:
        ends = influence.normal_interval(float(net), float(error), CONF_LEVEL, self.dof)
        low, high = (float(np.clip(end, 0.0, 1.0)) for end in ends)
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
            p_value=influence.normal_p_value(value, error, self.dof)
            if name == "share_moved"
            else None,
        )

    @property
    def method(self) -> str:
        """How the moves were estimated, in words."""
        unit = "customer" if self.dof is None else "declared cluster, Student interval"
        how = (
            "multinomial logit of the group on a curve of the input and the controls, standardised "
            "over those reached, augmented by the residuals of answers that are like those after "
            f"the change ({self.standing:,.0f} of equal weight); net moves between neighbouring "
            f"groups, errors from influence values by {unit}"
        )
        out = f", {percent(self.beyond)} beyond the data left out" if self.beyond else ""
        weighted = ", survey-weighted" if self.weighted else ""
        return f"{how}{weighted}{out}"


def moves_of(model: LeverModel, levers: Sequence[Lever]) -> LeverMoves:
    """Estimate what several levers move at once; whoever is reached by two is counted once.

    Parameters
    ----------
    model
        With the inputs of all of them, so that what two inputs share is counted once. A lever may
        so move fewer than by a model of its input alone, which stands there for those that it
        comes with.

    Raises
    ------
    OverlapError
        The change goes beyond what the data show.
    ScarceDataError
        Hardly anybody's input would change.
    """
    answers, change = model.answers, change_of(model, levers)
    touched, alike = change.anybody, supported(model, levers, change)
    reached, whole = touched & alike, float(model.weights[touched].sum())
    beyond = float(model.weights[touched & ~alike].sum()) / whole if whole else 0.0
    _require_reached(model, levers, touched, reached, beyond)
    own = change.among(alike)
    found = augmented(model, levers, own)
    share, share_psi = _shares(model, reached, found)
    psi = model.spread(found.psi)
    errors = np.sqrt(np.diag(influence.covariance(list(psi.T), answers.clusters)))
    customers, within, unknown = _counted(model, levers, touched, reached)
    return LeverMoves(
        levers=tuple(levers),
        labels=answers.labels,
        net=found.net,
        influence=psi,
        covariance=influence.covariance(list(psi.T), answers.clusters),
        share=share,
        share_error=influence.std_error(model.spread(share_psi), answers.clusters),
        clusters=answers.clusters,
        dof=answers.dof(model.spread(model.weights * reached.astype(float))),
        reached=model.spread(reached.astype(float)) > 0,
        customers=customers,
        within=within,
        unknown=unknown,
        beyond=beyond,
        standing=found.standing,
        parts=parts_of(model, levers, own, errors),
        of_each=tuple(model.customers(own.touched[lever.name]) for lever in levers),
        weighted=answers.panel.weighted,
        notes=answers.notes,
    )


def _shares(model: LeverModel, reached: Flags, found: Found) -> tuple[float, Floats]:
    """Return the share who move, and the influence of each known row on it."""
    over = np.where(reached, model.weights, 0.0) / model.weights[reached].sum()
    before = over @ np.eye(len(model.answers.labels))[model.groups]
    share, by_before, by_net = movers(before, found.net)
    below = np.tril(np.ones((len(before),) * 2), -1)[1:, model.groups].T  # whether below each cut
    own = over[:, None] * (below - np.cumsum(before)[:-1])
    return share, np.asarray(found.psi @ by_net + own @ by_before)


def _counted(
    model: LeverModel, levers: Sequence[Lever], touched: Flags, reached: Flags
) -> tuple[int, int, int]:
    """Count customers reached, those for whom nothing changes, and those not known."""
    answers = model.answers
    meant = np.logical_or.reduce([answers.meant(lever) for lever in levers])
    unknown = int((meant & answers.latest & ~model.known).sum())
    return model.customers(reached), model.customers(meant[model.known] & ~touched), unknown


def _require_reached(
    model: LeverModel, levers: Sequence[Lever], touched: Flags, reached: Flags, beyond: float
) -> None:
    names = " and ".join(repr(lever.name) for lever in levers)
    clusters = model.answers.clusters[model.known]
    what = f"{model.answers.panel.unit}s"
    changed, left = (units_of(clusters, rows) for rows in (touched, reached))
    if changed < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{names} changes the input of {changed} {what}",
            f"what a change does is told from {MINIMUM_GROUP} {what} on",
            "Reach more of them, or change the input further",
        )
    if beyond > MOST_BEYOND or left < MINIMUM_GROUP:
        raise OverlapError(
            f"{names} goes beyond the data: for {percent(beyond)} of those whom it reaches fewer "
            f"than {MINIMUM_GROUP} answers have an input like the changed one",
            f"at most {percent(MOST_BEYOND)} may be left out",
            "Change the input less, to values that some customers have today",
        )
