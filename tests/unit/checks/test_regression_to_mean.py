from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from engine_panels import in_engine
from scipy.stats import pearsonr, t
from statsmodels.stats.proportion import confint_proportions_2indep

from cxroi.checks.regression_to_mean import regression_to_mean_check
from cxroi.errors import ModelError, ScarceDataError

WAVES = ("2026Q1", "2026Q2", "2026Q3")


def answers(scores, waves=WAVES):
    """One row an answer; a column of `scores` a wave, NaN where nobody answered."""
    frame = pd.DataFrame(scores, columns=list(waves[: np.shape(scores)[1]]))
    frame = frame.reset_index(names="customer").melt(
        "customer", var_name="wave", value_name="score"
    )
    frame = frame.dropna().assign(spend_after=1.0)
    frame["customer"] = "c" + frame["customer"].astype(str)
    return frame.sample(frac=1, random_state=1)


def noisy(lasting, n=3000, waves=2, seed=4):
    """Scores of which a share `lasting` of the variance belongs to the customer."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(n, 1)) * np.sqrt(lasting)
    latent = 6.5 + 2 * (own + rng.normal(size=(n, waves)) * np.sqrt(1 - lasting))
    return np.clip(latent, 0, 10)


@pytest.fixture(params=["memory", "engine"])
def check(panel_of, request):
    def make(frame, **study):
        panel = panel_of(frame, {"spend": "amount"}, **study)
        if request.param == "engine":
            panel = in_engine(panel)
            panel.__dict__["frame"] = None  # no row may be fetched
        return regression_to_mean_check(SimpleNamespace(panel=panel))

    return make


def test_correlation_of_two_waves_is_pearsons_with_fishers_interval(check):
    scores = noisy(0.5, 200)
    found = check(answers(scores)).estimate
    test = pearsonr(scores[:, 0], scores[:, 1])
    interval = test.confidence_interval(0.95)
    assert found.estimate == pytest.approx(test.statistic, rel=1e-10)
    assert (found.conf_low, found.conf_high) == pytest.approx(tuple(interval), rel=1e-8)
    assert found.n == 200


def test_fishers_interval_of_a_textbook_case(check):
    # r = 0.5 of 103 pairs: atanh r = ln(3) / 2 = 0.54931, error 1 / sqrt(100), so 0.35331 to
    # 0.74531; back by (e^2z - 1) / (e^2z + 1): 1.02709 / 3.02709 and 3.43976 / 5.43976.
    rng = np.random.default_rng(2)
    x = rng.normal(size=103)
    x = (x - x.mean()) / x.std()
    y = rng.normal(size=103)
    y -= y.mean() + x * (x @ y) / 103
    y = 0.5 * x + np.sqrt(0.75) * y / y.std()
    found = check(answers(6 + np.column_stack([x, y]))).estimate
    assert found.estimate == pytest.approx(0.5, abs=1e-12)
    assert (found.conf_low, found.conf_high) == pytest.approx((0.33930, 0.63234), abs=2e-5)


def test_repeated_pairs_of_one_customer_are_no_news(check):
    """A bootstrap of whole customers agrees with the error from influence values."""
    scores = noisy(0.5, 300, waves=3)
    found = check(answers(scores)).estimate
    assert found.n == 600
    x, y = scores[:, :2], scores[:, 1:]
    rng = np.random.default_rng(6)
    draws = [
        np.corrcoef(x[rows].ravel(), y[rows].ravel())[0, 1]
        for rows in rng.integers(0, 300, (2000, 300))
    ]
    assert found.estimate == pytest.approx(np.corrcoef(x.ravel(), y.ravel())[0, 1], rel=1e-10)
    # The error of 2,000 draws is itself known to 1.6 per cent; the linear error to some more.
    assert found.std_error == pytest.approx(np.std(draws), rel=0.08)


def test_weights_count_customers_as_often_and_their_scale_does_not_matter(check):
    scores = noisy(0.6, 200)
    weight = np.random.default_rng(3).integers(1, 4, 200)
    frame = answers(scores)
    frame["weight"] = weight[frame["customer"].str[1:].astype(int)].astype(float)
    found = check(frame).estimate
    often = np.repeat(scores, weight, axis=0)
    assert found.estimate == pytest.approx(np.corrcoef(often.T)[0, 1], rel=1e-10)
    scaled = check(frame.assign(weight=frame["weight"] * 1000)).estimate
    assert (scaled.conf_low, scaled.conf_high) == pytest.approx((found.conf_low, found.conf_high))


def test_answers_that_repeat_themselves_pass(check):
    result = check(answers(noisy(0.95)))
    assert result.verdict == "passed"
    assert "mostly repeat themselves" in result.sentence


def test_noise_planted_into_the_answers_is_a_warning_with_the_expected_fall_back(check):
    scores = noisy(0.4)
    result = check(answers(scores))
    assert result.verdict == "warning"
    r = np.corrcoef(scores.T)[0, 1]
    first = scores[:, 0]
    at, mean = first[first >= 9].mean(), first.mean()
    assert f"at {at:.1f}, the mean of 'promoter'" in result.sentence
    assert f"expected at {mean + r * (at - mean):.1f} a wave later" in result.sentence


def test_without_anybody_in_the_target_the_warning_stays_a_warning(check):
    result = check(answers(np.clip(noisy(0.5), 0, 8)))
    assert result.verdict == "warning"
    assert "part of every move is chance." in result.sentence
    assert "mostly repeat" not in result.sentence


def test_answers_of_pure_chance_fail(check):
    scores = np.random.default_rng(9).uniform(0, 10, (500, 2))
    result = check(answers(scores))
    assert result.estimate.conf_low <= 0
    assert result.verdict == "failed"


def test_answers_that_turn_round_fail(check):
    first = np.random.default_rng(9).uniform(0, 10, 200)
    assert check(answers(np.column_stack([first, 10 - first]))).verdict == "failed"


def test_fall_back_of_those_who_moved_with_newcombes_interval(check):
    # Passive, promoter, then 18 of 40 gone; promoter twice, then 12 of 60 gone.
    moved = [[8, 9, 7]] * 18 + [[8, 10, 9]] * 22
    there = [[10, 9, 5]] * 12 + [[9, 10, 10]] * 48
    others = [[8, 8, 10]] * 5 + [[2, 9, 3]] * 5 + [[2, 3, 4]] * 20
    result = check(answers(np.array(moved + there + others, dtype=float)))
    table = result.table.set_index("term")
    one = table.loc["left 'promoter' after one wave in it"]
    two = table.loc["left 'promoter' after two waves in it"]
    gap = table.loc["gap"]
    assert (one["estimate"], one["n"], two["estimate"], two["n"]) == (0.45, 40, 0.2, 60)
    low, high = confint_proportions_2indep(18, 40, 12, 60, method="newcomb", compare="diff")
    assert (gap["conf_low"], gap["conf_high"]) == pytest.approx((low, high), rel=1e-10)
    assert "45.0 % were no longer there a wave later, against 20.0 % of the 60" in result.sentence


def test_moves_of_pure_chance_fall_back_more_than_those_who_were_there(check):
    """Where answers are a lasting part plus chance, the newly moved leave more often."""
    table = check(answers(noisy(0.6, 6000, waves=3))).table.set_index("term")
    assert table.loc["gap", "conf_low"] > 0


def test_two_waves_tell_only_the_correlation(check):
    result = check(answers(noisy(0.6)))
    assert len(result.table) == 1
    assert "cannot be told: it takes three waves" in result.sentence


def test_refusals(check):
    with pytest.raises(ModelError, match=r"^The answers have no dates: whether a customer's next"):
        check(answers(noisy(0.5, waves=1)).drop(columns="wave"))
    with pytest.raises(ModelError, match=r"^The only wave up to here is 2026Q1: .* needs two"):
        check(answers(noisy(0.5, waves=1)))
    with pytest.raises(ScarceDataError, match="29 customers answered in two"):
        check(answers(noisy(0.5, 29)))
    same = np.column_stack([np.full(50, 8.0), np.linspace(0, 10, 50)])
    with pytest.raises(ModelError, match="scores of a wave are the same"):
        check(answers(same))


def test_entry_is_named_after_the_check(check):
    entry = check(answers(noisy(0.5))).entry
    assert entry.name == "check.regression_to_mean.score"
    assert entry.note.startswith("warning: ")


def test_declared_clusters_have_students_interval(check):
    frame = answers(noisy(0.5, 400, waves=3))
    number = frame["customer"].str[1:].astype(int)
    found = check(frame.assign(cluster=number % 40)).estimate
    error = found.std_error / (1 - found.estimate**2)
    half = t(39).ppf(0.975) * error  # 40 clusters of one size
    ends = np.tanh(np.arctanh(found.estimate) + np.array([-half, half]))
    assert (found.conf_low, found.conf_high) == pytest.approx(tuple(ends))
    assert "Student interval with 40 effective clusters" in found.method
    with pytest.raises(ScarceDataError, match="20 clusters answered"):
        check(frame.assign(cluster=number % 20))
