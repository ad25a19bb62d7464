"""The figures of a ROI with the intervals that its simulations give."""

from __future__ import annotations

import math
from functools import partial
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ..results.estimate import Estimate
from ..results.formats import RATIO, percent, quantity
from .money import Inputs, Money, break_even_persistence, break_even_share, evaluate, payback_months

if TYPE_CHECKING:
    from ..arrays import Floats
    from ..study.declared import Study

ROI_LEVEL = 0.90
# Shares of draws above zero from which a programme is said to pay, and up to which not to.
PAYS, LOSES = 0.95, 0.05
ERRORS = "their covariance over customers"


def claimed(chance: float) -> tuple[bool, bool]:
    """Return whether a chance of a ROI above zero says that it pays, and that it does not."""
    return chance >= PAYS, chance <= LOSES


def roi_estimates(
    central: Inputs, draws: Inputs, study: Study, n: int, errors: str
) -> list[Estimate]:
    """Return every figure of a ROI, at the likely values and with its interval over the draws.

    Parameters
    ----------
    n
        Customers or responses behind the contrasts.
    errors
        Where the joint sampling error of the outcomes comes from, in words.
    """
    point, drawn = evaluate(central), evaluate(draws)
    ratio, net, probability = returns(point, drawn, study, n, errors)
    payback, share = payback_months(draws), break_even_share(draws)
    lasting = break_even_persistence(draws)
    currency = study.currency or "currency units"
    moved = f"{currency} per moved customer"
    method = simulated(len(drawn.ratio), study, errors)
    one = partial(of_draws, n=n, method=method)
    unpaid = never(payback, "the cost is not paid back within the horizon")
    none = never(share, "no causal share would pay")
    faded = never(lasting, "no persistence would pay, even if all who move stay")
    return [
        ratio,
        net,
        one("value_per_moved", point.value, drawn.value, moved),
        one("payback_months", payback_months(central), payback, "months", unpaid),
        probability,
        one("break_even_cost_per_moved", point.break_even_cost, drawn.break_even_cost, moved),
        one(
            "break_even_causal_share",
            break_even_share(central),
            share,
            "share of the adjusted gap",
            none,
        ),
        one(
            "break_even_persistence",
            break_even_persistence(central),
            lasting,
            "share of those moved, a wave later",
            faded,
        ),
    ]


def returns(
    point: Money, drawn: Money, study: Study, n: int, errors: str
) -> tuple[Estimate, Estimate, Estimate]:
    """Return ratio, net value, and the probability that the ratio is above zero."""
    method, currency = (
        simulated(len(drawn.ratio), study, errors),
        study.currency or "currency units",
    )
    one = partial(of_draws, n=n, method=method)
    ratio, net = percent(drawn.ratio.mean()), quantity(drawn.net.mean(), currency, currency)
    return (
        one("ratio", point.ratio, drawn.ratio, RATIO, _mean(ratio)),
        one("net_value", point.net, drawn.net, currency, _mean(net)),
        chance_above_zero(drawn.ratio, n, method),
    )


def simulated(count: int, study: Study, errors: str) -> str:
    """Say how figures were simulated."""
    return (
        f"simulation of {count:,} draws (seed {study.seed}): outcomes jointly from {errors}, "
        "assumptions over their ranges; interval holds 90 % of simulations"
    )


def of_draws(
    name: str, value: Floats, draws: Floats, unit: str, note: str = "", *, n: int, method: str
) -> Estimate:
    """Return ``roi.<name>``: its likely value, and the interval that 90 % of draws are in."""
    low, high = np.quantile(draws, [0.5 - ROI_LEVEL / 2, 0.5 + ROI_LEVEL / 2], method="nearest")
    return Estimate(
        name=f"roi.{name}",
        estimate=_finite(value),
        conf_low=_finite(low),
        conf_high=_finite(high),
        std_error=float(draws.std(ddof=1)) if np.isfinite(draws).all() else None,
        unit=unit,
        n=n,
        method=method,
        note=note,
        term=name.replace("_", " "),
    )


def chance_above_zero(ratios: Floats, n: int, method: str) -> Estimate:
    """Return ``roi.probability_positive`` of simulated ratios."""
    above = int((ratios > 0).sum())
    low, high = wilson(above, len(ratios))
    share = above / len(ratios)
    return Estimate(
        "roi.probability_positive",
        share,
        float(low),
        float(high),
        float(np.sqrt(share * (1 - share) / len(ratios))),
        "share of simulations",
        n,
        f"{method.split(';')[0]}; interval is the simulation's own error",
        term="probability that ROI > 0",
    )


def wilson(count: int, of: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share.

    As `statsmodels.stats.proportion.proportion_confint` gives it, without loading what fits: a
    page that shows a finished run needs it too.

    References
    ----------
    Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    z2, share = NormalDist().inv_cdf(0.975) ** 2, count / of
    middle, around = share + z2 / (2 * of), z2 * share * (1 - share) / of + (z2 / (2 * of)) ** 2
    scale = 1 + z2 / of
    return (middle - math.sqrt(around)) / scale, (middle + math.sqrt(around)) / scale


def _mean(value: str) -> str:
    return f"at the likely values; the mean of the simulations is {value}."


def never(draws: Floats, what: str) -> str:
    """Say in which share of the draws there is none; empty where there always is one."""
    share = float(np.isinf(draws).mean())
    return f"in {percent(share)} of the simulations {what}." if share > 0 else ""


def _finite(value: Floats) -> float | None:
    return float(value) if np.isfinite(value) else None
