"""Least squares from sums held to the certified values of NIST's Statistical Reference Datasets.

Cross-products square the condition of a design: a fit from sums begins with half of the digits,
and its last pass, over residuals, gives them back.
"""

import numpy as np
import pandas as pd
import pytest
from array_fits import fit_glm
from column_designs import column_design
from engine_panels import plain_rows
from nist_files import digits, names, read

from cxroi.errors import ModelError
from cxroi.models.newton import fit_moments


def design_of(certified):
    columns = [f"x{n}" for n in range(certified.design.shape[1])]
    rows = plain_rows(pd.DataFrame(certified.design, columns=columns).assign(y=certified.values))
    continuous = tuple(rows.column(name) for name in columns)
    none = np.empty((1, 0))
    return column_design(rows, tuple(certified.names), none, continuous, range(len(columns)))


def errors_under_equal_variances(fit, certified):
    residuals = certified.values - certified.design @ fit.params
    n, k = certified.design.shape
    covariance = np.linalg.inv(fit.information) * (residuals @ residuals) / (n - k)
    return np.sqrt(np.diag(covariance))


# Columns as NIST gives them: neither centred nor scaled, as those of the package are.
ILL_CONDITIONED = "Filip"
NOISY = ("Wampler4", "Wampler5")  # errors ten and a hundred thousand times the coefficients
SETS = [name for name in names() if name not in (ILL_CONDITIONED, *NOISY)]


def fit_and_check(name):
    certified = read(name)
    design = design_of(certified)
    fit = fit_moments("ols", design.rows.column("y"), design)
    assert digits(fit.params, certified.estimates) >= 9
    assert digits(errors_under_equal_variances(fit, certified), certified.std_errors) >= 8
    return fit


@pytest.mark.parametrize("name", SETS)
def test_coefficients_have_nine_digits_and_errors_eight(name):
    assert fit_and_check(name).passes <= 3


@pytest.mark.parametrize(("name", "reached"), zip(NOISY, (7.5, 6), strict=True))
def test_large_residuals_on_an_ill_conditioned_design(name, reached):
    # Rows in memory keep nine digits (QR, residuals in twofold precision); sums of residuals a
    # hundred thousand times the coefficients keep as many as statsmodels' pinv, 5.8 on Wampler5.
    certified = read(name)
    design = design_of(certified)
    fit = fit_moments("ols", design.rows.column("y"), design)
    assert digits(fit.params, certified.estimates) >= reached
    assert fit.passes <= 5


def test_an_ill_conditioned_design_is_refused_and_says_so():
    certified = read(ILL_CONDITIONED)
    design = design_of(certified)
    y, one = design.rows.column("y"), design.rows.column("1e0")
    with pytest.raises(ModelError, match="ill-conditioned"):
        fit_glm("ols", y, design, certified.names, one, None, outcome="y")
