"""The contrast that carries the money, against the same worked out by other means."""

import tempfile
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from doubly_robust_by_hand import Columns, contrast
from engine_panels import in_engine
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import customers, make_panel, make_study
from scipy import stats
from scipy.special import expit

from cxroi.effects import doubly_robust
from cxroi.effects.adjusted import regress_outcome
from cxroi.errors import ModelError, ScarceDataError
from cxroi.models.sample import take_sample

KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count"}
USED = Columns(("region",), ("tenure", "age"), ("spend_before",), ("contacts_before",))
CONTROLS = ("tenure", "age", "region")
# Uneven weights make a group of 365 count as so few that there is room for four knots alone.
USED_OF_FEW = replace(USED, knots=4)


def company(n=1200, seed=1, *, zeros=True, weights=False, clusters=False):
    """Customers with categories, gaps, and baselines that drive score and outcomes."""
    rng = np.random.default_rng(seed)
    frame = customers(n, seed=seed)
    frame["attr_age"] = rng.integers(18, 80, n).astype(float)
    before = rng.gamma(2.0, np.exp(3 + 0.3 * frame["attr_tenure"]) / 2)
    frame["spend_before"] = before * ((rng.random(n) < 0.7) | (not zeros))
    frame["contacts_before"] = rng.poisson(2.5, n).astype(float)
    frame["spend_after"] += 0.4 * frame["spend_before"]
    for name, share in (("attr_tenure", 0.1), ("spend_before", 0.05)):
        frame.loc[rng.random(n) < share, name] = np.nan
    if weights:
        frame["weight"] = rng.choice([0.5, 1.0, 3.0], n)
    if clusters:
        frame["cluster"] = [f"store {s}" for s in rng.integers(0, 90, n)]
    return frame


@cache
def flat_study(controls=CONTROLS, more=()):
    outcomes = {**KINDS, **dict(more)}
    return make_study(Path(tempfile.mkdtemp()), outcomes, controls=controls)


def panel_from(frame, controls=CONTROLS):
    return make_panel(flat_study(controls), frame)


def by_hand(frame, outcome, columns=USED, target=9, near=None):
    weights = (frame["weight"] / frame["weight"].mean()).to_numpy()
    values, score = frame[f"{outcome}_after"].to_numpy(), frame["score"].to_numpy()
    matrix = columns.of(frame.assign(weight=weights))
    return contrast(values, matrix, weights, score == 8, score == target, near)


def figures(regression):
    own = regression.contrast
    return own.estimate, own.std_error, own.conf_low, own.conf_high, regression.left_out


@pytest.mark.parametrize("outcome", KINDS)
@pytest.mark.parametrize(
    "told",
    [
        {},
        {"zeros": False},
        {"weights": True},
        {"clusters": True},
        {"weights": True, "clusters": True, "seed": 3},
    ],
    ids=str,
)
def test_estimate_and_influence_are_those_worked_out_by_other_means(outcome, told):
    frame = company(**told)
    columns = USED_OF_FEW if "weights" in told else USED
    made, known = regress_outcome(panel_from(frame), outcome), by_hand(frame, outcome, columns)
    assert made.contrast.estimate == pytest.approx(known.estimate, rel=1e-7)
    assert made.influence[1] == pytest.approx(known.influence, rel=1e-7, abs=1e-10)
    codes = frame["cluster"].factorize()[0] if "cluster" in frame else None
    assert made.contrast.std_error == pytest.approx(known.std_error(codes), rel=1e-7)
    assert made.robust.propensity.linear == pytest.approx(known.linear, rel=1e-7, abs=1e-9)


def test_every_other_group_has_its_contrast_with_the_from_group():
    frame = company()
    made = regress_outcome(panel_from(frame), "contacts")
    found = {e.contrast: e.estimate for e in made.contrasts}
    assert found == {
        "detractor - passive": pytest.approx(by_hand(frame, "contacts", target=4).estimate),
        "promoter - passive": pytest.approx(by_hand(frame, "contacts").estimate),
    }
    assert found["promoter - passive"] == made.contrast.estimate
    assert made.contrast.name == "contrast.contacts.doubly_robust"


@pytest.mark.parametrize("outcome", KINDS)
def test_influence_is_how_far_the_weight_of_a_row_moves_the_estimate(outcome, monkeypatch):
    """By numerical derivative: everything refitted with a row that weighs a little more, less."""
    monkeypatch.setattr(doubly_robust, "_spared", lambda *_: 1.0)
    frame = company(weights=True)
    made = regress_outcome(panel_from(frame), outcome)
    known = by_hand(frame, outcome, USED_OF_FEW)
    weights = (frame["weight"] / frame["weight"].mean()).to_numpy()
    values, score = frame[f"{outcome}_after"].to_numpy(), frame["score"].to_numpy()
    matrix = USED_OF_FEW.of(frame.assign(weight=weights))
    for row in (*np.flatnonzero(score == 8)[:6], *np.flatnonzero(score == 9)[:6], 0):
        more, less = (
            contrast(
                values,
                matrix,
                weights * np.where(np.arange(len(frame)) == row, 1 + by, 1.0),
                score == 8,
                score == 9,
                known.near,
                ridge_of=weights,
            ).estimate
            for by in (1e-4, -1e-4)
        )
        moved = (more - less) / 2e-4
        assert made.influence[1][row] == pytest.approx(moved, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("outcome", KINDS)
def test_error_is_that_of_leaving_customers_out(outcome):
    """Jackknife: everything again, knots included, without one block of customers at a time."""
    frame = company(1500, seed=4)
    whole = regress_outcome(panel_from(frame), outcome).contrast
    blocks = np.random.default_rng(1).permutation(len(frame)) % 90
    left = [by_hand(frame[blocks != b], outcome).estimate for b in range(90)]
    error = np.sqrt(89 / 90 * ((left - np.mean(left)) ** 2).sum())
    # A jackknife over 90 blocks is itself uncertain by 1 / sqrt(2 * 89), 7.5 %.
    assert whole.std_error == pytest.approx(error, rel=0.22)


def test_with_one_category_it_is_the_difference_within_levels():
    """Saturated, so by hand but for the ridge, which the number of rows makes as small as liked."""
    rng = np.random.default_rng(3)
    n = 200_000
    south = rng.random(n) < 0.4
    score = np.where(rng.random(n) < np.where(south, 0.7, 0.3), 10.0, 7.0)
    spend = 5 + 3 * south + np.where(score > 8, 1 + 2 * south, 0.0)
    frame = pd.DataFrame({"score": score, "spend_after": spend})
    frame["attr_region"] = np.where(south, "south", "north")
    frame["retained_after"] = frame["contacts_after"] = south * 1.0
    made = regress_outcome(panel_from(frame, ("region",)), "spend")
    # Promoters spend 1 more in the north and 3 more in the south; passives weigh the two.
    expected = 1 + 2 * south[score < 8].mean()
    assert made.contrast.estimate == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("right", ["propensity", "outcome"])
def test_right_when_only_one_of_the_models_is_right(right):
    """A sine of tenure, which seven knots miss, in what the other model is of."""
    rng = np.random.default_rng(8)
    tenure = rng.uniform(-3, 3, 60_000)
    wave = 1.2 * np.sin(4 * tenure)
    leaning, shape = (0.5 * tenure, 4 * wave) if right == "propensity" else (wave, tenure)
    promoter = rng.random(len(tenure)) < expit(leaning - 0.5)
    frame = pd.DataFrame({"score": np.where(promoter, 10.0, 7.0), "attr_tenure": tenure})
    frame["spend_after"] = 50 + promoter + shape + rng.normal(size=len(tenure))
    frame["retained_after"] = frame["contacts_after"] = promoter * 1.0
    found = regress_outcome(panel_from(frame, ("tenure",)), "spend").contrast
    assert abs(found.estimate - 1) < 3 * found.std_error
    assert found.std_error < 0.1


# What must hold of any data. ------------------------------------------------------------------


@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10_000),
    rate=st.sampled_from([1e-3, 0.37, 1e3]),
    shift=st.sampled_from([-1e3, 250.0]),
)
def test_currency_scales_the_contrast_and_units_of_controls_do_not(seed, rate, shift):
    frame = company(700, seed, weights=seed % 2 == 0)
    once = figures(regress_outcome(panel_from(frame), "spend"))
    told = frame.assign(
        spend_after=frame["spend_after"] * rate,
        spend_before=frame["spend_before"] * rate,
        attr_tenure=frame["attr_tenure"] * 12 + shift,
        attr_age=2026 - frame["attr_age"],
    )
    again = regress_outcome(panel_from(told), "spend")
    assert figures(again)[:4] == pytest.approx([rate * f for f in once[:4]], rel=1e-6)
    assert again.left_out == once[4]


@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000))
def test_order_of_rows_names_and_the_scale_of_weights_move_nothing(seed):
    frame = company(700, seed, weights=True).assign(customer=[f"c{i // 2}" for i in range(700)])
    told = frame.sample(frac=1, random_state=seed % 97)
    told["attr_region"] = told["attr_region"].map({"north": "z", "south": "it's", "west": "a"})
    told["customer"] = told["customer"].str[::-1]
    told["weight"] *= 7.3
    for outcome in ("spend", "retained"):
        once, again = (figures(regress_outcome(panel_from(f), outcome)) for f in (frame, told))
        assert again == pytest.approx(once, rel=1e-6, abs=1e-12)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), shift=st.sampled_from([-500.0, 0.25, 1e4]))
def test_a_shift_of_the_outcome_moves_nothing(seed, shift):
    """The intercept is free: a penalised one would shrink what is far from zero."""
    frame = company(700, seed)
    once = regress_outcome(panel_from(frame), "spend")
    frame["spend_after"] += shift
    again = regress_outcome(panel_from(frame), "spend")
    size = abs(shift) + once.contrast.std_error
    assert figures(again) == pytest.approx(figures(once), abs=1e-9 * size)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000))
def test_retained_and_churned_are_mirrors(seed):
    frame = company(700, seed, weights=True)
    frame["churned_after"] = 1 - frame["retained_after"]
    panel = make_panel(flat_study(CONTROLS, (("churned", "yes_no"),)), frame)
    kept, lost = (regress_outcome(panel, name) for name in ("retained", "churned"))
    assert lost.contrast.estimate == pytest.approx(-kept.contrast.estimate, abs=1e-12)
    assert lost.contrast.std_error == pytest.approx(kept.contrast.std_error, rel=1e-9)
    assert lost.influence[1] == pytest.approx(-kept.influence[1], abs=1e-12)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000))
def test_an_outcome_that_the_group_alone_makes_has_exactly_that_gap(seed):
    """One price a group: the mean predicted is the only value there is, but for rounding."""
    frame = company(700, seed)
    frame["spend_after"] = np.where(frame["score"] > 8, 12.0, 5.0)
    made = regress_outcome(panel_from(frame), "spend")
    assert made.contrast.estimate == pytest.approx(7, rel=1e-9)
    assert made.contrast.std_error == pytest.approx(0, abs=1e-9)


def test_weights_count_as_copies_where_every_copy_is_the_same_customer(monkeypatch):
    """But for the leverage, of which copies have less, and the ridge, which many rows outweigh."""
    monkeypatch.setattr(doubly_robust, "_spared", lambda *_: 1.0)
    frame = company(2500, seed=6).assign(customer=[f"c{i}" for i in range(2500)])
    frame["weight"] = np.random.default_rng(2).integers(1, 4, len(frame)).astype(float)
    copies = frame.loc[frame.index.repeat(frame["weight"].astype(int))].assign(weight=1.0)
    weighted, copied = (
        regress_outcome(panel_from(f), "contacts").contrast for f in (frame, copies)
    )
    assert copied.estimate == pytest.approx(weighted.estimate, abs=0.05 * weighted.std_error)
    assert copied.std_error == pytest.approx(weighted.std_error, rel=0.01)
    assert "survey-weighted" in weighted.method


def test_declared_clusters_have_students_interval():
    frame = company().assign(cluster=[f"account {i % 50}" for i in range(1200)])
    found = regress_outcome(panel_from(frame), "retained").contrast
    pair = frame[frame["score"] >= 7]  # detractors take no part
    assert found.n == len(pair) < 1200
    sizes = pair["cluster"].value_counts()
    t = stats.t(sizes.sum() ** 2 / (sizes**2).sum() - 1)
    assert found.conf_high == pytest.approx(found.estimate + t.ppf(0.975) * found.std_error)
    assert found.p_value == pytest.approx(2 * t.sf(abs(found.estimate) / found.std_error))
    assert "Student interval" in found.method


# Whom nobody resembles. -----------------------------------------------------------------------


def lonely(seed=5, n=1500):
    """Customers of old plans, next to none of whom are promoters."""
    frame = company(n, seed).assign(attr_region="new")
    rng = np.random.default_rng(seed)
    old = (frame["score"] == 8) & (rng.random(n) < 0.4)
    frame.loc[old, "attr_region"] = "old"
    few = np.flatnonzero(frame["score"] == 9)[:2]
    frame.loc[few, "attr_region"] = "old"
    return frame, few


def test_customers_whom_nobody_resembles_are_left_out_and_named():
    frame, few = lonely()
    panel = panel_from(frame, ("region",))
    made = regress_outcome(panel, "contacts")
    passive, old = frame["score"] == 8, frame["attr_region"] == "old"
    # Relative odds in the old plan, by hand: 2 of many promoters against four in ten passives.
    promoters = (frame["score"] == 9).sum()
    odds = (len(few) / (passive & old).sum()) / (promoters / passive.sum())
    assert odds < 1 / 20
    columns = Columns(("region",), (), ("spend_before",), ("contacts_before",))
    known = by_hand(frame, "contacts", columns)
    assert 0.3 < made.left_out < 0.5
    assert made.left_out == pytest.approx((passive & ~known.near).sum() / passive.sum())
    assert made.left_out == pytest.approx((passive & old).sum() / passive.sum(), abs=0.02)
    assert made.contrast.estimate == pytest.approx(known.estimate, rel=1e-7)
    assert np.all(made.robust.pull[few] == 0)
    assert np.all(made.influence[1][(passive & ~known.near).to_numpy()] != 0)  # the propensity
    assert f"{100 * made.left_out:.2g} % of it without anybody alike left out" in (
        made.contrast.method
    )


def test_nobody_is_left_out_where_the_groups_are_alike():
    frame = company()
    frame["score"] = np.random.default_rng(3).permutation(frame["score"])
    made = regress_outcome(panel_from(frame), "contacts")
    assert made.left_out == 0
    assert "left out" not in made.contrast.method


def test_no_overlap_is_refused():
    frame = company(900)
    frame["attr_fan"] = np.where(frame["score"] == 9, 1.0, 0.0)
    frame.loc[np.flatnonzero(frame["score"] == 9)[:3], "attr_fan"] = 0.0
    frame["attr_fan"] += np.random.default_rng(1).normal(0, 0.01, 900)
    with pytest.raises(ModelError, match="hardly anybody in 'promoter' is like"):
        regress_outcome(panel_from(frame, ("fan",)), "contacts")


def test_no_answer_stands_for_more_than_twenty_like_it():
    frame = company(900).assign(attr_fan=np.random.default_rng(2).normal(size=900))
    frame["attr_fan"] += 1.5 * (frame["score"] == 9)
    made = regress_outcome(panel_from(frame, ("fan",)), "contacts")
    assert made.left_out > 0.02
    passives, promoters = (frame["score"] == 8).sum(), (frame["score"] == 9).sum()
    assert 10 < made.robust.pull.max() * promoters / passives <= 20


@pytest.mark.parametrize(
    ("many", "events", "words"), [(29, 15, "29 responses"), (60, 4, "too rare to tell")]
)
def test_groups_that_are_too_small_are_refused(many, events, words):
    frame = company(900)
    promoters = np.flatnonzero(frame["score"] == 9)
    frame = frame.drop(index=promoters[many:]).reset_index(drop=True)
    frame.loc[promoters[:0], "retained_after"] = 0.0
    own = np.flatnonzero(frame["score"] == 9)
    frame.loc[own, "retained_after"] = np.where(np.arange(len(own)) < events, 1.0, 0.0)
    with pytest.raises(ScarceDataError, match=words):
        regress_outcome(panel_from(frame), "retained")


@pytest.mark.parametrize(
    ("values", "mean", "told"),
    [
        ((0.0, 1.0), 1.02, "1.02, lies outside the values of that group, 0 to 1"),
        ((-20.0, 5.0), -21.0, "-21, lies outside the values of that group, -20 to 5"),
        ((0.0, 1.0), 1.0, ""),
        ((12.0, 12.0), 12 * (1 - 1e-14), ""),  # one price: off by rounding alone
        ((12.0, 12.0), 11.9, "11.9, lies outside"),
    ],
)
def test_a_mean_that_no_such_values_can_have_is_refused(values, mean, told):
    frame = pd.DataFrame({"score": [10.0, 10.0, 7.0], "spend_after": [*values, 99.0]})
    sample = take_sample(panel_from(frame, ()), "spend")
    if not told:
        doubly_robust._require_inside(sample, "promoter", mean)
        return
    with pytest.raises(ModelError, match=told):
        doubly_robust._require_inside(sample, "promoter", mean)


def test_groups_that_the_controls_tell_apart_are_refused():
    """The ridge gives odds all the same: few passives would be left, and how few is said."""
    rng = np.random.default_rng(9)
    score = np.repeat([7.0, 10.0], 2000)
    tenure = np.where(score > 8, rng.uniform(0, 1, 4000), rng.uniform(1.2, 3, 4000))
    frame = pd.DataFrame({"score": score, "attr_tenure": tenure})
    frame["spend_after"] = rng.gamma(2, 25, 4000)
    frame["retained_after"] = frame["contacts_after"] = np.arange(4000) % 2 * 1.0
    with pytest.raises(ModelError, match="100 % of the customers have nobody like them there"):
        regress_outcome(panel_from(frame, ("tenure",)), "spend")


@pytest.mark.parametrize(
    ("left_out", "standing", "effective", "refused"),
    [
        (0.5, 0.8, 10.0, False),
        (0.51, 1.0, 500.0, True),
        (0.0, 0.79, 500.0, True),
        (0.0, 1.0, 9.9, True),
    ],
)
def test_who_is_left_must_be_many_and_have_some_alike(left_out, standing, effective, refused):
    setting = SimpleNamespace(origin="passive")
    held = pytest.raises(ModelError, match="hardly anybody in 'promoter'")
    with held if refused else nullcontext():
        doubly_robust._require_alike(setting, "promoter", left_out, standing, effective)


@pytest.mark.parametrize("engine", [False, True])
@pytest.mark.parametrize(("value", "refused"), [(1e6, True), (900.0, False)])
def test_a_gap_that_one_answer_makes_is_refused(value, refused, engine):
    """Without controls the variance is that of two means, of which one square has a share."""
    frame = company(900).drop(columns=["contacts_before", "spend_before"])
    frame.loc[np.flatnonzero(frame["score"] == 8)[3], "spend_after"] = value
    pair = frame.loc[frame["score"] >= 7].groupby("score")["spend_after"]
    squares = ((pair.transform("mean") - frame["spend_after"]) / pair.transform("size")) ** 2
    assert (squares.max() / squares.sum() > 0.8) == refused
    assert squares.max() / squares.sum() > 0.4
    panel = panel_from(frame, ())
    usual = f"{np.quantile(frame['spend_after'], 0.99):,.6g}"
    told = f"one of 900 answers carries the gap in spend: a value is 1e\\+06, while 99 % .* {usual}"
    with pytest.raises(ModelError, match=told) if refused else nullcontext():
        regress_outcome(in_engine(panel) if engine else panel, "spend")


# Rows and sums. -------------------------------------------------------------------------------


def alike(one, two, tolerance=1e-8):
    size = abs(one.contrast.estimate) + one.contrast.std_error
    assert figures(two) == pytest.approx(figures(one), rel=tolerance, abs=tolerance * size)
    for mine, theirs in zip(one.differences, two.differences, strict=True):
        assert (theirs.estimate, theirs.std_error) == pytest.approx(
            (mine.estimate, mine.std_error), rel=1e-6, abs=1e-7 * size
        )
    for mine, theirs in zip(one.contrasts, two.contrasts, strict=True):
        assert (theirs.estimate, theirs.std_error) == pytest.approx(
            (mine.estimate, mine.std_error), rel=tolerance, abs=tolerance * size
        )


@pytest.mark.parametrize("outcome", KINDS)
@pytest.mark.parametrize("least", [100_000, 100])
def test_rows_in_an_engine_give_the_same(outcome, least, monkeypatch):
    """With the leverage of each row, and above the number from which its mean stands for it.

    Of curves, whose columns are alike: an inverse of their products loses digits.
    """
    monkeypatch.setattr(doubly_robust, "OWN_LEVERAGE", least)
    told = {"retained": {"weights": True}, "contacts": {"weights": True, "clusters": True}}
    frame = company(500, **told.get(outcome, {})).drop(columns=["contacts_before", "spend_before"])
    panel = panel_from(frame, ("tenure", "region"))
    assert "tenure, bend 2" in regress_outcome(panel, outcome).robust.propensity.basis.design.names
    alike(regress_outcome(panel, outcome), regress_outcome(in_engine(panel), outcome))


def test_customers_left_out_are_left_out_in_an_engine():
    panel = panel_from(lonely()[0], ("region",))
    one, two = (regress_outcome(p, "contacts") for p in (panel, in_engine(panel)))
    assert one.left_out > 0.3
    alike(one, two)


def test_the_mean_leverage_among_very_many_rows_makes_little_difference(monkeypatch):
    """By hand: columns over the effective number of rows, as p / n is the mean leverage."""
    frame = company(2000)
    each = regress_outcome(panel_from(frame), "spend")
    monkeypatch.setattr(doubly_robust, "OWN_LEVERAGE", 100)
    mean, known = regress_outcome(panel_from(frame), "spend"), by_hand(frame, "spend")
    assert mean.contrast.estimate == each.contrast.estimate
    assert mean.contrast.std_error == pytest.approx(each.contrast.std_error, rel=0.05)
    plain = np.sqrt((known.plain**2).sum())
    assert plain < mean.contrast.std_error < 1.1 * plain
