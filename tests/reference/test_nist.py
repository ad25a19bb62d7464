"""Least squares held to the certified values of NIST's Statistical Reference Datasets.

Nine digits at least: the certified values have fifteen, and no result of the package is shown
with more than four.
"""

import numpy as np
import pytest
from array_fits import fit_glm
from nist_files import data, digits, names, read, rows
from panels import moments

from cxroi.effects.gaps import welch
from cxroi.errors import ModelError
from cxroi.models.statsmodels_results import fit_wls

ILL_CONDITIONED = "Filip"  # a polynomial of degree ten: its condition number is 5 x 10^9


def fit(values, design, columns):
    n = len(values)
    return fit_glm("ols", values, design, columns, np.ones(n), np.arange(n), outcome="y").results


def classical(results):
    """Fit the same model once more, for errors under equal variances: `fit_glm` gives HC1."""
    return fit_wls(results.model, {"cov_type": "nonrobust"})


def test_every_linear_set_is_here():
    wampler = [f"Wampler{number}" for number in range(1, 6)]
    others = ["Filip", "Longley", "NoInt1", "NoInt2", "Norris", "Pontius"]
    assert names() == others + wampler


@pytest.mark.parametrize("name", [name for name in names() if name != ILL_CONDITIONED])
def test_coefficients_and_errors_have_nine_digits(name):
    certified = read(name)
    results = fit(certified.values, certified.design, certified.names)
    assert digits(results.params, certified.estimates) >= 9
    assert digits(classical(results).params, certified.estimates) >= 9
    assert digits(classical(results).bse, certified.std_errors) >= 9


def test_survey_weights_lose_no_digits():
    # The first row four times with weight 1, every other once with weight 4: the same fit.
    certified = read("Wampler5")
    times = np.repeat(np.arange(21), [4] + [1] * 20)
    weights = np.array([1.0] * 4 + [4.0] * 20)
    values, design = certified.values[times], certified.design[times]
    made = fit_glm("ols", values, design, certified.names, weights, np.arange(24), outcome="y")
    assert digits(made.results.params, certified.estimates) >= 9


def test_an_ill_conditioned_design_is_refused_and_says_so():
    certified = read(ILL_CONDITIONED)
    with pytest.raises(ModelError, match="ill-conditioned"):
        fit(certified.values, certified.design, certified.names)


def test_two_instruments_whose_readings_agree_to_seven_digits():
    # Analysis of variance of AtmWtAgt. With two groups F is the square of t; with as many
    # readings of each, Welch's statistic is Student's.
    one, two = data("AtmWtAgt").T
    between = next(line for line in rows("AtmWtAgt", "Certified Values") if "Between" in line)
    certified = float(between.split()[-1])
    values, second = np.concatenate([one, two]), np.repeat([0.0, 1.0], 24)
    results = fit(values, np.column_stack([np.ones(48), second]), ["one", "two - one"])
    t_statistic = np.asarray(classical(results).tvalues)[1]
    # Eight digits: a mean near 107.868 is rounded to 10^-14, which is 10^-9 of the difference of
    # 2 x 10^-5 between the instruments, and twice that of its square.
    assert digits(t_statistic**2, certified) >= 8
    assert digits(welch(moments(one), moments(two))[3] ** 2, certified) >= 8
