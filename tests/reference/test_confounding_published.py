"""Robustness values, bounds and E-values against published figures."""

import numpy as np
import pytest

from cxroi.checks.tools.bounds import (
    Benchmark,
    Gap,
    confounder_bound,
    partial_r2,
    robustness_value,
)
from cxroi.checks.tools.e_values import e_value, ratio_of_difference

# Cinelli and Hazlett, "Making sense of sensitivity: extending omitted variable bias", JRSS-B 82
# (2020), 39-67, section 5: attitudes towards peace in Darfur on having been directly harmed.
# The text gives 0.097 (0.023), 783 degrees of freedom, partial R2 2.2 %, robustness values 13.9 %
# and 7.6 %; the further digits are those that the authors' package sensemakr holds itself to
# (tests/testthat/test-02-darfur.R).
DARFUR = Gap(estimate=0.09731582, std_error=0.02325654, dof=783)
FEMALE = {  # times: r2 with harm, r2 with attitude, estimate, std_error, low, high
    1: (0.00916428667504862, 0.12464092303637, 0.0752202698486, 0.0218733298037, 0.0323, 0.1182),
    2: (0.0183285733500972, 0.249324064199975, 0.0529151689181, 0.0203500639944, 0.0130, 0.0929),
    3: (0.0274928600251459, 0.374050471038094, 0.0303960178770, 0.0186700665753, -0.0063, 0.0670),
}


def female():
    """The benchmark whose bound at one times its strength is the published one."""
    r2_group, r2_outcome = FEMALE[1][:2]
    own = r2_group / (1 + r2_group)
    shared = (own / (1 - own)) ** 2
    explained = r2_outcome * (1 - shared) / (1 + np.sqrt(shared)) ** 2
    return Benchmark("female", own, explained / (1 + explained))


def test_the_robustness_values_of_darfur():
    t, dof = DARFUR.t, DARFUR.dof
    assert t == pytest.approx(4.18445, abs=5e-6)
    assert partial_r2(t, dof) == pytest.approx(0.02187309, abs=5e-9)
    # The estimate and its error are printed to seven digits, which moves these by up to 1e-7.
    assert robustness_value(t, dof) == pytest.approx(0.1387764, abs=1e-7)
    assert robustness_value(t, dof, alpha=0.05) == pytest.approx(0.07625797, abs=1e-7)


@pytest.mark.parametrize("times", FEMALE)
def test_confounders_as_strong_as_being_female(times):
    r2_group, r2_outcome, estimate, std_error, low, high = FEMALE[times]
    bound = confounder_bound(DARFUR, female(), times)
    assert bound.r2_group == pytest.approx(r2_group, rel=1e-12)
    assert bound.r2_outcome == pytest.approx(r2_outcome, rel=1e-12)
    assert bound.estimate == pytest.approx(estimate, abs=1e-12)
    assert bound.std_error == pytest.approx(std_error, abs=1e-12)
    # Four printed digits. The package takes the critical value at 783 degrees of freedom; with
    # the confounder in the regression 782 are left, a difference of 1e-7.
    assert (bound.conf_low, bound.conf_high) == pytest.approx((low, high), abs=5.1e-5)


def test_the_sign_of_the_gap_does_not_matter():
    turned = Gap(-DARFUR.estimate, DARFUR.std_error, DARFUR.dof)
    for times in FEMALE:
        there, back = (confounder_bound(gap, female(), times) for gap in (DARFUR, turned))
        assert back.estimate == pytest.approx(-there.estimate, rel=1e-14)
        assert (-back.conf_high, -back.conf_low) == pytest.approx((there.conf_low, there.conf_high))


def test_what_sensemakr_prints_for_a_regression_of_sines():
    # sensemakr (R) on y ~ d + x1 + x2 with rows 1 to 200: estimate 0.407404970966835, robustness
    # values 0.392125514801805 and 0.302160713916727; bounds for once and twice x2.
    gap = Gap(0.407404970966835, 0.0578602283905763, 196)
    assert partial_r2(gap.t, 196) == pytest.approx(0.201884150359101, rel=1e-12)
    assert robustness_value(gap.t, 196) == pytest.approx(0.392125514801805, rel=1e-12)
    assert robustness_value(gap.t, 196, alpha=0.05) == pytest.approx(0.302160713916727, rel=1e-12)
    x2 = Benchmark("x2", 6.9856611516024e-08, 0.265033083453015)
    once, twice = (confounder_bound(gap, x2, times) for times in (1, 2))
    assert (once.r2_outcome, twice.r2_outcome) == pytest.approx(
        (0.360605510962075, 0.721211021924157), rel=1e-12
    )
    assert (once.estimate, twice.estimate) == pytest.approx(
        (0.407276404370285, 0.407147837764754), rel=1e-12
    )
    assert once.std_error == pytest.approx(0.0463847620602711, rel=1e-12)


def test_the_robustness_value_of_a_t_of_forty():
    # sensemakr (R) for a t value of 40 on 30 degrees of freedom.
    assert robustness_value(40, 30) == pytest.approx(0.981921804436961, rel=1e-12)
    assert robustness_value(40, 30, alpha=0.05) == pytest.approx(0.9789403653761, rel=1e-12)


# VanderWeele and Ding, "Sensitivity analysis in observational research: introducing the
# E-value", Annals of Internal Medicine 167 (2017), 268-274.
@pytest.mark.parametrize(
    ("ratio", "point", "end", "digits"),
    [
        # Formula feeding and death by respiratory infection: RR 3.9 (1.8 to 8.7).
        ((3.9, 1.8, 8.7), 7.26, 3.0, 2),
        # Breastfeeding and childhood leukaemia: 0.80 (0.71 to 0.91).
        ((0.80, 0.71, 0.91), 1.81, 1.43, 2),
        # Smoking and lung cancer (Hammond and Horn 1958; vignette of the package EValue).
        ((10.73, 8.02, 14.36), 20.94777, 15.52336, 5),
    ],
)
def test_e_values_of_risk_ratios(ratio, point, end, digits):
    assert e_value(*ratio) == pytest.approx((point, end), abs=0.5 * 10**-digits)


def test_the_e_value_of_a_standardised_difference():
    # evalues.MD(0.5, se = 0.2) of the package EValue.
    assert e_value(*ratio_of_difference(0.5, 0.2)) == pytest.approx(
        (2.52914198186127, 1.44302956344269), rel=1e-12
    )
