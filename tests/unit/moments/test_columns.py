"""Columns against the same expressions on arrays of numpy."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from engine_panels import plain_rows
from scipy.special import expit

from cxroi.engine.literals import constant, literal, looked, numbering
from cxroi.moments.columns import Column

RNG = np.random.default_rng(3)
N = 500
FRAME = pd.DataFrame(
    {
        "a": RNG.normal(size=N),
        "b": RNG.gamma(2.0, 3.0, N),
        "w": RNG.uniform(0.5, 2, N),
        "cell": RNG.integers(0, 3, N),
    }
)
A, B, W, CELL = (FRAME[name].to_numpy() for name in FRAME)
CELLS = {"grp": (0, 1, 2)}


@pytest.fixture(scope="module")
def rows():
    return plain_rows(FRAME, CELLS)


FORMULAS = [
    lambda a, b: a + b * 2 - 1,
    lambda a, b: 3 - a,
    lambda a, b: a / b,
    lambda a, b: 1 / b,
    lambda a, b: -a,
    lambda a, b: a**2,
    lambda a, b: 2.0**a,
    lambda a, b: np.minimum(a, b),
    lambda a, b: np.maximum(a, 0.1),
    lambda a, b: np.exp(a),
    lambda a, b: np.log(b),
    lambda a, b: np.sqrt(b),
    lambda a, b: np.arcsinh(a),
    lambda a, b: np.absolute(a),
    lambda a, b: expit(a),
    lambda a, b: np.where(a > 0, b, -1.0),
    lambda a, b: np.where((a > 0) & (b < 5), a, b),
    lambda a, b: np.where((a > 0) | ~(b >= 5), 1.0, 0.0),
    lambda a, b: np.where(a != b, a, 0.0),
    lambda a, b: np.where(a <= b, 2, b),
    lambda a, b: a * np.float64(1e-300) * 1e300,
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_formulas_give_what_numpy_gives(rows, formula):
    expected = formula(A, B)
    found = formula(rows.column("a"), rows.column("b"))
    assert isinstance(found, Column)
    assert found.sum() == pytest.approx(expected.sum(), rel=1e-12, abs=1e-10)
    assert found.min() == pytest.approx(expected.min(), rel=1e-14)
    assert found.max() == pytest.approx(expected.max(), rel=1e-14)
    assert found.std() == pytest.approx(expected.std(), rel=1e-11)


def test_conditions_are_counted_and_inner_products_summed(rows):
    a, b = rows.column("a"), rows.column("b")
    assert (a > 0).sum() == np.sum(A > 0)
    assert (b == b).mean() == 1.0
    assert a @ b == pytest.approx(A @ B, rel=1e-12)
    assert len(a) == N
    assert ((a > 0) * 1.0).sum() == np.sum(A > 0)


def test_a_small_spread_about_a_large_mean_keeps_its_digits(rows):
    # The mean of squares less the squared mean would leave no digit of it.
    values = rows.column("a") * 1e-4 + 1e8
    assert values.std() == pytest.approx(np.std(A * 1e-4 + 1e8), rel=1e-5)


def test_values_by_cell(rows):
    values = np.array([0.25, -7.0, 1e-9])
    assert rows.of_cells(values).sum() == pytest.approx(values[CELL].sum(), rel=1e-13)
    both = rows.of_cells(values) * rows.column("a") + rows.of_cells(values[::-1])
    expected = (values[CELL] * A + values[::-1][CELL]).sum()
    assert both.sum() == pytest.approx(expected, rel=1e-12)


def test_rows_without_numbers_of_cells_find_them():
    frame = FRAME.assign(grp=CELL, colour=np.array([None, "it's", 'a "b"'], object)[CELL])
    cells = {"grp": (0, 1, 2), "colour": (None, "it's", 'a "b"')}
    found = plain_rows(frame.rename(columns={"cell": "was"}).assign(cell=0), cells)
    found.engine.execute("CREATE TABLE unnumbered AS SELECT * EXCLUDE (cell) FROM joined")
    found = replace(found, relation="unnumbered", numbered=False)
    values = np.array([1.0, 10.0, 100.0])
    assert found.of_cells(values).sum() == pytest.approx(values[CELL].sum(), rel=1e-13)


def test_part_of_the_rows_and_back(rows):
    inside = rows.only(rows.column("a") > 0)
    assert inside.count == np.sum(A > 0)
    again = inside.only(inside.column("b") < 5)
    assert again.count == np.sum((A > 0) & (B < 5))
    part = inside.column("b")
    assert part.sum() == pytest.approx(B[A > 0].sum(), rel=1e-12)
    whole = part.over(rows)
    assert whole.sum() == pytest.approx(B[A > 0].sum(), rel=1e-12)
    assert whole.min() == 0.0
    with pytest.raises(ValueError, match="different rows"):
        part + rows.column("a")


def test_sums_of_nothing_are_zero(rows):
    nothing = rows.only(rows.column("a") > 1e9)
    assert nothing.count == 0
    assert nothing.column("b").sum() == 0.0
    assert rows.sums([]).shape == (0,)


def test_several_sums_take_one_query(rows):
    asked = []

    class Counting:
        def fetch(self, sql):
            asked.append(sql)
            return rows.engine.fetch(sql)

    fresh = replace(rows, engine=Counting(), known={})
    found = fresh.sums([fresh.column("a"), fresh.column("b") * 2])
    np.testing.assert_allclose(found, [A.sum(), 2 * B.sum()], rtol=1e-12)
    fresh.sums([fresh.column("a"), fresh.column("b") * 2])
    assert len(asked) == 1


@pytest.mark.parametrize("value", [0.1, -1e-300, 1e300, 5e-324, 2**53 + 1, np.float32(0.1), True])
def test_literals_come_back_as_they_were(rows, value):
    [(found,)] = rows.engine.fetch(f"SELECT {literal(value)}")
    assert found == float(value)
    assert isinstance(found, float)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_no_literal_of_what_is_no_number(value):
    with pytest.raises(ValueError, match="no number"):
        literal(value)
    with pytest.raises(ValueError, match="no number"):
        looked({"x": np.array([1.0, value])})


def test_many_numbers_are_written_as_one_is():
    values = [0.0, -0.0, -1e-300, 2.5, -7.0, 1e300]
    rows = ", ".join(f"({n}, {literal(v)}, {literal(v)})" for n, v in enumerate(values))
    expected = f"(VALUES {rows}) AS looked(cell, x, y) USING (cell)"
    assert looked({"x": np.array(values), "y": np.array(values)}) == expected


@pytest.mark.parametrize(
    "value", [None, True, False, 7, -7, 0.1, "it's", 'a "b"', "Ü; --", "", " a ", "\\n", "%_"]
)
def test_categories_come_back_as_they_were(rows, value):
    assert rows.engine.fetch(f"SELECT {constant(value)}") == [(value,)]


def test_numbering_tells_null_from_the_empty_name(rows):
    cells = {"k": (None, "", "a")}
    sql = f"SELECT c.cell FROM (VALUES (''), (NULL)) AS r(k) JOIN {numbering(cells)} ORDER BY 1"
    assert rows.engine.fetch(sql) == [(0,), (1,)]


def test_the_predictor_of_a_logit_far_out_does_not_overflow(rows):
    far = expit(rows.column("a") * 0.0 - 5000.0)
    assert far.sum() == 0.0
    assert expit(rows.column("a") * 0.0 + 5000.0).mean() == 1.0


def test_unknown_functions_are_refused(rows):
    with pytest.raises(TypeError):
        np.sin(rows.column("a"))
    with pytest.raises(TypeError):
        np.median(rows.column("a"))


def test_sums_of_columns_of_different_rows_are_refused(rows):
    inside = rows.only(rows.column("a") > 0)
    with pytest.raises(ValueError, match="different rows"):
        rows.sums([rows.column("a"), inside.column("b")])


def test_a_named_column_is_written_once_and_has_the_same_values(rows):
    a, b = rows.column("a"), rows.column("b")
    long = np.exp(a * 0.5) + b
    part = long.named()
    assert list(part.parts.values()) == [long.number]
    again = part * part - np.where(part > 2, part, 0.0)
    assert again.sql.count("exp(") == 0
    value = np.exp(A * 0.5) + B
    expected = value * value - np.where(value > 2, value, 0.0)
    assert again.sum() == pytest.approx(expected.sum(), rel=1e-12)
    assert again.max() == pytest.approx(expected.max(), rel=1e-12)
    nested = (again + 1).named()
    assert list(nested.parts) == [part.sql, nested.sql]  # each after those that it names
    assert (nested * a).sum() == pytest.approx(((expected + 1) * A).sum(), rel=1e-12)


def test_a_named_condition_is_a_number(rows):
    part = (rows.column("a") > 0).named()
    assert not part.flag
    assert part.sum() == (A > 0).sum()


def test_the_same_expression_has_the_same_name(rows):
    assert rows.column("a").named().sql == rows.column("a").named().sql
    assert rows.column("a").named().sql != rows.column("b").named().sql


def test_parts_go_with_columns_to_other_rows(rows):
    part = (rows.column("a") * 3).named()
    some = rows.only(rows.column("b") > 5)
    assert part.on(some).sum() == pytest.approx(3 * A[B > 5].sum(), rel=1e-12)
    assert part.on(some).over(rows).sum() == pytest.approx(3 * A[B > 5].sum(), rel=1e-12)
