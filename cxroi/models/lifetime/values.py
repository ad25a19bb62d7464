"""What the customers of a study are worth, by whichever of its tables can tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...errors import CxroiError, ScarceDataError
from ...results.estimate import Estimate
from ...results.thresholds import MINIMUM_GROUP
from .contracts import contract_value
from .customer_value import DRAWS, customer_value
from .histories import buying_histories, contract_periods

if TYPE_CHECKING:
    from ...reading.tables import Tables


def lifetime_values(
    tables: Tables,
    *,
    horizon_months: int,
    gross_margin: float,
    discount_annual: float = 0.0,
    period_months: int = 1,
    until: dt.date | None = None,
    draws: int = DRAWS,
) -> tuple[Estimate, ...]:
    """Return the value of customers by their orders, and of new contracts by subscriptions.

    What a table cannot tell is an estimate without a number, whose note says why. Orders give
    the estimates of `customer_value`; subscriptions that have an ``amount``, recurring revenue a
    month, give ``clv.contract``.

    Parameters
    ----------
    tables
        Read with ``every=True``.
    horizon_months
        Time that counts.
    gross_margin
        Share of amounts that is margin.
    discount_annual
        Rate of discount of a year.
    period_months
        From one renewal of a contract to the next.
    until
        The last day that counts; left out: `complete_until` of the study.
    draws
        Resamples behind each interval.

    Examples
    --------
    >>> lifetime_values(tables, horizon_months=36, gross_margin=0.4)  # doctest: +SKIP
    """
    study, found = tables.study, list[Estimate]()

    def by_orders() -> tuple[Estimate, ...]:
        return customer_value(
            buying_histories(tables, until),
            horizon_months=horizon_months,
            gross_margin=gross_margin,
            discount_annual=discount_annual,
            unit=study.currency,
            seed=study.seed,
            draws=draws,
        ).estimates

    def by_contracts() -> tuple[Estimate, ...]:
        seen = contract_periods(tables, period_months, until)
        mean, error = _monthly(tables, seen.until)
        share = gross_margin * period_months
        value = contract_value(
            seen,
            margin=share * mean,
            margin_error=share * error,
            discount_annual=discount_annual,
            horizon_months=horizon_months,
            unit=study.currency,
            seed=study.seed,
            draws=draws,
        )
        return (value,)

    if "amount" in _columns(tables, "orders"):
        found += _or_why("clv.value", study.currency, by_orders)
    if "amount" in _columns(tables, "subscriptions"):
        found += _or_why("clv.contract", study.currency, by_contracts)
    return tuple(found)


def _columns(tables: Tables, role: str) -> tuple[str, ...]:
    sources = tables.study.sources
    return tuple(sources[role].columns) if role in sources else ()


def _or_why(name: str, unit: str, make: Callable[[], tuple[Estimate, ...]]) -> tuple[Estimate, ...]:
    """Return what is made, or an estimate that says why it is not."""
    try:
        return make()
    except CxroiError as refusal:
        return (Estimate(name, None, None, None, None, unit, 0, "not estimated", str(refusal)),)


def _monthly(tables: Tables, day: dt.date) -> tuple[float, float]:
    """Return the mean recurring revenue of a month and its error."""
    [(mean, scatter, n)] = tables.engine.fetch(
        "SELECT avg(amount), stddev_samp(amount), count(amount) FROM "
        f"{tables.relation('subscriptions')} WHERE CAST(started_at AS DATE) <= DATE '{day}'"
    )
    if n < MINIMUM_GROUP:
        raise ScarceDataError(
            f"{n} subscriptions have an amount",
            f"at least {MINIMUM_GROUP} are needed",
            "Fill in the recurring revenue of each",
        )
    return float(mean), float(scatter) / n**0.5
