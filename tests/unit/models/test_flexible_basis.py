"""The columns of flexible adjustment, how many there is room for, and their ridge."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from doubly_robust_by_hand import Columns
from engine_panels import in_engine
from panels import customers, make_panel, make_study

from cxroi.models import flexible_basis
from cxroi.models.sample import take_sample

PAIR = ("passive", "promoter")
KINDS = {"spend": "amount", "retained": "yes_no", "contacts": "count"}


@pytest.fixture
def basis_of(tmp_path):
    def make(frame, controls=("tenure", "region"), *, engine=False, **study):
        panel = make_panel(make_study(tmp_path, KINDS, controls=controls, **study), frame)
        panel = in_engine(panel) if engine else panel
        return flexible_basis.flexible_basis(take_sample(panel, "spend"), panel.study, PAIR)

    return make


def sized(smaller, seed=1):
    """As many promoters as wanted, twice as many passives."""
    frame = customers(12 * smaller, seed=seed)
    passive = frame[frame["score"] == 8].head(2 * smaller)
    return pd.concat([passive, frame[frame["score"] == 9].head(smaller)], ignore_index=True)


REGION = ["region = south", "region = west"]
WIDE = [f"{level} * tenure" for level in REGION]


def bends(count):
    return [f"tenure, bend {n + 1}" for n in range(count)]


@pytest.mark.parametrize(
    ("smaller", "expected"),
    [
        # Two levels, a line, five bends, two products: ten columns want 100 promoters.
        (100, [*bends(5), *WIDE]),
        (99, [*bends(3), *WIDE]),
        (80, [*bends(3), *WIDE]),
        (79, [*bends(2), *WIDE]),
        (70, [*bends(2), *WIDE]),
        (69, bends(2)),
        (50, bends(2)),
        (49, bends(1)),
        (40, bends(1)),
        (39, []),
        (30, []),
    ],
)
def test_knots_go_first_then_products_then_the_last_knots(basis_of, smaller, expected):
    frame = sized(smaller)
    frame["attr_region"] = np.resize(["north", "south", "west", "north"], len(frame))
    if smaller <= 40:  # levels of 30 rows at least
        frame = pd.concat([frame, frame[frame["score"] == 8]], ignore_index=True)
    found = basis_of(frame).design.names
    assert found == ("intercept", *REGION, "tenure", *expected)


def test_many_rows_have_fewer_knots(basis_of, monkeypatch):
    frame = customers(900)
    assert basis_of(frame).width == 10
    monkeypatch.setattr(flexible_basis, "MANY_ROWS", 900)
    assert basis_of(frame).width == 10
    monkeypatch.setattr(flexible_basis, "MANY_ROWS", 899)
    names = basis_of(frame).design.names
    assert len(names) == 9
    assert names[4:7] == tuple(bends(3))


def test_uneven_weights_count_as_the_rows_they_are_worth(basis_of):
    """Kish: 80 promoters of weights 1 and 7 count as 80 * 16 / 25 = 51.2."""
    frame = sized(80)
    promoter = frame["score"] == 9
    frame.loc[promoter, "weight"] = np.resize([1.0, 7.0], 80)
    frame["attr_region"] = np.resize(["north", "south", "west", "north"], len(frame))
    assert basis_of(frame.assign(weight=1.0)).width == 8
    assert basis_of(frame).width == 5


def test_two_values_are_a_line_and_a_constant_is_nothing(basis_of):
    frame = customers(900)
    frame["attr_member"] = np.arange(900) % 2.0
    frame["attr_same"] = 4.0
    assert basis_of(frame, ("member", "same")).design.names == ("intercept", "member")


def test_baselines_that_are_the_same_for_everybody_are_nothing(basis_of):
    frame = customers(900).assign(spend_before=0.0, contacts_before=3.0)
    assert basis_of(frame, ()).design.names == ("intercept",)


def test_straight_lines_are_left_whatever_the_budget(basis_of):
    """Five columns want 50 promoters; with 39 there are no curves, and no control is dropped."""
    frame = sized(39).assign(attr_age=lambda f: 2.0 ** np.arange(len(f)) % 71)
    frame["attr_region"] = np.resize(["north", "south", "west"], len(frame))
    frame["contacts_before"] = np.arange(len(frame)) % 13 * 1.0
    found = basis_of(frame, ("tenure", "age", "region")).design.names
    assert found[:3] == ("intercept", *REGION)
    assert set(found[3:]) == {"tenure", "age", "contacts before"}


def test_three_knots_are_the_outer_tenths_and_the_median(basis_of):
    """A cubic between .1, .5 and .9 of tenure, straight beyond, by the columns' span."""
    frame = sized(45)
    values = frame["attr_tenure"].to_numpy()
    frame["attr_region"] = np.resize(["north", "south", "west", "north"], len(frame))
    design = basis_of(frame).design.matrix
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    bend = np.maximum(values - low, 0) ** 3
    bend -= np.maximum(values - middle, 0) ** 3 * (high - low) / (high - middle)
    bend += np.maximum(values - high, 0) ** 3 * (middle - low) / (high - middle)
    own = np.column_stack([np.ones(len(values)), values, bend])
    assert design.shape[1] == 5
    for column in design[:, 3:].T:
        assert column - own @ np.linalg.lstsq(own, column)[0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("weights", [False, True])
def test_the_ridge_is_the_covariance_of_the_columns(basis_of, weights):
    frame = customers(900)
    if weights:
        frame["weight"] = np.random.default_rng(2).choice([0.5, 1.0, 3.0], 900)
    made = basis_of(frame)
    columns = made.design.matrix[:, 1:]
    expected = np.cov(columns.T, aweights=frame["weight"], ddof=0)
    assert made.ridge[1:, 1:] == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert not made.ridge[0].any()
    assert not made.ridge[:, 0].any()


def test_span_of_amounts_counts_and_gaps(basis_of):
    """Every column of the basis is one of those made by other means, and the other way round."""
    frame = customers(1500)
    rng = np.random.default_rng(4)
    frame["spend_before"] = rng.gamma(1, 50, 1500) * (rng.random(1500) < 0.6)
    frame["contacts_before"] = rng.poisson(3.0, 1500).astype(float)
    for name in ("attr_tenure", "spend_before"):
        frame.loc[rng.random(1500) < 0.1, name] = np.nan
    ours = basis_of(frame).design
    assert {"tenure = (missing)", "spend before = (missing)", "spend before = 0"} <= set(ours.names)
    by_hand = Columns(("region",), ("tenure",), ("spend_before",), ("contacts_before",))
    theirs = by_hand.of(frame)
    assert ours.matrix.shape == theirs.shape
    for one, other in ((ours.matrix, theirs), (theirs, ours.matrix)):
        left = other - one @ np.linalg.lstsq(one, other)[0]
        assert np.abs(left).max() < 1e-8


@pytest.mark.parametrize(("zeros", "marked"), [(14, False), (16, True)])
def test_few_zeros_are_no_state_of_their_own(basis_of, zeros, marked):
    frame = customers(1500)
    frame["spend_before"] = np.random.default_rng(4).gamma(1, 50, 1500) + 0.01
    frame.loc[: zeros - 1, "spend_before"] = 0.0
    assert ("spend before = 0" in basis_of(frame).design.names) == marked


def test_columns_that_repeat_others_are_dropped(basis_of):
    """Two baselines known of the same customers have one mark; a shifted copy bends alike."""
    frame = customers(1500)
    frame["attr_days"] = 365 * frame["attr_tenure"] + 7
    for name in ("spend_before", "contacts_before"):
        frame[name] = np.random.default_rng(3).poisson(5, 1500) + 1.0
        frame.loc[:200, name] = np.nan
    names = basis_of(frame, ("tenure", "days", "region")).design.names
    assert sum(name.endswith("(missing)") for name in names) == 1
    assert not any("days" in name for name in names)
    design = basis_of(frame, ("tenure", "days", "region")).design.matrix
    assert np.linalg.matrix_rank(design) == design.shape[1]


def test_an_engine_has_the_same_columns_and_ridge(basis_of):
    frame = customers(400)
    frame["spend_before"] = np.random.default_rng(4).gamma(1, 50, 400) * (np.arange(400) % 3 > 0)
    frame.loc[::11, "attr_tenure"] = np.nan
    one, two = basis_of(frame), basis_of(frame, engine=True)
    assert two.design.names == one.design.names
    assert two.ridge == pytest.approx(one.ridge, rel=1e-9, abs=1e-12)
    [products], [sums] = two.design.moments([two.design.one], [two.design.one])
    assert products == pytest.approx(one.design.matrix.T @ one.design.matrix, rel=1e-9, abs=1e-8)
    assert sums == pytest.approx(one.design.matrix.sum(axis=0), rel=1e-9, abs=1e-8)


def test_a_smaller_ridge_is_no_other_basis(basis_of):
    made = basis_of(customers(900))
    assert replace(made, ridge=0 * made.ridge).width == made.width == len(made.design.names) - 1
