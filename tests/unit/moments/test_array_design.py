"""Designs in memory and in an engine, asked the same: the answers are those of numpy."""

import numpy as np
import pytest
from both_rows import CATEGORIES, both_rows, frames, group_of, in_order
from hypothesis import given, settings
from hypothesis import strategies as st

from cxroi.moments.array_design import ArrayDesign
from cxroi.moments.design import gram, project, survey

several = settings(max_examples=12, deadline=None, derandomize=True)
CELLS = st.sampled_from([CATEGORIES, ("attr_loyal",)])
NAMES = ("tenure", "plan = north", "code = other", "tenure = (missing)", "age")
PARAMS = np.array([0.25, -3.0, 0.0, 1.5, 1e-3])


def laid_out(rows):
    """Quantities and dummies in turn, blanks marked."""
    tenure, missing = rows.number("attr_tenure")
    missing = tenure * 0.0 if missing is None else missing
    plan = rows.member("attr_plan", ["north"])
    code = rows.member("attr_code", ["2.5", "(missing)"])
    return rows.matrix([tenure, plan, code, missing, rows.values("attr_age")], NAMES)


def matrix_of(frame):
    """The same by pandas."""
    tenure, code = frame["attr_tenure"], frame["attr_code"]
    columns = [tenure.fillna(0.0), frame["attr_plan"] == "north", (code == 2.5) | code.isna()]
    return np.column_stack([*columns, tenure.isna(), frame["attr_age"]]).astype(float)


def close(found, expected, terms):
    """Hold each sum to the digits that its largest terms leave."""
    np.testing.assert_array_less(np.abs(found - expected), 1e-13 * terms + 1e-300)


def sum_of(matrix, weights):
    """The weighted sum of each column, and the size of its terms."""
    return matrix.T @ weights, np.abs(matrix).T @ np.abs(weights)


def products_of(matrix, weights):
    """The weighted cross-products of the columns, and the size of their terms."""
    size = np.abs(matrix)
    return matrix.T @ (matrix * weights[:, None]), size.T @ (size * np.abs(weights)[:, None])


def holds(design, matrix, names):
    """Hold a design to a matrix: shape, names, columns, predictor and sums."""
    assert design.names == tuple(names)
    assert design.shape == matrix.shape
    assert len(design) == len(matrix)
    for column, expected in zip(design.columns, matrix.T, strict=True):
        np.testing.assert_array_equal(in_order(column), expected)
    ones = np.ones(len(matrix))
    np.testing.assert_array_equal(in_order(design.one), ones)
    params = np.resize(PARAMS, matrix.shape[1])
    close(in_order(design @ params), *sum_of(matrix.T, params))
    close(gram(design, design.one), *products_of(matrix, ones))


@several
@given(frames(), CELLS)
def test_columns_predictor_and_cross_products(frame, cells):
    for rows in both_rows(frame, cells):
        design = laid_out(rows)
        holds(design, matrix_of(frame), NAMES)
        assert design.subsample(rows.weights) is None  # rows are few


@several
@given(frames(), CELLS)
def test_sums_of_several_weights_in_one_pass(frame, cells):
    matrix, w, y = matrix_of(frame), frame["weight"].to_numpy(), frame["score"].to_numpy()
    ones = np.ones(len(frame))
    for rows in both_rows(frame, cells):
        design, weights, scores = laid_out(rows), rows.weights, rows.values("score")
        seconds, firsts = design.moments((weights, weights * scores), (scores, weights))
        close(seconds[0], *products_of(matrix, w))
        close(seconds[1], *products_of(matrix, w * y))
        close(firsts[0], *sum_of(matrix, y))
        close(firsts[1], *sum_of(matrix, w))
        assert design.moments((), ()) == ([], [])
        close(project(design, weights * scores), *sum_of(matrix, w * y))
        close(gram(design, weights), *products_of(matrix, w))
        products, counted, [summed, weighed] = survey(design, [scores, weights * scores])
        close(products, *products_of(matrix, ones))
        close(counted, *sum_of(matrix, ones))
        close(summed, *sum_of(matrix, y))
        close(weighed, *sum_of(matrix, w * y))


@several
@given(frames(), CELLS, st.lists(st.sampled_from([0, 1, 2]), unique=True))
def test_behind_groups_and_what_is_made_of_it(frame, cells, positions):
    matrix, group = matrix_of(frame), group_of(frame)
    dummies = [group == position for position in positions]
    wider = np.column_stack([np.ones(len(frame)), *dummies, matrix]).astype(float)
    names = ["intercept", *(f"group {position}" for position in positions), *NAMES]
    x = frame["score"].to_numpy()
    for rows in both_rows(frame, cells):
        design = laid_out(rows).behind_groups(rows.groups, positions, names)
        holds(design, wider, names)
        holds(design.without_intercept(), wider[:, 1:], names[1:])
        beside = design.beside([rows.values("score"), rows.weights], ["score", "weight"])
        more = np.column_stack([wider, x, frame["weight"]])
        holds(beside, more, [*names, "score", "weight"])
        holds(beside.without_intercept(), more[:, 1:], [*names[1:], "score", "weight"])
        moved = wider.copy()
        moved[:, 1 : 1 + len(positions)] = [float(position == 1) for position in positions]
        places = enumerate(positions, start=1)
        everybody = design.set({place: float(position == 1) for place, position in places})
        holds(everybody, moved, names)
        holds(design, wider, names)  # what was made of it left it as it was


@several
@given(frames(), CELLS, st.integers(0, 10))
def test_of_some_of_the_rows(frame, cells, lowest):
    kept = (frame["score"] >= lowest).to_numpy()
    matrix = matrix_of(frame)
    for rows in both_rows(frame, cells):
        design, members = laid_out(rows), rows.values("score") >= lowest
        some = design.among(members)
        holds(some, matrix[kept], NAMES)
        predicted = in_order(design.spread(some @ PARAMS, members))
        assert not predicted[~kept].any()
        close(predicted[kept], *sum_of(matrix[kept].T, PARAMS))


@several
@given(frames(), CELLS)
def test_which_columns_are_zero_or_one(frame, cells):
    # A quantity that is by chance zero or one in all rows is one in memory alone.
    quantities = matrix_of(frame)[:, [0, 4]]
    by_chance = ((quantities == 0) | (quantities == 1)).all(axis=0)
    for rows in both_rows(frame, cells):
        design = laid_out(rows)
        missing = rows.number("attr_tenure")[1] is not None
        assert design.zero_one[[1, 2]].all()
        if missing:
            assert design.zero_one[3]
        assert not design.zero_one[[0, 4]][~by_chance].any()


@pytest.mark.parametrize("weighted", [False, True])
def test_least_squares_to_full_precision_in_memory(weighted):
    rng = np.random.default_rng(3)
    matrix = np.column_stack([np.ones(60), rng.normal(size=(60, 2)) * [1.0, 1e8]])
    weights = rng.uniform(0.2, 3.0, 60) if weighted else np.ones(60)
    values = matrix @ [3.0, -1.0, 2e-8] + rng.normal(size=60)
    root = np.sqrt(weights)
    scaled = matrix * root[:, None] / [1.0, 1.0, 1e8]
    expected = np.linalg.lstsq(scaled, values * root, rcond=None)[0] / [1.0, 1.0, 1e8]
    found = ArrayDesign(("one", "a", "b"), matrix).least_squares(values, weights)
    np.testing.assert_allclose(found, expected, rtol=1e-11)


@several
@given(frames())
def test_coefficients_of_rows_in_an_engine_come_from_sums(frame):
    rows = both_rows(frame)[1]
    assert laid_out(rows).least_squares(rows.values("score"), rows.weights) is None


@several
@given(frames(), CELLS, st.integers(0, 999))
def test_leverage_is_the_quadratic_form_of_each_row(frame, cells, seed):
    root = np.random.default_rng(seed).normal(size=(5, 5))
    inverse = root @ root.T
    matrix = matrix_of(frame)
    expected = [row @ inverse @ row for row in matrix]
    size = ((np.abs(matrix) @ np.abs(root)) ** 2).sum(axis=1)
    for rows in both_rows(frame, cells):
        found = in_order(laid_out(rows).leverage(root))
        np.testing.assert_array_less(np.abs(found - expected), 1e-12 * size + 1e-300)


@several
@given(frames(), CELLS)
def test_interactions_of_categories_with_quantities(frame, cells):
    """A dummy, whether in cells or not, times a quantity: a column like any other."""
    known = matrix_of(frame)
    expected = np.column_stack([known[:, 0], known[:, 1], known[:, 0] * known[:, 1]])
    for rows in both_rows(frame, cells):
        tenure, plan = rows.number("attr_tenure")[0], rows.member("attr_plan", ["north"])
        names = ("tenure", "plan = north", "plan = north * tenure")
        made = rows.matrix([tenure, plan, rows.interaction(plan, tenure)], names)
        assert made.names == names
        for column, values in zip(made.columns, expected.T, strict=True):
            np.testing.assert_array_equal(in_order(column), values)
        close(gram(made, made.one), *products_of(expected, np.ones(len(expected))))
        params = np.array([0.5, -1.0, 2.0])
        close(in_order(made @ params), *sum_of(expected.T, params))
