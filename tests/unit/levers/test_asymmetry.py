"""Rises against falls, and the scale above its middle against below, held to statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import make_panel, make_study

from cxroi.levers.scale.whole_scale import whole_scale

N = 500


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return make_study(tmp_path_factory.mktemp("study"), {"x": "amount"})


def twice(hurt=0.0, seed=3, bend=0.0):
    """Customers of two waves; a fall costs `hurt` a point more than a rise brings."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=N)
    first, second = (
        np.clip(np.round(7.5 + trait + 1.2 * rng.normal(size=N)), 5, 10) for _ in range(2)
    )
    fell = np.maximum(first - second, 0.0)
    after = [
        2 * one + bend * (one >= 9) + 5 * trait + rng.normal(size=N) for one in (first, second)
    ]
    after[1] += 3.0 - hurt * fell
    frames = [
        pd.DataFrame(
            {
                "customer": [f"c{n}" for n in range(N)],
                "wave": f"2026Q{at + 1}",
                "score": (first, second)[at],
                "x_after": 30 + after[at],
            }
        )
        for at in (0, 1)
    ]
    return pd.concat(frames, ignore_index=True)


def test_rise_fall_and_their_sum_are_combinations_of_least_squares(study):
    frame = twice(hurt=0.5, bend=1.0)
    turned = whole_scale(make_panel(study, frame), "x").asymmetry
    first, second = (frame["score"].to_numpy()[part] for part in (slice(N), slice(N, None)))
    change = frame["x_after"].to_numpy()[N:] - frame["x_after"].to_numpy()[:N]
    steps = [1.0 * (second >= s) - 1.0 * (first >= s) for s in range(6, 11)]
    fit = sm.OLS(change, np.column_stack([np.ones(N), *steps, np.abs(second - first)])).fit()
    crossed = np.array([np.abs(step).sum() for step in steps])
    mean = np.r_[0.0, crossed / crossed.sum(), 0.0]  # a step counts by how many crossed it
    size = np.r_[np.zeros(6), 1.0]
    robust = fit.get_robustcov_results("HC1")
    for name, line in {"rise": mean + size, "fall": size - mean, "sum": 2 * size}.items():
        told, found = robust.t_test(line), getattr(turned, name)
        assert found.estimate == pytest.approx(float(told.effect[0]))
        assert found.std_error == pytest.approx(float(told.sd[0, 0]), rel=2e-3)
        assert found.n == N
    assert turned.sum.name == "scale.x.asymmetry"
    assert turned.sum.unit.endswith("per point of the score")
    assert turned.sum.estimate == pytest.approx(turned.rise.estimate + turned.fall.estimate)


def test_a_fall_that_costs_more_is_found_and_a_bend_alone_is_not(study):
    hurt = whole_scale(make_panel(study, twice(hurt=1.0)), "x").asymmetry
    assert hurt.sum.p_value < 1e-4
    assert hurt.sum.estimate == pytest.approx(-1.0, abs=0.4)
    bent = whole_scale(make_panel(study, twice(bend=6.0)), "x").asymmetry
    assert bent.sum.p_value > 0.05
    assert bent.rise.estimate > 2


def test_two_lines_meet_at_the_middle(study):
    rng = np.random.default_rng(8)
    score = rng.integers(2, 10, 800).astype(float)
    x = 40 + np.maximum(score - 5, 0) * 2 + rng.normal(size=800)
    found = whole_scale(make_panel(study, pd.DataFrame({"score": score, "x_after": x})), "x")
    turned = found.asymmetry
    lines = np.column_stack([np.ones(800), np.minimum(score - 5, 0), np.maximum(score - 5, 0)])
    robust = sm.OLS(x, lines).fit().get_robustcov_results("HC1")
    told = robust.t_test([0, -1, 1])
    assert turned.middle == 5
    assert turned.below.estimate == pytest.approx(robust.params[1], abs=1e-9)
    assert turned.above.estimate == pytest.approx(robust.params[2])
    assert turned.kink.estimate == pytest.approx(float(told.effect[0]))
    assert turned.kink.std_error == pytest.approx(float(told.sd[0, 0]), rel=0.03)
    assert turned.kink.name == "scale.x.kink"


def test_where_few_answer_below_the_middle_the_lines_meet_at_the_median(study):
    score = np.repeat([6.0, 7.0, 8.0, 9.0, 10.0], 60)
    frame = pd.DataFrame({"score": score, "x_after": score + np.arange(300) % 3})
    assert whole_scale(make_panel(study, frame), "x").asymmetry.middle == 8


def test_too_few_who_fell_and_scales_of_two_points_are_refused(study):
    frame = twice()
    first, second = frame["score"][:N].to_numpy(), frame["score"][N:].to_numpy()
    keep = np.r_[np.ones(N, dtype=bool), (second >= first) | (np.arange(N) < 40)]
    refused = whole_scale(make_panel(study, frame[keep]), "x").missing["within"]
    fell = int(((second < first) & (np.arange(N) < 40)).sum())
    assert f"the answer of {fell} customers fell between two consecutive waves" in str(refused)
    score = np.repeat([8.0, 9.0], 60)
    two = pd.DataFrame({"score": score, "x_after": score + np.arange(120) % 3})
    whole = whole_scale(make_panel(study, two), "x")
    assert whole.bends is None
    assert "below 8.5, the middle, are fewer than 30" in str(whole.missing["across"])
    assert set(whole.missing) == {"cuts", "within", "across"}
