"""The arithmetic of a ROI: value of a moved customer, cost, payback, break-even points.

Every field of `Inputs` that may be uncertain is a number or an array of draws, so that the same
functions serve the central case and the simulation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .timing import effect_left, paid, window_retention, windows

if TYPE_CHECKING:
    from ..arrays import Flags, Floats

DAYS_PER_MONTH = 365.25 / 12
LARGEST_SHARE = 10.0
MONEY_OUTCOMES = ("spend", "retained", "contacts", "returns")


_ZERO, _ONE = partial(np.asarray, 0.0), partial(np.asarray, 1.0)


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
    retention_mixing
        How far customers differ in retention: 1 / (alpha + beta) of a shifted beta-geometric; 0
        where they are taken to be alike.
    persistence, wave_months
        Share of those moved still in the better group one wave later, and months between waves.
    ramp_up_months, programme_months
        Months until the effect has its full size, and over which the cost is paid.
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
    retention_mixing: Floats = field(default_factory=_ZERO)
    persistence: Floats = field(default_factory=_ONE)
    ramp_up_months: Floats = field(default_factory=_ZERO)
    programme_months: Floats = field(default_factory=_ZERO)
    wave_months: float = 3.0

    @property
    def moved(self) -> Floats:
        """Customers who move."""
        return np.asarray(self.customers * self.share_moved)

    @property
    def paid(self) -> Floats:
        """What 1 of cost is worth at the start."""
        return paid(self.programme_months, self.discount_rate_annual)

    @property
    def cost_each(self) -> Floats:
        """Cost per moved customer as of the start, with its part of the fixed cost."""
        return np.asarray((self.cost_per_moved + self.fixed_cost / self.moved) * self.paid)

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
        Cost of the programme, discounted where it is paid later; `net` is value of all moved less
        cost; `ratio` is net over cost.
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
    value = np.asarray(sum(gain for _, gain in _gains(inputs)))
    cost = moved * inputs.cost_each
    net = moved * value - cost
    return Money(value, cost, net, net / cost, value / inputs.paid - inputs.fixed_cost / moved)


def payback_months(inputs: Inputs) -> Floats:
    """Return the months until value has paid the cost; infinite where it never does.

    Value accrues evenly within a window.
    """
    cost = inputs.cost_each
    earned = np.zeros_like(cost)
    months = np.full_like(cost, np.inf)
    begin = 0.0
    for length, value in _gains(inputs):
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
    needed = inputs.cost_each + _unmoved(inputs)

    def pays(share: Floats) -> Flags:
        return _total(inputs, share, inputs.persistence) >= needed

    return _smallest(pays, LARGEST_SHARE, 100, inputs.cost_each)


def break_even_persistence(inputs: Inputs) -> Floats:
    """Return the smallest persistence at which net value is zero; infinite where none up to 1.

    Zero where the first window alone pays. Found as the break-even share is, in 20 steps.
    """
    needed = inputs.cost_each + _unmoved(inputs)

    def pays(persistence: Floats) -> Flags:
        return _total(inputs, inputs.causal_share, persistence) >= needed

    at_once = pays(np.zeros_like(inputs.cost_each))
    return np.where(at_once, 0.0, _smallest(pays, 1.0, 20, inputs.cost_each))


def _smallest(pays: Callable[[Floats], Flags], largest: float, steps: int, like: Floats) -> Floats:
    """Return the smallest value above 0 that pays: the first step that does, halved 40 times."""
    high = np.full_like(like, np.inf)
    step = largest / steps
    for end in np.linspace(step, largest, steps):
        high = np.where(np.isinf(high) & pays(np.full_like(like, end)), end, high)
    found = np.isfinite(high)
    high = np.where(found, high, largest)
    low = high - step
    for _ in range(40):
        middle = (low + high) / 2
        enough = pays(middle)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(found, high, np.inf)


def margin_stream(inputs: Inputs, share: Floats, persistence: Floats) -> list[tuple[float, Floats]]:
    """Return length in months and discounted margin of each window of one customer.

    Spend and cost to serve are per window and include those who leave in it; those still there
    at the start of a window are those that the windows before it retained. The last window
    counts in part. Of each gap `share` is added, as far as the effect is there in that window
    (see `timing.effect_left`); with `share` 0 it is the customer not moved.
    """
    whole, span = inputs.window_days / DAYS_PER_MONTH, inputs.window_days / inputs.churn_days
    still_there, margins = np.asarray(1.0), []
    for count, (begin, length) in enumerate(windows(whole, inputs.horizon_months)):
        part = share * effect_left(
            begin, length, inputs.ramp_up_months, persistence, inputs.wave_months
        )
        discount = (1 + inputs.discount_rate_annual) ** (-(begin + length / 2) / 12)
        margins.append((length, length / whole * _margin(inputs, part) * still_there * discount))
        retained = np.clip(inputs.retained + part * inputs.retained_gap, 0, 1)
        still_there = still_there * window_retention(
            retained, count * span, span, inputs.retention_mixing
        )
    return margins


def _margin(inputs: Inputs, part: Floats) -> Floats:
    """Return margin less cost to serve in one window, with a part of each gap added."""
    contacts = np.maximum(inputs.contacts + part * inputs.contacts_gap, 0)
    returns = np.maximum(inputs.returns + part * inputs.returns_gap, 0)
    served = contacts * inputs.cost_per_contact + returns * inputs.cost_per_return
    spend = inputs.spend + part * inputs.spend_gap
    return np.asarray(inputs.gross_margin * spend - served)


def _total(inputs: Inputs, share: Floats, persistence: Floats) -> Floats:
    return np.asarray(sum(margin for _, margin in margin_stream(inputs, share, persistence)))


def _unmoved(inputs: Inputs) -> Floats:
    return _total(inputs, np.zeros_like(inputs.causal_share), inputs.persistence)


def _gains(inputs: Inputs) -> list[tuple[float, Floats]]:
    """Value of a moved customer over that of the same customer not moved, window by window."""
    moved, still = (
        margin_stream(inputs, share, inputs.persistence)
        for share in (inputs.causal_share, np.zeros_like(inputs.causal_share))
    )
    return [(high[0], high[1] - low[1]) for high, low in zip(moved, still, strict=True)]
