"""Hidden confounding: exact algebra, bounds that are attained, and planted confounders."""

import re
from dataclasses import replace
from math import inf, isnan, sqrt

import numpy as np
import pandas as pd
import pytest
from both_fits import analyse_frame, assert_same
from panels import make_panel, make_study
from scipy.optimize import brentq
from scipy.stats import t as student

from cxroi.analysis import analyse
from cxroi.checks.confounding import confounding_check
from cxroi.checks.run import run_checks
from cxroi.checks.tools.bounds import (
    Benchmark,
    Gap,
    bias_of,
    confounder_bound,
    partial_r2,
    robustness_value,
    strength,
    times_to_explain,
)
from cxroi.checks.tools.e_values import e_value, ratio_of_difference
from cxroi.errors import ModelError

E_VALUES = ("E-value", "E-value of the interval's end")


def e_values(check):
    """The E-value and that of the interval's end, from the table of the check."""
    return tuple(check.table.set_index("benchmark")["value"].loc[list(E_VALUES)])


def residual_ss(y, *columns, weights=1.0):
    """Residual sum of squares of a regression with intercept, by a plain solver."""
    root = np.sqrt(weights) * np.ones(len(y))
    design = np.column_stack([np.ones(len(y)), *columns]) * root[:, None]
    left = y * root - design @ np.linalg.lstsq(design, y * root, rcond=None)[0]
    return float(left @ left)


def partial(y, column, *given, weights=1.0):
    """Partial R2 of a column (or several side by side), from two residual sums of squares."""
    without = residual_ss(y, *given, weights=weights)
    return 1 - residual_ss(y, column, *given, weights=weights) / without


def least_squares(y, *columns, weights=1.0):
    """Coefficient and classical error of the first column, and residual degrees of freedom."""
    root = np.sqrt(weights) * np.ones(len(y))
    design = np.column_stack([np.ones(len(y)), *columns]) * root[:, None]
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ (y * root)
    dof = len(y) - design.shape[1]
    variance = residual_ss(y, *columns, weights=weights) / dof * inverse[1, 1]
    return Gap(float(coefficients[1]), float(np.sqrt(variance)), dof)


def with_strength(r2_group, r2_outcome):
    """The benchmark of which a confounder once as strong explains just these shares."""
    own = r2_group / (1 + r2_group)
    shared = (own / (1 - own)) ** 2
    explained = r2_outcome * (1 - shared) / (1 + sqrt(shared)) ** 2
    return Benchmark("x", own, explained / (1 + explained))


@pytest.mark.parametrize("seed", range(5))
def test_leaving_a_confounder_out_shifts_the_estimate_by_exactly_the_bias(seed):
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, 80))
    group = (0.5 * x + 0.8 * z + rng.normal(size=80) > 0).astype(float)
    y = 2 * group + x + (1 - seed) * z + rng.standard_t(4, size=80)
    short, full = least_squares(y, group, x), least_squares(y, group, x, z)
    r2_outcome, r2_group = partial(y, z, group, x), partial(group, z, x)
    bias = bias_of(r2_outcome, r2_group, short.std_error, short.dof)
    assert bias == pytest.approx(abs(short.estimate - full.estimate), abs=1e-10)
    bound = confounder_bound(short, with_strength(r2_group, r2_outcome))
    assert bound.std_error == pytest.approx(full.std_error, rel=1e-10)
    assert partial_r2(short.t, short.dof) == pytest.approx(partial(y, group, x), rel=1e-9)


def likeness(times, sign):
    """Data with a confounder z exactly `times` as strong as x, and unrelated to it.

    Of y the coefficient of z is found that makes the ratio of shares hold given the group.
    """
    raw = np.column_stack([np.ones(60), np.random.default_rng(3).normal(size=(60, 4))])
    x, z, e, u = np.linalg.qr(raw)[0][:, 1:].T
    group = 0.4 * x + 0.4 * sqrt(times) * z + e

    def outcome(loading):
        return 0.7 * group + 0.5 * x + loading * z + 2 * u

    def excess(loading):
        y = outcome(loading)
        return partial(y, z, group) - times * partial(y, x, group)

    loading = brentq(excess, *((0.0, 5.0) if sign > 0 else (-5.0, 0.0)), xtol=1e-14)
    return x, z, group, outcome(loading)


@pytest.mark.parametrize("times", [0.5, 1.0, 2.0, 3.0])
def test_the_bound_holds_for_a_confounder_that_strong_and_is_attained(times):
    found, biases = [], []
    for sign in (1, -1):
        x, z, group, y = likeness(times, sign)
        short, full = least_squares(y, group, x), least_squares(y, group, x, z)
        benchmark = Benchmark("x", partial(group, x), partial(y, x, group))
        bound = confounder_bound(short, benchmark, times)
        assert bound.r2_group == pytest.approx(partial(group, z, x), rel=1e-9)
        found.append(partial(y, z, group, x) / bound.r2_outcome)
        biases.append(abs(short.estimate - full.estimate) / bound.bias)
    assert max(found) == pytest.approx(1, rel=1e-8)
    assert max(biases) == pytest.approx(1, rel=1e-8)
    assert min(found) < 0.999


@pytest.mark.parametrize(
    ("t", "dof", "q", "alpha", "inflation"),
    [
        (4.2, 783, 1.0, None, 1.0),
        (4.2, 783, 0.4, None, 1.0),
        (-6.0, 100, 1.0, 0.05, 1.0),
        (6.0, 100, 0.8, 0.05, 1.5),
        (40.0, 30, 1.0, 0.05, 1.0),  # the second case of the formula
        (40.0, 30, 1.0, 0.05, 2.0),
    ],
)
def test_the_robustness_value_is_the_weakest_confounder_that_undoes_the_result(
    t, dof, q, alpha, inflation
):
    critical = 0.0 if alpha is None else student.isf(alpha / 2, dof - 1) * inflation

    def undone(most):
        r2_group, r2_outcome = np.meshgrid(*[np.linspace(0, most, 400)] * 2)
        left = q * abs(t) - np.sqrt(r2_outcome * r2_group / (1 - r2_group) * dof)
        error = np.sqrt((1 - r2_outcome) / (1 - r2_group) * dof / (dof - 1))
        return bool(np.any(left <= critical * error))

    value = robustness_value(t, dof, q, alpha, inflation)
    assert undone(value + 1e-4)
    assert not undone(value - 1e-4)


def test_nothing_is_needed_where_the_interval_holds_zero():
    assert robustness_value(1.9, 500, alpha=0.05) == 0
    assert robustness_value(1.9, 500) > 0
    assert robustness_value(2.5, 500, alpha=0.05) > 0
    assert robustness_value(2.5, 500, alpha=0.05, inflation=1.5) == 0


@pytest.mark.parametrize("q", [0.25, 1.0])
def test_the_multiple_that_explains_a_gap_leaves_the_rest_of_it(q):
    gap, benchmark = Gap(-12.0, 3.0, 400), Benchmark("tenure", 0.01, 0.04)
    times = times_to_explain(gap, benchmark, q)
    assert confounder_bound(gap, benchmark, times).estimate == pytest.approx(
        -12 * (1 - q), abs=1e-9
    )
    assert confounder_bound(gap, benchmark, 0.99 * times).bias < 12 * q


def test_no_multiple_of_a_control_that_has_nothing_to_do_with_it():
    gap = Gap(5.0, 1.0, 300)
    assert times_to_explain(gap, Benchmark("x", 0.0, 0.2)) is None
    assert times_to_explain(gap, Benchmark("x", 0.2, 0.0)) is None
    assert times_to_explain(Gap(0.0, 1.0, 300), Benchmark("x", 0.2, 0.2)) == 0


def test_no_confounder_explains_more_than_the_whole_group():
    gap, benchmark = Gap(5.0, 1.0, 300), Benchmark("x", 0.4, 0.2)
    bound = confounder_bound(gap, benchmark, 3)
    assert isnan(bound.r2_group)
    assert isnan(bound.estimate)
    assert bound.bias == inf
    assert bound.includes_zero(gap)
    assert times_to_explain(gap, benchmark) < 0.6 / 0.4
    assert times_to_explain(Gap(30.0, 1.0, 300), benchmark) is None
    assert strength(benchmark, 1.49)[1] == 1.0


@pytest.mark.parametrize(("r2_group", "r2_outcome"), [(0.001, 0.3), (0.01, 0.05), (0.4, 0.2)])
def test_no_multiple_explains_more_than_all_of_the_outcome(r2_group, r2_outcome):
    """The largest multiple by a fine grid; a gap beyond its bias has no multiple at all."""
    benchmark, dof = Benchmark("x", r2_group, r2_outcome), 2000
    grid = np.linspace(1e-4, (1 - r2_group) / r2_group, 400_001)[:-1]
    own = r2_group / (1 - r2_group)
    shared = grid * r2_group**2 / ((1 - grid * r2_group) * (1 - r2_group))
    possible = shared < 1
    eta = (np.sqrt(grid[possible]) + np.sqrt(shared[possible])) / np.sqrt(1 - shared[possible])
    outcome = eta**2 * r2_outcome / (1 - r2_outcome)
    most = grid[possible][outcome < 1].max()
    largest = sqrt(dof * most * own / (1 - most * own))
    times = times_to_explain(Gap(0.99 * largest, 1.0, dof), benchmark)
    assert times == pytest.approx(most, rel=0.05)
    assert strength(benchmark, times)[1] < 1
    assert times_to_explain(Gap(1.01 * largest, 1.0, dof), benchmark) is None


def test_robust_errors_widen_the_interval_alone():
    benchmark = Benchmark("x", 0.01, 0.02)
    plain = confounder_bound(Gap(5.0, 1.0, 300), benchmark)
    robust = confounder_bound(Gap(5.0, 1.0, 300, inflation=2.0), benchmark)
    assert robust.estimate == plain.estimate
    assert robust.conf_high - robust.estimate == pytest.approx(
        2 * (plain.conf_high - plain.estimate)
    )


def test_an_e_value_explains_the_ratio_away_exactly():
    # The bounding factor of two associations of size E is E^2 / (2 E - 1): Ding and VanderWeele,
    # Epidemiology 27 (2016), 368-377.
    for ratio in (1.0, 1.2, 3.9, 0.4):
        value, _ = e_value(ratio, ratio, ratio)
        assert value**2 / (2 * value - 1) == pytest.approx(max(ratio, 1 / ratio))
    assert e_value(1.3, 0.9, 1.8)[1] == 1
    assert e_value(0.8, 0.6, 1.1)[1] == 1
    assert e_value(0.5, 0.4, 0.6) == pytest.approx(e_value(2.0, 1 / 0.6, 2.5))
    assert ratio_of_difference(-0.42, 0.0) == pytest.approx((np.exp(-0.3822),) * 3)


@pytest.mark.parametrize("ratio", [(0.0, 0.0, 1.0), (-1.0, -2.0, 1.0), (2.0, 2.1, 3.0)])
def test_no_e_value_of_what_is_no_ratio(ratio):
    with pytest.raises(ModelError, match="no E-value"):
        e_value(*ratio)


def world(*, hidden=0.0, effect=0.0, known=1.0, n=1500, seed=2):
    """Customers whose score and spend hang on a known control x and on one left out."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, n))
    region = rng.choice(["north", "south", "west"], n, p=[0.5, 0.3, 0.2])
    liking = known * x + hidden * z + 0.2 * (region == "south") + rng.normal(size=n)
    score = np.select([liking < -0.8, liking < 0.6], [4.0, 8.0], 10.0)
    step = np.searchsorted([7, 9], score, side="right")
    spend = 50 + effect * step + 5 * known * x + 5 * hidden * z + (region == "west")
    return pd.DataFrame(
        {
            "score": score,
            "spend_after": spend + rng.normal(size=n) * 8,
            "attr_tenure": x,
            "attr_region": region,
            "weight": 1.0,
        }
    )


@pytest.fixture
def check_of(panel_of):
    """Make the check, and the analysis it is of, from customers."""

    def make(frame, controls=("tenure", "region"), kind="amount", **study):
        panel = panel_of(frame, {"spend": kind}, controls=controls, **study)
        analysis = analyse(panel)
        return confounding_check(analysis, "spend"), analysis

    return make


def test_a_hidden_confounder_as_strong_as_the_known_one_fails(check_of):
    check, analysis = check_of(world(hidden=0.8))
    assert analysis.regressions["spend"].contrast.conf_low > 0  # a gap that is not there
    assert check.verdict == "failed"
    assert "One as strong as tenure (" in check.sentence
    assert "could be all there is to it: no decision should rest on the gap." in check.sentence
    assert "would" not in check.sentence
    assert check.tidy()["verdict"].tolist() == ["failed"]


def test_an_effect_far_beyond_the_known_confounders_passes(check_of):
    check, _ = check_of(world(effect=6.0, known=0.2))
    assert check.verdict == "passed"
    assert " of it; one thrice as strong would not put it in doubt; one about " in check.sentence
    assert "(by least squares)" in check.sentence
    assert len(check.sentence.split()) <= 75


def test_an_effect_within_three_times_the_known_confounder_is_a_warning(check_of):
    check, _ = check_of(world(effect=5.0, known=0.6))
    assert check.verdict == "warning"
    rows = check.table[check.table["benchmark"] == "tenure"]
    assert rows["gap"].iloc[0] > 0
    assert rows["conf_low"].iloc[2] < 0
    assert "could leave EUR" in check.sentence
    assert " of it; one about 1.8 times as strong could explain it away." in check.sentence
    assert check.sentence.endswith(". Ask what was not measured.")
    assert len(check.sentence.split()) <= 75


def test_where_there_is_no_gap_there_is_nothing_to_explain(check_of):
    check, _ = check_of(world())
    assert check.verdict == "warning"
    assert "nothing that a hidden confounder would have to explain away" in check.sentence
    assert check.estimate.conf_low == 0


def promoters(frame):
    return (frame["score"] == 10).astype(float), (frame["score"] == 4).astype(float)


def test_the_figures_follow_from_plain_regressions(check_of):
    frame = world(effect=5.0).assign(weight=np.tile([0.5, 1.0, 3.0], 500))
    check, _ = check_of(frame)
    y, weights = frame["spend_after"].to_numpy(), frame["weight"].to_numpy()
    treated, other = promoters(frame)
    tenure = frame["attr_tenure"].to_numpy()
    south, west = (frame["attr_region"].eq(name).to_numpy(float) for name in ("south", "west"))
    gap = least_squares(y, treated, other, tenure, south, west, weights=weights)
    f = gap.t**2 / gap.dof
    assert check.estimate.estimate == pytest.approx((sqrt(f * f + 4 * f) - f) / 2, rel=1e-8)
    regions = np.column_stack([south, west])
    row = check.table[check.table["benchmark"] == "region"].iloc[1]
    benchmark = Benchmark(
        "region",
        partial(treated, regions, other, tenure, weights=weights),
        partial(y, regions, treated, other, tenure, weights=weights),
    )
    expected = confounder_bound(gap, benchmark, 2)
    shares = expected.r2_group, expected.r2_outcome
    assert (row["r2_group"], row["r2_outcome"]) == pytest.approx(shares, rel=1e-6)
    assert row["gap"] == pytest.approx(expected.estimate, rel=1e-8)
    assert check.table["gap"].iloc[0] == pytest.approx(gap.estimate, rel=1e-8)
    scaled, _ = check_of(frame.assign(weight=7 * frame["weight"]))
    assert scaled.estimate.conf_low == pytest.approx(check.estimate.conf_low, rel=1e-9)


def test_rows_of_one_cluster_do_not_count_as_independent(check_of):
    frame = world(effect=6.0)
    single, _ = check_of(frame)
    thrice = pd.concat([frame] * 3, ignore_index=True)
    thrice["cluster"] = np.tile([f"c{row}" for row in range(len(frame))], 3)
    check, _ = check_of(thrice)
    assert check.estimate.estimate == pytest.approx(single.estimate.estimate, rel=5e-3)
    assert check.estimate.conf_low == pytest.approx(single.estimate.conf_low, rel=2e-2)
    assert "clustered errors" in check.estimate.method


def test_a_study_without_controls_gets_its_robustness_value(check_of):
    frame = world(effect=6.0)
    check, _ = check_of(frame, controls=())
    gap = least_squares(frame["spend_after"].to_numpy(), *promoters(frame))
    assert check.estimate.estimate == pytest.approx(robustness_value(gap.t, gap.dof), rel=1e-9)
    assert check.verdict == "warning"
    assert "nothing to compare that with" in check.sentence
    assert check.table["benchmark"].tolist() == ["nothing hidden", *E_VALUES]


def test_a_baseline_is_a_benchmark(check_of):
    frame = world(effect=6.0)
    rng = np.random.default_rng(5)
    frame["spend_before"] = 50 + 5 * frame["attr_tenure"] + rng.normal(size=len(frame))
    check, _ = check_of(frame, controls=())
    assert set(check.table["benchmark"]) == {"nothing hidden", "spend in the baseline", *E_VALUES}
    assert list(check.table["times"].dropna()) == [0, 1, 2, 3]


def test_the_confounding_at_which_the_roi_is_zero(check_of):
    frame = world(effect=4.0, known=0.3)
    check, analysis = check_of(frame, scenario={"cost_per_moved": 1.0})
    q = 1 - analysis.roi["break_even_causal_share"].estimate
    assert 0 < q < 1
    # Without retention or contacts value is in proportion to the spend gap: half of it is margin.
    assert 1 - q == pytest.approx(
        1.0 / (0.5 * analysis.regressions["spend"].contrast.estimate), rel=0.02
    )
    f = q * check.estimate.statistic / sqrt(frame.shape[0] - 6)
    value = (sqrt(f**4 + 4 * f**2) - f**2) / 2
    assert (
        f"; at the assumed causal share of 100.0 %, {100 * value:.1f} % could bring the ROI to zero"
    ) in check.sentence
    assert len(check.sentence.split()) <= 100


def test_the_roi_is_zero_sooner_at_a_smaller_causal_share(check_of):
    frame = world(effect=4.0, known=0.3)
    check, analysis = check_of(frame, scenario={"cost_per_moved": 0.5, "causal_share": 0.5})
    gap = analysis.regressions["spend"].contrast.estimate
    # Half of spend is margin, and half of the gap causal: what is left of it must earn the cost.
    lost = 1 - 0.5 / (0.5 * 0.5 * gap)
    said = re.search(
        r"at the assumed causal share of 50.0 %, .*take ([\d.]+) % off", check.sentence
    )
    assert float(said[1]) == pytest.approx(100 * lost, abs=1.0)
    shown = f"the adjusted gap of EUR {gap:.2f} that the ROI rests on"
    assert shown in check.sentence


def test_a_roi_below_zero_needs_no_confounder(check_of):
    check, _ = check_of(world(effect=4.0), scenario={"cost_per_moved": 1e5})
    assert "is not above zero even with nothing hidden" in check.sentence


@pytest.mark.parametrize(("difference", "error"), [(800.0, 1.0), (10.0, 400.0), (-1e9, 1e8)])
def test_a_ratio_beyond_the_range_of_numbers_is_refused(difference, error):
    with pytest.raises(ModelError, match="hundreds of times what customers differ by"):
        ratio_of_difference(difference, error)


def test_a_gap_that_a_model_blew_up_is_not_possible_and_ends_nothing(tmp_path):
    """A control with three far values: its log link makes a gap of billions of spend."""
    rng = np.random.default_rng(3)
    nights = rng.geometric(0.35, 1_500).astype(float)
    score = rng.choice([3.0, 8.0, 10.0], 1_500)
    spend = rng.gamma(2.0, 20 * np.minimum(nights, 8.0))
    nights[np.flatnonzero(score == 8.0)[:3]] = 80.0
    frame = pd.DataFrame({"score": score, "spend_after": spend, "attr_nights": nights})
    study = make_study(tmp_path, {"spend": "amount"}, controls=("nights",))
    analysis = analyse(make_panel(study, frame))
    regression = analysis.regressions["spend"]
    blown = replace(
        regression, contrast=replace(regression.contrast, estimate=-4.4e9, std_error=2.7e10)
    )
    found = run_checks(replace(analysis, regressions={"spend": blown}), "confounding", "power")
    assert found.of("confounding")[0].verdict == "not possible"
    assert "hundreds of times" in found.of("confounding")[0].sentence
    assert found.of("power")[0].verdict != "not possible"


def test_the_e_value_is_that_of_the_ratio_of_means(check_of):
    frame = world(effect=6.0)
    check, analysis = check_of(frame)
    regression = analysis.regressions["spend"]
    ratio = 1 + regression.contrast.estimate / regression.mean_from.estimate
    value, end = e_values(check)
    assert value == pytest.approx(ratio + sqrt(ratio * (ratio - 1)))
    assert 1 < end < value
    assert "E-value" not in check.sentence


def test_amounts_below_zero_have_a_standardised_difference(check_of):
    frame = world(effect=6.0)
    frame["spend_after"] -= 60
    check, analysis = check_of(frame)
    adjusted = analysis.regressions["spend"].contrast
    ratio = np.exp(0.91 * adjusted.estimate / frame["spend_after"].std(ddof=0))
    assert e_values(check)[0] == pytest.approx(ratio + sqrt(ratio * (ratio - 1)))


@pytest.mark.parametrize("kind", ["yes_no", "count"])
def test_other_kinds_of_outcome(check_of, kind):
    frame = world(effect=6.0)
    spend = frame["spend_after"]
    frame["spend_after"] = (spend > 55).astype(float) if kind == "yes_no" else (spend // 10 % 6)
    check, analysis = check_of(frame, kind=kind)
    regression = analysis.regressions["spend"]
    base, gap = regression.mean_from.estimate, regression.contrast.estimate
    if kind == "yes_no" and base > 0.5:
        base, gap = 1 - base, -gap
    ratio = max((base + gap) / base, base / (base + gap))
    assert e_values(check)[0] == pytest.approx(ratio + sqrt(ratio * (ratio - 1)))
    assert check.estimate.name == "check.confounding.spend"


def test_staying_and_leaving_have_the_same_e_value(check_of):
    frame = world(effect=3.0, known=0.3)
    stays = (frame["spend_after"] > 49).astype(float)
    assert stays.mean() > 0.6
    found, analysis = check_of(frame.assign(spend_after=stays), kind="yes_no")
    mirrored, _ = check_of(frame.assign(spend_after=1 - stays), kind="yes_no")
    assert e_values(found) == pytest.approx(e_values(mirrored), rel=1e-6)
    assert e_values(found)[1] > 1
    regression = analysis.regressions["spend"]
    leaving = 1 - regression.mean_from.estimate
    ratio = leaving / (leaving - regression.contrast.estimate)
    assert e_values(found)[0] == pytest.approx(ratio + sqrt(ratio * (ratio - 1)))


def test_a_bare_figure_has_its_unit_once(check_of):
    frame = world(effect=6.0, known=0.2)
    frame["spend_after"] = frame["spend_after"].clip(lower=0) // 10
    check, _ = check_of(frame, kind="count")
    assert check.sentence.count(" spend per customer in 90 days") == 1
    assert check.sentence.split(" (by least squares)")[0].endswith("spend per customer in 90 days")
    mixed = frame["spend_after"].sample(frac=1, random_state=1).to_numpy()
    none, _ = check_of(world().assign(spend_after=mixed), kind="count")
    assert none.sentence.count(" spend per customer in 90 days may be zero") == 1


def test_a_control_that_does_not_sort_customers_says_little(check_of):
    frame = world(effect=6.0, known=0.0)
    frame["spend_after"] += 10 * frame["attr_tenure"]
    check, _ = check_of(frame, controls=("tenure",))
    row = check.table[check.table["benchmark"] == "tenure"].iloc[0]
    assert row["r2_group"] < 0.001
    assert row["r2_outcome"] > 0.3
    assert "tenure (hardly related to the group, so it says little)" in check.sentence


def test_what_no_confounder_can_be_is_not_promised(check_of):
    """Tenure makes most of spend and hardly sorts customers: thrice it is over all of spend."""
    frame = world(effect=9.0, known=0.0)
    frame["spend_after"] += 14 * frame["attr_tenure"]
    check, _ = check_of(frame, controls=("tenure",))
    row = check.table[check.table["benchmark"] == "tenure"]
    assert row["r2_outcome"].iloc[2] == 1
    assert row["times_to_zero"].isna().all()
    assert "one like tenure could not explain it away, however strong." in check.sentence


def test_a_model_that_points_the_other_way_is_refused(check_of):
    _, analysis = check_of(world(effect=6.0))
    regression = analysis.regressions["spend"]
    turned = replace(regression.contrast, estimate=-9.0, conf_low=-12.0, conf_high=-6.0)
    other = replace(analysis, regressions={"spend": replace(regression, contrast=turned)})
    with pytest.raises(ModelError, match="point apart"):
        confounding_check(other, "spend")


def test_an_outcome_without_contrast_is_refused_with_its_reason(check_of):
    _, analysis = check_of(world(effect=6.0))
    refusal = ModelError("spend is constant")
    refused = replace(analysis, regressions={}, refusals={"spend": refusal})
    with pytest.raises(ModelError, match="spend is constant"):
        confounding_check(refused, "spend")


def test_the_same_from_sums_with_clusters_weights_and_amounts_below_zero(tmp_path):
    frame = world(effect=6.0, hidden=0.3).assign(team=np.arange(1500) // 4)
    frame["spend_after"] -= 60
    frame["weight"] = np.tile([0.5, 1.0, 3.0], 500)
    declared = 'weight = "weight"\ncluster = "team"'
    controls = ("tenure", "region")
    both = analyse_frame(tmp_path, frame, {"spend": "amount"}, controls, declared)
    checks = [confounding_check(analysis, "spend") for analysis in both]
    assert_same(*checks)
    assert "clustered errors" in checks[1].estimate.method
