"""Losses of rows in memory and in an engine against Cox's model in statsmodels, with ties."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from column_designs import column_design
from engine_panels import plain_rows
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.duration.hazard_regression import PHReg

from cxroi.errors import ModelError
from cxroi.models import cox
from cxroi.models.cox import fit_cox, robust_errors
from cxroi.models.cox_arrays import ArrayLosses
from cxroi.models.cox_columns import ColumnLosses
from cxroi.models.losses import losses_of
from cxroi.moments.array_design import ArrayDesign

NAMES = ("group = promoter", "tenure", "spend")
EYE = list(np.eye(3))


def data(seed, n=240, pace=12.0, seen=0.7):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"cell": rng.integers(0, 2, n), "tenure": rng.normal(size=n)})
    frame["spend"] = rng.exponential(size=n) - 1
    linear = frame[["cell", "tenure", "spend"]] @ [0.7, 0.4, -0.2]
    frame["days"] = np.ceil(rng.exponential(np.exp(-linear) * pace))  # whole days: many are shared
    frame["seen"] = (rng.random(n) < seen).astype(float)
    frame["unit"] = rng.integers(0, max(n // 4, 2), n)
    return frame.assign(response=np.arange(n))


def matrix_of(frame):
    return frame[["cell", "tenure", "spend"]].to_numpy(dtype=float)


def in_memory(frame):
    days, seen = (frame[name].to_numpy(dtype=float) for name in ("days", "seen"))
    losses = losses_of(ArrayDesign(NAMES, matrix_of(frame)), days, seen)
    assert isinstance(losses, ArrayLosses)
    return losses


def in_engine(frame):
    rows = plain_rows(frame, {"grp": (0, 1)}, types=dict.fromkeys(frame, "number"))
    columns = rows.column("tenure"), rows.column("spend")
    design = column_design(rows, NAMES, np.array([[0.0], [1.0]]), columns, (0, 1, 2))
    losses = losses_of(design, rows.values("days"), rows.values("seen"))
    assert isinstance(losses, ColumnLosses)
    return losses


def in_order(column):
    """The numbers of a column by the number of the response; those of an array as they are."""
    if isinstance(column, np.ndarray):
        return column
    inner = {"v": column, "n": column.rows.column("response")}
    found = column.rows.ask(f"{column.rows.text(['v', 'n'], inner)} ORDER BY n")
    return np.array([v for v, _ in found])


def of_statsmodels(frame):
    return PHReg(frame["days"], matrix_of(frame), status=frame["seen"], ties="breslow")


both = pytest.mark.parametrize("losses_in", [in_memory, in_engine])


@both
@pytest.mark.parametrize("seed", range(3))
def test_coefficients_and_information_are_those_of_statsmodels(losses_in, seed):
    frame = data(seed)
    assert frame["days"].nunique() < len(frame) / 3
    fit, theirs = fit_cox(losses_in(frame)), of_statsmodels(frame).fit(tol=1e-14)
    assert fit.names == NAMES
    np.testing.assert_allclose(fit.params, theirs.params, rtol=1e-8)
    np.testing.assert_allclose(fit.covariance, theirs.cov_params(), rtol=1e-8)


@both
@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(3, 40),
    st.sampled_from([0.5, 3.0, 100.0]),
    st.sampled_from([0.3, 0.8, 1.0]),
    st.lists(st.floats(-3, 3), min_size=3, max_size=3),
)
def test_derivatives_anywhere_are_those_of_statsmodels(losses_in, seed, n, pace, seen, params):
    # Also where all are lost on the same day, or nobody is left at the last.
    frame, at = data(seed, n, pace, seen), np.array(params)
    assume(frame["seen"].any())
    gradient, information = losses_in(frame).derivatives(at)
    model, size = of_statsmodels(frame), np.abs(matrix_of(frame)).max()
    np.testing.assert_allclose(gradient, model.score(at), rtol=1e-9, atol=1e-11 * size * n)
    expected = -model.hessian(at)
    np.testing.assert_allclose(information, expected, rtol=1e-9, atol=1e-11 * size**2 * n)


@both
def test_score_residuals_are_those_of_statsmodels(losses_in):
    frame = data(4)
    theirs = of_statsmodels(frame).fit(tol=1e-14)
    psi, _ = losses_in(frame).score_residuals(theirs.params, EYE)
    found = np.column_stack([in_order(vector) for vector in psi])
    np.testing.assert_allclose(found, theirs.score_residuals, rtol=1e-9, atol=1e-10)
    # Combinations of them are those of the columns.
    [mixed], _ = losses_in(frame).score_residuals(theirs.params, [np.array([2.0, -1.0, 0.5])])
    expected = theirs.score_residuals @ [2.0, -1.0, 0.5]
    np.testing.assert_allclose(in_order(mixed), expected, rtol=1e-9, atol=1e-10)


@both
def test_what_is_put_beside_score_residuals_is_of_the_same_rows(losses_in):
    frame = data(5)
    losses = losses_in(frame)
    psi, beside = losses.score_residuals(np.zeros(3), EYE)
    np.testing.assert_array_equal(in_order(0.0 * psi[0] + beside(losses.days)), frame["days"])


@both
@pytest.mark.parametrize("clustered", [False, True])
def test_robust_errors_are_those_of_statsmodels(losses_in, clustered):
    frame = data(6)
    losses, units = losses_in(frame), frame["unit"] if clustered else frame["response"]
    theirs = of_statsmodels(frame).fit(groups=units.to_numpy(), tol=1e-14)
    clusters = None
    if clustered:
        held = isinstance(losses, ArrayLosses)
        clusters = units.factorize()[0] if held else losses.design.rows.column("unit")
    found = robust_errors(losses, fit_cox(losses), clusters, [0, 2])
    count = units.nunique()  # in place of no correction, G / (G - 1)
    expected = np.asarray(theirs.bse)[[0, 2]] * np.sqrt(count / (count - 1))
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_results_of_rows_in_memory_are_those_of_statsmodels_by_name():
    losses = in_memory(data(7))
    fit = fit_cox(losses)
    results = losses.results(fit)
    assert results.model.exog_names == list(NAMES)
    np.testing.assert_allclose(results.params, fit.params, rtol=1e-8)
    np.testing.assert_allclose(results.cov_params(), fit.covariance, rtol=1e-6)


def test_results_of_rows_in_an_engine_are_the_fit():
    losses = in_engine(data(7))
    fit = fit_cox(losses)
    assert losses.results(fit) is fit


def test_results_that_do_not_converge_are_refused(monkeypatch):
    losses, whole = in_memory(data(7)), PHReg.fit
    fit = fit_cox(losses)
    monkeypatch.setattr(PHReg, "fit", lambda self: whole(self, maxiter=1))
    with pytest.raises(ModelError, match="the Cox model of churn did not converge"):
        losses.results(fit)


def test_a_draft_changes_nothing_but_the_number_of_passes():
    losses = in_engine(data(8, 1200))
    rows = losses.design.rows
    rows.engine.execute("CREATE TABLE fourth AS SELECT * FROM joined WHERE response % 4 = 0")
    for draft in ("fourth", "(SELECT * FROM joined WHERE seen = 0)"):  # of the latter none is lost
        drafted = losses.on(replace(rows, subsample=draft, known={}))
        plain, begun = fit_cox(losses), fit_cox(drafted)
        np.testing.assert_allclose(begun.params, plain.params, rtol=1e-9)
        assert begun.passes <= plain.passes
    assert losses.subsample() is None
    assert in_memory(data(8)).subsample() is None


@both
def test_a_fit_that_does_not_converge_is_refused(losses_in, monkeypatch):
    monkeypatch.setattr(cox, "MOST_STEPS", 1)
    with pytest.raises(ModelError, match="the Cox model of churn did not converge"):
        fit_cox(losses_in(data(9)))


@both
def test_a_column_that_tells_who_is_lost_is_refused_by_name(losses_in):
    frame = data(10)
    frame.loc[frame["cell"] == 1, "seen"] = 0.0
    with pytest.raises(ModelError, match=r"group = promoter .*determines 'churn'"):
        fit_cox(losses_in(frame))


@both
def test_columns_that_say_the_same_are_refused(losses_in):
    frame = data(11)
    with pytest.raises(ModelError, match="collinear or empty"):
        fit_cox(losses_in(frame.assign(spend=0.0)))


def test_a_design_of_another_kind_is_refused():
    with pytest.raises(TypeError, match="another kind: ndarray"):
        losses_of(np.ones((2, 1)), np.ones(2), np.ones(2))
