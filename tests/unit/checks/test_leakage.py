from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from both_fits import analyse_frame, assert_same
from panels import customers, make_dated_study, make_panel
from scipy import stats

from cxroi.analysis import analyse
from cxroi.checks.leakage import leakage_check
from cxroi.checks.result import FAILED, PASSED, WARNING
from cxroi.checks.tools.inputs import deal
from cxroi.checks.tools.strength import of_levels, with_area_error, with_rank_error
from cxroi.errors import ModelError
from cxroi.models.sample import take_sample
from cxroi.moments.order_statistics import level_ranks
from cxroi.panel.building import build_panel
from cxroi.reading.tables import read_tables
from cxroi.simulate.simulate import simulate
from cxroi.study.loading import load_study

KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count"}


@pytest.fixture
def check_of(panel_of):
    """Look for leaks in a frame, without any regression: it may be refused for the leak."""

    def make(frame, outcome, controls=("tenure", "region"), **study):
        panel = panel_of(frame, KINDS, controls=controls, **study)
        return leakage_check(SimpleNamespace(panel=panel, regressions={}), outcome)

    return make


def row(check, name):
    return check.table.set_index("term").loc[name]


def test_strength_with_amounts_and_counts_is_spearmans(check_of):
    frame = customers()
    for outcome in ("spend", "contacts"):
        expected = stats.spearmanr(frame["attr_tenure"], frame[f"{outcome}_after"]).statistic
        found = row(check_of(frame, outcome), "tenure")
        assert found["estimate"] == pytest.approx(abs(expected))
        assert found["n"] == 600


def test_strength_with_yes_no_is_somers_d(check_of):
    frame = customers()
    expected = stats.somersd(frame["retained_after"], frame["attr_tenure"]).statistic
    assert row(check_of(frame, "retained"), "tenure")["estimate"] == pytest.approx(expected)


def test_direction_does_not_matter(check_of):
    frame = customers()
    once = row(check_of(frame, "retained"), "tenure")["estimate"]
    frame["attr_tenure"] *= -1
    assert row(check_of(frame, "retained"), "tenure")["estimate"] == pytest.approx(once)


def test_error_of_an_area_as_published():
    # Hanley and McNeil (1982): 51 abnormal and 58 normal images, area 0.893, error 0.032.
    found = with_area_error(2 * 0.893 - 1, 51 / 109, 109, 109)
    assert found.std_error / 2 == pytest.approx(0.032, abs=0.0006)  # printed to three places
    assert found.conf_low == pytest.approx(0.786 - 1.96 * found.std_error, abs=1e-4)


def test_interval_of_a_rank_correlation_by_hand():
    # Bonett and Wright (2000): r = 0.5, n = 103: error of z is sqrt((1 + 0.125) / 100).
    found = with_rank_error(0.5, 103, 103)
    half = 1.959964 * np.sqrt(0.01125)
    assert found.conf_low == pytest.approx(np.tanh(np.arctanh(0.5) - half), rel=1e-6)
    assert found.conf_high == pytest.approx(np.tanh(np.arctanh(0.5) + half), rel=1e-6)


def test_quiet_on_honest_controls(check_of):
    for outcome in KINDS:
        check = check_of(customers(), outcome)
        assert check.verdict == PASSED
        assert check.sentence.startswith("Neither the score nor an input nearly determines")
        assert "(3 looked at)" in check.sentence  # the score and two controls


@pytest.mark.parametrize("outcome", KINDS)
def test_fires_on_the_outcome_under_another_name(check_of, outcome):
    frame = customers()
    noise = np.random.default_rng(9).lognormal(0, 0.1, len(frame))
    frame["attr_value_class"] = frame[f"{outcome}_after"] * noise
    check = check_of(frame, outcome, controls=("tenure", "value_class"))
    assert check.verdict == FAILED
    assert check.estimate.term == "value_class"
    assert check.estimate.estimate >= 0.9
    measure = "Gini of a yes/no" if outcome == "retained" else "rank correlation"
    assert check.sentence.startswith(f"'value_class': {measure} ")


def test_fires_where_the_leak_leaves_no_gap_to_estimate(panel_of):
    frame = customers()
    frame["attr_left"] = np.where(frame["retained_after"] == 1, "no", "yes")
    analysis = analyse(panel_of(frame, KINDS, controls=("tenure", "left")))
    advice = analysis.refusals["retained"].fix  # nothing varies but by the control
    assert "does one of them all but determine retained" in advice
    check = leakage_check(analysis, "retained")
    assert (check.verdict, check.estimate.term) == (FAILED, "left")
    assert check.estimate.estimate == pytest.approx(1)


def test_fires_on_a_quantity_that_is_missing_where_nothing_came_after(check_of):
    frame = customers()
    frame["attr_next_order"] = np.where(
        frame["retained_after"] == 1, np.random.default_rng(1).normal(size=600), np.nan
    )
    check = check_of(frame, "retained", controls=("next_order",))
    assert (check.verdict, check.estimate.term) == (FAILED, "next_order = (missing)")


def test_many_levels_alone_are_no_leak(check_of):
    frame = customers()
    rng = np.random.default_rng(3)
    frame["attr_postcode"] = pd.Series(rng.integers(0, 150, len(frame))).map("P{}".format)
    inside = frame.groupby("attr_postcode")["spend_after"].transform("mean")
    assert stats.spearmanr(inside, frame["spend_after"]).statistic > 0.4  # what a naive look shows
    found = row(check_of(frame, "spend", controls=("postcode",)), "postcode")
    assert found["estimate"] < 0.15


def test_levels_that_are_classes_of_the_outcome_are_a_leak(check_of):
    frame = customers()
    classes = pd.qcut(frame["spend_after"].rank(method="first"), 10, labels=list("cajhebgdfi"))
    frame["attr_class"] = classes.astype(str)
    check = check_of(frame, "spend", controls=("class",))
    assert (check.verdict, check.estimate.term) == (FAILED, "class")


def test_levels_learn_from_other_customers_only():
    # Each level is one customer with two answers: what it learns of itself must not count.
    rng = np.random.default_rng(0)
    customer = np.repeat(np.arange(300), 2)
    target = np.repeat(rng.normal(size=300), 2)
    fold = (np.arange(300) % 5)[customer]
    assert abs(of_levels(level_ranks(customer, target, fold), yes_no=False)) < 0.1


def windows(leak, n=800):
    rng = np.random.default_rng(12)
    trait = rng.normal(size=n)
    after, before = (rng.gamma(4.0, np.exp(3 + 0.5 * trait)) for _ in range(2))
    known = np.log(after) if leak else trait
    return customers(n).assign(
        spend_after=after, spend_before=before, attr_plan=known + 0.4 * rng.normal(size=n)
    )


def test_warns_of_a_control_that_knows_the_later_window_alone(check_of):
    check = check_of(windows(True), "spend", controls=("plan",))
    found = row(check, "plan")
    assert found["estimate"] < 0.9
    assert found["with_baseline"] < found["estimate"] - 0.2
    assert check.verdict == WARNING
    assert f"With spend before the answer it is {found['with_baseline']:.2f}" in check.sentence
    assert "check when it was measured" in check.sentence


def test_quiet_on_a_control_that_knows_both_windows_alike(check_of):
    check = check_of(windows(False), "spend", controls=("plan",))
    assert check.verdict == PASSED
    assert row(check, "plan")["estimate"] > 0.4


def test_an_undated_baseline_may_be_a_leak_a_dated_one_is_not(check_of, tmp_path):
    frame = customers()
    noise = np.random.default_rng(9).lognormal(0, 0.05, len(frame))
    frame["spend_before"] = frame["spend_after"] * noise
    assert check_of(frame, "spend", controls=()).verdict == FAILED
    panel = make_panel(make_dated_study(tmp_path), frame)
    check = leakage_check(SimpleNamespace(panel=panel, regressions={}), "spend")
    assert check.verdict == WARNING
    assert "little is left for the score to add" in check.sentence


def test_answers_of_one_customer_do_not_count_twice(check_of):
    frame = customers()
    once = row(check_of(frame, "spend"), "tenure")
    twice = pd.concat([frame.assign(customer=frame.index.astype(str))] * 2)
    found = row(check_of(twice, "spend"), "tenure")
    assert found["estimate"] == pytest.approx(once["estimate"])
    assert found["std_error"] == pytest.approx(once["std_error"])


def test_answers_of_one_customer_are_in_one_fold(panel_of):
    frame = pd.concat([customers(1000)] * 3)
    frame["cluster"] = frame["customer"] = frame.index.map("c{}".format)
    panel = panel_of(frame, KINDS)
    fold = deal(panel, take_sample(panel, "retained"))
    assert len(set(zip(frame["customer"], fold, strict=True))) == 1000
    # Each of five has 200 of 1000 customers, give or take 4 standard deviations of 12.6.
    assert np.bincount(fold) / 3 == pytest.approx([200] * 5, abs=51)


def test_orders_to_come_are_found_out_in_a_dated_study(tmp_path):
    path = simulate(tmp_path / "w", 2000, 4, waves=["2026Q2"], file_format="parquet")
    panel = build_panel(read_tables(load_study(path)))
    honest = {
        o: leakage_check(SimpleNamespace(panel=panel, regressions={}), o)
        for o in ("spend", "orders")
    }
    assert {check.verdict for check in honest.values()} == {PASSED}
    study = replace(panel.study, controls=(*panel.study.controls, "future"))
    frame = panel.frame.assign(attr_future=panel.frame["orders_after"])
    planted = SimpleNamespace(panel=replace(panel, study=study).with_frame(frame), regressions={})
    assert leakage_check(planted, "orders").verdict == FAILED
    spend = leakage_check(planted, "spend")
    assert spend.verdict != PASSED
    assert spend.estimate.term == "future"


def test_without_an_input_the_score_is_looked_at(check_of):
    check = check_of(customers(), "spend", controls=())
    assert check.table["term"].tolist() == ["the score"]
    assert check.verdict == PASSED


def test_not_possible_without_anything_that_varies(check_of):
    frame = customers()
    frame["score"] = 8.0
    with pytest.raises(ModelError, match="neither score, controls nor baselines"):
        check_of(frame, "spend", controls=())


def test_the_score_is_held_against_the_outcome_by_ranks(check_of):
    frame = customers()
    found = row(check_of(frame, "spend"), "the score")
    expected = stats.spearmanr(frame["score"], frame["spend_after"]).statistic
    assert found["estimate"] == pytest.approx(expected)
    found = row(check_of(frame, "retained"), "the score")
    expected = stats.somersd(frame["retained_after"], frame["score"]).statistic
    assert found["estimate"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("outcome", "made"),
    [
        ("spend", lambda score: score),
        ("spend", lambda score: 100 - 3 * score),
        ("contacts", lambda score: 10 - score),
        ("retained", lambda score: (score >= 9) * 1.0),
    ],
)
def test_fires_on_an_outcome_made_from_the_score(check_of, outcome, made):
    frame = customers()
    frame[f"{outcome}_after"] = made(frame["score"])
    check = check_of(frame, outcome)
    assert check.verdict == FAILED
    assert "score" in check.sentence


@pytest.mark.parametrize(
    ("of_others", "n", "fires"),
    [  # the chance of 40 of 40: .9^40 = .015, .8^40 = .00013
        (0.9, 40, False),
        (0.8, 40, True),
        (0.5, 29, False),  # under the size from which anything is said
    ],
)
def test_a_group_at_all_or_nothing_fails_where_chance_does_not_explain_it(
    check_of, of_others, n, fires
):
    rest = 1_000
    frame = pd.DataFrame({"score": [8.0] * rest + [9.0] * n})
    stays = np.arange(rest) < of_others * rest
    frame["retained_after"] = np.append(stays, np.ones(n)).astype(float)
    frame["contacts_after"] = 1 - frame["retained_after"]
    for column, value in (("spend_after", 1.0), ("attr_tenure", 1.0), ("attr_region", "a")):
        frame[column] = value
    said = {"retained": "'promoter' is 100 % yes", "contacts": "'promoter' is 0 % above zero"}
    for outcome, words in said.items():
        check = check_of(frame, outcome)
        assert (check.verdict == FAILED) == fires
        assert (words in check.sentence) == fires


def test_a_group_beside_the_pair_may_have_one_answer_throughout(check_of):
    frame = customers()
    frame.loc[frame["score"] < 7, "retained_after"] = 0.0
    assert check_of(frame, "retained").verdict == PASSED


def test_one_answer_throughout_is_the_same_from_sums(tmp_path):
    frame = customers()
    frame.loc[frame["score"] > 8, "retained_after"] = 1.0
    both = analyse_frame(tmp_path, frame, {"retained": "yes_no"}, ("tenure", "region"))
    checks = [leakage_check(analysis, "retained") for analysis in both]
    assert_same(*checks)
    assert checks[0].verdict == FAILED


def test_an_attribute_called_before_is_no_baseline(check_of):
    frame = customers()
    frame["attr_plan_before"] = frame["spend_after"]
    assert "plan" not in check_of(frame, "spend").sentence
    assert check_of(frame, "spend").verdict == PASSED


def test_several_leaks_are_counted_and_the_sentence_stays_short(check_of):
    frame = customers()
    frame["attr_a"] = frame["spend_after"]
    frame["attr_b"] = -(frame["spend_after"] ** 2)
    check = check_of(frame, "spend", controls=("tenure", "a", "b"))
    assert "(and 1 more)" in check.sentence
    assert len(check.sentence.split()) <= 60
    assert set(check.table["finding"][:2]) == {"nearly determines it"}


def rank_linked(correlation, n=600):
    """A control whose rank correlation with spend is about as asked."""
    frame = customers(n)
    own = stats.norm.ppf(frame["spend_after"].rank(method="first") / (n + 1))
    noise = np.random.default_rng(4).normal(size=n)
    pearson = 2 * np.sin(np.pi * correlation / 6)  # that of normal values with such ranks
    frame["attr_class"] = pearson * own + np.sqrt(1 - pearson**2) * noise
    return frame


@pytest.mark.parametrize(("correlation", "verdict"), [(0.6, PASSED), (0.85, WARNING)])
def test_a_control_that_goes_very_closely_with_the_outcome_is_a_warning(
    check_of, correlation, verdict
):
    frame = rank_linked(correlation)
    frame["spend_after"] += 1.0  # no ties at zero
    check = check_of(frame, "spend", controls=("tenure", "class"))
    assert check.estimate.term == "class"
    assert abs(check.estimate.estimate - correlation) < 0.05
    assert check.verdict == verdict
    assert ("Few things known before an answer go with spend so closely" in check.sentence) == (
        verdict == WARNING
    )


def points(follows_spend, n=1500):
    """Spend that the score raises; a control that adds spend up, or was there before."""
    rng = np.random.default_rng(8)
    score = rng.choice([4.0, 8.0, 10.0], n)
    spend = 50 + 20 * (score > 8) + 10 * rng.normal(size=n)
    control = spend + 12 * rng.normal(size=n) if follows_spend else rng.normal(size=n)
    return pd.DataFrame({"score": score, "spend_after": spend, "attr_points": control})


@pytest.mark.parametrize("planted", [True, False])
def test_fires_where_the_strongest_control_moves_the_gap_by_over_half(panel_of, planted):
    frame = points(planted)
    # Of a gap of 20, 100 / (100 + 144) of 20 + 5 are taken off: 9.75 is left, under half of it.
    if planted:
        frame["attr_points"] += 5 * (frame["score"] > 8)
    analysis = analyse(panel_of(frame, {"spend": "amount"}, controls=("points",)))
    check = leakage_check(analysis, "spend")
    without = frame.groupby("score")["spend_after"].mean()
    assert check.verdict == (WARNING if planted else PASSED)
    if planted:
        assert check.estimate.estimate < 0.9
        gap = without[10.0] - without[8.0]
        assert analysis.regressions["spend"].contrast.estimate < gap / 2
        assert f"without it EUR {gap:.2f}" in check.sentence


def test_outcomes_are_named_with_spaces(panel_of):
    frame = customers().rename(columns={"retained_after": "repeat_purchase_after"})
    panel = panel_of(frame, {"repeat_purchase": "yes_no"})
    check = leakage_check(SimpleNamespace(panel=panel, regressions={}), "repeat_purchase")
    assert "determines repeat purchase" in check.sentence


def test_the_same_from_sums_of_leaks_gaps_and_clusters(tmp_path):
    frame = customers()
    rng = np.random.default_rng(2)
    frame["attr_seats"] = np.where(rng.random(600) < 0.3, np.nan, rng.integers(1, 4, 600))
    frame["attr_class"] = pd.cut(frame["spend_after"], [-1, 0, 20, 60, 9e9], labels=list("badc"))
    frame["attr_class"] = frame["attr_class"].astype(str).where(rng.random(600) < 0.9)
    frame["team"] = np.arange(600) // 3
    controls = ("tenure", "region", "seats", "class")
    both = analyse_frame(tmp_path, frame, KINDS, controls, 'cluster = "team"')
    for outcome in KINDS:
        checks = [leakage_check(analysis, outcome) for analysis in both]
        assert_same(*checks)
        assert len(checks[1].table) == 6
    assert leakage_check(both[1], "spend").estimate.term == "class"


def test_a_category_of_too_many_values_for_an_engine_is_named(tmp_path, monkeypatch):
    frame = customers()
    frame["attr_postcode"] = [f"P{n}" for n in range(len(frame))]
    for module in ("panel.rows", "checks.tools.inputs", "checks.leakage"):
        monkeypatch.setattr(f"cxroi.{module}.MOST_CELLS", 100)
    both = analyse_frame(tmp_path, frame, {"spend": "amount"}, ("tenure", "postcode"))
    whole, part = (leakage_check(analysis, "spend") for analysis in both)
    assert set(whole.table["term"]) - set(part.table["term"]) == {"postcode"}
    assert part.sentence.endswith("having over 100 different values: 'postcode'.")


def test_a_level_called_missing_and_blanks_are_one_on_rows_and_in_an_engine(tmp_path):
    frame = customers(900)
    blank, named = np.arange(900) % 7 == 0, np.arange(900) % 5 == 0
    frame["attr_half"] = np.where(named, "(missing)", np.where(blank, None, frame["attr_region"]))
    both = analyse_frame(tmp_path, frame, KINDS, ("tenure", "half"))
    for outcome in KINDS:
        assert_same(*(leakage_check(analysis, outcome) for analysis in both))
