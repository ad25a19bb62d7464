"""A ROI at every combination of a few levels of what a person decides or assumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from ..study.scenario import BOUNDS, Range
from .figures import ROI_LEVEL
from .money import Inputs, Money, evaluate
from .scenarios import returns_of

if TYPE_CHECKING:
    from ..arrays import Floats
    from ..results.estimate import Estimate
    from .basis import Basis

# What a person decides or assumes, and no data can say.
DECIDED = ("share_moved", "cost_per_moved", "fixed_cost", "causal_share", "persistence")
MOST = 3
# Of the likely value, where no range is declared.
AROUND = 0.2


@dataclass(frozen=True)
class Choice:
    """An input and the values at which it can be set.

    Attributes
    ----------
    name
        As in ``[scenario]``.
    levels
        Low, likely, high, in its unit; one fewer where an end would be the likely value.
    planned
        Which of them is that of the plan.
    declared
        Whether they are the ends of a declared range; else 20 % to each side.
    """

    name: str
    levels: tuple[float, ...]
    planned: int
    declared: bool


@dataclass(frozen=True)
class State:
    """One combination: the level of each choice, and ROI, net value and chance there."""

    at: tuple[int, ...]
    estimates: tuple[Estimate, ...]


@dataclass(frozen=True)
class Surface:
    """Every combination of the levels of the inputs that matter most, with the same draws.

    A choice moves the likely value of an input; what is drawn around it keeps its proportions,
    and stays within what the input may be. So the planned state is the headline, to the last bit.
    Between states nothing is read, so nothing is interpolated.

    Attributes
    ----------
    choices
        At most three, the input that moves the ROI most first; empty where none moves it.
    states
        All combinations, in the order of their levels.
    chance_error, range_error
        What the simulation's own error does, as one standard error: to the chance, as a share of
        1, in the state where it is largest; to the worse end of an interval, as a share of the
        interval's width, on average over the states. Likely values are not simulated and have
        none.
    """

    choices: tuple[Choice, ...]
    states: tuple[State, ...]
    chance_error: float
    range_error: float

    @property
    def planned(self) -> State:
        """The state of the plan."""
        at = tuple(choice.planned for choice in self.choices)
        return next(state for state in self.states if state.at == at)


def surface(basis: Basis) -> Surface:
    """Return the ROI at every combination of low, likely and high of what matters most.

    Returns
    -------
    Surface
        3 x 3 x 3 states where three inputs have two ends each.

    Examples
    --------
    >>> import cxroi as cx
    >>> roi = cx.open_run(cx.demo_study()).analysis.roi  # doctest: +SKIP
    >>> [choice.name for choice in roi.surface().choices]  # doctest: +SKIP
    ['cost_per_moved', 'causal_share', 'persistence']
    """
    choices, draws = widest(basis), basis.draws()
    states, chances, ends = [], [], []
    for at in product(*(range(len(choice.levels)) for choice in choices)):
        inputs = [_set(basis, one, choices, at) for one in (basis.central, draws)]
        states.append(State(at, returns_of(basis, *inputs)))
        money = evaluate(inputs[1])
        chances.append(_chance_error(money))
        ends.append([*_end_errors(money.ratio), *_end_errors(money.net)])
    worse = float(np.mean(ends, axis=0).max())
    return Surface(choices, tuple(states), max(chances), worse)


def at_values(basis: Basis, draws: Inputs, values: Mapping[str, float]) -> tuple[Estimate, ...]:
    """Return ratio, net value and chance with other likely values; ranges go in proportion.

    Parameters
    ----------
    draws
        Those of the basis, made once for many looks.
    values
        The likely value of some inputs, each of which is above zero in the plan.
    """
    moved = [_scaled(one, basis, values) for one in (basis.central, draws)]
    return returns_of(basis, *moved)


def _scaled(inputs: Inputs, basis: Basis, values: Mapping[str, float]) -> Inputs:
    planned = {choice.name: choice.levels[choice.planned] for choice in choices_of(basis)}
    changed = {}
    for name, value in values.items():
        if value != planned[name]:
            high = BOUNDS[name][1]
            changed[name] = np.clip(getattr(inputs, name) * (value / planned[name]), -high, high)
    return inputs.with_values(**changed)


def widest(basis: Basis) -> tuple[Choice, ...]:
    """Return the inputs that move the ROI most from level to level, the widest first."""
    found = []
    for choice in choices_of(basis):
        ratios = [
            float(evaluate(_set(basis, basis.central, (choice,), (level,))).ratio)
            for level in range(len(choice.levels))
        ]
        found.append((max(ratios) - min(ratios), choice))
    moves = sorted((one for one in found if one[0] > 1e-9), key=lambda one: -one[0])
    return tuple(choice for _, choice in moves[:MOST])


def choices_of(basis: Basis) -> Iterator[Choice]:
    """Yield every input that a person decides or assumes and that is above zero in the plan."""
    for name in DECIDED:
        low, high = BOUNDS[name]
        assumed = basis.lasts.assumed if name == "persistence" else basis.scenario.ranges[name]
        likely = float(np.clip(assumed.likely, low, high)) if assumed else basis.lasts.central
        if likely <= 0:
            continue
        declared = isinstance(assumed, Range) and assumed.low < assumed.high
        ends = (
            (assumed.low, assumed.high)
            if assumed and declared
            else (likely * (1 - AROUND), min(likely * (1 + AROUND), high))
        )
        levels = tuple(sorted({ends[0], likely, ends[1]}))
        yield Choice(name, levels, levels.index(likely), declared)


def _set(basis: Basis, inputs: Inputs, choices: tuple[Choice, ...], at: tuple[int, ...]) -> Inputs:
    """Return inputs with choices at these levels; at the planned ones they are as they were."""
    levels = zip(choices, at, strict=True)
    return _scaled(inputs, basis, {choice.name: choice.levels[n] for choice, n in levels})


def _chance_error(money: Money) -> float:
    above = float((money.ratio > 0).mean())
    return sqrt(above * (1 - above) / money.ratio.size)


def _end_errors(draws: Floats) -> list[float]:
    """Return one standard error of each end of the interval over its width, by order statistics."""
    low, high = 0.5 - ROI_LEVEL / 2, 0.5 + ROI_LEVEL / 2
    width = float(np.diff(np.quantile(draws, [low, high]))[0])
    away = sqrt(low * high / draws.size)
    around = [np.quantile(draws, np.clip([end - away, end + away], 0, 1)) for end in (low, high)]
    return [float(np.diff(ends)[0]) / 2 / width if width > 0 else 0.0 for ends in around]
