import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from panels import answers, by_group, customers
from scipy import special, stats
from statsmodels.stats.weightstats import DescrStatsW

from cxroi.effects.gaps import raw_gap
from cxroi.effects.groups import compare_groups, score
from cxroi.errors import ScarceDataError
from cxroi.models.sample import take_sample

KIND = {"x": "amount"}


def shares(panel_of, **groups):
    frame = by_group("loyal", **{name: answers(*counts) for name, counts in groups.items()})
    return compare_groups(panel_of(frame, {"loyal": "yes_no"}), "loyal")


def pair(comparison, estimates="gaps"):
    return next(e for e in getattr(comparison, estimates) if e.contrast.startswith("promoter"))


def interval(estimate):
    return estimate.conf_low, estimate.conf_high


def scores_like(mean, spread, n):
    """Return normal scores with exactly this mean and standard deviation."""
    values = stats.norm.ppf((np.arange(n) + 0.5) / n)
    return mean + spread * (values - values.mean()) / values.std(ddof=1)


def test_log_ratio_of_shares_has_katzs_error(panel_of):
    # Katz et al. (1978): variance of log ratio 1/56 - 1/70 + 1/48 - 1/80 = 0.0119048.
    relative = pair(shares(panel_of, passive=(48, 80), promoter=(56, 70)), "relative_gaps")
    half = 1.959964 * np.sqrt(0.0119048)
    expected = 0.8 / 0.6 * np.exp([-half, half])
    found = np.add(interval(relative), 1)
    assert found == pytest.approx(expected, rel=0.002)  # factor G / (G - 1) in the variance


def test_gap_of_amounts_holds_together(panel_of):
    a, b = scores_like(103, 5.5, 40), scores_like(100, 3.0, 60)
    panel = panel_of(by_group("spend", passive=b, promoter=a), {"spend": "amount"})
    gap = pair(compare_groups(panel, "spend"))
    # sqrt(5.5^2 / 40 + 3^2 / 60) = sqrt(0.90625), and t is 3 over it.
    assert gap.std_error == pytest.approx(np.sqrt(0.90625))
    assert gap.statistic == pytest.approx(3 / np.sqrt(0.90625))
    assert gap.p_value == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    assert sum(interval(gap)) / 2 == pytest.approx(3)
    assert gap.n == 100


def test_score_test_and_its_p_value_belong_together(panel_of):
    gap = pair(shares(panel_of, passive=(48, 80), promoter=(56, 70)))
    assert gap.p_value == pytest.approx(2 * stats.norm.sf(abs(gap.statistic)))
    # Pooled share 104/150: z = 0.2 / sqrt(0.6933 * 0.3067 * (1/70 + 1/80)) = 2.650; the
    # score test of Miettinen and Nurminen takes the variance times n / (n - 1).
    assert gap.statistic == pytest.approx(2.650 * np.sqrt(149 / 150), abs=0.001)


def test_chi_squared_over_all_groups_by_hand(panel_of):
    # 2 x 3 table, expected 30 in each cell of the first row, 20 in the second:
    # (25-30)^2/30 + 0 + (35-30)^2/30 + (25-20)^2/20 + 0 + (15-20)^2/20 = 4.1667.
    compared = shares(panel_of, detractor=(25, 50), passive=(30, 50), promoter=(35, 50))
    assert compared.omnibus.statistic == pytest.approx(25 / 6)
    assert compared.omnibus.p_value == pytest.approx(np.exp(-25 / 12))  # 2 degrees of freedom


def test_chi_squared_of_two_groups_has_no_continuity_correction(panel_of):
    # 2 x 2 table, expected 30 and 20: 2 * 25/30 + 2 * 25/20 = 4.1667.
    compared = shares(panel_of, passive=(25, 50), promoter=(35, 50))
    assert compared.omnibus.statistic == pytest.approx(25 / 6)


def test_error_of_a_large_effect_counts_the_spread_as_estimated(panel_of):
    # Borenstein: variance of d = (n1 + n2) / (n1 n2) + d^2 / (2 (n1 + n2)) = 0.02 + 0.01, d = 2;
    # without the second term the error would be 0.141 instead of 0.173.
    frame = by_group("spend", passive=scores_like(10, 1, 100), promoter=scores_like(12, 1, 100))
    size = pair(compare_groups(panel_of(frame, {"spend": "amount"}), "spend"), "effect_sizes")
    assert size.std_error == pytest.approx(np.sqrt(0.03), rel=0.05)


def test_weighted_effect_size_divides_by_the_weighted_spread(panel_of):
    rng = np.random.default_rng(2)
    frame = by_group("spend", passive=rng.gamma(1, 50, 80), promoter=rng.gamma(1, 70, 90))
    frame["weight"] = rng.choice([1.0, 2.0, 3.0], 170)
    size = pair(compare_groups(panel_of(frame, {"spend": "amount"}), "spend"), "effect_sizes")
    w = {
        name: DescrStatsW(part["spend_after"], part["weight"])
        for name, part in frame.groupby("group")
    }
    pooled = np.sqrt((80 * w["passive"].var + 90 * w["promoter"].var) / 168)
    expected = (1 - 3 / (4 * 170 - 9)) * (w["promoter"].mean - w["passive"].mean) / pooled
    assert size.estimate == pytest.approx(expected)


def test_cohens_h(panel_of):
    # Cohen (1988), table 6.2.2: phi is 1.982 for 0.70 and 1.571 for 0.50; h = 0.412.
    # Its variance is 1/n + 1/n = 0.02.
    compared = shares(panel_of, passive=(50, 100), promoter=(70, 100))
    size = pair(compared, "effect_sizes")
    assert size.estimate == pytest.approx(0.412, abs=0.001)
    assert size.std_error == pytest.approx(np.sqrt(0.02), rel=0.005)


def test_pairwise_p_values_are_adjusted_by_holm(panel_of):
    compared = shares(panel_of, detractor=(40, 100), passive=(50, 100), promoter=(70, 100))
    table = compared.pairwise.sort_values("p_value")
    p = table["p_value"].to_numpy()
    expected = np.maximum.accumulate([3 * p[0], 2 * p[1], p[2]])
    assert len(table) == 3
    assert table["p_holm"].to_numpy() == pytest.approx(np.minimum(expected, 1))


def test_weights_count_like_repeated_rows_in_means_and_medians(panel_of):
    rng = np.random.default_rng(5)
    frame = customers(300).assign(weight=rng.choice([1.0, 2.0, 3.0], 300))
    weighted = compare_groups(panel_of(frame, {"spend": "amount"}), "spend")
    repeated = frame.loc[frame.index.repeat(frame["weight"].astype(int))].assign(weight=1.0)
    plain = compare_groups(panel_of(repeated, {"spend": "amount"}), "spend")
    assert weighted.medians == pytest.approx(plain.medians)
    assert weighted.shares_above_zero == pytest.approx(plain.shares_above_zero)
    assert [m.estimate for m in weighted.means] == pytest.approx([m.estimate for m in plain.means])
    assert pair(weighted).estimate == pytest.approx(pair(plain).estimate)
    assert pair(weighted).std_error > pair(plain).std_error  # 300 people, not 600


def test_wald_test_of_equal_weights_is_close_to_welchs(panel_of):
    # With two groups F(1, many) and chi squared(1) are the same test.
    frame = by_group("x", passive=scores_like(0, 1, 400), promoter=scores_like(0.2, 2, 400))
    frame["customer"] = np.arange(800) // 2  # pairs of rows
    clustered = compare_groups(panel_of(frame, {"x": "amount"}), "x")
    gap = pair(clustered)
    assert clustered.omnibus.statistic == pytest.approx((gap.estimate / gap.std_error) ** 2)
    assert clustered.omnibus.p_value == pytest.approx(gap.p_value)


def accounts(seed=6, units=50, rows=6):
    """Two groups within accounts that differ."""
    rng = np.random.default_rng(seed)
    account = np.repeat(np.arange(units), rows)
    promoter = rng.random(units * rows) < 0.5
    value = rng.normal(size=units)[account] + promoter + rng.normal(size=units * rows)
    return pd.DataFrame(
        {
            "cluster": [f"a{k}" for k in account],
            "group": np.where(promoter, "promoter", "passive"),
            "x_after": value,
        }
    )


def test_a_gap_between_clusters_has_students_interval_and_p_value(panel_of):
    """Sandwich by hand, against t with the effective number of clusters less one."""
    frame = accounts()
    frame = frame.drop(np.flatnonzero(frame["cluster"] == "a0")[1:])  # unequal sizes
    frame = frame.reset_index(drop=True)
    gap = pair(compare_groups(panel_of(frame, {"x": "amount"}), "x"))
    sizes = frame["cluster"].value_counts().to_numpy()
    dof = sizes.sum() ** 2 / (sizes**2).sum() - 1
    fit = sm.OLS(frame["x_after"], sm.add_constant(1.0 * (frame["group"] == "promoter"))).fit(
        cov_type="cluster",
        cov_kwds={"groups": frame["cluster"].factorize()[0], "use_correction": False},
    )
    error = fit.bse.iloc[1] * np.sqrt(50 / 49)
    assert gap.std_error == pytest.approx(error)
    half = stats.t(dof).ppf(0.975) * error
    assert interval(gap) == pytest.approx((gap.estimate - half, gap.estimate + half))
    assert gap.p_value == pytest.approx(2 * stats.t(dof).sf(abs(gap.estimate) / error))
    assert gap.method == (
        f"difference of means, Student interval with {dof + 1:.0f} effective clusters from "
        "influence values summed per cluster"
    )


def test_the_score_of_declared_clusters_has_students_interval(panel_of):
    panel = panel_of(accounts(), {"x": "amount"})
    headline, *shares = score(panel)
    half = stats.t(49).ppf(0.975) * headline.std_error  # 50 accounts of one size
    assert interval(headline) == pytest.approx((headline.estimate - half, headline.estimate + half))
    share = shares[2]
    odds, slope = special.logit(share.estimate), share.estimate * (1 - share.estimate)
    half = stats.t(49).ppf(0.975) * share.std_error / slope
    assert interval(share) == pytest.approx(tuple(special.expit([odds - half, odds + half])))
    assert "logit Student interval with 50 effective clusters" in share.method


def test_customers_who_answered_several_times_keep_the_normal_interval(panel_of):
    frame = accounts()
    gap = pair(compare_groups(panel_of(frame.assign(customer=frame["cluster"]), KIND), "x"))
    half = stats.norm.ppf(0.975) * gap.std_error
    assert interval(gap) == pytest.approx((gap.estimate - half, gap.estimate + half))
    assert "normal interval from influence values summed per customer" in gap.method


def test_a_mean_and_a_share_of_clusters_have_students_interval(panel_of):
    frame = accounts()
    frame["y_after"] = (frame["x_after"] > 0.5).astype(float)
    panel = panel_of(frame, KIND | {"y": "yes_no"})
    sizes = frame[frame["group"] == "passive"]["cluster"].value_counts().to_numpy()
    t = stats.t(sizes.sum() ** 2 / (sizes**2).sum() - 1).ppf(0.975)
    mean, share = (compare_groups(panel, name).means[1] for name in "xy")
    assert interval(mean) == pytest.approx(
        (mean.estimate - t * mean.std_error, mean.estimate + t * mean.std_error)
    )
    odds, slope = special.logit(share.estimate), share.estimate * (1 - share.estimate)
    half = t * share.std_error / slope
    assert interval(share) == pytest.approx(tuple(special.expit([odds - half, odds + half])))
    assert "logit Student interval" in share.method


@pytest.mark.parametrize(("value", "weighted"), [(0.0, False), (1.0, False), (1.0, True)])
def test_a_share_of_nobody_or_all_counts_clusters_not_rows(panel_of, value, weighted):
    """Wilson by hand: from 0 to z² / (n + z²), with the effective number of clusters for n."""
    frame = accounts().rename(columns={"x_after": "y_after"})
    passive = frame["group"] == "passive"
    frame["y_after"] = np.where(passive, value, frame["y_after"] > 0.5).astype(float)
    if weighted:
        frame["weight"] = np.random.default_rng(1).choice([1.0, 3.0], len(frame))
    found = compare_groups(panel_of(frame, {"y": "yes_no"}), "y").means[1]
    weight = frame.get("weight", pd.Series(1.0, frame.index))[passive]
    sizes = weight.groupby(frame["cluster"][passive]).sum()
    n, z2 = sizes.sum() ** 2 / (sizes**2).sum(), stats.norm.ppf(0.975) ** 2
    assert n < 50 < passive.sum()
    far = z2 / (n + z2)
    assert interval(found) == pytest.approx((0.0, far) if value == 0 else (1 - far, 1.0))
    assert f"Wilson interval with {n:.0f} effective clusters" in found.method


@pytest.mark.parametrize("kind", ["amount", "yes_no"])
def test_repeating_every_row_in_its_cluster_narrows_nothing(panel_of, kind):
    frame = customers(400).assign(customer=[f"c{i}" for i in range(400)], weight=2.0)
    frame.loc[0, "weight"] = 1.0
    name = "spend" if kind == "amount" else "retained"
    once = compare_groups(panel_of(frame, {name: kind}), name)
    thrice = compare_groups(panel_of(pd.concat([frame] * 3), {name: kind}), name)
    for estimates in ("means", "gaps", "relative_gaps", "effect_sizes"):
        assert getattr(once, estimates)
        for a, b in zip(getattr(once, estimates), getattr(thrice, estimates), strict=True):
            assert b.estimate == pytest.approx(a.estimate, rel=0.01)  # g's small-sample factor
            assert b.std_error == pytest.approx(a.std_error, rel=0.01)


def test_small_groups_are_not_contrasted_and_tiny_ones_not_shown(panel_of):
    compared = shares(panel_of, detractor=(2, 4), passive=(20, 40), promoter=(20, 40))
    assert compared.means[0].estimate is None
    assert compared.medians[0] is None
    assert [gap.contrast for gap in compared.gaps] == ["promoter - passive"]
    assert "under 5 responses" in compared.notes[0]


def test_a_group_of_few_clusters_is_small_whatever_its_rows(panel_of):
    frame = by_group("x", passive=np.arange(60.0), promoter=np.arange(60.0))
    frame["cluster"] = ["one"] * 60 + [f"c{row}" for row in range(60)]
    compared = compare_groups(panel_of(frame, {"x": "amount"}), "x")
    assert compared.gaps == ()
    assert "60 responses of 1 customers or clusters" in compared.notes[1]
    assert compared.means[1].as_dict()["std_error"] is None


@pytest.mark.parametrize("weight", [1.0, 2.0])
@pytest.mark.parametrize("kind", ["amount", "yes_no"])
def test_groups_without_variation_yield_numbers_that_can_be_written(panel_of, kind, weight):
    # Two groups in which nobody has it: no test, but no NaN and no crash either.
    frame = by_group("x", detractor=[0] * 40, passive=[0] * 40, promoter=answers(20, 40))
    frame["weight"] = np.where(frame.index % 2, 1.0, weight)
    compared = compare_groups(panel_of(frame, {"x": kind}), "x")
    entries = [*compared.means, *compared.gaps, *compared.effect_sizes, compared.omnibus]
    json.dumps([e.as_dict() for e in entries], allow_nan=False)
    assert np.isfinite(compared.pairwise["p_value"].to_numpy(dtype=float)).all()
    assert compared.pairwise.loc[0, "p_value"] == 1
    if kind == "amount":
        assert "does not vary" in compared.omnibus.note


def test_nothing_varies_in_the_groups_that_are_large_enough(panel_of):
    compared = shares(panel_of, detractor=(5, 10), passive=(0, 40), promoter=(0, 40))
    assert "does not vary" in compared.omnibus.note
    assert pair(compared).p_value == 1


def test_raw_gap_refuses_rare_events(panel_of):
    frame = by_group("x", passive=answers(4, 60), promoter=answers(30, 60))
    with pytest.raises(ScarceDataError, match="too rare"):
        raw_gap(take_sample(panel_of(frame, {"x": "yes_no"}), "x"), "passive", "promoter")


def test_net_promoter_score_by_hand(panel_of):
    # 50 promoters, 30 passives, 20 detractors of 100: NPS 30; variance of a single answer
    # (+100, 0, -100) is 10^4 (0.5 + 0.2 - 0.3^2) = 6100, over 99.
    frame = by_group("x", detractor=[1] * 20, passive=[0] * 30, promoter=[1] * 50)
    nps, *groups = score(panel_of(frame, {"x": "yes_no"}))
    assert nps.estimate == pytest.approx(30)
    assert nps.std_error == pytest.approx(np.sqrt(6100 / 99), rel=0.003)  # factor of active rows
    assert [g.estimate for g in groups] == pytest.approx([0.2, 0.3, 0.5])


def test_weighted_score(panel_of):
    # Promoters count double: (100 - 20) / 150 in points.
    frame = by_group("x", detractor=[1] * 20, passive=[0] * 30, promoter=[1] * 50)
    frame["weight"] = np.where(frame["group"] == "promoter", 2.0, 1.0)
    panel = panel_of(frame, {"x": "yes_no"})
    assert score(panel)[0].estimate == pytest.approx(100 * 80 / 150)
    assert score(panel, weighted=False)[0].estimate == pytest.approx(30)
