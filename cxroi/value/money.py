"""The arithmetic of a ROI: value of a moved customer, cost, payback, break-even points.

Every field of `Inputs` that may be uncertain is a number or an array of draws, so that the same
functions serve the central case and the simulation.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .timing import DAYS_PER_MONTH, effect_left, paid, window_retention, windows

if TYPE_CHECKING:
    from ..arrays import Floats, Integers

LARGEST_SHARE = 10.0
MONEY_OUTCOMES = ("spend", "retained", "contacts", "returns", "referrals")


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
    spend, retained, contacts, returns, referrals
        Means of that group.
    spend_gap, retained_gap, contacts_gap, returns_gap, referrals_gap
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
    referrals: Floats = field(default_factory=_ZERO)
    referrals_gap: Floats = field(default_factory=_ZERO)
    value_per_referral: Floats = field(default_factory=_ZERO)
    referral_share: Floats = field(default_factory=_ZERO)

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
    steps that pays is found, then halved.
    """
    return _smallest(inputs, "causal_share", LARGEST_SHARE, 100)


def break_even_persistence(inputs: Inputs) -> Floats:
    """Return the smallest persistence at which net value is zero; infinite where none up to 1.

    Zero where the first window alone pays. Found as the break-even share is, in 20 steps.
    """
    at_once = _surplus(inputs.with_values(persistence=0.0), _needed(inputs)) >= 0
    return np.where(at_once, 0.0, _smallest(inputs, "persistence", 1.0, 20))


def _smallest(inputs: Inputs, name: str, largest: float, steps: int) -> Floats:
    """Return the smallest value above 0 of an input that pays; infinite where none does.

    The first step that pays is halved 20 times, and what is left of it taken as straight.
    """
    needed = np.atleast_1d(_needed(inputs))

    def surplus(rows: Integers, values: Floats) -> Floats:
        return _surplus(_only(inputs, rows).with_values(**{name: values}), needed[rows])

    high, step = np.full(needed.shape, np.inf), largest / steps
    for end in np.linspace(step, largest, steps):
        rows = np.flatnonzero(np.isinf(high))
        if not len(rows):
            break
        high[rows[surplus(rows, np.full(len(rows), end)) >= 0]] = end
    rows = np.flatnonzero(np.isfinite(high))
    ends, begins = high[rows], high[rows] - step
    for _ in range(20):
        middle = (begins + ends) / 2
        pays = surplus(rows, middle) >= 0
        begins, ends = np.where(pays, begins, middle), np.where(pays, middle, ends)
    lacking, over = surplus(rows, begins), surplus(rows, ends)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(lacking < 0, lacking / (lacking - over), 0.0)
    high[rows] = begins + part * (ends - begins)
    return high.reshape(np.shape(_needed(inputs)))


def _only(inputs: Inputs, rows: Integers) -> Inputs:
    """Return the inputs of some draws."""
    drawn = {f.name: np.asarray(getattr(inputs, f.name)) for f in fields(inputs)}
    return inputs.with_values(**{name: v[rows] for name, v in drawn.items() if v.ndim})


def _needed(inputs: Inputs) -> Floats:
    """Return what a moved customer must bring: the cost, and what it brought as it was."""
    none = 0.0 * inputs.causal_share  # a number for each draw, whichever input is drawn
    unmoved = margin_stream(inputs, none, inputs.persistence)
    return np.asarray(inputs.cost_each + sum(margin for _, margin in unmoved))


def _surplus(inputs: Inputs, needed: Floats) -> Floats:
    moved = margin_stream(inputs, inputs.causal_share, inputs.persistence)
    return np.asarray(sum(margin for _, margin in moved) - needed)


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
    """Return margin and word of mouth less cost to serve in a window, a part of each gap added."""
    contacts = np.maximum(inputs.contacts + part * inputs.contacts_gap, 0)
    returns = np.maximum(inputs.returns + part * inputs.returns_gap, 0)
    served = contacts * inputs.cost_per_contact + returns * inputs.cost_per_return
    referrals = np.maximum(inputs.referrals + part * inputs.referrals_gap, 0)
    brought = referrals * inputs.referral_share * inputs.value_per_referral
    spend = inputs.spend + part * inputs.spend_gap
    return np.asarray(inputs.gross_margin * spend - served + brought)


def _gains(inputs: Inputs) -> list[tuple[float, Floats]]:
    """Value of a moved customer over that of the same customer not moved, window by window."""
    moved, still = (
        margin_stream(inputs, share, inputs.persistence)
        for share in (inputs.causal_share, np.asarray(0.0))
    )
    return [(high[0], high[1] - low[1]) for high, low in zip(moved, still, strict=True)]
