from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from both_fits import analyse_frame, assert_same
from doubly_robust_by_hand import Columns, contrast
from panels import customers

from cxroi.analysis import analyse
from cxroi.checks import sensitivity
from cxroi.checks.result import PASSED, WARNING
from cxroi.checks.sensitivity import _against, _outside, _weaker, sensitivity_check
from cxroi.errors import ModelError, ScarceDataError
from cxroi.panel.building import build_panel
from cxroi.panel.windows import rebuild_windows
from cxroi.reading.tables import read_tables
from cxroi.results.estimate import Estimate
from cxroi.simulate.simulate import simulate
from cxroi.study.loading import load_study

KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count"}
STRAIGHT = "a straight line through controls and baselines"
MODELS = {"retained": "logit", "contacts": "Poisson regression with robust errors"}


@pytest.fixture
def analysis_of(panel_of):
    def make(frame, controls=("tenure", "region"), kinds=KINDS, **study):
        return analyse(panel_of(frame, kinds, controls=controls, **study))

    return make


@pytest.fixture(scope="module")
def dated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world") / "w"
    path = simulate(folder, 2500, 6, waves=["2026Q2"], file_format="parquet")
    return folder, analyse(build_panel(read_tables(load_study(path))))


def halved(panel):
    windows = {"outcome_days": 45, "baseline_days": 45, "roles": ["orders", "contacts"]}
    return rebuild_windows(panel, **windows).frame


def row(check, name):
    return check.table.set_index("term").loc[name]


def predicted(text, frame, family=None):
    data = frame.assign(g=pd.cut(frame["score"], [-1, 6, 8, 10], labels=list("dpr")).astype(str))
    fit = smf.glm(text, data, family=family).fit(tol=1e-12)
    passives = data[data["g"] == "p"]
    return (fit.predict(passives.assign(g="r")) - fit.predict(passives.assign(g="p"))).mean()


@pytest.mark.parametrize(
    ("outcome", "family"),
    [("retained", sm.families.Binomial()), ("contacts", sm.families.Poisson())],
)
def test_other_models_are_the_predictions_by_formula(analysis_of, outcome, family):
    frame = customers()
    check = sensitivity_check(analysis_of(frame), outcome)
    text = f"{outcome}_after ~ g + attr_tenure + C(attr_region)"
    expected = predicted(text, frame, family)
    assert row(check, MODELS[outcome])["estimate"] == pytest.approx(expected, rel=1e-5)
    data = frame.assign(g=pd.cut(frame["score"], [-1, 6, 8, 10], labels=list("dpr")).astype(str))
    fit = smf.ols(text.replace("~ g", "~ C(g, Treatment('p'))"), data).fit(cov_type="HC1")
    linear = row(check, STRAIGHT)
    assert linear["estimate"] == pytest.approx(fit.params["C(g, Treatment('p'))[T.r]"])
    assert linear["std_error"] == pytest.approx(fit.bse["C(g, Treatment('p'))[T.r]"], rel=1e-6)


def bent(effect, n=1500, seed=7):
    """Promoters are far from the average tenure, and so are those who spend much."""
    rng = np.random.default_rng(seed)
    tenure = rng.normal(size=n)
    liking = 1.2 * tenure**2 + rng.normal(size=n)
    score = np.select([liking < 0.2, liking < 1.4], [4.0, 8.0], 10.0)
    mean = np.exp(3 + 0.4 * np.minimum(tenure**2, 4) + effect * (score > 8))
    return pd.DataFrame(
        {"score": score, "spend_after": rng.gamma(4.0, mean / 4), "attr_tenure": tenure}
    )


def test_warns_where_a_curve_makes_the_gap(analysis_of):
    analysis = analysis_of(bent(0.0), controls=("tenure",), kinds={"spend": "amount"})
    check = sensitivity_check(analysis, "spend")
    assert check.verdict == WARNING
    assert check.estimate.term in (STRAIGHT, "Gamma regression with log link")
    assert check.estimate.name == "check.sensitivity.spend"
    assert abs(analysis.regressions["spend"].contrast.estimate) < 0.5 * check.estimate.estimate


def test_warns_where_a_curve_turns_the_sign(analysis_of):
    analysis = analysis_of(bent(-0.3), controls=("tenure",), kinds={"spend": "amount"})
    assert analysis.regressions["spend"].adjusted.conf_low > 0
    check = sensitivity_check(analysis, "spend")
    assert analysis.regressions["spend"].contrast.conf_high < 0
    assert check.verdict == WARNING
    assert f"farthest away: {STRAIGHT}" in check.sentence


def test_quiet_where_the_models_agree(analysis_of):
    analysis = analysis_of(customers(3000))
    for outcome in KINDS:
        check = sensitivity_check(analysis, outcome)
        assert check.verdict == PASSED
        assert check.table["term"].iloc[0] == "as in the answer"
        assert len(check.table) == {"spend": 4, "retained": 3, "contacts": 3}[outcome]
        away = (check.table["estimate"] - check.table["estimate"].iloc[0]).abs()
        assert check.table["term"][away.idxmax()] == check.estimate.term


def gap(value, error):
    half = 1.96 * error
    return Estimate("g", value, value - half, value + half, error, "EUR", 100, "hand")


@pytest.mark.parametrize(
    ("choice", "adjusted", "matters", "against", "outside"),
    [
        (gap(11, 2), gap(10, 2), 1, False, False),  # within the interval
        (gap(15, 2), gap(10, 2), 6, False, False),  # outside, nearer than what matters
        (gap(15, 2), gap(10, 2), 4, False, True),
        (gap(-1, 2), gap(10, 2), 20, False, True),  # the other sign of a gap told apart
        (gap(-1, 2), gap(1, 2), 20, False, False),  # two gaps that are not
        (gap(-6, 2), gap(1, 2), 20, True, False),  # the other sign, told apart
    ],
)
def test_verdict_of_a_choice(choice, adjusted, matters, against, outside):
    assert _against(choice, adjusted) == against
    assert _outside(choice, adjusted, matters) == outside


def test_half_windows_hold_what_pandas_counts(dated):
    folder, panel = dated[0], dated[1].panel
    orders = pd.read_parquet(folder / "orders.parquet")
    answers = panel.frame[["customer", "answered_at"]]
    orders = orders.assign(customer=orders["customer_id"].astype(str))
    joined = answers.reset_index().merge(orders, on="customer")
    days = (joined["ordered_at"] - joined["answered_at"]) / pd.Timedelta(days=1)
    after = joined[(days > 0) & (days <= 45)].groupby("index")["amount"].sum()
    before = joined[(days < 0) & (days >= -45)].groupby("index").size()
    found = halved(panel)
    assert found["spend_after"].to_numpy() == pytest.approx(
        after.reindex(answers.index, fill_value=0).to_numpy(dtype=float)
    )
    assert found["orders_before"].to_numpy() == pytest.approx(
        before.reindex(answers.index, fill_value=0).to_numpy(dtype=float)
    )
    assert 0 < found["spend_after"].sum() < panel.frame["spend_after"].sum()


def test_windows_are_choices_and_leave_the_tables_of_the_panel_alone(dated):
    analysis, panel = dated[1], dated[1].panel
    query = "SELECT sum(spend_after), sum(orders_before), count(*) FROM orders_windows"
    once = panel.tables.connection.execute(query).fetchone()
    check = sensitivity_check(analysis, "orders")
    assert panel.tables.connection.execute(query).fetchone() == once
    terms = check.table["term"].tolist()
    assert terms[-2:] == ["outcome window of 45 days, times 2", "baseline window of 45 days"]
    answers = panel.frame["group"]
    pair = int(answers.isin(["passive", "promoter"]).sum())
    # The straight line and the Poisson model are fitted to every group.
    assert check.table["n"].tolist() == [pair, len(answers), len(answers), pair, pair]
    yes_no = sensitivity_check(analysis, "repeat_purchase").table["term"].tolist()
    assert yes_no == ["as in the answer", STRAIGHT, "logit", "baseline window of 45 days"]


def test_gap_of_the_half_window_is_scaled(dated):
    analysis, panel = dated[1], dated[1].panel
    found = row(sensitivity_check(analysis, "contacts"), "outcome window of 45 days, times 2")
    doubled = panel.frame.assign(contacts_after=2 * halved(panel)["contacts_after"].to_numpy())
    held = Columns(
        ("segment", "region"),
        ("tenure_months",),
        ("spend_before",),
        ("orders_before", "contacts_before", "returns_before"),
        knots=5,
    )
    group = doubled["group"].astype(str).to_numpy()
    values, columns = doubled["contacts_after"].to_numpy(), held.of(doubled.assign(weight=1.0))
    sides = group == "passive", group == "promoter"
    expected = contrast(values, columns, np.ones(len(values)), *sides).estimate
    assert found["estimate"] == pytest.approx(expected, rel=1e-6)


def test_not_possible_where_the_regression_was_refused(analysis_of):
    frame = customers()
    frame["contacts_after"] = np.where(frame.index < 6, 1.0, 0.0)
    with pytest.raises(ScarceDataError, match="too rare"):
        sensitivity_check(analysis_of(frame), "contacts")


def test_an_attribute_called_before_is_no_baseline(dated):
    analysis, panel = dated[1], dated[1].panel
    frame = panel.frame.assign(attr_plan_before=1.0)
    named = replace(analysis, panel=panel.with_frame(frame))
    found, plain = (sensitivity_check(a, "contacts").table for a in (named, analysis))
    assert found["estimate"].tolist() == plain["estimate"].tolist()
    assert found["note"].tolist() == [""] * len(plain)


def test_sentence_is_short_and_names_one_choice(analysis_of):
    analysis = analysis_of(bent(0.0), controls=("tenure",), kinds={"spend": "amount"})
    sentence = sensitivity_check(analysis, "spend").sentence
    assert len(sentence.split()) <= 60
    assert "It depends on the choice by over EUR" in sentence


@pytest.mark.parametrize(
    ("name", "choice", "adjusted", "matters", "why"),
    [
        ("least squares", gap(8, 2), gap(10, 2), 1, ""),
        ("least squares", gap(8, 5), gap(10, 2), 1, "which may be zero"),
        ("outcome window of 45 days, times 2", gap(8, 5), gap(10, 2), 1, ""),
        ("baseline window of 45 days", gap(8, 5), gap(10, 2), 1, ""),
        ("least squares", gap(8, 5), gap(10, 6), 1, ""),  # nor is the gap itself told apart
        ("least squares", gap(8, 2), gap(10, 2), 9, "under EUR 9, the smallest that matters"),
        ("least squares", gap(-8, 2), gap(-10, 2), 9, "under EUR 9, the smallest that matters"),
        ("least squares", gap(8, 2), gap(8.5, 2), 9, ""),  # both are under it
        ("least squares", gap(16, 2), gap(10, 2), 1, "over half of the adjusted gap away from it"),
        ("baseline window of 45 days", gap(16, 2), gap(10, 2), 1, "over half of the adjusted gap"),
        ("least squares", gap(14.9, 2), gap(10, 2), 1, ""),
        ("least squares", gap(4, 2), gap(1, 2), 5, ""),  # of a gap that may be zero
        ("least squares", gap(7, 4), gap(1, 3), 5, "over half of the adjusted gap away from it"),
    ],
)
def test_a_choice_that_says_less(name, choice, adjusted, matters, why):
    adjusted, choice = (replace(e, unit="EUR per customer") for e in (adjusted, choice))
    found = dict(_weaker({name: choice}, adjusted, matters, "EUR"))
    assert list(found) == ([name] if why else [])
    assert why in found.get(name, "")


def test_a_gap_that_least_squares_does_not_find_is_a_warning(analysis_of, monkeypatch):
    analysis = analysis_of(customers())
    adjusted = analysis.regressions["contacts"].contrast
    half = 1.01 * abs(adjusted.estimate)
    weak = replace(adjusted, conf_low=adjusted.estimate - half, conf_high=adjusted.estimate + half)
    choices = [("least squares", lambda: weak), ("logit", lambda: adjusted)]
    monkeypatch.setattr(sensitivity, "_choices", lambda *_: iter(choices))
    check = sensitivity_check(analysis, "contacts")
    assert check.verdict == WARNING
    told = "All choices point the same way; under least squares the gap is "
    assert told in check.sentence
    assert check.sentence.endswith(", which may be zero.")


def test_a_choice_that_could_not_be_fitted_is_named_and_no_pass(analysis_of, monkeypatch):
    analysis = analysis_of(customers())
    adjusted = analysis.regressions["contacts"].contrast

    def refuse():
        raise ModelError("no convergence")

    choices = [("least squares", lambda: adjusted), ("logit", refuse)]
    monkeypatch.setattr(sensitivity, "_choices", lambda *_: iter(choices))
    check = sensitivity_check(analysis, "contacts")
    assert check.verdict == WARNING
    assert check.sentence.endswith("Could not be fitted: logit.")
    monkeypatch.setattr(sensitivity, "_choices", lambda *_: iter(choices[:1]))
    check = sensitivity_check(analysis, "contacts")
    assert check.verdict == PASSED
    assert check.sentence.endswith("All choices point the same way and stay close.")


@pytest.mark.parametrize("below", [0.0, 30.0])
def test_the_same_from_sums_with_clusters_and_amounts_below_zero(tmp_path, below):
    frame = customers().assign(team=np.arange(600) // 2)
    frame["spend_after"] -= below * (frame["spend_after"] > 0)
    rng = np.random.default_rng(1)
    frame["attr_member"] = rng.integers(0, 2, 600).astype(float)  # its square is determined
    controls = ("tenure", "region", "member")
    both = analyse_frame(tmp_path, frame, KINDS, controls, 'cluster = "team"')
    for outcome in KINDS:
        assert_same(*(sensitivity_check(analysis, outcome) for analysis in both))
