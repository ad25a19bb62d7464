"""Operations on arrays and on columns, asked the same: the answers are those of numpy and scipy."""

import numpy as np
import pandas as pd
import pytest
from both_rows import CATEGORIES, both_rows, frames, group_of, in_order
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from cxroi.moments import influence
from cxroi.moments.array_operations import ARRAYS
from cxroi.moments.column_operations import COLUMNS
from cxroi.moments.operations import operations_of
from cxroi.moments.order_statistics import (
    among,
    extremes,
    is_known,
    level_ranks,
    median,
    quantile,
    rank_products,
    where_known,
)
from cxroi.moments.units import count_distinct, units_among

several = settings(max_examples=12, deadline=None, derandomize=True)
SHARES = st.sampled_from([0.0, 0.1, 0.5, 0.75, 0.99, 1.0])
AGES = ("attr_age", "score", "weight")


def centred_ranks(values):
    return rankdata(values) - (len(values) + 1) / 2


def half_way(values, weights):
    """The midpoint of all values at which neither side holds over half of the weight."""
    fit = [
        v
        for v in np.unique(values)
        if max(weights[values < v].sum(), weights[values > v].sum()) <= weights.sum() / 2
    ]
    return (fit[0] + fit[-1]) / 2


def per_unit(table, units):
    """What the rows of each unit carry together."""
    return pd.DataFrame(table).groupby(np.asarray(units)).sum().to_numpy()


@several
@given(frames())
def test_the_operations_are_those_of_where_the_rows_are(frame):
    memory, engine = both_rows(frame)
    assert operations_of(memory.weights) is ARRAYS
    assert operations_of(engine.weights) is COLUMNS


@several
@given(frames(), st.integers(0, 10))
def test_sums_extremes_and_differing_values(frame, lowest):
    kept = (frame["score"] >= lowest).to_numpy()
    for rows in both_rows(frame):
        vectors = [rows.values(name) for name in AGES]
        found = influence.sums(*vectors, vectors[0] * vectors[2])
        products = frame["attr_age"] * frame["weight"]
        expected = [*(frame[name].sum() for name in AGES), products.sum()]
        assert found.tolist() == pytest.approx(expected, rel=1e-13, abs=1e-12)
        members = rows.values("score") >= lowest
        for name, vector in zip(AGES, vectors, strict=True):
            part = frame.loc[kept, name]
            np.testing.assert_array_equal(in_order(among(vector, members)), part)
            assert count_distinct(vector) == frame[name].nunique()
            if kept.any():
                assert extremes(vector, members) == (part.min(), part.max())


@several
@given(frames())
def test_where_numbers_are_known_and_where_they_are_made_missing(frame):
    tenure = frame["attr_tenure"].to_numpy()
    known, above = np.isfinite(tenure), frame["score"].to_numpy() > 5
    for rows in both_rows(frame):
        values = rows.values("attr_tenure")
        np.testing.assert_array_equal(in_order(is_known(values)), known)
        left = where_known(values, is_known(values) & (rows.values("score") > 5))
        np.testing.assert_array_equal(in_order(left), np.where(above, tenure, np.nan))
        np.testing.assert_array_equal(in_order(is_known(left)), known & above)


@several
@given(frames())
def test_predictors_are_vectors_as_others_are(frame):
    age, plan = frame["attr_age"].to_numpy(), (frame["attr_plan"] == "north").to_numpy() * 1.0
    linear, above = 0.5 * age - 4.0 * plan, frame["score"].to_numpy() > 5
    for rows in both_rows(frame):
        columns = [rows.values("attr_age"), rows.member("attr_plan", ["north"])]
        vector = rows.matrix(columns, ("age", "plan")) @ np.array([0.5, -4.0])
        high = rows.values("score") > 5
        assert extremes(vector, rows.one > 0) == (linear.min(), linear.max())
        assert quantile(vector, None, 0.5) == pytest.approx(np.median(linear))
        assert count_distinct(vector) == len(np.unique(linear))
        np.testing.assert_array_equal(in_order(among(vector, high)), linear[above])


@pytest.mark.parametrize("side", [0, 1], ids=["in memory", "in an engine"])
def test_where_predictors_are_known_and_where_they_are_made_missing(side):
    frame = pd.DataFrame({"score": [3.0, 8.0, 10.0], "weight": 1.0, "cluster": [0, 1, 2]})
    rows = both_rows(frame, ())[side]
    design = rows.matrix([], []).behind_groups(rows.groups, [0], ["intercept", "detractor"])
    vector = design @ np.array([2.0, 0.5])
    np.testing.assert_array_equal(in_order(vector), [2.5, 2.0, 2.0])
    np.testing.assert_array_equal(in_order(is_known(vector)), [1, 1, 1])
    left = where_known(vector, rows.values("score") > 5)
    np.testing.assert_array_equal(in_order(left), [np.nan, 2.0, 2.0])


@several
@given(frames(), SHARES, st.integers(0, 10))
def test_quantiles_and_medians(frame, share, lowest):
    kept = (frame["score"] >= lowest).to_numpy()
    age, weight = frame["attr_age"].to_numpy(), frame["weight"].to_numpy()
    halves = np.repeat(age, (2 * weight).astype(int))  # a weight of k halves is k rows
    for rows in both_rows(frame):
        values, weights = rows.values("attr_age"), rows.weights
        found = quantile(values, None, share)
        assert found == pytest.approx(np.quantile(age, share), rel=1e-13, abs=1e-13)
        if share > 0:
            expected = np.quantile(halves, share, method="inverted_cdf")
            assert quantile(values, weights, share) == expected
        if kept.any():
            found = median(values, weights, rows.values("score") >= lowest)
            assert found == half_way(age[kept], weight[kept])


@several
@given(frames())
def test_what_ranks_make_together(frame):
    x, y = (centred_ranks(frame[name]) for name in ("score", "attr_age"))
    for rows in both_rows(frame):
        found = rank_products(rows.values("score"), rows.values("attr_age"))
        assert found == pytest.approx((len(frame), x @ x, x @ y, y @ y), rel=1e-13, abs=1e-12)


@several
@given(frames(), st.sampled_from(CATEGORIES))
def test_ranks_by_level_and_part(frame, name):
    age, part = frame["attr_age"], group_of(frame)
    level = ["(missing)" if pd.isna(value) else str(value) for value in frame[name]]
    table = pd.DataFrame({"level": level, "part": part, "size": 1.0, "rank": centred_ranks(age)})
    table["own"] = age.groupby(part).transform(centred_ranks)
    table["square"] = table["own"] ** 2
    cells = table.groupby(["level", "part"], as_index=False).sum()
    expected = by_level(cells["level"], *cells.drop(columns="level").to_numpy().T)
    for rows in both_rows(frame):
        found = level_ranks(rows.category(name), rows.values("attr_age"), rows.groups)
        sums = found.parts, found.sizes, found.ranks, found.own, found.squares
        assert by_level(found.levels, *sums) == expected


def by_level(levels, *sums):
    """The sums of each level, whatever it is called; ranks are halves, so exact."""
    cells = {}
    for level, *cell in zip(levels, *sums, strict=True):
        cells.setdefault(level, []).append(tuple(map(float, cell)))
    return sorted(sorted(found) for found in cells.values())


@several
@given(frames(), st.booleans(), st.integers(0, 10))
def test_sums_over_independent_units(frame, clustered, lowest):
    few = frame["score"] >= lowest
    table = np.column_stack([frame["attr_age"] * few, (frame["weight"] - 1.0) * few])
    units = frame["cluster"] if clustered else np.arange(len(frame))
    summed = per_unit(table, units)
    active = int((summed != 0).any(axis=1).sum())
    for rows in both_rows(frame):
        high = rows.values("score") >= lowest
        vectors = [high * rows.values("attr_age"), high * (rows.weights - 1.0)]
        clusters = rows.clusters if clustered else None
        count, moved, products = operations_of(vectors[0]).unit_products(vectors, clusters)
        assert (count, moved) == (len(summed), active)
        np.testing.assert_allclose(products, summed.T @ summed, rtol=1e-12, atol=1e-12)
        covariance = influence.covariance(vectors, clusters)
        if active == 1:
            assert np.isnan(covariance).all()
        else:
            expected = summed.T @ summed * (active / max(active - 1, 1))
            np.testing.assert_allclose(covariance, expected, rtol=1e-12, atol=1e-12)
        assert units_among(clusters, high) == len(np.unique(np.asarray(units)[few]))


@several
@given(frames(), st.booleans())
def test_effective_units_of_unequal_weights(frame, clustered):
    units = frame["cluster"] if clustered else np.arange(len(frame))
    summed = per_unit(frame["weight"].to_numpy(), units)
    for rows in both_rows(frame):
        found = influence.effective_units(rows.weights, rows.clusters if clustered else None)
        assert found == pytest.approx(summed.sum() ** 2 / (summed**2).sum(), rel=1e-13)
