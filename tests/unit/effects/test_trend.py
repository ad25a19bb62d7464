"""The trend over the whole score, held to statsmodels and to hand calculations."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from engine_panels import in_engine
from panels import make_panel, make_study

from cxroi.effects.trend import (
    Trend,
    corrected,
    each_point_better,
    fades_within,
    score_trend,
    worsens,
)
from cxroi.errors import ModelError, ScarceDataError, StudyError

RUNGS = ["raw", "adjusted", "within", "two_way", "placebo"]


def answers(n=120, seed=3):
    """Customers who come and go over three waves; a lasting trait behind score and outcome."""
    rng = np.random.default_rng(seed)
    customer = np.repeat(np.arange(n), 3)
    wave = np.tile([0, 1, 2], n)
    trait = rng.normal(size=n)[customer]
    score = np.clip(np.round(6 + 1.5 * trait + 0.8 * wave + rng.normal(size=3 * n)), 0, 10)
    before = trait + rng.normal(size=3 * n)
    frame = pd.DataFrame(
        {
            "customer": [f"c{k}" for k in customer],
            "wave": [f"2026Q{k + 1}" for k in wave],
            "score": score,
            "x_after": 0.3 * score + trait + 2.0 * wave + before + rng.normal(size=3 * n),
            "x_before": before,
            "attr_age": rng.normal(size=3 * n),
            "attr_plan": rng.choice(["a", "b", "c"], size=3 * n),
            "weight": rng.uniform(0.5, 2, size=3 * n),
        }
    )
    frame.loc[::17, "x_before"] = np.nan
    stays = rng.random(3 * n) < 0.35 + 0.2 * wave + 0.1 * (trait > 0)  # unbalanced, not at random
    return frame[stays].reset_index(drop=True)


@pytest.fixture(params=["rows", "engine"])
def panel_at(request, panel_of):
    def make(frame, outcomes=None, controls=("age", "plan"), **study):
        panel = panel_of(
            frame,
            outcomes or {"x": "amount"},
            controls=list(controls),
            categorical=[*{"plan"}.intersection(controls)],
            **study,
        )
        return panel if request.param == "rows" else in_engine(panel, ["attr_plan"])

    return make


def clustered(frame, y, columns, weights=None, dof=None):
    """Slope and error of the first column: sandwich over customers with the factor G / (G - k)."""
    exog = np.column_stack(columns).astype(float)
    weights = np.ones(len(exog)) if weights is None else weights
    fit = sm.WLS(np.asarray(y, dtype=float), exog, weights=weights).fit()
    scores = pd.DataFrame(exog * (weights * fit.resid)[:, None])
    summed = scores.groupby(frame["customer"].to_numpy()).sum().to_numpy()
    summed = summed[np.abs(summed).max(axis=1) > 1e-9]
    bread = np.linalg.inv(exog.T @ (weights[:, None] * exog))
    units = len(summed)
    scale = units / (units - (exog.shape[1] if dof is None else dof))
    return fit.params[0], np.sqrt((bread @ summed.T @ summed @ bread)[0, 0] * scale)


def dummies(column):
    return pd.get_dummies(column).astype(float).to_numpy()


def check(found, expected):
    assert found.estimate == pytest.approx(expected[0], rel=1e-8)
    assert found.std_error == pytest.approx(expected[1], rel=1e-6)


def test_raw_is_least_squares_with_a_dummy_for_each_wave(panel_at):
    frame = answers().drop(columns="weight")
    found = score_trend(panel_at(frame), "x").slopes["raw"]
    # The means of waves are removed before the fit, so two coefficients remain.
    expected = clustered(frame, frame["x_after"], [frame["score"], dummies(frame["wave"])], dof=2)
    check(found, expected)
    assert found.n == len(frame)
    assert found.unit.endswith("per customer in 90 days per point of the score")
    assert "means of waves removed, errors clustered by customer" in found.method


def test_adjusted_holds_controls_and_the_baseline_as_it_stands(panel_at):
    frame = answers().drop(columns="weight")
    found = score_trend(panel_at(frame), "x").slopes["adjusted"]
    before, unknown = frame["x_before"], frame["x_before"].isna()
    held = [before.fillna(before.mean()), unknown, frame["attr_age"], dummies(frame["attr_plan"])]
    columns = [frame["score"], *held[:3], held[3][:, 1:], dummies(frame["wave"])]
    check(found, clustered(frame, frame["x_after"], columns, dof=7))


def test_placebo_is_the_raw_slope_of_what_came_before(panel_at):
    frame = answers().drop(columns="weight")
    found = score_trend(panel_at(frame), "x").slopes["placebo"]
    some = frame[frame["x_before"].notna()]
    expected = clustered(some, some["x_before"], [some["score"], dummies(some["wave"])], dof=2)
    check(found, expected)
    assert found.n == len(some)


def test_two_way_is_a_dummy_for_every_customer_and_wave(panel_at):
    frame = answers().drop(columns="weight")
    found = score_trend(panel_at(frame), "x").slopes["two_way"]
    again = frame[frame.groupby("customer")["wave"].transform("size") > 1]
    columns = [again["score"], dummies(again["wave"])[:, 1:], dummies(again["customer"])]
    slope, _ = clustered(again, again["x_after"], columns, dof=0)
    assert found.estimate == pytest.approx(slope, rel=1e-8)
    assert found.n == len(again)


def test_within_removes_the_means_of_waves_and_then_of_customers(panel_at):
    frame = answers().drop(columns="weight")
    slopes = score_trend(panel_at(frame), "x").slopes
    left = frame[["x_after", "score"]]
    left = left - left.groupby(frame["wave"]).transform("mean")
    left = left - left.groupby(frame["customer"]).transform("mean")
    again = frame.groupby("customer")["wave"].transform("size") > 1
    slope = left["score"] @ left["x_after"] / (left["score"] @ left["score"])
    assert slopes["within"].estimate == pytest.approx(slope, rel=1e-8)
    assert slopes["within"].n == again.sum()
    assert slopes["within"].estimate != pytest.approx(slopes["two_way"].estimate, rel=1e-5)


def test_within_and_two_way_are_the_same_where_everybody_answers_every_time(panel_at):
    frame = answers(400).drop(columns="weight")
    full = frame[frame.groupby("customer")["wave"].transform("size") == 3].reset_index(drop=True)
    slopes = score_trend(panel_at(full), "x").slopes
    assert slopes["within"].estimate == pytest.approx(slopes["two_way"].estimate, rel=1e-9)


def test_weights_are_used_everywhere(panel_at):
    frame = answers()
    w = frame["weight"].to_numpy()
    panel = panel_at(frame)
    slopes = score_trend(panel, "x").slopes
    waves = dummies(frame["wave"])
    check(
        slopes["raw"], clustered(frame, frame["x_after"], [frame["score"], waves], w / w.mean(), 2)
    )
    some = frame[frame["x_before"].notna()]
    ws = some["weight"].to_numpy()
    columns = [some["score"], dummies(some["wave"])]
    check(slopes["placebo"], clustered(some, some["x_before"], columns, ws / ws.mean(), 2))
    plain = score_trend(panel, "x", weighted=False).slopes["raw"]
    check(plain, clustered(frame, frame["x_after"], [frame["score"], waves], dof=2))


def test_one_wave_has_no_slope_within_customers(panel_at):
    frame = answers()
    trend = score_trend(panel_at(frame[frame["wave"] == "2026Q3"].reset_index(drop=True)), "x")
    assert sorted(trend.slopes) == ["adjusted", "placebo", "raw"]
    assert all(isinstance(trend.missing[rung], ModelError) for rung in ("within", "two_way"))
    told = {e.name: e for e in trend.estimates}
    assert "one wave" in told["trend.x.two_way"].note
    assert told["trend.x.two_way"].estimate is None
    assert "means of waves" not in trend.slopes["raw"].method


def test_few_whose_score_changed_are_refused(panel_at):
    frame = answers()
    number = frame["customer"].str[1:].astype(int)
    # The means of waves still differ: a score that stays is no change all the same.
    frame["score"] = np.where(number < 29, frame["score"], np.take([3.0, 7.0, 10.0], number % 3))
    trend = score_trend(panel_at(frame), "x")
    assert isinstance(trend.missing["within"], ScarceDataError)
    assert "customers or clusters changed between waves" in str(trend.missing["within"])


def test_without_a_baseline_there_is_no_placebo(panel_at):
    frame = answers().drop(columns="x_before")
    trend = score_trend(panel_at(frame), "x")
    assert "placebo" not in {*trend.slopes, *trend.missing}


def test_nothing_held_equal_leaves_the_raw_slope(panel_at):
    frame = answers().drop(columns=["x_before", "attr_age", "attr_plan"])
    slopes = score_trend(panel_at(frame.assign(attr_plan="a"), controls=()), "x").slopes
    assert slopes["adjusted"].estimate == pytest.approx(slopes["raw"].estimate, rel=1e-12)


def test_a_score_or_baseline_that_does_not_vary_is_refused(panel_at):
    frame = answers().assign(x_before=1.0)
    trend = score_trend(panel_at(frame), "x")
    assert "x_before is the same" in str(trend.missing["placebo"])
    assert "adjusted" in trend.slopes
    by_wave = frame["wave"].map({"2026Q1": 3.0, "2026Q2": 8.0, "2026Q3": 10.0})
    trend = score_trend(panel_at(frame.assign(score=by_wave)), "x")
    assert "the score is the same for every response of a wave" in str(trend.missing["raw"])
    assert trend.best is None


def test_an_unknown_outcome_is_refused(panel_at):
    with pytest.raises(StudyError, match="no outcome 'y'"):
        score_trend(panel_at(answers()), "y")


def trend_of(panel, p=0.01, slope=1.0, within=None):
    """A trend with figures of our own."""
    made = score_trend(panel, "x")
    half = 0.5
    fixed = {
        "raw": replace(made.slopes["raw"], estimate=slope, p_value=p),
        "adjusted": replace(
            made.slopes["adjusted"], estimate=slope, conf_low=slope - half, conf_high=slope + half
        ),
    }
    fixed["adjusted"] = replace(fixed["adjusted"], p_value=p)
    if within is not None:
        low, high = within
        fixed["two_way"] = replace(made.slopes["two_way"], conf_low=low, conf_high=high)
    return Trend("x", fixed, {})


@pytest.fixture
def panel(tmp_path):
    study = make_study(tmp_path, {"x": "amount"}, controls=["age"])
    return make_panel(study, answers())


def test_p_values_are_adjusted_over_outcomes(panel):
    """By hand: Holm of .01, .03, .04 is .03, .06, .06."""
    trends = {name: trend_of(panel, p) for name, p in (("a", 0.01), ("b", 0.03), ("c", 0.04))}
    assert corrected(trends) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})
    assert corrected({"a": Trend("a", {}, {})}) == {}


def test_worse_is_against_the_better_end_of_scale_and_outcome(panel):
    study, slope = panel.study, trend_of(panel, slope=2.0).slopes["raw"]
    lower_scale = replace(study, scale=replace(study.scale, better="lower"))
    less = replace(study, outcomes=tuple(replace(o, better="lower") for o in study.outcomes))
    assert [worsens(slope, one) for one in (study, lower_scale, less)] == [False, True, True]
    turned = each_point_better(replace(slope, conf_low=1.5, conf_high=2.5), lower_scale)
    assert (turned.estimate, turned.conf_low, turned.conf_high) == (-2.0, -2.5, -1.5)


@pytest.mark.parametrize(
    ("within", "fades"),
    [((-0.3, 0.4), True), ((-0.3, 1.2), False), ((0.1, 0.4), False), (None, False)],
)
def test_a_slope_fades_where_customers_against_themselves_have_none(panel, within, fades):
    assert fades_within(trend_of(panel, within=within)) is fades
