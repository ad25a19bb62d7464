"""Models fitted from sums against statsmodels fitted to rows, and refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from array_fits import fit_glm
from column_designs import column_design
from engine_panels import plain_rows

from cxroi.errors import ModelError
from cxroi.models.newton import Model, fit_moments, fit_together, solve_scaled
from cxroi.moments import influence
from cxroi.moments.array_design import ArrayDesign

MODELS = {
    "ols": sm.families.Gaussian(),
    "logit": sm.families.Binomial(),
    "poisson": sm.families.Poisson(),
    "gamma": sm.families.Gamma(sm.families.links.Log()),
}
NAMES = ["intercept", "group", "colour", "x", "z"]
DISCRETE = np.array([[1.0, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1]])


def data(seed=5, n=1500):
    rng = np.random.default_rng(seed)
    cell, x, z = rng.integers(0, 4, n), rng.normal(size=n), rng.exponential(size=n) - 1
    eta = DISCRETE[cell] @ [0.3, 0.5, -0.4] + 0.3 * x + 0.2 * z
    return pd.DataFrame(
        {
            "cell": cell,
            "x": x,
            "z": z,
            "ols": 10 * eta + rng.standard_t(3, n),
            "logit": (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float),
            "poisson": rng.poisson(np.exp(eta)).astype(float),
            "gamma": rng.gamma(0.7, np.exp(eta) / 0.7) + 1e-12,
            "w": rng.uniform(0.2, 3.0, n),
            "unit": rng.integers(0, 300, n),
        }
    )


FRAME = data()
MATRIX = np.column_stack([DISCRETE[FRAME["cell"]], FRAME["x"], FRAME["z"]])
CELLS = {"grp": (0, 1, 0, 1), "colour": (None, None, "it's", "it's")}


def design_of(rows):
    return column_design(
        rows, tuple(NAMES), DISCRETE, (rows.column("x"), rows.column("z")), range(5)
    )


@pytest.fixture(scope="module")
def rows():
    return plain_rows(FRAME, CELLS)


def of_rows(family, values, matrix, weights):
    """The coefficients to the last digit, and the sandwich of HC1 from its definition."""
    weights = weights * np.ones(len(values))
    model = sm.GLM(values, matrix, family=MODELS[family], var_weights=weights)
    params = np.asarray(model.fit(tol=1e-14, tol_criterion="params", maxiter=200).params)
    scores = matrix * model.score_factor(params, scale=1.0)[:, None]
    bread = np.linalg.inv(-model.hessian(params, scale=1.0, observed=True))
    n, k = matrix.shape
    return params, np.sqrt(np.diag(bread @ scores.T @ scores @ bread) * n / (n - k))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("family", MODELS)
def test_coefficients_and_errors_are_those_of_statsmodels(rows, family, weighted):
    weights = FRAME["w"].to_numpy() if weighted else np.ones(len(FRAME))
    params, errors = of_rows(family, FRAME[family].to_numpy(), MATRIX, weights)
    column = rows.column("w") if weighted else None
    fit = fit_moments(family, rows.column(family), design_of(rows), column)
    np.testing.assert_allclose(fit.params, params, rtol=1e-8)
    np.testing.assert_allclose(fit.std_errors, errors, rtol=1e-8)
    robust = fit_moments(family, rows.column(family), design_of(rows), column, robust=True)
    np.testing.assert_allclose(robust.std_errors, errors, rtol=1e-8)
    assert robust.meat is not None


@pytest.mark.parametrize("family", ["ols", "logit", "poisson"])
def test_unweighted_errors_are_the_hc1_of_statsmodels(rows, family):
    # That of a Gamma rests on the expected information; outside OLS its HC1 has no n / (n - k).
    fit = fit_moments(family, rows.column(family), design_of(rows))
    n, k = MATRIX.shape
    if family == "ols":
        expected = sm.OLS(FRAME["ols"], MATRIX).fit(cov_type="HC1").bse
    else:
        made = sm.GLM(FRAME[family], MATRIX, family=MODELS[family])
        expected = made.fit(cov_type="HC1", tol=1e-14).bse * np.sqrt(n / (n - k))
    np.testing.assert_allclose(fit.std_errors, expected, rtol=1e-8)


@pytest.mark.parametrize("family", ["ols", "logit", "poisson"])
def test_errors_by_cluster_are_those_of_statsmodels(rows, family):
    values, w = rows.column(family), rows.column("1e0")
    unit = rows.column("unit")
    fit = fit_glm(family, values, design_of(rows), NAMES, w, unit, outcome="y")
    columns = [fit.influence @ np.eye(5)[k] for k in range(5)]
    covariance = influence.covariance(columns, unit)
    kind = {"cov_type": "cluster", "cov_kwds": {"groups": FRAME["unit"], "use_correction": False}}
    made = sm.GLM(FRAME[family], MATRIX, family=MODELS[family]).fit(tol=1e-14, **kind)
    units = FRAME["unit"].nunique()
    np.testing.assert_allclose(fit.params, made.params, rtol=1e-8)
    # In place of no correction, G / (G - k) for G clusters.
    expected = np.asarray(made.cov_params()) * units / (units - 5)
    np.testing.assert_allclose(covariance, expected, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("family", MODELS)
def test_part_of_the_rows(rows, family):
    part = FRAME["x"].to_numpy() > -0.5
    params, errors = of_rows(family, FRAME.loc[part, family].to_numpy(), MATRIX[part], 1.0)
    chosen, one = rows.column("x") > -0.5, rows.column("1e0")
    fit = fit_glm(
        family, rows.column(family), design_of(rows), NAMES, one, None, outcome="y", rows=chosen
    )
    np.testing.assert_allclose(fit.params, params, rtol=1e-8)
    found = [influence.std_error(fit.influence @ np.eye(5)[k], None) for k in range(5)]
    np.testing.assert_allclose(found, errors, rtol=1e-8)
    predicted = np.asarray(MODELS[family].link.inverse(MATRIX @ params))
    assert fit.mean(design_of(rows)).sum() == pytest.approx(predicted.sum(), rel=1e-9)


@pytest.mark.parametrize(("family", "unit"), [("ols", 1e-9), *((family, 1e9) for family in MODELS)])
def test_columns_of_any_unit(family, unit):
    scaled = plain_rows(FRAME.assign(x=FRAME["x"] * unit), CELLS)
    fit = fit_moments(family, scaled.column(family), design_of(scaled))
    params, errors = of_rows(family, FRAME[family].to_numpy(), MATRIX, np.ones(len(FRAME)))
    size = np.array([1, 1, 1, unit, 1])
    np.testing.assert_allclose(fit.params * size, params, rtol=1e-8)
    np.testing.assert_allclose(fit.std_errors * size, errors, rtol=1e-8)


def test_a_log_ratio_of_millions_is_refused():
    # Columns come standardised: such a one is on its way to infinity.
    said = refused("poisson", FRAME.assign(x=FRAME["x"] * 1e-9, y=FRAME["poisson"], cell=0))
    assert "the poisson model of 'spend' did not converge" in said


@pytest.mark.parametrize("unit", [1e9, 1e-9])
@pytest.mark.parametrize("family", ["ols", "gamma"])
def test_outcomes_of_any_unit(family, unit):
    scaled = plain_rows(FRAME.assign(**{family: FRAME[family] * unit}), CELLS)
    fit = fit_moments(family, scaled.column(family), design_of(scaled))
    params, errors = of_rows(family, FRAME[family].to_numpy(), MATRIX, np.ones(len(FRAME)))
    if family == "ols":
        params, errors = params * unit, errors * unit
    else:
        params = params + np.array([np.log(unit), 0, 0, 0, 0])
    np.testing.assert_allclose(fit.params, params, rtol=1e-8)
    np.testing.assert_allclose(fit.std_errors, errors, rtol=1e-8)


def test_a_draft_changes_nothing_but_the_number_of_passes(rows):
    rows.engine.execute("CREATE OR REPLACE TABLE fourth AS SELECT * FROM joined WHERE unit % 4 = 0")
    drafted = replace(rows, subsample="fourth", known={})
    for family in MODELS:
        plain = fit_moments(family, rows.column(family), design_of(rows))
        begun = fit_moments(family, drafted.column(family), design_of(drafted))
        np.testing.assert_allclose(begun.params, plain.params, rtol=1e-9)
        assert begun.passes <= plain.passes


@pytest.mark.parametrize(
    "few",
    [
        "cell IN (0, 2) AND unit % 4 = 0",
        "logit = 0 AND poisson = 0",
        "cell = 0 OR logit = 1",
        "false",
    ],
    ids=["a cell without rows", "all the same", "separated", "empty"],
)
def test_a_draft_that_cannot_be_fitted_does_not_end_the_fit(rows, few):
    rows.engine.execute(f"CREATE OR REPLACE TABLE poor AS SELECT * FROM joined WHERE {few}")
    drafted = replace(rows, subsample="poor", known={})
    plain = fit_moments("logit", rows.column("logit"), design_of(rows))
    begun = fit_moments("logit", drafted.column("logit"), design_of(drafted))
    np.testing.assert_allclose(begun.params, plain.params, rtol=1e-9)


@pytest.mark.parametrize("family", ["logit", "poisson"])
def test_rows_set_apart_end_a_fit_where_they_end_that_of_statsmodels(family):
    """Three rows, all without the outcome, lie far out on a column that is constant elsewhere."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=1500)
    far = np.where(np.arange(1500) < 3, 30.0, 0.0)
    far = (far - far.mean()) / far.std()
    mean = 60 * np.exp(0.3 * x) if family == "poisson" else 1 / (1 + np.exp(-0.4 * x))
    y = rng.poisson(mean) if family == "poisson" else (rng.random(1500) < mean) * 1
    y = np.where(np.arange(1500) < 3, 0.0, y)
    rows = plain_rows(pd.DataFrame({"x": x, "far": far, "y": y}))
    columns = (rows.column("x"), rows.column("far"))
    design = column_design(rows, ("intercept", "x", "far"), np.ones((1, 1)), columns, (0, 1, 2))
    fit = fit_moments(family, rows.column("y"), design)
    matrix = np.column_stack([np.ones(1500), x, far])
    results = sm.GLM(y, matrix, family=MODELS[family]).fit()
    assert fit.params[1] == pytest.approx(results.params[1], rel=1e-8)
    linear, theirs = matrix @ fit.params, matrix @ results.params
    np.testing.assert_allclose(linear[3:], theirs[3:], rtol=1e-7, atol=1e-7)
    # Newton's steps move the rows apart by one each: they ended at the same one, or the next.
    assert linear[:3] == pytest.approx(theirs[:3], abs=1.1)


def heavy(seed, spread):
    rng = np.random.default_rng(seed)
    x = np.exp(spread * rng.normal(size=2000))
    x = (x - x.mean()) / x.std()
    y = rng.poisson(np.exp(0.3 * x)).astype(float)
    return pd.DataFrame({"x": x, "y": y, "cell": 0})


def fitted(family, frame):
    rows = plain_rows(frame)
    design = column_design(rows, ("intercept", "x"), np.ones((1, 1)), (rows.column("x"),), (0, 1))
    return fit_moments(family, rows.column("y"), design)


@pytest.mark.parametrize("family", ["poisson", "gamma"])
@pytest.mark.parametrize("seed", range(3))
def test_heavy_tails(family, seed):
    frame = heavy(seed, 1.0)
    frame["y"] += 0.5 * (family == "gamma")
    params, _ = of_rows(family, frame["y"].to_numpy(), sm.add_constant(frame["x"]).to_numpy(), 1.0)
    np.testing.assert_allclose(fitted(family, frame).params, params, rtol=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_very_heavy_tails_converge_as_in_statsmodels(seed):
    frame = heavy(seed, 2.0)
    params, _ = of_rows("poisson", frame["y"].to_numpy(), sm.add_constant(frame["x"]).to_numpy(), 1)
    np.testing.assert_allclose(fitted("poisson", frame).params, params, rtol=1e-7)


def refused(family, frame, discrete=None, names=("intercept", "x", "z"), **more):
    rows = plain_rows(frame, **more)
    discrete = np.ones((1, 1)) if discrete is None else discrete
    columns = tuple(rows.column(name) for name in ("x", "z"))
    design = column_design(rows, names, discrete, columns, range(len(names)))
    with pytest.raises(ModelError) as caught:
        fit_glm(
            family, rows.column("y"), design, list(names), rows.column("1e0"), None, outcome="spend"
        )
    return str(caught.value)


@pytest.mark.parametrize("off", [0.0, 1e-6])
def test_nearly_collinear_columns_are_refused_by_name(off):
    frame = FRAME.assign(y=FRAME["ols"], cell=0)
    frame["z"] = frame["x"] * 1e6 + off * 1e6 * frame["z"]
    said = refused("ols", frame)
    assert "collinear in the model of 'spend': x, z" in said


def test_columns_less_nearly_collinear_are_fitted():
    frame = FRAME.assign(y=FRAME["ols"], cell=0)
    frame["z"] = frame["x"] + 1e-3 * frame["z"]
    rows = plain_rows(frame)
    columns = (rows.column("x"), rows.column("z"))
    design = column_design(rows, ("intercept", "x", "z"), np.ones((1, 1)), columns, range(3))
    one = rows.column("1e0")
    fit = fit_glm("ols", rows.column("y"), design, list(design.names), one, None, outcome="y")
    expected = np.linalg.lstsq(sm.add_constant(frame[["x", "z"]]), frame["y"], rcond=None)[0]
    np.testing.assert_allclose(fit.params, expected, rtol=1e-9)


def test_a_group_without_rows_is_refused_by_name():
    frame = FRAME.assign(y=FRAME["ols"], cell=0)
    discrete, names = np.array([[1.0, 0], [1, 1]]), ("intercept", "group = promoter", "x", "z")
    said = refused("ols", frame, discrete, names, cells={"grp": (0, 1)})
    assert "'group = promoter' has no row with 'spend'" in said


@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_a_level_with_one_answer_is_refused_by_name(answer):
    frame = FRAME.assign(y=FRAME["logit"], cell=(FRAME["unit"] < 20).astype(int))
    frame.loc[frame["cell"] == 1, "y"] = answer
    discrete, names = np.array([[1.0, 0], [1, 1]]), ("intercept", "region = north", "x", "z")
    said = refused("logit", frame, discrete, names, cells={"grp": (0, 1)})
    size = int((frame["cell"] == 1).sum())
    assert f"'region = north' separates 'spend': all its {size} rows are {answer:g}" in said


@pytest.mark.parametrize(
    ("line", "named"), [((1, 0), "x"), ((-1, 0), "x"), ((1, 1), "a combination of columns")]
)
def test_what_separates_is_named_alike_on_rows_and_sums(line, named):
    one, x, z = MATRIX[:, 0], FRAME["x"].to_numpy(), FRAME["z"].to_numpy()
    y = (line[0] * x + line[1] * z > 0.2).astype(float)
    said = f"{named} separates 'spend' perfectly"
    assert refused("logit", FRAME.assign(cell=0, y=y)).startswith(said)
    columns, names = np.column_stack([one, x, z]), ["intercept", "x", "z"]
    with pytest.raises(ModelError, match=said):
        fit_glm("logit", y, columns, names, one, np.arange(len(y)), outcome="spend")


def test_a_chance_that_is_one_to_the_last_digit_is_refused_on_rows_and_sums_alike():
    """Three rows apart on a column: the nearer two go on moving it until the third is certain."""
    rng = np.random.default_rng(8)
    x, z = rng.normal(size=1500), np.zeros(1500)
    z[:3] = 10, 10, 40
    z = (z - z.mean()) / z.std()
    y = (rng.random(1500) < 1 / (1 + np.exp(-0.4 * x))) * 1.0
    y[:3] = 1
    said = "the logit model of 'spend' has no errors: x, z (nearly) determine it"
    assert said in refused("logit", pd.DataFrame({"x": x, "z": z, "y": y}))
    one, names = np.ones(1500), ["intercept", "x", "z"]
    matrix = np.column_stack([one, x, z])
    with pytest.raises(ModelError) as caught:
        fit_glm("logit", y, matrix, names, one, np.arange(1500), outcome="spend")
    assert said in str(caught.value)


def test_constant_outcomes(rows):
    fit = fit_moments("ols", rows.column("7e0"), design_of(rows))
    np.testing.assert_allclose(fit.params, [7, 0, 0, 0, 0], atol=1e-13)
    fit = fit_moments("gamma", rows.column("7e0"), design_of(rows))
    np.testing.assert_allclose(fit.params, [np.log(7), 0, 0, 0, 0], atol=1e-13)


@pytest.mark.parametrize("family", ["poisson", "gamma"])
def test_an_outcome_of_zeros_is_refused(rows, family):
    one = rows.column("1e0")
    with pytest.raises(ModelError):
        fit_glm(family, rows.column("0e0"), design_of(rows), NAMES, one, None, outcome="y")


@pytest.mark.parametrize("answer", ["0e0", "1e0"])
def test_one_answer_of_everybody_is_refused(rows, answer):
    one = rows.column("1e0")
    with pytest.raises(ModelError, match="separates"):
        fit_glm("logit", rows.column(answer), design_of(rows), NAMES, one, None, outcome="y")


def test_solving_keeps_its_digits_whatever_the_units():
    matrix = np.array([[4.0, 1.0], [1.0, 3.0]])
    size = np.array([1e150, 1e-150])
    found = solve_scaled(matrix * np.outer(size, size), np.array([1.0, 2.0]) * size)
    np.testing.assert_allclose(found * size, np.array([1.0, 7.0]) / 11, rtol=1e-14)
    for singular in (np.ones((2, 2)), np.zeros((2, 2))):
        with pytest.raises(ModelError, match="collinear or empty"):
            solve_scaled(singular, np.ones(2))


def test_a_ridge_holds_a_fit_whatever_the_size_of_a_column():
    """A column in other units has other coefficients and no other fit."""
    tiny = np.append(np.ones(4), 1e-10)
    ridge = np.diag([0.0, 1, 1, 1, 1])
    values, weights = FRAME["logit"].to_numpy(), np.ones(len(FRAME))
    one, two = (
        fit_together(
            [Model("logit", values, weights, penalty=ridge * np.outer(scale, scale))],
            ArrayDesign(tuple(NAMES), MATRIX * scale),
        )[0]
        for scale in (np.ones(5), tiny)
    )
    assert abs(two.params[-1]) > 1e6
    assert two.params * tiny == pytest.approx(one.params, rel=1e-7)
    slope = MATRIX.T @ (values - 1 / (1 + np.exp(-MATRIX @ one.params)))
    assert slope == pytest.approx(ridge @ one.params, abs=1e-6)  # the minimum, by its gradient
