"""What a theme goes with: the score, outcomes, and money, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..moments.influence import normal_interval, normal_p_value, std_error
from ..results.estimate import CONF_LEVEL, Estimate
from ..results.multiplicity import holm
from ..results.thresholds import MINIMUM_GROUP

if TYPE_CHECKING:
    from ..arrays import Flags, Floats, Integers

ASSOCIATION = "An association: what brought the customer to write this may do it as well."
HOW = (
    "difference between comments with the theme and without it, the other themes, language and "
    "wave held equal{}, least squares, HC3 errors by customer, or account where declared, "
    "Student's interval"
)
RARE = ", errors at least those of one variance for all comments"


def effects(
    values: Floats,
    flags: Flags,
    beside: Floats,
    weights: Floats,
    units: Integers,
    blank: Sequence[Estimate],
    held: str = "",
    *,
    rare: bool = False,
) -> tuple[Estimate, ...]:
    """Return how far values of comments with a theme differ from those without it.

    Themes are adjusted for one another. An error of a row counts by 1 / (1 - leverage), as in HC3
    (MacKinnon and White, Journal of Econometrics 29 (1985), 305-325), so that rare themes are not
    too sure; degrees of freedom are those of the fewer customers, with the theme or without, less
    one. p values are of each theme alone: see `corrected`.

    Parameters
    ----------
    values
        By comment; NaN takes no part.
    flags
        Comments by themes.
    beside
        Comments by what else is held equal, without a constant.
    blank
        Name, unit and term of each theme's estimate.
    held
        What else is held equal, for `method`.
    rare
        Whether values may be of rare events: an error is then at least that of least squares with
        one variance for all, since a theme after which none happened would seem to have none.
    """
    known = np.isfinite(values) & np.isfinite(beside).all(1) & (weights > 0)
    many = [_enough(flags[known, k], units[known]) for k in range(flags.shape[1])]
    told = [k for k, enough in enumerate(many) if enough]
    how = HOW.format(held) + RARE * rare
    made = [replace(one, n=int(known.sum()), method=how) for one in blank]
    if told:
        design = np.c_[flags[known][:, told].astype(float), np.ones(known.sum()), beside[known]]
        fitted = _fit(design, values[known], weights[known], len(told))
        for place, k in enumerate(told):
            if place in fitted:
                with_it = flags[known, k]
                sides = (len(np.unique(units[known][side])) for side in (with_it, ~with_it))
                dof = float(min(sides) - 1)
                value, moved, pooled = fitted[place]
                least = pooled if rare else 0.0
                made[k] = _estimate(made[k], value, moved, units[known], dof, least)
    return tuple(one if one.estimate is not None else _none(one) for one in made)


def _enough(flags: Flags, units: Integers) -> bool:
    return all(len(np.unique(units[side])) >= MINIMUM_GROUP for side in (flags, ~flags))


def _fit(
    design: Floats, values: Floats, weights: Floats, themes: int
) -> Mapping[int, tuple[float, Floats, float]]:
    """Return of each theme that can be told: estimate, influence, error of a common variance."""
    scaled = design * np.sqrt(weights)[:, None]
    length = np.linalg.norm(scaled, axis=0)
    keep = length > 0
    length[~keep] = 1
    _, singular, basis = np.linalg.svd(scaled / length, full_matrices=False)
    good = singular > singular[0] * 1e-8
    bread = (basis[good].T / singular[good] ** 2) @ basis[good] / np.outer(length, length)
    # What lies in the null space of the design cannot be told from the others.
    unknown = np.abs(basis[~good]).max(0, initial=0.0) > 1e-6
    beta = bread @ (design.T @ (weights * values))
    leverage = np.minimum(weights * ((design @ bread) * design).sum(1), 1 - 1e-9)
    residual = values - design @ beta
    moved = (design * (weights * residual / (1 - leverage))[:, None]) @ bread[:, :themes]
    variance = float(weights @ residual**2) / max(len(values) - int(good.sum()), 1)
    pooled = np.sqrt(variance * np.diag(bread))
    told = [k for k in range(themes) if keep[k] and not unknown[k]]
    return {k: (float(beta[k]), np.ascontiguousarray(moved[:, k]), float(pooled[k])) for k in told}


def _estimate(
    blank: Estimate, value: float, moved: Floats, units: Integers, dof: float, least: float
) -> Estimate:
    codes = np.unique(units, return_inverse=True)[1]
    error = max(std_error(moved, codes), least)
    low, high = normal_interval(value, error, CONF_LEVEL, dof)
    return replace(
        blank,
        estimate=value,
        conf_low=low,
        conf_high=high,
        std_error=error,
        statistic=value / error if error > 0 else None,
        p_value=normal_p_value(value, error, dof),
        contrast="with - without",
        note=ASSOCIATION,
    )


def _none(blank: Estimate) -> Estimate:
    why = (
        f"Not told: fewer than {MINIMUM_GROUP} customers with the theme, or without it, or the "
        "theme cannot be told from the others or the language."
    )
    return replace(blank, note=why)


def corrected(made: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Return estimates with p values after Holm; those without one take no part."""
    left = iter(holm([one.p_value for one in made if one.p_value is not None]))
    return tuple(o if o.p_value is None else replace(o, p_value=float(next(left))) for o in made)


def money_at_stake(share: Estimate, effect: Estimate, customers: float, currency: str) -> Estimate:
    """Return share times effect times customers: what goes with a theme in money.

    Share and effect are taken as independent; the variance of their product is exact then
    (Goodman, Journal of the American Statistical Association 55 (1960), 708-713).

    Parameters
    ----------
    share
        Of those customers who say so, 0 to 1.
    effect
        In money per customer.
    customers
        Over whom it is summed.
    currency
        The unit of the result.

    Examples
    --------
    >>> share = Estimate("s", 0.1, 0.08, 0.12, 0.01, "share", 900, "")
    >>> effect = Estimate("e", -20.0, -28.0, -12.0, 4.0, "EUR per customer", 900, "")
    >>> money_at_stake(share, effect, 1_000, "EUR").estimate
    -2000.0
    """
    base = replace(effect, name=f"{effect.name}.stake", unit=currency, contrast="", p_value=None)
    parts = (share.estimate, share.std_error, effect.estimate, effect.std_error)
    if None in parts:
        return replace(
            base, estimate=None, conf_low=None, conf_high=None, std_error=None, statistic=None,
            note=effect.note or share.note,
        )  # fmt: skip
    s, ds, e, de = (float(part) for part in parts if part is not None)
    value = customers * s * e
    error = abs(customers) * float(np.sqrt((s * de) ** 2 + (e * ds) ** 2 + (ds * de) ** 2))
    low, high = normal_interval(value, error, CONF_LEVEL)
    return replace(
        base,
        estimate=value,
        conf_low=low,
        conf_high=high,
        std_error=error,
        statistic=None,
        method=f"share of comments times effect times {customers:,.0f} customers, normal interval",
        note=ASSOCIATION,
    )
