"""What a move is worth that changes outcomes by so much, and what it costs.

The ROI gives the value of a moved customer as a curve of all gaps at once: retention is worth the
margin of later windows, which is larger where spend rises too. To score single rows each outcome
needs one price, so that their sum at the gaps found is that value to the last cent. It is the mean
slope of the value along the straight way from no gap to the gaps found (Aumann and Shapley, Values
of Non-Atomic Games (1974), chapter 3; in attribution: Sundararajan, Taly and Yan, ICML 2017). With
it horizon, persistence, causal share and margin of the scenario are in the scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...value.money import MONEY_OUTCOMES, Inputs, evaluate

if TYPE_CHECKING:
    from ...panel.panel import Panel
    from ...study.outcomes import Outcome
    from ...value.basis import Basis

STEPS = 64
# Part of a gap, or of a mean where there is no gap, over which a slope is taken.
SMALL = 1e-4
VALUE = "value"


@dataclass(frozen=True)
class Worth:
    """Prices of outcomes and the cost of a move.

    Attributes
    ----------
    prices
        By outcome: what a unit more of it, in the first window after a move, is worth.
    cost
        Of a moved customer, as of the start; zero where the study has no scenario.
    fixed_cost
        Of the programme, per customer of those whom the plan moves.
    unit
        Of the value.
    about
        What is valued, in a sentence.
    months
        Over which value is counted; 0 where it is no money.
    """

    prices: Mapping[str, float]
    cost: float
    fixed_cost: float
    unit: str
    about: str
    months: float = 0.0

    @property
    def in_money(self) -> bool:
        """Whether it is the money of a scenario."""
        return self.months > 0


def worth_in_money(panel: Panel, basis: Basis) -> Worth:
    """Return the prices that the scenario of a ROI gives to outcomes, all at likely values."""
    inputs = basis.central
    names = [n for n in MONEY_OUTCOMES if n in basis.evidence.names]
    found = {_column(panel, name): _price(inputs, name) for name in names}
    if _column(panel, "retained") == "churned" and "churned" in found:
        found["churned"] *= -1
    moved = float(inputs.moved)
    paid, currency = float(inputs.paid), panel.study.currency
    over = f"over {inputs.horizon_months:.0f} months"
    shown = ", ".join(name.replace("_", " ") for name in found)
    return Worth(
        prices=found,
        cost=float(inputs.cost_per_moved) * paid,
        fixed_cost=float(inputs.fixed_cost) * paid / moved if moved > 0 else 0.0,
        unit=f"{currency} per customer".strip(),
        about=f"The value of a move is the margin that it brings {over}, less what it costs, with "
        f"every assumption of the scenario at its likely value; it is made of: {shown}.",
        months=inputs.horizon_months,
    )


def worth_of_outcome(outcome: Outcome) -> Worth:
    """Return an outcome as the value itself, at no cost, where a study has no scenario."""
    better = 1.0 if outcome.better == "higher" else -1.0
    plain = outcome.name.replace("_", " ")
    about = f"What counts is {outcome.better} {plain}; no cost is declared, so a move is free here."
    return Worth({outcome.name: better}, 0.0, 0.0, outcome.unit, about)


def _column(panel: Panel, name: str) -> str:
    """Return the outcome that stands for another in the panel: churn for retention."""
    declared = {outcome.name for outcome in panel.study.outcomes}
    return "churned" if name == "retained" and name not in declared else name


def _price(inputs: Inputs, name: str) -> float:
    gaps = {f"{other}_gap": float(getattr(inputs, f"{other}_gap")) for other in MONEY_OUTCOMES}
    own, mean = gaps[f"{name}_gap"], float(getattr(inputs, name))
    step = SMALL * (abs(own) or abs(mean) or 1.0)
    way = (np.arange(STEPS) + 0.5) / STEPS
    along = {gap: way * value for gap, value in gaps.items()}
    above, below = (
        evaluate(inputs.with_values(**along | {f"{name}_gap": way * own + move})).value
        for move in (step, -step)
    )
    return float(np.mean((above - below) / (2 * step)))
