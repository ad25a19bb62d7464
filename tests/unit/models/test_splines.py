"""Restricted cubic splines: Harrell's formula written out, and the span of all natural splines."""

import numpy as np
import pandas as pd
import pytest
from both_rows import both_rows, in_order
from doubly_robust_by_hand import curve

from cxroi.models.splines import SHARES, bends, knots_of

KNOTS = (1.0, 2.5, 4.0, 9.0)
X = np.linspace(-3, 15, 60)


def positive_cube(value):
    return value**3 if value > 0 else 0.0


def test_columns_are_those_of_the_formula():
    """Harrell, Regression Modeling Strategies, 2nd edition, equations 2.25, one value at a time."""
    t1, t2, t3, t4 = KNOTS
    for number, tj in enumerate((t1, t2)):
        expected = [
            (
                positive_cube(x - tj)
                - positive_cube(x - t3) * (t4 - tj) / (t4 - t3)
                + positive_cube(x - t4) * (t3 - tj) / (t4 - t3)
            )
            / (t4 - t1) ** 2
            for x in X
        ]
        assert bends(X, KNOTS)[number] == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("knots", [KNOTS, KNOTS[:3]])
def test_span_is_that_of_all_natural_splines(knots):
    """Straight lines beyond the outer knots, two continuous derivatives: as scipy makes them."""
    ours = np.column_stack([np.ones(len(X)), X, *bends(X, knots)])
    theirs = curve(X, np.array(knots))
    assert ours.shape == theirs.shape == (60, len(knots))
    for one, other in ((ours, theirs), (theirs, ours)):
        left = other - one @ np.linalg.lstsq(one, other)[0]
        assert np.abs(left).max() < 1e-9 * np.abs(other).max()


def test_beyond_the_outer_knots_it_is_straight():
    for outside in (np.linspace(-9, 1, 30), np.linspace(9, 50, 30)):
        for column in bends(outside, KNOTS):
            assert np.abs(np.diff(column, 2)).max() < 1e-9


def test_columns_of_an_engine_are_those_of_arrays():
    frame = pd.DataFrame({"score": 8.0, "attr_age": X, "attr_plan": "a"}, index=range(len(X)))
    frame = frame.assign(weight=1.0, cluster=range(len(X)))
    one, two = (rows.values("attr_age") for rows in both_rows(frame, ("attr_plan",)))
    for mine, theirs in zip(bends(one, KNOTS), bends(two, KNOTS), strict=True):
        assert in_order(theirs) == pytest.approx(mine, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (7, [2.5, 18.33, 34.17, 50, 65.83, 81.67, 97.5]),
        (5, [5, 27.5, 50, 72.5, 95]),
        (4, [5, 35, 65, 95]),
        (3, [10, 50, 90]),
    ],
)
def test_knots_lie_where_harrell_puts_them(count, expected):
    """Regression Modeling Strategies, 2nd edition, table 2.3; quantiles of 0 to 100."""
    assert knots_of(np.quantile(np.arange(101.0), SHARES), count) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("quantiles", "expected"),
    [
        ([0, 0, 1, 1, 2], [0, 1, 2]),
        ([5, 5, 5, 5, 5], [5]),
        ([1e9, 1e9 + 1e-3, 2e9, 2e9, 3e9], [1e9, 2e9, 3e9]),
        ([0, 1e-12, 2e-12, 2e-12, 2e-12], [0, 1e-12, 2e-12]),
    ],
)
def test_knots_that_are_the_same_are_one(quantiles, expected):
    every = [*np.linspace(-9, 9, 7), *quantiles, *np.linspace(-9, 9, 7)]
    assert knots_of(every, 5).tolist() == expected
