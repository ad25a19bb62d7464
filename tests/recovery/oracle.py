"""What somebody finds who knows the form of a world: a check of the truth, not of the package.

statsmodels fits the true form to the passives and promoters of a company; each passive is
predicted under both groups, and the mean difference has the error of the fit (robust, by account
where there are accounts) and that of which passives a company has.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import statsmodels.api as sm
from lasting import Lasting
from worlds import OUTCOMES, Company, World

Z = 1.959963984540054
FAMILIES = {
    "identity": sm.families.Gaussian(),
    "log": sm.families.Poisson(),
    "logit": sm.families.Binomial(),
}


def oracle(world: World | Lasting, company: Company) -> dict[str, tuple[float, float]]:
    """Return estimate and standard error of each outcome's contrast."""
    if isinstance(world, Lasting):
        return {o: _within(company, o) for o in ("spend", "contacts")}
    return {o: _standardised(world, company, o) for o in OUTCOMES}


def _standardised(world: World, company: Company, outcome: str) -> tuple[float, float]:
    pair = company.step >= 0
    table = {name: v[pair] for name, v in company.table.items()}
    passive = company.step[pair] == 0
    values = company.frames["customers"][outcome].to_numpy(dtype=float)[pair]
    form, shift = world.form(table), world.shift(table)
    none = np.column_stack([np.ones(len(form)), form, 0 * shift])
    moved = np.column_stack([np.ones(len(form)), form, shift])
    design = np.where(passive[:, None], none, moved)
    line = getattr(world, outcome)
    if line.link == "log" and outcome == "spend":
        beta, covariance, means = _lognormal(values, design, none, moved)
    else:
        beta, covariance, means = _glm(values, design, none, moved, line.link, table)
    each, slopes = means(beta)
    weight = table.get("weight", np.ones(len(form))) * passive
    gap = np.average(each, weights=weight)
    gradient = weight @ slopes / weight.sum()
    left = _by_account(weight * (each - gap) / weight.sum(), table)
    return float(gap), float(np.sqrt(gradient @ covariance @ gradient + left @ left))


def _glm(values, design, none, moved, link, table) -> tuple[Any, Any, Any]:
    if "account" in table:
        codes = np.unique(table["account"], return_inverse=True)[1]
        how: dict[str, Any] = {"cov_type": "cluster", "cov_kwds": {"groups": codes}}
    else:
        how = {"cov_type": "HC3"} if link == "identity" else {"cov_type": "HC1"}
    if link == "identity":
        fit = sm.OLS(values, design).fit(**how)
    else:
        fit = sm.GLM(values, design, family=FAMILIES[link]).fit(**how)

    def means(beta):
        if link == "identity":
            return (moved - none) @ beta, moved - none
        inverse, slope = FAMILIES[link].link.inverse, FAMILIES[link].link.inverse_deriv
        up, down = moved @ beta, none @ beta
        slopes = slope(up)[:, None] * moved - slope(down)[:, None] * none
        return inverse(up) - inverse(down), slopes

    return fit.params, fit.cov_params(), means


def _lognormal(values, design, none, moved) -> tuple[Any, Any, Any]:
    """Least squares of the logarithm; the last parameter is the variance around it."""
    fit = sm.OLS(np.log(values), design).fit()
    size, variance = len(values), fit.scale
    covariance = np.zeros((design.shape[1] + 1,) * 2)
    covariance[:-1, :-1], covariance[-1, -1] = fit.cov_params(), 2 * variance**2 / size

    def means(beta):
        up, down = (np.exp(x @ beta[:-1] + beta[-1] / 2) for x in (moved, none))
        slopes = up[:, None] * moved - down[:, None] * none
        return up - down, np.column_stack([slopes, (up - down) / 2])

    return np.append(fit.params, variance), covariance, means


def _by_account(psi: np.ndarray, table: dict[str, np.ndarray]) -> np.ndarray:
    if "account" not in table:
        return psi
    return np.bincount(np.unique(table["account"], return_inverse=True)[1], weights=psi)


def _within(company: Company, outcome: str) -> tuple[float, float]:
    """Least squares with a dummy for each customer and wave, all groups, errors by customer."""
    table, step = company.table, company.step
    columns = [step == -1, step == 1, *(table["wave"] == w for w in (1, 2))]
    both = np.column_stack([table[outcome], *columns]).astype(float)
    codes = np.unique(table["customer"], return_inverse=True)[1]
    sizes = np.bincount(codes)
    for column in both.T:
        column -= (np.bincount(codes, weights=column) / sizes)[codes]
    fit = sm.OLS(both[:, 0], both[:, 1:]).fit(cov_type="cluster", cov_kwds={"groups": codes})
    return float(fit.params[1]), float(fit.bse[1])
