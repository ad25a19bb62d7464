"""Alpha and omega: by hand, against statsmodels' factor, and how their errors are met."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.multivariate.factor import Factor

import cxroi as cx
from cxroi.errors import ModelError, ParameterError, ScarceDataError
from cxroi.models.composites.items import Items, items_in, items_of
from cxroi.models.composites.one_factor import fit_one_factor
from cxroi.models.composites.reliability import cronbach_alpha, mcdonald_omega

NAMES = ("speed", "price", "staff", "ease")
LOADINGS = np.array([1.2, 0.8, 0.9, 0.5])
OWN = np.array([0.6, 0.7, 0.5, 0.4])


def answers(n=400, seed=1, round_to=1):
    """Whole answers, skewed: not normal."""
    rng = np.random.default_rng(seed)
    factor = rng.gamma(2, size=(n, 1)) / np.sqrt(2)
    made = factor * LOADINGS + rng.normal(size=(n, 4)) * np.sqrt(OWN)
    return np.round(made / round_to) * round_to


def items(**more):
    return items_of(NAMES, answers(**more))


def test_three_items_have_the_factor_that_solves_their_covariances():
    s = np.array([[2.0, 0.8, 0.6], [0.8, 1.5, 0.5], [0.6, 0.5, 1.0]])
    loadings = np.sqrt([0.8 * 0.6 / 0.5, 0.8 * 0.5 / 0.6, 0.6 * 0.5 / 0.8])
    own = np.diag(s) - loadings**2
    found = fit_one_factor(Items(NAMES[:3], s, 100))
    assert found.loadings == pytest.approx(loadings, rel=1e-6)
    assert found.own == pytest.approx(own, rel=1e-6)
    by_hand = loadings.sum() ** 2 / (loadings.sum() ** 2 + own.sum())
    assert mcdonald_omega(Items(NAMES[:3], s, 100)).estimate == pytest.approx(by_hand)


def test_one_factor_is_that_of_statsmodels():
    s = items().covariance
    scale = np.sqrt(np.diag(s))
    theirs = Factor(corr=s / np.outer(scale, scale), n_factor=1, method="ml").fit()
    found = fit_one_factor(items())
    assert found.loadings / scale == pytest.approx(np.abs(theirs.loadings[:, 0]), abs=2e-4)
    assert found.own / scale**2 == pytest.approx(theirs.uniqueness, abs=2e-4)


def test_sums_of_equal_answers_are_those_of_the_answers():
    rows = answers()
    frame = pd.DataFrame(rows).groupby(list(range(4))).size().reset_index(name="n")
    cells = items_of(NAMES, frame.to_numpy(float)[:, :-1], frame["n"].to_numpy(float))
    assert cells.covariance == pytest.approx(np.cov(rows.T), rel=1e-12)
    assert len(cells.answers) < len(rows)
    one, other = mcdonald_omega(cells), mcdonald_omega(items())
    assert (one.estimate, one.std_error) == pytest.approx((other.estimate, other.std_error))


def test_errors_of_omega_are_those_of_resamples():
    rows, rng = answers(300), np.random.default_rng(5)
    drawn = [
        fit_one_factor(items_of(NAMES, rows[rng.integers(0, 300, 300)])).omega for _ in range(100)
    ]
    found = mcdonald_omega(items_of(NAMES, rows))
    assert found.std_error == pytest.approx(np.std(drawn), rel=0.25)
    assert found.conf_low < found.estimate < found.conf_high


def test_of_covariances_alone_errors_are_those_of_normal_answers():
    rng = np.random.default_rng(6)
    sigma = np.outer(LOADINGS, LOADINGS) + np.diag(OWN)
    drawn = [
        fit_one_factor(items_of(NAMES, rng.multivariate_normal(np.zeros(4), sigma, 400))).omega
        for _ in range(100)
    ]
    found = mcdonald_omega(Items(NAMES, sigma, 400))
    truth = 3.4**2 / (3.4**2 + 2.2)
    assert found.estimate == pytest.approx(truth, rel=1e-6)
    assert found.std_error == pytest.approx(np.std(drawn), rel=0.25)
    assert "normal answers" in found.method


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0.3, 2), st.floats(0.3, 3)), min_size=3, max_size=7))
def test_alpha_is_no_more_than_omega_and_equals_it_where_items_load_alike(pairs):
    loadings, own = np.array(pairs).T
    names = tuple(f"q{i}" for i in range(len(pairs)))
    made = Items(names, np.outer(loadings, loadings) + np.diag(own), 500)
    alpha, omega = cronbach_alpha(made), mcdonald_omega(made)
    assert alpha.estimate <= omega.estimate + 1e-6
    assert omega.estimate == pytest.approx(loadings.sum() ** 2 / made.covariance.sum(), rel=1e-6)
    assert alpha.conf_low < alpha.estimate < alpha.conf_high
    alike = Items(names, np.ones((len(own), len(own))) + np.diag(own), 500)
    assert cronbach_alpha(alike).estimate == pytest.approx(mcdonald_omega(alike).estimate, rel=1e-6)
    # Other units of all items change nothing.
    cents = Items(names, 1e4 * made.covariance, 500)
    assert mcdonald_omega(cents).std_error == pytest.approx(omega.std_error, rel=1e-3)


@pytest.fixture
def rated():
    """Tables with three scores of one table; effort runs the other way."""
    rows = np.clip(np.round(3 + 0.7 * answers(60)), 1, 5)
    frame = pd.DataFrame(rows, columns=list(NAMES)).assign(
        id=[f"c{i}" for i in range(60)], at=pd.Timestamp("2026-02-01")
    )
    earlier = frame.head(20).assign(at=pd.Timestamp("2026-01-01"), staff=1.0)
    blank = frame.head(30).assign(at=pd.Timestamp("2026-03-01"), price=np.nan)
    # Of two answers at one time neither lends the other what it lacks, nor its best.
    same = frame.head(30).assign(speed=1.0, price=5.0, staff=np.nan)
    ratings = pd.concat([earlier, same, frame, blank], ignore_index=True)
    ratings["speed"] = 8 - ratings["speed"]  # 3 to 7: low is good
    event = {"customer": "id"}
    declared = {
        "study": {"name": "Shop", "complete_until": dt.date(2026, 6, 30)},
        "tables": {
            "responses": event | {"score": "nps", "answered_at": "at"},
            "orders": event | {"ordered_at": "at", "amount": "nps"},
            "ratings": event | {"answered_at": "at"},
        },
        "scores": {
            "speed": {"kind": "ces", "better": "lower", "minimum": 1, "maximum": 7},
            "price": {"kind": "csat", "minimum": 1, "maximum": 5},
            "staff": {"kind": "csat", "minimum": 1, "maximum": 5},
        },
        "windows": {"baseline_days": 90, "outcome_days": 90},
    }
    for name in declared["scores"]:
        declared["scores"][name]["column"] = name
    once = frame.assign(nps=9)
    frames = {"responses": once, "orders": once, "ratings": ratings}
    return cx.read_for_metrics(cx.load_study(declared), frames=frames)[0], rows


def test_the_last_whole_answer_of_each_customer_counts_from_worst_to_best(rated):
    tables, rows = rated
    found = items_in(tables)
    assert (found.names, found.n) == (("speed", "price", "staff"), 60)
    levels = 100 * (rows[:, :3] - 1) / [6, 4, 4]
    assert found.covariance == pytest.approx(np.cov(levels.T))
    assert items_in(tables, ["staff", "price"]).names == ("staff", "price")
    with pytest.raises(ParameterError, match=r"there is no score 'prize'\. Did you mean 'price'"):
        items_in(tables, ["prize", "staff"])


def test_items_that_are_no_score_are_refused():
    rows = answers()
    turned = rows * [1, 1, -1, 1]
    with pytest.raises(ModelError, match="staff runs against the other items"):
        items_of(NAMES, turned)
    with pytest.raises(ModelError, match="all answers to ease are the same"):
        items_of(NAMES, rows * [1, 1, 1, 0])
    with pytest.raises(ScarceDataError, match="29 customers answered all of speed, price"):
        items_of(NAMES, rows[:29])
    with pytest.raises(ModelError, match="1 item; a composite score has two"):
        items_of(NAMES[:1], rows[:, :1])
    with pytest.raises(ModelError, match="2 items do not determine a factor"):
        mcdonald_omega(items_of(NAMES[:2], rows[:, :2]))
    twice = np.column_stack([rows[:, :2], rows[:, 0] + 1e-3 * rows[:, 2]])
    with pytest.raises(ModelError, match="one factor cannot be told apart from"):
        mcdonald_omega(items_of(NAMES[:3], twice))


def test_an_item_against_the_factor_is_refused():
    # Ease goes with the two items that hardly show the factor, and against the two that do.
    loadings = np.array([0.8, 0.8, 0.4, 0.4, 0.0])
    s = np.outer(loadings, loadings)
    s[4, :] = s[:, 4] = [-0.1, -0.1, 0.15, 0.15, 1.0]
    np.fill_diagonal(s, 1.0)
    with pytest.raises(ModelError, match="do not have one factor: ease runs against it"):
        mcdonald_omega(Items(("care", "speed", "price", "staff", "ease"), s, 200))
