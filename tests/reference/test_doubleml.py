"""DoubleML, whose code and learners are others, on data whose effect is known.

Bach, Chernozhukov, Kurz and Spindler, Journal of Machine Learning Research 23 (2022), 53. Its
interactive model with the score of the effect on the treated answers for the treated; the `from`
group stands for them when the treatment is to be in it, and the effect then has the other sign.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from panels import make_panel, make_study
from scipy.special import expit

from cxroi.effects.adjusted import regress_outcome
from cxroi.moments.influence import std_error

N = 3000
# Two numbers from the same customers by estimators of the same kind differ by cross-fitting and
# by the columns they adjust for: within four standard errors of their paired difference, which
# itself is well under the error of either.
MOST = 4.0


def linear(x, z):
    return x[0] + 0.5 * x[1] + z, 0.6 * x[0] - 0.4 * x[1] + 0.3 * z


def curved(x, z):
    return x[0] ** 2 + x[1], 0.5 * x[0] ** 2 - 0.6 + 0.3 * x[1]


def smooth(x, z):
    return np.exp(x[0] / 2) + np.tanh(2 * x[1]), np.tanh(x[0]) + 0.3 * x[1] + 0.4 * z


@pytest.fixture(scope="module", params=[linear, curved, smooth], ids=lambda f: f.__name__)
def world(request, tmp_path_factory):
    """One data set: effect 2, and 1 more where the second control is above zero."""
    rng = np.random.default_rng(11)
    x, z = rng.normal(size=(2, N)), (rng.random(N) < 0.4) * 1.0
    mean, leaning = request.param(x, z)
    happy = rng.random(N) < expit(leaning)
    effect = 2.0 + (x[1] > 0)
    spend = 50 + 3 * mean + happy * effect + rng.normal(0, 2, N)
    frame = pd.DataFrame({"score": np.where(happy, 10.0, 7.0), "spend_after": spend})
    frame["attr_one"], frame["attr_two"], frame["attr_kind"] = *x, np.where(z > 0, "a", "b")
    study = make_study(
        tmp_path_factory.mktemp("dml"), {"spend": "amount"}, controls=("one", "two", "kind")
    )
    ours = regress_outcome(make_panel(study, frame), "spend")
    data = pd.DataFrame({"y": spend, "unhappy": ~happy * 1.0, "one": x[0], "two": x[1], "kind": z})
    return SimpleNamespace(ours=ours, data=data, truth=effect[~happy].mean())


# Late imports: every process of the tests collects this file, one of them runs it.
def curves(learner):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer

    return make_pipeline(SplineTransformer(n_knots=5, degree=3), learner)


def fitted(model):
    """The effect of the other group instead of this, and the influence of each row on it."""
    np.random.seed(3)  # of the folds
    model.fit()
    psi = -(model.psi / -np.mean(model.psi_elements["psi_a"])).ravel() / N
    assert std_error(psi, None) == pytest.approx(model.se[0], rel=1e-3)
    return -float(model.coef[0]), psi


def assert_alike(found, psi, ours, own):
    apart = std_error(psi - own, None)
    assert apart < 0.8 * ours.std_error  # paired: a bound that tells
    assert abs(found - ours.estimate) < MOST * apart


def test_the_effect_among_the_from_group_is_that_of_the_interactive_model(world):
    import doubleml as dml
    from sklearn.linear_model import LogisticRegression, Ridge

    model = dml.DoubleMLIRM(
        dml.DoubleMLData(world.data, "y", "unhappy"),
        curves(Ridge(1.0)),
        curves(LogisticRegression(C=1.0, max_iter=2000)),
        n_folds=5,
        score="ATTE",
    )
    found, psi = fitted(model)
    assert_alike(found, psi, world.ours.contrast, world.ours.influence[1])
    for estimate, error in (
        (found, std_error(psi, None)),
        (world.ours.contrast.estimate, world.ours.contrast.std_error),
    ):
        assert abs(estimate - world.truth) < 3 * error


def test_straight_adjustment_is_the_partially_linear_model_with_straight_learners(world):
    """Its effect is one for all; of straight lines in both parts it is least squares."""
    import doubleml as dml
    from sklearn.linear_model import LinearRegression

    model = dml.DoubleMLPLR(
        dml.DoubleMLData(world.data, "y", "unhappy"),
        LinearRegression(),
        LinearRegression(),
        n_folds=5,
    )
    found, psi = fitted(model)
    assert_alike(found, psi, world.ours.adjusted, world.ours.rungs["adjusted"])
