"""Cross-products and sums over units against the same with numpy's matrices."""

import numpy as np
import pandas as pd
import pytest
from column_designs import column_design
from engine_panels import plain_rows

from cxroi.moments import column_operations, influence
from cxroi.moments.column_operations import COLUMNS, largest_units
from cxroi.moments.design import gram, project, survey
from cxroi.moments.units import units_among

RNG = np.random.default_rng(7)
N = 400
FRAME = pd.DataFrame(
    {
        "x": RNG.normal(size=N),
        "Größe 'm²'": RNG.gamma(2.0, 3.0, N),
        "w": RNG.uniform(0.5, 2, N),
        "y": RNG.normal(2, 3, N),
        "unit": RNG.integers(0, 60, N),
        "cell": RNG.integers(0, 3, N),
    }
)
X, Z, W, Y, UNIT, CELL = (FRAME[name].to_numpy() for name in FRAME)
# The fourth cell has no row, as after a condition on the rows.
CELLS = {"grp": (0, 1, 1, 2), "colour": ("red", "red", None, "blue")}
DISCRETE = np.array([[1.0, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 1]])
NAMES = ("x", "intercept", "grp", "flag", "blue", "size")
PLACES = (1, 2, 4, 0, 3, 5)  # discrete and continuous columns in turn
MATRIX = np.column_stack([X, DISCRETE[CELL, 0], DISCRETE[CELL, 1], X > 0.3, DISCRETE[CELL, 2], Z])


@pytest.fixture(scope="module")
def rows():
    return plain_rows(FRAME, CELLS)


@pytest.fixture(scope="module")
def design(rows):
    size = rows.column("\"Größe 'm²'\"")
    return column_design(
        rows, NAMES, DISCRETE, (rows.column("x"), rows.flag("x > 0.3"), size), PLACES
    )


def test_cross_products_and_sums(rows, design):
    w, y = rows.column("w"), rows.column("y")
    [one, two], [first, second] = design.moments((w, w * w), (y, w * y))
    np.testing.assert_allclose(one, MATRIX.T @ (MATRIX * W[:, None]), rtol=1e-12, atol=1e-11)
    np.testing.assert_allclose(two, MATRIX.T @ (MATRIX * W[:, None] ** 2), rtol=1e-12, atol=1e-11)
    np.testing.assert_allclose(first, MATRIX.T @ Y, rtol=1e-12, atol=1e-11)
    np.testing.assert_allclose(second, MATRIX.T @ (W * Y), rtol=1e-12, atol=1e-11)
    np.testing.assert_allclose(gram(design, w), one, rtol=1e-13)
    np.testing.assert_allclose(project(design, y), first, rtol=1e-13)


def test_survey_of_a_design(rows, design):
    y = rows.column("y")
    products, counted, [summed, twice] = survey(design, [y, 2.0 * y])
    np.testing.assert_allclose(products, MATRIX.T @ MATRIX, rtol=1e-12, atol=1e-11)
    np.testing.assert_allclose(counted, MATRIX.sum(axis=0), rtol=1e-12, atol=1e-11)
    np.testing.assert_allclose(summed, MATRIX.T @ Y, rtol=1e-12, atol=1e-11)
    np.testing.assert_allclose(twice, 2.0 * MATRIX.T @ Y, rtol=1e-12, atol=1e-11)


def test_predictor_and_designs_made_of_it(rows, design):
    params = np.array([0.5, -1.0, 2.0, 0.25, 1e-9, 0.0])
    y = rows.column("y")
    assert (y * (design @ params)).sum() == pytest.approx(Y @ (MATRIX @ params), rel=1e-12)
    moved = MATRIX.copy()
    moved[:, [2, 4]] = 1.0, 0.0
    found = (y * (design.set({2: 1.0, 4: 0.0}) @ params)).sum()
    assert found == pytest.approx(Y @ (moved @ params), rel=1e-12)
    behind = design.behind_groups(rows.groups, [2, 1], ["one", "a", "b", *NAMES])
    group = np.array(CELLS["grp"])[CELL]
    wider = np.column_stack([np.ones(N), group == 2, group == 1, MATRIX])
    expected = wider.T @ (wider * Y[:, None])
    np.testing.assert_allclose(gram(behind, y), expected, rtol=1e-11, atol=1e-9)
    assert behind.names == ("one", "a", "b", *NAMES)
    assert behind.shape == (N, 9)


def test_designs_of_part_of_the_rows(rows, design):
    inside = rows.only(rows.column("y") > 2)
    chosen = MATRIX[Y > 2]
    part = design.on(inside)
    assert len(part) == len(chosen)
    found = gram(part, inside.column("1e0"))
    np.testing.assert_allclose(found, chosen.T @ chosen, rtol=1e-12, atol=1e-11)


def test_columns_of_zero_and_one(design):
    assert design.zero_one.tolist() == [False, True, True, True, True, False]


@pytest.mark.parametrize("clustered", [False, True])
def test_covariance_over_units(rows, clustered):
    columns = [rows.column("x"), rows.column("y"), rows.column("w * 0e0")]
    table, codes = np.column_stack([X, Y, 0 * W]), UNIT if clustered else np.arange(N)
    summed = np.zeros((codes.max() + 1, 3))
    np.add.at(summed, codes, table)
    clusters = rows.column("unit") if clustered else None
    units, active, products = COLUMNS.unit_products(columns, clusters)
    assert (units, active) == (len(np.unique(codes)), len(np.unique(codes)))
    np.testing.assert_allclose(products, summed.T @ summed, rtol=1e-12, atol=1e-11)
    expected = summed.T @ summed * (active / (active - 1))
    np.testing.assert_allclose(influence.covariance(columns, clusters), expected, rtol=1e-12)
    assert units_among(clusters, rows.flag("true")) == len(np.unique(codes))


def test_units_that_carry_nothing_do_not_count(rows):
    few = rows.flag("unit IN (3, 4)")
    column = np.where(few, rows.column("y"), 0.0)
    assert COLUMNS.unit_products([column], rows.column("unit"))[:2] == (len(np.unique(UNIT)), 2)
    single = np.where(rows.flag("unit = 3"), rows.column("y"), 0.0)
    assert np.isnan(influence.covariance([single], rows.column("unit"))).all()
    assert influence.covariance([rows.column("0e0")], rows.column("unit")) == 0.0


@pytest.mark.parametrize("clustered", [False, True])
def test_largest_units(rows, clustered):
    codes = UNIT if clustered else np.arange(N)
    summed = np.zeros((codes.max() + 1, 2))
    np.add.at(summed, codes, np.column_stack([X, Y]))
    size = np.max(np.abs(summed) * [3.0, 0.5], axis=1)
    expected = summed[np.argsort(-size)[:25]]
    clusters = rows.column("unit") if clustered else None
    columns, scale = [rows.column("x"), rows.column("y")], np.array([3.0, 0.5])
    np.testing.assert_allclose(largest_units(columns, clusters, scale, 25), expected, rtol=1e-12)


@pytest.mark.parametrize("most", [N, 40, 1])
@pytest.mark.parametrize("clustered", [False, True])
def test_bootstrap_of_columns_has_the_covariance_of_the_sandwich(
    rows, monkeypatch, most, clustered
):
    # Whichever part is drawn from a normal distribution: 20,000 resamples, 4 errors of a variance.
    monkeypatch.setattr(column_operations, "MOST_RESAMPLED", most)
    x, y = rows.column("x"), rows.column("y")
    columns = [x - x.mean(), (y - y.mean()) * 1e6]
    clusters = rows.column("unit") if clustered else None
    draws = influence.bootstrap(columns, clusters, 20_000, np.random.default_rng(1))
    _, _, products = COLUMNS.unit_products(columns, clusters)
    scale = np.sqrt(np.diag(products))
    found = np.cov(draws.T / scale[:, None])
    np.testing.assert_allclose(
        found, products / np.outer(scale, scale), atol=4 * np.sqrt(2.2 / 2e4)
    )
    assert np.all(np.abs(draws.mean(axis=0)) < 4 * scale / np.sqrt(20_000))


def test_bootstrap_keeps_the_skew_of_one_large_unit(rows, monkeypatch):
    # One unit carries nearly all: its resamples are Poisson's counts, not normal.
    monkeypatch.setattr(column_operations, "MOST_RESAMPLED", 5)
    column = np.where(rows.flag("unit = 3"), 1000.0, 0.0) / float(np.sum(UNIT == 3))
    column = column + rows.column("x") * 1e-3
    draws = influence.bootstrap([column], rows.column("unit"), 20_000, np.random.default_rng(2))
    taken = np.round(draws[:, 0] / 1000.0) + 1
    assert np.mean(taken == 0) == pytest.approx(np.exp(-1), abs=0.014)
    assert np.mean(taken == 2) == pytest.approx(np.exp(-1) / 2, abs=0.011)


def test_bootstrap_of_estimates_that_move_together_or_not_at_all(rows):
    x = rows.column("x") - rows.column("x").mean()
    draws = influence.bootstrap([x, x * 2.0, x * 0.0], None, 200, np.random.default_rng(3))
    np.testing.assert_allclose(draws[:, 1], 2 * draws[:, 0], atol=1e-5 * np.std(draws[:, 0]))
    assert np.all(draws[:, 2] == 0)
