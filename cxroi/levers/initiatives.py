"""The levers of a study held against one another, each set of them priced as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import ScarceDataError
from ..results.formats import percent
from .answers import align
from .moves import moves_of_sets
from .portfolio import Portfolio, portfolio
from .roi import price
from .worth import worth_of

if TYPE_CHECKING:
    from ..arrays import Floats
    from ..panel.panel import Panel
    from .driver_table import DriverTable
    from .estimate import LeverResult
    from .moves import Moves
    from .portfolio import Priced
    from .portfolio_figures import Levers

LEAST_KNOWN: Final = 0.8


@dataclass(frozen=True)
class Bought:
    """What a set of levers earns and costs, one value a draw: each costs what it costs alone."""

    values: Floats
    costs: Floats


def initiatives(
    panel: Panel,
    table: DriverTable,
    results: Sequence[LeverResult],
    *,
    budget: float | None = None,
) -> Portfolio:
    """Rank the levers of a study that have a ROI, and choose the set of them that earns most.

    All sets are predicted by one model with the inputs of all levers, so that whom two of them
    would move, and what two inputs share, is counted once. Each lever costs what it costs alone,
    also for customers whom another reaches too. The best set holds only levers that are shown to
    move somebody.

    Parameters
    ----------
    results
        Of `estimate_levers`.
    budget
        Highest expected cost of a set, in the study's currency; None: any.

    Returns
    -------
    Portfolio
        Over 200 simulated companies with three levers each (``tests/recovery/portfolio_study.py``)
        the one ranked first was the best in 78 % where 80 % was stated, and in 86 % where 86 % was,
        the levers differing more; the set was the best in 85 and 83 % where 81 % was stated; the
        90 % interval of its net value held the truth in 90 and 91 %.

    Raises
    ------
    ModelError
        No lever has a ROI, or one model cannot hold the inputs of all of them.
    OverlapError, ScarceDataError
        A set goes beyond the data, or too few customers have the inputs of all levers.

    Examples
    --------
    >>> initiatives(panel, table, estimate_levers(panel, table), budget=5_000)  # doctest: +SKIP
    """
    priced = [result for result in results if result.money is not None]
    levers = [result.lever for result in priced]
    names = {lever.slug: lever.name for lever in levers}
    if not names:
        return portfolio(names, lambda sets: (), budget=budget)  # refuses
    inputs = list(dict.fromkeys(lever.input for lever in levers))
    answers = align(panel, table, inputs)
    worth = worth_of(answers, inputs)
    places = {name: place for place, name in enumerate(names)}

    def price_sets(sets: Sequence[Levers]) -> Sequence[Priced]:
        moves = moves_of_sets(answers, levers, [[places[name] for name in one] for one in sets])
        require_known(priced, sets, moves)
        money = price(panel.study, worth, moves)
        alone = {one: own.costs for one, own in zip(sets, money, strict=True) if len(one) == 1}
        return [
            Bought(own.values, np.sum([alone[name,] for name in one], axis=0))
            for one, own in zip(sets, money, strict=True)
        ]

    return portfolio(
        names,
        price_sets,
        shown=[result.lever.slug for result in priced if result.shown],
        budget=budget,
        currency=panel.study.currency,
        n=int(answers.latest.sum()),
    )


def require_known(
    results: Sequence[LeverResult], sets: Sequence[Levers], moves: Sequence[Moves]
) -> None:
    """Refuse a model of all inputs that leaves many out whom a lever reaches.

    Raises
    ------
    ScarceDataError
        Of the customers whom a lever reaches, fewer than 80 % have the inputs of all levers.
    """
    reached = {one: own.customers for one, own in zip(sets, moves, strict=True)}
    for result in results:
        alone = result.moves.customers if result.moves else 0
        known = reached[result.lever.slug,]
        if known < LEAST_KNOWN * alone:
            raise ScarceDataError(
                f"{result.lever.name!r} reaches {alone:,} customers, and of {known:,} of them the "
                "inputs of all levers are known",
                f"levers are held against one another where that is {percent(LEAST_KNOWN)} or more",
                "Declare none = ... for the inputs that few have, or hold fewer levers together",
            )
