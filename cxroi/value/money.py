"""The arithmetic of a ROI: value of a moved customer, cost, payback, break-even points.

Every field of `Inputs` that may be uncertain is a number or an array of draws, so that the same
functions serve the central case and the simulation.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..arrays import Floats

DAYS_PER_MONTH = 365.25 / 12
LARGEST_SHARE = 10.0
MONEY_OUTCOMES = ("spend", "retained", "contacts", "returns")


@dataclass(frozen=True)
class Inputs:
    """What a ROI is computed from; means and gaps are per customer and outcome window.

    Attributes
    ----------
    customers
        Customers in the group moved from.
    window_days, churn_days
        Days over which spend, contacts and returns are counted, and over which `retained` is.
    spend, retained, contacts, returns
        Means of that group.
    spend_gap, retained_gap, contacts_gap, returns_gap
        Adjusted contrasts, the whole of them; `causal_share` says how much is read as causal.
    """

    customers: int
    window_days: int
    churn_days: int
    horizon_months: float
    spend: Floats
    spend_gap: Floats
    retained: Floats
    retained_gap: Floats
    contacts: Floats
    contacts_gap: Floats
    returns: Floats
    returns_gap: Floats
    share_moved: Floats
    cost_per_moved: Floats
    fixed_cost: Floats
    gross_margin: Floats
    causal_share: Floats
    discount_rate_annual: Floats
    cost_per_contact: Floats
    cost_per_return: Floats

    @property
    def moved(self) -> Floats:
        """Customers who move."""
        return np.asarray(self.customers * self.share_moved)

    @property
    def cost_each(self) -> Floats:
        """Cost per moved customer, with its part of the fixed cost."""
        return np.asarray(self.cost_per_moved + self.fixed_cost / self.moved)

    def with_values(self, **values: Floats | float) -> Inputs:
        """Return the same inputs with some replaced."""
        arrays: dict[str, Any] = {name: np.asarray(value) for name, value in values.items()}
        return replace(self, **arrays)

    def uncertain(self) -> dict[str, Floats]:
        """Return the inputs that vary over the draws."""
        values = {f.name: np.asarray(getattr(self, f.name)) for f in fields(self)}
        return {name: v for name, v in values.items() if v.ndim and np.ptp(v) > 0}


@dataclass(frozen=True)
class Money:
    """Outcome of one evaluation; each field is a number or an array of draws.

    Attributes
    ----------
    value
        Discounted value of one moved customer over the horizon.
    cost
        Cost of the programme; `net` is value of all moved less cost; `ratio` is net over cost.
    break_even_cost
        Cost per moved customer at which net is zero.
    """

    value: Floats
    cost: Floats
    net: Floats
    ratio: Floats
    break_even_cost: Floats


def evaluate(inputs: Inputs) -> Money:
    """Return value, cost, net value and ROI."""
    moved = inputs.moved
    value = _value(inputs, inputs.causal_share)
    cost = moved * inputs.cost_per_moved + inputs.fixed_cost
    net = moved * value - cost
    return Money(value, cost, net, net / cost, value - inputs.fixed_cost / moved)


def payback_months(inputs: Inputs) -> Floats:
    """Return the months until value has paid the cost; infinite where it never does.

    Value accrues evenly within a window.
    """
    cost = inputs.cost_each
    earned = np.zeros_like(cost)
    months = np.full_like(cost, np.inf)
    begin = 0.0
    for length, value in _windows(inputs, inputs.causal_share):
        now = np.isinf(months) & (earned + value >= cost)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            months = np.where(now, begin + length * (cost - earned) / value, months)
        earned, begin = earned + value, begin + length
    return months


def break_even_share(inputs: Inputs) -> Floats:
    """Return the smallest causal share at which net value is zero; infinite where none up to 10.

    Value need not rise with the share where spend and retention move apart: the first of 100
    steps that pays is found, then halved 40 times.
    """
    cost = inputs.cost_each
    high = np.full_like(cost, np.inf)
    step = LARGEST_SHARE / 100
    for end in np.linspace(step, LARGEST_SHARE, 100):
        enough = _value(inputs, np.full_like(cost, end)) >= cost
        high = np.where(np.isinf(high) & enough, end, high)
    pays = np.isfinite(high)
    high = np.where(pays, high, LARGEST_SHARE)
    low = high - step
    for _ in range(40):
        middle = (low + high) / 2
        enough = _value(inputs, middle) >= cost
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(pays, high, np.inf)


def customer_value(
    spend: Floats,
    retained: Floats,
    cost_to_serve: Floats,
    gross_margin: Floats,
    discount_rate_annual: Floats,
    window_months: float,
    horizon_months: float,
) -> list[tuple[float, Floats]]:
    """Return length in months and discounted value of each window of one customer.

    Spend and cost to serve are per window and include those who leave in it; the share still
    there at the start of window k is ``retained ** k``. The last window counts in part.
    """
    margin = gross_margin * spend - cost_to_serve
    windows = []
    begin = 0.0
    still_there = np.ones_like(np.asarray(retained, dtype=float))
    while horizon_months - begin > 1e-9:
        length = min(window_months, horizon_months - begin)
        discount = (1 + discount_rate_annual) ** (-(begin + length / 2) / 12)
        windows.append((length, length / window_months * margin * still_there * discount))
        still_there = still_there * retained
        begin += length
    return windows


def _value(inputs: Inputs, share: Floats) -> Floats:
    """Value of a moved customer over the horizon, at a causal share."""
    return np.asarray(sum(window[1] for window in _windows(inputs, share)))


def _windows(inputs: Inputs, share: Floats) -> list[tuple[float, Floats]]:
    """Value of a moved customer over that of the same customer not moved, window by window."""
    gains = []
    for part in (share, np.zeros_like(share)):
        retained = np.clip(inputs.retained + part * inputs.retained_gap, 0, 1)
        retained = retained ** (inputs.window_days / inputs.churn_days)
        contacts = np.maximum(inputs.contacts + part * inputs.contacts_gap, 0)
        returns = np.maximum(inputs.returns + part * inputs.returns_gap, 0)
        gains.append(
            customer_value(
                inputs.spend + part * inputs.spend_gap,
                retained,
                contacts * inputs.cost_per_contact + returns * inputs.cost_per_return,
                inputs.gross_margin,
                inputs.discount_rate_annual,
                inputs.window_days / DAYS_PER_MONTH,
                inputs.horizon_months,
            )
        )
    return [(high[0], high[1] - low[1]) for high, low in zip(*gains, strict=True)]
