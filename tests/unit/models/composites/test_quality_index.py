"""QCI: weights declared and estimated, and how well they predict."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.linear_model import LinearRegression

from cxroi.errors import ModelError, ParameterError, ScarceDataError, StudyError
from cxroi.models.composites.quality_index import (
    block_sums,
    declared_weights,
    estimated_weights,
)

NAMES = ("product", "delivery", "staff")
MIX = np.array([[1.0, 0.5, 0.3], [0.0, 1.0, 0.2], [0.0, 0.0, 1.0]])


def experiences(n=900, weights=(0.6, 0.3, 0.0), noise=1.0, seed=1):
    rng = np.random.default_rng(seed)
    elements = 5 + rng.normal(size=(n, 3)) @ MIX
    return elements, 10 + elements @ np.array(weights) + noise * rng.normal(size=n)


def weights_of(elements, outcome, **more):
    sums = block_sums(elements, outcome)
    return estimated_weights(NAMES, sums, outcome="spend", **{"draws": 100, **more})


def test_declared_weights_are_shares_of_the_index():
    made = declared_weights(NAMES, {"staff": 1, "product": 3})
    assert made.shares == (0.75, 0.0, 0.25)
    assert made.index(np.array([[4.0, 1.0, 8.0]])) == [5.0]
    blank = np.array([[4.0, 1.0, np.nan], [np.nan, 5.0, 8.0], [np.nan, 1.0, np.nan]])
    assert made.index(blank) == pytest.approx([4.0, 8.0, np.nan], nan_ok=True)
    assert made.tidy()["estimate"].tolist() == [0.75, 0.0, 0.25]


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ({"stuff": 1}, "Did you mean 'staff'"),
        ({"staff": -1}, "the weight of 'staff' is -1"),
        ({"staff": float("nan")}, "the weight of 'staff' is nan"),
        ({"staff": 0}, "no weight is above 0"),
    ],
)
def test_weights_that_are_none_are_refused(weights, told):
    with pytest.raises(StudyError, match=told):
        declared_weights(NAMES, weights)


def best_by_trying(elements, outcome):
    """Non-negative least squares another way: the best of all subsets that has no slope below 0."""
    found = []
    for size in range(1, 4):
        for chosen in itertools.combinations(range(3), size):
            fit = LinearRegression().fit(elements[:, chosen], outcome)
            if np.all(fit.coef_ >= 0):
                slopes = np.zeros(3)
                slopes[list(chosen)] = fit.coef_
                missed = np.sum((outcome - fit.predict(elements[:, chosen])) ** 2)
                found.append((missed, slopes))
    return min(found, key=lambda pair: pair[0])[1]


@pytest.mark.parametrize("weights", [(0.6, 0.3, 0.1), (0.6, -0.4, 0.2), (0.0, 0.5, 0.0)])
def test_weights_are_the_best_of_all_without_one_below_zero(weights):
    elements, outcome = experiences(300, weights)
    slopes = best_by_trying(elements, outcome)
    found = weights_of(elements, outcome)
    assert found.shares == pytest.approx(slopes / slopes.sum(), abs=1e-9)
    assert sum(found.shares) == pytest.approx(1)


def test_planted_weights_lie_in_their_intervals():
    found = weights_of(*experiences())
    for estimate, truth in zip(found.estimates, (2 / 3, 1 / 3, 0), strict=False):
        assert estimate.conf_low <= truth <= estimate.conf_high
        assert estimate.name == f"qci.weight.{estimate.term}"
    assert found.estimates[0].std_error < 0.1
    assert found.tidy()["term"].tolist() == [*NAMES, "qci.r_squared"]


def test_prediction_is_that_of_folds_that_were_not_used():
    elements, outcome = experiences(240)
    # 240 blocks of a customer each, in the order in which they are dealt.
    place = np.argsort(np.random.default_rng(0).permutation(240) % 240)
    elements, outcome = elements[place], outcome[place]
    rows = np.column_stack([np.ones(240), elements, outcome])
    sums = np.einsum("ni,nj->nij", rows, rows)
    found = estimated_weights(NAMES, sums, outcome="spend", draws=2).estimates[-1]
    missed, scattered = np.zeros(240), np.zeros(240)
    for fold in range(5):
        test = np.arange(240) % 5 == fold
        slopes = best_by_trying(elements[~test], outcome[~test])
        level = outcome[~test].mean() - elements[~test].mean(axis=0) @ slopes
        missed[test] = (outcome[test] - level - elements[test] @ slopes) ** 2
        scattered[test] = (outcome[test] - outcome[~test].mean()) ** 2
    share = 1 - missed.sum() / scattered.sum()
    assert found.estimate == pytest.approx(share, rel=1e-9)
    # The ratio's error by leaving out a customer at a time.
    left = 1 - (missed.sum() - missed) / (scattered.sum() - scattered)
    jackknife = np.sqrt(239 / 240 * np.sum((left - left.mean()) ** 2))
    assert found.std_error == pytest.approx(jackknife, rel=0.02)


def test_prediction_is_about_what_was_planted_and_nothing_where_nothing_was():
    elements, outcome = experiences(3000, noise=1.0)
    explained = np.var(elements @ np.array([0.6, 0.3, 0.0]))
    found = weights_of(elements, outcome).estimates[-1]
    assert found.conf_low < explained / (explained + 1) < found.conf_high
    assert found.note == ""
    noise = np.random.default_rng(7).normal(size=3000)
    nothing = weights_of(elements, noise).estimates[-1]
    assert nothing.conf_low < 0.001
    assert nothing.note == "Predicts no better than the mean, as far as is known."


def test_an_outcome_of_which_less_is_better_is_turned_round():
    elements, outcome = experiences()
    up, down = weights_of(elements, outcome), weights_of(elements, -outcome, better="lower")
    assert down.shares == pytest.approx(up.shares)
    assert down.estimates[-1].estimate == pytest.approx(up.estimates[-1].estimate)
    with pytest.raises(ParameterError, match="Did you mean 'lower'"):
        weights_of(elements, outcome, better="lowr")
    with pytest.raises(ModelError, match="no element goes with a better spend"):
        weights_of(elements, -elements.sum(axis=1) + 0.01 * outcome)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 100), st.floats(-50, 50), st.floats(-50, 50))
def test_level_and_unit_of_the_outcome_change_no_weight(scale, level, shift):
    elements, outcome = experiences(200)
    found = weights_of(elements + shift, scale * outcome + level, draws=2)
    assert found.shares == pytest.approx(weights_of(elements, outcome, draws=2).shares, abs=1e-6)


def test_elements_that_say_the_same_share_what_they_explain():
    elements, outcome = experiences(400)
    elements[:, 1] = elements[:, 0]
    found = weights_of(elements, outcome)
    slopes = minimize(
        lambda b: np.sum((outcome - b[0] - elements[:, [0, 2]] @ b[1:]) ** 2), np.zeros(3)
    ).x[1:]
    share = slopes[0] / np.maximum(slopes, 0).sum()
    assert found.shares[0] + found.shares[1] == pytest.approx(share, abs=1e-4)


def test_too_few_and_what_never_varies_are_refused():
    elements, outcome = experiences(29)
    with pytest.raises(ScarceDataError, match="29 customers in 29 blocks"):
        weights_of(elements, outcome)
    elements, outcome = experiences(200)
    with pytest.raises(ScarceDataError, match="200 customers in 19 blocks"):
        estimated_weights(NAMES, block_sums(elements, outcome, blocks=19), outcome="spend")
    elements[:, 2] = 4.0
    with pytest.raises(ModelError, match="never varies"):
        weights_of(elements, outcome)


def test_the_same_seed_gives_the_same_weights():
    elements, outcome = experiences()
    assert weights_of(elements, outcome).estimates == weights_of(elements, outcome).estimates
