"""Medians and quantiles, of arrays and from counts of values in an engine, against definitions."""

import numpy as np
import pandas as pd
import pytest
from engine_panels import plain_rows

from cxroi.moments.order_statistics import median, median_above_zero, quantile, quantiles


def arrays(values, weights):
    return values, weights


def columns(values, weights):
    rows = plain_rows(pd.DataFrame({"v": values, "w": weights}))
    return rows.column("v"), rows.column("w")


@pytest.fixture(params=[arrays, columns], ids=["arrays", "columns"])
def vectors_of(request):
    """Make values and weights, of one by default, to what is looked at."""

    def make(values, weights=None):
        values = np.asarray(values, dtype=float)
        weights = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
        return request.param(values, weights)

    return make


def weighted_median(values, weights):
    """The midpoint of all values at which neither side holds over half of the weight."""
    values, weights = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    half = weights.sum() / 2
    fit = [
        v
        for v in np.unique(values)
        if weights[values < v].sum() <= half + 1e-9 and weights[values > v].sum() <= half + 1e-9
    ]
    return (fit[0] + fit[-1]) / 2


def median_of(values, weights):
    return median(values, weights, weights > 0)


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ([1, 2, 3], [1, 1, 1], 2),
        ([1, 2, 3, 4], [1, 1, 1, 1], 2.5),
        ([1, 2, 2, 4], [1, 1, 1, 1], 2),
        ([1, 2, 3], [1, 1, 2], 2.5),
        ([1, 2, 3], [1, 1, 3], 3),
        ([5], [0.3], 5),
        ([-1e9, 0, 1e-9], [1, 1, 1], 0),
        ([0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.1, 0.2], 0.25),
    ],
)
def test_medians_by_hand(vectors_of, values, weights, expected):
    assert median_of(*vectors_of(values, weights)) == pytest.approx(expected, rel=1e-14, abs=0)


@pytest.mark.parametrize("seed", range(12))
def test_medians_with_ties_and_weights(vectors_of, seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 40))
    values, weights = rng.integers(-3, 6, n) / 3, rng.integers(1, 4, n) / 7
    found = median_of(*vectors_of(values, weights))
    assert found == pytest.approx(weighted_median(values, weights))


def test_the_median_is_of_members_alone(vectors_of):
    values, weights = vectors_of([1, 2, 3, 100, 200, 300])
    assert median(values, weights, values > 50) == 200


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99, 1.0])
@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_plain_quantiles_are_those_of_numpy(vectors_of, share, n):
    values = np.random.default_rng(n).integers(0, 12, n) / 8
    found = quantile(vectors_of(values)[0], None, share)
    assert found == pytest.approx(np.quantile(values, share), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99, 1.0])
def test_weighted_quantiles_reach_their_share(vectors_of, share):
    rng = np.random.default_rng(1)
    values, weights = rng.integers(0, 30, 200) / 7, rng.integers(1, 5, 200).astype(float)
    # A weight of k is k rows.
    expected = np.quantile(np.repeat(values, weights.astype(int)), share, method="inverted_cdf")
    assert quantile(*vectors_of(values, weights), share) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_several_quantiles_of_some_of_the_rows(vectors_of, n):
    values = np.random.default_rng(n).integers(0, 12, n + 1) / 8
    values[n] = 1e9  # no member
    column, _ = vectors_of(values)
    shares = (0.0, 0.05, 0.35, 0.65, 0.95, 1.0)
    found = quantiles(column, column < 1e8, shares)
    assert found == pytest.approx(np.quantile(values[:n], shares), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(("values", "expected"), [([-3, 0, 1, 2, 9], 2), ([1, 4, 0], 2.5)])
def test_the_median_above_zero_by_hand(vectors_of, values, expected):
    assert median_above_zero(vectors_of(values)[0]) == expected


def test_there_is_no_median_above_zero_of_nothing(vectors_of):
    assert np.isnan(median_above_zero(vectors_of([0, -1])[0]))
