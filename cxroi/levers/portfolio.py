"""Which initiatives: levers ranked, their best set under a budget, and what waiting is worth.

A set of levers is priced as a whole, so that whom two of them would move is counted once. All
sets are priced by the same draws: what is uncertain of two levers alike does not blur which of
them is better.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from ..errors import ModelError, ParameterError, nearest
from ..results.display import TidyMixin
from ..results.estimate import tidy_table
from ..results.on_demand import FITTED, on_demand
from .portfolio_figures import NOBODY, Figures, Levers
from .sets import best_by_pairs, best_of

if TYPE_CHECKING:
    import pandas as pd

    from ..arrays import Floats
    from ..results.estimate import Estimate

EVERY_SET: Final = 5  # levers up to which every set of them is priced
MOST: Final = 20


class Priced(Protocol):
    """What a set of levers earns and costs, one value a draw, in the study's currency."""

    @property
    def values(self) -> Floats:
        """Value."""

    @property
    def costs(self) -> Floats:
        """Cost."""


# Prices sets together: the same draw of all of them has the same customers and assumptions.
Price = Callable[[Sequence[Levers]], Sequence[Priced]]


@on_demand
@dataclass(frozen=True, repr=False)
class Portfolio(TidyMixin):
    """Several levers held against one another.

    Attributes
    ----------
    names
        What readers see, by the name in results, the best first: by expected net value alone.
    best
        The set with the highest expected net value that the budget allows; empty where doing
        nothing is best.
    budget
        What may be spent, in the study's currency; None: anything.
    sets
        The sets that were priced.
    estimates
        ``lever.<slug>.probability_best``, ``.expected_net_value``, ``.rank`` and
        ``.value_of_knowing``;
        ``portfolio.probability_none_pays``, ``portfolio.best.<figure>``,
        ``portfolio.overlap.<a>.<b>`` and ``portfolio.value_of_knowing``.
    left_out
        Levers that no set may hold, because they are not shown to move anybody.
    nets
        Net value by set, one a draw.
    """

    names: Mapping[str, str]
    best: Levers
    budget: float | None
    currency: str
    sets: tuple[Levers, ...]
    estimates: tuple[Estimate, ...]
    left_out: tuple[str, ...] = ()
    nets: Mapping[Levers, Floats] = field(default_factory=dict, compare=False, metadata=FITTED)

    def __getitem__(self, name: str) -> Estimate:
        """Return one estimate by its name."""
        return next(e for e in self.estimates if e.name == name)

    def tidy(self) -> pd.DataFrame:
        """Return the estimates, one row each."""
        return tidy_table(self.estimates)


def portfolio(
    names: Mapping[str, str],
    price: Price,
    *,
    shown: Collection[str] | None = None,
    budget: float | None = None,
    inputs: Mapping[str, Floats] | None = None,
    currency: str = "",
    n: int = 0,
) -> Portfolio:
    """Rank levers, choose the set of them that earns most, and say what it is worth to know more.

    Up to five levers every set is priced. Beyond that single levers and pairs are, the set is
    chosen from them by an integer programme, and then priced as a whole.

    Parameters
    ----------
    names
        Of the levers, as readers see them, by their name in results.
    price
        Prices sets of levers together.
    shown
        Levers that are shown to move somebody: the best set holds no others, though to know
        more may be worth something because of them. Left out: all.
    budget
        Highest expected cost of a set, in the study's currency; None: any.
    inputs
        Draws of uncertain inputs, by name, the same as those of `price`.
    n
        Customers behind it.

    Returns
    -------
    Portfolio
        Probabilities are shares of the draws. Over 200 simulated companies the lever ranked first
        was the best as often as stated, to 4 points, where levers differed by as much as their
        errors or more; where they differed by half of that it was the best 10 points less often.

    Raises
    ------
    ModelError
        There is no lever, or there are more than 20.
    ParameterError
        A budget below zero, or a lever in `shown` that is not in `names`.

    Examples
    --------
    >>> found = portfolio({"a": "Deliver in time"}, price, budget=20_000)  # doctest: +SKIP
    >>> found.best, found["lever.a.probability_best"].estimate  # doctest: +SKIP
    (('a',), 0.93)
    """
    able = _able(names, shown, budget)
    priced = _priced(tuple(names), able, price, budget)
    nets = {levers: np.asarray(one.values - one.costs) for levers, one in priced.items()}
    costs = {levers: np.asarray(one.costs) for levers, one in priced.items()}
    nets[NOBODY] = np.zeros(len(next(iter(nets.values()))))
    within = (NOBODY, *(s for s in priced if budget is None or costs[s].mean() <= budget))
    best = best_of({s: float(nets[s].mean()) for s in within if set(s) <= set(able)})
    figures = Figures(nets, costs, best, within, currency or "currency units", n)
    order = sorted(names, key=lambda name: -float(nets[name,].mean()))
    estimates = [
        *figures.ranks(order),
        *figures.of_best(budget),
        *figures.overlaps(),
        *figures.knowing(order, inputs or {}),
    ]
    return Portfolio(
        names={name: names[name] for name in order},
        best=best,
        budget=budget,
        currency=currency,
        sets=tuple(priced),
        estimates=tuple(estimates),
        left_out=tuple(name for name in order if name not in able),
        nets=nets,
    )


def _able(
    names: Mapping[str, str], shown: Collection[str] | None, budget: float | None
) -> tuple[str, ...]:
    if not 1 <= len(names) <= MOST:
        raise ModelError(
            f"{len(names)} levers are to be held against one another",
            f"from 1 to {MOST} of them, each with a return",
            "Declare [[levers]] with costs, and those alone that are open to choice",
        )
    if budget is not None and not budget >= 0:
        raise ParameterError(f"budget is {budget!r}", "an amount of 0 or more")
    for name in shown or ():
        if name not in names:
            raise ParameterError(f"lever {name!r} is not known", fix=nearest(name, names))
    return tuple(name for name in names if shown is None or name in shown)


def _priced(
    names: Levers, able: Levers, price: Price, budget: float | None
) -> dict[Levers, Priced]:
    """Return the price of every single lever, every pair, and every set that may be best."""
    sets = list(_subsets(names, len(names) if len(names) <= EVERY_SET else 2))
    priced = dict(zip(sets, price(sets), strict=True))
    if len(names) <= EVERY_SET:
        return priced
    chosen = _chosen(able, priced, budget)
    again = [*sets, *(s for s in _around(chosen, able) if s not in priced)]
    return dict(zip(again, price(again), strict=True))


def _subsets(names: Levers, largest: int) -> Iterator[Levers]:
    for size in range(1, largest + 1):
        yield from combinations(names, size)


def _chosen(able: Levers, priced: Mapping[Levers, Priced], budget: float | None) -> Levers:
    """Return the best set as single levers and pairs tell, overlaps of three left out."""
    net = {s: float(np.mean(one.values - one.costs)) for s, one in priced.items()}
    single = np.array([net[name,] for name in able])
    overlap = np.zeros((len(able), len(able)))
    for (i, a), (j, b) in combinations(enumerate(able), 2):
        overlap[i, j] = single[i] + single[j] - net[a, b]
    costs = np.array([float(np.mean(priced[name,].costs)) for name in able])
    return tuple(able[i] for i in best_by_pairs(single, overlap, costs, budget))


def _around(chosen: Levers, able: Levers) -> Iterator[Levers]:
    """Yield a set, and those with one lever less, one more, or another in the place of one."""
    sets = [set(chosen), *({*chosen} ^ {name} for name in able)]
    sets += [{*chosen, new} - {old} for new in able if new not in chosen for old in chosen]
    for one in sets:
        if one:
            yield tuple(name for name in able if name in one)
