"""The model of the groups against statsmodels, which has no weights, and against copied rows."""

import numpy as np
import pytest
import statsmodels.api as sm

from cxroi.levers.moves.group_chances import fit_groups


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(3)
    design = np.column_stack([np.ones(900), rng.normal(size=(900, 2)), rng.random(900) < 0.3])
    linear = design @ np.array([[0, 0.2, -0.4], [0, 0.5, 1.0], [0, -0.3, 0.1], [0, 0.0, 0.6]])
    groups = (linear + rng.gumbel(size=linear.shape)).argmax(axis=1)
    return design, groups, rng.integers(1, 4, 900).astype(float)


def test_coefficients_and_errors_are_those_of_statsmodels(rows):
    design, groups, _ = rows
    fit = fit_groups(design, groups, np.ones(len(groups)), np.zeros((4, 4)))
    known = sm.MNLogit(groups, design).fit(disp=False, cov_type="HC0")
    np.testing.assert_allclose(fit.params[:, 1:], known.params, atol=1e-7)
    np.testing.assert_allclose(fit.chances(design), known.predict(design), atol=1e-7)
    gradient = np.eye(8)[5]  # the first slope of the second group
    error = np.sqrt((fit.influence(gradient) ** 2).sum())
    assert error == pytest.approx(np.asarray(known.bse)[1, 1], rel=1e-6)


def test_a_weight_counts_like_copies_of_the_row(rows):
    design, groups, weights = rows
    copies = np.repeat(np.arange(len(groups)), weights.astype(int))
    ridge = np.diag([0.0, 2.0, 2.0, 2.0])
    fit = fit_groups(design, groups, weights, ridge)
    again = fit_groups(design[copies], groups[copies], np.ones(len(copies)), ridge)
    np.testing.assert_allclose(fit.params, again.params, atol=1e-8)


def test_the_gradient_is_how_a_sum_of_chances_moves(rows):
    design, groups, weights = rows
    fit = fit_groups(design, groups, weights, np.eye(4))
    pull = np.random.default_rng(1).normal(size=(900, 3))
    found = fit.gradient(design, fit.chances(design), pull)
    step = np.zeros_like(fit.params)
    step[2, 1] = 1e-6  # the coefficient at place 2 of the first of two others
    moved = type(fit)(fit.params + step, fit.information, fit.scores, design)
    rise = ((moved.chances(design) - fit.chances(design)) * pull).sum() / 1e-6
    assert found[2] == pytest.approx(rise, rel=1e-4)
