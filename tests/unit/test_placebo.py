from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from panels import customers

from cxroi.analysis import analyse
from cxroi.checking.placebo import _verdict, baseline_of, placebo_check
from cxroi.checking.result import FAILED, PASSED, WARNING
from cxroi.errors import ModelError
from cxroi.estimate import Estimate
from cxroi.panel import build_panel
from cxroi.simulate import simulate
from cxroi.study import load_study
from cxroi.tables import read_tables

KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count"}
POISSON = sm.families.Poisson()


def with_past(driven, effect=0.0, n=900, seed=5):
    """Spend before and after share a trait; the score follows the past, or does not."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=n)
    before = rng.gamma(4.0, np.exp(3 + 0.4 * trait) / 4)
    liking = rng.normal(size=n) + (1.5 * np.log(before) - 4.5 if driven else 0.0)
    score = np.select([liking < -0.6, liking < 0.6], [4.0, 8.0], 9.0)
    after = rng.gamma(4.0, np.exp(3 + 0.4 * trait + effect * (score > 8)) / 4)
    return pd.DataFrame({"score": score, "spend_before": before, "spend_after": after})


@pytest.fixture(scope="module")
def reverse(tmp_path_factory):
    path = simulate(tmp_path_factory.mktemp("world") / "w", 3000, 4, "reverse", waves=["2026Q2"])
    return analyse(build_panel(read_tables(load_study(path))))


def test_gap_before_is_the_prediction_by_formula(panel_of):
    frame = customers()
    frame["contacts_before"] = np.random.default_rng(2).poisson(np.exp(0.2 * frame["attr_tenure"]))
    analysis = analyse(panel_of(frame, KINDS, controls=("tenure", "region")))
    check = placebo_check(analysis, "contacts")
    data = frame.assign(g=pd.cut(frame["score"], [-1, 6, 8, 10], labels=list("dpr")).astype(str))
    passives = data[data["g"] == "p"]
    for side, found in (("before", check.estimate), ("after", None)):
        fit = smf.glm(f"contacts_{side} ~ g + attr_tenure + C(attr_region)", data, family=POISSON)
        fit = fit.fit(tol=1e-12)
        gap = (fit.predict(passives.assign(g="r")) - fit.predict(passives)).mean()
        row = check.table.iloc[0 if side == "before" else 1]
        assert row["estimate"] == pytest.approx(gap, rel=1e-5)
        assert found is None or found.estimate == row["estimate"]
    adjusted = analysis.regressions["contacts"].adjusted
    assert check.table.iloc[2]["estimate"] == adjusted.estimate
    assert check.estimate.unit == adjusted.unit


def test_fires_where_past_spend_drives_the_score(panel_of):
    check = placebo_check(analyse(panel_of(with_past(True), {"spend": "amount"})), "spend")
    assert check.verdict == FAILED
    assert check.estimate.conf_low > 0
    assert "mostly what was there before" in check.sentence
    assert check.estimate.name == "check.placebo.spend"


def test_quiet_where_the_score_does_not_know_the_past(panel_of):
    frame = with_past(False, effect=0.6)
    check = placebo_check(analyse(panel_of(frame, {"spend": "amount"})), "spend")
    assert check.verdict == PASSED
    assert check.estimate.conf_low < 0 < check.estimate.conf_high
    assert "not told apart before the answer" in check.sentence


def test_rows_are_those_on_which_both_windows_are_known(panel_of):
    frame = with_past(True)
    frame.loc[:99, "spend_before"] = np.nan
    frame.loc[100:149, "spend_after"] = np.nan
    check = placebo_check(analyse(panel_of(frame, {"spend": "amount"})), "spend")
    assert check.table["n"].tolist()[:2] == [750, 750]


def gap(value, error):
    half = 1.96 * error
    return Estimate("g", value, value - half, value + half, error, "EUR", 100, "hand")


@pytest.mark.parametrize(
    ("before", "after", "matters", "verdict"),
    [
        (gap(1, 2), gap(10, 2), 5, PASSED),  # not told apart, small beside both
        (gap(4, 3), gap(5, 3), 5, PASSED),  # not told apart, under what matters
        (gap(4, 3), gap(9, 3), 1, PASSED),  # not told apart, under half of the gap after
        (gap(6, 4), gap(7, 4), 5, WARNING),  # not told apart, yet large
        (gap(4, 1), gap(10, 1), 5, WARNING),  # told apart, under half
        (gap(5, 1), gap(10, 1), 9, FAILED),  # told apart, half
        (gap(-6, 1), gap(10, 1), 5, FAILED),  # the other way round counts as well
        (gap(-4, 1), gap(-10, 1), 5, WARNING),
    ],
)
def test_verdict(before, after, matters, verdict):
    assert _verdict(before, after, matters) == verdict


def test_world_reverse_is_found_out(reverse):
    for outcome in ("spend", "orders", "repeat_purchase"):
        assert placebo_check(reverse, outcome).verdict == FAILED


def test_baselines_of_the_same_orders_are_not_held_equal(reverse):
    # Independent: contacts and returns stay among the controls, spend and orders do not.
    frame = reverse.panel.frame
    data = frame.assign(g=frame["group"].astype(str))
    text = (
        "orders_before ~ C(g, Treatment('passive')) + C(attr_segment) + C(attr_region) "
        "+ attr_tenure_months + np.arcsinh(contacts_before) + np.arcsinh(returns_before)"
    )
    fit = smf.glm(text, data, family=POISSON).fit(tol=1e-12)
    passives = data[data["g"] == "passive"]
    expected = (fit.predict(passives.assign(g="promoter")) - fit.predict(passives)).mean()
    check = placebo_check(reverse, "orders")
    assert check.estimate.estimate == pytest.approx(expected, rel=1e-4)
    assert "the declared controls and the baselines of other tables held equal" in check.sentence


def test_baseline_is_scaled_to_the_outcome_window(reverse):
    panel = reverse.panel
    shorter = replace(panel, study=replace(panel.study, baseline_days=30))
    assert baseline_of(shorter, "spend") == pytest.approx(3 * baseline_of(panel, "spend"))
    bought = (panel.frame["orders_before"] > 0).to_numpy(dtype=float)
    assert baseline_of(shorter, "repeat_purchase").tolist() == bought.tolist()


def test_churn_without_purchase_has_the_purchases_before_as_baseline(reverse):
    panel = reverse.panel
    shop = replace(panel, study=replace(panel.study, churn="no_purchase"))
    bought = (panel.frame["orders_before"] > 0).to_numpy(dtype=float)
    assert baseline_of(shop, "retained").tolist() == bought.tolist()
    assert baseline_of(shop, "churned").tolist() == (1 - bought).tolist()


def test_not_possible_without_a_baseline(reverse, panel_of):
    with pytest.raises(ModelError, match="nobody had churned before the answer"):
        placebo_check(reverse, "retained")
    flat = analyse(panel_of(customers(), KINDS))
    with pytest.raises(ModelError, match=r"\[outcomes.columns.spend\]"):
        placebo_check(flat, "spend")
