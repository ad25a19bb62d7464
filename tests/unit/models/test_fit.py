import numpy as np
import pytest
import statsmodels.api as sm
from array_fits import fit_glm

from cxroi.errors import ModelError
from cxroi.models import newton
from cxroi.moments import influence

N = 300
NAMES = ["intercept", "group = promoter", "age (per SD)"]
RNG = np.random.default_rng(11)
DESIGN = np.column_stack([np.ones(N), RNG.random(N) < 0.4, RNG.normal(size=N)]).astype(float)
ETA = DESIGN @ [0.2, 0.5, 0.4]
VALUES = {
    "ols": ETA + RNG.normal(size=N) * (1 + DESIGN[:, 1]),
    "logit": (RNG.random(N) < 1 / (1 + np.exp(-ETA))).astype(float),
    "poisson": RNG.negative_binomial(2, 2 / (2 + np.exp(ETA))).astype(float),
    "gamma": RNG.gamma(0.7, np.exp(ETA) / 0.7),
}
FAMILIES = {
    "ols": sm.families.Gaussian(),
    "logit": sm.families.Binomial(),
    "poisson": sm.families.Poisson(),
    "gamma": sm.families.Gamma(sm.families.links.Log()),
}


def fit(family, values=None, design=DESIGN, names=NAMES, weights=None, clusters=None, **more):
    values = VALUES[family] if values is None else values
    return fit_glm(
        family,
        values,
        design,
        names,
        np.ones(len(values)) if weights is None else weights,
        np.arange(len(values)) if clusters is None else clusters,
        outcome="spend",
        **more,
    )


@pytest.mark.parametrize("family", VALUES)
def test_fit_solves_the_likelihood_equations(family):
    # X'(y - mu) = 0 for canonical links, X'(y - mu)/mu = 0 for Gamma with log link.
    mu = fit(family).mean(DESIGN)
    residual = (VALUES[family] - mu) / (mu if family == "gamma" else 1)
    assert DESIGN.T @ residual == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("family", VALUES)
def test_coefficients_are_those_of_statsmodels(family, weighted):
    weights = np.random.default_rng(2).uniform(0.2, 3, N) if weighted else np.ones(N)
    model = sm.GLM(VALUES[family], DESIGN, FAMILIES[family], var_weights=weights)
    theirs = model.fit(tol=1e-14, tol_criterion="params", maxiter=200).params
    assert fit(family, weights=weights).params == pytest.approx(theirs, rel=1e-8)


@pytest.mark.parametrize("unit", [1e8, 1e-9])
@pytest.mark.parametrize("family", ["ols", "poisson", "gamma"])
def test_amounts_in_any_currency_give_the_same(family, unit):
    one, other = fit(family), fit(family, VALUES[family] * unit)
    turned = one.params * unit if family == "ols" else one.params + np.array([np.log(unit), 0, 0])
    assert other.params == pytest.approx(turned, rel=1e-8)


def test_errors_of_least_squares_are_hc1():
    theirs = sm.OLS(VALUES["ols"], DESIGN).fit(cov_type="HC1").cov_params()
    ours = influence.covariance(fit("ols").influence.T, np.arange(N))
    assert ours == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("family", ["logit", "poisson"])
def test_errors_of_canonical_links_are_hc1(family):
    # statsmodels leaves the factor n/(n - k) of HC1 out of generalised linear models.
    made = sm.GLM(VALUES[family], DESIGN, FAMILIES[family]).fit(tol=1e-14, cov_type="HC0")
    ours = influence.covariance(fit(family).influence.T, np.arange(N))
    assert ours == pytest.approx(made.cov_params() * N / (N - 3), rel=1e-8)


def test_gamma_errors_use_the_observed_information():
    # Log link: score x (y - mu)/mu, observed information sum of x x' y/mu; factor n/(n - k).
    made = fit("gamma")
    y, mu = VALUES["gamma"], made.mean(DESIGN)
    bread = np.linalg.inv((DESIGN * (y / mu)[:, None]).T @ DESIGN)
    scores = DESIGN * ((y - mu) / mu)[:, None]
    expected = bread @ scores.T @ scores @ bread * N / (N - 3)
    assert influence.covariance(made.influence.T, np.arange(N)) == pytest.approx(expected)


@pytest.mark.parametrize("family", ["ols", "logit", "poisson"])
def test_clustered_errors(family):
    clusters = np.arange(N) // 3
    theirs = sm.GLM(VALUES[family], DESIGN, FAMILIES[family]).fit(
        tol=1e-14, cov_type="cluster", cov_kwds={"groups": clusters}
    )
    ours = influence.covariance(fit(family, clusters=clusters).influence.T, clusters)
    # Ours takes G/(G - k), statsmodels G/(G - 1) (N - 1)/(N - k).
    factor = (100 / 97) / (100 / 99 * 299 / 297)
    assert ours / factor == pytest.approx(theirs.cov_params(), rel=1e-8)


@pytest.mark.parametrize("family", VALUES)
def test_weights_are_survey_weights(family):
    # A weight of 3 is three people for the estimate, but one for its error.
    weights = np.random.default_rng(2).choice([1.0, 2.0, 3.0], N)
    repeat = weights.astype(int)
    once = fit(family, weights=weights)
    rows = np.repeat(np.arange(N), repeat)
    many = fit(family, np.repeat(VALUES[family], repeat), DESIGN[rows], clusters=rows)
    assert once.mean(DESIGN) == pytest.approx(many.mean(DESIGN), rel=1e-8)
    ours = influence.covariance(once.influence.T, np.arange(N))
    assert ours == pytest.approx(influence.covariance(many.influence.T, rows), rel=1e-8)


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("family", VALUES)
def test_the_results_for_analysts_are_those_of_statsmodels(family, clustered):
    clusters = np.arange(N) // 3 if clustered else np.arange(N)
    kind = {"cov_type": "HC1"}
    if clustered:
        kind = {"cov_type": "cluster", "cov_kwds": {"groups": clusters}}
    if family == "ols":
        theirs = sm.OLS(VALUES[family], DESIGN).fit(**kind)
    else:
        exact = {"tol": 1e-14, "tol_criterion": "params", "maxiter": 200}
        theirs = sm.GLM(VALUES[family], DESIGN, FAMILIES[family]).fit(**exact, **kind)
    made = fit(family, clusters=clusters)
    assert list(made.results.params.index) == NAMES
    assert made.results.params.to_numpy() == pytest.approx(made.params, rel=1e-8)
    assert made.results.bse.to_numpy() == pytest.approx(theirs.bse, rel=1e-7)
    assert made.results.cov_type == kind["cov_type"]


@pytest.mark.parametrize("family", VALUES)
def test_slope_is_the_derivative_of_the_mean(family):
    made, step = fit(family), 1e-6
    up = np.array([step, 0, 0])
    rise = made.mean(DESIGN + up) - made.mean(DESIGN - up)
    params = np.asarray(made.results.params)
    assert made.slope(DESIGN) * params[0] == pytest.approx(rise / (2 * step), rel=1e-5)


def test_rows_left_out_have_no_influence():
    bought = VALUES["poisson"] > 0
    made = fit("gamma", VALUES["poisson"], rows=bought)
    assert not made.influence[~bought].any()
    alone = fit("gamma", VALUES["poisson"][bought], DESIGN[bought])
    assert made.influence[bought] == pytest.approx(alone.influence)


def test_a_category_with_one_answer_is_refused():
    values = np.where(DESIGN[:, 1] == 1, 1.0, VALUES["logit"])
    with pytest.raises(ModelError, match="'group = promoter' separates 'spend'"):
        fit("logit", values)


def test_a_reference_with_one_answer_is_refused():
    values = np.where(DESIGN[:, 1] == 0, 1.0, VALUES["logit"])
    with pytest.raises(ModelError, match=r"group = promoter .*determines"):
        fit("logit", values)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_quantity_that_splits_the_answers_is_named(sign):
    values = (sign * DESIGN[:, 2] > 0.3).astype(float)
    with pytest.raises(ModelError, match=r"age \(per SD\) separates 'spend' perfectly"):
        fit("logit", values)


def test_two_columns_that_split_the_answers_together_are_refused():
    other = np.random.default_rng(4).normal(size=N)
    values = (DESIGN[:, 2] + other > 0).astype(float)
    with pytest.raises(ModelError, match=r"combination of columns separates|determines"):
        fit("logit", values, np.column_stack([DESIGN, other]), [*NAMES, "other (per SD)"])


def test_a_split_with_one_tie_is_refused():
    design = DESIGN.copy()
    design[:, 2] = np.round(design[:, 2], 1)
    values = (design[:, 2] > 0).astype(float)
    tied = np.flatnonzero(design[:, 2] == 0)
    values[tied[: len(tied) // 2]] = 1.0
    with pytest.raises(ModelError, match=r"age|did not converge"):
        fit("logit", values, design)


def test_a_category_without_any_count_is_refused():
    values = np.where(DESIGN[:, 1] == 1, 0.0, VALUES["poisson"])
    with pytest.raises(ModelError, match="group = promoter"):
        fit("poisson", values)


@pytest.mark.parametrize("family", VALUES)
def test_collinear_columns_are_named(family):
    design = np.column_stack([DESIGN, DESIGN[:, 1] - 2 * DESIGN[:, 2]])
    with pytest.raises(ModelError, match=r"collinear .*group = promoter, age"):
        fit(family, design=design, names=[*NAMES, "mix"])


def test_a_column_without_rows_is_named():
    design = DESIGN.copy()
    design[:, 1] = 0
    with pytest.raises(ModelError, match="'group = promoter' has no row"):
        fit("ols", design=design)


@pytest.mark.parametrize("family", ["logit", "poisson", "gamma"])
def test_a_fit_that_does_not_converge_is_refused(family, monkeypatch):
    monkeypatch.setattr(newton, "MOST_STEPS", 1)
    with pytest.raises(ModelError, match=f"the {family} model of 'spend' did not converge"):
        fit(family)


def test_a_model_without_errors_is_refused_by_the_name_of_its_columns():
    """Points that nearly separate who bought: the fit converges, its information is singular."""
    rng = np.random.default_rng(4)
    bought = rng.random(1000) < 0.88
    spend = np.where(bought, rng.gamma(2, 40, 1000), 0)
    points = np.round(1.1 * spend + rng.normal(0, 10, 1000)).clip(0)
    design = np.column_stack([np.ones(1000), (points - points.mean()) / points.std()])
    with pytest.raises(ModelError, match="points"):
        fit_glm(
            "logit",
            bought.astype(float),
            design,
            ["intercept", "points"],
            np.ones(1000),
            np.arange(1000),
            outcome="spend",
        )
