"""What levers earn: moves by pair times what each is worth, less cost, all errors drawn jointly.

A rise between two neighbours is worth what the contrast of that pair says, a fall what that of the
other way round says, each over the horizon as `value` counts it. Moves and gaps are of the same
customers: their sampling errors are drawn from one covariance over customers or clusters. Two
causal shares are taken, and both are judgements: how much of what goes with the input is its
effect on the score (the lever's own), and how much of what goes with the score is the score's
effect on money (the scenario's).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from ..errors import StudyError
from ..results.formats import RATIO
from ..results.on_demand import FITTED, on_demand
from ..study.scenario import Range
from ..value.assumed import drawn_range
from ..value.figures import chance_above_zero, never, of_draws, simulated
from ..value.money import Inputs, evaluate
from ..value.notes import cut_note
from .moves.augmented import PARTS

if TYPE_CHECKING:
    from ..arrays import Floats
    from ..results.estimate import Estimate
    from ..study.declared import Study
    from ..study.levers import Lever
    from .joint_draws import JointDraws
    from .moves.net_moves import LeverMoves
    from .pair_worth import PairWorth

ERRORS = "the covariance of moves and gaps over customers"


@on_demand
@dataclass(frozen=True, eq=False)
class LeverMoney:
    """Money of one lever, or of several at once, at the likely values and drawn.

    Attributes
    ----------
    value, cost
        At the likely values, in the study's currency.
    values, costs
        One a draw; the same draw of another lever has the same customers and assumptions.
    breaks_even, breaking_even
        Part of the change at which value meets cost; infinite where the whole does not.
    """

    value: float
    cost: float
    values: Floats = field(repr=False, metadata=FITTED)
    costs: Floats = field(repr=False, metadata=FITTED)
    breaks_even: float
    breaking_even: Floats = field(repr=False, metadata=FITTED)

    @property
    def net(self) -> float:
        """Value less cost."""
        return self.value - self.cost

    @property
    def nets(self) -> Floats:
        """Value less cost, one a draw."""
        return self.values - self.costs

    @property
    def ratio(self) -> float:
        """Net value per unit of cost."""
        return self.net / self.cost

    @property
    def ratios(self) -> Floats:
        """Net value per unit of cost, one a draw."""
        return self.nets / self.costs


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Moves of one lever or set, and what each way of each pair is worth, likely and drawn."""

    net: Floats
    worth: tuple[Floats, Floats]
    paid: Floats

    def earned(self, moves: LeverMoves, parts: Floats | float = 1.0) -> Floats:
        """Return what the moves of all who are reached are worth, before any causal share."""
        net = self.net * parts
        up, down = self.worth
        each = np.maximum(net, 0.0) * up + np.maximum(-net, 0.0) * down
        return np.asarray(moves.customers * each.sum(axis=-1))


def price(
    study: Study, worth: PairWorth, moves: Sequence[LeverMoves], drawn: JointDraws
) -> tuple[LeverMoney, ...]:
    """Return the money of each of several moves.

    Parameters
    ----------
    moves
        Of single levers, or of several at once; for the set each of its levers costs what it
        costs, and the causal share is the mean of theirs, by the customers whom each reaches.
    drawn
        Draws of gaps, and of moves that these are drawn beside.

    Raises
    ------
    StudyError
        A lever costs nothing.
    """
    likely, paid = _worths([basis.central for basis in worth.bases])
    sampled, begin = [], 0
    for basis in worth.bases:
        evidence, end = basis.evidence, begin + len(basis.evidence.values)
        values = evidence.by_name(evidence.values + drawn.errors[:, begin:end])
        sampled.append(basis.draws(study.draws).with_values(**values))
        begin = end
    each, later = _worths(sampled)
    return tuple(
        _money(study, m, _Drawn(m.net, likely, paid), _Drawn(drawn.moved(m), each, later))
        for m in moves
    )


def _worths(inputs: Sequence[Inputs]) -> tuple[tuple[Floats, Floats], Floats]:
    """Return what each way of each pair is worth, pairs in the last axis; and what paying later is.

    The inputs are of the rises, then of the falls.
    """
    each = [evaluate(one).value for one in inputs]
    half = len(each) // 2
    up, down = np.stack(each[:half], axis=-1), np.stack(each[half:], axis=-1)
    return (up, down), np.asarray(inputs[0].paid)


def _money(study: Study, moves: LeverMoves, likely: _Drawn, drawn: _Drawn) -> LeverMoney:
    own = partial(_own, study)
    share, shares = _causal(study, moves, _central), _causal(study, moves, own)
    cost, costs = _cost(moves, _central) * likely.paid, _cost(moves, own) * drawn.paid
    if not float(cost) > 0:
        raise StudyError(
            f"lever {moves.levers[0].name!r} costs nothing for those whom it reaches",
            "the return on a cost of zero has no value",
            "Give fixed_cost or cost_per_customer above 0",
        )
    return LeverMoney(
        value=float(share * likely.earned(moves)),
        cost=float(cost),
        values=np.asarray(shares * drawn.earned(moves)),
        costs=np.broadcast_to(costs, (study.draws,)),
        breaks_even=float(_break_even(moves, likely, share, cost)),
        breaking_even=_break_even(moves, drawn, shares, costs),
    )


_Take = Callable[["Lever", str, "Range"], "Floats"]


def _central(lever: Lever, what: str, value: Range) -> Floats:
    return np.asarray(value.central)


def _own(study: Study, lever: Lever, what: str, value: Range) -> Floats:
    """Draw what a lever assumes; the same wherever the lever occurs."""
    rng = np.random.default_rng([study.seed, crc32(f"{lever.slug}.{what}".encode())])
    return np.asarray(value.central) if value.known else drawn_range(value, study.draws, rng)


def _causal(study: Study, moves: LeverMoves, take: _Take) -> Floats:
    common = study.scenario.causal_share if study.scenario else Range.of(1.0)
    weights = np.array(moves.of_each, dtype=float)
    shares = [take(lever, "causal_share", lever.causal_share or common) for lever in moves.levers]
    return np.asarray(sum(w * s for w, s in zip(weights / weights.sum(), shares, strict=True)))


def _cost(moves: LeverMoves, take: _Take) -> Floats:
    return np.asarray(
        sum(
            take(lever, "fixed_cost", lever.fixed_cost)
            + reached * take(lever, "cost_per_customer", lever.cost_per_customer)
            for lever, reached in zip(moves.levers, moves.of_each, strict=True)
        )
    )


def _break_even(moves: LeverMoves, found: _Drawn, share: Floats, cost: Floats) -> Floats:
    """Return the smallest part of the change at which value meets cost; straight between parts."""
    met = np.full(np.shape(share * found.earned(moves)), np.inf)
    before, begin = np.zeros_like(met), 0.0
    for part, shape in zip(PARTS, moves.parts, strict=True):
        value = share * found.earned(moves, shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = begin + (part - begin) * (cost - before) / (value - before)
        met = np.where(np.isinf(met) & (value >= cost), at, met)
        before, begin = value, part
    return np.asarray(met)


def money_estimates(
    study: Study, worth: PairWorth, moves: LeverMoves, money: LeverMoney
) -> list[Estimate]:
    """Return the figures of a lever's money, their intervals holding 90 % of the draws.

    Returns
    -------
    list
        ``value``, ``cost``, ``net_value``, ``roi``, ``probability_positive`` and
        ``break_even_change``.
    """
    currency = study.currency or "currency units"
    n, method = int(moves.reached.sum()), simulated(study.draws, study, ERRORS)
    one = partial(of_draws, n=n, method=method)
    basis = worth.rises[0]
    cut = cut_note(study, basis.scenario) if basis.cut else ""
    unmet = never(money.breaking_even, "not even the whole change pays")
    found = [
        one("value", np.asarray(money.value), money.values, currency, cut),
        one("cost", np.asarray(money.cost), money.costs, currency),
        one("net_value", np.asarray(money.net), money.nets, currency, cut),
        one("roi", np.asarray(money.ratio), money.ratios, RATIO, cut),
        chance_above_zero(money.ratios, n, method),
        one(
            "break_even_change",
            np.asarray(money.breaks_even),
            money.breaking_even,
            "share of the planned change",
            unmet,
        ),
    ]
    return [e.named(e.name.removeprefix("roi.")) for e in found]
