"""The curve over the whole scale, held to statsmodels, the jackknife and plain means."""

import numpy as np
import pandas as pd
import pytest
from engine_panels import in_engine
from panels import make_panel, make_study
from scale_study import draw
from statsmodels.stats.oneway import anova_oneway

from cxroi.errors import StudyError
from cxroi.levers.scale.answer_curve import fit_curve
from cxroi.levers.scale.answer_levels import answer_levels
from cxroi.levers.scale.whole_scale import whole_scale
from cxroi.models.sample import take_sample


def answers(n=420, seed=2):
    """Customers with five answers, a region behind score and outcome, no baseline."""
    rng = np.random.default_rng(seed)
    region = rng.choice(["north", "south"], n)
    score = np.clip(np.round(7.6 + (region == "south") + 1.1 * rng.normal(size=n)), 6, 10)
    x = 20 + 1.5 * score + 4 * (region == "south") * (score - 7) + rng.gamma(2, 3, n)
    return pd.DataFrame({"score": score, "x_after": x, "attr_region": region})


@pytest.fixture(scope="module")
def panel_for(tmp_path_factory):
    def make(frame, controls=("region",), **more):
        folder = tmp_path_factory.mktemp("study")
        study = make_study(folder, {"x": "amount"}, controls=controls, categorical=controls, **more)
        return make_panel(study, frame)

    return make


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A company in accounts over two waves, with its panel in memory."""
    study = make_study(
        tmp_path_factory.mktemp("study"),
        {"spend": "amount"},
        controls=("tenure", "region"),
        categorical=("region",),
    )
    frame = draw(np.random.default_rng(4), "accounts", customers=500)
    frame["weight"] = np.random.default_rng(5).choice([0.5, 1.0, 2.0], len(frame))
    return make_panel(study, frame)


def curve_of(panel):
    sample = take_sample(panel, "x")
    return fit_curve(panel, sample, answer_levels(sample))


def standardised(frame):
    """Mean prediction of everybody at each answer, region held equal and free to do more there."""
    south = (frame["attr_region"] == "south").to_numpy(dtype=float)
    score = frame["score"].to_numpy()
    answers = np.arange(6.0, 11.0)
    columns = [*(score == one for one in answers), south, south * score]
    design = np.column_stack(columns).astype(float)
    slopes = np.linalg.lstsq(design, frame["x_after"].to_numpy(), rcond=None)[0]
    return slopes[:5] + slopes[5] * south.mean() + slopes[6] * south.mean() * answers


def test_without_controls_points_are_the_means_of_the_answers(panel_for):
    frame = answers()
    whole = whole_scale(panel_for(frame, controls=()), "x")
    by = frame.groupby("score")["x_after"]
    assert [p.estimate.estimate for p in whole.points] == pytest.approx(by.mean().to_list())
    steps = [s.estimate.estimate for s in whole.steps]
    assert steps == pytest.approx(np.diff(by.mean()).tolist())
    # of five coefficients the fit has a factor 420 / 415 besides
    error = np.sqrt(by.var(ddof=1) / by.size() * 420 / 415)
    assert [p.estimate.std_error for p in whole.points] == pytest.approx(error.to_list(), rel=1e-3)
    welch = anova_oneway([list(values) for _, values in by], use_var="unequal")
    assert whole.differs.p_value == pytest.approx(welch.pvalue, rel=0.1)
    assert [p.estimate.name for p in whole.points][:2] == ["scale.x.at_6", "scale.x.at_7"]
    assert whole.steps[0].estimate.name == "scale.x.one_more_from_6"
    assert whole.steps[0].estimate.unit.endswith("per customer in 90 days per point of the score")
    low, high = whole.points[0].estimate.conf_low, whole.points[0].estimate.conf_high
    reach = (high - low) / 2 / whole.points[0].estimate.std_error
    units = whole.points[0].level.units
    assert 1.96 < reach == pytest.approx(1.96 + 2.4 / (units - 1), abs=0.01)  # Student, not normal


def test_points_are_mean_predictions_of_everybody(panel_for):
    frame = answers()
    assert curve_of(panel_for(frame)).values == pytest.approx(standardised(frame))


def test_a_control_that_differs_at_one_answer_alone_cannot_do_more_at_a_higher_one(panel_for):
    south = np.r_[np.zeros(80), np.arange(80) % 2]
    score = np.repeat([7.0, 9.0], 80)
    x = 10 + score + 3 * south + np.arange(160) % 5
    region = np.where(south == 1, "south", "north")
    frame = pd.DataFrame({"score": score, "x_after": x, "attr_region": region})
    design = np.column_stack([score == 7, score == 9, south]).astype(float)
    slopes = np.linalg.lstsq(design, x, rcond=None)[0]
    found = curve_of(panel_for(frame)).values
    assert found == pytest.approx(slopes[:2] + slopes[2] * south.mean())


def test_joint_errors_are_those_of_the_jackknife(panel_for):
    frame = answers(500)
    curve = curve_of(panel_for(frame))
    n = len(frame)
    left = np.array([standardised(frame.drop(index=row)) for row in range(n)])
    spread = left - left.mean(axis=0)
    expected = spread.T @ spread * (n - 1) / n
    assert np.sqrt(np.diag(curve.covariance)) == pytest.approx(np.sqrt(np.diag(expected)), rel=0.05)
    steps = np.diff(np.eye(5), axis=0)
    found, told = steps @ curve.covariance @ steps.T, steps @ expected @ steps.T
    assert np.sqrt(np.diag(found)) == pytest.approx(np.sqrt(np.diag(told)), rel=0.05)


def test_in_an_engine_every_figure_is_the_same(company):
    here = whole_scale(company, "spend").estimates
    there = whole_scale(in_engine(company, ["attr_region"]), "spend").estimates
    assert [one.name for one in here] == [one.name for one in there]
    assert len(here) > 15
    for one, other in zip(here, there, strict=True):
        for part in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
            found, expected = getattr(other, part), getattr(one, part)
            assert (found is None) == (expected is None)
            if found is not None:
                assert found == pytest.approx(expected, rel=1e-7, abs=1e-9), (one.name, part)


def test_yes_and_no_stays_within_zero_and_one(tmp_path):
    rng = np.random.default_rng(1)
    score = np.repeat([6.0, 7.0, 8.0, 9.0], 60)
    yes = rng.random(240) < np.repeat([0.1, 0.1, 0.9, 0.92], 60)
    frame = pd.DataFrame({"score": score, "x_after": yes.astype(float)})
    whole = whole_scale(make_panel(make_study(tmp_path, {"x": "yes_no"}), frame), "x")
    for point in whole.points:
        low, high = point.estimate.conf_low, point.estimate.conf_high
        assert 0 < point.band[0] < low < point.estimate.estimate < high < point.band[1] < 1


def test_a_curve_that_turns_back_is_pooled_where_it_may_not(panel_for):
    # Means 1, 3, 2, 4 of answers as many and as sure: by hand 1, 2.5, 2.5, 4.
    noise = np.tile([-1.0, 1.0], 30)
    frame = pd.DataFrame(
        {
            "score": np.repeat([6.0, 7.0, 8.0, 9.0], 60),
            "x_after": np.repeat([1.0, 3.0, 2.0, 4.0], 60) + np.tile(noise, 4),
        }
    )
    whole = whole_scale(panel_for(frame, controls=()), "x")
    assert [p.monotone[0] for p in whole.points] == pytest.approx([1.0, 2.5, 2.5, 4.0])
    assert whole.differs.p_value < 1e-9
    falling = frame.assign(x_after=10 - frame["x_after"])
    assert [p.monotone for p in whole_scale(panel_for(falling, controls=()), "x").points] == [
        None
    ] * 4


def test_straight_and_bent_curves_are_told_apart(panel_for):
    rng = np.random.default_rng(6)
    score = rng.integers(5, 11, 1200).astype(float)
    noise = rng.normal(size=1200)
    straight = pd.DataFrame({"score": score, "x_after": 10 + score + noise})
    bent = straight.assign(x_after=10 + 5.0 * (score >= 9) + noise)
    assert whole_scale(panel_for(straight, controls=()), "x").bends.p_value > 0.05
    found = whole_scale(panel_for(bent, controls=()), "x")
    assert found.bends.p_value < 1e-6
    assert [s.upper.label for s in found.steps if s.p_corrected < 0.05] == ["9"]
    assert max(s.p_corrected - s.estimate.p_value for s in found.steps) > 0.05


def test_what_is_missing_says_why(panel_for):
    whole = whole_scale(panel_for(answers(), controls=()), "x")
    assert set(whole.missing) == {"within"}
    refused = [one for one in whole.estimates if one.method == "refused"]
    assert [one.name for one in refused] == ["scale.x.asymmetry"]
    assert "in several" in refused[0].note
    with pytest.raises(StudyError):
        whole_scale(panel_for(answers()), "y")
