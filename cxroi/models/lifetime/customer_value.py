"""What customers without a contract will buy and spend, and what that is worth today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError, ParameterError
from ...moments.plan import cached_property
from ...results.display import TidyMixin
from ...results.estimate import CONF_LEVEL, Estimate, tidy_table
from .bg_nbd import BgNbd, fit_bg_nbd
from .gamma_gamma import GammaGamma, fit_gamma_gamma
from .histories import DAYS_PER_MONTH, Histories

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from ...arrays import Floats, Integers

DRAWS = 200
DAYS_PER_WEEK = 7.0
# What is expected up to a time is a smooth curve of it: Gauss-Legendre needs few places.
_PLACES = 6
_ONCE = (
    "Customers who bought once count as active: in this model they leave after a later purchase, "
    "or simply buy rarely."
)
# Of amount and frequency, from which on the two models are no longer apart.
_RELATED = 0.3


@dataclass(frozen=True, repr=False)
class CustomerValue(TidyMixin):
    """What customers who bought will bring.

    Attributes
    ----------
    estimates
        A customer: ``clv.value``, ``clv.purchases``, ``clv.active`` (share who still buy);
        ``clv.spend``, on a purchase; then the parameters of both models, time in weeks.
    buying, spending
        The fitted models.
    horizon_months
        Time after the last day of the histories that counts.
    """

    estimates: tuple[Estimate, ...]
    buying: BgNbd
    spending: GammaGamma
    horizon_months: float

    def tidy(self) -> pd.DataFrame:
        """Return one row an estimate."""
        return tidy_table(self.estimates)


def customer_value(
    histories: Histories,
    *,
    horizon_months: float,
    gross_margin: float,
    discount_annual: float,
    unit: str,
    seed: int = 0,
    draws: int = DRAWS,
) -> CustomerValue:
    """Return what the customers of some histories will bring in a time, a customer.

    Purchases by BG/NBD, their amounts by gamma-gamma, discounted continuously; intervals from
    resamples of the customers, on which both models are fitted again.

    Parameters
    ----------
    horizon_months
        Time after the last day of the histories that counts.
    gross_margin
        Share of the amounts that is margin.
    discount_annual
        Rate of discount of a year.
    unit
        Currency.
    seed, draws
        Of the resamples.

    Raises
    ------
    ScarceDataError
        Too few customers bought again.
    ModelError
        A model runs to a bound: the histories cannot tell what it needs.
    ParameterError
        The time is not above zero, or the discount not above -1.
    """
    _check(horizon_months, discount_annual)
    margins = _Margins(histories, horizon_months, gross_margin, discount_annual)
    counts = histories.counts
    buying, spending = margins.fitted(counts)
    found = margins.figures(counts, buying, spending)
    rng = np.random.default_rng(seed)
    drawn = np.array(list(margins.resampled(rng, draws, buying, spending)))
    _refuse_endless(np.vstack([found, drawn]))
    method = (
        "BG/NBD for purchases and gamma-gamma for amounts, fitted by greatest likelihood to "
        f"{histories.counted:,} customers up to {histories.until}; margin {gross_margin:.1%}, "
        f"discounted at {discount_annual:.1%} a year; percentile interval of {draws} resamples of "
        "the customers"
    )
    if histories.counted < histories.customers:
        method += f"; a sample of {histories.customers:,}"
    estimates = _estimates(found, drawn, histories, _units(unit, horizon_months), method)
    return CustomerValue(tuple(estimates), buying, spending, horizon_months)


def _check(months: float, discount: float) -> None:
    if not months > 0 or not discount > -1:
        raise ParameterError(
            f"a value over {months:g} months, discounted at {discount:g} a year",
            "months above 0, and a discount above -1",
            "Give the discount as a share, such as 0.1",
        )


def _refuse_endless(drawn: Floats) -> None:
    """Refuse what has no mean, among all customers or those drawn anew."""
    endless = int((~np.isfinite(drawn)).any(axis=1).sum())
    if endless:
        raise ModelError(
            f"in {endless} of {len(drawn)} fits to customers and resamples of them a customer's "
            "purchases or amounts have no mean",
            "a mean with an interval",
            "Look for extreme amounts, or split business from private customers",
        )


@dataclass(frozen=True)
class _Margins:
    """What customers of some histories bring in a time."""

    histories: Histories
    months: float
    margin: float
    discount: float

    @property
    def weeks(self) -> tuple[Floats, Floats, Floats]:
        """Purchases after the first, and the two times in weeks."""
        h = self.histories
        return h.x, h.t_x / DAYS_PER_WEEK, h.age / DAYS_PER_WEEK

    @cached_property
    def pairs(self) -> tuple[Floats, Integers]:
        """Purchases and age, all that an active customer's future rests on, each pair once."""
        x, _, age = self.weeks
        pairs, place = np.unique(np.column_stack([x, age]), axis=0, return_inverse=True)
        return pairs.T, place.reshape(-1)

    def fitted(
        self, counts: Floats, like: tuple[BgNbd, GammaGamma] | None = None
    ) -> tuple[BgNbd, GammaGamma]:
        """Fit both models."""
        buying, spending = like or (None, None)
        return (
            fit_bg_nbd(*self.weeks, counts, buying),
            fit_gamma_gamma(self.histories.x, self.histories.amount, counts, spending),
        )

    def figures(self, counts: Floats, buying: BgNbd, spending: GammaGamma) -> Floats:
        """Return the figures in the order of `_units`."""
        active = buying.active(*self.weeks)
        amount = spending.spend(_paid(self.histories), self.histories.amount)
        total, discounted = self._purchases(buying)
        with np.errstate(invalid="ignore"):  # amounts without a mean, told of afterwards
            value = counts @ (discounted * amount) * self.margin
        sums = np.array([value, counts @ total, counts @ active]) / counts.sum()
        models = (buying.r, buying.alpha, buying.a, buying.b, spending.p, spending.q, spending.v)
        return np.array([*sums, spending.mean, *models])

    def _purchases(self, buying: BgNbd) -> tuple[Floats, Floats]:
        """Return the purchases of each customer in the time, as they are and discounted.

        The discounted ones, the integral of exp(-d t) over the growth of what is expected, are
        by parts those of the whole time, discounted from its end, and d times the integral of
        exp(-d t) over what is expected.
        """
        whole = self.months * DAYS_PER_MONTH / DAYS_PER_WEEK
        rate = np.log1p(self.discount) * DAYS_PER_WEEK / 365.25
        (x, age), place = self.pairs
        total = buying.while_active(x, age, whole)
        places, weights = np.polynomial.legendre.leggauss(_PLACES)
        times = whole * (places + 1) / 2
        inside = sum(
            w * np.exp(-rate * t) * buying.while_active(x, age, t)
            for t, w in zip(times, weights * whole / 2, strict=True)
        )
        active = buying.active(*self.weeks)
        discounted = total * np.exp(-rate * whole) + rate * inside
        return active * total[place], active * discounted[place]

    def resampled(
        self, rng: np.random.Generator, draws: int, buying: BgNbd, spending: GammaGamma
    ) -> Iterator[Floats]:
        """Yield the figures of customers drawn anew."""
        counts = self.histories.counts
        n = int(counts.sum())
        for _ in range(draws):
            again = rng.multinomial(n, counts / n).astype(float)
            yield self.figures(again, *self.fitted(again, (buying, spending)))


def _paid(histories: Histories) -> Floats:
    """Return the purchases with an amount: of the others the mean is expected."""
    return np.where(histories.amount > 0, histories.x, 0.0)


def _units(unit: str, months: float) -> dict[str, str]:
    per = f"per customer in {months:g} months"
    return {
        "clv.value": f"{unit} {per}",
        "clv.purchases": f"purchases {per}",
        "clv.active": "share",
        "clv.spend": f"{unit} per purchase",
        **{f"clv.bg_nbd.{name}": "parameter" for name in ("r", "alpha", "a", "b")},
        **{f"clv.gamma_gamma.{name}": "parameter" for name in ("p", "q", "v")},
    }


def _estimates(
    found: Floats, drawn: Floats, histories: Histories, units: dict[str, str], method: str
) -> Iterator[Estimate]:
    tail = (1 - CONF_LEVEL) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    errors = drawn.std(axis=0, ddof=1)
    notes = {"clv.value": _relation(histories), "clv.active": _ONCE}
    for place, (name, unit) in enumerate(units.items()):
        yield Estimate(
            name=name,
            estimate=float(found[place]),
            conf_low=float(low[place]),
            conf_high=float(high[place]),
            std_error=float(errors[place]),
            unit=unit,
            n=histories.counted,
            method=method,
            note=notes.get(name, ""),
        )


def _relation(histories: Histories) -> str:
    """Say where those who buy often spend more, or less: the models take the two as unrelated."""
    kept = (histories.x > 0) & (histories.amount > 0)
    x, amount = histories.x[kept], histories.amount[kept]
    weights = histories.counts[kept]
    table = np.cov(x, amount, fweights=weights.astype(int))
    related = table[0, 1] / np.sqrt(table[0, 0] * table[1, 1]) if table.all() else 0.0
    if abs(related) < _RELATED:
        return ""
    return (
        f"Those who buy more often spend {'more' if related > 0 else 'less'} on a purchase "
        f"(correlation {related:.2f}); the model takes the two as unrelated."
    )
