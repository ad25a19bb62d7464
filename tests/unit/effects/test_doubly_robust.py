import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import customers, make_panel, make_study

from cxroi.effects.adjusted import regress_outcome
from cxroi.effects.doubly_robust import aipw_contrast
from cxroi.errors import ModelError, ParameterError
from cxroi.models.propensity import fit_propensity

KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count"}


@pytest.fixture
def panel(panel_of):
    return panel_of(customers(900), KINDS, controls=["tenure", "region"])


def both(panel, outcome, **more):
    regression = regress_outcome(panel, outcome)
    return regression, aipw_contrast(panel, regression, **more)


def test_with_a_yes_no_control_it_is_the_stratified_difference(panel_of):
    """By hand: differences of means within strata, weighted by the strata of the from group."""
    rng = np.random.default_rng(3)
    south = rng.random(800) < 0.4
    score = np.where(rng.random(800) < np.where(south, 0.7, 0.3), 10.0, 7.0)
    x = rng.poisson(1 + 2 * south + (score > 8) * (1 + south)).astype(float)
    frame = pd.DataFrame({"score": score, "x_after": x, "attr_south": np.where(south, "y", "n")})
    _, found = both(panel_of(frame, {"x": "count"}, controls=["south"]), "x")
    expected = 0.0
    for side in (True, False):
        passive, promoter = (south == side) & (score < 8), (south == side) & (score > 8)
        share = passive.sum() / (score < 8).sum()
        expected += share * (x[promoter].mean() - x[passive].mean())
    assert found.estimate.estimate == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("outcome", KINDS)
def test_estimate_written_out(panel, outcome):
    regression, found = both(panel, outcome)
    setting, values = regression.fitted.setting, panel.frame[f"{outcome}_after"].to_numpy()
    passive, promoter = panel.frame["score"] == 8, panel.frame["score"] == 9
    pair = passive | promoter
    exog = sm.add_constant(setting.controls.matrix.matrix)
    logit = sm.Logit(promoter[pair].astype(float), exog[pair]).fit(disp=0)
    odds = np.exp(-exog @ logit.params)
    under = setting.design.matrix.copy()
    under[:, 1:3] = [0, 1]
    models = regression.models
    if outcome == "spend":
        mean = models["any"].predict(under) * models["amount"].predict(under)
    else:
        mean = models["mean"].predict(under)
    residual = np.average((values - mean)[promoter], weights=odds[promoter])
    expected = mean[passive].mean() + residual - values[passive].mean()
    assert found.estimate.estimate == pytest.approx(expected, rel=1e-7)
    assert np.flatnonzero(found.influence).size == len(values)  # both models use all three groups


@pytest.mark.parametrize("outcome", KINDS)
def test_error_is_that_of_leaving_customers_out(tmp_path, outcome):
    """Jackknife: fit everything again without one block of customers at a time."""
    frame = customers(900, seed=4)
    study = make_study(tmp_path, {outcome: KINDS[outcome]}, controls=["tenure", "region"])
    whole = both(make_panel(study, frame), outcome)[1].estimate
    blocks = np.random.default_rng(1).permutation(len(frame)) % 90
    left = [
        both(make_panel(study, frame[blocks != block]), outcome)[1].estimate.estimate
        for block in range(90)
    ]
    error = np.sqrt(89 / 90 * ((left - np.mean(left)) ** 2).sum())
    # A jackknife over 90 blocks is itself uncertain by 1 / sqrt(2 * 89), 7.5 %.
    assert whole.std_error == pytest.approx(error, rel=0.22)


def test_right_when_only_one_of_the_models_is_right(panel_of):
    """A bend in tenure that the outcome model misses, and a propensity that is a logit."""
    rng = np.random.default_rng(8)
    tenure = rng.normal(size=60_000)
    promoter = rng.random(len(tenure)) < 1 / (1 + np.exp(1 - tenure))
    mean = 5 + np.where(promoter, 1.0, 0.0) + 0.5 * (tenure + 1) ** 2
    frame = pd.DataFrame({"score": np.where(promoter, 10.0, 7.0), "attr_tenure": tenure})
    frame["x_after"] = mean + rng.normal(size=len(tenure))
    regression, found = both(panel_of(frame, {"x": "amount"}, controls=["tenure"]), "x")
    assert abs(regression.adjusted.estimate - 1) > 4 * regression.adjusted.std_error
    assert abs(found.estimate.estimate - 1) < 3 * found.estimate.std_error


def test_every_group_gets_its_contrast(panel):
    _, found = both(panel, "contacts")
    assert [e.contrast for e in found.contrasts] == ["detractor - passive", "promoter - passive"]
    assert found.estimate.estimate == found.contrasts[1].estimate
    assert found.estimate.name == "contrast.contacts.doubly_robust"
    assert len(found.tidy()) == 2


@pytest.mark.parametrize("outcome", KINDS)
def test_cross_fitting_changes_little_where_the_models_are_small(panel, outcome):
    regression, whole = both(panel, outcome)
    crossed = aipw_contrast(panel, regression, folds=5).estimate
    assert crossed.estimate != whole.estimate.estimate
    assert abs(crossed.estimate - whole.estimate.estimate) < 0.5 * whole.estimate.std_error
    assert crossed.std_error == pytest.approx(whole.estimate.std_error, rel=0.15)
    assert "cross-fitted in 5 folds" in crossed.method


def test_cross_fitting_predicts_no_row_by_a_model_that_has_seen_it(panel_of):
    """An outlier among promoters pulls the model of its own fold's rows, were it seen."""
    frame = customers(900, seed=2)
    row = int(np.flatnonzero(frame["score"] == 9)[0])

    def residual_pull(folds, amount):
        changed = frame.assign(spend_after=frame["spend_after"].where(frame.index != row, amount))
        panel = panel_of(changed, {"spend": "amount"}, controls=["tenure"])
        regression = regress_outcome(panel, "spend")
        return aipw_contrast(panel, regression, folds=folds).influence[row]

    # Not shrunk by a prediction that has moved toward it.
    assert residual_pull(5, 9_000.0) > residual_pull(0, 9_000.0)


@pytest.mark.parametrize("folds", [1, -2, 500, 2.5, "5", None, True])
def test_folds_that_make_no_sense_are_refused(panel, folds):
    regression = regress_outcome(panel, "contacts")
    with pytest.raises(ParameterError, match="folds is"):
        aipw_contrast(panel, regression, folds=folds)


def test_a_control_that_fixes_the_group_leaves_no_overlap(panel_of):
    frame = customers(600)
    frame["attr_plan"] = np.where(frame["score"] == 9, "gold", "plain")
    panel = panel_of(frame, {"contacts": "count"}, controls=["plan"])
    with pytest.raises(ModelError, match=r"plan = .*"):
        both(panel, "contacts")


def test_weights_count_as_copies_in_the_estimate(tmp_path):
    frame = customers(700, seed=6)
    copies = np.random.default_rng(2).integers(1, 4, len(frame))
    study = make_study(tmp_path, {"contacts": "count"}, controls=["region"])
    weighted = both(make_panel(study, frame.assign(weight=copies.astype(float))), "contacts")[1]
    copied = both(make_panel(study, frame.loc[frame.index.repeat(copies)]), "contacts")[1]
    assert weighted.estimate.estimate == pytest.approx(copied.estimate.estimate, rel=1e-6)
    assert "survey-weighted" in weighted.estimate.method


def test_propensity_is_the_logit_over_the_pair(panel):
    setting = regress_outcome(panel, "contacts").fitted.setting
    found = fit_propensity(setting, "promoter")
    pair = (panel.frame["score"] >= 7).to_numpy()
    exog = sm.add_constant(setting.controls.matrix.matrix)
    logit = sm.Logit((panel.frame["score"] == 9)[pair].astype(float), exog[pair]).fit(disp=0)
    assert found.chance == pytest.approx(logit.predict(exog), rel=1e-6)
    assert found.odds_from == pytest.approx(1 / found.chance - 1)
