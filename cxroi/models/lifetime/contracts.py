"""What a customer under contract is worth: the multiple of a margin, and a curve of survival."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...errors import ModelError, ParameterError
from ...results.estimate import CONF_LEVEL, Estimate
from .beta_geometric import GRID, fit_mixing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...arrays import Floats
    from .beta_geometric import Mixing
    from .histories import Contracts

DRAWS = 200


def margin_multiple(retention: float, discount: float) -> float:
    """Return how many yearly margins a customer is worth: r / (1 + i - r).

    The sum of the margins of all years to come, from the first renewal on, at constant retention
    and discount. Gupta and Lehmann, Journal of Interactive Marketing 17 (2003), 9-24.

    Parameters
    ----------
    retention
        Share of customers who stay from one period to the next, 0 to 1.
    discount
        Rate of discount of a period, such as 0.12.

    Raises
    ------
    ParameterError
        The sum is not finite.

    Examples
    --------
    >>> round(margin_multiple(0.9, 0.12), 4), round(margin_multiple(0.8, 0.12), 4)
    (4.0909, 2.5)
    """
    _check(retention, discount)
    return retention / (1 + discount - retention)


def retention_elasticity(retention: float, discount: float) -> float:
    """Return by how many per cent a customer's value grows with 1 per cent more retention.

    The elasticity of `margin_multiple`, (1 + i) / (1 + i - r); that by margin is 1. Gupta,
    Lehmann and Stuart, Journal of Marketing Research 41 (2004), 7-18.

    Examples
    --------
    >>> round(retention_elasticity(0.9, 0.12), 2)
    5.09
    """
    _check(retention, discount)
    return (1 + discount) / (1 + discount - retention)


def _check(retention: float, discount: float) -> None:
    if not 0 <= retention <= 1 or not discount > -1 or retention >= 1 + discount:
        raise ParameterError(
            f"retention {retention:g} with a discount of {discount:g} gives no finite value",
            "retention is 0 to 1, and below 1 plus the discount",
            "Give both as shares of the same period, such as 0.9 and 0.12",
        )


def survival(mixing: Mixing, periods: int) -> Floats:
    """Return the share of customers still there at the end of each period.

    Retention in period t = 0, 1, ... is (share + t mixing) / (1 + t mixing): shifted
    beta-geometric, Fader and Hardie (2007).
    """
    added = mixing.estimate * np.arange(periods)
    return np.asarray(np.cumprod((mixing.share + added) / (1 + added)))


def discounted_periods(mixing: Mixing, discount: float, periods: int) -> float:
    """Return the margins, of a period each, that a new customer brings from the first renewal on.

    Parameters
    ----------
    discount
        Rate of discount of a period.
    periods
        Renewals that count.
    """
    return float(survival(mixing, periods) @ (1 + discount) ** -np.arange(1.0, periods + 1))


def contract_value(
    seen: Contracts,
    *,
    margin: float,
    margin_error: float = 0.0,
    discount_annual: float,
    horizon_months: int,
    unit: str,
    seed: int = 0,
    draws: int = DRAWS,
) -> Estimate:
    """Return what a new customer under contract brings in a time, from the first renewal on.

    By a shifted beta-geometric fitted to the periods seen. The interval is that of what
    customers did: each period's losses drawn anew, the curve fitted again, the margin drawn
    about itself by its error.

    Parameters
    ----------
    margin
        Gross margin of one period of a contract, in money.
    margin_error
        Its standard error.
    discount_annual
        Rate of discount of a year.
    horizon_months
        Time after the start of the contract that counts.
    unit
        Currency.
    seed, draws
        Of the interval.

    Raises
    ------
    ParameterError
        No renewal falls into the time, or the discount is not above -1.
    ModelError
        Customers either leave at once or never: no curve can be told from what was seen.
    """
    periods = horizon_months // seen.months
    if periods < 1 or not discount_annual > -1:
        raise ParameterError(
            f"a value over {horizon_months} months, discounted at {discount_annual:g} a year",
            f"a period of {seen.months} months or more, and a discount above -1",
            "Take a longer time, or give the discount as a share such as 0.1",
        )
    rate = (1 + discount_annual) ** (seen.months / 12) - 1
    fitted = _fitted(seen)
    rng = np.random.default_rng(seed)
    lasting = [discounted_periods(again, rate, periods) for again in _drawn(seen, rng, draws)]
    values = np.array(lasting) * rng.normal(margin, margin_error, draws)
    tail = (1 - CONF_LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    beyond = horizon_months > seen.months * len(seen.lost)
    return Estimate(
        name="clv.contract",
        estimate=margin * discounted_periods(fitted, rate, periods),
        conf_low=float(low),
        conf_high=float(high),
        std_error=float(np.std(values, ddof=1)),
        unit=f"{unit} per new contract in {horizon_months} months",
        n=seen.n,
        method=(
            f"shifted beta-geometric of {len(seen.lost)} periods of {seen.months} months, margins "
            f"discounted at {discount_annual:.1%} a year; percentile interval of {draws} draws of "
            "the losses"
        ),
        note="Goes beyond the periods that were seen." if beyond else "",
    )


def _drawn(seen: Contracts, rng: np.random.Generator, draws: int) -> Iterator[Mixing]:
    """Yield the curves of losses drawn anew, period by period."""
    sizes, chances = seen.at_risk.astype(int), seen.lost / seen.at_risk
    for lost in rng.binomial(sizes, chances, size=(draws, len(sizes))):
        yield fit_mixing(seen.at_risk, lost * 1.0)


def _fitted(seen: Contracts) -> Mixing:
    """Return the likeliest curve; refused where it runs to its bound."""
    fitted = fit_mixing(seen.at_risk, seen.lost)
    if fitted.estimate >= GRID[-1] / (1 - GRID[-1]) * 0.999:
        raise ModelError(
            "how long contracts last cannot be told: those that end, end in their first period",
            "contracts that end in several periods",
            "Take shorter periods, or a longer history",
        )
    return fitted
