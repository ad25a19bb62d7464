"""What holds for any data: bounds, symmetries, identities between figures."""

from dataclasses import replace

import numpy as np
import pytest
from array_fits import fit_glm
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cxroi.effects.gaps import newcombe
from cxroi.moments import influence
from cxroi.results.multiplicity import benjamini_hochberg, holm
from cxroi.value.money import Inputs, break_even_share, evaluate, payback_months

settings.register_profile("statistics", max_examples=40, deadline=None, derandomize=True)
settings.load_profile("statistics")

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)
UNIT = st.floats(0.01, 0.99)


@st.composite
def counted(draw):
    n = draw(st.integers(1, 200))
    return draw(st.integers(0, n)), n


@st.composite
def inputs(draw):
    def number(low, high):
        return np.array(draw(st.floats(low, high)))

    return Inputs(
        customers=draw(st.integers(1, 100_000)),
        window_days=draw(st.integers(7, 365)),
        churn_days=draw(st.integers(7, 365)),
        horizon_months=draw(st.floats(0.5, 60)),
        spend=number(0, 1000),
        spend_gap=number(-500, 500),
        retained=number(0, 1),
        retained_gap=number(-0.5, 0.5),
        contacts=number(0, 5),
        contacts_gap=number(-2, 2),
        returns=number(0, 5),
        returns_gap=number(-2, 2),
        share_moved=number(0.01, 1),
        cost_per_moved=number(0.1, 500),
        fixed_cost=number(0, 1e5),
        gross_margin=number(0.05, 1),
        causal_share=number(0, 1),
        discount_rate_annual=number(0, 0.5),
        cost_per_contact=number(0, 20),
        cost_per_return=number(0, 20),
    )


@given(P_VALUES)
def test_adjusted_p_values_are_ordered_and_bounded(values):
    raw, strict, loose = np.array(values), holm(values), benjamini_hochberg(values)
    assert (raw <= loose + 1e-12).all()
    assert (loose <= strict + 1e-12).all()
    assert (strict <= np.minimum(raw * len(raw), 1) + 1e-12).all()
    order = np.argsort(raw, kind="stable")
    assert (np.diff(strict[order]) >= 0).all()


@given(P_VALUES, st.randoms())
def test_adjustment_does_not_depend_on_the_order(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    for adjust in (holm, benjamini_hochberg):
        assert adjust([values[i] for i in order]) == pytest.approx(adjust(values)[order])


@given(counted(), counted())
def test_newcombes_interval_holds_the_difference_and_mirrors(a, b):
    low, high, p_value, _ = newcombe(*a, *b)
    difference = a[0] / a[1] - b[0] / b[1]
    assert -1 - 1e-9 <= low <= difference + 1e-9
    assert difference - 1e-9 <= high <= 1 + 1e-9
    assert 0 <= p_value <= 1
    mirrored = newcombe(*b, *a)
    assert mirrored[:3] == pytest.approx((-high, -low, p_value), abs=1e-9)


@given(
    arrays(float, 12, elements=st.floats(-1e3, 1e3)),
    arrays(float, 12, elements=st.floats(0.1, 10)),
    st.floats(0.01, 100),
)
def test_a_weighted_mean_stays_inside_and_ignores_the_scale_of_weights(values, weights, scale):
    mean, psi = influence.mean(values, weights)
    assert values.min() - 1e-9 <= mean <= values.max() + 1e-9
    assert psi.sum() == pytest.approx(0, abs=1e-9)
    again, psi_again = influence.mean(values, weights * scale)
    assert again == pytest.approx(mean, abs=1e-9)
    assert psi_again == pytest.approx(psi, abs=1e-9)


@given(
    arrays(float, (12, 3), elements=st.floats(-10, 10)),
    arrays(np.int64, 12, elements=st.integers(0, 4)),
    st.permutations(range(5)),
)
def test_covariance_is_positive_and_ignores_the_names_of_clusters(psi, clusters, names):
    codes = np.unique(clusters, return_inverse=True)[1]
    renamed = np.unique(np.array(names)[clusters], return_inverse=True)[1]
    covariance = influence.covariance(psi.T, codes)
    if np.isnan(covariance).any():
        sums = np.array([psi[codes == code].sum(axis=0) for code in range(codes.max() + 1)])
        assert codes.max() == 0 or (sums != 0).any(axis=1).sum() == 1
        return
    assert np.linalg.eigvalsh(covariance).min() >= -1e-8
    assert influence.covariance(psi.T, renamed) == pytest.approx(covariance, abs=1e-9)


@given(st.integers(0, 10_000), st.sampled_from(["ols", "logit", "poisson", "gamma"]))
@settings(max_examples=12)
def test_fits_do_not_depend_on_order_or_on_the_origin_of_controls(seed, family):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(120), rng.random(120) < 0.5, rng.normal(size=120)])
    values = {
        "ols": rng.normal(size=120),
        "logit": (rng.random(120) < 0.5).astype(float),
        "poisson": rng.poisson(2.0, 120).astype(float),
        "gamma": rng.gamma(1.0, 5.0, 120),
    }[family]
    names, ones, rows = ["intercept", "group", "x"], np.ones(120), np.arange(120)
    first = fit_glm(family, values, design, names, ones, rows, outcome="y")
    turn = rng.permutation(120)
    turned = fit_glm(family, values[turn], design[turn], names, ones, rows, outcome="y")
    assert turned.mean(design) == pytest.approx(first.mean(design), rel=1e-4, abs=1e-5)
    assert turned.influence == pytest.approx(first.influence[turn], rel=1e-3, abs=1e-5)
    shifted = design + np.array([0, 0, 3.0])
    moved = fit_glm(family, values, shifted, names, ones, rows, outcome="y")
    assert moved.mean(shifted) == pytest.approx(first.mean(design), rel=1e-4, abs=1e-5)


@given(st.integers(0, 10_000))
@settings(max_examples=12)
def test_staying_and_leaving_are_mirror_images(seed):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(150), rng.random(150) < 0.5, rng.normal(size=150)])
    stays = (rng.random(150) < 0.6).astype(float)
    names, ones, rows = ["intercept", "group", "x"], np.ones(150), np.arange(150)
    one = fit_glm("logit", stays, design, names, ones, rows, outcome="y")
    other = fit_glm("logit", 1 - stays, design, names, ones, rows, outcome="y")
    assert other.mean(design) == pytest.approx(1 - one.mean(design), abs=1e-6)
    assert other.influence == pytest.approx(-one.influence, abs=1e-6)


@given(inputs())
def test_money_adds_up(made):
    money = evaluate(made)
    moved = made.customers * made.share_moved
    assert money.net == pytest.approx(moved * money.value - money.cost, rel=1e-9, abs=1e-6)
    assert money.ratio * money.cost == pytest.approx(money.net, rel=1e-9, abs=1e-6)
    with np.errstate(invalid="ignore", divide="ignore"):  # a cost of zero has no return
        broken = evaluate(made.with_values(cost_per_moved=money.break_even_cost))
    assert broken.net == pytest.approx(0, abs=1e-9 * float(abs(money.cost) + abs(money.net) + 1))


@given(inputs())
def test_payback_lies_within_the_horizon_and_net_is_then_earned_once(made):
    months, net = payback_months(made), evaluate(made).net
    assert np.isinf(months) or 0 < months <= made.horizon_months + 1e-9
    if net > 1e-6:
        assert np.isfinite(months)


@settings(max_examples=15)
@given(inputs())
def test_a_share_that_breaks_even_has_no_net_value_and_none_below_pays(made):
    share = break_even_share(made)
    cost = float(evaluate(made).cost)
    if np.isinf(share):
        assert evaluate(made.with_values(causal_share=10.0)).net < 0
        return
    at = evaluate(made.with_values(causal_share=share)).net
    assert at == pytest.approx(0, abs=1e-6 * (cost + 1) + 1e-6 * float(made.customers))
    for part in (0.0, 0.3, 0.9):
        step = np.floor(share * part * 10) / 10
        assert evaluate(made.with_values(causal_share=step)).net < 1e-6 * (cost + 1)


@settings(max_examples=15)
@given(inputs(), st.sampled_from([1e-3, 1e3, 1e6]))
def test_a_return_does_not_depend_on_the_currency(made, rate):
    money = ("spend", "spend_gap", "cost_per_moved", "fixed_cost")
    money = (*money, "cost_per_contact", "cost_per_return")
    other = replace(made, **{name: getattr(made, name) * rate for name in money})
    ratio = float(evaluate(made).ratio)
    assert evaluate(other).ratio == pytest.approx(ratio, rel=1e-6, abs=1e-9)
    # At the edge of the horizon or of a share of 10 rounding decides: compare where both pay.
    for figure in (payback_months, break_even_share):
        found, again = figure(made), figure(other)
        if np.isfinite(found) and np.isfinite(again):
            assert again == pytest.approx(found, rel=1e-6)


@given(inputs(), UNIT)
def test_no_gap_is_worth_nothing_and_no_cause_neither(made, share):
    gaps = ("spend_gap", "retained_gap", "contacts_gap", "returns_gap")
    none = made.with_values(causal_share=share, **dict.fromkeys(gaps, 0.0))
    assert evaluate(none).value == pytest.approx(0, abs=1e-9)
    assert evaluate(made.with_values(causal_share=0.0)).value == pytest.approx(0, abs=1e-9)
