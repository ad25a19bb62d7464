from fractions import Fraction

import numpy as np
import pytest
import statsmodels.api as sm

from cxroi.errors import ModelError
from cxroi.models.statsmodels_results import fit_wls, statsmodels_results

RNG = np.random.default_rng(21)
DESIGN = np.column_stack([np.ones(90), RNG.random(90) < 0.4, RNG.normal(size=(90, 2))])
VALUES = DESIGN @ [3.0, 1.0, -2.0, 0.5] + RNG.normal(size=90) * (1 + DESIGN[:, 1])
WEIGHTS = RNG.choice([1.0, 2.5], 90)
# Years around 2000 and their square: a condition number of nine million.
YEARS = np.column_stack([np.ones(40), *((2000.0 + np.arange(40) / 8) ** k for k in (1, 2))])


def exact(design, values):
    """Solve the normal equations in fractions, so without any rounding, by elimination."""
    rows = [[Fraction(float(v)) for v in row] for row in design]
    right = [Fraction(float(v)) for v in values]
    size = design.shape[1]
    table = [
        [sum(row[i] * row[j] for row in rows) for j in range(size)]
        + [sum(row[i] * y for row, y in zip(rows, right, strict=True))]
        for i in range(size)
    ]
    for i in range(size):
        table[i] = [v / table[i][i] for v in table[i]]
        for j in set(range(size)) - {i}:
            table[j] = [a - table[j][i] * b for a, b in zip(table[j], table[i], strict=True)]
    return [float(row[-1]) for row in table]


@pytest.mark.parametrize("weights", [np.ones(90), WEIGHTS])
@pytest.mark.parametrize(
    "covariance",
    [
        {},
        {"cov_type": "HC1"},
        {"cov_type": "cluster", "cov_kwds": {"groups": np.arange(90) // 3}},
    ],
)
def test_everything_is_as_statsmodels_has_it(weights, covariance):
    theirs = sm.WLS(VALUES, DESIGN, weights=weights).fit(**covariance)
    ours = fit_wls(sm.WLS(VALUES, DESIGN, weights=weights), covariance)
    for name in ("params", "bse", "pvalues", "resid", "rsquared", "df_resid", "df_model", "llf"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-9), name
    assert ours.conf_int() == pytest.approx(theirs.conf_int(), rel=1e-9)
    assert ours.f_pvalue == pytest.approx(theirs.f_pvalue, rel=1e-9)
    assert str(ours.summary()).split("Cond.")[0].count("x1") == 1


@pytest.mark.parametrize("noise", [1.0, 1e6])
def test_an_ill_conditioned_design_is_solved_to_the_last_digits(noise):
    values = YEARS @ [1.0, 2.0, 3.0] + noise * RNG.normal(size=40)
    ours = fit_wls(sm.WLS(values, YEARS), {})
    assert ours.params == pytest.approx(exact(YEARS, values), rel=1e-14)


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_units_of_a_column_change_nothing_else(unit):
    scaled = DESIGN * [1.0, 1.0, unit, 1.0]
    plain, ours = (fit_wls(sm.WLS(VALUES, x), {}) for x in (DESIGN, scaled))
    assert ours.params * [1, 1, unit, 1] == pytest.approx(plain.params, rel=1e-10)
    assert ours.bse * [1, 1, unit, 1] == pytest.approx(plain.bse, rel=1e-10)


ETA = 0.3 * DESIGN[:, 1] + 0.4 * DESIGN[:, 2]
OUTCOMES = {
    "logit": (RNG.random(90) < 1 / (1 + np.exp(-ETA))).astype(float),
    "poisson": RNG.poisson(np.exp(ETA)).astype(float),
    "gamma": RNG.gamma(0.7, np.exp(ETA)),
}
FAMILIES = {
    "logit": sm.families.Binomial(),
    "poisson": sm.families.Poisson(),
    "gamma": sm.families.Gamma(sm.families.links.Log()),
}
NAMES = ("intercept", "group", "a", "b")


def results_of(family, params, weights=None):
    weights, rows = np.ones(90) if weights is None else weights, np.arange(90)
    return statsmodels_results(
        family, OUTCOMES[family], DESIGN, NAMES, weights, rows, params, "spend"
    )


@pytest.mark.parametrize("weighted", [False, True])
# From zero on they stop where the deviance does, short of the last digits.
@pytest.mark.parametrize(("begun", "near"), [(1.0, 1e-8), (0.0, 1e-4)])
@pytest.mark.parametrize("family", OUTCOMES)
def test_begun_anywhere_they_end_where_statsmodels_does(family, begun, near, weighted):
    weights = WEIGHTS if weighted else np.ones(90)
    model = sm.GLM(OUTCOMES[family], DESIGN, FAMILIES[family], var_weights=weights)
    # Weighted ones hold the model's own errors: statsmodels has no robust ones with var_weights.
    kind = {} if weighted else {"cov_type": "HC1"}
    theirs = model.fit(tol=1e-14, tol_criterion="params", maxiter=200, **kind)
    found = results_of(family, begun * np.asarray(theirs.params), weights)
    assert list(found.params.index) == list(NAMES)
    assert found.params.to_numpy() == pytest.approx(theirs.params, rel=near)
    assert found.bse.to_numpy() == pytest.approx(theirs.bse, rel=near)
    assert found.cov_type == theirs.cov_type


@pytest.mark.parametrize("family", OUTCOMES)
def test_results_that_do_not_converge_are_refused(family, monkeypatch):
    whole = sm.GLM.fit
    monkeypatch.setattr(sm.GLM, "fit", lambda self, **kw: whole(self, **{**kw, "maxiter": 1}))
    with pytest.raises(ModelError, match=f"the {family} model of 'spend' did not converge"):
        results_of(family, np.zeros(4))
