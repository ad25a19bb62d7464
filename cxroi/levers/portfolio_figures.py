"""The figures of a portfolio, from draws of what each set of levers earns and costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

from ..results.estimate import Estimate
from ..value.figures import ROI_LEVEL, wilson
from .knowing import worth_knowing, worth_knowing_one

if TYPE_CHECKING:
    from ..arrays import Floats

Levers = tuple[str, ...]
NOBODY: Final[Levers] = ()
Z: Final = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Figures:
    """Makes the estimates of a portfolio from the draws of its sets.

    Attributes
    ----------
    nets, costs
        Net value and cost by set, one a draw, in `currency`.
    best
        The set that is chosen.
    within
        Sets within the budget, doing nothing among them.
    n
        Customers behind it.
    """

    nets: Mapping[Levers, Floats]
    costs: Mapping[Levers, Floats]
    best: Levers
    within: tuple[Levers, ...]
    currency: str
    n: int

    @property
    def method(self) -> str:
        """How many draws there are, and what they share, in words."""
        count = len(self.nets[NOBODY])
        return f"{count:,} draws in which all levers have the same customers and assumptions"

    def ranks(self, order: Sequence[str]) -> Iterator[Estimate]:
        """Yield how often each lever alone is the best, and how often none pays."""
        alone = np.column_stack([self.nets[name,] for name in order])
        top = (alone == alone.max(axis=1, keepdims=True)) & (alone > 0)
        wins = np.divide(top, np.maximum(top.sum(axis=1, keepdims=True), 1))
        places = 1 + (alone[:, :, None] < alone[:, None, :]).sum(axis=2)
        for k, name in enumerate(order):
            yield self._share(f"lever.{name}.probability_best", float(wins[:, k].mean()))
            yield self._spread(f"lever.{name}.expected_net_value", alone[:, k], self.currency)
            yield self._spread(f"lever.{name}.rank", places[:, k].astype(float), "rank")
        none = float((alone <= 0).all(axis=1).mean())
        yield self._share("portfolio.probability_none_pays", none)

    def of_best(self, budget: float | None) -> Iterator[Estimate]:
        """Yield what the best set earns and costs, and how sure that is."""
        if not self.best:
            return
        net, cost = self.nets[self.best], self.costs[self.best]
        yield self._spread("portfolio.best.net_value", net, self.currency)
        yield self._spread("portfolio.best.cost", cost, self.currency)
        yield self._share("portfolio.best.probability_positive", float((net > 0).mean()))
        rivals = np.column_stack([self.nets[s] for s in self.within])
        tops = net >= rivals.max(axis=1)
        yield self._share("portfolio.best.probability_best", float(tops.mean()))
        if budget is not None:
            yield self._share("portfolio.best.over_budget", float((cost > budget).mean()))
        parts = sum(self.nets[name,] for name in self.best)
        yield self._spread("portfolio.best.overlap", np.asarray(parts - net), self.currency)

    def overlaps(self) -> Iterator[Estimate]:
        """Yield what each pair earns less than its two levers apart."""
        for pair in self.nets:
            if len(pair) == 2:
                a, b = pair
                both = self.nets[a,] + self.nets[b,] - self.nets[pair]
                yield self._spread(f"portfolio.overlap.{a}.{b}", both, self.currency)

    def knowing(self, order: Sequence[str], inputs: Mapping[str, Floats]) -> Iterator[Estimate]:
        """Yield what it is worth at most to know everything, each lever's net value, an input."""
        nets = np.column_stack([self.nets[s] for s in self.within])
        without = self.within.index(self.best)
        known = {f"lever.{name}.value_of_knowing": self.nets[name,] for name in order}
        known |= {f"portfolio.value_of_knowing.{n}": draws for n, draws in inputs.items()}
        whole, error = worth_knowing(nets, without)
        yield self._mean("portfolio.value_of_knowing", whole, error)
        for name, draws in known.items():
            value, error = worth_knowing_one(nets, draws, without)
            yield self._mean(name, min(value, whole), error)

    def _spread(self, name: str, draws: Floats, unit: str) -> Estimate:
        tail = (1 - ROI_LEVEL) / 2
        low, high = np.quantile(draws, [tail, 1 - tail], method="nearest")
        how = f"mean of {self.method}; interval holds 90 % of them"
        return self._one(name, draws.mean(), low, high, draws.std(ddof=1), unit, how)

    def _share(self, name: str, share: float) -> Estimate:
        count = len(self.nets[NOBODY])
        low, high = wilson(round(share * count), count)
        error = np.sqrt(share * (1 - share) / count)
        how = f"share of {self.method}; interval is the simulation's own error"
        return self._one(name, share, low, high, error, "share of simulations", how)

    def _mean(self, name: str, value: float, error: float) -> Estimate:
        how = f"expected gain of choosing after it is known, from {self.method}; interval is the "
        how += "simulation's own error"
        low, high = max(value - Z * error, 0.0), value + Z * error
        return self._one(name, value, low, high, error, self.currency, how)

    def _one(
        self, name: str, value: float, low: float, high: float, error: float, unit: str, how: str
    ) -> Estimate:
        numbers = (float(value), float(low), float(high), float(error))
        return Estimate(name, *numbers, unit=unit, n=self.n, method=how)
