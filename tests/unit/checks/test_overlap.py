import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from both_fits import analyse_frame, assert_same

from cxroi.analysis import analyse
from cxroi.checks.overlap import _consequence, balance, overlap_check
from cxroi.checks.run import run_checks
from cxroi.errors import ModelError
from cxroi.models.outcome_models import make_setting
from cxroi.models.sample import take_sample
from cxroi.results.formats import percent


def analysis_of(panel_of, pull, n=4_000):
    """Promoters by a logit of tenure with this slope; spend on tenure."""
    rng = np.random.default_rng(1)
    tenure = rng.uniform(-2, 2, n)
    promoter = rng.random(n) < 1 / (1 + np.exp(-pull * tenure))
    frame = pd.DataFrame({"score": np.where(promoter, 10.0, 7.0), "attr_tenure": tenure})
    frame["spend_after"] = 10 + tenure + rng.normal(size=n)
    return analyse(panel_of(frame, {"spend": "amount"}, controls=["tenure"]))


def test_quiet_where_groups_are_alike(panel_of):
    check = overlap_check(analysis_of(panel_of, 0.3), "spend")
    assert check.verdict == "passed"
    assert check.estimate.estimate < 0.01


def test_fires_where_they_are_not(panel_of):
    """By hand: of passives, those with odds under 1/20 of all, so tenure under -ln(20)/2."""
    analysis = analysis_of(panel_of, 2.0)
    check = overlap_check(analysis, "spend")
    frame = analysis.panel.frame
    tenure = frame.loc[frame["score"] == 7, "attr_tenure"]
    assert check.verdict == "failed"
    assert check.estimate.estimate == pytest.approx((tenure < -np.log(20) / 2).mean(), abs=0.03)
    left_out = analysis.regressions["spend"].left_out
    assert left_out == pytest.approx(check.estimate.estimate)
    assert f"The gap leaves {percent(left_out)} of 'passive' out for that" in check.sentence
    assert "the model's word alone" not in check.sentence
    assert check.entry.name == "check.overlap.spend"
    assert check.entry.note.startswith("failed: ")


def test_weighting_brings_the_controls_together(panel_of):
    table = overlap_check(analysis_of(panel_of, 1.0), "spend").table.set_index("control")
    row = table.loc["tenure (per SD)"]
    assert abs(row["difference_before"]) > 0.5
    assert abs(row["difference_after"]) < 0.05


def test_says_why_there_is_none(panel_of):
    analysis = analysis_of(panel_of, 0.3)
    with pytest.raises(ModelError, match="no adjusted contrast"):
        overlap_check(analysis, "contacts")


def random_few(panel_of, share, n=20_000):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"score": np.where(rng.random(n) < share, 10.0, 7.0)})
    frame["attr_tenure"] = rng.choice([1.0, 2.0, 3.0], n)
    frame["spend_after"] = 10 + frame["attr_tenure"] + rng.normal(size=n)
    return analyse(panel_of(frame, {"spend": "amount"}, controls=["tenure"]))


def test_a_small_group_of_the_same_customers_is_no_fault(panel_of):
    """By lot 3 % are promoters: everybody's chance is under 5 %, and all are alike."""
    analysis = random_few(panel_of, 0.03)
    assert analysis.regressions["spend"].robust.propensity.chance.max() < 0.05
    check = overlap_check(analysis, "spend")
    assert check.verdict == "passed"
    assert check.estimate.estimate == 0


def test_nobody_outside_has_an_interval_all_the_same(panel_of):
    """Wilson's upper end for none of n: z^2 / (n + z^2)."""
    analysis = random_few(panel_of, 0.5, 1000)
    found = overlap_check(analysis, "spend").estimate
    n = int((analysis.panel.frame["score"] == 7).sum())
    assert (found.estimate, found.conf_low) == (0, 0)
    assert found.conf_high == pytest.approx(1.959964**2 / (n + 1.959964**2), rel=1e-6)


def test_units_and_not_rows_bound_the_share(panel_of):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"score": np.where(rng.random(1000) < 0.5, 10.0, 7.0)})
    frame["attr_tenure"] = rng.choice([1.0, 2.0, 3.0], 1000)
    frame["spend_after"] = 10 + frame["attr_tenure"] + rng.normal(size=1000)
    frame["cluster"] = np.arange(1000) // 10
    analysis = analyse(panel_of(frame, {"spend": "amount"}, controls=["tenure"]))
    found = overlap_check(analysis, "spend").estimate
    units = frame.loc[frame["score"] == 7, "cluster"].nunique()
    assert found.conf_high == pytest.approx(1.959964**2 / (units + 1.959964**2), rel=1e-6)


@pytest.mark.parametrize(
    ("share", "left_out", "said"),
    [
        (0.05, 0.0, " For 5.0 % of them it is the model's word alone."),
        (
            0.05,
            0.02,
            " The gap leaves 2.0 % of 'passive' out for that, and speaks of the others alone. For "
            "3.0 % more of them it is the model's word alone.",
        ),
        (0.005, 0.0, ""),
    ],
)
def test_who_is_left_out_and_who_is_the_models_word(share, left_out, said):
    assert _consequence("passive", share, left_out) == said


def test_where_most_have_nobody_alike_the_check_fails_and_nothing_is_claimed(panel_of):
    """By hand: tenure under -ln(20)/4, over half of the passives; the regression is refused."""
    analysis = analysis_of(panel_of, 4.0)
    frame = analysis.panel.frame
    share = (frame.loc[frame["score"] == 7, "attr_tenure"] < -np.log(20) / 4).mean()
    assert share > 0.5
    checks = run_checks(analysis, "overlap", "placebo")
    [check], [placebo] = checks.of("overlap"), checks.of("placebo")
    assert (check.verdict, check.estimate) == ("failed", None)
    assert check.sentence.startswith("No gap is estimated: hardly anybody in 'promoter' is like")
    said = re.search(r"(\d+) % of the customers have nobody like them there", check.sentence)
    assert float(said[1]) == pytest.approx(100 * share, abs=3)
    assert placebo.verdict == "not possible"
    assert [v.kind for v in checks.verdicts] == ["not identified"]
    assert checks.rating.level == "none"


def test_groups_that_the_controls_tell_apart_fail(panel_of):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"score": np.where(rng.random(2_000) < 0.5, 10.0, 7.0)})
    side = np.where(frame["score"] > 8, 1.0, -1.0)
    frame["attr_seats"] = side * np.exp(2 * rng.normal(size=2_000))
    frame["spend_after"] = 10 + rng.normal(size=2_000)
    panel = panel_of(frame, {"spend": "amount"}, controls=["seats"])
    check = overlap_check(analyse(panel), "spend")
    assert check.verdict == "failed"
    assert check.sentence.startswith("No gap is estimated: ")


@pytest.mark.parametrize(("pull", "controls"), [(3.0, ("tenure",)), (0.5, ())])
def test_the_same_from_sums_without_overlap_or_controls(tmp_path, pull, controls):
    rng = np.random.default_rng(1)
    tenure = rng.uniform(-2, 2, 4_000)
    promoter = rng.random(4_000) < 1 / (1 + np.exp(-pull * tenure))
    frame = pd.DataFrame({"score": np.where(promoter, 10.0, 7.0), "attr_tenure": tenure})
    frame["spend_after"] = 10 + tenure + rng.normal(size=4_000)
    frame["team"] = np.arange(4_000) // 2
    declared = 'cluster = "team"'
    both = analyse_frame(tmp_path, frame, {"spend": "amount"}, controls, declared)
    checks = [overlap_check(analysis, "spend") for analysis in both]
    assert_same(*checks)
    assert (checks[1].verdict == "failed") == (pull > 1)


def test_a_control_that_does_not_vary_in_the_from_group_has_no_difference(panel_of):
    rng = np.random.default_rng(1)
    score = rng.choice([4.0, 8.0, 10.0], 900)
    frame = pd.DataFrame({"score": score, "attr_plan": np.where(score == 4, "basic", "full")})
    frame["spend_after"] = 10 + rng.normal(size=900)
    panel = panel_of(frame, {"spend": "amount"}, controls=["plan"])
    setting = make_setting(panel, take_sample(panel, "spend"))
    pull = np.where(score == 9, 1.0, 0.0)
    table = balance(setting, SimpleNamespace(target="promoter"), pull)
    assert table["difference_before"].isna().all()
