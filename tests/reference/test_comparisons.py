"""Means, shares and many tests held to published worked examples.

Tolerances are half a unit of the last digit printed, where nothing else is said.
"""

import numpy as np
import pytest
from panels import answers, by_group, moments
from scipy.stats import norm

from cxroi.effects import gaps, group_tests
from cxroi.effects.gaps import group_mean
from cxroi.effects.groups import compare_groups
from cxroi.models.sample import take_sample
from cxroi.results.multiplicity import benjamini_hochberg, holm

# Student (1908), Biometrika 6, 1-25: hours of sleep gained with two drugs; R's `sleep`.
SLEEP = (
    np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]),
    np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]),
)
# Benjamini and Hochberg, JRSS B 57 (1995), section 4.1: thrombolysis and its fifteen outcomes.
THROMBOLYSIS = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]
# Reduction of stress by three treatments, the example of statsmodels' tests of Games-Howell.
STRESS = {
    "detractor": [1, 2, 2, 2, 3, 2, 3, 1, 3],  # medical
    "passive": [4, 4, 5, 3, 4, 4, 4],  # mental
    "promoter": [4, 4, 3, 5, 4, 1, 1, 2, 3, 3],  # physical
}


def sample_of(panel_of, kind, **groups):
    return take_sample(panel_of(by_group("x", **groups), {"x": kind}), "x")


def interval(estimate):
    return estimate.conf_low, estimate.conf_high


def scores_like(mean, spread, n):
    """Return normal scores with exactly this mean and standard deviation."""
    values = norm.ppf((np.arange(n) + 0.5) / n)
    return mean + spread * (values - values.mean()) / values.std(ddof=1)


@pytest.mark.parametrize(
    ("counts", "published"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3 (Wilson).
        ((81, 263), (0.2553, 0.3662)),
        ((15, 148), (0.0624, 0.1605)),
        ((0, 20), (0.0000, 0.1611)),
        ((1, 29), (0.0061, 0.1718)),
    ],
)
def test_wilsons_interval_of_a_share(panel_of, counts, published):
    sample = sample_of(panel_of, "yes_no", passive=answers(*counts), promoter=answers(20, 40))
    assert interval(group_mean(sample, "passive")) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize(
    ("a", "b", "published"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, contrasts (a) to (h),
        # method 10.
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0000)),
        ((10, 10), (0, 10), (0.6075, 1.0000)),
    ],
)
def test_newcombes_interval_of_a_difference_of_shares(a, b, published):
    assert gaps.newcombe(*a, *b)[:2] == pytest.approx(published, abs=5e-5)


def test_a_gap_of_shares_has_newcombes_interval(panel_of):
    # Contrast (a) once more, through the comparison of two groups.
    sample = sample_of(panel_of, "yes_no", passive=answers(48, 80), promoter=answers(56, 70))
    found = gaps.gap(sample, "passive", "promoter")
    assert found.estimate == pytest.approx(0.2)
    assert interval(found) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_ratio_of_shares_in_a_trial(panel_of):
    # Agresti, An Introduction to Categorical Data Analysis (1996), section 2.2: myocardial
    # infarction, placebo 189/11034, aspirin 104/11037: ratio 1.82, 95 per cent 1.43 to 2.31.
    trial = {"passive": answers(104, 11037), "promoter": answers(189, 11034)}
    sample = sample_of(panel_of, "yes_no", **trial)
    relative = gaps.relative_gap(sample, "passive", "promoter")
    assert relative.estimate + 1 == pytest.approx(1.82, abs=0.005)
    assert np.add(interval(relative), 1) == pytest.approx((1.43, 2.31), abs=0.005)
    gap = gaps.gap(sample, "passive", "promoter")
    assert gap.estimate == pytest.approx(0.0077, abs=5e-5)


def test_welch_on_students_sleep():
    # R, example of `t.test`: t = -1.8608, p = 0.07939, interval -3.3654832 to 0.2054832.
    low, high, p_value, statistic = gaps.welch(*map(moments, SLEEP))
    assert (low, high) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)
    assert statistic == pytest.approx(-1.8608, abs=5e-5)
    assert p_value == pytest.approx(0.07939, abs=5e-6)


def test_welch_on_miles_per_gallon():
    # NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.3: American and Japanese cars,
    # unequal variances: T = -12.94627. Means and deviations are printed with five digits after
    # the point; 1e-5 of a deviation of 6 moves T by 2e-5, 5e-6 of the means by 1e-5.
    american, japanese = scores_like(20.14458, 6.41470, 249), scores_like(30.48101, 6.10771, 79)
    assert gaps.welch(moments(american), moments(japanese))[3] == pytest.approx(-12.94627, abs=3e-5)


def test_welchs_analysis_of_variance_on_students_sleep(panel_of):
    # R, example of `oneway.test` with the same data: F = 3.4626, p = 0.07939.
    sample = sample_of(panel_of, "amount", passive=SLEEP[0], promoter=SLEEP[1])
    statistic, p_value, _ = group_tests.welch_anova(sample, ["passive", "promoter"])
    assert statistic == pytest.approx(3.4626, abs=5e-5)
    assert p_value == pytest.approx(0.07939, abs=5e-6)


def test_games_howell_on_reduction_of_stress(panel_of, monkeypatch):
    # R, rstatix::games_howell_test at 99 per cent, as printed in statsmodels' own tests. R finds
    # quantiles of the studentised range to 1e-4; p values have three digits.
    monkeypatch.setattr(group_tests, "CONF_LEVEL", 0.99)
    table = group_tests.games_howell(sample_of(panel_of, "amount", **STRESS), list(STRESS))
    assert table["estimate"].to_numpy() == pytest.approx([17 / 9, 8 / 9, -1])
    low, high = (0.7123348, -0.8105798, -2.6647461), (3.0654430, 2.5883575, 0.6647461)
    assert table["conf_low"].to_numpy() == pytest.approx(low, abs=1e-4)
    assert table["conf_high"].to_numpy() == pytest.approx(high, abs=1e-4)
    assert table["p_value"][0] == pytest.approx(0.000196, abs=5.1e-7)
    assert table["p_value"][1:].to_numpy() == pytest.approx([0.206, 0.127], abs=5.1e-4)


def test_hedges_g_of_a_textbook(panel_of):
    # Borenstein et al., Introduction to Meta-Analysis (2009), chapter 4: means 103 and 100,
    # deviations 5.5 and 4.5, 50 each: g = 0.5924 with standard error 0.2028. The book's error
    # assumes normal data, ours does not: they agree to 3 per cent.
    frame = by_group("x", passive=scores_like(100, 4.5, 50), promoter=scores_like(103, 5.5, 50))
    size = compare_groups(panel_of(frame, {"x": "amount"}), "x").effect_sizes[0]
    assert size.estimate == pytest.approx(0.5924, abs=5e-5)
    assert size.std_error == pytest.approx(0.2028, rel=0.03)


def test_the_example_of_benjamini_and_hochberg():
    # The paper: at 0.05 four hypotheses are rejected, and three by Bonferroni and by the
    # familywise procedures that it compares.
    assert (benjamini_hochberg(THROMBOLYSIS) <= 0.05).tolist() == [True] * 4 + [False] * 11
    assert (holm(THROMBOLYSIS) <= 0.05).tolist() == [True] * 3 + [False] * 12


def test_the_example_of_holm():
    # Wikipedia, "Holm-Bonferroni method", example: four hypotheses at 0.05, of which the first
    # and the fourth are rejected. By hand: 0.005 * 4 = 0.02; 0.01 * 3 = 0.03; 0.03 * 2 = 0.06;
    # 0.04 * 1, but not under 0.06.
    adjusted = holm([0.01, 0.04, 0.03, 0.005])
    assert adjusted == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert (adjusted <= 0.05).tolist() == [True, False, False, True]
