"""The logit of one group against another with its ridge, against scipy's minimum."""

import numpy as np
import pytest
import statsmodels.api as sm
from panels import customers, make_panel, make_study
from scipy.optimize import minimize
from scipy.special import expit

from cxroi.errors import ModelError
from cxroi.models.flexible_basis import Basis, flexible_basis
from cxroi.models.propensity import fit_propensity
from cxroi.models.sample import take_sample

PAIR = ("passive", "promoter")


@pytest.fixture
def fitted(tmp_path):
    def make(frame, ridge=1.0, controls=("tenure", "region")):
        panel = make_panel(make_study(tmp_path, {"spend": "amount"}, controls=controls), frame)
        sample = take_sample(panel, "spend")
        made = flexible_basis(sample, panel.study, PAIR)
        basis = Basis(made.design, ridge * made.ridge)
        make.sample = sample
        return basis, fit_propensity(sample, basis, *PAIR)

    return make


@pytest.mark.parametrize("weights", [False, True])
def test_it_is_the_minimum_of_the_penalised_likelihood(fitted, weights):
    frame = customers(900)
    if weights:
        frame["weight"] = np.random.default_rng(2).choice([0.5, 1.0, 3.0], 900)
    basis, found = fitted(frame)
    x, ridge = basis.design.matrix, basis.ridge
    promoter = (frame["score"] == 9).to_numpy()
    w = (frame["weight"] / frame["weight"].mean()).to_numpy() * (frame["score"] >= 7)

    def loss(b):
        sign = np.where(promoter, 1, -1)
        return w @ np.logaddexp(0, -sign * (x @ b)) + b @ ridge @ b / 2

    def slope(b):
        return x.T @ (w * (expit(x @ b) - promoter)) + ridge @ b

    least = minimize(loss, np.zeros(x.shape[1]), jac=slope, method="BFGS", options={"gtol": 1e-9})
    assert found.linear == pytest.approx(x @ least.x, abs=1e-6)
    assert found.chance == pytest.approx(expit(x @ least.x), abs=1e-7)
    assert found.odds_from == pytest.approx(1 / found.chance - 1)
    p = found.chance
    information = (x.T * np.asarray(w * p * (1 - p))) @ x + ridge
    assert found.information == pytest.approx(information, rel=1e-7, abs=1e-7)
    assert np.array_equal(found.is_target, promoter)


def test_without_a_ridge_it_is_the_logit_of_statsmodels(fitted):
    frame = customers(900)
    basis, found = fitted(frame, ridge=0.0)
    pair = (frame["score"] >= 7).to_numpy()
    exog = basis.design.matrix
    logit = sm.Logit((frame["score"] == 9)[pair].astype(float), exog[pair]).fit(disp=0)
    assert found.chance == pytest.approx(logit.predict(exog), rel=1e-6)


def test_the_free_intercept_keeps_the_share(fitted):
    frame = customers(900)
    _, found = fitted(frame)
    pair = (frame["score"] >= 7).to_numpy()
    assert found.chance[pair].mean() == pytest.approx((frame["score"] == 9)[pair].mean())


def test_a_control_that_tells_the_groups_apart_has_finite_odds(fitted):
    """There is no maximum without a ridge; with one each odds stop where its pull ends."""
    frame = customers(900)
    frame["attr_fan"] = (frame["score"] == 9) * 1.0
    _, found = fitted(frame, controls=("fan",))
    assert np.isfinite(found.linear).all()
    promoter = (frame["score"] == 9).to_numpy()
    assert found.chance[promoter].min() > 0.9
    # Two values: by hand the slope is where the scores of promoters equal the ridge's pull.
    basis, slope = found.basis, found.linear[promoter][0] - found.linear[~promoter][0]
    kept = promoter.sum() * (1 - found.chance[promoter][0])
    step = np.ptp(basis.design.matrix[:, 1])
    assert kept * step == pytest.approx(basis.ridge[1, 1] * slope / step, rel=1e-6)


def test_an_empty_column_is_refused(fitted):
    """What the basis would have dropped, in a logit that has no ridge to hold it."""
    basis, _ = fitted(customers(900))
    wide = basis.design.beside([0 * basis.design.one], ["nothing"])
    width = len(wide.names)
    with pytest.raises(ModelError, match="chance of 'promoter' rather than 'passive'"):
        fit_propensity(fitted.sample, Basis(wide, np.zeros((width, width))), *PAIR)
